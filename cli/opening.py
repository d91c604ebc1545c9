"""Packs and policies as the arguments name them; what keeps them from being opened is said once, here."""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from ..loaders.lookup import SCENARIOS, NotFoundError, find_policy, read_bytes
from ..reports.text import render_findings
from .common import CannotStartError, fail, paint
from .shadowing import short

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..engine.checked import CheckedPack
    from ..engine.diagnostics import Diagnostic
    from ..engine.examples import Example
    from ..engine.ir import Pack
    from ..engine.policy import Policy
    from ..loaders.loaded import LoadedPack


_SCENARIOS = re.compile(rb"^[\"']?scenarios[\"']?\s*:", re.MULTILINE)
_HEADING = re.compile(rb"^[\"']?(pack|vocabulary|policy)[\"']?\s*:", re.MULTILINE)


def pack_files(reference: str, rules: str | None) -> list[Path]:
    """The files that a reference names: one, or all packs and policies below a folder, but for hidden ones."""
    folder = Path(reference)
    if folder.is_dir() and ("/" in reference or not (folder / "1.0.0.yaml").exists()):
        found = sorted(each for each in folder.rglob("*.yaml") if _holds_pack(each, folder))
        return found or fail(
            f"no pack in {reference}: no .yaml file there has a line that begins with `pack:`, `policy:` "
            "or `vocabulary:`"
        )
    return [find_file(reference, rules)]


def examined_files(references: Sequence[str], rules: str | None) -> list[Path]:
    """The same for what lints and tests, to which a file of scenarios stands for what is beside its folder."""
    found = [path for each in references for path in pack_files(each, rules)]
    about = [pack_files(f"{path.parent.parent}/", rules) if _holds_scenarios(path) else [path] for path in found]
    return [path for paths in about for path in paths]


def _holds_scenarios(path: Path) -> bool:
    try:
        return path.parent.name == SCENARIOS and _SCENARIOS.search(read_bytes(path)) is not None
    except OSError:
        return False


def _holds_pack(path: Path, folder: Path) -> bool:
    """Whether a file means to be a pack. One that cannot be read is not passed over: reading it says why."""
    if any(part.startswith(".") for part in path.relative_to(folder).parts) or not path.is_file():
        return False
    try:
        return _HEADING.search(read_bytes(path)) is not None
    except OSError:
        return True


def load_file(path: Path, rules: str | None, *, scenarios: bool = False) -> LoadedPack:
    from ..loaders.packs import load

    try:
        return load(path, rules, scenarios=scenarios)
    except OSError as error:
        fail(f"cannot read {error.filename or path}: {error.strerror or error}")


def open_pack(reference: str, rules: str | None) -> Pack:
    return _open(reference, rules)[1].pack


def open_document(reference: str, rules: str | None) -> tuple[Sequence[Example], str]:
    """The examples and the notes of a pack, which a policy knows nothing of."""
    loaded, checked = _open(reference, rules)
    notes = loaded.document.get("notes") if isinstance(loaded.document, dict) else None
    return checked.examples, str(notes or "")


def _open(reference: str, rules: str | None) -> tuple[LoadedPack, CheckedPack]:
    loaded = load_file(find_file(reference, rules), rules)
    if loaded.vocabulary is not None:
        fail(f"{loaded.path} is a vocabulary: it holds types only, and has no snapshot")
    if loaded.checked is None:
        raise unfit(loaded.path, loaded.findings)
    return loaded, loaded.checked


def open_policy(options: argparse.Namespace) -> Policy:
    """The policy that the arguments name; raises CannotStartError with everything that is wrong with it."""
    from ..loaders.policies import LoadError, load_policy

    settings = dict(_setting(each) for each in options.settings)
    path = find_file(options.policy, options.rules)
    try:
        return load_policy(
            path, settings=settings, params_file=options.params, rules=options.rules, cache=options.cache
        )
    except OSError as error:
        fail(f"cannot read {error.filename}: {error.strerror or error}")
    except LoadError as error:
        raise unfit(error.path, error.findings) from error


def find_file(reference: str, rules: str | None) -> Path:
    """The file that a reference names. Raises CannotStartError."""
    try:
        return short(find_policy(reference, rules))
    except NotFoundError as error:
        fail(str(error))


def find_pack(reference: str, rules: str | None) -> Path:
    """The file of a pack, also where a policy has its name."""
    from ..loaders.lookup import find

    try:
        return short(find(reference, rules))
    except NotFoundError as error:
        fail(str(error))


def unfit(path: str, findings: tuple[Diagnostic, ...]) -> CannotStartError:
    errors = [finding for finding in findings if finding.severity == "error"]
    return CannotStartError(f"{path} cannot be loaded\n" + "\n\n".join(render_findings(errors, paint(sys.stderr))))


def _setting(text: str) -> tuple[str, str]:
    name, found, value = text.partition("=")
    if not found or not name.strip():
        fail(f"--set takes NAME.PARAMETER=VALUE, not `{text}`")
    return name.strip(), value.strip()
