"""How an example that failed is shown."""

from __future__ import annotations

import pytest

from flyball.reports.text import plain_text


@pytest.mark.parametrize(
    ("value", "text"), [(0.3, "0.3"), (3.0, "3"), (0.1 + 0.2, "0.30000000000000004"), ([1 / 3], "[0.3333333333333333]")]
)
def test_numbers_that_differ_are_shown_differently(value: object, text: str) -> None:
    assert plain_text(value, exact=True) == text


def test_elsewhere_fifteen_digits_are_enough() -> None:
    assert plain_text({"a": 0.1 + 0.2}) == "{a: 0.3}"
