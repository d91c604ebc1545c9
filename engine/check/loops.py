"""`for`, `where`, `with`, `order_by` and `limit`: the block that selections, rules and tables share."""

from __future__ import annotations

import ast
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from .. import ir
from ..document import Document, Scalar, Sequence
from ..document import Mapping as MappingNode
from ..types import BOOLEAN, MAX_INTEGER, UNKNOWN, Boolean, Enum, Integer, List, Number, Record, Text, Time, Type
from . import expressions
from .calls import free_name, has_absent_items, loop_source
from .names import number
from .operators import condition
from .presence import facts
from .scope import NO_FACTS, Context, LocalSymbol, Scope

MAX_PAIRS = 100_000
MAX_SOURCES = 2
_ORDERED = (Number, Integer, Boolean, Enum, Time)


@dataclass(frozen=True, slots=True)
class Block:
    """What is known inside a block: loop names and present paths."""

    loop: ir.Loop | None = None
    names: Mapping[str, LocalSymbol] = field(default_factory=dict)
    facts: frozenset[str] = NO_FACTS

    def knowing(self, more: frozenset[str]) -> Block:
        return replace(self, facts=self.facts | more)

    def naming(self, name: str, local: LocalSymbol) -> Block:
        return replace(self, names={**self.names, name: local})


def read_loop(scope: Scope, node: MappingNode, lists: Mapping[str, LocalSymbol] | None = None) -> Block:
    """The block's loop, or an empty block where there is no `for`. It may run over `lists` that only it knows."""
    written = node.get("for")
    loops = [
        each for each in (written.items if isinstance(written, Sequence) else [written]) if isinstance(each, Scalar)
    ]
    sources, block = _sources(scope, loops, lists or {})
    if sources is None:  # what is said of the items is not judged by a loop that failed
        return Block(names={name: LocalSymbol(name, UNKNOWN) for name in (*_meant(loops), *_keys(node.get("with")))})
    if not sources:
        return block
    _few_enough(scope, sources, loops[0])
    where, block = _where(scope, node.get("where"), block)
    names, block = _with(scope, node.get("with"), block)
    order = tuple(_order(scope, node.get("order_by"), block))
    loop = ir.Loop(
        sources=sources,
        where=where,
        names=names,
        order=(*order, *_ties(sources)) if order else (),
        limit=_limit(scope, node.get("limit")),
    )
    return replace(block, loop=loop)


def _sources(
    scope: Scope, loops: Iterable[Scalar], lists: Mapping[str, LocalSymbol]
) -> tuple[tuple[ir.Source, ...] | None, Block]:
    """What is looped over, or nothing where some of it is wrong; the second list may belong to the first one's item."""
    found: list[ir.Source | None] = []
    block = Block()
    for each in loops:
        context = expressions.read(scope, each)
        for written in _parts(context) if context else [None]:
            source = _source(replace(context, names={**lists, **block.names}), written) if context and written else None
            if source is not None:
                local = LocalSymbol(source.variable, source.item.type, has_absent_items(source.items))
                block = block.naming(source.variable, local)
            found.append(source)
    sources = tuple(each for each in found if each is not None)
    if len(found) > MAX_SOURCES and len(sources) == len(found):
        advice = "loop over a selection that joins two of the lists"
        scope.report("FB303", next(iter(loops)).span, what=f"a block over {len(found)} lists", help=advice)
        return None, block
    return sources if len(sources) == len(found) else None, block


def _parts(context: Context) -> list[ast.expr]:
    """The loops of `p in positions, b in buckets`."""
    node = context.parsed.node
    return node.elts if isinstance(node, ast.Tuple) else [node]


def _source(context: Context, node: ast.expr) -> ir.Source | None:
    match node:
        case ast.Compare(left=ast.Name(id=name) as target, ops=[ast.In()], comparators=[written]):
            items, _ = loop_source(context, written)
            if not free_name(context, name, context.span(target)):
                return None
            items = context.demand(written, items)
            return ir.Source(name, items) if isinstance(items.type, List) else None
        case _:
            context.fail("FB302", node, problem="a loop is expected here", help="write `for: item in items`")
    return None


