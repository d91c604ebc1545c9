"""Where in a snapshot a value stands, and what is wrong there."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from .diagnostics import Diagnostic
from .nodes import Value
from .requirements import Rules
from .snapshot_text import expected, show, show_path, type_advice
from .types import Type

ABSENT: Value = None  # what is at fault reads as absent
_NONE = Rules()


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the snapshot we are; all places of one snapshot collect into the same lists."""

    path: tuple[object, ...] = ()
    faults: list[Diagnostic] = field(default_factory=list)
    warnings: list[Diagnostic] = field(default_factory=list)
    rules: Rules = _NONE
    now: Any = None

    def at(self, step: object) -> Place:
        return Place((*self.path, step), self.faults, self.warnings, self.rules, self.now)

    def apart(self) -> Place:
        """The same place, whose faults are collected on their own."""
        return replace(self, faults=[])

    def fault(self, code: str, help: str | None = None, **values: object) -> Value:
        path = show_path(self.path) if self.path else None
        self.faults.append(Diagnostic.of(code, None, path=path, help=help, related=(), **values))
        return ABSENT

    def forgive(self, faults: Iterable[Diagnostic], consequence: str) -> Value:
        """Faults that have a lesser consequence than failing."""
        for each in faults:
            name = "it" if f"`{show_path(self.path)}`" in each.message else f"`{show_path(self.path)}`"
            message = f"{each.message}; {name} {consequence}"
            self.warnings.append(replace(each, severity="warning", message=message))
        return ABSENT

    def wrong_type(self, wanted: Type, given: object) -> Value:
        return self.fault("FB703", type_advice(wanted, given), expected=expected(wanted), found=show(given))
