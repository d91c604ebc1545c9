"""The parameters of a pack, with the values that it gives them."""

from __future__ import annotations

from .. import ir
from ..document import Mapping, Scalar
from ..types import Field, List, Type, innermost, is_numeric
from .declarations import claim, read_type, section, text_of
from .literals import bounds, literal
from .scope import Scope, Symbol


def read_parameters(scope: Scope, document: Mapping) -> dict[str, ir.ParameterDeclaration]:
    found = {}
    for key, node in section(document, "parameters"):
        claim(scope, key)
        if isinstance(node, Mapping):
            found[key.text] = _parameter(scope, key, node)
            scope.symbols[key.text] = Symbol(key.text, "parameter", found[key.text].type)
    return found


def _parameter(scope: Scope, key: Scalar, node: Mapping) -> ir.ParameterDeclaration:
    kind = read_type(scope, node, "number")
    low, high = bounds(node.get("range"))
    given = node.get("values") or node.get("value")
    value: ir.Value = None
    if given is not None:
        value = literal(scope, given, Field(key.text, kind, low=low, high=high))
    _parameter_style(scope, key, node, kind)
    return ir.ParameterDeclaration(
        name=key.text,
        type=kind,
        value=value,
        low=low,
        high=high,
        env=text_of(node.get("env")) or None,
        why=text_of(node.get("why")),
        span=(given or node).span,
    )


def _parameter_style(scope: Scope, key: Scalar, node: Mapping, kind: Type) -> None:
    if node.get("why") is None:
        scope.report("FB502", key.span, name=key.text)
    inner = innermost(kind)
    item = inner.item if isinstance(inner, List) else None
    bounded = node.get("range") is not None or (item is not None and (item.low, item.high) != (None, None))
    if is_numeric(item.type if item else inner) and not bounded:
        scope.report("FB504", key.span, name=key.text)
