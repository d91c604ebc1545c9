"""Which numbers an expression can give, so that generated code leaves out checks that cannot fail."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from .. import ir, portable
from ..functions import BOUNDS
from ..types import MAX_INTEGER, Boolean, Enum, Field, Integer, List, Number, Record, Text, Time, Vector, is_numeric

_SCALARS = (Boolean, Enum, Time)
_ANY_TEXT = Text(MAX_INTEGER)  # of which nothing is known
_PLACES = ("at", "first", "least", "greatest")  # what gives an item of a list or vector
DOUBLE = 1.7976931348623157e308
_LOST = 2.0**969  # a quarter of the step below the largest double
Interval = tuple[float, float]


@dataclass(frozen=True)
class Bounds:
    """What is known of the values that expressions start from."""

    inputs: Mapping[str, Field]
    parameters: Mapping[str, ir.Value]
    definitions: MutableMapping[str, Field]
    locals: Mapping[str, Field]
    outputs: MutableMapping[str, Field] = field(default_factory=dict)

    def inside(self, variable: str, declared: Field | None) -> Bounds:
        others = {name: each for name, each in self.locals.items() if name != variable}
        return replace(self, locals={**others, variable: declared} if declared else others)

    def of(self, expr: ir.Expr) -> Interval:
        """The ends between which the values of a numeric expression lie, rounded outwards by a little."""
        match expr:
            case ir.Literal(value=value) if isinstance(value, int | float):
                return float(value), float(value)
            case ir.Parameter(name=name) if isinstance(value := self.parameters.get(name), int | float):
                return float(value), float(value)
            case ir.If(then=a, other=b) | ir.Default(value=a, fallback=b):
                return _hull(self.of(a), self.of(b))
            case ir.Call(function=function, args=args) if function not in _PLACES:
                return self._call(function, args, expr)
        known = self.place(expr)
        return _declared(known) if known else _widest(expr)

    def place(self, expr: ir.Expr) -> Field | None:
        """What every value of an expression keeps to, of parts too, where that is known."""
        match expr:
            case ir.Input(name=name):
                return self.inputs.get(name)
            case ir.Local(name=name):
                return self.locals.get(name)
            case ir.Defined(name=name):
                return self.definitions.get(name)
            case ir.Output(name=name):
                return self.outputs.get(name)
            case ir.Get(record=record, index=index):
                place = self.place(record)
                return place.type.fields[index] if place and isinstance(place.type, Record) else None
            case ir.Call(function=function, args=(values, *_)) if function in _PLACES:
                place = self.place(values)
                return place.type.item if place and isinstance(place.type, List | Vector) else None
            case ir.Make() if isinstance(expr.type, Vector | Record | List):
                return self._made(expr.parts, expr.type)
            case ir.Each():
                return self._each(expr)
            case ir.Select():
                return self._selected(expr)
        return None

    def known(self, expr: ir.Expr) -> Field | None:
        """The same for numbers, known by their ends, and for other scalars, of which nothing need be known."""
        if is_numeric(expr.type):
            low, high = self.of(expr)
            return Field("", expr.type, low=low, high=high)
        if isinstance(expr.type, Text):
            return self.place(expr) or Field("", _ANY_TEXT)
        return Field("", expr.type) if isinstance(expr.type, _SCALARS) else self.place(expr)

    def item_of(self, source: ir.Expr) -> Field | None:
        """What the items of a list keep to."""
        place = self.place(source)
        return place.type.item if place and isinstance(place.type, List) else None

    def _made(self, parts: tuple[ir.Expr, ...], kind: Vector | Record | List) -> Field | None:
        found = [(known, part.optional) for part in parts if (known := self.known(part))]
        if len(found) < len(parts):
            return None
        fields = [replace(known, optional=optional) for known, optional in found]
        if isinstance(kind, Record):
            return Field("", replace(kind, fields=tuple(fields)))
        if isinstance(kind, List):
            return Field("", List(joined(fields) or kind.item, len(parts))) if joined(fields) or not parts else None
        item = joined(fields)
        return item and Field("", replace(kind, item=item))

    def _each(self, expr: ir.Each) -> Field | None:
        place = self.place(expr.source)
        if place is None or not isinstance(place.type, List):
            return None
        item = self.inside(expr.variable, place.type.item).known(expr.value)
        return item and Field("", List(item, place.type.max_items))

    def _selected(self, expr: ir.Select) -> Field | None:
        """Of one list the items with the names, of two both items and the names."""
        inner = self.in_block(expr.loop)
        found = [inner.locals.get(name) for name in expr.loop.locals]
        known = [each for each in found if each is not None]
        if len(known) < len(found) or not isinstance(expr.type, List):
            return None
        if len(expr.loop.sources) == 1:
            item, *more = known
            if more and not isinstance(item.type, Record):
                return None
            known = [*item.type.fields, *more] if isinstance(item.type, Record) else known
            if not isinstance(item.type, Record):
                return Field("", replace(expr.type, item=item))
        return Field("", List(Field("", Record("", tuple(known))), expr.type.max_items))

    def in_block(self, loop: ir.Loop) -> Bounds:
        inner = self
        for source in loop.sources:
            inner = inner.inside(source.variable, inner.item_of(source.items))
        for name, value in loop.names:
            inner = inner.inside(name, inner.known(value))
        return inner

    def _call(self, function: str, args: tuple[ir.Expr, ...], expr: ir.Expr) -> Interval:
        widest = _widest(expr)
        found = self._ends(function, args)
        if found is None:
            low, high = BOUNDS.get(function, widest)
            return max(low, widest[0]), min(high, widest[1])
        low, high = found
        if not (widest[0] <= low and high <= widest[1]):
            return widest
        return low, high

    def _ends(self, function: str, args: tuple[ir.Expr, ...]) -> Interval | None:
        """The ends of an operation's results, beyond what its type holds where it may fail."""
        if function == "sum":
            return self._summed(args[0])
        return _RULES[function](*(self.of(arg) for arg in args)) if function in _RULES else None

    def _summed(self, values: ir.Expr) -> Interval | None:
        """A sum and every sum on the way to it."""
        place = self.place(values)
        if place is None or not isinstance(place.type, List | Vector) or not is_numeric(place.type.item.type):
            return None
        low, high = _declared(place.type.item)
        most = place.type.max_items if isinstance(place.type, List) else len(place.type.by.members)
        return min(low, 0.0) * most * (1 + 1e-9), max(high, 0.0) * most * (1 + 1e-9)

    def is_safe(self, function: str, args: tuple[ir.Expr, ...], expr: ir.Expr) -> bool:
        """Whether the operation can never leave what its type holds, nor divide by zero."""
        if function in ("add", "subtract") and isinstance(expr.type, Number):
            return any(_is_lost(self.of(arg)) for arg in args) or self._is_inside(function, args, expr)
        return self._is_inside(function, args, expr)

    def _is_inside(self, function: str, args: tuple[ir.Expr, ...], expr: ir.Expr) -> bool:
        found = self._ends(function, args)
        if found is None:
            return False
        widest = _widest(expr)
        return bool(widest[0] < found[0] and found[1] < widest[1])


