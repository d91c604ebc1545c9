"""Reading a snapshot: a caller's data becomes run-time values (see `ir`), and everything wrong with it is said at once.

This is the slow path. A back end that checks snapshots in a faster way comes here to learn what is wrong.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches

from .diagnostics import Diagnostic
from .nodes import Value
from .times import format_time, parse_time
from .types import MAX_INTEGER, Boolean, Enum, Field, Integer, List, Number, Record, Text, Time, Type, Unknown, Vector
from .units import RATIO

_ABSENT: Value = None  # what is at fault reads as absent
_SHOWN = 40  # characters of a stranger's text
_SHOWN_BITS = 128
_SHOWN_MEMBERS = 12
_ADVISED = 20  # keys of one object: comparing names is slow, and a snapshot may hold any number of unknown keys
_LONGEST_NAME = 100
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_QUOTED = re.compile(r"-?[0-9]{1,40}(\.[0-9]{1,40})?|true|false")


def read(
    fields: tuple[Field, ...], snapshot: object, needs_now: bool = False
) -> tuple[dict[str, Value], list[Diagnostic]]:
    """The values by input name, and the faults; what is at fault reads as absent.

    The snapshot is plain JSON data, or went through `plain`. It may hold `now`, declared or not.
    """
    declared = tuple(each for each in fields if each.name != "now")
    everything = (*declared, Field("now", Time(), optional=not needs_now))
    place = _Place()
    if type(snapshot) is dict:
        values = _fields(place, everything, snapshot)
    else:
        place.fault("FB712", found=show(snapshot))
        values = (None,) * len(everything)
    return {each.name: value for each, value in zip(everything, values, strict=True)}, place.faults


@dataclass(frozen=True, slots=True)
class _Place:
    """Where in the snapshot we are; all places of one snapshot collect into the same list."""

    path: tuple[object, ...] = ()
    faults: list[Diagnostic] = field(default_factory=list)

    def at(self, step: object) -> _Place:
        return _Place((*self.path, step), self.faults)

    def fault(self, code: str, help: str | None = None, **values: object) -> Value:
        path = show_path(self.path) if self.path else None
        self.faults.append(Diagnostic.of(code, None, path=path, help=help, related=(), **values))
        return _ABSENT

    def wrong_type(self, wanted: Type, given: object) -> Value:
        return self.fault("FB703", _type_advice(wanted, given), expected=_expected(wanted), found=show(given))


def _value(place: _Place, wanted: Field, given: object) -> Value:
    if given is None:
        if not wanted.optional:
            place.wrong_type(wanted.type, given)
        return _ABSENT
    match wanted.type:
        case Number():
            return _number(place, wanted, given)
        case Integer():
            return _integer(place, wanted, given)
        case Boolean():
            return _boolean(place, wanted.type, given)
        case Text():
            return _text(place, wanted.type, given)
        case Enum():
            return _enum(place, wanted.type, given)
        case Time():
            return _time(place, given)
        case Record() | Vector():
            return _object(place, wanted.type, given)
        case List():
            return _list(place, wanted.type, given)
        case Unknown():
            raise ValueError("a pack with errors reads no snapshot")


def _number(place: _Place, wanted: Field, given: object) -> Value:
    if type(given) is not int and type(given) is not float:
        return place.wrong_type(wanted.type, given)
    try:
        value = float(given) + 0.0  # which makes 0.0 of -0.0
    except OverflowError:
        value = math.inf
    if not math.isfinite(value):
        return place.fault("FB705", value=show(given))
    return value if _in_range(place, value, wanted.low, wanted.high) else None


def _integer(place: _Place, wanted: Field, given: object) -> Value:
    if type(given) is float and not math.isfinite(given):
        return place.fault("FB705", value=show(given))
    if type(given) is float and given.is_integer():
        given = int(given)
    if type(given) is not int:
        return place.wrong_type(wanted.type, given)
    low = -MAX_INTEGER if wanted.low is None else max(wanted.low, -MAX_INTEGER)
    high = MAX_INTEGER if wanted.high is None else min(wanted.high, MAX_INTEGER)
    return given if _in_range(place, given, low, high) else None


def _in_range(place: _Place, value: float, low: float | None, high: float | None) -> bool:
    if (low is None or low <= value) and (high is None or value <= high):
        return True
    place.fault("FB704", value=show(value), range=_range(low, high))
    return False


def _boolean(place: _Place, wanted: Boolean, given: object) -> Value:
    return given if isinstance(given, bool) else place.wrong_type(wanted, given)


def _text(place: _Place, wanted: Text, given: object) -> Value:
    if type(given) is not str:
        return place.wrong_type(wanted, given)
    if len(given) > wanted.max_length:
        return place.fault("FB709", count=len(given), limit=wanted.max_length)
    if any("\ud800" <= character <= "\udfff" for character in given):  # lone surrogates: no UTF-8 can hold them
        return place.fault("FB711")
    return given


def _enum(place: _Place, wanted: Enum, given: object) -> Value:
    if type(given) is not str:
        return place.wrong_type(wanted, given)
    if given not in wanted.members:
        return place.fault("FB706", _suggest(given, wanted.members), value=show(given), members=_members(wanted))
    return wanted.members.index(given)


def _time(place: _Place, given: object) -> Value:
    try:
        moment = parse_time(given) if type(given) in (str, int, float) else None
    except OverflowError:  # an integer beyond all doubles
        moment = None
    return place.fault("FB710", value=show(given)) if moment is None else moment


def _object(place: _Place, wanted: Record | Vector, given: object) -> Value:
    if type(given) is not dict:
        return place.wrong_type(wanted, given)
    return _fields(place, _parts(wanted), given)


def _fields(place: _Place, fields: Sequence[Field], given: dict[object, object]) -> tuple[Value, ...]:
    known = {each.source for each in fields}
    unknown = [key for key in given if key not in known]
    values = tuple(_field(place, each, given, unknown[:_ADVISED]) for each in fields)
    for i, key in enumerate(unknown):
        place.at(key).fault("FB702", _suggest(key, known) if i < _ADVISED else None)
    return values


def _field(place: _Place, wanted: Field, given: dict[object, object], unknown: Sequence[object]) -> Value:
    if wanted.source in given:
        return _value(place.at(wanted.source), wanted, given[wanted.source])
    if not wanted.optional:
        near = _nearest(wanted.source, unknown)
        place.at(wanted.source).fault("FB701", f"is it what is called `{near}` here?" if near else None)
    return None


def _list(place: _Place, wanted: List, given: object) -> Value:
    if type(given) is not list:
        return place.wrong_type(wanted, given)
    read_in_full = len(given) <= wanted.max_items
    if not read_in_full:
        place.fault("FB708", count=len(given), limit=wanted.max_items)
    items = given[: wanted.max_items]
    _check_keys(place, wanted, items)
    values = tuple(_value(place.at(i), wanted.item, item) for i, item in enumerate(items))
    return values if read_in_full else _ABSENT


def _check_keys(place: _Place, wanted: List, items: Sequence[object]) -> None:
    """Items whose key is itself at fault are left to be reported for that."""
    found = [wanted.item.type.field(name) for name in wanted.key] if isinstance(wanted.item.type, Record) else []
    parts = [each[1] for each in found if each]
    seen = set()
    for i, item in enumerate(items if parts else ()):
        quiet = _Place()
        key = tuple(_field(quiet, part, item, ()) for part in parts) if type(item) is dict else ()
        if quiet.faults or not key:
            continue
        if key in seen:
            shown = (show(export(value, part.type)) for value, part in zip(key, parts, strict=True))
            place.at(i).fault("FB707", value=", ".join(shown))
        seen.add(key)


def _parts(kind: Record | Vector) -> tuple[Field, ...]:
    """What the keys of an object are; a vector is an object with one key a member."""
    if isinstance(kind, Record):
        return kind.fields
    return tuple(replace(kind.item, name=member, key="") for member in kind.by.members)


def show_path(path: Iterable[object]) -> str:
    """`symbols[3].tag`; a key that is no plain name stands in brackets, shortened."""
    text = "".join(f".{step}" if _is_name(step) else f"[{show(step)}]" for step in path)
    return text.removeprefix(".")


def _is_name(step: object) -> bool:
    return isinstance(step, str) and len(step) <= _LONGEST_NAME and _NAME.fullmatch(step) is not None


def show(value: object) -> str:
    """A stranger's value in a message: short, on one line, and printable."""
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case str():
            return f"'{_shortened(value)}'"
        case int() | float():
            return _digits(value)
    if type(value) in (dict, list):
        return "an object" if isinstance(value, dict) else "a list"
    return f"a Python {_shortened(type(value).__name__)}"


