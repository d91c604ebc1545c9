"""Let two packs decide over thirteen years of daily prices, and say what came of it and why.

`market_state` turns the figures of a day into a regime, levels and tags; `orchestrator` decides by them. This script
only carries values from one to the other: every limit is a parameter of a pack, or stands in params.yaml.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from io import TextIOWrapper
from itertools import groupby, islice
from pathlib import Path
from typing import Any

from snapshots import Snapshot, iso_day, read_stocks, snapshots  # type: ignore[import-not-found]  # beside this script

import flyball

PARAMETERS = Path(__file__).parent / "params.yaml"
CANNOT_START, INTERRUPTED = 2, 130


@dataclass(frozen=True, slots=True)
class Day:
    """One day of the history: what the market was taken for, and what was decided."""

    date: str
    market: flyball.Decision
    decision: flyball.Decision
    fired: tuple[Sequence[str], Sequence[str]]
    """The rules and rows that fired, in the one and in the other."""

    @property
    def allowed(self) -> bool:
        return bool(self.decision["allow_new_trades"])


def wired(snapshot: Snapshot, market: Mapping[str, Any]) -> dict[str, Any]:
    """The orchestrator's snapshot: the day's risk figures, and what market_state made of the others."""
    costs = {name: market[name] for name in ("spread", "slippage") if market[name] is not None}
    return {
        "now": snapshot["now"],
        "regime": market["regime"],
        "volatility": market["volatility"],
        "risk": snapshot["risk"],
        "symbols": market["tags"],
        **({"costs": costs} if costs else {}),
    }


def decided(days: Sequence[Snapshot], market_state: flyball.Policy, orchestrator: flyball.Policy) -> Iterator[Day]:
    for snapshot in days:
        market = market_state.decide({name: value for name, value in snapshot.items() if name != "risk"})
        decision = orchestrator.decide(wired(snapshot, market.outputs))
        yield Day(snapshot["now"][:10], market, decision, (market.fired, decision.fired))


def watched(days: Iterator[Day], total: int) -> AbstractContextManager[Iterator[Day]]:
    """A progress bar on a terminal, where tqdm is there to draw it; nothing anywhere else."""
    try:
        from tqdm import tqdm  # type: ignore[import-untyped]  # noqa: PLC0415  the demo runs without it
    except ImportError:
        return nullcontext(days)
    bar: AbstractContextManager[Iterator[Day]] = tqdm(days, total=total, unit=" days", disable=None, leave=False)
    return bar


def share(count: int, total: int) -> str:
    return f"{count:>5,}  {count / total:6.1%}"


def shown(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def counted(label: str, values: Sequence[str]) -> Iterator[str]:
    """How often each value occurs, the commonest first."""
    for value, count in Counter(values).most_common():
        yield f"  {label:<13} {value:<14} {share(count, len(values))}"
        label = ""


def summary(days: Sequence[Day]) -> Iterator[str]:
    yield "What was decided, in days"
    yield from counted("new trades", ["allowed" if day.allowed else "blocked" for day in days])
    yield from counted("risk profile", [day.decision["risk_profile"] for day in days])
    yield from counted("entry mode", [day.decision["entry_mode"] for day in days])
    risks = [day.decision["max_risk_pct"] for day in days if day.allowed]
    if risks:
        yield f"  mean max_risk_pct of the days that allow new trades: {sum(risks) / len(risks):.3f}"
    unread = sum({day.market.status, day.decision.status} != {"ok"} for day in days)
    if unread:
        yield f"  days that could not be read and were given safe outputs: {unread}"
    yield longest_block(days)


def longest_block(days: Sequence[Day]) -> str:
    stretches = [list(stretch) for allowed, stretch in groupby(days, key=lambda day: day.allowed) if not allowed]
    if not stretches:
        return "  no day was blocked"
    longest = max(stretches, key=len)
    return f"  longest blocked stretch: {len(longest)} days, {longest[0].date} to {longest[-1].date}"


def firings(policy: flyball.Policy, fired: Sequence[Sequence[str]]) -> Iterator[str]:
    """Days on which each rule or row fired, the busiest first; those that never did are there as well."""
    counts = Counter(dict.fromkeys(sorted(policy.pack.rules), 0))
    for rules in fired:
        counts.update(rules)
    yield f"  {policy}"
    for rule, count in counts.most_common():
        yield f"    {rule:<26} {share(count, len(fired))}"


def changed(before: object, after: object) -> str:
    """Before and after; of a list that grew, only what was added."""
    if isinstance(before, list) and isinstance(after, list) and after[: len(before)] == before:
        return f"{len(before)} → {len(after)} items, adding {shown(after[len(before) :])}"
    return f"{shown(before)} → {shown(after)}"


def explanation(decision: flyball.Decision) -> Iterator[str]:
    """Every reason, the deciding one first: what it says, the values it saw, what it changed."""
    for reason in decision.reasons:
        yield f"  {reason.severity:<7} {reason.rule}: {reason.text}{'' if reason.decisive else ' (moot)'}"
        if reason.values:
            yield "          saw " + ", ".join(f"{name} = {shown(value)}" for name, value in reason.values.items())
        yield from (f"          {change.output}: {changed(change.before, change.after)}" for change in reason.effects)
    for fault in decision.diagnostics:
        yield f"  {fault.severity} {fault.code}: {fault.message}"


def explained(day: Day) -> Iterator[str]:
    for decision in (day.decision, day.market):
        yield f"{decision.policy} on {day.date}, status {decision.status}"
        yield from explanation(decision)


def report(days: Sequence[Day], market_state: flyball.Policy, orchestrator: flyball.Policy) -> Iterator[str]:
    yield f"{len(days):,} days from {days[0].date} to {days[-1].date}, by {market_state} and {orchestrator}"
    yield ""
    yield from summary(days)
    yield ""
    yield "How often each rule fired, in days"
    yield from firings(market_state, [day.fired[0] for day in days])
    yield from firings(orchestrator, [day.fired[1] for day in days])
    blocked = next((day for day in days if not day.allowed), None)
    if blocked:
        yield ""
        yield "The first blocked day, explained"
        yield from explained(blocked)


def count(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ValueError
    return number


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(
        description="Decide over thirteen years of daily prices, and explain the first blocked day.",
        epilog="example: python demo.py --from 2008-09-01 --to 2008-12-31",
    )
    made.add_argument("--from", dest="start", type=iso_day, default="0001-01-01", metavar="DATE", help="first day")
    made.add_argument("--to", dest="end", type=iso_day, default="9999-12-31", metavar="DATE", help="last day")
    made.add_argument("--days", type=count, metavar="N", help="at most N days, from the first on")
    return made


def run(arguments: Sequence[str] | None) -> None:
    options = (known := parser()).parse_args(arguments)
    within = (day for day in snapshots(read_stocks()) if options.start <= day["now"][:10] <= options.end)
    history = list(islice(within, options.days))
    if not history:
        known.error("no trading day of the history is in this range")
    market_state = flyball.load("market_state", params_file=PARAMETERS)
    orchestrator = flyball.load("orchestrator@1")
    with watched(decided(history, market_state, orchestrator), len(history)) as days:
        lines = report(list(days), market_state, orchestrator)
    for line in lines:
        print(line)
    sys.stdout.flush()


def main(arguments: Sequence[str] | None = None) -> int:
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a terminal that has no arrow gets a question mark
    try:
        run(arguments)
    except BrokenPipeError:
        # The reader, such as `head`, has seen enough; nothing may be left to flush at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except KeyboardInterrupt:
        sys.stderr.write("interrupted\n")
        return INTERRUPTED
    except flyball.LoadError as error:
        sys.stderr.write(f"{error}\n")
        return CANNOT_START
    return 0


if __name__ == "__main__":
    sys.exit(main())
