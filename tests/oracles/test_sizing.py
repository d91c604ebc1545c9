"""Formulas that stand in packs, and rounding to lots, against scipy and the decimal numbers of the standard library."""

from __future__ import annotations

import math
from decimal import ROUND_FLOOR, Decimal
from functools import cache
from random import Random

import pytest

import flyball
from flyball.engine import operations
from flyball.tests.oracles.library import library

optimize = library("scipy.optimize")

EQUITY = 1e12
PROPOSAL = {"side": "LONG", "entry_price": 1000.0, "equity": EQUITY}
ROOMS = {"leverage_room": 1e15, "bucket_room": 1e15, "adv_room": 1e13}


@cache
def sizing() -> flyball.Policy:
    return flyball.load("position_sizing", parameters={"kelly_fraction": 0.01, "per_trade_risk_bps": 200})


@pytest.mark.parametrize("seed", range(200))
def test_kelly_is_the_share_under_which_capital_grows_fastest(seed: int) -> None:
    """A hundredth of it is staked, so that nothing else cuts; where no share lets capital grow, nothing is."""
    draw = Random(seed)
    p, reward = draw.uniform(0.05, 0.95), draw.uniform(0.2, 5)
    best = optimize.minimize_scalar(
        lambda share: -(p * math.log1p(reward * share) + (1 - p) * math.log1p(-share)),
        bounds=(0, 1 - 1e-9),
        method="bounded",
        options={"xatol": 1e-12},
    ).x
    snapshot = {**PROPOSAL, **ROOMS, "stop_price": 999.0, "target_price": 1000.0 + reward, "p_win": p}
    decision = sizing().decide(snapshot)
    assert decision.status == "ok"
    assert decision["shares"] / EQUITY * 100 == pytest.approx(best, abs=1e-6)
    assert ("nothing_left" in decision.fired) == (p * reward <= 1 - p)


@cache
def liquidity(coefficient: float) -> flyball.Policy:
    return flyball.load("liquidity", parameters={"impact_coefficient": coefficient})


@pytest.mark.parametrize("seed", range(100))
def test_the_cost_of_an_order_is_exact(seed: int) -> None:
    """Half the spread and the root of the order's share of volume, in decimals of fifty digits."""
    draw = Random(seed)
    bid, volume = draw.uniform(1, 500), draw.uniform(1e6, 1e10)
    given = {"bid": bid, "ask": bid * draw.uniform(1, 1.02), "adv_usd": volume, "daily_vol": draw.uniform(0, 0.2)}
    order, coefficient = volume * draw.uniform(0, 0.02), draw.choice([0.5, 1.0, 1.7])
    exact = {name: Decimal(value) for name, value in given.items()}
    half = (exact["ask"] - exact["bid"]) / (exact["ask"] + exact["bid"])
    share = (Decimal(order) / exact["adv_usd"]).sqrt()
    cost = (half + Decimal(coefficient) * exact["daily_vol"] * share) * 10_000
    decision = liquidity(coefficient).decide({**given, "instrument": "STOCK", "order_notional": order})
    assert decision["execution_cost_bps"] == pytest.approx(float(cost), rel=1e-12)


@pytest.mark.parametrize("seed", range(300))
def test_lots_and_ticks_are_those_of_decimals(seed: int) -> None:
    """Of decimals as they are written, where doubles are a hair's breadth off: 0.3 holds three steps of 0.1."""
    draw = Random(seed)
    step = Decimal(draw.choice(["0.01", "0.05", "0.1", "0.25", "0.001", "1", "100", "0.3", "0.7", "2.5"]))
    quantity = Decimal(draw.randint(0, 100_000)) / 1000
    count = (quantity / step).to_integral_value(ROUND_FLOOR)
    assert operations.lots(float(quantity), float(step)) == count
    assert operations.floor_to(float(quantity), float(step)) == float(count * step)
