"""`examples/market_history/continuous.py`: the accounts that it keeps, and the policy's record of them."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from types import ModuleType
from typing import Any

import pytest

import flyball

from .scripts import script

BARS = 500


@pytest.fixture(scope="module")
def continuous() -> ModuleType:
    return script("examples/market_history/continuous.py")


@pytest.fixture(scope="module")
def found(continuous: ModuleType) -> Any:
    google = next(each for each in continuous.read_stocks() if each.symbol == "GOOG")
    short = replace(google, bars=google.bars[:BARS], returns=google.returns[: BARS - 1])
    return continuous.run(short, flyball.load("continuous", environment=False))


def test_every_bar_is_decided_and_some_are_traded(found: Any) -> None:
    assert {each.status for each in found.decisions} == {"ok"}
    assert found.decisions[-1]["trade_count"] > 20


def test_an_order_is_filled_at_the_next_close(found: Any) -> None:
    """And the policy's turnover and number of trades are those of the account."""
    turned, trades = 0.0, 0
    for before, after in pairwise(found.decisions):
        turned += after["turnover"] - before["turnover"]
        trades += after["trade_count"] - before["trade_count"]
        assert (after["trade_count"] > before["trade_count"]) == before["trade"]
    assert found.decisions[-1]["turnover"] == pytest.approx(turned)
    assert found.decisions[-1]["trade_count"] == trades == sum(each["trade"] for each in found.decisions[:-1])


def test_two_orders_are_more_than_two_bars_apart(found: Any) -> None:
    """A fill is one bar after its order, and the cooldown is two bars after that."""
    bars = [bar for bar, each in enumerate(found.decisions) if each["trade"]]
    assert all(later - earlier > 3 for earlier, later in pairwise(bars))


def test_the_account_follows_the_target(found: Any) -> None:
    """No shorts, no leverage: it never earns or loses more than the price moved."""
    assert all(0 <= each["target_weight_final"] <= 1 for each in found.decisions)
    for (old, new), (was, now) in zip(pairwise(found.prices), pairwise(found.equities), strict=True):
        assert abs(now / was - 1) <= abs(new / old - 1) * 1.2 + 1e-9


def test_the_report_has_a_line_for_each_stock_and_explains_an_order(continuous: ModuleType, found: Any) -> None:
    lines = list(continuous.report([found], flyball.load("continuous", environment=False)))
    assert sum(line.startswith("GOOG ") for line in lines) == 1
    assert any("rebalance.exit: " in line or "rebalance.rebalance: " in line for line in lines)
