"""Lock policies to the newest packs and vocabularies that they ask for, and show what changes.

A lock stands in `lock.yaml` beside its policy; every other command takes the versions that it names, and refuses
files that have changed since. Exit code 1 with `--check` where a lock would change.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ..engine.diagnostics import has_errors
from ..loaders import lock, writing
from ..loaders.loaded import Kind, LoadedPack
from ..loaders.lookup import LOCK, POLICY, lock_bytes, read_bytes, rules_beside
from ..loaders.packs import load_bytes
from .common import Exit, add_format, add_packs, add_rules, fail, say, say_json
from .opening import pack_files, unfit

EXAMPLE = """example:
  flyball update orchestrator
  flyball update policies/ --check"""


@dataclass(frozen=True, slots=True)
class _Change:
    """What became of a reference: it is new, gone, or found to be something else."""

    kind: Kind
    reference: str
    was: str | None
    now: str | None

    def __str__(self) -> str:
        if self.was == self.now:
            change = f"{self.now}, whose file has changed"
        elif self.was and self.now:
            change = f"{self.was} → {self.now}"
        else:
            change = f"{self.now}, new" if self.now else f"{self.was}, no longer used"
        return f"{self.reference}: {change}"


@dataclass(frozen=True, slots=True)
class _Update:
    """A lock as it is, as it is to be, and what of it a person asks for."""

    path: Path
    before: bytes | None
    after: bytes
    changes: tuple[_Change, ...]

    @property
    def differs(self) -> bool:
        return self.before != self.after


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_packs(parser)
    parser.add_argument("--check", action="store_true", help="write nothing, and say whether a lock would change")
    add_rules(parser)
    add_format(parser)


def run(options: argparse.Namespace) -> int:
    updates = [_update(path, options.rules) for each in options.packs for path in _policies(each, options.rules)]
    due = [each for each in updates if each.differs]
    if not options.check:
        _write(due)
    if options.format == "json":
        say_json({"locks": [_dict(each) for each in updates]})
    else:
        for each in updates:
            _tell(each, "would change" if options.check else "written")
    return Exit.FINDINGS if options.check and due else Exit.OK


def _policies(reference: str, rules: str | None) -> list[Path]:
    """The policies that a reference names; whoever names a folder means those in it."""
    paths = pack_files(reference, rules)
    found = [path for path in paths if path.name == POLICY]
    return found or fail(f"{paths[0]} has no lock: only a policy in a folder of its own, as {POLICY}, has one")


def _update(path: Path, rules: str | None) -> _Update:
    before = lock_bytes(path)
    loaded = _newest(path, rules)
    assert isinstance(loaded.document, dict), "a policy that could be checked is a mapping"
    after = lock.written(str(loaded.document["policy"]), loaded.entries)
    return _Update(path.with_name(LOCK), before, after, tuple(_changes(path, before, loaded)))


def _newest(path: Path, rules: str | None) -> LoadedPack:
    """The policy on the newest versions that it asks for."""
    try:
        loaded = load_bytes(read_bytes(path), str(path), rules_beside(path, rules))
    except OSError as error:
        fail(f"cannot read {path}: {error.strerror or error}")
    if has_errors(loaded.findings):
        raise unfit(str(path), loaded.findings)
    return loaded


def _changes(path: Path, before: bytes | None, loaded: LoadedPack) -> Iterator[_Change]:
    """A lock that cannot be read held nothing."""
    old = lock.read_lock(path, before)
    known = (old.found if old else None) or {}
    for kind, reference in sorted({*known, *loaded.entries}):
        was, now = known.get((kind, reference)), loaded.entries.get((kind, reference))
        if was != now:
            yield _Change(kind, reference, was.version if was else None, now.version if now else None)


def _write(updates: list[_Update]) -> None:
    for each in updates:
        try:
            writing.replace(each.path, each.before, each.after)
        except writing.WriteError as error:
            fail(str(error))


def _tell(update: _Update, done: str) -> None:
    for each in update.changes:
        say(str(each))
    say(f"{update.path}: {done if update.differs else 'nothing to change'}")


def _dict(update: _Update) -> dict[str, object]:
    changes = [
        {"kind": each.kind, "reference": each.reference, "from": each.was, "to": each.now} for each in update.changes
    ]
    return {"lock": str(update.path), "changed": update.differs, "changes": changes}
