"""A second policy that decides beside the one in force: its intents never leave, and where it differs is kept.

Nothing that it does reaches the policy in force: a fault of it is a difference, and so is an error.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

from .decision import Decision
from .state_document import StateError

MOST = 1_000
COMPARED = ("status", "outputs", "intents")


class Step(Protocol):
    def __call__(self, given: Any, /, *, now: str | float | None = None) -> Decision: ...


class Going(Protocol):
    """A session."""

    @property
    def key(self) -> str | None: ...
    @property
    def step(self) -> Step: ...
    @property
    def step_json(self) -> Step: ...
    def save(self) -> bytes: ...


@runtime_checkable
class Deciding(Protocol):
    """A policy, or one that is watched."""

    @property
    def decide(self) -> Step: ...
    @property
    def decide_json(self) -> Step: ...
    def session(self, key: str | None = None) -> Going: ...
    def restore(self, document: Mapping[str, Any] | bytes | str) -> Going: ...


@dataclass(frozen=True, slots=True)
class Difference:
    """One decision that came out otherwise, as plain values: of each part that differs, in force and in the shadow.

    `error` says what kept the shadow from deciding.
    """

    number: int
    key: str | None
    now: str | None
    parts: Mapping[str, tuple[Any, Any]]
    error: str = ""


def shadowed(live: Deciding, shadow: Deciding, most: int = MOST) -> ShadowedPolicy:
    """A policy as it is, with another that decides beside it; the latest `most` differences are kept.

    Raises TypeError where one of them is no policy, such as the name of one.
    """
    for each in (live, shadow):
        if not isinstance(each, Deciding):
            raise TypeError(f"shadow takes policies that are loaded, as `flyball.load` gives them, and not {each!r}")
    return ShadowedPolicy(live, shadow, most)


class ShadowedPolicy:
    """Made by `flyball.shadow`. It decides as `live` does; `differences` holds the latest, `counts` all of them by
    part. It belongs to one thread, as its sessions do.
    """

    def __init__(self, live: Deciding, shadow: Deciding, most: int = MOST) -> None:
        self.live = live
        self.shadow = shadow
        self.decisions = 0
        self.counts: Counter[str] = Counter()
        self.differences: deque[Difference] = deque(maxlen=most)

    def decide(self, snapshot: Mapping[str, Any], *, now: str | float | None = None) -> Decision:
        return self.beside(self.live.decide(snapshot, now=now), lambda: self.shadow.decide(snapshot, now=now))

    def decide_json(self, data: bytes | str, *, now: str | float | None = None) -> Decision:
        return self.beside(self.live.decide_json(data, now=now), lambda: self.shadow.decide_json(data, now=now))

    def session(self, key: str | None = None) -> ShadowedSession:
        return ShadowedSession(self, self.live.session(key), self.shadow.session(key))

    def restore(self, document: Mapping[str, Any] | bytes | str) -> ShadowedSession:
        """The shadow goes on from the same state where it can, and begins anew where it cannot.

        Raises StateError where the policy in force does not go on from it.
        """
        live = self.live.restore(document)
        try:
            return ShadowedSession(self, live, self.shadow.restore(document))
        except StateError:
            return ShadowedSession(self, live, self.shadow.session(live.key))

    def beside(self, decision: Decision, other: Callable[[], Decision]) -> Decision:
        """The decision in force, with what differs from it kept."""
        self.decisions += 1
        try:
            parts, error = dict(_parts(decision, other())), ""
        except Exception as failure:  # noqa: BLE001  whatever goes wrong in the shadow stays in it
            parts, error = {}, f"{type(failure).__name__}: {failure}"
        if parts or error:
            self.counts.update(list(parts) or ["error"])
            self.differences.append(Difference(self.decisions, decision.key, decision.now, parts, error))
        return decision


class ShadowedSession:
    """The sessions of one key in both policies."""

    def __init__(self, both: ShadowedPolicy, live: Going, shadow: Going) -> None:
        self._both = both
        self._live = live
        self._shadow = shadow

    @property
    def key(self) -> str | None:
        return self._live.key

    def step(self, snapshot: Mapping[str, Any], *, now: str | float | None = None) -> Decision:
        return self._both.beside(self._live.step(snapshot, now=now), lambda: self._shadow.step(snapshot, now=now))

    def step_json(self, data: bytes | str, *, now: str | float | None = None) -> Decision:
        return self._both.beside(self._live.step_json(data, now=now), lambda: self._shadow.step_json(data, now=now))

    def save(self) -> bytes:
        """The state of the policy in force."""
        return self._live.save()


def _parts(live: Decision, shadow: Decision) -> list[tuple[str, tuple[Any, Any]]]:
    compared = [(name, _of(live, name), _of(shadow, name)) for name in COMPARED]
    return [(name, (a, b)) for name, a, b in compared if a != b]


def _of(decision: Decision, name: str) -> Any:
    """A part as plain values that hold no decision."""
    if name == "intents":
        return [(each.id, each.exposure, dict(each.emit)) for each in decision.intents]
    return dict(decision.outputs) if name == "outputs" else decision.status


__all__ = ["Difference", "ShadowedPolicy", "ShadowedSession", "shadowed"]
