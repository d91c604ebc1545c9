"""The IR of a pack with other names in it: what linking packs into one policy is made of."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from . import ir
from .types import Enum, Field, List, Record, Type, Vector

Change = Callable[[ir.Expr], ir.Expr]


def parts_changed(expr: ir.Expr, change: Change) -> ir.Expr:
    """The expression with its children changed, itself as it was."""
    match expr:
        case ir.Get(record=record):
            return replace(expr, record=change(record))
        case ir.Call(args=parts) | ir.Advance(args=parts):
            return replace(expr, args=tuple(map(change, parts)))
        case ir.And(terms=parts) | ir.Or(terms=parts):
            return replace(expr, terms=tuple(map(change, parts)))
        case ir.Make(parts=parts):
            return replace(expr, parts=tuple(map(change, parts)))
        case ir.Chain(first=first, rest=rest):
            return replace(expr, first=change(first), rest=tuple((name, change(each)) for name, each in rest))
        case ir.If(test=test, then=then, other=other):
            return replace(expr, test=change(test), then=change(then), other=change(other))
        case ir.Default(value=value, fallback=fallback):
            return replace(expr, value=change(value), fallback=change(fallback))
        case ir.Each(source=source, where=where, value=value):
            return replace(expr, source=change(source), where=where and change(where), value=change(value))
        case ir.Select(loop=loop):
            return replace(expr, loop=loop_changed(loop, change))
        case ir.Lookup(columns=columns, rows=rows):
            changed = tuple(replace(each, when=change(each.when), value=change(each.value)) for each in rows)
            return replace(expr, columns=columns_changed(columns, change), rows=changed)
    return expr


def loop_changed(loop: ir.Loop, change: Change) -> ir.Loop:
    return replace(
        loop,
        sources=tuple(replace(each, items=change(each.items)) for each in loop.sources),
        where=loop.where and change(loop.where),
        names=tuple((name, change(value)) for name, value in loop.names),
        order=tuple(map(change, loop.order)),
        limit=loop.limit and change(loop.limit),
    )


def columns_changed(columns: tuple[ir.Column, ...], change: Change) -> tuple[ir.Column, ...]:
    return tuple(
        replace(each, value=change(each.value), cells=tuple(cell and change(cell) for cell in each.cells))
        for each in columns
    )


def template_changed(template: ir.Template, change: Change) -> ir.Template:
    return tuple(part if isinstance(part, str) else replace(part, value=change(part.value)) for part in template)


@dataclass(frozen=True)
class Qualifier:
    """Puts the name of a part before every name of its pack.

    `bound` says what an input is in the whole, `enums` which ones have members there with the part's name before them.
    """

    part: str
    bound: Mapping[str, ir.Expr] = field(default_factory=dict)
    enums: Mapping[Enum, Enum] = field(default_factory=dict)
    _types: dict[Type, Type] = field(default_factory=dict)

    def name(self, name: str) -> str:
        return ir.of_part(self.part, name)

    def _inside(self, name: str, *words: str) -> str:
        """A name behind a word that says what kind of name it is."""
        word = next((each for each in words if name.startswith(each)), "")
        return word + self.name(name.removeprefix(word))

    def expression(self, expr: ir.Expr) -> ir.Expr:
        changed = self._leaf(expr) or parts_changed(expr, self.expression)
        kind = self.type(changed.type)
        return changed if kind is changed.type else replace(changed, type=kind)

    def _leaf(self, expr: ir.Expr) -> ir.Expr | None:
        match expr:
            case ir.Input(name="now"):
                return expr
            case ir.Input(name=name):
                return replace(self.bound[name], type=expr.type, optional=expr.optional, span=expr.span)
            case ir.Parameter(name=name) | ir.Output(name=name):
                return replace(expr, name=self.name(name))
            case ir.Defined(name=name):
                return replace(expr, name=self._inside(name, "definitions."))
            case ir.Previous(name=name):
                return replace(expr, name=self._inside(name, "sent."))
            case ir.Fired(id=identity):
                return replace(expr, id=self.name(identity))
            case ir.Before(output=output) | ir.After(output=output):
                return replace(expr, output=self.name(output))
            case ir.Literal(type=Enum() as kind, value=int(index)) if kind in self.enums:
                member = f"{self.part}.{kind.members[index]}"
                return replace(expr, value=self.enums[kind].members.index(member))
            case ir.Advance(name=name) | ir.Lookup(name=name):
                return parts_changed(replace(expr, name=self.name(name)), self.expression)
        return None

    # Types hold names where fields have an age or conditions.

    def type(self, kind: Type) -> Type:
        """The type itself where nothing in it has a name of the pack."""
        match kind:
            case Enum():
                return self.enums.get(kind, kind)
            case Record() | List() | Vector():
                if kind not in self._types:
                    self._types[kind] = self._structure(kind)
                return self._types[kind]
        return kind

    def _structure(self, kind: Record | List | Vector) -> Type:
        if isinstance(kind, Record):
            changed = tuple(map(self.field, kind.fields))
            return kind if _all_same(changed, kind.fields) else replace(kind, fields=changed)
        item = self.field(kind.item)
        return kind if item is kind.item else replace(kind, item=item)

    def field(self, place: Field) -> Field:
        kind = self.type(place.type)
        if kind is place.type and not place.age and not place.requires:
            return place
        age = place.age and replace(place.age, limit=self.name(place.age.limit))
        return replace(place, type=kind, age=age, requires=tuple(map(self.name, place.requires)))


def _all_same(left: tuple[Field, ...], right: tuple[Field, ...]) -> bool:
    return all(a is b for a, b in zip(left, right, strict=True))


__all__ = [
    "Change", "Qualifier", "columns_changed", "loop_changed", "parts_changed", "template_changed",
]  # fmt: skip
