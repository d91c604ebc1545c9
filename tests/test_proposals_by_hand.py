"""The policy `proposal_gate` against the function that `benchmarks/proposals.py` times it with, to the last bit."""

from __future__ import annotations

from types import ModuleType

import pytest

import flyball

from .scripts import script


@pytest.fixture(scope="module")
def by_hand() -> ModuleType:
    return script("benchmarks/proposals.py")


@pytest.fixture(scope="module")
def policy() -> flyball.Policy:
    return flyball.load("proposal_gate", environment=False)


@pytest.mark.parametrize("seed", range(3))
def test_answers_are_those_written_by_hand(by_hand: ModuleType, policy: flyball.Policy, seed: int) -> None:
    by_hand.check_equal(policy, by_hand.proposals(seed))


def test_every_gate_fails_somewhere(by_hand: ModuleType, policy: flyball.Policy) -> None:
    """The answers would prove little if all proposals were good."""
    failed = {gate for each in by_hand.proposals(0) for gate in policy.decide(each)["failed_gates"]}
    assert failed >= {"SIZE", "LOSSES", "LIQUIDITY", "EDGE", "CONVICTION"}


def test_another_answer_is_found(by_hand: ModuleType) -> None:
    bold = flyball.load("proposal_gate", parameters={"gate": {"aggressiveness": 3}}, environment=False)
    with pytest.raises(SystemExit, match="answers differ"):
        by_hand.check_equal(bold, by_hand.proposals(0))
