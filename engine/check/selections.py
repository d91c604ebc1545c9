"""Selections: the items of a block as a list of their own."""

from __future__ import annotations

from dataclasses import replace

from .. import ir
from ..document import Mapping
from ..types import UNKNOWN, Field, List, Record, Type
from .loops import Block, read_loop
from .scope import Scope, unknown


def read_selection(scope: Scope, node: Mapping) -> ir.Expr:
    """A block with `for`, as the list that it stands for."""
    block = read_loop(scope, node)
    loop = block.loop
    if loop is None:  # what is wrong with it has been said
        return unknown(node.span)
    item = _pair(block, loop) if len(loop.sources) > 1 else _item(scope, node, block, loop)
    if item.type == UNKNOWN:
        return unknown(node.span)
    key = _list(loop.sources[0]).key if len(loop.sources) == 1 else ()
    return ir.Select(type=List(item, _most(loop), key), span=node.span, loop=loop)


def _list(source: ir.Source) -> List:
    assert isinstance(source.items.type, List), "a loop runs over a list"
    return source.items.type


def _most(loop: ir.Loop) -> int:
    most = 1
    for source in loop.sources:
        most *= _list(source).max_items
    limit = loop.limit.value if isinstance(loop.limit, ir.Literal) else None
    return min(most, limit) if isinstance(limit, int) else most


def _pair(block: Block, loop: ir.Loop) -> Field:
    """An item of two sources: a record with a field for each variable and each name."""
    items = [_known(source.item, source.variable, block.facts) for source in loop.sources]
    fields = [replace(item, name=source.variable) for item, source in zip(items, loop.sources, strict=True)]
    return Field("", Record("", (*fields, *_further(loop))))


def _item(scope: Scope, node: Mapping, block: Block, loop: ir.Loop) -> Field:
    """An item of one source: that of its list, with the names of `with` as further fields."""
    source = loop.sources[0]
    item = _known(source.item, source.variable, block.facts)
    record = item.type
    if not loop.names or record == UNKNOWN:
        return item
    names = node.get("with")
    if not isinstance(record, Record):
        span = names.span if names else node.span
        expected = "a list of records, whose fields `with` adds to,"
        scope.report("FB305", span, expected=expected, found=str(source.items.type))
        return Field("", UNKNOWN)
    for key, _ in names.entries if isinstance(names, Mapping) else ():
        if record.field(key.text):
            scope.report("FB311", key.span, name=key.text, other=f"a field of `{source.variable}`")
    return replace(item, type=Record("", (*record.fields, *_further(loop))))


def _further(loop: ir.Loop) -> list[Field]:
    return [Field(name, value.type, value.optional) for name, value in loop.names]


def _known(place: Field, path: str, facts: frozenset[str]) -> Field:
    """A place as the items that pass `where` have it: what is known to be present there is not optional."""
    kind: Type = place.type
    if isinstance(kind, Record):
        kind = replace(kind, fields=tuple(_known(each, f"{path}.{each.name}", facts) for each in kind.fields))
    return replace(place, type=kind, optional=place.optional and path not in facts)
