"""A value of a pack's file set to another: the bytes of it change, and nothing else."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from ..engine.diagnostics import did_you_mean, has_errors
from ..engine.document import Document, Mapping, Scalar, Sequence, Style, plain
from ..engine.naming import of_part
from ..engine.source import Source, Span
from . import writing, yaml_tree

Where = tuple[str, ...]
_WORD = re.compile(r"[A-Za-z][A-Za-z0-9_]*")


class EditError(Exception):
    """A value that cannot be set; the message says why."""


@dataclass(frozen=True, slots=True)
class Place:
    """What a name stands for in a file: the way to it, and to the entry of its parameter, if it is one's.

    `declared` is what the checked pack calls that parameter.
    """

    where: Where
    parameter: Where | None = None
    declared: str = ""


# Names


def located(document: Mapping, name: str, used: Collection[str] = (), open_: Collection[str] = ()) -> Place:
    """The place of a parameter, a member of one, or a cell of a table. Raises EditError.

    `used` are the parameters of the packs that a policy uses, as `part.name`; one that the policy does not set has a
    place too, though nothing stands there, and so has an entry more of the parameters that are `open_` to it.
    """
    found = _own(document, name) or _of_used(document, name, used) or _more(document, name, open_)
    if found:
        return found
    known = [*names(document), *used]
    near = did_you_mean(name, known) or did_you_mean(name.partition(".")[0], {each.partition(".")[0] for each in known})
    raise EditError(f"no parameter or cell `{name}`" + (f"; {near}" if near else ""))


def first_words(path: Path) -> set[str]:
    """What the names that can be set in a file begin with. Raises OSError."""
    document = _document(path.read_bytes(), str(path))
    sections = [document.get(each) for each in ("parameters", "tables", "definitions", "use")] if document else []
    return {name for section in sections if isinstance(section, Mapping) for name, _ in section}


def _own(document: Mapping, name: str) -> Place | None:
    first, _, rest = name.partition(".")
    for section in ("parameters", "tables", "definitions"):
        entry = _entry(_entry(document, section), first)
        if section == "parameters":
            where = _value_below(entry, rest, (section, first))
            if where:
                return Place(where, (section, first), first)
        elif rest:
            where = _below(_entry(entry, "rows"), rest, (section, first, "rows"))
            if where:
                return Place(where)
    return None


def _of_used(document: Mapping, name: str, used: Collection[str]) -> Place | None:
    """A parameter of a pack that a policy uses: `part.name`, or a member of it."""
    part, _, rest = name.partition(".")
    first, _, member = rest.partition(".")
    parameter = ("use", part, "parameters", first)
    entry = _entry(_entry(_entry(_entry(document, "use"), part), "parameters"), first)
    if entry is not None:
        where = _value_below(entry, member, parameter)
        return Place(where, parameter, of_part(part, first)) if where else None
    if f"{part}.{first}" not in used:
        return None
    return Place(
        (*parameter, *(("values", *member.split(".")) if member else ("value",))), parameter, of_part(part, first)
    )


def _more(document: Mapping, name: str, open_: Collection[str]) -> Place | None:
    """An entry that is not there yet."""
    whole = next((each for each in open_ if name.startswith(f"{each}.")), None)
    found = (_own(document, whole) or _of_used(document, whole, ())) if whole else None
    if whole is None or found is None or not isinstance(_at(document, found.where), Mapping):
        return None
    return replace(found, where=(*found.where, name[len(whole) + 1 :]))


def _entry(node: Document | None, key: str) -> Document | None:
    return node.get(key) if isinstance(node, Mapping) else None


def _value_below(entry: Document | None, rest: str, where: Where) -> Where | None:
    """The way to the value of a parameter, or to a member of its values."""
    ways = (_below(_entry(entry, key), rest, (*where, key)) for key in ("value", "values"))
    return next((way for way in ways if way), None)


def _below(node: Document | None, rest: str, where: Where) -> Where | None:
    """The way to the node that the rest of a name leads to. The keys of maps may have dots."""
    if node is None or not rest:
        return where if node is not None else None
    if not isinstance(node, Mapping):
        return None
    for key, value in node:
        if rest == key or rest.startswith(f"{key}."):
            found = _below(value, rest[len(key) + 1 :], (*where, key))
            if found:
                return found
    return None


def is_there(document: Mapping, where: Where) -> bool:
    node: Document | None = document
    for key in where:
        node = _entry(node, key)
    return node is not None


def names(document: Mapping) -> Iterator[str]:
    """Every name that can be set and where something stands."""
    yield from _own_names(document)
    for part, entry in _items(document.get("use")):
        for name, node in _items(_entry(entry, "parameters")):
            yield f"{part}.{name}"
            for each in (_entry(node, "value"), _entry(node, "values")):
                yield from (f"{part}.{name}.{path}" for path in _paths(each) if path)


def _items(node: Document | None) -> Iterable[tuple[str, Document]]:
    return node if isinstance(node, Mapping) else ()


def _own_names(document: Mapping) -> Iterator[str]:
    for section, keys in (("parameters", ("value", "values")), ("tables", ("rows",)), ("definitions", ("rows",))):
        for name, entry in _items(document.get(section)):
            if section == "parameters":
                yield name
            for key in keys:
                yield from (f"{name}.{path}" for path in _paths(_entry(entry, key)) if path)


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


@lru_cache(maxsize=1)  # what one edit leaves is what the next begins with
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
    node, value = _at(document, where), text if prose else meant(text)
    wanted = _replaced(document, where, value)
    ways = [text, json.dumps(value, ensure_ascii=False)] if isinstance(value, str) else [text]
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


def with_entry(data: bytes, path: Path, where: Where, text: str, *, prose: bool = True, behind: str = "") -> bytes:
    """The bytes of a file with a text at a place, whose key is written where it is not there yet.

    It is put `behind` another, or before all others.
    """
    *above, key = where
    holder = _at(parsed(data, str(path)), tuple(above))
    assert isinstance(holder, Mapping), "an entry is of a mapping"
    if holder.get(key) is None:
        data = writing.spliced(data, *_insertion(holder.span.source, holder, key, holder.get(behind)))
    return with_value(data, path, where, text, prose=prose)


def with_last_entry(data: bytes, path: Path, where: Where, text: str, *, prose: bool) -> bytes:
    """The bytes of a file with an entry more behind all others of a mapping."""
    others = _at(parsed(data, str(path)), where[:-1])
    last = others.entries[-1][0].text if isinstance(others, Mapping) and others.entries else ""
    return with_entry(data, path, where, text, prose=prose, behind=last)


def with_override(data: bytes, path: Path, parameter: Where, key: str, text: str, why: str) -> bytes:
    """The bytes of a policy that sets a parameter of a used pack as well: `key` is `value` or `values`."""
    above = parameter[:-1]
    if not is_there(parsed(data, str(path)), above):
        data = with_entry(data, path, above, "{}", prose=False, behind="pack")
    data = with_last_entry(data, path, parameter, "{}", prose=False)
    data = with_entry(data, path, (*parameter, "why"), why)
    return with_entry(data, path, (*parameter, key), text, prose=False)


def _insertion(source: Source, holder: Mapping, key: str, behind: Document | None) -> tuple[Span, str]:
    """Where an entry is put, and what: behind a value of the mapping, or before all that is in it."""
    key = word(key)
    if source.text.startswith("{", holder.span.start):
        place = _end(behind) if behind else holder.span.start + 1
        others = ", " if holder.entries else ""
        return Span(source, place, place), f", {key}: new" if behind else f"{key}: new{others}"
    column = holder.entries[0][0].span.position[1] - 1
    line = "\r\n" if "\r\n" in source.text else "\n"
    if behind is None:
        place = holder.entries[0][0].span.start
        return Span(source, place, place), f"{key}: new{line}{' ' * column}"
    end = source.text.find("\n", _end(behind) - 1)  # a text in a block has its last line's end
    place = len(source.text) if end < 0 else end + 1
    return Span(source, place, place), (line if end < 0 else "") + f"{' ' * column}{key}: new{line}"


def _at(document: Document, where: Where) -> Document:
    for key in where:
        assert isinstance(document, Mapping), "the way was found in this document"
        found = document.get(key)
        assert found is not None, "the way was found in this document"
        document = found
    return document


def word(text: str) -> str:
    """A text as a file has it: bare where everybody reads it as one."""
    return text if _WORD.fullmatch(text) and meant(text) == text else json.dumps(text, ensure_ascii=False)


def meant(text: str) -> Any:
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


__all__ = [
    "EditError", "Place", "first_words", "is_there", "located", "meant", "names", "parsed", "text_at", "with_entry",
    "with_last_entry", "with_override", "with_value", "word",
]  # fmt: skip
