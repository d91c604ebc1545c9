"""What an output or an intent rests on: every expression that has a part in it, and the comparisons in them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from functools import cached_property

from . import ir
from .graph import Key, conditions, dependencies, fired, needed, told

COMPARISONS = ("lt", "le", "gt", "ge", "eq", "ne")


class Reach:
    """The expressions behind steps of a pack, and behind some more.

    Those in loops are left out of `atoms`: they have many values.
    """

    def __init__(self, pack: ir.Pack, keys: Iterable[Key], expressions: Collection[ir.Expr] = ()) -> None:
        self.needs = dependencies(pack)
        self._pack = pack
        self._keys = keys = _behind(self.needs, keys)
        self.expressions = [expr for key in sorted(keys) for expr in expressions_behind(pack, key)] + [*expressions]
        self.parameters = {node.name for node in self.nodes if isinstance(node, ir.Parameter)}
        self.outputs = {name for kind, name in keys if kind == "fold"}
        self.inputs = {node.name for node in self.nodes if isinstance(node, ir.Input)}

    @classmethod
    def of_output(cls, pack: ir.Pack, output: str) -> Reach:
        return cls(pack, [("fold", output)])

    @classmethod
    def of_intent(cls, pack: ir.Pack, intent: str) -> Reach:
        """With what may drop it: the vetoes, and where intents conflict all others."""
        rules = pack.arbitration
        those = [*pack.intents] if rules.conflict else [intent]
        expressions = [expr for veto in rules.vetoes.values() for expr in told(pack, veto.rule)]
        expressions += [expr for each in those for expr in told(pack, pack.rules[each])]
        keys = {*needed(pack, expressions), *(key for each in those for key in fired(pack, each))}
        return cls(pack, keys, expressions)

    @cached_property
    def nodes(self) -> list[ir.Expr]:
        return [node for expr in self.expressions for node in ir.walk(expr)]

    def items(self) -> Iterator[ir.Expr]:
        """What the names inside of loops stand for."""
        tables = [self._pack.tables[name] for kind, name in self._keys if kind == "match"]
        yield from (column.value for table in tables if table.loop for column in table.columns)
        loops = [table.loop for table in tables]
        loops += [self._pack.rules[name].loop for kind, name in self._keys if kind == "judge"]
        loops += [node.loop for node in self.nodes if isinstance(node, ir.Select)]
        yield from (node.source for node in self.nodes if isinstance(node, ir.Each))
        for loop in loops:
            yield from (source.items for source in loop.sources) if loop else ()
            yield from (value for _, value in loop.names) if loop else ()

    def hidden(self) -> Iterator[tuple[ir.Expr, ir.Expr]]:
        """Both sides of every comparison in a loop."""
        for loop in (node for node in self.nodes if isinstance(node, ir.Each | ir.Select)):
            yield from (pair for node in ir.walk(loop) for pair in _compared(node))

    def atoms(self) -> Iterator[tuple[ir.Expr, ir.Expr]]:
        """Both sides of every comparison that has one value."""
        for expr in self.expressions:
            for node in _outside_loops(expr):
                yield from _compared(node)


def _compared(node: ir.Expr) -> Iterator[tuple[ir.Expr, ir.Expr]]:
    if isinstance(node, ir.Call) and node.function in COMPARISONS:
        yield node.args[0], node.args[1]
    elif isinstance(node, ir.Chain):
        left = node.first
        for _, right in node.rest:
            yield left, right
            left = right


def _behind(needs: dict[Key, frozenset[Key]], keys: Iterable[Key]) -> set[Key]:
    found: set[Key] = set()
    waiting = [*keys]
    while waiting:
        each = waiting.pop()
        if each not in found:
            found.add(each)
            waiting += needs.get(each, ())
    return found


def expressions_behind(pack: ir.Pack, key: Key) -> Iterator[ir.Expr]:
    """The expressions of a step. Cells of tables stand on their columns, which are written in their place."""
    kind, name = key
    match kind:
        case "define":
            yield from (
                step.value for step in pack.steps if isinstance(step, ir.Define | ir.Bind) and step.name == name
            )
        case "gate" if (when := pack.groups[name].when) is not None:
            yield when
        case "judge" | "bite":
            yield from conditions(pack.rules[name])
        case "match":
            table = pack.tables[name]
            yield from (*ir.loop_expressions(table.loop), *(column.value for column in table.columns))
            yield from cells(table)
        case "fold":
            start = pack.outputs[name].start
            yield from ([start] if start else [])
            for rule, effect in pack.effects_on(name):
                yield effect.value
                yield from conditions(rule) if rule.table is None and rule.loop is None else ()


def cells(table: ir.Table) -> Iterator[ir.Expr]:
    """The cells of a table that is no loop, with what their columns stand for."""
    columns = {f"{table.id}.{column.name}": column.value for column in table.columns}
    for column in table.columns if table.loop is None else ():
        yield from (_with(cell, columns) for cell in column.cells if cell is not None)


def looked_up(lookup: ir.Lookup) -> Iterator[ir.Expr]:
    """The conditions and values of a table of values, with what its columns stand for."""
    columns = {f"{lookup.table}.{column.name}": column.value for column in lookup.columns}
    for row in lookup.rows:
        yield from (_with(row.when, columns), row.value)


def _with(expr: ir.Expr, columns: dict[str, ir.Expr]) -> ir.Expr:
    """A cell with its column's expression in the column's place."""
    match expr:
        case ir.Defined(name=name) if name in columns:
            return columns[name]
        case ir.Call(type=kind, function=function, args=args):
            return ir.Call(type=kind, function=function, args=tuple(_with(each, columns) for each in args))
        case ir.And(type=kind, terms=terms):
            return ir.And(type=kind, terms=tuple(_with(each, columns) for each in terms))
        case ir.Or(type=kind, terms=terms):
            return ir.Or(type=kind, terms=tuple(_with(each, columns) for each in terms))
    return expr


def _outside_loops(expr: ir.Expr) -> Iterator[ir.Expr]:
    yield expr
    if isinstance(expr, ir.Each | ir.Select):
        return
    for child in looked_up(expr) if isinstance(expr, ir.Lookup) else ir.children(expr):
        yield from _outside_loops(child)


__all__ = ["COMPARISONS", "Reach", "cells", "expressions_behind", "looked_up"]
