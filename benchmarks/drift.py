"""A step of the pack `band_drift`, and of the policy that uses it, against a class written by hand.

All answer the same snapshots, and the answers are compared first: outputs, reasons and intents. The class does not
validate, and writes its reasons out. What no checker can leave out is timed alone, too: see `checks.py`.

    python benchmarks/drift.py [--rounds 21]
"""

from __future__ import annotations

import math
import random
from typing import Any

import checks  # type: ignore[import-not-found]  # stands beside this script
import rounds  # type: ignore[import-not-found]  # as above

import flyball

COUNT = 1_000
POSITIONS = 12
MIDNIGHT = 1_767_571_200
STEP_LIMITS = (2.0, 3.0)
Snapshot = dict[str, Any]
Answer = dict[str, Any]


class BandDrift:
    """`band_drift` as a desk would write it."""

    def __init__(self) -> None:
        self.first_day: int | None = None

    def step(self, snapshot: Snapshot) -> Answer:
        longs: list[tuple[bool, float, str, Snapshot]] = []
        shorts: list[tuple[bool, float, str, Snapshot]] = []
        gross = {"LONG": 0.0, "SHORT": 0.0}
        for p in snapshot["positions"]:
            if p["bucket"] == "LT" and p["quantity"] > 0:
                notional = p["quantity"] * p["mark_price"]
                gross[p["side"]] += notional
                entry = (p["unrealized_pnl"] < 0.0, notional, p["symbol"], p)
                (longs if p["side"] == "LONG" else shorts).append(entry)
        reasons, intents = [], []
        worst = self.worst(gross)
        days = self.days(snapshot["now"], worst)
        if worst and days > 2:
            text = f"LT_{worst} for {days} calendar days, more than the 2 that are tolerated"
            reasons.append(("overdue", text))
        if worst and snapshot["mode"] == "NORMAL" and snapshot["risk_checks_passed"]:
            best = {"LONG": min(longs)[3] if longs else None, "SHORT": min(shorts)[3] if shorts else None}
            kind = self.action(worst, best, snapshot, reasons)
            if kind is None:
                reasons.append(("no_candidate", f"No position can correct {worst}"))
            else:
                name, intent = self.order(kind, best)
                intents.append(intent)
                reasons.append((name, f"LT band drift correction: LT_{worst}"))
        status = "IN_BAND" if not worst else "TOLERATED" if days <= 2 else "OVERDUE"
        outputs = {"drift_status": status, "days_in_violation": days, "violation": worst}
        return {"outputs": outputs, "reasons": reasons, "intents": intents}

    def worst(self, gross: dict[str, float]) -> str | None:
        whole = 0.0 + gross["LONG"] + gross["SHORT"]
        if whole <= 0:
            return None
        long, short = gross["LONG"] / whole * 100, gross["SHORT"] / whole * 100
        distances = (
            ("LONG_TOO_HIGH", long - 70.0),
            ("LONG_TOO_LOW", 60.0 - long),
            ("SHORT_TOO_HIGH", short - 40.0),
            ("SHORT_TOO_LOW", 30.0 - short),
        )
        farthest = max(distance for _, distance in distances)
        if farthest <= 1e-6:
            return None
        return next(name for name, distance in distances if distance >= farthest - 1e-6)

    def days(self, now: float, worst: str | None) -> int:
        if worst is None:
            self.first_day = None
            return 0
        today = int(now // 86_400)
        if self.first_day is None:
            self.first_day = today
        return today - self.first_day + 1

    def action(
        self, worst: str, best: dict[str, Any], snapshot: Snapshot, reasons: list[tuple[str, str]]
    ) -> tuple[str, str] | None:
        for turn, (side, move) in enumerate(CHOICES[worst]):
            position = best[side]
            if position is None:
                continue
            if move == "INCREASE":
                cost = size(position) * position["mark_price"] / snapshot["equity"] * 100
                if snapshot["gross_exposure"] + cost > 130.0:
                    if turn == 0:
                        text = f"LT_{side}_{move} skipped: gross exposure would pass the hard cap of {130.0:.2f} %"
                        reasons.append(("preferred_capped", text))
                    continue
            return side, move
        return None

    def order(self, kind: tuple[str, str], best: dict[str, Any]) -> tuple[str, Answer]:
        side, move = kind
        position = best[side]
        buys = (side == "LONG") == (move == "INCREASE")
        quantity = size(position)
        return f"{side}_{move}".lower(), {
            "kind": f"LT_{side}_{move}",
            "symbol": position["symbol"],
            "side": "BUY" if buys else "SELL",
            "quantity": quantity if move == "INCREASE" else min(position["quantity"], quantity),
            "limit_price": position["truth_tick"] + (0.01 if buys else -0.01),
            "order_type": "LIMIT",
            "priority": 1.0,
        }


CHOICES = {
    "LONG_TOO_HIGH": (("LONG", "DECREASE"), ("SHORT", "INCREASE")),
    "LONG_TOO_LOW": (("LONG", "INCREASE"), ("SHORT", "DECREASE")),
    "SHORT_TOO_HIGH": (("SHORT", "DECREASE"), ("LONG", "INCREASE")),
    "SHORT_TOO_LOW": (("SHORT", "INCREASE"), ("LONG", "DECREASE")),
}


def size(position: Snapshot) -> float:
    return max(1.0, float(math.floor(position["quantity"] * 0.02 + 1e-9)))


def books(seed: int) -> list[Snapshot]:
    """Some weeks of a book whose long share wanders about its range."""
    draw, lean, found = random.Random(seed), 65.0, []
    for i in range(COUNT):
        lean = min(max(lean + draw.gauss(0.03 * (65 - lean), 2), 5), 95)
        found.append(
            {
                "now": float(MIDNIGHT + 3_600 * i),
                "mode": draw.choice(("NORMAL", "NORMAL", "NORMAL", "DERISK")),
                "risk_checks_passed": True,
                "equity": 1.0e6,
                "gross_exposure": round(draw.uniform(90, 135), 1),
                "positions": [position(draw, number, lean) for number in range(POSITIONS)],
            }
        )
    return found


def position(draw: random.Random, number: int, lean: float) -> Snapshot:
    side = "LONG" if number % 2 else "SHORT"
    price = round(draw.uniform(20, 400), 2)
    share = (lean if side == "LONG" else 100 - lean) * draw.uniform(0.95, 1.05)
    return {
        "symbol": f"S{number}",
        "bucket": "ST" if number >= POSITIONS - 2 else "LT",
        "side": side,
        "quantity": round(2_000 * share / price, 1),
        "mark_price": price,
        "truth_tick": round(price + draw.choice((-0.02, 0.01, 0.03)), 2),
        "unrealized_pnl": round(draw.gauss(100, 400), 2),
    }


def check_equal(policy: flyball.Policy, snapshots: list[Snapshot]) -> None:
    """Raises SystemExit where an answer differs, or where hardly a snapshot or almost each has an order."""
    rounds.check_equal(policy.session().step, BandDrift().step, snapshots, under="drift.")
    hand = BandDrift()
    orders = sum(bool(hand.step(each)["intents"]) for each in snapshots)
    if not 0.1 < orders / len(snapshots) < 0.9:
        raise SystemExit(f"{orders} of {len(snapshots)} snapshots have an order, which compares little")


def report(turns: int) -> None:
    pack, policy = (flyball.load(name, environment=False) for name in ("band_drift@1", "band_drift"))
    for each in (pack, policy):
        check_equal(each, books(-1))

    def by_hand() -> rounds.Decide:
        return BandDrift().step

    rounds.compare("a step of band_drift", lambda: pack.session().step, by_hand, books, turns, STEP_LIMITS)
    rounds.compare("a step of the policy band_drift", lambda: policy.session().step, by_hand, books, turns)
    rounds.compare("checking alone for band_drift, by hand", lambda: checks.band_drift, by_hand, books, turns)


if __name__ == "__main__":
    report(rounds.asked(__doc__))
