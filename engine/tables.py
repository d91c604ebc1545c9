"""Decision tables under their effective parameters: gaps, overlaps and rows that nothing can reach.

Each column falls into pieces on which no cell changes: the members of an enum, the points that cells compare with and
the stretches between them, absence. One sample stands for a piece, so that the grid of all samples stands for every
snapshot; columns are taken to be independent of each other.
"""

from __future__ import annotations

import math
import sys
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import accumulate, combinations
from operator import xor
from typing import Any

from . import ir
from .constants import Values, constant, written
from .diagnostics import Diagnostic, Related
from .faults import Located
from .reporting import fault_diagnostic
from .source import Span
from .times import parse_time
from .types import MAX_INTEGER, Boolean, Enum, Field, Integer, List, Number, Record, Time, Type, Vector

MAX_CELLS = 100_000
MAX_FINDINGS = 50  # of one kind for one table; what is left shows when these are mended
_Spans = Mapping[str, Span | None]
_COMPARISONS = ("lt", "le", "gt", "ge", "eq", "ne")


def check_tables(pack: ir.Pack, parameters: Values) -> list[Diagnostic]:
    """What is wrong with the rows of a pack's tables, taken together."""
    tables = [table for table in pack.tables.values() if table.hit != "collect"]
    found = [(table, {row: pack.rules[row].span for row in table.rows}) for table in tables]
    lookups = [step.value for step in pack.steps if isinstance(step, ir.Define) and isinstance(step.value, ir.Lookup)]
    found += [(_as_table(each), {f"{each.name}.{row.id}": row.span for row in each.rows}) for each in lookups]
    return [finding for table, spans in found for finding in _check(pack, table, spans, parameters)]


def _as_table(lookup: ir.Lookup) -> ir.Table:
    return ir.Table(
        id=lookup.name,
        hit=lookup.hit,
        complete=lookup.complete,
        columns=lookup.columns,
        rows=tuple(f"{lookup.name}.{row.id}" for row in lookup.rows),
        span=lookup.span,
    )


def _check(pack: ir.Pack, table: ir.Table, spans: _Spans, parameters: Values) -> Iterator[Diagnostic]:
    try:
        grid = _grid(pack, table, parameters)
    except Located as located:
        yield fault_diagnostic(pack, located.fault, located.span)
        return
    if isinstance(grid, str):
        yield from _unchecked(table, grid)
        return
    yield from _gap(grid) if table.complete else ()
    yield from _dead_rows(spans, grid) if table.hit == "first" else _overlaps(spans, grid)


def _unchecked(table: ir.Table, reason: str) -> Iterator[Diagnostic]:
    """A `first` table needs no grid where it may have gaps, or has a row that matches everything."""
    if table.hit == "unique":
        yield Diagnostic.of("FB404", table.span, table=table.id, reason=reason)
    elif table.complete and not any(_is_open(table, row) for row in range(len(table.rows))):
        advice = "end it with a row without cells, or say `complete: false`"
        yield Diagnostic.of("FB404", table.span, table=table.id, reason=reason, help=advice)


def _is_open(table: ir.Table, row: int) -> bool:
    return all(column.cells[row] is None for column in table.columns)


# The grid


@dataclass(frozen=True, slots=True)
class _Axis:
    """A column: its samples in order, absence last, and for each of them a mask of the rows that match it."""

    label: str
    type: Type
    samples: Sequence[ir.Value]
    rows: Sequence[int]


@dataclass(frozen=True, slots=True)
class _Grid:
    """`cells` holds a mask of rows for each combination of samples, the last axis running fastest."""

    table: ir.Table
    axes: Sequence[_Axis]
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


def _grid(pack: ir.Pack, table: ir.Table, parameters: Values) -> _Grid | str:
    """The grid of a table, or why there is none. Columns that no row looks at are left out.

    Raises Located where a cell's constant has no value.
    """
    columns = [column for column in table.columns if any(column.cells)]
    samples = []
    for column in columns:
        found = _samples(column, parameters, _bounds(pack, table, column))
        if isinstance(found, str):
            return found
        samples.append(found)
    size = math.prod(len(each) for each in samples)
    if size > MAX_CELLS:
        return f"there are {size} combinations of values, more than {MAX_CELLS}"
    axes = [_axis(column, each, parameters) for column, each in zip(columns, samples, strict=True)]
    cells = [(1 << len(table.rows)) - 1]
    for axis in axes:
        cells = [before & rows for before in cells for rows in axis.rows]
    return _Grid(table, axes, cells)


