"""Reasons: every rule that fired and has something to say, with what it changed and whether that mattered."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from . import arbitration, ir
from .blocks import Item
from .effects import Applied, Step, fold
from .faults import Fault
from .graph import conditions
from .intents import Dropped, DroppedIntent, Emitted, Intent
from .outcome import Firing, Outcome
from .snapshot import export, exporter
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
        self._names: dict[str, tuple[str, str]] = {}
        self._leaves = {name: list(_leaves(pack, holder)) for name, holder in holders.items()}

    def reasons(self, outcome: Outcome, language: str = "") -> list[Reason]:
        """All reasons, the deciding ones first: by severity, then decisive before moot, then id and item."""
        folds = self.folds(outcome)
        found = [
            *self._not_reducing(outcome),
            *(self._fired(outcome, firing, folds, language) for firing in outcome.firings if self._speaks(firing)),
            *self._held_within(folds),
            *self._closed(outcome, language),
        ]
        return sorted(found, key=lambda each: (_RANK[each.severity], not each.decisive, each.rule, _place(each.item)))

    def folds(self, outcome: Outcome) -> dict[str, Folded]:
        """How each output came to its value, by name."""
        by_rule: dict[str, list[Firing]] = defaultdict(list)
        for firing in outcome.firings:
            by_rule[firing.rule].append(firing)
        return {
            name: _folded(self.pack, outcome, by_rule, name) for name in self.pack.outputs if name in outcome.starts
        }

    def _speaks(self, firing: Firing) -> bool:
        """A row without `then` and `because` only sets `fired`."""
        return bool(self.pack.rules[firing.rule].because)

    def _fired(self, outcome: Outcome, firing: Firing, folds: Mapping[str, Folded], language: str) -> Reason:
        rule = self.pack.rules[firing.rule]
        key = (firing.rule, firing.item)
        written = [folds[name] for name in dict.fromkeys(effect.output for effect in rule.effects)]
        return Reason(
            rule=ir.shown(rule.id),
            pack=self._pack_of(rule.id),
            severity=rule.severity,
            text=text_of(rule, firing.holes, language),
            values=self._values(rule, outcome, firing),
            effects=tuple(change for each in written for change in _changes(each, key)),
            decisive=any(key == (each.id, each.item) for each in outcome.intents)
            or any(key in each.decisive for each in written),
            item=firing.item,
        )

    def _not_reducing(self, outcome: Outcome) -> Iterator[Reason]:
        """A warning for each intent that is declared to reduce and counts as raising."""
        for each in (*outcome.intents, *(dropped.intent for dropped in outcome.dropped)):
            emits, declared = self.pack.emits, self.pack.intents[each.id].exposure
            if each.exposure == declared or emits is None or emits.change is None:
                continue
            change, held = (show_value(value, emits.change.type) for value in (each.change, each.position))
            name, pack = ir.shown(each.id), self._pack_of(each.id)
            text = f"{name} counts as raising: {change} does not reduce {held}, or what earlier intents leave of it"
            rule = f"{name}.exposure"
            yield Reason(rule=rule, pack=pack, severity="warning", text=text, values={}, decisive=True, item=each.item)

    def intents(self, outcome: Outcome, language: str = "") -> list[Intent]:
        """The intents in their canonical order."""
        return [self._intent(each, outcome, language) for each in outcome.intents]

    def dropped(self, outcome: Outcome, language: str = "") -> list[DroppedIntent]:
        return [
            DroppedIntent(self._intent(each.intent, outcome, language), each.rule, self._why(each, language))
            for each in outcome.dropped
        ]

    def sent(self, kept: Sequence[Emitted], tell: Callable[[], Sequence[Intent]]) -> list[Intent]:
        """Intents whose texts `tell` has, which is asked when one is read."""
        return [self._untold(each, place, tell) for place, each in enumerate(kept)]

    def unsent(self, dropped: Sequence[Dropped], tell: Callable[[], Sequence[Intent]]) -> list[DroppedIntent]:
        return [
            DroppedIntent(self._untold(each.intent, place, tell), each.rule, self._why(each, ""))
            for place, each in enumerate(dropped)
        ]

    def _untold(self, emitted: Emitted, place: int, tell: Callable[[], Sequence[Intent]]) -> Intent:
        emit, position = self._plain(emitted)
        return Intent.untold(self._named(emitted.id), emitted.exposure, emit, position, lambda: tell()[place])

    def _intent(self, emitted: Emitted, outcome: Outcome, language: str) -> Intent:
        emit, position = self._plain(emitted)
        text, key = _BLIND, (emitted.id, emitted.item)
        if ir.part_of(emitted.id) not in outcome.failed:
            holes = next(each.holes for each in outcome.firings if (each.rule, each.item) == key)
            text = text_of(self.pack.rules[emitted.id], holes, language)
        name, pack = self._named(emitted.id)
        return Intent(name, pack, emitted.exposure, emit, text, emitted.item, position)

    def _named(self, identity: str) -> tuple[str, str]:
        """How an intent is shown, and its pack."""
        found = self._names.get(identity)
        if found is None:
            found = self._names[identity] = ir.shown(identity), self._pack_of(identity)
        return found

    def _plain(self, emitted: Emitted) -> tuple[dict[str, object], Any]:
        """What an intent emits, and what it reduces, as plain values."""
        position = None if emitted.position is None else self._held(emitted.position)
        pairs = zip(self._fields, emitted.emit, strict=True)
        return {name: show(value) for (name, show), value in pairs if value is not None}, position

    @cached_property
    def _held(self) -> Callable[[Any], object]:
        """What makes a position plain."""
        emits = self.pack.emits
        assert emits is not None and emits.change is not None, "only what makes a change reduces a position"
        return exporter(emits.change.type)

    @cached_property
    def _fields(self) -> list[tuple[str, Callable[[Any], object]]]:
        """The fields of what is emitted, by the names that they have outside, with what makes their values plain."""
        assert self.pack.emits is not None, "a pack with intents has a type for them"
        return [(each.source, exporter(each.type)) for each in self.pack.emits.record.fields]

    def _why(self, dropped: Dropped, language: str) -> str:
        names = " and ".join(f"`{ir.shown(name) or self.pack.name}`" for name in dropped.names)
        match dropped.rule:
            case arbitration.DEGRADED:
                return f"{names} failed, and what may raise exposure has to wait"
            case arbitration.CONFLICT:
                emits, rules = self.pack.emits, self.pack.arbitration
                fields = " and ".join(emits.record.fields[index].name for index in rules.conflict) if emits else ""
                return f"{names} comes first, and has the same {fields}"
        veto = self.pack.arbitration.vetoes[dropped.rule.removeprefix(arbitration.VETO)]
        return text_of(veto.rule, dropped.holes, language)

    def _pack_of(self, name: str) -> str:
        """The pack that a rule or intent stands in."""
        part = ir.part_of(name)
        return next((each.pack for each in self.pack.parts if each.name == part), self.pack.name)

    def _closed(self, outcome: Outcome, language: str) -> Iterator[Reason]:
        for name, holes in outcome.closed.items():
            group = self.pack.groups[name]
            text = text_of(group, holes, language)
            values = self._values(group, outcome, None)
            pack = self._pack_of(name)
            yield Reason(rule=ir.shown(name), pack=pack, severity="info", text=text, values=values)

    def _held_within(self, folds: Mapping[str, Folded]) -> Iterator[Reason]:
        for name, folded in folds.items():
            key = (f"{name}.within", None)
            for step in (step for step in folded.steps if step.applied.key == key):
                kind = folded.output.type
                before, after = show_value(step.before, kind), show_value(step.after, kind)
                yield Reason(
                    rule=ir.shown(key[0]),
                    pack=self._pack_of(name),
                    severity="info",
                    text=f"{ir.shown(name)} is held at {after} instead of {before}",
                    values={},
                    effects=tuple(_changes(folded, key)),
                    decisive=folded.steps[-1].applied.verb != "set",
                )

    def _values(self, holder: ir.Rule | ir.Group, outcome: Outcome, firing: Firing | None) -> dict[str, object]:
        """The inputs and parameters that a holder rests on. Lists, records and vectors as a whole are left out."""
        names: dict[str, ir.Value] = {}
        if isinstance(holder, ir.Rule) and holder.loop and firing:
            names = dict(zip(holder.loop.locals, firing.names, strict=True))
        found = {}
        for path, leaf in self._leaves[holder.id]:
            value = self._value(leaf, outcome, names)
            if not isinstance(value, tuple):
                found[ir.shown(path)] = export(value, leaf.type)
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
    return next(step.value for step in pack.steps if isinstance(step, ir.Define | ir.Bind) and step.name == name)


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
        yield Change(ir.shown(folded.output.name), export(steps[0].before, kind), export(steps[-1].after, kind))


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
