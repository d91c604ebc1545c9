"""Parameters with dated values: which is in force when, and what is said of those that do not fit."""

from __future__ import annotations

import json
import pickle
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

import flyball
from flyball.engine import dated
from flyball.engine.example_runs import run_examples
from flyball.engine.invariants import SNAPSHOTS
from flyball.engine.parameters import Layer, effective
from flyball.engine.policy import Policy
from flyball.loaders.packs import SHIPPED, LoadedPack, load_bytes
from flyball.reports.explanation import explain
from flyball.tests.decided import load
from flyball.tests.strategies.agreement import check_agreement

PACK = """language: 1
pack: desk
version: 1.0.0
{head}
types: {{Mood: [CALM, WILD]}}
inputs: {{pnl: {{type: number, unit: percent, range: [-100, 100]}}}}
parameters:
  limit:
    unit: percent
    range: [0, 20]
    why: By year
    value: {value}
  soft: {{value: 1, unit: percent, range: [0, 20], why: Softer}}
requires: {{soft_first: soft < limit}}
definitions: {{bad: "latch(pnl <= -limit, false, on_fault=set)"}}
outputs:
  stop: {{type: boolean, start: bad, safe: true}}
  at: {{type: number, unit: percent, start: limit, safe: {safe}}}
invariants: {{small: {{always: out.at < 8 or out.at > 9}}}}
"""
DATED = "[{value: 5}, {from: 2026-01-01, value: 3}, {from: 2026-07-01T12:00:00+02:00, value: 2.5}]"


def text(value: str = DATED, head: str = "", safe: str = "0") -> str:
    return PACK.format(value=value, head=head, safe=safe)


def policy_of(value: str = DATED, head: str = "", layers: dict[str, object] | None = None) -> Policy:
    loaded = load(text(value, head))
    assert loaded.checked, [str(each) for each in loaded.findings]
    in_force, findings = effective(loaded.checked.pack, [Layer("--set", layers or {})])
    assert findings == []
    return dated.policy_of(loaded.checked.pack, in_force, loaded.document)


WHEN: list[tuple[Any, float]] = [
    ("1970-01-01T00:00:00Z", 5),
    ("2025-12-31T23:59:59.999999Z", 5),
    ("2026-01-01T00:00:00Z", 3),
    (1767225600, 3),
    (1767225599.999999, 5),
    (datetime(2026, 1, 1, tzinfo=UTC), 3),
    ("2026-07-01T09:59:59Z", 3),
    ("2026-07-01T10:00:00Z", 2.5),
    ("2400-01-01T00:00:00Z", 2.5),
]


@pytest.mark.parametrize(("now", "limit"), WHEN)
def test_which_is_in_force(now: Any, limit: float) -> None:
    policy = policy_of()
    for decision in (policy.decide({"pnl": 1, "now": now}), policy.decide({"pnl": 1, "now": 0}, now=now)):
        assert (decision.status, decision["at"]) == ("ok", limit)
        assert decision.policy.parameters["limit"] == limit
    if isinstance(now, str):
        written = json.dumps({"pnl": 1, "now": now})
        assert policy.decide_json(written)["at"] == policy.session().step_json(written)["at"] == limit
    if not isinstance(now, datetime):
        check_agreement(policy, policy.values, {"pnl": 1, "now": now})


ZONES = [
    ("America/New_York", "2026-01-01", "2026-01-01T05:00:00Z"),
    ("Asia/Kathmandu", "2026-01-01", "2025-12-31T18:15:00Z"),
    ("Africa/Cairo", "2024-04-26", "2024-04-25T22:00:00Z"),  # its clock is set from 0 to 1 o'clock
    ("America/New_York", "2500-07-01", "2500-07-01T04:00:00Z"),
]


@pytest.mark.parametrize(("zone", "day", "first"), ZONES)
def test_a_day_begins_by_the_clock_of_the_timezone(zone: str, day: str, first: str) -> None:
    policy = policy_of(f"[{{value: 5}}, {{from: {day}, value: 3}}]", f"timezone: {zone}")
    start = datetime.fromisoformat(first).timestamp()
    assert policy.decide({"pnl": 1, "now": first})["at"] == 3
    assert policy.decide({"pnl": 1, "now": start - 1})["at"] == 5


