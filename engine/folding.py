"""How each output of a decision came to its value, and which of the rules that fired decided it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from . import ir
from .blocks import Item
from .effects import Applied, Step, fold
from .faults import Fault
from .outcome import Firing, Outcome
from .snapshot import export


@dataclass(frozen=True, slots=True)
class Change:
    """An effect as it was applied: the output before and after it."""

    output: str
    before: object
    after: object


@dataclass(frozen=True)
class Folded:
    """An output's fold, the effects that went into it, and which of them decided."""

    output: ir.OutputDeclaration
    steps: list[Step]
    decisive: set[tuple[str, Item]]

    @cached_property
    def steps_of(self) -> Mapping[tuple[str, Item], list[Step]]:
        """The steps by the rule and item that they come from."""
        found: dict[tuple[str, Item], list[Step]] = defaultdict(list)
        for step in self.steps:
            found[step.applied.key].append(step)
        return dict(found)

    def changes(self, key: tuple[str, Item]) -> Iterator[Change]:
        """What a rule and item did to the output."""
        if steps := self.steps_of.get(key):
            first, last = (export(value, self.output.type) for value in (steps[0].before, steps[-1].after))
            yield Change(ir.shown(self.output.name), first, last)


def folded(pack: ir.Pack, outcome: Outcome, by_rule: Mapping[str, list[Firing]], name: str) -> Folded:
    output = pack.outputs[name]
    applied = [
        Applied((rule.id, firing.item), effect.verb, firing.effects[rule.effects.index(effect)])
        for rule, effect in pack.effects_on(name)
        for firing in by_rule.get(rule.id, ())
    ]
    value, steps = fold(output, outcome.starts[name], applied)
    return Folded(output, steps, set(_decisive(output, outcome.starts[name], applied, value)))


def _decisive(
    output: ir.OutputDeclaration, start: ir.Value, applied: list[Applied], value: ir.Value
) -> Iterator[tuple[str, Item]]:
    """The firings without whose effect, and all equal ones, the output would differ."""
    if output.combine == "collect":  # an item is there because of those that gave it
        yield from (each.key for each in applied)
        return
    differs: dict[tuple[str, ir.Value], bool] = {}
    for each in applied:
        same = (each.verb, each.value)
        if same not in differs:
            others = [other for other in applied if (other.verb, other.value) != same]
            differs[same] = _without(output, start, others) != value
        if differs[same]:
            yield each.key


def _without(output: ir.OutputDeclaration, start: ir.Value, applied: list[Applied]) -> Any:
    try:
        return fold(output, start, applied)[0]
    except Fault:  # without the effect there would be no decision at all, which differs from every value
        return Fault


__all__ = ["Change", "Folded", "folded"]
