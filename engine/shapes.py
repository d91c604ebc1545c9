"""What a pack means, as plain lists and texts: without positions, prose, or an order that means nothing.

Two packs of the same shape decide alike. The hash of a shape is a released version's *meaning*. What is as it is by
default is left out, so that a construct which the IR learns later changes no hash of a pack that does not use it.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass, replace
from functools import cache
from typing import Any

from . import ir, types
from .canonical import digest
from .functions import FUNCTIONS
from .state_functions import STATE_FUNCTIONS
from .state_kinds import described, kind_of
from .types import MAX_INTEGER, Field, Record
from .units import Unit
from .zones import Zone

Shape = Any  # of JSON's values
_PROSE = frozenset({"because", "why", "title", "summary", "span", "layer", "hash", "version"})  # the last two of a part
_NOT_MEANT = frozenset({"name", "enums"}) | _PROSE  # of the pack itself; its enums are where they are used
_UNORDERED = frozenset({"requires", "invariants", "slots", "inputs"})


def meaning_of(pack: ir.Pack) -> Shape:
    """All that decisions depend on, with the versions of the functions that are called."""
    kept = {name: part for name, part in _parts(pack).items() if name not in _NOT_MEANT}
    return {**kept, "functions": called(pack)}


def contract_of(pack: ir.Pack) -> dict[str, Shape]:
    """What callers and kept states depend on, by `section.name`."""
    values = {name: each.value for name, each in pack.parameters.items()}
    found = {f"inputs.{each.source}": shape_of(_place(each)) for each in pack.inputs}
    for name, output in pack.outputs.items():
        place = Field(name, output.type, output.optional, output.low, output.high)
        found[f"outputs.{name}"] = shape_of(_place(place))
    for slot in pack.slots:
        found[f"state.{slot.name}.{slot.kind}"] = state_of(slot, values)
    if pack.emits:
        found["emits"] = shape_of(pack.emits.record)
    found["key"], found["step"] = pack.key, pack.step
    return found


def state_of(slot: ir.Slot, values: Mapping[str, ir.Value]) -> str:
    """What a slot keeps, in words."""
    return kind_of(slot, values) if slot.kind == "state" else f"the previous {described(slot.type)}"


def _place(field: Field) -> Field:
    """A place for a value, but for how its faults are treated."""
    return replace(field, name=field.source, key="", age=None, forgiving=False, drops=False, requires=())


def shape_of(value: object) -> Shape:
    match value:
        case Zone(name=name):
            return name
        case Unit():
            return str(value)
        case ir.Table() | ir.Lookup() if value.hit != "first" and value.rows:
            return [type(value).__name__, _parts(_in_order(value))]
        case types.Record() | types.List() | types.Vector() | types.Map() | types.Enum():
            return _of_type(value)
        case _ if is_dataclass(value) and not isinstance(value, type):
            return [type(value).__name__, _parts(value)]
        case Mapping():
            return {key: shape_of(each) for key, each in sorted(value.items())}
        case tuple() | list():
            return [shape_of(each) for each in value]
        case int() if abs(value) > MAX_INTEGER:
            return str(value)  # a time beyond what JSON keeps
    return value


@cache
def _of_type(kind: types.Type) -> str:
    """In short: each node has its type, and large ones would stand in the shape a thousand times."""
    return digest(_parts(kind))


def _in_order(table: ir.Table | ir.Lookup) -> ir.Table | ir.Lookup:
    """A table with its rows and columns by name."""
    names = [row if isinstance(row, str) else row.id for row in table.rows]
    order = sorted(range(len(names)), key=names.__getitem__)
    columns = tuple(
        replace(column, cells=tuple(column.cells[row] for row in order))
        for column in sorted(table.columns, key=lambda column: column.name)
    )
    return replace(table, columns=columns, rows=tuple(table.rows[row] for row in order))  # type: ignore[arg-type]


def _parts(value: Any) -> dict[str, Shape]:
    """The fields of a node, but for those that are as they are by default."""
    given = ((name, getattr(value, name), usual) for name, usual in _compared(_kind(value)))
    return {name: _part(name, each) for name, each, usual in given if type(each) is not type(usual) or each != usual}


def _part(name: str, value: object) -> Shape:
    shape = shape_of(value)
    if name in _UNORDERED and isinstance(shape, list):
        return sorted(shape, key=digest)
    return shape


def _kind(value: object) -> Any:  # a type of dataclasses is hashable, which mypy denies
    return type(value)


@cache
def _compared(kind: Any) -> tuple[tuple[str, object], ...]:
    """The fields that count, each with its default."""
    return tuple((each.name, _usual(each)) for each in fields(kind) if each.compare and each.name not in _PROSE)


def _usual(field: dataclasses.Field[Any]) -> object:
    return field.default_factory() if field.default_factory is not dataclasses.MISSING else field.default


def called(pack: ir.Pack) -> dict[str, int]:
    """The functions that decisions call, with the version of each."""
    found = {}
    for expression in expressions(pack):
        for node in ir.walk(expression):
            if isinstance(node, ir.Call) and node.function in FUNCTIONS:
                found[node.function] = FUNCTIONS[node.function].version
            elif isinstance(node, ir.Advance):
                found[node.function] = STATE_FUNCTIONS[node.function].version
    return found


def expressions(pack: ir.Pack) -> Iterable[ir.Expr]:
    """All that a decision evaluates, reasons left out."""
    for part in (pack.steps, pack.rules, pack.outputs, pack.intents, pack.requires, pack.tables, pack.groups):
        yield from _expressions(part)


def _expressions(value: object) -> Iterable[ir.Expr]:
    match value:
        case ir.Node():
            yield value  # type: ignore[misc]  # every node is one of the closed kinds
        case Mapping():
            for each in value.values():
                yield from _expressions(each)
        case tuple():
            for each in value:
                yield from _expressions(each)
        case _ if is_dataclass(value) and not isinstance(value, type | Record):
            for name, _ in _compared(_kind(value)):
                yield from _expressions(getattr(value, name))


def meaning_hash(pack: ir.Pack) -> str:
    return digest(meaning_of(pack))


def vocabulary_hash(kinds: Mapping[str, types.Type], roles: Mapping[str, ir.Emits]) -> str:
    return digest({"types": {name: _of_type(kind) for name, kind in kinds.items()}, "roles": shape_of(roles)})


__all__ = [
    "Shape",
    "called",
    "contract_of",
    "expressions",
    "meaning_hash",
    "meaning_of",
    "shape_of",
    "state_of",
    "vocabulary_hash",
]
