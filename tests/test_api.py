"""The Python interface: loading, deciding from many threads, pickling, and what a caller may do with its own data."""

from __future__ import annotations

import copy
import json
import pickle
from collections import defaultdict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import Enum, StrEnum
from typing import Any
from uuid import UUID

import pytest

import flyball


class Volatility(StrEnum):
    HIGH = "HIGH"


class Tag(Enum):
    BAD = "BAD"


@dataclass
class Item:
    symbol: str
    tag: str


def snapshot(**changes: Any) -> dict[str, Any]:
    return {
        "regime": "RANGING",
        "volatility": "HIGH",
        "risk": {"daily_pnl_pct": -1.5, "losing_streak": 6, "open_positions": 3, "exposure_pct": 4.0},
        "symbols": [{"symbol": "AAPL", "tag": "GOOD"}, {"symbol": "IBM", "tag": "BAD"}],
        **changes,
    }


@pytest.fixture
def policy() -> flyball.Policy:
    return flyball.load("orchestrator@1", environment=False)


def test_a_decision_has_outputs_reasons_and_a_written_form(policy: flyball.Policy) -> None:
    decision = policy.decide(snapshot())
    assert decision.status == "ok"
    assert decision["max_risk_pct"] == pytest.approx(0.105)
    assert decision.outputs["disallowed_symbols"] == ["IBM"]
    assert {reason.rule for reason in decision.reasons} == {"bad_symbol", "losing_streak", "regime.ranging_high"}
    assert decision.to_dict()["outputs"] == decision.outputs


def test_parameters_come_in_layers() -> None:
    policy = flyball.load("orchestrator@1", parameters={"losing_streak_limit": 7}, environment=False)
    assert policy.parameters["losing_streak_limit"] == 7
    assert policy.layers["losing_streak_limit"] == "parameters"
    assert "losing_streak" not in policy.decide(snapshot()).fired


def test_what_cannot_be_loaded_says_everything_that_is_wrong() -> None:
    with pytest.raises(flyball.LoadError) as caught:
        flyball.load("orchestrator@1", parameters={"losing_streak_limt": 7, "base_risk_pct": 99}, environment=False)
    assert sorted(each.code for each in caught.value.findings) == ["FB301", "FB314"]
    with pytest.raises(flyball.NotFoundError, match="orchestrator"):
        flyball.load("orchestrater")


def test_the_environment_is_a_layer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ORCH_LOSING_STREAK_LIMIT", "9")
    assert flyball.load("orchestrator@1").parameters["losing_streak_limit"] == 9
    assert flyball.load("orchestrator@1", environment=False).parameters["losing_streak_limit"] == 5


def test_a_policy_can_be_pickled(policy: flyball.Policy) -> None:
    again = pickle.loads(pickle.dumps(policy))
    assert again.decide(snapshot()).to_json() == policy.decide(snapshot()).to_json()


def test_threads_share_a_policy(policy: flyball.Policy) -> None:
    days = [
        snapshot(volatility=("LOW", "HIGH", "EXTREME")[i % 3], regime=("TRENDING", "RANGING")[i % 2])
        for i in range(600)
    ]
    expected = [policy.decide(day).to_json() for day in days[:6]]
    fresh = flyball.load("orchestrator@1", environment=False)
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda day: fresh.decide(day).to_json(), days))
    assert found == expected * 100


def test_a_caller_may_reuse_its_snapshot(policy: flyball.Policy) -> None:
    given = snapshot()
    decision = policy.decide(given)
    written = policy.decide(copy.deepcopy(given)).to_json()
    given["risk"]["losing_streak"] = 0
    given["symbols"][1]["tag"] = "GOOD"
    given["symbols"].append({"symbol": "MSFT", "tag": "BAD"})
    given["volatility"] = "LOW"
    assert decision.to_json() == written


def test_nobody_can_change_what_decisions_share(policy: flyball.Policy) -> None:
    outputs: Any = policy.decide(snapshot()).outputs
    with pytest.raises(TypeError, match="change a copy"):
        outputs["allowed_symbols"].append("EVIL")
    with pytest.raises(TypeError, match="change a copy"):
        outputs["allow_new_trades"] = True
    mine = outputs["allowed_symbols"].copy()
    mine.append("MSFT")
    assert policy.decide(snapshot())["allowed_symbols"] == ["AAPL"]


def test_decisions_on_other_names_share_outputs_that_are_equal(policy: flyball.Policy) -> None:
    symbols = [{"symbol": "AAPL", "tag": "NEUTRAL"}, {"symbol": "IBM", "tag": "BAD"}]
    first, other = policy.decide(snapshot()), policy.decide(snapshot(symbols=symbols))
    assert other.outputs is first.outputs
    assert other.snapshot_hash != first.snapshot_hash
    swapped = policy.decide(snapshot(symbols=[{**each, "tag": "BAD"} for each in symbols]))
    assert swapped.outputs == {**first.outputs, "allowed_symbols": [], "disallowed_symbols": ["AAPL", "IBM"]}


