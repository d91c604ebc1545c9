"""How load time, decision time and memory grow with a pack, with its lists, and with the number of decisions.

Each pack is made up and loaded in processes of its own. The growth of a row is its time over that of the row before,
beside the growth of its size: linear where the two are equal.

    python benchmarks/scaling.py [--decisions 1000000]
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import live  # type: ignore[import-not-found]  # stands beside this script

import flyball

RULES = (10, 100, 500, 1_000)
ITEMS = (1, 10, 100, 500)
RULES_AN_INPUT = 5
STARTS = 3
ROUNDS = 15
LIMIT = 2.0  # seconds in which a pack of 500 rules is to be loaded without a cache

Snapshot = dict[str, Any]

HEAD = """language: 1
pack: made_up
version: 1.0.0
outputs:
  allow: {type: boolean, combine: all, start: true, safe: false}
  risk: {type: number, unit: percent, start: 1, within: [0, 1], safe: 0}
"""
RULE = """  rule_{i}:
    when: x{a} >= limit_{i} and x{b} < limit_{i}
    then: {{allow: false, risk: {{times: 0.5}}}}
    severity: block
    because: "Input {{{{ x{a} }}}} is at or above {{{{ limit_{i} }}}}"
"""
LIST_PACK = """language: 1
pack: made_up
version: 1.0.0
types: {Tag: [GOOD, BAD]}
inputs:
  symbols:
    type: list
    max_items: 500
    of: {type: record, key: symbol, fields: {symbol: {type: text}, tag: {type: Tag}}}
outputs:
  blocked: {type: list, of: text, max_items: 500, combine: collect, safe: []}
rules:
  bad_symbol:
    for: s in symbols
    when: s.tag == BAD
    then: {blocked: s.symbol}
    because: "{{ s.symbol }} is performing badly"
