"""Vectors and matrices: what they are worth, and what is said of those that do not fit."""

from __future__ import annotations

from typing import Any

import pytest

from flyball.tests.decided import decided, load

HEAD = """language: 1
pack: structures
version: 1.0.0
types:
  Side: [LONG, SHORT]
  Regime: [CALM, WILD]
  Band: {type: record, fields: {low: {type: number}, high: {type: number, optional: true}}}
inputs:
  side: {type: Side}
  regime: {type: Regime}
  room: {by: Side, type: number}
  known: {by: Side, type: number, optional: true}
  open: {by: Side, type: boolean}
  grid: {by: [Regime, Side], type: number}
  bands: {by: Side, type: Band}
parameters:
  caps:
    {by: [Regime, Side], range: [0, 9], why: Measured, values: {CALM: {LONG: 5, SHORT: 4}, WILD: {LONG: 1, SHORT: 0}}}
"""
SNAPSHOT = {
    "side": "SHORT",
    "regime": "CALM",
    "room": {"LONG": 1, "SHORT": 2.5},
    "known": {"LONG": 3},
    "open": {"LONG": True, "SHORT": False},
    "grid": {"CALM": {"LONG": 1, "SHORT": 7}, "WILD": {"LONG": 3, "SHORT": 4}},
    "bands": {"LONG": {"low": 1}, "SHORT": {"low": 2, "high": 3}},
}
NUMBER = "type: number, safe: 0"

WORTH = [
    (f"{{{NUMBER}, start: 'grid[regime][side]'}}", 7.0),
    (f"{{{NUMBER}, start: 'sum(grid[CALM])'}}", 8.0),
    (f"{{{NUMBER}, start: 'max(sum(grid[r]) for r in Regime)', optional: true}}", 8.0),
    (f"{{{NUMBER}, start: 'default(known[side], -1)'}}", -1.0),
    (f"{{{NUMBER}, start: first(room)}}", 1.0),
    (f"{{{NUMBER}, start: 'bands[side].low'}}", 2.0),
    ("{type: Side, start: 'argmax(grid[regime])', safe: LONG}", "SHORT"),
    ("{type: Side, start: 'argmax(grid[regime], 6)', safe: SHORT}", "LONG"),
    ("{type: boolean, start: any(open), safe: false}", True),
    ("{type: boolean, start: all(open), safe: true}", False),
    ("{type: boolean, start: 'caps == {r: {s: min(caps[r][s], 9) for s in Side} for r in Regime}', safe: false}", True),
    (f"{{by: Side, {NUMBER}, start: room}}", {"LONG": 1.0, "SHORT": 2.5}),
    (f"{{by: Side, {NUMBER}, start: {{LONG: 1, SHORT: 'room[LONG]'}}}}", {"LONG": 1.0, "SHORT": 1.0}),
    (f"{{by: Side, {NUMBER}, optional: true, start: known}}", {"LONG": 3.0}),
    (f"{{by: Side, {NUMBER}, optional: true, start: room}}", {"LONG": 1.0, "SHORT": 2.5}),
    ("{by: Side, type: Band, start: bands, safe: {LONG: {low: 0}, SHORT: {low: 0}}}", SNAPSHOT["bands"]),
    (f"{{by: [Regime, Side], {NUMBER}, start: '{{r: room for r in Regime}}'}}",
     {"CALM": SNAPSHOT["room"], "WILD": SNAPSHOT["room"]}),
    (
        f"{{by: [Regime, Side], {NUMBER}, start: {{CALM: room, WILD: {{LONG: 1, SHORT: 'caps[CALM][SHORT]'}}}}}}",
        {"CALM": SNAPSHOT["room"], "WILD": {"LONG": 1.0, "SHORT": 4.0}},
    ),
]  # fmt: skip


@pytest.mark.parametrize(("output", "worth"), WORTH)
def test_worth(output: str, worth: Any) -> None:
    assert decided(f"{HEAD}outputs: {{o: {output}}}\n", SNAPSHOT) == {"o": worth}


SAFE = [
    ("0", {"LONG": 0.0, "SHORT": 0.0}),
    ("'caps[CALM]'", {"LONG": 5.0, "SHORT": 4.0}),
    ("'caps[CALM][LONG]'", {"LONG": 5.0, "SHORT": 5.0}),
    ("{LONG: 1, SHORT: 'caps[CALM][LONG]'}", {"LONG": 1.0, "SHORT": 5.0}),
]


