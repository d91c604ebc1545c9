"""Whether plain data fits a JSON Schema: a quick yes for the keywords that our schemas use.

It only ever says yes or "ask someone else": what is wrong, jsonschema says, which takes longer to import than all the
rest of a pack's loading. A test compares the two.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

Schema = Any  # a mapping, or true or false


class _UnsureError(Exception):
    """A keyword or a comparison that is not for here."""


def fits(instance: object, schema: Schema, others: Mapping[str, Schema]) -> bool:
    """Whether plain data certainly fits `schema`, whose references name a part of it or one of `others`."""
    try:
        return _Root(schema, others).admits(schema, instance)
    except _UnsureError:
        return False


@dataclass(frozen=True, slots=True)
class _Root:
    """A schema file: what references that begin with `#` are relative to."""

    schema: Schema
    others: Mapping[str, Schema]

    def admits(self, schema: Schema, instance: object) -> bool:
        if isinstance(schema, bool):
            return schema
        for keyword, wanted in schema.items():
            if keyword not in _ANNOTATIONS and not _keyword(keyword)(self, wanted, instance, schema):
                return False
        return True

    def refer(self, reference: str) -> tuple[_Root, Schema]:
        name, _, pointer = reference.partition("#")
        root = _Root(self.others[name], self.others) if name else self
        found = root.schema
        for step in pointer.strip("/").split("/") if pointer else ():
            found = found[step]
        return root, found


Keyword = Callable[[_Root, Any, Any, Any], bool]
_ANNOTATIONS = frozenset({"$schema", "$defs", "title", "description", "then", "else"})


def _keyword(name: str) -> Keyword:
    if name not in _KEYWORDS:
        raise _UnsureError
    return _KEYWORDS[name]


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


_TYPES: dict[str, Callable[[Any], bool]] = {
    "null": lambda value: value is None,
    "boolean": lambda value: isinstance(value, bool),
    "string": lambda value: isinstance(value, str),
    "number": _is_number,
    "integer": lambda value: _is_number(value) and (isinstance(value, int) or value.is_integer()),
    "array": lambda value: isinstance(value, list),
    "object": lambda value: isinstance(value, dict),
}


def _type(_: _Root, wanted: Any, instance: Any, __: Schema) -> bool:
    return any(_TYPES[name](instance) for name in ([wanted] if isinstance(wanted, str) else wanted))


def _reference(root: _Root, wanted: Any, instance: Any, _: Schema) -> bool:
    place, schema = root.refer(wanted)
    return place.admits(schema, instance)


def _scalar(value: object) -> tuple[bool, object]:
    """What is equal where two JSON values are: true is not 1, and 1 is 1.0."""
    if isinstance(value, list | dict):
        raise _UnsureError
    return isinstance(value, bool), value


def _enum(_: _Root, wanted: Any, instance: Any, __: Schema) -> bool:
    return not isinstance(instance, list | dict) and _scalar(instance) in [_scalar(each) for each in wanted]


def _const(root: _Root, wanted: Any, instance: Any, schema: Schema) -> bool:
    return _enum(root, [wanted], instance, schema)


def _pattern(_: _Root, wanted: Any, instance: Any, __: Schema) -> bool:
    return not isinstance(instance, str) or re.fullmatch(wanted, instance) is not None


def _properties(root: _Root, wanted: Any, instance: Any, _: Schema) -> bool:
    found = instance if isinstance(instance, dict) else {}
    return all(root.admits(schema, found[name]) for name, schema in wanted.items() if name in found)


def _pattern_properties(root: _Root, wanted: Any, instance: Any, _: Schema) -> bool:
    return all(
        root.admits(schema, value)
        for pattern, schema in wanted.items()
        for name, value in (instance.items() if isinstance(instance, dict) else ())
        if re.search(pattern, name)
    )


def _additional(root: _Root, wanted: Any, instance: Any, schema: Schema) -> bool:
    known, patterns = schema.get("properties", {}), schema.get("patternProperties", {})
    return all(
        root.admits(wanted, value)
        for name, value in (instance.items() if isinstance(instance, dict) else ())
        if name not in known and not any(re.search(pattern, name) for pattern in patterns)
    )


def _property_names(root: _Root, wanted: Any, instance: Any, _: Schema) -> bool:
    return not isinstance(instance, dict) or all(root.admits(wanted, name) for name in instance)


def _required(_: _Root, wanted: Any, instance: Any, __: Schema) -> bool:
    return not isinstance(instance, dict) or all(name in instance for name in wanted)


def _items(root: _Root, wanted: Any, instance: Any, _: Schema) -> bool:
    return not isinstance(instance, list) or all(root.admits(wanted, each) for each in instance)


def _unique(_: _Root, wanted: Any, instance: Any, __: Schema) -> bool:
    if not wanted or not isinstance(instance, list):
        return True
    return len({_scalar(each) for each in instance}) == len(instance)


def _if(root: _Root, wanted: Any, instance: Any, schema: Schema) -> bool:
    return root.admits(schema.get("then" if root.admits(wanted, instance) else "else", True), instance)


def _size(kind: type[str | list[Any] | dict[str, Any]], fit: Callable[[int, int], bool]) -> Keyword:
    return lambda _, wanted, instance, __: not isinstance(instance, kind) or fit(len(instance), wanted)


_KEYWORDS: dict[str, Keyword] = {
    "$ref": _reference,
    "type": _type,
    "enum": _enum,
    "const": _const,
    "pattern": _pattern,
    "properties": _properties,
    "patternProperties": _pattern_properties,
    "additionalProperties": _additional,
    "propertyNames": _property_names,
    "required": _required,
    "items": _items,
    "uniqueItems": _unique,
    "if": _if,
    "not": lambda root, wanted, instance, _: not root.admits(wanted, instance),
    "allOf": lambda root, wanted, instance, _: all(root.admits(each, instance) for each in wanted),
    "anyOf": lambda root, wanted, instance, _: any(root.admits(each, instance) for each in wanted),
    "minimum": lambda _, wanted, instance, __: not _is_number(instance) or instance >= wanted,
    "minItems": _size(list, int.__ge__),
    "maxItems": _size(list, int.__le__),
    "minLength": _size(str, int.__ge__),
    "minProperties": _size(dict, int.__ge__),
}

__all__ = ["fits"]
