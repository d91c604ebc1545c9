"""Runs of bars for the packs of the continuous policy: what a caller would send them, drawn at random."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

Snapshot = dict[str, Any]
BARS = 240
FIRST_BAR = datetime(2026, 1, 5, 21, tzinfo=UTC)


def times(width: timedelta = timedelta(days=1)) -> Iterator[str]:
    return ((FIRST_BAR + i * width).isoformat() for i in range(BARS))


def proxy_signal(draw: Random) -> Iterator[Snapshot]:
    """Prices that at first stand still, with a model's word here and there."""
    price = 100.0
    for bar, now in enumerate(times()):
        if bar >= 30:
            price = round(price * (1 + draw.gauss(0, 0.01)), 4)
        snapshot: Snapshot = {"now": now, "price": price}
        if draw.random() < 0.1:
            snapshot["p_hat"] = round(draw.random(), 3)
        if draw.random() < 0.1:
            snapshot["momentum_z"] = round(draw.gauss(0, 2), 2)
            del snapshot["price"]
        yield snapshot


def rebalance(draw: Random) -> Iterator[Snapshot]:
    """An account whose orders fill late, in parts or never, and whose target jumps."""
    weight, target, entry = 0.0, 0.5, None
    for bar, now in enumerate(times()):
        fills = []
        if draw.random() < 0.3:
            change = draw.choice([target - weight, round((target - weight) / 2, 4), -weight])
            fills = [{"weight_change": change}] if change else []
            before, weight = weight, weight + change
            if not weight:
                entry = None
            elif before * weight <= 0:
                entry = bar
        if draw.random() < 0.3:
            target = draw.choice([0.0, 0.25, 0.5, 0.505, -0.25])
        snapshot: Snapshot = {
            "now": now,
            "bar": bar,
            "target_weight_final": target,
            "emergency_exit_executed": draw.random() < 0.05,
            "current_weight": weight,
            "equity": draw.choice([10_000.0] * 6 + [40.0] * 3 + [-40.0]),
            "fills": fills,
            "cancels": draw.randrange(3),
        }
        if entry is not None:
            snapshot["entry_bar"] = entry
        yield snapshot


def replan_guard(draw: Random) -> Iterator[Snapshot]:
    """Plans every few hours, of which many say the same in other words."""
    for i, now in enumerate(times(timedelta(hours=3))):
        if draw.random() < 0.3:
            yield {"now": now}
            continue
        triggers = [{"id": name, "level": draw.choice([1, 2.0])} for name in draw.sample(["breakout", "fade"], k=2)]
        limits = {"max_weight": draw.choice([1, 1.0, 1, 0.5])}
        yield {"now": now, "plan": {"timestamp": i, "narration": f"plan {i}", "triggers": triggers, "limits": limits}}
