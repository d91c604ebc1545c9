"""Invariants of a pack: conditions on a decision, and outputs that only move one way with an input."""

from __future__ import annotations

from collections.abc import Iterator

from .. import ir
from ..document import Mapping as MappingNode
from ..document import Scalar
from ..types import UNKNOWN, Enum, is_numeric
from .declarations import flag, is_enabled, section, text_of
from .expressions import read
from .operators import condition
from .scope import Context, LocalSymbol, Scope

_WORDS = ("always", "never", "rises", "falls")
_WHENS = ("when_rises", "when_falls")
_KEYS = frozenset({*_WORDS, *_WHENS, "title", "why", "enabled", "enforce"})


def read_invariants(scope: Scope, document: MappingNode) -> Iterator[ir.Invariant | ir.Monotone]:
    for key, node in section(document, "invariants"):
        if not isinstance(node, MappingNode) or not is_enabled(node):
            continue
        enforced = flag(node.get("enforce"))
        whens = [when for when in _WHENS if node.get(when)]
        problem = _problem([word for word in _WORDS if node.get(word)], whens, enforced)
        if problem:
            scope.pardon(node.span.text)
            if all(name in _KEYS for name, _ in node):  # a misspelt word was reported as an unknown key
                scope.report("FB411", key.span, problem=f"invariant `{key.text}` {problem}")
            continue
        found = _monotone(scope, key, node) if node.get("rises") or node.get("falls") else _plain(scope, key, node)
        if found is not None:
            yield found


def _problem(words: list[str], whens: list[str], enforced: bool) -> str | None:
    """What is wrong with the keys of an invariant."""
    if len(words) != 1:
        said = " and ".join(f"`{word}`" for word in words) or "nothing"
        return f"says {said}, and must say either `always`, `never`, `rises` or `falls`"
    moves = words[0] in ("rises", "falls")
    if moves and len(whens) != 1:
        return f"says `{words[0]}`, and must say either `when_rises` or `when_falls`"
    if whens and not moves:
        return f"says `{words[0]}`, which goes without `{whens[0]}`"
    if enforced and moves:
        return f"says `{words[0]}`, which compares two decisions, so that no single one can enforce it"
    return None


def _plain(scope: Scope, key: Scalar, node: MappingNode) -> ir.Invariant | None:
    always = node.get("always") is not None
    context = _context(scope, node, "always" if always else "never")
    if context is None:
        return None
    return ir.Invariant(
        id=key.text,
        word="always" if always else "never",
        condition=condition(context, context.parsed.node),
        enforce=flag(node.get("enforce")),
        why=text_of(node.get("why")),
        span=key.span,
    )


def _monotone(scope: Scope, key: Scalar, node: MappingNode) -> ir.Monotone | None:
    rises, when_rises = node.get("rises") is not None, node.get("when_rises") is not None
    output = _output(_context(scope, node, "rises" if rises else "falls"))
    moved = _input(_context(scope, node, "when_rises" if when_rises else "when_falls"))
    if output is None or moved is None:
        return None
    return ir.Monotone(
        id=key.text,
        word="rises" if rises else "falls",
        output=output,
        when="when_rises" if when_rises else "when_falls",
        input=moved,
        why=text_of(node.get("why")),
        span=key.span,
    )


def _context(scope: Scope, node: MappingNode, word: str) -> Context | None:
    written = node.get(word)
    names = {"intents": LocalSymbol("intents", scope.intents)} if scope.intents else {}
    return read(scope, written, names=names) if isinstance(written, Scalar) else None


def _output(context: Context | None) -> ir.Output | None:
    """An output that is there in every decision, and has an order."""
    if context is None:
        return None
    node = context.parsed.node
    found = context.infer(node)
    if isinstance(found, ir.Output):
        return found if _has_order(context, context.demand(node, found)) else None
    _refuse(context, found, "an output such as `out.name`")
    return None


def _input(context: Context | None) -> ir.Expr | None:
    if context is None:
        return None
    found = context.infer(context.parsed.node)
    root = found
    while isinstance(root, ir.Get):
        root = root.record
    if isinstance(root, ir.Input):
        return found if _has_order(context, found) else None
    _refuse(context, found, "an input or a field of one")
    return None


def _has_order(context: Context, found: ir.Expr) -> bool:
    if is_numeric(found.type) or isinstance(found.type, Enum):
        return True
    _refuse(context, found, "a number, an integer or an enum", str(found.type))
    return False


def _refuse(context: Context, found: ir.Expr, expected: str, shown: str | None = None) -> None:
    """Report it, but for what was reported already."""
    if found.type != UNKNOWN:
        node = context.parsed.node
        context.fail("FB305", node, expected=expected, found=shown or f"`{context.span(node).text}`")
