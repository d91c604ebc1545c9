"""Arithmetic, comparison and logic as IR: which types and units go together."""

from __future__ import annotations

import ast
from dataclasses import replace
from fractions import Fraction

from .. import ir
from ..types import (
    BOOLEAN,
    UNKNOWN,
    Boolean,
    Document,
    Enum,
    Field,
    Integer,
    List,
    Map,
    Number,
    Text,
    Time,
    Type,
    is_numeric,
    kin,
    loosened,
    unit_of,
)
from ..units import RATIO, SECONDS, Unit, divide, mixes_proportions, multiply, power
from .names import as_number
from .presence import facts
from .scope import Context

MAX_POWER = 8
_ARITHMETIC = {
    ast.Add: "add",
    ast.Sub: "subtract",
    ast.Mult: "multiply",
    ast.Div: "divide",
    ast.FloorDiv: "floor_divide",
    ast.Mod: "modulo",
}
_COMPARISON = {ast.Lt: "lt", ast.LtE: "le", ast.Gt: "gt", ast.GtE: "ge", ast.Eq: "eq", ast.NotEq: "ne"}
_ORDERED = ("lt", "le", "gt", "ge")


def is_bare(context: Context, node: ast.expr) -> bool:
    """Whether a node takes its type from its surroundings: a number, an enum member, `missing`, or made of such."""
    match node:
        case ast.Constant():
            return True
        case ast.UnaryOp(op=ast.USub() | ast.UAdd(), operand=operand):
            return is_bare(context, operand)
        case ast.IfExp(body=body, orelse=other):
            return is_bare(context, body) and is_bare(context, other)
        case ast.List(elts=items):
            return all(is_bare(context, item) for item in items)
        case ast.Dict(keys=keys):
            return not keys
        case ast.Name(id=name):
            if name in context.names or name in context.scope.symbols or name in context.scope.definitions:
                return False
            return name == "missing" or bool(context.scope.enums_with(name))
        case ast.Call(func=ast.Name(id="default"), args=args):
            return all(is_bare(context, arg) for arg in args)
        case ast.Call(func=ast.Name(id="previous"), args=[ast.Name(id=name)]):
            return name in context.scope.definitions and name not in context.scope.was
    return False


def infer_together(
    context: Context, left: ast.expr, right: ast.expr, expected: Type | None = None
) -> tuple[ir.Expr, ir.Expr]:
    """Both operands, the one that knows its type first, so that the other can take it."""
    if is_bare(context, left) and not is_bare(context, right):
        known = context.infer(right, expected)
        return context.infer(left, _element(known.type)), known
    known = context.infer(left, expected)
    return known, context.infer(right, known.type if known.type != UNKNOWN else expected)


def _element(kind: Type) -> Type:
    return kind.item.type if isinstance(kind, List) else kind.key if isinstance(kind, Map) else kind


def call(context: Context, node: ast.AST, kind: Type, function: str, *args: ir.Expr) -> ir.Expr:
    """A strict call: absent where an argument may be."""
    optional = any(arg.optional for arg in args)
    return ir.Call(type=kind, optional=optional, span=context.span(node), function=function, args=args)


def arithmetic(context: Context, node: ast.BinOp, expected: Type | None) -> ir.Expr:
    if isinstance(node.op, ast.Pow):
        return _power(context, node)
    name = _ARITHMETIC.get(type(node.op))
    if name is None:
        return context.fail("FB303", node, what=f"`{context.span(node).text}`")
    if name in ("add", "subtract"):
        left, right = infer_together(context, node.left, node.right, expected)
    else:
        left, right = _free(context, node.left), _free(context, node.right)
    if UNKNOWN in (left.type, right.type):
        return ir.Literal(type=UNKNOWN, value=None, span=context.span(node))
    if isinstance(left.type, Time) or isinstance(right.type, Time):
        return _moments(context, node, name, left, right)
    for operand, side in ((left, node.left), (right, node.right)):
        if not is_numeric(operand.type):
            return context.fail("FB305", side, expected="a number", found=str(operand.type))
    return _numbers(context, node, name, left, right)


