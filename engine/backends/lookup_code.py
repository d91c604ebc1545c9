"""Tables of values as generated code."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Protocol

from .. import ir
from ..constants import constant
from .operation_code import choice

_MOST = 16  # rows that are tried one behind the other; Python nests choices only so deep


class Writer(Protocol):
    """What a table needs of the one who writes expressions."""

    @property
    def parameters(self) -> Mapping[str, ir.Value]: ...
    @property
    def constants(self) -> dict[str, Any]: ...
    @property
    def located(self) -> bool: ...

    def write(self, expr: ir.Expr) -> str: ...
    def constant(self, value: ir.Value) -> str: ...
    def spelled(self, names: Mapping[tuple[str, str], str]) -> Writer: ...


def looked_up(writer: Writer, expr: ir.Lookup) -> str:
    """The number of the row that is hit, then its value. Columns and number are loops over the one value that they
    have; rows stand beside each other. That they do not overlap was proved when the pack was loaded.
    """
    spellings = {column.name: _local(expr, column) for column in expr.columns}
    inner = _inside(writer, expr, spellings)
    rows = (f"({inner.write(row.when)} and {number}) or " for number, row in enumerate(expr.rows, 1))
    number = f"{''.join(rows)}{_no_row(writer, expr)}"
    bound = " ".join(f"for {spellings[each.name]} in ({writer.write(each.value)},)" for each in expr.columns)
    values = [row.value for row in expr.rows]
    if all(isinstance(each, ir.Literal | ir.Parameter) for each in values):
        known = writer.constant((None, *(constant(each, writer.parameters) for each in values)))
        return f"[{known}[{number}] {bound}][0]"
    chosen = f"c_{expr.name}_L"
    value = choice(["None", *map(inner.write, values)], chosen, 0)
    return f"[{value} {bound} for {chosen} in ({number},)][0]"


def chosen_lines(writer: Writer, expr: ir.Lookup, local: str) -> Iterator[str]:
    """The same as statements that give the value to a local, where there are few rows."""
    spellings = {}
    for column in expr.columns:
        written = writer.write(column.value)
        spellings[column.name] = written if written.isidentifier() else _local(expr, column)
        if not written.isidentifier():
            yield f"{_local(expr, column)} = {written}"
    inner = _inside(writer, expr, spellings)
    for number, row in enumerate(expr.rows):
        yield f"{'elif' if number else 'if'} {inner.write(row.when)}: {local} = {inner.write(row.value)}"
    yield f"else: {'raise Unusual' if expr.complete else f'{local} = None'}"


def has_few_rows(expr: ir.Expr) -> bool:
    return isinstance(expr, ir.Lookup) and 0 < len(expr.rows) <= _MOST


def _local(expr: ir.Lookup, column: ir.Column) -> str:
    return f"c_{expr.name}_L_{column.name}"


def _inside(writer: Writer, expr: ir.Lookup, spellings: dict[str, str]) -> Writer:
    return writer.spelled({("definition", f"{expr.table}.{name}"): spelling for name, spelling in spellings.items()})


def _no_row(writer: Writer, expr: ir.Lookup) -> str:
    if not expr.complete:
        return "0"
    if not writer.located:
        return "no_row()"
    place = f"AT{len(writer.constants)}"
    writer.constants[place] = expr.span
    return f"no_row({place}, {expr.name!r})"


__all__ = ["chosen_lines", "has_few_rows", "looked_up"]
