"""Decisions on snapshots of many keys as they come, each from the state behind the one before of its key."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from .canonical import canonical_json, digest
from .decision import Decision, Status
from .json_text import read
from .policy import Policy
from .session import Session
from .types import Enum, Field, Text, Type


@dataclass(frozen=True, slots=True)
class Kept:
    """What a stream keeps of one key: its state document as JSON, and what its last decision came to."""

    state: bytes
    last: str | None


class Stream:
    """The sessions of a policy by the input `key`, or one session where there is none.

    A snapshot whose key is not one, or a line that holds no snapshot, is decided beside all sessions. Without a key it
    belongs to the one session, whose latches with `on_fault=set` it sets.
    """

    def __init__(self, policy: Policy, key: Field | None = None) -> None:
        self.policy = policy
        self.key = key
        self.counts: Counter[Status] = Counter()
        self._sessions: dict[str | None, Session] = {}
        self._saved: dict[str | None, bytes] = {}
        self._last: dict[str | None, str] = {}

    def decide(self, line: bytes) -> Decision:
        """The decision on a snapshot as JSON text."""
        decision = self._session(_key_of(self.key, line)).step_json(line)
        self.counts[decision.status] += 1
        return decision

    def _session(self, key: str | None) -> Session:
        if key is None and self.key is not None:
            return self.policy.session()
        if key not in self._sessions:
            self._sessions[key] = self.policy.session(key)
        self._saved.pop(key, None)
        return self._sessions[key]

    def is_change(self, decision: Decision) -> bool:
        """Whether it differs from the last of its key in status, outputs, intents, fired rules or faults.

        What is repeated is no change, and nothing is compared with it.
        """
        if decision.status == "repeated":
            return False
        if decision.key is None and self.key is not None:
            return True  # of no key
        found = digest(_compared(decision))
        changed = self._last.get(decision.key) != found
        self._last[decision.key] = found
        return changed

    # What is kept between two runs

    def kept(self) -> Iterator[Kept]:
        """Every key in the order of their first snapshots; only those that went on are written anew."""
        for key, session in self._sessions.items():
            if key not in self._saved:
                self._saved[key] = session.save()
            yield Kept(self._saved[key], self._last.get(key))

    def restore(self, kept: Iterable[Kept], counts: Mapping[Status, int]) -> None:
        """Raises StateError where the policy does not go on from it."""
        self.counts = Counter(counts)
        for each in kept:
            session = self.policy.restore(each.state)
            self._sessions[session.key] = session
            self._saved[session.key] = each.state
            if each.last is not None:
                self._last[session.key] = each.last


def key_field(policy: Policy, name: str) -> Field | None:
    """The input that a stream may keep its sessions by: a text or an enum that every snapshot has."""
    found = next((field for field in policy.fields if field.name == name), None)
    fits = found is not None and isinstance(found.type, Text | Enum) and not found.optional
    return found if fits else None


def _key_of(field: Field | None, line: bytes) -> str | None:
    """The key of a snapshot; nothing where it has none, which is a fault of the snapshot too."""
    if field is None:
        return None
    try:
        snapshot = orjson.loads(line)
    except ValueError:
        snapshot, _ = read(line)  # the exact reader, which reads more
    value = snapshot.get(field.source) if isinstance(snapshot, dict) else None
    return value if isinstance(value, str) and _may_be(field.type, value) else None


def _may_be(kind: Type, value: str) -> bool:
    if isinstance(kind, Enum):
        return value in kind.members
    known = isinstance(kind, Text) and len(value) <= kind.max_length
    return known and not any("\ud800" <= each <= "\udfff" for each in value)


def _compared(decision: Decision) -> list[Any]:
    return [
        decision.status,
        dict(decision.outputs),
        [[each.id, each.exposure, dict(each.emit)] for each in decision.intents],
        list(decision.fired),
        [[each.code, each.path] for each in decision.diagnostics],
    ]


def written(decision: Decision, line: int, recorded: Mapping[str, Any] | None = None) -> bytes:
    """A decision as one line of a stream, with the number of the line that it answers and, maybe, its record."""
    more = {} if recorded is None else {"record": recorded}
    return canonical_json({**decision.to_dict(), **more, "line": line}).encode() + b"\n"


__all__ = ["Kept", "Stream", "key_field", "written"]
