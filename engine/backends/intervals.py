"""Which numbers an expression can give, so that generated code leaves out checks that cannot fail."""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from .. import ir
from ..functions import BOUNDS, FAULTLESS
from ..types import (
    MAX_INTEGER,
    Boolean,
    Enum,
    Field,
    Integer,
    List,
    Number,
    Record,
    Text,
    Time,
    Type,
    Vector,
    is_numeric,
)
from .operation_bounds import DOUBLE, RULES, Interval

_SCALARS = (Boolean, Enum, Time)
_ANY_TEXT = Text(MAX_INTEGER)  # of which nothing is known
_NEVER_FAIL = FAULTLESS | {"present"}
_PLACES = ("at", "first", "least", "greatest")  # what gives an item of a list or vector
_LOST = 2.0**969  # a quarter of the step below the largest double


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
            case ir.Literal(type=Vector() as kind, value=value):
                return _valued(kind, value)
            case ir.Parameter(type=Vector() as kind, name=name):
                return _valued(kind, self.parameters.get(name))
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
        if isinstance(expr.type, _SCALARS):
            return Field("", expr.type)
        return self.place(expr) or _unknown(expr.type)

    def item_of(self, source: ir.Expr) -> Field | None:
        """What the items of a list keep to."""
        place = self._list(source)
        return place.item if place else None

    def _list(self, source: ir.Expr) -> List | None:
        """What a list keeps to, which may be that of an enum's members."""
        if isinstance(source, ir.Literal) and isinstance(source.type, List):
            return source.type if isinstance(source.type.item.type, Enum) else None
        place = self.place(source)
        return place.type if place and isinstance(place.type, List) else None

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
        place = self._list(expr.source)
        item = self.inside(expr.variable, place.item).known(expr.value) if place else None
        if place is None or item is None:
            return None
        if isinstance(expr.type, Vector):
            return Field("", replace(expr.type, item=replace(item, optional=expr.value.optional)))
        return Field("", List(item, place.max_items))

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

    def can_fail(self, expr: ir.Expr) -> bool:
        """Whether evaluating an expression may raise a fault."""
        match expr:
            case ir.Call():
                return self.call_can_fail(expr) or any(map(self.can_fail, expr.args))
            case ir.Each(variable=variable, source=source):
                inner = self.inside(variable, self.item_of(source))
                turn = [expr.value, *([expr.where] if expr.where else [])]
                return self.can_fail(source) or any(map(inner.can_fail, turn))
            case ir.Select(loop=loop):
                return self.block_can_fail(loop)
        return any(map(self.can_fail, ir.children(expr)))

    def block_can_fail(self, loop: ir.Loop) -> bool:
        inner = self
        for source in loop.sources:
            if inner.can_fail(source.items):
                return True
            inner = inner.inside(source.variable, inner.item_of(source.items))
        inner = self.in_block(loop)
        turn = [*(value for _, value in loop.names), *loop.order, *([loop.where] if loop.where else [])]
        return any(map(inner.can_fail, turn)) or bool(loop.limit and self.can_fail(loop.limit))

    def call_can_fail(self, call: ir.Call) -> bool:
        return call.function not in _NEVER_FAIL and not self.is_safe(call.function, call.args, call)

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
        return RULES[function](*(self.of(arg) for arg in args)) if function in RULES else None

    def _summed(self, values: ir.Expr) -> Interval | None:
        """A sum and every sum on the way to it."""
        place = self.place(values)
        if place is None or not isinstance(place.type, List | Vector) or not is_numeric(place.type.item.type):
            return None
        low, high = _declared(place.type.item)
        most = place.type.max_items if isinstance(place.type, List) else len(place.type.by.members)
        return min(low, 0.0) * most * (1 + 1e-9), max(high, 0.0) * most * (1 + 1e-9)

    def learn(self, step: ir.Step, pack: ir.Pack) -> None:
        """What a step tells of the value that it gives."""
        match step:
            case ir.Define() | ir.Bind():
                known = self.known(step.value)
                known = _narrowed(known, step.place) if isinstance(step, ir.Bind) else known
                if known:
                    self.definitions[step.name] = known
            case ir.Fold(output=name):
                held = _held(self, pack, pack.outputs[name])
                if held:
                    self.outputs[name] = held

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
    bounds = declared_bounds(pack, parameters)
    for step in pack.steps:
        bounds.learn(step, pack)
    return bounds


def declared_bounds(pack: ir.Pack, parameters: Mapping[str, ir.Value]) -> Bounds:
    """The same before any step."""
    return Bounds({each.name: each for each in pack.inputs}, parameters, {}, {}, {})


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


def _valued(kind: Type, value: Any) -> Field | None:
    """What the values of a vector or matrix of numbers lie between."""
    if not isinstance(kind, Vector):
        return Field("", kind, low=value, high=value) if is_numeric(kind) and value is not None else None
    item: Field | None = None
    for i, each in enumerate(value or ()):
        found = _valued(kind.item.type, each)
        item = found if i == 0 else item and found and _common(item, found)
    return item and Field("", replace(kind, item=item))


def _unknown(kind: Type) -> Field | None:
    """A list of which nothing is known, not even its length, where its items are such."""
    if isinstance(kind, List) and isinstance(kind.item.type, _SCALARS):
        return Field("", replace(kind, max_items=MAX_INTEGER))
    return None


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
        case Vector(by=by, item=one), Vector(by=same, item=other) if by == same:
            item = _common(one, other)
            return item and replace(left, type=Vector(by, item))
        case Record() as kind, Record() as other if len(kind.fields) == len(other.fields):
            parts = [each for pair in zip(kind.fields, other.fields, strict=True) if (each := _common(*pair))]
            return replace(left, type=replace(kind, fields=tuple(parts))) if len(parts) == len(kind.fields) else None
    return left if left.type == right.type else None


def _is_lost(interval: Interval) -> bool:
    """Whether the largest double, with such a number added, is rounded back to itself."""
    return max(map(abs, interval)) < _LOST
