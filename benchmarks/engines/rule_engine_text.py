"""rule-engine: typed conditions, compiled once, over flat values (its typed objects are attributes, not keys)."""

from __future__ import annotations

import rule_engine  # type: ignore[import-not-found]
from rule_engine import DataType

from .common import Answer, Decide, Drawdown, Engine, Snapshot, same
from .effects import outcome

WHEN = "daily_pnl_pct <= -3.0"
CONDITIONS = {
    "extreme_volatility": "volatility == 'EXTREME'",
    "too_many_positions": "open_positions >= 8",
    "too_much_exposure": "exposure_pct >= 15.0",
}
MODIFYING = {
    "costly_market": "spread == 'HIGH' or slippage == 'HIGH'",
    "losing_streak": "losing_streak >= 5",
    "regime.trending_high": "regime == 'TRENDING' and volatility == 'HIGH'",
    "regime.trending": "regime == 'TRENDING' and volatility in ['LOW', 'NORMAL']",
    "regime.ranging_high": "regime == 'RANGING' and volatility == 'HIGH'",
    "regime.ranging": "regime == 'RANGING' and volatility in ['LOW', 'NORMAL']",
    "weak_ensemble": "(ensemble_quality ?? 1.0) < 0.4",
}
TYPES = {
    "regime": DataType.STRING,
    "volatility": DataType.STRING,
    "ensemble_quality": DataType.NULLABLE(DataType.FLOAT),
    "spread": DataType.NULLABLE(DataType.STRING),
    "slippage": DataType.NULLABLE(DataType.STRING),
    "daily_pnl_pct": DataType.FLOAT,
    "losing_streak": DataType.FLOAT,
    "open_positions": DataType.FLOAT,
    "exposure_pct": DataType.FLOAT,
}
OPTIONAL = {"spread": None, "slippage": None, "ensemble_quality": None}


def build(drawdown: str) -> Decide:
    context = rule_engine.Context(
        resolver=rule_engine.resolve_item,
        type_resolver=rule_engine.type_resolver_from_dict(TYPES),
    )
    conditions = {"daily_drawdown": drawdown, **CONDITIONS}
    always = [(name, rule_engine.Rule(text, context=context)) for name, text in conditions.items()]
    modifying = [(name, rule_engine.Rule(text, context=context)) for name, text in MODIFYING.items()]
    item = rule_engine.Context(
        resolver=rule_engine.resolve_item,
        type_resolver=rule_engine.type_resolver_from_dict({"tag": DataType.STRING, "symbol": DataType.STRING}),
    )
    bad = rule_engine.Rule("tag == 'BAD'", context=item)

    def decide(snapshot: Snapshot) -> Answer:
        flat = {**OPTIONAL, **snapshot, **snapshot["risk"], **snapshot.get("costs", {})}
        fired = [name for name, rule in always if rule.matches(flat)]
        if "daily_drawdown" not in fired and "extreme_volatility" not in fired:
            fired += [name for name, rule in modifying if rule.matches(flat)]
        allowed: list[str] = []
        disallowed: list[str] = []
        for symbol in snapshot["symbols"]:
            (disallowed if bad.matches(symbol) else allowed).append(symbol["symbol"])
        return outcome(fired, allowed, disallowed)

    return decide


ENGINES = {
    "rule_engine": Engine(
        drawdown=Drawdown(WHEN, WHEN.replace("pnl", "pln"), WHEN.replace("<=", "<= <=")),
        build=build,
        answer=same,
        share=2,
    )
}
