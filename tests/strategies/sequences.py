"""Snapshots one after the other: both back ends from the same state, and sessions cut at any point."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from random import Random
from typing import Any

from hypothesis import note

from flyball.engine import ir
from flyball.engine.admission import admit, rules_of
from flyball.engine.backends import reference
from flyball.engine.decision import Decision
from flyball.engine.plain import plain
from flyball.engine.policy import Policy
from flyball.engine.reasons import Explainer
from flyball.engine.snapshot import export

STEPS = (0, 1, 5, 10, 10, 10, 30, 30, 60, -20, 86_400, 0.000001)


def in_time(chance: Random, snapshots: Sequence[Any]) -> list[Any]:
    """The snapshots with times that go forward, as a rule; some come twice, or too late, or without a time."""
    now = 1_767_625_200.0
    found = []
    for each in snapshots:
        now += chance.choice(STEPS)
        timed = isinstance(each, dict) and "now" in each and chance.random() < 0.95
        found.append({**each, "now": round(now, 6)} if timed else each)
    return found


def check_sequence(
    policy: Policy, parameters: Mapping[str, ir.Value], snapshots: Sequence[Any], chance: Random
) -> None:
    """Step by step against the reference; and the same, to the byte, with a save and restore between steps."""
    session, cut = policy.session("k"), policy.session("k")
    for each in snapshots:
        note(f"step: {each!r}")
        if chance.random() < 0.4:
            saved = cut.save()
            cut = policy.restore(saved)
            assert cut.save() == saved
        decision = session.step(each)
        check_step(policy, parameters, each, decision)
        assert cut.step(each).to_json() == decision.to_json()
        assert cut.state == session.state


def check_step(policy: Policy, parameters: Mapping[str, ir.Value], given: Any, decision: Decision) -> None:
    """One step as the reference makes it from the same state."""
    pack, before, after = policy.pack, decision._before, decision.state
    assert before is not None
    assert after is not None
    reading = admit(pack, rules_of(pack, parameters), plain(given))
    expected_status, now = "ok", reading.inputs.get("now")
    step, last = (now, before[0]) if pack.step is None else (reading.inputs[pack.step], before[1])
    if not reading.faults and step is not None and step == last:
        expected_status = "repeated"
    elif not reading.faults and now is not None and before[0] is not None and now < before[0]:
        expected_status = "refused"
    if expected_status != "ok":
        assert (decision.status, after) == (expected_status, before)
        assert decision.reasons == []
        return
    expected = reference.decide(pack, parameters, plain(given), before)
    assert sorted(map(str, decision.diagnostics)) == sorted(map(str, (*expected.faults, *expected.warnings)))
    if expected.faults:
        assert decision.status == "failsafe"
        assert after[:3] == before[:3]
        latches = [isinstance(each.source, ir.Advance) and each.source.on_fault for each in pack.slots]
        kept = zip(latches, before[3:], after[3:], strict=True)
        assert all(then is True if is_latch else then == was for is_latch, was, then in kept)
        return
    assert decision.outcome == expected
    assert repr(decision.outcome.slots) == repr(expected.slots)
    assert after[3:] == expected.slots
    assert after[0] == (before[0] if now is None else now)
    outputs = {name: export(expected.outputs[name], each.type) for name, each in pack.outputs.items()}
    assert decision.outputs == after[2] == outputs
    assert decision.reasons == Explainer(pack, parameters).reasons(expected)
