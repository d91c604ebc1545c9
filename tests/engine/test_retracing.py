"""What is made again from a change means what it means when it is computed as a whole."""

from __future__ import annotations

from pathlib import Path
from random import Random
from typing import Any

import pytest

import flyball
from flyball.engine.example_runs import snapshots_of
from flyball.engine.policy import Policy
from flyball.loaders import packs
from flyball.tests.strategies import policies
from flyball.tests.strategies.agreement import DifferenceError, policy_of
from flyball.tests.strategies.packs import pack_document, text_of
from flyball.tests.strategies.retraced import check_retraced
from flyball.tests.strategies.sequences import in_time
from flyball.tests.strategies.snapshots import snapshot

ROOT = Path(flyball.__file__ or "").parent


def check_session(policy: Policy, snapshots: list[Any], chance: Random) -> int:
    """Each decision without fault of a session, and of each snapshot alone."""
    session, seen = policy.session("k"), 0
    for each in snapshots:
        for decision in (session.step(each), policy.decide(each)):
            if decision.status == "ok":
                check_retraced(policy.of(decision), decision, snapshots, chance)
                seen += 1
    return seen


def check_made_pack(chance: Random) -> int:
    document = pack_document(chance)
    policy, _ = policy_of(text := text_of(document))
    return _check(policy, text, in_time(chance, [snapshot(chance, document["inputs"]) for _ in range(4)]), chance)


def check_made_policy(chance: Random) -> int:
    made = policies.policy_of(chance)
    return _check(made.policy, str(made), in_time(chance, [snapshot(chance, made.inputs) for _ in range(4)]), chance)


def _check(policy: Policy, text: str, snapshots: list[Any], chance: Random) -> int:
    try:
        return check_session(policy, snapshots, chance)
    except Exception as error:
        raise DifferenceError(text, snapshots, error) from error


def test_made_packs_and_policies() -> None:
    """Enough of them decide without fault for this to mean something."""
    assert sum(check_made_pack(Random(seed)) > 0 for seed in range(7)) >= 2
    assert sum(check_made_policy(Random(seed)) > 0 for seed in range(8)) >= 2


@pytest.mark.long
@pytest.mark.parametrize("hundred", range(6))
def test_made_packs_and_policies_at_length(hundred: int, seed: int) -> None:
    for number in range(100):
        check_made_pack(Random(seed + 100 * hundred + number))
        check_made_policy(Random(seed + 100 * hundred + number))


@pytest.mark.parametrize("name", sorted(path.parent.name for path in ROOT.glob("policies/*/policy.yaml")))
def test_shipped_policies(name: str) -> None:
    policy = flyball.load(name)
    checked = packs.load(ROOT / "policies" / name / "policy.yaml").checked
    assert checked is not None
    seen = 0
    for example in checked.examples[:3]:
        seen += check_session(policy, snapshots_of(policy.pack, example)[:3], Random(seen))
    assert seen
