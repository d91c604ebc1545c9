"""A column of a decision table in pieces on which no cell changes, and a value of each that is short to write."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any

from . import ir
from .constants import Values, constant
from .times import parse_time
from .types import MAX_INTEGER, Boolean, Enum, Integer, Number, Time, Type

_COMPARISONS = ("lt", "le", "gt", "ge", "eq", "ne")
_DAY = 86_400_000_000
_TIME_STEPS = tuple(Decimal(step) for step in (_DAY, 3_600_000_000, 60_000_000, 1_000_000, 1))
_TRIES = 20
_DOUBLE = sys.float_info.max
_ENDS: Mapping[type, tuple[float, float]] = {
    Number: (-_DOUBLE, _DOUBLE),
    Integer: (-MAX_INTEGER, MAX_INTEGER),
    Time: (parse_time("0001-01-01T00:00:00Z") or 0, parse_time("9999-12-31T23:59:59.999999Z") or 0),
}


def samples(column: ir.Column, parameters: Values, bounds: tuple[float | None, float | None]) -> list[ir.Value] | str:
    """A value of every piece of a column, or why it has no pieces."""
    comparisons = [each for cell in column.cells if cell for each in _comparisons(cell)]
    cuts = {constant(each.args[1], parameters) for each in comparisons if each}
    found: list[ir.Value]
    match column.value.type:
        case _ if None in comparisons or None in cuts:
            return f"a cell of column `{column.name}` does not compare it with a constant"
        case Enum(members=members):
            found = list(range(len(members)))
        case Boolean():
            found = [False, True]
        case Number() | Integer() | Time() as kind:
            found = [_plain(first, last, kind) for first, last in _pieces(kind, cuts, *bounds)]
        case kind:
            return f"column `{column.name}` is {kind}"
    return [*found, None] if column.value.optional else found


def _pieces(kind: Type, cuts: Iterable[Any], low: float | None, high: float | None) -> Iterator[tuple[Any, Any]]:
    """The points that cells compare with and what lies between them, each from its first to its last value."""
    lowest, highest = _ENDS[type(kind)]
    first = lowest if low is None else max(low, lowest)
    last = highest if high is None else min(high, highest)
    before, after = _neighbours(kind)
    start: Any = first if isinstance(kind, Number) else math.ceil(first)
    for cut in sorted(each for each in cuts if first <= each <= last):
        if start <= before(cut):
            yield start, before(cut)
        if isinstance(kind, Number) or cut == int(cut):
            yield cut, cut
        start = after(cut)
    if start <= last:
        yield start, last if isinstance(kind, Number) else math.floor(last)


def _neighbours(kind: Type) -> tuple[Callable[[Any], Any], Callable[[Any], Any]]:
    """The values next below and next above a point."""
    if isinstance(kind, Number):
        return lambda cut: math.nextafter(cut, -math.inf), lambda cut: math.nextafter(cut, math.inf)
    return lambda cut: math.ceil(cut) - 1, lambda cut: math.floor(cut) + 1


def _plain(first: Any, last: Any, kind: Type) -> Any:
    """A value from `first` to `last` that is short to write: near the middle, or near the end that is bounded."""
    lowest, highest = _ENDS[type(kind)]
    whole: Callable[[Any], Any] = float if isinstance(kind, Number) else int
    if first == lowest and last == highest:
        return whole(0)
    if first == lowest:
        first = max(lowest, last - _reach(last, kind))
    elif last == highest:
        last = min(highest, first + _reach(first, kind))
    middle = (Decimal(first) + Decimal(last)) / 2
    for step in _steps(Decimal(last) - Decimal(first), kind):
        found = whole((middle / step).to_integral_value() * step)
        if first <= found <= last:
            return found + whole(0)  # no -0.0
    return whole(first)


def _reach(end: Any, kind: Type) -> Any:
    return 2 * _DAY if isinstance(kind, Time) else 2 * max(1, abs(end))


def _steps(width: Decimal, kind: Type) -> Iterable[Decimal]:
    if isinstance(kind, Time):
        return _TIME_STEPS
    return (Decimal(1).scaleb(width.adjusted() - i) for i in range(_TRIES))


def _comparisons(cell: ir.Expr) -> Iterator[ir.Call | None]:
    """The comparisons of the column that a cell is made of; nothing stands for what is none."""
    match cell:
        case ir.And(terms=parts) | ir.Or(terms=parts) | ir.Call(function="not", args=parts):
            for part in parts:
                yield from _comparisons(part)
        case ir.Call(function=name, args=(ir.Defined(), _)) if name in _COMPARISONS:
            yield cell
        case ir.Call(function="present", args=(ir.Defined(),)):
            return
        case _:
            yield None


__all__ = ["samples"]
