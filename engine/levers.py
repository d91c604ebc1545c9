"""What a decision might have been otherwise for: one value of a snapshot, or of the parameters, that may be moved."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from . import ir
from .snapshot import export
from .types import MAX_INTEGER, Boolean, Enum, Field, Integer, Number, Record, Time, Type, Vector

_SPREAD = 24  # points tried on each side of a number, ever farther from it


@dataclass(frozen=True, slots=True)
class Lever:
    """A value that may be moved. `keys` lead to it in the snapshot, `names` in the pack; `low` and `high` are its ends.

    `value` is a run-time value, as all that a lever gives.
    """

    name: str
    keys: tuple[str, ...]
    type: Type
    value: Any
    low: float = -math.inf
    high: float = math.inf
    names: tuple[str, ...] = ()

    @property
    def is_number(self) -> bool:
        return isinstance(self.type, Number | Integer)

    @property
    def is_whole(self) -> bool:
        return isinstance(self.type, Integer | Time)

    @property
    def scale(self) -> float:
        """What a distance is measured against."""
        spread = self.high - self.low
        return spread if 0 < spread < math.inf else max(abs(float(self.value)), 1.0)

    def distance(self, value: Any) -> float:
        """How far a value is from the present one, as a part of the declared range; of a choice, in members."""
        if self.is_number:
            return float(abs(value - self.value) / self.scale)
        count = len(self.type.members) if isinstance(self.type, Enum) else 2
        return abs(int(value) - int(self.value)) / count

    def nearby(self) -> Iterator[Any]:
        """Values to try: of a number points on both sides up to the ends, of a choice all others."""
        if isinstance(self.type, Boolean):
            yield not self.value
        elif isinstance(self.type, Enum):
            yield from (index for index in range(len(self.type.members)) if index != self.value)
        else:
            yield from (point for end in (self.low, self.high) for point in self._towards(end))

    def _towards(self, end: float) -> Iterator[float]:
        whole = max(-MAX_INTEGER, min(MAX_INTEGER, end)) if math.isinf(end) else end
        reach = whole - self.value
        points = {self.fitting(self.value + reach * 2.0**-k) for k in range(_SPREAD)}
        yield from sorted(points - {self.value}, key=lambda point: abs(point - self.value))

    def fitting(self, value: float) -> Any:
        """The value as one of the lever's type, within its range."""
        held = max(self.low, min(self.high, value))
        return round(held) if self.is_whole else float(held) + 0.0

    def between(self, near: Any, far: Any) -> Any:
        """A value between two, or nothing where they are neighbours."""
        if self.is_whole:
            middle: float = (near + far) // 2
        else:
            middle = near + (far - near) / 2
        return None if middle in (near, far) else middle

    def plain(self, value: Any) -> object:
        """The value as a snapshot or a file of parameters has it."""
        return export(value, self.type)


def levers(fields: Sequence[Field], inputs: Mapping[str, Any]) -> list[Lever]:
    """The values of a snapshot that are marked as actionable, and present."""
    return [each for field in fields for each in _inside(field, inputs.get(field.name), (), (), marked=False)]


def _inside(
    field: Field, value: Any, keys: tuple[str, ...], names: tuple[str, ...], *, marked: bool
) -> Iterator[Lever]:
    if value is None:
        return
    keys, names, marked = (*keys, field.source), (*names, field.name), marked or field.actionable
    match field.type:
        case Record(fields=fields):
            for each, part in zip(fields, value, strict=True):
                yield from _inside(each, part, keys, names, marked=marked)
        case Vector(by=by, item=item):
            for member, part in zip(by.members, value, strict=True):
                yield from _inside(replace(item, name=member, key=member), part, keys, names, marked=marked)
        case Number() | Integer() | Enum() | Boolean() if marked:
            yield Lever(".".join(names), keys, field.type, value, *_ends(field.low, field.high), names)


def _ends(low: float | None, high: float | None) -> tuple[float, float]:
    return -math.inf if low is None else low, math.inf if high is None else high


def parameter_levers(pack: ir.Pack, values: Mapping[str, ir.Value]) -> list[Lever]:
    """The parameters that are a number, a choice or a switch."""
    found = []
    for name, declared in pack.parameters.items():
        if isinstance(declared.type, Number | Integer | Enum | Boolean) and values[name] is not None:
            found.append(Lever(name, (name,), declared.type, values[name], *_ends(declared.low, declared.high)))
    return found


def moved(snapshot: Mapping[str, Any], keys: Sequence[str], value: object) -> dict[str, Any]:
    """The snapshot with another value in one place."""
    first, *rest = keys
    return {**snapshot, first: moved(snapshot[first], rest, value) if rest else value}


__all__ = ["Lever", "levers", "moved", "parameter_levers"]
