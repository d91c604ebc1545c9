"""Valid snapshots of a pack, made up: edges of ranges, numbers near the parameters, absent values, short lists.

The same pack gives the same snapshots on every machine and under every version of Python.
"""

from __future__ import annotations

import hashlib
import math
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import deepcopy
from typing import Any, TypeVar, cast

from . import ir
from .admission import admit, rules_of
from .functions import CONVERSIONS
from .times import format_time, parse_time
from .types import (
    MAX_INTEGER,
    Boolean,
    Document,
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
from .units import Unit

_T = TypeVar("_T")
_WORD = 2**64 - 1
_TEXTS = ("A", "B", "C", "D", "E", "F", "G", "H")
_DOCUMENTS: tuple[Any, ...] = ({}, {"a": 1}, {"a": [1, {"b": None}]}, [])
_MOST_ITEMS = 4
_ABSENT_ONCE_IN = 3
_EPOCH = 946_684_800  # 2000-01-01T00:00:00Z
_OFFSETS = (0, 1, 59, 60, 3600, 86_400, 90_000)
_STEPS = (0.0, 0.0, 0.0, 0.001, -0.001, 0.01, -0.01, 0.2, -0.2)
_TRIES = 4
_CHANGED_ONCE_IN = 3
_LAPSES = (1, 10, 60)
_LONGEST_LAPSE = 100_000

Snapshot = dict[str, Any]


class Chance:
    """The numbers of splitmix64, whose first state comes from a text."""

    def __init__(self, seed: str) -> None:
        self._state = int.from_bytes(hashlib.sha256(seed.encode()).digest()[:8], "big")

    def _next(self) -> int:
        self._state = (self._state + 0x9E3779B97F4A7C15) & _WORD
        mixed = ((self._state ^ (self._state >> 30)) * 0xBF58476D1CE4E5B9) & _WORD
        mixed = ((mixed ^ (mixed >> 27)) * 0x94D049BB133111EB) & _WORD
        return mixed ^ (mixed >> 31)

    def below(self, limit: int) -> int:
        return self._next() % limit

    def pick(self, choices: Sequence[_T]) -> _T:
        return choices[self.below(len(choices))]

    def between(self, low: float, high: float) -> float:
        share = (self._next() >> 11) / 2**53
        return low * (1 - share) + high * share


class Sampler:
    """Makes snapshots of one pack, others for each seed. `thresholds` are its effective parameters by unit, with both
    signs; among the texts are the keys of its maps. `now` is `within` the times in which parameters have these values.
    """

    def __init__(
        self,
        pack: ir.Pack,
        parameters: Mapping[str, ir.Value],
        seed: str = "",
        within: tuple[int | None, int | None] = (None, None),
    ) -> None:
        self._within = within
        self._fields = tuple(field for field in pack.inputs if field.name != "now" or pack.needs_now)
        if pack.needs_now and all(field.name != "now" for field in pack.inputs):
            self._fields = (*self._fields, Field("now", Time()))
        self._pack, self._rules = pack, rules_of(pack, parameters)
        self._chance = Chance(pack.name + seed)
        self._thresholds: dict[Unit, list[float]] = defaultdict(list)
        self._texts: tuple[str, ...] = _TEXTS
        for name, declared in pack.parameters.items():
            if isinstance(declared.type, Map):
                self._texts += tuple(key for key, _ in cast("tuple[tuple[str, ir.Value], ...]", parameters[name]))
            for unit, number in _numbers(parameters[name], declared.type):
                self._thresholds[unit] += [number, -number]

    def snapshot(self) -> Snapshot:
        """A snapshot that the pack admits, or the last one tried: what it requires is not aimed at."""
        return self._admitted(lambda: self._object(self._fields))

    def following(self, before: Snapshot) -> Snapshot:
        """A later snapshot of the same session, in which most is as it was: what is held or counted can go on."""
        return self._admitted(lambda: self._later(before))

    def _admitted(self, make: Callable[[], Snapshot]) -> Snapshot:
        made = self._timely(make())
        for _ in range(_TRIES):
            if not admit(self._pack, self._rules, made).faults:
                break
            made = self._timely(make())
        return made

    def _later(self, before: Snapshot) -> Snapshot:
        fresh = self._object(self._fields)
        made: Snapshot = {}
        for field in self._fields:
            source = fresh if self._chance.below(_CHANGED_ONCE_IN) == 0 else before
            if field.source in source:
                made[field.source] = deepcopy(source[field.source])
            if field.name == self._pack.step:
                made[field.source] = self.other(field, before.get(field.source))
        now = parse_time(before.get("now"))
        return made if now is None else {**made, "now": format_time(now + self._lapse())}

    def _lapse(self) -> int:
        """The microseconds between two snapshots: some more or less than a parameter that is a time."""
        per = CONVERSIONS["as_seconds"].per
        known = [
            number * float(per["s"] / per[str(unit)])
            for unit, numbers in self._thresholds.items()
            if str(unit) in per
            for number in numbers
            if 0 < number < _LONGEST_LAPSE
        ]
        seconds = self._chance.pick([*_LAPSES, *known, *(each / 2 for each in known)])
        return max(1, round(seconds * 1_000_000) + self._chance.pick((0, 0, 1)))

    def _timely(self, made: Snapshot) -> Snapshot:
        now = parse_time(made.get("now"))
        if now is not None:
            start, end = self._within
            now = now if start is None else max(now, start)
            now = now if end is None else min(now, end - 1)
            made["now"] = format_time(now)
            self._date(self._fields, made, now)
        return made

    def _date(self, fields: Sequence[Field], made: Snapshot, now: int) -> None:
        """Bring the times that ages count from to the edges of what is too old."""
        for field in fields:
            value, inner = made.get(field.source), field.type.fields if isinstance(field.type, Record) else ()
            if field.age:
                holder, beside = (value, inner) if field.age.inside else (made, fields)
                source = next(each.source for each in beside if each.name == field.age.of)
                limit = self._rules.limits[field.age.limit]
                if isinstance(holder, dict) and holder.get(source) is not None:
                    holder[source] = format_time(now - self._chance.pick((0, 0, limit // 2, limit, limit + 1)))
            match field.type, value:
                case Record(), dict():
                    self._date(inner, value, now)
                case List(item=item), list():
                    for each in value:
                        self._date((item,), {item.source: each}, now)

    def other(self, field: Field, value: object) -> Any:
        """Another value for a field than the one it has, or nothing where none was found."""
        for _ in range(_TRIES):
            found = self.value(field)
            if found != value:
                return found
        return None

    def value(self, field: Field) -> Any:
        match field.type:
            case Number(unit=unit):
                return self._number(field, unit)
            case Integer(unit=unit):
                return self._integer(field, unit)
            case Boolean():
                return self._chance.below(2) == 1
            case Text(max_length=limit):
                return self._chance.pick(self._texts)[:limit]
            case Time():
                return format_time((_EPOCH + self._chance.pick(_OFFSETS)) * 1_000_000)
            case Enum(members=members):
                return self._chance.pick(members)
            case Record(fields=fields):
                return self._object(fields)
            case Vector(by=by, item=item):
                return {member: self.value(item) for member in by.members}
            case List():
                return self._list(field.type)
            case Map(item=item, max_items=limit, key=key):
                texts = [self.value(Field("", key)) for _ in range(self._chance.below(min(_MOST_ITEMS, limit) + 1))]
                return {text: self.value(item) for text in dict.fromkeys(texts)}
            case Document():
                return deepcopy(self._chance.pick(_DOCUMENTS))
            case Unknown():
                raise ValueError("a pack with errors has no snapshot")

    def _object(self, fields: Sequence[Field]) -> Snapshot:
        there = (field for field in fields if not (field.optional and self._chance.below(_ABSENT_ONCE_IN) == 0))
        return {field.source: self.value(field) for field in there}

    def _list(self, kind: List) -> list[Any]:
        """Items whose key is taken already are left out."""
        found: dict[str, Any] = {}
        for number in range(self._chance.below(min(_MOST_ITEMS, kind.max_items) + 1)):
            item = self.value(kind.item)
            found.setdefault(_key(kind, item) or str(number), item)
        return list(found.values())

    def _number(self, field: Field, unit: Unit) -> float:
        low, high = _bound(field.low, -math.inf), _bound(field.high, math.inf)
        return min(max(float(f"{self._guess(low, high, unit):.6g}"), low), high)

    def _integer(self, field: Field, unit: Unit) -> int:
        low = math.ceil(max(_bound(field.low, -math.inf), -MAX_INTEGER))
        high = math.floor(min(_bound(field.high, math.inf), MAX_INTEGER))
        guess = round(self._guess(low, high, unit)) + self._chance.pick((0, 0, 1, -1))
        return min(max(guess, low), high)

    def _guess(self, low: float, high: float, unit: Unit) -> float:
        """Most are near a parameter of the same unit, the others ends, zero, or anywhere."""
        near = [each for each in self._thresholds.get(unit, ()) if low <= each <= high] or [0.0, 1.0]
        ends = [each for each in (low, high, 0.0, 1.0) if math.isfinite(each)]
        reach = 2 * max(1.0, *(abs(each) for each in near))
        match self._chance.below(8):
            case 0:
                return self._chance.pick(ends)
            case 1:
                return self._chance.between(*(_bound_finite(low, -reach), _bound_finite(high, reach)))
            case 2:
                return self._chance.between(max(low, -reach), max(low, min(high, reach)))
        number = self._chance.pick(near)
        return number + self._chance.pick(_STEPS) * max(abs(number), 1.0)


def _bound(end: float | None, otherwise: float) -> float:
    return otherwise if end is None else end


def _bound_finite(end: float, otherwise: float) -> float:
    return end if math.isfinite(end) else otherwise


def _numbers(value: ir.Value, kind: Type) -> Iterator[tuple[Unit, float]]:
    """The numbers in a parameter, each with its unit."""
    match kind, value:
        case ((Number(unit=unit) | Integer(unit=unit)), int() | float()):
            yield unit, float(value)
        case ((Vector(item=item) | List(item=item)), tuple(items)):
            for each in items:
                yield from _numbers(each, item.type)
        case Map(item=item), tuple(pairs):
            for _, each in cast("tuple[tuple[str, ir.Value], ...]", pairs):
                yield from _numbers(each, item.type)


def _key(kind: List, item: Any) -> str:
    parts = [kind.item.type.field(name) for name in kind.key] if isinstance(kind.item.type, Record) else []
    return repr([item.get(part[1].source) for part in parts if part]) if parts else ""


def simpler(fields: Sequence[Field], snapshot: Mapping[str, Any]) -> Iterator[Snapshot]:
    """The snapshots that lack one more optional value or one more item of a list."""
    for field in fields:
        key = field.source
        if key not in snapshot:
            continue
        if field.optional:
            yield {name: each for name, each in snapshot.items() if name != key}
        match field.type, snapshot[key]:
            case List(), list(items):
                yield from ({**snapshot, key: [*items[:i], *items[i + 1 :]]} for i in range(len(items)))
            case Map(), dict(whole):
                yield from ({**snapshot, key: {k: v for k, v in whole.items() if k != each}} for each in whole)
            case Record(fields=inner), dict(whole):
                yield from ({**snapshot, key: each} for each in simpler(inner, whole))


def path_of(pack: ir.Pack, expr: ir.Expr) -> tuple[Field, ...]:
    """The fields that an input, or a field of one, is reached by."""
    match expr:
        case ir.Input(name=name):
            return tuple(field for field in pack.inputs if field.name == name)
        case ir.Get(record=record, index=index) if isinstance(record.type, Record):
            return (*path_of(pack, record), record.type.fields[index])
    raise ValueError("no input, nor a field of one")


def value_at(snapshot: Mapping[str, Any], path: Sequence[Field]) -> Any:
    """What stands at a path, or nothing."""
    found: Any = snapshot
    for field in path:
        found = found.get(field.source) if isinstance(found, dict) else None
    return found


def replaced(snapshot: Mapping[str, Any], path: Sequence[Field], value: object) -> Snapshot:
    """The snapshot with another value at a path where it has one."""
    key = path[0].source
    return {**snapshot, key: value if len(path) == 1 else replaced(snapshot[key], path[1:], value)}


__all__ = ["Chance", "Sampler", "Snapshot", "path_of", "replaced", "simpler", "value_at"]
