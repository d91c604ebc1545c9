"""The comments of a YAML file: the C loader skips them, so they are found around the scalars."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ..engine.document import Document, Mapping, Scalar, Sequence, Style
from ..engine.source import Source, Span


@dataclass(frozen=True, slots=True)
class Comment:
    """`alone`: nothing but the comment stands on its line."""

    span: Span
    alone: bool

    @property
    def text(self) -> str:
        return self.span.text.rstrip()


def comments(source: Source, document: Document | None) -> list[Comment]:
    """In the order of the file. A `#` inside of a scalar begins none."""
    found: list[Comment] = []
    end = 0
    for span in [*sorted(scalar_spans(document), key=lambda span: span.start), None]:
        stop = span.start if span else len(source.text)
        found += _between(source, end, stop)
        end = max(end, span.end) if span else stop
    return found


def scalar_spans(node: Document | None) -> Iterator[Span]:
    """Where the file's scalars are written; what an alias repeats is written once."""
    match node:
        case Scalar(span=span, style=style):
            yield from _block(span) if style is Style.BLOCK else (span,)
        case Sequence(items=items):
            for item in items:
                yield from scalar_spans(item)
        case Mapping(entries=entries):
            for key, value in entries:
                yield from scalar_spans(key)
                yield from scalar_spans(value)


def _block(span: Span) -> Iterator[Span]:
    """A block of text without its header, which may have a comment."""
    text = span.source.text
    start = text.find("\n", span.start)
    if 0 <= start < span.end:
        yield Span(span.source, start, span.end)


def _between(source: Source, start: int, end: int) -> Iterator[Comment]:
    text, place = source.text, start
    while (place := text.find("#", place, end)) >= 0:
        line = text.rfind("\n", 0, place) + 1
        if place > line and text[place - 1] not in " \t":
            place += 1
            continue
        stop = text.find("\n", place)
        stop = len(text) if stop < 0 else stop
        yield Comment(Span(source, place, stop), not text[line:place].strip())
        place = stop


__all__ = ["Comment", "comments", "scalar_spans"]
