"""Generated code for what used packs are bound to: a value is computed, and only those of its input's conditions are
checked that it may break.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial

from .. import ir
from ..binding import fits, holds_document
from ..requirements import Rules
from ..types import Boolean, Enum, Field, Integer, List, Map, Number, Record, Text, Time, Type, Vector, is_numeric
from .draft import Draft
from .intervals import Bounds
from .runtime import read_bound

_SCALARS = (Number, Integer, Boolean, Enum, Time, Text)


@dataclass(frozen=True)
class BindingCode:
    """Writes bindings, and what parts demand of them."""

    draft: Draft
    rules: Rules

    def bind(self, step: ir.Bind) -> None:
        draft, name = self.draft, f"d_{step.name}"
        written = draft.writer.write(step.value)
        if is_strange(step.place):
            draft.constants[f"BIND_{step.name}"] = partial(read_bound, self.rules, step)
            moment = draft.writer.write(step.moment) if step.moment else None
            draft.add(f"{name} = BIND_{step.name}({written}, {moment}, i_now)")
            return
        draft.add(f"{name} = {written}")
        for test in self._tests(step, name):
            draft.add(f"if {test}: raise Unusual")

    def demand(self, step: ir.Demand) -> None:
        self.draft.add(f"if not {self.draft.writer.write(step.requirement.condition)}: raise Unusual")

    def _tests(self, step: ir.Bind, name: str) -> Iterator[str]:
        """What is wrong with a value of which no more is known than its expression tells."""
        place, optional = step.place, step.value.optional
        if is_kept(step, self.draft.writer.bounds):
            return
        if optional and not place.optional:
            yield f"{name} is None"
            optional = False
            if is_kept(replace(step, place=replace(place, optional=True)), self.draft.writer.bounds):
                return
        known = self.draft.writer.bounds.known(step.value)
        there = f"{name} is not None and " if optional else ""
        if is_numeric(place.type):
            low, high = ("" if end is None else repr(end) for end in (place.low, place.high))
            inside = f"{low} <= {name} <= {high}".removeprefix(" <= ").removesuffix(" <= ")
            yield f"{there}not {inside}"
        elif isinstance(place.type, Text):
            yield f"{there}len({name}) > {place.type.max_length}"
        elif isinstance(place.type, List) and known is not None and _items_imply(known.type, place.type):
            yield from (f"{there}{test}" for test in _list_tests(known.type, place.type, name))
        elif not isinstance(place.type, _SCALARS):
            self.draft.constants[f"FITS_{step.name}"] = partial(fits, place)
            yield f"not FITS_{step.name}({name})"


def is_kept(step: ir.Bind, bounds: Bounds) -> bool:
    """Whether a value is known to keep to its place, which then needs no check."""
    if is_strange(step.place):
        return False
    if holds_document(step.place.type):
        return True
    known = bounds.known(step.value)
    there = step.place.optional or not step.value.optional
    return there and known is not None and implies(known, step.place)


def is_strange(place: Field) -> bool:
    """Whether a place asks for more than its type and the ends of its values."""
    if holds_document(place.type):
        return False
    more = place.forgiving or place.age or place.requires or place.drops
    return bool(more) or any(map(is_strange, _parts(place.type)))


def implies(given: Field, place: Field) -> bool:
    """Whether what keeps to one field keeps to the other, but for absence at the top."""
    match given.type, place.type:
        case (Number() | Integer(), Number() | Integer()):
            low = place.low is None or (given.low is not None and given.low >= place.low)
            return low and (place.high is None or (given.high is not None and given.high <= place.high))
        case Text(max_length=most), Text(max_length=limit):
            return most <= limit
        case List(max_items=0), List():
            return True
        case List(item=item, max_items=most, key=key), List(item=wanted, max_items=limit, key=keys):
            return most <= limit and (not keys or key == keys) and _each_implies((item,), (wanted,))
        case Map(item=item, max_items=most, key=key), Map(item=wanted, max_items=limit, key=longest):
            return most <= limit and key.max_length <= longest.max_length and _each_implies((item,), (wanted,))
    parts, others = _parts(given.type), _parts(place.type)
    return len(parts) == len(others) and _each_implies(parts, others)


def _items_imply(given: Type, kind: List) -> bool:
    return isinstance(given, List) and _each_implies((given.item,), (kind.item,))


def _list_tests(given: Type, kind: List, name: str) -> Iterator[str]:
    """What may be wrong with a list whose items are not: there are too many, or two of one key."""
    if isinstance(given, List) and given.max_items > kind.max_items:
        yield f"len({name}) > {kind.max_items}"
    if kind.key and isinstance(kind.item.type, Record):
        places = [found[0] for each in kind.key if (found := kind.item.type.field(each))]
        parts = [f"each[{place}]" for place in places]
        key = parts[0] if len(parts) == 1 else f"({', '.join(parts)})"
        yield f"len({{{key} for each in {name}}}) != len({name})"


def _each_implies(given: tuple[Field, ...], places: tuple[Field, ...]) -> bool:
    return all(
        (place.optional or not each.optional) and implies(each, place)
        for each, place in zip(given, places, strict=True)
    )


def _parts(kind: Type) -> tuple[Field, ...]:
    match kind:
        case Record(fields=fields):
            return fields
        case List(item=item) | Vector(item=item) | Map(item=item):
            return (item,)
    return ()


__all__ = ["BindingCode"]