@pytest.mark.parametrize("again", [copy.copy, copy.deepcopy, lambda value: pickle.loads(pickle.dumps(value))])
def test_outputs_are_as_good_as_plain_data(policy: flyball.Policy, again: Callable[[Any], Any]) -> None:
    outputs = policy.decide(snapshot()).outputs
    assert again(outputs) == outputs == json.loads(json.dumps(outputs))
    assert isinstance(outputs, dict)
    assert isinstance(outputs["allowed_symbols"], list)


def test_a_snapshot_is_not_changed(policy: flyball.Policy) -> None:
    given = snapshot()
    before = copy.deepcopy(given)
    _ = policy.decide(given).reasons
    assert given == before


ALIKE: dict[str, dict[str, Any]] = {
    "a text enum": {"volatility": Volatility.HIGH},
    "a tuple": {"symbols": ({"symbol": "AAPL", "tag": "GOOD"}, {"symbol": "IBM", "tag": "BAD"})},
    "an enum": {"symbols": [{"symbol": "AAPL", "tag": "GOOD"}, {"symbol": "IBM", "tag": Tag.BAD}]},
    "a dataclass": {"symbols": [Item("AAPL", "GOOD"), Item("IBM", "BAD")]},
    "a default dict": {"symbols": [defaultdict(str, symbol="AAPL", tag="GOOD"), {"symbol": "IBM", "tag": "BAD"}]},
    "an integer for a number": {
        "risk": {"daily_pnl_pct": -1.5, "losing_streak": 6.0, "open_positions": 3, "exposure_pct": 4}
    },
}


@pytest.mark.parametrize("case", ALIKE)
def test_what_python_has_for_json_reads_alike_whatever_was_decided_before(case: str) -> None:
    cold, warm = (flyball.load("orchestrator@1", environment=False) for _ in range(2))
    expected = warm.decide(snapshot()).to_json()
    assert cold.decide(snapshot(**ALIKE[case])).to_json() == expected
    assert warm.decide(snapshot(**ALIKE[case])).to_json() == expected


REFUSED: dict[str, dict[str, Any]] = {
    "bytes for a text": {"symbols": [{"symbol": b"AAPL", "tag": "GOOD"}]},
    "a decimal for a number": {"risk": {**snapshot()["risk"], "exposure_pct": Decimal(4)}},
    "a mapping that makes up what it lacks": {
        "risk": defaultdict(float, daily_pnl_pct=0.0, losing_streak=1, open_positions=1, x=1)
    },
    "nothing for a required input": {"regime": None},
    "not a number": {"costs": float("nan")},
    "a word for what is not there": {"costs": "absent"},
    "a day for a text": {"symbols": [{"symbol": date(2026, 1, 5), "tag": "GOOD"}]},
    "a number for a flag's name": {"volatility": 2},
    "true for a number": {"risk": {**snapshot()["risk"], "exposure_pct": True}},
    "a list that holds itself": {"symbols": [[]]},
}
REFUSED["a list that holds itself"]["symbols"][0].append(REFUSED["a list that holds itself"]["symbols"])


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_refused_is_refused_whatever_was_decided_before(case: str) -> None:
    cold, warm = (flyball.load("orchestrator@1", environment=False) for _ in range(2))
    warm.decide(snapshot())
    decisions = [each.decide(snapshot(**REFUSED[case])) for each in (cold, warm, warm)]
    assert [each.status for each in decisions] == ["failsafe"] * 3
    assert all(each["allow_new_trades"] is False and each["max_risk_pct"] == 0 for each in decisions)


def test_a_uuid_is_its_text(policy: flyball.Policy) -> None:
    name = "12345678-1234-5678-1234-567812345678"
    symbols = [{"symbol": UUID(name), "tag": "GOOD"}]
    for _ in range(2):
        assert policy.decide(snapshot(symbols=symbols))["allowed_symbols"] == [name]
        assert policy.decide(snapshot(symbols=[{"symbol": name, "tag": "GOOD"}]))["allowed_symbols"] == [name]


@pytest.mark.parametrize("given", [None, 1, "text", [], [1], {}, {1: 2}, {"regime": {}}])
def test_nothing_that_is_decided_on_raises(policy: flyball.Policy, given: Any) -> None:
    decision = policy.decide(given)
    assert decision.status == "failsafe"
    assert decision.diagnostics
    assert decision.to_json()
