"""Policies whose parameters have other values from certain times on: one policy for each stretch of time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

from .diagnostics import Diagnostic
from .in_force import Effective, Period, period_at
from .naming import shown
from .plain import plain
from .policy import Policy
from .snapshot import export_dated
from .times import format_time, parse_time

if TYPE_CHECKING:
    from . import ir
    from .decision import Decision
    from .lacking import Lacking
    from .state import State


def policy_of(pack: ir.Pack, in_force: Effective, document: object = None) -> Policy:
    """The policy of a pack under the parameters in force."""
    if in_force.dated:
        return DatedPolicy(pack, in_force, document)
    return Policy(pack, in_force.values, in_force.layer_of, document)


class DatedPolicy(Policy):
    """Decides by the policy of the period that a snapshot's `now` is in, which is the decision's `policy`."""

    def __init__(self, pack: ir.Pack, in_force: Effective, document: object = None) -> None:
        self._in_force = in_force
        self._periods = in_force.periods
        self._known: dict[int, Policy] = {}
        self._made_of = pack, document
        first = self._policy(0)
        self._begin(first.program, in_force.values, in_force.layer_of, lambda: (pack, document))
        self.decide = self._decide

    def __reduce__(self) -> tuple[Any, ...]:
        return DatedPolicy, (self._made_of[0], self._in_force, self._made_of[1])

    def at(self, snapshot: object, now: object = None) -> Policy:
        """That of the first period where nothing tells the time: without it there is no decision."""
        given = snapshot.get("now") if now is None and isinstance(snapshot, Mapping) else now
        moment = parse_time(plain(given))
        return self._policy(0 if moment is None else period_at(self._periods, moment))

    @property
    def dated(self) -> Mapping[str, ir.Dated]:
        return self._in_force.dated

    @property
    def periods(self) -> tuple[Policy, ...]:
        """Those in which every parameter has a value."""
        return tuple(self._policy(i) for i, period in enumerate(self._periods) if not period.lacking)

    def _policy(self, index: int) -> Policy:
        if index not in self._known:
            pack, document = self._made_of
            period, layers = self._periods[index], self._in_force.layer_of
            if period.lacking:
                made: Policy = _Lacking(pack, period.values, layers, document, self._lacking(period))
            else:
                made = Policy(pack, period.values, layers, document)
            following = self._periods[index + 1 : index + 2]
            made.within = period.start, following[0].start if following else None
            self._known[index] = made
        return self._known[index]

    def _lacking(self, period: Period) -> Lacking:
        dated = self._in_force.dated
        begins = {name: format_time(min(start or 0 for start, _ in dated[name])) for name in period.lacking}
        return {name: Diagnostic.of("FB732", name=shown(name), start=start) for name, start in begins.items()}

    def _decide(self, snapshot: Mapping[str, Any], *, now: str | float | None = None) -> Decision:
        return self.at(snapshot, now).decide(snapshot, now=now)

    @cached_property
    def step(self) -> Callable[..., Decision]:
        def step(snapshot: Mapping[str, Any], state: State, now: str | float | None = None) -> Decision:
            return self.at(snapshot, now).step(snapshot, state, now=now)

        return step

    @cached_property
    def parameters(self) -> dict[str, object]:
        """Of a dated one all values, each with the time from which it holds."""
        return {**super().parameters, **{shown(name): self._dated(name) for name in self._in_force.dated}}

    def _dated(self, name: str) -> list[dict[str, object]]:
        return export_dated(self._in_force.dated[name], self.pack.parameters[name].type)


class _Lacking(Policy):
    """A policy before some of its parameters have a value: it is examined, not run."""

    def __init__(
        self,
        pack: ir.Pack,
        values: Mapping[str, ir.Value],
        layers: Mapping[str, str],
        document: object,
        lacking: Lacking,
    ) -> None:
        super().__init__(pack, values, layers, document)
        self.lacking = lacking
        self.decide = self._examined

    def __reduce__(self) -> tuple[Any, ...]:
        return _Lacking, (self.pack, self.values, self.layers, self._content[1], self.lacking)

    def _examined(self, snapshot: Mapping[str, Any], *, now: str | float | None = None) -> Decision:
        if self.program.start is None:
            return self._unusual(_at(snapshot, now))
        return self._unusual_step(_at(snapshot, now), self.start)

    @cached_property
    def step(self) -> Callable[..., Decision]:
        def step(snapshot: Mapping[str, Any], state: State, now: str | float | None = None) -> Decision:
            return self._unusual_step(_at(snapshot, now), state)

        return step


def _at(snapshot: Mapping[str, Any], now: str | float | None) -> object:
    return {**snapshot, "now": now} if now is not None and isinstance(snapshot, Mapping) else snapshot


__all__ = ["DatedPolicy", "policy_of"]
