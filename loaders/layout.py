"""The canonical layout of a file: indentation, spaces and blank lines, by ruamel.yaml; nothing else changes.

What is laid out is read again, and must hold the same values and comments: where it does not, the file stays as it is.
"""

from __future__ import annotations

from ..engine.diagnostics import Diagnostic, has_errors
from ..engine.document import Document, Mapping, Sequence, plain
from ..engine.source import Source
from . import yaml_tree
from .emission import emitted
from .flow_expressions import quoted
from .trimmings import put_back, taken_off
from .unfolding import unfolded
from .yaml_comments import comments

_PASSES = 4  # comments that move with their line are where they belong after the second
_MARK = "\ufeff".encode()


class LayoutError(Exception):
    """A file that is YAML but was not laid out; the message says why."""


def formatted(data: bytes, name: str) -> tuple[bytes | None, list[Diagnostic]]:
    """The bytes of a file in the canonical layout, or what keeps it from being read.

    A byte-order mark and the kind of line break stay. Raises LayoutError where the layout would lose something, and
    ModuleNotFoundError without ruamel.yaml.
    """
    source, findings = yaml_tree.decode(data, name)
    if source is None:
        return None, findings
    text = source.text.replace("\r\n", "\n")
    breaks = "\r\n" if source.text.count("\r\n") * 2 > source.text.count("\n") else "\n"
    source = Source(name, text)
    document, findings = _read(source)
    if document is None and (mended := quoted(text)) is not None:
        source = Source(name, mended)
        document, _ = _read(source)
    if document is None:
        return None, findings
    result = _settled(source, document).replace("\n", breaks).encode()
    return (_MARK if data.startswith(_MARK) else b"") + result, []


def _read(source: Source) -> tuple[Document | None, list[Diagnostic]]:
    document, findings = yaml_tree.parse(source)
    return (None if has_errors(findings) else document), findings


def _settled(source: Source, document: Document) -> str:
    """Laid out until nothing changes any more."""
    kept = [comment.text for comment in comments(source, document)]
    first = document
    if (text := unfolded(source, document)) != source.text:
        source = Source(source.name, text)
        document = _same(source, first)
    for _ in range(_PASSES):
        text = _pass(source, document)
        if text == source.text:
            return text
        source = Source(source.name, text)
        document = _same(source, first)
        if [comment.text for comment in comments(source, document)] != kept:
            raise LayoutError(f"{source.name} would lose a comment in the canonical layout, and is left as it is")
    raise LayoutError(f"the layout of {source.name} does not come to rest, and it is left as it is")


def _same(source: Source, first: Document) -> Document:
    """What a text holds, which must be what it held at first."""
    again, _ = _read(source)
    if again is None or _ordered(again) != _ordered(first):
        raise LayoutError(f"{source.name} would mean something else in the canonical layout, and is left as it is")
    return again


def _ordered(node: Document) -> object:
    """Values, types and the order of the keys."""
    match node:
        case Mapping(entries=entries):
            return [(key.text, _ordered(value)) for key, value in entries]
        case Sequence(items=items):
            return [_ordered(item) for item in items]
    return type(plain(node)), plain(node)


def _pass(source: Source, document: Document) -> str:
    bare, trimmings = taken_off(source, document)
    laid = Source(source.name, emitted(bare))
    return put_back(laid, _same(laid, document), trimmings)


__all__ = ["LayoutError", "formatted"]