def test_before_the_first_the_pack_fails_safe() -> None:
    policy = policy_of("[{from: 2026-01-01, value: 3}]")
    session = policy.session()
    for decision in (policy.decide({"pnl": 1, "now": 0}), session.step({"pnl": 1, "now": 0})):
        assert (decision.status, decision["stop"]) == ("failsafe", True)
        assert [str(each.code) for each in decision.diagnostics] == ["FB732"]
    assert session.step({"pnl": 1, "now": "2026-01-01T00:00:00Z"})["stop"] is True  # the latch was set
    both = policy.decide({"pnl": "much", "now": 0}).diagnostics
    assert sorted(each.code for each in both) == ["FB703", "FB732"]


@pytest.mark.parametrize("snapshot", [{"pnl": 1}, {"pnl": 1, "now": "today"}, {"pnl": 1, "now": []}, [], None])
def test_without_a_time_nothing_is_decided(snapshot: Any) -> None:
    assert policy_of().decide(snapshot).status == "failsafe"


def test_a_session_goes_from_one_value_to_the_next() -> None:
    policy = policy_of()
    session = policy.session("desk")
    assert session.step({"pnl": -4, "now": "2025-12-31T23:59:59Z"}).outputs == {"stop": False, "at": 5}
    session = pickle.loads(pickle.dumps(policy)).restore(session.save())
    later = session.step({"pnl": -4, "now": "2026-01-01T00:00:00Z"})
    assert later.outputs == {"stop": True, "at": 3}
    assert session.step({"pnl": 0, "now": "2026-07-01T12:00:00Z"}).outputs == {"stop": True, "at": 2.5}


def test_a_decision_says_with_what_it_was_made() -> None:
    policy = policy_of()
    shown = [
        {"value": 5.0}, {"from": "2026-01-01T00:00:00Z", "value": 3.0}, {"from": "2026-07-01T10:00:00Z", "value": 2.5},
    ]  # fmt: skip
    assert policy.parameters == {"limit": shown, "soft": 1.0}
    early, later = (policy.decide({"pnl": 1, "now": now}) for now in (0, "2026-01-01T00:00:00Z"))
    alone = policy_of("3").decide({"pnl": 1, "now": "2026-01-01T00:00:00Z"})
    hashes = [json.loads(each.to_json())["parameters_hash"] for each in (early, later, alone)]
    assert hashes[0] != hashes[1] == hashes[2]
    assert policy.parameters_hash not in hashes


LAYERS: list[tuple[dict[str, object], list[float]]] = [({"limit": 4}, [4, 4, 4]), ({"soft": 2}, [5, 3, 2.5])]


@pytest.mark.parametrize(("values", "limits"), LAYERS)
def test_a_layer_gives_one_value_for_all_times(values: dict[str, object], limits: list[float]) -> None:
    policy = policy_of(layers=values)
    found = [policy.decide({"pnl": 1, "now": f"{year}-08-01T00:00:00Z"})["at"] for year in (2025, 2026)]
    assert found == [limits[0], limits[2]]
    assert isinstance(policy, dated.DatedPolicy) == (len(set(limits)) > 1)


BAD = [
    ("[{from: 2026-01-01, value: 3}, {from: 2026-01-01, value: 4}]", "FB322 the dated values of `limit` are not"),
    ("[{from: 2026-01-01, value: 3}, {value: 4}]", "FB322 the dated values of `limit` are not in the order"),
    ("[{from: 2026-02-30, value: 3}]", "FB305 a day such as `2026-01-01`, or a time with an offset is expected"),
    ("[{from: 2026-01-01T00:00:00, value: 3}]", "FB305 a day such as `2026-01-01`, or a time with an offset"),
    ("[{from: soon, value: 3}]", "FB305 a day such as `2026-01-01`, or a time with an offset is expected here"),
    ("[{from: 2026-01-01, value: 30}]", "FB314 `30` is outside of [0, 20]"),
    ("[{from: 2026-01-01, value: much}]", "FB305 a number in percent is expected here, not `much`"),
    ("[{from: 2026-01-01}]", "FB202 `value` is missing"),
    ("[{from: 2026-01-01, value: 3, why: So}]", "FB201 `why`"),
    ("[{value: 3}]", "FB305 a number in percent is expected here, not"),
    ("[{value: 5}, {from: 2026-01-01, value: 0.5}]",
     "FB407 `soft_first` does not hold: soft = 1, limit = 0.5, from 2026-01-01T00:00:00Z on"),
]  # fmt: skip