def bounds_of(pack: ir.Pack, parameters: Mapping[str, ir.Value]) -> Bounds:
    """What is known of a pack's values. Definitions come in the order of its steps, each behind what it reads."""
    bounds = Bounds({each.name: each for each in pack.inputs}, parameters, {}, {}, {})
    for step in pack.steps:
        match step:
            case ir.Define() | ir.Bind():
                known = bounds.known(step.value)
                known = _narrowed(known, step.place) if isinstance(step, ir.Bind) else known
                if known:
                    bounds.definitions[step.name] = known
            case ir.Fold(output=name):
                held = _held(bounds, pack, pack.outputs[name])
                if held:
                    bounds.outputs[name] = held
    return bounds


def _held(bounds: Bounds, pack: ir.Pack, output: ir.OutputDeclaration) -> Field | None:
    """What the value of an output keeps to, the safe one too: its own contract, and what its parts are made of."""
    if isinstance(output.type, Boolean | Enum | Time):
        return Field("", output.type)
    if not is_numeric(output.type):
        return joined([_made_of(bounds, pack, output), bounds.known(output.safe)])
    low, high = output.low, output.high
    if output.within and not any(effect.verb == "set" for _, effect in pack.effects_on(output.name)):
        low, high = output.within
    return Field("", output.type, low=low, high=high)


def _made_of(bounds: Bounds, pack: ir.Pack, output: ir.OutputDeclaration) -> Field | None:
    if output.combine == "computed" and output.start is not None:
        return bounds.known(output.start)
    if output.combine != "collect" or not isinstance(output.type, List):
        return None
    items = []
    for rule, effect in pack.effects_on(output.name):
        inner = bounds.in_block(rule.loop) if rule.loop else bounds
        items.append(inner.known(effect.value))
    item = joined(items)
    return item and Field("", List(item, output.type.max_items))


