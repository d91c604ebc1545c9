"""`for`, `where` and `with`: the block that rules and tables share."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from .. import ir
from ..document import Document, Scalar, Sequence
from ..document import Mapping as MappingNode
from ..types import BOOLEAN, UNKNOWN, Type
from . import expressions
from .calls import free_name, has_absent_items, loop_source
from .declarations import text_of
from .operators import condition
from .presence import facts
from .scope import NO_FACTS, Context, LocalSymbol, Scope


@dataclass(frozen=True, slots=True)
class Block:
    """What is known inside a block: loop names and present paths."""

    loop: ir.Loop | None = None
    names: Mapping[str, LocalSymbol] = field(default_factory=dict)
    facts: frozenset[str] = NO_FACTS

    def knowing(self, more: frozenset[str]) -> Block:
        return replace(self, facts=self.facts | more)


def read_loop(scope: Scope, node: MappingNode) -> Block:
    """The block's loop, or an empty block where there is no `for`."""
    written = node.get("for")
    if isinstance(written, Sequence):
        scope.report("FB207", written.span, key="for: […]")
        variables = [text_of(each).partition(" ")[0] for each in written.items]
        return Block(names={name: LocalSymbol(name, UNKNOWN) for name in variables})
    if not isinstance(written, Scalar):
        return Block()
    context = expressions.read(scope, written)
    variable, source, item = _source(context) if context else ("", None, UNKNOWN)
    if not variable or source is None or source.type == UNKNOWN:
        meant = next(iter(written.text.split()), "")  # what is said of the items is not judged by a loop that failed
        return Block(names={meant: LocalSymbol(meant, UNKNOWN)})
    block = Block(names={variable: LocalSymbol(variable, item, has_absent_items(source))})
    where, block = _where(scope, node.get("where"), block)
    names, block = _with(scope, node.get("with"), block)
    return replace(block, loop=ir.Loop(variable=variable, item=item, source=source, where=where, names=names))


def _source(context: Context) -> tuple[str, ir.Expr, Type]:
    match context.parsed.node:
        case ast.Compare(left=ast.Name(id=name) as target, ops=[ast.In()], comparators=[source]):
            expr, item = loop_source(context, source)
            if not free_name(context, name, target):
                return "", expr, item
            return name, context.demand(source, expr), item
        case ast.Tuple():
            expr = context.fail("FB303", context.parsed.node, what="a second source", help="loop over one list")
        case _:
            expr = context.fail(
                "FB302", context.parsed.node, problem="a loop is expected here", help="write `for: item in items`"
            )
    return "", expr, UNKNOWN


def _where(scope: Scope, node: Document | None, block: Block) -> tuple[ir.Expr | None, Block]:
    context = expressions.read(scope, node, names=block.names, facts=block.facts) if isinstance(node, Scalar) else None
    if context is None:
        return None, block
    return condition(context, context.parsed.node), block.knowing(facts(context, context.parsed.node, True))


def _with(scope: Scope, node: Document | None, block: Block) -> tuple[tuple[tuple[str, ir.Expr], ...], Block]:
    """Names of a block see the ones written before them."""
    found = []
    for key, value in node.entries if isinstance(node, MappingNode) else ():
        context = (
            expressions.read(scope, value, names=block.names, facts=block.facts) if isinstance(value, Scalar) else None
        )
        if context is None or not free_name(context, key.text, context.parsed.node):
            continue
        expr = context.infer(context.parsed.node)
        holds = facts(context, context.parsed.node, True) if expr.type == BOOLEAN else NO_FACTS
        local = LocalSymbol(key.text, expr.type, expr.optional, holds)
        block = replace(block, names={**block.names, key.text: local})
        found.append((key.text, expr))
    return tuple(found), block
