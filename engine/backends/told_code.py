"""What a decision tells as generated code: what it asks for, weighed and arbitrated, and where a reason may be a fault;
all else of reasons is worked out when they are read.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from .. import ir
from ..arbitration import VETO, Arbiter, arbitrated, is_exit
from ..intents import Emitted, arranged, keys_of, numbered, numbers, reads_intents
from ..parts import waits
from .draft import Draft, local_of
from .export_code import fields_of
from .expressions import Writer
from .output_code import OutputCode


@dataclass(frozen=True)
class ToldCode:
    """Writes what of reasons, intents and enforced invariants belongs to the decision."""

    draft: Draft
    outputs: OutputCode

    def reasons(self) -> None:
        """A reason that may fail is part of the decision."""
        draft = self.draft
        for rule in draft.pack.rules.values():
            if draft.late(rule):
                draft.add(f"if fired & {draft.bits[rule.id]}: raise Unusual")
        for group in draft.pack.groups.values():
            risky = [hole.value for hole in ir.holes(group) if draft.writer.can_fail(hole.value)]
            if group.when is not None and risky:
                late = "raise Unusual" if draft.late(group) else draft.tried(draft.writer, risky)
                draft.add(f"if not g_{group.id}: {late}")
        for rule in draft.pack.rules.values():
            risky = draft.risky(rule)
            if risky and rule.loop:
                target, inner = self.outputs.firings(rule, rule.loop)
                draft.add(f"for {target} in f_{local_of(rule.id)}: {draft.tried(inner, risky)}")
            elif risky:
                draft.add(f"if fired & {draft.bits[rule.id]}: {draft.tried(draft.writer, risky)}")

    # Intents

    def intents(self) -> None:
        """What fired, weighed; `kept` and `dropped` are what becomes of it. Where the decision needs neither, that is
        left to who reads it.
        """
        draft, pack = self.draft, self.draft.pack
        if not pack.intents or pack.emits is None:
            return
        if not self._is_undisputed:
            self._know(EMITS=pack.emits, Emitted=Emitted)
        for part in self._read_apart:
            draft.add(f"{_intents_of(part)} = ()")
        draft.add("asked = ()" if self._is_undisputed else "kept = dropped = ()")
        with draft.inside(f"if fired & {self._bits}:"):
            draft.add("asked = []")
            for identity in sorted(pack.intents):
                self._asked(pack.intents[identity], pack.rules[identity], pack.emits)
            for part in self._read_apart:
                self._apart(part)
            if not self._is_undisputed:
                self._arbitrated()

    @property
    def sent(self) -> str:
        """What the decision holds of its intents."""
        return "asked, None" if self._is_undisputed else "kept, dropped"

    @cached_property
    def _is_undisputed(self) -> bool:
        """Whether nothing can be dropped, and nothing here reads what is kept."""
        rules, enforced = self.draft.pack.arbitration, self.draft.pack.enforced
        return not (rules.vetoes or rules.conflict or any(reads_intents(each.condition) for each in enforced))

    def plain(self) -> list[str]:
        """The function that shows what an intent emits."""
        pack = self.draft.pack
        if not pack.intents or pack.emits is None:
            return []
        return ["def plain(emit):", *(f"    {line}" for line in fields_of(pack.emits.record, self.draft.constants))]

    @property
    def _bits(self) -> int:
        return sum(self.draft.bits[each] for each in self.draft.pack.intents)

    def _asked(self, intent: ir.Intent, rule: ir.Rule, emits: ir.Emits) -> None:
        """The candidates that an intent gives: one, or one for each item."""
        if rule.loop is None:
            head, inner, key = f"if fired & {self.draft.bits[intent.id]}:", self.draft.writer, "()"
        else:
            target, inner = self.outputs.firings(rule, rule.loop)
            head = f"for turn, ({target}) in enumerate(f_{local_of(intent.id)}):"
            keys = [inner.write(each.expression) for each in keys_of(rule.loop)]
            key = f"({' '.join(f'({each} is not None, {each}),' for each in keys) or 'turn,'})"
        with self.draft.inside(head):
            self.draft.add(f"emit = {inner.write(intent.emit)}")
            position = change = "None"
            if intent.position is not None:
                position = inner.write(intent.position)
                change = self._over_fields(emits).write(emits.change) if emits.change else "None"
            made = f"({intent.id!r}, None, {intent.exposure!r}, emit, {position}, {change}, {key})"
            self.draft.add(f"asked.append({made if self._is_undisputed else f'Emitted{made}'})")

    def _over_fields(self, emits: ir.Emits) -> Writer:
        writer = self.draft.writer
        for index, field in enumerate(emits.record.fields):
            writer = writer.inside(field.name, f"emit[{index}]", None)
        return writer

    def _arbitrated(self) -> None:
        draft, rules = self.draft, self.draft.pack.arbitration
        if not draft.pack.parts:
            self._know(arranged=arranged)
            draft.add("kept = arranged(EMITS, asked)")
            return
        self._know(RULES=rules)
        if rules.vetoes:
            self._vetoed(rules)
        else:
            self._know(arbitrated=arbitrated)
            draft.add("arbiter = arbitrated(EMITS, RULES, asked)")
        draft.add("kept = arbiter.kept; dropped = arbiter.dropped")

    def _vetoed(self, rules: ir.Arbitration) -> None:
        draft, vetoes = self.draft, sorted(rules.vetoes.items())
        self._know(Arbiter=Arbiter, IDS=numbers(draft.pack), is_exit=is_exit, numbered=numbered)
        draft.add("arbiter = Arbiter(EMITS, RULES)")
        with draft.inside("for intent in arbiter.in_turn(asked):"):
            draft.add("safe = is_exit(intent)")
            if not any(veto.allow_drop for _, veto in vetoes):
                draft.add("if safe: arbiter.settle(intent); continue")
            draft.add("intents = numbered(IDS, (intent,))")
            for identity, veto in vetoes:
                self._veto(f"{VETO}{identity}", veto)
            draft.add("arbiter.settle(intent)")

    def _veto(self, name: str, veto: ir.Veto) -> None:
        """The values of its `because` where it fires."""
        draft, loop = self.draft, veto.rule.loop
        draft.add(f"# {name}")
        inner = draft.writer.inside("intents", "intents", None)
        spared = "" if veto.allow_drop else "not safe and "
        if loop is None or _is_plain(loop):
            if loop is not None:
                inner = inner.inside(loop.sources[0].variable, "intents[0]", None)
            draft.add(f"if {spared}{_fires(veto.rule, inner)}:")
            draft.add(f"arbiter.drop(intent, {name!r}, ({_told(veto.rule, inner)})); continue", 1)
            return
        draft.add("found = None")
        with draft.inside(f"if {spared or 'True'}:".replace(" and :", ":")):
            inner, depth = draft.open_loop(loop, inner)
            fires = f"found is None and {_fires(veto.rule, inner)}"
            draft.add(f"if {fires}: found = ({_told(veto.rule, inner)})", depth)
        draft.add(f"if found is not None: arbiter.drop(intent, {name!r}, found); continue")

    # Invariants

    def enforced(self) -> None:
        draft = self.draft
        if any(map(self._waits, draft.pack.enforced)):
            draft.add("intents = numbered(IDS, kept)")
        for invariant in draft.pack.enforced:
            spelling = "()"
            if draft.pack.intents:
                spelling = "intents" if self._waits(invariant) else _intents_of(ir.part_of(invariant.id))
            writer = draft.writer.inside("intents", spelling, None)
            draft.add(f"# invariant {invariant.id}")
            refused = "not " if invariant.word == "always" else ""
            draft.add(f"if {refused}{writer.write(invariant.condition)}: raise Unusual")

    def _waits(self, invariant: ir.Invariant) -> bool:
        """Whether it is of what arbitration keeps."""
        return bool(self.draft.pack.intents) and waits(self.draft.pack, invariant)

    @cached_property
    def _read_apart(self) -> list[str]:
        """The parts whose own invariants read what they ask for."""
        enforced = [each for each in self.draft.pack.enforced if reads_intents(each.condition)]
        if any(map(self._waits, enforced)):
            self._know(IDS=numbers(self.draft.pack), numbered=numbered)
        return sorted({ir.part_of(each.id) for each in enforced if not self._waits(each)})

    def _apart(self, part: str) -> None:
        """What a part asks for, before arbitration."""
        self._know(IDS=numbers(self.draft.pack), numbered=numbered, arranged=arranged)
        mine = [each for each in self.draft.pack.intents if ir.part_of(each) == part]
        asked = "asked"
        if len(mine) < len(self.draft.pack.intents):
            asked = f"[each for each in asked if each.id in {_spelled(mine)}]"
        self.draft.add(f"{_intents_of(part)} = numbered(IDS, arranged(EMITS, {asked}))")

    def _know(self, **constants: object) -> None:
        self.draft.constants.update(constants)


def _intents_of(part: str) -> str:
    return f"intents_{part}"


def _is_plain(loop: ir.Loop) -> bool:
    """Whether it is over the one intent that is looked at, and no more."""
    return len(loop.sources) == 1 and loop.where is None and not loop.names and not loop.is_sorted


def _fires(rule: ir.Rule, writer: Writer) -> str:
    return "True" if rule.when is None else writer.write(rule.when)


def _told(rule: ir.Rule, writer: Writer) -> str:
    """The values of a `because`, as the inside of a tuple."""
    return " ".join(f"{writer.write(hole.value)}," for hole in ir.holes(rule))


def _spelled(names: Iterable[str]) -> str:
    return f"({' '.join(f'{name!r},' for name in sorted(names))})"
