"""Timezones as data: when the clock of a zone is set, and by how much it is ahead of UTC from then on."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass

from .types import Field, Integer, List, Record, Time

CYCLE = 146_097 * 86_400_000_000  # 400 years, after which the calendar and its weekdays repeat
_CYCLE_DAYS = 146_097
DAY = 86_400_000_000
_MOST = 4096

Clock = tuple[tuple[int, ...], tuple[int, ...], int]
CLOCK = Record(
    "Clock",
    (
        Field("starts", List(Field("", Time()), _MOST)),
        Field("ahead", List(Field("", Integer()), _MOST)),
        Field("until", Time()),
    ),
)


@dataclass(frozen=True, slots=True)
class Zone:
    """`ahead` of UTC, in microseconds, is what the clock of the zone is before the first of `starts`, and from each on.

    From `until` on all goes as it did 400 years before. `version` is the edition of the timezone database.
    """

    name: str
    version: str
    starts: tuple[int, ...]
    ahead: tuple[int, ...]
    until: int

    @property
    def clock(self) -> Clock:
        return self.starts, self.ahead, self.until


UTC: Clock = (), (0,), 2**63


def day(moment: int, clock: Clock = UTC) -> int:
    """The number of the calendar day that a clock shows; 1970-01-01 is 0."""
    starts, ahead, until = clock
    if moment >= until:
        cycles = (moment - until) // CYCLE + 1
        return day(moment - cycles * CYCLE, clock) + cycles * _CYCLE_DAYS
    return (moment + ahead[bisect_right(starts, moment)]) // DAY


def midnight(number: int, clock: Clock = UTC) -> int:
    """The first moment of a calendar day, which is not at 0 o'clock where the clock is set forward then."""
    starts, ahead, until = clock
    if (number - 2) * DAY >= until:
        return midnight(number - _CYCLE_DAYS, clock) + CYCLE
    around = starts[bisect_left(starts, (number - 2) * DAY) : bisect_right(starts, (number + 2) * DAY)]
    moments = {number * DAY - each for each in ahead} | {*around}
    return min(each for each in moments if day(each, clock) == number)


__all__ = ["CLOCK", "CYCLE", "UTC", "Clock", "Zone", "day", "midnight"]
