"""What callers of the proposal gate give and get."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from ..typed import Decided, Given, Model

GateName = Literal["SIZE", "LOSSES", "LIQUIDITY", "BUDGET", "EDGE", "CONVICTION", "LIVE", "CONFIRMATION"]


class Proposal(Given):
    """A trade as its proposer states it. Without a stop it is sized by the market's range, where there is one."""

    symbol: str
    instrument: str
    side: str
    entry_price: float
    stop_price: float | None
    target_price: float
    p_win: float
    conviction: float
    position_size_bps: float
    setup: str
    regime: str
    sector: str | None = None
    themes: list[str] = Field(default_factory=list)


class Position(Given):
    """What is held of a symbol, at its mark and without a sign."""

    symbol: str
    value: float
    themes: list[str] = Field(default_factory=list)


class Account(Given):
    """State of the account before the trade. A figure that is not known is None, and its gates refuse."""

    equity: float | None
    leverage: float | None
    daily_pnl: float | None
    weekly_pnl: float | None
    positions: list[Position]


class Market(Given):
    """The symbol's market. A figure that is not known is None, and its gates refuse; a range need not be known."""

    adv_usd: float | None
    bid: float | None
    ask: float | None
    daily_vol: float | None
    slippage_per_share: float | None
    atr: float | None = None


class TrackRecord(Given):
    """Closed trades of the proposal's setup so far, and their mean result in multiples of their risk."""

    setup_trades: int
    setup_expectancy: float | None = None


class Suggestion(Model):
    """How much less of a position would bring a bucket that is too full back into its budget."""

    bucket: str
    symbol: str
    reduce_by: float


class Verdict(Decided):
    """What the gate says. `order_shares` is what is traded, and 0 where nothing is."""

    should_execute: bool
    failed_gates: tuple[GateName, ...]
    order_shares: int
    shares: int
    stop_distance: float | None
    sized_risk: float
    risk_reward: float | None
    ev_pct: float | None
    execution_cost_bps: float | None
    liquidity_score: float
    bucket_exposure: dict[str, float]
    rebalancing_suggestions: tuple[Suggestion, ...]


__all__ = ["Account", "GateName", "Market", "Position", "Proposal", "Suggestion", "TrackRecord", "Verdict"]