def _meant(loops: Iterable[Scalar]) -> list[str]:
    return [part.split()[0] for each in loops for part in each.text.split(",") if part.split()]


def _keys(node: Document | None) -> list[str]:
    return [key.text for key, _ in node.entries] if isinstance(node, MappingNode) else []


def _few_enough(scope: Scope, sources: Iterable[ir.Source], node: Scalar) -> None:
    count = math.prod(each.items.type.max_items for each in sources if isinstance(each.items.type, List))
    if count > MAX_PAIRS:
        scope.report("FB420", node.span, count=count, limit=MAX_PAIRS)


def _where(scope: Scope, node: Document | None, block: Block) -> tuple[ir.Expr | None, Block]:
    context = _inside(scope, node, block)
    if context is None:
        return None, block
    return condition(context, context.parsed.node), block.knowing(facts(context, context.parsed.node, True))


def _inside(scope: Scope, node: Document | None, block: Block) -> Context | None:
    return expressions.read(scope, node, names=block.names, facts=block.facts) if isinstance(node, Scalar) else None


def _with(scope: Scope, node: Document | None, block: Block) -> tuple[tuple[tuple[str, ir.Expr], ...], Block]:
    """Names of a block see the ones written before them."""
    found = []
    for key, value in node.entries if isinstance(node, MappingNode) else ():
        context = _inside(scope, value, block)
        if context is None or not free_name(context, key.text, key.span):
            continue
        expr = context.infer(context.parsed.node)
        holds = facts(context, context.parsed.node, True) if expr.type == BOOLEAN else NO_FACTS
        block = block.naming(key.text, LocalSymbol(key.text, expr.type, expr.optional, holds))
        found.append((key.text, expr))
    return tuple(found), block


def _order(scope: Scope, node: Document | None, block: Block) -> Iterable[ir.Expr]:
    for each in node.items if isinstance(node, Sequence) else ():
        context = _inside(scope, each, block)
        if context is None:
            continue
        expr = context.demand(context.parsed.node, context.infer(context.parsed.node))
        if expr.type != UNKNOWN and not isinstance(expr.type, _ORDERED):
            scope.report("FB305", each.span, expected="something with an order", found=str(expr.type))
        yield expr


def _ties(sources: Iterable[ir.Source]) -> list[ir.Expr]:
    """The keys of the lists: they order items that `order_by` leaves equal. Where a list has none, items stay."""
    every = [_key(source) for source in sources]
    return [part for parts in every for part in parts] if all(every) else []


def _key(source: ir.Source) -> list[ir.Expr]:
    """What tells the items of a list apart and has an order."""
    kind: Type = source.item.type
    item = ir.Local(type=kind, name=source.variable)
    if not isinstance(kind, Record):
        return [item] if isinstance(source.items, ir.Literal) else []  # the members of an enum
    assert isinstance(source.items.type, List)
    fields = [found for name in source.items.type.key if (found := kind.field(name))]
    if any(each.optional or not isinstance(each.type, (*_ORDERED, Text)) for _, each in fields):
        return []
    return [ir.Get(type=each.type, record=item, index=index) for index, each in fields]


def _limit(scope: Scope, node: Document | None) -> ir.Expr | None:
    context = expressions.read(scope, node, constant=True) if isinstance(node, Scalar) else None
    if context is None:
        return None
    tree = context.parsed.node
    if isinstance(tree, ast.Constant) and type(tree.value) is int and tree.value <= MAX_INTEGER:
        return number(tree.value, None, context, tree)  # a length is plain enough to stand bare
    limit = context.demand(tree, context.infer(tree))
    if not isinstance(limit.type, Integer) and limit.type != UNKNOWN:
        return context.fail("FB305", tree, expected="an integer", found=str(limit.type))
    return limit


__all__ = ["MAX_PAIRS", "Block", "read_loop"]
