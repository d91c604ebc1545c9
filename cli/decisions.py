"""Decisions to be explained: made now on a snapshot, or written before and read again."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..engine.diagnostics import did_you_mean
from ..engine.ir import shown
from ..engine.times import parse_time
from .common import CannotStartError, Exit, fail

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ..engine.policy import Policy
    from ..reports.explanation_views import Explanation, NoteView


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--now", metavar="TIME", help="the snapshot's `now`, such as 2026-01-05T15:00:00Z")
    parser.add_argument(
        "--policy", metavar="POLICY", help="the policy of a written decision, where its name does not lead to it"
    )


def is_written(subject: str, snapshot: str | None) -> bool:
    """Whether a subject is a written decision, and not a policy or a code."""
    return snapshot is None and (
        subject == "-" or (Path(subject).is_file() and not subject.endswith((".yaml", ".yml")))
    )


def explained(options: argparse.Namespace, subject: str, snapshot: str | None) -> tuple[Explanation, int]:
    """The explanation, and the exit code that goes with it."""
    if is_written(subject, snapshot):
        return _of_written(options, subject)
    if options.policy is not None:
        fail("--policy names the policy of a written decision; here it is the first argument")
    return _of_snapshot(options, subject, snapshot or "-")


def _of_snapshot(options: argparse.Namespace, reference: str, snapshot: str) -> tuple[Explanation, int]:
    from ..reports.explanation import explain
    from .opening import open_policy

    if options.now is not None and parse_time(options.now) is None:
        fail(f"--now takes a time such as 2026-01-05T15:00:00Z, not `{options.now}`")
    options.policy = reference
    policy = open_policy(options)
    _check_target(options.changed, policy)
    decision = policy.decide_json(_read(snapshot), now=options.now)
    return explain(policy, decision, options.changed), Exit.OK if decision.status == "ok" else Exit.FINDINGS


def _check_target(name: str | None, policy: Policy) -> None:
    from ..engine.targets import named

    known = named(policy.pack)
    if name is not None and name not in known:
        near = did_you_mean(name, known)
        what = "output or intent" if policy.pack.intents else "output"
        fail(f"{policy} has no {what} `{name}`" + (f"; {near}" if near else ""))


def _read(path: str) -> bytes:
    from ..loaders.snapshots import SnapshotError, read_snapshot

    try:
        return read_snapshot(path)
    except SnapshotError as error:
        fail(str(error))


def _of_written(options: argparse.Namespace, path: str) -> tuple[Explanation, int]:
    from ..reports.recorded import NotADecisionError, read_decision

    given = next((name for name in ("now", "params", "settings") if getattr(options, name)), None)
    if given is not None:
        fail(f"--{'set' if given == 'settings' else given} is of a decision made now; a written one has its own")
    try:
        written = read_decision(_read(path))
    except NotADecisionError as error:
        fail(f"{'standard input' if path == '-' else path} holds no written decision: {error}")
    explanation = _explanation(options, written)
    sound = written["status"] == "ok" and all(note.level != "error" for note in explanation.notes)
    return explanation, Exit.OK if sound else Exit.FINDINGS


def _explanation(options: argparse.Namespace, written: dict[str, Any]) -> Explanation:
    from dataclasses import replace

    from ..reports.explanation import explain
    from ..reports.explanation_views import NoteView
    from ..reports.recorded import revisit, told

    if "record" not in written:
        missing = (
            "It was written without its record (`decide --record`) and cannot be made again: "
            "this is what it says itself, without conditions, margins and what would have changed it."
        )
        return told(written, (NoteView("warning", missing),))
    found = _policy(options, written)
    if isinstance(found, NoteView):
        return told(written, (found,))
    again = revisit(written, found)
    if again.decision is None:
        return told(written, again.notes)
    _check_target(options.changed, found)
    return replace(explain(found, again.decision, options.changed), notes=again.notes)


def finder(options: argparse.Namespace) -> Callable[[dict[str, Any]], Policy | None]:
    """Finds the policies that decided, each loaded once for the parameters of its record."""
    found: dict[str, Policy | None] = {}

    def find(written: dict[str, Any]) -> Policy | None:
        kept = written["record"]
        key = repr((written["policy"], written["packs"], kept["parameters"], kept["layers"]))
        if key not in found:
            policy = _policy(options, written)
            found[key] = None if isinstance(policy, NoteView) else policy
        return found[key]

    from ..reports.explanation_views import NoteView

    return find


def _policy(options: argparse.Namespace, written: dict[str, Any]) -> Policy | NoteView:
    """The policy that decided, under the parameters of the record; or why there is none."""
    from ..loaders.policies import LoadError, load_policy
    from ..reports.explanation_views import NoteView
    from .opening import find_file

    try:
        path = find_file(options.policy or _decider(written), options.rules)
        policy = load_policy(
            path,
            parameters=_given(written["record"]),
            rules=options.rules,
            environment=False,
            cache=options.cache,
        )
        policy.layers.update(_layers(policy, written["record"]["layers"]))
        return policy
    except CannotStartError as error:
        if options.policy is not None:
            raise
        return NoteView("error", f"It was not made again: {error}; --policy or --rules says where it is")
    except LoadError as error:
        first = next(finding for finding in error.findings if finding.severity == "error")
        unfit = f"{error.path} does not load with the parameters of its record: {first.path}: {first.message}"
        return NoteView("error", f"It was not made again: {unfit}")


def _decider(written: dict[str, Any]) -> str:
    """The policy by its bare name; or the pack alone, since only then the packs of a decision stand with versions."""
    name: str = written["policy"]
    return name if any("@" in each for each in written["packs"]) else name.partition("@")[0]


def _given(kept: Mapping[str, Any]) -> dict[str, Any]:
    """The recorded values that are not the pack's own, which it has itself, with their dates."""
    return {name: value for name, value in kept["parameters"].items() if kept["layers"].get(name) != "pack"}


def _layers(policy: Policy, kept: Mapping[str, str]) -> dict[str, str]:
    """Where the values came from then; now all of them come from the record."""
    return {name: kept[shown(name)] for name in policy.layers if shown(name) in kept}
