"""Windows: the last values of an argument, by count or by time, and what is made of them.

A window is a tuple of values, or of pairs of a time and a value; an older one is never changed. What it amounts to is
computed from the oldest to the newest on every step, so that no error adds up.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from .faults import Fault
from .operations import MICROSECONDS, checked

MAX_SAMPLES = 65_536
Step = Callable[..., tuple[Any, Any]]
Summary = Callable[[Sequence[Any]], Any]


def by_count(summary: Summary) -> Step:
    """The last values at which the argument was present; absent until there are as many as the window holds."""

    def step(kept: tuple[Any, ...], _now: int | None, value: Any, window: float) -> tuple[tuple[Any, ...], Any]:
        size = length(window)
        if value is not None:
            kept = (*kept, value)[-size:]
        return kept, summary(kept) if len(kept) == size else None

    return step


def by_time(summary: Summary) -> Step:
    """The values of `now - window < t <= now`."""

    def step(kept: tuple[Any, ...], now: int, value: Any, window: float) -> tuple[tuple[Any, ...], Any]:
        kept = recent(kept, now, window)
        if value is not None:
            kept = (*kept, (now, value))
        if len(kept) > MAX_SAMPLES:
            raise Fault("FB729", limit=MAX_SAMPLES)
        return kept, summary([each for _, each in kept])

    return step


def extreme_by_time(beats: Callable[[Any, Any], bool]) -> Step:
    """The one of the values of `now - window < t <= now` that beats all others.

    Only what can still become it is kept: a value goes when a newer one is there that it does not beat. So each that is
    kept beats those behind it, and the oldest is the one.
    """

    def step(kept: tuple[Any, ...], now: int, value: Any, window: float) -> tuple[tuple[Any, ...], Any]:
        kept = recent(kept, now, window)
        if value is not None:
            end = len(kept)
            while end and not beats(kept[end - 1][1], value):
                end -= 1
            kept = (*kept[:end], (now, value))
        if len(kept) > MAX_SAMPLES:
            raise Fault("FB729", limit=MAX_SAMPLES)
        return kept, kept[0][1] if kept else None

    return step


def length(window: float) -> int:
    if 1 <= window <= MAX_SAMPLES and (size := int(window)) == window:
        return size
    raise Fault("FB723", value=f"a window of {window:.15g}")


def recent(kept: tuple[Any, ...], now: int, window: float) -> tuple[Any, ...]:
    """What has not left the window yet; the oldest stand first."""
    if not window > 0:
        raise Fault("FB723", value=f"a window of {window:.15g} s")
    oldest = now - window * MICROSECONDS
    gone = 0
    while gone < len(kept) and kept[gone][0] <= oldest:
        gone += 1
    return kept[gone:] if gone else kept


def count_true(values: Sequence[bool]) -> int:
    return sum(values)


def total(values: Sequence[Any]) -> Any:
    """The sum from the left; the builtin rounds otherwise in later versions of Python."""
    found: Any = 0
    for each in values:
        found += each
    return checked(found)


def mean(values: Sequence[Any]) -> float | None:
    return float(total(values) / len(values)) if values else None


def least(values: Sequence[Any]) -> Any:
    return min(values, default=None)


def greatest(values: Sequence[Any]) -> Any:
    return max(values, default=None)


def median(values: Sequence[Any]) -> float | None:
    if not values:
        return None
    ordered, half = sorted(values), len(values) // 2
    if len(ordered) % 2:
        return float(ordered[half])
    return float(checked((ordered[half - 1] + ordered[half]) / 2))


def deviation(values: Sequence[Any]) -> float | None:
    """Of a sample: divided by one less than there are."""
    middle = mean(values)
    if middle is None or len(values) == 1:
        return None
    squares = 0.0
    for each in values:
        away = each - middle
        squares += away * away
    return math.sqrt(float(checked(squares / (len(values) - 1))))


def standing(values: Sequence[Any]) -> float | None:
    """How many deviations the newest value is above the mean; where none moves, rounding must not make one up."""
    if not values or min(values) == max(values):
        return None
    spread, middle = deviation(values), mean(values)
    assert middle is not None, "there are values"
    return float(checked((values[-1] - middle) / spread)) if spread else None


def difference(values: Sequence[Any]) -> Any:
    return checked(values[-1] - values[0]) if values else None


def covariance(pairs: Sequence[tuple[Any, Any]]) -> float | None:
    """Of a sample of pairs."""
    if len(pairs) < 2:
        return None
    left, right = (mean([pair[side] for pair in pairs]) for side in (0, 1))
    products = total([(a - left) * (b - right) for a, b in pairs])
    return float(checked(products / (len(pairs) - 1)))


def correlation(pairs: Sequence[tuple[Any, Any]]) -> float | None:
    """Absent where one of the two never moved; held to [-1, 1], which rounding may leave by a hair."""
    spreads = [deviation([pair[side] for pair in pairs]) for side in (0, 1)]
    if not spreads[0] or not spreads[1]:
        return None
    both = covariance(pairs)
    assert both is not None, "there are two pairs at least"
    return max(-1.0, min(1.0, both / spreads[0] / spreads[1]))


def paired(step: Step) -> Step:
    """A window over pairs, each of two arguments that are both present."""

    def pairs(kept: Any, now: int | None, left: Any, right: Any, window: float) -> tuple[Any, Any]:
        pair = None if left is None or right is None else (left, right)
        return step(kept, now, pair, window)

    return pairs