def _free(context: Context, node: ast.expr) -> ir.Expr:
    """A factor: nothing is expected of its unit."""
    return context.infer(node)


def _numbers(context: Context, node: ast.BinOp, name: str, left: ir.Expr, right: ir.Expr) -> ir.Expr:
    whole = isinstance(left.type, Integer) and isinstance(right.type, Integer)
    if name in ("floor_divide", "modulo") and not whole:
        other = node.left if not isinstance(left.type, Integer) else node.right
        found = left.type if not isinstance(left.type, Integer) else right.type
        return context.fail(
            "FB305", other, expected="an integer", found=str(found), help="`floor(x / y)` takes numbers"
        )
    unit = _unit(context, node, name, unit_of(left.type), unit_of(right.type))
    if unit is None:
        return ir.Literal(type=UNKNOWN, value=None, span=context.span(node))
    if not whole or name == "divide":
        left, right = _as_double(left), _as_double(right)
    return call(context, node, Integer(unit) if whole and name != "divide" else Number(unit), name, left, right)


def _as_double(expr: ir.Expr) -> ir.Expr:
    return as_number(expr, Number(unit_of(expr.type)))


def _unit(context: Context, node: ast.BinOp, name: str, left: Unit, right: Unit) -> Unit | None:
    if name in ("add", "subtract", "modulo"):
        if left == right:
            return left
        advice = conversion_advice(left, right)
        context.scope.report("FB306", context.span(node), left=f"`{left}`", right=f"`{right}`", help=advice)
        return None
    product = multiply(left, right) if name == "multiply" else divide(left, right)
    if mixes_proportions(product):
        context.scope.report("FB313", context.span(node), left=f"`{left}`", right=f"`{right}`")
        return None
    return product


def conversion_advice(left: Unit, right: Unit) -> str | None:
    """Which function would bring `left` to `right`, where there is one."""
    kinds = {unit.base.kind if unit.base else "ratio" if unit == RATIO else "" for unit in (left, right)}
    names = {"s": "seconds", "min": "minutes", "h": "hours", "d": "days"}
    if kinds <= {"proportion", "ratio"}:
        return f"convert one of them, for example with `as_{right}(…)`"
    if kinds == {"duration"}:
        return f"convert one of them, for example with `as_{names[str(right)]}(…)`"
    return None


def _moments(context: Context, node: ast.BinOp, name: str, left: ir.Expr, right: ir.Expr) -> ir.Expr:
    match name, left.type, right.type:
        case "subtract", Time(), Time():
            return call(context, node, Number(SECONDS), "seconds_between", left, right)
        case "add" | "subtract", Time(), Number() | Integer() if unit_of(right.type) == SECONDS:
            return call(context, node, Time(), f"{name}_seconds", left, _as_double(right))
    advice = "a time takes `+` and `-` with seconds, and `-` with another time"
    return context.fail("FB305", node, expected="a number", found="a time", help=advice)


def _power(context: Context, node: ast.BinOp) -> ir.Expr:
    base = context.infer(node.left)
    exponent = node.right.value if isinstance(node.right, ast.Constant) else None
    if not isinstance(exponent, int) or isinstance(exponent, bool) or not 0 <= exponent <= MAX_POWER:
        what = f"the exponent `{context.span(node.right).text}`"
        return context.fail("FB303", node.right, what=what, help=_power_advice(context, node, exponent))
    if base.type == UNKNOWN:
        return base
    if not is_numeric(base.type):
        return context.fail("FB305", node.left, expected="a number", found=str(base.type))
    unit = power(unit_of(base.type), Fraction(exponent))
    if mixes_proportions(unit):
        return context.fail("FB313", node, left=f"`{unit_of(base.type)}`", right="itself")
    kind = Integer(unit) if isinstance(base.type, Integer) else Number(unit)
    literal = ir.Literal(type=Integer(), value=exponent, span=context.span(node.right))
    return call(context, node, kind, "power", base, literal)


