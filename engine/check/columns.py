"""The columns of a table and the cells of its rows, as tables of rules and tables of values have them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .. import ir
from ..diagnostics import did_you_mean
from ..document import Document, Scalar
from ..document import Mapping as MappingNode
from ..types import BOOLEAN, UNKNOWN
from . import expressions
from .cells import cell
from .declarations import section
from .loops import Block
from .presence import prefixes
from .scope import NO_FACTS, Scope

ROW_KEYS = frozenset({"then", "because", "severity", "enabled", "why", "value"})
Cells = list[ir.Expr | None]


@dataclass(frozen=True, slots=True)
class WrittenColumn:
    """A column, and the paths that are present where it is."""

    name: str
    value: ir.Expr
    present: frozenset[str]


def read_columns(scope: Scope, node: MappingNode, block: Block) -> list[WrittenColumn]:
    return [_column(scope, name, value, block) for name, value in section(node, "match")]


def _column(scope: Scope, key: Scalar, node: Document, block: Block) -> WrittenColumn:
    if not isinstance(node, Scalar):
        return WrittenColumn(key.text, ir.Literal(type=UNKNOWN, value=None), NO_FACTS)
    context = expressions.read(scope, node, names=block.names, facts=block.facts)
    value = expressions.infer(context)
    return WrittenColumn(key.text, value, prefixes(context.parsed.node) if context else NO_FACTS)


def rows_of(node: MappingNode, hit: str) -> Sequence[tuple[Scalar, Document]]:
    """The rows as written; only where the first one counts has their order a meaning."""
    rows = node.get("rows")
    entries = rows.entries if isinstance(rows, MappingNode) else ()
    return entries if hit == "first" else sorted(entries, key=lambda entry: entry[0].text)


def read_cells(
    scope: Scope, table: str, node: MappingNode, columns: Sequence[WrittenColumn], block: Block
) -> tuple[Cells, Block]:
    """The conditions of a row, nothing where it leaves a column out, and what is known where it is hit."""
    conditions: Cells = []
    for column in columns:
        written = node.get(column.name)
        if written is None:
            conditions.append(None)
            continue
        computed = column.value
        name = f"{table}.{column.name}"
        value = ir.Defined(type=computed.type, optional=computed.optional, span=computed.span, name=name)
        test, tells_presence = cell(scope, written, value)
        conditions.append(test)
        block = block.knowing(column.present) if tells_presence else block
    _unknown_cells(scope, node, columns)
    return conditions, block


def _unknown_cells(scope: Scope, node: MappingNode, columns: Sequence[WrittenColumn]) -> None:
    names = [column.name for column in columns]
    for key, _ in node.entries:
        if key.text not in ROW_KEYS and key.text not in names:
            near = did_you_mean(key.text, (*names, *ROW_KEYS))
            scope.report("FB301", key.span, kind="column", name=key.text, help=near)


def all_of(conditions: Cells) -> ir.Expr:
    return ir.And(type=BOOLEAN, terms=tuple(test for test in conditions if test is not None))


def joined(columns: Sequence[WrittenColumn], rows: Sequence[Cells]) -> tuple[ir.Column, ...]:
    """The columns, each with its cells."""
    return tuple(
        ir.Column(name=column.name, value=column.value, cells=tuple(row[i] for row in rows))
        for i, column in enumerate(columns)
    )
