"""A decision: light when made, everything else worked out when it is read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Literal, Protocol

from .canonical import canonical_json, digest
from .naming import OF, shown
from .times import format_time

if TYPE_CHECKING:
    from . import ir
    from .diagnostics import Diagnostic
    from .intents import Dropped, DroppedIntent, Emitted, Intent
    from .outcome import Outcome
    from .reasons import Reason
    from .state import Standing, State
    from .types import Field

Status = Literal["ok", "degraded", "failsafe", "refused", "repeated"]
MAX_REASONS = 100
_UNSET: Mapping[str, Any] = {"key": None, "_before": None, "_after": None, "_sent": None, "_standing": "next"}


class Decider(Protocol):
    """What a decision knows of the policy that made it."""

    @property
    def pack(self) -> ir.Pack: ...
    @property
    def fields(self) -> tuple[Field, ...]: ...
    @property
    def parameters(self) -> Mapping[str, object]: ...
    @property
    def hash(self) -> str: ...
    @property
    def parameters_hash(self) -> str: ...
    @property
    def engine(self) -> str: ...
    def examine(self, captured: Any, state: State | None) -> Outcome: ...
    def state_hash(self, state: State | None, key: str | None) -> str | None: ...
    def reasons(self, outcome: Outcome) -> list[Reason]: ...
    def intents(self, outcome: Outcome) -> list[Intent]: ...
    def dropped(self, outcome: Outcome) -> list[DroppedIntent]: ...
    def sent(self, asked: Sequence[Emitted], tell: Callable[[], Sequence[Intent]], kept: bool) -> list[Intent]: ...
    def unsent(self, dropped: Sequence[Dropped], tell: Callable[[], Sequence[Intent]]) -> list[DroppedIntent]: ...


class Decision:
    """What a policy decided on a snapshot. Reading it does not change it.

    `outputs` maps names to plain values: numbers, booleans, texts, member names, RFC 3339 times, lists and dicts. Other
    decisions may share them, so they are read-only; `copy()` of a list or dict can be changed.
    """

    __slots__ = (
        "_after", "_before", "_captured", "_intents", "_outcome", "_reasons", "_sent", "_standing", "key", "outputs",
        "policy",
    )  # fmt: skip

    policy: Decider
    outputs: Mapping[str, Any]
    key: str | None
    _captured: Any
    _intents: list[Intent]
    _before: State | None
    _after: State | None
    _sent: tuple[Sequence[Emitted], Sequence[Dropped] | None] | None  # what is asked for, where nothing is dropped
    _standing: Standing
    _outcome: Outcome
    _reasons: list[Reason]

    # Without __init__, since a decision is made without arguments and filled where it is made: nothing is faster.

    @classmethod
    def examined(
        cls,
        policy: Decider,
        outputs: Mapping[str, Any],
        outcome: Outcome,
        standing: Standing = "next",
        states: tuple[State | None, State | None] = (None, None),
    ) -> Decision:
        """One that was not made by generated code."""
        decision = cls()
        decision.policy = policy
        decision.outputs = outputs
        decision._captured = None
        decision._outcome = outcome
        decision._standing = standing
        decision._before, decision._after = states
        return decision

    def __getattr__(self, name: str) -> Any:
        """What is worked out when first read; until then its slot is empty."""
        if name == "_intents":
            self._intents = self._asked()
            return self._intents
        if name == "_outcome":
            self._outcome = self.policy.examine(self._captured, self._before)
            return self._outcome
        if name == "_reasons":
            blind = self._standing != "next" or self.status == "failsafe"
            self._reasons = [] if blind else self.policy.reasons(self.outcome)
            return self._reasons
        if name in _UNSET:  # a decision of no session
            return _UNSET[name]
        raise AttributeError(name)

    def _asked(self) -> list[Intent]:
        if self._sent is not None:
            asked, dropped = self._sent
            return self.policy.sent(asked, lambda: self.policy.intents(self.outcome), dropped is not None)
        decided = self._standing == "next" and self.policy.pack.intents
        return self.policy.intents(self.outcome) if decided else []

    def __repr__(self) -> str:
        return f"<Decision {self.policy} {self.status} {dict(self.outputs)}>"

    def __getitem__(self, output: str) -> Any:
        """The value of an output."""
        return self.outputs[output]

    @property
    def outcome(self) -> Outcome:
        """The run-time values behind the decision."""
        return self._outcome

    @property
    def status(self) -> Status:
        if self._standing != "next":
            return self._standing
        return "ok" if self._captured is not None else self._outcome.status

    @property
    def faults(self) -> tuple[Diagnostic, ...]:
        """Every fault of the snapshot or of the evaluation; without one the status is ok, repeated or refused."""
        return self._outcome.faults if self._captured is None else ()

    @property
    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """The faults, and behind them the warnings: what of the snapshot counts as absent."""
        return (*self._outcome.faults, *self._outcome.warnings) if self._captured is None else ()

    @property
    def reasons(self) -> list[Reason]:
        """Why, the deciding reasons first; none where nothing was decided, which the diagnostics explain."""
        return self._reasons

    @property
    def intents(self) -> list[Intent]:
        """Cancels, then what reduces, then the rest; in failsafe, the safe ones alone."""
        sent = self._sent
        return [] if sent is not None and not sent[0] else self._intents

    @property
    def dropped_intents(self) -> list[DroppedIntent]:
        """What arbitration dropped, in the order in which it was looked at."""
        if self._sent is not None:
            dropped = self._sent[1]
            tell = lambda: [each.intent for each in self.policy.dropped(self.outcome)]  # noqa: E731  it is said once
            return self.policy.unsent(dropped, tell) if dropped else []
        decided = self._standing == "next" and self.policy.pack.intents
        return self.policy.dropped(self.outcome) if decided else []

    @property
    def fired(self) -> tuple[str, ...]:
        """The ids of the rules and rows that fired, in order."""
        return tuple(dict.fromkeys(shown(firing.rule) for firing in self.outcome.firings))

    @property
    def state(self) -> State | None:
        """The run-time state behind this decision, where it has one."""
        return self._after

    @property
    def state_before(self) -> State | None:
        """The run-time state that it was decided from, where it has one."""
        return self._before

    @property
    def state_hash(self) -> tuple[str | None, str | None]:
        """The hashes of the state before and behind this decision; none where nothing had been kept."""
        return self.policy.state_hash(self._before, self.key), self.policy.state_hash(self._after, self.key)

    @property
    def now(self) -> str | None:
        """The snapshot's `now` as RFC 3339, if it had one that could be read."""
        moment = self.outcome.inputs.get("now")
        return format_time(moment) if isinstance(moment, int) else None

    @property
    def snapshot_hash(self) -> str | None:
        """The hash of the snapshot as it was read; nothing in failsafe."""
        if self.status == "failsafe":
            return None
        from .snapshot import canonical  # noqa: PLC0415  a decision that nobody hashes need not wait for its import

        return digest(canonical(self.policy.fields, self.outcome.inputs))

    @property
    def id(self) -> str:
        """The same for the same policy, parameters, snapshot, key and state before, on every machine."""
        return self._identity(self.snapshot_hash, self.policy.state_hash(self._before, self.key))

    def _identity(self, snapshot_hash: str | None, before: str | None) -> str:
        rest = [self.policy.hash, self.policy.parameters_hash, snapshot_hash, self.now]
        return digest(rest if before is None and self.key is None else [*rest, self.key, before])

    @property
    def packs(self) -> dict[str, dict[str, Any]]:
        """What each pack decided: of a policy by the name that it gives the pack, else by the pack's own."""
        parts = [part for part in self.policy.pack.parts if part.name]
        if not parts:
            return {str(self.policy): {"hash": self.policy.hash, "outputs": dict(self.outputs)}}
        return {part.name: self._part(part) for part in parts}

    def _part(self, part: ir.Part) -> dict[str, Any]:
        """A part with its outputs; where nothing was decided, it has none."""
        from .snapshot import export  # noqa: PLC0415  as for the hash

        values, begin = self.outcome.outputs, f"{part.name}{OF}"
        declared = {name: each for name, each in self.policy.pack.outputs.items() if name.startswith(begin)}
        return {
            "pack": f"{part.pack}@{part.version}",
            "hash": part.hash,
            "status": "failed" if part.name in self.outcome.failed else "ok",
            "outputs": {
                name.removeprefix(begin): export(values[name], each.type)
                for name, each in declared.items()
                if name in values
            },
        }

    def to_dict(self) -> dict[str, Any]:
        """The decision as JSON knows it, in the form that `schemas/decision.schema.json` describes."""
        name = str(self.policy)
        reasons = self.reasons
        snapshot_hash, state_hash = self.snapshot_hash, self.state_hash
        return {
            "id": self._identity(snapshot_hash, state_hash[0]),
            "policy": name,
            "status": self.status,
            "key": self.key,
            "now": self.now,
            "outputs": dict(self.outputs),
            "packs": self.packs,
            "intents": [_intent(each) for each in self.intents],
            "dropped_intents": [
                {**_intent(each.intent), "rule": each.rule, "reason": each.reason} for each in self.dropped_intents
            ],
            "reasons": [_reason(reason) for reason in reasons[:MAX_REASONS]],
            "more_reasons": max(len(reasons) - MAX_REASONS, 0),
            "fired": list(self.fired),
            "diagnostics": [diagnostic_dict(each) for each in self.diagnostics],
            "parameters_hash": self.policy.parameters_hash,
            "snapshot_hash": snapshot_hash,
            "state_hash": list(state_hash),
            "engine": self.policy.engine,
        }

    def to_json(self) -> str:
        """The written form: RFC 8785 canonical JSON."""
        return canonical_json(self.to_dict())


