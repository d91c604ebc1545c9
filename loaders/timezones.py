"""Timezones as data, from the package `tzdata` and never from the system, which may have another edition."""

from __future__ import annotations

import struct
from bisect import bisect_left
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import lru_cache, partial
from importlib import import_module, resources
from io import BytesIO
from zoneinfo import ZoneInfo

from ..engine.zones import CYCLE, Zone

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST = -62_135_596_800 + 86_400  # a day behind the first moment that `datetime` has
_WEEK = 7 * 86_400
_SECOND = 1_000_000
_HEADER = struct.Struct(">4s16x6l")


def names() -> list[str]:
    return resources.files("tzdata").joinpath("zones").read_text(encoding="utf-8").split()


@lru_cache(maxsize=32)
def zone(name: str) -> Zone | None:
    """The zone of that name, if there is one."""
    if name not in names():
        return None
    data = resources.files("tzdata").joinpath("zoneinfo", *name.split("/")).read_bytes()
    clock = ZoneInfo.from_file(BytesIO(data), key=name)
    changes, footer = _read(data)
    last = max(changes, default=0)
    rules_from = int(datetime((_EPOCH + timedelta(seconds=last)).year + 1, 1, 1, tzinfo=UTC).timestamp())
    until = rules_from + CYCLE // _SECOND
    if "," in footer:
        changes += _yearly(clock, last, until)
    starts = [each for each in changes if each >= _FIRST]
    before = min(starts, default=0) - 1
    offsets = [_offset(clock, each) for each in (before, *starts)]
    return Zone(
        name,
        str(import_module("tzdata").IANA_VERSION),
        tuple(each * _SECOND for each in starts),
        tuple(each * _SECOND for each in offsets),
        until * _SECOND,
    )


def _read(data: bytes) -> tuple[list[int], str]:
    """The moments at which the clock was or will be set, and the rule for those behind them (RFC 9636)."""
    start = _HEADER.size + _size(data, 0, 4)
    count = _HEADER.unpack_from(data, start)[4]
    moments = struct.unpack_from(f">{count}q", data, start + _HEADER.size)
    return list(moments), data[start + _HEADER.size + _size(data, start, 8) :].decode().strip()


def _size(data: bytes, start: int, width: int) -> int:
    """The bytes of a block behind its header, whose moments have that width."""
    _, in_utc, standard, leaps, moments, types, letters = _HEADER.unpack_from(data, start)
    return int(moments * (width + 1) + types * 6 + letters + leaps * (width + 4) + standard + in_utc)


def _yearly(clock: ZoneInfo, last: int, until: int) -> Iterator[int]:
    """The further changes up to a moment: there is at most one a week."""
    ahead = _offset(clock, last)
    for low in range(last, until, _WEEK):
        week = range(low, min(low + _WEEK, until) + 1)
        before, ahead = ahead, _offset(clock, week[-1])
        if ahead != before:
            yield week[bisect_left(week, True, key=partial(_differs, clock, before))]


def _differs(clock: ZoneInfo, ahead: int, seconds: int) -> bool:
    return _offset(clock, seconds) != ahead


def _offset(clock: ZoneInfo, seconds: int) -> int:
    """By how many seconds the clock is ahead of UTC."""
    ahead = (_EPOCH + timedelta(seconds=seconds)).astimezone(clock).utcoffset()
    return int((ahead or timedelta()).total_seconds())


__all__ = ["names", "zone"]
