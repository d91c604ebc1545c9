"""How expressions rest on one value of a snapshot, so that it can be told where a comparison of them turns.

What is linear in the value turns in one place. What rests on it by comparisons alone goes in steps, and turns nowhere
else than they do.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Literal

from . import ir
from .graph import Key, fired
from .reach import COMPARISONS, cells, expressions_behind, looked_up
from .types import Record, Vector

Shape = Literal["none", "steps", "linear", "other"]
CALM: Collection[Shape] = ("none", "steps")
_SUMS = ("add", "subtract", "negate", "number", "add_seconds", "subtract_seconds", "seconds_between")
_INSIDE = ("judge", "match", "bite", "gate")  # steps that are no names of their own


class Linearity:
    """The shape of a pack's expressions in the value that `keys` lead to, which are names of the pack.

    `needs` are the pack's dependencies.
    """

    def __init__(self, pack: ir.Pack, keys: Sequence[str], needs: Mapping[Key, frozenset[Key]]) -> None:
        self._pack = pack
        self._keys = tuple(keys)
        self._needs = needs
        self._definitions = {step.name: step.value for step in pack.steps if isinstance(step, ir.Define | ir.Bind)}
        self._known: dict[Key, Shape] = {}

    def of(self, expr: ir.Expr) -> Shape:
        match expr:
            case ir.Input() | ir.Get() if (path := _path(expr)) is not None:
                return self._at(path)
            case ir.Defined(name=name) if name in self._definitions:
                return self._named(("define", name), lambda: self.of(self._definitions[name]))
            case ir.Output(name=name):
                return self._step(("fold", name))
            case ir.Fired(id=identity):
                return _together(self._step(key) for key in fired(self._pack, identity))
            case ir.Defined():  # a column of a table
                return "other"
            case ir.Lookup():
                return _together(map(self.of, looked_up(expr)))
            case ir.Call(function=function, args=args):
                return _called(function, [self.of(each) for each in args])
            case ir.Chain(first=first, rest=rest):
                return _called("lt", [self.of(first), *(self.of(each) for _, each in rest)])
            case ir.If(test=test, then=then, other=other) if self.of(test) == "none":
                return _one_of(self.of(then), self.of(other))
        return _together(self.of(each) for each in ir.children(expr))

    def _named(self, key: Key, shape: Callable[[], Shape]) -> Shape:
        if key not in self._known:
            self._known[key] = shape()
        return self._known[key]

    def _step(self, key: Key) -> Shape:
        """The shape of what a step gives, with that of all that it stands on but for names."""

        def shape() -> Shape:
            inside = [each for each in self._needs.get(key, ()) if each[0] in _INSIDE]
            return _together((*map(self.of, self._own(key)), *map(self._step, inside)))

        return self._named(key, shape)

    def _own(self, key: Key) -> Iterable[ir.Expr]:
        """A table without a loop stands on its cells alone, in which its columns are."""
        table = self._pack.tables[key[1]] if key[0] == "match" else None
        return expressions_behind(self._pack, key) if table is None or table.loop else cells(table)

    def _at(self, path: tuple[str, ...]) -> Shape:
        if path == self._keys:
            return "linear"
        return "other" if self._keys[: len(path)] == path else "none"


def _together(shapes: Iterable[Shape]) -> Shape:
    """Of what is made from parts in any way."""
    found = set(shapes)
    return "none" if found <= {"none"} else "steps" if found <= {*CALM} else "other"


def _one_of(then: Shape, other: Shape) -> Shape:
    """Of what is always the same one of two."""
    return "linear" if {then, other} in ({"linear"}, {"linear", "none"}) else _together((then, other))


def _called(function: str, shapes: Sequence[Shape]) -> Shape:
    moving = {each for each in shapes if each != "none"}
    if moving != {"linear"}:
        return _together(shapes)
    if function in COMPARISONS:
        return "steps"
    linear = function in _SUMS
    linear |= function == "multiply" and shapes.count("linear") == 1
    linear |= function == "divide" and shapes[1:] == ["none"]
    return "linear" if linear else "other"


def _path(expr: ir.Expr) -> tuple[str, ...] | None:
    """The names that lead to a value of a snapshot."""
    match expr:
        case ir.Input(name=name):
            return (name,)
        case ir.Get(record=record, index=index):
            whole, kind = _path(record), record.type
            if whole is None:
                return None
            if isinstance(kind, Record):
                return (*whole, kind.fields[index].name)
            return (*whole, kind.by.members[index]) if isinstance(kind, Vector) else None
    return None


__all__ = ["CALM", "Linearity", "Shape"]
