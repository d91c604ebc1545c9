"""The typed calls of the orchestrator, as their callers write them; what is decided is what the packs decide."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, get_args

import pytest

import flyball
from flyball.policies.orchestrator import (
    CostMetrics,
    OrchestratorConfig,
    OrchestratorPolicy,
    TradingPolicy,
    create_cost_metrics,
    create_risk_state,
    create_symbol_performance,
)
from flyball.policies.orchestrator.models import PARAMETERS

QUIET = create_risk_state(
    daily_pnl_pct=0.5, current_drawdown_pct=-0.8, losing_streak=1, open_trades_count=3, total_exposure_pct=6.0
)
SYMBOLS = [
    create_symbol_performance("BTCUSDT", 0.60, 1.5, 1000.0, "GOOD"),
    create_symbol_performance("SOLUSDT", 0.25, -0.5, -300.0, "BAD"),
]
COSTS = create_cost_metrics("NORMAL", "NORMAL")


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2026, 1, 5, 15, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def wait(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def orchestrator(clock: Clock) -> OrchestratorPolicy:
    return OrchestratorPolicy(clock=clock)


def update(
    orchestrator: OrchestratorPolicy, regime: str = "TRENDING", vol: str = "NORMAL", **more: Any
) -> TradingPolicy:
    given = {"risk_state": QUIET, "symbol_performance": SYMBOLS, "cost_metrics": COSTS, **more}
    return orchestrator.update_policy(regime_tag=regime, vol_level=vol, **given)


def test_a_calm_trend(orchestrator: OrchestratorPolicy) -> None:
    policy = update(orchestrator)
    assert policy.outputs() == {
        "allow_new_trades": True,
        "risk_profile": "NORMAL",
        "max_risk_pct": 1.0,
        "min_confidence": 0.47,
        "entry_mode": "AGGRESSIVE",
        "exit_mode": "TREND_FOLLOW",
        "allowed_symbols": ["BTCUSDT"],
        "disallowed_symbols": ["SOLUSDT"],
    }
    assert policy.timestamp == "2026-01-05T15:00:00Z"
    assert policy.note.startswith("TRENDING market, NORMAL volatility; ")
    assert "SOLUSDT performs badly" in policy.note
    assert orchestrator.get_policy() is policy


def test_hard_stops_and_limits(orchestrator: OrchestratorPolicy) -> None:
    extreme = update(orchestrator, vol="EXTREME")
    assert (extreme.allow_new_trades, extreme.risk_profile) == (False, "NO_NEW_TRADES")
    assert "EXTREME" in extreme.note
    orchestrator.reset_daily()
    drawdown = update(orchestrator, risk_state=create_risk_state(-4.0, -3.5, 2, 2, 5.0))
    assert (drawdown.allow_new_trades, drawdown.risk_profile) == (False, "NO_NEW_TRADES")
    orchestrator.reset_daily()
    for risk, word in (
        (create_risk_state(1, -0.5, 0, 8, 12), "positions are open"),
        (create_risk_state(2, -0.3, 0, 5, 16), "Exposure"),
    ):
        limited = update(orchestrator, risk_state=risk)
        assert not limited.allow_new_trades
        assert word in limited.note
        orchestrator.reset_daily()


def test_reductions_compound(orchestrator: OrchestratorPolicy) -> None:
    policy = update(
        orchestrator,
        "RANGING",
        "HIGH",
        risk_state=create_risk_state(-2.0, -2.5, 6, 4, 8.0),
        cost_metrics=create_cost_metrics("HIGH", "HIGH"),
        ensemble_quality=0.35,
    )
    assert policy.max_risk_pct == pytest.approx(0.105)
    assert (policy.risk_profile, policy.entry_mode, policy.exit_mode) == ("REDUCED", "DEFENSIVE", "FAST_TP")
    assert policy.min_confidence == pytest.approx(0.50 + 0.08 + 0.05 + 0.03 + 0.05)


def test_without_costs_ensemble_or_symbols(orchestrator: OrchestratorPolicy) -> None:
    policy = update(orchestrator, symbol_performance=[], cost_metrics=None, ensemble_quality=None)
    assert (policy.allow_new_trades, policy.allowed_symbols, policy.disallowed_symbols) == (True, [], [])


def test_the_same_again_stays_the_same_policy(orchestrator: OrchestratorPolicy, clock: Clock) -> None:
    first = update(orchestrator)
    clock.wait(300)
    assert update(orchestrator) is first
    clock.wait(-3600)  # the clock is put back
    assert update(orchestrator) is first


def test_tightening_is_at_once_and_loosening_waits(orchestrator: OrchestratorPolicy, clock: Clock) -> None:
    update(orchestrator)
    clock.wait(1)
    blocked = update(orchestrator, vol="EXTREME")
    assert not blocked.allow_new_trades
    clock.wait(59)
    assert update(orchestrator) is blocked
    clock.wait(1)
    freed = update(orchestrator)
    assert freed.allow_new_trades
    assert [each.allow_new_trades for each in orchestrator.get_policy_history()] == [True, False, True]


def test_what_cannot_be_decided_allows_nothing(orchestrator: OrchestratorPolicy, clock: Clock) -> None:
    update(orchestrator)
    clock.wait(1)
    policy = update(orchestrator, "SIDEWAYS")
    assert (policy.allow_new_trades, policy.max_risk_pct, policy.allowed_symbols) == (False, 0, [])
    assert "SIDEWAYS" in policy.note
    clock.wait(1)
    assert update(orchestrator).allow_new_trades


def test_before_the_first_update_and_after_a_reset(orchestrator: OrchestratorPolicy) -> None:
    start = orchestrator.get_policy()
    assert (start.risk_profile, start.entry_mode, start.max_risk_pct, start.allowed_symbols) == (
        "NORMAL",
        "NORMAL",
        1.0,
        [],
    )
    update(orchestrator, "RANGING", "HIGH")
    orchestrator.reset_daily()
    assert orchestrator.get_policy().outputs() == start.outputs()
    assert len(orchestrator.get_policy_history()) == 1


def test_config(monkeypatch: pytest.MonkeyPatch, clock: Clock) -> None:
    assert (OrchestratorConfig().base_confidence, OrchestratorConfig().daily_dd_limit) == (0.50, 3.0)
    config = OrchestratorConfig(base_confidence=0.55, policy_update_interval_sec=1)
    assert config.parameters() == {"orchestrator.base_confidence": 0.55, "stability.policy_update_interval": 1}
    orchestrator = OrchestratorPolicy(config, clock=clock)
    assert update(orchestrator).min_confidence == pytest.approx(0.52)
    monkeypatch.setenv("ORCH_DAILY_DD_LIMIT", "2.5")
    assert OrchestratorConfig().daily_dd_limit == 2.5
    assert not update(OrchestratorPolicy(), risk_state=create_risk_state(-2.6, 0, 0, 0, 0)).allow_new_trades
    with pytest.raises(flyball.LoadError, match="base_confidence"):
        OrchestratorPolicy(OrchestratorConfig(base_confidence=1.5))


def test_history_holds_the_last_hundred(orchestrator: OrchestratorPolicy, clock: Clock) -> None:
    for number in range(130):
        update(orchestrator, vol=("EXTREME", "NORMAL")[number % 2])
        clock.wait(61)
    assert len(orchestrator.get_policy_history()) == 100
    assert orchestrator.get_policy_history(limit=3) == orchestrator.get_policy_history()[-3:]
    assert orchestrator.get_policy_history(limit=0) == []
    assert orchestrator.get_policy_history()[-1] is orchestrator.get_policy()


def test_a_restart_goes_on_where_it_was(orchestrator: OrchestratorPolicy, clock: Clock, tmp_path: Path) -> None:
    update(orchestrator)
    clock.wait(1)
    blocked = update(orchestrator, vol="EXTREME")
    path = tmp_path / "data" / "history.json"
    orchestrator.save_policy_history(path)
    orchestrator.save_policy_history(str(path))
    again = OrchestratorPolicy(clock=clock)
    again.load_policy_history(str(path))
    assert again.get_policy_history() == orchestrator.get_policy_history()
    clock.wait(30)
    assert update(again) == blocked  # loosening still waits
    clock.wait(30)
    assert update(again).allow_new_trades


def test_a_restart_goes_on_also_where_the_clock_is_behind(clock: Clock, tmp_path: Path) -> None:
    saved = OrchestratorPolicy(clock=clock)
    saved.save_policy_history(tmp_path / "empty.json")
    before = update(saved)
    saved.save_policy_history(tmp_path / "history.json")
    clock.wait(-3600)
    again = OrchestratorPolicy(clock=clock)
    again.load_policy_history(tmp_path / "history.json")
    assert update(again) == before
    assert update(again, vol="EXTREME").timestamp == "2026-01-05T15:00:00.000002Z"
    again.load_policy_history(tmp_path / "empty.json")
    assert update(again).timestamp == "2026-01-05T14:00:00Z"


def test_files_that_hold_no_history(orchestrator: OrchestratorPolicy, tmp_path: Path) -> None:
    orchestrator.load_policy_history(tmp_path / "nothing.json")
    assert orchestrator.get_policy_history() == []
    for text in ("{", "[]", '{"policies": [{"note": 1}], "state": {}, "in_force": true}'):
        (tmp_path / "bad.json").write_text(text)
        with pytest.raises(ValueError, match="holds no history"):
            orchestrator.load_policy_history(tmp_path / "bad.json")
    update(orchestrator)
    orchestrator.save_policy_history(tmp_path / "good.json")
    saved = json.loads((tmp_path / "good.json").read_text())
    saved["state"]["previous"] = {}
    (tmp_path / "changed.json").write_text(json.dumps(saved))
    with pytest.raises(flyball.StateError):
        orchestrator.load_policy_history(tmp_path / "changed.json")


def test_similarity(orchestrator: OrchestratorPolicy) -> None:
    policy = update(orchestrator)
    assert policy.similarity_score(policy.model_copy(update={"note": "another", "timestamp": "2026"})) == 1.0
    assert policy.similarity_score(policy.model_copy(update={"min_confidence": 0.48, "max_risk_pct": 0.95})) >= 0.90
    other = policy.model_copy(update={"allow_new_trades": False, "risk_profile": "NO_NEW_TRADES"})
    assert policy.similarity_score(other) < 0.3


def test_cost_metrics_keep_what_they_are_given() -> None:
    assert create_cost_metrics("HIGH", "NORMAL", 0.001) == CostMetrics(
        spread_level="HIGH", slippage_level="NORMAL", funding_cost_estimate=0.001
    )


@pytest.mark.parametrize("name", ["risk_profile", "entry_mode", "exit_mode"])
def test_literals_are_the_members_of_the_vocabulary(name: str) -> None:
    pack = flyball.load("orchestrator_levels", environment=False).pack
    kind: Any = pack.outputs[name].type
    assert get_args(TradingPolicy.model_fields[name].annotation) == kind.members


def test_every_parameter_of_the_config_is_one_of_the_policy() -> None:
    assert set(PARAMETERS.values()) <= flyball.load("orchestrator_levels").parameters.keys()
    assert PARAMETERS.keys() == OrchestratorConfig.model_fields.keys()


def test_flyball_alone_does_not_wait_for_pydantic() -> None:
    script = "import sys, flyball; flyball.load; print('pydantic' in sys.modules)"
    assert (
        subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout == "False\n"
    )
