"""From a name and a value to the file that is to be written: the pack's own, or that of its next version."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..engine.comparison import Comparison, Side, compare
from ..engine.diagnostics import Diagnostic, did_you_mean, has_errors
from ..engine.ir import ParameterDeclaration
from ..engine.naming import part_of, shown
from ..engine.snapshot import export_parameter
from ..engine.types import Map, Record, Text, Type, Vector, innermost, is_numeric, unit_of
from ..engine.units import parse
from ..engine.versions import following
from . import editing, releases, writing
from .editing import EditError, Place
from .loaded import LoadedPack
from .lock import read_lock
from .lookup import lock_bytes, rules_beside, withdrawn
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
    rules = rules_beside(path, rules)
    before = _load(path, data, rules, by_change=False)
    after, notes = data, []
    for name, text in settings:
        after, was, bare = _set(path, after, name, text, why, before)
        notes.append((name, was, bare))
    release = _release(path)
    after = after if release else _renoted(after, path, notes)
    found = compare(_side(before), _side(_load(path, after, rules, by_change=True)))
    if release is None or not found.changes:
        return Edit(path, path, data, after, found)
    if releases.document_hash(data) != release.document:
        raise EditError(f"{path} is released and was edited since; `flyball bump` makes a version of that first")
    note = ", ".join(f"{name} {was} → {bare}" for name, was, bare in notes)
    return _next(path, after, found, f"{note}: {why}" if why else note, rules, before)


def _set(path: Path, data: bytes, name: str, text: str, why: str | None, loaded: LoadedPack) -> tuple[bytes, str, str]:
    """The bytes with another value, what it was, and what it is, both as they are written."""
    document = editing.parsed(data, str(path))
    place = editing.located(document, name, _used(loaded), _open(loaded, name))
    bare, prose = _bare(text, loaded, place), isinstance(_kind(loaded, place), Text)
    if place.parameter and not editing.is_there(document, place.parameter):
        return _overridden(path, data, place, bare, why, loaded), "", bare
    if why is not None and place.parameter is None:
        raise EditError(f"`{name}` is a cell, and has no `why`; say it in `changes` of the pack")
    is_there = editing.is_there(document, place.where)
    put = editing.with_value if is_there else editing.with_last_entry
    data = put(data, path, place.where, bare, prose=prose)
    if why is not None and place.parameter:
        data = editing.with_entry(data, path, (*place.parameter, "why"), why)
    return data, editing.text_at(document, place.where) if is_there else "", bare


def _used(loaded: LoadedPack) -> list[str]:
    """The parameters of the packs that a policy uses."""
    return [shown(name) for name in loaded.checked.pack.parameters if part_of(name)] if loaded.checked else []


def _open(loaded: LoadedPack, name: str) -> list[str]:
    """The parameters that a name may be a further entry of: maps, and records with an optional field called so."""
    declared = loaded.checked.pack.parameters.values() if loaded.checked else ()
    found = {shown(each.name): each.type for each in declared}
    return [whole for whole, kind in found.items() if isinstance(kind, Map) or _has_optional(kind, whole, name)]


def _has_optional(kind: Type, whole: str, name: str) -> bool:
    field = kind.field(name.removeprefix(f"{whole}.")) if isinstance(kind, Record) else None
    return field is not None and field[1].optional


def _overridden(path: Path, data: bytes, place: Place, text: str, why: str | None, loaded: LoadedPack) -> bytes:
    """The bytes of a policy that sets one parameter more; of a vector all members, since an entry has them all."""
    assert place.parameter and loaded.checked, "only a policy has names where nothing stands"
    declared, name = loaded.checked.pack.parameters[place.declared], shown(place.declared)
    member = ".".join(place.where[len(place.parameter) + 1 :])
    if member:
        text = _flow(_with_member(declared, member, editing.meant(text)))
    if why is None:
        raise EditError(f"`{name}` has the pack's own value so far; say with --why what makes it another here")
    key = "values" if isinstance(declared.type, Vector | Map) else "value"
    return editing.with_override(data, path, place.parameter, key, text, why)


def _with_member(declared: ParameterDeclaration, member: str, value: Any) -> Any:
    """The values of the pack, but for one of them."""
    name = shown(declared.name)
    if declared.dated:
        raise EditError(f"`{name}` changes with time; set it as a whole")
    values: Any = export_parameter(declared.value, declared.type)
    if isinstance(declared.type, Map):
        return {**values, member: value}
    members = {".".join(keys): (holder, keys[-1]) for holder, keys in _members(values, ())}
    if member not in members:
        near = did_you_mean(member, members)
        raise EditError(f"`{name}` has no member `{member}`" + (f"; {near}" if near else ""))
    holder, key = members[member]
    holder[key] = value
    return values


def _members(value: Any, above: tuple[str, ...]) -> Iterator[tuple[dict[str, Any], tuple[str, ...]]]:
    """Each mapping with the ways to what is in it."""
    for key, each in value.items() if isinstance(value, dict) else ():
        yield value, (*above, key)
        yield from _members(each, (*above, key))


def _flow(value: Any) -> str:
    """A value in braces and brackets, as a pack has it."""
    match value:
        case dict():
            return "{" + ", ".join(f"{_flow(key)}: {_flow(each)}" for key, each in value.items()) + "}"
        case list():
            return "[" + ", ".join(map(_flow, value)) + "]"
        case str():
            return editing.word(value)
    return _with_exponent(json.dumps(value, ensure_ascii=False))


def _next(path: Path, after: bytes, found: Comparison, note: str, rules: str | None, before: LoadedPack) -> Edit:
    """The change as a version of its own, of which it says what it is."""
    version = following(path.stem, found.level)
    gone = withdrawn(path.parent)
    while version in gone:
        version = following(version, found.level)
    target = path.with_name(f"{version}.yaml")
    if target.exists():
        raise EditError(f"{path} is released, and {target} is there already; set the value in that")
    after = editing.with_value(after, path, ("version",), version)
    after = editing.with_entry(after, path, ("changes",), note, behind="version")
    return Edit(path, target, None, after, compare(_side(before), _side(_load(target, after, rules, by_change=True))))


def _renoted(data: bytes, path: Path, settings: Sequence[tuple[str, str, str]]) -> bytes:
    """The bytes where `changes` no longer tells of a value that an earlier `set` gave, but of the one it has now."""
    document = editing.parsed(data, str(path))
    if not editing.is_there(document, ("changes",)):
        return data
    text = before = editing.text_at(document, ("changes",))
    for name, was, now in settings:
        told = re.search(rf"(?<![\w.]){re.escape(name)} [^→]* → (?={re.escape(was)}(?![\w.]))", text)
        if was and told:
            text = text[: told.end()] + now + text[told.end() + len(was) :]
    return data if text == before else editing.with_value(data, path, ("changes",), text, prose=True)


def _load(path: Path, data: bytes, rules: str | None, *, by_change: bool) -> LoadedPack:
    loaded = load_bytes(data, str(path), rules, lock=read_lock(path, lock_bytes(path)))
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


def _bare(text: str, loaded: LoadedPack, place: Place) -> str:
    """A number as YAML has it, without the unit that was written behind it, which must be that of the parameter."""
    kind = _kind(loaded, place)
    matched = _MEASURED.fullmatch(text)
    if kind is None or not matched or not is_numeric(kind):
        return _with_exponent(text) if kind and is_numeric(kind) else text
    given = matched["unit"].strip()
    if parse("percent" if given == "%" else given) != unit_of(kind):
        raise EditError(f"`{shown(place.declared)}` is in {unit_of(kind)}, and not in `{given}`")
    return _with_exponent(matched["number"])


def _kind(loaded: LoadedPack, place: Place) -> Type | None:
    """The type of a parameter's values; nothing for a cell."""
    if place.parameter is None or loaded.checked is None:
        return None
    return innermost(loaded.checked.pack.parameters[place.declared].type)


def _with_exponent(text: str) -> str:
    """`1e-6` as readers of YAML agree on it: `1.0e-6`."""
    matched = _EXPONENT.fullmatch(text)
    if not matched:
        return text
    point, sign = matched["part"] or ".0", matched["sign"] or "+"
    return f"{matched['whole']}{point}e{sign}{matched['power']}"


__all__ = ["Edit", "UnfitError", "retuned"]
