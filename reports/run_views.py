"""What a report on a run says, apart from how it looks: a run is the written decisions of a stream."""

from __future__ import annotations

from dataclasses import dataclass

from .views import View


@dataclass(frozen=True, slots=True)
class RuleCount:
    """How often a rule fired, and how often some output would have been another without it."""

    id: str
    pack: str
    severity: str
    fired: int
    decisive: int
    share: float
    first: str
    last: str
    text: str


@dataclass(frozen=True, slots=True)
class OutputSummary:
    """Of an output that is a choice `values` says how often each was decided; of a number there are its bounds."""

    name: str
    values: tuple[tuple[str, int], ...]
    low: float | None
    mean: float | None
    high: float | None
    bound_by: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class NearMiss:
    """How near a rule that did not fire came to it: `share` is the distance as a part of the input's range."""

    rule: str
    severity: str
    share: float
    away: str
    condition: str
    value: str
    time: str


@dataclass(frozen=True, slots=True)
class FaultCount:
    """Faults of one code and place, with the message of the first."""

    code: str
    severity: str
    path: str
    message: str
    help: str
    count: int
    first: str
    last: str


@dataclass(frozen=True, slots=True)
class Timeline:
    """Shares over the run: of each bin, the part that had each value. `name` is an output, or what the chart is of."""

    name: str
    values: tuple[str, ...]
    shares: tuple[tuple[float, ...], ...]


@dataclass(frozen=True, slots=True)
class Band:
    """A number over the run: the least, mean and greatest of each bin, absent where it had none."""

    name: str
    low: tuple[float | None, ...]
    mean: tuple[float | None, ...]
    high: tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class RunReport(View):
    """`notes` say what cannot be told, and why. The bins of all timelines are the same, as `times` says."""

    headline: str
    facts: tuple[tuple[str, str], ...]
    notes: tuple[str, ...]
    decisions: int
    statuses: tuple[tuple[str, int], ...]
    rules: tuple[RuleCount, ...]
    more_rules: int
    outputs: tuple[OutputSummary, ...]
    inert: tuple[str, ...]
    margins: tuple[NearMiss, ...]
    faults: tuple[FaultCount, ...]
    more_faults: int
    dropped: tuple[tuple[str, int], ...]
    times: tuple[str, ...]
    timelines: tuple[Timeline, ...]
    bands: tuple[Band, ...]
    firings: tuple[Timeline, ...]


__all__ = ["Band", "FaultCount", "NearMiss", "OutputSummary", "RuleCount", "RunReport", "Timeline"]
