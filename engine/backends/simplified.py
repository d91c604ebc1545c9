"""A pack as its effective parameters leave it, for the generated back end: what they settle is settled before.

Nothing changes in what is decided, nor in what is a fault: an operation that has no result stays where it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from .. import ir
from ..constants import constant
from ..faults import Located

_MOST = 8  # members up to which a comprehension over an enum is written out


def simplified(pack: ir.Pack, parameters: Mapping[str, ir.Value]) -> ir.Pack:
    """The pack with simpler expressions, but for those that are not decided by: reasons and safe values."""
    simple = Simplifier(parameters)
    return replace(
        pack,
        steps=tuple(
            replace(each, value=simple(each.value)) if isinstance(each, ir.Define | ir.Bind) else each
            for each in pack.steps
        ),
        groups={name: replace(each, when=each.when and simple(each.when)) for name, each in pack.groups.items()},
        rules={name: simple.rule(each) for name, each in pack.rules.items()},
        tables={name: simple.table(each) for name, each in pack.tables.items()},
        outputs={name: replace(each, start=each.start and simple(each.start)) for name, each in pack.outputs.items()},
        intents={name: simple.intent(each) for name, each in pack.intents.items()},
    )


@dataclass(frozen=True)
class Simplifier:
    """Simplifies expressions under parameters."""

    parameters: Mapping[str, ir.Value]

    def rule(self, rule: ir.Rule) -> ir.Rule:
        return replace(
            rule,
            when=rule.when and self(rule.when),
            loop=rule.loop and ir.rebuilt_loop(rule.loop, self),
            effects=tuple(replace(each, value=self(each.value)) for each in rule.effects),
        )

    def table(self, table: ir.Table) -> ir.Table:
        return replace(
            table,
            columns=tuple(replace(each, value=self(each.value)) for each in table.columns),
            loop=table.loop and ir.rebuilt_loop(table.loop, self),
        )

    def intent(self, intent: ir.Intent) -> ir.Intent:
        return replace(intent, emit=self(intent.emit), position=intent.position and self(intent.position))

    def __call__(self, expr: ir.Expr) -> ir.Expr:
        if isinstance(expr, ir.Advance | ir.Lookup):
            return expr  # written by what they say of parameters
        if isinstance(expr, ir.Each) and _is_short(expr):
            return self(_written_out(expr))
        return self._settled(ir.rebuilt(expr, self))

    def _settled(self, expr: ir.Expr) -> ir.Expr:
        match expr:
            case ir.Call(args=args) if all(map(_is_known, args)):
                return self._value(expr)
            case ir.Get(record=record) if _is_known(record):
                return self._value(expr)
            case ir.Chain(first=first, rest=rest) if _is_known(first) and all(_is_known(each) for _, each in rest):
                return self._value(expr)
            case ir.And(terms=terms):
                return self._logic(expr, terms, neutral=True)
            case ir.Or(terms=terms):
                return self._logic(expr, terms, neutral=False)
            case ir.If(test=test, then=then, other=other) if _is_known(test):
                return then if constant(test, self.parameters) else other
        return expr

    def _value(self, expr: ir.Expr) -> ir.Expr:
        try:
            return ir.Literal(
                type=expr.type, optional=expr.optional, value=constant(expr, self.parameters), span=expr.span
            )
        except Located:
            return expr

    def _logic(self, expr: ir.And | ir.Or, terms: tuple[ir.Expr, ...], *, neutral: bool) -> ir.Expr:
        """`and` without what is true, and without what stands behind something false; `or` the other way around."""
        kept = []
        for term in terms:
            if not _is_known(term):
                kept.append(term)
            elif constant(term, self.parameters) != neutral:
                kept.append(ir.Literal(type=expr.type, value=not neutral))
                break
        if not kept:
            return ir.Literal(type=expr.type, value=neutral)
        return kept[0] if len(kept) == 1 else replace(expr, terms=tuple(kept))


def _is_known(expr: ir.Expr) -> bool:
    return isinstance(expr, ir.Literal | ir.Parameter)


def _is_short(each: ir.Each) -> bool:
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


def _written_out(each: ir.Each) -> ir.Make:
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


__all__ = ["simplified"]
