"""Function calls, presence, aggregates, comprehensions and displays as IR."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, replace

from .. import ir
from ..diagnostics import did_you_mean
from ..functions import AGGREGATES, CALLABLE, CONVERSIONS, FUNCTIONS
from ..source import Span
from ..state_functions import STATE_NAMES
from ..types import (
    BOOLEAN,
    UNKNOWN,
    Boolean,
    Enum,
    Field,
    List,
    Map,
    Number,
    Text,
    Type,
    Vector,
    is_numeric,
    unit_of,
)
from ..units import RATIO, parse
from ..zones import CLOCK
from .arguments import aggregate, strict, wrong
from .names import as_number
from .operators import call, condition, infer_together, is_bare, unified
from .presence import facts
from .scope import RESERVED, Context, LocalSymbol, unknown
from .state_calls import previous

_MANY = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class _Generator:
    """`for variable in source if where`, in a comprehension."""

    variable: str
    item: Type
    source: ir.Expr
    where: ir.Expr | None


def function(context: Context, node: ast.Call, expected: Type | None) -> ir.Expr:
    if not isinstance(node.func, ast.Name):
        advice = "only functions of the language can be called"
        return context.fail("FB303", node.func, what=f"`{context.span(node).text}`", help=advice)
    name = node.func.id
    if name in STATE_NAMES:
        return context.fail("FB430", node, name=name)
    if node.keywords or any(isinstance(each, ast.Starred) for each in node.args):
        return context.fail("FB303", node, what="a named or starred argument")
    if name == "present":
        return _present(context, node)
    if name == "previous":
        return previous(context, node, expected)
    if name == "default":
        return _default(context, node, expected)
    if name in CONVERSIONS:
        return _convert(context, node, name)
    if name in AGGREGATES and len(node.args) == 1:
        return aggregate(context, node, AGGREGATES[name])
    if name == "day":
        return _day(context, strict(context, node, FUNCTIONS[name], expected))
    if name in FUNCTIONS:
        return strict(context, node, FUNCTIONS[name], expected)
    if name in AGGREGATES:
        return wrong(context, node, AGGREGATES[name].usage)
    return context.fail(
        "FB301", node.func, kind="function", name=name, help=did_you_mean(name, (*CALLABLE, "previous", *STATE_NAMES))
    )


def _day(context: Context, found: ir.Expr) -> ir.Expr:
    """`day` by the clock of the pack's timezone."""
    zone = context.scope.zone
    context.scope.used.add("day")
    if zone is None or not isinstance(found, ir.Call):
        return found
    return replace(found, args=(*found.args, ir.Literal(type=CLOCK, value=zone.clock, span=found.span)))


def _present(context: Context, node: ast.Call) -> ir.Expr:
    if len(node.args) != 1:
        return wrong(context, node, "present(x)")
    value = context.infer(node.args[0])
    return ir.Call(type=BOOLEAN, span=context.span(node), function="present", args=(value,))


def _default(context: Context, node: ast.Call, expected: Type | None) -> ir.Expr:
    if len(node.args) != 2:
        return wrong(context, node, "default(x, value)")
    value, fallback = infer_together(context, node.args[0], node.args[1], expected)
    value, fallback, kind = unified(context, node, value, fallback)
    return ir.Default(type=kind, optional=fallback.optional, span=context.span(node), value=value, fallback=fallback)


def _convert(context: Context, node: ast.Call, name: str) -> ir.Expr:
    per, (_, _, target) = CONVERSIONS[name].per, CONVERSIONS[name].result.partition(" ")
    if len(node.args) != 1:
        return wrong(context, node, f"{name}(x)")
    value = context.infer(node.args[0])
    if value.type == UNKNOWN:
        return value
    source = str(unit_of(value.type))
    if not is_numeric(value.type) or source not in per:
        return wrong(context, node, f"{name}(x)` with x in `{'`, `'.join(per)}")
    unit = parse(target) or RATIO
    up, down = per[target] // per[source], per[source] // per[target]
    value = as_number(value, Number(unit_of(value.type)))
    if up == down == 1:
        if isinstance(value, ir.Literal):
            return replace(value, type=Number(unit))
        return call(context, node, Number(unit), "number", value)
    factor = ir.Literal(type=Number(), value=float(max(up, down)), span=context.span(node))
    return call(context, node, Number(unit), "multiply" if up > 1 else "divide", value, factor)


