"""Looks for decisions that break a pack's invariants, on its examples and on snapshots made up.

Each condition is evaluated by both back ends: one that breaks it is enough.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from . import ir
from .admission import admit, rules_of
from .backends import reference
from .diagnostics import Diagnostic
from .examination import Run, holds
from .faults import Located
from .policy import Policy
from .reporting import fault_diagnostic
from .sampling import Sampler, Snapshot, path_of, replaced, simpler, value_at
from .snapshot import export
from .state import State
from .types import Enum, Field

SNAPSHOTS = 200


@dataclass(frozen=True, slots=True)
class Move:
    """How the input of a monotone invariant moved, and what its output did, as plain values."""

    given: tuple[object, object]
    output: tuple[object, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Counterexample:
    """A snapshot whose decision breaks an invariant.

    `example` names the one that it comes from, if it was not made up; `move` belongs to monotone invariants, whose
    input has the first of its values here; `fault` says why a condition has no value.
    """

    snapshot: Mapping[str, Any]
    example: str | None = None
    move: Move | None = None
    fault: Diagnostic | None = None


@dataclass(slots=True)
class Checked:
    """An invariant, how many decisions (or pairs of them) it was looked for in, and the first that breaks it."""

    invariant: ir.Invariant | ir.Monotone
    checks: int = 0
    counterexample: Counterexample | None = None

    def count(self, found: Counterexample | None) -> None:
        self.checks += 1
        self.counterexample = self.counterexample or found


@dataclass(frozen=True, slots=True)
class Checks:
    """All invariants of a pack. `decided` of the `snapshots` made up are decided with status ok."""

    results: tuple[Checked, ...] = ()
    snapshots: int = 0
    decided: int = 0

    @property
    def unchecked(self) -> tuple[Checked, ...]:
        """What would hold only for want of a decision to check it on."""
        return tuple(each for each in self.results if not each.checks and self.snapshots)

    @property
    def passed(self) -> bool:
        return not self.unchecked and all(each.counterexample is None for each in self.results)


class Inspector:
    """Decides on snapshots by both back ends, and sees which invariants a decision breaks."""

    def __init__(self, policy: Policy, parameters: Mapping[str, ir.Value]) -> None:
        self.pack = policy.pack
        self.parameters = parameters
        self._rules = rules_of(policy.pack, parameters)
        self._examiners = (reference.examiner(policy.pack, parameters), policy.examiner)

    def runs(self, snapshot: object, state: State | None = None) -> tuple[Run, ...]:
        """The decision as each back end makes it from a state, or nothing where its status is not ok.

        What fails for a broken invariant alone is looked at: that is what is looked for.
        """
        reading = admit(self.pack, self._rules, snapshot)
        followed = (
            [examiner.follow(reading.inputs, state) for examiner in self._examiners] if not reading.faults else []
        )
        faults = [fault for _, outcome in followed for fault in outcome.faults if fault.code != "FB728"]
        return () if faults else tuple(run for run, _ in followed)

    def broken(
        self, invariant: ir.Invariant, snapshot: Mapping[str, Any], runs: Sequence[Run]
    ) -> Counterexample | None:
        for run in runs:
            try:
                kept = holds(run, invariant)
            except Located as located:
                fault = fault_diagnostic(self.pack, located.fault, located.span)
                return Counterexample(snapshot=snapshot, fault=fault)
            if not kept:
                return Counterexample(snapshot=snapshot)
        return None

    def moves(self, snapshot: Snapshot, pair: Pair) -> list[tuple[Run, Run]]:
        """The two decisions of a pair as each back end makes them, or nothing where one of them is not ok."""
        before, after = (self.runs(replaced(snapshot, pair.path, value)) for value in pair.values)
        return list(zip(before, after, strict=True)) if before and after else []

    def strays(
        self, monotone: ir.Monotone, snapshot: Snapshot, pair: Pair, moves: Sequence[tuple[Run, Run]]
    ) -> Counterexample | None:
        for run, other in moves:
            before: Any = run.outputs[monotone.output.name]
            after: Any = other.outputs[monotone.output.name]
            if (after < before) if monotone.word == "rises" else (after > before):
                kind = monotone.output.type
                move = Move(pair.values, (export(before, kind), export(after, kind)))
                return Counterexample(snapshot=replaced(snapshot, pair.path, pair.values[0]), move=move)
        return None


@dataclass(frozen=True, slots=True)
class Pair:
    """Two values of one place of a snapshot, in the order in which an invariant has them move."""

    path: tuple[Field, ...]
    values: tuple[Any, Any]


@dataclass(frozen=True, slots=True)
class Given:
    """A snapshot of an example, which `name` names, and the state that it came to."""

    name: str
    inspector: Inspector
    snapshot: Mapping[str, Any]
    state: State | None


def check_invariants(own: Inspector, examples: Iterable[Given], snapshots: int) -> Checks:
    """Every invariant, on the decisions of examples and of as many snapshots made up, under the pack's parameters."""
    results = [Checked(each) for each in own.pack.invariants]
    for each in examples:
        runs = each.inspector.runs(each.snapshot, each.state)
        for result in results if runs else ():
            if isinstance(result.invariant, ir.Invariant):
                found = each.inspector.broken(result.invariant, each.snapshot, runs)
                result.count(found and replace(found, example=each.name))
    sampler, decided = Sampler(own.pack, own.parameters), 0
    for _ in range(snapshots):
        snapshot = sampler.snapshot()
        runs = own.runs(snapshot)
        decided += bool(runs)
        for result in results if runs else ():
            if result.counterexample is None:
                _look(own, sampler, result, snapshot, runs)
    return Checks(tuple(results), snapshots, decided)


