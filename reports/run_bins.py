"""What happened over a run of unknown length, in a bounded number of bins: where they are full, two become one."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

_BINS = 128
_MOST_VALUES = 8  # of one output; what is rarer at first counts as `other`
OTHER = "other"


@dataclass(slots=True)
class Spread:
    """The bounds and the sum of some numbers."""

    count: int = 0
    total: float = 0.0
    low: float = 0.0
    high: float = 0.0

    def add(self, value: float) -> None:
        self.low, self.high = (min(self.low, value), max(self.high, value)) if self.count else (value, value)
        self.count += 1
        self.total += value

    def merge(self, other: Spread) -> None:
        if other.count:
            low, high = other.low, other.high
            self.low, self.high = (min(self.low, low), max(self.high, high)) if self.count else (low, high)
            self.count += other.count
            self.total += other.total

    @property
    def mean(self) -> float | None:
        return self.total / self.count if self.count else None


@dataclass(slots=True)
class Bin:
    """Some decisions in a row: `choices` counts values by name and value, `fired` rules."""

    first: str = ""
    count: int = 0
    choices: Counter[tuple[str, str]] = field(default_factory=Counter)
    numbers: dict[str, Spread] = field(default_factory=dict)
    fired: Counter[str] = field(default_factory=Counter)

    def merge(self, later: Bin) -> None:
        self.count += later.count
        self.choices.update(later.choices)
        self.fired.update(later.fired)
        for name, spread in later.numbers.items():
            self.numbers.setdefault(name, Spread()).merge(spread)


class Bins:
    """At most some hundred bins of equally many decisions."""

    def __init__(self) -> None:
        self.bins: list[Bin] = []
        self._width = 1
        self._values: dict[str, list[str]] = {}

    def next(self, time: str) -> Bin:
        """The bin of the next decision."""
        if not self.bins or self.bins[-1].count == self._width:
            if len(self.bins) == _BINS:
                self._halve()
            if not self.bins or self.bins[-1].count == self._width:
                self.bins.append(Bin(time))
        self.bins[-1].count += 1
        return self.bins[-1]

    def _halve(self) -> None:
        for left, right in zip(self.bins[::2], self.bins[1::2], strict=True):
            left.merge(right)
        self.bins = self.bins[::2]
        self._width *= 2

    def value(self, name: str, value: str) -> str:
        """A value as it is counted: only so many of one name are told apart."""
        known = self._values.setdefault(name, [])
        if value not in known and len(known) < _MOST_VALUES:
            known.append(value)
        return value if value in known else OTHER

    def values(self, name: str) -> list[str]:
        return self._values[name]


__all__ = ["OTHER", "Bin", "Bins", "Spread"]
