"""The cells of decision tables: `LOW | NORMAL`, `>= limit`, `[a..b)`, `not (…)`, `missing`."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from .. import ir
from ..diagnostics import Diagnostic
from ..document import Document, Scalar
from ..source import Span
from ..types import BOOLEAN, UNKNOWN, Enum, Time, is_numeric
from .expressions import fitted, open_context
from .operators import comparable
from .parse import MAX_DEPTH, MAX_LENGTH, expression_span, parse_span
from .scope import Scope, unknown

_COMPARISON = re.compile(r"\s*(<=|>=|==|!=|<|>)")
_OPERATIONS = {"<": "lt", "<=": "le", ">": "gt", ">=": "ge", "==": "eq", "!=": "ne"}
_NOT = re.compile(r"\s*not\s*\((.*)\)\s*", re.DOTALL)
_RANGE = re.compile(r"\s*([\[(])(.*?)\.\.(.*)([\])])\s*", re.DOTALL)


def cell(scope: Scope, node: Document, column: ir.Expr) -> tuple[ir.Expr, bool]:
    """The condition of a cell over its column, and whether it tells that the column is present."""
    if not isinstance(node, Scalar):
        scope.report("FB317", node.span, problem="a cell is one line of text")
        return unknown(), False
    present = ir.Call(type=BOOLEAN, span=node.span, function="present", args=(column,))
    value = _present(column)
    span = expression_span(node)
    if too_large := _too_large(span):
        scope.findings.append(too_large)
        return unknown(span), False
    parts = list(_alternatives(span))
    admits_missing = any(part.text.strip() == "missing" for part in parts)
    if admits_missing and not column.optional and column.type != UNKNOWN:
        scope.report("FB405", node.span, what="`missing`: the column is always present, the cell")
    matched = [_alternative(scope, part, value) for part in parts if part.text.strip() != "missing"]
    if not column.optional:
        return _any(matched, node.span), True
    tests: list[ir.Expr] = []
    if admits_missing:
        tests.append(ir.Call(type=BOOLEAN, span=node.span, function="not", args=(present,)))
    if matched:
        tests.append(ir.And(type=BOOLEAN, span=node.span, terms=(present, _any(matched, node.span))))
    return _any(tests, node.span), not admits_missing


def _too_large(span: Span) -> Diagnostic | None:
    """The bounds of an expression hold for a cell, whose own syntax is read before its expressions are."""
    if len(span.text) > MAX_LENGTH:
        return Diagnostic.of("FB304", span, limit=MAX_LENGTH, what="characters")
    if len(re.findall(r"\bnot\b", span.text)) > MAX_DEPTH:
        return Diagnostic.of("FB304", span, limit=MAX_DEPTH, what="levels")
    return None


def _present(column: ir.Expr) -> ir.Expr:
    """The column where it is known to be present."""
    assert isinstance(column, ir.Defined)
    return ir.Defined(type=column.type, span=column.span, name=column.name)


def _any(terms: list[ir.Expr], span: Span) -> ir.Expr:
    return terms[0] if len(terms) == 1 else ir.Or(type=BOOLEAN, span=span, terms=tuple(terms))


def _alternatives(span: Span) -> Iterator[Span]:
    """The parts between bars that stand outside of brackets."""
    depth, start = 0, 0
    for i, character in enumerate(span.text):
        depth += (character in "([") - (character in ")]")
        if character == "|" and depth == 0:
            yield Span(span.source, span.start + start, span.start + i)
            start = i + 1
    yield Span(span.source, span.start + start, span.end)


def _alternative(scope: Scope, span: Span, column: ir.Expr) -> ir.Expr:
    text = span.text
    if inverted := _NOT.fullmatch(text):
        inner = _part(span, inverted, 1)
        terms = [_alternative(scope, part, column) for part in _alternatives(inner)]
        return ir.Call(type=BOOLEAN, span=span, function="not", args=(_any(terms, span),))
    if interval := _RANGE.fullmatch(text):
        low = _compare(scope, column, ">=" if interval[1] == "[" else ">", _part(span, interval, 2))
        high = _compare(scope, column, "<=" if interval[4] == "]" else "<", _part(span, interval, 3))
        return ir.And(type=BOOLEAN, span=span, terms=(low, high))
    if compared := _COMPARISON.match(text):
        return _compare(scope, column, compared[1], Span(span.source, span.start + compared.end(), span.end))
    if ".." in text:
        advice = "write `[a..b]`, `[a..b)`, `(a..b]` or `(a..b)`"
        scope.report("FB317", span, problem="a range needs its ends", help=advice)
        return unknown(span)
    return _compare(scope, column, "==", span)


def _part(span: Span, match: re.Match[str], group: int) -> Span:
    return Span(span.source, span.start + match.start(group), span.start + match.end(group))


def _compare(scope: Scope, column: ir.Expr, operator: str, span: Span) -> ir.Expr:
    parsed, findings = parse_span(span)
    scope.findings.extend(findings)
    if parsed is None:
        scope.pardon(span.text)
        return unknown(span)
    context = open_context(scope, parsed, constant=True)
    value = context.demand(parsed.node, context.infer(parsed.node, column.type))
    if (is_numeric(column.type) and isinstance(parsed.node, ast.Constant | ast.UnaryOp)) or value.type == column.type:
        value = fitted(context, parsed.node, value, column.type)
    name = _OPERATIONS[operator]
    if not comparable(context, parsed.node, name, column, value):
        return unknown(span)
    if isinstance(column.type, Enum | Time) or is_numeric(column.type) or name in ("eq", "ne"):
        return ir.Call(type=BOOLEAN, span=span, function=name, args=(column, value))
    return context.fail("FB317", parsed.node, problem=f"{column.type} has no order")
