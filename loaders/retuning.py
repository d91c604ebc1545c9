"""From a name and a value to the file that is to be written: the pack's own, or that of its next version."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ..engine.comparison import Comparison, Side, compare
from ..engine.diagnostics import Diagnostic, has_errors
from ..engine.types import Text, Type, innermost, is_numeric, unit_of
from ..engine.units import parse
from ..engine.versions import following
from . import editing, releases, writing
from .editing import EditError
from .loaded import LoadedPack
from .packs import load_bytes
from .releases import Release

_EXPONENT = re.compile(r"(?P<whole>-?\d+)(?P<part>\.\d+)?[eE](?P<sign>[+-]?)(?P<power>\d+)")
_MEASURED = re.compile(r"(?P<number>[-+]?[0-9][0-9.e+-]*) ?(?P<unit>[a-z%][a-z/*^0-9_ ]*)")


class UnfitError(Exception):
    """A pack that is at fault, before the change or by it. Nothing was written."""

    def __init__(self, path: Path, findings: Sequence[Diagnostic], by_change: bool) -> None:
        self.path, self.findings, self.by_change = path, tuple(findings), by_change
        super().__init__(f"{path} has errors")


@dataclass(frozen=True, slots=True)
class Edit:
    """A change that was checked: `target` holds `before`, if it is there, and is to hold `after`."""

    source: Path
    target: Path
    before: bytes | None
    after: bytes
    comparison: Comparison

    @property
    def is_new(self) -> bool:
        return self.before is None

    def write(self) -> None:
        """Raises WriteError."""
        writing.replace(self.target, self.before, self.after)


def retuned(path: Path, data: bytes, settings: Sequence[tuple[str, str]], why: str | None, rules: str | None) -> Edit:
    """The change of some values, by name, which is checked as one. Raises EditError and UnfitError."""
    before = _load(path, data, rules, by_change=False)
    document = editing.parsed(data, str(path))
    after, notes = data, []
    for name, text in settings:
        place = editing.located(document, name)
        bare = _bare(text, before, place)
        after = editing.with_value(after, path, place.where, bare, prose=isinstance(_kind(before, place), Text))
        notes.append(f"{name} {editing.text_at(document, place.where)} → {bare}")
        if why is not None and place.parameter is None:
            raise EditError(f"`{name}` is a cell, and has no `why`; say it in `changes` of the pack")
        if why is not None and place.parameter:
            after = editing.with_entry(after, path, (*place.parameter, "why"), why)
    found = compare(_side(before), _side(_load(path, after, rules, by_change=True)))
    release = _release(path)
    if release is None or not found.changes:
        return Edit(path, path, data, after, found)
    if releases.document_hash(data) != release.document:
        raise EditError(f"{path} is released and was edited since; `flyball bump` makes a version of that first")
    note = ", ".join(notes)
    return _next(path, after, found, f"{note}: {why}" if why else note, rules, before)


def _next(path: Path, after: bytes, found: Comparison, note: str, rules: str | None, before: LoadedPack) -> Edit:
    """The change as a version of its own, of which it says what it is."""
    version = following(path.stem, found.level)
    target = path.with_name(f"{version}.yaml")
    after = editing.with_value(after, path, ("version",), version)
    after = editing.with_entry(after, path, ("changes",), note)
    return Edit(path, target, None, after, compare(_side(before), _side(_load(target, after, rules, by_change=True))))


def _load(path: Path, data: bytes, rules: str | None, *, by_change: bool) -> LoadedPack:
    loaded = load_bytes(data, str(path), rules)
    if loaded.checked is None:
        findings = [each for each in loaded.findings if each.severity == "error"]
        raise UnfitError(path, findings, by_change)
    return loaded


def _side(loaded: LoadedPack) -> Side:
    assert loaded.checked and isinstance(loaded.document, dict), "errors were raised"
    return Side(loaded.document, loaded.checked.pack)


def _release(path: Path) -> Release | None:
    lock = releases.lock_for(path)
    if lock is None:
        return None
    found, findings = releases.read_lock(lock)
    if has_errors(findings):
        raise UnfitError(lock, findings, by_change=False)
    return found.get(path.parent.name, path.stem)


def _bare(text: str, loaded: LoadedPack, place: editing.Place) -> str:
    """A number as YAML has it, without the unit that was written behind it, which must be that of the parameter."""
    kind = _kind(loaded, place)
    matched = _MEASURED.fullmatch(text)
    if kind is None or not matched or not is_numeric(kind):
        return _with_exponent(text) if kind and is_numeric(kind) else text
    given = matched["unit"].strip()
    if parse("percent" if given == "%" else given) != unit_of(kind):
        raise EditError(f"`{place.parameter and place.parameter[1]}` is in {unit_of(kind)}, and not in `{given}`")
    return _with_exponent(matched["number"])


def _kind(loaded: LoadedPack, place: editing.Place) -> Type | None:
    """The type of a parameter's values; nothing for a cell."""
    if place.parameter is None or loaded.checked is None:
        return None
    return innermost(loaded.checked.pack.parameters[place.parameter[1]].type)


def _with_exponent(text: str) -> str:
    """`1e-6` as readers of YAML agree on it: `1.0e-6`."""
    matched = _EXPONENT.fullmatch(text)
    if not matched:
        return text
    point, sign = matched["part"] or ".0", matched["sign"] or "+"
    return f"{matched['whole']}{point}e{sign}{matched['power']}"


__all__ = ["Edit", "UnfitError", "retuned"]
