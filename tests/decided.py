"""A pack given as text: loaded, and decided by both back ends, which must agree."""

from __future__ import annotations

from typing import Any

from flyball.engine.backends import reference
from flyball.engine.parameters import effective
from flyball.engine.policy import Policy
from flyball.loaders import packs


def load(text: str) -> packs.LoadedPack:
    return packs.load_bytes(text.encode(), "pack.yaml")


def policy_of(text: str) -> Policy:
    loaded = load(text)
    assert loaded.checked, [str(each) for each in loaded.findings]
    in_force, findings = effective(loaded.checked.pack, [])
    assert findings == []
    return Policy(loaded.checked.pack, in_force.values, in_force.layer_of, loaded.document)


def decided(text: str, snapshot: dict[str, Any], status: str = "ok") -> dict[str, Any]:
    """The outputs of both back ends, which are the same."""
    policy = policy_of(text)
    decision = policy.decide(snapshot)
    assert decision.status == status, decision.diagnostics
    expected = reference.decide(policy.pack, policy.values, snapshot)
    assert sorted(map(str, decision.diagnostics)) == sorted(map(str, expected.faults))
    if status == "ok":
        assert decision.outcome == expected
    return dict(decision.outputs)
