"""Runs the examples of a pack on both back ends: what did not come out as expected, and what no example covers.

The invariants of the pack are checked beside them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from . import ir
from .admission import placed
from .backends import reference
from .coverage import Coverable, coverable, covered
from .dated import policy_of
from .decision import Decision, Status
from .diagnostics import Diagnostic, has_errors
from .document import Mapping as MappingNode
from .document import plain
from .examples import Example, Step
from .expectations import BACK_ENDS, Mismatch, between_back_ends, differing, unmet
from .invariants import SNAPSHOTS, Checks, Given, Inspector, check_invariants
from .parameters import Layer, effective
from .policy import Policy
from .state import State
from .state_document import StateError
from .tables import check_tables

DEFAULT_NOW = "2000-01-01T00:00:00Z"


@dataclass(frozen=True, slots=True, kw_only=True)
class StepResult:
    """What became of a step. `findings` are the faults and warnings of its decision, `state` is what it left.

    `before` is the run-time state that it began with; an example without `steps` or `state` has neither.
    """

    step: Step
    snapshot: Mapping[str, Any]
    status: Status
    mismatches: tuple[Mismatch, ...] = ()
    findings: tuple[Diagnostic, ...] = ()
    covered: frozenset[Coverable] = frozenset()
    before: State | None = field(default=None, repr=False)
    state: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What became of an example: of its steps, or what is wrong with its parameters."""

    example: Example
    steps: tuple[StepResult, ...] = ()
    findings: tuple[Diagnostic, ...] = ()

    @property
    def mismatches(self) -> tuple[Mismatch, ...]:
        return tuple(each for step in self.steps for each in step.mismatches)

    @property
    def passed(self) -> bool:
        return bool(self.steps) and not self.mismatches


@dataclass(frozen=True, slots=True)
class Report:
    """The examples of one pack, and what they leave out of `coverable` things."""

    pack: ir.Pack
    results: tuple[Result, ...]
    uncovered: tuple[Coverable, ...]
    coverable: int
    invariants: Checks

    @property
    def passed(self) -> bool:
        return not self.uncovered and self.invariants.passed and all(result.passed for result in self.results)


def run_examples(pack: ir.Pack, examples: Sequence[Example], snapshots: int = SNAPSHOTS) -> Report:
    """Every example, on the pack's own parameters under those that the example sets.

    Invariants are checked on `snapshots` more, which are made up.
    """
    policies = _Policies(pack)
    results = tuple(_run(policies, example) for example in examples)
    every = tuple(coverable(pack))
    found = frozenset().union(*(step.covered for result in results for step in result.steps))
    uncovered = tuple(each for each in every if each not in found)
    return Report(pack, results, uncovered, len(every), _invariants(policies, results, snapshots))


def _invariants(policies: _Policies, results: Sequence[Result], snapshots: int) -> Checks:
    own = policies.of(None)[0] if policies.pack.invariants else None
    if own is None:
        return Checks()
    return check_invariants(
        [Inspector(each) for each in own.periods],
        (each for result in results for each in _given(policies, result)),
        snapshots,
    )


def _given(policies: _Policies, result: Result) -> Iterator[Given]:
    """The snapshots of an example on which something was decided."""
    policy, name = policies.of(result.example)[0], result.example.name
    for number, step in enumerate(result.steps, 1):
        place = f"{name}, step {number}" if result.example.is_sequence else name
        if policy and step.status in ("ok", "failsafe"):
            yield Given(place, policies.inspector(policy.at(step.snapshot)), step.snapshot, step.before)


@dataclass(frozen=True, slots=True)
class _Policies:
    """The pack compiled for each set of parameters that an example asks for."""

    pack: ir.Pack
    compiled: dict[tuple[object, ...], Policy] = field(default_factory=dict)
    inspectors: dict[int, Inspector] = field(default_factory=dict)

    def of(self, example: Example | None) -> tuple[Policy | None, list[Diagnostic]]:
        node = example.node.get("parameters") if example else None
        given = plain(node) if node is not None else None
        layers = [Layer("parameters:", given)] if isinstance(given, dict) else []
        in_force, findings = effective(self.pack, layers)
        if layers and not has_errors(findings):
            findings += check_tables(self.pack, in_force)
        if has_errors(findings):
            return None, findings
        key = *in_force.values.values(), *in_force.dated.items()
        if key not in self.compiled:
            self.compiled[key] = policy_of(self.pack, in_force)
        return self.compiled[key], []

    def inspector(self, policy: Policy) -> Inspector:
        if id(policy) not in self.inspectors:  # policies stay as long as these do
            self.inspectors[id(policy)] = Inspector(policy)
        return self.inspectors[id(policy)]


