"""Looks for decisions that break a pack's invariants, on its examples and on snapshots made up.

Each condition is evaluated by both back ends: one that breaks it is enough.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import Any

from . import ir
from .admission import admit, rules_of
from .backends import reference
from .backends.evaluation import CompiledEvaluate
from .decision import Decision
from .diagnostics import Diagnostic
from .examination import Examiner
from .faults import Located
from .policy import Policy
from .reporting import fault_diagnostic
from .run import Run
from .sampling import Sampler, Snapshot, path_of, replaced, simpler, value_at
from .settling import holds
from .snapshot import export
from .state import State
from .types import Enum, Field

SNAPSHOTS = 200
STEPS = 20  # of a session that is made up
_SNAPSHOTS_A_SESSION = 40  # one session is made up for so many snapshots


@dataclass(frozen=True, slots=True)
class Move:
    """How the input of a monotone invariant moved, and what its output did, as plain values."""

    given: tuple[object, object]
    output: tuple[object, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Counterexample:
    """A snapshot whose decision breaks an invariant.

    `example` names the one that it comes from, if it was not made up; `move` belongs to monotone invariants, whose
    input has the first of its values here; `fault` says why a condition has no value. `before` are the snapshots of a
    session that lead to it.
    """

    snapshot: Mapping[str, Any]
    example: str | None = None
    move: Move | None = None
    fault: Diagnostic | None = None
    before: tuple[Mapping[str, Any], ...] = ()


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
    """All invariants of a pack. `decided` of the `snapshots` made up are decided with status ok, and so are
    `decided_steps` of the `steps` of all `sessions` made up.
    """

    results: tuple[Checked, ...] = ()
    snapshots: int = 0
    decided: int = 0
    sessions: int = 0
    steps: int = 0
    decided_steps: int = 0

    @property
    def unchecked(self) -> tuple[Checked, ...]:
        """What would hold only for want of a decision to check it on."""
        return tuple(each for each in self.results if not each.checks and self.snapshots)

    @property
    def passed(self) -> bool:
        return not self.unchecked and all(each.counterexample is None for each in self.results)


class Inspector:
    """Decides on snapshots by both back ends, and sees which invariants a decision breaks."""

    def __init__(self, policy: Policy) -> None:
        parameters = policy.values
        self.pack = policy.pack
        self._policy = policy
        self._rules = rules_of(policy.pack, parameters)
        compiled = CompiledEvaluate(policy.pack, parameters)
        self._examiners = [
            Examiner(policy.pack, parameters, each, enforces=False) for each in (reference.evaluate, compiled)
        ]

    def sampler(self, seed: str = "") -> Sampler:
        return Sampler(self.pack, self._policy.values, seed, self._policy.within)

    def runs(self, snapshot: object, state: State | None = None) -> tuple[Run, ...]:
        """The decision as each back end makes it from a state, or nothing where its status is not ok.

        That it breaks an enforced invariant does not count: that is what is looked for.
        """
        reading = admit(self.pack, self._rules, snapshot)
        followed = [examiner.follow(reading, state) for examiner in self._examiners] if not reading.faults else []
        return tuple(run for run, _ in followed) if all(outcome.status == "ok" for _, outcome in followed) else ()

    def step(self, snapshot: Mapping[str, Any], state: State) -> Decision:
        return self._policy.step(snapshot, state)

    def behind(self, snapshots: Iterable[Mapping[str, Any]]) -> State:
        """The state that a session of these snapshots has come to."""
        state = self._policy.start
        for each in snapshots:
            state = self.step(each, state).state or state
        return state

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

    def moves(self, snapshot: Snapshot, pair: Pair, state: State | None) -> list[tuple[Run, Run]]:
        """The two decisions of a pair as each back end makes them, or nothing where one of them is not ok."""
        before, after = (self.runs(replaced(snapshot, pair.path, value), state) for value in pair.values)
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


def check_invariants(owns: Sequence[Inspector], examples: Iterable[Given], snapshots: int) -> Checks:
    """Every invariant, on the decisions of examples and of as many snapshots made up, under the pack's parameters,
    which may be others in each of several periods.
    """
    results = [Checked(each) for each in owns[0].pack.invariants]
    for each in examples:
        runs = each.inspector.runs(each.snapshot, each.state)
        for result in results if runs else ():
            if isinstance(result.invariant, ir.Invariant):
                found = each.inspector.broken(result.invariant, each.snapshot, runs)
                result.count(found and replace(found, example=each.name))
    decided = sum(_alone(own, snapshots, results) for own in owns)
    sessions = snapshots // _SNAPSHOTS_A_SESSION if owns[0].pack.slots else 0
    decided_steps = sum(_session(own, str(number), results) for own in owns for number in range(sessions))
    sessions *= len(owns)
    return Checks(tuple(results), snapshots * len(owns), decided, sessions, sessions * STEPS, decided_steps)


def _alone(own: Inspector, snapshots: int, results: Sequence[Checked]) -> int:
    """Look at as many snapshots made up; how many of them were decided."""
    sampler, decided = own.sampler(), 0
    for _ in range(snapshots):
        at = _At(own, sampler.snapshot())
        decided += bool(at.runs)
        _look_all(at, sampler, results)
    return decided


def _session(own: Inspector, seed: str, results: Sequence[Checked]) -> int:
    """Look at every step of a session made up; how many of them were decided."""
    sampler, state, decided = own.sampler(seed), own.behind(()), 0
    before: tuple[Snapshot, ...] = ()
    snapshot = sampler.snapshot()
    for _ in range(STEPS):
        decision = own.step(snapshot, state)
        at = _At(own, snapshot, before, state)
        if decision.status in ("ok", "failsafe") and at.runs:
            decided += 1
            _look_all(at, sampler, results)
        before, state = (*before, snapshot), decision.state or state
        snapshot = sampler.following(snapshot)
    return decided


@dataclass(frozen=True)
class _At:
    """A snapshot made up, and in a session the snapshots before it and the state that they led to."""

    own: Inspector
    snapshot: Snapshot
    before: tuple[Snapshot, ...] = ()
    state: State | None = None

    @cached_property
    def runs(self) -> tuple[Run, ...]:
        return self.own.runs(self.snapshot, self.state)


def _look_all(at: _At, sampler: Sampler, results: Sequence[Checked]) -> None:
    for result in results if at.runs else ():
        if result.counterexample is None:
            _look(at, sampler, result)


def _look(at: _At, sampler: Sampler, result: Checked) -> None:
    match result.invariant:
        case ir.Invariant() as invariant:
            result.count(_simplest(at, lambda each: each.own.broken(invariant, each.snapshot, each.runs)))
        case ir.Monotone() as monotone:
            pair = _pair(at.own.pack, sampler, monotone, at.snapshot)
            if pair and at.own.moves(at.snapshot, pair, at.state):
                result.count(_simplest(at, partial(_strays, monotone, pair)))


def _strays(monotone: ir.Monotone, pair: Pair, at: _At) -> Counterexample | None:
    if value_at(at.snapshot, pair.path) is None:
        return None
    return at.own.strays(monotone, at.snapshot, pair, at.own.moves(at.snapshot, pair, at.state))


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


def _simplest(at: _At, broken: Callable[[_At], Counterexample | None]) -> Counterexample | None:
    """The counterexample, if there is one, without the steps, values and items that it does not need."""
    found = broken(at)
    if found is None:
        return None
    while True:
        tried = ((each, broken(each)) for each in _simpler(at))
        smaller = next(((each, found) for each, found in tried if found is not None), None)
        if smaller is None:
            return replace(found, before=at.before)
        at, found = smaller


def _simpler(at: _At) -> Iterator[_At]:
    for i in range(len(at.before)):
        before = (*at.before[:i], *at.before[i + 1 :])
        yield replace(at, before=before, state=at.own.behind(before))
    for snapshot in simpler(at.own.pack.inputs, at.snapshot):
        yield replace(at, snapshot=snapshot)


__all__ = ["SNAPSHOTS", "Checked", "Checks", "Counterexample", "Given", "Inspector", "Move", "Pair", "check_invariants"]
