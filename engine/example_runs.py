"""Runs the examples of a pack on both back ends: what did not come out as expected, and what no example covers.

The invariants of the pack are checked beside them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from . import ir
from .backends import reference
from .decision import Decision
from .diagnostics import Diagnostic, has_errors
from .document import Document, plain
from .examples import Example
from .intents import listed_type
from .invariants import SNAPSHOTS, Checks, Inspector, check_invariants
from .outcome import Outcome
from .parameters import Layer, effective
from .policy import Policy
from .snapshot import export
from .source import Span
from .tables import check_tables
from .times import parse_time
from .types import Enum, Field, List, Record, Time, Type, Vector, is_numeric

DEFAULT_NOW = "2000-01-01T00:00:00Z"
BACK_ENDS = "back ends"
_LISTS = ("reasons", "absent_reasons", "fired", "warnings")


@dataclass(frozen=True, slots=True)
class Mismatch:
    """One expectation that was not met.

    `what` is an output, `status`, one of the lists of ids, or `back ends`; for a list, `expected` holds only the ids
    that are missing (or there, and should not be) and `got` all that there are.
    """

    what: str
    expected: object
    got: object
    span: Span | None = field(default=None, compare=False)


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
        *_between_back_ends(policy, decision, reference.decide(pack, parameters, snapshot)),
        *(each for key, node in example.expect.entries for each in _mismatch(pack, decision, key.text, node)),
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


# The two back ends


def _between_back_ends(policy: Policy, decision: Decision, outcome: Outcome) -> Iterator[Mismatch]:
    """Where the generated back end differs from the reference, which is taken as what is expected."""
    values = policy.safe if outcome.faults else outcome.outputs
    outputs = {name: export(values[name], output.type) for name, output in policy.pack.outputs.items()}
    pairs: list[tuple[object, object]] = [
        *(({name: wanted}, {name: decision.outputs[name]}) for name, wanted in outputs.items()),
        ([str(each) for each in (*outcome.faults, *outcome.warnings)], [str(each) for each in decision.diagnostics]),
    ]
    if not outcome.faults and not decision.faults:
        pairs += [
            (outcome.firings, decision.outcome.firings),
            (outcome.intents, decision.outcome.intents),
            (sorted(outcome.closed.items()), sorted(decision.outcome.closed.items())),
        ]
    yield from (Mismatch(BACK_ENDS, wanted, got) for wanted, got in pairs if repr(wanted) != repr(got))


# Expectations


def _mismatch(pack: ir.Pack, decision: Decision, what: str, node: Document) -> Iterator[Mismatch]:
    wanted = plain(node)
    if what in _LISTS:
        yield from _ids(decision, what, wanted if isinstance(wanted, list) else [], node.span)
    elif what == "status":
        if decision.status != wanted:
            yield Mismatch(what, wanted, decision.status, node.span)
    elif what == "intents":
        got = [{"id": each.id, "exposure": each.exposure, **each.emit} for each in decision.intents]
        if not _are_intents(pack, wanted, got):
            yield Mismatch(what, wanted, got, node.span)
    elif not _equal(wanted, decision.outputs[what], pack.outputs[what].type):
        yield Mismatch(what, wanted, decision.outputs[what], node.span)


def _are_intents(pack: ir.Pack, wanted: Any, got: list[dict[str, Any]]) -> bool:
    """Whether the intents are as many as expected, in that order, and have the fields that are named."""
    if pack.emits is None or len(wanted) != len(got):
        return bool(wanted == got)
    item = listed_type(pack.intents, pack.emits.record).item.type
    fields = {field.name: field for field in item.fields} if isinstance(item, Record) else {}
    return all(
        _equal(value, intent.get(fields[name].source), fields[name].type)
        for expected, intent in zip(wanted, got, strict=True)
        for name, value in expected.items()
    )


def _ids(decision: Decision, what: str, wanted: Sequence[object], span: Span) -> Iterator[Mismatch]:
    there = dict.fromkeys(_ids_there(decision, what))
    wrong = [each for each in wanted if (each in there) == (what == "absent_reasons")]
    if wrong:
        yield Mismatch(what, wrong, list(there), span)


def _ids_there(decision: Decision, what: str) -> Iterator[str]:
    match what:
        case "fired":
            yield from decision.fired
        case "warnings":
            yield from (each.code for each in decision.diagnostics if each.severity == "warning")
        case _:
            yield from (reason.rule for reason in decision.reasons)


def _equal(wanted: Any, got: Any, kind: Type) -> bool:
    """Whether a literal of an example is this output: numbers exactly, an absent value as null or left out."""
    if wanted is None or got is None:
        return wanted is got
    match kind:
        case Time():
            return parse_time(wanted) == parse_time(got)
        case List(item=item):
            same_length = isinstance(wanted, list) and isinstance(got, list) and len(wanted) == len(got)
            return same_length and all(_equal(a, b, item.type) for a, b in zip(wanted, got, strict=True))
        case Record(fields=fields):
            return _equal_fields(wanted, got, fields)
        case Vector(by=Enum(members=members), item=item):
            return _equal_fields(wanted, got, [Field(member, item.type) for member in members])
    return isinstance(wanted, bool) == isinstance(got, bool) and _comparable(kind, wanted) and bool(wanted == got)


def _comparable(kind: Type, wanted: object) -> bool:
    return not is_numeric(kind) or isinstance(wanted, int | float)


def _equal_fields(wanted: Any, got: Any, fields: Sequence[Field]) -> bool:
    names = {field.source for field in fields}
    if not isinstance(wanted, dict) or not isinstance(got, dict) or not wanted.keys() <= names:
        return False
    return all(_equal(wanted.get(field.source), got.get(field.source), field.type) for field in fields)


__all__ = [
    "BACK_ENDS", "DEFAULT_NOW", "SNAPSHOTS", "Mismatch", "Report", "Result", "Uncovered", "run_examples", "snapshot_of",
]  # fmt: skip
