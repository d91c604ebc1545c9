"""What a policy's references are locked to: the versions and hashes in `lock.yaml` beside it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from ..engine.diagnostics import Diagnostic, has_errors
from ..engine.document import Document, Scalar
from ..engine.document import Mapping as MappingNode
from . import pack_schema, yaml_tree
from .loaded import Entry, Kind
from .lookup import LOCK, POLICY


@dataclass(frozen=True, slots=True)
class Lock:
    """The entries by kind and reference; without `found` there is no lock beside the policy, though one belongs there.

    `unread` is what is wrong with a lock that cannot be read.
    """

    path: str
    found: Mapping[tuple[Kind, str], Entry] | None = None
    unread: tuple[Diagnostic, ...] = ()


def read_lock(path: Path, data: bytes | None) -> Lock | None:
    """The lock of a policy's file, whose bytes are `data`."""
    if path.name != POLICY:
        return None
    place = str(path.with_name(LOCK))
    if data is None:
        return Lock(place)
    source, findings = yaml_tree.decode(data, place)
    document: Document | None = None
    if source is not None:
        document, more = yaml_tree.parse(source)
        findings += more
    if document is not None and not has_errors(findings):
        findings += pack_schema.check(document, "lock")
    if not isinstance(document, MappingNode) or has_errors(findings):
        return Lock(place, {}, tuple(findings))
    return Lock(place, dict(_entries(document)))


def _entries(document: MappingNode) -> Iterator[tuple[tuple[Kind, str], Entry]]:
    kinds: tuple[Kind, ...] = ("packs", "vocabularies")
    for kind in kinds:
        node = document.get(kind)
        for key, entry in node.entries if isinstance(node, MappingNode) else ():
            yield (kind, key.text), Entry(_text(entry, "version"), _text(entry, "hash"), key.span)


def _text(node: Document, name: str) -> str:
    found = node.get(name) if isinstance(node, MappingNode) else None
    return found.text if isinstance(found, Scalar) else ""


def written(policy: str, found: Mapping[tuple[Kind, str], Entry]) -> bytes:
    """The text of a lock."""
    lines = ["# Written by `flyball update`: which versions the policy stands on.", "language: 1", f"lock: {policy}"]
    for kind in ("packs", "vocabularies"):
        entries = sorted((reference, each) for (of, reference), each in found.items() if of == kind)
        if entries:
            lines.append(f"{kind}:")
            lines += [f"  {name}: {{version: {each.version}, hash: {each.hash}}}" for name, each in entries]
    return ("\n".join(lines) + "\n").encode()


__all__ = ["Lock", "read_lock", "written"]