@pytest.mark.parametrize(("value", "said"), BAD)
def test_one_mistake_is_one_finding(value: str, said: str) -> None:
    found = [each for each in load(text(value)).findings if each.severity == "error"]
    assert [f"{each.code} {each.message}"[: len(said)] for each in found] == [said]


def test_what_has_one_value_at_all_times() -> None:
    window = text(safe="0").replace("latch(pnl <= -limit, false, on_fault=set)", "rolling_sum(pnl, window)")
    seconds = "window: {unit: s, range: [1, 9], why: So, value: [{value: 3}, {from: 2026-01-01, value: 4}]}"
    window = window.replace("start: bad", "start: present(bad)").replace("  soft:", f"  {seconds}\n  soft:")
    for each in (window, text(safe="limit")):
        assert [found.code for found in load(each).findings if found.severity == "error"] == ["FB413"]


def test_a_finding_of_a_table_names_the_time_from_which_it_is_one() -> None:
    table = """
tables:
  grades:
    match: {pnl: pnl}
    rows:
      low: {pnl: "< soft"}
      middle: {pnl: "[soft..limit)"}
      high: {pnl: ">= limit"}
"""
    assert not [each for each in load(text() + table).findings if each.severity == "error"]
    crossed = text("[{value: 5}, {from: 2026-01-01, value: 1}]").replace("requires: {soft_first: soft < limit}", "")
    found = [each for each in load(crossed + table).findings if each.severity == "error"]
    assert [each.message for each in found] == [
        "row `middle` of `grades` can never be reached, from 2026-01-01T00:00:00Z on"
    ]


def test_invariants_are_checked_under_every_value() -> None:
    loaded = load(text("[{value: 5}, {from: 2026-01-01, value: 8.5}, {from: 2027-01-01, value: 3}]"))
    assert loaded.checked
    report = run_examples(loaded.checked.pack, loaded.checked.examples, 20)
    [checked] = report.invariants.results
    assert (report.invariants.snapshots, checked.counterexample is not None) == (3 * 20, True)
    assert checked.counterexample
    assert "2026-01-01T00:00:00Z" <= checked.counterexample.snapshot["now"] < "2027-01-01T00:00:00Z"
    assert SNAPSHOTS > 20


def test_from_a_file_and_the_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FLYBALL_NO_CACHE")
    monkeypatch.setenv("FLYBALL_CACHE_DIR", str(tmp_path / "cache"))
    path = tmp_path / "1.0.0.yaml"
    path.write_text(text(), encoding="utf-8")
    for _ in range(2):
        policy = flyball.load(path)
        assert [policy.decide({"pnl": 1}, now=now)["at"] for now, _ in WHEN] == [limit for _, limit in WHEN]


def test_a_pack_without_them_has_one_program() -> None:
    for path in sorted(SHIPPED.glob("*/*.yaml"))[:3]:
        loaded = load(path.read_text(encoding="utf-8"))
        if loaded.checked:
            in_force, _ = effective(loaded.checked.pack, [])
            assert type(dated.policy_of(loaded.checked.pack, in_force)) is Policy


@pytest.fixture
def used(tmp_path: Path) -> Callable[[str], LoadedPack]:
    """A policy that sets parameters of the pack."""
    folder = tmp_path / "rules/guard"
    folder.mkdir(parents=True)
    (folder / "1.0.0.yaml").write_text(USED, encoding="utf-8")

    def load(given: str) -> LoadedPack:
        text = (
            f"language: 1\npolicy: desk\nversion: 1.0.0\nuse: {{guard: {{pack: guard@1, parameters: {{{given}}}}}}}\n"
        )
        return load_bytes(text.encode(), "policy.yaml", str(tmp_path / "rules"))

    return load


USED = """
language: 1
pack: guard
version: 1.0.0
inputs: {pnl: {type: number, unit: percent}}
parameters:
  limit: {value: 5, unit: percent, range: [0, 50], why: A bad day}
  least: {value: 1, unit: percent, range: [0, 50], why: What is left}
  bars: {value: 3, unit: bars, range: [2, 9], why: Three}
definitions: {usual: "rolling_mean(pnl, bars)"}
outputs:
  stop: {type: boolean, start: pnl <= -limit, safe: true}
  room: {type: number, unit: percent, start: "default(usual, least)", safe: least}
"""
DATES = "{value: [{value: 4}, {from: 2026-01-01, value: 3}], why: Agreed for each year}"


