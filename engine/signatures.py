"""What is declared of a function or an operator: the record that its table holds."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Kind = Literal[
    "numeric", "number", "integer", "ordered", "boolean", "time", "any",
    "list", "series", "items", "booleans", "vector", "member", "map", "text", "pairs",
]  # fmt: skip
Trend = Literal["rises", "falls", ""]
Interval = tuple[float, float]
ANYWHERE: Interval = (-math.inf, math.inf)


@dataclass(frozen=True, slots=True)
class Slot:
    """One parameter. `unit` is a variable (`u`), the name of a unit that it must have, or empty for what carries none.

    `numeric` keeps an integer an integer; `ordered` is a numeric, an enum's member or a time; `list` is a list or a
    vector of numerics, `booleans` of booleans, `series` a list of numerics alone, `items` a list of anything, `vector`
    numerics by an enum, whose `member` another slot may take, or by text; `map` anything by `text`, and
    `pairs` a text and a value of each item.
    """

    name: str
    kind: Kind
    unit: str = "u"


@dataclass(frozen=True, slots=True, kw_only=True)
class Function:
    """`operation` names the implementation; `result` is a kind and a unit, as in `numeric u`, `integer ratio`,
    `number u**1/2`, `number u/v`, `boolean`, or what it is taken from: `item`, `member`, `items`.

    `monotone` has one trend for each slot: the result weakly rises or falls with that argument while the others stay,
    item by item where one of both is a list. `bounds` hold every result. They are claims for proofs; tests try them.
    """

    name: str
    slots: tuple[Slot, ...]
    result: str
    doc: str
    formula: str
    examples: tuple[tuple[str, str], ...]
    operation: str
    source: str = ""
    written: str = ""  # an operator's usage
    more: bool = False  # the last slot may be repeated
    spare: int = 0  # how many of the last arguments may be left out
    maybe: bool = False  # the result may be absent although every argument is present
    faults: bool = False  # it may have no result
    pure: bool = True  # it depends on its arguments alone, not on what was before
    monotone: tuple[Trend, ...] = ()
    bounds: Interval = ANYWHERE
    ulps: float = 0.5  # how far a number may lie from the exact one, in units in the last place; 0.5 is rounded once
    version: int = 1  # of what it means: a pack that calls another version means something else
    per: Mapping[str, int] = field(default_factory=dict)  # of a conversion: how many of each unit make the same whole

    @property
    def usage(self) -> str:
        """`clamp(value, low, high)`, as messages and pages show it."""
        needed = len(self.slots) - self.spare
        names = ", ".join(slot.name for slot in self.slots[:needed])
        spare = "".join(f"[, {slot.name}]" for slot in self.slots[needed:])
        return self.written or f"{self.name}({names}{spare}{', …' if self.more else ''})"

    def takes(self, count: int) -> bool:
        """Whether a call may have so many arguments."""
        return len(self.slots) - self.spare <= count and (self.more or count <= len(self.slots))

    def slot(self, index: int) -> Slot:
        """The slot of an argument; those beyond the last are the last one's."""
        return self.slots[min(index, len(self.slots) - 1)]
