"""Between which ends the results of an operation lie, given those of its arguments, rounded outwards by a little."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from .. import portable
from ..types import MAX_INTEGER

DOUBLE = 1.7976931348623157e308
Interval = tuple[float, float]


def _products(left: Interval, right: Interval) -> Interval:
    corners = [a * b for a in left for b in right]
    return _rounded(min(corners), max(corners)) if all(c == c for c in corners) else (-DOUBLE, DOUBLE)


def _quotients(left: Interval, right: Interval) -> Interval:
    if right[0] <= 0 <= right[1]:
        return -DOUBLE, DOUBLE
    corners = [a / b for a in left for b in right]
    return _rounded(min(corners), max(corners))


def _ratio(above: Interval, below: Interval) -> Interval:
    """A quotient where its divisor is not 0, of which no more may be known than its sign."""
    if not any(above):
        return 0.0, 0.0
    return (0.0, DOUBLE) if above[0] >= 0 and below[0] >= 0 else _quotients(above, below)


def _lots(quantity: Interval, step: Interval) -> Interval:
    if step[0] <= 0:
        return -math.inf, math.inf
    low, high = _quotients(quantity, step)
    return low - 1, high + 1


def _floored(quantity: Interval, step: Interval) -> Interval:
    """Steps that can be counted."""
    count = _lots(quantity, step)
    if not -MAX_INTEGER < count[0] <= count[1] < MAX_INTEGER:
        return -math.inf, math.inf
    return _rounded(quantity[0] - step[1], quantity[1] + step[1])


def _clamped(x: Interval, low: Interval, high: Interval) -> Interval:
    if low[1] > high[0]:
        return -math.inf, math.inf
    return max(low[0], min(x[0], high[0])), max(low[1], min(x[1], high[1]))


def _rounded(low: float, high: float) -> Interval:
    """Outwards by more than one rounding could move an end."""
    return low - abs(low) * 1e-15, high + abs(high) * 1e-15


def _rising(function: Callable[[float], float]) -> Callable[[Interval], Interval]:
    """Of a function that rises, its values at both ends; NaN and infinities where it is not defined."""
    return lambda x: _rounded(function(x[0]), function(x[1]))


RULES: dict[str, Any] = {
    "number": lambda x: x,
    "add": lambda a, b: _rounded(a[0] + b[0], a[1] + b[1]),
    "subtract": lambda a, b: _rounded(a[0] - b[1], a[1] - b[0]),
    "multiply": _products,
    "divide": _quotients,
    "exp": _rising(portable.exp),
    "expm1": _rising(portable.expm1),
    "log": _rising(portable.log),
    "log1p": _rising(portable.log1p),
    "tanh": _rising(portable.tanh),
    "negate": lambda x: (-x[1], -x[0]),
    "abs": lambda x: (0.0 if x[0] <= 0 <= x[1] else min(abs(x[0]), abs(x[1])), max(abs(x[0]), abs(x[1]))),
    "floor": lambda x: (x[0] - 1, x[1]),
    "ceil": lambda x: (x[0], x[1] + 1),
    "trunc": lambda x: (x[0] - 1, x[1] + 1),
    "round": lambda x: (x[0] - 1, x[1] + 1),
    "lots": _lots,
    "floor_to": _floored,
    "clamp": _clamped,
    "sqrt": lambda x: _rounded(math.sqrt(x[0]), math.sqrt(x[1])) if x[0] >= 0 else (-math.inf, math.inf),
    "ratio": _ratio,
    "min": lambda *xs: (min(x[0] for x in xs), min(x[1] for x in xs)),
    "max": lambda *xs: (max(x[0] for x in xs), max(x[1] for x in xs)),
}

__all__ = ["DOUBLE", "RULES", "Interval"]
