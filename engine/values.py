"""Run-time values as a person reads them: each in its unit, and never two different ones alike."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from . import ir
from .times import format_time
from .types import Boolean, Enum, Integer, List, Number, Text, Time, Type
from .units import Unit

_MAX_DIGITS = 17
_LARGE = 1e15


def show_value(value: ir.Value, kind: Type, spec: str = "", extra: int = 0) -> str:
    """The text of a value; `spec` is a format of the pack's, `extra` digits come on top of the unit's own."""
    if value is None:
        return "missing"
    match kind, value:
        case Enum(members=members), int(index):
            return members[index]
        case Boolean(), _:
            return "true" if value else "false"
        case Time(), int(moment):
            return format_time(moment)
        case List(item=item), tuple(items):
            return ", ".join(show_value(each, item.type) for each in items) or "none"
        case (Number() | Integer(), int() | float()) if spec:
            return format(value, spec)
        case Integer(unit=unit), int():
            return f"{value}{unit.suffix}"
        case Number(unit=unit), (int() | float()):
            return show_number(float(value), unit, extra)
    return str(value)


def exactly(value: ir.Value, kind: Type) -> str:
    """The text of a value in its unit, a number with as many digits as it takes to tell it from every other."""
    texts = (show_value(value, kind, extra=extra) for extra in range(_MAX_DIGITS))
    if not isinstance(kind, Number) or not isinstance(value, float):
        return next(texts)
    return next(
        (text for text in texts if float(text.removesuffix(kind.unit.suffix)) == value), f"{value!r}{kind.unit.suffix}"
    )


def readable(value: ir.Value, kind: Type) -> str:
    """As `exactly`, but for what only rounding left behind the twelfth digit."""
    if isinstance(value, float) and math.isfinite(value):
        value = float(f"{value:.12g}")
    return exactly(value, kind)


def shower(kind: Type, spec: str = "") -> Callable[[Any], str]:
    """`show_value` for values of one type, in the format of the pack's or in the unit's own."""
    match kind:
        case Text():
            return lambda value: "missing" if value is None else value
        case Number(unit=unit) if not spec:
            digits, fixed, suffix = unit.digits, unit.fixed, unit.suffix
            return lambda value: "missing" if value is None else _shown(float(value), digits, fixed, suffix)
    return lambda value: show_value(value, kind, spec)


def show_number(value: float, unit: Unit, extra: int = 0) -> str:
    return _shown(value, unit.digits + extra, unit.fixed, unit.suffix)


def _shown(value: float, digits: int, fixed: bool, suffix: str) -> str:
    if abs(value) >= _LARGE:
        return f"{value!r}{suffix}"
    text = f"{value:.{digits}f}"
    if not fixed and "." in text:
        text = text.rstrip("0").rstrip(".")
    return (text.removeprefix("-") if text[0] == "-" and float(text) == 0 else text) + suffix


def show_holes(holes: Sequence[ir.Hole], values: Sequence[ir.Value]) -> list[str]:
    """The texts of a reason's expressions. Numbers of one unit that differ and print alike get more digits."""
    texts = [show_value(value, hole.value.type, hole.format) for hole, value in zip(holes, values, strict=True)]
    numbers = [i for i, hole in enumerate(holes) if isinstance(hole.value.type, Number) and not hole.format]
    for extra in range(1, _MAX_DIGITS):
        alike = _alike(holes, values, texts, numbers)
        if not alike:
            break
        for i in alike:
            texts[i] = show_value(values[i], holes[i].value.type, extra=extra)
    return texts


def _alike(holes: Sequence[ir.Hole], values: Sequence[Any], texts: Sequence[str], numbers: Sequence[int]) -> set[int]:
    """The numbers that differ in size, and whose texts do not."""
    found = set()
    for i in numbers:
        for j in numbers:
            same_text = texts[i].lstrip("-") == texts[j].lstrip("-")
            if holes[i].value.type == holes[j].value.type and same_text and abs(values[i]) != abs(values[j]):
                found |= {i, j}
    return found