def _power_advice(context: Context, node: ast.BinOp, exponent: object) -> str:
    """What to write where the exponent is no literal from 0 to 8."""
    base, written = context.span(node.left).text, context.span(node.right).text
    if exponent == 0.5:
        return f"write `sqrt({base})`"
    return f"an exponent is a whole number from 0 to {MAX_POWER}; `pow({base}, {written})` takes any, of a base above 0"


def unary(context: Context, node: ast.UnaryOp, expected: Type | None) -> ir.Expr:
    if isinstance(node.op, ast.Not):
        return call(context, node, BOOLEAN, "not", condition(context, node.operand))
    if isinstance(node.op, ast.Invert):
        return context.fail("FB303", node, what="`~`")
    operand = context.infer(node.operand, expected)
    if operand.type == UNKNOWN:
        return operand
    if not is_numeric(operand.type):
        return context.fail("FB305", node.operand, expected="a number", found=str(operand.type))
    if isinstance(node.op, ast.UAdd):
        return operand
    if isinstance(operand, ir.Literal) and isinstance(operand.value, int | float):
        return replace(operand, value=0 - operand.value, span=context.span(node))
    return call(context, node, operand.type, "negate", operand)


def condition(context: Context, node: ast.expr) -> ir.Expr:
    """A boolean that must be present."""
    expr = context.infer(node, BOOLEAN)
    if not isinstance(expr.type, Boolean) and expr.type != UNKNOWN:
        return context.fail("FB305", node, expected="a boolean", found=str(expr.type))
    return context.demand(node, expr)


def logic(context: Context, node: ast.BoolOp, _expected: Type | None) -> ir.Expr:
    """`and` and `or`: each term is checked knowing that the ones before it held (or failed)."""
    holds = isinstance(node.op, ast.And)
    terms, inner = [], context
    for value in node.values:
        terms.append(condition(inner, value))
        inner = inner.knowing(facts(inner, value, holds))
    if holds:
        return ir.And(type=BOOLEAN, span=context.span(node), terms=tuple(terms))
    return ir.Or(type=BOOLEAN, span=context.span(node), terms=tuple(terms))


def comparison(context: Context, node: ast.Compare, _expected: Type | None) -> ir.Expr:
    operands = [node.left, *node.comparators]
    if isinstance(node.ops[0], ast.In | ast.NotIn):
        return _membership(context, node)
    known = next((i for i, each in enumerate(operands) if not is_bare(context, each)), 0)
    first = context.infer(operands[known])
    exprs = [
        context.demand(each, first if i == known else context.infer(each, first.type))
        for i, each in enumerate(operands)
    ]
    names = []
    for i, op in enumerate(node.ops):
        name = _COMPARISON.get(type(op))
        if name is None:
            advice = "write `==` or `!=`, or present(…)"
            return context.fail("FB303", node, what=f"`{context.span(node).text}`", help=advice)
        if not comparable(context, node, name, exprs[i], exprs[i + 1]):
            return ir.Literal(type=UNKNOWN, value=None, span=context.span(node))
        names.append(name)
    if len(names) == 1:
        return call(context, node, BOOLEAN, names[0], *exprs)
    rest = tuple(zip(names, exprs[1:], strict=True))
    return ir.Chain(type=BOOLEAN, span=context.span(node), first=exprs[0], rest=rest)


def comparable(context: Context, node: ast.AST, name: str, left: ir.Expr, right: ir.Expr) -> bool:
    """Whether two operands may be compared so; reports where not."""
    if UNKNOWN in (left.type, right.type):
        return False
    if is_numeric(left.type) and is_numeric(right.type):
        units = unit_of(left.type), unit_of(right.type)
        if units[0] == units[1]:
            return True
        context.fail("FB306", node, left=f"`{units[0]}`", right=f"`{units[1]}`", help=conversion_advice(*units))
        return False
    if not kin(left.type, right.type):
        patterns = "both need the same `ignore` and `unordered`" if isinstance(left.type, Document) else None
        context.fail("FB305", node, expected=str(left.type), found=str(right.type), help=patterns)
        return False
    if name in _ORDERED and not isinstance(left.type, Enum | Time):
        advice = "compare it with `==` or `!=`"
        context.fail("FB305", node, expected="something with an order", found=str(left.type), help=advice)
        return False
    return True


