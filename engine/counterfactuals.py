"""Counterfactuals: the smallest change that would have led to another decision, found by deciding again.

A number is moved to where a comparison behind the output would turn, which is exact where both of its sides are linear
in that number, and to points ever farther away. Between the last point that changes nothing and the first that does,
halving finds the very edge. Every answer has been decided; where none is found, no more than the search is claimed.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Any

from . import ir
from .backends import reference
from .constants import constant
from .faults import Located
from .levers import Lever, levers, moved, parameter_levers
from .reach import Reach
from .snapshot import Reading
from .types import Integer, Number, Time

if TYPE_CHECKING:
    from .decision import Decision
    from .policy import Policy
    from .run import Run
    from .state import State

_LINEAR = 1e-9  # the part by which three points may miss a line, for rounding
_STEP = 2.0**-10  # how far the points of a line lie apart, as a part of the value
_MOST_PAIRS = 4_000
_HORIZON_S = 30 * 86_400
_MICROSECONDS = 1_000_000

Tried = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Move:
    """A value as it is and as it would have to be.

    `edge` is the last value that changes nothing, next to `after`; it is None for choices. `onwards`: the farthest
    value beyond `after` changes the output as well.
    """

    lever: Lever
    after: Any
    edge: Any = None
    onwards: bool = False


@dataclass(frozen=True, slots=True)
class Counterfactual:
    """Moves that together lead to another value of the output. `distance` is in parts of the declared ranges."""

    moves: tuple[Move, ...]
    output: object
    distance: float


@dataclass(frozen=True, slots=True)
class Found:
    """What was found for one output: by one input, by two where one is not enough, by a parameter, by waiting.

    `exact`: every comparison of numbers behind the output is linear in each input, so that nothing nearer was missed.
    """

    output: str
    value: object
    singles: tuple[Counterfactual, ...] = ()
    pairs: tuple[Counterfactual, ...] = ()
    parameters: tuple[Counterfactual, ...] = ()
    release: Counterfactual | None = None
    levers: tuple[str, ...] = ()
    exact: bool = True


def counterfactuals(policy: Policy, decision: Decision, output: str, state: State | None = None) -> Found:
    """What would have changed an output of a decision whose status is ok. `state` is the one before it."""
    search = _Search(policy, decision, output, state)
    singles = sorted(filter(None, map(search.single, search.levers)), key=lambda each: each.distance)
    return Found(
        output=output,
        value=search.value,
        singles=tuple(singles),
        pairs=() if singles else search.pair(),
        parameters=tuple(sorted(search.parameters(), key=lambda each: each.distance)),
        release=search.release(),
        levers=tuple(each.name for each in search.levers),
        exact=search.exact,
    )


class _Search:
    def __init__(self, policy: Policy, decision: Decision, output: str, state: State | None) -> None:
        from .snapshot import canonical  # noqa: PLC0415  whoever asks for no explanation need not wait for it

        self._policy = policy
        self._output = output
        self._computed = policy.pack.published.get(output, output)
        self._state = state
        self.value = decision.outputs.get(output)
        self._inputs = decision.outcome.inputs
        snapshot = canonical(policy.fields, self._inputs)
        assert isinstance(snapshot, dict), "a snapshot is an object"
        self._snapshot: dict[str, Any] = snapshot
        self._reach = Reach(policy.pack, self._computed)
        self._atoms = [pair for pair in self._reach.atoms() if _has_distance(pair[0].type)]
        fields = [field for field in policy.pack.inputs if field.name in self._reach.inputs]
        self.levers = levers(fields, self._inputs)
        self.exact = True

    # Inputs

    def _decided(self, snapshot: Mapping[str, Any]) -> Any:
        """Another value that the output has on a snapshot; None where it is the same, or nothing is decided."""
        policy, state = self._policy, self._state
        decision = policy.decide(snapshot) if state is None else policy.step(snapshot, state)
        value = decision.outputs.get(self._output)
        return None if decision.status != "ok" or value == self.value else value

    def single(self, lever: Lever) -> Counterfactual | None:
        def tried(value: Any) -> Any:
            return self._decided(moved(self._snapshot, lever.keys, lever.plain(value)))

        return _nearest(lever, [*lever.nearby(), *self._edges(lever)], tried)

    def _edges(self, lever: Lever) -> list[Any]:
        """Where comparisons behind the output would turn, were they linear in this number from here on."""
        if not lever.is_number:
            return []
        runs = self._line(lever)
        if runs is None:
            return []
        found: list[Any] = []
        for left, right in self._atoms:
            values = [_difference(run, left, right) for _, run in runs]
            first, second, third = values
            if first is None or second is None or third is None:
                continue
            (x0, _), (x1, _), (x2, _) = runs
            slope = (second - first) / (x1 - x0)
            bent = abs(third - (first + slope * (x2 - x0))) > _LINEAR * max(abs(first), abs(third), 1.0)
            self.exact = self.exact and not bent
            if slope:
                found += _around(lever, x0 - first / slope)
        return found

    def _line(self, lever: Lever) -> list[tuple[float, Run]] | None:
        """The run of the decision, and those of two more points on one side of the lever's value."""
        step: float = 1 if lever.is_whole else max(abs(lever.value), 1.0) * _STEP
        for way in (step, -step):
            points = [lever.value + way * k for k in range(3)]
            if all(lever.low <= point <= lever.high for point in points):
                runs = [self._run(lever, point) for point in points]
                return [(point, run) for point, run in zip(points, runs, strict=True) if run] if all(runs) else None
        return None

    def _run(self, lever: Lever, value: Any) -> Run | None:
        from .admission import admit, rules_of  # noqa: PLC0415

        pack, values = self._policy.pack, self._policy.values
        reading = admit(pack, rules_of(pack, values), moved(self._snapshot, lever.keys, lever.plain(value)))
        if reading.faults:
            return None
        run, outcome = reference.examiner(pack, values).follow(reading, self._state)
        return None if outcome.faults else run

    # Pairs

    def pair(self) -> tuple[Counterfactual, ...]:
        """The nearest two inputs that together are enough, where one is not."""
        choices = {lever.name: self._choices(lever) for lever in self.levers}
        tries = [
            (one.distance(a) + two.distance(b), one, a, two, b)
            for one, two in combinations(self.levers, 2)
            for a in choices[one.name]
            for b in choices[two.name]
        ]
        tries.sort(key=lambda each: each[0])
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

        nearer = _edge(one, one.value, a, first)

        def second(value: Any) -> Any:
            snapshot = moved(self._snapshot, one.keys, one.plain(nearer.after))
            return self._decided(moved(snapshot, two.keys, two.plain(value)))

        other = _edge(two, two.value, b, second)
        distance = one.distance(nearer.after) + two.distance(other.after)
        return Counterfactual((nearer, other), second(other.after), distance)

    # Parameters

    def parameters(self) -> Iterable[Counterfactual]:
        """Of each parameter behind the output, the nearest value that would have been enough."""
        policy = self._policy
        examiner = reference.examiner(policy.pack, policy.values)
        for lever in parameter_levers(policy.pack, policy.values):
            if lever.name not in self._reach.parameters:
                continue

            def tried(value: Any, lever: Lever = lever) -> Any:
                values = {**policy.values, lever.name: value}
                if not _required(policy.pack, values):
                    return None
                outcome = examiner.under(values).examine(Reading(self._inputs), self._state)
                if outcome.faults:
                    return None
                shown = self._shown(outcome.outputs[self._computed])
                return None if shown == self.value else shown

            found = _nearest(lever, self._parameter_choices(lever, examiner), tried)
            if found:
                yield found

    def _parameter_choices(self, lever: Lever, examiner: Any) -> list[Any]:
        if not lever.is_number:
            return list(lever.nearby())
        step = 1 if lever.is_whole else max(abs(lever.value), 1.0) * _STEP
        way = step if lever.value + step <= lever.high else -step
        runs = []
        for value in (lever.value, lever.value + way):
            run, outcome = examiner.under({**self._policy.values, lever.name: value}).follow(
                Reading(self._inputs), self._state
            )
            if outcome.faults:
                return []
            runs.append(run)
        found = []
        for left, right in self._atoms:
            first, second = (_difference(run, left, right) for run in runs)
            if first is not None and second is not None and first != second:
                found += _around(lever, lever.value - first * way / (second - first))
        return found

    def _shown(self, value: ir.Value) -> object:
        from .snapshot import export  # noqa: PLC0415

        return export(value, self._policy.pack.outputs[self._computed].type)

    # Time

    def release(self) -> Counterfactual | None:
        """When the output would change if nothing but time went on."""
        now = self._inputs.get("now")
        if self._state is None or not isinstance(now, int):
            return None
        lever = Lever("now", ("now",), Time(), now, now, now + _HORIZON_S * _MICROSECONDS)
        points = sorted({now + int(_HORIZON_S * _MICROSECONDS * 1.5**-k) for k in range(75)})

        def tried(value: Any) -> Any:
            return self._decided(moved(self._snapshot, ("now",), lever.plain(value)))

        before = now
        for point in points:
            if point > before and (value := tried(point)) is not None:
                move = _edge(lever, before, point, tried)
                return Counterfactual((move,), value, 0.0)
            before = point
        return None


