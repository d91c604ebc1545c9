"""A YAML document as a tree in which every key and value knows its position."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum

from .source import Span


class Style(Enum):
    """How a scalar was written."""

    PLAIN = "plain"
    SINGLE = "single-quoted"
    DOUBLE = "double-quoted"
    BLOCK = "block"


PlainValue = None | bool | int | float | str


@dataclass(frozen=True, slots=True)
class Scalar:
    """`value` is the typed value; `text` the decoded characters.

    `span` covers the scalar as written, quotes or block header included. `timestamp` marks a plain scalar that other
    YAML readers take for a date or a time: it is text here, and allowed only where a time is expected.
    """

    value: PlainValue
    text: str
    span: Span = field(compare=False)
    style: Style = field(default=Style.PLAIN, compare=False)
    timestamp: bool = field(default=False, compare=False)


@dataclass(frozen=True, slots=True)
class Sequence:
    items: tuple[Document, ...]
    span: Span = field(compare=False)

    def __iter__(self) -> Iterator[Document]:
        return iter(self.items)


@dataclass(frozen=True, slots=True)
class Mapping:
    """Keys are unique text scalars, in the order written."""

    entries: tuple[tuple[Scalar, Document], ...]
    span: Span = field(compare=False)

    def __iter__(self) -> Iterator[tuple[str, Document]]:
        return ((key.text, value) for key, value in self.entries)

    def get(self, name: str) -> Document | None:
        return next((value for key, value in self.entries if key.text == name), None)

    def key(self, name: str) -> Scalar | None:
        return next((key for key, _ in self.entries if key.text == name), None)


Document = Scalar | Sequence | Mapping

PlainTree = PlainValue | list["PlainTree"] | dict[str, "PlainTree"]


def plain(node: Document) -> PlainTree:
    """The values alone, as JSON knows them."""
    match node:
        case Scalar(value=value):
            return value
        case Sequence(items=items):
            return [plain(item) for item in items]
        case Mapping(entries=entries):
            return {key.text: plain(value) for key, value in entries}
