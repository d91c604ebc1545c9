"""What would have changed an outcome: every answer is tried, and so is its neighbour that is said to change nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from time import process_time
from typing import Any

import pytest

import flyball
from flyball.engine.counterfactuals import Counterfactual, Found, counterfactuals
from flyball.engine.decision import Decision
from flyball.engine.example_runs import snapshots_of
from flyball.engine.levers import moved
from flyball.engine.policy import Policy
from flyball.engine.sampling import Sampler
from flyball.engine.snapshot import canonical
from flyball.loaders.packs import load

from ..decided import policy_of

RULES = Path(flyball.__file__ or "").parent / "rules"
SNAPSHOTS = 4

GUARD = """
language: 1
pack: guard
version: 1.0.0
title: Guard
summary: Two limits that block, and a cool-down.
inputs:
  loss: {type: number, unit: percent, range: [0, 100], actionable: true, why: Of the day}
  open: {type: integer, unit: positions, range: [0, 100], actionable: true}
  mood: {type: boolean, actionable: true}
  weight: {type: number, range: [0, 10], why: Nobody can change it}
parameters:
  loss_limit: {value: 3.0, unit: percent, range: [0, 50], why: As much as the desk bears}
  open_limit: {type: integer, value: 8, unit: positions, range: [1, 50], why: As many as it watches}
definitions:
  heat: as_ratio(loss) * weight
  heat_limit: as_ratio(loss_limit)
outputs:
  allowed: {type: boolean, combine: all, start: true, safe: false}
  curved: {type: boolean, combine: all, start: true, safe: false}
rules:
  lost: {when: loss >= loss_limit, then: {allowed: false}, because: Lost too much}
  crowded: {when: open >= open_limit, then: {allowed: false}, because: Too many are open}
  hot: {when: mood and heat * heat > heat_limit * heat_limit, then: {curved: false}, because: Too hot}
"""


def found(policy: Policy, snapshot: Mapping[str, Any], output: str) -> Found:
    return counterfactuals(policy, policy.decide(snapshot), output)


def described(each: Counterfactual) -> list[tuple[str, object]]:
    return [(move.lever.name, move.after) for move in each.moves]


@pytest.fixture(scope="module")
def guard() -> Policy:
    return policy_of(GUARD)


def test_a_limit_is_found_to_the_last_bit(guard: Policy) -> None:
    answer = found(guard, {"loss": 3.5, "open": 2, "mood": False, "weight": 1.0}, "allowed")
    (single,) = answer.singles
    (move,) = single.moves
    assert (move.lever.name, move.edge) == ("loss", 3.0)
    assert move.after < 3.0 and move.after == pytest.approx(3.0, abs=1e-15)
    assert answer.pairs == ()


def test_a_count_moves_by_whole_numbers(guard: Policy) -> None:
    (single,) = found(guard, {"loss": 0.0, "open": 8, "mood": False, "weight": 1.0}, "allowed").singles
    assert described(single) == [("open", 7)]


def test_two_limits_need_two_moves(guard: Policy) -> None:
    answer = found(guard, {"loss": 4.0, "open": 9, "mood": False, "weight": 1.0}, "allowed")
    assert answer.singles == ()
    (pair,) = answer.pairs
    assert {name for name, _ in described(pair)} == {"loss", "open"}


def test_a_parameter_may_be_the_smaller_change(guard: Policy) -> None:
    answer = found(guard, {"loss": 3.5, "open": 2, "mood": False, "weight": 1.0}, "allowed")
    (parameter,) = answer.parameters
    assert [name for name, _ in described(parameter)] == ["loss_limit"]


def test_what_is_not_linear_is_found_and_said(guard: Policy) -> None:
    answer = found(guard, {"loss": 2.0, "open": 2, "mood": True, "weight": 2.0}, "curved")
    assert not answer.exact
    assert [described(each)[0][0] for each in answer.singles] == ["loss", "mood"]
    assert answer.singles[0].moves[0].edge == pytest.approx(1.5)


def test_inputs_that_nobody_can_change_stay(guard: Policy) -> None:
    answer = found(guard, {"loss": 2.0, "open": 2, "mood": True, "weight": 2.0}, "curved")
    assert "weight" not in answer.levers


def test_where_nothing_helps_nothing_is_claimed() -> None:
    stuck = policy_of(GUARD.replace("loss >= loss_limit", "weight >= 0"))
    answer = found(stuck, {"loss": 1.0, "open": 2, "mood": False, "weight": 1.0}, "allowed")
    assert (answer.singles, answer.pairs, answer.parameters) == ((), (), ())


@cache
def pliable(name: str) -> Policy:
    """A shipped pack of which every input may be changed."""
    policy = flyball.load(name)
    inputs = tuple(replace(field, actionable=True) for field in policy.pack.inputs)
    return Policy(replace(policy.pack, inputs=inputs), policy.values, policy.layers, name)


@pytest.mark.parametrize("name", ["orchestrator@1", "market_state", "edge", "loss_limits", "target_weight"])
def test_every_answer_about_a_shipped_pack_is_true(name: str) -> None:
    policy = pliable(name)
    sampler = Sampler(policy.pack, policy.values)
    seen = 0
    for _ in range(SNAPSHOTS):
        decision = policy.decide(sampler.snapshot())
        if decision.status != "ok":
            continue
        for output in decision.outputs:
            for each in counterfactuals(policy, decision, output).singles:
                check(policy, decision.outcome.inputs, output, each)
                seen += 1
    assert seen


def check(policy: Policy, inputs: Mapping[str, Any], output: str, each: Counterfactual) -> None:
    snapshot: Any = canonical(policy.fields, inputs)
    (move,) = each.moves
    was = policy.decide(snapshot).outputs[output]

    def at(value: Any) -> Decision:
        return policy.decide(moved(snapshot, move.lever.keys, move.lever.plain(value)))

    assert (at(move.after).status, at(move.after).outputs[output]) == ("ok", each.value)
    assert each.value != was
    if move.edge is not None:
        assert at(move.edge).status != "ok" or at(move.edge).outputs[output] == was


ITEMS = GUARD.replace(
    "  weight: {",
    "  trades: {type: list, max_items: 3, of: {type: number, unit: percent}}\n  weight: {",
).replace(
    "lost: {when: loss >= loss_limit,",
    "lost: {when: 'any([loss > each for each in trades])',",
)


def test_comparisons_of_items_are_not_called_exact() -> None:
    answer = found(policy_of(ITEMS), {"loss": 5.0, "open": 2, "mood": False, "weight": 1.0, "trades": [3]}, "allowed")
    assert not answer.exact
    assert answer.singles[0].moves[0].after == 3.0


STEPS = GUARD.replace("definitions:\n", "definitions:\n  rank: 2 if loss >= loss_limit else 1\n").replace(
    "open >= open_limit", "rank + rank > 3"
)


def test_what_goes_in_steps_is_exact(guard: Policy) -> None:
    """It turns nowhere else than the comparisons that it stands on."""
    snapshot = {"loss": 3.5, "open": 2, "mood": False, "weight": 1.0}
    assert found(guard, snapshot, "allowed").exact
    assert found(policy_of(STEPS), snapshot, "allowed").exact


PLANS = """
language: 1
pack: plans
version: 1.0.0
title: Plans
summary: A plan is new where it differs from the last one.
inputs:
  plan: {type: document}
  loss: {type: number, unit: percent, range: [0, 100], actionable: true}
