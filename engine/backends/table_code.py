"""Decision tables as generated code."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

from .. import ir
from ..types import Boolean, Enum
from .draft import Draft, local_of
from .expressions import Writer
from .runtime import RUNTIME

_MAX_TABLE = 4_096


@dataclass
class TableCode:
    """Writes tables: over few enums and booleans as one look-up, others row by row."""

    draft: Draft

    def match(self, table: ir.Table) -> None:
        if table.loop is None and self.is_small(table):
            self._looked_up(table)
            return
        self.draft.add(f"# table {table.id}")
        if table.loop is not None:
            self._loop_table(table, table.loop)
        else:
            for column in table.columns:
                self._column(table, column, self.draft.writer, 0)
            gated = self.draft.has_gate(table.group)
            if gated:
                self.draft.add(f"if g_{table.group}:")
            self._hits(table, 1 if gated else 0)

    def is_small(self, table: ir.Table) -> bool:
        """Whether the rows of every combination of the columns' values can be worked out beforehand."""
        cells = [cell for column in table.columns for cell in column.cells if cell]
        return _cells_of(table) <= _MAX_TABLE and not any(map(self.draft.writer.can_fail, cells))

    def _column(self, table: ir.Table, column: ir.Column, writer: Writer, depth: int) -> None:
        name = f"c_{table.id}_C_{column.name}"
        self.draft.names["definition", f"{table.id}.{column.name}"] = name
        self.draft.add(f"{name} = {writer.write(column.value)}", depth)

    def _hits(self, table: ir.Table, depth: int) -> None:
        """The bits of the rows that are hit. Unique rows do not overlap: that was proved at load. Python nests choices
        only so deep, and therefore the rows stand beside each other.
        """
        conditions = self._conditions(table, self.draft.writer)
        if table.hit == "collect":
            for row, condition in conditions:
                self.draft.add(f"if {condition}: fired += {self.draft.bits[row]}", depth)
        else:
            rows = "".join(f"({condition} and {self.draft.bits[row]}) or " for row, condition in conditions)
            self.draft.add(f"fired += {rows}{'no_row()' if table.complete else '0'}", depth)

    def _conditions(self, table: ir.Table, writer: Writer) -> list[tuple[str, str]]:
        return [(row, writer.write(self.draft.when(self.draft.pack.rules[row]))) for row in table.rows]

    def _looked_up(self, table: ir.Table) -> None:
        mask = self.look_up(table)
        if self.draft.has_gate(table.group) and any(
            self.draft.writer.can_fail(column.value) for column in table.columns
        ):
            self.draft.add(f"row = {mask}")
            mask = "row"
        self.draft.under(table.group, f"fired += {mask}", f"table {table.id}")

    def look_up(self, table: ir.Table) -> str:
        """A table over enums and booleans: one tuple of masks, indexed by the columns."""
        domains = [_members(column.value) or range(0) for column in table.columns]
        for i, column in enumerate(table.columns):
            self.draft.names["definition", f"{table.id}.{column.name}"] = f"c{i}"
        rows = [self.draft.writer.write(self.draft.when(self.draft.pack.rules[row])) for row in table.rows]
        names = ", ".join(f"c{i}" for i in range(len(domains)))
        judge = eval(f"lambda {names}: [{', '.join(rows)}]", dict(self.draft.constants) | dict(RUNTIME))
        self.draft.constants[f"TABLE_{table.id}"] = tuple(
            self._mask_of(table, judge(*cell)) for cell in product(*domains)
        )
        index = ""
        for column, domain in zip(table.columns, domains, strict=True):
            value = self.draft.writer.write(column.value)
            index = f"({index}) * {len(domain)} + {value}" if index else value
        return f"TABLE_{table.id}[{index}]"

    def _mask_of(self, table: ir.Table, holds: Sequence[bool]) -> int | None:
        """The rows that fire; nothing (which stops the decision) where a complete table has none."""
        hits = [self.draft.bits[row] for row, hit in zip(table.rows, holds, strict=True) if hit]
        if table.hit == "unique" and (len(hits) > 1 or (table.complete and not hits)):
            return None
        return sum(hits[:1] if table.hit == "first" else hits)

    def _loop_table(self, table: ir.Table, loop: ir.Loop) -> None:
        for row in table.rows:
            self.draft.add(f"f_{local_of(row)} = []")
        inner, depth = self.draft.open_loop(loop)
        for column in table.columns:
            self._column(table, column, inner, depth)
        if self.draft.has_gate(table.group):
            self.draft.add(f"if not g_{table.group}: continue", depth)
        leave = "" if table.hit == "collect" else "; continue"
        for row, condition in self._conditions(table, inner):
            kept = self.draft.payload(self.draft.pack.rules[row], loop, inner)
            self.draft.add(f"if {condition}: f_{local_of(row)}.append({kept}){leave}", depth)
        if table.complete:
            self.draft.add("raise Unusual", depth)
        for row in table.rows:
            self.draft.add(f"if f_{local_of(row)}: fired += {self.draft.bits[row]}")


def _members(expr: ir.Expr) -> range | None:
    """The run-time values of an enum or boolean that is always present."""
    if expr.optional:
        return None
    match expr.type:
        case Enum(members=members):
            return range(len(members))
        case Boolean():
            return range(2)
    return None


def _cells_of(table: ir.Table) -> int:
    count = 1
    for column in table.columns:
        count *= len(_members(column.value) or range(_MAX_TABLE + 1))
    return count
