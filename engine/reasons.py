"""Reasons: every rule that fired, in words, with what it changed and whether that mattered."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from . import ir
from .effects import Applied, Step, fold
from .faults import Fault
from .graph import conditions
from .outcome import Firing, Outcome
from .snapshot import export
from .types import List
from .values import show_holes, show_value

_RANK = {"block": 0, "warning": 1, "info": 2}


@dataclass(frozen=True, slots=True)
class Change:
    """An effect as it was applied: the output before and after it."""

    output: str
    before: object
    after: object


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """A rule that fired. `decisive`: without it, and all others of the same effect, some output would differ.

    `item` is the index in the rule's loop; `values` are the inputs and parameters that its condition and text rest on.
    """

    rule: str
    pack: str
    severity: ir.Severity
    text: str
    values: Mapping[str, object]
    effects: tuple[Change, ...] = ()
    decisive: bool = False
    item: int | None = None


def reasons(pack: ir.Pack, parameters: Mapping[str, ir.Value], outcome: Outcome, language: str = "") -> list[Reason]:
    """All reasons of an outcome, the deciding ones first: by severity, then decisive before moot, then id and item."""
    folds = {name: _folded(pack, outcome, name) for name in pack.outputs}
    leaves = _Leaves(pack, parameters, outcome)
    found = [
        *(_fired(pack, firing, folds, leaves, language) for firing in outcome.firings),
        *_held_within(pack, folds),
        *_closed(pack, outcome, leaves, language),
    ]
    return sorted(found, key=lambda each: (_RANK[each.severity], not each.decisive, each.rule, each.item or 0))


@dataclass(frozen=True, slots=True)
class _Fold:
    """An output's fold, the effects that went into it, and which of them decided."""

    output: ir.OutputDeclaration
    steps: list[Step]
    decisive: set[tuple[str, int | None]]


def _folded(pack: ir.Pack, outcome: Outcome, name: str) -> _Fold:
    output = pack.outputs[name]
    by_rule: dict[str, list[Firing]] = defaultdict(list)
    for firing in outcome.firings:
        by_rule[firing.rule].append(firing)
    applied = [
        Applied((rule.id, firing.item), effect.verb, firing.effects[rule.effects.index(effect)])
        for rule, effect in pack.effects_on(name)
        for firing in by_rule[rule.id]
    ]
    value, steps = fold(output, outcome.starts[name], applied)
    return _Fold(output, steps, set(_decisive(output, outcome.starts[name], applied, value)))


def _decisive(
    output: ir.OutputDeclaration, start: ir.Value, applied: list[Applied], value: ir.Value
) -> Iterator[tuple[str, int | None]]:
    """The firings without whose effect, and all equal ones, the output would differ."""
    if output.combine == "collect":  # an item is there because of those that gave it
        yield from (each.key for each in applied)
        return
    differs: dict[tuple[str, ir.Value], bool] = {}
    for each in applied:
        same = (each.verb, each.value)
        if same not in differs:
            differs[same] = _without(output, start, [other for other in applied if (other.verb, other.value) != same]) != value
        if differs[same]:
            yield each.key


def _without(output: ir.OutputDeclaration, start: ir.Value, applied: list[Applied]) -> Any:
    try:
        return fold(output, start, applied)[0]
    except Fault:  # without the effect there would be no decision at all, which differs from every value
        return Fault


def _fired(
    pack: ir.Pack, firing: Firing, folds: Mapping[str, _Fold], leaves: _Leaves, language: str
) -> Reason:
    rule = pack.rules[firing.rule]
    key = (firing.rule, firing.item)
    written = [folds[name] for name in dict.fromkeys(effect.output for effect in rule.effects)]
    return Reason(
        rule=rule.id,
        pack=pack.name,
        severity=rule.severity,
        text=text_of(rule, firing.holes, language),
        values=leaves.of(rule, firing),
        effects=tuple(change for each in written for change in _changes(each, key)),
        decisive=any(key in each.decisive for each in written),
        item=firing.item,
    )


