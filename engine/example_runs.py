"""Runs the examples of a pack on both back ends: what did not come out as expected, and what no example covers.

The invariants of the pack are checked beside them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from . import ir
from .backends import reference
from .diagnostics import Diagnostic, has_errors
from .document import plain
from .examples import Example
from .expectations import BACK_ENDS, Mismatch, between_back_ends, unmet
from .invariants import SNAPSHOTS, Checks, Inspector, check_invariants
from .parameters import Layer, effective
from .policy import Policy
from .source import Span
from .tables import check_tables

DEFAULT_NOW = "2000-01-01T00:00:00Z"


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What became of an example. `findings` are the faults of its decision, or what is wrong with its parameters."""

    example: Example
    mismatches: tuple[Mismatch, ...] = ()
    findings: tuple[Diagnostic, ...] = ()
    decided: bool = True
    fired: frozenset[str] = frozenset()
    closed: frozenset[str] = frozenset()

    @property
    def passed(self) -> bool:
        return self.decided and not self.mismatches


@dataclass(frozen=True, slots=True)
class Uncovered:
    """A rule, row or intent that fires in no example, or a group with a `when` that is closed in none."""

    kind: str
    id: str
    span: Span | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Report:
    """The examples of one pack, and what they leave out of `coverable` things."""

    pack: ir.Pack
    results: tuple[Result, ...]
    uncovered: tuple[Uncovered, ...]
    coverable: int
    invariants: Checks

    @property
    def passed(self) -> bool:
        return not self.uncovered and self.invariants.passed and all(result.passed for result in self.results)


def run_examples(pack: ir.Pack, examples: Sequence[Example], snapshots: int = SNAPSHOTS) -> Report:
    """Every example, on the pack's own parameters under those that the example sets.

    Invariants are checked on `snapshots` more, which are made up.
    """
    policies = _Policies(pack, {})
    results = tuple(_run(policies, example) for example in examples)
    coverable = list(_coverable(pack))
    fired = frozenset().union(*(result.fired for result in results))
    closed = frozenset().union(*(result.closed for result in results))
    uncovered = tuple(each for each in coverable if each.id not in (closed if each.kind == "group" else fired))
    return Report(pack, results, uncovered, len(coverable), _invariants(policies, examples, snapshots))


def _invariants(policies: _Policies, examples: Sequence[Example], snapshots: int) -> Checks:
    own = policies.inspector(None) if policies.pack.invariants else None
    if own is None:
        return Checks()
    inspectors = ((example, policies.inspector(example)) for example in examples)
    given = ((each.name, found, snapshot_of(policies.pack, each)) for each, found in inspectors if found)
    return check_invariants(own, given, snapshots)


def _coverable(pack: ir.Pack) -> Iterator[Uncovered]:
    for rule in pack.rules.values():
        kind = "row" if rule.table else "intent" if rule.id in pack.intents else "rule"
        yield Uncovered(kind, rule.id, rule.span)
    yield from (Uncovered("group", group.id, group.span) for group in pack.groups.values() if group.when is not None)


@dataclass(frozen=True, slots=True)
class _Policies:
    """The pack compiled for each set of parameters that an example asks for."""

    pack: ir.Pack
    compiled: dict[tuple[ir.Value, ...], Policy]

    def of(self, example: Example | None) -> tuple[Policy | None, Mapping[str, ir.Value], list[Diagnostic]]:
        node = example.node.get("parameters") if example else None
        given = plain(node) if node is not None else None
        layers = [Layer("parameters:", given)] if isinstance(given, dict) else []
        in_force, findings = effective(self.pack, layers)
        if layers and not has_errors(findings):
            findings += check_tables(self.pack, in_force.values)
        if has_errors(findings):
            return None, in_force.values, findings
        key = tuple(in_force.values.values())
        if key not in self.compiled:
            self.compiled[key] = Policy(self.pack, in_force.values, in_force.layer_of)
        return self.compiled[key], in_force.values, []

    def inspector(self, example: Example | None) -> Inspector | None:
        policy, parameters, _ = self.of(example)
        return Inspector(policy, parameters) if policy else None


def _run(policies: _Policies, example: Example) -> Result:
    policy, parameters, findings = policies.of(example)
    if policy is None:
        return Result(example=example, findings=tuple(findings), decided=False)
    pack, snapshot = policies.pack, snapshot_of(policies.pack, example)
    decision = policy.decide(snapshot)
    mismatches = [
        *between_back_ends(policy, decision, reference.decide(pack, parameters, snapshot)),
        *(each for key, node in example.expect.entries for each in unmet(pack, decision, key.text, node)),
    ]
    if example.expect.get("status") is None and decision.status != "ok":
        mismatches.insert(0, Mismatch("status", "ok", decision.status, example.span))
    return Result(
        example=example,
        mismatches=tuple(mismatches),
        findings=tuple(decision.diagnostics),
        fired=frozenset(decision.fired),
        closed=frozenset(() if decision.faults else decision.outcome.closed),
    )


def snapshot_of(pack: ir.Pack, example: Example) -> dict[str, Any]:
    """The snapshot of an example: what is `given`, and `now` where the example or the pack asks for one."""
    node, now = example.node.get("given"), example.node.get("now")
    given: Any = plain(node) if node is not None else {}  # the schema wants a mapping
    if now is None and ("now" in given or not pack.needs_now):
        return dict(given)
    return {**given, "now": plain(now) if now is not None else DEFAULT_NOW}


__all__ = [
    "BACK_ENDS", "DEFAULT_NOW", "SNAPSHOTS", "Mismatch", "Report", "Result", "Uncovered", "run_examples", "snapshot_of",
]  # fmt: skip
