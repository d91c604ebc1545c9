"""Expressions in words: what a condition says, as a person would say it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import TypeGuard

from . import ir
from .types import Enum, List, Record, Type, Vector
from .values import exactly

_ATOM, _SUM, _COMPARISON, _NOT, _AND, _OR, _IF = range(7)  # how tightly a phrase binds, tightest first
_COMPARED = {"lt": "is below", "le": "is at most", "gt": "is above", "ge": "is at least", "eq": "is", "ne": "is not"}
_DENIED = {"lt": "ge", "le": "gt", "gt": "le", "ge": "lt", "eq": "ne", "ne": "eq"}
_SIGNS = {
    "add": "+", "subtract": "-", "multiply": "×", "divide": "/", "floor_divide": "//", "modulo": "%", "power": "**",
    "add_seconds": "+", "subtract_seconds": "-", "seconds_between": "-",
}  # fmt: skip
_LOOSE = ("add", "subtract", "add_seconds", "subtract_seconds", "seconds_between")
_PHRASES = {
    "min": "the least of", "max": "the greatest of", "sum": "the sum of", "mean": "the mean of", "any": "one of",
    "all": "each of", "first": "the first", "count": "the number that hold of",
    "argmax": "the member with the greatest of",
}  # fmt: skip

Phrase = tuple[str, int]


class Sentences:
    """Says what the expressions of one pack mean; with `parameters`, their values stand beside their names."""

    def __init__(self, pack: ir.Pack, parameters: Mapping[str, ir.Value] | None = None) -> None:
        self._parameters = parameters
        self._columns = dict(_columns(pack))

    def say(self, expr: ir.Expr) -> str:
        return self._phrase(expr)[0]

    def _inside(self, expr: ir.Expr, limit: int) -> str:
        """A phrase as a part of another one, in brackets where it binds more loosely than that allows."""
        text, strength = self._phrase(expr)
        return text if strength <= limit else f"({text})"

    def _phrase(self, expr: ir.Expr) -> Phrase:
        match expr:
            case ir.Literal(value=value, type=kind):
                return _literal(value, kind), _ATOM
            case ir.Parameter(name=name, type=kind):
                return self._parameter(name, kind), _ATOM
            case ir.Defined(name=name):
                column = self._columns.get(name)
                return (words(name), _ATOM) if column is None else self._phrase(column)
            case ir.Input(name=name) | ir.Local(name=name):
                return words(name), _ATOM
            case ir.Output(name=name):
                return f"the final {words(name)}", _ATOM
            case ir.Before(output=name):
                return f"{words(name)} before", _ATOM
            case ir.After(output=name):
                return f"{words(name)} after", _ATOM
            case ir.Fired(id=identity):
                return f"{words(identity)} fired", _COMPARISON
            case ir.Previous(name=name):
                return f"the previous {words(name)}", _ATOM
            case ir.Get(record=record, index=index):
                return self._field(record, index), _ATOM
            case ir.And(terms=terms):
                return self._both([term for term in terms if not _understood(term, terms)])
            case ir.Or(terms=terms):
                return self._either(terms)
            case ir.Chain(first=first, rest=rest):
                return self._chain(first, rest), _AND
            case ir.If(test=test, then=then, other=other):
                parts = self._inside(then, _AND), self._inside(test, _OR), self._inside(other, _IF)
                return "{} if {}, else {}".format(*parts), _IF
            case ir.Default(value=value, fallback=fallback):
                return f"{self._inside(value, _SUM)} (where missing, {self.say(fallback)})", _ATOM
            case ir.Make(parts=parts, type=kind):
                names = kind.by.members if isinstance(kind, Vector) else ()
                shown = [self.say(part) for part in parts]
                listed = (f"{name}: {text}" for name, text in zip(names, shown, strict=True)) if names else shown
                return f"[{', '.join(listed)}]", _ATOM
            case ir.Each():
                return self._each(expr), _IF
            case ir.Select(loop=loop):
                return self.block(loop), _IF
            case ir.Advance(function=function, args=args):
                return f"{function.partition('.')[0]}({', '.join(map(self.say, args))})", _ATOM
            case ir.Lookup(name=name):
                return f"the value of table {words(name)}", _ATOM
            case ir.Call(function=function, args=args):
                return self._call(function, args)

    def _parameter(self, name: str, kind: Type) -> str:
        if self._parameters is None or isinstance(self._parameters[name], tuple):
            return words(name)
        return f"{words(name)} ({exactly(self._parameters[name], kind)})"

    def _field(self, record: ir.Expr, index: int) -> str:
        assert isinstance(record.type, Record), "only records have fields"
        return f"{words(record.type.fields[index].name)} of {self._inside(record, _ATOM)}"

    def _either(self, terms: Sequence[ir.Expr]) -> Phrase:
        """Alternatives; of one value that may be one or another, `x is A or B`."""
        values = [_equals(term) for term in terms]
        found = [each for each in values if each]
        if len(found) == len(terms) and all(each[0] == found[0][0] for each in found):
            members = " or ".join(self.say(member) for _, member in found)
            return f"{self._inside(found[0][0], _SUM)} is {members}", _NOT
        return " or ".join(self._inside(term, _AND) for term in terms), _OR

    def _both(self, terms: Sequence[ir.Expr]) -> Phrase:
        """Conditions that hold together. Where two in a row are about one value it is named once."""
        if len(terms) == 1:
            return self._phrase(terms[0])
        texts = [self._inside(terms[0], _NOT)]
        for before, term in pairwise(terms):
            text = self._inside(term, _NOT)
            if _is_comparison(before) and _is_comparison(term) and before.args[0] == term.args[0]:
                text = text.removeprefix(f"{self._inside(term.args[0], _SUM)} is ")
            texts.append(text)
        return " and ".join(texts), _AND

    def _chain(self, first: ir.Expr, rest: Sequence[tuple[str, ir.Expr]]) -> str:
        parts, left = [], first
        for operation, right in rest:
            parts.append(f"{self._inside(left, _SUM)} {_COMPARED[operation]} {self._inside(right, _SUM)}")
            left = right
        return " and ".join(parts)

    def _each(self, expr: ir.Each) -> str:
        over = expr.source.type.item.type if isinstance(expr.source.type, List) else None
        literal = isinstance(expr.source, ir.Literal)
        source = f"of {over.name}" if literal and isinstance(over, Enum) else f"in {self._inside(expr.source, _SUM)}"
        where = f" where {self.say(expr.where)}" if expr.where else ""
        if expr.value == ir.Local(type=expr.value.type, optional=expr.value.optional, name=expr.variable):
            return f"{words(expr.variable)} {source}{where}"
        return f"{self._inside(expr.value, _OR)} for each {words(expr.variable)} {source}{where}"

    def block(self, loop: ir.Loop) -> str:
        """The items that a block goes over."""
        sources = ", ".join(f"{words(each.variable)} in {self._inside(each.items, _SUM)}" for each in loop.sources)
        where = f" where {self.say(loop.where)}" if loop.where else ""
        order = f", by {', then '.join(map(self.say, loop.order))}".replace("'", "") if loop.order else ""
        limit = f", at most {self.say(loop.limit)}" if loop.limit else ""
        return f"each {sources}{where}{order}{limit}"

    def _call(self, function: str, args: Sequence[ir.Expr]) -> Phrase:
        match function, list(args):
            case "present", [value]:
                return f"{self._inside(value, _SUM)} is present", _COMPARISON
            case "not", [value]:
                return self._denied(value)
            case "negate", [value]:
                return f"-{self._inside(value, _ATOM)}", _SUM
            case "number", [value]:
                return self._phrase(value)
            case "at", [values, member]:
                return f"{self._inside(values, _ATOM)} at {self._inside(member, _ATOM)}", _ATOM
            case "prefix", [values, count]:
                return f"the first {self._inside(count, _ATOM)} of {self._inside(values, _ATOM)}", _ATOM
            case "in", [value, values]:
                return f"{self._inside(value, _SUM)} is in {self._inside(values, _SUM)}", _COMPARISON
            case "has_key", [key, entries]:
                return f"{self._inside(entries, _SUM)} has {self._inside(key, _SUM)}", _COMPARISON
            case _, [left, right] if function in _COMPARED:
                return f"{self._inside(left, _SUM)} {_COMPARED[function]} {self._inside(right, _SUM)}", _COMPARISON
            case _, [left, right] if function in _SIGNS:
                limit = _SUM if function in _LOOSE else _ATOM
                return f"{self._inside(left, limit)} {_SIGNS[function]} {self._inside(right, _ATOM)}", _SUM
        listed = ", ".join(map(self.say, args))
        return (f"{_PHRASES[function]} {listed}" if function in _PHRASES else f"{function}({listed})"), _ATOM

    def _denied(self, value: ir.Expr) -> Phrase:
        if isinstance(value, ir.Call) and value.function in _DENIED:
            return self._call(_DENIED[value.function], value.args)
        if isinstance(value, ir.Call) and value.function == "present":
            return f"{self._inside(value.args[0], _SUM)} is missing", _COMPARISON
        return f"not {self._inside(value, _ATOM)}", _NOT


def words(name: str) -> str:
    """A name as words: `daily_loss_limit` is `daily loss limit`."""
    return name.replace(ir.OF, " ").replace("_", " ")


def _literal(value: ir.Value, kind: Type) -> str:
    return "missing" if value is None else exactly(value, kind)


def _is_comparison(expr: ir.Expr) -> TypeGuard[ir.Call]:
    return isinstance(expr, ir.Call) and expr.function in _COMPARED


def _understood(term: ir.Expr, terms: Sequence[ir.Expr]) -> bool:
    """Whether a `present(x)` goes without saying, since x is compared beside it."""
    if not isinstance(term, ir.Call) or term.function != "present":
        return False
    (value,) = term.args
    compared = [part for each in terms for part in ir.walk(each) if _is_comparison(part)]
    return any(same_place(value, part.args[0]) for part in compared)


def same_place(value: ir.Expr, other: ir.Expr) -> bool:
    """Whether both are the same but for whether they may be absent."""
    return replace(value, optional=False) == replace(other, optional=False)


def _equals(expr: ir.Expr) -> tuple[ir.Expr, ir.Expr] | None:
    """The value and the fixed choice of `value == choice`."""
    match expr:
        case ir.Call(function="eq", args=(value, ir.Literal() as choice)):
            return value, choice
    return None


def _columns(pack: ir.Pack) -> list[tuple[str, ir.Expr]]:
    """The columns of tables by the names that their cells read."""
    found = [(f"{table.id}.{each.name}", each.value) for table in pack.tables.values() for each in table.columns]
    for step in pack.steps:
        if isinstance(step, ir.Define) and isinstance(step.value, ir.Lookup):
            found += [(f"{step.value.table}.{each.name}", each.value) for each in step.value.columns]
    return found


__all__ = ["Sentences", "same_place", "words"]
