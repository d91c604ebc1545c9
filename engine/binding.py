"""What a used pack is bound to: a value is held against the contract of the input that it stands for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from . import ir
from .diagnostics import Diagnostic
from .requirements import Rules, breach
from .snapshot import Reading, export, read_value
from .types import Document, List, Record, Type, Vector


def bound(rules: Rules, step: ir.Bind, value: Any, now: Any) -> Reading:
    """The value as the input has it, and what is said of it.

    It is read like a snapshot's. What holds a document cannot: linking sees to it that its contract is that of where it
    comes from.
    """
    name = ir.shown(step.name)
    if _holds_document(step.place.type):
        return Reading({step.name: value})
    found, faults, warnings = read_value(rules, step.place, export(value, step.value.type), now, tuple(name.split(".")))
    place = step.value.span
    return Reading({step.name: found}, [replace(each, span=place) for each in faults], list(warnings))


def broken(step: ir.Demand, parameters: Mapping[str, Any], values: Mapping[str, Any]) -> Diagnostic | None:
    """What is wrong where a requirement does not hold on what its part is bound to."""
    return breach(replace(step.requirement, id=ir.shown(step.requirement.id)), parameters, values)


def _holds_document(kind: Type) -> bool:
    match kind:
        case Record(fields=fields):
            return any(_holds_document(each.type) for each in fields)
        case List(item=item) | Vector(item=item):
            return _holds_document(item.type)
    return isinstance(kind, Document)


__all__ = ["bound", "broken"]
