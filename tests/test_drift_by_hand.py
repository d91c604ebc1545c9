"""The policy `band_drift` against the function that `benchmarks/drift.py` times it with, to the last bit."""

from __future__ import annotations

from types import ModuleType

import pytest

import flyball

from .scripts import script


@pytest.fixture(scope="module")
def by_hand() -> ModuleType:
    return script("benchmarks/drift.py")


@pytest.fixture(scope="module")
def policy() -> flyball.Policy:
    return flyball.load("band_drift", environment=False)


@pytest.mark.parametrize("seed", range(3))
def test_answers_are_those_written_by_hand(by_hand: ModuleType, policy: flyball.Policy, seed: int) -> None:
    by_hand.check_equal(policy, by_hand.books(seed))


def test_every_kind_of_order_is_sent(by_hand: ModuleType, policy: flyball.Policy) -> None:
    """The answers would prove little if the book always drifted one way."""
    session = policy.session()
    decisions = [session.step(each) for each in by_hand.books(0)]
    assert {"IN_BAND", "TOLERATED", "OVERDUE"} == {each["drift_status"] for each in decisions}
    kinds = {intent.emit["kind"] for each in decisions for intent in each.intents}
    assert kinds >= {"LT_LONG_DECREASE", "LT_LONG_INCREASE", "LT_SHORT_DECREASE"}


def test_another_answer_is_found(by_hand: ModuleType) -> None:
    largest = flyball.load("band_drift", parameters={"drift.selection_order": "LARGEST"}, environment=False)
    with pytest.raises(SystemExit, match="answers differ"):
        by_hand.check_equal(largest, by_hand.books(0))
