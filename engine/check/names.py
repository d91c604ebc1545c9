"""Names, members, fields and literals as IR."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import replace

from .. import ir
from ..diagnostics import did_you_mean
from ..types import (
    BOOLEAN,
    MAX_INTEGER,
    UNKNOWN,
    Enum,
    Integer,
    List,
    Map,
    Number,
    Record,
    Text,
    Time,
    Type,
    Vector,
    is_numeric,
    unit_of,
)
from .presence import path
from .scope import Context, unknown

# Structural numbers: nothing, one, and the sign. Every other number in an expression belongs in a parameter.
_STRUCTURAL = (0, 1)
_WORDS = {True: "true", False: "false", None: "missing"}
STEPS: Mapping[str, type[ir.Before | ir.After]] = {"before": ir.Before, "after": ir.After}
_ADVICE = {False: "only literals and parameters may stand here", True: "only inputs and parameters may stand here"}


def name(context: Context, node: ast.Name, expected: Type | None) -> ir.Expr:
    span = context.span(node)
    if node.id in ("true", "false"):
        return ir.Literal(type=BOOLEAN, value=node.id == "true", span=span)
    if node.id == "missing":
        return ir.Literal(type=expected or UNKNOWN, value=None, optional=True, span=span)
    if node.id in STEPS and context.reason:
        return _step_of_one(context, node)
    found = _local(context, node) or _symbol(context, node)
    if found is not None:
        return found
    member = _member(context, node, expected)
    if member is not None:
        return member
    if context.scope.unresolved_parts or (context.scope.unresolved and not node.id.islower()):
        return unknown(span)
    enums = [each.members for each in context.scope.types.values() if isinstance(each, Enum)]
    members = [each for members in enums for each in members]
    advice = context.suggest(node.id, members)
    return context.fail("FB301", node, kind="value", name=node.id, help=advice)


def _local(context: Context, node: ast.Name) -> ir.Expr | None:
    local = context.names.get(node.id)
    if local is None:
        return None
    optional = local.optional and node.id not in context.facts
    return ir.Local(type=local.type, optional=optional, span=context.span(node), name=node.id)


def _symbol(context: Context, node: ast.Name) -> ir.Expr | None:
    span = context.span(node)
    if node.id == "now" and not context.constant:
        context.scope.used.add("now")
        return ir.Input(type=Time(), span=span, name="now")
    symbol = context.scope.symbol(node.id, span)
    if symbol is None:
        return None
    optional = symbol.optional and node.id not in context.facts
    if symbol.kind == "parameter":
        return ir.Parameter(type=symbol.type, optional=optional, span=span, name=node.id)
    if context.constant or (context.admitted and symbol.kind != "input"):
        return context.fail("FB303", node, what=f"{symbol.kind} `{node.id}`", help=_ADVICE[context.admitted])
    kind = ir.Input if symbol.kind == "input" else ir.Defined
    return kind(type=symbol.type, optional=optional, span=span, name=node.id)


def _member(context: Context, node: ast.Name, expected: Type | None) -> ir.Expr | None:
    if isinstance(expected, Enum):
        if node.id in expected.members:
            return member(expected, node.id, context, node)
        if context.scope.enums_with(node.id):
            return context.fail("FB309", node, type=expected.name, name=node.id, help=_members(expected, node.id))
        near = did_you_mean(node.id, (*expected.members, *context.names, *context.scope.value_names()))
        advice = near or _members(expected, node.id)
        return context.fail("FB301", node, kind="value or member", name=node.id, help=advice)
    enums = context.scope.enums_with(node.id)
    if not enums or expected == UNKNOWN:
        return ir.Literal(type=UNKNOWN, value=None, span=context.span(node)) if enums else None
    types = " and ".join(f"`{each.name}`" for each in enums)
    return context.fail("FB316", node, name=node.id, types=types, help=f"write `{enums[0].name}.{node.id}`")


def _members(enum: Enum, text: str) -> str:
    return did_you_mean(text, enum.members) or f"its members are {', '.join(f'`{each}`' for each in enum.members)}"


def member(enum: Enum, text: str, context: Context, node: ast.expr) -> ir.Expr:
    context.scope.used.add(enum.name)
    return ir.Literal(type=enum, value=enum.members.index(text), span=context.span(node))


def attribute(context: Context, node: ast.Attribute, expected: Type | None) -> ir.Expr:
    match node.value:
        case ast.Name(id="fired"):
            return _fired(context, node, node.attr)
        case ast.Attribute(value=ast.Name(id="fired"), attr=table):
            return _fired(context, node, f"{table}.{node.attr}")
        case ast.Attribute(value=ast.Attribute(value=ast.Name(id="fired"), attr=part), attr=table):
            return _fired(context, node, f"{part}.{table}.{node.attr}")
        case ast.Name(id=part) if context.scope.is_part(part) and part not in context.names:
            return _of_part(context, node, part, expected)
        case ast.Name(id="sent"):
            advice = f"what a decision sends is known at the next snapshot: `previous(sent.{node.attr})`"
            return context.fail("FB303", node, what=f"`sent.{node.attr}`", help=advice)
        case ast.Name(id="out"):
            return _output(context, node, node.attr)
        case ast.Name(id=("before" | "after") as word) if context.reason:
            return _step(context, node, word, node.attr)
        case ast.Name(id=enum) if isinstance(context.scope.types.get(enum), Enum):
            return _written_member(context, node, enum)
    return _field(context, node)


def _fired(context: Context, node: ast.expr, identity: str) -> ir.Expr:
    if context.constant or context.admitted:
        return context.fail("FB303", node, what=f"`fired.{identity}`", help=_ADVICE[context.admitted])
    part, _, name = identity.partition(".")
    if part in context.scope.unresolved_parts:
        return unknown(context.span(node))
    if identity not in context.scope.fired:
        near = did_you_mean(identity, context.scope.fired)
        return context.fail("FB301", node, kind="rule, row or group", name=identity, help=near)
    if part in context.scope.parts:
        context.scope.used.add(part)
        identity = ir.of_part(part, name)
    return ir.Fired(type=BOOLEAN, span=context.span(node), id=identity)


def _of_part(context: Context, node: ast.Attribute, part: str, expected: Type | None) -> ir.Expr:
    """`part.output` of a used pack; where an intent is expected, `part.intent`."""
    span = context.span(node)
    if isinstance(expected, Enum) and f"{part}.{node.attr}" in expected.members:
        return member(expected, f"{part}.{node.attr}", context, node)
    if part in context.scope.unresolved_parts:
        return unknown(span)
    if context.constant or context.admitted:
        return context.fail("FB303", node, what=f"`{part}.{node.attr}`", help=_ADVICE[context.admitted])
    outputs = context.scope.parts[part].outputs
    found = outputs.get(node.attr)
    if found is None:
        near = did_you_mean(node.attr, outputs)
        return context.fail("FB301", node, kind=f"output of `{part}`", name=node.attr, help=near)
    context.scope.used.add(part)
    optional = found.optional and path(node) not in context.facts
    return ir.Output(type=found.type, optional=optional, span=span, name=ir.of_part(part, node.attr))


def _output(context: Context, node: ast.expr, output: str) -> ir.Expr:
    if context.constant or context.admitted:
        return context.fail("FB303", node, what=f"`out.{output}`", help=_ADVICE[context.admitted])
    found = context.scope.outputs.get(output)
    if found is None:
        return context.fail("FB301", node, kind="output", name=output, help=did_you_mean(output, context.scope.outputs))
    optional = found[1] and f"out.{output}" not in context.facts
    return ir.Output(type=found[0], optional=optional, span=context.span(node), name=output)


def _step_of_one(context: Context, node: ast.Name) -> ir.Expr:
    if len(context.reason) == 1:
        return _step(context, node, node.id, context.reason[0])
    choices = " or ".join(f"`{node.id}.{output}`" for output in context.reason)
    return context.fail("FB302", node, problem=f"`{node.id}` of which output", help=f"write {choices}")


def _step(context: Context, node: ast.expr, word: str, output: str) -> ir.Expr:
    """`before.output` or `after.output` in a reason: the output around the step of this rule's effect."""
    if output not in context.reason:
        return context.fail("FB301", node, kind="effect on", name=output, help=did_you_mean(output, context.reason))
    kind, optional = context.scope.outputs[output]
    return STEPS[word](type=kind, optional=optional, span=context.span(node), output=output)


