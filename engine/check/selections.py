"""Selections: the items of a list that meet a condition, with further fields, in an order, cut to a length."""

from __future__ import annotations

from dataclasses import replace

from .. import ir
from ..document import Document, Mapping, Scalar, Sequence
from ..types import UNKNOWN, Boolean, Enum, Field, Integer, List, Number, Record, Text, Time, Type
from . import expressions
from .loops import Block, read_loop
from .scope import Scope, unknown

_ORDERED = (Number, Integer, Boolean, Enum, Time)


def read_selection(scope: Scope, node: Mapping) -> ir.Expr:
    """A block with `for`, as the list that it stands for."""
    block = read_loop(scope, node)
    loop = block.loop
    order = _order(scope, node.get("order_by"), block)
    limit = _limit(scope, node.get("limit"))
    if loop is None or not isinstance(loop.source.type, List):  # what is wrong with it has been said
        return unknown(node.span)
    source = loop.source.type
    item = _item(scope, node, source, loop)
    most = limit.value if isinstance(limit, ir.Literal) and isinstance(limit.value, int) else source.max_items
    return ir.Select(
        type=UNKNOWN
        if item == UNKNOWN
        else List(replace(source.item, type=item), min(most, source.max_items), source.key),
        span=node.span,
        variable=loop.variable,
        source=loop.source,
        where=loop.where,
        names=loop.names,
        order=(*order, *_ties(loop, source)) if order else (),
        limit=limit,
    )


def _item(scope: Scope, node: Mapping, source: List, loop: ir.Loop) -> Type:
    """The type of the items: that of the list's, with the names of `with` as further fields."""
    record = source.item.type
    if not loop.names or record == UNKNOWN:
        return record
    names = node.get("with")
    if not isinstance(record, Record):
        span = names.span if names else node.span
        scope.report("FB305", span, expected="a list of records, whose fields `with` adds to,", found=str(source))
        return UNKNOWN
    for key, _ in names.entries if isinstance(names, Mapping) else ():
        if record.field(key.text):
            scope.report("FB311", key.span, name=key.text, other=f"a field of `{loop.variable}`")
    return Record("", (*record.fields, *(Field(name, value.type, value.optional) for name, value in loop.names)))


def _order(scope: Scope, node: Document | None, block: Block) -> list[ir.Expr]:
    found = []
    for each in node.items if isinstance(node, Sequence) else ():
        context = (
            expressions.read(scope, each, names=block.names, facts=block.facts) if isinstance(each, Scalar) else None
        )
        if context is None:
            continue
        expr = context.demand(context.parsed.node, context.infer(context.parsed.node))
        if expr.type != UNKNOWN and not isinstance(expr.type, _ORDERED):
            scope.report("FB305", each.span, expected="something with an order", found=str(expr.type))
        found.append(expr)
    return found


def _ties(loop: ir.Loop, source: List) -> list[ir.Expr]:
    """The fields of the list's key: they order items that `order_by` leaves equal."""
    record = source.item.type
    if not isinstance(record, Record):
        return []
    fields = [found for name in source.key if (found := record.field(name))]
    if any(field.optional or not isinstance(field.type, (*_ORDERED, Text)) for _, field in fields):
        return []
    item = ir.Local(type=record, name=loop.variable)
    return [ir.Get(type=field.type, record=item, index=index) for index, field in fields]


def _limit(scope: Scope, node: Document | None) -> ir.Expr | None:
    context = expressions.read(scope, node, constant=True) if isinstance(node, Scalar) else None
    if context is None:
        return None
    tree = context.parsed.node
    limit = context.demand(tree, context.infer(tree))
    if not isinstance(limit.type, Integer) and limit.type != UNKNOWN:
        return context.fail("FB305", tree, expected="an integer", found=str(limit.type))
    return limit
