"""Reasons: every rule that fired and has something to say, with what it changed and whether that mattered."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from . import ir
from .blocks import Item
from .constants import constant
from .effects import Applied, Step, fold
from .faults import Fault
from .graph import conditions
from .intents import Emitted, Intent, arranged
from .outcome import Firing, Outcome
from .snapshot import export
from .types import Record
from .values import show_holes, show_value

_RANK = {"block": 0, "warning": 1, "info": 2}
_BLIND = "Emitted because the decision failed"


@dataclass(frozen=True, slots=True)
class Change:
    """An effect as it was applied: the output before and after it."""

    output: str
    before: object
    after: object


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """A rule that fired. `decisive`: without it, and all others of the same effect, some output would differ.

    `item` is the index in the rule's list, or one for each of two lists; `values` are the inputs and parameters that
    its condition and text rest on.
    """

    rule: str
    pack: str
    severity: ir.Severity
    text: str
    values: Mapping[str, object]
    effects: tuple[Change, ...] = ()
    decisive: bool = False
    item: Item = None


class Explainer:
    """Gives the reasons and intents of one pack's outcomes. What a rule rests on is found out once."""

    def __init__(self, pack: ir.Pack, parameters: Mapping[str, ir.Value]) -> None:
        self.pack = pack
        self.parameters = parameters
        holders: dict[str, ir.Rule | ir.Group] = {**pack.rules, **pack.groups}
        self._leaves = {name: list(_leaves(pack, holder)) for name, holder in holders.items()}

    def reasons(self, outcome: Outcome, language: str = "") -> list[Reason]:
        """All reasons, the deciding ones first: by severity, then decisive before moot, then id and item."""
        folds = self.folds(outcome)
        found = [
            *self._not_reducing(outcome),
            *(self._fired(outcome, firing, folds, language) for firing in outcome.firings if self._speaks(firing)),
            *_held_within(self.pack, folds),
            *self._closed(outcome, language),
        ]
        return sorted(found, key=lambda each: (_RANK[each.severity], not each.decisive, each.rule, _place(each.item)))

    def folds(self, outcome: Outcome) -> dict[str, Folded]:
        """How each output came to its value, by name."""
        by_rule: dict[str, list[Firing]] = defaultdict(list)
        for firing in outcome.firings:
            by_rule[firing.rule].append(firing)
        return {name: _folded(self.pack, outcome, by_rule, name) for name in self.pack.outputs}

    def _speaks(self, firing: Firing) -> bool:
        """A row without `then` and `because` only sets `fired`."""
        return bool(self.pack.rules[firing.rule].because)

    def _fired(self, outcome: Outcome, firing: Firing, folds: Mapping[str, Folded], language: str) -> Reason:
        rule = self.pack.rules[firing.rule]
        key = (firing.rule, firing.item)
        written = [folds[name] for name in dict.fromkeys(effect.output for effect in rule.effects)]
        return Reason(
            rule=rule.id,
            pack=self.pack.name,
            severity=rule.severity,
            text=text_of(rule, firing.holes, language),
            values=self._values(rule, outcome, firing),
            effects=tuple(change for each in written for change in _changes(each, key)),
            decisive=rule.id in self.pack.intents or any(key in each.decisive for each in written),
            item=firing.item,
        )

    def _not_reducing(self, outcome: Outcome) -> Iterator[Reason]:
        """A warning for each intent that is declared to reduce and counts as raising."""
        for each in outcome.intents:
            emits, declared = self.pack.emits, self.pack.intents[each.id].exposure
            if each.exposure == declared or emits is None or emits.change is None:
                continue
            change, held = (show_value(value, emits.change.type) for value in (each.change, each.position))
            text = f"{each.id} counts as raising: {change} does not reduce {held}, or what earlier intents leave of it"
            rule = f"{each.id}.exposure"
            yield Reason(
                rule=rule, pack=self.pack.name, severity="warning", text=text, values={}, decisive=True, item=each.item
            )

    def intents(self, outcome: Outcome, language: str = "") -> list[Intent]:
        """The intents in their canonical order; with a fault, those that are emitted nevertheless."""
        if outcome.faults or self.pack.emits is None:
            return [self._intent(each, _BLIND) for each in self._safe]
        holes = {(firing.rule, firing.item): firing.holes for firing in outcome.firings}
        return [
            self._intent(each, text_of(self.pack.rules[each.id], holes[each.id, each.item], language))
            for each in outcome.intents
        ]

    def _intent(self, emitted: Emitted, text: str) -> Intent:
        emits = self.pack.emits
        assert emits is not None, "a pack with intents has a type for them"
        emit: Any = export(emitted.emit, emits.record)
        position: Any = export(emitted.position, emits.change.type) if emits.change else None
        return Intent(emitted.id, self.pack.name, emitted.exposure, emit, text, emitted.item, position)

    @cached_property
    def _safe(self) -> tuple[Emitted, ...]:
        """What a pack emits that failed: nothing was evaluated, and it stands on parameters alone."""
        pack = self.pack
        safe = [
            Emitted(each.id, None, each.exposure, constant(each.emit, self.parameters))
            for each in pack.intents.values()
            if each.safe
        ]
        return arranged(pack.emits, safe) if pack.emits else ()

    def _closed(self, outcome: Outcome, language: str) -> Iterator[Reason]:
        for name, holes in outcome.closed.items():
            group = self.pack.groups[name]
            text = text_of(group, holes, language)
            values = self._values(group, outcome, None)
            yield Reason(rule=name, pack=self.pack.name, severity="info", text=text, values=values)

    def _values(self, holder: ir.Rule | ir.Group, outcome: Outcome, firing: Firing | None) -> dict[str, object]:
        """The inputs and parameters that a holder rests on. Lists, records and vectors as a whole are left out."""
        names: dict[str, ir.Value] = {}
        if isinstance(holder, ir.Rule) and holder.loop and firing:
            names = dict(zip(holder.loop.locals, firing.names, strict=True))
        found = {}
        for path, leaf in self._leaves[holder.id]:
            value = self._value(leaf, outcome, names)
            if not isinstance(value, tuple):
                found[path] = export(value, leaf.type)
        return found

    def _value(self, leaf: ir.Expr, outcome: Outcome, names: Mapping[str, ir.Value]) -> Any:
        match leaf:
            case ir.Input(name=name):
                return outcome.inputs[name]
            case ir.Parameter(name=name):
                return self.parameters[name]
            case ir.Local(name=name):
                return names.get(name)
            case ir.Get(record=record, index=index):
                whole = self._value(record, outcome, names)
                return None if whole is None else whole[index]
        raise AssertionError(f"{leaf} is no leaf")


