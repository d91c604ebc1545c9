"""Both back ends on the same snapshots: outputs, faults, firings, intents, reasons and bytes do not differ.

What differs is an AssertionError that says what it was, so that these checks serve tests and `flyball fuzz` alike.
"""

from __future__ import annotations

import copy
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from random import Random
from typing import Any

from flyball.engine import dated, ir
from flyball.engine.backends import reference
from flyball.engine.constants import constant
from flyball.engine.faults import Located
from flyball.engine.outcome import Outcome
from flyball.engine.parameters import effective
from flyball.engine.parts import part_of
from flyball.engine.policy import Policy
from flyball.engine.readonly import ReadOnlyDict, ReadOnlyList
from flyball.engine.reasons import Explainer
from flyball.engine.run import Run
from flyball.engine.settling import holds
from flyball.engine.snapshot import Reading, export
from flyball.loaders import packs

from . import policies
from .packs import pack_document, text_of
from .plain_reasons import PlainExplainer
from .sequences import check_intents, check_lacking, check_sequence, in_time, period_of, same
from .snapshots import snapshot, spoil


class DifferenceError(AssertionError):
    """What was found wrong about a pack, with the snapshots that it took."""

    def __init__(self, text: str, snapshots: Sequence[Any], error: Exception) -> None:
        self.text, self.snapshots, self.error = text, snapshots, error
        super().__init__(f"{type(error).__name__}: {error}\n\n{text}\nsnapshots: {snapshots!r}")


def check_pack(chance: Random, snapshots: int) -> None:
    """A generated pack on generated snapshots, each alone and then all of them as one session.

    Raises DifferenceError.
    """
    document = pack_document(chance)
    text = text_of(document)
    given: list[Any] = []
    try:
        policy, parameters = policy_of(text)
        made = [_snapshot(chance, document["inputs"], number) for number in range(snapshots)]
        for each in made:
            given[:] = [each]
            check_agreement(policy, parameters, each)
        given[:] = in_time(chance, made)
        check_sequence(policy, parameters, given, chance)
    except Exception as error:  # whatever a back end raises is a difference too
        raise DifferenceError(text, given, error) from error


def check_policy(chance: Random, snapshots: int) -> None:
    """The same of a policy of generated packs, in which some packs may fail and others not."""
    made = policies.policy_of(chance, constants=True)
    given: list[Any] = []
    try:
        policy, parameters = made.policy, made.policy.values
        drawn = [_snapshot(chance, made.inputs, number) for number in range(snapshots)]
        for each in drawn:
            given[:] = [each]
            check_agreement(policy, parameters, each)
        given[:] = in_time(chance, drawn)
        check_sequence(policy, parameters, given, chance)
    except Exception as error:
        raise DifferenceError(str(made), given, error) from error


def _snapshot(chance: Random, inputs: Mapping[str, Any], number: int) -> Any:
    made = snapshot(chance, inputs, steady=number % 4 in (1, 2))
    for _ in range(chance.randint(1, 3) if number % 4 == 3 else 0):
        spoil(chance, made)
    return made


def policy_of(text: str) -> tuple[Policy, Mapping[str, ir.Value]]:
    loaded = packs.load_bytes(text.encode(), "generated.yaml")
    if loaded.checked is None:
        raise AssertionError([str(each) for each in loaded.findings if each.severity == "error"])
    in_force, _ = effective(loaded.checked.pack, [])
    return dated.policy_of(loaded.checked.pack, in_force), in_force.values


def check_agreement(policy: Policy, parameters: Mapping[str, Any], given: Any) -> Outcome:
    """Decide by both back ends, and see that nothing differs and nothing is touched."""
    before = repr(given)
    decision, whole = policy.decide(given), policy
    policy, parameters, lacking = period_of(policy, parameters, given)
    expected = reference.decide(policy.pack, parameters, given, lacking=policy.lacking)
    check_lacking(decision, lacking)
    same("faults", faults(expected.faults), faults(decision.faults))
    same("diagnostics", faults((*expected.faults, *expected.warnings)), faults(decision.diagnostics))
    severities = [each.severity for each in decision.diagnostics]
    same("order of diagnostics", sorted(severities), severities)
    same("status", status_of(policy.pack, expected), decision.status)
    same("outputs", spelled(expected_outputs(policy.pack, parameters, expected)), spelled(decision.outputs))
    same("negative zero in an output", False, has_negative_zero(decision.outputs))
    explainer = Explainer(policy.pack, parameters)
    if expected.status != "failsafe":
        same("firings", expected.firings, decision.outcome.firings)
        same("outcome", sorted_faults(expected), sorted_faults(decision.outcome))
        reasons = PlainExplainer(policy.pack, parameters).reasons(expected)
        same("reasons", reasons, decision.reasons)
        same(
            "order of a reason's values",
            [[*each.values] for each in reasons],
            [[*each.values] for each in decision.reasons],
        )
    if expected.status == "ok" and not expected.warnings:
        same("what is followed by generated code", expected, policy.examiner.followed(Reading(expected.inputs)))
    check_intents(explainer, expected, decision)
    check_exits(policy.pack, expected)
    written = decision.to_json()
    same("status in the JSON", decision.status, json.loads(written)["status"])
    same("JSON of the same decision", written, whole.decide(given).to_json())
    same("the snapshot afterwards", before, repr(given))
    check_independence(policy, given, written)
    check_invariants(policy, parameters, expected)
    return expected


