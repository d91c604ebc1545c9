"""The Brier score, its parts and the calibration error against scikit-learn."""

from __future__ import annotations

from random import Random

import pytest

from flyball.engine import calibration
from flyball.engine.operations import jaccard
from flyball.tests.oracles.library import library

np = library("numpy")
curves = library("sklearn.calibration")
metrics = library("sklearn.metrics")

EXACT = 1e-12


def forecasts(draw: Random) -> tuple[list[float], list[float]]:
    """Forecasts that may be sure, bunched or anywhere, and outcomes of both kinds."""
    size = draw.randint(2, 300)
    made = [draw.choice([draw.random(), draw.betavariate(0.5, 0.5), 0.0, 1.0, 0.25]) for _ in range(size)]
    came = [float(draw.random() < each) for each in made]
    return made, [0.0, 1.0, *came[2:]]


@pytest.mark.parametrize("seed", range(200))
def test_the_brier_score_is_that_of_scikit_learn(seed: int) -> None:
    made, came = forecasts(Random(seed))
    assert calibration.brier(made, came) == pytest.approx(metrics.brier_score_loss(came, made), abs=EXACT)


@pytest.mark.parametrize("seed", range(200))
def test_bins_are_those_of_the_calibration_curve(seed: int) -> None:
    """From its points, and how many forecasts each stands for, come the reliability and the calibration error."""
    draw = Random(seed)
    made, came = forecasts(draw)
    bins = draw.choice([1, 2, 4, 5, 8, 10, 16, 20])
    frequency, forecast = curves.calibration_curve(came, made, n_bins=bins, strategy="uniform")
    edges = np.linspace(0, 1, bins + 1)
    sizes = np.bincount(np.searchsorted(edges[1:-1], made), minlength=bins)
    sizes = sizes[sizes > 0]
    error = np.average(np.abs(forecast - frequency), weights=sizes)
    assert calibration.calibration_error(made, came, bins) == pytest.approx(error, abs=EXACT)
    reliable = np.average((forecast - frequency) ** 2, weights=sizes)
    assert calibration.reliability(made, came, bins) == pytest.approx(reliable, abs=EXACT)
    resolved = np.average((frequency - np.mean(came)) ** 2, weights=sizes)
    assert calibration.resolution(made, came, bins) == pytest.approx(resolved, abs=EXACT)
    assert calibration.uncertainty(came) == pytest.approx(np.var(came), abs=EXACT)


@pytest.mark.parametrize("seed", range(200))
def test_the_parts_make_up_the_score_of_scikit_learn(seed: int) -> None:
    """Murphy's partition, which is exact where the forecasts of a bin are equal."""
    draw = Random(seed)
    size = draw.randint(2, 300)
    made = [draw.randint(0, 20) / 20 for _ in range(size)]
    came = [0.0, 1.0, *(float(draw.random() < each) for each in made[2:])]
    reliable, resolved = (part(made, came, 40) for part in (calibration.reliability, calibration.resolution))
    usual = calibration.uncertainty(came)
    assert reliable is not None and resolved is not None and usual is not None
    assert reliable - resolved + usual == pytest.approx(metrics.brier_score_loss(came, made), abs=EXACT)


@pytest.mark.parametrize("bins", [1, 2, 3, 7, 10, 20, 1000])
def test_an_edge_is_in_the_lower_bin(bins: int) -> None:
    """For every edge, as it is written in decimals or computed; 0 is in the lowest bin."""
    for edge in range(1, bins + 1):
        assert calibration._bin(edge / bins, bins) == edge - 1
        assert calibration._bin(float(np.nextafter(edge / bins, 0)), bins) == edge - 1
        if edge < bins:
            assert calibration._bin(float(np.nextafter(edge / bins, 2)), bins) == edge
    assert calibration._bin(0.0, bins) == 0


@pytest.mark.parametrize("seed", range(100))
def test_likeness_of_sets_is_that_of_scikit_learn(seed: int) -> None:
    draw = Random(seed)
    left, right = ({each for each in range(8) if draw.random() < 0.5} | {each % 8} for each in (seed, seed // 8))
    inside = [[float(each in one) for each in range(8)] for one in (left, right)]
    assert jaccard(tuple(left), tuple(right)) == metrics.jaccard_score(*inside)
