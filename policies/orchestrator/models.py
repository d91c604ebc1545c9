"""What callers of the orchestrator give and get."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from functools import cache, lru_cache
from typing import Any, Literal

from pydantic import Field

from ...engine.policy import Policy
from ...loaders.policies import load_policy
from ..typed import Model

POLICY = "orchestrator_levels"
PARAMETERS = {
    "base_confidence": "orchestrator.base_confidence",
    "base_risk_pct": "orchestrator.base_risk_pct",
    "daily_dd_limit": "orchestrator.daily_drawdown_limit",
    "losing_streak_limit": "orchestrator.losing_streak_limit",
    "max_open_positions": "orchestrator.max_open_positions",
    "total_exposure_limit": "orchestrator.total_exposure_limit",
    "policy_update_interval_sec": "stability.policy_update_interval",
}


def _in_force(name: str) -> Callable[[], Any]:
    """The value of a parameter where nobody sets it in code: that of the packs, or of the environment."""
    return lambda: _parameters(frozenset(os.environ.items()))[PARAMETERS[name]]


@lru_cache(maxsize=1)
def _parameters(_environment: frozenset[tuple[str, str]]) -> Mapping[str, Any]:
    """Those in force under an environment: a config asks for many of them."""
    return load_policy(POLICY).parameters


class OrchestratorConfig(Model):
    """Parameters of the orchestrator. What is not given is what packs and environment say."""

    base_confidence: float = Field(default_factory=_in_force("base_confidence"))
    base_risk_pct: float = Field(default_factory=_in_force("base_risk_pct"))
    daily_dd_limit: float = Field(default_factory=_in_force("daily_dd_limit"))
    losing_streak_limit: int = Field(default_factory=_in_force("losing_streak_limit"))
    max_open_positions: int = Field(default_factory=_in_force("max_open_positions"))
    total_exposure_limit: float = Field(default_factory=_in_force("total_exposure_limit"))
    policy_update_interval_sec: float = Field(default_factory=_in_force("policy_update_interval_sec"))

    def parameters(self) -> dict[str, Any]:
        """What was given in code, by the names that the policy has for it."""
        return {PARAMETERS[name]: getattr(self, name) for name in sorted(self.model_fields_set)}


class RiskState(Model):
    """State of the account. The day's loss is read off `daily_pnl_pct`; `current_drawdown_pct` is for the record."""

    daily_pnl_pct: float
    current_drawdown_pct: float
    losing_streak: int
    open_trades_count: int
    total_exposure_pct: float


class SymbolPerformanceData(Model):
    """A symbol and how its caller judges it; the figures behind the tag are for the record."""

    symbol: str
    winrate: float
    avg_R: float  # noqa: N815  the callers' name
    cumulative_pnl: float
    performance_tag: str


class CostMetrics(Model):
    """What trading costs, as levels; the estimate of funding is for the record."""

    spread_level: str
    slippage_level: str
    funding_cost_estimate: float | None = None


class TradingPolicy(Model):
    """The policy in force. `note` joins the reasons of the decision that put it in force, `timestamp` is its `now`."""

    allow_new_trades: bool
    risk_profile: Literal["NORMAL", "REDUCED", "NO_NEW_TRADES"]
    max_risk_pct: float
    min_confidence: float
    entry_mode: Literal["NORMAL", "AGGRESSIVE", "DEFENSIVE"]
    exit_mode: Literal["TREND_FOLLOW", "FAST_TP", "DEFENSIVE_TRAIL"]
    allowed_symbols: list[str]
    disallowed_symbols: list[str]
    note: str
    timestamp: str

    def outputs(self) -> dict[str, Any]:
        """What was decided, without note and time."""
        return self.model_dump(exclude={"note", "timestamp"})

    def similarity_score(self, other: TradingPolicy) -> float:
        """How alike two policies are, from 0 to 1, by the weights of the pack `policy_stability`."""
        session = _stability().session()
        for second, policy in enumerate((self, other)):
            decision = session.step({"candidate": policy.outputs()}, now=second)
        if decision.status != "ok":
            raise ValueError("; ".join(each.message for each in decision.diagnostics))
        return float(decision["similarity_to_last"])


@cache
def _stability() -> Policy:
    return load_policy("policy_stability@1", environment=False)


def create_risk_state(
    daily_pnl_pct: float,
    current_drawdown_pct: float,
    losing_streak: int,
    open_trades_count: int,
    total_exposure_pct: float,
) -> RiskState:
    return RiskState(
        daily_pnl_pct=daily_pnl_pct,
        current_drawdown_pct=current_drawdown_pct,
        losing_streak=losing_streak,
        open_trades_count=open_trades_count,
        total_exposure_pct=total_exposure_pct,
    )


def create_symbol_performance(
    symbol: str,
    winrate: float,
    avg_R: float,  # noqa: N803  the callers' name
    cumulative_pnl: float,
    performance_tag: str,
) -> SymbolPerformanceData:
    return SymbolPerformanceData(
        symbol=symbol, winrate=winrate, avg_R=avg_R, cumulative_pnl=cumulative_pnl, performance_tag=performance_tag
    )


def create_cost_metrics(
    spread_level: str, slippage_level: str, funding_cost_estimate: float | None = None
) -> CostMetrics:
    return CostMetrics(
        spread_level=spread_level, slippage_level=slippage_level, funding_cost_estimate=funding_cost_estimate
    )


__all__ = [
    "PARAMETERS", "POLICY", "CostMetrics", "OrchestratorConfig", "RiskState", "SymbolPerformanceData", "TradingPolicy",
    "create_cost_metrics", "create_risk_state", "create_symbol_performance",
]  # fmt: skip
