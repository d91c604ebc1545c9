"""business-rules (Venmo): variables and actions in Python, conditions as data."""

# mypy: disable-error-code="untyped-decorator"
# The package is not typed, its decorators are the only way to declare variables and actions.

from __future__ import annotations

from typing import Any

from business_rules import run_all  # type: ignore[import-not-found]
from business_rules.actions import BaseActions, rule_action  # type: ignore[import-not-found]
from business_rules.fields import FIELD_TEXT  # type: ignore[import-not-found]
from business_rules.variables import (  # type: ignore[import-not-found]
    BaseVariables,
    boolean_rule_variable,
    numeric_rule_variable,
    string_rule_variable,
)

from .common import Answer, Decide, Drawdown, Engine, Snapshot, same
from .effects import MODIFIERS, Outcome


class Account(BaseVariables):  # type: ignore[misc]  # the package is not typed
    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self.risk = snapshot["risk"]

    @numeric_rule_variable
    def daily_pnl_pct(self) -> Any:
        return self.risk["daily_pnl_pct"]

    @numeric_rule_variable
    def losing_streak(self) -> Any:
        return self.risk["losing_streak"]

    @numeric_rule_variable
    def open_positions(self) -> Any:
        return self.risk["open_positions"]

    @numeric_rule_variable
    def exposure_pct(self) -> Any:
        return self.risk["exposure_pct"]

    @string_rule_variable
    def regime(self) -> Any:
        return self.snapshot["regime"]

    @string_rule_variable
    def volatility(self) -> Any:
        return self.snapshot["volatility"]

    @boolean_rule_variable
    def costly(self) -> bool:
        costs = self.snapshot.get("costs")
        return costs is not None and "HIGH" in (costs["spread"], costs["slippage"])

    @numeric_rule_variable
    def ensemble_quality(self) -> Any:
        return self.snapshot.get("ensemble_quality", 1.0)


class Symbol(BaseVariables):  # type: ignore[misc]  # the package is not typed
    def __init__(self) -> None:
        self.item: dict[str, str] = {}

    @string_rule_variable
    def tag(self) -> str:
        return self.item["tag"]


class Effects(BaseActions):  # type: ignore[misc]  # the package is not typed
    def __init__(self) -> None:
        self.outcome = Outcome()
        self.symbol = ""
        self.disallowed: list[str] = []

    @rule_action(params={"rule": FIELD_TEXT})
    def stop(self, rule: str) -> None:
        self.outcome.stop(rule)

    @rule_action(params={"rule": FIELD_TEXT})
    def block(self, rule: str) -> None:
        self.outcome.block(rule)

    @rule_action(params={"rule": FIELD_TEXT})
    def modify(self, rule: str) -> None:
        self.outcome.modify(rule, **MODIFIERS[rule])

    @rule_action()
    def disallow(self) -> None:
        self.disallowed.append(self.symbol)


Rule = dict[str, Any]


def rule(action: str, name: str, *conditions: Rule) -> Rule:
    return {"conditions": {"all": list(conditions)}, "actions": [{"name": action, "params": {"rule": name}}]}


def test(name: str, operator: str, value: Any) -> Rule:
    return {"name": name, "operator": operator, "value": value}


HIGH = test("volatility", "equal_to", "HIGH")
CALM = {"any": [test("volatility", "equal_to", "LOW"), test("volatility", "equal_to", "NORMAL")]}
TRENDING, RANGING = test("regime", "equal_to", "TRENDING"), test("regime", "equal_to", "RANGING")
LIMITS = [
    rule("block", "too_many_positions", test("open_positions", "greater_than_or_equal_to", 8)),
    rule("block", "too_much_exposure", test("exposure_pct", "greater_than_or_equal_to", 15)),
]
EXTREME = rule("stop", "extreme_volatility", test("volatility", "equal_to", "EXTREME"))
MODIFYING = [
    rule("modify", "costly_market", test("costly", "is_true", True)),
    rule("modify", "losing_streak", test("losing_streak", "greater_than_or_equal_to", 5)),
    rule("modify", "regime.trending_high", TRENDING, HIGH),
    rule("modify", "regime.trending", TRENDING, CALM),
    rule("modify", "regime.ranging_high", RANGING, HIGH),
    rule("modify", "regime.ranging", RANGING, CALM),
    rule("modify", "weak_ensemble", test("ensemble_quality", "less_than", 0.4)),
]
BAD_SYMBOL = [{"conditions": {"all": [test("tag", "equal_to", "BAD")]}, "actions": [{"name": "disallow"}]}]


def build(drawdown: Rule) -> Decide:
    hard_stops = [rule("stop", "daily_drawdown", drawdown), EXTREME]

    def decide(snapshot: Snapshot) -> Answer:
        account, effects, symbol = Account(snapshot), Effects(), Symbol()
        run_all(LIMITS, account, effects)
        if not run_all(hard_stops, account, effects):
            run_all(MODIFYING, account, effects)
        allowed = []
        for item in snapshot["symbols"]:
            symbol.item, effects.symbol = item, item["symbol"]
            if not run_all(BAD_SYMBOL, symbol, effects):
                allowed.append(item["symbol"])
        return effects.outcome.answer(allowed, effects.disallowed)

    return decide


ENGINES = {
    "business_rules": Engine(
        drawdown=Drawdown(
            test("daily_pnl_pct", "less_than_or_equal_to", -3),
            test("daily_pln_pct", "less_than_or_equal_to", -3),
            test("daily_pnl_pct", "less_than_than", -3),
        ),
        build=build,
        answer=same,
    )
}
