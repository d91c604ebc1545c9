"""A generated function that counts the keys which a snapshot holds, once it is known to be in order."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from ..types import Document, Field, List, Map, Record, Type, Vector, innermost


def key_counter(fields: Iterable[Field]) -> Callable[[Mapping[str, Any]], int] | None:
    """The function, which never counts too many; nothing where a snapshot may hold free JSON."""
    declared = [each for each in fields if each.name != "now"]
    if any(_holds_document(each.type) for each in declared):
        return None
    lines = [line for each in declared for line in _lines_of(each, f"snapshot.get({each.source!r})", 0)]
    body = ["count = len(snapshot)", *lines, "return count"]
    space: dict[str, Any] = {}
    exec("\n    ".join(["def keys_of(snapshot):", *body]), space)
    return space["keys_of"]  # type: ignore[no-any-return]


def _lines_of(each: Field, spelling: str, depth: int) -> Iterator[str]:
    """Count the keys of a value, and of what it holds. One that is absent has none."""
    if not _has_keys(each.type):
        return
    name = f"v{depth}"
    yield f"{name} = {spelling}"
    yield f"if {name}:"
    yield from (f"    {line}" for line in _inside(each.type, name, depth))


def _inside(kind: Type, name: str, depth: int) -> Iterator[str]:
    match kind:
        case List(item=Field(type=Record(fields=fields), optional=False)) if not any(map(_is_open, fields)):
            yield f"count += {len(fields)} * len({name})"
            return
        case Record() | Vector() | Map():
            yield f"count += len({name})"
    if isinstance(kind, Record):
        for part in kind.fields:
            yield from _lines_of(part, f"{name}.get({part.source!r})", depth + 1)
    elif isinstance(kind, List | Vector | Map) and _has_keys(kind.item.type):
        yield f"for e{depth} in {name}{'' if isinstance(kind, List) else '.values()'}:"
        yield from (f"    {line}" for line in _lines_of(kind.item, f"e{depth}", depth + 1))


def _is_open(part: Field) -> bool:
    """Whether a field of a record may be left out, or holds keys of its own."""
    return part.optional or _has_keys(part.type)


def _has_keys(kind: Type) -> bool:
    return isinstance(kind, Record | Vector | Map) or (isinstance(kind, List) and _has_keys(kind.item.type))


def _holds_document(kind: Type) -> bool:
    match kind:
        case Record(fields=fields):
            return any(_holds_document(each.type) for each in fields)
        case List(item=item):
            return _holds_document(item.type)
    return isinstance(innermost(kind), Document)


__all__ = ["key_counter"]
