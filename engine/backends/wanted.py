"""Which outputs the generated code computes: what is shown, what is read, and what may be at fault."""

from __future__ import annotations

import math

from .. import ir
from ..types import List, Map
from .draft import decided_by
from .expressions import Writer


def wanted(pack: ir.Pack, writer: Writer) -> list[str]:
    """The names of those outputs. A policy may use packs for a few of theirs."""
    known = {output.name for output in pack.publication.values()} | read_outputs(pack)
    return [name for name in sorted(pack.outputs) if name in known or _may_fail(pack, writer, pack.outputs[name])]


def read_outputs(pack: ir.Pack) -> set[str]:
    nodes = (node for expr in decided_by(pack) for node in ir.walk(expr))
    kept = {slot.name for slot in pack.slots if slot.kind == "previous"}
    return {node.name for node in nodes if isinstance(node, ir.Output)} | kept


def _may_fail(pack: ir.Pack, writer: Writer, output: ir.OutputDeclaration) -> bool:
    """Whether a fold may be at fault, or decides which bounds fire."""
    effects = pack.effects_on(output.name)
    values = [*([output.start] if output.start else []), *(effect.value for _, effect in effects)]
    agreeing = [effect for _, effect in effects if effect.verb == "set" or output.combine == "unique"]
    return (
        any(map(writer.can_fail, values))
        or any(rule.is_bound or effect.verb in ("times", "add") for rule, effect in effects)
        or bool(agreeing)
        or output.low is not None
        or output.high is not None
        or (isinstance(output.type, List | Map) and longest(pack, output) > output.type.max_items)
    )


def longest(pack: ir.Pack, output: ir.OutputDeclaration) -> float:
    """How many items a list can have at the most."""
    if output.combine != "collect":
        return _length(output.start)
    return sum(_items_of(rule.loop) for rule, _ in pack.effects_on(output.name))


def _length(expr: ir.Expr | None) -> float:
    """The most items that a list expression can give."""
    if isinstance(expr, ir.Each):
        return _length(expr.source)
    if isinstance(expr, ir.Call) and expr.function in ("map", "keys"):
        return _length(expr.args[0])
    return expr.type.max_items if isinstance(expr, ir.Input) and isinstance(expr.type, List | Map) else math.inf


def _items_of(loop: ir.Loop | None) -> float:
    return 1 if loop is None else math.prod(_length(source.items) for source in loop.sources)


__all__ = ["longest", "read_outputs", "wanted"]
