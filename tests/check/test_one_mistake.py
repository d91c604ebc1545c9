"""One mistake is one finding: what only follows from it is not reported."""

from __future__ import annotations

import pytest

from flyball.loaders.packs import load_bytes

PACK = """
language: 1
pack: guard
version: 1.0.0
inputs: {daily_pnl: {type: number, unit: percent, range: [-100, 1000]}}
parameters: {loss_limit: {value: 3.0, unit: percent, range: [0.1, 20], why: Loss at which the desk stops}}
outputs: {allow_new_trades: {type: boolean, combine: all, start: true, safe: false}}
rules:
  daily_loss:
    when: daily_pnl <= -loss_limit
    then: {allow_new_trades: false}
    because: The day is lost
"""

MISTAKES = {
    "an output misspelt in an effect": ("then: {allow_new_trades", "then: {allow_new_trade", "FB301"),
    "an input misspelt in a condition": ("when: daily_pnl", "when: daily_pln", "FB301"),
    "a parameter misspelt in a condition": ("-loss_limit", "-los_limit", "FB301"),
    "a unit misspelt": ("unit: percent, range: [-100", "unit: percnt, range: [-100", "FB307"),
    "a function of state": ("when: daily_pnl <=", "when: total(daily_pnl) <=", "FB430"),
    "an argument in a unit": ("when: daily_pnl <=", "when: tanh(daily_pnl) <=", "FB306"),
    "a bare number beside a misspelt name": ("when: daily_pnl <=", "when: 3 * daily_pln <=", "FB301"),
    "a bare number beside a boolean": ("when: daily_pnl <=", "when: 3 * daily_pnl + true <=", "FB305"),
    "a type misspelt": ("type: boolean", "type: bolean", "FB204"),
}


def test_the_pack_is_clean() -> None:
    assert not load_bytes(PACK.encode(), "guard.yaml").findings


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_one_finding(mistake: str) -> None:
    before, after, code = MISTAKES[mistake]
    assert before in PACK
    findings = load_bytes(PACK.replace(before, after, 1).encode(), "guard.yaml").findings
    assert [finding.code for finding in findings] == [code], findings


NUMBERS = """
language: 1
pack: sizes
version: 1.0.0
types: {Mood: [CALM, WILD]}
inputs: {mood: {type: Mood}, count_of: {type: integer, unit: trades, range: [0, 100]}}
definitions:
  size: {type: number, match: {m: mood}, rows: {calm: {m: CALM, value: VALUE}, wild: {m: WILD, value: 0.25}}}
outputs:
  scale: {type: number, start: size, safe: SAFE}
  few: {type: boolean, combine: all, start: true, safe: false}
tables:
  by_count:
    match: {amount: count_of}
    rows:
      low: {amount: "CELL"}
      high: {amount: ">= 3", then: {few: false}, because: Many}
"""


@pytest.mark.parametrize(
    ("value", "safe", "cell", "found"),
    [
        ("0.5", "0.5", "< 3", []),
        ("-0.5", "-0.5", "[0..2]", []),
        ("0.5", "0.5", "0 | 1 | 2", []),
        ("0.5 + size_of", "0.5", "< 3", ["FB301"]),
        ("1 - 0.5", "0.5", "< 3", ["FB501"]),
        ("0.5", "1 - 0.5", "< 3", ["FB501"]),
        ("0.5", "0.5", "< 1 + 2", ["FB501"]),
    ],
)
def test_a_number_that_stands_in_a_place_of_its_own_is_not_bare(
    value: str, safe: str, cell: str, found: list[str]
) -> None:
    """A cell, the value of a row and what is safe have a name; a number in an expression has none."""
    text = NUMBERS.replace("VALUE", value).replace("SAFE", safe).replace("CELL", cell)
    assert [each.code for each in load_bytes(text.encode(), "sizes.yaml").findings] == found