def _parts(context: Context, nodes: list[ast.expr], expected: Type | None) -> list[ir.Expr]:
    """Every item of a list; those that know no type of their own take that of the first that does."""
    known = next((i for i, each in enumerate(nodes) if not is_bare(context, each)), None)
    if known is None:
        return [context.infer(each, expected) for each in nodes]
    first = context.infer(nodes[known])
    return [first if i == known else context.infer(each, first.type) for i, each in enumerate(nodes)]


def comprehension(context: Context, node: ast.ListComp | ast.GeneratorExp, expected: Type | None) -> ir.Expr:
    inner, loop = _loop(context, node, node.generators)
    if inner is None or loop is None:
        return unknown(context.span(node))
    wanted = expected.item.type if isinstance(expected, List) else expected if isinstance(expected, Boolean) else None
    value = inner.infer(node.elt, wanted)
    if isinstance(expected, List):
        value = as_number(value, expected.item.type)
    limit = loop.source.type.max_items if isinstance(loop.source.type, List) else _MANY
    kind = List(Field("", value.type, optional=value.optional), limit)
    return ir.Each(
        type=kind,
        optional=loop.source.optional,
        span=context.span(node),
        variable=loop.variable,
        source=loop.source,
        where=loop.where,
        value=value,
    )


def vector_or_map(context: Context, node: ast.DictComp, expected: Type | None) -> ir.Expr:
    """`{m: value for m in Regime}`, or `{s.symbol: value for s in symbols}`."""
    inner, loop = _loop(context, node, node.generators)
    if inner is None or loop is None or loop.item == UNKNOWN:
        return unknown(context.span(node))
    if not isinstance(loop.item, Enum) or isinstance(expected, Map):
        return _map(inner, node, loop, expected)
    by_member = isinstance(node.key, ast.Name) and node.key.id == loop.variable
    if not by_member or loop.where:
        return context.fail("FB303", node, what="this map", help="write `{m: … for m in SomeEnum}`, without a filter")
    wanted = expected.item.type if isinstance(expected, Vector) else None
    value = inner.infer(node.value, wanted)
    if wanted is not None:
        value = as_number(value, wanted)
    kind = Vector(loop.item, Field("", value.type, optional=value.optional))
    span = context.span(node)
    return ir.Each(type=kind, span=span, variable=loop.variable, source=loop.source, where=None, value=value)


def _map(context: Context, node: ast.DictComp, loop: _Generator, expected: Type | None) -> ir.Expr:
    """A map from the items of a list, as the operation that puts keys and values in order."""
    key = context.demand(node.key, context.infer(node.key))
    if not isinstance(key.type, Text):
        advice = "write `{i.key: … for i in items}`, the key being a text that tells the items apart"
        return (
            key
            if key.type == UNKNOWN
            else context.fail("FB305", node.key, expected="a text", found=str(key.type), help=advice)
        )
    wanted = expected.item.type if isinstance(expected, Map) else None
    value = context.infer(node.value, wanted)
    if wanted is not None:
        value = as_number(value, wanted)
    limit = loop.source.type.max_items if isinstance(loop.source.type, List) else _MANY
    kind = Map(Field("", value.type, optional=value.optional), limit, key.type)
    span = context.span(node)
    pair = ir.Make(type=kind.entries.item.type, span=span, parts=(key, value))
    pairs = ir.Each(
        type=kind.entries, optional=loop.source.optional, span=span,
        variable=loop.variable, source=loop.source, where=loop.where, value=pair,
    )  # fmt: skip
    return call(context, node, kind, "map", pairs)


def _loop(
    context: Context, node: ast.expr, generators: list[ast.comprehension]
) -> tuple[Context | None, _Generator | None]:
    generator = generators[0]
    if len(generators) > 1 or generator.is_async:
        context.fail("FB303", node, what="a second `for`", help="split it into two definitions")
        return None, None
    if not isinstance(generator.target, ast.Name):
        context.fail("FB303", generator.target, what="this loop", help="write `for item in items`")
        return None, None
    source, item = loop_source(context, generator.iter)
    if not free_name(context, generator.target.id, context.span(generator.target)):
        return None, None
    inner = context.naming(LocalSymbol(generator.target.id, item, has_absent_items(source)))
    where: ir.Expr | None = None
    for each in generator.ifs:
        test = condition(inner, each)
        where = test if where is None else ir.And(type=BOOLEAN, span=test.span, terms=(where, test))
        inner = inner.knowing(facts(inner, each, True))
    return inner, _Generator(variable=generator.target.id, item=item, source=source, where=where)


