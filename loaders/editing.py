"""A value of a pack's file set to another: the bytes of it change, and nothing else."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..engine.diagnostics import did_you_mean, has_errors
from ..engine.document import Document, Mapping, Scalar, Sequence, Style, plain
from ..engine.source import Source, Span
from . import writing, yaml_tree

Where = tuple[str, ...]


class EditError(Exception):
    """A value that cannot be set; the message says why."""


@dataclass(frozen=True, slots=True)
class Place:
    """What a name stands for in a file: the way to it, and to the declaration of its parameter, if it is one's."""

    where: Where
    span: Span
    parameter: Where | None = None


# Names


def located(document: Mapping, name: str) -> Place:
    """The place of a parameter, a member of one, or a cell of a table. Raises EditError."""
    first, _, rest = name.partition(".")
    for section in ("parameters", "tables", "definitions"):
        entries = document.get(section)
        entry = entries.get(first) if isinstance(entries, Mapping) else None
        if isinstance(entry, Mapping):
            parameter = (section, first) if section == "parameters" else None
            keys = ("value", "values") if parameter else ("rows",)
            for key in keys:
                node = entry.get(key)
                if node is not None and (parameter or rest):
                    where = _below(node, rest, (section, first, key))
                    if where:
                        return Place(where[0], where[1].span, parameter)
    known = list(names(document))
    near = did_you_mean(name, known) or did_you_mean(first, {each.partition(".")[0] for each in known})
    raise EditError(f"no parameter or cell `{name}`" + (f"; {near}" if near else ""))


def _below(node: Document, rest: str, where: Where) -> tuple[Where, Document] | None:
    """The node that the rest of a name leads to. The keys of maps may have dots."""
    if not rest:
        return where, node
    if not isinstance(node, Mapping):
        return None
    for key, value in node:
        if rest == key or rest.startswith(f"{key}."):
            found = _below(value, rest[len(key) + 1 :], (*where, key))
            if found:
                return found
    return None


def names(document: Mapping) -> Iterator[str]:
    """Every name that can be set."""
    for section, keys in (("parameters", ("value", "values")), ("tables", ("rows",)), ("definitions", ("rows",))):
        entries = document.get(section)
        for name, entry in entries if isinstance(entries, Mapping) else ():
            if section == "parameters":
                yield name
            nodes = [entry.get(key) for key in keys] if isinstance(entry, Mapping) else []
            for node in nodes:
                yield from (f"{name}.{path}" for path in _paths(node) if path)


def _paths(node: Document | None) -> Iterator[str]:
    if isinstance(node, Mapping):
        for key, value in node:
            yield from (f"{key}.{path}".rstrip(".") for path in _paths(value))
    elif node is not None:
        yield ""


# Edits


def parsed(data: bytes, name: str) -> Mapping:
    """The document of a file that was loaded before."""
    document = _document(data, name)
    assert document is not None, "what was loaded can be read"
    return document


def _document(data: bytes, name: str) -> Mapping | None:
    source, _ = yaml_tree.decode(data, name)
    document, findings = yaml_tree.parse(source) if source else (None, [])
    return document if isinstance(document, Mapping) and not has_errors(findings) else None


def with_value(data: bytes, path: Path, where: Where, text: str, *, prose: bool = False) -> bytes:
    """The bytes of a file with another value at a place: as it is written, or quoted where YAML needs that.

    `prose` is a text whatever YAML would take it for.

    Raises EditError.
    """
    document = parsed(data, str(path))
    node, meant = _at(document, where), text if prose else _meant(text)
    wanted = _replaced(document, where, meant)
    ways = [text, json.dumps(meant, ensure_ascii=False)] if isinstance(meant, str) else [text]
    if isinstance(node, Scalar) and node.style in (Style.SINGLE, Style.DOUBLE):
        ways.reverse()  # what was quoted stays so
    for written in ways:
        result = _put(data, document, where, written)
        found = _document(result, str(path))
        if found is not None and _plain(found) == wanted:
            return result
    raise EditError(f"`{text}` cannot be written as the value of `{'.'.join(where)}`")


def _put(data: bytes, document: Mapping, where: Where, written: str) -> bytes:
    """The bytes with another text in the place of a value; in that of a block it stands on the line of its key."""
    node, holder = _at(document, where), _at(document, where[:-1])
    if not _is_block(node):
        return writing.spliced(data, node.span, written)
    assert isinstance(holder, Mapping), "a block that can be set is the value of a key"
    key = holder.key(where[-1])
    assert key, "the way was found in this document"
    start = node.span.source.text.index(":", key.span.end) + 1
    return writing.spliced(data, Span(node.span.source, start, _end(node)), f" {written}")


def _is_block(node: Document) -> bool:
    return not isinstance(node, Scalar) and node.span.source.text[node.span.start] not in "[{"


def _end(node: Document) -> int:
    """Where a node ends as a person sees it: a block reaches to what follows it, comments and all."""
    if not _is_block(node):
        return node.span.end
    assert isinstance(node, Sequence | Mapping), "no scalar is a block of entries"
    return _end(node.items[-1] if isinstance(node, Sequence) else node.entries[-1][1])


def with_entry(data: bytes, path: Path, where: Where, text: str) -> bytes:
    """The bytes of a file with a text at a place, whose key is written where it is not there yet."""
    *above, key = where
    holder = _at(parsed(data, str(path)), tuple(above))
    assert isinstance(holder, Mapping), "an entry is of a mapping"
    if holder.get(key) is not None:
        return with_value(data, path, where, text, prose=True)
    source = holder.span.source
    behind = holder.get("version") if not above else None
    return with_value(writing.spliced(data, *_insertion(source, holder, key, behind)), path, where, text, prose=True)


def _insertion(source: Source, holder: Mapping, key: str, behind: Document | None) -> tuple[Span, str]:
    """Where an entry is put, and what: behind a value of the mapping, or before all that is in it."""
    flow = source.text.startswith("{", holder.span.start)
    if flow:
        place = behind.span.end if behind else holder.span.start + 1
        return Span(source, place, place), f", {key}: new" if behind else f"{key}: new, "
    column = holder.entries[0][0].span.position[1] - 1
    line = "\r\n" if "\r\n" in source.text else "\n"
    if behind is None:
        place = holder.entries[0][0].span.start
        return Span(source, place, place), f"{key}: new{line}{' ' * column}"
    end = source.text.find("\n", behind.span.end)
    place = len(source.text) if end < 0 else end + 1
    return Span(source, place, place), (line if end < 0 else "") + f"{' ' * column}{key}: new{line}"


def _at(document: Document, where: Where) -> Document:
    for key in where:
        assert isinstance(document, Mapping), "the way was found in this document"
        found = document.get(key)
        assert found is not None, "the way was found in this document"
        document = found
    return document


def _meant(text: str) -> Any:
    """What a text is as YAML; itself where it is none."""
    document, findings = yaml_tree.parse(Source("", text))
    return text if document is None or has_errors(findings) else plain(document)


def _replaced(document: Mapping, where: Where, value: Any) -> str:
    tree: Any = copy.deepcopy(plain(document))
    holder = tree
    for key in where[:-1]:
        holder = holder[key]
    holder[where[-1]] = value
    return json.dumps(tree)


def _plain(document: Document) -> str:
    return json.dumps(plain(document))


def text_at(document: Mapping, where: Where) -> str:
    """How a value is written."""
    node = _at(document, where)
    return node.text if isinstance(node, Scalar) else node.span.text


__all__ = ["EditError", "Place", "located", "names", "parsed", "text_at", "with_entry", "with_value"]
