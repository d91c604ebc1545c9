"""Decision tables under their effective parameters: gaps, overlaps and rows that nothing can reach."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import reduce
from itertools import combinations
from operator import or_

from . import ir
from .constants import Values
from .diagnostics import Diagnostic, Related
from .faults import Located
from .grid import MAX_CELLS, Grid, bits, grid_of
from .in_force import Effective, in_every_period
from .reporting import fault_diagnostic
from .requirements import parameters_in
from .source import Span

MAX_FINDINGS = 50  # of one kind for one table; what is left shows when these are mended
_Spans = Mapping[str, Span | None]


def check_tables(pack: ir.Pack, in_force: Effective, only: str | None = None) -> list[Diagnostic]:
    """What is wrong with the rows of a pack's tables, taken together, under the parameters of any period.

    `only` those tables are looked at whose cells read that parameter.
    """
    return in_every_period(in_force, lambda period: _check_all(pack, period.values, only))


def _check_all(pack: ir.Pack, parameters: Values, only: str | None) -> list[Diagnostic]:
    tables = [table for table in pack.tables.values() if table.hit != "collect"]
    found = [(table, {row: pack.rules[row].span for row in table.rows}) for table in tables]
    lookups = [step.value for step in pack.steps if isinstance(step, ir.Define) and isinstance(step.value, ir.Lookup)]
    found += [(_as_table(each), {f"{each.name}.{row.id}": row.span for row in each.rows}) for each in lookups]
    read = [each for each in found if only is None or only in _parameters(each[0])]
    return [finding for table, spans in read for finding in _check(pack, table, spans, parameters)]


def _parameters(table: ir.Table) -> set[str]:
    cells = [cell for column in table.columns for cell in column.cells if cell is not None]
    return {name for cell in cells for name in parameters_in(cell)}


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
        grid = grid_of(pack, table, parameters)
    except Located as located:
        yield fault_diagnostic(pack, located.fault, located.span)
        return
    if isinstance(grid, str):
        yield from _unchecked(table, grid)
        return
    dead = list(_dead_rows(spans, grid))
    yield from _gap(grid) if table.complete and not _misses(grid) else ()
    yield from _overlaps(spans, grid) if table.hit == "unique" else ()
    yield from dead


def _misses(grid: Grid) -> bool:
    """Whether some row matches nothing, which may have been meant for what is left out."""
    return reduce(or_, grid.cells, 0) != (1 << len(grid.table.rows)) - 1


def _unchecked(table: ir.Table, reason: str) -> Iterator[Diagnostic]:
    """A `first` table needs no grid where it may have gaps, or has a row that matches everything."""
    if table.hit == "unique":
        yield Diagnostic.of("FB404", table.span, table=table.id, reason=reason)
    elif table.complete and not any(_is_open(table, row) for row in range(len(table.rows))):
        advice = "end it with a row without cells, or say `complete: false`"
        yield Diagnostic.of("FB404", table.span, table=table.id, reason=reason, help=advice)


def _is_open(table: ir.Table, row: int) -> bool:
    return all(column.cells[row] is None for column in table.columns)


# Findings


def _gap(grid: Grid) -> Iterator[Diagnostic]:
    gaps = [cell for cell, rows in enumerate(grid.cells) if not rows]
    if gaps:
        table, more = grid.table, len(gaps) - 1
        advice = "add a row for it, or say `complete: false`"
        if more:
            advice += f"; {more} more of {len(grid.cells)} combinations {'has' if more == 1 else 'have'} no row"
        yield Diagnostic.of("FB402", table.span, table=table.id, example=grid.example(gaps[0]), help=advice)


def _overlaps(spans: _Spans, grid: Grid) -> Iterator[Diagnostic]:
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
            for pair in combinations(bits(rows), 2):
                if len(found) == MAX_FINDINGS:
                    return found
                found.setdefault(pair, cell)
    return found


def _related(spans: _Spans, grid: Grid, rows: Iterable[int]) -> list[Related]:
    places = [(spans[grid.table.rows[row]], f"row `{grid.row(row)}`") for row in rows]
    return [Related(span, message) for span, message in places if span]


def _dead_rows(spans: _Spans, grid: Grid) -> Iterator[Diagnostic]:
    """Rows that match nothing, and those of a `first` table behind rows that match all that they match."""
    together = set(grid.cells)
    hits = reduce(or_, (rows & -rows if grid.table.hit == "first" else rows for rows in together), 0)
    dead = [row for row in range(len(grid.table.rows)) if not hits >> row & 1]
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
