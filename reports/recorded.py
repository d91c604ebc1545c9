"""Written decisions that are read again: made again from their record, compared, and told from what they say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from ..engine import ir
from ..engine.records import text_of
from ..engine.state_document import StateError
from .decision_model import DecisionRecord
from .explanation_views import Explanation, NoteView, OutputView, RuleView, StepView
from .text import plain_text

if TYPE_CHECKING:
    from ..engine.decision import Decision
    from ..engine.policy import Policy

_PARAMETERS = "its parameters are not those whose hash the decision names"
_MOST = 100
_MOST_DIFFERENCES = 10
_LONGEST = 120
_BESIDE = {"record", "line", "engine"}  # written beside a decision: nothing of what was decided
_PLACES = {"file", "related"}  # of diagnostics: where the pack lies on a machine


class NotADecisionError(Exception):
    """What keeps a text from being read as a written decision, in one line."""


def read_decision(data: bytes) -> dict[str, Any]:
    """The content of a written decision. Raises NotADecisionError."""
    try:
        content = DecisionRecord.model_validate_json(data).model_dump()
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        problem = f"{place}: {first['msg']}" if place else str(first["msg"])
        advice = "; of a stream's file give one line" if "trailing characters" in problem else ""
        raise NotADecisionError(f"{problem[:_LONGEST]}{advice}") from None
    return {name: value for name, value in content.items() if value is not None or name not in ("record", "line")}


@dataclass(frozen=True, slots=True)
class Revisited:
    """A written decision that was looked at again. `decision` is there where it was made again and may be explained."""

    decision: Decision | None
    notes: tuple[NoteView, ...]


def revisit(written: Mapping[str, Any], policy: Policy) -> Revisited:
    """Make a decision again from its record, with a policy under the record's parameters."""
    trouble = list(_other(written, policy))
    if trouble:
        return Revisited(None, tuple(trouble))
    text = text_of(written["record"])
    if text is None:
        return Revisited(None, (NoteView("warning", "The snapshot was not text and could not be recorded"),))
    try:
        decision = _again(policy, written, text)
    except StateError as error:
        said = "; ".join(finding.message for finding in error.findings)
        return Revisited(None, (_tampered(f"its state does not stand: {said}"),))
    again = decision.to_dict()
    if again["parameters_hash"] != written["parameters_hash"]:  # of those that are in force on its day
        return Revisited(None, (_tampered(_PARAMETERS),))
    if again["snapshot_hash"] != written["snapshot_hash"]:
        return Revisited(None, (_tampered("its snapshot is not the one whose hash the decision names"),))
    found = list(differences(written, again))
    if found:
        listed = "; ".join(found[:_MOST_DIFFERENCES])
        more = f"; and {len(found) - _MOST_DIFFERENCES} more" if len(found) > _MOST_DIFFERENCES else ""
        engines = (
            ""
            if written["engine"] == again["engine"]
            else f" (by engine {written['engine']}, this is {again['engine']})"
        )
        told = f"Made again{engines} it comes out otherwise, so it was changed or made by other code: {listed}{more}"
        return Revisited(decision, (NoteView("error", f"{told}. What follows is the decision made again."),))
    return Revisited(decision, (NoteView("ok", "Made again from its record, it comes out the same in every part."),))


def _other(written: Mapping[str, Any], policy: Policy) -> Iterator[NoteView]:
    """Why this policy under these parameters is not the one that decided."""
    hashes = {each["hash"] for each in written["packs"].values()}
    here = {policy.hash} | {part.hash for part in policy.pack.parts if part.name}
    if str(policy) != written["policy"]:
        yield NoteView("error", f"It was made by {written['policy']}, and this is {policy}; it was not made again.")
    elif not hashes <= here:
        other = next(iter(sorted(hashes - here)))
        yield NoteView(
            "error",
            f"The {policy} found here ({policy.hash}) is not the one that decided ({other}); it was not made again.",
        )
    elif _shown(policy) != written["record"]["parameters"]:
        yield _tampered(_PARAMETERS)


def _shown(policy: Policy) -> dict[str, object]:
    return {ir.shown(name): value for name, value in policy.parameters.items()}


def _tampered(problem: str) -> NoteView:
    return NoteView("error", f"The record was changed: {problem}; it was not made again.")


def _again(policy: Policy, written: Mapping[str, Any], text: str) -> Decision:
    kept = written["record"]
    if written["key"] is None and kept["state"] is None and written["state_hash"] == [None, None]:
        return policy.decide_json(text, now=kept["now"])
    session = policy.restore(kept["state"]) if kept["state"] else policy.session(written["key"])
    return session.step_json(text, now=kept["now"])


