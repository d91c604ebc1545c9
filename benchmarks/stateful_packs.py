"""A step of the shipped packs `swing_governor` and `band_drift` against classes written by hand.

Both answer the same snapshots, and the answers are compared first: outputs, reasons and intents. The classes do not
validate, and write their reasons out. Every snapshot is a new one. `band_drift` is written in `drift.py`.

    python benchmarks/stateful_packs.py [--rounds 21]
"""

from __future__ import annotations

import random
from collections import deque
from typing import Any

import drift  # type: ignore[import-not-found]  # stands beside this script
import rounds  # type: ignore[import-not-found]  # as above

import flyball

COUNT = 1_000
MIDNIGHT = 1_767_571_200
Snapshot = dict[str, Any]
Answer = dict[str, Any]


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


def swings(seed: int) -> list[Snapshot]:
    """A position that is quoted every five seconds: sixty of them make a window."""
    draw, held, found = random.Random(seed), 0.0, []
    for i in range(COUNT):
        held = round(held * 0.98 + draw.gauss(0, 2), 1)
        most = 0.0 if i % 200 == 199 else round(draw.uniform(9, 14), 1)
        found.append({"now": float(MIDNIGHT + 5 * i), "position": held, "max_position": most})
    return found


def report(turns: int) -> None:
    policy = flyball.load("swing_governor@1", environment=False)
    rounds.check_equal(policy.session().step, SwingGovernor().step, swings(-1))
    rounds.compare(
        "a step of swing_governor",
        lambda: policy.session().step,
        lambda: SwingGovernor().step,
        swings,
        turns,
        drift.STEP_LIMITS,
    )


if __name__ == "__main__":
    turns = rounds.asked(__doc__)
    report(turns)
    drift.report(turns)
