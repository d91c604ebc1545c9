"""State functions against pandas, TA-Lib, river and scipy, over runs with gaps."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from random import Random
from typing import Any

import pytest

from flyball.engine import operations
from flyball.engine.state_functions import STATE_FUNCTIONS
from flyball.tests.oracles.library import library

pandas = library("pandas")
river = library("river.stats")
scipy = library("scipy.stats")
talib = library("talib")
np = library("numpy")

CLOSE = 1e-9
SECOND = 1_000_000
SEEDS = range(6)


def series(draw: Random, size: int = 400, gaps: float = 0.0) -> list[float | None]:
    """A random walk, with stretches on which it stands still."""
    found, value = [], draw.uniform(50, 150)
    for _ in range(size):
        value += draw.choice([0.0, draw.gauss(0, 1), draw.gauss(0, 1), draw.gauss(0, 5)])
        found.append(None if draw.random() < gaps else value)
    return found


def run(key: str, *columns: Sequence[Any], setting: Sequence[float] = (), times: Sequence[int] | None = None) -> Any:
    """The values of a state function along a run."""
    function = STATE_FUNCTIONS[key]
    kept, found = function.start, []
    for i, row in enumerate(zip(*columns, strict=True)):
        kept, value = function.step(kept, times[i] if times else i * SECOND, *row, *setting)
        found.append(value)
    return found


def agree(ours: Sequence[float | None], theirs: Sequence[float], least: int = 50, scale: float = 1.0) -> None:
    """The same values, absent at the same places; with so many of them at the least."""
    compared = 0
    for i, (mine, other) in enumerate(zip(ours, theirs, strict=True)):
        assert (mine is None) == math.isnan(other), i
        if mine is not None:
            assert mine == pytest.approx(other, rel=CLOSE, abs=CLOSE * scale), i
            compared += 1
    assert compared >= least


BY_COUNT: dict[str, Callable[[Any], Any]] = {
    "rolling_mean": lambda window: window.mean(),
    "rolling_sum": lambda window: window.sum(),
    "rolling_min": lambda window: window.min(),
    "rolling_max": lambda window: window.max(),
    "rolling_std": lambda window: window.std(),
    "rolling_median": lambda window: window.median(),
    "rolling_zscore": lambda window: window.apply(lambda values: scipy.zscore(values, ddof=1)[-1], raw=True),
    "change": lambda window: window.apply(lambda values: values[-1] - values[0], raw=True),
}


@pytest.mark.parametrize("name", BY_COUNT)
@pytest.mark.parametrize("seed", SEEDS)
def test_a_window_by_count_is_that_of_pandas(name: str, seed: int) -> None:
    draw = Random(seed)
    values = [each + draw.gauss(0, 0.01) for each in series(draw) if each is not None]
    size = draw.choice([2, 3, 20, 60])
    theirs = BY_COUNT[name](pandas.Series(values).rolling(size))
    agree(run(f"{name}.count", values, setting=(size,)), list(theirs), scale=100)


@pytest.mark.parametrize("name", BY_COUNT)
@pytest.mark.parametrize("seed", SEEDS)
def test_a_window_by_time_is_that_of_pandas(name: str, seed: int) -> None:
    draw = Random(seed)
    values = [each + draw.gauss(0, 0.01) for each in series(draw) if each is not None]
    times, now = [], 0
    for _ in values:
        now += draw.choice([SECOND // 4, SECOND, 5 * SECOND, 30 * SECOND])
        times.append(now)
    index = pandas.to_datetime(times, unit="us")
    least = 2 if name in ("rolling_std", "rolling_zscore") else 1
    theirs = BY_COUNT[name](pandas.Series(values, index=index).rolling("30s", min_periods=least))
    agree(run(f"{name}.time", values, setting=(30.0,), times=times), list(theirs), scale=100)


@pytest.mark.parametrize("seed", SEEDS)
def test_pairs_move_together_as_in_pandas(seed: int) -> None:
    draw = Random(seed)
    left = [each + draw.gauss(0, 0.01) for each in series(draw) if each is not None]
    right = [draw.choice([-1, 0.5]) * each + draw.gauss(0, 3) for each in left]
    window = pandas.Series(left).rolling(20)
    other = pandas.Series(right)
    agree(run("rolling_covariance.count", left, right, setting=(20,)), list(window.cov(other)), scale=1e4)
    agree(run("rolling_correlation.count", left, right, setting=(20,)), list(window.corr(other)))


@pytest.mark.parametrize("seed", SEEDS)
def test_weighted_means_are_those_of_pandas(seed: int) -> None:
    """What is absent is passed over; it weighs nothing, and does not age what was before."""
    draw = Random(seed)
    values = series(draw, gaps=0.2)
    column = pandas.Series(values, dtype="float64")
    by_alpha = column.ewm(alpha=0.2, adjust=False, ignore_na=True).mean()
    agree(run("ewma.alpha", values, setting=(0.2,)), list(by_alpha))
    by_half_life = column.ewm(halflife=3, adjust=False, ignore_na=True).mean()
    agree(run("ewma.count", values, setting=(3,)), list(by_half_life))


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("size", [1, 2, 14])
def test_the_average_true_range_is_that_of_ta_lib(seed: int, size: int) -> None:
    """From the second bar on, since the first has no close before it."""
    draw = Random(seed)
    closes = [abs(each) + 1 for each in series(draw) if each is not None]
    highs = [close + abs(draw.gauss(0, 1)) for close in closes]
    lows = [close - abs(draw.gauss(0, 1)) for close in closes]
    ranges = [
        None if i == 0 else max(high, closes[i - 1]) - min(low, closes[i - 1])
        for i, (high, low) in enumerate(zip(highs, lows, strict=True))
    ]
    theirs = talib.ATR(*(np.array(each) for each in (highs, lows, closes)), timeperiod=size)
    agree(run("wilder_mean.count", ranges, setting=(size,)), list(theirs))


@pytest.mark.parametrize("seed", SEEDS)
def test_running_moments_are_those_of_river(seed: int) -> None:
    draw = Random(seed)
    left = series(draw, gaps=0.1)
    right = [None if each is None else 0.3 * each + draw.gauss(0, 3) for each in series(draw, gaps=0.1)]
    mean, both = river.Mean(), river.Cov()
    means, products = [], []
    for x, y in zip(left, right, strict=True):
        if x is not None:
            mean.update(x)
        if x is not None and y is not None:
            both.update(x, y)
        means.append(mean.get() if mean.n else math.nan)
        products.append(both.get() if both.n > 1 else math.nan)
    agree(run("running_mean", left), means)
    agree(run("running_covariance", left, right), products, scale=1e4)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_slope_is_that_of_scipy(seed: int) -> None:
    draw = Random(seed)
    xs = tuple(draw.uniform(-10, 10) for _ in range(draw.randint(3, 50)))
    ys = tuple(draw.gauss(0, 1) + 0.7 * x for x in xs)
    assert operations.slope(xs, ys) == pytest.approx(scipy.linregress(xs, ys).slope, rel=CLOSE)
