"""A decision made again with something changed: what rests on the change is computed, all else is taken over.

It means what the examination means where nothing is at fault; the first fault is the end of it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from . import ir
from .admission import admit, rules_of
from .arbitration import examined
from .backends import reference
from .binding import holds_document
from .computing import perform
from .graph import Key, admitting, dependencies, expressions_of, fired, key_of
from .intents import arranged, reads_intents
from .parts import Contents, Reader, contents, waits
from .requirements import Rules, parameters_in
from .run import Run
from .settling import closed, emitted, enforce, explained, vetoed
from .snapshot import Reading, canonical
from .state import State, at, empty, max_gap, standing
from .types import List, Map, Record, Type, Vector

if TYPE_CHECKING:
    from .policy import Policy

_NOW: Key = ("input", "now")


class Retracer:
    """Makes a decision without fault again, on other snapshots or under other parameters. `state` was before it."""

    def __init__(self, policy: Policy, inputs: Mapping[str, ir.Value], state: State | None) -> None:
        self._pack = pack = policy.pack
        self._parameters = parameters = policy.values
        self._fields = policy.fields
        self._documents = [each for each in pack.inputs if holds_document(each.type)]
        self._state = state
        self._examiner = reference.examiner(pack, parameters)
        self._rules = rules_of(pack, parameters)
        self._contents = {name: _with_fired(pack, each) for name, each in contents(pack).items()}
        needs = dependencies(pack)
        steps = pack.steps if pack.parts else (*pack.steps, ir.Settle(""))
        self._steps = [(step, key_of(step), needs.get(key_of(step), frozenset()) | _more(pack, step)) for step in steps]
        self._at_large = frozenset(_at_large(pack))
        self._gap = max_gap(pack, parameters)
        self.run = self._examiner.follow(Reading(inputs), state)[0]

    def on(self, snapshot: object) -> Run | None:
        """The run on another snapshot; nothing where it is at fault, or no step further.

        Its documents are those of the decision, of which no more is known than their fingerprints.
        """
        reading = self._admitted(self._rules, snapshot)
        if reading.faults or (self._state is not None and standing(self._pack, self._state, reading.inputs) != "next"):
            return None
        return self._again(reading.inputs, self._parameters)

    def _admitted(self, rules: Rules, snapshot: object) -> Reading:
        reading = admit(self._pack, rules, snapshot)
        if reading.faults or not self._documents:
            return reading
        known = self.run.inputs
        kept = {each.name: _kept(each.type, reading.inputs[each.name], known[each.name]) for each in self._documents}
        return replace(reading, inputs={**reading.inputs, **kept})

    def under(self, parameters: Mapping[str, ir.Value]) -> Run | None:
        """The run under other parameters; nothing where it is at fault."""
        if all(parameters[name] == self._parameters[name] for name in self._at_large):
            return self._again(self.run.inputs, parameters)
        snapshot = canonical(self._fields, self.run.inputs)
        reading = self._admitted(rules_of(self._pack, parameters), snapshot)
        if reading.faults:
            return None
        run, outcome = self._examiner.under(parameters).follow(reading, self._state)
        return None if outcome.faults else run

    def _again(self, inputs: Mapping[str, ir.Value], parameters: Mapping[str, ir.Value]) -> Run | None:
        changed = set(_differing("input", self.run.inputs, inputs))
        changed.update(_differing("parameter", self._parameters, parameters))
        run = self.run.resumed(inputs, parameters)
        if _NOW in changed:
            state = empty(self._pack) if self._state is None else self._state
            run.kept = at(self._pack, state, inputs.get("now"), self._gap)
        for step, key, needs in self._steps:
            if isinstance(step, ir.Settle):
                self._settle(run, self._contents[step.part], changed)
            elif not changed.isdisjoint(needs):
                perform(run, step, key)
                if not run.faults and _left_by(step, run) != _left_by(step, self.run):
                    changed.add(key)
            if run.faults:
                return None
        self._arbitrate(run, changed)
        return None if run.faults else run

    def _settle(self, run: Run, of: Contents, changed: set[Key]) -> None:
        """Reasons are looked at for their faults alone."""
        name, emits = of.part.name, self._pack.emits
        moved = _touched(of.rules, changed)
        deque(explained(run, moved), maxlen=0)
        deque(closed(run, _touched(of.groups, changed)), maxlen=0)
        if emits and not self._pack.intents.keys().isdisjoint(moved):
            intents = [each.id for each in of.rules if each.id in self._pack.intents]
            run.candidates[name] = tuple(emitted(run, emits, intents))
            run.intents[name] = arranged(emits, run.candidates[name])
            changed.add(("intents", name))
        enforce(run, _due(of, changed, lambda each: not waits(self._pack, each)))

    def _arbitrate(self, run: Run, changed: set[Key]) -> None:
        """Intents are weighed again where one may have changed, or what a veto reads."""
        emits, rules = self._pack.emits, self._pack.arbitration
        if not self._pack.parts or not emits:
            return
        own = self._contents[""]
        if any(kind == "intents" for kind, _ in changed) or not changed.isdisjoint(own.vetoes):
            candidates = [each for part in run.candidates.values() for each in part]
            arbiter = examined(emits, rules, candidates, vetoed=partial(vetoed, run))
            run.intents[""], run.dropped = tuple(arbiter.kept), tuple(arbiter.dropped)
            changed.add(("intents", ""))
        enforce(run, _due(own, changed, lambda each: waits(self._pack, each)))


def _differing(kind: str, one: Mapping[str, ir.Value], other: Mapping[str, ir.Value]) -> Iterator[Key]:
    yield from ((kind, name) for name, value in other.items() if value != one.get(name))


def _touched(readers: Iterable[Reader], changed: Collection[Key]) -> list[str]:
    return [each.id for each in readers if not each.needs.isdisjoint(changed)]


def _due(of: Contents, changed: Collection[Key], now: Callable[[ir.Invariant], bool]) -> Iterator[ir.Invariant]:
    """The invariants that are checked now and read something that changed."""
    others = ("intents", of.part.name) in changed
    for invariant, needs in of.enforced:
        if now(invariant) and (not needs.isdisjoint(changed) or (others and reads_intents(invariant.condition))):
            yield invariant


def _left_by(step: ir.Step, run: Run) -> Any:
    """What a step left for those that read it."""
    match step:
        case ir.Define(name=name) | ir.Bind(name=name):
            return run.definitions[name]
        case ir.Gate(group=group):
            return run.gates[group]
        case ir.Judge(rule=rule) | ir.Bite(rule=rule):
            return run.fired[rule]
        case ir.Match(table=table):
            return [run.fired[row] for row in run.pack.tables[table].rows]
        case ir.Fold(output=output):
            return run.outputs[output], run.ways[output]
    return None


def _kept(kind: Type, value: Any, known: Any) -> Any:
    """A value with the documents that were known in its place; its lists are as they were."""
    if value is None or not holds_document(kind):
        return value
    match kind:
        case Record(fields=fields):
            return tuple(_kept(each.type, *pair) for each, *pair in zip(fields, value, known, strict=True))
        case List(item=item) | Vector(item=item):
            return tuple(_kept(item.type, *pair) for pair in zip(value, known, strict=True))
        case Map(item=item):
            return tuple((key, _kept(item.type, each, was)) for (key, each), (_, was) in zip(value, known, strict=True))
    return known


# What else steps and reasons read


def _more(pack: ir.Pack, step: ir.Step) -> frozenset[Key]:
    nodes = (node for each in expressions_of(pack, step) for node in ir.walk(each))
    timed = isinstance(step, ir.Bind) or any(isinstance(node, ir.Advance) for node in nodes)
    return frozenset((_NOW,) if timed else ())


def _with_fired(pack: ir.Pack, of: Contents) -> Contents:
    """Reasons rest on what fired, and on the groups that closed."""
    return replace(
        of,
        rules=tuple(replace(each, needs=each.needs.union(fired(pack, each.id))) for each in of.rules),
        groups=tuple(replace(each, needs=each.needs | {("gate", each.id)}) for each in of.groups),
    )


def _at_large(pack: ir.Pack) -> Iterator[str]:
    """The parameters that what is let in rests on, or all state; the rest is read by steps and reasons."""
    conditions = [each.condition for each in (*pack.contracts.values(), *pack.admits)]
    for each in (*conditions, *([pack.max_gap] if pack.max_gap else [])):
        yield from parameters_in(each)
    for field in (*pack.inputs, *(step.place for step in pack.steps if isinstance(step, ir.Bind))):
        yield from admitting(pack, field)


__all__ = ["Retracer"]