def expected_outputs(pack: ir.Pack, parameters: Mapping[str, ir.Value], outcome: Outcome) -> dict[str, object]:
    found = {}
    for name, output in pack.publication.items():
        failed = ir.part_of(output.name) in outcome.failed  # what the outcome then says is not taken for granted
        value = constant(output.safe, parameters) if failed else outcome.outputs[output.name]
        found[name] = export(value, output.type)
    return found


def status_of(pack: ir.Pack, outcome: Outcome) -> str:
    """A pack alone fails with any fault; a policy wholly where all parts do that compute anything."""
    if not outcome.faults or not pack.parts:
        return "failsafe" if outcome.faults else "ok"
    computing = {part_of(step) for step in pack.steps if not isinstance(step, ir.Settle)}
    return "failsafe" if computing <= set(outcome.failed) else "degraded"


def sorted_faults(outcome: Outcome) -> Outcome:
    return replace(outcome, faults=tuple(sorted(outcome.faults, key=str)))


def check_exits(pack: ir.Pack, outcome: Outcome) -> None:
    """What reduces or cancels is dropped by nothing that does not say why it may."""
    rules = pack.arbitration
    for each in outcome.dropped:
        if each.intent.exposure in ("cancels", "reduces"):
            vetoes = {f"arbitration.{name}": veto.allow_drop for name, veto in rules.vetoes.items()}
            same("a dropped exit", True, bool({**vetoes, "arbitration.conflict": rules.allow_drop}.get(each.rule)))


def check_independence(policy: Policy, given: Any, written: str) -> None:
    """The caller may reuse its snapshot before anything is read, and cannot change what decisions share."""
    reused = copy.deepcopy(given)
    decision = policy.decide(reused)
    clear(reused)
    same("JSON after the snapshot was cleared", written, decision.to_json())
    same("outputs are read-only", True, is_read_only(decision.outputs))


def check_invariants(policy: Policy, parameters: Mapping[str, Any], outcome: Outcome) -> None:
    """Both back ends find that an invariant holds, that it does not, or that its condition has no value."""
    invariants = [each for each in policy.pack.invariants if isinstance(each, ir.Invariant)]
    if outcome.faults or not invariants:
        return
    examiners = reference.examiner(policy.pack, parameters, policy.lacking), policy.examiner
    runs = [examiner.follow(Reading(outcome.inputs))[0] for examiner in examiners]
    for invariant in invariants:
        wanted, got = (verdict(run, invariant) for run in runs)
        same("an invariant", wanted, got)


def verdict(run: Run, invariant: ir.Invariant) -> object:
    try:
        return holds(run, invariant)
    except Located as located:
        return located.fault.code, str(located.span)


def spelled(value: object) -> str:
    """A text that is the same for the same value of the same type: 1 is not 1.0, and 0.0 is not -0.0."""
    return json.dumps(value, sort_keys=True)


def faults(outcome_faults: Any) -> list[tuple[Any, ...]]:
    """Order is no part of the meaning."""
    return sorted((each.code, each.severity, each.path or "", str(each.span), each.message) for each in outcome_faults)


def has_negative_zero(value: object) -> bool:
    if isinstance(value, dict | list):
        return any(map(has_negative_zero, value.values() if isinstance(value, dict) else value))
    return isinstance(value, float) and value == 0 and math.copysign(1, value) < 0


def clear(value: Any) -> None:
    """What a caller may do to its snapshot behind a decision."""
    if isinstance(value, dict | list):
        for each in list(value.values() if isinstance(value, dict) else value):
            clear(each)
        value.clear()


def is_read_only(value: object) -> bool:
    if isinstance(value, dict | list):
        parts = value.values() if isinstance(value, dict) else value
        return isinstance(value, ReadOnlyDict | ReadOnlyList) and all(map(is_read_only, parts))
    return True
