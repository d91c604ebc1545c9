"""What the typed facades of policies have in common."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict

from ..engine.decision import Decision, Status


class Model(BaseModel):
    """What a facade's types have in common: every field is known, and none changes."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Given(Model):
    """What a caller gives. Ranges and members are the packs' to judge: a value that they refuse fails safe there."""

    model_config = ConfigDict(strict=True)

    def snapshot(self) -> dict[str, Any]:
        """Its part of a snapshot: what is not known is left out."""
        return {name: _plain(value) for name, value in self if value is not None}


def _plain(value: Any) -> Any:
    if isinstance(value, Given):
        return value.snapshot()
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in value.items()}
    return [_plain(each) for each in value] if isinstance(value, list) else value


class Decided(Model):
    """What was decided. `reasons` are the texts of the decision's reasons, `problems` those of its diagnostics."""

    status: Status
    reasons: tuple[str, ...]
    problems: tuple[str, ...]


def told(decision: Decision) -> dict[str, Any]:
    """The outputs of a decision and what it says of them, by the names that `Decided` and those below it have."""
    return {
        **decision.outputs,
        "status": decision.status,
        "reasons": tuple(each.text for each in decision.reasons),
        "problems": tuple(each.message for each in decision.diagnostics),
    }


__all__ = ["Decided", "Given", "Model", "told"]
