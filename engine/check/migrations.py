"""How a pack goes on from the state that its earlier versions saved."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from .. import ir
from ..diagnostics import did_you_mean
from ..document import Document, Scalar, Sequence
from ..document import Mapping as MappingNode
from ..migration import Migration
from .declarations import section, text_of
from .scope import Scope

_KINDS = {"inputs": "input", "definitions": "definition", "outputs": "output", "intents": "intent"}


def read_migrations(scope: Scope, document: MappingNode, slots: Iterable[ir.Slot]) -> tuple[Migration, ...]:
    """`slots` is what this version keeps."""
    migrate = document.get("migrate")
    nodes = [node for node in _listed(migrate) if isinstance(node, MappingNode)]
    _check_versions(scope, text_of(document.get("version")), [each for node in nodes for each in _versions(node)])
    kept = {slot.name for slot in slots}
    return tuple(_migration(scope, node, kept) for node in nodes)


def _listed(node: Document | None) -> Iterable[Document]:
    return node.items if isinstance(node, Sequence) else [node] if node else []


def _versions(node: MappingNode) -> Iterator[Scalar]:
    yield from (each for each in _listed(node.get("from")) if isinstance(each, Scalar))


def _check_versions(scope: Scope, own: str, versions: list[Scalar]) -> None:
    seen = {own: "is this one itself"}
    for each in versions:
        if each.text in seen:
            scope.report("FB416", each.span, version=each.text, problem=seen[each.text])
        seen.setdefault(each.text, "is named twice")


def _migration(scope: Scope, node: MappingNode, kept: Iterable[str]) -> Migration:
    was: dict[str, str] = {}
    dropped: dict[str, str] = {}
    for part, kind in _KINDS.items():
        prefix = "sent." if kind == "intent" else ""
        for key, move in section(node, part):
            if not isinstance(move, MappingNode):
                continue
            if move.get("dropped") is not None:
                dropped[prefix + key.text] = text_of(move.get("dropped"))
            if move.get("was") is not None:
                was[prefix + key.text] = prefix + text_of(move.get("was"))
                _check_name(scope, key, kind, kept)
    _check_moves(scope, node, was, dropped)
    return Migration(tuple(each.text for each in _versions(node)), was, dropped)


def _check_name(scope: Scope, key: Scalar, kind: str, kept: Iterable[str]) -> None:
    """What is carried over must be kept by this version; the last outputs always are."""
    known = _known(scope, kind)
    if key.text not in known:
        scope.report("FB301", key.span, kind=kind, name=key.text, help=did_you_mean(key.text, known))
    elif kind != "output" and (f"sent.{key.text}" if kind == "intent" else key.text) not in kept:
        scope.report("FB417", key.span, kind=kind, name=key.text)


def _known(scope: Scope, kind: str) -> list[str]:
    match kind:
        case "definition":
            return list(scope.definitions)
        case "output":
            return list(scope.outputs)
        case "intent":
            return [name for name, each in scope.fired.items() if each == "intent"]
    return [each.name for each in scope.symbols.values() if each.kind == "input"]


def _check_moves(scope: Scope, node: MappingNode, was: dict[str, str], dropped: dict[str, str]) -> None:
    for part in _KINDS:
        prefix = "sent." if part == "intents" else ""
        for key, _ in section(node, part):
            name = prefix + key.text
            if name in dropped and (name in was or name in was.values()):
                scope.report("FB418", key.span, name=key.text)
