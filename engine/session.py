"""A session: the snapshots of one key in their order, each decided from the state behind the one before."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from .decision import Decision
from .state import State


class Stateful(Protocol):
    """What a session knows of its policy."""

    @property
    def step(self) -> Callable[..., Decision]: ...
    @property
    def step_json(self) -> Callable[..., Decision]: ...
    def state_document(self, state: State, key: str | None) -> dict[str, Any]: ...
    def written_state(self, state: State, key: str | None) -> str: ...


class Session:
    """Made by `policy.session(key)` and `policy.restore(document)`. It belongs to one thread."""

    __slots__ = ("_state", "_step", "key", "policy")

    def __init__(self, policy: Stateful, key: str | None, state: State) -> None:
        self.policy = policy
        self.key = key
        self._state = state
        self._step = policy.step

    def __repr__(self) -> str:
        return f"<Session {self.key} of {self.policy}>"

    def __reduce__(self) -> tuple[Any, ...]:
        return Session, (self.policy, self.key, self._state)

    def step(self, snapshot: Mapping[str, Any], *, now: str | float | None = None) -> Decision:
        """The decision on the next snapshot of this key.

        What is accepted moves the state on by one step. The last step again is `repeated`: its outputs once more, and
        nothing moves. A snapshot whose `now` is older is `refused`, and one with a fault leaves the state as it was,
        but for latches with `on_fault=set`. Nothing that a snapshot holds raises.
        """
        decision = self._step(snapshot, self._state, now)
        decision.key = self.key
        self._state = decision._after  # type: ignore[assignment]  # every step has one
        return decision

    def step_json(self, data: bytes | str, *, now: str | float | None = None) -> Decision:
        """`step` for a snapshot that is a JSON text. One that cannot be read is a fault like any other."""
        decision = self.policy.step_json(data, self._state, now=now)
        decision.key = self.key
        self._state = decision._after  # type: ignore[assignment]  # every step has one
        return decision

    @property
    def state(self) -> dict[str, Any]:
        """The state as one JSON document, with the versions that wrote it and a hash of all of it."""
        return self.policy.state_document(self._state, self.key)

    def save(self) -> bytes:
        """The state document as canonical JSON; `policy.restore` reads it."""
        return self.policy.written_state(self._state, self.key).encode()
