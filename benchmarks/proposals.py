"""A decision of the policy `proposal_gate` against one function written by hand.

Both answer the same proposals, and the outputs are compared first, to the last bit. The function validates nothing and
writes no reasons out; the policy checks every value, and keeps what its reasons need.

    python benchmarks/proposals.py [--rounds 21]
"""

from __future__ import annotations

import math
import random
from typing import Any

import rounds  # type: ignore[import-not-found]  # stands beside this script

import flyball

COUNT = 1_000
Snapshot = dict[str, Any]

BUCKETS = ("TECH", "SEMIS", "ENERGY", "FINANCIALS", "HEALTH", "CONSUMER", "AI", "CHINA", "RATES", "OTHER")
BUCKETS_OF = {
    "AAPL": ("TECH", "CONSUMER"), "MSFT": ("TECH", "AI"), "NVDA": ("TECH", "SEMIS", "AI"), "ON": ("TECH", "SEMIS"),
    "0700": ("TECH", "CHINA"), "BABA": ("CONSUMER", "CHINA"), "XOM": ("ENERGY",), "CVX": ("ENERGY",),
    "JPM": ("FINANCIALS", "RATES"), "TLT": ("RATES",), "JNJ": ("HEALTH",),
}  # fmt: skip
SCORES = {
    "THIN": (0, 0, 0, 0), "FAIR": (0, 20, 40, 60), "GOOD": (0, 40, 60, 80), "DEEP": (0, 60, 80, 100),
}  # fmt: skip
EDGE_SCALE = {"CALM": 1.0, "NORMAL": 1.0, "VOLATILE": 0.8, "EXTREME": 0.5}


def by_hand(s: Snapshot) -> dict[str, Any]:
    """The proposal gate as a desk would write it, with the limits of the packs."""
    equity, entry, long = s["equity"], s["entry_price"], s["side"] == "LONG"
    adv, leverage, p = s["adv_usd"], s["leverage"], s["p_win"]
    # Rooms
    held = dict.fromkeys(BUCKETS, 0.0)
    for position in s["positions"]:
        for bucket in BUCKETS_OF.get(position["symbol"], ("OTHER",)):
            held[bucket] += position["value"]
    proposed = {*BUCKETS_OF.get(s["symbol"], ("OTHER",)), s["sector"], *s["themes"]}
    budget = equity * (35.0 / 100)
    bucket_room = max(budget - max(held[bucket] for bucket in proposed), 0)
    leverage_room = max((2.0 - leverage) * equity, 0)
    adv_room = adv * (1.0 / 100)
    # Size
    away = entry - s["stop_price"] if long else s["stop_price"] - entry
    distance = None if away <= 0 else away
    shares, risk, kelly = 0, 0.0, 0.0
    if distance is not None:
        reward = s["target_price"] - entry if long else entry - s["target_price"]
        odds = reward / distance
        full = p - (1 - p) / odds if odds > 0 else 0
        kelly = 0.5 * max(full, 0)
        shares = min(
            math.floor(equity * (50.0 / 10_000) / distance),
            math.floor(kelly * equity / distance),
            math.floor(leverage_room / entry),
            math.floor(bucket_room / entry),
            math.floor(adv_room / entry),
        )
        risk = shares * distance / equity * 10_000
    notional = shares * entry
    failed = [] if distance is not None and shares >= 1 else ["SIZE"]
    # Losses
    if s["daily_pnl"] <= -2.0 or s["weekly_pnl"] <= -5.0 or leverage + notional / equity > 2.0:
        failed.append("LOSSES")
    # Liquidity
    bid, ask = s["bid"], s["ask"]
    crossed, half = bid > ask, abs(ask - bid) / (ask + bid)
    spread, widest = (half + half) * 100, 1.0 if s["instrument"] == "STOCK" else 8.0
    cost = half * 10_000 + 1.0 * s["daily_vol"] * math.sqrt(notional / adv) * 10_000
    deep, wide = adv / 3.0e6, spread / widest
    depth = "THIN" if deep < 1 else "FAIR" if deep < 10 else "GOOD" if deep < 100 else "DEEP"
    tightness = 0 if crossed or wide > 1 else 1 if wide > 0.5 else 2 if wide > 0.1 else 3
    if adv < 3.0e6 or spread > widest or crossed or notional > adv_room or s["daily_vol"] == 0:
        failed.append("LIQUIDITY")
    # Budget
    carried = {bucket: held[bucket] + (notional if bucket in proposed else 0) for bucket in BUCKETS}
    if any(carried[bucket] > budget * (1 + 1.0e-9) for bucket in proposed):
        failed.append("BUDGET")
    # Edge
    ev = ratio = None
    if distance is not None:
        scale, gain = EDGE_SCALE[s["regime"]], abs(s["target_price"] - entry)
        per_share = p * gain - (1 - p) * distance - entry * (cost / 10_000) - s["slippage_per_share"]
        ev, ratio = per_share / entry * 100, gain / distance
        ev = ev * scale if ev > 0 else ev
    wrong = (s["target_price"] - entry if long else entry - s["target_price"]) <= 0
    worth = ev is not None and ratio is not None and (ev >= 0 or ratio * EDGE_SCALE[s["regime"]] >= 1.8)
    if not worth or p < 0.45 or wrong:
        failed.append("EDGE")
    # Gate
    if s["conviction"] < 55:
        failed.append("CONVICTION")
    traded = min(math.floor(min(equity * (s["position_size_bps"] / 10_000) / entry, shares) * 1.0), shares)
    if traded < 1 and "SIZE" not in failed:
        failed.append("SIZE")
    return {
        "should_execute": not failed,
        "failed_gates": sorted(failed),
        "order_shares": 0 if failed else traded,
        "shares": shares,
        "stop_distance": distance,
        "sized_risk": risk,
        "risk_reward": ratio,
        "ev_pct": ev,
        "execution_cost_bps": cost,
        "liquidity_score": SCORES[depth][tightness],
        "bucket_exposure": {bucket: carried[bucket] / equity * 100 for bucket in BUCKETS},
    }