def _membership(context: Context, node: ast.Compare) -> ir.Expr:
    if len(node.ops) > 1:
        return context.fail("FB303", node, what="`in` in a chain of comparisons", help="join them with `and`")
    value, values = infer_together(context, node.left, node.comparators[0])
    if UNKNOWN in (value.type, values.type):
        return ir.Literal(type=UNKNOWN, value=None, span=context.span(node))
    if isinstance(values.type, Map):
        held, function = Field("", values.type.key), "has_key"
    elif isinstance(values.type, List):
        held, function = values.type.item, "in"
    else:
        return context.fail("FB305", node.comparators[0], expected="a list or map", found=str(values.type))
    item = ir.Literal(type=held.type, value=None, optional=held.optional)
    if held.type != UNKNOWN and not comparable(context, node, "eq", value, item):
        return ir.Literal(type=UNKNOWN, value=None, span=context.span(node))
    value, values = context.demand(node.left, value), context.demand(node.comparators[0], values)
    expr = call(context, node, BOOLEAN, function, value, values)
    return expr if isinstance(node.ops[0], ast.In) else call(context, node, BOOLEAN, "not", expr)


def choice(context: Context, node: ast.IfExp, expected: Type | None) -> ir.Expr:
    """`x if c else y`: each arm knows what the test tells it."""
    test = condition(context, node.test)
    holding = context.knowing(facts(context, node.test, True))
    failing = context.knowing(facts(context, node.test, False))
    if is_bare(context, node.body) and not is_bare(context, node.orelse):
        other = failing.infer(node.orelse, expected)
        then = holding.infer(node.body, other.type)
    else:
        then = holding.infer(node.body, expected)
        other = failing.infer(node.orelse, then.type if then.type != UNKNOWN else expected)
    then, other, kind = unified(context, node, then, other)
    optional = then.optional or other.optional
    return ir.If(type=kind, optional=optional, span=context.span(node), test=test, then=then, other=other)


def unified(context: Context, node: ast.AST, left: ir.Expr, right: ir.Expr) -> tuple[ir.Expr, ir.Expr, Type]:
    """Two values of which one will be taken, brought to one type."""
    if UNKNOWN in (left.type, right.type):
        known = right.type if left.type == UNKNOWN else left.type
        return _absent_as(left, known), _absent_as(right, known), known
    if is_numeric(left.type) and is_numeric(right.type):
        units = unit_of(left.type), unit_of(right.type)
        if units[0] != units[1]:
            context.fail("FB306", node, left=f"`{units[0]}`", right=f"`{units[1]}`", help=conversion_advice(*units))
            return left, right, UNKNOWN
        if isinstance(left.type, Integer) and isinstance(right.type, Integer):
            return left, right, left.type
        return _as_double(left), _as_double(right), Number(units[0])
    if not kin(left.type, right.type):
        context.fail("FB305", node, expected=str(left.type), found=str(right.type))
        return left, right, UNKNOWN
    return left, right, joined(left.type, right.type)


def joined(left: Type, right: Type) -> Type:
    """The type of a choice: it promises no more than both do."""
    if isinstance(left, List) and isinstance(right, List):
        key = left.key if left.key == right.key else ()
        left = replace(left, max_items=max(left.max_items, right.max_items), key=key)
    if isinstance(left, Map) and isinstance(right, Map):
        left = replace(left, max_items=max(left.max_items, right.max_items))
    return loosened(left, right) if not isinstance(left, Text) else right


def _absent_as(expr: ir.Expr, kind: Type) -> ir.Expr:
    """`missing`, whose type is not known from itself, as an absent value of a type."""
    is_missing = isinstance(expr, ir.Literal) and expr.type == UNKNOWN and expr.optional
    return replace(expr, type=kind) if is_missing else expr