def _nearest(lever: Lever, choices: Sequence[Any], tried: Tried) -> Counterfactual | None:
    """The nearest of the choices that changes something, moved back to the edge."""
    last: dict[bool, Any] = {True: lever.value, False: lever.value}  # what changes nothing, above and below
    for value in sorted({*choices} - {lever.value}, key=lambda each: (lever.distance(each), each)):
        above = value > lever.value
        found = tried(value)
        if found is None:
            last[above] = value
            continue
        move = _edge(lever, last[above], value, tried)
        return Counterfactual((move,), tried(move.after), lever.distance(move.after))
    return None


def _edge(lever: Lever, near: Any, far: Any, tried: Tried) -> Move:
    """Between a value that changes nothing and one that does, the two neighbours at the edge."""
    if not lever.is_number and not isinstance(lever.type, Time):
        return Move(lever, far)
    while (middle := _between(lever, near, far)) is not None:
        if tried(middle) is None:
            near = middle
        else:
            far = middle
    end = lever.high if far > lever.value else lever.low
    onwards = lever.is_number and not math.isinf(end) and tried(lever.fitting(end)) is not None
    return Move(lever, far, near, onwards)


def _between(lever: Lever, near: Any, far: Any) -> Any:
    if isinstance(lever.type, Time):
        middle = (near + far) // 2
        return None if middle in (near, far) else middle
    return lever.between(near, far)


