"""How far a condition was from turning out otherwise: the thresholds that stand in its way, and their distances."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from . import ir
from .faults import Located
from .run import Names, Run
from .sentences import Sentences, same_place
from .types import BOOLEAN, Field, Integer, Number, Record, Vector
from .values import exactly, readable

_ROUNDING = 1e-9
_FLIPPED = {"lt": "ge", "le": "gt", "gt": "le", "ge": "lt", "eq": "ne", "ne": "eq"}
_BOUND = {"lt": "below", "le": "at most", "gt": "above", "ge": "at least"}


@dataclass(frozen=True, slots=True)
class Threshold:
    """A comparison that came out as it did, and what would turn it.

    `distance` is how far the value is from the threshold, in the value's unit; `share` the same as a part of the
    declared range of the input that is compared. Both are None where what is compared has no distance.
    """

    condition: str
    holds: bool
    value: str
    needed: str
    distance: float | None = None
    share: float | None = None
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Margin:
    """What would have to be otherwise for a condition to come out otherwise: `all` of the parts, or `any` of them."""

    how: Literal["all", "any"]
    parts: tuple[Margin | Threshold, ...]

    def thresholds(self) -> Iterator[Threshold]:
        for part in self.parts:
            if isinstance(part, Margin):
                yield from part.thresholds()
            else:
                yield part


class Margins:
    """The margins of the conditions of one decision.

    `run` is one of the reference back end, which evaluates also what was skipped.
    """

    def __init__(self, run: Run, ranges: Mapping[str, tuple[float, float]] | None = None) -> None:
        self._run = run
        self._say = Sentences(run.pack)
        self._definitions = {step.name: step.value for step in run.pack.steps if isinstance(step, ir.Define)}
        self._columns = {
            f"{table.id}.{column.name}": column.value for table in run.pack.tables.values() for column in table.columns
        }
        self._ranges = dict(_ranges(run.pack.inputs)) if ranges is None else ranges

    def of(self, condition: ir.Expr, names: Names | None = None) -> Margin | Threshold | None:
        """What keeps a condition as it is; nothing where it has no value."""
        try:
            return self._of(condition, self._value(condition, names or {}), names or {})
        except Located:
            return None

    def _value(self, expr: ir.Expr, names: Names) -> Any:
        return self._run.evaluate(self._run, expr, names)

    def _of(self, expr: ir.Expr, holds: bool, names: Names) -> Margin | Threshold:
        """What would turn a condition that `holds`, or does not."""
        match expr:
            case ir.And(terms=terms):
                return self._several(terms, holds, names, stopped_by=False)
            case ir.Or(terms=terms):
                return self._several(terms, holds, names, stopped_by=True)
            case ir.Call(function="not", args=(value,)):
                return self._of(value, not holds, names)
            case ir.Chain(first=first, rest=rest):
                return self._several(list(_pairs(first, rest)), holds, names, stopped_by=False)
            case ir.Defined(name=name) if isinstance(self._definitions.get(name), ir.And | ir.Or | ir.Chain | ir.Call):
                return self._of(self._definitions[name], holds, {})
            case ir.Call(function="present", args=(value,)):
                turned = ("missing", "present") if not holds else (self._shown(value, names), "missing")
                return Threshold(self._say.say(expr), holds, *turned)
            case ir.Call(function=function, args=(left, right)) if function in _FLIPPED:
                return self._compared(expr, function, left, right, holds, names)
        return Threshold(self._say.say(expr), holds, "", f"not {self._say.say(expr)}" if holds else self._say.say(expr))

    def _several(self, terms: Sequence[ir.Expr], holds: bool, names: Names, *, stopped_by: bool) -> Margin | Threshold:
        """Terms of which the first that is `stopped_by` decides: one such term turns the whole, or all must turn."""
        if holds == stopped_by:  # some terms made it so, and all those must turn
            made = [term for term in terms if self._holds(term, names) == holds]
            parts = [self._of(term, holds, names) for term in _unguarded(made)]
            return parts[0] if len(parts) == 1 else Margin("all", tuple(parts))
        parts = [self._of(term, holds, names) for term in terms]
        return parts[0] if len(parts) == 1 else Margin("any", tuple(parts))

    def _holds(self, term: ir.Expr, names: Names) -> bool | None:
        try:
            return bool(self._value(term, names))
        except Located:  # behind a term that guards it, as in `present(x) and x > 1`
            return None

    def _compared(
        self, expr: ir.Expr, function: str, left: ir.Expr, right: ir.Expr, holds: bool, names: Names
    ) -> Threshold:
        left_value, right_value = self._value(left, names), self._value(right, names)
        wanted = _FLIPPED[function] if holds else function
        kind = left.type
        condition, value = self._say.say(expr), exactly(left_value, kind)
        if function not in _BOUND or not isinstance(kind, Number | Integer) or None in (left_value, right_value):
            word = {"eq": "", "ne": "not "}.get(wanted, f"{_BOUND.get(wanted, '')} ")
            return Threshold(condition, holds, value, f"{word}{exactly(right_value, right.type)}")
        distance = abs(left_value - right_value)
        low_high = self._ranges.get(_path(self._resolved(left)) or "")
        share = distance / (low_high[1] - low_high[0]) if low_high and low_high[1] > low_high[0] else None
        needed = f"{_BOUND[wanted]} {exactly(right_value, right.type)}"
        if distance > _ROUNDING * max(abs(left_value), abs(right_value)):  # else only all digits tell them apart
            value, needed = readable(left_value, kind), f"{_BOUND[wanted]} {readable(right_value, right.type)}"
        return Threshold(condition, holds, value, needed, float(distance), share, kind.unit.suffix)

    def _shown(self, value: ir.Expr, names: Names) -> str:
        found = self._value(value, names)
        return "present" if isinstance(found, tuple) else exactly(found, value.type)

    def _resolved(self, expr: ir.Expr) -> ir.Expr:
        """What a column or a conversion stands for."""
        match expr:
            case ir.Defined(name=name) if name in self._columns:
                return self._resolved(self._columns[name])
            case ir.Call(function="number", args=(value,)):
                return self._resolved(value)
        return expr


def _unguarded(terms: Sequence[ir.Expr]) -> list[ir.Expr]:
    """Without the terms about a value whose absence is among them already."""
    absent = [term.args[0] for term in terms if isinstance(term, ir.Call) and term.function == "present"]
    return [
        term
        for term in terms
        if (isinstance(term, ir.Call) and term.function == "present")
        or not any(same_place(node, value) for node in ir.walk(term) for value in absent)
    ]


def _pairs(first: ir.Expr, rest: Sequence[tuple[str, ir.Expr]]) -> Iterator[ir.Expr]:
    """A chain as the comparisons that it is short for."""
    left = first
    for operation, right in rest:
        yield ir.Call(type=BOOLEAN, function=operation, args=(left, right))
        left = right


def _path(expr: ir.Expr) -> str | None:
    match expr:
        case ir.Input(name=name):
            return name
        case ir.Get(record=record, index=index) if isinstance(record.type, Record):
            whole = _path(record)
            return whole and f"{whole}.{record.type.fields[index].name}"
    return None


def _ranges(fields: Sequence[Field], prefix: str = "") -> Iterator[tuple[str, tuple[float, float]]]:
    """The declared ranges of inputs, and of the fields of those that are records."""
    for field in fields:
        path = f"{prefix}{field.name}"
        if field.low is not None and field.high is not None and not isinstance(field.type, Vector):
            yield path, (field.low, field.high)
        if isinstance(field.type, Record):
            yield from _ranges(field.type.fields, f"{path}.")


__all__ = ["Margin", "Margins", "Threshold"]
