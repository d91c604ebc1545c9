"""The continuous policy as an object that is given one bar after another."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from ...engine.intents import Intent
from ...engine.policy import Policy
from ...engine.session import Session
from ...loaders.policies import load_policy
from ..typed import told
from .models import Bar, BarRecord, Pause, WeightOrder

POLICY = "continuous"


class ContinuousPolicy:
    """One run: its bars are given in their order. It belongs to one thread.

    `parameters` sets parameters of the packs by part and name, such as `{"target.tau": 0.2}`. Raises LoadError where
    they hold what the packs do not allow.
    """

    def __init__(self, parameters: Mapping[str, Any] | None = None) -> None:
        self._policy: Policy = load_policy(POLICY, parameters=parameters)
        self._session: Session = self._policy.session()

    def decide(self, bar: Bar) -> BarRecord:
        """The weight to hold, what is traded to get there, and why.

        Nothing that a bar holds raises: what cannot be decided keeps the weight, and `problems` say what is at fault.
        """
        decision = self._session.step(bar.snapshot())
        record = told(decision)
        return BarRecord(**{**record, "pause": _pause(record["pause"]), "order": _order(decision.intents)})

    def save(self) -> bytes:
        """The state of the run, for `restore`."""
        return self._session.save()

    def restore(self, state: bytes) -> None:
        """Go on from what was saved. Raises StateError where that is not a state of this policy."""
        self._session = self._policy.restore(state)

    def reset(self) -> None:
        """Begin a new run, of which no bar is decided yet."""
        self._session = self._policy.session()


def _pause(pause: Mapping[str, Any] | None) -> Pause | None:
    if pause is None:
        return None
    return Pause(**{**pause, "until": datetime.fromisoformat(pause["until"]).astimezone(UTC)})


def _order(intents: list[Intent]) -> WeightOrder | None:
    """The policy's arbitration lets one intent leave at most."""
    return next((WeightOrder(**each.emit) for each in intents), None)


__all__ = ["POLICY", "ContinuousPolicy"]
