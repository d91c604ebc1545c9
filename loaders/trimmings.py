"""Comments and blank lines of a YAML file: taken off, and put back where the same values have moved to."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field

from ..engine.document import Document, Mapping, Scalar, Sequence, Style
from ..engine.source import Source
from .yaml_comments import comments, scalar_spans

_GAP = 2  # spaces before a comment behind a value, unless there were more


@dataclass(frozen=True, slots=True)
class _Above:
    """Lines above a value; `follows`: a comment is indented as the line before it rather than as the one after."""

    text: str
    follows: bool = False


@dataclass(slots=True)
class Trimmings:
    """By the number of the value that they stand beside, in the order of the file; above none is the end."""

    above: dict[int, list[_Above]] = field(default_factory=dict)
    behind: dict[int, str] = field(default_factory=dict)


def taken_off(source: Source, document: Document) -> tuple[str, Trimmings]:
    """The text without comments and blank lines, and what was taken off."""
    return _Taking(source, document).result()


class _Taking:
    def __init__(self, source: Source, document: Document) -> None:
        self.source = source
        self.values = _Values(document)
        self.lines = source.text.split("\n")
        self.inside = inner_lines(source, document)
        self.comments = {source.position(each.span.start)[0]: each for each in comments(source, document)}
        self.trimmings = Trimmings()
        self.kept: list[str] = []

    def result(self) -> tuple[str, Trimmings]:
        waiting: list[int] = []
        indent = offset = 0
        for number, line in enumerate(self.lines, 1):
            if number not in self.inside and self._is_bare(number, line):
                waiting.append(number)
            else:
                self._place(waiting, self.values.after(offset), indent, _indent(line))
                waiting = []
                indent = indent if number in self.inside else _indent(line)
                self.kept.append(self._without_comment(number, line))
            offset += len(line) + 1
        self._place(waiting, self.values.after(offset), indent, 0)
        return "\n".join(self.kept) + "\n", self.trimmings

    def _is_bare(self, number: int, line: str) -> bool:
        comment = self.comments.get(number)
        return not line.strip() or (comment is not None and comment.alone)

    def _place(self, waiting: list[int], value: int, before: int, after: int) -> None:
        for number in waiting:
            column = _indent(self.lines[number - 1])
            follows = column != after and abs(column - before) < abs(column - after)
            above = _Above(self.lines[number - 1].strip(), follows)
            self.trimmings.above.setdefault(value, []).append(above)

    def _without_comment(self, number: int, line: str) -> str:
        comment = self.comments.get(number)
        if comment is None:
            return line
        column = comment.span.position[1] - 1
        left = line[:column].rstrip()
        value = self.values.last_on(number)
        if value is None:  # a dash alone
            above = self.trimmings.above.setdefault(self.values.after(comment.span.start), [])
            above.append(_Above(comment.text))
        else:
            self.trimmings.behind[value] = " " * max(_GAP, column - len(left)) + comment.text
        return left


def put_back(source: Source, document: Document, trimmings: Trimmings) -> str:
    """The text with what was taken off beside the values that it stood beside.

    At most one blank line stays, and none at either end.
    """
    values, inside = _Values(document), inner_lines(source, document)
    lines: list[str] = []
    indent = 0
    for number, line in enumerate(source.text.rstrip("\n").split("\n"), 1):
        above = [each for value in values.first_on(number) for each in trimmings.above.get(value, [])]
        lines += _above(above, lines, indent, _indent(line))
        indent = indent if number in inside else _indent(line)
        value = values.last_on(number)
        behind = "" if value is None else trimmings.behind.get(value, "")
        lines.append((line if number in inside else line.rstrip()) + behind)
    lines += _above(trimmings.above.get(len(values.starts), []), lines, indent, 0)
    return "\n".join(lines).rstrip("\n") + "\n"


class _Values:
    """Scalars, and collections with nothing in them, in the order of the file."""

    def __init__(self, document: Document) -> None:
        found = {node.span.start: node for node in _leaves(document)}
        self.starts = sorted(found)
        self._first: dict[int, list[int]] = {}
        self._last: dict[int, int] = {}
        for number, start in enumerate(self.starts):
            node = found[start]
            line = node.span.position[0]
            self._first.setdefault(line, []).append(number)
            is_block = isinstance(node, Scalar) and node.style is Style.BLOCK
            self._last[line if is_block else node.span.source.position(node.span.end)[0]] = number

    def after(self, offset: int) -> int:
        """The first that begins at an offset or behind it."""
        return bisect_left(self.starts, offset)

    def first_on(self, line: int) -> list[int]:
        """Those that begin on a line."""
        return self._first.get(line, [])

    def last_on(self, line: int) -> int | None:
        """The last that ends on a line; of a block of text, that has its header there."""
        return self._last.get(line)


def _above(found: list[_Above], lines: list[str], before: int, after: int) -> Iterator[str]:
    blank = not lines or not lines[-1]
    for each in found:
        if each.text:
            yield " " * (before if each.follows else after) + each.text
        elif not blank:
            yield ""
        blank = not each.text


def inner_lines(source: Source, document: Document) -> set[int]:
    """The lines, from 1, that begin inside of a scalar."""
    found: set[int] = set()
    for span in scalar_spans(document):
        if "\n" in span.text:
            found.update(range(source.position(span.start)[0] + 1, source.position(span.end)[0] + 1))
    return found


def _leaves(node: Document) -> Iterator[Document]:
    match node:
        case Mapping(entries=entries) if entries:
            for key, value in entries:
                yield key
                yield from _leaves(value)
        case Sequence(items=items) if items:
            for item in items:
                yield from _leaves(item)
        case _:
            yield node


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


__all__ = ["Trimmings", "inner_lines", "put_back", "taken_off"]
