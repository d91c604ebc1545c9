"""Conditions that are part of a pack's contract with its inputs, and what is said where one does not hold."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

from . import ir
from .constants import constant, written
from .diagnostics import Diagnostic
from .faults import Located
from .types import Record


@dataclass(frozen=True, slots=True)
class Rules:
    """What a pack asks of snapshots beyond types, under its effective parameters; limits in microseconds.

    What stands on a parameter that is `lacking` asks for nothing: nobody can judge by it.
    """

    limits: Mapping[str, int] = field(default_factory=dict)
    contracts: Mapping[str, ir.Requirement] = field(default_factory=dict)
    parameters: Mapping[str, ir.Value] = field(default_factory=dict)
    lacking: Collection[str] = ()

    def judges(self, requirement: ir.Requirement) -> bool:
        return not self.lacking or set(self.lacking).isdisjoint(parameters_in(requirement.condition))


def breach(
    requirement: ir.Requirement, parameters: Mapping[str, ir.Value], values: Mapping[str, ir.Value]
) -> Diagnostic | None:
    """What is wrong where `values`, of inputs or of a record's fields, break a requirement; a fault of it does too."""
    condition = requirement.condition
    try:
        if constant(condition, parameters, values):
            return None
    except Located as located:
        span = located.span
        text = " ".join(span.text.split()) if span else ""
        return Diagnostic.of(located.fault.code, span, text=text, **located.fault.values)  # type: ignore[arg-type]  # no `help` in it
    shown = dict(_shown(condition, parameters, values))
    text = ", ".join(f"{name} = {value}" for name, value in sorted(shown.items()))
    return Diagnostic.of("FB715", requirement.span, name=ir.shown(requirement.id), values=text)


def _shown(
    expr: ir.Expr, parameters: Mapping[str, ir.Value], values: Mapping[str, ir.Value]
) -> Iterator[tuple[str, str]]:
    """The names that a condition reads with their values, but for lists, records and vectors as a whole."""
    name = _path(expr)
    if name is None:
        for child in ir.children(expr):
            yield from _shown(child, parameters, values)
    elif isinstance(expr, ir.Parameter) or name.partition(".")[0] in values:  # else it is the item of a comprehension
        value = constant(expr, parameters, values)
        if not isinstance(value, tuple):
            yield ir.shown(name), written(value, expr.type)


def _path(expr: ir.Expr) -> str | None:
    match expr:
        case ir.Input(name=name) | ir.Local(name=name) | ir.Parameter(name=name) | ir.Defined(name=name):
            return name
        case ir.Get(record=record, index=index) if isinstance(record.type, Record):
            whole = _path(record)
            return whole and f"{whole}.{record.type.fields[index].name}"
    return None


def parameters_in(expr: ir.Expr) -> list[str]:
    """The parameters that an expression reads, in the order written."""
    return list(dict.fromkeys(node.name for node in ir.walk(expr) if isinstance(node, ir.Parameter)))


def inputs_in(expr: ir.Expr) -> set[str]:
    return {node.name for node in ir.walk(expr) if isinstance(node, ir.Input)}