def _changes(folded: _Fold, key: tuple[str, int | None]) -> Iterator[Change]:
    steps = [step for step in folded.steps if step.applied.key == key]
    if steps:
        kind = folded.output.type
        yield Change(folded.output.name, export(steps[0].before, kind), export(steps[-1].after, kind))


def text_of(holder: ir.Rule | ir.Group, values: tuple[ir.Value, ...], language: str = "") -> str:
    """The reason's text in a language, or in its first one."""
    if not holder.because:
        return ""
    texts = show_holes(ir.holes(holder), values)
    start = 0
    rendered = {}
    for code, template in holder.because.items():
        count = sum(isinstance(part, ir.Hole) for part in template)
        shown = iter(texts[start : start + count])
        rendered[code] = "".join(part if isinstance(part, str) else next(shown) for part in template)
        start += count
    return rendered.get(language) or next(iter(rendered.values()))


def _held_within(pack: ir.Pack, folds: Mapping[str, _Fold]) -> Iterator[Reason]:
    for name, folded in folds.items():
        key = (f"{name}.within", None)
        for step in (step for step in folded.steps if step.applied.key == key):
            kind = folded.output.type
            before, after = show_value(step.before, kind), show_value(step.after, kind)
            yield Reason(
                rule=key[0],
                pack=pack.name,
                severity="info",
                text=f"{name} is held at {after} instead of {before}",
                values={},
                effects=tuple(_changes(folded, key)),
                decisive=folded.steps[-1].applied.verb != "set",
            )


def _closed(pack: ir.Pack, outcome: Outcome, leaves: _Leaves, language: str) -> Iterator[Reason]:
    for name, holes in outcome.closed.items():
        group = pack.groups[name]
        yield Reason(
            rule=name,
            pack=pack.name,
            severity="info",
            text=text_of(group, holes, language),
            values=leaves.of(group, None),
        )


@dataclass(frozen=True, slots=True)
class _Leaves:
    """The inputs and parameters that expressions rest on, through definitions and columns, with their values.

    Lists, and vectors read as a whole, are left out: a reason names the item that it is about.
    """

    pack: ir.Pack
    parameters: Mapping[str, ir.Value]
    outcome: Outcome

    def of(self, holder: ir.Rule | ir.Group, firing: Firing | None) -> dict[str, object]:
        expressions = [hole.value for hole in ir.holes(holder)]
        names: dict[str, ir.Value] = {}
        if isinstance(holder, ir.Rule):
            expressions += conditions(holder)
            if holder.loop and firing:
                names = {holder.loop.variable: firing.names[0]}
        elif holder.when:
            expressions.append(holder.when)
        found: dict[str, object] = {}
        for expression in expressions:
            self._gather(expression, names, found, set())
        return dict(sorted(found.items()))

    def _gather(
        self, expr: ir.Expr, names: Mapping[str, ir.Value], found: dict[str, object], seen: set[str]
    ) -> None:
        leaf = self._leaf(expr, names)
        if leaf is not None:
            path, value = leaf
            if not isinstance(expr.type, List) and not isinstance(value, tuple):
                found[path] = export(value, expr.type)
            return
        if isinstance(expr, ir.Defined) and expr.name not in seen:
            seen.add(expr.name)
            self._gather(self._definition(expr.name), names, found, seen)
        for child in ir.children(expr):
            self._gather(child, names, found, seen)

    def _definition(self, name: str) -> ir.Expr:
        table, _, column = name.rpartition(".")
        if table:
            return next(each.value for each in self.pack.tables[table].columns if each.name == column)
        return next(step.value for step in self.pack.steps if isinstance(step, ir.Define) and step.name == name)

    def _leaf(self, expr: ir.Expr, names: Mapping[str, ir.Value]) -> tuple[str, Any] | None:
        match expr:
            case ir.Input(name=name):
                return name, self.outcome.inputs[name]
            case ir.Parameter(name=name):
                return name, self.parameters[name]
            case ir.Local(name=name) if name in names:
                return name, names[name]
            case ir.Get(record=record, index=index):
                whole = self._leaf(record, names)
                if whole is None or not hasattr(record.type, "fields"):
                    return None
                return f"{whole[0]}.{record.type.fields[index].name}", None if whole[1] is None else whole[1][index]
        return None
