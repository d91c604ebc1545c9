"""Reasons: every rule that fired and has something to say, with what it changed and whether that mattered."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from . import arbitration, ir
from .blocks import Item
from .folding import Change, Folded, folded
from .intents import Dropped, DroppedIntent, Emitted, Intent
from .outcome import Firing, Outcome
from .saying import Saying
from .snapshot import export, exporter
from .values import show_value

_RANK = {"block": 0, "warning": 1, "info": 2}
_ROOM = 16_384  # firings that are remembered, and as many as these for each decision
_LEAST = 8
_NOTHING = object()
Plain = Callable[[Any], Mapping[str, object]]
_BLIND = "Emitted because the decision failed"


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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Frame:
    """A reason but for its text and values, which are those of a firing by its number, or of a group by its id."""

    of: int | str
    rule: str
    pack: str
    severity: ir.Severity
    effects: tuple[Change, ...] = ()
    decisive: bool = False
    item: Item = None


class Explainer:
    """Gives the reasons and intents of one pack's outcomes.

    What a rule rests on is found out once. What the same rules do with the same effects, and which of them decide, is
    the same whatever the other numbers are, and remembered.
    """

    def __init__(self, pack: ir.Pack, parameters: Mapping[str, ir.Value]) -> None:
        self.pack = pack
        holders: dict[str, ir.Rule | ir.Group] = {**pack.rules, **pack.groups}
        self._names: dict[str, tuple[str, str]] = {}
        self._sayings = {name: Saying(pack, parameters, holder) for name, holder in holders.items()}
        self._vetoes = {name: Saying(pack, parameters, veto.rule) for name, veto in pack.arbitration.vetoes.items()}
        self._packs = {each.name: each.pack for each in pack.parts}
        self._moving = [name for name, each in pack.outputs.items() if each.within or pack.effects_on(name)]
        self._known: dict[Hashable, list[_Frame | Reason]] = {}
        self._room = _ROOM

    def reasons(self, outcome: Outcome, language: str = "") -> list[Reason]:
        """All reasons, the deciding ones first: by severity, then decisive before moot, then id and item."""
        found = [
            each if isinstance(each, Reason) else self._filled(each, outcome, language)
            for each in self._frames(outcome)
        ]
        weighed = [*self._not_reducing(outcome)] if self.pack.emits else []
        return sorted([*weighed, *found], key=_place_of) if weighed else found

    def _filled(self, frame: _Frame, outcome: Outcome, language: str) -> Reason:
        of = frame.of
        firing = Firing(of, holes=outcome.closed[of]) if isinstance(of, str) else outcome.firings[of]
        saying = self._sayings[firing.rule]
        return Reason(
            rule=frame.rule,
            pack=frame.pack,
            severity=frame.severity,
            text=saying.text(firing.holes, language),
            values=saying.values(outcome.inputs, firing.names),
            effects=frame.effects,
            decisive=frame.decisive,
            item=frame.item,
        )

    def _frames(self, outcome: Outcome) -> list[_Frame | Reason]:
        """The reasons in their order, as far as they rest on what fired, with which effects, from which starts."""
        key = (
            tuple([(each.rule, each.item, each.effects) for each in outcome.firings]),
            tuple([(each.id, each.item) for each in outcome.intents]),
            tuple(outcome.closed),
            tuple([outcome.starts.get(name, _NOTHING) for name in self._moving]),
        )
        found = self._known.get(key)
        if found is None:
            found = sorted(self._framed(outcome), key=_place_of)
            self._remember(key, found, _LEAST + len(outcome.firings))
        return found

    def _remember(self, key: Hashable, found: list[_Frame | Reason], weight: int) -> None:
        """Keep what was found, within bounds: lists may be long, and what fires of them never the same."""
        self._room -= weight
        if self._room < 0:
            self._known.clear()
            self._room = _ROOM - weight
        if weight <= _ROOM:
            self._known[key] = found

    def _framed(self, outcome: Outcome) -> Iterator[_Frame | Reason]:
        folds = self.folds(outcome)
        intents = {(each.id, each.item) for each in outcome.intents}
        for number, firing in enumerate(outcome.firings):
            if self.pack.rules[firing.rule].because:  # without, a row only sets `fired`
                yield self._fired(number, firing, folds, intents)
        yield from self._held_within(folds)
        for name in outcome.closed:
            yield _Frame(of=name, rule=ir.shown(name), pack=self._pack_of(name), severity="info")

    def folds(self, outcome: Outcome) -> dict[str, Folded]:
        """How each output came to its value, by name."""
        by_rule: dict[str, list[Firing]] = defaultdict(list)
        for firing in outcome.firings:
            by_rule[firing.rule].append(firing)
        return {name: folded(self.pack, outcome, by_rule, name) for name in self.pack.outputs if name in outcome.starts}

    def _fired(
        self, number: int, firing: Firing, folds: Mapping[str, Folded], intents: Collection[tuple[str, Item]]
    ) -> _Frame:
        rule = self.pack.rules[firing.rule]
        key = (firing.rule, firing.item)
        written = [folds[name] for name in dict.fromkeys(effect.output for effect in rule.effects)]
        return _Frame(
            of=number,
            rule=ir.shown(rule.id),
            pack=self._pack_of(rule.id),
            severity=rule.severity,
            effects=tuple(change for each in written for change in each.changes(key)),
            decisive=key in intents or any(key in each.decisive for each in written),
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

    def sent(
        self, asked: Sequence[Emitted], plain: Plain, tell: Callable[[], Sequence[Intent]], *, kept: bool
    ) -> list[Intent]:
        """Intents whose texts `tell` has, which is asked when one is read; `plain` shows what they emit."""
        found = asked if kept else arbitration.undisputed(self.pack, asked)
        return [self._untold(each, plain, place, tell) for place, each in enumerate(found)]

    def unsent(
        self, dropped: Sequence[Dropped], plain: Plain, tell: Callable[[], Sequence[Intent]]
    ) -> list[DroppedIntent]:
        return [
            DroppedIntent(self._untold(each.intent, plain, place, tell), each.rule, self._why(each, ""))
            for place, each in enumerate(dropped)
        ]

    def _untold(self, emitted: Emitted, plain: Plain, place: int, tell: Callable[[], Sequence[Intent]]) -> Intent:
        identity, _, exposure, emit, position, _, _ = emitted
        if position is not None:
            position = self._shown(position)
        return Intent.untold(self._named(identity), exposure, plain(emit), position, lambda: tell()[place])

    def _intent(self, emitted: Emitted, outcome: Outcome, language: str) -> Intent:
        emits = self.pack.emits
        assert emits is not None, "a pack with intents has a type for them"
        emit: Any = export(emitted.emit, emits.record)
        text, key = _BLIND, (emitted.id, emitted.item)
        if ir.part_of(emitted.id) not in outcome.failed:
            holes = next(each.holes for each in outcome.firings if (each.rule, each.item) == key)
            text = self._sayings[emitted.id].text(holes, language)
        name, pack = self._named(emitted.id)
        position = None if emitted.position is None else self._shown(emitted.position)
        return Intent(name, pack, emitted.exposure, emit, text, emitted.item, position)

    def _named(self, identity: str) -> tuple[str, str]:
        """How an intent is shown, and its pack."""
        found = self._names.get(identity)
        if found is None:
            found = self._names[identity] = ir.shown(identity), self._pack_of(identity)
        return found

    @cached_property
    def _shown(self) -> Callable[[Any], Any]:
        """What shows a position as a plain value."""
        emits = self.pack.emits
        assert emits is not None and emits.change is not None, "only what makes a change reduces a position"
        return exporter(emits.change.type)

    def _why(self, dropped: Dropped, language: str) -> str:
        names = " and ".join(f"`{ir.shown(name) or self.pack.name}`" for name in dropped.names)
        match dropped.rule:
            case arbitration.DEGRADED:
                return f"{names} failed, and what may raise exposure has to wait"
            case arbitration.CONFLICT:
                emits, rules = self.pack.emits, self.pack.arbitration
                fields = " and ".join(emits.record.fields[index].name for index in rules.conflict) if emits else ""
                return f"{names} comes first, and has the same {fields}"
        return self._vetoes[dropped.rule.removeprefix(arbitration.VETO)].text(dropped.holes, language)

    def _pack_of(self, name: str) -> str:
        """The pack that a rule or intent stands in."""
        return self._packs.get(ir.part_of(name), self.pack.name)

    def _held_within(self, folds: Mapping[str, Folded]) -> Iterator[Reason]:
        for name, each in folds.items():
            key = (f"{name}.within", None)
            for step in each.steps_of.get(key, ()):
                kind = each.output.type
                before, after = show_value(step.before, kind), show_value(step.after, kind)
                yield Reason(
                    rule=ir.shown(key[0]),
                    pack=self._pack_of(name),
                    severity="info",
                    text=f"{ir.shown(name)} is held at {after} instead of {before}",
                    values={},
                    effects=tuple(each.changes(key)),
                    decisive=each.steps[-1].applied.verb != "set",
                )


def _place_of(each: Reason | _Frame) -> tuple[Any, ...]:
    return _RANK[each.severity], not each.decisive, each.rule, _place(each.item)


def _place(item: Item) -> tuple[int, ...]:
    """An item's place among those of its rule."""
    if item is None:
        return ()
    return item if isinstance(item, tuple) else (item,)


__all__ = ["Change", "Explainer", "Folded", "Reason"]
