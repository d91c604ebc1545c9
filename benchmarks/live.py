"""A live decision of the orchestrator against the same decision written by hand.

Ours validates the snapshot and captures the reasons; the hand-written function does neither, but writes its reasons out.
Both answer 1,000 different snapshots of ten symbols, two of them BAD, read from JSON. The answers are compared first,
then the two take turns; what counts is the median of the ratios.

    python benchmarks/live.py [--rounds 31]
"""

from __future__ import annotations

import argparse
import gc
import json
import random
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

import handwritten

import flyball

COUNT = 1_000
SYMBOLS = ("AAPL", "MSFT", "IBM", "GOOG", "AMZN", "NVDA", "META", "TSLA", "ORCL", "INTC")


def snapshots(seed: int = 1) -> list[dict[str, Any]]:
    """Different days of one desk, as they come from JSON: no object is shared between two of them."""
    draw = random.Random(seed)  # noqa: S311  test data
    return [json.loads(json.dumps(_snapshot(draw))) for _ in range(COUNT)]


def _snapshot(draw: random.Random) -> dict[str, Any]:
    bad = draw.sample(SYMBOLS, 2)
    return {
        "regime": draw.choice(("TRENDING", "RANGING")),
        "volatility": draw.choice(("LOW", "NORMAL", "NORMAL", "HIGH", "HIGH", "EXTREME")),
        "risk": {
            "daily_pnl_pct": round(draw.gauss(0, 1.5), 2),
            "losing_streak": draw.randrange(8),
            "open_positions": draw.randrange(10),
            "exposure_pct": round(draw.uniform(0, 17), 2),
        },
        "symbols": [{"symbol": s, "tag": "BAD" if s in bad else draw.choice(("GOOD", "NEUTRAL"))} for s in SYMBOLS],
        "ensemble_quality": round(draw.uniform(0.2, 0.9), 3),
        "costs": {"spread": draw.choice(("NORMAL", "HIGH")), "slippage": draw.choice(("NORMAL", "HIGH"))},
    }


def check_equal(ours: Callable[[Any], Any], theirs: Callable[[Any], Any], days: list[dict[str, Any]]) -> None:
    """Raises SystemExit where an answer differs: outputs to the last bit, and as many reasons."""
    for day in days:
        decision, answer = ours(day), theirs(day)
        given = {name: value for name, value in answer.items() if name != "reasons"}
        if decision.status != "ok" or decision.outputs != given or len(decision.reasons) != len(answer["reasons"]):
            raise SystemExit(f"answers differ on {day}:\n  {decision.outputs}\n  {answer}")


def seconds(function: Callable[[Any], Any], days: list[dict[str, Any]]) -> float:
    start = time.perf_counter()
    for day in days:
        function(day)
    return time.perf_counter() - start


def compare(
    ours: Callable[[Any], Any], theirs: Callable[[Any], Any], days: list[dict[str, Any]], rounds: int
) -> list[tuple[float, float]]:
    """Seconds of both in turn, the first turns thrown away."""
    pairs = []
    gc.disable()
    for turn in range(rounds + 3):
        pair = seconds(ours, days), seconds(theirs, days)
        if turn >= 3:  # noqa: PLR2004  warm-up
            pairs.append(pair)
        gc.collect()
    gc.enable()
    return pairs


def report(name: str, pairs: list[tuple[float, float]]) -> None:
    ratios = [ours / theirs for ours, theirs in pairs]
    low, middle, high = min(ratios), statistics.median(ratios), max(ratios)
    ours, theirs = (statistics.median(column) / COUNT * 1e6 for column in zip(*pairs, strict=True))
    print(f"{name:<44} {middle:5.2f} x  ({low:.2f} to {high:.2f};  {ours:.1f} us against {theirs:.1f} us)")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n", 1)[0])
    parser.add_argument("--rounds", type=int, default=31)
    options = parser.parse_args()
    policy = flyball.load("orchestrator", environment=False)
    days = snapshots()
    check_equal(policy.decide, handwritten.decide, days)
    print(f"{COUNT} snapshots, {options.rounds} rounds, CPython {sys.version.split()[0]}; the answers are equal\n")
    report("decide / hand-written", compare(policy.decide, handwritten.decide, days, options.rounds))

    def read_outputs(day: Any) -> Any:
        return dict(policy.decide(day).outputs)

    def explained(day: Any) -> Any:
        return [reason.text for reason in policy.decide(day).reasons]

    report("decide, outputs copied / hand-written", compare(read_outputs, handwritten.decide, days, options.rounds))
    report("decide, every reason written / hand-written", compare(explained, handwritten.decide, days, 3))


if __name__ == "__main__":
    main()
