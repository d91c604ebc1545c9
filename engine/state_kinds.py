"""What a slot of a pack's state keeps: its type, a text that changes with it, and how large it can be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from . import ir
from .constants import constant, written
from .faults import Located
from .state_functions import STATE_FUNCTIONS
from .types import (
    Boolean,
    Document,
    Enum,
    Field,
    Integer,
    List,
    Map,
    Number,
    Record,
    Text,
    Time,
    Type,
    Vector,
    of_member,
    unit_of,
)
from .windows import MAX_SAMPLES

_AROUND, _AROUND_SLOT = 512, 32  # the bytes of the document's own keys, and of a slot's
_DIGITS, _MOMENT, _ESCAPED = 24, 29, 6  # the most bytes of a number, of a time, of one character
_FINGERPRINT_WRITTEN = 73


def most_of(pack: ir.Pack, parameters: Mapping[str, ir.Value]) -> int:
    """The most bytes of a state document, but for a key of unusual length."""
    slots = [(slot, kept_type(slot, parameters), kind_of(slot, parameters)) for slot in pack.slots]
    kept = sum(most_bytes(kind) + len(slot.name) + len(text) + _AROUND_SLOT for slot, kind, text in slots)
    return kept + sum(most_bytes(each.type) + len(name) + 4 for name, each in pack.publication.items()) + _AROUND


def kept_type(slot: ir.Slot, parameters: Mapping[str, ir.Value]) -> Type:
    node = slot.source
    if not isinstance(node, ir.Advance):
        return slot.type
    function = STATE_FUNCTIONS[node.function]
    kinds = tuple(of_member(arg.type) for arg in node.args[: len(function.takes)])
    kept = function.state(kinds, _size(node, parameters))
    if isinstance(slot.type, Vector | Map):
        return replace(slot.type, item=Field("", kept, optional=True))
    return kept


def _size(node: ir.Advance, parameters: Mapping[str, ir.Value]) -> int:
    """How many snapshots a window by count holds; one that makes no sense is a fault when it is used."""
    function = STATE_FUNCTIONS[node.function]
    value = _setting(node, parameters) if function.by == "count" else None
    return int(value) if isinstance(value, int | float) and 1 <= value <= MAX_SAMPLES else MAX_SAMPLES


def _setting(node: ir.Advance, parameters: Mapping[str, ir.Value]) -> ir.Value:
    try:
        return constant(node.args[-1], parameters)  # type: ignore[no-any-return]  # a value of the language
    except Located:
        return None


def kind_of(slot: ir.Slot, parameters: Mapping[str, ir.Value]) -> str:
    """What is kept, as a text that changes with its type, its function and its window."""
    node = slot.source
    if not isinstance(node, ir.Advance):
        return described(slot.type)
    function = STATE_FUNCTIONS[node.function]
    taken = " and ".join(described(arg.type) for arg in node.args[: len(function.takes)])
    if function.setting != "window":
        return f"{function.key} of {taken}"
    unit = unit_of(node.args[-1].type)
    return f"{function.key} of {taken} over {written(_setting(node, parameters), Number())} {unit}"


def described(kind: Type) -> str:
    """A type by its structure, without the names and limits that do not change its values."""
    match kind:
        case Number(unit=unit):
            return f"number in {unit}"
        case Integer(unit=unit):
            return f"integer in {unit}"
        case Enum(name=name, members=members):
            return f"{name}({', '.join(members)})"
        case Record(fields=fields):
            parts = (f"{field.name}{'?' if field.optional else ''}: {described(field.type)}" for field in fields)
            return f"record({', '.join(parts)})"
        case List(item=item):
            return f"list of {described(item.type)}"
        case Vector(by=by, item=item):
            return f"{described(by)} to {described(item.type)}"
        case Map(item=item):
            return f"text to {described(item.type)}"
        case Document(ignore=ignore, unordered=unordered):
            return f"document without {', '.join(ignore) or 'nothing'}, unordered {', '.join(unordered) or 'nowhere'}"
    return str(kind).removeprefix("a ")


def most_bytes(kind: Type) -> int:
    """The most bytes of a value in JSON."""
    match kind:
        case Number() | Integer():
            return _DIGITS
        case Boolean():
            return len("false")
        case Time():
            return _MOMENT
        case Text(max_length=limit):
            return limit * _ESCAPED + 2
        case Document():
            return _FINGERPRINT_WRITTEN
        case Enum(members=members):
            return max(map(len, members)) + 2
        case List(item=item, max_items=limit):
            return limit * (most_bytes(item.type) + 1) + 2
        case Record(fields=fields):
            return 2 + sum(len(field.name) + 4 + most_bytes(field.type) for field in fields)
        case Map(item=item, max_items=limit, key=key):
            return 2 + limit * (most_bytes(key) + 2 + max(most_bytes(item.type), len("null")))
        case Vector(by=by, item=item):
            return 2 + sum(len(member) + 4 + most_bytes(item.type) for member in by.members)
    return 0


__all__ = ["described", "kept_type", "kind_of", "most_bytes", "most_of"]
