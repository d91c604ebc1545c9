"""Typed calls for the proposal gate, for code that has a proposal, an account and a market as objects.

    from flyball.policies.proposal_gate import Account, Market, Proposal, ProposalGate

    verdict = ProposalGate().judge(Proposal(...), Account(...), Market(...), live=False)
    verdict.should_execute, verdict.order_shares, verdict.failed_gates, verdict.reasons

Every number and every rule is in the packs of the policy `proposal_gate`; what stands here carries values there and
back.
"""

from .facade import ProposalGate
from .models import Account, Market, Position, Proposal, Suggestion, TrackRecord, Verdict

__all__ = ["Account", "Market", "Position", "Proposal", "ProposalGate", "Suggestion", "TrackRecord", "Verdict"]
