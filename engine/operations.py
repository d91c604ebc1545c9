"""What each operator and strict function computes, on values that are present. The meaning of `Call` in the IR."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Callable, Mapping
from fractions import Fraction
from functools import lru_cache
from itertools import accumulate, pairwise
from operator import itemgetter
from typing import Any

from . import calibration, portable
from .faults import Fault
from .snapshot_text import show
from .types import MAX_INTEGER
from .zones import day

MICROSECONDS = 1_000_000
LOT_SLACK = 1e-9
_KEY = itemgetter(0)


def number(value: float) -> float:
    """A whole number as a double; -0.0 as 0.0."""
    return value + 0.0


def checked(value: Any) -> Any:
    """A result that a number or an integer may have, else a fault."""
    if type(value) is int:
        if -MAX_INTEGER <= value <= MAX_INTEGER:
            return value
        raise Fault("FB722")
    if math.isfinite(value):
        return value
    raise Fault("FB721")


def add(left: Any, right: Any) -> Any:
    return checked(left + right)


def subtract(left: Any, right: Any) -> Any:
    return checked(left - right)


def multiply(left: Any, right: Any) -> Any:
    return checked(left * right)


def divide(left: float, right: float) -> float:
    if right == 0:
        raise Fault("FB720")
    return float(checked(left / right))


def floor_divide(left: int, right: int) -> int:
    if right == 0:
        raise Fault("FB720")
    return left // right


def modulo(left: int, right: int) -> int:
    if right == 0:
        raise Fault("FB720")
    return left % right


def power(base: Any, exponent: int) -> Any:
    """`base ** exponent` for a literal exponent of 0 to 8, multiplied from the left."""
    result = base if exponent else type(base)(1)
    for _ in range(exponent - 1):
        result = multiply(result, base)
    return result


def negate(value: Any) -> Any:
    return -value


def smallest(*values: Any) -> Any:
    """`b if b < a else a`, folded from the left."""
    return min(values)


def largest(*values: Any) -> Any:
    return max(values)


def clamp(value: Any, low: Any, high: Any) -> Any:
    if low > high:
        raise Fault("FB723", value=f"a lower bound of {low} above the upper bound of {high}")
    return max(low, min(value, high))


def _whole(function: Callable[[float], int]) -> Callable[[float], int]:
    def rounded(value: float) -> int:
        return int(checked(function(value)))

    return rounded


def sign(value: Any) -> int:
    result: int = (value > 0) - (value < 0)
    return result


def sqrt(value: float) -> float:
    if value < 0:
        raise Fault("FB723", value=value)
    return math.sqrt(value)


def exp(x: float) -> float:
    return float(checked(portable.exp(x)))


def expm1(x: float) -> float:
    return float(checked(portable.expm1(x)))


def log(x: float) -> float:
    if x <= 0:
        raise Fault("FB723", value=x)
    return portable.log(x)


def log1p(x: float) -> float:
    if x <= -1:
        raise Fault("FB723", value=x)
    return portable.log1p(x)


def real_power(x: float, y: float) -> float:
    if x <= 0:
        raise Fault("FB723", value=f"a base of {x}")
    return float(checked(portable.pow(x, y)))


def _positive(step: float) -> float:
    if step <= 0:
        raise Fault("FB723", value=f"a step of {step}")
    return step


def lots(quantity: float, step: float) -> int:
    return int(checked(math.floor(checked(quantity / _positive(step)) + LOT_SLACK)))


@lru_cache(maxsize=1024)
def decimal_of(step: float) -> tuple[int, int]:
    exact = Fraction(repr(step))
    return exact.numerator, exact.denominator


def floor_to(quantity: float, step: float) -> float:
    count = lots(quantity, step)
    above, below = decimal_of(float(step))
    return float(checked(count * above / below))


def add_seconds(moment: int, seconds: float) -> int:
    return int(checked(moment + round(checked(seconds * MICROSECONDS))))


def subtract_seconds(moment: int, seconds: float) -> int:
    return int(checked(moment - round(checked(seconds * MICROSECONDS))))


def seconds_between(later: int, earlier: int) -> float:
    return (later - earlier) / MICROSECONDS


def total(values: tuple[Any, ...]) -> Any:
    """A plain loop from the left, so that every interpreter adds in the same order."""
    result: Any = 0
    if values and type(values[0]) is float:  # what is not finite stays so up to the end
        for value in values:
            result += value
        return checked(result)
    for value in values:
        result = checked(result + value)
    return result


def mean(values: tuple[float, ...]) -> float | None:
    return divide(total(values), len(values)) if values else None


def slope(xs: tuple[float, ...], ys: tuple[float, ...]) -> float | None:
    """By the method of least squares; absent where no two of the xs differ."""
    if len(xs) != len(ys):
        raise Fault("FB723", value=f"lists of {len(xs)} and {len(ys)} items")
    if not xs:
        return None
    left, right = divide(total(xs), len(xs)), divide(total(ys), len(ys))
    across = tuple([checked(x - left) for x in xs])
    together = total(tuple([checked(dx * checked(y - right)) for dx, y in zip(across, ys, strict=True)]))
    return ratio(together, total(tuple([checked(dx * dx) for dx in across])))


def first(values: tuple[Any, ...]) -> Any:
    return values[0] if values else None


def ratio(above: float, below: float) -> float | None:
    return divide(above, below) if below else None


def union(left: tuple[Any, ...], right: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(dict.fromkeys(left + right))


def jaccard(left: tuple[Any, ...], right: tuple[Any, ...]) -> float:
    both, either = frozenset(left) & frozenset(right), frozenset(left) | frozenset(right)
    return len(both) / len(either) if either else 1.0


def cumulative(values: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(accumulate(values, add))


def argmax(values: tuple[Any, ...], tolerance: float = 0) -> int:
    """The index of the first value within the tolerance of the greatest; their difference may be infinite."""
    if tolerance < 0:
        raise Fault("FB723", value=f"a tolerance of {tolerance}")
    highest = max(values)
    index = 0
    while highest - values[index] > tolerance:
        index += 1
    return index


def least(values: tuple[Any, ...]) -> Any:
    return min(values, default=None)


def greatest(values: tuple[Any, ...]) -> Any:
    return max(values, default=None)


def at(values: tuple[Any, ...], index: int) -> Any:
    return values[index]


def mapped(pairs: tuple[Any, ...]) -> tuple[Any, ...]:
    """A map from its keys and values, in whatever order they come."""
    found = tuple(sorted(pairs, key=_KEY))
    for (key, _), (other, _) in pairwise(found):
        if key == other:
            raise Fault("FB730", key=show(key))
    return found


def lookup(pairs: tuple[Any, ...], key: str) -> Any:
    """What a map has under a key; absent where it has nothing."""
    index = bisect_left(pairs, key, key=_KEY)
    return pairs[index][1] if index < len(pairs) and pairs[index][0] == key else None


def has_key(key: str, pairs: tuple[Any, ...]) -> bool:
    index = bisect_left(pairs, key, key=_KEY)
    return bool(index < len(pairs) and pairs[index][0] == key)


def greatest_key(pairs: tuple[Any, ...], tolerance: float = 0) -> Any:
    """As `argmax`, of a map; absent where it is empty."""
    values = tuple([value for _, value in pairs])
    return pairs[argmax(values, tolerance)][0] if values or tolerance < 0 else None


def prefix(values: tuple[Any, ...], length: int) -> tuple[Any, ...]:
    return values[: max(length, 0)]


OPERATIONS: Mapping[str, Callable[..., Any]] = {
    "number": number,
    "add": add,
    "subtract": subtract,
    "multiply": multiply,
    "divide": divide,
    "floor_divide": floor_divide,
    "modulo": modulo,
    "power": power,
    "negate": negate,
    "not": lambda value: not value,
    "lt": lambda left, right: left < right,
    "le": lambda left, right: left <= right,
    "gt": lambda left, right: left > right,
    "ge": lambda left, right: left >= right,
    "eq": lambda left, right: left == right,
    "ne": lambda left, right: left != right,
    "in": lambda value, values: value in values,
    "at": at,
    "map": mapped,
    "lookup": lookup,
    "has_key": has_key,
    "keys": lambda pairs: tuple([key for key, _ in pairs]),
    "values": lambda pairs: tuple([value for _, value in pairs]),
    "greatest_key": greatest_key,
    "prefix": prefix,
    "add_seconds": add_seconds,
    "subtract_seconds": subtract_seconds,
    "seconds_between": seconds_between,
    "abs": abs,
    "min": smallest,
    "max": largest,
    "clamp": clamp,
    "floor": _whole(math.floor),
    "ceil": _whole(math.ceil),
    "trunc": _whole(math.trunc),
    "round": _whole(round),
    "sign": sign,
    "sqrt": sqrt,
    "exp": exp,
    "expm1": expm1,
    "log": log,
    "log1p": log1p,
    "tanh": portable.tanh,
    "pow": real_power,
    "lots": lots,
    "floor_to": floor_to,
    "ratio": ratio,
    "day": day,
    "union": union,
    "jaccard": jaccard,
    "cumulative": cumulative,
    "slope": slope,
    "brier": calibration.brier,
    "brier_reliability": calibration.reliability,
    "brier_resolution": calibration.resolution,
    "brier_uncertainty": calibration.uncertainty,
    "calibration_error": calibration.calibration_error,
    "argmax": argmax,
    "all": all,
    "any": any,
    "sum": total,
    "count": len,
    "mean": mean,
    "first": first,
    "least": least,
    "greatest": greatest,
}
