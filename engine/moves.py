"""Where along a lever something turns: the nearest value that changes it, and the last one that does not."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Context
from typing import Any

from .levers import Lever
from .types import Time

_MANY_DIGITS = 9  # characters
_DIGITS = (5, 7, 9)

Tried = Callable[[Any], Any]  # what a value of the lever leads to; nothing where that is what was decided


@dataclass(frozen=True, slots=True)
class Move:
    """A value as it is and as it would have to be.

    `edge` is the last value that changes nothing, next to `after`; it is None for choices. `onwards`: the farthest
    value beyond `after` changes the target as well. `short` is a value of few digits just beyond `after` that does.
    """

    lever: Lever
    after: Any
    edge: Any = None
    onwards: bool = False
    short: Any = None

    @property
    def said(self) -> Any:
        return self.after if self.short is None else self.short


def nearest(lever: Lever, choices: Sequence[Any], tried: Tried) -> Move | None:
    """To the nearest of the choices that changes something, and from there back to the edge."""
    last: dict[bool, Any] = {True: lever.value, False: lever.value}  # what changes nothing, above and below
    for value in sorted({*choices} - {lever.value}, key=lambda each: (lever.distance(each), each)):
        above = value > lever.value
        if tried(value) is not None:
            return edge(lever, last[above], value, tried)
        last[above] = value
    return None


def edge(lever: Lever, near: Any, far: Any, tried: Tried) -> Move:
    """Between a value that changes nothing and one that does, the two neighbours at the edge."""
    if not lever.is_number and not isinstance(lever.type, Time):
        return Move(lever, far)
    while (middle := lever.between(near, far)) is not None:
        if tried(middle) is None:
            near = middle
        else:
            far = middle
    end = lever.high if far > lever.value else lever.low
    onwards = lever.is_number and not math.isinf(end) and tried(lever.fitting(end)) is not None
    return Move(lever, far, near, onwards, _short(lever, far, tried) if onwards else None)


def _short(lever: Lever, after: Any, tried: Tried) -> Any:
    """What people would write for a number of many digits, a little farther from the lever's value."""
    if not isinstance(after, float) or len(f"{after!r}") <= _MANY_DIGITS:
        return None
    outwards = ROUND_CEILING if after > lever.value else ROUND_FLOOR
    for digits in _DIGITS:
        found = float(Context(prec=digits, rounding=outwards).create_decimal_from_float(after))
        if lever.low <= found <= lever.high and tried(found) is not None:
            return found
    return None


def around(lever: Lever, root: float) -> list[Any]:
    """The values of a lever at a point, and next to it."""
    if not math.isfinite(root) or not lever.low <= root <= lever.high:
        return []
    if lever.is_whole:
        points: list[float] = [math.floor(root) - 1, math.floor(root), math.ceil(root), math.ceil(root) + 1]
    else:
        near = round(root, 12)  # a literal that the root misses by rounding alone
        points = [
            p for each in {root, near} for p in (math.nextafter(each, -math.inf), each, math.nextafter(each, math.inf))
        ]
    return [lever.fitting(point) for point in points if lever.low <= point <= lever.high]


__all__ = ["Move", "Tried", "around", "edge", "nearest"]
