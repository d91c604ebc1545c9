"""Tables of values: definitions whose rows have a `value`."""

from __future__ import annotations

from .. import ir
from ..document import Mapping, Scalar
from ..types import UNKNOWN, Type
from .columns import Cells, WrittenColumn, all_of, joined, read_cells, read_columns, rows_of
from .declarations import flag, is_enabled, read_type, text_of
from .loops import Block
from .scope import Scope
from .structures import value_of


def read_lookup(scope: Scope, name: str, node: Mapping) -> ir.Expr:
    """The table as an expression; it is optional where a row's value may be missing, or no row may be hit."""
    kind = read_type(scope, node)
    columns = read_columns(scope, node, Block())
    hit = text_of(node.get("hit"), "unique")
    rows, cells = [], []
    for key, spec in rows_of(node, hit):
        if isinstance(spec, Mapping) and is_enabled(spec):
            row, conditions = _row(scope, f"definitions.{name}", key, spec, columns, kind)
            rows.append(row)
            cells.append(conditions)
    complete = flag(node.get("complete"), default=True)
    return ir.Lookup(
        type=kind if rows else UNKNOWN,
        optional=not complete or any(row.value.optional for row in rows),
        span=node.span,
        name=name,
        hit=hit,  # type: ignore[arg-type]  # the schema admits no other
        complete=complete,
        columns=joined(columns, cells),
        rows=tuple(rows),
    )


def _row(
    scope: Scope, table: str, key: Scalar, node: Mapping, columns: list[WrittenColumn], kind: Type
) -> tuple[ir.LookupRow, Cells]:
    conditions, block = read_cells(scope, table, node, columns, Block())
    value = value_of(scope, node.get("value"), kind, optional=True, facts=block.facts, bare=True)
    return ir.LookupRow(id=key.text, when=all_of(conditions), value=value, span=key.span), conditions
