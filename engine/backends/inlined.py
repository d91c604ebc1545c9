"""Which values of a snapshot are read by lines of their own, and how such a value is put together again."""

from __future__ import annotations

import math
from dataclasses import replace

from ..types import Boolean, Enum, Field, Integer, List, Number, Record, Text, Time, Vector

SCALARS = (Number, Integer, Boolean, Text, Enum, Time)
_MOST = 1_024  # scalars of one input
_DEEPEST = 12  # Python nests loops only so deep


def is_inline(each: Field) -> bool:
    """Whether a value is read into locals: a record, a vector or a list of scalars, or of such."""
    return _scalars_in(each) <= _MOST and _depth_of(each) <= _DEEPEST


def _scalars_in(each: Field) -> float:
    """How many scalars are to be read, those of a list's item once; without end where there is anything else."""
    match each.type:
        case Record(fields=fields) if fields:
            return sum(map(_scalars_in, fields))
        case Vector(by=by, item=item):
            return len(by.members) * _scalars_in(item)
        case List(item=item) if not item.optional:
            return _scalars_in(item)
    return 1 if isinstance(each.type, SCALARS) else math.inf


def _depth_of(each: Field) -> int:
    match each.type:
        case Record(fields=fields):
            return 1 + max(map(_depth_of, fields))
        case Vector(item=item) | List(item=item):
            return 1 + _depth_of(item)
    return 0


def is_nominal(each: Field) -> bool:
    """Whether an input is made of enums and booleans, or lists of such with their names: what repeats."""
    match each.type:
        case List(item=item):
            parts = item.type.fields if isinstance(item.type, Record) else (item,)
            return not each.optional and bool(parts) and all(map(_is_name, parts))
        case Record(fields=fields):
            return all(isinstance(part.type, Enum | Boolean) and not part.optional for part in fields)
    return isinstance(each.type, Enum | Boolean)


def _is_name(part: Field) -> bool:
    return isinstance(part.type, Text | Enum | Boolean) and not part.optional


def mended(each: Field, spelling: str, depth: int = 0) -> str:
    """The value with 0.0 for every -0.0: no decision depends on that, but a text may."""
    if not _holds_numbers(each):
        return spelling
    match each.type:
        case List(item=item):
            name = f"each_{depth}"
            whole = f"tuple([{mended(item, name, depth + 1)} for {name} in {spelling}])"
        case Record(fields=parts):
            whole = _tuple_of(parts, spelling, depth)
        case Vector() as kind:
            whole = _tuple_of(members_of(kind), spelling, depth)
        case _:
            whole = f"{spelling} + 0.0"
    return f"(None if {spelling} is None else {whole})" if each.optional else whole


def _tuple_of(parts: tuple[Field, ...], spelling: str, depth: int) -> str:
    spelled = [mended(part, f"{spelling}[{i}]", depth) for i, part in enumerate(parts)]
    return f"({', '.join(spelled)},)"


def _holds_numbers(each: Field) -> bool:
    match each.type:
        case Record(fields=fields):
            return any(map(_holds_numbers, fields))
        case Vector(item=item) | List(item=item):
            return _holds_numbers(item)
    return isinstance(each.type, Number)


def members_of(kind: Vector) -> tuple[Field, ...]:
    return tuple(replace(kind.item, name=member, key="") for member in kind.by.members)


__all__ = ["SCALARS", "is_inline", "is_nominal", "members_of", "mended"]
