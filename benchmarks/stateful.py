"""A step of a stateful pack against a class written by hand, and what a session costs to keep.

Both answer the same snapshots, and the answers are compared first. The class does not validate; its reasons it writes
out, as `handwritten.py` does.

    python benchmarks/stateful.py [--rounds 21]
"""

from __future__ import annotations

import argparse
import gc
import random
import statistics
import time
import tracemalloc
from collections import deque
from pathlib import Path
from typing import Any

import flyball

COUNT = 2_000
KEYS = 1_000
STEPS = 1_000
SAVED = 10_000
Snapshot = dict[str, Any]


class Guard:
    """`stateful.yaml` as a desk would write it."""

    def __init__(self) -> None:
        self.tripped = False
        self.wide_since: float | None = None
        self.usual: float | None = None
        self.prices: deque[float] = deque(maxlen=20)

    def step(self, snapshot: Snapshot) -> dict[str, Any]:
        now, pnl, spread, price = snapshot["now"], snapshot["pnl"], snapshot["spread"], snapshot["price"]
        allow, size, reasons = True, 1.0, []
        self.tripped = pnl <= -3.0 or (self.tripped and not snapshot["reset"])
        if spread > 8.0:
            self.wide_since = now if self.wide_since is None else self.wide_since
            wide_for = now - self.wide_since
        else:
            self.wide_since, wide_for = None, 0.0
        self.usual = spread if self.usual is None else self.usual + 0.1 * (spread - self.usual)
        self.prices.append(price)
        if wide_for >= 30:
            size *= 0.5
            reasons.append(("costly", f"Wide for {wide_for:.3f} s, usually {self.usual:.1f} bps"))
        if len(self.prices) == 20:
            total = 0.0
            for each in self.prices:
                total += each
            mean = total / 20
            if abs(price - mean) > 0.02 * mean:
                size *= 0.5
                reasons.append(("jumpy", f"{price:.2f} usd is far from {mean:.2f} usd"))
        if self.tripped:
            allow = False
            reasons.append(("stopped", f"PnL was at or below {-3.0:.2f} %"))
        return {"allow": allow, "size": size, "reasons": reasons}


def feed(seed: int, count: int) -> list[Snapshot]:
    draw, price, found = random.Random(seed), 100.0, []
    for i in range(count):
        price = round(price * (1 + draw.gauss(0, 0.005)), 2)
        found.append(
            {
                "pnl": round(draw.gauss(0, 1.2), 2),
                "spread": round(draw.uniform(2, 11), 1),
                "price": price,
                "reset": draw.random() < 0.02,
                "now": float(1_767_625_200 + 5 * i),
            }
        )
    return found


def check_equal(policy: flyball.Policy) -> None:
    session, guard = policy.session(), Guard()
    for snapshot in feed(-1, COUNT):
        decision, answer = session.step(snapshot), guard.step(snapshot)
        fired = sorted(rule for rule, _ in answer["reasons"])
        if (dict(decision.outputs), sorted(decision.fired)) != ({k: answer[k] for k in ("allow", "size")}, fired):
            raise SystemExit(f"answers differ on {snapshot}: {decision} {answer}")


def seconds(step: Any, snapshots: list[Snapshot]) -> float:
    gc.collect()
    begin = time.process_time()
    for snapshot in snapshots:
        step(snapshot)
    return time.process_time() - begin


def compare(policy: flyball.Policy, rounds: int) -> None:
    pairs = [
        (seconds(policy.session().step, (texts := feed(turn, COUNT))), seconds(Guard().step, texts))
        for turn in range(rounds)
    ]
    ratio = statistics.median(ours / theirs for ours, theirs in pairs)
    ours, theirs = (statistics.median(column) / COUNT * 1e6 for column in zip(*pairs, strict=True))
    print(f"a step                       {ratio:6.2f} x  ({ours:.2f} us against {theirs:.2f} us)")


def keep(policy: flyball.Policy) -> None:
    """A million steps over a thousand keys: what is held grows no more once the windows are full."""
    sessions = [policy.session(f"k{i}") for i in range(KEYS)]
    tracemalloc.start()
    sizes = {}
    for number, snapshot in enumerate(feed(1, STEPS)):
        for session in sessions:
            session.step(snapshot)
        if number in (STEPS // 10, STEPS - 1):
            gc.collect()
            sizes[number] = tracemalloc.get_traced_memory()[0] / 1e6
    tracemalloc.stop()
    print(f"{KEYS * STEPS} steps, {KEYS} keys   " + ", then ".join(f"{size:.1f} MB" for size in sizes.values()))


def save(policy: flyball.Policy) -> None:
    snapshots = feed(2, 25)
    sessions = [policy.session(f"k{i}") for i in range(SAVED)]
    for session in sessions:
        for snapshot in snapshots:
            session.step(snapshot)
    begin = time.process_time()
    saved = [session.save() for session in sessions]
    middle = time.process_time()
    restored = [policy.restore(each) for each in saved]
    end = time.process_time()
    assert restored[0].save() == saved[0]
    print(f"{SAVED} keys                   saved in {middle - begin:.2f} s, restored in {end - middle:.2f} s")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n", 1)[0])
    parser.add_argument("--rounds", type=int, default=21)
    parser.add_argument("--quick", action="store_true", help="the time of a step alone")
    options = parser.parse_args()
    policy = flyball.load(Path(__file__).with_name("stateful.yaml"), environment=False)
    check_equal(policy)
    compare(policy, options.rounds)
    if not options.quick:
        save(policy)
        keep(policy)


if __name__ == "__main__":
    main()