def _around(lever: Lever, root: float) -> list[Any]:
    """The values of a lever at a point, and next to it."""
    if not math.isfinite(root) or not lever.low <= root <= lever.high:
        return []
    if lever.is_whole:
        points: list[float] = [math.floor(root) - 1, math.floor(root), math.ceil(root), math.ceil(root) + 1]
    else:
        near = round(root, 12)  # a literal that the root misses by rounding alone
        points = [
            p for each in {root, near} for p in (math.nextafter(each, -math.inf), each, math.nextafter(each, math.inf))
        ]
    return [lever.fitting(point) for point in points if lever.low <= point <= lever.high]


def _has_distance(kind: object) -> bool:
    return isinstance(kind, Number | Integer | Time)


def _difference(run: Run, left: ir.Expr, right: ir.Expr) -> float | None:
    """How far two sides of a comparison lie apart in a run; nothing where one has no value."""
    try:
        values = [run.evaluate(run, each, {}) for each in (left, right)]
    except (Located, KeyError):  # behind a guard that was false, or a step that was not reached
        return None
    return None if None in values else float(values[0] - values[1])


def _required(pack: ir.Pack, values: Mapping[str, ir.Value]) -> bool:
    """Whether parameters keep the requirements on parameters."""
    return all(constant(each.condition, values) for each in pack.requires if each not in pack.admits)


__all__ = ["Counterfactual", "Found", "Move", "counterfactuals"]
