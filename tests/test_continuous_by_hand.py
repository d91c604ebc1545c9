"""The policy `continuous` against the class that `benchmarks/continuous.py` times it with, to the last bit."""

from __future__ import annotations

from types import ModuleType

import pytest

import flyball

from .scripts import script


@pytest.fixture(scope="module")
def by_hand() -> ModuleType:
    return script("benchmarks/continuous.py")


@pytest.fixture(scope="module")
def policy() -> flyball.Policy:
    return flyball.load("continuous", environment=False)


@pytest.mark.parametrize("seed", range(2))
def test_answers_are_those_written_by_hand(by_hand: ModuleType, policy: flyball.Policy, seed: int) -> None:
    by_hand.check_equal(policy, by_hand.bars(seed)[:250])


def test_much_happens(by_hand: ModuleType, policy: flyball.Policy) -> None:
    """The answers would prove little if all bars were alike."""
    session = policy.session()
    fired = {rule for each in by_hand.bars(0) for rule in session.step(each).fired}
    assert fired >= {"rebalance.exit", "rebalance.rebalance", "rebalance.cooling_down", "pause.standing_down"}
    assert fired >= {"exit.emergency_exit_veto_same_bar", "exit.emergency_exit_executed", "signal.from_model"}
    assert fired >= {"replan.no_change", "replan.changed_plan", "promotion.no_better", "gates.table_incomplete"}


def test_another_answer_is_found(by_hand: ModuleType) -> None:
    steep = flyball.load("continuous", parameters={"signal.k": 2}, environment=False)
    with pytest.raises(SystemExit, match="answers differ"):
        by_hand.check_equal(steep, by_hand.bars(0))