def loop_source(context: Context, node: ast.expr) -> tuple[ir.Expr, Type]:
    """What a loop runs over, and the type of its items: a list, the texts of a map, or an enum's members."""
    enum = context.scope.types.get(node.id) if isinstance(node, ast.Name) else None
    if isinstance(enum, Enum):
        context.scope.used.add(enum.name)
        kind = List(Field("", enum), len(enum.members))
        return ir.Literal(type=kind, value=tuple(range(len(enum.members))), span=context.span(node)), enum
    source = context.infer(node)
    if isinstance(source.type, Map):
        source = call(context, node, List(Field("", source.type.key), source.type.max_items), "keys", source)
    if isinstance(source.type, List):
        return source, source.type.item.type
    if source.type != UNKNOWN:
        context.fail("FB305", node, expected="a list, a map or an enum", found=str(source.type))
    return source, UNKNOWN


def has_absent_items(source: ir.Expr) -> bool:
    """Whether items may be absent, as in a list of an optional field."""
    return isinstance(source.type, List) and source.type.item.optional


def free_name(context: Context, name: str, span: Span) -> bool:
    """Whether a loop may use a name: values share one flat space."""
    if name in RESERVED:
        _taken(context, "FB319", span, name=name)
        return False
    if not re.fullmatch("[a-z][a-z0-9_]*", name):
        advice = "names are snake_case: lower-case letters, digits and underscores, a letter first"
        _taken(context, "FB204", span, value=name, help=advice)
        return False
    taken = name in context.names or name in context.scope.symbols or name in context.scope.definitions
    if taken or name in context.scope.outputs:
        _taken(context, "FB311", span, name=name, other="another value")
    return not taken


def _taken(context: Context, code: str, span: Span, **values: object) -> None:
    """Report a name where it is given, which may be outside of the expression."""
    context.scope.report(code, span, **values)
    context.scope.pardon(context.span(context.parsed.node).text)


def list_display(context: Context, node: ast.List, expected: Type | None) -> ir.Expr:
    wanted = expected.item.type if isinstance(expected, List) else expected
    parts = _parts(context, node.elts, wanted) if node.elts else []
    kind: Type = wanted or UNKNOWN
    for part in parts:
        if kind in (UNKNOWN, wanted):
            kind = part.type
        _, _, kind = unified(context, node, ir.Literal(type=kind, value=None), part)
    for part, each in zip(parts, node.elts, strict=True):
        context.demand(each, part)
    whole = tuple(as_number(part, kind) for part in parts)
    return ir.Make(type=List(Field("", kind), len(parts)), span=context.span(node), parts=whole)


def map_display(context: Context, node: ast.Dict, expected: Type | None) -> ir.Expr:
    """`{CALM: 1, NORMAL: 2}` where a vector is expected: every member, once; `{}` where a map is."""
    if isinstance(expected, Map) and not node.keys:
        return ir.Literal(type=replace(expected, max_items=0), value=(), span=context.span(node))
    if not isinstance(expected, Vector):
        advice = "write `{m: … for m in SomeEnum}`, or a vector in YAML"
        return context.fail("FB303", node, what="a map here", help=advice)
    names = [key.id if isinstance(key, ast.Name) else "" for key in node.keys]
    if sorted(names) != sorted(expected.by.members):
        missing = ", ".join(f"`{each}`" for each in expected.by.members if each not in names) or "only its members"
        return context.fail("FB318", node, problem=f"the map must give a value for each {expected.by.name} ({missing})")
    values = {name: context.infer(value, expected.item.type) for name, value in zip(names, node.values, strict=True)}
    parts = tuple(as_number(values[name], expected.item.type) for name in expected.by.members)
    return ir.Make(type=expected, span=context.span(node), parts=parts)
