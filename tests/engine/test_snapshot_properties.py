"""Reading snapshots of random inputs: those made for them, those made for nobody, and those with one thing wrong."""

from __future__ import annotations

import copy
import json
import math
from collections.abc import Iterator
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from flyball.engine.plain import plain
from flyball.engine.snapshot import canonical, read
from flyball.engine.snapshot_text import show_path
from flyball.engine.times import format_time
from flyball.engine.types import Boolean, Enum, Field, Integer, List, Number, Record, Text, Time, Type, Vector

NAMES = st.from_regex(r"[a-z][a-z0-9_]{0,5}", fullmatch=True).filter(lambda name: name != "now")
MEMBERS = st.lists(st.from_regex(r"[A-Z]{1,4}", fullmatch=True), min_size=1, max_size=4, unique=True)
ENUMS = MEMBERS.map(lambda members: Enum("E", tuple(members)))
TEXTS = st.text(st.characters(codec="utf-8"), max_size=6)
_EDGE = 10.0**6


@st.composite
def fields_of(draw: st.DrawFn, kind: Type, name: str = "") -> Field:
    low, high = sorted(draw(st.tuples(*2 * [st.integers(-5, 5)])))
    ranged = isinstance(kind, Number | Integer) and draw(st.booleans())
    key = draw(st.sampled_from(["", f"{name} of yours"])) if name else ""
    return Field(name, kind, draw(st.booleans()), low if ranged else None, high if ranged else None, key)


@st.composite
def records(draw: st.DrawFn, kinds: st.SearchStrategy[Type]) -> Record:
    names = draw(st.lists(NAMES, min_size=1, max_size=4, unique=True))
    return Record("R", tuple(draw(fields_of(draw(kinds), name)) for name in names))


@st.composite
def lists(draw: st.DrawFn, kinds: st.SearchStrategy[Type]) -> List:
    item = draw(fields_of(draw(kinds)))
    names = [each.name for each in item.type.fields] if isinstance(item.type, Record) else []
    key = draw(st.lists(st.sampled_from(names), unique=True)) if names else []
    return List(item, draw(st.integers(1, 4)), tuple(key))


def composite_kinds(kinds: st.SearchStrategy[Type]) -> st.SearchStrategy[Type]:
    vectors = st.builds(Vector, ENUMS, kinds.flatmap(fields_of))
    return st.one_of(records(kinds), lists(kinds), lists(records(kinds)), vectors)


SCALARS: st.SearchStrategy[Type] = st.one_of(
    st.sampled_from([Number(), Integer(), Boolean(), Time(), Text(6)]),
    ENUMS,
)
KINDS: st.SearchStrategy[Type] = st.recursive(SCALARS, composite_kinds, max_leaves=4)
INPUTS = records(KINDS).map(lambda record: record.fields)
JSON: st.SearchStrategy[Any] = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.just(10**400), st.just("\ud800")),
    lambda children: st.one_of(
        st.lists(children, max_size=4), st.dictionaries(st.text(max_size=6), children, max_size=4)
    ),
    max_leaves=8,
)


def scalar_values(place: Field) -> st.SearchStrategy[Any]:
    low, high = (-_EDGE, _EDGE) if place.low is None or place.high is None else (place.low, place.high)
    whole = st.integers(int(low), int(high))
    match place.type:
        case Number():
            return st.floats(low, high) | whole
        case Integer():
            return whole | whole.map(float)
        case Boolean():
            return st.booleans()
        case Text():
            return TEXTS
        case Enum(members=members):
            return st.sampled_from(members)
    return st.integers(-(10**15), 10**15).map(format_time) | st.integers(0, 10**9)


def objects(places: dict[str, Field]) -> st.SearchStrategy[Any]:
    required = {key: values_for(place) for key, place in places.items() if not place.optional}
    optional = {key: values_for(place) for key, place in places.items() if place.optional}
    return st.fixed_dictionaries(required, optional=optional)


def places_of(kind: Record | Vector) -> dict[str, Field]:
    if isinstance(kind, Record):
        return {place.source: place for place in kind.fields}
    return dict.fromkeys(kind.by.members, kind.item)


def key_of(kind: List, item: Any) -> Any:
    """What makes an item different from the others; where it has no key, nothing that two items could share."""
    if not (kind.key and isinstance(kind.item.type, Record)):
        return object()
    fields = [place for place in kind.item.type.fields if place.name in kind.key]
    return str(read(tuple(fields), {place.source: (item or {}).get(place.source) for place in fields})[0])


