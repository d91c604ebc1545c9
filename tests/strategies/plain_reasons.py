"""Reasons as plain as can be: every fold anew, every value by a walk, every text from its template.

What the engine remembers and prepares is compared with this.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from flyball.engine import ir
from flyball.engine.blocks import Item
from flyball.engine.folding import Change, Folded, folded
from flyball.engine.outcome import Firing, Outcome
from flyball.engine.reasons import Reason
from flyball.engine.saying import leaves
from flyball.engine.snapshot import export
from flyball.engine.values import show_holes, show_value

_RANK = {"block": 0, "warning": 1, "info": 2}


class PlainExplainer:
    """The reasons of one pack's outcomes."""

    def __init__(self, pack: ir.Pack, parameters: Mapping[str, ir.Value]) -> None:
        self.pack = pack
        self.parameters = parameters

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
        return {name: folded(self.pack, outcome, by_rule, name) for name in self.pack.outputs if name in outcome.starts}

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
        for name, each in folds.items():
            key = (f"{name}.within", None)
            for step in (step for step in each.steps if step.applied.key == key):
                kind = each.output.type
                before, after = show_value(step.before, kind), show_value(step.after, kind)
                yield Reason(
                    rule=ir.shown(key[0]),
                    pack=self._pack_of(name),
                    severity="info",
                    text=f"{ir.shown(name)} is held at {after} instead of {before}",
                    values={},
                    effects=tuple(_changes(each, key)),
                    decisive=each.steps[-1].applied.verb != "set",
                )

    def _values(self, holder: ir.Rule | ir.Group, outcome: Outcome, firing: Firing | None) -> dict[str, object]:
        """The inputs and parameters that a holder rests on. Lists, records and vectors as a whole are left out."""
        names: dict[str, ir.Value] = {}
        if isinstance(holder, ir.Rule) and holder.loop and firing:
            names = dict(zip(holder.loop.locals, firing.names, strict=True))
        found = {}
        for path, leaf in leaves(self.pack, holder):
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


def _changes(fold: Folded, key: tuple[str, Item]) -> Iterator[Change]:
    steps = [step for step in fold.steps if step.applied.key == key]
    if steps:
        kind = fold.output.type
        yield Change(ir.shown(fold.output.name), export(steps[0].before, kind), export(steps[-1].after, kind))


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
