"""One decision under way: what has been computed so far, and what is at fault."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field, replace
from typing import Any, cast

from . import ir
from .blocks import Item
from .diagnostics import Diagnostic
from .effects import Way
from .graph import Key
from .intents import Dropped, Emitted
from .outcome import Firing
from .requirements import Rules
from .state import advance

Names = Mapping[str, ir.Value]
Evaluate = Callable[["Run", ir.Expr, Names], Any]

_COMPUTED = (
    "definitions", "gates", "fired", "starts", "outputs", "ways", "bounds", "failed", "parts", "firings", "closed",
    "candidates", "intents", "advanced",
)  # fmt: skip


@dataclass
class Run:
    """One decision under way.

    `ways` tell of each output what each rule and item did to it.
    `failed` are the steps and inputs that have no value, `parts` the parts that so failed. What was settled stands by
    the part's name; `intents` are in order, of a used pack its own and of the policy those that arbitration keeps.
    """

    pack: ir.Pack
    rules: Rules
    parameters: Mapping[str, ir.Value]
    inputs: Mapping[str, ir.Value]
    evaluate: Evaluate
    definitions: dict[str, ir.Value] = field(default_factory=dict)
    gates: dict[str, bool] = field(default_factory=dict)
    fired: dict[str, list[Firing]] = field(default_factory=dict)
    starts: dict[str, ir.Value] = field(default_factory=dict)
    outputs: dict[str, ir.Value] = field(default_factory=dict)
    ways: dict[str, Mapping[tuple[str, Item], Way]] = field(default_factory=dict)
    bounds: dict[str, list[Firing]] = field(default_factory=dict)
    failed: set[Key] = field(default_factory=set)
    parts: set[str] = field(default_factory=set)
    faults: list[Diagnostic] = field(default_factory=list)
    warnings: list[Diagnostic] = field(default_factory=list)
    firings: dict[str, tuple[Firing, ...]] = field(default_factory=dict)
    closed: dict[str, Mapping[str, tuple[ir.Value, ...]]] = field(default_factory=dict)
    candidates: dict[str, tuple[Emitted, ...]] = field(default_factory=dict)
    intents: dict[str, tuple[Emitted, ...]] = field(default_factory=dict)
    dropped: tuple[Dropped, ...] = ()
    kept: Mapping[tuple[str, str], Any] = field(default_factory=dict)
    advanced: dict[str, Any] = field(default_factory=dict)

    def resumed(self, inputs: Mapping[str, ir.Value], parameters: Mapping[str, ir.Value]) -> Run:
        """Another run, with all that this one computed, and none of its faults."""
        computed = {name: copy(getattr(self, name)) for name in _COMPUTED}
        return replace(self, inputs=inputs, parameters=parameters, faults=[], warnings=[], **computed)

    def advance(self, node: ir.Advance, args: Sequence[Any]) -> Any:
        """The value of a state function, whose next state is remembered."""
        kept = self.kept["state", node.name]
        self.advanced[node.name], value = advance(node, kept, cast("int | None", self.inputs.get("now")), args)
        return value


def has_fired(run: Run, identity: str) -> bool:
    if identity in run.pack.groups:
        return any(has_fired(run, member) for member in run.pack.groups[identity].members)
    if identity in run.pack.tables:
        return any(run.fired[row] for row in run.pack.tables[identity].rows)
    return bool(run.fired[identity])