def test_a_policy_dates_the_parameters_of_its_packs(used: Callable[[str], LoadedPack]) -> None:
    checked = used(f"limit: {DATES}").checked
    assert checked is not None
    policy = dated.policy_of(checked.pack, effective(checked.pack, [])[0])
    times = ("2025-12-31T23:59:59Z", "2026-01-01T00:00:00Z")
    assert [policy.decide({"pnl": -3.5, "now": now})["stop"] for now in times] == [False, True]
    assert policy.parameters["guard.limit"] == [{"value": 4.0}, {"from": "2026-01-01T00:00:00Z", "value": 3.0}]


@pytest.mark.parametrize(
    ("given", "code", "said"),
    [
        (f"least: {DATES}", "FB413", "what is safe"),
        (f"bars: {DATES}", "FB413", "a window"),
        ("limit: {value: [{from: 2026-01-01, value: 60}], why: Never}", "FB314", "60"),
        (
            "limit: {value: [{from: 2026-01-02, value: 4}, {from: 2026-01-01, value: 5}], why: Never}",
            "FB322",
            "`limit`",
        ),
    ],
)
def test_what_a_policy_cannot_date(used: Callable[[str], LoadedPack], given: str, code: str, said: str) -> None:
    errors = [each for each in used(given).findings if each.severity == "error"]
    assert [each.code for each in errors] == [code]
    assert said in errors[0].message


LATER = "{value: [{from: 2026-01-01, value: 3}], why: Agreed for each year}"
EARLY, DAY = "2025-06-01T00:00:00Z", "2026-01-01T00:00:00Z"
GUARD = """
language: 1
pack: guard
version: 1.0.0
types: {Order: {type: record, fields: {size: {type: number, unit: percent}}}}
inputs: {pnl: {type: number, unit: percent, range: [-100, 100]}, limit: {type: number, unit: percent}}
parameters: {least: {value: 0, unit: percent, range: [-50, 50], why: None}}
definitions: {bad: "latch(pnl <= -limit, false, on_fault=set)"}
outputs:
  stop: {type: boolean, start: bad or pnl < least, safe: true}
emits: Order
intents:
  trade: {when: not bad, exposure: raises, emit: {size: limit}, because: "{{ pnl }} is above -{{ limit }}"}
  leave: {when: bad, exposure: cancels, emit: {size: 0}, because: Out}
"""
USES = """
language: 1
policy: desk
version: 1.0.0
parameters:
  shared: {shared}
  usual: {{value: 5, unit: percent, range: [0, 50], why: A bad day}}
  high: {{value: 8, unit: percent, range: [0, 50], why: A worse one}}
use:
  one: {{pack: guard@1, inputs: {{limit: shared}}, parameters: {{least: {one}}}{on_fault}}}
  other: {{pack: guard@1, inputs: {{limit: usual}}}}
  third: {{pack: guard@1, inputs: {{limit: usual if one.stop else high}}}}
{more}
outputs:
  stopped: {{type: boolean, start: one.stop, safe: true}}
  ever: {{type: boolean, start: other.stop, safe: true}}
"""
SHARED = "{unit: percent, range: [0, 50], why: By year, value: [{from: 2026-01-01, value: 4}]}"
SET = "{unit: percent, range: [0, 50], why: By year, value: 4}"
SINGLE = "{value: 0, why: As ever}"


def desk(folder: Path, shared: str = SET, one: str = SINGLE, on_fault: str = "", more: str = "") -> Policy:
    (folder / "rules/guard").mkdir(parents=True)
    (folder / "rules/guard/1.0.0.yaml").write_text(GUARD, encoding="utf-8")
    text = USES.format(shared=shared, one=one, on_fault=on_fault, more=more)
    loaded = load_bytes(text.encode(), "policy.yaml", str(folder / "rules"))
    assert loaded.checked, [str(each) for each in loaded.findings]
    return dated.policy_of(loaded.checked.pack, effective(loaded.checked.pack, [])[0], loaded.document)


