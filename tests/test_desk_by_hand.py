"""The policy of six packs against the class that `benchmarks/desk.py` times it with, to the last bit."""

from __future__ import annotations

from types import ModuleType

import pytest

import flyball
from flyball.engine.example_runs import run_examples
from flyball.loaders.packs import load

from .documents import ROOT
from .scripts import script

POLICY = ROOT / "benchmarks/desk.yaml"


@pytest.fixture(scope="module")
def by_hand() -> ModuleType:
    return script("benchmarks/desk.py")


@pytest.fixture(scope="module")
def policy() -> flyball.Policy:
    return flyball.load(POLICY, environment=False)


def test_the_policy_is_clean_and_its_examples_pass() -> None:
    loaded = load(POLICY)
    assert [each.code for each in loaded.findings if each.code != "FB820"] == []
    assert loaded.checked
    assert run_examples(loaded.checked.pack, loaded.checked.examples).passed


@pytest.mark.parametrize("seed", range(2))
def test_answers_are_those_written_by_hand(by_hand: ModuleType, policy: flyball.Policy, seed: int) -> None:
    by_hand.check_equal(policy, by_hand.days(seed))


def test_each_veto_drops_something(by_hand: ModuleType, policy: flyball.Policy) -> None:
    """The answers would prove little if the guards were never asked."""
    session = policy.session()
    decisions = [session.step(each) for each in by_hand.days(0)]
    rules = {dropped.rule for each in decisions for dropped in each.dropped_intents}
    assert rules == {f"arbitration.{name}" for name in policy.pack.arbitration.vetoes}
    assert {decision.status for decision in decisions} == {"ok"}
    assert all(decision._captured is not None for decision in decisions), "an examination decided"