@pytest.mark.parametrize(("safe", "worth"), SAFE)
def test_safe_values_of_a_vector(safe: str, worth: Any) -> None:
    text = f"{HEAD}outputs: {{o: {{by: Side, type: number, start: room, safe: {safe}}}}}\n"
    assert decided(text, {}, status="failsafe") == {"o": worth}


def test_the_range_of_a_vector_holds_for_each_member() -> None:
    text = f"{HEAD}outputs: {{o: {{by: Side, type: number, start: room, range: [0, 2], safe: 0}}}}\n"
    assert decided(text, {**SNAPSHOT, "room": {"LONG": 0, "SHORT": 2}})["o"] == {"LONG": 0.0, "SHORT": 2.0}
    assert decided(text, SNAPSHOT, status="failsafe") == {"o": {"LONG": 0.0, "SHORT": 0.0}}


@pytest.mark.parametrize("safe", ["{CALM: 1, WILD: {LONG: 2, SHORT: 3}}", "{CALM: 1, WILD: 'caps[WILD]'}"])
def test_a_safe_value_for_a_row_of_a_matrix(safe: str) -> None:
    text = f"{HEAD}outputs: {{o: {{by: [Regime, Side], type: number, start: grid, safe: {safe}}}}}\n"
    wild = {"LONG": 2.0, "SHORT": 3.0} if "caps" not in safe else {"LONG": 1.0, "SHORT": 0.0}
    assert decided(text, {}, status="failsafe") == {"o": {"CALM": {"LONG": 1.0, "SHORT": 1.0}, "WILD": wild}}


@pytest.mark.parametrize(("hole", "advice"), [("room", "room[LONG]"), ("grid", "grid[CALM][LONG]")])
def test_a_reason_names_a_member_of_a_vector(hole: str, advice: str) -> None:
    text = f"""{HEAD}outputs: {{o: {{type: boolean, combine: all, start: true, safe: false}}}}
rules: {{r: {{when: 'grid[CALM][LONG] > room[LONG]', then: {{o: false}}, because: "It is {{{{ {hole} }}}}"}}}}
"""
    assert [each.help for each in load(text).findings if each.code == "FB305"] == [f"name a member, as in `{advice}`"]


VECTOR = "o: {by: Side, type: number, start: room, safe: 0"
BAD = [
    ("o: {by: Side, type: number, start: {LONG: 1}, safe: 0}", "FB318 no value for `SHORT`"),
    ("o: {by: Side, type: number, start: {LONG: 1, SHORT: 1, LANG: 2}, safe: 0}", "FB309 Side has no member `LANG`"),
    ("o: {by: Side, type: number, start: room, safe: {LONG: 1}}", "FB318 no value for `SHORT`"),
    ("o: {by: Side, type: number, start: room, safe: regime}", "FB303 input `regime` is not part of the language"),
    ("o: {by: Side, type: number, start: room, safe: 'true'}", "FB305 a number in ratio is expected here"),
    ("o: {by: Side, type: number, start: known, safe: 0}", "FB308 `an item of it` may be missing here"),
    ("o: {by: Saide, type: number, start: room, safe: 0}", "FB301 no enum named `Saide`"),
    ("o: {by: [Regime, Band], type: number, start: grid, safe: 0}", "FB301 no enum named `Band`"),
    ("o: {by: [Regime, Side], type: number, start: {CALM: room, WILD: {LONG: 1}}, safe: 0}",
     "FB318 no value for `SHORT`"),
    (f"{VECTOR}, combine: all}}", "FB406 a vector of ratio numbers by Side does not combine by `all`"),
    (f"{VECTOR}, within: [0, 1]}}", "FB406 `within` is for numbers"),
    (f"{VECTOR}, range: [1, 2]}}", "FB314 `safe` of `o`, 0, is outside of [1, 2]"),
    (f"{VECTOR}}}\nrules: {{r: {{when: 'true', then: {{o: 1}}, because: Now}}}}",
     "FB315 output `o` does not take effects: it is computed"),
    ("o: {type: number, start: 'grid[side][regime]', safe: 0}", "FB305 a Regime is expected here, not a Side"),
    ("o: {type: number, start: 'sum(grid)', safe: 0}", "FB305 a list of numbers is expected here, not a vector of"),
]  # fmt: skip


@pytest.mark.parametrize(("output", "told"), BAD)
def test_what_does_not_fit(output: str, told: str) -> None:
    first, _, rest = output.partition("\n")
    found = [
        f"{each.code} {each.message}"
        for each in load(f"{HEAD}outputs: {{{first}}}\n{rest}\n").findings
        if each.severity == "error"
    ]
    assert [each[: len(told)] for each in found] == [told]