CONTAINED = {"on_fault": ", on_fault: contain"}
TOLERATED = {**CONTAINED, "more": "tolerates: {one: It only looks on}"}
FAILING: list[tuple[dict[str, str], str, tuple[str, ...], bool, list[str]]] = [
    ({"one": LATER}, "one.least", ("", "one", "third"), True, []),
    ({"one": LATER, **CONTAINED}, "one.least", ("one",), False, []),
    ({"one": LATER, **TOLERATED}, "one.least", ("one",), False, ["other.trade", "third.trade"]),
    ({"shared": SHARED}, "shared", ("", "one", "third"), True, []),
]


@pytest.mark.parametrize(("given", "name", "failed", "ever", "kept"), FAILING)
def test_only_those_fail_that_read_what_has_no_value(
    tmp_path: Path, given: dict[str, str], name: str, failed: tuple[str, ...], ever: bool, kept: list[str]
) -> None:
    """The others decide; what raises exposure is kept where the policy tolerates the one that failed."""
    policy = desk(tmp_path, **given)
    session = policy.session()
    early = {"pnl": 1, "now": EARLY}
    for decision in (policy.decide(early), session.step(early), policy.decide_json(json.dumps(early))):
        assert (decision.status, decision.outcome.failed) == ("degraded", failed)
        assert [each.message for each in decision.diagnostics] == [f"parameter `{name}` has a value from {DAY} on only"]
        assert decision.outputs == {"stopped": True, "ever": ever}
        assert [each.id for each in decision.intents] == kept
        assert "other.trade" in {each.rule for each in decision.reasons}
        assert "one.trade" not in {each.rule for each in decision.reasons}
        assert name in explain(policy.of(decision), decision).faults[0]
    check_agreement(policy, policy.values, early)
    copied = pickle.loads(pickle.dumps(policy.at(early)))
    assert copied.decide(early).to_json() == policy.decide(early).to_json()
    assert session.step({"pnl": 1, "now": EARLY}).status == "repeated"
    later = session.step({"pnl": 1, "now": DAY})
    assert (later.status, later["stopped"]) == ("ok", True)  # a fault set the latch of the one


AGED = """
language: 1
pack: guard
version: 1.0.0
inputs:
  at: {type: time}
  pnl: {type: number, unit: percent, age: {of: at, limit: limit}}
parameters: {limit: {value: 1, unit: s, range: [0, 60], why: Fresh}}
outputs: {stop: {type: boolean, start: pnl < 0, safe: true}}
"""
FRESH = """
language: 1
pack: other
version: 1.0.0
inputs: {pnl: {type: number, unit: percent}}
outputs: {low: {type: boolean, start: pnl < 0, safe: true}}
"""


@pytest.mark.parametrize(("pnl", "low"), [("pnl", True), ("mine", False)])
def test_what_ages_by_a_limit_without_a_value_is_read_by_nobody(tmp_path: Path, pnl: str, low: bool) -> None:
    """Whether it is old nobody knows: no second finding says that it is."""
    for name, text in (("guard", AGED), ("other", FRESH)):
        (tmp_path / "rules" / name).mkdir(parents=True)
        (tmp_path / "rules" / name / "1.0.0.yaml").write_text(text, encoding="utf-8")
    used = f"guard: {{pack: guard@1, parameters: {{limit: {LATER}}}}}, other: {{pack: other@1, inputs: {{pnl: {pnl}}}}}"
    head = "language: 1\npolicy: desk\nversion: 1.0.0\ninputs: {mine: {type: number, unit: percent}}\n"
    loaded = load_bytes(f"{head}use: {{{used}}}\n".encode(), "policy.yaml", str(tmp_path / "rules"))
    assert loaded.checked, [str(each) for each in loaded.findings]
    policy = dated.policy_of(loaded.checked.pack, effective(loaded.checked.pack, [])[0], loaded.document)
    early = {"at": "2025-01-01T00:00:00Z", "pnl": 1, "mine": 1, "now": EARLY}
    decision = policy.decide(early)
    assert [each.code for each in decision.diagnostics] == ["FB732"]
    assert decision.outputs == {"stop": True, "low": low}
    check_agreement(policy, policy.values, early)
    assert policy.decide({**early, "now": DAY, "at": DAY}).status == "ok"
