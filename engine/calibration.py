"""How good forecasts of a probability were: the Brier score, its parts, and the calibration error.

Outcomes are probabilities too, as a rule 1 (it came so) and 0. Bins are of equal width; a forecast on the edge of two
is in the lower one. Sums go from the left, those over bins from the lowest bin.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from .faults import Fault

Series = Sequence[float]


class Bin(NamedTuple):
    """What is in a bin: how many forecasts, their mean, and that of their outcomes."""

    size: int
    forecast: float
    outcome: float


def brier(forecasts: Series, outcomes: Series) -> float | None:
    _check(forecasts, outcomes)
    if not forecasts:
        return None
    return _mean([(forecast - outcome) ** 2 for forecast, outcome in zip(forecasts, outcomes, strict=True)])


def reliability(forecasts: Series, outcomes: Series, bins: int) -> float | None:
    filled = _filled(forecasts, outcomes, bins)
    return _weighted(filled, [(each.forecast - each.outcome) ** 2 for each in filled])


def resolution(forecasts: Series, outcomes: Series, bins: int) -> float | None:
    filled = _filled(forecasts, outcomes, bins)
    usual = _mean(outcomes) if filled else 0.0
    return _weighted(filled, [(each.outcome - usual) ** 2 for each in filled])


def uncertainty(outcomes: Series) -> float | None:
    _check(outcomes, outcomes)
    usual = _mean(outcomes) if outcomes else None
    return None if usual is None else usual * (1 - usual)


def calibration_error(forecasts: Series, outcomes: Series, bins: int) -> float | None:
    filled = _filled(forecasts, outcomes, bins)
    return _weighted(filled, [abs(each.forecast - each.outcome) for each in filled])


def _check(forecasts: Series, outcomes: Series) -> None:
    if len(forecasts) != len(outcomes):
        raise Fault("FB723", value=f"lists of {len(forecasts)} and {len(outcomes)} items")
    for value in (*forecasts, *outcomes):
        if not 0 <= value <= 1:
            raise Fault("FB723", value=f"a probability of {value:.15g}")


def _filled(forecasts: Series, outcomes: Series, bins: int) -> list[Bin]:
    """The bins that are not empty, from the lowest one."""
    _check(forecasts, outcomes)
    if bins < 1:
        raise Fault("FB723", value=f"{bins} bins")
    found: dict[int, list[tuple[float, float]]] = {}
    for pair in zip(forecasts, outcomes, strict=True):
        found.setdefault(_bin(pair[0], bins), []).append(pair)
    return [
        Bin(len(pairs), _mean([forecast for forecast, _ in pairs]), _mean([outcome for _, outcome in pairs]))
        for _, pairs in sorted(found.items())
    ]


def _bin(forecast: float, bins: int) -> int:
    """Which bin a forecast is in, whose upper edge it may be; the product alone would round over edges."""
    index = max(math.ceil(forecast * bins) - 1, 0)
    if forecast <= index / bins:
        return max(index - 1, 0)
    return index + (forecast > (index + 1) / bins)


def _weighted(filled: Sequence[Bin], values: Series) -> float | None:
    """The mean of a value of each bin, by how many forecasts are in it."""
    count = sum(each.size for each in filled)
    return _sum([each.size * value for each, value in zip(filled, values, strict=True)]) / count if count else None


def _mean(values: Series) -> float:
    return _sum(values) / len(values)


def _sum(values: Series) -> float:
    """A plain loop; the builtin rounds otherwise in later versions of Python."""
    found = 0.0
    for value in values:
        found += value
    return found


__all__ = ["brier", "calibration_error", "reliability", "resolution", "uncertainty"]
