"""All back ends give the same decisions: on generated packs and snapshots, and on the examples of what is shipped."""

from __future__ import annotations

import copy
import json
import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from random import Random
from typing import Any

import pytest
from flyball.engine import ir
from flyball.engine.backends import reference
from flyball.engine.constants import constant
from flyball.engine.decision import Decision
from flyball.engine.document import plain
from flyball.engine.outcome import Outcome
from flyball.engine.parameters import Layer, effective
from flyball.engine.policy import Policy
from flyball.engine.reasons import Explainer
from flyball.engine.snapshot import export
from flyball.loaders import packs
from flyball.tests.strategies.packs import chances, pack_document, text_of
from flyball.tests.strategies.snapshots import snapshot, spoil
from hypothesis import HealthCheck, given, note, settings

ORDINARY = settings(
    max_examples=200,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),  # a pack takes many choices, and its file is read and checked
)


def spelled(value: object) -> str:
    """A text that is the same for the same value of the same type: 1 is not 1.0, and 0.0 is not -0.0."""
    return json.dumps(value, sort_keys=True)


def faults(outcome_faults: Any) -> list[tuple[Any, ...]]:
    """Order is no part of the meaning."""
    return sorted((each.code, each.path or "", str(each.span), each.message) for each in outcome_faults)


def has_negative_zero(value: object) -> bool:
    if isinstance(value, dict | list):
        return any(map(has_negative_zero, value.values() if isinstance(value, dict) else value))
    return isinstance(value, float) and value == 0 and math.copysign(1, value) < 0


def clear(value: Any) -> None:
    """What a caller may do to its snapshot behind a decision."""
    if isinstance(value, dict | list):
        for each in list(value.values() if isinstance(value, dict) else value):
            clear(each)
        value.clear()


def expected_outputs(pack: ir.Pack, parameters: Mapping[str, ir.Value], outcome: Outcome) -> dict[str, object]:
    outputs = pack.outputs
    if outcome.faults:
        return {name: export(constant(each.safe, parameters), each.type) for name, each in outputs.items()}
    return {name: export(outcome.outputs[name], each.type) for name, each in outputs.items()}


def check_agreement(policy: Policy, parameters: Mapping[str, Any], given_snapshot: Any) -> Outcome:
    """Decide by both back ends, and see that nothing differs and nothing is touched."""
    before = repr(given_snapshot)
    expected = reference.decide(policy.pack, parameters, given_snapshot)
    decision = policy.decide(given_snapshot)
    assert faults(decision.diagnostics) == faults(expected.faults)
    assert decision.status == ("failsafe" if expected.faults else "ok")
    assert spelled(decision.outputs) == spelled(expected_outputs(policy.pack, parameters, expected))
    assert not has_negative_zero(decision.outputs)
    if not expected.faults:
        assert decision.outcome.firings == expected.firings
        assert decision.outcome == expected
        assert decision.reasons == Explainer(policy.pack, parameters).reasons(expected)
    written = decision.to_json()
    assert json.loads(written)["outputs"] == json.loads(spelled(decision.outputs))
    assert policy.decide(given_snapshot).to_json() == written
    assert repr(given_snapshot) == before
    check_independence(policy, given_snapshot, written)
    return expected


def check_independence(policy: Policy, given_snapshot: Any, written: str) -> None:
    """A decision keeps nothing of its snapshot: the caller may reuse it before anything is read."""
    reused = copy.deepcopy(given_snapshot)
    decision = policy.decide(reused)
    clear(reused)
    assert decision.to_json() == written


def check_pack(chance: Random, snapshots: int) -> None:
    document = pack_document(chance)
    text = text_of(document)
    note(text)
    loaded = packs.load_bytes(text.encode(), "generated.yaml")
    assert loaded.checked is not None, [each for each in loaded.findings if each.severity == "error"]
    parameters = {name: each.value for name, each in loaded.checked.pack.parameters.items()}
    policy = Policy(loaded.checked.pack, parameters, layers={}, document=None)
    note(policy.source)
    for number in range(snapshots):
        made = snapshot(chance, document["inputs"])
        for _ in range(chance.randint(1, 3) if number % 3 == 2 else 0):  # noqa: PLR2004  every third
            spoil(chance, made)
        note(f"snapshot: {made!r}")
        check_agreement(policy, parameters, made)


@ORDINARY
@given(chance=chances())
def test_both_back_ends_decide_alike(chance: Random) -> None:
    check_pack(chance, snapshots=10)


@pytest.mark.long
@settings(ORDINARY, max_examples=2000)
@given(chance=chances())
def test_both_back_ends_decide_alike_at_length(chance: Random) -> None:
    check_pack(chance, snapshots=100)