def _written_member(context: Context, node: ast.Attribute, name: str) -> ir.Expr:
    enum = context.scope.types[name]
    assert isinstance(enum, Enum)
    if node.attr in enum.members:
        return member(enum, node.attr, context, node)
    return context.fail("FB309", node, type=name, name=node.attr, help=_members(enum, node.attr))


def _field(context: Context, node: ast.Attribute) -> ir.Expr:
    record = context.infer(node.value)
    if record.type == UNKNOWN:
        return record
    if not isinstance(record.type, Record):
        return context.fail("FB305", node.value, expected="a record", found=str(record.type))
    found = record.type.field(node.attr)
    if found is None:
        near = did_you_mean(node.attr, [each.name for each in record.type.fields])
        kind = f"field of `{ast.unparse(node.value)}`"
        return context.fail("FB301", node, kind=kind, name=node.attr, help=near)
    index, field = found
    optional = (record.optional or field.optional) and path(node) not in context.facts
    return ir.Get(type=field.type, optional=optional, span=context.span(node), record=record, index=index)


def constant(context: Context, node: ast.Constant, expected: Type | None) -> ir.Expr:
    value = node.value
    if isinstance(value, bool) or value is None:
        return context.fail("FB303", node, what=f"`{value}`", help=f"write `{_WORDS[value]}`")
    if not isinstance(value, int | float):
        return context.fail("FB303", node, what=f"`{ast.unparse(node)}`")
    if (abs(value) > MAX_INTEGER and isinstance(value, int)) or value in (float("inf"),):
        return context.fail("FB302", node, problem=f"`{ast.unparse(node)}` is too large for a number")
    if value not in _STRUCTURAL and not (context.bare and _is_all(context, node)):
        context.scope.report("FB501", context.span(node), number=context.span(node).text)
    return number(value, expected, context, node)


