"""The steps in which a pack is computed, as part of the IR: read as `ir.Define`, `ir.Fold` and so on."""

from __future__ import annotations

from dataclasses import dataclass, field

from .nodes import Expr
from .source import Span
from .types import Field


@dataclass(frozen=True, slots=True)
class Requirement:
    """A condition that is part of the contract: on parameters, on inputs, or (over `Local` fields) on a record."""

    id: str
    condition: Expr
    span: Span | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Define:
    """Compute a definition."""

    name: str
    value: Expr


@dataclass(frozen=True, slots=True)
class Gate:
    """Compute a group's `when`."""

    group: str


@dataclass(frozen=True, slots=True)
class Judge:
    """Decide whether a rule fires (a rule that is no row and no bound)."""

    rule: str


@dataclass(frozen=True, slots=True)
class Match:
    """Compute a table's columns and decide which rows fire."""

    table: str


@dataclass(frozen=True, slots=True)
class Fold:
    """Fold all effects on an output into its final value."""

    output: str


@dataclass(frozen=True, slots=True)
class Bite:
    """Decide whether a bound fires: it changed a value."""

    rule: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Bind:
    """Compute the definition `name`, what an input of a used pack is bound to, and check it against `place`.

    `moment` is the time that the age of the value counts from, where that is another input of the pack.
    """

    name: str
    value: Expr
    place: Field
    moment: Expr | None = None

    @property
    def expressions(self) -> list[Expr]:
        return [self.value, *([self.moment] if self.moment else [])]


@dataclass(frozen=True, slots=True)
class Demand:
    """Check a requirement of a used pack on what it is bound to."""

    part: str
    requirement: Requirement


@dataclass(frozen=True, slots=True)
class Settle:
    """A part has been computed: with a fault among its steps its outputs are the safe ones."""

    part: str


Step = Define | Gate | Judge | Match | Fold | Bite | Bind | Demand | Settle
