"""What a back end hands over: values, what fired, and every fault. All back ends give equal outcomes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from .blocks import Item
from .diagnostics import Diagnostic
from .intents import Dropped, Emitted
from .ir import Value


class Firing(NamedTuple):  # made in half the time of a frozen dataclass, and there are many
    """A rule that fired, once for each item of its loop.

    `item` is its index, or one for each list of the loop. `effects` are the values of the rule's effects in their
    order, `holes` those of the expressions in its `because` (all languages, in order), `names` the items and the names
    of the block.
    """

    rule: str
    item: Item = None
    effects: tuple[Value, ...] = ()
    holes: tuple[Value, ...] = ()
    names: tuple[Value, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """Run-time values as in the IR.

    `failed` are the parts of a policy at fault, or the one part without a name of a pack alone. Their `outputs` are the
    safe ones, their `intents` those that they emit nevertheless, and nothing else is told of them.

    `starts` are the values that the outputs start from, `closed` the groups whose `when` is false, with the values of
    the expressions in their `because`. `firings` stand in order of rule, and of the rule's block; `intents` in their
    canonical order, those that arbitration `dropped` left out. `slots` is what the pack keeps, in the order of its
    slots; nothing in failsafe. `warnings` say what of the snapshot counts as absent, and are no faults; the
    `doubtful` inputs are at fault, and read as absent.
    """

    inputs: Mapping[str, Value]
    status: Literal["ok", "degraded", "failsafe"] = "ok"
    outputs: Mapping[str, Value] = field(default_factory=dict)
    starts: Mapping[str, Value] = field(default_factory=dict)
    firings: tuple[Firing, ...] = ()
    closed: Mapping[str, tuple[Value, ...]] = field(default_factory=dict)
    faults: tuple[Diagnostic, ...] = ()
    failed: tuple[str, ...] = ()
    intents: tuple[Emitted, ...] = ()
    dropped: tuple[Dropped, ...] = ()
    slots: tuple[Any, ...] = ()
    warnings: tuple[Diagnostic, ...] = ()
    doubtful: frozenset[str] = frozenset()
