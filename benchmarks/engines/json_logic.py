"""json-logic-qubit: one rule for each fact, then one for each output."""

from __future__ import annotations

from typing import Any

from json_logic import jsonLogic  # type: ignore[import-not-found]

from .common import Answer, Decide, Drawdown, Engine, Snapshot, same

Logic = Any


def var(name: str) -> Logic:
    return {"var": name}


def when(fact: str, then: Logic, other: Logic) -> Logic:
    return {"if": [var(fact), then, other]}


def by_regime(trending_high: Logic, trending: Logic, ranging_high: Logic, ranging: Logic, held: Logic) -> Logic:
    rows = when("trending", when("high", trending_high, trending), when("high", ranging_high, ranging))
    return when("hard", held, rows)


def symbols(test: str) -> Logic:
    return {"map": [{"filter": [var("symbols"), {test: [var("tag"), "BAD"]}]}, var("symbol")]}


CONDITIONS: dict[str, Logic] = {
    "extreme": {"==": [var("volatility"), "EXTREME"]},
    "high": {"==": [var("volatility"), "HIGH"]},
    "trending": {"==": [var("regime"), "TRENDING"]},
    "crowded": {">=": [var("risk.open_positions"), 8]},
    "exposed": {">=": [var("risk.exposure_pct"), 15.0]},
    "hard": {"or": [var("drawdown"), var("extreme")]},
    "streak": {"and": [{"!": var("hard")}, {">=": [var("risk.losing_streak"), 5]}]},
    "costly": {"and": [
        {"!": var("hard")},
        {"or": [{"==": [var("costs.spread"), "HIGH"]}, {"==": [var("costs.slippage"), "HIGH"]}]},
    ]},
    "weak": {"and": [{"!": var("hard")}, {"<": [var("ensemble_quality"), 0.4]}]},
}  # fmt: skip
OUTPUTS: dict[str, Logic] = {
    "allow_new_trades": {"!": {"or": [var("hard"), var("crowded"), var("exposed")]}},
    "risk_profile": when("hard", "NO_NEW_TRADES", {"if": [{"or": [var("streak"), var("high")]}, "REDUCED", "NORMAL"]}),
    "max_risk_pct": {"*": [by_regime(0.5, 1.0, 0.35, 0.7, 1.0), when("streak", 0.3, 1.0)]},
    "min_confidence": {"min": [1.0, {"max": [0.0, {"+": [
        0.5,
        when("costly", 0.03, 0.0),
        when("streak", 0.05, 0.0),
        by_regime(0.03, -0.03, 0.08, 0.05, 0.0),
        when("weak", 0.05, 0.0),
    ]}]}]},
    "entry_mode": {"if": [
        {"or": [var("costly"), var("streak")]}, "DEFENSIVE",
        by_regime("NORMAL", "AGGRESSIVE", "DEFENSIVE", "DEFENSIVE", "NORMAL"),
    ]},
    "exit_mode": by_regime("TREND_FOLLOW", "TREND_FOLLOW", "FAST_TP", "FAST_TP", "TREND_FOLLOW"),
    "allowed_symbols": symbols("!="),
    "disallowed_symbols": symbols("=="),
    "fired": {"merge": [
        when("drawdown", ["daily_drawdown"], []),
        when("extreme", ["extreme_volatility"], []),
        when("crowded", ["too_many_positions"], []),
        when("exposed", ["too_much_exposure"], []),
        when("costly", ["costly_market"], []),
        when("streak", ["losing_streak"], []),
        when("weak", ["weak_ensemble"], []),
        by_regime(["regime.trending_high"], ["regime.trending"], ["regime.ranging_high"], ["regime.ranging"], []),
    ]},
}  # fmt: skip


def build(drawdown: Logic) -> Decide:
    conditions = {"drawdown": drawdown, **CONDITIONS}

    def decide(snapshot: Snapshot) -> Answer:
        facts = dict(snapshot)
        for name, condition in conditions.items():
            facts[name] = jsonLogic(condition, facts)
        return {name: jsonLogic(logic, facts) for name, logic in OUTPUTS.items()}

    return decide


ENGINES = {
    "json_logic": Engine(
        drawdown=Drawdown(
            {"<=": [var("risk.daily_pnl_pct"), -3.0]},
            {"<=": [var("risk.daily_pln_pct"), -3.0]},
            {"<= <=": [var("risk.daily_pnl_pct"), -3.0]},
        ),
        build=build,
        answer=same,
        share=2,
    )
}