def _run(policies: _Policies, example: Example) -> Result:
    policy, findings = policies.of(example)
    if policy is None:
        return Result(example=example, findings=tuple(findings))
    try:
        state = _begun(policy, example)
    except StateError as error:
        return Result(example=example, findings=tuple(_placed(each, example) for each in error.findings))
    steps: list[StepResult] = []
    for step, snapshot in zip(example.steps, snapshots_of(policy.pack, example), strict=True):
        here = policy.at(snapshot)
        if state is not None and step.restarts:
            state = here.restored_state(here.written_state(state, None))
        decision = here.decide(snapshot) if state is None else here.step(snapshot, state)
        steps.append(_result(here, step, snapshot, decision, state))
        state = None if state is None else decision.state
    return Result(example=example, steps=tuple(steps))


def _begun(policy: Policy, example: Example) -> State | None:
    """The state before the first snapshot, where the example is about sessions."""
    given: Any = plain(example.state) if example.state else None
    if given is not None:
        return policy.begun(given)
    return policy.start if example.is_sequence else None


def _placed(finding: Diagnostic, example: Example) -> Diagnostic:
    """What does not fit a state, where it is written."""
    state = example.state
    parts = [state, state.get("definitions"), state.get("previous")] if state else []
    entries = [entry for part in parts if isinstance(part, MappingNode) for entry in part.entries]
    found = next((node for key, node in entries if f"{finding.path}.".startswith(f"{key.text}.")), state)
    return replace(finding, path=None, span=found.span if found else None)


def _result(
    policy: Policy,
    step: Step,
    snapshot: Mapping[str, Any],
    decision: Decision,
    state: State | None,
) -> StepResult:
    expected = step.expect.entries if step.expect else ()
    mismatches = [
        *_against_reference(policy, snapshot, decision, state),
        *(each for key, node in expected for each in unmet(policy.pack, decision, key.text, node)),
    ]
    if decision.status != "ok" and (step.expect is None or step.expect.get("status") is None):
        mismatches.insert(0, Mismatch("status", "ok", decision.status, step.span))
    return StepResult(
        step=step,
        snapshot=snapshot,
        status=decision.status,
        mismatches=tuple(mismatches),
        findings=tuple(decision.diagnostics),
        covered=frozenset(covered(policy, decision, state)),
        before=state,
        state=None if state is None else _shown(policy.state_document(decision.state or state, None)),
    )


def _against_reference(
    policy: Policy,
    snapshot: Mapping[str, Any],
    decision: Decision,
    state: State | None,
) -> Iterator[Mismatch]:
    pack, reading = policy.pack, policy.admitted(snapshot)
    position = "next" if state is None else placed(pack, state, reading)[0]
    if position == "next":
        expected = reference.decide(pack, policy.values, snapshot, state, policy.lacking)
        yield from between_back_ends(policy, decision, expected)
    else:
        yield from differing([(position, decision.status), (state, decision.state)])


def _shown(document: Mapping[str, Any]) -> dict[str, Any]:
    """What of a state document a person asks for."""
    return {
        "now": document["now"],
        "step": document["step"],
        "definitions": {name: each["state"] for name, each in document["definitions"].items()},
        "previous": {name: each["value"] for name, each in document["previous"].items()},
    }


def snapshots_of(pack: ir.Pack, example: Example) -> list[dict[str, Any]]:
    """What is `given` in each step, and its `now`, which the first may leave to us where the pack asks for one."""
    found = [_snapshot(step) for step in example.steps]
    if pack.needs_now and "now" not in found[0]:
        found[0]["now"] = DEFAULT_NOW
    return found


def _snapshot(step: Step) -> dict[str, Any]:
    given, now = step.node.get("given"), step.node.get("now")
    snapshot: Any = plain(given) if given is not None else {}  # the schema wants a mapping
    return dict(snapshot) if now is None else {**snapshot, "now": plain(now)}


__all__ = [
    "BACK_ENDS", "DEFAULT_NOW", "SNAPSHOTS", "Mismatch", "Report", "Result", "StepResult",
    "run_examples", "snapshots_of",
]  # fmt: skip
