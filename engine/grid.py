"""A decision table as a grid of all combinations of values, with the rows that match each.

Each column falls into pieces on which no cell changes: the members of an enum, the points that cells compare with and
the stretches between them, absence. One sample stands for a piece, so that the grid of all samples stands for every
snapshot; columns are taken to be independent of each other.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from operator import xor
from typing import Any

from . import ir
from .constants import Values, constant, written
from .pieces import samples
from .types import Field, List, Record, Type, Vector

MAX_CELLS = 100_000


@dataclass(frozen=True, slots=True)
class Axis:
    """A column: its samples in order, absence last, and for each of them a mask of the rows that match it."""

    label: str
    type: Type
    samples: Sequence[ir.Value]
    rows: Sequence[int]


@dataclass(frozen=True, slots=True)
class Grid:
    """`cells` holds a mask of rows for each combination of samples, the last axis running fastest."""

    table: ir.Table
    axes: Sequence[Axis]
    cells: Sequence[int]

    def example(self, cell: int) -> str:
        """A snapshot in the cell: `regime = RANGING, quality = 0.2`."""
        parts = []
        for axis in reversed(self.axes):
            cell, index = divmod(cell, len(axis.samples))
            parts.append(f"{axis.label} = {written(axis.samples[index], axis.type)}")
        return ", ".join(reversed(parts)) or "anything"

    def row(self, index: int) -> str:
        return self.table.rows[index].removeprefix(f"{self.table.id}.")


def grid_of(pack: ir.Pack, table: ir.Table, parameters: Values) -> Grid | str:
    """The grid of a table, or why there is none. Columns that no row looks at are left out.

    Raises Located where a cell's constant has no value.
    """
    columns = [column for column in table.columns if any(column.cells)]
    of_columns = []
    for column in columns:
        found = samples(column, parameters, _bounds(pack, table, column))
        if isinstance(found, str):
            return found
        of_columns.append(found)
    size = math.prod(map(len, of_columns))
    if size > MAX_CELLS:
        return f"there are {size} combinations of values, more than {MAX_CELLS}"
    axes = [_axis(column, each, parameters) for column, each in zip(columns, of_columns, strict=True)]
    cells = [(1 << len(table.rows)) - 1]
    for axis in axes:
        cells = [before & rows for before in cells for rows in axis.rows]
    return Grid(table, axes, cells)


def _axis(column: ir.Column, values: Sequence[Any], parameters: Values) -> Axis:
    optional = column.value.optional
    points = values[:-1] if optional else values
    every = (1 << len(values)) - 1
    masks = [every if cell is None else _matching(cell, points, every, parameters) for cell in column.cells]
    return Axis(_label(column), column.value.type, values, _by_sample(masks, len(values)))


def _label(column: ir.Column) -> str:
    """The column as its expression is written, where that is a path."""
    value = column.value
    is_path = all(isinstance(node, ir.Input | ir.Defined | ir.Output | ir.Local | ir.Get) for node in ir.walk(value))
    return value.span.text if is_path and value.span else column.name


def _by_sample(masks: Sequence[int], count: int) -> list[int]:
    """Masks of samples by row as masks of rows by sample."""
    toggles = [0] * (count + 1)
    for row, mask in enumerate(masks):
        for edge in bits(mask ^ (mask << 1)):  # where the row begins or ceases to match
            toggles[edge] ^= 1 << row
    return list(accumulate(toggles, xor))[:count]


def bits(mask: int) -> Iterator[int]:
    """The places of the ones, in ascending order."""
    while mask:
        yield (mask & -mask).bit_length() - 1
        mask &= mask - 1


# Cells


def _matching(cell: ir.Expr, points: Sequence[Any], every: int, parameters: Values) -> int:
    """A mask of the samples that a cell matches; `points` are those that are present."""
    present = (1 << len(points)) - 1
    match cell:
        case ir.And(terms=terms):
            mask = every
            for term in terms:
                mask &= _matching(term, points, every, parameters)
            return mask
        case ir.Or(terms=terms):
            mask = 0
            for term in terms:
                mask |= _matching(term, points, every, parameters)
            return mask
        case ir.Call(function="not", args=(inner,)):
            return every ^ _matching(inner, points, every, parameters)
        case ir.Call(function=name, args=(_, value)):
            return _compared(name, points, constant(value, parameters), present)
    return present


def _compared(name: str, points: Sequence[Any], value: Any, present: int) -> int:
    below = (1 << bisect_left(points, value)) - 1
    up_to = (1 << bisect_right(points, value)) - 1
    match name:
        case "lt":
            return below
        case "le":
            return up_to
        case "gt":
            return present ^ up_to
        case "ge":
            return present ^ below
        case "eq":
            return up_to ^ below
    return present ^ up_to ^ below


# What the declared range of an input says of a column


def _bounds(pack: ir.Pack, table: ir.Table, column: ir.Column) -> tuple[float | None, float | None]:
    place = _place(pack, table.loop, column.value)
    return (place.low, place.high) if place else (None, None)


def _place(pack: ir.Pack, loop: ir.Loop | None, expr: ir.Expr) -> Field | None:
    """The part of the snapshot that an expression reads as it stands, if it does."""
    match expr:
        case ir.Input(name=name):
            return next((each for each in pack.inputs if each.name == name), None)
        case ir.Local(name=name) if loop:
            source = next((each.items for each in loop.sources if each.variable == name), None)
            values = _place(pack, loop, source) if source else None
            return values.type.item if values and isinstance(values.type, List) else None
        case ir.Get(record=record, index=index):
            owner = _place(pack, loop, record)
            return owner.type.fields[index] if owner and isinstance(owner.type, Record) else None
        case ir.Call(function="at", args=(vector, _)):
            owner = _place(pack, loop, vector)
            return owner.type.item if owner and isinstance(owner.type, Vector) else None
    return None


__all__ = ["MAX_CELLS", "Grid", "bits", "grid_of"]
