"""The parameters in force, stretch of time by stretch of time, and what must hold of them as a whole."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TypeVar

from . import ir
from .check.literals import range_text, within
from .constants import constant, written
from .diagnostics import Diagnostic
from .effects import leaves
from .faults import Located
from .reporting import fault_diagnostic
from .requirements import parameters_in
from .times import format_time
from .types import innermost

PACK = "pack"
Holder = TypeVar("Holder")


@dataclass(frozen=True, slots=True)
class Period:
    """The parameters from `start` on, or from ever; `lacking` are those that have a value from a later time on only."""

    start: int | None
    values: Mapping[str, ir.Value]
    lacking: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Effective:
    """The values in force, the first where they are `dated`; `layer_of` names the last layer that gave one, or a part
    of one, and where in it.
    """

    values: Mapping[str, ir.Value]
    layer_of: Mapping[str, str]
    dated: Mapping[str, ir.Dated] = field(default_factory=dict)

    @property
    def periods(self) -> tuple[Period, ...]:
        """One where nothing is dated; otherwise one from each time on from which some parameter has another value."""
        starts = sorted({start for dated in self.dated.values() for start, _ in dated if start is not None})
        return tuple(self._period(start) for start in (None, *starts))

    def _period(self, start: int | None) -> Period:
        found = {name: _at(dated, start) for name, dated in self.dated.items()}
        values = {name: each.value for name, each in found.items() if each}
        lacking = tuple(sorted(name for name, each in found.items() if each is None))
        return Period(start, {**self.values, **values}, lacking)


@dataclass(frozen=True, slots=True)
class _Value:
    value: ir.Value


def _at(dated: ir.Dated, moment: int | None) -> _Value | None:
    """The last value that is in force, if there is one yet."""
    known = [value for start, value in dated if start is None or (moment is not None and start <= moment)]
    return _Value(known[-1]) if known else None


def period_at(periods: tuple[Period, ...], moment: int) -> int:
    """The index of the period that a moment is in."""
    return bisect_right([each.start for each in periods[1:] if each.start is not None], moment)


def in_every_period(in_force: Effective, check: Callable[[Period], Iterable[Diagnostic]]) -> list[Diagnostic]:
    """What is wrong in some period, said for the first one in which it is."""
    found: dict[Diagnostic, Diagnostic] = {}
    for period in in_force.periods:
        for each in check(period):
            found.setdefault(each, each if period.start is None else _since(each, period.start))
    return list(found.values())


def _since(finding: Diagnostic, start: int) -> Diagnostic:
    return replace(finding, message=f"{finding.message}, from {format_time(start)} on")


def check_effective(pack: ir.Pack, in_force: Effective, doubtful: set[str]) -> list[Diagnostic]:
    """What the values break as a whole; what reads one of the `doubtful`, already reported, is left alone."""

    def check(period: Period) -> list[Diagnostic]:
        here, unsure = replace(in_force, values=period.values, dated={}), doubtful | {*period.lacking}
        found: list[Diagnostic] = []
        known = partial(_known, pack, period.values, unsure, found)
        requirements = [(each, each.condition) for each in pack.requires if each not in pack.admits]
        found += [_unmet(pack, here, each) for each, holds in known(requirements) if not holds]
        for output, value in known((each, each.safe) for each in pack.outputs.values()):
            found += _unsafe(output, value)
        # What a failed pack would emit need only be possible to work out.
        for _ in known((each, each.emit) for each in pack.intents.values() if each.safe):
            pass
        return found

    return in_every_period(in_force, check)


def _known(
    pack: ir.Pack,
    values: Mapping[str, ir.Value],
    doubtful: set[str],
    found: list[Diagnostic],
    written_in: Iterable[tuple[Holder, ir.Expr]],
) -> Iterator[tuple[Holder, ir.Value]]:
    """Each holder of an expression with its value; what has none is `found`, what reads a `doubtful` is left out."""
    for holder, expr in written_in:
        if doubtful.isdisjoint(parameters_in(expr)):
            try:
                value = constant(expr, values)
            except Located as located:
                found.append(fault_diagnostic(pack, located.fault, located.span))
            else:
                yield holder, value


def _unmet(pack: ir.Pack, in_force: Effective, requirement: ir.Requirement) -> Diagnostic:
    shown = ", ".join(_with_layer(pack, in_force, name) for name in parameters_in(requirement.condition))
    return Diagnostic.of("FB407", requirement.span, name=ir.shown(requirement.id), values=shown)


def _with_layer(pack: ir.Pack, in_force: Effective, name: str) -> str:
    shown = f"{ir.shown(name)} = {written(in_force.values[name], pack.parameters[name].type)}"
    layer = in_force.layer_of[name]
    return shown if layer == PACK else f"{shown} ({layer})"


def _unsafe(output: ir.OutputDeclaration, value: ir.Value) -> Iterator[Diagnostic]:
    """A safe value that the contract of its own output forbids."""
    for number in leaves(value, output.type):
        for low, high in dict.fromkeys([(output.low, output.high), output.within or (None, None)]):
            if not within(number, low, high):
                text = f"`safe` of `{ir.shown(output.name)}`, {written(number, innermost(output.type))},"
                yield Diagnostic.of("FB314", output.safe.span or output.span, value=text, range=range_text(low, high))
                return


__all__ = [
    "PACK", "Effective", "Period", "check_effective", "in_every_period", "period_at",
]  # fmt: skip