def _look(own: Inspector, sampler: Sampler, result: Checked, snapshot: Snapshot, runs: Sequence[Run]) -> None:
    match result.invariant:
        case ir.Invariant() as invariant:
            found = own.broken(invariant, snapshot, runs)
            result.count(found and _simplest(own, found, lambda each: own.broken(invariant, each, own.runs(each))))
        case ir.Monotone() as monotone:
            pair = _pair(own.pack, sampler, monotone, snapshot)
            moves = own.moves(snapshot, pair) if pair else []
            if pair and moves:
                found = own.strays(monotone, snapshot, pair, moves)
                result.count(found and _simplest(own, found, partial(_strays, own, monotone, pair)))


def _strays(own: Inspector, monotone: ir.Monotone, pair: Pair, snapshot: Snapshot) -> Counterexample | None:
    if value_at(snapshot, pair.path) is None:
        return None
    return own.strays(monotone, snapshot, pair, own.moves(snapshot, pair))


def _pair(pack: ir.Pack, sampler: Sampler, monotone: ir.Monotone, snapshot: Snapshot) -> Pair | None:
    """The value in the snapshot and another one, where there are both."""
    path = path_of(pack, monotone.input)
    value = value_at(snapshot, path)
    other = None if value is None else sampler.other(path[-1], value)
    if other is None:
        return None
    kind = path[-1].type
    low, high = sorted((value, other), key=kind.members.index if isinstance(kind, Enum) else float)
    return Pair(path, (low, high) if monotone.when == "when_rises" else (high, low))


def _simplest(
    own: Inspector, found: Counterexample, broken: Callable[[Snapshot], Counterexample | None]
) -> Counterexample:
    """The counterexample without the optional values and the items that it does not need."""
    while True:
        smaller = (broken(each) for each in simpler(own.pack.inputs, found.snapshot))
        smallest = next((each for each in smaller if each is not None), None)
        if smallest is None:
            return found
        found = smallest


__all__ = ["SNAPSHOTS", "Checked", "Checks", "Counterexample", "Given", "Inspector", "Move", "Pair", "check_invariants"]
