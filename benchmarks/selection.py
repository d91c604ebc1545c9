"""A selection over 500 positions, ordered by two keys, of which the first is taken, against `min(…, key=…)`.

With and without `limit: 1`, which is not needed where nothing reads more than the first. The first row is the selection
alone, over positions that have been read; the second is the whole decision, which reads and checks every field of the
snapshot, against a hand-written one that checks nothing. The answers are compared first.

    python benchmarks/selection.py [--rounds 31]
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import time
from collections.abc import Callable
from typing import Any

from flyball.engine import ir
from flyball.engine.backends.evaluation import CompiledEvaluate
from flyball.engine.backends.heads import heads
from flyball.engine.policy import Policy
from flyball.engine.requirements import Rules
from flyball.engine.run import Run
from flyball.engine.snapshot import read
from flyball.loaders.packs import load_bytes

COUNT = 500
PACK = b"""language: 1
pack: chooser
version: 1.0.0
inputs:
  positions:
    type: list
    key: symbol
    max_items: 500
    of:
      type: record
      fields: {symbol: {type: text}, long: {type: boolean}, size: {type: number}, pnl: {type: number}}
parameters: {acceptable: {value: 0, range: [-10, 10], why: Winners go first}}
definitions:
  chosen: {for: p in positions, where: p.long, order_by: [p.pnl < acceptable, p.size]LIMIT}
  best: first(chosen)
outputs: {symbol: {type: text, start: best.symbol, optional: true, safe: missing}}
"""


def positions(seed: int) -> list[dict[str, Any]]:
    draw = random.Random(seed)
    return [
        {"symbol": f"S{i}", "long": draw.random() < 0.8, "size": draw.uniform(1, 9), "pnl": draw.gauss(0, 1)}
        for i in range(COUNT)
    ]


def by_hand(snapshot: dict[str, Any]) -> str | None:
    longs = (each for each in snapshot["positions"] if each["long"])
    best = min(longs, key=lambda each: (each["pnl"] < 0, each["size"], each["symbol"]), default=None)
    return best and best["symbol"]


def selected_by_hand(items: tuple[Any, ...]) -> Any:
    """The same over positions as tuples of their fields in the order of names."""
    return min((each for each in items if each[0]), key=lambda each: (each[1] < 0, each[2], each[3]), default=None)


def ratios(ours: Callable[[Any], Any], theirs: Callable[[Any], Any], given: list[Any], rounds: int) -> list[float]:
    found = []
    for turn in range(rounds):
        spent = {}
        for function in (ours, theirs) if turn % 2 else (theirs, ours):
            begin = time.perf_counter()
            for each in given:
                function(each)
            spent[function] = time.perf_counter() - begin
        found.append(spent[ours] / spent[theirs])
    return found


def report(name: str, found: list[float]) -> None:
    print(f"{name:<48} {statistics.median(found):6.2f} x  ({min(found):.2f} to {max(found):.2f})")


def measure(limit: str, rounds: int) -> None:
    checked = load_bytes(PACK.replace(b"LIMIT", limit.encode()), "chooser.yaml").checked
    assert checked is not None, "the pack above is sound"
    pack = checked.pack
    parameters = {name: each.value for name, each in pack.parameters.items()}
    policy = Policy(pack, parameters, layers={}, document=None)
    snapshots = [json.loads(json.dumps({"positions": positions(seed)})) for seed in range(20)]
    evaluate = CompiledEvaluate(pack, parameters)
    definitions = {step.name: step.value for step in pack.steps if isinstance(step, ir.Define)}
    chosen = {**definitions, **heads(pack)}["chosen"]  # as live decisions compute it
    runs = [Run(pack, Rules(), parameters, read(pack.inputs, each, needs_now=False)[0], evaluate) for each in snapshots]

    def ours(run: Run) -> Any:
        return evaluate(run, chosen, {})

    def theirs(run: Run) -> Any:
        return selected_by_hand(run.inputs["positions"])  # type: ignore[arg-type]  # it is a list

    for run, snapshot in zip(runs, snapshots, strict=True):
        if ours(run) != (theirs(run),) or policy.decide(snapshot)["symbol"] != by_hand(snapshot):
            raise SystemExit("answers differ")
    name = limit.removeprefix(", ") or "no limit"
    report(f"{name}: the selection alone", ratios(ours, theirs, runs, rounds))
    report(f"{name}: the decision, its snapshot checked", ratios(policy.decide, by_hand, snapshots, rounds))


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n", 1)[0])
    parser.add_argument("--rounds", type=int, default=31)
    rounds = parser.parse_args().rounds
    for limit in (", limit: 1", ""):
        measure(limit, rounds)


if __name__ == "__main__":
    main()