def _shortened(text: str) -> str:
    shown = repr(text[: _SHOWN + 1])[1:-1]
    return shown if len(shown) <= _SHOWN else shown[:_SHOWN] + "…"


def _digits(value: float) -> str:
    if isinstance(value, int):
        # Python refuses to print very long integers.
        long = value.bit_length() > _SHOWN_BITS
        return f"an integer of {value.bit_length()} bits" if long else str(int(value))
    text = f"{value:.15g}"
    return text if float(text) == value or value != value else repr(float(value))


def _range(low: float | None, high: float | None) -> str:
    ends = ("…" if end is None else _digits(end) for end in (low, high))
    return f"[{', '.join(ends)}]"


def _members(kind: Enum) -> str:
    shown = kind.members[:_SHOWN_MEMBERS]
    return ", ".join(shown) + (", …" if len(kind.members) > len(shown) else "")


def _expected(kind: Type) -> str:
    match kind:
        case Number(unit=unit) | Integer(unit=unit) if unit == RATIO:
            return "a number" if isinstance(kind, Number) else "an integer"
        case Enum():
            return f"one of {_members(kind)}"
        case Record():
            return "an object"
        case Vector(by=by):
            return f"an object with a key for each {by.name}"
    return str(kind)


def _type_advice(wanted: Type, given: object) -> str | None:
    if given is None:
        return "only what is optional may be null"
    if isinstance(given, str) and isinstance(wanted, Number | Integer | Boolean) and _QUOTED.fullmatch(given):
        return "write it without quotes"
    if type(given) not in (bool, int, float, str, list, dict):
        return "only JSON values are read, convert it first"
    return None