definitions:
  is_new: changed(plan)
outputs:
  wait: {type: boolean, combine: any, start: is_new, safe: true}
rules:
  lost: {when: loss >= 3, then: {wait: true}, because: Lost too much}
"""


def test_documents_stay_what_they_were() -> None:
    """Of a document no more is known than its fingerprint, and that is not the document."""
    session = policy_of(PLANS).session()
    session.step({"plan": {"a": 1}, "loss": 0, "now": "2026-01-05T15:00:00Z"})
    decision = session.step({"plan": {"a": 1}, "loss": 4, "now": "2026-01-05T16:00:00Z"})
    assert decision["wait"]
    answer = counterfactuals(decision.policy, decision, "wait", decision.state_before)  # type: ignore[arg-type]  # a policy made it
    assert [(each.moves[0].lever.name, each.value) for each in answer.singles] == [("loss", False)]


PAUSE = """
language: 1
pack: pause
version: 1.0.0
title: Pause
summary: Nothing is opened before a time.
inputs:
  until: {type: time}
outputs:
  allowed: {type: boolean, combine: all, start: true, safe: false}
rules:
  paused: {when: now < until, then: {allowed: false}, because: "Paused until {{ until }}"}
"""


def test_a_pause_without_state_releases_at_its_end() -> None:
    answer = found(policy_of(PAUSE), {"now": "2026-01-05T15:00:00Z", "until": "2026-01-06T03:00:00Z"}, "allowed")
    assert answer.release
    assert answer.release.moves[0].lever.plain(answer.release.moves[0].after) == "2026-01-06T03:00:00Z"


TABLED = """
language: 1
pack: tabled
version: 1.0.0
title: Tabled
summary: Two rows that must not overlap.
inputs:
  x: {type: number, range: [0, 10]}
parameters:
  low: {value: 3.0, range: [0, 10], why: The end of the first row}
  high: {value: 3.0, range: [0, 10], why: The beginning of the second row}
outputs:
  allowed: {type: boolean, combine: all, start: true, safe: false}
tables:
  rows_of_x:
    match: {x: x}
    hit: unique
    complete: false
    rows:
      first: {x: < low, then: {allowed: false}, because: It is low}
      second: {x: ">= high"}
"""


def test_a_parameter_is_not_moved_to_where_the_policy_does_not_load() -> None:
    answer = found(policy_of(TABLED), {"x": 1.0}, "allowed")
    (only,) = answer.parameters
    assert described(only) == [("low", 1.0)]
    assert found(policy_of(TABLED), {"x": 4.0}, "allowed").parameters == ()  # `low` above `high` is an overlap


@pytest.mark.long
@pytest.mark.parametrize("name", ["orchestrator", "orchestrator_levels", "band_drift", "continuous", "proposal_gate"])
def test_every_answer_of_a_shipped_policy_comes_within_200_ms(name: str) -> None:
    """Of processor time, in the better of two tries, since a busy machine says nothing of us."""
    checked = load(RULES.parent / "policies" / name / "policy.yaml").checked
    assert checked is not None
    policy = flyball.load(name)
    for example in checked.examples:
        for snapshot in snapshots_of(policy.pack, example):
            decision = policy.decide(snapshot)
            for output in decision.outputs if decision.status == "ok" else ():
                assert min(seconds(policy, decision, output) for _ in range(2)) < 0.2, (example.name, output)


def seconds(policy: Policy, decision: Decision, output: str) -> float:
    begun = process_time()
    counterfactuals(policy, decision, output, decision.state_before)
    return process_time() - begun