def values_for(place: Field) -> st.SearchStrategy[Any]:
    match place.type:
        case Record() | Vector():
            values = objects(places_of(place.type))
        case List() as kind:
            items = values_for(kind.item)
            values = st.lists(items, max_size=kind.max_items, unique_by=lambda item: key_of(kind, item))
        case _:
            values = scalar_values(place)
    return st.none() | values if place.optional else values


@st.composite
def fitting(draw: st.DrawFn) -> tuple[tuple[Field, ...], Any]:
    fields = draw(INPUTS)
    return fields, draw(objects({place.source: place for place in fields}))


@settings(max_examples=60, deadline=None)
@given(INPUTS, JSON, st.booleans())
def test_reading_never_raises(fields: tuple[Field, ...], snapshot: Any, needs_now: bool) -> None:
    for given_snapshot in (snapshot, {place.source: snapshot for place in fields}):
        values, found = read(fields, given_snapshot, needs_now=needs_now)

        assert set(values) == {place.name for place in fields} | {"now"}
        assert all(finding.message.isprintable() for finding in found)
        places = [finding.path for finding in found if finding.code not in ("FB707", "FB708")]
        assert len(places) == len(set(places))
        canonical(fields, values)


@settings(max_examples=60, deadline=None)
@given(fitting())
def test_a_canonical_snapshot_reads_as_the_same_values(case: tuple[tuple[Field, ...], Any]) -> None:
    fields, snapshot = case
    values, found = read(fields, plain(snapshot))
    assert found == []

    again, found = read(fields, json.loads(json.dumps(canonical(fields, values))))
    assert found == []
    assert repr(again) == repr(values)


Steps = tuple[str | int, ...]


def breakages(place: Field, value: Any, path: Steps) -> Iterator[tuple[str, Steps, Any]]:
    """The code, the path and what to put there, for each way to break this value and what is in it."""
    if not place.optional:
        yield ("FB703", path, None)
    if value is None:
        return
    yield ("FB710" if isinstance(place.type, Time) else "FB703", path, object())
    match place.type:
        case Number() | Integer():
            yield ("FB705", path, math.nan)
            if place.high is not None:
                yield ("FB704", path, place.high + 1)
        case Text(max_length=limit):
            yield ("FB709", path, "x" * (limit + 1))
            yield ("FB711", path, "\udc00")
        case Enum():
            yield ("FB706", path, "Lower")
        case Time():
            yield ("FB710", path, "2026-01-05T15:00:00")
        case Record() | Vector():
            yield from object_breakages(places_of(place.type), value, path)
        case List(max_items=limit):
            yield from list_breakages(place.type, value, path)


def object_breakages(places: dict[str, Field], value: Any, path: Steps) -> Iterator[tuple[str, Steps, Any]]:
    yield ("FB702", (*path, "UNKNOWN_KEY"), 1)
    for key, place in places.items():
        if not place.optional:
            yield ("FB701", (*path, key), REMOVE)
        if key in value:
            yield from breakages(place, value[key], (*path, key))


def list_breakages(kind: List, items: Any, path: Steps) -> Iterator[tuple[str, Steps, Any]]:
    if items and not kind.key:
        yield ("FB708", path, (items * (kind.max_items + 1))[: kind.max_items + 1])
    if items and items[0] is not None and kind.key and len(items) < kind.max_items:
        yield ("FB707", (*path, len(items)), items[0])
    for i, item in enumerate(items):
        yield from breakages(kind.item, item, (*path, i))


REMOVE = object()


def put(snapshot: Any, path: Steps, value: Any) -> Any:
    result = holder = copy.deepcopy(snapshot)
    for step in path[:-1]:
        holder = holder[step]
    if value is REMOVE:
        del holder[path[-1]]
    elif isinstance(holder, list) and path[-1] == len(holder):
        holder.append(value)
    else:
        holder[path[-1]] = value
    return result


@settings(max_examples=60, deadline=None)
@given(fitting(), st.data())
def test_each_fault_is_one_finding_at_its_place(case: tuple[tuple[Field, ...], Any], data: st.DataObject) -> None:
    fields, snapshot = case
    ways = list(object_breakages({place.source: place for place in fields}, snapshot, ()))
    code, path, value = data.draw(st.sampled_from(ways))

    _, found = read(fields, put(snapshot, path, value))
    assert [(finding.code, finding.path) for finding in found] == [(code, show_path(path))]
