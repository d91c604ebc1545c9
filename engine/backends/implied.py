"""Enforced invariants that cannot be broken, whatever the snapshot: what they forbid is what some rule refuses.

Conditions are taken as propositions over comparisons and the like, of which nothing is known but that one of a
comparison and its opposite holds. What follows from that follows; of the rest nothing is said.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from .. import ir
from ..types import Boolean

_MOST = 300  # choices that are tried, and places of a proposition
_OPPOSITES = {"le": "gt", "ge": "lt", "ne": "eq"}


@dataclass(frozen=True)
class All:
    """All of its terms hold, or, where it is `opposite`, not all of them."""

    terms: tuple[Proposition, ...]
    opposite: bool = False


@dataclass(frozen=True)
class Atom:
    expr: ir.Expr
    opposite: bool = False


Proposition = All | Atom | bool


class TooLargeError(Exception):
    """A proposition that is not worth looking at."""


def is_implied(pack: ir.Pack, invariant: ir.Invariant) -> bool:
    """Whether an invariant holds for what the rules of a pack make of its outputs."""
    try:
        condition = _Reading(pack).of(invariant.condition)
        return not _Search().may_hold(_opposite(condition) if invariant.word == "always" else condition)
    except TooLargeError:
        return False


def _opposite(each: Proposition) -> Proposition:
    match each:
        case All(terms=terms, opposite=opposite):
            return All(terms, not opposite)
        case Atom(expr=expr, opposite=opposite):
            return Atom(expr, not opposite)
    return not each


def _any(terms: tuple[Proposition, ...]) -> Proposition:
    return All(tuple(map(_opposite, terms)), opposite=True)


@dataclass
class _Reading:
    """Reads expressions as propositions, through the definitions, outputs and rules that they name."""

    pack: ir.Pack
    size: int = 0
    values: Mapping[str, ir.Expr] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.values = {step.name: step.value for step in self.pack.steps if isinstance(step, ir.Define)}

    def of(self, expr: ir.Expr) -> Proposition:
        self.size += 1
        if self.size > _MOST:
            raise TooLargeError
        match expr:
            case ir.Literal(value=bool(value)):
                return value
            case ir.And(terms=terms):
                return All(tuple(map(self.of, terms)))
            case ir.Or(terms=terms):
                return _any(tuple(map(self.of, terms)))
            case ir.If(test=test, then=then, other=other) if not expr.optional:
                return self._chosen(test, self.of(then), self.of(other))
            case ir.Call():
                return self._called(expr)
            case ir.Fired(id=identity) if (rule := self._plain(identity)) is not None:
                return self.of(rule)
            case ir.Defined(name=name, type=Boolean()) if name in self.values and not expr.optional:
                return self.of(self.values[name])
            case ir.Output(name=name, type=Boolean()) if not expr.optional:
                return self._output(expr, self.pack.outputs[name])
        return Atom(self._resolved(expr))

    def _chosen(self, test: ir.Expr, then: Proposition, other: Proposition) -> Proposition:
        holds = self.of(test)
        return _any((All((holds, then)), All((_opposite(holds), other))))

    def _called(self, call: ir.Call) -> Proposition:
        match call.function, call.args:
            case "not", (operand,):
                return _opposite(self.of(operand))
            case "eq" | "ne", (left, right) if isinstance(left.type, Boolean):
                one, other = self.of(left), self.of(right)
                alike = _any((All((one, other)), All((_opposite(one), _opposite(other)))))
                return alike if call.function == "eq" else _opposite(alike)
            case "present", (value,):
                return self._present(value)
            case "gt" | "lt" | "eq" | "le" | "ge" | "ne", (left, right):
                function = _OPPOSITES.get(call.function, call.function)
                args = (self._resolved(left), self._resolved(right))
                if function == "gt":
                    function, args = "lt", (args[1], args[0])
                plain = ir.Call(type=call.type, function=function, args=args)
                return Atom(plain, opposite=call.function in _OPPOSITES)
        return Atom(call)

    def _present(self, value: ir.Expr) -> Proposition:
        value = self._resolved(value)
        if not value.optional or isinstance(value, ir.Literal):
            return not isinstance(value, ir.Literal) or value.value is not None
        found = self.values.get(value.name) if isinstance(value, ir.Defined) else value
        if isinstance(found, ir.If):
            return self._chosen(found.test, self._present(found.then), self._present(found.other))
        return Atom(ir.Call(type=Boolean(), function="present", args=(value,)))

    def _resolved(self, expr: ir.Expr) -> ir.Expr:
        """What a computed output is computed from."""
        output = self.pack.outputs[expr.name] if isinstance(expr, ir.Output) else None
        if output is None or output.start is None or output.within or self.pack.effects_on(output.name):
            return expr
        return output.start

    def _plain(self, identity: str) -> ir.Expr | None:
        """The condition of a rule that fires for the whole, where there is no more to it."""
        rule = self.pack.rules.get(identity)
        return rule.when if rule and not (rule.loop or rule.table or rule.group) else None

    def _output(self, expr: ir.Output, output: ir.OutputDeclaration) -> Proposition:
        effects = self.pack.effects_on(output.name)
        if output.start is None or output.combine not in ("all", "any", "computed"):
            return Atom(expr)
        parts = [self.of(output.start)]
        for rule, effect in effects:
            if self._plain(rule.id) is None:
                return Atom(expr)
            fired, value = self.of(ir.Fired(type=Boolean(), id=rule.id)), self.of(effect.value)
            parts.append(_any((_opposite(fired), value)) if output.combine == "all" else All((fired, value)))
        return All(tuple(parts)) if output.combine != "any" else _any(tuple(parts))


@dataclass
class _Search:
    """Tries what atoms may be, one after the other."""

    tried: int = 0

    def may_hold(self, each: Proposition) -> bool:
        each = _with(each, {})
        if isinstance(each, bool):
            return each
        self.tried += 1
        if self.tried > _MOST:
            raise TooLargeError
        forced = _forced(each)
        atom = forced or next(_atoms(each))
        choices = (not atom.opposite,) if forced else (True, False)
        return any(self.may_hold(_with(each, {atom.expr: choice})) for choice in choices)


def _forced(each: Proposition) -> Atom | None:
    """An atom without which nothing holds."""
    terms = each.terms if isinstance(each, All) and not each.opposite else (each,)
    return next((term for term in terms if isinstance(term, Atom)), None)


def _atoms(each: Proposition) -> Iterator[Atom]:
    if isinstance(each, Atom):
        yield each
    elif isinstance(each, All):
        for term in each.terms:
            yield from _atoms(term)


def _with(each: Proposition, known: Mapping[ir.Expr, bool]) -> Proposition:
    """The proposition where some atoms are known, without what then says nothing."""
    match each:
        case Atom(expr=expr, opposite=opposite):
            return known[expr] != opposite if expr in known else each
        case All(terms=terms, opposite=opposite):
            found: list[Proposition] = []
            for term in (_with(term, known) for term in terms):
                if term is False:
                    return opposite
                found += (
                    term.terms if isinstance(term, All) and not term.opposite else [term] if term is not True else []
                )
            if not found:
                return not opposite
            only = found[0] if len(found) == 1 else All(tuple(found))
            return _opposite(only) if opposite else only
    return each


__all__ = ["is_implied"]
