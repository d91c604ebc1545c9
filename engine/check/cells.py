"""The cells of decision tables: `LOW | NORMAL`, `>= limit`, `[a..b)`, `not (…)`, `missing`."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from .. import ir
from ..diagnostics import Diagnostic, did_you_mean
from ..document import Document, Scalar, Style
from ..source import Span
from ..times import parse_time
from ..types import BOOLEAN, UNKNOWN, Enum, Text, Time, Type, is_numeric
from .expressions import fitted, open_context
from .operators import comparable
from .parse import MAX_DEPTH, MAX_LENGTH, expression_span, parse_span
from .scope import Scope, unknown

_COMPARISON = re.compile(r"\s*(<=|>=|==|!=|<|>)")
_OPERATIONS = {"<": "lt", "<=": "le", ">": "gt", ">=": "ge", "==": "eq", "!=": "ne"}
_NOT = re.compile(r"\s*not\s*\((.*)\)\s*", re.DOTALL)
_DENIED = re.compile(r"\s*not\b(.*)", re.DOTALL)
_WITH_UNIT = re.compile(r"([-+]?\d+(?:\.\d+)?)\s*(?:%|[A-Za-z]+)")
_DATE = re.compile(r"\s*\d{4}-\d\d-\d\d")
_BRACKETED = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")
_EVERYTHING = "leave the column out where everything matches"
_RANGE = re.compile(r"\s*([\[(])(.*?)\.\.(.*)([\])])\s*", re.DOTALL)


def cell(scope: Scope, node: Document, column: ir.Expr) -> tuple[ir.Expr, bool]:
    """The condition of a cell over its column, and whether it tells that the column is present."""
    if not isinstance(node, Scalar):
        scope.report("FB317", node.span, problem="a cell is one line of text")
        return unknown(), False
    present = ir.Call(type=BOOLEAN, span=node.span, function="present", args=(column,))
    span = expression_span(node)
    if problem := _not_a_cell(node, span):
        scope.findings.append(problem)
        scope.pardon(span.text)
        return unknown(span), False
    parts, admits_missing = _without_missing(scope, span, column)
    matched = [_alternative(scope, part, column) for part in parts]
    if not column.optional:
        return _any(matched, node.span), True
    tests: list[ir.Expr] = []
    if admits_missing:
        tests.append(ir.Call(type=BOOLEAN, span=node.span, function="not", args=(present,)))
    if matched:
        tests.append(ir.And(type=BOOLEAN, span=node.span, terms=(present, _any(matched, node.span))))
    return _any(tests, node.span), not admits_missing


def _not_a_cell(node: Scalar, span: Span) -> Diagnostic | None:
    """What is wrong with a cell as a whole. A bare `>` begins a block of text, of which nothing follows."""
    if node.style is Style.BLOCK and not span.text.strip():
        problem = f"YAML reads `{node.span.text.split()[0]}` as the beginning of a block of text"
        return Diagnostic.of("FB317", node.span, problem=problem, help="quote it")
    return _too_large(span)


def _without_missing(scope: Scope, span: Span, column: ir.Expr) -> tuple[list[Span], bool]:
    """The alternatives but for `missing`, and whether that is one."""
    parts = list(_alternatives(span))
    found = [part for part in parts if part.text.strip() != "missing"]
    if len(found) < len(parts) and not column.optional and column.type != UNKNOWN:
        scope.report("FB405", span, what="`missing`: the column is always present, the cell")
    return found, len(found) < len(parts)


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
        parts, _ = _without_missing(scope, _part(span, inverted, 1), column)  # absence matches no other cell anyway
        terms = [_alternative(scope, part, column) for part in parts]
        return ir.Call(type=BOOLEAN, span=span, function="not", args=(_any(terms, span),))
    if interval := _RANGE.fullmatch(text):
        return _range(scope, span, interval, column)
    if compared := _COMPARISON.match(text):
        return _compare(scope, column, compared[1], Span(span.source, span.start + compared.end(), span.end))
    if ".." in text:
        advice = "write `[a..b]`, `[a..b)`, `(a..b]` or `(a..b)`"
        return _fail(scope, span, "a range needs its ends", advice)
    return _compare(scope, column, "==", span)


def _range(scope: Scope, span: Span, interval: re.Match[str], column: ir.Expr) -> ir.Expr:
    least, most = (">=" if interval[1] == "[" else ">"), ("<=" if interval[4] == "]" else "<")
    if not interval[2].strip() or not interval[3].strip():
        open_end = f"{least} {interval[2].strip()}" if interval[2].strip() else f"{most} {interval[3].strip() or 'b'}"
        return _fail(scope, span, "a range needs its ends", f"write `{open_end}` where it has one end")
    low = _compare(scope, column, least, _part(span, interval, 2))
    high = _compare(scope, column, most, _part(span, interval, 3))
    return ir.And(type=BOOLEAN, span=span, terms=(low, high))


def _fail(scope: Scope, span: Span, problem: str, advice: str | None = None) -> ir.Expr:
    scope.report("FB317", span, problem=problem, help=advice)
    scope.pardon(span.text)
    return unknown(span)


def _mistake(text: str, kind: Type) -> tuple[str, str] | None:
    """What is written in cells elsewhere and means nothing here, and what to write."""
    if not text:
        return "a value is expected here", f"write one, or {_EVERYTHING}"
    if text in ("*", "-"):
        return f"`{text}` is no value", _EVERYTHING
    if found := _WITH_UNIT.fullmatch(text):
        return f"`{text}` has a unit, but a number takes that of its column", f"write `{found[1]}`"
    outside = text
    while outside != (outside := _BRACKETED.sub("", outside)):
        pass
    if "," in outside:
        return "alternatives are not parted by a comma", "write `A | B`"
    if kind in (BOOLEAN, UNKNOWN) or re.search(r"\bif\b", outside):
        return None
    if denied := _DENIED.fullmatch(outside):
        return "`not` takes what it denies in brackets", f"write `not ({denied[1].strip() or 'A'})`"
    if re.search(r"\b(and|or)\b", outside):
        return "a cell has no `and` and `or`", "write a range such as `[a..b)`, or `A | B`"
    return None


def _part(span: Span, match: re.Match[str], group: int) -> Span:
    return Span(span.source, span.start + match.start(group), span.start + match.end(group))


def _compare(scope: Scope, column: ir.Expr, operator: str, span: Span) -> ir.Expr:
    column = _present(column)
    if mistake := _mistake(span.text.strip(), column.type):
        return _fail(scope, span, *mistake)
    if isinstance(column.type, Time) and _DATE.match(span.text):
        return _moment(scope, column, operator, span)
    parsed, findings = parse_span(span)
    scope.findings.extend(findings)
    if parsed is None:
        scope.pardon(span.text)
        return unknown(span)
    if isinstance(column.type, Text) and isinstance(parsed.node, ast.Name) and parsed.node.id not in scope.symbols:
        near = did_you_mean(parsed.node.id, scope.symbols)
        advice = near or "make it a parameter, or give the column an enum"
        return _fail(scope, span, f"`{parsed.node.id}` is no parameter, and a cell holds no text", advice)
    context = open_context(scope, parsed, constant=True, bare=True)
    value = context.demand(parsed.node, context.infer(parsed.node, column.type))
    if (is_numeric(column.type) and isinstance(parsed.node, ast.Constant | ast.UnaryOp)) or value.type == column.type:
        value = fitted(context, parsed.node, value, column.type)
    name = _OPERATIONS[operator]
    if not comparable(context, parsed.node, name, column, value):
        return unknown(span)
    if isinstance(column.type, Enum | Time) or is_numeric(column.type) or name in ("eq", "ne"):
        return ir.Call(type=BOOLEAN, span=span, function=name, args=(column, value))
    return context.fail("FB317", parsed.node, problem=f"{column.type} has no order")


def _moment(scope: Scope, column: ir.Expr, operator: str, span: Span) -> ir.Expr:
    """A comparison with a time that is written out."""
    moment = parse_time(span.text.strip())
    if moment is None:
        return _fail(scope, span, f"`{span.text.strip()}` is no time", "write it such as `2026-01-05T15:00:00Z`")
    value = ir.Literal(type=column.type, span=span, value=moment)
    return ir.Call(type=BOOLEAN, span=span, function=_OPERATIONS[operator], args=(column, value))
