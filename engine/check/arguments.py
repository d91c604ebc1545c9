"""Calls of the function table as IR: each argument against its slot, units together, and the type of the result."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import reduce

from .. import ir
from ..signatures import Function, Slot
from ..types import (
    BOOLEAN,
    UNKNOWN,
    Boolean,
    Enum,
    Field,
    Integer,
    List,
    Map,
    Number,
    Time,
    Type,
    Vector,
    is_numeric,
    kin,
    loosened,
    unit_of,
)
from ..units import RATIO, Unit, divide, mixes_proportions, parse, power
from .names import as_number
from .operators import call, conversion_advice, is_bare
from .scope import Context, unknown

_OF_MAPS: Mapping[str, str] = {"argmax": "greatest_key"}  # what takes a vector, and a map by another operation
_SCALARS = ("numeric", "number", "ordered")
# The units that a slot may name; every other name is a variable.
_FIXED: Mapping[str, Unit] = {name: unit for name in ("ratio", "fraction") if (unit := parse(name))}


@dataclass
class _Call:
    """A call under way: what its arguments turned out to be, and the units and types that variables stand for."""

    context: Context
    node: ast.Call
    function: Function
    arguments: list[ir.Expr]
    units: dict[str, Unit] = field(default_factory=lambda: dict(_FIXED))

    @property
    def slots(self) -> list[Slot]:
        return [self.function.slot(index) for index in range(len(self.arguments))]


def wrong(context: Context, node: ast.Call, usage: str) -> ir.Expr:
    name = usage.partition("(")[0]
    return context.fail("FB310", node, function=name, expected=f"other arguments: `{usage}`")


def strict(context: Context, node: ast.Call, function: Function, expected: Type | None) -> ir.Expr:
    if not function.takes(len(node.args)):
        return wrong(context, node, function.usage)
    made = _Call(context, node, function, _inferred(context, node.args, function, expected))
    if any(each.type == UNKNOWN for each in made.arguments):
        return unknown(context.span(node))
    if not (_each_fits(made) and _together(made)):
        return unknown(context.span(node))
    whole = _whole(made)
    if not whole:
        made.arguments = [
            as_number(each, Number(unit_of(each.type))) if slot.kind in _SCALARS else each
            for each, slot in zip(made.arguments, made.slots, strict=True)
        ]
    kind, _, unit = function.result.partition(" ")
    result = _RESULTS[kind](made, _unit(made, unit), whole)
    if len(made.units.keys() - _FIXED.keys()) > 1 and mixes_proportions(unit_of(result)):
        left, right = (f"`{unit_of(each.type)}`" for each in made.arguments[:2])
        return context.fail("FB313", node, left=left, right=right)
    of_map = _OF_MAPS.get(function.name) if isinstance(made.arguments[0].type, Map) else None
    found = call(context, node, result, of_map or function.operation, *made.arguments)
    return replace(found, optional=True) if function.maybe or of_map else found


def _inferred(context: Context, nodes: list[ast.expr], function: Function, expected: Type | None) -> list[ir.Expr]:
    """Every argument; one that knows no type of its own takes that of the first that does and shares its unit."""
    slots = [function.slot(index) for index in range(len(nodes))]
    outer = expected if function.result.partition(" ")[2] == slots[0].unit else None
    knowing = [index for index, node in enumerate(nodes) if not is_bare(context, node)]
    found: dict[int, ir.Expr] = {}
    for index in sorted(range(len(nodes)), key=lambda index: index not in knowing[:1]):
        alike = next((each for each in found if slots[each].unit == slots[index].unit), None)
        fixed = _FIXED.get(slots[index].unit)
        wanted = outer if fixed is None else _expected(slots[index], fixed)
        wanted = None if index in knowing[:1] else wanted
        if fixed is None and alike is not None and alike in knowing:
            wanted = _as_slot(slots[index], found[alike].type)
        found[index] = context.infer(nodes[index], wanted)
    return [found[index] for index in range(len(nodes))]


def _expected(slot: Slot, unit: Unit) -> Type:
    """What a slot expects that names its unit."""
    if slot.kind == "series":
        return List(Field("", Number(unit)), 0)
    return Integer(unit) if slot.kind == "integer" else Number(unit)


def _as_slot(slot: Slot, kind: Type) -> Type:
    """What a slot expects that shares its unit with a value of this type."""
    return kind.item.type if isinstance(kind, List | Vector | Map) and slot.kind in _SCALARS else kind


def _each_fits(made: _Call) -> bool:
    for argument, node, slot in zip(made.arguments, made.node.args, made.slots, strict=True):
        fits, expected = _KINDS[slot.kind]
        if not fits(argument.type):
            made.context.fail("FB305", node, expected=expected, found=str(argument.type))
            return False
        item = argument.type.item if isinstance(argument.type, List | Vector | Map) else None
        if item and item.optional and slot.kind in ("series", "vector"):
            made.context.fail("FB308", node, what="an item of it", help="give each a `default(…, value)`")
            return False
    return True


def _together(made: _Call) -> bool:
    """Whether those that share a unit have one, and those that share a type are of one."""
    first: dict[str, Type] = {}
    for argument, node, slot in zip(made.arguments, made.node.args, made.slots, strict=True):
        unit = unit_of(_scalar(argument.type))
        known = first.setdefault(slot.unit, argument.type)
        shared = made.units.setdefault(slot.unit, unit)
        if slot.kind in ("ordered", "items") and not _alike(known, argument.type):
            made.context.fail("FB305", node, expected=str(known), found=str(argument.type))
            return False
        if slot.unit and unit != shared and UNKNOWN not in (_scalar(known), _scalar(argument.type)):
            advice = conversion_advice(unit, shared) if slot.unit in _FIXED else conversion_advice(shared, unit)
            made.context.fail("FB306", made.node, left=f"`{shared}`", right=f"`{unit}`", help=advice)
            return False
    return True


def _scalar(kind: Type) -> Type:
    return kind.item.type if isinstance(kind, List | Vector | Map) else kind


def _alike(left: Type, right: Type) -> bool:
    """Whether two values can be taken for one another, but for their units."""
    a, b = _scalar(left), _scalar(right)
    if is_numeric(a) and is_numeric(b):
        return not isinstance(left, List) or isinstance(a, Integer) == isinstance(b, Integer)
    return kin(left, right)


def _whole(made: _Call) -> bool:
    """Whether the result stays an integer."""
    kinds = [slot.kind for slot in made.slots]
    whole = all(isinstance(_scalar(each.type), Integer) for each in made.arguments)
    return whole and kinds[0] in ("numeric", "ordered", "series")


def _unit(made: _Call, written: str) -> Unit:
    name, _, exponent = written.partition("**")
    if exponent:
        return power(made.units[name], Fraction(exponent))
    above, _, below = written.partition("/")
    unit = made.units.get(above) or parse(above) or RATIO
    return divide(unit, made.units[below]) if below else unit


def _same(made: _Call, unit: Unit, whole: bool) -> Type:
    kind = made.arguments[0].type
    return kind if isinstance(kind, Enum | Time) else _number(made, unit, whole)


def _number(_made: _Call, unit: Unit, whole: bool) -> Type:
    return Integer(unit) if whole else Number(unit)


def _member(made: _Call, _unit: Unit, _whole: bool) -> Type:
    kind = made.arguments[0].type
    return kind.by if isinstance(kind, Vector) else kind.key if isinstance(kind, Map) else UNKNOWN


def _items(made: _Call, _unit: Unit, _whole: bool) -> Type:
    """A list that holds no more than all of them together. Nothing says that its items differ by a key."""
    lists = [each.type for each in made.arguments if isinstance(each.type, List)]
    known = [each.item for each in lists if each.item.type != UNKNOWN] or [lists[0].item]
    item = reduce(loosened, (each.type for each in known))
    return List(Field("", item, optional=any(each.optional for each in known)), sum(each.max_items for each in lists))


_RESULTS: Mapping[str, Callable[[_Call, Unit, bool], Type]] = {
    "numeric": _number,
    "number": lambda _made, unit, _whole: Number(unit),
    "integer": lambda _made, unit, _whole: Integer(unit),
    "ordered": _same,
    "member": _member,
    "items": _items,
}

# What a slot of each kind takes, and how a message calls that.
_KINDS: Mapping[str, tuple[Callable[[Type], bool], str]] = {
    "numeric": (is_numeric, "a number"),
    "number": (is_numeric, "a number"),
    "integer": (lambda kind: isinstance(kind, Integer), "an integer"),
    "ordered": (lambda kind: is_numeric(kind) or isinstance(kind, Enum | Time), "a number"),
    "time": (lambda kind: isinstance(kind, Time), "a time"),
    "items": (lambda kind: isinstance(kind, List), "a list"),
    "series": (lambda kind: isinstance(kind, List) and _numeric_item(kind), "a list of numbers"),
    "vector": (lambda kind: isinstance(kind, Vector | Map) and _numeric_item(kind), "a vector or map of numbers"),
}


def _numeric_item(kind: List | Vector | Map) -> bool:
    return is_numeric(kind.item.type) or kind.item.type == UNKNOWN


def aggregate(context: Context, node: ast.Call, function: Function) -> ir.Expr:
    kind = function.slots[0].kind
    values = as_list(context, node.args[0], context.infer(node.args[0], BOOLEAN if kind == "booleans" else None))
    if values.type == UNKNOWN:
        return values
    if not isinstance(values.type, List | Vector):
        return context.fail("FB305", node.args[0], expected="a list", found=str(values.type))
    item = values.type.item
    if item.optional and kind != "items":
        return context.fail("FB308", node.args[0], what="an item of it", help="filter the items with `if present(…)`")
    fit = _fitting(function, item.type)
    if fit is not None:
        return context.fail("FB305", node.args[0], expected=fit, found=str(values.type))
    result = _aggregated(function, item.type)
    maybe = function.maybe and not (isinstance(values.type, Vector))
    optional = values.optional or maybe or (function.result == "item" and item.optional)
    span = context.span(node)
    found = ir.Call(type=result, optional=optional, span=span, function=function.operation, args=(values,))
    if function.operation == "sum" and isinstance(result, Number):  # of nothing it is the integer 0
        return call(context, node, result, "number", found)
    return found


def as_list(context: Context, node: ast.expr, values: ir.Expr) -> ir.Expr:
    """A map as the list of its values; anything else as it is."""
    if not isinstance(values.type, Map):
        return values
    return call(context, node, List(replace(values.type.item, name=""), values.type.max_items), "values", values)


def _fitting(function: Function, item: Type) -> str | None:
    """What the items should be, where they do not fit."""
    kind = function.slots[0].kind
    ordered = function.operation in ("least", "greatest") and isinstance(item, Enum | Time)
    if kind == "list" and not is_numeric(item) and not ordered and item != UNKNOWN:
        return "a list of numbers"
    if kind == "booleans" and not isinstance(item, Boolean) and item != UNKNOWN:
        return "a list of booleans"
    return None


def _aggregated(function: Function, item: Type) -> Type:
    kind, _, unit = function.result.partition(" ")
    if kind == "boolean":
        return BOOLEAN
    if kind == "integer":
        return Integer()
    if kind == "item" or not is_numeric(item):
        return item
    found = unit_of(item) if unit == "u" else RATIO
    return Integer(found) if kind == "numeric" and isinstance(item, Integer) else Number(found)
