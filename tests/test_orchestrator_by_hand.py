"""The policy `orchestrator` against the class that `benchmarks/orchestrator.py` times it with, to the last bit."""

from __future__ import annotations

from types import ModuleType

import pytest

import flyball

from .scripts import script


@pytest.fixture(scope="module")
def by_hand() -> ModuleType:
    return script("benchmarks/orchestrator.py")


@pytest.fixture(scope="module")
def policy() -> flyball.Policy:
    return flyball.load("orchestrator", environment=False)


@pytest.mark.parametrize("seed", range(2))
def test_answers_are_those_written_by_hand(by_hand: ModuleType, policy: flyball.Policy, seed: int) -> None:
    by_hand.check_equal(policy, by_hand.account(seed)[:250])


def test_policies_are_replaced_and_kept_and_tightened(by_hand: ModuleType, policy: flyball.Policy) -> None:
    """The answers would prove little if the same policy stayed in force."""
    session = policy.session()
    fired = {rule for each in by_hand.account(0)[:250] for rule in session.step(each).fired}
    assert fired >= {f"stability.{rule}" for rule in ("replaced", "tightened_at_once", "loosening_waits", "alike")}
    assert fired >= {"market.volatility_band.extreme", "orchestrator.daily_drawdown", "orchestrator.too_many_positions"}


def test_another_answer_is_found(by_hand: ModuleType) -> None:
    wild = flyball.load("orchestrator", parameters={"market.extreme_volatility": 0.5}, environment=False)
    with pytest.raises(SystemExit, match="answers differ"):
        by_hand.check_equal(wild, by_hand.account(0))
