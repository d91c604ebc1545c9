"""Which numbers an expression can give, so that generated code leaves out checks that cannot fail."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from .. import ir, portable
from ..functions import BOUNDS
from ..types import MAX_INTEGER, Field, Integer, List, Record, Vector, is_numeric

DOUBLE = 1.7976931348623157e308
Interval = tuple[float, float]


@dataclass(frozen=True)
class Bounds:
    """What is known of the values that expressions start from."""

    inputs: Mapping[str, Field]
    parameters: Mapping[str, ir.Value]
    definitions: Mapping[str, Interval]
    locals: Mapping[str, Field]

    def of(self, expr: ir.Expr) -> Interval:
        """The ends between which the values of a numeric expression lie, rounded outwards by a little."""
        match expr:
            case ir.Literal(value=value) if isinstance(value, int | float):
                return float(value), float(value)
            case ir.Parameter(name=name) if isinstance(value := self.parameters.get(name), int | float):
                return float(value), float(value)
            case ir.Defined(name=name) if name in self.definitions:
                return self.definitions[name]
            case ir.If(then=a, other=b) | ir.Default(value=a, fallback=b):
                return _hull(self.of(a), self.of(b))
            case ir.Call(function=function, args=args) if function != "at":
                return self._call(function, args, expr)
        field = self._field(expr)
        return _declared(field) if field else _widest(expr)

    def _field(self, expr: ir.Expr) -> Field | None:
        """The declared place that an expression reads, if it is one."""
        match expr:
            case ir.Input(name=name):
                return self.inputs.get(name)
            case ir.Local(name=name):
                return self.locals.get(name)
            case ir.Get(record=record, index=index):
                place = self._field(record)
                return place.type.fields[index] if place and isinstance(place.type, Record) else None
            case ir.Call(function="at", args=(values, _)):
                place = self._field(values)
                return place.type.item if place and isinstance(place.type, Vector) else None
        return None

    def _call(self, function: str, args: tuple[ir.Expr, ...], expr: ir.Expr) -> Interval:
        widest = _widest(expr)
        if function not in _RULES:
            low, high = BOUNDS.get(function, widest)
            return max(low, widest[0]), min(high, widest[1])
        low, high = _RULES[function](*(self.of(arg) for arg in args))
        if not (widest[0] <= low and high <= widest[1]):
            return widest
        return low, high

    def is_safe(self, function: str, args: tuple[ir.Expr, ...], expr: ir.Expr) -> bool:
        """Whether the operation can never leave what its type holds, nor divide by zero."""
        if function not in _RULES:
            return False
        ends = [self.of(arg) for arg in args]
        if function == "divide" and ends[1][0] <= 0 <= ends[1][1]:
            return False
        low, high = _RULES[function](*ends)
        widest = _widest(expr)
        return bool(widest[0] < low and high < widest[1])


def bounds_of(pack: ir.Pack, parameters: Mapping[str, ir.Value]) -> Bounds:
    """What is known of a pack's values. Definitions come in the order of its steps, each behind what it reads."""
    definitions: dict[str, Interval] = {}
    bounds = Bounds({field.name: field for field in pack.inputs}, parameters, definitions, {})
    for step in pack.steps:
        if isinstance(step, ir.Define) and is_numeric(step.value.type):
            definitions[step.name] = bounds.of(step.value)
    return bounds


def item_field(source: ir.Expr) -> Field | None:
    """What is declared of the items; only an input keeps to that, since a choice of two lists has the type of one."""
    return source.type.item if isinstance(source, ir.Input) and isinstance(source.type, List) else None


def _widest(expr: ir.Expr) -> Interval:
    return (-float(MAX_INTEGER), float(MAX_INTEGER)) if isinstance(expr.type, Integer) else (-DOUBLE, DOUBLE)


def _declared(field: Field) -> Interval:
    end = float(MAX_INTEGER) if isinstance(field.type, Integer) else DOUBLE
    return (-end if field.low is None else field.low), (end if field.high is None else field.high)


def _hull(*intervals: Interval) -> Interval:
    return min(low for low, _ in intervals), max(high for _, high in intervals)


def _products(left: Interval, right: Interval) -> Interval:
    corners = [a * b for a in left for b in right]
    return _rounded(min(corners), max(corners)) if all(c == c for c in corners) else (-DOUBLE, DOUBLE)


def _quotients(left: Interval, right: Interval) -> Interval:
    if right[0] <= 0 <= right[1]:
        return -DOUBLE, DOUBLE
    corners = [a / b for a in left for b in right]
    return _rounded(min(corners), max(corners))


def _rounded(low: float, high: float) -> Interval:
    """Outwards by more than one rounding could move an end."""
    return low - abs(low) * 1e-15, high + abs(high) * 1e-15


def _rising(function: Callable[[float], float]) -> Callable[[Interval], Interval]:
    """Of a function that rises, its values at both ends; NaN and infinities where it is not defined."""
    return lambda x: _rounded(function(x[0]), function(x[1]))


_RULES: dict[str, Any] = {
    "number": lambda x: x,
    "add": lambda a, b: _rounded(a[0] + b[0], a[1] + b[1]),
    "subtract": lambda a, b: _rounded(a[0] - b[1], a[1] - b[0]),
    "multiply": _products,
    "divide": _quotients,
    "exp": _rising(portable.exp),
    "expm1": _rising(portable.expm1),
    "log": _rising(portable.log),
    "log1p": _rising(portable.log1p),
    "tanh": _rising(portable.tanh),
    "negate": lambda x: (-x[1], -x[0]),
    "abs": lambda x: (0.0 if x[0] <= 0 <= x[1] else min(abs(x[0]), abs(x[1])), max(abs(x[0]), abs(x[1]))),
    "min": lambda *xs: (min(x[0] for x in xs), min(x[1] for x in xs)),
    "max": lambda *xs: (max(x[0] for x in xs), max(x[1] for x in xs)),
}
