"""Which constructs of the language a pack uses: keys and words of its YAML, nodes and steps of its IR, functions."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from functools import cache
from typing import Any, get_args

from jsonschema import Draft202012Validator

from flyball.engine import ir
from flyball.engine.functions import TABLE, Function
from flyball.engine.state_functions import STATE_TABLE
from flyball.loaders.pack_schema import SCHEMAS

Schema = Mapping[str, Any]
_PROSE = frozenset({"title", "summary", "notes", "why", "pack", "version", "language", "env", "description"})


@cache
def _root() -> Schema:
    found: Schema = json.loads((SCHEMAS / "pack.schema.json").read_text(encoding="utf-8"))
    return found


def _resolved(schema: Schema) -> Schema:
    while "$ref" in schema:
        schema = {
            **_root()["$defs"][schema["$ref"].rpartition("/")[2]],
            **{k: v for k, v in schema.items() if k != "$ref"},
        }
    return schema


def every() -> dict[str, list[str]]:
    """All constructs there are, by kind."""
    return {
        "Keys and words of a pack": sorted(set(_declared())),
        "Nodes of expressions": sorted(kind.__name__ for kind in get_args(ir.Expr)),
        "Steps": sorted(kind.__name__ for kind in get_args(ir.Step)),
        "Functions and operators": sorted({_label(each) for each in TABLE}),
        "State functions": sorted(each.key for each in STATE_TABLE),
    }


def _label(function: Function) -> str:
    return function.written or f"{function.name}(…)"


def _declared() -> Iterator[str]:
    """Every key that the schema knows, and every word where it admits a few."""
    for definition in ({**_root(), "title": "a pack"}, *_root()["$defs"].values()):
        yield from _declared_in(definition, {})


def _declared_in(schema: Schema, around: Schema) -> Iterator[str]:
    title = schema.get("title", around.get("title", ""))
    for key, part in schema.get("properties", {}).items():
        if key in _PROSE or set(part) <= {"const", "description", "pattern", "type"}:
            continue
        yield f"{title}: {key}"
        yield from (f"{title}: {key}: {word}" for word in _words(_resolved(part)))
    for branch in ("then", "else"):
        if branch in schema:
            yield from _declared_in(schema[branch], {"title": title})
    for branch in schema.get("allOf", ()):
        yield from _declared_in(branch, {"title": title})


def _words(schema: Schema) -> list[str]:
    return [word for word in schema.get("enum", ()) if isinstance(word, str)]


def used_in_text(document: object) -> set[str]:
    """The keys and words of a pack's document, as plain data."""
    return set(_used(document, {**_root(), "title": "a pack"}))


def _used(node: object, schema: Schema) -> Iterator[str]:
    for form in _forms(node, _resolved(schema)):
        if isinstance(node, dict):
            yield from _used_keys(node, form)
        elif isinstance(node, list) and "items" in form:
            for each in node:
                yield from _used(each, form["items"])


def _used_keys(node: Mapping[str, Any], form: Schema) -> Iterator[str]:
    title = form.get("title", "")
    for key, value in node.items():
        part = form.get("properties", {}).get(key)
        if part is not None:
            yield f"{title}: {key}"
            if value in _words(_resolved(part)) if isinstance(value, str) else False:
                yield f"{title}: {key}: {value}"
        part = part or next(iter(form.get("patternProperties", {}).values()), None) or form.get("additionalProperties")
        if isinstance(part, dict):
            yield from _used(value, part)


def _forms(node: object, schema: Schema) -> Iterator[Schema]:
    """The schema and what of its conditions applies, each under a title."""
    yield schema
    title = {"title": schema.get("title", "")}
    if "if" in schema:
        branch = "then" if _fits(node, schema["if"]) else "else"
        if branch in schema:
            yield from _forms(node, {**title, **_resolved(schema[branch])})
    for part in schema.get("allOf", ()):
        yield from _forms(node, {**title, **_resolved(part)})


def _fits(node: object, condition: Schema) -> bool:
    return Draft202012Validator({**condition, "$defs": _root()["$defs"]}).is_valid(node)


def used_in_ir(pack: ir.Pack) -> set[str]:
    """The nodes, steps, state functions and (by operation) operators of a checked pack."""
    found = set(_nodes(pack))
    return found | {_label(each) for each in TABLE if each.written and each.operation in found}


def called_in(text: str) -> set[str]:
    """The functions that a pack's text calls."""
    names = set(re.findall(r"(\w+)\(", text))
    return {_label(each) for each in TABLE if not each.written and each.name in names}


def _nodes(value: Any) -> Iterator[str]:
    if isinstance(value, tuple | list | Mapping):
        for each in value.values() if isinstance(value, Mapping) else value:
            yield from _nodes(each)
    elif is_dataclass(value) and not isinstance(value, type):
        yield type(value).__name__
        match value:
            case ir.Call(function=name) | ir.Advance(function=name):
                yield name
            case ir.Chain(rest=rest):
                yield from (name for name, _ in rest)
        for each in fields(value):
            if each.name not in ("span", "type"):
                yield from _nodes(getattr(value, each.name))
