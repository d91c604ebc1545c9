"""Cedar (cedarpy): whether new trades are permitted. It answers permit or deny, so the rest is not asked of it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import cedarpy  # type: ignore[import-not-found]

from .common import Answer, Decide, Drawdown, Engine, Snapshot

WHEN = "context.daily_pnl <= -300"
POLICIES = """
permit (principal, action == Action::"trade", resource);
@id("daily_drawdown")
forbid (principal, action == Action::"trade", resource) when { DRAWDOWN };
@id("extreme_volatility")
forbid (principal, action == Action::"trade", resource) when { context.volatility == "EXTREME" };
@id("too_many_positions")
forbid (principal, action == Action::"trade", resource) when { context.open_positions >= 8 };
@id("too_much_exposure")
forbid (principal, action == Action::"trade", resource) when { context.exposure >= 1500 };
"""
SCHEMA = """
entity Desk, Market;
action trade appliesTo { principal: Desk, resource: Market, context: {
  daily_pnl: Long, volatility: String, open_positions: Long, exposure: Long
} };
"""
PARTIES = {"principal": 'Desk::"desk"', "action": 'Action::"trade"', "resource": 'Market::"market"'}


def hundredths(value: Any) -> Any:
    """Cedar has no floating point; what is no number is left to Cedar to judge."""
    return round(value * 100) if isinstance(value, float) else value


def request(snapshot: Snapshot) -> dict[str, Any]:
    risk = snapshot["risk"]
    context = {"volatility": snapshot["volatility"], "open_positions": risk["open_positions"]}
    if "daily_pnl_pct" in risk:
        context["daily_pnl"] = hundredths(risk["daily_pnl_pct"])
    context["exposure"] = hundredths(risk["exposure_pct"])
    return {**PARTIES, "context": context}


def build(drawdown: str, *, typed: bool) -> Decide:
    text = POLICIES.replace("DRAWDOWN", drawdown)
    policies, entities = cedarpy.PolicySet.from_str(text), cedarpy.Entities.from_json_str("[]")
    schema = cedarpy.Schema.from_str(SCHEMA) if typed else None
    if schema is not None:
        checked = cedarpy.validate_policies(text, SCHEMA)
        if not checked.validation_passed:
            raise ValueError("; ".join(str(each) for each in checked.errors))

    def decide(snapshot: Snapshot) -> Any:
        return cedarpy.is_authorized(request(snapshot), policies, entities, schema)

    return decide


def answer(found: Any) -> Answer:
    permitted = {"Allow": True, "Deny": False}.get(found.decision.value)
    fired = list(found.diagnostics.id_annotations_by_reason.values())
    return {"allow_new_trades": permitted, "fired": fired}


def remarks(found: Any) -> Sequence[str]:
    return [str(each) for each in found.diagnostics.errors]


DRAWDOWN = Drawdown(WHEN, WHEN.replace("pnl", "pln"), WHEN.replace("<=", "<= <="))
ENGINES = {
    name: Engine(
        drawdown=DRAWDOWN,
        build=partial(build, typed=typed),
        answer=answer,
        remarks=remarks,
        covers=("allow_new_trades",),
    )
    for name, typed in (("cedar", False), ("cedar_typed", True))
}