def differences(written: Any, again: Any, path: str = "") -> Iterator[str]:
    """Where two documents differ, as `path says a, and is b`."""
    match written, again:
        case dict(), dict():
            for name in sorted({*written, *again} - _apart(path)):
                yield from differences(written.get(name), again.get(name), f"{path}.{name}" if path else name)
        case list(), list() if len(written) == len(again):
            for i, (one, other) in enumerate(zip(written, again, strict=True)):
                yield from differences(one, other, f"{path}[{i}]")
        case _ if written != again or isinstance(written, bool) != isinstance(again, bool):
            yield f"{path} says {_short(written)}, and is {_short(again)}"


def _apart(path: str) -> set[str]:
    return _PLACES if path.startswith("diagnostics[") else set() if path else _BESIDE


def _short(value: Any) -> str:
    text = plain_text(value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


# What a decision says itself


def told(written: Mapping[str, Any], notes: tuple[NoteView, ...]) -> Explanation:
    """An explanation from a written decision alone: no conditions, margins and alternatives, which it does not hold."""
    reasons = written["reasons"]
    return Explanation(
        policy=written["policy"],
        status=written["status"],
        key=written["key"],
        now=written["now"],
        headline=_headline(written),
        notes=notes,
        faults=tuple(_fault(each) for each in written["diagnostics"][:_MOST]),
        outputs=tuple(_output(name, value, reasons) for name, value in sorted(written["outputs"].items())),
        intents=tuple(
            f"{each['id']} ({each['exposure']}): {plain_text(each['emit'])}. {each['text']}"
            for each in written["intents"][:_MOST]
        ),
        dropped=tuple(_dropped(each) for each in written["dropped_intents"][:_MOST]),
        fired=tuple(_rule(each) for each in reasons[:_MOST]),
        more_fired=max(len(reasons) - _MOST, 0) + written["more_reasons"],
        provenance=tuple(_provenance(written)),
    )


def _headline(written: Mapping[str, Any]) -> str:
    deciding = next((each for each in written["reasons"] if each["decisive"] and each["text"]), None)
    if deciding:
        return f"{deciding['text'].rstrip('.')} ({deciding['rule']})."
    fault = next((each for each in written["diagnostics"] if each["severity"] == "error"), None)
    return _fault(fault) if fault else "It names no rule that changed an output."


def _fault(diagnostic: Mapping[str, Any]) -> str:
    path, message, advice = (diagnostic[name] for name in ("path", "message", "help"))
    at = f"{path}: " if path and path not in message else ""
    return f"{at}{message}" + (f" ({advice})" if advice else "")


def _dropped(intent: Mapping[str, Any]) -> str:
    return f"{intent.get('id')}: {intent.get('reason') or 'dropped'} ({intent.get('rule') or 'no rule is named'})"


def _output(name: str, value: Any, reasons: list[dict[str, Any]]) -> OutputView:
    """The changes of an output as the reasons tell them, each behind the one whose value it found."""
    changes = _chained([(each, change) for each in reasons for change in each["effects"] if change["output"] == name])
    steps = tuple(
        StepView(
            by=_by(each),
            effect="",
            before=plain_text(change["before"]),
            after=plain_text(change["after"]),
            reason=each["text"],
            decisive=each["decisive"],
            where="",
            amount=_amount(change["after"]),
        )
        for each, change in changes
    )
    start = changes[0][1]["before"] if changes else value
    return OutputView(name, plain_text(start), plain_text(value), bool(changes), steps, _amount(start))


def _chained(changes: list[tuple[dict[str, Any], dict[str, Any]]]) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """The first is one whose value no other left behind."""
    rest = changes[:_MOST]
    left_behind = [change["after"] for _, change in rest if change["before"] != change["after"]]
    order: list[tuple[dict[str, Any], dict[str, Any]]] = []
    while rest:
        wanted = order[-1][1]["after"] if order else None
        fits = (
            i
            for i, (_, each) in enumerate(rest)
            if (each["before"] == wanted if order else each["before"] not in left_behind)
        )
        order.append(rest.pop(next(fits, 0)))
    return order


def _amount(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _by(reason: Mapping[str, Any]) -> str:
    return str(reason["rule"]) if reason["item"] is None else f"{reason['rule']}[{reason['item']}]"


def _rule(reason: Mapping[str, Any]) -> RuleView:
    return RuleView(
        id=reason["rule"],
        pack=reason["pack"],
        severity=reason["severity"],
        text=reason["text"],
        condition="",
        where="",
        decisive=reason["decisive"],
        how="all",
        thresholds=(),
    )


def _provenance(written: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    packs = ", ".join(f"{name} {each['hash']}" for name, each in written["packs"].items())
    yield "policy", packs
    yield "parameters", written["parameters_hash"]
    yield "snapshot", written["snapshot_hash"] or "could not be read"
    yield "decision", written["id"]
    yield "engine", written["engine"]


__all__ = ["NotADecisionError", "Revisited", "differences", "read_decision", "revisit", "told"]
