"""One step of a state function, ready to be called: for one value, or for each member of a vector or item of a map.

Generated code calls this and nothing of the compiler.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from .faults import Fault
from .state_functions import STATE_FUNCTIONS
from .types import Field, List, Map, Number, Record, Type, Vector

Step = Callable[..., tuple[Any, Any]]


@dataclass(frozen=True, slots=True)
class StepOf:
    """The step of an entry of the table. `numbers` says that results are doubles, also a sum of nothing.

    Over a vector of `members`, those arguments are taken member by member that `spread` says; over a map that is
    `keyed`, item by item.
    """

    function: str
    numbers: bool
    members: int | None = None
    spread: tuple[bool, ...] = ()
    keyed: bool = False

    def bind(self) -> Step:
        """From what was kept, `now` and the arguments, to what is kept and the value."""
        single = STATE_FUNCTIONS[self.function].step
        if self.numbers:
            single = partial(_number, single)
        if self.keyed:
            return partial(_by_key, single, self.function, self.spread)
        return single if self.members is None else partial(_by_member, single, self.members, self.spread)


def _number(single: Step, kept: Any, now: int | None, *args: Any) -> tuple[Any, Any]:
    kept, value = single(kept, now, *args)
    return kept, None if value is None else value + 0.0


def _by_member(
    single: Step, count: int, spread: tuple[bool, ...], kept: Any, now: int | None, *args: Any
) -> tuple[Any, Any]:
    """An argument that is no vector is the same for all members."""
    found = []
    for i in range(count):
        each = [arg[i] if of_members and arg is not None else arg for arg, of_members in zip(args, spread, strict=True)]
        found.append(single(kept[i], now, *each))
    return tuple([part for part, _ in found]), tuple([value for _, value in found])


def _by_key(
    single: Step, function: str, spread: tuple[bool, ...], kept: Any, now: int | None, *args: Any
) -> tuple[Any, Any]:
    """What is kept goes with the items of this snapshot: a new one begins, and one that is gone is forgotten."""
    begins = STATE_FUNCTIONS[function].start
    before = dict(kept)
    maps = [dict(arg) if is_map else None for arg, is_map in zip(args, spread, strict=True)]
    first = next(each for each in maps if each is not None)
    after, values = [], []
    for key in _shared(first, maps, function):
        each = [arg if of is None else of[key] for arg, of in zip(args, maps, strict=True)]
        part, value = single(before.get(key, begins), now, *each)
        after.append((key, part))
        values.append((key, value))
    return tuple(after), tuple(values)


def _shared(first: Mapping[str, Any], maps: Sequence[Mapping[str, Any] | None], function: str) -> Iterable[str]:
    """The keys of all maps, which are those of the first."""
    for other in maps:
        if other is not None and other.keys() != first.keys():
            lonely = min(other.keys() ^ first.keys())
            raise Fault("FB731", function=function.partition(".")[0], key=json.dumps(lonely, ensure_ascii=False))
    return first


def holds_numbers(kind: Type) -> bool:
    match kind:
        case Number():
            return True
        case List(item=item) | Vector(item=item) | Map(item=item):
            return holds_numbers(item.type)
        case Record(fields=fields):
            return any(holds_numbers(field.type) for field in fields)
    return False


def cleaned(value: Any, kind: Type) -> Any:
    """A value without -0.0, as it is kept."""
    if value is None or not holds_numbers(kind):
        return value
    match kind:
        case Number():
            return value + 0.0
        case List(item=Field(type=item)) | Vector(item=Field(type=item)):
            return tuple([cleaned(each, item) for each in value])
        case Map(item=Field(type=item)):
            return tuple([(key, cleaned(each, item)) for key, each in value])
        case Record(fields=fields):
            return tuple([cleaned(each, field.type) for each, field in zip(value, fields, strict=True)])
    return value
