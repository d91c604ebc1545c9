"""What an example expects of a decision, held against what came out; and one back end held against the other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from . import ir
from .decision import Decision
from .document import Document, plain
from .intents import Intent, listed_type
from .outcome import Outcome
from .policy import Policy
from .snapshot import export
from .source import Span
from .times import parse_time
from .types import Enum, Field, List, Map, Record, Text, Time, Type, Vector, is_numeric

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


# The two back ends


def between_back_ends(policy: Policy, decision: Decision, outcome: Outcome) -> Iterator[Mismatch]:
    """Where the generated back end differs from the reference, which is taken as what is expected."""
    published = policy.pack.published
    outputs = {
        name: export(outcome.outputs[published.get(name, name)], output.type)
        for name, output in policy.pack.publication.items()
    }
    pairs: list[tuple[object, object]] = [
        (outcome.status, decision.status),
        *(({name: wanted}, {name: decision.outputs[name]}) for name, wanted in outputs.items()),
        ([str(each) for each in (*outcome.faults, *outcome.warnings)], [str(each) for each in decision.diagnostics]),
    ]
    if outcome.status != "failsafe" and decision.status != "failsafe":
        pairs += [
            (outcome.firings, decision.outcome.firings),
            (outcome.intents, decision.outcome.intents),
            (outcome.dropped, decision.outcome.dropped),
            (sorted(outcome.closed.items()), sorted(decision.outcome.closed.items())),
            (outcome.slots, decision.outcome.slots),
        ]
    yield from differing(pairs)


def differing(pairs: Iterable[tuple[object, object]]) -> Iterator[Mismatch]:
    yield from (Mismatch(BACK_ENDS, wanted, got) for wanted, got in pairs if repr(wanted) != repr(got))


# Expectations


def unmet(pack: ir.Pack, decision: Decision, what: str, node: Document) -> Iterator[Mismatch]:
    wanted = plain(node)
    if what in _LISTS:
        yield from _ids(decision, what, wanted if isinstance(wanted, list) else [], node.span)
    elif what == "status":
        if decision.status != wanted:
            yield Mismatch(what, wanted, decision.status, node.span)
    elif what == "intents":
        got = [_written(each) for each in decision.intents]
        if not _are_intents(pack, wanted, got):
            yield Mismatch(what, wanted, got, node.span)
    elif what == "dropped_intents":
        got = [{**_written(each.intent), "rule": each.rule} for each in decision.dropped_intents]
        if not _are_intents(pack, wanted, got, Field("rule", Text())):
            yield Mismatch(what, wanted, got, node.span)
    elif not _equal(wanted, decision.outputs[what], pack.publication[what].type):
        yield Mismatch(what, wanted, decision.outputs[what], node.span)


def _written(intent: Intent) -> dict[str, Any]:
    return {"id": intent.id, "exposure": intent.exposure, **intent.emit}


def _are_intents(pack: ir.Pack, wanted: Any, got: list[dict[str, Any]], *more: Field) -> bool:
    """Whether the intents are as many as expected, in that order, and have the fields that are named."""
    if pack.emits is None or len(wanted) != len(got):
        return bool(wanted == got)
    item = listed_type(pack.intents, pack.emits.record).item.type
    fields = {field.name: field for field in (*(item.fields if isinstance(item, Record) else ()), *more)}
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
        case Map(item=item):
            alike = isinstance(wanted, dict) and isinstance(got, dict) and wanted.keys() == got.keys()
            return alike and all(_equal(each, got[key], item.type) for key, each in wanted.items())
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
