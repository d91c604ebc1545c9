"""Generated code that reads one scalar, and what it calls."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..types import MAX_INTEGER, Boolean, Enum, Field, Integer, Number, Text, Time
from .operation_bounds import DOUBLE


def _range(each: Field, integer: bool) -> tuple[str, str]:
    end: float = MAX_INTEGER if integer else DOUBLE
    low = -end if each.low is None else max(each.low, -end)
    high = end if each.high is None else min(each.high, end)
    kind = int if integer and low == int(low) and high == int(high) else float  # like with like compares fastest
    return repr(kind(low)), repr(kind(high))


def scalar_lines(each: Field, source: str, name: str, constants: dict[str, Any], key: bool = False) -> Iterator[str]:
    """Read one scalar into the local `name`. Keys, which repeat from snapshot to snapshot, are looked up."""
    if isinstance(each.type, Enum):
        yield f"{name} = {index_of(each.type, constants)}[{source}]"
        return
    if isinstance(each.type, Text) and key:
        limit = each.type.max_length
        constants[f"TEXTS_{limit}"] = {}
        yield f"try: {name} = TEXTS_{limit}[{source}]"  # free where it succeeds, and faster than `__missing__`
        yield f"except KeyError: {name} = learn(TEXTS_{limit}, {limit}, {source})"
        return
    if name != source:
        yield f"{name} = {source}"
    match each.type:
        case Number():
            low, high = _range(each, integer=False)
            yield f"if type({name}) is not float: {name} = as_double({name})"
            yield f"if not ({name} >= {low} and {name} <= {high}): raise Unusual"  # NaN is refused as well
        case Integer():
            low, high = _range(each, integer=True)
            yield f"if type({name}) is not int: {name} = as_integer({name})"
            yield f"if not ({name} >= {low} and {name} <= {high}): raise Unusual"  # NaN is refused as well
        case Boolean():
            yield f"if type({name}) is not bool: raise Unusual"
        case Text(max_length=limit):
            yield f"if type({name}) is not str or len({name}) > {limit}: raise Unusual"
            yield f"if not {name}.isascii(): {name}.encode()"
        case Time():
            yield f"{name} = moment({name})"


def index_of(kind: Enum, constants: dict[str, Any]) -> str:
    """The name of the constant that gives each member its place."""
    name = f"{kind.name}_index"
    constants[name] = {member: i for i, member in enumerate(kind.members)}
    return name
