"""Shipped packs that guard a book against the classes that `benchmarks/guards.py` times them with, to the last bit."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import pytest

import flyball
from flyball.engine.backends import export_code

from .scripts import script

PACKS = ("kill_switch", "stand_down", "policy_stability")


@pytest.fixture(scope="module")
def by_hand() -> ModuleType:
    return script("benchmarks/guards.py")


def test_all_cases_are_here(by_hand: ModuleType) -> None:
    assert tuple(name for name, *_ in by_hand.CASES) == PACKS


@pytest.mark.parametrize("case", range(len(PACKS)), ids=PACKS)
@pytest.mark.parametrize("seed", range(3))
def test_answers_are_those_written_by_hand(by_hand: ModuleType, case: int, seed: int) -> None:
    name, guard, feed = by_hand.CASES[case]
    by_hand.check_equal(name, flyball.load(f"{name}@1", environment=False), guard, feed(seed))


@pytest.mark.parametrize(
    ("case", "parameters"),
    [(0, {"drawdown_limit": 3}), (2, {"policy_update_interval": 120})],
)
def test_another_answer_is_found(by_hand: ModuleType, case: int, parameters: dict[str, Any]) -> None:
    name, guard, feed = by_hand.CASES[case]
    policy = flyball.load(f"{name}@1", parameters=parameters, environment=False)
    with pytest.raises(SystemExit, match="answers differ"):
        by_hand.check_equal(name, policy, guard, feed(0))


def test_a_pause_that_is_held_is_shown_as_one_object(by_hand: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also when the table of what is shown is full, and behind a restart."""
    policy = flyball.load("stand_down@1", environment=False)
    feed = by_hand.pauses(0)
    expected = [decision.to_json() for decision in map(policy.session().step, feed)]
    monkeypatch.setattr(export_code, "_MAX_HELD", 1)
    session, again, last = policy.session(), 0, None
    for number, (snapshot, wanted) in enumerate(zip(feed, expected, strict=True)):
        decision = session.step(snapshot)
        assert decision.to_json() == wanted
        again += decision.outputs is last
        last = decision.outputs
        if number % 100 == 99:
            session = policy.restore(session.save())
    assert again > len(feed) / 2
