"""The text of an expression to Python's syntax tree, with every node's place in the file.

The raw slice of the file is parsed, not the decoded scalar, so that a node's offset is the file's whatever the
scalar's style. Everything that could surprise is refused by its characters, before Python's parser sees it.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

from ..diagnostics import Diagnostic
from ..document import Scalar, Style
from ..source import Source, Span

MAX_LENGTH = 4096
MAX_DEPTH = 64

_FOREIGN = re.compile(r"[^A-Za-z0-9_ \t\r\n.,:+\-*/%()\[\]{}<>=!]")
_NUMBER = re.compile(r"(?<![\w.])\.?\d(?:[eE][+-]\d|[\w.])*")
_DECIMAL = re.compile(r"(?:0|[1-9]\d*)(?:\.\d+(?:e[+-]\d+)?)?")
_BRACKETS = {")": "(", "]": "[", "}": "{"}
_PREFIXES = re.compile(r"(?:(?:\bnot\b|[-+(\[{])\s*)+")
_FOREIGN_ADVICE = {
    "'": "text literals are not part of the language; use an enum member, prose belongs in `because`",
    '"': "text literals are not part of the language; use an enum member, prose belongs in `because`",
    "&": "write `and`",
    "|": "write `or`",
    "^": "write `**` for a power",
    "#": "put the comment on a line of its own",
}


@dataclass(frozen=True, slots=True)
class Parsed:
    """A syntax tree and where it stands: `starts` are the offsets of its lines in the file."""

    node: ast.expr
    source: Source
    starts: tuple[int, ...]

    def span(self, node: ast.AST) -> Span:
        first, last = getattr(node, "lineno", 1), getattr(node, "end_lineno", 1)
        start = self.starts[first - 1] + getattr(node, "col_offset", 0)
        end = self.starts[last - 1] + getattr(node, "end_col_offset", 0)
        return Span(self.source, max(start, self.starts[0] + 1), end)


def parse_scalar(scalar: Scalar) -> tuple[Parsed | None, list[Diagnostic]]:
    """The syntax tree of a scalar that holds an expression."""
    span = expression_span(scalar)
    if _escaped(scalar):
        help_text = "write it without escapes, or in block style"
        return None, [Diagnostic.of("FB302", span, problem="an expression may hold no escapes", help=help_text)]
    return parse_span(span)


def _escaped(scalar: Scalar) -> bool:
    mark = {Style.DOUBLE: "\\", Style.SINGLE: "''"}.get(scalar.style)
    return mark is not None and mark in scalar.span.text[1:-1]


def expression_span(scalar: Scalar) -> Span:
    """The characters of the expression alone: no quotes, no block header."""
    start, end = scalar.span.start, scalar.span.end
    if scalar.style in (Style.DOUBLE, Style.SINGLE):
        return Span(scalar.span.source, start + 1, end - 1)
    if scalar.style is Style.BLOCK:
        return Span(scalar.span.source, min(end, scalar.span.source.text.index("\n", start) + 1), end)
    return scalar.span


def parse_span(span: Span) -> tuple[Parsed | None, list[Diagnostic]]:
    """The syntax tree of a range of the file."""
    text = span.text.replace("\r", " ")
    refused = list(_refused(text, span))
    if refused:
        return None, refused[:1]
    starts = [span.start - 1]  # the bracket in front takes one column of the first line
    starts += [span.start + match.end() for match in re.finditer("\n", text)]
    try:
        tree = ast.parse(f"({text}\n)", mode="eval")
    except SyntaxError as error:
        return None, [_syntax_error(error, span, starts)]
    except (RecursionError, MemoryError):
        return None, [Diagnostic.of("FB304", span, limit=MAX_DEPTH, what="levels")]
    if _depth(tree.body) > MAX_DEPTH:
        return None, [Diagnostic.of("FB304", span, limit=MAX_DEPTH, what="levels")]
    starts.append(span.end - 1)  # the line of the closing bracket, where a bare `a, b` or `x for x in xs` ends
    return Parsed(tree.body, span.source, tuple(starts)), []


def _refused(text: str, span: Span) -> Iterator[Diagnostic]:
    if len(text) > MAX_LENGTH:
        yield Diagnostic.of("FB304", span, limit=MAX_LENGTH, what="characters")
        return
    if not text.strip():
        missing = "an expression is expected here"
        yield Diagnostic.of("FB302", span, problem=missing, help="write one, or remove the key")
    for match in _FOREIGN.finditer(text):
        advice = _FOREIGN_ADVICE.get(match[0])
        yield Diagnostic.of("FB303", _part(span, match), what=f"`{match[0]}`", help=advice)
    yield from _unbalanced(text, span)
    for match in _NUMBER.finditer(text):
        if not _DECIMAL.fullmatch(match[0]):
            advice = "write decimals such as `12`, `0.5` or `1.0e+6`"
            yield Diagnostic.of("FB302", _part(span, match), problem=f"`{match[0]}` is no decimal number", help=advice)
    for match in _PREFIXES.finditer(text):
        if len(re.findall(r"not|[-+(\[{]", match[0])) > MAX_DEPTH:
            yield Diagnostic.of("FB304", span, limit=MAX_DEPTH, what="levels")


def _unbalanced(text: str, span: Span) -> Iterator[Diagnostic]:
    opened: list[re.Match[str]] = []
    for match in re.finditer(r"[()\[\]{}]", text):
        if match[0] not in _BRACKETS:
            opened.append(match)
        elif not opened or opened.pop()[0] != _BRACKETS[match[0]]:
            yield Diagnostic.of("FB302", _part(span, match), problem=f"`{match[0]}` closes nothing")
            return
        if len(opened) > MAX_DEPTH:
            yield Diagnostic.of("FB304", _part(span, match), limit=MAX_DEPTH, what="levels")
            return
    if opened:
        yield Diagnostic.of("FB302", _part(span, opened[-1]), problem=f"`{opened[-1][0]}` is never closed")


def _part(span: Span, match: re.Match[str]) -> Span:
    return Span(span.source, span.start + match.start(), span.start + match.end())


def _syntax_error(error: SyntaxError, span: Span, starts: list[int]) -> Diagnostic:
    line = min(max(error.lineno or 1, 1), len(starts))
    start = min(max(starts[line - 1] + (error.offset or 1) - 1, span.start), span.end)
    end = start + 1
    if error.end_lineno == error.lineno and (error.end_offset or 0) > (error.offset or 0):
        end = min(starts[line - 1] + (error.end_offset or 1) - 1, span.end)
    found = span.source.text[start:end].strip()
    problem = f"`{found}` is not expected here" if found else "the expression ends too early"
    if found == "=":
        return Diagnostic.of("FB302", Span(span.source, start, end), problem=problem, help="compare with `==`")
    if "if" in span.text.split() and "else" not in span.text.split():
        problem = "`if` needs an `else`"
    return Diagnostic.of("FB302", Span(span.source, start, max(start, end)), problem=problem)


def _depth(root: ast.expr) -> int:
    """How deep the tree is; walked without recursion, since it comes from a stranger."""
    deepest = 0
    waiting: list[tuple[ast.AST, int]] = [(root, 1)]
    while waiting:
        node, depth = waiting.pop()
        deepest = max(deepest, depth)
        waiting += [(child, depth + isinstance(child, ast.expr)) for child in ast.iter_child_nodes(node)]
    return deepest
