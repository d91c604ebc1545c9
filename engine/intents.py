"""Intents: which of them count as reducing, and their canonical order.

What a size means and what a position is held in, the emitted type says (`ir.Emits`); nothing here knows more.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from . import ir
from .blocks import Item
from .types import Enum, Field, List, Record

EXPOSURES: tuple[ir.Exposure, ...] = ("cancels", "reduces", "neutral", "raises")
SENT = "sent."  # what `previous` reads of an intent is named so
_RANK: Mapping[ir.Exposure, int] = {"cancels": 0, "reduces": 1, "neutral": 2, "raises": 2}
_NO_ORDER: Mapping[str, int] = {}
_ROUNDING = 1e-9  # parts that add up to a position but for rounding do not pass it


@dataclass(frozen=True, slots=True)
class Emitted:
    """An intent that fired. `exposure` is what it counts as; `key` orders the items of its block.

    `position` and `change` belong to those that are to reduce: what is held now, and what the intent does to it.
    """

    id: str
    item: Item
    exposure: ir.Exposure
    emit: tuple[ir.Value, ...]
    position: Any = None
    change: Any = None
    key: tuple[Any, ...] = ()


@dataclass(frozen=True, slots=True)
class Dropped:
    """An intent that arbitration dropped, by a veto with the values of its `because`, or for those that it names."""

    intent: Emitted
    rule: str
    holes: tuple[ir.Value, ...] = ()
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Intent:
    """What a decision asks for, as plain values. `emit` has the fields of the pack's type, what is absent left out.

    `exposure` is what it counts as: one that is declared to reduce, and would not, raises. `item` is the index in its
    loop, `position` what was held before one that reduces.
    """

    id: str
    pack: str
    exposure: ir.Exposure
    emit: Mapping[str, Any]
    text: str
    item: Item = None
    position: float | None = None


@dataclass(frozen=True, slots=True)
class DroppedIntent:
    """An intent that does not leave, with the rule of arbitration that dropped it, and why."""

    intent: Intent
    rule: str
    reason: str


def arranged(emits: ir.Emits, intents: Iterable[Emitted]) -> tuple[Emitted, ...]:
    """Cancels, then what reduces, then the rest; within each by priority (higher first), id and item.

    What would pass the position, or what earlier intents left of it, counts as raising.
    """
    left = Left(emits)
    weighed = []
    for each in sorted(intents, key=lambda each: order_of(emits, each)):
        weighed.append(left.weighed(each))
        left.take(weighed[-1])
    return tuple(sorted(weighed, key=lambda each: order_of(emits, each)))


def order_of(emits: ir.Emits, intent: Emitted, ids: Mapping[str, int] = _NO_ORDER) -> tuple[Any, ...]:
    """What orders intents; `ids` says which come first among their like."""
    priority: Any = None if emits.priority is None else intent.emit[emits.priority]
    place = ids.get(intent.id, len(ids))
    return _RANK[intent.exposure], place, math.inf if priority is None else -priority, intent.id, intent.key


class Left:
    """What intents that reduce have left of the positions."""

    def __init__(self, emits: ir.Emits) -> None:
        self._emits = emits
        self._done: dict[tuple[ir.Value, ...], float] = defaultdict(float)

    def weighed(self, intent: Emitted) -> Emitted:
        """The intent, raising exposure where it is to reduce and would not."""
        if intent.exposure != "reduces" or _reduces(intent, self._done[self._held_in(intent)]):
            return intent
        return replace(intent, exposure="raises")

    def take(self, intent: Emitted) -> None:
        """What is left when an intent has been kept."""
        if intent.exposure == "reduces":
            self._done[self._held_in(intent)] += intent.change

    def _held_in(self, intent: Emitted) -> tuple[ir.Value, ...]:
        return tuple(intent.emit[index] for index in self._emits.of)


def _reduces(intent: Emitted, done: float) -> bool:
    position, change = intent.position, intent.change
    if not (change < 0 < position or position < 0 < change):
        return False
    left = position + done if position > 0 else -(position + done)
    return bool(abs(change) <= left + abs(position) * _ROUNDING)


def place_of(loop: ir.Loop | None, names: Mapping[str, Any], turn: int) -> tuple[Any, ...]:
    """What orders an item among those of its block: the keys of the lists, unless the block has an order itself."""
    if loop is None or loop.order:
        return (turn,)
    keys = [_key(source, names[source.variable]) for source in loop.sources]
    return tuple(part for key in keys for part in key) if all(keys) else (turn,)


def _key(source: ir.Source, item: Any) -> list[tuple[bool, Any]]:
    kind = source.items.type
    if not isinstance(kind, List) or not isinstance(kind.item.type, Record):
        return []
    fields = (found for name in kind.key if (found := kind.item.type.field(name)))
    return [(item[index] is not None, item[index]) for index, _ in fields]


def listed_type(pack_intents: Iterable[str], record: Record) -> List:
    """The type of `intents` in an invariant: the fields of each, its id and what it counts as."""
    more = Field("id", ids_of(pack_intents)), Field("exposure", Enum("Exposure", EXPOSURES))
    return List(Field("", Record("", (*more, *record.fields))), max_items=0)


def ids_of(pack_intents: Iterable[str]) -> Enum:
    return Enum("Intent", tuple(map(ir.shown, sorted(pack_intents))))


def listed(pack: ir.Pack, intents: Iterable[Emitted]) -> tuple[ir.Value, ...]:
    """The value of `intents` in an invariant or a veto."""
    ids = sorted(pack.intents)
    return tuple((ids.index(each.id), EXPOSURES.index(each.exposure), *each.emit) for each in intents)


def reads_intents(condition: ir.Expr) -> bool:
    return any(isinstance(node, ir.Local) and node.name == "intents" for node in ir.walk(condition))


__all__ = [
    "EXPOSURES", "SENT", "Dropped", "DroppedIntent", "Emitted", "Intent", "Left", "arranged", "ids_of", "listed",
    "listed_type", "order_of", "place_of", "reads_intents",
]  # fmt: skip
