"""A live decision of the orchestrator against the same decision written by hand.

Ours validates the snapshot and captures the reasons; the hand-written function does neither, but writes its reasons
out. Both answer snapshots of ten symbols, two of them BAD, read from JSON; the answers are compared first, texts
included. Regime, volatility, cost levels and tags stay for some decisions and then change, as they do on a desk, and
every number is new each time. Every round brings snapshots that neither has seen. What counts is the median of the
rounds' ratios. What no checker can leave out is timed alone, too: see `checks.py`. From JSON bytes to the decision is
measured against `json.loads` of the same bytes, and nothing more. Steps of packs that keep state follow, against
classes written by hand: see `stateful_packs.py`, `guards.py` and `drift.py`.

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
from typing import Any

import checks  # type: ignore[import-not-found]  # stands beside this script
import drift  # type: ignore[import-not-found]  # as above
import guards  # type: ignore[import-not-found]  # as above
import handwritten  # type: ignore[import-not-found]  # as above
import stateful_packs  # type: ignore[import-not-found]  # as above

import flyball

COUNT = 1_000
SYMBOLS = ("AAPL", "MSFT", "IBM", "GOOG", "AMZN", "NVDA", "META", "TSLA", "ORCL", "INTC")
WARM_UP = 3
BATCH = 20

Snapshot = dict[str, Any]
Function = Callable[[Any], Any]


def feed(seed: int, stay: int) -> list[str]:
    """Consecutive decisions of one desk as JSON texts. What has names (regime, tags) stays for `stay` of them."""
    draw = random.Random(seed)
    names: Snapshot = {}
    texts = []
    for i in range(COUNT):
        names = _names(draw) if i % stay == 0 else names
        texts.append(json.dumps({**names, **_numbers(draw)}))
    return texts


def _names(draw: random.Random) -> Snapshot:
    bad = draw.sample(SYMBOLS, 2)
    return {
        "regime": draw.choice(("TRENDING", "RANGING")),
        "volatility": draw.choice(("LOW", "NORMAL", "NORMAL", "HIGH", "HIGH", "EXTREME")),
        "symbols": [{"symbol": s, "tag": "BAD" if s in bad else draw.choice(("GOOD", "NEUTRAL"))} for s in SYMBOLS],
        "costs": {"spread": draw.choice(("NORMAL", "HIGH")), "slippage": draw.choice(("NORMAL", "HIGH"))},
    }


def _numbers(draw: random.Random) -> Snapshot:
    return {
        "risk": {
            "daily_pnl_pct": round(draw.gauss(0, 1.5), 2),
            "losing_streak": draw.randrange(8),
            "open_positions": draw.randrange(10),
            "exposure_pct": round(draw.uniform(0, 17), 2),
        },
        "ensemble_quality": round(draw.uniform(0.2, 0.9), 3),
    }


def check_equal(ours: Function, theirs: Function, texts: list[str]) -> None:
    """Raises SystemExit where an answer differs: outputs to the last bit, and each reason's rule, severity and text."""
    for text in texts:
        day = json.loads(text)
        decision, answer = ours(day), theirs(day)
        reasons = sorted((each.rule, each.severity, each.text) for each in decision.reasons)
        if {**decision.outputs, "reasons": reasons} != {**answer, "reasons": sorted(answer["reasons"])}:
            raise SystemExit(f"answers differ on {day}:\n  {decision.outputs} {reasons}\n  {answer}")


def seconds(function: Function, texts: list[str]) -> float:
    """The time of the decisions alone. Snapshots are read a few at a time, just before, as a feed brings them."""
    spent = 0.0
    for start in range(0, len(texts), BATCH):
        days = [json.loads(text) for text in texts[start : start + BATCH]]
        begin = time.perf_counter()
        for day in days:
            function(day)
        spent += time.perf_counter() - begin
    return spent


def seconds_of_texts(function: Function, texts: list[str]) -> float:
    """The time from bytes to answers."""
    given: list[Any] = [text.encode() for text in texts]
    begin = time.perf_counter()
    for data in given:
        function(data)
    return time.perf_counter() - begin


def compare(
    ours: Function,
    theirs: Function,
    rounds: int,
    stay: int,
    seconds: Callable[[Function, list[str]], float] = seconds,
) -> list[tuple[float, float]]:
    """Seconds of both, who goes first by turns; the first rounds are thrown away."""
    pairs = []
    for turn in range(rounds + WARM_UP):
        texts = feed(turn, stay)
        gc.collect()
        gc.disable()
        if turn % 2:
            pair = seconds(ours, texts), seconds(theirs, texts)
        else:
            pair = tuple(reversed((seconds(theirs, texts), seconds(ours, texts))))  # type: ignore[assignment]
        gc.enable()
        pairs.append(pair)
    return pairs[WARM_UP:]


def report(name: str, pairs: list[tuple[float, float]]) -> None:
    ratios = [ours / theirs for ours, theirs in pairs]
    low, middle, high = min(ratios), statistics.median(ratios), max(ratios)
    ours, theirs = (statistics.median(column) / COUNT * 1e6 for column in zip(*pairs, strict=True))
    print(f"{name:<52} {middle:6.2f} x  ({low:.2f} to {high:.2f};  {ours:.2f} us against {theirs:.2f} us)")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n", 1)[0])
    parser.add_argument("--rounds", type=int, default=31)
    rounds = parser.parse_args().rounds
    policy = flyball.load("orchestrator@1", environment=False)
    check_equal(policy.decide, handwritten.decide, [*feed(-1, 20), *feed(-2, 1)])
    from_json = policy.decide_json
    check_equal(lambda day: from_json(json.dumps(day)), handwritten.decide, feed(-3, 20))
    print(f"{COUNT} snapshots a round, {rounds} rounds, CPython {sys.version.split()[0]}; the answers are equal\n")

    def written(day: Snapshot) -> list[str]:
        return [reason.text for reason in policy.decide(day).reasons]

    for stay in (100, 20, 1):
        name = f"decide, names stay for {stay} decisions" if stay > 1 else "decide, names change with every decision"
        report(name, compare(policy.decide, handwritten.decide, rounds, stay))
    report("checking alone, by hand, names stay for 100", compare(checks.orchestrator, handwritten.decide, rounds, 100))
    for stay in (100, 1):
        name = f"for {stay} decisions" if stay > 1 else "for one"
        report(
            f"JSON bytes to decision, names stay {name}", compare(from_json, json.loads, rounds, stay, seconds_of_texts)
        )
    report("decide and write every reason out", compare(written, handwritten.decide, min(rounds, 5), 100))
    stateful_packs.report(rounds)
    guards.report(rounds)
    drift.report(rounds)


if __name__ == "__main__":
    main()
