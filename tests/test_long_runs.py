"""What only shows after very many decisions."""

from __future__ import annotations

import gc
import random
import sys
from typing import Any

import pytest

import flyball

DECISIONS = 1_000_000
SYMBOLS = [f"S{i}" for i in range(500)]
SPARE = 4_000  # one block leaked in two hundred decisions is more; bounded caches come and go


def snapshot(draw: random.Random) -> dict[str, Any]:
    """One in a hundred is faulty, since the slow path is not to keep anything either."""
    return {
        "regime": draw.choice(("TRENDING", "RANGING")),
        "volatility": draw.choice(("LOW", "NORMAL", "HIGH", "EXTREME")),
        "risk": {
            "daily_pnl_pct": "much" if draw.random() < 0.01 else draw.gauss(0, 1.5),
            "losing_streak": draw.randrange(8),
            "open_positions": draw.randrange(10),
            "exposure_pct": draw.uniform(0, 17),
        },
        "symbols": [{"symbol": symbol, "tag": draw.choice(("GOOD", "BAD"))} for symbol in draw.sample(SYMBOLS, 2)],
    }


@pytest.mark.long
def test_memory_stays_flat_over_a_million_decisions() -> None:
    policy = flyball.load("orchestrator@1", environment=False)
    draw = random.Random(0)
    blocks = []
    for i in range(DECISIONS + 1):
        if i % (DECISIONS // 2) == DECISIONS // 10:  # warm by then: each set of fired rules has been seen
            gc.collect()
            blocks.append(sys.getallocatedblocks())
        decision = policy.decide(snapshot(draw))
        if i % 100 == 0:
            assert decision.to_json()
    gc.collect()
    blocks.append(sys.getallocatedblocks())
    assert blocks[-1] - blocks[0] < SPARE, blocks
