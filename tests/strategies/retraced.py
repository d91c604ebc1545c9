"""A decision made again with something changed, against the whole of it computed anew."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from random import Random
from typing import Any

from flyball.engine.admission import admit, rules_of
from flyball.engine.backends import reference
from flyball.engine.binding import holds_document
from flyball.engine.decision import Decision
from flyball.engine.levers import Lever, levers, moved, parameter_levers
from flyball.engine.nodes import Value
from flyball.engine.plain import plain
from flyball.engine.policy import Policy
from flyball.engine.retracing import Retracer
from flyball.engine.run import Run
from flyball.engine.snapshot import Reading, canonical
from flyball.engine.state import standing
from flyball.engine.types import Field

from .sequences import same

MOST = 6  # levers that are moved for one decision


def check_retraced(policy: Policy, decision: Decision, snapshots: Sequence[Any], chance: Random) -> None:
    """On other snapshots, on its own with one value moved, and with one parameter moved."""
    retracer = Retracer(policy, decision.outcome.inputs, decision.state_before)
    others = [
        _with_documents(policy, decision, plain(each)) for each in chance.sample(snapshots, min(len(snapshots), 3))
    ]
    for each in [*others, *_moved(policy, decision, chance)]:
        check_snapshot(policy, retracer, decision, each)
    for lever in _some(parameter_levers(policy.pack, policy.values), chance):
        value = chance.choice([*lever.nearby(), lever.value])
        check_parameters(policy, retracer, decision, {**policy.values, lever.name: value})


def _documents(policy: Policy) -> list[Field]:
    return [each for each in policy.pack.inputs if holds_document(each.type)]


def _with_documents(policy: Policy, decision: Decision, snapshot: Any) -> Any:
    """A snapshot with the documents of the decision's, in their canonical form."""
    own: Any = canonical(policy.fields, decision.outcome.inputs)
    sources = [each.source for each in _documents(policy)]
    return {**snapshot, **{each: own[each] for each in sources if each in own}}


def _read(policy: Policy, parameters: Mapping[str, Value], decision: Decision, snapshot: Any) -> Reading:
    reading = admit(policy.pack, rules_of(policy.pack, parameters), snapshot)
    kept = {each.name: decision.outcome.inputs[each.name] for each in _documents(policy)}
    return replace(reading, inputs={**reading.inputs, **kept})


def _moved(policy: Policy, decision: Decision, chance: Random) -> Iterator[Any]:
    snapshot: Any = canonical(policy.fields, decision.outcome.inputs)
    fields = [replace(each, actionable=True) for each in policy.fields]
    for lever in _some(levers(fields, decision.outcome.inputs), chance):
        yield moved(snapshot, lever.keys, lever.plain(_another(lever, chance)))


def _some(every: list[Lever], chance: Random) -> list[Lever]:
    return chance.sample(every, min(len(every), MOST))


def _another(lever: Lever, chance: Random) -> Any:
    return chance.choice([*lever.nearby(), lever.value])


def check_snapshot(policy: Policy, retracer: Retracer, decision: Decision, snapshot: Any) -> None:
    before = decision.state_before
    reading = _read(policy, policy.values, decision, snapshot)
    run, outcome = reference.examiner(policy.pack, policy.values).follow(reading, before)
    stays = before is not None and not reading.faults and standing(policy.pack, before, reading.inputs) != "next"
    check_same(None if outcome.faults or stays else run, retracer.on(snapshot))


def check_parameters(policy: Policy, retracer: Retracer, decision: Decision, parameters: Mapping[str, Value]) -> None:
    snapshot = canonical(policy.fields, decision.outcome.inputs)
    reading = _read(policy, parameters, decision, snapshot)
    run, outcome = reference.examiner(policy.pack, parameters).follow(reading, decision.state_before)
    check_same(None if outcome.faults else run, retracer.under(parameters))


def check_same(expected: Run | None, found: Run | None) -> None:
    """What counterfactuals read of a run: what was computed, and what is emitted."""
    same("a run without fault", expected is not None, found is not None)
    if expected is None or found is None:
        return
    for name in ("inputs", "definitions", "gates", "fired", "outputs", "ways", "candidates", "intents", "dropped"):
        same(name, getattr(expected, name), getattr(found, name))


__all__ = ["check_retraced"]
