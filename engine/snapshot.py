"""Reading a snapshot: a caller's data becomes run-time values (see `ir`), and everything wrong with it is said at once.

This is the slow path. A back end that checks snapshots in a faster way comes here to learn what is wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from operator import itemgetter
from typing import Any, cast

from .diagnostics import Diagnostic
from .naming import shown
from .nodes import Value
from .requirements import Rules, breach
from .snapshot_place import ABSENT, Place
from .snapshot_scalars import scalar, text
from .snapshot_text import digits, nearest, show, show_path, suggest
from .times import format_time
from .types import Boolean, Enum, Field, Integer, List, Map, Number, Record, Text, Time, Type, Vector, by_names

_AS_ABSENT = "counts as absent"
_DROPPED = "is left out"
_KEY: Any = itemgetter(0)
_ADVISED = 20  # keys of one object: comparing names is slow, and a snapshot may hold any number of unknown keys


@dataclass(frozen=True, slots=True)
class Reading:
    """The values by input name; what is at fault reads as absent, and its name is `doubtful`.

    With a fault of no input the snapshot is `unread`.
    """

    inputs: Mapping[str, Value]
    faults: list[Diagnostic] = field(default_factory=list)
    warnings: list[Diagnostic] = field(default_factory=list)
    doubtful: frozenset[str] = frozenset()
    unread: bool = False

    def lost(self, *faults: Diagnostic) -> Reading:
        """The same as a snapshot that nobody decides on."""
        return replace(self, faults=[*self.faults, *faults], unread=True)


def read(
    fields: tuple[Field, ...], snapshot: object, needs_now: bool = False
) -> tuple[dict[str, Value], list[Diagnostic]]:
    """The values by input name, and the faults, by types alone."""
    reading = read_by(Rules(), fields, snapshot, needs_now)
    return dict(reading.inputs), reading.faults


def read_by(
    rules: Rules,
    fields: tuple[Field, ...],
    snapshot: object,
    needs_now: bool = False,
    ignored: Callable[[object], bool] = lambda _: False,
) -> Reading:
    """What a snapshot holds, and everything that is wrong with it.

    The snapshot is plain JSON data, or went through `plain`. It may hold `now`, declared or not, and keys that are
    `ignored`.
    """
    declared = tuple(each for each in fields if each.name != "now")
    moment = Field("now", Time(), optional=not needs_now)
    place = Place(rules=rules)
    if type(snapshot) is not dict:
        place.fault("FB712", found=show(snapshot))
        names = [each.name for each in (*declared, moment)]
        return Reading(dict.fromkeys(names), place.faults, [], frozenset(names), unread=True)
    known = {each.source for each in (*declared, moment)}
    given = {key: value for key, value in snapshot.items() if key in known or not ignored(key)}
    place = replace(place, now=_field(Place(), moment, given, ()))
    values, doubtful = _parts_of(place, (*declared, moment), given)
    return Reading(values, place.faults, place.warnings, frozenset(doubtful), unread=not given.keys() <= known)


def read_value(
    rules: Rules, wanted: Field, given: object, now: int | None, path: tuple[str, ...] = ()
) -> tuple[Value, list[Diagnostic], list[Diagnostic]]:
    """One value, with the faults and warnings of it."""
    place = Place(path=path, rules=rules, now=now)
    return _value(place, wanted, given), place.faults, place.warnings


def read_dated(
    rules: Rules, wanted: Field, value: Value, moment: int | None, now: int | None, paths: Sequence[tuple[str, ...]]
) -> tuple[Value, list[Diagnostic], list[Diagnostic]]:
    """A value by the age that it has by the time beside it; `paths` are those of the two."""
    place, of = (Place(path=path, rules=rules, now=now) for path in paths)
    if now is None:
        return value, [], []
    if moment is not None and moment > now:
        _ahead(of, moment)
        return value, of.faults, []
    return _fresh(place, wanted, value, moment, of), place.faults, place.warnings


def _value(place: Place, wanted: Field, given: object) -> Value:
    """A value that keeps the whole contract of its place, or nothing."""
    if not wanted.forgiving:
        return _sound(place, wanted, given)
    inner = place.apart()
    value = _sound(inner, wanted, given)
    return place.forgive(inner.faults, _AS_ABSENT) if inner.faults else value


def _sound(place: Place, wanted: Field, given: object) -> Value:
    before = len(place.faults)
    value = _typed(place, wanted, given)
    if value is None or len(place.faults) > before or not isinstance(wanted.type, Record):
        return value
    parts = dict(zip((each.name for each in wanted.type.fields), cast("tuple[Value, ...]", value), strict=True))
    for name in wanted.requires:
        _require(place, name, parts)
    if wanted.age and wanted.age.inside and place.now is not None:
        moment = cast("int | None", parts[wanted.age.of])
        if moment is not None and moment > place.now:
            _ahead(place.at(_source(wanted.type.fields, wanted.age.of)), moment)
        else:
            value = _fresh(place, wanted, value, moment, place.at(_source(wanted.type.fields, wanted.age.of)))
    return value if len(place.faults) == before else ABSENT


def _source(fields: Iterable[Field], name: str) -> str:
    return next(each.source for each in fields if each.name == name)


def _require(place: Place, name: str, values: Mapping[str, Value]) -> None:
    rules, requirement = place.rules, place.rules.contracts[name]
    found = breach(requirement, rules.parameters, values) if rules.judges(requirement) else None
    if found is not None:
        place.faults.append(replace(found, path=show_path(place.path)))


# Ages


def _ahead(place: Place, moment: int) -> None:
    place.fault("FB714", lead=_seconds(moment - place.now))


def _fresh(place: Place, wanted: Field, value: Value, moment: int | None, of: Place) -> Value:
    """The value, if it is not too old: absent with a warning, or a fault."""
    assert wanted.age is not None, "only what has an age is asked for it"
    limit = place.rules.limits[wanted.age.limit]
    if value is None or (moment is not None and place.now - moment <= limit):
        return value
    problem = f"there is no `{show_path(of.path)}`"
    if moment is not None:
        age, most = _seconds(place.now - moment), _seconds(limit)
        problem = f"{age} s by `{show_path(of.path)}`, more than the {most} s of `{shown(wanted.age.limit)}`"
    inner = place.apart()
    inner.fault("FB713", problem=problem)
    if wanted.optional:
        return place.forgive(inner.faults, _AS_ABSENT)
    place.faults.extend(inner.faults)
    return ABSENT


def _seconds(microseconds: int) -> str:
    return digits(microseconds / 1_000_000)


def _dated(place: Place, fields: Sequence[Field], values: dict[str, Value], doubtful: set[str]) -> None:
    """Take out what is too old by a time beside it. A time in the future is one fault, whatever rests on it."""
    if place.now is None:
        return
    for each in fields:
        if each.age is None or each.age.inside or not doubtful.isdisjoint((each.name, each.age.of)):
            continue
        moment = cast("int | None", values[each.age.of])
        of = place.at(_source(fields, each.age.of))
        before = len(place.faults)
        if moment is not None and moment > place.now:
            _ahead(of, moment)
            doubtful.add(each.age.of)
            continue
        values[each.name] = _fresh(place.at(each.source), each, values[each.name], moment, of)
        if len(place.faults) > before:
            doubtful.add(each.name)


def _typed(place: Place, wanted: Field, given: object) -> Value:
    if given is None:
        if not wanted.optional:
            place.wrong_type(wanted.type, given)
        return ABSENT
    match wanted.type:
        case Record() | Vector():
            return _object(place, wanted.type, given)
        case List():
            return _list(place, wanted.type, given, wanted.drops)
        case Map():
            return _map(place, wanted.type, given)
    return scalar(place, wanted, given)


def _object(place: Place, wanted: Record | Vector, given: object) -> Value:
    if type(given) is not dict:
        return place.wrong_type(wanted, given)
    return _fields(place, _parts(wanted), given)


def _fields(place: Place, fields: Sequence[Field], given: dict[object, object]) -> tuple[Value, ...]:
    return tuple(_parts_of(place, fields, given)[0].values())


def _parts_of(place: Place, fields: Sequence[Field], given: dict[object, object]) -> tuple[dict[str, Value], set[str]]:
    """The values by name, and the names of those at fault."""
    known = {each.source for each in fields}
    unknown = [key for key in given if key not in known]
    values: dict[str, Value] = {}
    doubtful = set()
    for each in fields:
        before = len(place.faults)
        values[each.name] = _field(place, each, given, unknown[:_ADVISED])
        if len(place.faults) > before:
            doubtful.add(each.name)
    _dated(place, fields, values, doubtful)
    for i, key in enumerate(unknown):
        place.at(key).fault("FB702", suggest(key, known) if i < _ADVISED else None)
    return values, doubtful


def _field(place: Place, wanted: Field, given: dict[object, object], unknown: Sequence[object]) -> Value:
    if wanted.source in given:
        return _value(place.at(wanted.source), wanted, given[wanted.source])
    if not wanted.optional:
        near = nearest(wanted.source, unknown)
        place.at(wanted.source).fault("FB701", f"is it what is called `{near}` here?" if near else None)
    return None


def _list(place: Place, wanted: List, given: object, drops: bool) -> Value:
    if type(given) is not list:
        return place.wrong_type(wanted, given)
    read_in_full = len(given) <= wanted.max_items
    if not read_in_full:
        place.fault("FB708", count=len(given), limit=wanted.max_items)
    items = given[: wanted.max_items]
    if drops:
        values = tuple(_good_items(place, wanted, items))
    else:
        _check_keys(place, wanted, items)
        values = tuple(_value(place.at(i), wanted.item, item) for i, item in enumerate(items))
    return values if read_in_full else ABSENT


def _map(place: Place, wanted: Map, given: object) -> Value:
    """Keys and values, by the code points of the keys."""
    if type(given) is not dict:
        return place.wrong_type(wanted, given)
    if len(given) > wanted.max_items:
        return place.fault("FB708", count=len(given), limit=wanted.max_items)
    before = len(place.faults)
    pairs: list[tuple[Value, ...]] = []
    for key, each in given.items():
        inner = place.at(key)
        pairs.append((text(inner, wanted.key, key), _value(inner, wanted.item, each)))
    return tuple(sorted(pairs, key=_KEY)) if len(place.faults) == before else ABSENT


def _good_items(place: Place, wanted: List, items: Sequence[object]) -> Iterator[Value]:
    """The items without fault; of those with the same key, the first."""
    record = wanted.item.type
    parts = [found for name in wanted.key if isinstance(record, Record) and (found := record.field(name))]
    seen = set()
    for i, item in enumerate(items):
        inner = place.at(i).apart()
        value = _value(inner, wanted.item, item)
        if parts and isinstance(value, tuple) and not inner.faults:
            key = tuple(value[index] for index, _ in parts)
            if key in seen:
                _repeats(inner, key, [part for _, part in parts])
            seen.add(key)
        if inner.faults:
            inner.forgive(inner.faults, _DROPPED)
        else:
            yield value


def _repeats(place: Place, key: tuple[Value, ...], parts: Sequence[Field]) -> None:
    shown = (show(export(value, part.type)) for value, part in zip(key, parts, strict=True))
    place.fault("FB707", value=", ".join(shown))


def _check_keys(place: Place, wanted: List, items: Sequence[object]) -> None:
    """Items whose key is itself at fault are left to be reported for that."""
    found = [wanted.item.type.field(name) for name in wanted.key] if isinstance(wanted.item.type, Record) else []
    parts = [each[1] for each in found if each]
    seen = set()
    for i, item in enumerate(items if parts else ()):
        quiet = Place()
        key = tuple(_field(quiet, part, item, ()) for part in parts) if type(item) is dict else ()
        if quiet.faults or not key:
            continue
        if key in seen:
            _repeats(place.at(i), key, parts)
        seen.add(key)


def _parts(kind: Record | Vector) -> tuple[Field, ...]:
    """What the keys of an object are; a vector is an object with one key a member."""
    if isinstance(kind, Record):
        return kind.fields
    return tuple(replace(kind.item, name=member, key="") for member in kind.by.members)


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
        case Map(item=item), tuple(pairs):
            return {key: export(each, item.type) for key, each in cast("tuple[tuple[str, Value], ...]", pairs)}
        case ((Record() | Vector()), tuple(items)):
            return _export_fields(_parts(kind), items)
    return value


def export_parameter(value: Value, kind: Type) -> object:
    """A value as packs and files of parameters have it."""
    return export(value, by_names(kind))


def exporter(kind: Type) -> Callable[[Any], object]:
    """What exports the values of a type that are there."""
    match kind:
        case Enum(members=members):
            return members.__getitem__
        case Number():
            return _as_double
        case Integer() | Boolean() | Text():
            return _as_is
    return lambda value: export(value, kind)


def _as_double(value: float) -> float:
    return float(value) + 0.0


def _as_is(value: object) -> object:
    return value


def _export_fields(fields: Sequence[Field], values: Sequence[Value]) -> dict[str, object]:
    pairs = zip(fields, values, strict=True)
    return {each.source: export(value, each.type) for each, value in pairs if value is not None}


def export_dated(dated: Iterable[tuple[int | None, Value]], kind: Type) -> list[dict[str, object]]:
    """Values with the time from which each holds, as a pack has them."""
    kind = by_names(kind)
    return [
        {**({} if start is None else {"from": format_time(start)}), "value": export(value, kind)}
        for start, value in dated
    ]
