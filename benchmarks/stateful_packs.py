"""A step of the shipped packs `band_drift` and `swing_governor` against classes written by hand.

Both answer the same snapshots, and the answers are compared first: outputs, reasons and intents. The classes do not
validate, and write their reasons out. Every snapshot is a new one. What no checker can leave out is timed alone, too:
see `checks.py`.

    python benchmarks/stateful_packs.py [--rounds 21]
"""

from __future__ import annotations

import argparse
import gc
import math
import random
import statistics
import time
from collections import deque
from collections.abc import Callable
from typing import Any

import checks  # type: ignore[import-not-found]  # stands beside this script

import flyball

COUNT = 1_000
POSITIONS = 12
MIDNIGHT = 1_767_571_200
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


class SwingGovernor:
    """`swing_governor` as a desk would write it."""

    def __init__(self) -> None:
        self.window: deque[tuple[float, float]] = deque()

    def step(self, snapshot: Snapshot) -> Answer:
        now, most = snapshot["now"], snapshot["max_position"]
        self.window.append((now, snapshot["position"]))
        while self.window[0][0] <= now - 300.0:
            self.window.popleft()
        positions = [position for _, position in self.window]
        travelled = max(positions) - min(positions)
        swing = travelled / most if most else None
        quoting, spread, reasons = "QUOTE", 1.5, []
        if swing is None:
            quoting = "PULL_QUOTES" if travelled else "REDUCE_ONLY"
            text = "Nothing may be held, so that a position may only be reduced"
            if travelled:
                text = f"Nothing may be held, and the position still moved by {travelled:g}"
            reasons.append(("ladder.no_capacity_and_moved" if travelled else "ladder.no_capacity", text))
        elif swing > 2.0:
            quoting = "PULL_QUOTES"
            reasons.append(("ladder.widest", f"The position swung {swing:.3f} maximum positions, more than {2.0:.3f}"))
        elif swing > 1.5:
            quoting = "REDUCE_ONLY"
            reasons.append(("ladder.wider", f"The position swung {swing:.3f} maximum positions, more than {1.5:.3f}"))
        elif swing > 1.0:
            quoting = "WIDEN"
            reasons.append(("ladder.wide", f"The position swung {swing:.3f} maximum positions, more than {1.0:.3f}"))
        else:
            spread = 1.0
        outputs = {"quoting": quoting, "spread_multiplier": spread, "swing_ratio": swing}
        return {"outputs": outputs, "reasons": reasons, "intents": []}


def books(seed: int) -> list[Snapshot]:
    """Some weeks of a book whose long share wanders about its range."""
    draw, lean, found = random.Random(seed), 65.0, []
    for i in range(COUNT):
        lean = min(max(lean + draw.gauss(0.1 * (65 - lean), 3), 5), 95)
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


def swings(seed: int) -> list[Snapshot]:
    """A position that is quoted every five seconds: sixty of them make a window."""
    draw, held, found = random.Random(seed), 0.0, []
    for i in range(COUNT):
        held = round(held * 0.98 + draw.gauss(0, 2), 1)
        most = 0.0 if i % 200 == 199 else round(draw.uniform(9, 14), 1)
        found.append({"now": float(MIDNIGHT + 5 * i), "position": held, "max_position": most})
    return found


CASES: dict[str, tuple[type[BandDrift] | type[SwingGovernor], Callable[[int], list[Snapshot]]]] = {
    "band_drift": (BandDrift, books),
    "swing_governor": (SwingGovernor, swings),
}


def check_equal(policy: flyball.Policy, hand: BandDrift | SwingGovernor, snapshots: list[Snapshot]) -> None:
    """Raises SystemExit where an answer differs: outputs to the last bit, reasons with their texts, intents."""
    session = policy.session()
    for snapshot in snapshots:
        decision, answer = session.step(snapshot), hand.step(snapshot)
        ours = {
            "outputs": dict(decision.outputs),
            "reasons": sorted((each.rule, each.text) for each in decision.reasons),
            "intents": [dict(each.emit) for each in decision.intents],
        }
        theirs = {**answer, "reasons": sorted(answer["reasons"])}
        if ours != theirs:
            raise SystemExit(f"answers differ on {snapshot}:\n  {ours}\n  {theirs}")


def seconds(step: Callable[[Snapshot], object], snapshots: list[Snapshot]) -> float:
    gc.collect()
    begin = time.perf_counter()
    for snapshot in snapshots:
        step(snapshot)
    return time.perf_counter() - begin


def compare(name: str, rounds: int) -> None:
    hand, feed = CASES[name]
    policy = flyball.load(f"{name}@1", environment=False)
    check_equal(policy, hand(), feed(-1))
    report(f"a step of {name}", lambda: policy.session().step, hand, feed, rounds)


def report(
    what: str,
    ours_of: Callable[[], Callable[[Snapshot], object]],
    hand: type[BandDrift] | type[SwingGovernor],
    feed: Callable[[int], list[Snapshot]],
    rounds: int,
) -> None:
    pairs = [(seconds(ours_of(), (snapshots := feed(turn))), seconds(hand().step, snapshots)) for turn in range(rounds)]
    ratio = statistics.median(ours / theirs for ours, theirs in pairs)
    ours, theirs = (statistics.median(column) / COUNT * 1e6 for column in zip(*pairs, strict=True))
    print(f"{what:<40} {ratio:6.2f} x  ({ours:.2f} us against {theirs:.2f} us)")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n", 1)[0])
    parser.add_argument("--rounds", type=int, default=21)
    options = parser.parse_args()
    for name in CASES:
        compare(name, options.rounds)
    report("checking alone for band_drift, by hand", lambda: checks.band_drift, BandDrift, books, options.rounds)


if __name__ == "__main__":
    main()
