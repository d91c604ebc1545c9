"""A pack as its effective parameters leave it, for the generated back end: what they settle is settled before.

Nothing changes in what is decided, nor in what is a fault: an operation that has no result stays where it is. What two
parts of a policy compute alike is computed once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from .. import ir
from ..constants import constant
from ..faults import Located
from ..types import Boolean, Integer, List, Number, is_numeric
from .binding_code import is_kept, is_strange
from .draft import holes_of
from .implied import is_implied
from .intervals import Bounds, declared_bounds
from .looped import free, is_known, is_short, is_small, once, rests_on_parameters, vector_of, written_out
from .tally import tally_of

_OF_VECTORS = ("any", "all", "sum", "least", "greatest")
_LEAVES = (ir.Literal, ir.Input, ir.Defined, ir.Output)


def simplified(pack: ir.Pack, parameters: Mapping[str, ir.Value], *, whole: bool = False) -> ir.Pack:
    """The pack with simpler expressions, but for those that are not decided by: reasons and safe values. Where it is to
    be told of as a `whole`, every step, rule and invariant stays what it is.
    """
    simple = Simplifier(pack, parameters, declared_bounds(pack, parameters), whole)
    simpler = replace(
        pack,
        steps=tuple(new for each in pack.steps for new in simple.steps(each)),
        groups={name: replace(each, when=each.when and simple(each.when)) for name, each in pack.groups.items()},
        rules={name: simple.rule(each) for name, each in pack.rules.items()},
        tables={name: simple.table(each) for name, each in pack.tables.items()},
        outputs={name: replace(each, start=each.start and simple(each.start)) for name, each in pack.outputs.items()},
        intents={name: simple.intent(each) for name, each in pack.intents.items()},
        invariants=tuple(map(simple.invariant, pack.invariants)),
    )
    if whole:
        return replace(simpler, invariants=pack.invariants)
    checked = tuple(each for each in simpler.enforced if not is_implied(simpler, each))
    return replace(simpler, invariants=checked)


@dataclass(frozen=True)
class Simplifier:
    """Simplifies expressions under parameters, step by step.

    `known` are the definitions that are but another name, or a constant; `first` says where a value was computed first,
    and which parameter had it first. `never` are rules that cannot fire, `added` definitions of what was lifted out of
    loops, where there is a place for them (`lifting`).
    """

    pack: ir.Pack
    parameters: Mapping[str, ir.Value]
    bounds: Bounds
    whole: bool = False
    known: dict[str, ir.Expr] = field(default_factory=dict)
    first: dict[Any, ir.Expr] = field(default_factory=dict)
    never: set[str] = field(default_factory=set)
    added: list[ir.Define] = field(default_factory=list)
    values: dict[str, ir.Expr] = field(default_factory=dict)
    lifting: bool = False

    def steps(self, step: ir.Step) -> Iterator[ir.Step]:
        """A step, behind what was added for it."""
        before = len(self.added)
        new = self.step(step)
        yield from self.added[before:]
        if new:
            yield new

    def step(self, step: ir.Step) -> ir.Step | None:
        """The step as what stands before it leaves it; nothing where there is nothing left to do."""
        if self.whole:
            return self._plain(step)
        match step:
            case ir.Define(name=name, value=value):
                return self._define(name, self._lifted(replace(self, lifting=True)(value)))
            case ir.Bind(value=value, moment=moment):
                return self._bind(replace(step, value=self(value), moment=moment and self(moment)))
            case ir.Demand(requirement=requirement):
                return replace(step, requirement=replace(requirement, condition=self(requirement.condition)))
            case ir.Judge(rule=name) if self._never_fires(self.pack.rules[name]):
                self.never.add(name)
                return None
            case ir.Fold():
                self.bounds.learn(step, self.pack)
        return step

    def _plain(self, step: ir.Step) -> ir.Step:
        if isinstance(step, ir.Define | ir.Bind):
            step = replace(step, value=self(step.value))
        self.bounds.learn(step, self.pack)
        return step

    def _define(self, name: str, value: ir.Expr) -> ir.Step:
        if not isinstance(value, (*_LEAVES, ir.Advance)):
            here = ir.Defined(type=value.type, optional=value.optional, name=name)
            first = self.first.setdefault(value, here)
            value = value if first is here else first
        if isinstance(value, _LEAVES):
            self.known[name] = value
        self.values[name] = value
        step = ir.Define(name, value)
        self.bounds.learn(step, self.pack)
        return step

    def _bind(self, step: ir.Bind) -> ir.Step:
        """What needs no check is a definition, and what was checked before another name of that."""
        place = step.place
        if isinstance(place.type, Number) and isinstance(step.value.type, Integer):
            made = ir.Call(type=place.type, optional=step.value.optional, function="number", args=(step.value,))
            step = replace(step, value=self._settled(made))
        if is_kept(step, self.bounds):
            return self._define(step.name, step.value)
        here = ir.Defined(type=place.type, optional=place.optional, name=step.name)
        if not is_strange(place):
            first = self.first.setdefault((step.value, place.type, place.low, place.high, place.optional), here)
            if first is not here:
                return self._define(step.name, first)
        self.bounds.learn(step, self.pack)
        return step

    def _never_fires(self, rule: ir.Rule) -> bool:
        return rule.loop is None and rule.when is not None and _is_constant(self(rule.when), False)

    def rule(self, rule: ir.Rule) -> ir.Rule:
        if rule.id in self.never:
            return replace(rule, effects=(), because={})
        if not self.whole and rule.id not in self.pack.intents and not any(map(self.bounds.can_fail, holes_of(rule))):
            rule = once(rule)
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

    def invariant(self, each: ir.Invariant | ir.Monotone) -> ir.Invariant | ir.Monotone:
        return replace(each, condition=self(each.condition)) if isinstance(each, ir.Invariant) else each

    def __call__(self, expr: ir.Expr) -> ir.Expr:
        match expr:
            case ir.Advance():
                return expr  # written by what it says of parameters
            case ir.Lookup():
                return expr if self.whole else self._looked_up(expr)
            case ir.Defined(name=name) if name in self.known:
                known = self.known[name]
                return replace(known, optional=known.optional and expr.optional)
            case ir.Fired(id=identity) if identity in self.never:
                return _truth(False)
            case ir.Parameter():
                return self._parameter(expr)
            case ir.Each() if is_short(expr):
                return self._written_out(expr)
            case ir.Call(args=(ir.Each() as each,)) if expr.function in _OF_VECTORS and (whole := vector_of(each)):
                return replace(expr, args=(self(whole),))
        return self._settled(ir.rebuilt(expr, self))

    def _written_out(self, expr: ir.Each) -> ir.Expr:
        """The values of a comprehension beside each other, but for sums that one loop gives."""
        whole = ir.rebuilt(expr, self)
        assert isinstance(whole, ir.Each), "it stays what it is"
        made = tally_of(whole, self.bounds, self.values)
        if made and (made.is_list or not is_small(whole)):
            return whole
        lifted = self._lifted(whole) if self.lifting else whole
        assert isinstance(lifted, ir.Each), "nor does lifting change that"
        return self(written_out(lifted))

    def _lifted(self, expr: ir.Expr, *, inside: bool = False) -> ir.Expr:
        """The expression with names for what a loop in it would compute alike at each turn."""
        if inside and not isinstance(expr, (*_LEAVES, ir.Parameter)) and not free(expr):
            return expr if self.bounds.can_fail(expr) else self._named(expr)
        inside = inside or isinstance(expr, ir.Each | ir.Select)
        return ir.rebuilt(expr, lambda child: self._lifted(child, inside=inside))

    def _named(self, expr: ir.Expr) -> ir.Expr:
        here = ir.Defined(type=expr.type, optional=expr.optional, name=f"{ir.OF}{len(self.added)}")
        first = self.first.setdefault(expr, here)
        if first is here:
            self.added.append(ir.Define(here.name, expr))
            self.bounds.learn(self.added[-1], self.pack)
        return first

    def _looked_up(self, expr: ir.Lookup) -> ir.Expr:
        """A table of values without the columns that are but another name, nor the rows that cannot be hit."""
        columns = tuple(replace(each, value=self(each.value)) for each in expr.columns)
        self.known.update(
            (f"{expr.table}.{each.name}", each.value) for each in columns if isinstance(each.value, _LEAVES)
        )
        rows = [replace(row, when=self(row.when), value=self(row.value)) for row in expr.rows]
        rows = [row for row in rows if not _is_constant(row.when, False)]
        if rows and _is_constant(rows[0].when, True):
            return rows[0].value
        columns = tuple(each for each in columns if not isinstance(each.value, _LEAVES))
        return replace(expr, name=expr.name if columns else "", columns=columns, rows=tuple(rows))

    def _parameter(self, expr: ir.Parameter) -> ir.Expr:
        """A scalar as the constant that it is, of other parameters with one value the first."""
        value = self.parameters[expr.name]
        if not isinstance(value, tuple):
            return ir.Literal(type=expr.type, optional=expr.optional, value=value, span=expr.span)
        return self.first.setdefault((expr.type, value), expr)

    def _settled(self, expr: ir.Expr) -> ir.Expr:
        match expr:
            case ir.Call(args=args) if all(map(is_known, args)):
                return self._value(expr)
            case ir.Call():
                return self._called(expr)
            case ir.Each() if rests_on_parameters(expr):
                return self._value(expr)
            case ir.Get(record=record) if is_known(record):
                return self._value(expr)
            case ir.Get(record=ir.Make(parts=parts), index=index) if not any(map(self.bounds.can_fail, parts)):
                return parts[index]
            case ir.Make(type=List(), parts=parts) if all(map(is_known, parts)):
                return self._value(expr)
            case ir.Chain(first=first, rest=rest) if is_known(first) and all(is_known(each) for _, each in rest):
                return self._value(expr)
            case ir.And(terms=terms):
                return self._logic(expr, terms, neutral=True)
            case ir.Or(terms=terms):
                return self._logic(expr, terms, neutral=False)
            case ir.If(test=test, then=then, other=other) if is_known(test):
                return then if constant(test, self.parameters) else other
            case ir.If(test=test, then=then, other=other) if then == other and not self.bounds.can_fail(test):
                return then
            case ir.Each() if (whole := vector_of(expr)) and whole.type == expr.type:
                return whole
            case ir.Default(value=value, fallback=fallback) if is_known(value):
                return fallback if constant(value, self.parameters) is None else value
        return expr

    def _value(self, expr: ir.Expr) -> ir.Expr:
        try:
            return ir.Literal(
                type=expr.type, optional=expr.optional, value=constant(expr, self.parameters), span=expr.span
            )
        except Located:
            return expr

    def _called(self, expr: ir.Call) -> ir.Expr:
        """A call of which not all arguments are known."""
        left, right = expr.args[0], expr.args[-1]
        match expr.function:
            case "any" | "all" | "sum" | "least" | "greatest" if isinstance(left, ir.Each) and (
                whole := vector_of(left)
            ):
                return replace(expr, args=(whole,))
            case "at" if isinstance(left, ir.Make) and isinstance(right, ir.Literal) and isinstance(right.value, int):
                return expr if any(map(self.bounds.can_fail, left.parts)) else left.parts[right.value]
            case "present" if isinstance(left, _LEAVES) and not left.optional:
                return _truth(True)
            case "number" if isinstance(left, ir.Input) and isinstance(left.type, Number):
                return left  # 0.0 of -0.0, on which no decision depends; a sum of nothing would stay an integer
            case "add" | "multiply" | "divide" if isinstance(expr.type, Number):
                return self._neutral(expr, left, right)
            case "lt" | "le" | "gt" | "ge" if not expr.optional and not self.bounds.can_fail(expr):
                return self._ordered(expr, left, right)
        return expr

    def _neutral(self, expr: ir.Call, left: ir.Expr, right: ir.Expr) -> ir.Expr:
        """Arithmetic with 0 or 1 that leaves a number as it is, or gives 0: of either sign, as above."""
        neutral = 0.0 if expr.function == "add" else 1.0
        if _is_constant(right, neutral):
            return left
        if expr.function != "divide" and _is_constant(left, neutral):
            return right
        if expr.function == "add" or expr.optional or self.bounds.can_fail(expr):
            return expr
        return next((each for each in (left, right) if _is_constant(each, 0.0)), expr)

    def _ordered(self, expr: ir.Call, left: ir.Expr, right: ir.Expr) -> ir.Expr:
        """A comparison of numbers, decided where they lie apart."""
        if not (is_numeric(left.type) and is_numeric(right.type)):
            return expr
        function = expr.function
        if function in ("gt", "ge"):
            left, right, function = right, left, "lt" if function == "gt" else "le"
        (low, high), (least, most) = self.bounds.of(left), self.bounds.of(right)
        if high < least or (function == "le" and high == least):
            return _truth(True)
        if most < low or (function == "lt" and most == low):
            return _truth(False)
        return expr

    def _logic(self, expr: ir.And | ir.Or, terms: tuple[ir.Expr, ...], *, neutral: bool) -> ir.Expr:
        """`and` without what is true, and without what stands behind something false; `or` the other way around."""
        kept: list[ir.Expr] = []
        for term in terms:
            if not is_known(term):
                kept.append(term)
            elif constant(term, self.parameters) != neutral:
                if not any(map(self.bounds.can_fail, kept)):
                    kept = []
                kept.append(ir.Literal(type=expr.type, value=not neutral))
                break
        if not kept:
            return ir.Literal(type=expr.type, value=neutral)
        return kept[0] if len(kept) == 1 else replace(expr, terms=tuple(kept))


def _truth(value: bool) -> ir.Literal:
    return ir.Literal(type=Boolean(), value=value)


def _is_constant(expr: ir.Expr, value: ir.Value) -> bool:
    return isinstance(expr, ir.Literal) and expr.value == value and type(expr.value) is type(value)


__all__ = ["simplified"]
