"""Every decision of what is shipped explains itself: no example is too strange for it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import flyball
from flyball.engine.decision import Decision
from flyball.engine.example_runs import snapshots_of
from flyball.engine.policy import Policy
from flyball.loaders import packs
from flyball.reports.explanation import explain
from flyball.reports.explanation_text import render_explanation
from flyball.reports.text import Paint

ROOT = Path(flyball.__file__ or "").parent
PATHS = [*sorted(ROOT.glob("policies/*/policy.yaml")), *sorted(ROOT.glob("rules/*/*.yaml"))]


def decisions(path: Path) -> list[tuple[Policy, Decision]]:
    """Those of the last steps of some examples, in sessions, under the pack's own parameters."""
    checked = packs.load(path).checked
    found = []
    for example in checked.examples[-2:] if checked else ():
        policy = flyball.load(str(path))
        session = policy.session()
        made = [session.step(each) for each in snapshots_of(policy.pack, example)]
        found.append((policy, made[-1]))
    return found


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.parent.name)
def test_every_shipped_decision_explains_itself(path: Path) -> None:
    for policy, decision in decisions(path):
        explanation = explain(policy, decision)
        text = "\n".join(render_explanation(explanation, Paint(), everything=True))
        assert explanation.headline in text
        assert explanation.outputs
        if decision.status in ("ok", "degraded"):
            ids = {each.id for each in (*explanation.fired, *explanation.not_fired)}
            assert {each.rule for each in decision.reasons} <= ids


def proposal(**changes: Any) -> tuple[Policy, Decision]:
    policy = flyball.load("proposal_gate")
    checked = packs.load(ROOT / "policies" / "proposal_gate" / "policy.yaml").checked
    assert checked is not None
    (snapshot,) = snapshots_of(policy.pack, checked.examples[0])
    return policy, policy.decide({**snapshot, **changes})


def test_a_degraded_decision_tells_of_the_packs_that_decided() -> None:
    explanation = explain(*proposal(adv_usd="much"))
    assert explanation.status == "degraded"
    assert "`adv_usd` must be a number in usd, not 'much'." in explanation.headline
    assert "should execute is false" in explanation.headline
    fired = {each.id: each for each in explanation.fired}
    assert fired["gate.liquidity_refused"].condition == "when not gate liquidity accepted"
    silent = {each.id: each for each in explanation.not_fired}
    assert [each.away for each in silent["edge.wins_too_seldom"].thresholds] == ["0.15"]
    assert not any(each.startswith("liquidity.") for each in silent)  # that pack failed
    (steps,) = (each.steps for each in explanation.outputs if each.name == "gate.should_execute")
    assert {each.by for each in steps} == {"gate.edge_refused", "gate.liquidity_refused", "gate.size_refused"}
    assert explanation.alternatives == ()


def rebalanced(**changes: Any) -> tuple[Policy, Decision]:
    policy = flyball.load("continuous")
    given = {"now": "2026-01-05T21:00:00Z", "bar": 1, "momentum_z": 0.5, "vol_hat": 0.3, "current_weight": 0}
    return policy, policy.decide({**given, "equity": 10_000, "fills": [], "cancels": 0, **changes})


def test_it_is_told_what_an_intent_was_sent_for() -> None:
    explanation = explain(*rebalanced(), "rebalance.rebalance")
    assert explanation.target == "rebalance.rebalance"
    said = "rebalance.rebalance would not be sent if current weight were 0.19118 or more (it is 0)"
    assert said in explanation.alternatives


def test_it_is_told_what_would_have_sent_an_intent() -> None:
    explanation = explain(*rebalanced(current_weight=0.2), "rebalance.rebalance")
    said = "rebalance.rebalance would be sent if current weight were 0.19117 or less (it is 0.2)"
    assert explanation.alternatives[0] == said


BUYER = """
language: 1
pack: buyer
version: 1.0.0
title: Buyer
summary: Always buys.
types:
  Ask: {type: record, fields: {size: {type: number}}}
emits: Ask
inputs:
  size: {type: number, range: [0, 10]}
intents:
  buy: {when: size >= 0, exposure: raises, emit: {size: size}, because: It looks good}
"""
DESK = """
language: 1
policy: desk
version: 1.0.0
title: Desk
summary: Buys, but not against its limit.
use:
  buyer: {pack: buyer@1, why: It buys}
inputs:
  open: {type: integer, unit: positions, range: [0, 100], actionable: true}
parameters:
  most: {type: integer, value: 8, unit: positions, range: [1, 50], why: As many as the desk watches}
arbitration:
  veto:
    crowded: {for: i in intents, when: open >= most and i.exposure == raises, because: "{{ open }} are open"}
"""


def test_it_is_told_what_would_have_kept_an_intent_from_being_vetoed(tmp_path: Path) -> None:
    for name, text in (("rules/buyer/1.0.0.yaml", BUYER), ("policies/desk/policy.yaml", DESK)):
        path = tmp_path / name
        path.parent.mkdir(parents=True)
        path.write_text(text, encoding="utf-8")
    policy = flyball.load(str(tmp_path / "policies/desk/policy.yaml"), rules=str(tmp_path / "rules"))
    decision = policy.decide({"open": 9, "size": 1})
    assert [each.rule for each in decision.dropped_intents] == ["arbitration.crowded"]
    assert explain(policy, decision).alternatives == (
        "buyer.buy would be sent if open were 7 or fewer (it is 9)",
        "buyer.buy would be sent if the parameter most were 10 or more (it is 8)",
    )
