"""What a correct checker cannot leave out, written by hand as tight as it goes: it reads, checks, and decides nothing.

The benchmarks time it beside the decisions, to show how much of the time they have is left for deciding: every value is
of its exact type, every member known, every number finite and in its range, every key expected and none of a list there
twice. Names that stay are known again by their bytes, as the generated code knows them.
"""

from __future__ import annotations

from typing import Any

import orjson

LEVELS = {"NORMAL": 0, "HIGH": 1}
REGIMES = {"TRENDING": 0, "RANGING": 1}
VOLATILITIES = {"LOW": 0, "NORMAL": 1, "HIGH": 2, "EXTREME": 3}
TAGS = {"GOOD": 0, "NEUTRAL": 1, "BAD": 2}
BOOKS = {"LT": 0, "ST": 1}
SIDES = {"LONG": 0, "SHORT": 1}
MODES = {"NORMAL": 0, "DERISK": 1}
LARGEST = 1.7976931348623157e308
EXACTLY = orjson.OPT_PASSTHROUGH_DATACLASS | orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_PASSTHROUGH_SUBCLASS

known = b""


def orchestrator(snapshot: dict[str, Any]) -> None:
    """Raises where a snapshot of the orchestrator is not in order. All optional inputs are to be there."""
    global known  # noqa: PLW0603  nothing is faster
    if type(snapshot) is not dict or len(snapshot) != 6:
        raise ValueError
    names = (snapshot["costs"], snapshot["regime"], snapshot["volatility"], snapshot["symbols"])
    key = orjson.dumps(names, None, EXACTLY)
    if key != known:
        _names(*names)
        known = key
    quality = snapshot["ensemble_quality"]
    if type(quality) is not float or not (quality >= 0.0 and quality <= 1.0):
        raise ValueError
    risk = snapshot["risk"]
    if type(risk) is not dict or len(risk) != 4:
        raise ValueError
    pnl = risk["daily_pnl_pct"]
    if type(pnl) is not float or not (pnl >= -100.0 and pnl <= 1000.0):
        raise ValueError
    exposure = risk["exposure_pct"]
    if type(exposure) is not float or not (exposure >= 0.0 and exposure <= 10000.0):
        raise ValueError
    streak = risk["losing_streak"]
    if type(streak) is not int or not (streak >= 0 and streak <= 10000):
        raise ValueError
    positions = risk["open_positions"]
    if type(positions) is not int or not (positions >= 0 and positions <= 10000):
        raise ValueError


def _names(costs: Any, regime: Any, volatility: Any, symbols: Any) -> None:
    if type(costs) is not dict or len(costs) != 2 or type(symbols) is not list or len(symbols) > 500:
        raise ValueError
    _ = LEVELS[costs["spread"]], LEVELS[costs["slippage"]], REGIMES[regime], VOLATILITIES[volatility]
    tags = {}
    for row in symbols:
        if type(row) is not dict or len(row) != 2:
            raise ValueError
        symbol = row["symbol"]
        if type(symbol) is not str or len(symbol) > 256:
            raise ValueError
        symbol.encode()
        tags[symbol] = TAGS[row["tag"]]
    if len(tags) != len(symbols):
        raise ValueError


def band_drift(snapshot: dict[str, Any]) -> None:
    """Raises where a snapshot of `band_drift` is not in order."""
    if type(snapshot) is not dict or len(snapshot) != 6:
        raise ValueError
    now, equity, exposure = snapshot["now"], snapshot["equity"], snapshot["gross_exposure"]
    if type(now) is not float or not now.is_integer():
        raise ValueError
    if type(equity) is not float or not (equity >= 0.01 and equity <= 1e12):
        raise ValueError
    if type(exposure) is not float or not (exposure >= 0.0 and exposure <= 10000.0):
        raise ValueError
    _ = MODES[snapshot["mode"]]
    rows = snapshot["positions"]
    if type(snapshot["risk_checks_passed"]) is not bool or type(rows) is not list or len(rows) > 500:
        raise ValueError
    keys = set()
    for row in rows:
        if type(row) is not dict or len(row) != 7:
            raise ValueError
        price = row["mark_price"]
        if type(price) is not float or not (price >= 0.0001 and price <= 1e7):
            raise ValueError
        quantity = row["quantity"]
        if type(quantity) is not float or not (quantity >= 0.0 and quantity <= 1e9):
            raise ValueError
        tick = row["truth_tick"]
        if type(tick) is not float or not (tick >= 0.0001 and tick <= 1e7):
            raise ValueError
        pnl = row["unrealized_pnl"]
        if type(pnl) is not float or not (pnl >= -LARGEST and pnl <= LARGEST):
            raise ValueError
        symbol = row["symbol"]
        if type(symbol) is not str or len(symbol) > 256 or not symbol.isascii():
            raise ValueError
        _ = SIDES[row["side"]]
        keys.add((BOOKS[row["bucket"]], symbol))
    if len(keys) != len(rows):
        raise ValueError
