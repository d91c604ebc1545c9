"""Decisions against the same ones written by hand: times of every single decision, round by round.

Every round brings snapshots that neither has seen, and who goes first changes by turns. What counts is the median of
the rounds.
"""

from __future__ import annotations

import argparse
import gc
import statistics
import time
from collections.abc import Callable
from typing import Any

Snapshot = dict[str, Any]
Answer = dict[str, Any]  # outputs; reasons as pairs of rule and text; intents as what they emit
Decide = Callable[[Snapshot], Any]


def asked(doc: str | None, rounds: int = 21) -> int:
    """How many rounds the command line asks for."""
    parser = argparse.ArgumentParser(description=(doc or "").split("\n\n", 1)[0])
    parser.add_argument("--rounds", type=int, default=rounds)
    return int(parser.parse_args().rounds)


def check_equal(ours: Decide, theirs: Callable[[Snapshot], Answer], snapshots: list[Snapshot], under: str = "") -> None:
    """Raises SystemExit where an answer differs: outputs to the last bit, reasons with their texts, intents. `under` is
    what stands before the rules' names in a policy."""
    for snapshot in snapshots:
        decision, answer = ours(snapshot), theirs(snapshot)
        found = {
            "outputs": dict(decision.outputs),
            "reasons": sorted((each.rule.removeprefix(under), each.text) for each in decision.reasons),
            "intents": [dict(each.emit) for each in decision.intents],
        }
        expected = {**answer, "reasons": sorted(answer["reasons"])}
        if decision.status != "ok" or found != expected:
            raise SystemExit(f"answers differ on {snapshot}:\n  {found}\n  {expected}")


def times(decide: Decide, snapshots: list[Snapshot]) -> list[float]:
    """Seconds of each decision, in ascending order."""
    gc.collect()
    found = []
    for snapshot in snapshots:
        begin = time.perf_counter()
        decide(snapshot)
        found.append(time.perf_counter() - begin)
    return sorted(found)


def compare(
    what: str,
    ours: Callable[[], Decide],
    theirs: Callable[[], Decide],
    feed: Callable[[int], list[Snapshot]],
    rounds: int,
    limits: tuple[float, float] = (2.5, 3.0),
) -> None:
    """Prints how many times a hand-written decision one costs, and how many medians its p99; `limits` say how many they
    may. `ours` and `theirs` begin anew with every round."""
    found = []
    for turn in range(rounds):
        snapshots, spent = feed(turn), {}
        for begin in (ours, theirs) if turn % 2 else (theirs, ours):
            spent[begin] = times(begin(), snapshots)
        costs = [_cost(spent[each]) for each in (ours, theirs)]
        found.append((*costs, costs[0] / costs[1], _p99(spent[ours])))
    our, their, ratio, tail = map(statistics.median, zip(*found, strict=True))
    print(f"{what:<42} {ratio:6.2f} x  ({our * 1e6:.1f} us against {their * 1e6:.1f} us, limit {limits[0]})")
    print(f"{'  its p99':<42} {tail:6.2f} x the median, limit {limits[1]}")


def _cost(spent: list[float]) -> float:
    """The mean of all but the slowest hundredth, in which other programs had the processor."""
    return statistics.fmean(spent[: len(spent) * 99 // 100])


def _p99(spent: list[float]) -> float:
    return spent[len(spent) * 99 // 100] / spent[len(spent) // 2]
