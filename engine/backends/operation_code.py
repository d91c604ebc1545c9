"""Operations that are known to have a result, as expressions without a call of ours.

Each gives the same bits as its function in `engine/operations.py`, on arguments that the intervals let through.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from typing import Any

from ..naming import OF
from ..operations import LOT_SLACK, MICROSECONDS, decimal_of
from ..types import Number, Type
from ..zones import DAY

_MATH = {"floor": math.floor, "ceil": math.ceil, "trunc": math.trunc, "sqrt": math.sqrt}
_SPELLED = {
    "floor": "floor({0})",
    "ceil": "ceil({0})",
    "trunc": "trunc({0})",
    "round": "round({0})",
    "sqrt": "sqrt({0})",
    "clamp": "max({1}, min({0}, {2}))",
}
SEARCHES = ("argmax", "greatest", "least")
# What needs no check and reads well inline; everything else calls the operation.
_PLAIN = {
    "not": "(not {0})",
    "negate": "(-{0})",
    "number": "({0} + 0.0)",
    "abs": "abs({0})",
    "at": "{0}[{1}]",
    "count": "len({0})",
    "all": "all({0})",
    "any": "any({0})",
    "first": "({0} or NOTHING)[0]",
    "least": "min({0}, default=None)",
    "greatest": "max({0}, default=None)",
    "prefix": "{0}[:max({1}, 0)]",
    "keys": "tuple([key for key, _ in {0}])",
    "values": "tuple([value for _, value in {0}])",
}
_NAMED = re.compile(rf"[\w{OF}]+(\[\d+\])?|\(?-?\d[\w.+-]*\)?")
Known = Callable[[int], Any]
INFIX = {
    "add": "+", "subtract": "-", "multiply": "*", "divide": "/", "floor_divide": "//", "modulo": "%",
    "lt": "<", "le": "<=", "gt": ">", "ge": ">=", "eq": "==", "ne": "!=", "in": "in",
}  # fmt: skip
_COMPARISONS = ("lt", "le", "gt", "ge", "eq", "ne", "in")


def extreme(function: str, args: list[str], flat: bool) -> str:
    """`min` or `max`, of two values without a call. One that is no name or number takes a local, where that may be."""
    if len(args) == 2:
        (left, right), sign = args, "<" if function == "min" else ">"
        named = [bool(_NAMED.fullmatch(each)) for each in args]
        if all(named):
            return f"({right} if {right} {sign} {left} else {left})"
        if flat and named[0]:
            return f"(t if (t := {right}) {sign} {left} else {left})"
        if flat and named[1]:
            return f"({right} if {right} {sign} (t := {left}) else t)"
    return f"{function}({', '.join(args)})"


def plainly(function: str, args: list[str]) -> str:
    """A call by the name of its function."""
    return f"{function}({', '.join(args)})"


def inline(function: str, args: list[str], known: Known, constants: dict[str, Any]) -> str | None:
    """The expression for an operation on arguments of which some are known, if it has a short one."""
    if function in _BY_STEP:
        step = known(1)
        return _BY_STEP[function](args[0], step, constants) if isinstance(step, float) and step > 0 else None
    if function not in _SPELLED:
        return None
    if function in _MATH:
        constants[function] = _MATH[function]
    return _SPELLED[function].format(*args)


def rounded(function: str, operand: str, constants: dict[str, Any]) -> str | None:
    """A number made an integer, which may be too large for one; what is not finite raises."""
    if function not in ("floor", "ceil", "trunc", "round"):
        return None
    if function in _MATH:
        constants[function] = _MATH[function]
    return f"whole({function}({operand}))"


def always(function: str, args: list[str]) -> str | None:
    """The same for operations that always have a result."""
    if function == "day" and len(args) == 1:
        return f"({args[0]} // {DAY})"
    return f"(({args[0]} - {args[1]}) / {MICROSECONDS})" if function == "seconds_between" else None


def plain(function: str, args: list[str]) -> str | None:
    return _PLAIN[function].format(*args) if function in _PLAIN else None


def compared(function: str, args: list[str]) -> str | None:
    if function not in _COMPARISONS:
        return None
    left, right = args
    if function in ("eq", "ne") and right in ("True", "False"):
        return left if (right == "True") == (function == "eq") else f"(not {left})"
    return f"({left} {INFIX[function]} {right})"


def over_parts(function: str, parts: list[str], kind: Type, *, sure: bool) -> str | None:
    """An aggregate over values that stand in locals. A sum is `sure` where it cannot leave what its type holds."""
    match function:
        case "any" | "all":
            return f"({(' or ' if function == 'any' else ' and ').join(parts)})"
        case "sum" if sure or isinstance(kind, Number):
            start = ["0.0"] if isinstance(kind, Number) else []
            return f"{'' if sure else 'finite'}({' + '.join([*start, *parts])})"
        case "least" | "greatest":
            named = "min" if function == "least" else "max"
            return parts[0] if len(parts) == 1 else f"{named}({', '.join(parts)})"
    return None


def choice(values: list[str], number: str, first: int) -> str:
    """The value under a number, the first value being that of number `first`."""
    if len(values) == 1:
        return values[0]
    half = len(values) // 2
    low, high = choice(values[:half], number, first), choice(values[half:], number, first + half)
    return f"({low} if {number} < {first + half} else {high})"


def _lots(quantity: str, step: float, constants: dict[str, Any]) -> str:
    constants["floor"] = math.floor
    share = quantity if step == 1 else f"{quantity} / {step!r}"
    return f"floor({share} + {LOT_SLACK!r})"


def _floor_to(quantity: str, step: float, constants: dict[str, Any]) -> str:
    """The number of steps times the step, which as a fraction of integers is exact."""
    above, below = decimal_of(step)
    count = _lots(quantity, step, constants)
    return f"({count if above == 1 else f'{count} * {above}'} / {below})"


_BY_STEP: Mapping[str, Callable[[str, float, dict[str, Any]], str]] = {"lots": _lots, "floor_to": _floor_to}
