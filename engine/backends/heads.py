"""Selections of which nothing but the first item is read: finding it takes no sorting."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from .. import ir
from ..types import Integer
from .draft import decided_by


def heads(pack: ir.Pack) -> dict[str, ir.Select]:
    """The ordered selections that every reader takes the first item of, by name and cut to that item.

    Their items are computed as before, so that no fault is lost.
    """
    definitions = {step.name: step.value for step in pack.steps if isinstance(step, ir.Define)}
    chosen = {name: value for name, value in definitions.items() if isinstance(value, ir.Select) and _is_long(value)}
    if not chosen:
        return {}
    whole = {name for expr in _expressions(pack) for name in _read_whole(expr)}
    one = ir.Literal(type=Integer(), value=1)
    return {
        name: replace(value, loop=replace(value.loop, limit=one)) for name, value in chosen.items() if name not in whole
    }


def _is_long(value: ir.Select) -> bool:
    """Whether a selection is ordered and known to keep its first item, if it has one."""
    limit = value.loop.limit
    plenty = isinstance(limit, ir.Literal) and isinstance(limit.value, int) and limit.value > 1
    return bool(value.loop.order) and (limit is None or plenty)


def _expressions(pack: ir.Pack) -> Iterator[ir.Expr]:
    """Everything that may read a definition."""
    yield from decided_by(pack)
    yield from (hole.value for rule in pack.rules.values() for hole in ir.holes(rule))
    yield from (hole.value for group in pack.groups.values() for hole in ir.holes(group))
    for invariant in pack.invariants:
        yield from (
            (invariant.condition,) if isinstance(invariant, ir.Invariant) else (invariant.output, invariant.input)
        )


def _read_whole(expr: ir.Expr) -> Iterator[str]:
    """The definitions that an expression reads otherwise than by `first`."""
    match expr:
        case ir.Defined(name=name) | ir.Previous(name=name):
            yield name
        case ir.Call(function="first", args=(ir.Defined(),)):
            return
        case _:
            for child in ir.children(expr):
                yield from _read_whole(child)


__all__ = ["heads"]
