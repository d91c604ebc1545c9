"""durable-rules: the account is asserted as a fact and retracted, each symbol is posted as an event."""

from __future__ import annotations

from itertools import count
from typing import Any

from durable.lang import get_host  # type: ignore[import-not-found]

from .common import Answer, Decide, Drawdown, Engine, Snapshot, same
from .effects import outcome

Condition = dict[str, Any]


def both(*conditions: Condition) -> Condition:
    return {"$and": list(conditions)}


HIGH, CALM = {"volatility": "HIGH"}, {"$or": [{"volatility": "LOW"}, {"volatility": "NORMAL"}]}
TRENDING, RANGING = {"regime": "TRENDING"}, {"regime": "RANGING"}
CONDITIONS: dict[str, Condition] = {
    "extreme_volatility": {"volatility": "EXTREME"},
    "too_many_positions": {"$gte": {"risk.open_positions": 8}},
    "too_much_exposure": {"$gte": {"risk.exposure_pct": 15.0}},
    "costly_market": {"$or": [{"costs.spread": "HIGH"}, {"costs.slippage": "HIGH"}]},
    "losing_streak": {"$gte": {"risk.losing_streak": 5}},
    "regime.trending_high": both(TRENDING, HIGH),
    "regime.trending": both(TRENDING, CALM),
    "regime.ranging_high": both(RANGING, HIGH),
    "regime.ranging": both(RANGING, CALM),
    "weak_ensemble": {"$lt": {"ensemble_quality": 0.4}},
}


def build(drawdown: Condition) -> Decide:
    fired: list[str] = []
    bad: list[str] = []
    good: list[str] = []

    def rule(name: str, condition: Condition) -> dict[str, Any]:
        def run(_: Any) -> None:
            fired.append(name)

        return {"all": [{"m": condition}], "run": run}

    def tagged(condition: Condition, symbols: list[str]) -> dict[str, Any]:
        def run(context: Any) -> None:
            symbols.append(context.m.symbol)

        return {"all": [{"m": condition}], "run": run}

    host = get_host()
    rules = {"daily_drawdown": drawdown, **CONDITIONS}
    host.set_rulesets({"account": {f"r_{i}": rule(*each) for i, each in enumerate(rules.items())}})
    host.set_rulesets({"symbols": {"r_0": tagged({"tag": "BAD"}, bad), "r_1": tagged({"$neq": {"tag": "BAD"}}, good)}})
    numbers = count()

    def decide(snapshot: Snapshot) -> Answer:
        fired.clear()
        bad.clear()
        good.clear()
        fact = {**snapshot, "id": str(next(numbers))}
        symbols = fact.pop("symbols")
        host.assert_fact("account", fact)
        host.retract_fact("account", fact)
        for symbol in symbols:
            host.post("symbols", {**symbol, "id": str(next(numbers))})
        return outcome(fired, list(good), list(bad))

    return decide


WHEN = {"$lte": {"risk.daily_pnl_pct": -3.0}}
ENGINES = {
    "durable_rules": Engine(
        drawdown=Drawdown(
            WHEN, {"$lte": {"risk.daily_pln_pct": -3.0}}, {"$lte": {"$lte": {"risk.daily_pnl_pct": -3.0}}}
        ),
        build=build,
        answer=same,
        share=4,
    )
}
