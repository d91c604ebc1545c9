"""The part of `decide` that is about streams: its arguments, its progress and its summary."""

from __future__ import annotations

import argparse
import math
import sys
from typing import TYPE_CHECKING

from .common import Exit, fail

if TYPE_CHECKING:
    from ..engine.policy import Policy
    from ..loaders.streams import Progress, Summary

_OWN = ("output", "state", "key", "changes", "interval")
_SIGNALLED = 128


def add_arguments(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group(
        "streams", "JSONL in, JSONL out: a decision a line, each from the state behind the last one of its key."
    )
    group.add_argument("--stream", action="store_true", help="decide on every line of SNAPSHOT")
    group.add_argument(
        "--key",
        metavar="INPUT",
        help="keep a state for each value of this input, a text or an enum (default: the policy's `key`)",
    )
    group.add_argument(
        "--changes",
        action="store_true",
        help="write only what differs from the last of its key in status, outputs, intents, fired rules or faults",
    )
    group.add_argument("--output", metavar="FILE", help="write the decisions here, and not to standard output")
    group.add_argument(
        "--state",
        metavar="FILE",
        help="save here, at intervals and at the end, how far input and --output go and every state; "
        "where it is there, go on from it: cut the output back to it, pass over the input before it",
    )
    group.add_argument(
        "--interval",
        metavar="SECONDS",
        type=_seconds,
        help="save at most this often (default: 1; 0: after every line)",
    )


def _seconds(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 <= value < math.inf:
        raise argparse.ArgumentTypeError(f"a number of seconds is wanted, not `{text}`")
    return value


def check(options: argparse.Namespace) -> None:
    """What does not go together."""
    if not options.stream:
        given = next((name for name in _OWN if getattr(options, name) not in (None, False)), None)
        if given:
            fail(f"--{given} belongs to --stream")
        return
    if options.now is not None:
        fail("--now is the time of one snapshot; in a stream each has its own")
    if options.state and not options.output:
        fail("--state needs --output FILE: standard output cannot be cut back to what the state covers")
    if options.interval is not None and not options.state:
        fail("--interval belongs to --state")


def run(options: argparse.Namespace, policy: Policy) -> int:
    from ..engine.state_document import StateError
    from ..loaders import streams

    plan = streams.Plan(
        policy=policy,
        source=options.snapshot,
        output=options.output or "-",
        state=options.state,
        key=options.key or policy.pack.key or None,
        changes=options.changes,
        record=options.record,
        interval=1.0 if options.interval is None else options.interval,
        tell=_tell if sys.stderr.isatty() else None,
    )
    try:
        summary = streams.run(plan)
    except (streams.StreamError, StateError) as error:
        fail(str(error))
    except BrokenPipeError:
        raise
    except OSError as error:
        fail(f"{error.filename or plan.output}: {error.strerror or error}")
    sys.stderr.write(f"{_erased()}{_sum(summary)}\n")
    if summary.signal is not None:
        return _SIGNALLED + summary.signal
    return Exit.OK if summary.counts.get("ok", 0) == sum(summary.counts.values()) else Exit.FINDINGS


def _tell(progress: Progress) -> None:
    share = f", {progress.offset / progress.size:.0%}" if progress.size else ""
    sys.stderr.write(f"{_erased()}{progress.lines:,} lines{share}")
    sys.stderr.flush()


def _erased() -> str:
    return "\r\x1b[K" if sys.stderr.isatty() else ""


def _sum(summary: Summary) -> str:
    total = sum(summary.counts.values())
    kinds = ", ".join(f"{count:,} {status}" for status, count in sorted(summary.counts.items()))
    decided = f"{total:,} {'snapshot' if total == 1 else 'snapshots'}" + (f": {kinds}" if kinds else "")
    stopped = "" if summary.signal is None else "stopped after "
    return f"{stopped}{decided}; {summary.written:,} written"