def proposals(seed: int) -> list[Snapshot]:
    """Most of them worth taking; here and there one that fails some gate. No bucket is too full beforehand."""
    draw = random.Random(seed)
    return [proposal(draw) for _ in range(COUNT)]


def proposal(draw: random.Random) -> Snapshot:
    entry, side = round(draw.uniform(20, 400), 2), draw.choice(["LONG", "SHORT"])
    sign = 1 if side == "LONG" else -1
    stop = round(entry - sign * entry * draw.choice([0.02, 0.04, 0.04, 0.06, -0.01]), 2)
    target = round(entry + sign * entry * draw.choice([0.03, 0.06, 0.1, 0.12]), 2)
    half = entry * draw.choice([0.0002, 0.0004, 0.001, 0.007])
    held = draw.sample(["MSFT", "XOM", "JPM", "JNJ", "ZZZZ"], 3)
    return {
        "symbol": draw.choice(["AAPL", "NVDA", "CVX", "BABA", "YYYY"]), "instrument": "STOCK", "side": side,
        "entry_price": entry, "stop_price": stop, "target_price": target, "p_win": round(draw.uniform(0.4, 0.7), 2),
        "conviction": draw.randint(45, 90), "position_size_bps": draw.choice([200, 500, 900]),
        "regime": draw.choice(["CALM", "NORMAL", "VOLATILE"]), "sector": "OTHER", "themes": [],
        "equity": 1.0e5, "leverage": round(draw.uniform(0.2, 1.6), 2),
        "daily_pnl": round(draw.gauss(0, 0.9), 2), "weekly_pnl": round(draw.gauss(0, 1.5), 2),
        "positions": [{"symbol": each, "value": round(draw.uniform(1e3, 1.6e4), 2)} for each in held],
        "adv_usd": draw.choice([2.0e6, 5.0e7, 3.0e8, 2.0e9]), "bid": entry - half, "ask": entry + half,
        "daily_vol": round(draw.uniform(0.005, 0.05), 4), "slippage_per_share": 0.01, "setup_trades": 0, "live": False,
    }  # fmt: skip


def check_equal(policy: flyball.Policy, snapshots: list[Snapshot]) -> None:
    """Raises SystemExit where an answer differs, or where all say the same."""
    for snapshot in snapshots:
        decision, theirs = policy.decide(snapshot), by_hand(snapshot)
        ours = {name: decision[name] for name in theirs}
        ours = {**ours, "failed_gates": sorted(ours["failed_gates"]), "bucket_exposure": dict(ours["bucket_exposure"])}
        if decision.status != "ok" or ours != theirs:
            raise SystemExit(f"answers differ on {snapshot}:\n  {ours}\n  {theirs}")
    executed = sum(policy.decide(snapshot)["should_execute"] for snapshot in snapshots)
    if not 0.1 < executed / len(snapshots) < 0.9:
        raise SystemExit(f"{executed} of {len(snapshots)} proposals are executed, which compares little")


def main() -> None:
    policy = flyball.load("proposal_gate", environment=False)
    check_equal(policy, proposals(-1))
    rounds.compare(
        "a decision of proposal_gate", lambda: policy.decide, lambda: by_hand, proposals, rounds.asked(__doc__)
    )


if __name__ == "__main__":
    main()
