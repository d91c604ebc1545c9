"""The parameters in force: a pack's own values under those of layers above it."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any

from . import ir
from .check.literals import limited, range_text, repeats, within
from .diagnostics import Diagnostic, did_you_mean
from .in_force import Effective, check_effective
from .layers import Layer, entries, environment_layer
from .times import parse_time
from .types import (
    MAX_INTEGER,
    Boolean,
    Enum,
    Field,
    Integer,
    List,
    Map,
    Number,
    Record,
    Text,
    Time,
    Type,
    Vector,
)

_NUMBER = re.compile(r"-?\d+(\.\d+)?([eE][+-]?\d+)?", re.ASCII)
_WORDS = {"true": True, "false": False}
_DOUBLE_BITS = 1024  # integers of this size fit no double
_LONGEST = 64  # characters of a value that a message quotes, and of a number that is read


def effective(pack: ir.Pack, layers: Sequence[Layer]) -> tuple[Effective, list[Diagnostic]]:
    """The parameters under all layers, later ones on top. A value that does not fit is reported and left out."""
    values = {name: each.value for name, each in pack.parameters.items()}
    dated = {name: each.dated for name, each in pack.parameters.items() if each.dated}
    layer_of: dict[str, str] = {name: each.layer for name, each in pack.parameters.items()}
    findings: list[Diagnostic] = []
    doubtful: set[str] = set()
    for layer in layers:
        for name, key, given in entries(pack, layer):
            path = f"{layer.name} {ir.shown(name)}"
            place = _place(pack, key, name, path)
            reader = _Reader(path)
            if isinstance(place, Diagnostic):
                findings.append(place)
                continue
            value = reader.read(_loosened(given, place.field.type) if layer.texts else given, place.field)
            kind = pack.parameters[place.parameter].type
            whole = reader.put(place, values[place.parameter], value, kind)
            of_dates = tuple(
                (start, reader.put(place, each, value, kind))
                for start, each in dated.get(place.parameter, ())
                if place.members  # a whole value holds at all times
            )
            if reader.findings:
                findings += reader.findings
                doubtful.add(place.parameter)
                continue
            values[place.parameter] = whole
            dated[place.parameter] = of_dates
            layer_of[place.parameter] = layer.places.get(name, layer.name)
    in_force = Effective(values, layer_of, {name: each for name, each in dated.items() if each})
    # What a layer says of a pack is said once, however many parts use it.
    return in_force, [*dict.fromkeys(findings), *check_effective(pack, in_force, doubtful)]


# Names


@dataclass(frozen=True, slots=True)
class _Place:
    """What a name stands for: a parameter, or what its `members` lead to in its vector, matrix or map."""

    parameter: str
    field: Field
    members: tuple[int | str, ...] = ()

    def put(self, whole: ir.Value, value: ir.Value) -> ir.Value:
        return _put(whole, self.members, value)


def _put(whole: Any, members: Sequence[int | str], value: ir.Value) -> ir.Value:
    if not members:
        return value
    first, *rest = members
    if isinstance(first, str):
        return tuple(sorted({**dict(whole), first: value}.items()))
    return (*whole[:first], _put(whole[first], rest, value), *whole[first + 1 :])


def _place(pack: ir.Pack, key: str, written: str, path: str) -> _Place | Diagnostic:
    """What a name means, which may have been `written` for all parts that use a pack."""
    parts = key.split(".")
    if len(parts) > 1 and parts[0] == pack.name and parts[1] in pack.parameters:
        parts = parts[1:]
    elif len(parts) > 1 and (whole := ir.of_part(parts[0], parts[1])) in pack.parameters:
        parts = [whole, *parts[2:]]
    declared = pack.parameters.get(parts[0])
    if declared is not None:
        place = _Place(parts[0], Field(parts[0], declared.type, low=declared.low, high=declared.high))
        for i, name in enumerate(parts[1:], 1):
            if isinstance(place.field.type, Map):  # the keys of maps may have dots
                return _entry(place, place.field.type, ".".join(parts[i:]), path)
            if not isinstance(place.field.type, Vector):
                break
            by, item = place.field.type.by, place.field.type.item
            if name not in by.members:
                return Diagnostic.of("FB309", path=path, type=by.name, name=name, help=_members(by, name))
            place = _Place(place.parameter, item, (*place.members, by.members.index(name)))
        else:
            return place
    names = _names(pack, qualified="." in key)
    near = did_you_mean(key, names)
    if near and written != key:  # in the words that were written
        near = near.replace(f"`{key.partition('.')[0]}.", f"`{written.partition('.')[0]}.")
    return Diagnostic.of("FB301", path=path, kind="parameter", name=written, help=near)


def _entry(place: _Place, kind: Map, name: str, path: str) -> _Place | Diagnostic:
    reader = _Reader(path)
    reader.key(name, kind.key)
    return reader.findings[0] if reader.findings else _Place(place.parameter, kind.item, (*place.members, name))


def _names(pack: ir.Pack, qualified: bool) -> Iterator[str]:
    """Every name that a layer may use; those with a dot only for one that has a dot itself."""
    for name, declared in pack.parameters.items():
        yield ir.shown(name)
        members = _members_of(declared)
        if qualified:
            prefixes = ("",) if ir.part_of(name) else ("", f"{pack.name}.")
            yield from (f"{prefix}{ir.shown(name)}" for prefix in prefixes)
            yield from (f"{prefix}{ir.shown(name)}.{member}" for member in members for prefix in prefixes)


def _members_of(declared: ir.ParameterDeclaration) -> tuple[str, ...]:
    """What of a parameter has a name of its own."""
    match declared.type, declared.value:
        case Vector(by=by), _:
            return by.members
        case Map(), tuple(entries):
            return tuple(str(each[0]) for each in entries if isinstance(each, tuple))
    return ()


def _members(kind: Enum, name: str) -> str:
    return did_you_mean(name, kind.members) or f"its members are {', '.join(f'`{each}`' for each in kind.members)}"


# Values


def _loosened(given: object, kind: Type) -> object:
    """A text of the shell as the plain value that it means to a parameter of this type."""
    text = str(given)
    match kind:
        case Number() | Integer() | Time() if len(text) <= _LONGEST and _NUMBER.fullmatch(text):
            return int(text) if text.lstrip("-").isdigit() else float(text)
        case Boolean():
            return _WORDS.get(text, text)
        case Vector() | Record() | List() | Map():
            try:
                return json.loads(text)
            except (ValueError, RecursionError):
                return text
    return text


@dataclass
class _Reader:
    """Plain values as run-time values; what does not fit is reported, and absent."""

    path: str
    findings: list[Diagnostic] = field(default_factory=list)

    def report(self, code: str, **values: object) -> None:
        self.findings.append(Diagnostic.of(code, path=self.path, **values))  # type: ignore[arg-type]  # help is a text

    def read(self, given: object, place: Field) -> ir.Value:
        match place.type, given:
            case Number() | Integer(), int() | float() if not isinstance(given, bool) and _has_double(given):
                return self._numeric(given, place)
            case Boolean(), bool():
                return given
            case Text(max_length=limit), str() if len(given) <= limit and _is_text(given):
                return given
            case Enum(members=members), str() if given in members:
                return members.index(given)
            case Time(), int() | float() | str() if _has_double(given) and (moment := parse_time(given)) is not None:
                return moment
            case List(item=item, max_items=limit), list() if len(given) <= limit:
                return self._list(tuple(self.read(each, item) for each in given), place)
            case Map(item=item, max_items=limit, key=text), Mapping() if len(given) <= limit:
                entries = [(self.key(key, text), self.read(each, item)) for key, each in given.items()]
                return tuple(sorted(entries, key=itemgetter(0)))
            case Vector(by=by, item=item), Mapping():
                return self._entries(given, dict.fromkeys(by.members, item), by)
            case Record(fields=fields), Mapping():
                return self._entries(given, {each.name: each for each in fields})
            case _, None if place.optional:
                return None
        self._mismatch(given, place.type)
        return None

    def _mismatch(self, given: object, kind: Type) -> None:
        if isinstance(kind, Enum) and isinstance(given, str):
            return self.report("FB309", type=kind.name, name=given, help=_members(kind, given))
        return self.report("FB305", expected=limited(kind), found=_shown(given))

    def _list(self, items: tuple[ir.Value, ...], place: Field) -> ir.Value:
        if isinstance(place.type, List) and not self.findings:
            for _, key in repeats(items, place.type):
                self.report("FB321", name=place.name, key=key)
        return items

    def key(self, key: object, kind: Text) -> str:
        """The text of an entry of a map."""
        self.read(key, Field("", kind))
        return str(key)

    def put(self, place: _Place, whole: ir.Value, value: ir.Value, kind: Type) -> ir.Value:
        """The parameter with another value at a place."""
        found = place.put(whole, value)
        if isinstance(kind, Map) and isinstance(found, tuple) and len(found) > kind.max_items:
            self.report("FB305", expected=limited(kind), found=f"one with {len(found)}")
        return found

    def _numeric(self, given: float, place: Field) -> ir.Value:
        whole = isinstance(place.type, Integer)
        if whole and (given != int(given) or abs(given) > MAX_INTEGER):
            self._mismatch(given, place.type)
            return None
        value = int(given) if whole else float(given) + 0.0
        if not within(value, place.low, place.high):
            self.report("FB314", value=_shown(given), range=range_text(place.low, place.high))
        return value

    def _entries(self, given: Mapping[object, object], places: Mapping[str, Field], by: Enum | None = None) -> ir.Value:
        """The parts of a record, or of a vector by an enum."""
        for key in given:
            if key not in places:
                near = did_you_mean(str(key), places)
                code, values = ("FB309", {"type": by.name}) if by else ("FB301", {"kind": "field"})
                self.report(code, **values, name=key, help=near)
        missing = [f"`{name}`" for name, place in places.items() if name not in given and not place.optional]
        if missing:
            advice = "give all of them, or set one by its name"
            self.report("FB318", problem=f"no value for {', '.join(missing)}", help=advice)
        return tuple(self.read(given[name], place) if name in given else None for name, place in places.items())


def _is_text(text: str) -> bool:
    """Whether a text may enter a decision: no half of a surrogate pair."""
    return not any("\ud800" <= character <= "\udfff" for character in text)


def _has_double(given: object) -> bool:
    """Whether a number, where it is one, is finite and fits a double."""
    match given:
        case int():
            return given.bit_length() < _DOUBLE_BITS
        case float():
            return math.isfinite(given)
    return True


def _shown(given: object) -> str:
    match given:
        case int() | float() if not _has_double(given):
            return "a number out of all bounds"
        case Mapping():
            return "a mapping"
        case list():
            return "a list"
        case bool() | None:
            return f"`{json.dumps(given)}`"
    text = str(given).encode(errors="replace").decode()
    return f"`{text}`" if len(text) <= _LONGEST else f"a text of {len(text)} characters"


__all__ = ["Layer", "effective", "environment_layer"]
