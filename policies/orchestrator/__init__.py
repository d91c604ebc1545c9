"""Typed calls for the orchestrator, for code that names regime, volatility and levels itself.

    from flyball.policies.orchestrator import OrchestratorPolicy, create_risk_state, create_symbol_performance

    orchestrator = OrchestratorPolicy()
    policy = orchestrator.update_policy("TRENDING", "NORMAL", risk_state=..., symbol_performance=[...])
    policy.allow_new_trades, policy.allowed_symbols, policy.note

Every number and every rule is in the packs of the policy `orchestrator_levels`; what stands here carries values there
and back.
"""

from .facade import OrchestratorPolicy
from .models import (
    CostMetrics,
    OrchestratorConfig,
    RiskState,
    SymbolPerformanceData,
    TradingPolicy,
    create_cost_metrics,
    create_risk_state,
    create_symbol_performance,
)

__all__ = [
    "CostMetrics", "OrchestratorConfig", "OrchestratorPolicy", "RiskState", "SymbolPerformanceData", "TradingPolicy",
    "create_cost_metrics", "create_risk_state", "create_symbol_performance",
]  # fmt: skip
