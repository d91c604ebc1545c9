"""Typed calls for the continuous policy, for code that decides bar after bar.

    from flyball.policies.continuous import Bar, ContinuousPolicy, Fill

    policy = ContinuousPolicy()
    bar = Bar(now=..., bar=1, momentum_z=0.5, vol_hat=0.3, current_weight=0, equity=1e4, fills=[], cancels=0)
    record = policy.decide(bar)
    record.target_weight_final, record.order, record.reasons

Every number and every rule is in the packs of the policy `continuous`; what stands here carries values there and back.
"""

from .facade import ContinuousPolicy
from .models import (
    Artifact,
    Audit,
    Bar,
    BarRecord,
    Candidate,
    Exit,
    Fill,
    Metrics,
    Pause,
    RunMetrics,
    WeightOrder,
)

__all__ = [
    "Artifact", "Audit", "Bar", "BarRecord", "Candidate", "ContinuousPolicy", "Exit", "Fill", "Metrics", "Pause",
    "RunMetrics", "WeightOrder",
]  # fmt: skip
