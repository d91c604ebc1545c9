"""Counterfactuals: the smallest change that would have led to another decision, found by deciding again.

A number is moved to where a comparison behind the target would turn, which is exact where both of its sides are linear
in that number, and to points ever farther away. Between the last point that changes nothing and the first that does,
halving finds the very edge. Every answer has been decided; where none is found, no more than the search is claimed.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Any

from . import ir
from .binding import holds_document
from .diagnostics import has_errors
from .faults import Located
from .in_force import Effective, check_effective
from .levers import Lever, levers, moved, parameter_levers
from .linearity import CALM, Linearity
from .moves import Move, around, edge, nearest
from .requirements import parameters_in
from .retracing import Retracer
from .run import Run
from .snapshot import canonical
from .tables import check_tables
from .targets import OutputTarget, Target
from .types import Integer, Number, Time, Type

if TYPE_CHECKING:
    from .decision import Decision
    from .policy import Policy
    from .state import State

_LINEAR = 1e-9  # the part by which three points may miss a line, for rounding
_STEP = 2.0**-10  # how far the points of a line lie apart, as a part of the value
_MOST_PAIRS = 4_000
_HORIZON_S = 30 * 86_400
_MICROSECONDS = 1_000_000

Atom = tuple[ir.Expr, ir.Expr]


@dataclass(frozen=True, slots=True)
class Counterfactual:
    """Moves that together lead to another value of the target. `distance` is in parts of the declared ranges."""

    moves: tuple[Move, ...]
    value: object
    distance: float


@dataclass(frozen=True, slots=True)
class Found:
    """What was found for one target: by one input, by two where one is not enough, by a parameter, by waiting.

    `type` is that of an output. `exact`: every comparison of numbers behind the target is linear in each input, so that
    nothing nearer was missed.
    """

    target: Target
    value: object
    singles: tuple[Counterfactual, ...] = ()
    pairs: tuple[Counterfactual, ...] = ()
    parameters: tuple[Counterfactual, ...] = ()
    release: Counterfactual | None = None
    levers: tuple[str, ...] = ()
    type: Type | None = None
    exact: bool = True


def counterfactuals(policy: Policy, decision: Decision, output: str, state: State | None = None) -> Found:
    """What would have changed an output of a decision whose status is ok. `state` is the one before it."""
    return Search(policy, decision, state).found(OutputTarget(output))


class Search:
    """The decision that is asked about, for any of its targets. Its status is ok, and `state` was before it."""

    def __init__(self, policy: Policy, decision: Decision, state: State | None) -> None:
        self.policy = policy
        self.state = state
        self.inputs = decision.outcome.inputs
        snapshot = canonical(policy.fields, self.inputs)
        assert isinstance(snapshot, dict), "a snapshot is an object"
        self.snapshot: dict[str, Any] = snapshot
        self.retracer = Retracer(policy, self.inputs, state)

    def found(self, target: Target) -> Found:
        return _Search(self, target).found()


class _Search:
    def __init__(self, about: Search, target: Target) -> None:
        self._policy = policy = about.policy
        self._target = target
        self._state = about.state
        self._inputs = about.inputs
        self._snapshot = about.snapshot
        self._retracer = about.retracer
        self._reach = target.reach(policy.pack)
        self._value = target.value(self._retracer.run)
        self._atoms = [pair for pair in self._reach.atoms() if _has_distance(pair[0].type)]
        fields = [field for field in policy.pack.inputs if field.name in self._reach.inputs]
        self._levers = levers(fields, self._inputs)
        self._fast = isinstance(target, OutputTarget) and not any(holds_document(each.type) for each in policy.fields)
        self._exact = True
        self._identity = ("now", *(each.source for each in policy.pack.inputs if each.name == policy.pack.step))

    def found(self) -> Found:
        singles = sorted(filter(None, map(self._single, self._levers)), key=_distance)
        return Found(
            target=self._target,
            value=self._value,
            singles=tuple(singles),
            pairs=() if singles else self._pair(),
            parameters=tuple(sorted(self._parameters(), key=_distance)),
            release=self._release(),
            levers=tuple(each.name for each in self._levers),
            type=self._target.type_in(self._policy.pack),
            exact=self._exact,
        )

    def _other(self, run: Run | None) -> Any:
        """Another value that the target has in a run; nothing where it is the same, or there is no run."""
        value = None if run is None else self._target.value(run)
        return None if value == self._value else value

    # Inputs

    def _decided(self, snapshot: Mapping[str, Any]) -> Any:
        """Another value that the target has on a snapshot; nothing where it is the same, or nothing is decided."""
        decision = self._quickly(snapshot) if self._fast else None
        if decision is None:
            return self._other(self._retracer.on(snapshot))
        value = decision.outputs[self._target.name]
        return None if value == self._value else value

    def _quickly(self, snapshot: Mapping[str, Any]) -> Decision | None:
        """By the generated function, which knows nothing of sessions where no state is kept."""
        policy = self._policy
        if policy.program.start is not None:
            return policy.trial(snapshot, policy.start if self._state is None else self._state)
        if self._state is not None and any(snapshot.get(key) != self._snapshot.get(key) for key in self._identity):
            return None
        return policy.trial(snapshot)

    def _single(self, lever: Lever) -> Counterfactual | None:
        def tried(value: Any) -> Any:
            return self._decided(moved(self._snapshot, lever.keys, lever.plain(value)))

        move = nearest(lever, [*lever.nearby(), *self._edges(lever)], tried)
        return None if move is None else Counterfactual((move,), tried(move.after), lever.distance(move.after))

    def _edges(self, lever: Lever) -> list[Any]:
        """Where comparisons behind the target would turn."""
        if not lever.is_number:
            return []
        found, exact = self._turns(lever)
        self._exact = self._exact and exact
        return found

    def _turns(self, lever: Lever) -> tuple[list[Any], bool]:
        """Where comparisons would turn were they linear in this number from here on, and whether all of them are."""
        shapes = Linearity(self._policy.pack, lever.names, self._reach.needs)
        exact = all(shapes.of(each) in CALM for each in self._reach.items())
        exact = exact and all(shapes.of(each) in CALM for pair in self._reach.hidden() for each in pair)
        atoms = [(pair, {shapes.of(side) for side in pair} - {"none"}) for pair in self._atoms]
        moving = [(pair, found == {"linear"}) for pair, found in atoms if found - {"steps"}]
        runs = self._line(lever) if moving else None
        found: list[Any] = []
        for pair, linear in moving:
            root, straight = _root([(x, _difference(run, *pair)) for x, run in runs or ()])
            exact = exact and linear and straight
            found += around(lever, root)
        return found, exact

    def _line(self, lever: Lever) -> list[tuple[float, Run]] | None:
        """The run of the decision, and those of two more points on one side of the lever's value."""
        step = _step(lever)
        for way in (step, -step):
            points = [lever.value + way * k for k in (1, 2)]
            if all(lever.low <= point <= lever.high for point in points):
                snapshots = [moved(self._snapshot, lever.keys, lever.plain(point)) for point in points]
                runs = [(x, run) for x, each in zip(points, snapshots, strict=True) if (run := self._retracer.on(each))]
                return [(lever.value, self._retracer.run), *runs] if len(runs) == len(points) else None
        return None

    # Pairs

    def _pair(self) -> tuple[Counterfactual, ...]:
        """The nearest two inputs that together are enough, where one is not."""
        choices = {lever.name: self._choices(lever) for lever in self._levers}
        tries = [
            (one.distance(a) + two.distance(b), one, a, two, b)
            for one, two in combinations(self._levers, 2)
            for a in choices[one.name]
            for b in choices[two.name]
        ]
        tries.sort(key=lambda each: each[0])
        self._exact = self._exact and len(tries) <= _MOST_PAIRS
        for _, one, a, two, b in tries[:_MOST_PAIRS]:
            snapshot = moved(moved(self._snapshot, one.keys, one.plain(a)), two.keys, two.plain(b))
            if self._decided(snapshot) is not None:
                return (self._tightened(one, a, two, b),)
        return ()

    def _choices(self, lever: Lever) -> list[Any]:
        if not lever.is_number:
            return list(lever.nearby())
        ends = [lever.fitting(end) for end in (lever.low, lever.high) if not math.isinf(end)]
        return [each for each in dict.fromkeys([*self._edges(lever), *ends]) if each != lever.value]

    def _tightened(self, one: Lever, a: Any, two: Lever, b: Any) -> Counterfactual:
        """Each of the two moved no farther than needed, the other as it is."""

        def first(value: Any) -> Any:
            return self._decided(moved(moved(self._snapshot, one.keys, one.plain(value)), two.keys, two.plain(b)))

        nearer = edge(one, one.value, a, first)

        def second(value: Any) -> Any:
            snapshot = moved(self._snapshot, one.keys, one.plain(nearer.after))
            return self._decided(moved(snapshot, two.keys, two.plain(value)))

        other = edge(two, two.value, b, second)
        distance = one.distance(nearer.after) + two.distance(other.after)
        return Counterfactual((nearer, other), second(other.after), distance)

    # Parameters

    def _parameters(self) -> Iterator[Counterfactual]:
        """Of each parameter behind the target, the nearest value that would have been enough."""
        policy = self._policy
        checked = set(_checked(policy.pack))
        own = [_difference(self._retracer.run, *pair) for pair in self._atoms]
        for lever in parameter_levers(policy.pack, policy.values):
            if lever.name not in self._reach.parameters:
                continue

            def tried(value: Any, name: str = lever.name) -> Any:
                values = {**policy.values, name: value}
                found = self._other(self._retracer.under(values))
                return found if found is not None and (name not in checked or _loads(policy, values, name)) else None

            move = nearest(lever, self._parameter_choices(lever, own), tried)
            if move:
                yield Counterfactual((move,), tried(move.after), lever.distance(move.after))

    def _parameter_choices(self, lever: Lever, own: list[float | None]) -> list[Any]:
        if not lever.is_number:
            return list(lever.nearby())
        step = _step(lever)
        way = step if lever.value + step <= lever.high else -step
        run = self._retracer.under({**self._policy.values, lever.name: lever.value + way})
        if run is None:
            return []
        found = []
        for first, pair in zip(own, self._atoms, strict=True):
            second = _difference(run, *pair)
            if first is not None and second is not None and first != second:
                found += around(lever, lever.value - first * way / (second - first))
        return found

    # Time

    def _release(self) -> Counterfactual | None:
        """When the target would change if nothing but time went on."""
        now, (_, until) = self._inputs.get("now"), self._policy.within
        if not isinstance(now, int) or not (self._policy.pack.needs_now or self._state is not None):
            return None
        farthest = now + _HORIZON_S * _MICROSECONDS
        end = farthest if until is None else min(farthest, until - 1)  # then other parameters are in force
        lever = Lever("now", ("now",), Time(), now, now, end, ("now",))
        geometric = {now + int(_HORIZON_S * _MICROSECONDS * 1.5**-k) for k in range(75)}
        points = sorted(each for each in geometric | {*self._turns(lever)[0]} if now < each <= lever.high)

        def tried(value: Any) -> Any:
            return self._decided(moved(self._snapshot, ("now",), lever.plain(value)))

        before = now
        for point in points:
            if tried(point) is not None:
                move = edge(lever, before, point, tried)
                return Counterfactual((move,), tried(move.after), 0.0)
            before = point
        return None


