"""What a pack says of its sessions: which inputs identify a step and a session, and which gap in time breaks a run."""

from __future__ import annotations

from .. import ir
from ..diagnostics import did_you_mean
from ..document import Document, Mapping, Scalar, Sequence
from ..types import UNKNOWN, Boolean, Enum, Integer, Number, Text, Time, is_numeric, unit_of
from .expressions import read
from .scope import Scope
from .state_calls import in_seconds

_IDENTIFIERS = (Number, Integer, Boolean, Text, Enum, Time)


def read_step(scope: Scope, document: Mapping) -> str | None:
    return _identifier(scope, document.get("step"))


def read_key(scope: Scope, document: Mapping) -> str | None:
    """The input that tells sessions apart."""
    return _identifier(scope, document.get("key"))


def read_ignored(document: Mapping) -> tuple[str, ...]:
    """Patterns of keys that a snapshot may have though nobody reads them."""
    node = document.get("ignore")
    return tuple(each.text for each in node if isinstance(each, Scalar)) if isinstance(node, Sequence) else ()


def _identifier(scope: Scope, node: Document | None) -> str | None:
    """An input whose values are told apart; nothing is said of `now`."""
    if not isinstance(node, Scalar) or node.text == "now":
        return None
    symbol = scope.symbols.get(node.text)
    if symbol is None or symbol.kind != "input":
        inputs = [each.name for each in scope.symbols.values() if each.kind == "input"]
        scope.report("FB301", node.span, kind="input", name=node.text, help=did_you_mean(node.text, inputs))
        return None
    if not isinstance(symbol.type, _IDENTIFIERS) and symbol.type != UNKNOWN:
        scope.report("FB305", node.span, expected="a number, text, time or enum", found=str(symbol.type))
        return None
    scope.used.add(node.text)
    return node.text


def read_max_gap(scope: Scope, document: Mapping) -> ir.Expr | None:
    """In seconds."""
    node = document.get("max_gap")
    context = read(scope, node, constant=True) if isinstance(node, Scalar) else None
    if context is None:
        return None
    scope.used.add("now")
    tree = context.parsed.node
    found = context.demand(tree, context.infer(tree))
    base = unit_of(found.type).base if is_numeric(found.type) else None
    if found.type == UNKNOWN:
        return None
    if base is None or base.kind != "duration":
        context.fail("FB305", tree, expected="a time such as a parameter in `s`", found=str(found.type))
        return None
    return in_seconds(context, tree, found)
