"""What an explanation says of a decision, apart from how it looks: text, Markdown, JSON and HTML are made from it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from .views import View

_LARGEST = 1e100  # what is drawn is smaller


@dataclass(frozen=True, slots=True)
class StepView:
    """One step on the way to an output's value. `by` is the rule, `effect` such as `× 0.5`."""

    by: str
    effect: str
    before: str
    after: str
    reason: str
    decisive: bool
    where: str
    amount: float | None = None  # the value behind the step, where it is a number


@dataclass(frozen=True, slots=True)
class OutputView:
    name: str
    start: str
    final: str
    changed: bool
    steps: tuple[StepView, ...]
    begins: float | None = None  # the number that it starts from

    @property
    def has_waterfall(self) -> bool:
        """Whether its way can be drawn: numbers that a rule changed, none of them beyond all drawing."""
        amounts = [self.begins, *(each.amount for each in self.steps)]
        return (
            bool(self.steps)
            and all(each is None or abs(each) < _LARGEST for each in amounts)
            and self.begins is not None
        )


@dataclass(frozen=True, slots=True)
class ThresholdView:
    """`away` is how far off the threshold is, with its part of the declared range."""

    condition: str
    value: str
    needed: str
    away: str
    share: float | None


@dataclass(frozen=True, slots=True)
class RuleView:
    """A rule with its condition as a sentence, and what would have turned it."""

    id: str
    pack: str
    severity: str
    text: str
    condition: str
    where: str
    decisive: bool
    how: str
    thresholds: tuple[ThresholdView, ...]


@dataclass(frozen=True, slots=True)
class ParameterView:
    name: str
    value: str
    layer: str
    where: str
    why: str


@dataclass(frozen=True, slots=True)
class NoteView:
    """What is to be known of the decision itself, such as that it was made again and came out the same."""

    level: Literal["ok", "warning", "error"]
    text: str


@dataclass(frozen=True, slots=True)
class Explanation(View):
    """`headline` is the outcome in plain words, `alternatives` what would have changed it.

    Of the rules that fired only the first hundred are told of, and the rest is counted.
    """

    policy: str
    status: str
    key: str | None
    now: str | None
    headline: str
    faults: tuple[str, ...]
    outputs: tuple[OutputView, ...]
    provenance: tuple[tuple[str, str], ...]
    intents: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()
    notes: tuple[NoteView, ...] = ()
    fired: tuple[RuleView, ...] = ()
    more_fired: int = 0
    not_fired: tuple[RuleView, ...] = ()
    target: str | None = None
    alternatives: tuple[str, ...] = ()
    parameters: tuple[ParameterView, ...] = ()


__all__ = [
    "Explanation", "NoteView", "OutputView", "ParameterView", "RuleView", "StepView", "ThresholdView",
]  # fmt: skip
