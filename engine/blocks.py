"""The items of a block: what `for`, `where`, `with`, `order_by` and `limit` give, for all that has them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from operator import itemgetter
from typing import Any

from .faults import Located
from .ir import Expr, Loop, Source, Value

Item = int | tuple[int, ...] | None  # the index in the list, or one for each of two lists
Names = Mapping[str, Value]
ValueOf = Callable[[Expr, Names], Any]


def stop(located: Located, _item: Item) -> None:
    """The fault of an item is that of the whole block."""
    raise located


def turns(
    loop: Loop, names: Names, value_of: ValueOf, failed: Callable[[Located, Item], None] = stop
) -> list[tuple[Item, dict[str, Value]]]:
    """Each item with `names` and those of its block. An item with a fault is given to `failed`; the others go on."""
    found = []
    for item, inner in _pairs(loop.sources, names, value_of):
        try:
            if loop.where is not None and not value_of(loop.where, inner):
                continue
            for name, value in loop.names:
                inner[name] = value_of(value, inner)
            found.append((tuple(value_of(key, inner) for key in loop.order), item, inner))
        except Located as located:
            failed(located, item)
    found.sort(key=itemgetter(0))
    limit = len(found) if loop.limit is None else max(value_of(loop.limit, names), 0)
    return [(item, inner) for _, item, inner in found[:limit]]


def _pairs(sources: tuple[Source, ...], names: Names, value_of: ValueOf) -> Iterator[tuple[Item, dict[str, Value]]]:
    """The items of one source, or those of the second for each of the first."""
    first, *others = sources
    for index, item in enumerate(value_of(first.items, names)):
        inner = {**names, first.variable: item}
        if not others:
            yield index, inner
        for second in others:
            for place, other in enumerate(value_of(second.items, inner)):
                yield (index, place), {**inner, second.variable: other}


def whole(loop: Loop, names: Names) -> Any:
    """The item of a selection."""
    values = [names[name] for name in loop.locals]
    if len(loop.sources) > 1:
        return tuple(values)
    item, *more = values
    return (*item, *more) if more else item  # type: ignore[misc]  # only records have further fields


__all__ = ["Item", "turns", "whole"]
