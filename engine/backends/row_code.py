"""Ordered selections from a list that is being read: their rows are made in the loop that reads it, sorted behind it.

A row begins with what orders it. That tells all rows apart, so that what stands behind it is never compared.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from .. import ir
from ..types import Field, List, Record
from .draft import JOIN, Draft
from .intervals import item_field


@dataclass
class RowCode:
    """`heads` are selections that are cut to their first item, and `targets` say how rows are taken apart."""

    draft: Draft
    heads: Mapping[str, ir.Select]
    targets: dict[str, str] = field(default_factory=dict)

    def riders(
        self, name: str, parts: tuple[str, ...], known: Callable[[ir.Expr], bool]
    ) -> tuple[list[str], list[str]]:
        """The lines before and inside the loop that reads a list into `parts`; `known` says what has a value there."""
        before: list[str] = []
        inside: list[str] = []
        for step in self.draft.pack.steps:
            if isinstance(step, ir.Define) and isinstance(step.value, ir.Select):
                loop = self._loop(step.name, step.value)
                if _is_sorted_over(loop, name) and all(map(known, _of_one_item(loop))):
                    before.append(f"{_rows(step.name)} = []")
                    inside += self._fill(step.name, loop, parts, _fields(step.value))
        return before, inside

    def sort(self, name: str, value: ir.Select) -> None:
        """What stands where the selection is defined."""
        rows, target = _rows(name), self.targets[name]
        one = self._loop(name, value).limit
        self.draft.add(f"{rows}.sort()" if one is None else f"{rows} = [min({rows})] if {rows} else []")
        self.draft.names["items", name] = f"{target} in {rows}"
        self.draft.sure.add(f"d_{name}")
        columns = _columns(name, _fields(value))
        place = {column: i for i, column in enumerate(target.strip("(,)").split(", "))}
        self.draft.rows[name] = rows, tuple(f"row[{place[column]}]" for column in columns)
        item = ", ".join(columns)
        self.draft.add(f"d_{name} = tuple([({item},) for {target} in {rows}])")

    def _loop(self, name: str, value: ir.Select) -> ir.Loop:
        return self.heads.get(name, value).loop

    def _fill(self, name: str, loop: ir.Loop, parts: tuple[str, ...], fields: tuple[Field, ...]) -> list[str]:
        """Lines that make the row of an item. What orders it and is a field of it stands there once."""
        (source,) = loop.sources
        inner = self.draft.writer.inside(source.variable, parts, item_field(source.items))
        lines, depth = [], ""
        if loop.where is not None:
            lines, depth = [f"if {inner.write(loop.where)}:"], "    "
        for each, value in loop.names:
            lines.append(f"{depth}n_{each} = {inner.write(value)}")
            inner = inner.inside(each, f"n_{each}", inner.bounds.known(value))
        values = [*parts, *(f"n_{each}" for each, _ in loop.names)]
        keys = [inner.write(each) for each in loop.order]
        row = [*keys, *(each for each in values if each not in keys)]
        columns = dict(zip(values, _columns(name, fields), strict=True))
        self.targets[name] = f"({', '.join(columns.get(each, '_') for each in row)},)"
        return [*lines, f"{depth}{_rows(name)}.append(({', '.join(row)},))"]


def _rows(name: str) -> str:
    return f"d_{name}_ROWS"  # names are lower case


def _columns(name: str, fields: tuple[Field, ...]) -> list[str]:
    return [f"d_{name}{JOIN}{each.name}" for each in fields]


def _fields(value: ir.Select) -> tuple[Field, ...]:
    assert isinstance(value.type, List) and isinstance(value.type.item.type, Record), "items that were read have fields"
    return value.type.item.type.fields


def _of_one_item(loop: ir.Loop) -> list[ir.Expr]:
    return [*([loop.where] if loop.where else []), *(value for _, value in loop.names), *loop.order]


def _is_sorted_over(loop: ir.Loop, name: str) -> bool:
    """Whether a block orders that list, and keeps all of it or the first item."""
    items, limit = loop.sources[0].items, loop.limit
    if limit is not None and not (isinstance(limit, ir.Literal) and limit.value == 1):
        return False
    return len(loop.sources) == 1 and bool(loop.order) and loop.is_total and _is_input(items, name)


def _is_input(items: ir.Expr, name: str) -> bool:
    return isinstance(items, ir.Input) and items.name == name and not items.optional


__all__ = ["RowCode"]
