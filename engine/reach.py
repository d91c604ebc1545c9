"""What an output rests on: every expression that has a part in its value, and the comparisons in them."""

from __future__ import annotations

from collections.abc import Iterator

from . import ir
from .graph import Key, conditions, dependencies
from .nodes import loop_expressions


class Reach:
    """The expressions behind one output of a pack. Those in loops are left out of `atoms`: they have many values."""

    def __init__(self, pack: ir.Pack, output: str) -> None:
        self._pack = pack
        keys = _behind(dependencies(pack), ("fold", output))
        self.expressions = [expr for key in sorted(keys) for expr in _expressions(pack, key)]
        nodes = [node for expr in self.expressions for node in ir.walk(expr)]
        self.parameters = {node.name for node in nodes if isinstance(node, ir.Parameter)}
        self.outputs = {name for kind, name in keys if kind == "fold"}
        self.inputs = {node.name for node in nodes if isinstance(node, ir.Input)}

    def atoms(self) -> Iterator[tuple[ir.Expr, ir.Expr]]:
        """Both sides of every comparison of numbers or times that has one value."""
        for expr in self.expressions:
            for node in _outside_loops(expr):
                if isinstance(node, ir.Call) and node.function in ("lt", "le", "gt", "ge", "eq", "ne"):
                    yield node.args[0], node.args[1]
                elif isinstance(node, ir.Chain):
                    left = node.first
                    for _, right in node.rest:
                        yield left, right
                        left = right


def _behind(needs: dict[Key, frozenset[Key]], key: Key) -> set[Key]:
    found: set[Key] = set()
    waiting = [key]
    while waiting:
        each = waiting.pop()
        if each not in found:
            found.add(each)
            waiting += needs.get(each, ())
    return found


def _expressions(pack: ir.Pack, key: Key) -> Iterator[ir.Expr]:
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
            columns = {f"{table.id}.{column.name}": column.value for column in table.columns}
            yield from loop_expressions(table.loop)
            for column in table.columns:
                yield column.value
                yield from (_with(cell, columns) for cell in column.cells if cell is not None and table.loop is None)
        case "fold":
            start = pack.outputs[name].start
            yield from ([start] if start else [])
            for rule, effect in pack.effects_on(name):
                yield effect.value
                yield from conditions(rule) if rule.table is None and rule.loop is None else ()


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
    for child in ir.children(expr):
        yield from _outside_loops(child)


__all__ = ["Reach"]