def _narrowed(known: Field | None, place: Field) -> Field:
    """What a value keeps to that has been held against a place."""
    if known is None or not is_numeric(known.type):
        return place
    low = max((end for end in (known.low, place.low) if end is not None), default=None)
    high = min((end for end in (known.high, place.high) if end is not None), default=None)
    return replace(place, low=low, high=high)


def item_field(source: ir.Expr) -> Field | None:
    """What is declared of the items; only an input keeps to that, since a choice of two lists has the type of one."""
    return source.type.item if isinstance(source, ir.Input) and isinstance(source.type, List) else None


def _widest(expr: ir.Expr) -> Interval:
    return (-float(MAX_INTEGER), float(MAX_INTEGER)) if isinstance(expr.type, Integer) else (-DOUBLE, DOUBLE)


def _declared(place: Field) -> Interval:
    end = float(MAX_INTEGER) if isinstance(place.type, Integer) else DOUBLE
    return (-end if place.low is None else place.low), (end if place.high is None else place.high)


def _hull(*intervals: Interval) -> Interval:
    return min(low for low, _ in intervals), max(high for _, high in intervals)


def joined(fields: Sequence[Field | None]) -> Field | None:
    """What all keep to, where that is known."""
    found = fields[0] if fields else None
    for each in fields[1:]:
        found = _common(found, each)
    return found


def _common(left: Field | None, right: Field | None) -> Field | None:
    """What both keep to: a number lies between the ends of both, a text is as long as the longer may be."""
    if left is None or right is None:
        return None
    left = replace(left, optional=left.optional or right.optional)
    match left.type, right.type:
        case (Number() | Integer(), Number() | Integer()) if left.type == right.type:
            low, high = _hull(_declared(left), _declared(right))
            return replace(left, low=low, high=high)
        case Text(max_length=one), Text(max_length=other):
            return replace(left, type=Text(max(one, other)))
        case List(max_items=0), List():
            return replace(left, type=right.type)
        case List(), List(max_items=0):
            return left
        case List(item=one, max_items=most), List(item=other, max_items=limit):
            item = _common(one, other)
            return item and replace(left, type=List(item, max(most, limit)))
        case Record() as kind, Record() as other if len(kind.fields) == len(other.fields):
            parts = [each for pair in zip(kind.fields, other.fields, strict=True) if (each := _common(*pair))]
            return replace(left, type=replace(kind, fields=tuple(parts))) if len(parts) == len(kind.fields) else None
    return left if left.type == right.type else None


def _is_lost(interval: Interval) -> bool:
    """Whether the largest double, with such a number added, is rounded back to itself."""
    return max(map(abs, interval)) < _LOST


def _products(left: Interval, right: Interval) -> Interval:
    corners = [a * b for a in left for b in right]
    return _rounded(min(corners), max(corners)) if all(c == c for c in corners) else (-DOUBLE, DOUBLE)


def _quotients(left: Interval, right: Interval) -> Interval:
    if right[0] <= 0 <= right[1]:
        return -DOUBLE, DOUBLE
    corners = [a / b for a in left for b in right]
    return _rounded(min(corners), max(corners))


def _lots(quantity: Interval, step: Interval) -> Interval:
    if step[0] <= 0:
        return -math.inf, math.inf
    low, high = _quotients(quantity, step)
    return low - 1, high + 1


def _floored(quantity: Interval, step: Interval) -> Interval:
    """Steps that can be counted."""
    count = _lots(quantity, step)
    if not -MAX_INTEGER < count[0] <= count[1] < MAX_INTEGER:
        return -math.inf, math.inf
    return _rounded(quantity[0] - step[1], quantity[1] + step[1])


def _clamped(x: Interval, low: Interval, high: Interval) -> Interval:
    if low[1] > high[0]:
        return -math.inf, math.inf
    return max(low[0], min(x[0], high[0])), max(low[1], min(x[1], high[1]))


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
    "floor": lambda x: (x[0] - 1, x[1]),
    "ceil": lambda x: (x[0], x[1] + 1),
    "trunc": lambda x: (x[0] - 1, x[1] + 1),
    "round": lambda x: (x[0] - 1, x[1] + 1),
    "lots": _lots,
    "floor_to": _floored,
    "clamp": _clamped,
    "sqrt": lambda x: (0.0, max(x[1], 1.0)) if x[0] >= 0 else (-math.inf, math.inf),
    "min": lambda *xs: (min(x[0] for x in xs), min(x[1] for x in xs)),
    "max": lambda *xs: (max(x[0] for x in xs), max(x[1] for x in xs)),
}