def _suggest(name: object, known: Iterable[str]) -> str | None:
    near = _nearest(name, known)
    return f"did you mean `{near}`?" if near else None


def _nearest(name: object, known: Iterable[object]) -> str | None:
    """The name that differs in case only, else the most similar one."""
    if not _is_name(name):
        return None
    names = {str(each).casefold(): str(each) for each in known if _is_name(each)}
    near = get_close_matches(str(name).casefold(), list(names), n=1)
    return names[near[0]] if near else None


def canonical(fields: tuple[Field, ...], values: Mapping[str, Value]) -> object:
    """Read values as plain data again, one form for all snapshots that mean the same; what is absent is left out."""
    return _export_fields(fields, [values.get(each.name) for each in fields])


def export(value: Value, kind: Type) -> object:
    """A run-time value as plain JSON data: members by name, times in RFC 3339, objects under the snapshot's keys."""
    match kind, value:
        case Enum(members=members), int(index):
            return members[index]
        case Time(), int(moment):
            return format_time(moment)
        case Number(), int() | float():
            return float(value) + 0.0
        case List(item=item), tuple(items):
            return [export(each, item.type) for each in items]
        case ((Record() | Vector()), tuple(items)):
            return _export_fields(_parts(kind), items)
    return value


def _export_fields(fields: Sequence[Field], values: Sequence[Value]) -> dict[str, object]:
    pairs = zip(fields, values, strict=True)
    return {each.source: export(value, each.type) for each, value in pairs if value is not None}
