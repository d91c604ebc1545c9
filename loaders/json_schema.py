"""JSON Schema, as much of it as `schemas/` uses, checked on documents that know their positions.

A validator for all of JSON Schema takes longer to import than a pack takes to load; tests compare this one with such a
one. Patterns stand for the whole text, since `$` would let a final line break pass.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from collections.abc import Mapping as ReadOnly
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from ..engine.document import Document, Mapping, PlainValue, Scalar, Sequence

SCHEMAS = Path(__file__).resolve().parent.parent / "schemas"

Schema = ReadOnly[str, Any]


@dataclass(frozen=True, slots=True)
class Place:
    """A node of a document and, within a mapping, the key that it stands under."""

    node: Document
    key: Scalar | None = None

    @property
    def keys(self) -> list[Scalar]:
        return [key for key, _ in _entries(self.node)]


@dataclass(frozen=True, slots=True)
class Breach:
    """What breaks which keyword of which part of a schema. `name` is the key that breaks it, where it is one."""

    keyword: str
    schema: Schema
    place: Place
    name: Scalar | None = None

    @property
    def wanted(self) -> Any:
        """What the keyword asks for."""
        return self.schema[self.keyword]

    @property
    def node(self) -> Document:
        return self.place.node

    @property
    def value(self) -> PlainValue:
        """The scalar that breaks it, if it is one."""
        return self.node.value if isinstance(self.node, Scalar) else None

    @property
    def description(self) -> str | None:
        """What the schema says of the place, in the form of advice."""
        text = self.schema.get("description")
        return text[0].lower() + text[1:] if text else None


@cache
def read(file: str) -> dict[str, Any]:
    """A schema by its file's name, every reference in it with the name of the file that it leads to."""

    def named(part: dict[str, Any]) -> dict[str, Any]:
        reference = part.get("$ref", "")
        return {**part, "$ref": file + reference} if reference.startswith("#") else part

    schema: dict[str, Any] = json.loads((SCHEMAS / file).read_text(encoding="utf-8"), object_hook=named)
    return schema


@cache
def _referenced(reference: str) -> Schema:
    """The part of a schema that a reference such as `pack.schema.json#/$defs/rule` leads to."""
    file, _, pointer = reference.partition("#")
    part: Schema = read(file)
    for step in pointer.split("/")[1:]:
        part = part[step]
    return part


def breaches(document: Document, file: str) -> Iterator[Breach]:
    """Whatever in a document breaks the schema of a file."""
    return _breaches(read(file), Place(document))


# What a node is by itself


def _is_of(kinds: str | list[str], node: Document) -> bool:
    return any(_TYPES[kind](node) for kind in ((kinds,) if isinstance(kinds, str) else kinds))


def _is_number(node: Document) -> bool:
    return isinstance(node, Scalar) and isinstance(node.value, int | float) and not isinstance(node.value, bool)


def _is_whole(node: Document) -> bool:
    return _is_number(node) and float(node.value).is_integer()  # type: ignore[union-attr, arg-type]  # a number is one


_TYPES: ReadOnly[str, Callable[[Document], bool]] = {
    "object": lambda node: isinstance(node, Mapping),
    "array": lambda node: isinstance(node, Sequence),
    "string": lambda node: isinstance(node, Scalar) and isinstance(node.value, str),
    "boolean": lambda node: isinstance(node, Scalar) and isinstance(node.value, bool),
    "number": _is_number,
    "integer": _is_whole,
}


def _is_same(wanted: PlainValue, node: Document) -> bool:
    """`true` is not 1."""
    if not isinstance(node, Scalar):
        return False
    return node.value == wanted and isinstance(node.value, bool) == isinstance(wanted, bool)


def _matches(pattern: str, node: Document) -> bool:
    if not isinstance(node, Scalar) or not isinstance(node.value, str):
        return True
    return re.fullmatch(pattern, node.value) is not None


def _has_required(wanted: list[str], node: Document) -> bool:
    return not isinstance(node, Mapping) or {name for name, _ in node}.issuperset(wanted)


def _is_unique(wanted: bool, node: Document) -> bool:
    return not wanted or not isinstance(node, Sequence) or len(set(node.items)) == len(node.items)


def _is_short(least: int, node: Document) -> bool:
    return isinstance(node, Scalar) and isinstance(node.value, str) and len(node.value) < least


def _is_small(least: float, node: Document) -> bool:
    return _is_number(node) and node.value < least  # type: ignore[union-attr, operator]  # it is one


