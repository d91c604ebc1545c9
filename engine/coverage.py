"""What the examples of a pack can cover, and what one decision covers of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Literal

from . import ir
from .arbitration import VETO
from .backends import reference
from .decision import Decision
from .policy import Policy
from .snapshot import Reading
from .source import Span
from .state import State
from .types import Integer

Kind = Literal["rule", "row", "intent", "value", "group", "veto"]


@dataclass(frozen=True, slots=True)
class Coverable:
    """A rule, row or intent that can fire, a row of a table of values that can be hit, a group that can be closed, or a
    veto that can drop an intent.

    Rules and definitions may have the same name.
    """

    kind: Kind
    id: str
    span: Span | None = field(default=None, compare=False)


def coverable(pack: ir.Pack) -> Iterator[Coverable]:
    """What is the pack's own; the packs that a policy uses have examples of their own."""
    return (each for each in _all(pack) if not ir.part_of(each.id))


def _all(pack: ir.Pack) -> Iterator[Coverable]:
    yield from (Coverable(_kind(pack, rule.id), rule.id, rule.span) for rule in pack.rules.values())
    for table in _tables(pack):
        yield from (Coverable("value", f"{table.name}.{row.id}", row.span) for row in table.rows)
    yield from (Coverable("group", group.id, group.span) for group in pack.groups.values() if group.when is not None)
    yield from (Coverable("veto", VETO + name, veto.rule.span) for name, veto in pack.arbitration.vetoes.items())


def _kind(pack: ir.Pack, rule: str) -> Kind:
    if rule in pack.intents:
        return "intent"
    return "row" if pack.rules[rule].table else "rule"


def _tables(pack: ir.Pack) -> list[ir.Lookup]:
    return [step.value for step in pack.steps if isinstance(step, ir.Define) and isinstance(step.value, ir.Lookup)]


def covered(policy: Policy, decision: Decision, state: State | None = None) -> Iterator[Coverable]:
    """What a decision covers, which was made from a state: where some pack failed, what fired in the others."""
    if decision.status not in ("ok", "degraded"):
        return
    pack, outcome = policy.pack, decision.outcome
    yield from (Coverable(_kind(pack, rule), rule) for rule in dict.fromkeys(each.rule for each in outcome.firings))
    yield from (Coverable("group", group) for group in outcome.closed)
    yield from (Coverable("veto", each.rule) for each in outcome.dropped)
    tables = _tables(pack) if decision.status == "ok" else []
    if tables:
        run, _ = policy.examiner.follow(Reading(outcome.inputs), state)
        hits = ((table, reference.evaluate(run, _numbered(table), {})) for table in tables)
        yield from (Coverable("value", f"{table.name}.{table.rows[hit].id}") for table, hit in hits if hit is not None)


def _numbered(table: ir.Lookup) -> ir.Lookup:
    """The same table with the number of each row in place of its value."""
    rows = (replace(row, value=ir.Literal(type=Integer(), value=i)) for i, row in enumerate(table.rows))
    return replace(table, rows=tuple(rows))


__all__ = ["Coverable", "Kind", "coverable", "covered"]
