"""Rules of which nobody asks whether they fired: what they do is told by the list of their firings."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from .. import ir
from .draft import Draft, decided_by


def idle(draft: Draft, tabled: Collection[str]) -> set[str]:
    """The ids of those rules. Outputs that are `tabled` go by the mask of what fired."""
    pack = draft.pack
    asked = {node.id for expr in _evaluated(draft) for node in ir.walk(expr) if isinstance(node, ir.Fired)}
    return {
        rule.id
        for rule in pack.rules.values()
        if rule.loop is not None
        and asked.isdisjoint((rule.id, rule.table, rule.group))
        and rule.id not in pack.intents
        and not draft.late(rule)
        and not any(effect.output in tabled for effect in rule.effects)
    }


def _evaluated(draft: Draft) -> Iterator[ir.Expr]:
    yield from decided_by(draft.pack)
    for rule in draft.pack.rules.values():
        yield from draft.risky(rule)
    for group in draft.pack.groups.values():
        yield from (hole.value for hole in ir.holes(group))


__all__ = ["idle"]