_TESTS: ReadOnly[str, Callable[[Any, Document], bool]] = {
    "type": _is_of,
    "enum": lambda wanted, node: any(_is_same(each, node) for each in wanted),
    "const": _is_same,
    "pattern": _matches,
    "minLength": lambda least, node: not _is_short(least, node),
    "minimum": lambda least, node: not _is_small(least, node),
    "minItems": lambda least, node: not isinstance(node, Sequence) or len(node.items) >= least,
    "maxItems": lambda most, node: not isinstance(node, Sequence) or len(node.items) <= most,
    "minProperties": lambda least, node: not isinstance(node, Mapping) or len(node.entries) >= least,
    "uniqueItems": _is_unique,
    "required": _has_required,
}


# What it is by its parts, or by other schemas


def _properties(wanted: ReadOnly[str, Schema], _: Schema, place: Place) -> Iterator[Breach]:
    for key, value in _entries(place.node):
        if key.text in wanted:
            yield from _breaches(wanted[key.text], Place(value, key))


def _patterned(wanted: ReadOnly[str, Schema], _: Schema, place: Place) -> Iterator[Breach]:
    for key, value in _entries(place.node):
        for pattern, schema in wanted.items():
            if re.fullmatch(pattern, key.text):
                yield from _breaches(schema, Place(value, key))


def _additional(wanted: Schema | bool, schema: Schema, place: Place) -> Iterator[Breach]:
    others = [(key, value) for key, value in _entries(place.node) if not is_known(schema, key.text)]
    if not isinstance(wanted, bool):
        for key, value in others:
            yield from _breaches(wanted, Place(value, key))
    elif others and not wanted:
        yield Breach("additionalProperties", schema, place)


def is_known(schema: Schema, key: str) -> bool:
    """Whether a schema says of a key by name or pattern what stands there."""
    return key in schema.get("properties", ()) or any(
        re.fullmatch(pattern, key) for pattern in schema.get("patternProperties", ())
    )


def _names(wanted: Schema, _: Schema, place: Place) -> Iterator[Breach]:
    for key, _value in _entries(place.node):
        yield from (Breach(each.keyword, each.schema, place, key) for each in _breaches(wanted, Place(key)))


def _items(wanted: Schema, _: Schema, place: Place) -> Iterator[Breach]:
    for item in place.node.items if isinstance(place.node, Sequence) else ():
        yield from _breaches(wanted, Place(item))


def _contains(wanted: Schema, schema: Schema, place: Place) -> Iterator[Breach]:
    if isinstance(place.node, Sequence) and not any(_fits(wanted, Place(item)) for item in place.node):
        yield Breach("contains", schema, place)


def _all(wanted: list[Schema], _: Schema, place: Place) -> Iterator[Breach]:
    for schema in wanted:
        yield from _breaches(schema, place)


def _any(wanted: list[Schema], schema: Schema, place: Place) -> Iterator[Breach]:
    if not any(_fits(each, place) for each in wanted):
        yield Breach("anyOf", schema, place)


def _not(wanted: Schema, schema: Schema, place: Place) -> Iterator[Breach]:
    if _fits(wanted, place):
        yield Breach("not", schema, place)


def _if(wanted: Schema, schema: Schema, place: Place) -> Iterator[Breach]:
    branch = schema.get("then" if _fits(wanted, place) else "else")
    if branch is not None:
        yield from _breaches(branch, place)


def _reference(wanted: str, _: Schema, place: Place) -> Iterator[Breach]:
    return _breaches(_referenced(wanted), place)


def _entries(node: Document) -> tuple[tuple[Scalar, Document], ...]:
    return node.entries if isinstance(node, Mapping) else ()


_PARTS: ReadOnly[str, Callable[[Any, Schema, Place], Iterator[Breach]]] = {
    "properties": _properties,
    "patternProperties": _patterned,
    "additionalProperties": _additional,
    "propertyNames": _names,
    "items": _items,
    "contains": _contains,
    "allOf": _all,
    "anyOf": _any,
    "not": _not,
    "if": _if,
    "$ref": _reference,
}
KEYWORDS = frozenset({*_TESTS, *_PARTS, "$schema", "$defs", "title", "description", "then", "else"})


def _breaches(schema: Schema, place: Place) -> Iterator[Breach]:
    for keyword, wanted in schema.items():
        if keyword in _TESTS:
            if not _TESTS[keyword](wanted, place.node):
                yield Breach(keyword, schema, place)
        elif keyword in _PARTS:
            yield from _PARTS[keyword](wanted, schema, place)


def _fits(schema: Schema, place: Place) -> bool:
    return next(_breaches(schema, place), None) is None


__all__ = ["KEYWORDS", "SCHEMAS", "Breach", "Place", "Schema", "breaches", "is_known", "read"]
