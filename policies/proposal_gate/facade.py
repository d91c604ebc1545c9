"""The proposal gate as an object that is asked about one proposal after another."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...engine.policy import Policy
from ...loaders.policies import load_policy
from ..typed import told
from .models import Account, Market, Proposal, TrackRecord, Verdict

POLICY = "proposal_gate"


class ProposalGate:
    """It keeps nothing between proposals, so one may be shared.

    `parameters` sets parameters of the packs by part and name, such as `{"gate.aggressiveness": 2}`. Raises LoadError
    where they hold what the packs do not allow.
    """

    def __init__(self, parameters: Mapping[str, Any] | None = None) -> None:
        self._policy: Policy = load_policy(POLICY, parameters=parameters)

    def judge(
        self,
        proposal: Proposal,
        account: Account,
        market: Market,
        record: TrackRecord | None = None,
        *,
        live: bool,
        live_confirmed: bool | None = None,
    ) -> Verdict:
        """Whether the proposal is executed, how large, and every gate that it fails.

        A gate that cannot decide has refused; `problems` then say which value is at fault. Without `record` the gate
        of the edge refuses, since a setup whose trades nobody counted may be one that loses.
        """
        snapshot: dict[str, Any] = {"live": live}
        for given in (proposal, account, market, record):
            snapshot.update(given.snapshot() if given else {})
        if live_confirmed is not None:
            snapshot["live_confirmed"] = live_confirmed
        return Verdict(**told(self._policy.decide(snapshot)))


__all__ = ["POLICY", "ProposalGate"]
