"""What a used pack is bound to: a value is held against the contract of the input that it stands for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from . import ir
from .diagnostics import Diagnostic
from .requirements import Rules
from .snapshot import Reading, export, read_dated, read_value
from .types import Document, Field, Integer, List, Map, Number, Record, Text, Type, Vector


def bound(rules: Rules, step: ir.Bind, value: Any, moment: Any, now: Any) -> Reading:
    """The value as the input has it, and what is said of it.

    It is read like a snapshot's. What holds a document cannot: linking sees to it that its contract is that of where it
    comes from.
    """
    path = tuple(ir.shown(step.name).split("."))
    faults: list[Diagnostic] = []
    warnings: list[Diagnostic] = []
    if not holds_document(step.place.type):
        value, faults, warnings = read_value(rules, step.place, export(value, step.value.type), now, path)
    if step.place.dated_by and not faults:
        paths = path, (path[0], step.place.dated_by)
        value, faults, more = read_dated(rules, step.place, value, moment, now, paths)
        warnings = [*warnings, *more]
    return Reading({step.name: value}, [replace(each, span=step.value.span) for each in faults], warnings)


def fits(place: Field, value: Any) -> bool:
    """Whether a run-time value keeps to a place that asks for no more than its type and the ends of its values."""
    if value is None:
        return place.optional
    match place.type:
        case Number() | Integer():
            return (place.low is None or place.low <= value) and (place.high is None or value <= place.high)
        case Text(max_length=limit):
            return len(value) <= limit
        case List(item=item, max_items=limit):
            return len(value) <= limit and all(fits(item, each) for each in value) and _are_keyed(place.type, value)
        case Vector(item=item):
            return all(fits(item, each) for each in value)
        case Map(item=item, max_items=limit, key=key):
            return len(value) <= limit and all(len(name) <= key.max_length and fits(item, each) for name, each in value)
        case Record(fields=fields):
            return all(fits(part, each) for part, each in zip(fields, value, strict=True))
    return True


def _are_keyed(kind: List, items: Sequence[Any]) -> bool:
    if not kind.key or not isinstance(kind.item.type, Record):
        return True
    places = [found[0] for name in kind.key if (found := kind.item.type.field(name))]
    return len({tuple([item[place] for place in places]) for item in items}) == len(items)


def holds_document(kind: Type) -> bool:
    match kind:
        case Record(fields=fields):
            return any(holds_document(each.type) for each in fields)
        case List(item=item) | Vector(item=item) | Map(item=item):
            return holds_document(item.type)
    return isinstance(kind, Document)


__all__ = ["bound", "fits", "holds_document"]
