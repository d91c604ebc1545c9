"""Tables of values: definitions whose rows have a value."""

from __future__ import annotations

from typing import Any

import pytest

from flyball.engine.in_force import Effective
from flyball.engine.policy import Policy
from flyball.engine.tables import check_tables
from flyball.loaders.packs import LoadedPack, load_bytes

HEAD = """language: 1
pack: shown
version: 1.0.0
types: {Action: [HOLD, CUT, STOP]}
inputs:
  active: {type: boolean}
  quality: {type: number, range: [0, 1], optional: true}
  scale: {type: number}
parameters: {least: {value: 0.5, range: [0, 1], why: A test}}
"""
ACTION = "outputs: {o: {type: Action, start: action, safe: STOP}}\n"
MAYBE = "outputs: {o: {type: Action, start: action, safe: STOP, optional: true}}\n"
SIZE = "outputs: {o: {type: number, unit: percent, start: size, safe: 0, optional: true}}\n"


def load(text: str) -> LoadedPack:
    return load_bytes((HEAD + text).encode(), "shown.yaml")


def errors(text: str) -> list[str]:
    return [f"{each.code} {each.message}" for each in load(text).findings if each.severity == "error"]


def table(rows: str, more: str = "hit: unique, type: Action", name: str = "action") -> str:
    return f"definitions: {{{name}: {{match: {{active: active, quality: quality}}, {more}, rows: {{{rows}}}}}}}\n"


def decided(text: str, **given: Any) -> object:
    checked = load(text).checked
    assert checked, errors(text)
    pack = checked.pack
    policy = Policy(pack, {name: each.value for name, each in pack.parameters.items()}, layers={}, document=None)
    decision = policy.decide({"scale": 1, **given})
    assert decision.status == "ok", decision.diagnostics
    return decision["o"]


ROWS = """idle: {active: false, value: HOLD}, good: {active: true, quality: ">= least", value: HOLD},
 weak: {active: true, quality: "< least", value: CUT}, blind: {active: true, quality: missing, value: STOP}"""


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ({"active": False}, "HOLD"),
        ({"active": True, "quality": 0.5}, "HOLD"),
        ({"active": True, "quality": 0.4}, "CUT"),
        ({"active": True}, "STOP"),
    ],
)
def test_the_row_that_is_hit_gives_the_value(given: dict[str, Any], wanted: str) -> None:
    assert decided(ACTION + table(ROWS), **given) == wanted


def test_rows_of_a_first_table_are_tried_in_order() -> None:
    rows = "z: {quality: missing, value: STOP}, b: {quality: '< least', value: CUT}, a: {value: HOLD}"
    text = ACTION + table(rows, "hit: first, type: Action")
    assert [decided(text, active=True, **given) for given in ({}, {"quality": 0.1}, {"quality": 0.9})] == [
        "STOP",
        "CUT",
        "HOLD",
    ]


def test_no_row_is_absence_where_the_table_may_have_gaps() -> None:
    text = MAYBE + table("weak: {quality: '< least', value: CUT}", "type: Action, complete: false")
    assert decided(text, active=True, quality=0.1) == "CUT"
    assert decided(text, active=True, quality=0.9) is None
    assert errors(ACTION + table("weak: {quality: '< least', value: CUT}", "type: Action, complete: false")) == [
        "FB308 `action` may be missing here"
    ]


def test_a_value_may_be_missing_and_knows_what_its_cells_say() -> None:
    rows = "idle: {quality: missing, value: missing}, seen: {quality: '>= 0', value: as_percent(quality) * scale}"
    text = SIZE + table(rows, "type: number, unit: percent", "size")
    assert decided(text, active=True, quality=0.25, scale=2) == 50.0
    assert decided(text, active=True) is None


def test_only_the_value_of_the_row_that_is_hit_is_evaluated() -> None:
    rows = "yes_row: {active: true, value: as_percent(1 / scale)}, no_row: {active: false, value: 0}"
    text = SIZE + table(rows, "type: number, unit: percent", "size")
    assert decided(text, active=False, scale=0) == 0.0
    assert decided(text, active=True, scale=4) == 25.0


BAD = [
    (
        ACTION + table("a: {active: true, value: HOLD}"),
        "FB402 no row of `action` matches active = false",
    ),
    (
        ACTION + table("a: {active: true, value: HOLD}, b: {value: CUT}"),
        "FB403 rows `a` and `b` of `action` both match active = true",
    ),
    (
        ACTION + table("b: {value: CUT}, a: {active: true, value: HOLD}", "hit: first, type: Action"),
        "FB410 row `a` of `action` can never be reached",
    ),
    (
        ACTION + table("a: {active: true, value: HOLD}", "hit: first, type: Action"),
        "FB402 no row of `action` matches active = false",
    ),
    (ACTION + table("a: {value: HOLD}", "hit: collect, type: Action"), "FB204 `collect` is not allowed here"),
    (ACTION + table("a: {value: 3}"), "FB305 an Action is expected here"),
    (ACTION + table("a: {activ: true, value: HOLD}"), "FB301 no column named `activ`"),
    (ACTION + table("a: {active: true}"), "FB202 `value` is missing"),
    (
        ACTION + table("a: {value: HOLD}") + "rules: {r: {when: fired.action.a, because: It is}}",
        "FB301 no rule, row or group named `action.a`",
    ),
]


@pytest.mark.parametrize(("text", "finding"), BAD, ids=[finding for _, finding in BAD])
def test_a_table_of_values_that_is_wrong(text: str, finding: str) -> None:
    found = errors(text)
    assert len(found) == 1, found
    assert found[0].replace("a Action", "an Action").startswith(finding)


def test_what_is_not_compared_with_constants_needs_a_last_row() -> None:
    more = "hit: first, type: Action"
    head = "inputs: {word: {type: text}}\nparameters: {bad: {type: text, value: x, why: A test}}\n"
    open_end = f"{head}{ACTION}definitions: {{action: {{match: {{w: word}}, {more}, rows: {{a: {{w: bad, value: STOP}}"
    full = HEAD.partition("inputs:")[0]
    for rest, codes in ((", b: {value: HOLD}}}}", []), ("}}}", ["FB404"])):
        loaded = load_bytes((full + open_end + rest + "\n").encode(), "shown.yaml")
        assert [each.code for each in loaded.findings if each.severity == "error"] == codes


def test_the_reason_sees_through_it() -> None:
    text = ACTION + table(ROWS) + "rules: {r: {when: action == CUT, because: It is weak}}"
    checked = load(text).checked
    assert checked
    pack = checked.pack
    assert check_tables(pack, Effective({"least": 0.5}, {})) == []
    policy = Policy(pack, {"least": 0.5}, layers={}, document=None)
    [reason] = policy.decide({"scale": 1, "active": True, "quality": 0.25}).reasons
    assert reason.values == {"active": True, "least": 0.5, "quality": 0.25}