def _step(lever: Lever) -> float:
    """How far the points of a line lie apart."""
    if isinstance(lever.type, Time):
        return _MICROSECONDS
    return 1 if lever.is_whole else max(abs(lever.value), 1.0) * _STEP


def _distance(each: Counterfactual) -> float:
    return each.distance


def _root(points: list[tuple[float, float | None]]) -> tuple[float, bool]:
    """Where three points on a line come to zero, and whether they are on one; no number where that is not known."""
    values = [(x, y) for x, y in points if y is not None]
    if len(values) < len(points) or not points:
        return math.nan, False
    (x0, first), (x1, second), (x2, third) = values
    slope = (second - first) / (x1 - x0)
    bent = abs(third - (first + slope * (x2 - x0))) > _LINEAR * max(abs(first), abs(third), 1.0)
    return x0 - first / slope if slope else math.nan, not bent


def _has_distance(kind: object) -> bool:
    return isinstance(kind, Number | Integer | Time)


def _difference(run: Run, left: ir.Expr, right: ir.Expr) -> float | None:
    """How far two sides of a comparison lie apart in a run; nothing where one has no value."""
    try:
        values = [run.evaluate(run, each, {}) for each in (left, right)]
    except (Located, KeyError):  # behind a guard that was false, or a step that was not reached
        return None
    return None if None in values else float(values[0] - values[1])


def _checked(pack: ir.Pack) -> Iterator[str]:
    """The parameters that loading a policy may refuse for more than their own range."""
    lookups = [step.value for step in pack.steps if isinstance(step, ir.Define) and isinstance(step.value, ir.Lookup)]
    columns = [column for table in pack.tables.values() for column in table.columns]
    columns += [column for lookup in lookups for column in lookup.columns]
    expressions = [cell for column in columns for cell in column.cells if cell is not None]
    expressions += [each.condition for each in pack.requires] + [each.safe for each in pack.outputs.values()]
    expressions += [each.emit for each in pack.intents.values() if each.safe]
    yield from (name for each in expressions for name in parameters_in(each))


def _loads(policy: Policy, values: Mapping[str, ir.Value], name: str) -> bool:
    """Whether a policy loads with another value of one parameter."""
    in_force = Effective(values, dict.fromkeys(values, "parameters:"))
    return not has_errors([*check_effective(policy.pack, in_force, set()), *check_tables(policy.pack, in_force, name)])


__all__ = ["Counterfactual", "Found", "Search", "counterfactuals"]
