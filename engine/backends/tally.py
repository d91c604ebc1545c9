"""Sums by the members of an enum as one loop over a list: each item adds to the members that it names.

Written as they are read, such sums would go over the whole list for every member.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from .. import ir
from ..types import List, Number, Record, Vector
from .expressions import Writer
from .intervals import Bounds
from .looped import free, is_distinct


@dataclass(frozen=True)
class Tally:
    """`{member: sum(value for variable in source if member in named) for member in Enum}`; or `member == named`."""

    members: int
    variable: str
    source: ir.Expr
    named: ir.Expr
    value: ir.Expr
    is_list: bool


def tally_of(expr: ir.Expr, bounds: Bounds, definitions: Mapping[str, ir.Expr]) -> Tally | None:
    """The tally that a vector is, where its sums cannot overflow and an item names no member twice."""
    match _bare(expr):
        case ir.Each(
            type=Vector(item=item),
            variable=member,
            source=ir.Literal(value=tuple(members)),
            where=None,
            value=ir.Call(function="sum", args=(ir.Each(where=ir.Call() as where) as each,)),
        ) if isinstance(item.type, Number) and not each.source.optional:
            named = _named(where, member)
            made = named and Tally(len(members), each.variable, each.source, named, each.value, where.function == "in")
            if made and member not in free(each.source) | free(each.value):
                return made if _is_sound(made, each, bounds, definitions) else None
    return None


def _bare(expr: ir.Expr) -> ir.Expr:
    """A vector of sums without what makes numbers of sums of nothing, which begin at 0.0 here."""
    if isinstance(expr, ir.Each) and isinstance(expr.value, ir.Call) and expr.value.function == "number":
        return replace(expr, value=expr.value.args[0])
    return expr


def _named(where: ir.Call, member: str) -> ir.Expr | None:
    """What an item names, where its condition is no more than that."""
    if where.function not in ("in", "eq"):
        return None
    sides = [each for each in where.args if not (isinstance(each, ir.Local) and each.name == member)]
    return sides[0] if len(sides) == 1 and member not in free(sides[0]) and not sides[0].optional else None


def _is_sound(made: Tally, each: ir.Each, bounds: Bounds, definitions: Mapping[str, ir.Expr]) -> bool:
    inner = bounds.inside(made.variable, bounds.item_of(made.source))
    total = ir.Call(type=made.value.type, function="sum", args=(each,))
    sure = not bounds.can_fail(total) and not inner.can_fail(made.named)
    return sure and (not made.is_list or is_distinct(_origin(made, definitions), bounds.parameters))


def _origin(made: Tally, definitions: Mapping[str, ir.Expr]) -> ir.Expr:
    """What an item names, said in the definition that the items come from."""
    match made.named, made.source:
        case ir.Get(record=ir.Local(name=name), index=index), ir.Defined(name=source) if name == made.variable:
            value = definitions.get(source)
            return (isinstance(value, ir.Select) and _extended(value.loop, index)) or made.named
    return made.named


def _extended(loop: ir.Loop, index: int) -> ir.Expr | None:
    """The name of a block of one source that stands at that place of its items."""
    kind = loop.sources[0].items.type
    if len(loop.sources) != 1 or not isinstance(kind, List) or not isinstance(kind.item.type, Record):
        return None
    place = index - len(kind.item.type.fields)
    return loop.names[place][1] if 0 <= place < len(loop.names) else None


def tally_lines(made: Tally, local: str, writer: Writer) -> Iterator[str]:
    """The sums in one local, and each in one of its own."""
    head, inner = writer.loop(made.variable, made.source)
    value, named = inner.write(made.value), inner.write(made.named)
    yield f"{local} = [0.0] * {made.members}"
    yield f"{head}:"
    if made.is_list:
        yield f"    for member in {named}: {local}[member] += {value}"
    else:
        yield f"    {local}[{named}] += {value}"
    yield f"({' '.join(f'{local}_P{i},' for i in range(made.members))}) = {local} = tuple({local})"


__all__ = ["tally_lines", "tally_of"]
