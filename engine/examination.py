"""One decision, step by step, with everything that a reader may ask for afterwards."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from copy import copy
from dataclasses import replace
from typing import Any

from . import ir
from .computing import perform
from .diagnostics import Diagnostic
from .graph import Key, all_reads, dependencies, key_of
from .intents import SENT, arranged
from .outcome import Outcome
from .run import Evaluate, Run
from .settling import closed, emitted, enforce, explained
from .state import State, at, empty, max_gap
from .stepping import cleaned


class Examiner:
    """Examines snapshots of one pack under its effective parameters."""

    def __init__(self, pack: ir.Pack, parameters: Mapping[str, ir.Value], evaluate: Evaluate) -> None:
        self._pack = pack
        self._parameters = parameters
        self._evaluate = evaluate
        needs = dependencies(pack)
        self._steps = [(step, key_of(step), needs[key_of(step)]) for step in pack.steps]
        self._gap = max_gap(pack, parameters)
        self._empty = empty(pack)
        holders: dict[str, ir.Rule | ir.Group] = {**pack.rules, **pack.groups}
        self._reads = {name: all_reads(pack, holder) | _writes(holder) for name, holder in holders.items()}

    def under(self, parameters: Mapping[str, ir.Value]) -> Examiner:
        """The same under other parameters; for evaluations that read them, and do not hold them as constants."""
        other = copy(self)
        other._parameters = parameters
        other._gap = max_gap(self._pack, parameters)
        return other

    def examine(
        self, inputs: Mapping[str, ir.Value], state: State | None = None, warnings: Iterable[Diagnostic] = ()
    ) -> Outcome:
        """The outcome on inputs that have been read, with what was said of them, from a state or an empty one."""
        outcome = self.follow(inputs, state)[1]
        return replace(outcome, warnings=tuple(warnings)) if warnings else outcome

    def follow(self, inputs: Mapping[str, ir.Value], state: State | None = None) -> tuple[Run, Outcome]:
        """The outcome, and the run behind it, in which more may be evaluated where it has no fault."""
        kept = at(self._pack, state or self._empty, inputs.get("now"), self._gap)
        run = Run(self._pack, self._parameters, inputs, self._evaluate, kept=kept)
        for step, key, needs in self._steps:
            if run.failed.isdisjoint(needs):
                perform(run, step, key)
            else:
                run.failed.add(key)
        sound = {name for name, reads in self._reads.items() if run.failed.isdisjoint(reads)}
        firings = tuple(explained(run, sound))
        shut = dict(closed(run, sound))
        if run.pack.emits:
            run.intents = arranged(run.pack.emits, list(emitted(run, run.pack.emits, sound)))
        enforce(run)
        if run.faults:
            return run, Outcome(inputs=inputs, faults=tuple(run.faults))
        return run, Outcome(
            inputs=inputs,
            outputs=run.outputs,
            starts=run.starts,
            firings=firings,
            closed=shut,
            intents=run.intents,
            slots=tuple(_kept(run, slot) for slot in self._pack.slots),
        )


def _kept(run: Run, slot: ir.Slot) -> Any:
    """What a slot holds behind this snapshot."""
    if slot.kind == "state":
        return run.advanced[slot.name]
    if slot.name.startswith(SENT):
        return any(each.id == slot.name.removeprefix(SENT) for each in run.intents)
    for values in (run.definitions, run.outputs, run.inputs):
        if slot.name in values:
            return cleaned(values[slot.name], slot.type)
    raise AssertionError(f"`{slot.name}` is no value of the pack")


def _writes(holder: ir.Rule | ir.Group) -> frozenset[Key]:
    """The folds that an explanation stands on: where one failed, the fault of an effect has been reported."""
    effects = holder.effects if isinstance(holder, ir.Rule) else ()
    return frozenset(("fold", effect.output) for effect in effects)
