"""Intents: which of them count as reducing, and their canonical order.

What a size means and what a position is held in, the emitted type says (`ir.Emits`); nothing here knows more.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from . import ir
from .blocks import Item
from .types import Enum, Field, List, Record

EXPOSURES: tuple[ir.Exposure, ...] = ("cancels", "reduces", "neutral", "raises")
SENT = "sent."  # what `previous` reads of an intent is named so
_RANK: Mapping[ir.Exposure, int] = {"cancels": 0, "reduces": 1, "neutral": 2, "raises": 2}
_EXPOSURE = {exposure: number for number, exposure in enumerate(EXPOSURES)}
_NO_ORDER: Mapping[str, int] = {}
_ROUNDING = 1e-9  # parts that add up to a position but for rounding do not pass it


class Emitted(NamedTuple):
    """An intent that fired. `exposure` is what it counts as; `key` orders the items of its block.

    `position` and `change` belong to those that are to reduce: what is held now, and what the intent does to it.
    Generated code leaves `item` out.
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
    loop, `position` what was held before one that reduces. `text` and `item` may be worked out when they are read.
    """

    id: str
    pack: str
    exposure: ir.Exposure
    emit: Mapping[str, Any]
    text: str
    item: Item = None
    position: float | None = None
    _tell: Callable[[], Intent] | None = field(default=None, init=False, repr=False, compare=False)

    @classmethod
    def untold(
        cls,
        named: tuple[str, str],
        exposure: ir.Exposure,
        emit: Mapping[str, Any],
        position: float | None,
        tell: Callable[[], Intent],
    ) -> Intent:
        """One, by its id and pack, whose text and item those have that `tell` gives."""
        self = cls.__new__(cls)
        _put_id(self, named[0])
        _put_pack(self, named[1])
        _put_exposure(self, exposure)
        _put_emit(self, emit)
        _put_position(self, position)
        _put_tell(self, tell)
        return self

    def __getattr__(self, name: str) -> Any:
        """What has not been worked out; its slot is empty until then."""
        if name not in ("text", "item") or self._tell is None:
            raise AttributeError(name)
        told = self._tell()
        object.__setattr__(self, "text", told.text)
        object.__setattr__(self, "item", told.item)
        return getattr(told, name)

    def __reduce__(self) -> tuple[Any, ...]:
        return Intent, (self.id, self.pack, self.exposure, self.emit, self.text, self.item, self.position)


# A frozen object is filled through its slots, which is faster than by `object.__setattr__`.
_put_id, _put_pack, _put_exposure, _put_emit, _put_position, _put_tell = (
    Intent.__dict__[name].__set__ for name in ("id", "pack", "exposure", "emit", "position", "_tell")
)


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
    found = list(intents)
    if len(found) < 2:
        return tuple(map(weighed, found))
    left = Left(emits)
    for place, each in enumerate(sorted(found, key=lambda each: order_of(emits, each))):
        found[place] = left.weighed(each)
        left.take(found[place])
    return tuple(sorted(found, key=lambda each: order_of(emits, each)))


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
        return intent if intent.exposure != "reduces" else weighed(intent, self._done[self._held_in(intent)])

    def take(self, intent: Emitted) -> None:
        """What is left when an intent has been kept."""
        if intent.exposure == "reduces":
            self._done[self._held_in(intent)] += intent.change

    def _held_in(self, intent: Emitted) -> tuple[ir.Value, ...]:
        return tuple(intent.emit[index] for index in self._emits.of)


def weighed(intent: Emitted, done: float = 0.0) -> Emitted:
    """An intent as what it counts as, where others have `done` that much to its position."""
    if intent.exposure != "reduces" or _reduces(intent, done):
        return intent
    return intent._replace(exposure="raises")


def _reduces(intent: Emitted, done: float) -> bool:
    position, change = intent.position, intent.change
    if not (change < 0 < position or position < 0 < change):
        return False
    left = position + done if position > 0 else -(position + done)
    return bool(abs(change) <= left + abs(position) * _ROUNDING)


def place_of(loop: ir.Loop | None, names: Mapping[str, Any], turn: int) -> tuple[Any, ...]:
    """What orders an item among those of its block: the keys of the lists, unless the block has an order itself."""
    values = [names[key.record.name][key.place] for key in keys_of(loop)]
    return tuple((value is not None, value) for value in values) or (turn,)


class Key(NamedTuple):
    """A field of a loop's item that tells it from the others."""

    record: ir.Local
    place: int
    field: Field

    @property
    def expression(self) -> ir.Expr:
        return ir.Get(type=self.field.type, optional=self.field.optional, record=self.record, index=self.place)


def keys_of(loop: ir.Loop | None) -> list[Key]:
    """What orders the items of a block; nothing where their turn does."""
    if loop is None or loop.order:
        return []
    keys = [_keys(source) for source in loop.sources]
    return [key for each in keys for key in each] if all(keys) else []


def _keys(source: ir.Source) -> list[Key]:
    kind = source.items.type
    if not isinstance(kind, List) or not isinstance(kind.item.type, Record):
        return []
    item = ir.Local(type=kind.item.type, name=source.variable)
    return [Key(item, *found) for name in kind.key if (found := kind.item.type.field(name))]


def listed_type(pack_intents: Iterable[str], record: Record) -> List:
    """The type of `intents` in an invariant: the fields of each, its id and what it counts as."""
    more = Field("id", ids_of(pack_intents)), Field("exposure", Enum("Exposure", EXPOSURES))
    return List(Field("", Record("", (*more, *record.fields))), max_items=0)


def ids_of(pack_intents: Iterable[str]) -> Enum:
    return Enum("Intent", tuple(map(ir.shown, sorted(pack_intents))))


def listed(pack: ir.Pack, intents: Iterable[Emitted]) -> tuple[ir.Value, ...]:
    """The value of `intents` in an invariant or a veto."""
    return numbered(numbers(pack), intents)


def numbers(pack: ir.Pack) -> dict[str, int]:
    """The place of each id in its enum."""
    return {identity: number for number, identity in enumerate(sorted(pack.intents))}


def numbered(ids: Mapping[str, int], intents: Iterable[Emitted]) -> tuple[ir.Value, ...]:
    return tuple([(ids[each.id], _EXPOSURE[each.exposure], *each.emit) for each in intents])


def reads_intents(condition: ir.Expr) -> bool:
    return any(isinstance(node, ir.Local) and node.name == "intents" for node in ir.walk(condition))


__all__ = [
    "EXPOSURES", "SENT", "Dropped", "DroppedIntent", "Emitted", "Intent", "Left", "arranged", "ids_of", "keys_of",
    "listed", "listed_type", "numbered", "numbers", "order_of", "place_of", "reads_intents", "weighed",
]  # fmt: skip
