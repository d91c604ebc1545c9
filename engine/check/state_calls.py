"""State functions and `previous` as IR: what they take, how they go on, and the type of what they give."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import replace

from .. import ir
from ..diagnostics import did_you_mean
from ..functions import CONVERSIONS
from ..intents import SENT
from ..state_functions import SNAPSHOTS, STATE_TABLE, StateFunction, entry
from ..types import (
    BOOLEAN,
    UNKNOWN,
    Boolean,
    Field,
    Integer,
    Map,
    Number,
    Type,
    Vector,
    is_numeric,
    of_member,
    unit_of,
)
from ..units import RATIO, SECONDS, mixes_proportions, multiply
from .names import as_number
from .operators import call
from .presence import path
from .scope import Context, Scope, unknown

_ON_FAULT = ("hold", "set")


def previous(context: Context, node: ast.Call, expected: Type | None) -> ir.Expr:
    """`previous(name)`: a definition, an output or an input as it was, or whether an intent was sent."""
    name = _recalled(context.scope, node.args[0]) if len(node.args) == 1 and not node.keywords else None
    if name is None:
        return context.fail("FB310", node, function="previous", expected="the name of a value: `previous(name)`")
    if context.constant:
        return context.fail("FB303", node, what=f"`{context.span(node).text}`", help="this is computed only once")
    if ir.part_of(name.removeprefix(SENT)) in context.scope.unresolved_parts:
        return unknown(context.span(node))
    kind = _was(context, name, expected)
    if kind is None and name.startswith(SENT):
        intents = [each for each, what in context.scope.fired.items() if what == "intent"]
        wrong = ir.shown(name.removeprefix(SENT))
        return context.fail("FB301", node.args[0], kind="intent", name=wrong, help=did_you_mean(wrong, intents))
    if kind is None:
        advice = did_you_mean(ir.shown(name), context.scope.recalled_names())
        return context.fail("FB301", node.args[0], kind="definition, output or input", name=ir.shown(name), help=advice)
    context.scope.used.update((name, ir.part_of(name.removeprefix(SENT))))
    return ir.Previous(type=kind, optional=path(node) not in context.facts, span=context.span(node), name=name)


def _recalled(scope: Scope, node: ast.expr) -> str | None:
    match node:
        case ast.Name(id=name) | ast.Attribute(value=ast.Name(id="out"), attr=name):
            return name
        case ast.Attribute(value=ast.Name(id="sent"), attr=name):
            return SENT + name
        case ast.Attribute(value=ast.Attribute(value=ast.Name(id="sent"), attr=part), attr=name):
            return SENT + ir.of_part(part, name)
        case ast.Attribute(value=ast.Name(id=part), attr=name) if scope.is_part(part):
            return ir.of_part(part, name)
    return None


def _was(context: Context, name: str, expected: Type | None) -> Type | None:
    scope = context.scope
    if name.startswith(SENT):
        return BOOLEAN if scope.fired.get(ir.shown(name.removeprefix(SENT))) == "intent" else None
    if (part := ir.part_of(name)) in scope.parts:
        found = scope.parts[part].outputs.get(name.removeprefix(ir.of_part(part, "")))
        return found.type if found else None
    if name in scope.definitions:
        return scope.was.get(name) or expected or UNKNOWN
    if name in scope.outputs:
        return scope.outputs[name][0]
    symbol = scope.symbols.get(name)
    return symbol.type if symbol and symbol.kind == "input" else None


def is_state_call(node: ast.expr) -> bool:
    names = {each.name for each in STATE_TABLE}
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in names


def advance(context: Context, node: ast.Call, definition: str) -> ir.Expr:
    """A state function as the whole of a definition."""
    assert isinstance(node.func, ast.Name)
    first = next(each for each in STATE_TABLE if each.name == node.func.id)
    if not _takes(first, node):
        return _wrong(context, node, first)
    count = len(first.takes)
    arguments = [_argument(context, each, takes) for each, takes in zip(node.args, first.takes, strict=False)]
    setting = _setting(context, node, node.args[count:]) if first.setting else None
    by, constants = ("", []) if setting is None else (setting[0], [setting[1]])
    if UNKNOWN in [each.type for each in (*arguments, *constants)]:
        return unknown(context.span(node))
    function = entry(first.name, by)
    if function is None:
        return context.fail("FB305", node.args[-1], expected="a count of snapshots", found="a time")
    if function.needs_now:
        context.scope.used.add("now")
    kind = _type(context, node, function, arguments)
    if kind is None:
        return unknown(context.span(node))
    return ir.Advance(
        type=kind,
        optional=not isinstance(kind, Vector | Map) and _may_be_absent(function, arguments),
        span=context.span(node),
        name=definition,
        function=function.key,
        args=(*arguments, *constants),
        on_fault=any(isinstance(each.value, ast.Name) and each.value.id == "set" for each in node.keywords),
    )


def _wrong(context: Context, node: ast.Call, function: StateFunction) -> ir.Expr:
    usage = {"ewma": "ewma(x, alpha=…)` or `ewma(x, half_life=…)", "latch": "latch(set, reset[, on_fault=set])"}
    expected = f"other arguments: `{usage.get(function.name, function.usage)}`"
    return context.fail("FB310", node, function=function.name, expected=expected)


def _takes(function: StateFunction, node: ast.Call) -> bool:
    """Whether a call has the arguments of a function, by number and name."""
    names = [each.arg for each in node.keywords]
    count = len(function.takes) + (function.setting == "window")
    if len(node.args) != count or any(isinstance(each, ast.Starred) for each in node.args):
        return False
    if function.name == "ewma":
        return names in (["alpha"], ["half_life"])
    if function.name == "latch" and names == ["on_fault"]:
        value = node.keywords[0].value
        return isinstance(value, ast.Name) and value.id in _ON_FAULT
    return not names


def _argument(context: Context, node: ast.expr, takes: str) -> ir.Expr:
    expr = context.infer(node, BOOLEAN if takes == "condition" else None)
    if isinstance(expr.type, Map):  # without it nobody knows which items there are
        expr = context.demand(node, expr)
    kind = of_member(expr.type)
    if kind == UNKNOWN or takes == "anything":
        return expr
    if takes == "condition" and not isinstance(kind, Boolean):
        return context.fail("FB305", node, expected="a boolean", found=str(expr.type))
    if takes in ("number", "quantity") and not (is_numeric(kind) or (takes == "quantity" and kind == BOOLEAN)):
        return context.fail("FB305", node, expected="a number", found=str(expr.type))
    if isinstance(kind, Boolean):
        if isinstance(expr.type, Vector | Map) and expr.type.item.optional:
            return context.fail("FB308", node, what="an item of it", help="give each a `default(…, value)`")
        return context.demand(node, expr)
    return expr


def _setting(context: Context, node: ast.Call, rest: Sequence[ast.expr]) -> tuple[str, ir.Expr]:
    """What a window or a mean goes by: `alpha`, snapshots, or time, which then is in seconds."""
    written = rest[0] if rest else node.keywords[0].value
    name = node.keywords[0].arg if node.keywords else "window"
    constant = replace(context, constant=True)
    found = constant.demand(written, constant.infer(written))
    if found.type == UNKNOWN:
        return "alpha" if name == "alpha" else "count", found
    if not is_numeric(found.type):
        return "count", context.fail("FB305", written, expected="a number", found=str(found.type))
    unit = unit_of(found.type)
    if name == "window":
        context.scope.demand_single(found, "a window")
    found = as_number(found, Number(unit))
    if name == "alpha":
        if unit == RATIO:
            return "alpha", found
        return "alpha", context.fail("FB306", written, left="`ratio`", right=f"`{unit}`")
    kind = unit.base.kind if unit.base else ""
    if kind == "duration":
        return "time", in_seconds(context, written, found)
    if kind == "count":
        return "count", found
    advice = "its unit says what it counts: `unit: snapshots` (or `bars`, …) snapshots, `unit: s` (or `min`, …) time"
    return "count", context.fail(
        "FB305", written, expected="a count or a time", found=f"a number in {unit}", help=advice
    )


def in_seconds(context: Context, node: ast.expr, found: ir.Expr) -> ir.Expr:
    """A duration in the unit of all time that is kept."""
    per = CONVERSIONS["as_seconds"].per
    factor = per["s"] // per[str(unit_of(found.type))]
    if factor == 1:
        return found
    literal = ir.Literal(type=Number(), value=float(factor), span=context.span(node))
    return call(context, node, Number(SECONDS), "multiply", found, literal)


def _may_be_absent(function: StateFunction, arguments: Sequence[ir.Expr]) -> bool:
    if function.absent != "as given":
        return function.absent == "maybe"
    return any(each.optional or (isinstance(each.type, Vector | Map) and each.type.item.optional) for each in arguments)


def _type(context: Context, node: ast.Call, function: StateFunction, arguments: Sequence[ir.Expr]) -> Type | None:
    """The type of the result: for vectors a vector by the one enum that they have, for maps a map."""
    wholes = [(arg.type, i) for i, arg in enumerate(arguments) if isinstance(arg.type, Vector | Map)]
    for whole, i in wholes:
        if _index(whole) != _index(wholes[0][0]):
            expected = f"{_index(wholes[0][0])}, as the first argument has it"
            context.fail("FB305", node.args[i], expected=expected, found=str(whole))
            return None
    kinds = [of_member(arg.type) for arg in arguments]
    kind = _single(function, kinds)
    if mixes_proportions(unit_of(kind)) and function.gives == "product":
        left, right = (f"`{unit_of(each)}`" for each in kinds)
        context.fail("FB313", node, left=left, right=right)
        return None
    if not wholes:
        return kind
    return replace(wholes[0][0], item=Field("", kind, optional=_may_be_absent(function, arguments)))


def _index(whole: Vector | Map) -> str:
    """What tells members or items apart."""
    return f"a vector by {whole.by.name}" if isinstance(whole, Vector) else "a map by text"


def _single(function: StateFunction, kinds: Sequence[Type]) -> Type:
    unit = unit_of(kinds[0])
    match function.gives:
        case "seconds":
            return Number(SECONDS)
        case "snapshots":
            return Integer(SNAPSHOTS)
        case "boolean":
            return BOOLEAN
        case "count":
            return Integer()
        case "ratio":
            return Number()
        case "product":
            return Number(multiply(unit, unit_of(kinds[1])))
        case "number":
            return Number(unit)
    return kinds[0] if is_numeric(kinds[0]) else Integer()
