"""Snapshots one after the other: both back ends from the same state, and sessions cut at any point."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from random import Random
from typing import Any

from flyball.engine import ir
from flyball.engine.admission import admit, rules_of
from flyball.engine.backends import reference
from flyball.engine.decision import Decision
from flyball.engine.naming import shown
from flyball.engine.outcome import Outcome
from flyball.engine.plain import plain
from flyball.engine.policy import Policy
from flyball.engine.reasons import Explainer
from flyball.engine.snapshot import export
from flyball.engine.times import parse_time
from flyball.engine.types import Map, Vector

STEPS = (0, 1, 5, 10, 10, 10, 30, 30, 60, -20, 86_400, 0.000001)


def same(what: str, expected: object, found: object) -> None:
    if expected != found:
        raise AssertionError(f"{what}: {expected!r} expected, {found!r} found")


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
    """Step by step against the reference; and the same, to the byte, with a save and restore between some or all steps,
    and where all steps are taken before a decision is read."""
    session, cut, whole = policy.session("k"), policy.session("k"), policy.session("k")
    taken = [whole.step(each) for each in snapshots]
    restarts = chance.choice((0.4, 1.0))
    for each, at_once in zip(snapshots, taken, strict=True):
        if chance.random() < restarts:
            saved = cut.save()
            cut = policy.restore(saved)
            same("a restored state", saved, cut.save())
        decision = session.step(each)
        check_step(policy, parameters, each, decision)
        same("JSON of a step after a restore", decision.to_json(), cut.step(each).to_json())
        same("state after a restore", session.state, cut.state)
        same("JSON of a step read behind all", decision.to_json(), at_once.to_json())
    same("state of the steps at once", session.save(), whole.save())


def period_of(
    policy: Policy, parameters: Mapping[str, ir.Value], given: Any
) -> tuple[Policy, Mapping[str, ir.Value], set[str]]:
    """The policy and the parameters at a snapshot's `now`, and those that have no value yet, counted otherwise than by
    the engine: each dated value that has begun takes the place of the one before.
    """
    moment = parse_time(plain(given.get("now"))) if isinstance(given, Mapping) else None
    values, lacking = dict(parameters), set()
    for name, declared in policy.pack.parameters.items():
        begun = [value for start, value in declared.dated if start is None or (moment is not None and moment >= start)]
        if begun:
            values[name] = begun[-1]
        elif declared.dated:
            lacking.add(name)
    here = policy.at(given)
    same("parameters in force", values, here.values)
    return here, values, lacking


def check_lacking(decision: Decision, lacking: set[str]) -> None:
    """Before a parameter has a value the part that it belongs to fails, and it is said once."""
    said = [each for each in decision.diagnostics if each.code == "FB732"]
    same("what has no value yet", sorted(map(shown, lacking)), sorted(each.message.split("`")[1] for each in said))
    same("parts that failed", [], sorted({ir.part_of(each) for each in lacking}.difference(decision.outcome.failed)))


def failed_slot(slot: ir.Slot, was: Any) -> Any:
    """What a slot holds behind a fault: a latch that asks for it is set, for every member or item that it knows."""
    if not (isinstance(slot.source, ir.Advance) and slot.source.on_fault):
        return was
    if isinstance(slot.type, Map):
        return tuple((key, True) for key, _ in was)
    return tuple(True for _ in was) if isinstance(slot.type, Vector) else True


def check_step(policy: Policy, parameters: Mapping[str, ir.Value], given: Any, decision: Decision) -> None:
    """One step as the reference makes it from the same state."""
    pack, before, after = policy.pack, decision._before, decision.state
    assert before is not None
    assert after is not None
    policy, parameters, lacking = period_of(policy, parameters, given)
    reading = admit(pack, rules_of(pack, parameters, lacking), plain(given))
    expected_status, now = "ok", reading.inputs.get("now")
    step, last = (now, before[0]) if pack.step is None else (reading.inputs.get(pack.step), before[1])
    if not reading.faults and step is not None and step == last:
        expected_status = "repeated"
    elif not reading.faults and now is not None and before[0] is not None and now < before[0]:
        expected_status = "refused"
    if expected_status != "ok":
        same("status and state", (expected_status, before), (decision.status, after))
        same("reasons", [], decision.reasons)
        return
    check_lacking(decision, lacking)
    expected = reference.decide(pack, parameters, plain(given), before, policy.lacking)
    wanted = sorted(map(str, (*expected.faults, *expected.warnings)))
    same("diagnostics", wanted, sorted(map(str, decision.diagnostics)))
    same("status", expected.status, decision.status)
    if expected.status == "failsafe":
        same("times of a failed step", before[:3], after[:3])
        kept = zip(pack.slots, before[3:], after[3:], strict=True)
        wrong = [(was, then) for slot, was, then in kept if then != failed_slot(slot, was)]
        same("state that a failed step changes", [], wrong)
        check_intents(Explainer(pack, parameters), expected, decision)
        return
    in_order = [replace(each, faults=tuple(sorted(each.faults, key=str))) for each in (expected, decision.outcome)]
    same("outcome", *in_order)
    same("state", repr(expected.slots), repr(decision.outcome.slots))
    same("state afterwards", expected.slots, after[3:])
    same("time afterwards", before[0] if now is None else now, after[0])
    outputs = {name: export(expected.outputs[each.name], each.type) for name, each in pack.publication.items()}
    same("outputs", outputs, decision.outputs)
    same("outputs afterwards", outputs, after[2])
    explainer = Explainer(pack, parameters)
    same("reasons", explainer.reasons(expected), decision.reasons)
    check_intents(explainer, expected, decision)


def check_intents(explainer: Explainer, expected: Outcome, decision: Decision) -> None:
    """What generated code asks for, keeps and drops is what the reference does, to the spelling of each number."""
    wanted = explainer.intents(expected), explainer.dropped(expected)
    found = decision.intents, decision.dropped_intents
    same("intents", wanted, found)
    same("spelling of intents", repr(wanted), repr(found))
