"""Let the policy `orchestrator` decide over thirteen years of daily prices, and say what came of it and why.

Its packs turn the figures of a day into a regime, levels and tags, decide by them, and keep the decision steady. This
script only hands in the days: every limit is a parameter of a pack, or stands in params.yaml.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from io import TextIOWrapper
from itertools import groupby, islice
from pathlib import Path

from snapshots import Snapshot, iso_day, read_stocks, snapshots  # type: ignore[import-not-found]  # beside this script

import flyball
from flyball.engine import naming

PARAMETERS = Path(__file__).parent / "params.yaml"
CANNOT_START, INTERRUPTED = 2, 130


@dataclass(frozen=True, slots=True)
class Day:
    """One day of the history, and the rules and rows that fired."""

    date: str
    decision: flyball.Decision
    fired: Sequence[str]

    @property
    def allowed(self) -> bool:
        return bool(self.decision["allow_new_trades"])


def decided(days: Sequence[Snapshot], policy: flyball.Policy) -> Iterator[Day]:
    session = policy.session()
    for snapshot in days:
        decision = session.step(snapshot)
        yield Day(snapshot["now"][:10], decision, decision.fired)


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
    unread = sum(day.decision.status != "ok" for day in days)
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
    counts = Counter(dict.fromkeys(sorted(map(naming.shown, policy.pack.rules)), 0))
    for rules in fired:
        counts.update(rules)
    for rule, count in counts.most_common():
        yield f"  {rule:<34} {share(count, len(fired))}"


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
    yield f"{day.decision.policy} on {day.date}, status {day.decision.status}"
    yield from explanation(day.decision)


def report(days: Sequence[Day], policy: flyball.Policy) -> Iterator[str]:
    packs = ", ".join(part["pack"] for part in days[0].decision.packs.values())
    yield f"{len(days):,} days from {days[0].date} to {days[-1].date}, by {policy} of {packs}"
    yield ""
    yield from summary(days)
    yield ""
    yield "How often each rule fired, in days"
    yield from firings(policy, [day.fired for day in days])
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
    policy = flyball.load("orchestrator", params_file=PARAMETERS)
    with watched(decided(history, policy), len(history)) as days:
        lines = report(list(days), policy)
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