def _is_all(context: Context, node: ast.Constant) -> bool:
    """Whether a number, or its negative, is all that is written."""
    whole = context.parsed.node
    return node is (whole.operand if isinstance(whole, ast.UnaryOp) else whole)


def number(value: float, expected: Type | None, context: Context, node: ast.expr) -> ir.Expr:
    """A bare number: it takes the unit that is expected of it, and is a ratio elsewhere."""
    unit = unit_of(expected) if expected is not None and is_numeric(expected) else unit_of(UNKNOWN)
    whole = isinstance(value, int)
    if whole and not isinstance(expected, Number):
        return ir.Literal(type=Integer(unit), value=value, span=context.span(node))
    return ir.Literal(type=Number(unit), value=float(value), span=context.span(node))


def subscript(context: Context, node: ast.Subscript, _expected: Type | None) -> ir.Expr:
    values = context.infer(node.value)
    if isinstance(node.slice, ast.Slice):
        return _prefix(context, node, node.slice, values)
    if values.type == UNKNOWN:
        return values
    if isinstance(values.type, Map):
        return _lookup(context, node, values, values.type)
    if not isinstance(values.type, Vector):
        return context.fail("FB305", node.value, expected="a vector or map", found=str(values.type))
    index = context.demand(node.slice, context.infer(node.slice, values.type.by))
    if index.type not in (UNKNOWN, values.type.by):
        return context.fail("FB305", node.slice, expected=str(values.type.by), found=str(index.type))
    item = values.type.item
    optional = (values.optional or item.optional) and path(node) not in context.facts
    return ir.Call(type=item.type, optional=optional, span=context.span(node), function="at", args=(values, index))


def _lookup(context: Context, node: ast.Subscript, values: ir.Expr, kind: Map) -> ir.Expr:
    """What a map has under a text, which may be nothing."""
    key = context.demand(node.slice, context.infer(node.slice, kind.key))
    if key.type == UNKNOWN:
        return key
    if not isinstance(key.type, Text):
        return context.fail("FB305", node.slice, expected="a text", found=str(key.type))
    optional = path(node) not in context.facts
    span = context.span(node)
    return ir.Call(type=kind.item.type, optional=optional, span=span, function="lookup", args=(values, key))


def _prefix(context: Context, node: ast.Subscript, part: ast.Slice, values: ir.Expr) -> ir.Expr:
    if part.lower or part.step or part.upper is None:
        advice = "a list may be cut from its start only, as in `xs[:n]`"
        return context.fail("FB303", node, what=f"`{ast.unparse(node)}`", help=advice)
    length = context.demand(part.upper, context.infer(part.upper))
    if values.type != UNKNOWN and not isinstance(values.type, List):
        return context.fail("FB305", node.value, expected="a list", found=str(values.type))
    if not isinstance(length.type, Integer) and length.type != UNKNOWN:
        return context.fail("FB305", part.upper, expected="an integer", found=str(length.type))
    span = context.span(node)
    return ir.Call(type=values.type, optional=values.optional, span=span, function="prefix", args=(values, length))


def as_number(expr: ir.Expr, wanted: Type) -> ir.Expr:
    """An integer that stands where a number is expected, as that number."""
    if not (isinstance(wanted, Number) and isinstance(expr.type, Integer)):
        return expr
    if isinstance(expr, ir.Literal):
        return replace(expr, type=wanted, value=float(expr.value) if isinstance(expr.value, int) else None)
    return ir.Call(type=wanted, optional=expr.optional, span=expr.span, function="number", args=(expr,))
