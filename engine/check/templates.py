"""`because`: prose with `{{ expression:format }}`, checked like every other expression."""

from __future__ import annotations

import re
from collections.abc import Mapping

from .. import ir
from ..document import Document, Scalar
from ..document import Mapping as MappingNode
from ..source import Span
from ..types import UNKNOWN, Boolean, Enum, Integer, List, Map, Number, Text, Time, Type, Vector
from .expressions import open_context
from .parse import parse_span
from .scope import NO_FACTS, LocalSymbol, Scope

# Both are linear on any text: a hole ends where the next one begins, and spaces are taken once.
_HOLE = re.compile(r"\{\{((?:(?!\{\{).)*?)\}\}", re.DOTALL)
_FORMAT = re.compile(r":\s*+([+]?,?(?:\.\d)?[defg]?)\s*+$")
_SHOWN = (Number, Integer, Boolean, Text, Enum, Time)


def read_because(
    scope: Scope,
    node: Document | None,
    names: Mapping[str, LocalSymbol] | None = None,
    facts: frozenset[str] = NO_FACTS,
    writes: tuple[str, ...] = (),
) -> dict[str, ir.Template]:
    """Templates by language code; a text alone stands under the empty code."""
    if isinstance(node, Scalar):
        return {"": _template(scope, node, names or {}, facts, writes)}
    if isinstance(node, MappingNode):
        texts = ((key.text, value) for key, value in node.entries if isinstance(value, Scalar))
        return {code: _template(scope, value, names or {}, facts, writes) for code, value in texts}
    return {}


def _template(
    scope: Scope, node: Scalar, names: Mapping[str, LocalSymbol], facts: frozenset[str], writes: tuple[str, ...]
) -> ir.Template:
    parts: list[str | ir.Hole] = []
    end = 0
    start = node.span.start
    spans = [Span(node.span.source, start + m.start(1), start + m.end(1)) for m in _HOLE.finditer(node.span.text)]
    for i, match in enumerate(_HOLE.finditer(node.text)):
        parts.append(node.text[end : match.start()])
        parts.append(_hole(scope, spans[i] if i < len(spans) else node.span, names, facts, writes))
        end = match.end()
    parts.append(node.text[end:])
    if single := re.search(r"\{\{|\}\}", _HOLE.sub("", node.text)):
        scope.report("FB302", node.span, problem=f"`{single[0]}` has no partner", help="write `{{ expression }}`")
    return tuple(part for part in parts if part)


def _hole(
    scope: Scope, span: Span, names: Mapping[str, LocalSymbol], facts: frozenset[str], writes: tuple[str, ...]
) -> ir.Hole:
    written = _FORMAT.search(span.text)
    end = span.start + written.start() if written else span.end
    parsed, findings = parse_span(Span(span.source, span.start, end))
    scope.findings.extend(findings)
    if parsed is None:
        scope.pardon(span.text)
        return ir.Hole(ir.Literal(type=UNKNOWN, value=None))
    context = open_context(scope, parsed, names, facts, reason=writes)
    expr = context.demand(parsed.node, context.infer(parsed.node))
    spec = written[1] if written else ""
    _check_shown(scope, span, expr.type, spec)
    return ir.Hole(expr, spec)


def _check_shown(scope: Scope, span: Span, kind: Type, spec: str) -> None:
    shown = kind.item.type if isinstance(kind, List) else kind
    if UNKNOWN not in (kind, shown) and not isinstance(shown, _SHOWN):
        advice = _parts_advice(kind, span.text.strip())
        scope.report("FB305", span, expected="something that prints", found=str(kind), help=advice)
    whole = isinstance(kind, Integer) and spec[-1:] in ("e", "f", "g")
    if spec and (not isinstance(kind, Number | Integer) or (spec.endswith("d") and isinstance(kind, Number)) or whole):
        scope.report("FB320", span, format=spec, type=str(kind))


def _parts_advice(kind: Type, text: str) -> str:
    if isinstance(kind, Map):
        return f"name an entry, as in `{text}[…]`"
    if not isinstance(kind, Vector):
        return "print its fields"
    while isinstance(kind, Vector):
        text, kind = f"{text}[{kind.by.members[0]}]", kind.item.type
    return f"name a member, as in `{text}`"
