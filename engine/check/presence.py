"""Which paths are known to be present where a condition holds or fails.

A path is written as it stands (`s.quality`, `best[LONG]`); a known path makes known everything that it goes through.
"""

from __future__ import annotations

import ast
from functools import reduce

from .scope import NO_FACTS, Context


def path(node: ast.expr) -> str | None:
    """The node as a path, if it is one."""
    inner = node
    while isinstance(inner, ast.Attribute | ast.Subscript):
        inner = inner.value
    return ast.unparse(node) if _is_root(inner) else None


def _is_root(node: ast.expr) -> bool:
    """A name, or what a name was."""
    match node:
        case ast.Name() | ast.Call(func=ast.Name(id="previous"), args=[_]):
            return True
    return False


def prefixes(node: ast.expr) -> frozenset[str]:
    """The path and every path that it goes through."""
    found = set()
    while isinstance(node, ast.Attribute | ast.Subscript):
        found.add(ast.unparse(node))
        node = node.value
    return frozenset(found | {ast.unparse(node)}) if _is_root(node) else NO_FACTS


def facts(context: Context, node: ast.expr, holds: bool) -> frozenset[str]:
    """The paths that are present when `node` is true (`holds`) or false."""
    match node:
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return facts(context, operand, not holds)
        case ast.BoolOp(op=op, values=values):
            every = [facts(context, value, holds) for value in values]
            joined = isinstance(op, ast.And) == holds
            return reduce(frozenset.union if joined else frozenset.intersection, every)
        case ast.Call(func=ast.Name(id="present"), args=[argument]) if holds:
            return prefixes(argument)
        case ast.Name(id=name) if name in context.names:
            return context.names[name].holds if holds else NO_FACTS
        case ast.Name(id=name) if name in context.scope.symbols:
            symbol = context.scope.symbols[name]
            return symbol.holds if holds else symbol.fails
    return NO_FACTS
