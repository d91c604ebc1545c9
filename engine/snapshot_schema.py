"""The JSON Schema of a pack's snapshots, for editors and for whoever feeds the engine.

It says no more than a schema can: keys of lists that must differ, ages, conditions between values and texts that no
UTF-8 holds are left to `snapshot`.
"""

from __future__ import annotations

from typing import Any

from . import ir
from .types import (
    MAX_INTEGER,
    Boolean,
    Document,
    Enum,
    Field,
    Integer,
    List,
    Map,
    Number,
    Record,
    Text,
    Time,
    Type,
    Unknown,
    Vector,
    innermost,
)

Schema = dict[str, Any]
_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_NOW = Field("now", Time(), why="The time of the decision")


def snapshot_schema(pack: ir.Pack) -> Schema:
    """What the snapshots of a pack look like; enums and records that have a name stand under `$defs`."""
    definitions: dict[str, Schema] = {}
    body = _object(fields_of(pack), definitions)
    schema = {
        "$schema": _DIALECT,
        "title": f"A snapshot for {pack.name}@{pack.version}",
        "description": pack.summary or pack.title,
        **body,
    }
    return schema | ({"$defs": dict(sorted(definitions.items()))} if definitions else {})


def fields_of(pack: ir.Pack) -> list[Field]:
    """The keys of a snapshot, `now` last."""
    declared = {field.name: field for field in pack.inputs}
    now = declared.pop("now", _NOW)
    return [*declared.values(), Field("now", Time(), optional=not pack.needs_now, why=now.why or _NOW.why)]


def _object(fields: list[Field], definitions: dict[str, Schema]) -> Schema:
    return {
        "type": "object",
        "properties": {field.source: _place(field, definitions) for field in fields},
        "required": [field.source for field in fields if not field.optional],
        "additionalProperties": False,
    }


def _place(field: Field, definitions: dict[str, Schema]) -> Schema:
    """A field's type with its range and description; null is absence where that is allowed."""
    schema = _type(field, definitions)
    if field.optional:
        schema = _or_null(schema)
    text = description(field)
    return {"description": text, **schema} if text else schema


def description(field: Field) -> str:
    """The field's `why`, and what its type does not show: the unit, and what tells items apart."""
    parts = [field.why] if field.why else []
    inner = innermost(field.type)
    inner = inner.item.type if isinstance(inner, List) else inner
    if isinstance(inner, Number | Integer):
        parts.append(f"in {inner.unit.of_many}")
    if isinstance(field.type, List) and field.type.key:
        parts.append(f"every item has its own {' and '.join(field.type.key)}")
    if field.age:
        fate = "absent" if field.optional else "a fault"
        parts.append(f"{fate} where older, by {field.age.of}, than the parameter {field.age.limit}")
    parts += ["absent where it breaks this"] if field.forgiving else []
    parts += ["items that break this are left out"] if field.drops else []
    parts += [f"it must keep {', '.join(field.requires)}"] if field.requires else []
    text = "; ".join(parts)
    return text[:1].upper() + text[1:]


def _or_null(schema: Schema) -> Schema:
    match schema:
        case {"type": str(kind), **rest} if "enum" not in rest:
            return {"type": [kind, "null"], **rest}
        case {"anyOf": list(choices), **rest}:
            return {"anyOf": [*choices, {"type": "null"}], **rest}
    return {"anyOf": [schema, {"type": "null"}]}


def _type(field: Field, definitions: dict[str, Schema]) -> Schema:
    match field.type:
        case Number():
            return {"type": "number", **_bounds(field.low, field.high)}
        case Integer():
            low = max(-MAX_INTEGER, -MAX_INTEGER if field.low is None else field.low)
            high = min(MAX_INTEGER, MAX_INTEGER if field.high is None else field.high)
            return {"type": "integer", **_bounds(low, high)}
        case Boolean():
            return {"type": "boolean"}
        case Text(max_length=limit):
            return {"type": "string", "maxLength": limit}
        case Time():
            return {"anyOf": [{"type": "string", "format": "date-time"}, {"type": "number", "title": "epoch seconds"}]}
        case Document():
            return {"type": ["object", "array", "string", "number", "boolean"]}
        case List(item=item, max_items=limit):
            return {"type": "array", "items": _place(item, definitions), "maxItems": limit}
        case Map(item=item, max_items=limit, key=key):
            names = {"propertyNames": {"maxLength": key.max_length}, "maxProperties": limit}
            return {"type": "object", "additionalProperties": _place(item, definitions), **names}
        case Vector(by=by, item=item):
            members = [Field(member, item.type, item.optional, item.low, item.high) for member in by.members]
            return _object(members, definitions)
    return _named(field.type, definitions)


def _named(kind: Type, definitions: dict[str, Schema]) -> Schema:
    """An enum or a record, by reference where it has a name."""
    match kind:
        case Enum(members=members):
            schema: Schema = {"description": "Mild to severe", "type": "string", "enum": list(members)}
        case Record(fields=fields):
            schema = _object(list(fields), definitions)
        case _:
            assert isinstance(kind, Unknown)
            raise ValueError("a pack with errors reads no snapshot")
    if not kind.name:
        return schema
    definitions.setdefault(kind.name, schema)
    return {"$ref": f"#/$defs/{kind.name}"}


def _bounds(low: float | None, high: float | None) -> Schema:
    return {name: end for name, end in (("minimum", low), ("maximum", high)) if end is not None}


__all__ = ["description", "fields_of", "snapshot_schema"]
