"""The IR of a pack with other names in it: what linking packs into one policy is made of."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from . import ir
from .types import Enum, Field, List, Map, Record, Type, Vector

Change = Callable[[ir.Expr], ir.Expr]


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
        changed = self._leaf(expr) or ir.rebuilt(expr, self.expression)
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
                return ir.rebuilt(replace(expr, name=self.name(name)), self.expression)
        return None

    # Types hold names where fields have an age or conditions.

    def type(self, kind: Type) -> Type:
        """The type itself where nothing in it has a name of the pack."""
        match kind:
            case Enum():
                return self.enums.get(kind, kind)
            case Record() | List() | Vector() | Map():
                if kind not in self._types:
                    self._types[kind] = self._structure(kind)
                return self._types[kind]
        return kind

    def _structure(self, kind: Record | List | Vector | Map) -> Type:
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


__all__ = ["Change", "Qualifier", "template_changed"]
