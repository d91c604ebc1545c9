"""A decision of the policy `band_drift` against one function written by hand.

Both answer the same runs of snapshots, each over the days of one account, and the answers are compared first, to the
last bit. The function validates nothing and writes no reasons out; the policy checks every value, and keeps what its
reasons need.

    python benchmarks/drift.py [--rounds 21]
"""

from __future__ import annotations

import argparse
import gc
import math
import random
import statistics
import time
from datetime import datetime, timedelta
from typing import Any

import flyball

DAYS, POSITIONS = 500, 20
LIMITS = (2.5, 3.0)  # how many times the hand-written median a median may take, and a median its p99
Snapshot = dict[str, Any]
ORDERS = {
    ("LONG_TOO_HIGH", True): ("LT_LONG_DECREASE", "LONG"), ("LONG_TOO_HIGH", False): ("LT_SHORT_INCREASE", "SHORT"),
    ("LONG_TOO_LOW", True): ("LT_LONG_INCREASE", "LONG"), ("LONG_TOO_LOW", False): ("LT_SHORT_DECREASE", "SHORT"),
    ("SHORT_TOO_HIGH", True): ("LT_SHORT_DECREASE", "SHORT"), ("SHORT_TOO_HIGH", False): ("LT_LONG_INCREASE", "LONG"),
    ("SHORT_TOO_LOW", True): ("LT_SHORT_INCREASE", "SHORT"), ("SHORT_TOO_LOW", False): ("LT_LONG_DECREASE", "LONG"),
}  # fmt: skip


class ByHand:
    """The drift of one account as a desk would write it, with the ranges of the pack."""

    def __init__(self) -> None:
        self.first_day: int | None = None

    def step(self, s: Snapshot) -> tuple[str, int, str | None, dict[str, Any] | None]:
        long = short = 0.0
        best: dict[str, Snapshot] = {}
        held = [p for p in s["positions"] if p["bucket"] == "LT" and p["quantity"] > 0]
        held.sort(key=lambda p: (p["unrealized_pnl"] < 0, p["quantity"] * p["mark_price"]))
        for p in held:
            notional = p["quantity"] * p["mark_price"]
            best.setdefault(p["side"], p)
            if p["side"] == "LONG":
                long += notional
            else:
                short += notional
        whole = long + short
        violation = self._violation(long / whole * 100, short / whole * 100) if whole > 0 else None
        today = datetime.fromisoformat(s["now"]).toordinal()
        if violation is None:
            self.first_day = None
            return "IN_BAND", 0, None, None
        self.first_day = today if self.first_day is None else self.first_day
        days = today - self.first_day + 1
        status = "TOLERATED" if days <= 2 else "OVERDUE"
        acts = s["mode"] == "NORMAL" and s["risk_checks_passed"]
        return status, days, violation, self._order(violation, best, s) if acts else None

    def _violation(self, long: float, short: float) -> str | None:
        worst, name = 1.0e-6, None
        for distance, each in (
            (long - 70, "LONG_TOO_HIGH"), (60 - long, "LONG_TOO_LOW"),
            (short - 40, "SHORT_TOO_HIGH"), (30 - short, "SHORT_TOO_LOW"),
        ):  # fmt: skip
            if distance > worst + (1.0e-6 if name else 0):
                worst, name = distance, each
        return name

    def _order(self, violation: str, best: dict[str, Snapshot], s: Snapshot) -> dict[str, Any] | None:
        for preferred in (True, False):
            kind, side = ORDERS[violation, preferred]
            p = best.get(side)
            if p is None:
                continue
            size = max(1, math.floor(p["quantity"] * 0.02))
            if kind.endswith("DECREASE"):
                size = min(p["quantity"], size)
            elif s["gross_exposure"] + size * p["mark_price"] / s["equity"] * 100 > 130:
                continue
            sells = kind in ("LT_LONG_DECREASE", "LT_SHORT_INCREASE")
            return {
                "kind": kind, "symbol": p["symbol"], "side": "SELL" if sells else "BUY", "quantity": size,
                "limit_price": p["truth_tick"] - 0.01 if sells else p["truth_tick"] + 0.01,
                "order_type": "LIMIT", "priority": 1,
            }  # fmt: skip
        return None


