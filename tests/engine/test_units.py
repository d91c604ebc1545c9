"""Units as a pack names them."""

from __future__ import annotations

import pytest

from flyball.engine import units


@pytest.mark.parametrize(
    ("text", "same_as"),
    [
        ("usd/share", "usd/shares"),
        ("1/d", "1 / d"),
        ("1/s", "1/seconds"),
        ("bps/s", "bps / s"),
        ("share*usd", "usd*share"),
    ],
)
def test_one_unit_has_several_spellings(text: str, same_as: str) -> None:
    assert units.parse(text) == units.parse(same_as) is not None
    assert units.parse(str(units.parse(text))) == units.parse(text)


@pytest.mark.parametrize("text", ["1", "1/", "2/d", "1/1/d", "d/1", "/d", "1*d", "usd/", "1/dollar"])
def test_what_is_no_unit(text: str) -> None:
    assert units.parse(text) is None


def test_one_over_a_unit_times_the_unit_is_a_ratio() -> None:
    rate, day = units.parse("1/d"), units.parse("d")
    assert rate is not None and day is not None
    assert units.multiply(rate, day) == units.RATIO == units.parse("ratio")