def _axis(column: ir.Column, samples: Sequence[Any], parameters: Values) -> _Axis:
    optional = column.value.optional
    points = samples[:-1] if optional else samples
    every = (1 << len(samples)) - 1
    masks = [every if cell is None else _matching(cell, points, every, parameters) for cell in column.cells]
    return _Axis(_label(column), column.value.type, samples, _by_sample(masks, len(samples)))


def _label(column: ir.Column) -> str:
    """The column as its expression is written, where that is a path."""
    value = column.value
    is_path = all(isinstance(node, ir.Input | ir.Defined | ir.Output | ir.Local | ir.Get) for node in ir.walk(value))
    return value.span.text if is_path and value.span else column.name


def _by_sample(masks: Sequence[int], count: int) -> list[int]:
    """Masks of samples by row as masks of rows by sample."""
    toggles = [0] * (count + 1)
    for row, mask in enumerate(masks):
        for edge in _bits(mask ^ (mask << 1)):  # where the row begins or ceases to match
            toggles[edge] ^= 1 << row
    return list(accumulate(toggles, xor))[:count]


def _bits(mask: int) -> Iterator[int]:
    """The places of the ones, in ascending order."""
    while mask:
        yield (mask & -mask).bit_length() - 1
        mask &= mask - 1


# Cells


def _comparisons(cell: ir.Expr) -> Iterator[ir.Call | None]:
    """The comparisons of the column that a cell is made of; nothing stands for what is none."""
    match cell:
        case ir.And(terms=parts) | ir.Or(terms=parts) | ir.Call(function="not", args=parts):
            for part in parts:
                yield from _comparisons(part)
        case ir.Call(function=name, args=(ir.Defined(), _)) if name in _COMPARISONS:
            yield cell
        case ir.Call(function="present", args=(ir.Defined(),)):
            return
        case _:
            yield None


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


# Samples


_DAY = 86_400_000_000
_TIME_STEPS = tuple(Decimal(step) for step in (_DAY, 3_600_000_000, 60_000_000, 1_000_000, 1))
_TRIES = 20
_DOUBLE = sys.float_info.max
_ENDS: Mapping[type, tuple[float, float]] = {
    Number: (-_DOUBLE, _DOUBLE),
    Integer: (-MAX_INTEGER, MAX_INTEGER),
    Time: (parse_time("0001-01-01T00:00:00Z") or 0, parse_time("9999-12-31T23:59:59.999999Z") or 0),
}


def _samples(column: ir.Column, parameters: Values, bounds: tuple[float | None, float | None]) -> list[ir.Value] | str:
    """A value of every piece of a column, or why it has no pieces."""
    comparisons = [each for cell in column.cells if cell for each in _comparisons(cell)]
    cuts = {constant(each.args[1], parameters) for each in comparisons if each}
    found: list[ir.Value]
    match column.value.type:
        case _ if None in comparisons or None in cuts:
            return f"a cell of column `{column.name}` does not compare it with a constant"
        case Enum(members=members):
            found = list(range(len(members)))
        case Boolean():
            found = [False, True]
        case Number() | Integer() | Time() as kind:
            found = [_plain(first, last, kind) for first, last in _pieces(kind, cuts, *bounds)]
        case kind:
            return f"column `{column.name}` is {kind}"
    return [*found, None] if column.value.optional else found


def _pieces(kind: Type, cuts: Iterable[Any], low: float | None, high: float | None) -> Iterator[tuple[Any, Any]]:
    """The points that cells compare with and what lies between them, each from its first to its last value."""
    lowest, highest = _ENDS[type(kind)]
    first = lowest if low is None else max(low, lowest)
    last = highest if high is None else min(high, highest)
    before, after = _neighbours(kind)
    start: Any = first if isinstance(kind, Number) else math.ceil(first)
    for cut in sorted(each for each in cuts if first <= each <= last):
        if start <= before(cut):
            yield start, before(cut)
        if isinstance(kind, Number) or cut == int(cut):
            yield cut, cut
        start = after(cut)
    if start <= last:
        yield start, last if isinstance(kind, Number) else math.floor(last)


