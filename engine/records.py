"""What a decision needs to be made again: the snapshot as it came, the parameters in force, and the state before."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from . import ir
from .canonical import canonical_json
from .decision import Decision
from .json_text import read
from .state import State


class Recording(Protocol):
    """What a record needs of a policy."""

    @property
    def parameters(self) -> Mapping[str, object]: ...
    @property
    def layers(self) -> Mapping[str, str]: ...
    @property
    def start(self) -> State: ...
    def state_document(self, state: State, key: str | None) -> dict[str, Any]: ...


def record(policy: Recording, decision: Decision, data: bytes, now: str | None = None) -> dict[str, Any]:
    """The record of a decision on a JSON text; `now` is what stood in for the snapshot's own.

    A text that is no JSON, or that JSON's canonical form would change, is kept as it is.
    """
    before = decision.state_before
    state = None if before is None or before == policy.start else policy.state_document(before, decision.key)
    snapshot, text = _kept(data)
    return {
        "snapshot": snapshot,
        "text": text,
        "now": now,
        "parameters": {ir.shown(name): value for name, value in policy.parameters.items()},
        "layers": {ir.shown(name): layer for name, layer in policy.layers.items()},
        "state": state,
    }


def _kept(data: bytes) -> tuple[Any, str | None]:
    """A snapshot as a value, or else as text; neither where it is not UTF-8."""
    snapshot, faults = read(data)
    try:
        if not faults and snapshot is not None:
            canonical_json(snapshot)
            return snapshot, None
    except ValueError:
        pass  # a number or a text that only its own writing can hold
    try:
        return None, data.decode()
    except UnicodeDecodeError:
        return None, None


def text_of(kept: Mapping[str, Any]) -> str | None:
    """The JSON text that a record's decision was made on; nothing where it could not be kept."""
    if kept["text"] is not None:
        return str(kept["text"])
    return None if kept["snapshot"] is None else canonical_json(kept["snapshot"])


__all__ = ["record", "text_of"]
