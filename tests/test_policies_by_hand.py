"""Policies against what their benchmarks time them with, written by hand: the same answers, to the last bit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from types import ModuleType
from typing import Any

import pytest

import flyball

from .scripts import script


@dataclass(frozen=True)
class Case:
    """A policy, the benchmark that has its other writing, which function there makes the snapshots of a seed, and
    parameters under which the answers are others. `most`: of how many snapshots a seed's answers are compared.
    """

    policy: str
    benchmark: str
    snapshots: str
    parameters: Mapping[str, Any]
    seeds: int = 3
    most: int | None = None

    @property
    def by_hand(self) -> ModuleType:
        return _script(f"benchmarks/{self.benchmark}.py")

    def made(self, seed: int) -> Sequence[Any]:
        found: Sequence[Any] = getattr(self.by_hand, self.snapshots)(seed)
        return found


_script = cache(script)

DRIFT = Case("band_drift", "drift", "books", {"drift.selection_order": "LARGEST"})
PROPOSALS = Case("proposal_gate", "proposals", "proposals", {"gate": {"aggressiveness": 3}})
ORCHESTRATOR = Case("orchestrator", "orchestrator", "account", {"market.extreme_volatility": 0.5}, seeds=2, most=250)
LEVELS = Case("orchestrator_levels", "orchestrator", "named", {"orchestrator.base_confidence": 0.6}, seeds=2, most=250)
CONTINUOUS = Case("continuous", "continuous", "bars", {"signal.k": 2}, seeds=2, most=250)
CASES = (DRIFT, PROPOSALS, ORCHESTRATOR, LEVELS, CONTINUOUS)


@cache
def policy(name: str) -> flyball.Policy:
    return flyball.load(name, environment=False)


@pytest.mark.parametrize(
    ("case", "seed"),
    [pytest.param(case, seed, id=f"{case.policy}-{seed}") for case in CASES for seed in range(case.seeds)],
)
def test_answers_are_those_written_by_hand(case: Case, seed: int) -> None:
    case.by_hand.check_equal(policy(case.policy), case.made(seed)[: case.most])


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.policy)
def test_another_answer_is_found(case: Case) -> None:
    other = flyball.load(case.policy, parameters=case.parameters, environment=False)
    with pytest.raises(SystemExit, match="answers differ"):
        case.by_hand.check_equal(other, case.made(0))


# The answers would prove little if all snapshots were alike


def test_every_kind_of_order_is_sent() -> None:
    session = policy("band_drift").session()
    decisions = [session.step(each) for each in DRIFT.made(0)]
    assert {"IN_BAND", "TOLERATED", "OVERDUE"} == {each["drift_status"] for each in decisions}
    kinds = {intent.emit["kind"] for each in decisions for intent in each.intents}
    assert kinds >= {"LT_LONG_DECREASE", "LT_LONG_INCREASE", "LT_SHORT_DECREASE"}


def test_every_gate_fails_somewhere() -> None:
    failed = {gate for each in PROPOSALS.made(0) for gate in policy("proposal_gate").decide(each)["failed_gates"]}
    assert failed >= {"SIZE", "LOSSES", "LIQUIDITY", "EDGE", "CONVICTION"}


def test_policies_are_replaced_and_kept_and_tightened() -> None:
    session = policy("orchestrator").session()
    fired = {rule for each in ORCHESTRATOR.made(0)[:250] for rule in session.step(each).fired}
    assert fired >= {f"stability.{rule}" for rule in ("replaced", "tightened_at_once", "loosening_waits", "alike")}
    assert fired >= {"market.volatility_band.extreme", "orchestrator.daily_drawdown", "orchestrator.too_many_positions"}


def test_bars_trade_wait_and_leave() -> None:
    session = policy("continuous").session()
    fired = {rule for each in CONTINUOUS.made(0) for rule in session.step(each).fired}
    assert fired >= {"rebalance.exit", "rebalance.rebalance", "rebalance.cooling_down", "pause.standing_down"}
    assert fired >= {"exit.emergency_exit_veto_same_bar", "exit.emergency_exit_executed", "signal.from_model"}
    assert fired >= {"replan.no_change", "replan.changed_plan", "promotion.no_better", "gates.table_incomplete"}
