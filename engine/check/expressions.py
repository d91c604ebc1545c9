"""One expression: from its scalar to typed IR, and whether the result may stand where it is written."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import replace

from .. import ir
from ..document import Scalar
from ..types import UNKNOWN, Integer, List, Map, Number, Type, Vector, accepts, is_numeric, unit_of, with_unit
from . import calls, names, operators
from .names import as_number
from .operators import conversion_advice
from .parse import Parsed, parse_scalar
from .scope import NO_FACTS, Context, Handler, LocalSymbol, Scope, unknown

HANDLERS: Mapping[type[ast.expr], Handler] = {
    ast.Name: names.name,  # type: ignore[dict-item]  # the key tells each handler its node
    ast.Attribute: names.attribute,  # type: ignore[dict-item]
    ast.Constant: names.constant,  # type: ignore[dict-item]
    ast.Subscript: names.subscript,  # type: ignore[dict-item]
    ast.BinOp: operators.arithmetic,  # type: ignore[dict-item]
    ast.UnaryOp: operators.unary,  # type: ignore[dict-item]
    ast.BoolOp: operators.logic,  # type: ignore[dict-item]
    ast.Compare: operators.comparison,  # type: ignore[dict-item]
    ast.IfExp: operators.choice,  # type: ignore[dict-item]
    ast.Call: calls.function,  # type: ignore[dict-item]
    ast.ListComp: calls.comprehension,  # type: ignore[dict-item]
    ast.GeneratorExp: calls.comprehension,  # type: ignore[dict-item]
    ast.DictComp: calls.vector_or_map,  # type: ignore[dict-item]
    ast.List: calls.list_display,  # type: ignore[dict-item]
    ast.Dict: calls.map_display,  # type: ignore[dict-item]
}


def open_context(
    scope: Scope,
    parsed: Parsed,
    names: Mapping[str, LocalSymbol] | None = None,
    facts: frozenset[str] = NO_FACTS,
    constant: bool = False,
    reason: tuple[str, ...] = (),
    admitted: bool = False,
    bare: bool = False,
) -> Context:
    return Context(scope, parsed, HANDLERS, names or {}, facts, constant, reason, admitted, bare)


def read(scope: Scope, scalar: Scalar, **options: object) -> Context | None:
    """A context for the scalar's expression, or nothing where it cannot be parsed."""
    parsed, findings = parse_scalar(scalar)
    scope.findings.extend(findings)
    if parsed is None:
        scope.pardon(scalar.text)
        return None
    return open_context(scope, parsed, **options)  # type: ignore[arg-type]  # the keywords of open_context


def infer(context: Context | None, expected: Type | None = None) -> ir.Expr:
    return unknown() if context is None else context.infer(context.parsed.node, expected)


def fit(context: Context | None, wanted: Type, optional: bool = False) -> ir.Expr:
    """The expression as a value of `wanted`, absent only where `optional` allows it; reports where it does not fit."""
    if context is None:
        return unknown()
    node = context.parsed.node
    expr = context.infer(node, wanted)
    if not optional:
        expr = context.demand(node, expr)
    return fitted(context, node, expr, wanted)


def fitted(context: Context, node: ast.expr, expr: ir.Expr, wanted: Type) -> ir.Expr:
    if UNKNOWN in (expr.type, wanted):
        return expr
    if is_numeric(wanted) and is_numeric(expr.type) and unit_of(wanted) != unit_of(expr.type):
        units = unit_of(wanted), unit_of(expr.type)
        if isinstance(expr, ir.Literal):  # a bare number takes the unit that is expected
            return as_number(replace(expr, type=with_unit(expr.type, units[0])), wanted)
        return context.fail("FB306", node, left=f"`{units[0]}`", right=f"`{units[1]}`", help=conversion_advice(*units))
    if accepts(wanted, expr.type) or (isinstance(wanted, List) and _empty(expr)):
        return as_number(expr, wanted)
    if _lacks_items(wanted, expr.type):
        return context.fail("FB308", node, what="an item of it", help="give each a `default(…, value)`")
    cut = isinstance(wanted, Integer) and isinstance(expr.type, Number)
    advice = "`floor(x)` or `round(x)` makes an integer" if cut else None
    return context.fail("FB305", node, expected=str(wanted), found=str(expr.type), help=advice)


def _lacks_items(wanted: Type, given: Type) -> bool:
    """Whether nothing but items that may be absent keeps a list, vector or map from fitting."""
    if not (isinstance(given, List | Vector | Map) and given.item.optional):
        return False
    return accepts(wanted, replace(given, item=replace(given.item, optional=False)))


def _empty(expr: ir.Expr) -> bool:
    return isinstance(expr, ir.Make) and not expr.parts