class NotedDecision(Decision):
    """A decision that says more: `notes` stand behind what is said of its snapshot."""

    __slots__ = ("notes",)

    notes: tuple[Diagnostic, ...]

    @classmethod
    def of(cls, decision: Decision, notes: Iterable[Diagnostic]) -> NotedDecision:
        found = cls.__new__(cls)
        for name in Decision.__slots__:
            with suppress(AttributeError):  # what has not been worked out
                setattr(found, name, object.__getattribute__(decision, name))
        found.notes = tuple(notes)
        return found

    @property
    def diagnostics(self) -> tuple[Diagnostic, ...]:
        return (*super().diagnostics, *self.notes)


def _reason(reason: Reason) -> dict[str, Any]:
    return {
        "rule": reason.rule,
        "pack": reason.pack,
        "severity": reason.severity,
        "text": reason.text,
        "values": dict(reason.values),
        "effects": [{"output": each.output, "before": each.before, "after": each.after} for each in reason.effects],
        "decisive": reason.decisive,
        "item": list(reason.item) if isinstance(reason.item, tuple) else reason.item,
    }


def _intent(intent: Intent) -> dict[str, Any]:
    return {
        "id": intent.id,
        "pack": intent.pack,
        "exposure": intent.exposure,
        "emit": dict(intent.emit),
        "position": intent.position,
        "item": intent.item,
        "text": intent.text,
    }


def diagnostic_dict(diagnostic: Diagnostic) -> dict[str, Any]:
    """A finding as JSON knows it."""
    line, column = diagnostic.span.position if diagnostic.span else (None, None)
    return {
        "code": diagnostic.code,
        "severity": diagnostic.severity,
        "message": diagnostic.message,
        "help": diagnostic.help,
        "path": diagnostic.path,
        "file": diagnostic.span.source.name if diagnostic.span else None,
        "line": line,
        "column": column,
        "related": [{"message": each.message, "at": str(each.span)} for each in diagnostic.related],
    }


__all__ = ["Decider", "Decision", "NotedDecision", "Status", "diagnostic_dict"]
