"""What a decision tells - reasons, intents - as generated code: worked out when it is read, here only where it may be
a fault, or where an invariant is about it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from .. import ir
from ..graph import conditions
from ..intents import EXPOSURES, reads_intents
from .draft import Draft, local_of
from .output_code import OutputCode

_UNORDERED = ("all", "any", "count")


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

    def intents(self) -> None:
        """What an intent emits, whether it stands, and what a reason says, is worked out when it is read; here only
        where it may be a fault.
        """
        draft = self.draft
        if any(map(draft.writer.can_fail, _vetoing(draft.pack.arbitration))):
            draft.add(f"if fired & {self._bits}: raise Unusual")
        for identity, intent in sorted(draft.pack.intents.items()):
            emits = draft.pack.emits
            if intent.position and emits and emits.change and draft.writer.can_fail(emits.change):
                draft.add(f"if fired & {draft.bits[identity]}: raise Unusual")
        for rule in draft.pack.rules.values():
            risky = draft.risky(rule)
            if risky and rule.loop:
                target, inner = self.outputs.firings(rule, rule.loop)
                draft.add(f"for {target} in f_{local_of(rule.id)}: {draft.tried(inner, risky)}")
            elif risky:
                draft.add(f"if fired & {draft.bits[rule.id]}: {draft.tried(draft.writer, risky)}")

    @property
    def _bits(self) -> int:
        return sum(self.draft.bits[each] for each in self.draft.pack.intents)

    def enforced(self) -> None:
        """Where an invariant is about the order or the exposure of intents, and there are any, the examination has the
        word.
        """
        draft = self.draft
        about = [each for each in draft.pack.enforced if draft.pack.intents and reads_intents(each.condition)]
        late = [each for each in about if not self._is_plain or _weighs(each.condition)]
        if late:
            draft.add(f"if fired & {self._bits}: raise Unusual")
        if about:
            draft.add("intents = ()")
        if len(about) > len(late):
            draft.add(f"if fired & {self._bits}: intents = [{', '.join(self._listed())}]")
        writer = draft.writer.inside("intents", "intents" if about else "()", None)
        for invariant in draft.pack.enforced:
            draft.add(f"# invariant {invariant.id}")
            refused = "not " if invariant.word == "always" else ""
            draft.add(f"if {refused}{writer.write(invariant.condition)}: raise Unusual")

    @property
    def _is_plain(self) -> bool:
        """Whether every intent that fires is one, and leaves."""
        pack = self.draft.pack
        arbitrated = bool(pack.parts or pack.arbitration.vetoes or pack.arbitration.conflict)
        return not arbitrated and not any(pack.rules[identity].loop for identity in pack.intents)

    def _listed(self) -> Iterator[str]:
        """The intents that fire, as an invariant sees them; what they count as is not known yet."""
        draft = self.draft
        for number, (identity, intent) in enumerate(sorted(draft.pack.intents.items())):
            emitted = f"({number}, {EXPOSURES.index(intent.exposure)}, *{draft.writer.write(intent.emit)})"
            yield f"*([{emitted}] if fired & {draft.bits[identity]} else [])"


def _weighs(condition: ir.Expr) -> bool:
    """Whether a condition reads the order of the intents, or what they count as."""
    nodes = list(ir.walk(condition))
    sources = [
        node.args[0].source if isinstance(node.args[0], ir.Each) else node.args[0]
        for node in nodes
        if isinstance(node, ir.Call) and node.function in _UNORDERED
    ]
    lists = [node for node in nodes if isinstance(node, ir.Local) and node.name == "intents"]
    exposures = [node for node in nodes if getattr(node.type, "name", "") == "Exposure"]
    return bool(exposures) or len(lists) != sum(source in lists for source in sources)


def _vetoing(arbitration: ir.Arbitration) -> Iterator[ir.Expr]:
    """Everything that vetoes evaluate."""
    for veto in arbitration.vetoes.values():
        yield from (*conditions(veto.rule), *(hole.value for hole in ir.holes(veto.rule)))
