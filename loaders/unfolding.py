"""Braces and brackets over several lines as blocks: a block has room for comments, and one line a change."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeGuard

from ..engine.document import Document, Mapping, Scalar, Sequence
from ..engine.source import Source
from .yaml_comments import Comment, comments

_STEP = 2
_Folded = tuple[Mapping | Sequence, int, bool]


def unfolded(source: Source, document: Document) -> str:
    """The text with each collection in braces or brackets that spans lines written as a block."""
    found = comments(source, document)
    text = source.text
    folded: Iterable[_Folded] = [(document, 0, True)] if _in_braces(document) else _folded(document, 0, False)
    for node, column, is_item in sorted(folded, key=lambda each: -each[0].span.start):
        lines = list(_lines(node, [each for each in found if _inside(each, node)], ""))
        indent = column if is_item else column + _STEP
        head = "" if is_item else "\n" + " " * indent
        written = head + f"\n{' ' * indent}".join(lines)
        before = text[: node.span.start]
        text = (before if is_item else before.rstrip(" ")) + written + text[node.span.end :]
    return text


def _inside(comment: Comment, node: Document) -> bool:
    return node.span.start < comment.span.start < node.span.end


def _in_braces(node: Document) -> TypeGuard[Mapping | Sequence]:
    """With something in them."""
    return not isinstance(node, Scalar) and node.span.text[:1] in ("{", "[") and bool(tuple(node))


def _is_folded(node: Document) -> TypeGuard[Mapping | Sequence]:
    return _in_braces(node) and "\n" in node.span.text


def _folded(node: Document, column: int, is_item: bool) -> Iterator[_Folded]:
    """The outermost ones, with the column of the key above or of the item itself."""
    if _is_folded(node):
        yield node, node.span.position[1] - 1 if is_item else column, is_item
    elif isinstance(node, Mapping):
        for key, value in node.entries:
            yield from _folded(value, key.span.position[1] - 1, False)
    elif isinstance(node, Sequence):
        for item in node.items:
            yield from _folded(item, 0, True)


def _lines(node: Mapping | Sequence, inside: list[Comment], indent: str) -> Iterator[str]:
    """The lines of a block. A comment behind a part stays on its line, others come before what follows them."""
    parts = _parts(node)
    ends = [start for _, _, start in parts[1:]] + [node.span.end]
    waiting = [each for each in inside if each.span.start < parts[0][2]]
    for (head, value, start), end in zip(parts, ends, strict=True):
        yield from (indent + each.text for each in waiting)
        own = [each for each in inside if start <= each.span.start < end]
        if _is_folded(value):
            yield indent + head.rstrip()
            waiting = [each for each in own if not _inside(each, value)]
            yield from _lines(value, [each for each in own if _inside(each, value)], indent + " " * _STEP)
            continue
        behind = own[0] if own and not own[0].alone else None
        yield indent + head + value.span.text + (f"  {behind.text}" if behind else "")
        waiting = own[1:] if behind else own
    yield from (indent + each.text for each in waiting)


def _parts(node: Mapping | Sequence) -> list[tuple[str, Document, int]]:
    """What stands before each value, the value, and where both begin."""
    if isinstance(node, Sequence):
        return [("- ", item, item.span.start) for item in node.items]
    return [(f"{key.span.text}: ", value, key.span.start) for key, value in node.entries]


__all__ = ["unfolded"]