def _place(item: Item) -> tuple[int, ...]:
    """An item's place among those of its rule."""
    if item is None:
        return ()
    return item if isinstance(item, tuple) else (item,)


def _leaves(pack: ir.Pack, holder: ir.Rule | ir.Group) -> Iterator[tuple[str, ir.Expr]]:
    """The inputs and parameters reached from a condition and its text, through definitions and columns, by path."""
    variables: tuple[str, ...] = ()
    if isinstance(holder, ir.Rule):
        read = conditions(holder)
        variables = tuple(each.variable for each in holder.loop.sources) if holder.loop else ()
    else:
        read = [holder.when] if holder.when else []
    # A definition's own loops are not the holder's, although they may name their items alike.
    expressions = [(each, variables) for each in (*(hole.value for hole in ir.holes(holder)), *read)]
    found: dict[str, ir.Expr] = {}
    seen: set[str] = set()
    while expressions:
        expr, known = expressions.pop()
        path = _path(expr, known)
        if path is not None:
            found.setdefault(path, expr)
        elif isinstance(expr, ir.Defined) and expr.name not in seen:
            seen.add(expr.name)
            expressions.append((_definition(pack, expr.name), known if "." in expr.name else ()))
        else:
            expressions += [(each, known) for each in ir.children(expr)]
    yield from sorted(found.items())


def _path(expr: ir.Expr, variables: tuple[str, ...]) -> str | None:
    """How a person names a leaf; nothing where the expression is none."""
    match expr:
        case ir.Input(name=name) | ir.Parameter(name=name):
            return name
        case ir.Local(name=name) if name in variables:
            return name
        case ir.Get(record=record, index=index) if isinstance(record.type, Record):
            whole = _path(record, variables)
            return whole and f"{whole}.{record.type.fields[index].name}"
    return None


def _definition(pack: ir.Pack, name: str) -> ir.Expr:
    table, _, column = name.rpartition(".")
    if table.startswith("definitions."):
        whole = _definition(pack, table.removeprefix("definitions."))
        assert isinstance(whole, ir.Lookup), "only tables have columns"
        return next(each.value for each in whole.columns if each.name == column)
    if table:
        return next(each.value for each in pack.tables[table].columns if each.name == column)
    return next(step.value for step in pack.steps if isinstance(step, ir.Define) and step.name == name)


@dataclass(frozen=True, slots=True)
class Folded:
    """An output's fold, the effects that went into it, and which of them decided."""

    output: ir.OutputDeclaration
    steps: list[Step]
    decisive: set[tuple[str, Item]]


def _folded(pack: ir.Pack, outcome: Outcome, by_rule: Mapping[str, list[Firing]], name: str) -> Folded:
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


def _changes(folded: Folded, key: tuple[str, Item]) -> Iterator[Change]:
    steps = [step for step in folded.steps if step.applied.key == key]
    if steps:
        kind = folded.output.type
        yield Change(folded.output.name, export(steps[0].before, kind), export(steps[-1].after, kind))


def text_of(holder: ir.Rule | ir.Group, values: tuple[ir.Value, ...], language: str = "") -> str:
    """The reason's text in a language, or in its first one."""
    texts = show_holes(ir.holes(holder), values)
    start = 0
    rendered = {}
    for code, template in holder.because.items():
        count = sum(isinstance(part, ir.Hole) for part in template)
        shown = iter(texts[start : start + count])
        rendered[code] = "".join(part if isinstance(part, str) else next(shown) for part in template)
        start += count
    return rendered.get(language) or next(iter(rendered.values()))


def _held_within(pack: ir.Pack, folds: Mapping[str, Folded]) -> Iterator[Reason]:
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