def account(seed: int) -> list[Snapshot]:
    """Days of one account, whose shares wander in and out of their ranges."""
    draw, begin = random.Random(seed), datetime.fromisoformat("2026-01-05T15:00:00+00:00")
    tilt, days = 0.65, []
    for day in range(DAYS):
        tilt = min(max(tilt + draw.gauss(0, 0.03), 0.45), 0.85)
        days.append({
            "now": (begin + timedelta(days=day)).isoformat().replace("+00:00", "Z"), "mode": "NORMAL",
            "risk_checks_passed": draw.random() < 0.95, "equity": 1.0e6,
            "gross_exposure": round(draw.uniform(110, 140), 2),
            "positions": [position(draw, number, tilt) for number in range(POSITIONS)],
        })  # fmt: skip
    return days


def position(draw: random.Random, number: int, tilt: float) -> Snapshot:
    long, mark = number % 2 == 0, round(draw.uniform(20, 400), 2)
    worth = (tilt if long else 1 - tilt) * 1.0e5 * draw.uniform(0.9, 1.1)
    return {
        "symbol": f"S{number}", "bucket": "ST" if number % 10 == 9 else "LT", "side": "LONG" if long else "SHORT",
        "quantity": float(math.floor(worth / mark)), "mark_price": mark, "truth_tick": round(mark, 1),
        "unrealized_pnl": round(draw.gauss(0, 500), 2),
    }  # fmt: skip


def check_equal(policy: flyball.Policy, days: list[Snapshot]) -> None:
    """Raises SystemExit where an answer differs, or where all say the same."""
    session, desk, orders = policy.session(), ByHand(), 0
    for snapshot in days:
        decision, theirs = session.step(snapshot), desk.step(snapshot)
        sent = [dict(each.emit) for each in decision.intents]
        ours = (*(decision[name] for name in ("drift_status", "days_in_violation", "violation")), sent)
        if decision.status != "ok" or ours != (*theirs[:3], [theirs[3]] if theirs[3] else []):
            raise SystemExit(f"answers differ on {snapshot}:\n  {ours}\n  {theirs}")
        orders += bool(sent)
    if not 0.1 < orders / len(days) < 0.9:
        raise SystemExit(f"{orders} of {len(days)} days have an order, which compares little")


def times(steps: flyball.Session | ByHand, days: list[Snapshot]) -> list[float]:
    """Seconds of each decision."""
    gc.collect()
    found = []
    for snapshot in days:
        begin = time.perf_counter()
        steps.step(snapshot)
        found.append(time.perf_counter() - begin)
    return sorted(found)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n", 1)[0])
    parser.add_argument("--rounds", type=int, default=21)
    options = parser.parse_args()
    policy = flyball.load("band_drift", environment=False)
    check_equal(policy, account(-1))
    rounds = []
    for turn in range(options.rounds):
        days = account(turn)
        ours, theirs = times(policy.session(), days), times(ByHand(), days)
        middle = ours[DAYS // 2]
        rounds.append((middle, theirs[DAYS // 2], ours[DAYS * 99 // 100] / middle))
    ours_us, theirs_us = (statistics.median(column) * 1e6 for column in list(zip(*rounds, strict=True))[:2])
    ratio = statistics.median(ours / theirs for ours, theirs, _ in rounds)
    tail = statistics.median(tail for _, _, tail in rounds)
    print(
        f"a decision of band_drift     {ratio:5.2f} x  ({ours_us:.1f} us against {theirs_us:.1f} us, limit {LIMITS[0]})"
    )
    print(f"its p99                   {tail:5.2f} x the median, limit {LIMITS[1]}")


if __name__ == "__main__":
    main()
