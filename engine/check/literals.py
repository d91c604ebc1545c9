"""YAML values where the language wants literals: parameters, ranges, examples."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ..constants import written
from ..diagnostics import did_you_mean
from ..document import Document, Mapping, Scalar, Sequence
from ..ir import Value
from ..times import parse_time
from ..types import (
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
    Unknown,
    Vector,
)
from .scope import Scope


def bounds(node: Document | None) -> tuple[float | None, float | None]:
    """The two ends of `range: [low, high]`."""
    if not isinstance(node, Sequence):
        return None, None
    low, high = (_bound(item) for item in node.items)
    return low, high


def _bound(node: Document) -> float | None:
    return node.value if isinstance(node, Scalar) and isinstance(node.value, int | float) else None


def number_text(value: float | None) -> str:
    return "…" if value is None else f"{value:.15g}"


def range_text(low: float | None, high: float | None) -> str:
    return f"[{number_text(low)}, {number_text(high)}]"


def literal(scope: Scope, node: Document, field: Field) -> Value:
    """The value of a YAML node as a field wants it; reports where it does not fit."""
    match field.type, node:
        case Unknown(), _:
            return None
        case Vector(), Mapping():
            return vector(scope, node, field.type)
        case Record(), Mapping():
            return _record(scope, node, field.type)
        case List(), Sequence():
            return _list(scope, node, field)
        case Map(), Mapping():
            return _map(scope, node, field.type)
        case _, Scalar():
            return _scalar(scope, node, field)
    _mismatch(scope, node, field.type)
    return None


def _list(scope: Scope, node: Sequence, field: Field) -> Value:
    """The items, no two of which share a key."""
    assert isinstance(field.type, List)
    too_many(scope, node, field.type, len(node.items))
    before = len(scope.findings)
    items = tuple(literal(scope, item, field.type.item) for item in node.items)
    if len(scope.findings) == before:
        for i, key in repeats(items, field.type):
            scope.report("FB321", node.items[i].span, name=field.name, key=key)
    return items


def repeats(items: Iterable[Value], kind: List) -> Iterator[tuple[int, str]]:
    """Where items have the key of an earlier one, and that key as a pack would write it."""
    record = kind.item.type
    parts = [found for name in kind.key if isinstance(record, Record) and (found := record.field(name))]
    seen = set()
    for i, item in enumerate(items if parts else ()):
        assert isinstance(item, tuple)
        key = tuple(item[index] for index, _ in parts)
        if key in seen:
            yield i, ", ".join(f"`{written(item[index], field.type)}`" for index, field in parts)
        seen.add(key)


def too_many(scope: Scope, node: Document, kind: List | Map, count: int) -> None:
    if count > kind.max_items:
        _mismatch(scope, node, kind)


def limited(kind: Type) -> str:
    """What is expected of a value, with how long it may be."""
    match kind:
        case Text(max_length=limit):
            return f"{kind} of at most {limit} characters"
        case List(max_items=limit) | Map(max_items=limit):
            return f"{kind} with at most {limit} {'items' if isinstance(kind, List) else 'entries'}"
    return str(kind)


def _map(scope: Scope, node: Mapping, kind: Map) -> Value:
    """Keys and values, by the code points of the keys."""
    too_many(scope, node, kind, len(node.entries))
    return tuple(
        (key_of(scope, key, kind), literal(scope, value, kind.item))
        for key, value in sorted(node.entries, key=lambda entry: entry[0].text)
    )


def key_of(scope: Scope, key: Scalar, kind: Map) -> str:
    """The text that an entry of a map stands under."""
    if len(key.text) > kind.key.max_length:
        _mismatch(scope, key, kind.key)
    return key.text


def _mismatch(scope: Scope, node: Document, kind: Type) -> None:
    found = {Sequence: "a list", Mapping: "a mapping"}.get(type(node)) or f"`{node.span.text}`"
    match node, kind:
        case (Sequence(items=parts), List()) | (Mapping(entries=parts), Map()):
            found = f"one with {len(parts)}"
    scope.report("FB305", node.span, expected=limited(kind), found=found)


def _scalar(scope: Scope, node: Scalar, field: Field) -> Value:
    value = node.value
    match field.type:
        case Number() | Integer() if isinstance(value, int | float) and not isinstance(value, bool):
            return _numeric(scope, node, field, value)
        case Boolean() if isinstance(value, bool):
            return value
        case Text(max_length=limit) if isinstance(value, str):
            if node.timestamp:
                scope.report("FB110", node.span, text=node.text)
            if len(value) > limit:
                _mismatch(scope, node, field.type)
            return value
        case Enum(name=name, members=members) if isinstance(value, str):
            scope.used.add(name)
            if value in members:
                return members.index(value)
            advice = did_you_mean(value, members) or f"its members are {', '.join(f'`{each}`' for each in members)}"
            scope.report("FB309", node.span, type=name, name=value, help=advice)
            return None
        case Time() if (moment := parse_time(value)) is not None:
            return moment
        case _ if value is None and field.optional:
            return None
    _mismatch(scope, node, field.type)
    return None


def _numeric(scope: Scope, node: Scalar, field: Field, value: float) -> Value:
    if isinstance(field.type, Integer):
        if int(value) != value or abs(value) > MAX_INTEGER:
            _mismatch(scope, node, field.type)
            return None
        value = int(value)
    else:
        value = float(value) + 0.0
    if not within(value, field.low, field.high):
        scope.report("FB314", node.span, value=f"`{node.text}`", range=range_text(field.low, field.high))
    return value


def within(value: float, low: float | None, high: float | None) -> bool:
    return (low is None or value >= low) and (high is None or value <= high)


def vector(scope: Scope, node: Mapping, kind: Vector) -> Value:
    """One value a member, each exactly once."""
    complete(scope, node, kind.by)
    found = {name: literal(scope, value, kind.item) for name, value in node}
    scope.used.add(kind.by.name)
    return tuple(found.get(member) for member in kind.by.members)


def complete(scope: Scope, node: Mapping, by: Enum) -> bool:
    """Whether a mapping has every member of an enum and no other key."""
    names = [key.text for key, _ in node.entries]
    for key, _ in node.entries:
        if key.text not in by.members:
            scope.report("FB309", key.span, type=by.name, name=key.text, help=did_you_mean(key.text, by.members))
    missing = [member for member in by.members if member not in names]
    if missing:
        advice = f"give a value for every {by.name}"
        scope.report("FB318", node.span, problem=f"no value for {_listed(missing)}", help=advice)
    return not missing and len(names) == len(by.members)


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _record(scope: Scope, node: Mapping, kind: Record) -> Value:
    known = [field.name for field in kind.fields]
    for key, _ in node.entries:
        if key.text not in known:
            scope.report("FB301", key.span, kind="field", name=key.text, help=did_you_mean(key.text, known))
    for field in kind.fields:
        if node.get(field.name) is None and not field.optional:
            scope.report("FB202", node.span, key=field.name)
    values = ((node.get(field.name), field) for field in kind.fields)
    return tuple(None if value is None else literal(scope, value, field) for value, field in values)
