"""Decide on a snapshot.

Exit code 0 where the decision's status is ok (a block is a decision), 1 where it is not, 2 where it cannot start.
"""

from __future__ import annotations

import argparse
import sys

from ..engine.policy import Policy
from ..loaders.packs import NotFoundError
from ..loaders.policies import LoadError, load_policy
from ..loaders.snapshots import SnapshotError, read_snapshot
from ..reports.text import render_decision, render_findings
from .common import CannotStartError, Exit, add_format, add_parameters, add_rules, fail, paint, say

EXAMPLE = """example:
  flyball decide orchestrator snapshot.json
  flyball decide orchestrator - --set orchestrator.daily_drawdown_limit=2.5 --format json < snapshot.json"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("policy", metavar="POLICY", help="a pack's name, name@version or file")
    parser.add_argument("snapshot", metavar="SNAPSHOT", nargs="?", default="-", help="a JSON file, or - for standard input (default)")
    parser.add_argument("--now", metavar="TIME", help="the snapshot's `now`, as RFC 3339")
    add_parameters(parser)
    add_rules(parser)
    add_format(parser)


def run(options: argparse.Namespace) -> int:
    policy = open_policy(options)
    if options.snapshot == "-" and sys.stdin.isatty():
        fail("no snapshot: name a JSON file, or give one on standard input")
    try:
        snapshot = read_snapshot(options.snapshot)
    except SnapshotError as error:
        fail(str(error))
    if options.now is not None and isinstance(snapshot, dict):
        snapshot = {**snapshot, "now": options.now}
    decision = policy.decide(snapshot)
    if options.format == "json":
        say(decision.to_json())
    else:
        for line in render_decision(decision, paint()):
            say(line)
    return Exit.OK if decision.status == "ok" else Exit.FINDINGS


def open_policy(options: argparse.Namespace) -> Policy:
    """The policy that the arguments name; raises CannotStartError with everything that is wrong with it."""
    try:
        return load_policy(
            options.policy,
            settings=dict(_setting(each) for each in options.settings),
            params_file=options.params,
            rules=options.rules,
        )
    except NotFoundError as error:
        fail(str(error))
    except OSError as error:
        fail(f"cannot read {error.filename}: {error.strerror or error}")
    except LoadError as error:
        blocks = "\n\n".join(render_findings(error.findings, paint()))
        raise CannotStartError(f"{error.path} cannot be loaded\n{blocks}") from error


def _setting(text: str) -> tuple[str, str]:
    name, found, value = text.partition("=")
    if not found or not name.strip():
        fail(f"--set takes PACK.NAME=VALUE, not `{text}`")
    return name.strip(), value.strip()
