"""Times at the edges of what can be read."""

from __future__ import annotations

import pytest

from flyball.engine.times import parse_time

LAST = 253_402_300_799  # 9999-12-31T23:59:59Z


@pytest.mark.parametrize("value", [10**400, -(10**400), LAST + 1, float("inf"), float("nan"), True, None, [], "today"])
def test_what_is_no_time(value: object) -> None:
    assert parse_time(value) is None


@pytest.mark.parametrize(
    ("value", "moment"),
    [(0, 0), (LAST, LAST * 1_000_000), (-1.5, -1_500_000), ("1970-01-01T01:00:00.5+01:00", 500_000)],
)
def test_what_is_a_time(value: object, moment: int) -> None:
    assert parse_time(value) == moment
