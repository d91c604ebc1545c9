"""Comprehensions and blocks as the generated back end simplifies them: what they read, and what they come to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from itertools import takewhile
from typing import Any

from .. import ir
from ..types import Field, List, Vector

_MOST = 12  # members up to which a comprehension over an enum is written out
_FEW = 8


def free(expr: ir.Expr) -> frozenset[str]:
    """The loop items that an expression reads from outside of it."""
    match expr:
        case ir.Local(name=name):
            return frozenset((name,))
        case ir.Before(output=output) | ir.After(output=output):
            return frozenset((f"before.{output}",))
        case ir.Each(variable=variable, source=source, where=where, value=value):
            inner = free(value) | (free(where) if where else frozenset())
            return free(source) | (inner - {variable})
        case ir.Select(loop=loop):
            return _free_of_block(loop)
    return frozenset[str]().union(*map(free, ir.children(expr)))


def _free_of_block(loop: ir.Loop) -> frozenset[str]:
    found = frozenset[str]()
    bound: set[str] = set()
    for source in loop.sources:
        found |= free(source.items) - bound
        bound.add(source.variable)
    inner = (*(value for _, value in loop.names), *loop.order, *([loop.where] if loop.where else []))
    limit = free(loop.limit) if loop.limit else frozenset[str]()
    return found.union(*map(free, inner)) - set(loop.locals) | limit


def tests_of(loop: ir.Loop, can_fail: Callable[[ir.Expr], bool]) -> list[list[ir.Expr]]:
    """What a block asks of its items, each behind the first source that tells.

    What can fail is asked of those items alone of which the block asks it, and none is spared it: it stays behind the
    last source, with all that comes after it.
    """
    where = loop.where
    tests = list(where.terms) if isinstance(where, ir.And) else [where] if where else []
    is_sure = not any(can_fail(source.items) for source in loop.sources[1:])
    sure = list(takewhile(lambda test: not can_fail(test), tests)) if is_sure else []
    rest = tests[len(sure) :]
    found = []
    later = {source.variable for source in loop.sources}
    for source in loop.sources:
        later.discard(source.variable)
        found.append([each for each in sure if not free(each) & later])
        sure = [each for each in sure if free(each) & later]
    found[-1] += rest
    return found


def is_distinct(expr: ir.Expr, parameters: Mapping[str, ir.Value]) -> bool:
    """Whether it is known that no item of a list is in it twice."""
    match expr:
        case ir.Literal(value=tuple(items)):
            return _differ(items)
        case ir.Parameter(name=name):
            return _differ(parameters[name])
        case ir.Call(function="union"):
            return True
        case ir.Call(function="lookup", args=(ir.Parameter(name=name), _)):
            pairs: Any = parameters[name]
            return all(_differ(items) for _, items in pairs)
        case ir.Default(value=one, fallback=other) | ir.If(then=one, other=other):
            return is_distinct(one, parameters) and is_distinct(other, parameters)
        case ir.Make(parts=parts):
            return len(parts) < 2
    return False


def _differ(items: Any) -> bool:
    return len(set(items)) == len(items)


def or_nothing(expr: ir.Expr) -> ir.Expr:
    """What tells whether a list has items, be it for want of the list."""
    match expr:
        case ir.Default(value=value, fallback=ir.Literal(value=())):
            return value
    return expr


def is_known(expr: ir.Expr) -> bool:
    return isinstance(expr, ir.Literal | ir.Parameter)


def rests_on_parameters(expr: ir.Each) -> bool:
    """Whether a comprehension has the same value on every snapshot."""
    foreign = (ir.Input, ir.Defined, ir.Output, ir.Fired, ir.Previous, ir.Advance, ir.Select, ir.Lookup)
    return not free(expr) and not any(isinstance(node, foreign) for node in ir.walk(expr))


def vector_of(each: ir.Each) -> ir.Expr | None:
    """The vector whose values a comprehension over all of its enum gives one by one."""
    value, members = each.value, each.source.value if isinstance(each.source, ir.Literal) else None
    if each.where is not None or not isinstance(value, ir.Call) or value.function != "at":
        return None
    whole, index = value.args
    if not isinstance(whole.type, Vector) or not isinstance(index, ir.Local) or index.name != each.variable:
        return None
    everyone = members == tuple(range(len(whole.type.by.members)))
    return whole if everyone and each.variable not in free(whole) and not whole.optional else None


def once(rule: ir.Rule) -> ir.Rule:
    """A rule that fires for members of an enum, as one that fires where it does for any of them: its effects read no
    member, so that one of them does what all would.
    """
    loop = rule.loop
    if loop is None or rule.when is None or len(loop.sources) != 1 or loop.names or loop.where or loop.is_sorted:
        return rule
    (source,) = loop.sources
    plain = all(effect.verb not in ("times", "add") and not free(effect.value) for effect in rule.effects)
    if not plain or not isinstance(source.items, ir.Literal):
        return rule
    each = ir.Each(
        type=List(Field("", rule.when.type), len(source.items.value)),  # type: ignore[arg-type]  # of an enum
        variable=source.variable,
        source=source.items,
        where=None,
        value=rule.when,
    )
    return replace(rule, loop=None, when=ir.Call(type=rule.when.type, function="any", args=(each,)), because={})


def is_small(each: ir.Each) -> bool:
    """Whether the enum has so few members that asking for each costs little."""
    return (
        isinstance(each.source, ir.Literal) and isinstance(each.source.value, tuple) and len(each.source.value) <= _FEW
    )


def is_short(each: ir.Each) -> bool:
    """Whether a comprehension is over the members of a small enum, and nothing inside of it takes its variable."""
    members = each.source.value if isinstance(each.source, ir.Literal) else None
    return (
        each.where is None
        and isinstance(members, tuple)
        and len(members) <= _MOST
        and not any(each.variable in _bound(node) for node in ir.walk(each.value))
    )


def _bound(node: ir.Expr) -> tuple[str, ...]:
    match node:
        case ir.Each(variable=variable):
            return (variable,)
        case ir.Select(loop=loop):
            return loop.locals
    return ()


def written_out(each: ir.Each) -> ir.Make:
    """The values of all members beside each other."""
    source = ir.Source(each.variable, each.source)
    assert isinstance(each.source, ir.Literal), "short comprehensions are over members"
    members = each.source.value
    assert isinstance(members, tuple), "an enum has members"
    numbers = (ir.Literal(type=source.item.type, value=member) for member in members)
    return ir.Make(
        type=each.type,
        optional=each.optional,
        span=each.span,
        parts=tuple(_with(each.value, each.variable, number) for number in numbers),
    )


def _with(expr: ir.Expr, variable: str, value: ir.Expr) -> ir.Expr:
    """The expression with a value in place of a variable."""
    if isinstance(expr, ir.Local):
        return value if expr.name == variable else expr
    return ir.rebuilt(expr, lambda child: _with(child, variable, value))
