"""Intents: which of them count as reducing, and their canonical order.

What a size means and what a position is held in, the emitted type says (`ir.Emits`); nothing here knows more.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from . import ir
from .blocks import Item
from .types import Enum, Field, List, Record

EXPOSURES: tuple[ir.Exposure, ...] = ("cancels", "reduces", "neutral", "raises")
SENT = "sent."  # what `previous` reads of an intent is named so
_RANK: Mapping[ir.Exposure, int] = {"cancels": 0, "reduces": 1, "neutral": 2, "raises": 2}
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


def arranged(emits: ir.Emits, intents: Iterable[Emitted]) -> tuple[Emitted, ...]:
    """Cancels, then what reduces, then the rest; within each by priority (higher first), id and item.

    What would pass the position, or what earlier intents left of it, counts as raising.
    """
    weighed = _weighed(emits, sorted(intents, key=lambda each: _order(emits, each)))
    return tuple(sorted(weighed, key=lambda each: _order(emits, each)))


def _order(emits: ir.Emits, intent: Emitted) -> tuple[Any, ...]:
    priority: Any = None if emits.priority is None else intent.emit[emits.priority]
    return _RANK[intent.exposure], math.inf if priority is None else -priority, intent.id, intent.key


def _weighed(emits: ir.Emits, intents: Iterable[Emitted]) -> Iterator[Emitted]:
    done: dict[tuple[ir.Value, ...], float] = defaultdict(float)
    for each in intents:
        if each.exposure != "reduces":
            yield each
            continue
        held_in = tuple(each.emit[index] for index in emits.of)
        if _reduces(each, done[held_in]):
            done[held_in] += each.change
            yield each
        else:
            yield replace(each, exposure="raises")


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
    ids = Enum("Intent", tuple(sorted(pack_intents)))
    more = Field("id", ids), Field("exposure", Enum("Exposure", EXPOSURES))
    return List(Field("", Record("", (*more, *record.fields))), max_items=0)


def listed(pack: ir.Pack, intents: Iterable[Emitted]) -> tuple[ir.Value, ...]:
    """The value of `intents` in an invariant."""
    ids = sorted(pack.intents)
    return tuple((ids.index(each.id), EXPOSURES.index(each.exposure), *each.emit) for each in intents)


def reads_intents(condition: ir.Expr) -> bool:
    return any(isinstance(node, ir.Local) and node.name == "intents" for node in ir.walk(condition))


__all__ = ["EXPOSURES", "SENT", "Emitted", "Intent", "arranged", "listed", "listed_type", "place_of", "reads_intents"]
