"""What callers of the continuous policy give and get."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from ..typed import Decided, Given, Model

OrderType = Literal["POST_ONLY", "TAKER", "LIMIT", "MARKET"]


class Fill(Given):
    """What was filled, as a share of equity: above 0 was bought, below was sold."""

    weight_change: float


class Exit(Given):
    """Somebody wants the position closed."""

    emergency: bool


class Pause(Given):
    """A stand-down, asked for or in force. `until` is the first moment that is not of it any more."""

    until: datetime
    reason: str
    source: str


class Metrics(Given):
    """Of one model, out of sample."""

    brier: float
    churn: float
    slippage: float
    realized_pnl_vol: float
    sample_size: int


class Artifact(Given):
    """What is written beside a learned model."""

    timeframe: str | None = None
    horizon_bars: int | None = None
    label_definition: str | None = None
    feature_version: str | None = None


class Candidate(Given):
    """A learned model that is up for promotion, and the simpler ones that it is held against, by name."""

    candidate: Metrics
    candidate_ece: float
    baselines: dict[str, Metrics]
    artifact: Artifact


class Audit(Given):
    """What a reader of the run's records found; `complete` says of each table whether it is without gaps."""

    emergency_exits_auditable: bool
    complete: dict[str, bool]
    replan_guard_active: bool


class RunMetrics(Given):
    """Of a whole run."""

    turnover: float
    trade_count: float
    drawdown: float


class Bar(Given):
    """A bar to decide on, once. A figure that is not known is None: its part fails safe, and an emergency still exits.

    `plan` is free JSON, of which triggers, limits and configuration count.
    """

    now: datetime
    bar: int
    vol_hat: float | None
    current_weight: float | None
    equity: float | None
    fills: list[Fill]
    cancels: int
    p_hat: float | None = None
    momentum_z: float | None = None
    price: float | None = None
    entry_bar: int | None = None
    max_weight_cap: float | None = None
    exit_intent: Exit | None = None
    request: Pause | None = None
    clear_by: str | None = None
    model: Candidate | None = None
    plan: dict[str, Any] | None = None
    gate: str | None = None
    audit: Audit | None = None
    run: RunMetrics | None = None
    baseline: RunMetrics | None = None


class WeightOrder(Model):
    """What is to be traded. `weight_change` is signed; `fallback` is what the order may become if it does not fill."""

    kind: str
    target_weight: float
    weight_change: float
    order_type: OrderType
    fallback: OrderType | None = None
    emergency: bool = False


class BarRecord(Decided):
    """The complete record of a bar, also where nothing is traded; `order` is what leaves, if anything does.

    A bar that was decided before is `repeated`: its outputs once more, and no order.
    """

    order: WeightOrder | None
    # The signal
    p_hat: float
    p_source: Literal["MODEL", "PROXY", "NONE"]
    signal: float | None
    # The weight
    edge: float
    strength: float
    target_known: bool
    target_weight_raw: float
    target_weight_final: float
    # The trade
    trade: bool
    weight_change: float
    may_take: bool
    turnover: float | None
    trade_count: int | None
    cancel_count: int | None
    avg_hold_time: float | None
    # Pauses and emergencies
    active: bool
    pause: Pause | None
    emergency_exit_executed: bool
    emergency_exit_vetoed: bool
    cooldown_recommendation_bars: int | None
    # Plans, models and phases
    accept: bool
    replan_rate_per_day: float | None
    no_change_replan_suppressed_count: int | None
    promoted: bool
    judged: bool
    failed_checks: tuple[str, ...]
    missing_labels: tuple[str, ...]
    verdict: Literal["GO", "STOP"] | None
    failing_items: tuple[str, ...]


__all__ = [
    "Artifact", "Audit", "Bar", "BarRecord", "Candidate", "Exit", "Fill", "Metrics", "Pause", "RunMetrics",
    "WeightOrder",
]  # fmt: skip