def _neighbours(kind: Type) -> tuple[Callable[[Any], Any], Callable[[Any], Any]]:
    """The values next below and next above a point."""
    if isinstance(kind, Number):
        return lambda cut: math.nextafter(cut, -math.inf), lambda cut: math.nextafter(cut, math.inf)
    return lambda cut: math.ceil(cut) - 1, lambda cut: math.floor(cut) + 1


def _plain(first: Any, last: Any, kind: Type) -> Any:
    """A value from `first` to `last` that is short to write: near the middle, or near the end that is bounded."""
    lowest, highest = _ENDS[type(kind)]
    whole: Callable[[Any], Any] = float if isinstance(kind, Number) else int
    if first == lowest and last == highest:
        return whole(0)
    if first == lowest:
        first = max(lowest, last - _reach(last, kind))
    elif last == highest:
        last = min(highest, first + _reach(first, kind))
    middle = (Decimal(first) + Decimal(last)) / 2
    for step in _steps(Decimal(last) - Decimal(first), kind):
        found = whole((middle / step).to_integral_value() * step)
        if first <= found <= last:
            return found + whole(0)  # no -0.0
    return whole(first)


def _reach(end: Any, kind: Type) -> Any:
    return 2 * _DAY if isinstance(kind, Time) else 2 * max(1, abs(end))


def _steps(width: Decimal, kind: Type) -> Iterable[Decimal]:
    if isinstance(kind, Time):
        return _TIME_STEPS
    return (Decimal(1).scaleb(width.adjusted() - i) for i in range(_TRIES))


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


# Findings


def _gap(grid: _Grid) -> Iterator[Diagnostic]:
    gaps = [cell for cell, rows in enumerate(grid.cells) if not rows]
    if gaps:
        table, more = grid.table, len(gaps) - 1
        advice = "add a row for it, or say `complete: false`"
        if more:
            advice += f"; {more} more of {len(grid.cells)} combinations {'has' if more == 1 else 'have'} no row"
        yield Diagnostic.of("FB402", table.span, table=table.id, example=grid.example(gaps[0]), help=advice)


def _overlaps(spans: _Spans, grid: _Grid) -> Iterator[Diagnostic]:
    for pair, cell in _pairs(grid.cells).items():
        names = " and ".join(f"`{grid.row(each)}`" for each in pair)
        yield Diagnostic.of(
            "FB403",
            grid.table.span,
            rows=names,
            table=grid.table.id,
            example=grid.example(cell),
            related=_related(spans, grid, pair),
        )


def _pairs(cells: Sequence[int]) -> dict[tuple[int, int], int]:
    """The pairs of rows that match together, each with the first cell where they do."""
    found: dict[tuple[int, int], int] = {}
    seen = set()
    for cell, rows in enumerate(cells):
        if rows & (rows - 1) and rows not in seen:
            seen.add(rows)
            for pair in combinations(_bits(rows), 2):
                if len(found) == MAX_FINDINGS:
                    return found
                found.setdefault(pair, cell)
    return found


def _related(spans: _Spans, grid: _Grid, rows: Iterable[int]) -> list[Related]:
    places = [(spans[grid.table.rows[row]], f"row `{grid.row(row)}`") for row in rows]
    return [Related(span, message) for span, message in places if span]


def _dead_rows(spans: _Spans, grid: _Grid) -> Iterator[Diagnostic]:
    """Rows of a `first` table behind rows that match all that they match."""
    together = set(grid.cells)
    firsts = {rows & -rows for rows in together}
    dead = [row for row in range(len(grid.table.rows)) if 1 << row not in firsts]
    for row in dead[:MAX_FINDINGS]:
        takers = {(rows & -rows).bit_length() - 1 for rows in together if rows >> row & 1}
        advice = None if takers else "no value matches its cells; mend or remove it"
        yield Diagnostic.of(
            "FB410",
            spans[grid.table.rows[row]],
            row=grid.row(row),
            table=grid.table.id,
            help=advice,
            related=_related(spans, grid, sorted(takers)[:MAX_FINDINGS]),
        )


__all__ = ["MAX_CELLS", "MAX_FINDINGS", "check_tables"]
