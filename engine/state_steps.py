"""What each state function does in one step, but for windows: from what it kept, to what it keeps and its value.

A step gets what was kept, `now` in microseconds (absent where the pack has none) and its arguments. It changes nothing.
"""

from __future__ import annotations

import math
from typing import Any

from .faults import Fault
from .operations import MICROSECONDS, checked
from .windows import length

_LN2 = 0.6931471805599453
_TERMS = 16  # of the series, which ends far below the last digit
_VANISHES = 1100.0  # halvings after which nothing is left of any double


def held(began: int | None, now: int, condition: bool) -> tuple[int | None, float]:
    if not condition:
        return None, 0.0
    began = now if began is None else began
    return began, (now - began) / MICROSECONDS


def streak(count: int, _now: int | None, condition: bool) -> tuple[int, int]:
    count = count + 1 if condition else 0
    return count, count


def since(last: int | None, now: int, condition: bool) -> tuple[int | None, float | None]:
    last = now if condition else last
    return last, None if last is None else (now - last) / MICROSECONDS


def latch(is_set: bool, _now: int | None, sets: bool, resets: bool) -> tuple[bool, bool]:
    is_set = sets or (is_set and not resets)
    return is_set, is_set


def changed(before: tuple[Any] | None, _now: int | None, value: Any) -> tuple[tuple[Any], bool]:
    return (value,), before is not None and before[0] != value


def total(so_far: Any, _now: int | None, value: Any) -> tuple[Any, Any]:
    so_far = so_far if value is None else checked(so_far + value)
    return so_far, so_far


def ewma(before: float | None, _now: int | None, value: float | None, alpha: float) -> tuple[Any, float | None]:
    if not 0 < alpha <= 1:
        raise Fault("FB723", value=f"alpha {alpha:.15g}")
    after = _towards(before, value, alpha)
    return after, after


def ewma_by_count(before: Any, _now: int | None, value: float | None, half_life: float) -> tuple[Any, float | None]:
    after = _towards(before, value, 1 - halved(1 / _positive(half_life)))
    return after, after


def ewma_by_time(before: Any, now: int, value: float | None, half_life: float) -> tuple[Any, float | None]:
    """What was kept is the time of the last present argument, and the value."""
    halvings = _positive(half_life)
    if value is None:
        return before, None if before is None else before[1]
    if before is None:
        return (now, value), value
    share = 1 - halved((now - before[0]) / MICROSECONDS / halvings)
    after = _towards(before[1], value, share)
    return (now, after), after


def _positive(half_life: float) -> float:
    if half_life > 0:
        return half_life
    raise Fault("FB723", value=f"a half-life of {half_life:.15g}")


def _towards(before: float | None, value: float | None, share: float) -> float | None:
    if before is None or value is None:
        return before if value is None else value
    return float(checked(before + share * (value - before)))


def halved(times: float) -> float:
    """2 ** -times, by additions and multiplications alone, which round alike on every machine."""
    if times > _VANISHES:
        return 0.0
    whole = math.floor(times + 0.5)
    part = (whole - times) * _LN2
    found = 1.0
    for term in range(_TERMS, 0, -1):
        found = 1.0 + part * found / term
    return math.ldexp(found, -whole)


def wilder_mean(
    kept: tuple[int, float] | None, _now: int | None, value: float | None, window: float
) -> tuple[Any, float | None]:
    """How many there were, up to the window, with their sum; with their mean once it is full."""
    size = length(window)
    count, held = kept or (0, 0.0)
    if value is not None and count < size:
        count, held = count + 1, checked(held + value)
        held = held / size if count == size else held
    elif value is not None:
        held = checked(held + (value - held) / size)
    return (count, held) if count else None, held if count == size else None


def running_mean(kept: tuple[int, float] | None, _now: int | None, value: float | None) -> tuple[Any, float | None]:
    """Welford's update of a count and a mean."""
    count, middle = kept or (0, 0.0)
    if value is None:
        return kept, None if kept is None else middle
    count += 1
    middle = float(checked(middle + (value - middle) / count))
    return (count, middle), middle


def running_covariance(
    kept: tuple[int, float, float, float] | None, _now: int | None, left: float | None, right: float | None
) -> tuple[Any, float | None]:
    """Count, both means, and the sum of the products of deviations."""
    count, left_mean, right_mean, products = kept or (0, 0.0, 0.0, 0.0)
    if left is not None and right is not None:
        count += 1
        apart = left - left_mean
        left_mean = float(checked(left_mean + apart / count))
        right_mean = float(checked(right_mean + (right - right_mean) / count))
        products = float(checked(products + apart * (right - right_mean)))
        kept = (count, left_mean, right_mean, products)
    return kept, checked(products / (count - 1)) if count > 1 else None
