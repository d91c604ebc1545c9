"""Decide on a snapshot, or with --stream on one snapshot a line.

Exit code 0 where the decision's status is ok (a block is a decision), 1 where it is not, 2 where it cannot start.
A stream ends with 1 where the status of any line is not ok, and with 130 or 143 where SIGINT or SIGTERM stopped it,
after the line that it was about and, with --state, with all of it saved.
"""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from ..engine.canonical import canonical_json
from ..engine.times import parse_time
from ..loaders.snapshots import SnapshotError, read_snapshot
from ..reports.text import render_decision
from . import streaming
from .common import Exit, add_cache, add_format, add_parameters, add_policy, add_rules, fail, paint, say, say_json
from .opening import open_policy

if TYPE_CHECKING:
    from ..engine.decision import Decision
    from ..engine.policy import Policy

EXAMPLE = """example:
  flyball decide orchestrator snapshot.json
  flyball decide orchestrator - --set orchestrator.daily_drawdown_limit=2.5 --format json < snapshot.json
  flyball decide orchestrator snapshot.json --record --format json > decision.json
  flyball decide band_drift --stream --changes < snapshots.jsonl
  flyball decide guard.yaml --stream snapshots.jsonl --key symbol --output decisions.jsonl --state guard.state"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_policy(parser)
    parser.add_argument(
        "snapshot",
        metavar="SNAPSHOT",
        nargs="?",
        default="-",
        help="a JSON file (JSONL with --stream), or - (default) for standard input",
    )
    parser.add_argument("--now", metavar="TIME", help="the snapshot's `now`, such as 2026-01-05T15:00:00Z")
    parser.add_argument(
        "--record",
        action="store_true",
        help="write what it was made on (snapshot, parameters, state) as well, so that `explain` can make it again",
    )
    add_parameters(parser)
    add_rules(parser)
    add_cache(parser)
    add_format(parser)
    streaming.add_arguments(parser)


def run(options: argparse.Namespace) -> int:
    if options.now is not None and parse_time(options.now) is None:
        fail(f"--now takes a time such as 2026-01-05T15:00:00Z, not `{options.now}`")
    if options.record and not options.stream and options.format != "json":
        fail("--record belongs to --format json, or to --stream")
    streaming.check(options)
    policy = open_policy(options)
    if options.stream:
        _refuse_terminal(options)
        return streaming.run(options, policy)
    data = _snapshot(options)
    decision = policy.decide_json(data, now=options.now)
    if options.format == "json":
        say_json(_recorded(policy, decision, data, options.now) if options.record else decision.to_json())
    else:
        for line in render_decision(decision, paint()):
            say(line)
    return Exit.OK if decision.status == "ok" else Exit.FINDINGS


def _recorded(policy: Policy, decision: Decision, data: bytes, now: str | None) -> str:
    from ..engine.records import record

    return canonical_json({**decision.to_dict(), "record": record(policy, decision, data, now)})


def _refuse_terminal(options: argparse.Namespace) -> None:
    if options.snapshot == "-" and stdin_is_a_terminal():
        fail("no snapshot: name a file, or give one on standard input")


def _snapshot(options: argparse.Namespace) -> bytes:
    _refuse_terminal(options)
    try:
        return read_snapshot(options.snapshot)
    except SnapshotError as error:
        fail(str(error))


def stdin_is_a_terminal() -> bool:
    return sys.stdin is not None and sys.stdin.isatty()
