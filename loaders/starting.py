"""The files of a new repository of rules, which works at once."""

from __future__ import annotations

from pathlib import Path

from . import bumping, lock, lookup, writing
from .packs import load_bytes

_STARTER = Path(__file__).parent / "starter"
_SCHEMAS = Path(__file__).parent.parent / "schemas"

FILES = {
    "rules/loss_guard/1.0.0.yaml": _STARTER / "pack.yaml",
    "policies/desk/policy.yaml": _STARTER / "policy.yaml",
    "examples/snapshot.json": _STARTER / "snapshot.json",
    ".github/workflows/rules.yaml": _STARTER / "workflow.yaml",
    ".pre-commit-config.yaml": _STARTER / "hooks.yaml",
    ".vscode/settings.json": _STARTER / "settings.json",
    ".vscode/extensions.json": _STARTER / "extensions.json",
    ".gitattributes": _STARTER / "attributes",
    "requirements.txt": _STARTER / "requirements.txt",
    "README.md": _STARTER / "readme.md",
    **{f"schemas/{name}.schema.json": _SCHEMAS / f"{name}.schema.json" for name in ("pack", "policy", "vocabulary")},
}


LOCKS = ("rules/lock.yaml", "policies/desk/lock.yaml")


def begin(folder: Path) -> list[Path]:
    """Write them all, and say which. Raises WriteError, before anything is written, where one of them is there."""
    targets = {folder / name: source for name, source in FILES.items()}
    there = [str(each) for each in (*targets, *(folder / name for name in LOCKS)) if each.exists()]
    if there:
        raise writing.WriteError(f"{', '.join(there)} {'is' if len(there) == 1 else 'are'} there; nothing was written")
    for target, source in targets.items():
        writing.replace(target, None, source.read_bytes())
    return [*targets, *_locked(folder)]


def _locked(folder: Path) -> list[Path]:
    """The pack is released, and the policy stands on that: to change a number is to begin a version."""
    plan = bumping.planned(folder / "rules")
    bumping.release(plan)
    policy = folder / "policies" / "desk" / lookup.POLICY
    loaded = load_bytes(lookup.read_bytes(policy), str(policy), str(folder / "rules"))
    writing.replace(policy.with_name(lookup.LOCK), None, lock.written(policy.parent.name, loaded.entries))
    return [plan.lock.path, policy.with_name(lookup.LOCK)]


__all__ = ["FILES", "LOCKS", "begin"]
