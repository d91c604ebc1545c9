"""Aggregates over one list as one loop over it: which there are, and their code.

Only aggregates that every decision evaluates are taken together; in which order faults turn up does not matter here,
since whatever is a fault is handed over.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from .. import ir
from ..types import List, Number
from .draft import Draft, each_turn
from .expressions import Writer

_AGGREGATES = ("all", "any", "count", "first", "greatest", "least", "sum")
_FOREIGN = (ir.Defined, ir.Output, ir.Fired)


@dataclass(frozen=True)
class Aggregate:
    """A call of an aggregate over a comprehension. `name` is what reads its value, as that of a definition."""

    number: int
    call: ir.Call
    each: ir.Each

    @property
    def name(self) -> str:
        return f"a.{self.number}"

    @property
    def local(self) -> str:
        return f"a_{self.number}"


@dataclass
class Pass:
    """One loop over a list, for all aggregates over it that can be known where the first of them is wanted."""

    source: ir.Expr
    aggregates: list[Aggregate] = field(default_factory=list)


def planned(steps: Sequence[ir.Step]) -> Iterator[ir.Step | Pass]:
    """The steps of a pack with passes between them. Aggregates are then read as definitions."""
    names: dict[ir.Call, str] = {}
    wanted = [list(aggregates(step.value)) if isinstance(step, ir.Define) else [] for step in steps]
    done: set[str] = set()
    for i, step in enumerate(steps):
        later = [call for calls in wanted[i + 1 :] for call in calls if _reads(call) <= done] if wanted[i] else []
        for call in wanted[i]:
            if call not in names:
                yield _pass_for(call, [*wanted[i], *later], names)
        if isinstance(step, ir.Define | ir.Bind):
            done.add(step.name)
        yield replace(step, value=_with(step.value, names)) if isinstance(step, ir.Define) and wanted[i] else step


def _pass_for(call: ir.Call, others: Sequence[ir.Call], names: dict[ir.Call, str]) -> Pass:
    """The pass for an aggregate and those others over the same list that have no name yet."""
    made = Pass(_each_of(call).source)
    for each in dict.fromkeys(others):
        if each not in names and _each_of(each).source == made.source:
            made.aggregates.append(Aggregate(len(names), each, _each_of(each)))
            names[each] = made.aggregates[-1].name
    return made


def aggregates(expr: ir.Expr) -> Iterator[ir.Call]:
    """The aggregates that are evaluated wherever the expression is."""
    match expr:
        case ir.Call(args=(ir.Each() as each,)) if _is_plain(expr, each):
            yield expr
        case ir.Call(args=parts) | ir.Make(parts=parts):
            for part in parts:
                yield from aggregates(part)
        case ir.And(terms=(first, *_)) | ir.Or(terms=(first, *_)) | ir.If(test=first) | ir.Default(value=first):
            yield from aggregates(first)
        case ir.Get(record=record):
            yield from aggregates(record)
        case ir.Chain(first=first, rest=((_, second), *_)):
            yield from (*aggregates(first), *aggregates(second))


def _is_plain(call: ir.Call, each: ir.Each) -> bool:
    return (
        call.function in _AGGREGATES
        and not each.source.optional
        and not each.value.optional
        and isinstance(each.source, ir.Input | ir.Defined)
        and isinstance(each.source.type, List)
    )


def _each_of(call: ir.Call) -> ir.Each:
    (each,) = call.args
    assert isinstance(each, ir.Each), "an aggregate is over a comprehension"
    return each


def _reads(call: ir.Call) -> set[str]:
    """What has to be known before; no name of a definition is empty."""
    nodes = [node for node in ir.walk(call) if isinstance(node, _FOREIGN)]
    return {node.name if isinstance(node, ir.Defined) else "" for node in nodes}


def _with(expr: ir.Expr, names: dict[ir.Call, str]) -> ir.Expr:
    """The expression with the names of its aggregates in their place."""
    if isinstance(expr, ir.Call) and len(expr.args) == 1 and isinstance(expr.args[0], ir.Each) and expr in names:
        return ir.Defined(type=expr.type, optional=expr.optional, name=names[expr])
    return ir.rebuilt(expr, lambda child: _with(child, names))


# Code


@dataclass(frozen=True)
class PassCode:
    """Writes passes."""

    draft: Draft

    def write(self, made: Pass) -> None:
        draft = self.draft
        for each in made.aggregates:
            draft.know(each.name, each.local, each.call)
            draft.add(f"{each.local} = {_start(each.call)}")
        head, item = self._loop(made)
        draft.add(f"{head}:")
        above: tuple[str, str] | None = None
        for where, lines in self._by_where(made, item).items():
            if where:
                test = _tested(where)
                draft.add(f"{'elif' if above and test and above[0] == test[0] else 'if'} {where}:", 1)
                above = test
            for line in lines:
                draft.add(line, 2 if where else 1)
        for each in made.aggregates:
            if self._can_overflow(each) and isinstance(each.call.type, Number):
                draft.add(f"{each.local} = finite({each.local})")

    def _loop(self, made: Pass) -> tuple[str, str | tuple[str, ...]]:
        """The head of the loop, and how an item is spelled: taken apart, where many of its fields are read."""
        variable = made.aggregates[0].each.variable
        head, inner = self.draft.writer.loop(variable, made.source)
        if isinstance(made.source, ir.Defined) and made.source.name in self.draft.rows:
            rows, item = self.draft.rows[made.source.name]
            turns = [expr for each in made.aggregates for expr in each_turn(each.each)]
            reads = {node for expr in turns for node in ir.walk(expr) if isinstance(node, ir.Get)}
            if 2 * len(reads) < len(item):
                return f"for row in {rows}", item
        return head, inner.locals[variable]

    def _by_where(self, made: Pass, item: str | tuple[str, ...]) -> dict[str, list[str]]:
        """The lines of one turn, under the conditions as they are written; those without one come first."""
        declared = self.draft.writer.bounds.item_of(made.source)
        found: dict[str, list[str]] = {"": []}
        for each in made.aggregates:
            inner = self.draft.writer.inside(each.each.variable, item, declared)
            where = inner.write(each.each.where) if each.each.where else ""
            sure = len(made.aggregates) == 1 and not any(map(inner.can_fail, each_turn(each.each)))
            found.setdefault(where, []).extend(self._turn(each, inner, "; break" if sure else ""))
        return found

    def _turn(self, aggregate: Aggregate, inner: Writer, leave: str) -> list[str]:
        """The lines for one item. `leave` ends the loop where no other item matters."""
        name, value = aggregate.local, aggregate.each.value
        written = inner.write(value)
        match aggregate.call.function:
            case "any":
                return [f"if {written}: {name} = True{leave}"]
            case "all":
                return [f"if not {written}: {name} = False{leave}"]
            case "count":
                return [*([written] if inner.can_fail(value) else []), f"{name} += 1"]
            case "first" if not inner.can_fail(value):
                return [f"if {name} is None: {name} = {written}{leave}"]
            case "first":
                return [f"each = {written}", f"if {name} is None: {name} = each"]
            case "sum" if self._can_overflow(aggregate) and not isinstance(aggregate.call.type, Number):
                return [f"{name} = whole({name} + {written})"]
            case "sum":
                return [f"{name} += {written}"]
        sign = "<" if aggregate.call.function == "least" else ">"
        return [f"each = {written}", f"if {name} is None or each {sign} {name}: {name} = each"]

    def _can_overflow(self, aggregate: Aggregate) -> bool:
        call = aggregate.call
        return call.function == "sum" and not self.draft.writer.bounds.is_safe("sum", call.args, call)


def _tested(where: str) -> tuple[str, str] | None:
    """What is compared with which constant, so that no two such conditions hold at once."""
    left, sign, right = where.removeprefix("(").removesuffix(")").partition(" == ")
    return (left, right) if sign and right.isdecimal() else None


def _start(call: ir.Call) -> str:
    """What an aggregate of nothing is."""
    match call.function:
        case "any":
            return "False"
        case "all":
            return "True"
        case "count":
            return "0"
        case "sum":
            return "0.0" if isinstance(call.type, Number) else "0"
    return "None"
