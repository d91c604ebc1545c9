"""Values written in YAML whose leaves are expressions: lists, records and vectors, or one expression."""

from __future__ import annotations

from dataclasses import replace

from .. import ir
from ..diagnostics import did_you_mean
from ..document import Document, Mapping, Scalar, Sequence
from ..types import UNKNOWN, Field, List, Map, Record, Type, Unknown, Vector
from . import expressions
from .literals import complete, key_of, too_many
from .scope import Scope


def value_of(
    scope: Scope,
    node: Document | None,
    kind: Type,
    optional: bool = False,
    constant: bool = False,
    **options: object,
) -> ir.Expr:
    """A value written in YAML whose leaves are expressions: scalar, list, record or vector."""
    match node, kind:
        case Scalar(), _:
            return expressions.fit(expressions.read(scope, node, constant=constant, **options), kind, optional)
        case Sequence(items=items), List(item=item):
            parts = tuple(value_of(scope, each, item.type, item.optional, constant, **options) for each in items)
            return ir.Make(type=kind, span=node.span, parts=parts)
        case Mapping(), Record():
            return _record_value(scope, node, kind, constant, **options)
        case Mapping(), Vector(by=by, item=item) if complete(scope, node, by):
            nodes = [node.get(member) for member in by.members]
            parts = tuple(value_of(scope, each, item.type, item.optional, constant, **options) for each in nodes)
            return ir.Make(type=kind, span=node.span, parts=parts)
        case Mapping(), Map():
            return _map_value(scope, node, kind, constant, **options)
        case (Mapping(), Vector()) | (_, Unknown()):
            pass  # what is wrong with it has been said
        case Mapping() | Sequence(), _:
            found = "a mapping" if isinstance(node, Mapping) else "a list"
            scope.report("FB305", node.span, expected=str(kind), found=found)
    return ir.Literal(type=UNKNOWN, value=None)


def _map_value(scope: Scope, node: Mapping, kind: Map, constant: bool, **options: object) -> ir.Expr:
    """A map with an expression under each of its texts."""
    too_many(scope, node, kind, len(node.entries))
    pair = kind.entries.item.type
    entries = sorted(node.entries, key=lambda entry: entry[0].text)
    parts = []
    for key, written in entries:
        text = ir.Literal(type=kind.key, value=key_of(scope, key, kind), span=key.span)
        value = value_of(scope, written, kind.item.type, kind.item.optional, constant, **options)
        parts.append(ir.Make(type=pair, span=written.span, parts=(text, value)))
    return ir.Make(type=kind, span=node.span, parts=tuple(parts))


def _record_value(scope: Scope, node: Mapping, kind: Record, constant: bool, **options: object) -> ir.Expr:
    known = [field.name for field in kind.fields]
    for key, _ in node.entries:
        if key.text not in known:
            scope.report("FB301", key.span, kind="field", name=key.text, help=did_you_mean(key.text, known))
    parts: list[ir.Expr] = []
    for field in kind.fields:
        value = node.get(field.name)
        if value is None and not field.optional:
            scope.report("FB202", node.span, key=field.name)
        absent = ir.Literal(type=field.type, value=None, optional=True)
        parts.append(value_of(scope, value, field.type, field.optional, constant, **options) if value else absent)
    return ir.Make(type=kind, span=node.span, parts=tuple(parts))


def safe_of(scope: Scope, node: Document | None, kind: Type, optional: bool) -> ir.Expr:
    """What an output is when its pack fails. One value may stand for all members of a vector, or of a row."""
    match node, kind:
        case Scalar(), Vector(by=by, item=item) if not _is_vector(scope, node):
            each = safe_of(scope, node, item.type, item.optional)
            return ir.Make(type=kind, span=node.span, parts=(each,) * len(by.members))
        case Mapping(), Vector(by=by, item=Field(type=Vector() as row)):
            if not complete(scope, node, by):
                return ir.Literal(type=UNKNOWN, value=None)
            parts = tuple(safe_of(scope, node.get(member), row, optional=False) for member in by.members)
            return ir.Make(type=kind, span=node.span, parts=parts)
    return value_of(scope, node, kind, optional, constant=True, bare=True)


def _is_vector(scope: Scope, node: Scalar) -> bool:
    quiet = replace(scope, findings=[])
    return isinstance(expressions.infer(expressions.read(quiet, node, constant=True)).type, Vector)