"""


def pack_of(rules: int) -> str:
    """Each rule compares two inputs with a parameter of its own, scales a number and denies a permission."""
    inputs = range(width(rules))
    lines = [HEAD, "inputs:\n"]
    lines += [f"  x{i}: {{type: number, unit: percent, range: [0, 100], why: Made up}}\n" for i in inputs]
    lines.append("parameters:\n")
    lines += [
        f"  limit_{i}: {{value: {1 + i % 90}.5, unit: percent, range: [0, 100], why: Made up}}\n" for i in range(rules)
    ]
    lines.append("rules:\n")
    lines += [RULE.format(i=i, a=i % len(inputs), b=(i + 1) % len(inputs)) for i in range(rules)]
    return "".join(lines)


def width(rules: int) -> int:
    return max(2, rules // RULES_AN_INPUT)


def snapshots(rules: int, count: int) -> list[Snapshot]:
    draw = random.Random(rules)
    names = [f"x{i}" for i in range(width(rules))]
    return [{name: round(draw.uniform(0, 100), 2) for name in names} for _ in range(count)]


def lists(items: int, count: int) -> list[Snapshot]:
    draw = random.Random(items)
    return [
        {"symbols": [{"symbol": f"S{i}", "tag": draw.choice(("GOOD", "BAD"))} for i in range(items)]}
        for _ in range(count)
    ]


START = """import sys, time
import flyball
flyball.load(sys.argv[1], environment=False)
print(time.process_time())
"""


def load_time(path: Path, *, cached: bool) -> float:
    """CPU seconds of a fresh process that loads a pack, interpreter and imports included; the best of a few."""
    command = [sys.executable, "-c", START, str(path)]
    environment = {**os.environ, "FLYBALL_NO_CACHE": "" if cached else "1"}
    best = []
    for _ in range(STARTS):
        ended = subprocess.run(command, check=True, capture_output=True, text=True, env=environment)
        best.append(float(ended.stdout))
    return min(best)


def decision_times(decide: Callable[[Snapshot], Any], days: list[Snapshot]) -> list[float]:
    """Microseconds of each decision."""
    for day in days:
        decide(day)
    taken = []
    gc.collect()
    gc.disable()
    for _ in range(ROUNDS):
        for day in days:
            begin = time.perf_counter_ns()
            decide(day)
            taken.append((time.perf_counter_ns() - begin) / 1_000)
    gc.enable()
    return taken


def growths(sizes: tuple[int, ...], values: list[float]) -> list[str]:
    pairs = zip(sizes, sizes[1:], values, values[1:], strict=False)
    return ["", *(f"{after / before:.1f} for {larger / size:.0f}" for size, larger, before, after in pairs)]


def row(*cells: object) -> str:
    return "".join(f"{cell:>13}" for cell in cells)


def p99(values: list[float]) -> float:
    return statistics.quantiles(values, n=100)[98]


def of_rules(folder: Path) -> bool:
    """Prints the table; whether a pack of 500 rules is loaded in time."""
    loads, cached, times = [], [], []
    for rules in RULES:
        path = folder / f"rules_{rules}.yaml"
        path.write_text(pack_of(rules), "utf-8")
        loads.append(load_time(path, cached=False))
        cached.append(load_time(path, cached=True))
        times.append(decision_times(flyball.load(path, environment=False).decide, snapshots(rules, 200)))
    medians = [statistics.median(each) for each in times]
    print(row("rules", "load s", "growth", "cached s", "decide us", "growth", "ns a rule", "p99/median"))
    for rules, load, load_growth, kept, median, growth, each in zip(
        RULES, loads, growths(RULES, loads), cached, medians, growths(RULES, medians), times, strict=True
    ):
        per_rule = f"{median * 1_000 / rules:.0f}"
        print(
            row(
                rules,
                f"{load:.2f}",
                load_growth,
                f"{kept:.2f}",
                f"{median:.2f}",
                growth,
                per_rule,
                f"{p99(each) / median:.2f}",
            )
        )
    in_time = loads[RULES.index(500)] <= LIMIT
    print(f"500 rules are loaded in {'' if in_time else 'MORE THAN '}the {LIMIT:.0f} s that they may take\n")
    return in_time


def of_items(folder: Path) -> None:
    path = folder / "lists.yaml"
    path.write_text(LIST_PACK, "utf-8")
    decide = flyball.load(path, environment=False).decide
    times = [decision_times(decide, lists(items, 50)) for items in ITEMS]
    medians = [statistics.median(each) for each in times]
    print(row("items", "decide us", "growth", "ns an item", "p99/median"))
    for items, median, growth, each in zip(ITEMS, medians, growths(ITEMS, medians), times, strict=True):
        per_item = f"{median * 1_000 / items:.0f}"
        print(row(items, f"{median:.2f}", growth, per_item, f"{p99(each) / median:.2f}"))


def of_decisions(count: int) -> bool:
    """Prints how the process's peak memory grows over the decisions, after a tenth of them as a warm-up."""
    policy = flyball.load("orchestrator@1", environment=False)
    texts = live.feed(0, 20)
    peaks = []
    for tenth in range(10):
        for i in range(count // 10):
            policy.decide(json.loads(texts[i % len(texts)]))
        peaks.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
        if tenth == 0:
            gc.collect()
    growth = (peaks[-1] - peaks[0]) / peaks[0]
    print(f"\n{count:,} decisions of the orchestrator: peak memory grew by {growth:.2%} after the first tenth")
    return growth < 0.01


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n", 1)[0])
    parser.add_argument("--decisions", type=int, default=1_000_000)
    count = parser.parse_args().decisions
    with tempfile.TemporaryDirectory() as name:
        os.environ["FLYBALL_CACHE_DIR"] = name
        in_time = of_rules(Path(name))
        of_items(Path(name))
    flat = of_decisions(count)
    sys.exit(0 if in_time and flat else "what should hold does not: see above")


if __name__ == "__main__":
    main()
