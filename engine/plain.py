"""A caller's Python data in exact JSON types."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from enum import Enum
from typing import Any

_MAX_DEPTH = 64  # deeper than any type
_NUMPY = {"b": bool, "i": int, "u": int, "f": float}


def plain(value: object) -> object:
    """A copy of a caller's data in exact JSON types: enums, tuples, dataclasses, moments and so on may be given.

    The generated code knows names by their encoded content; what encodes alike must read alike.
    What has no JSON form stays as it is, for `read` to report, and so does what is nested deeper than any type.
    """
    return _plain(value, _MAX_DEPTH, {})


# A container that stands in several places is copied once, or a list that holds itself twice would cost 2 ** 64 steps.
# The original is kept beside its copy, or another object could come to have its id.
_Copies = dict[int, tuple[object, object]]


def _plain(value: object, depth: int, copies: _Copies) -> object:
    if isinstance(value, Enum):
        return _plain(value.value, depth, copies)
    if isinstance(value, Mapping | list | tuple) or _is_record(value):
        return _plain_container(value, depth, copies)
    return _plain_scalar(value)


def _is_record(value: object) -> bool:
    return is_dataclass(value) and not isinstance(value, type)


def _plain_container(value: Any, depth: int, copies: _Copies) -> object:
    if depth == 0:
        return value
    if id(value) in copies:
        return copies[id(value)][1]
    if isinstance(value, list | tuple):
        items: list[object] = []
        copies[id(value)] = value, items
        items.extend(_plain(each, depth - 1, copies) for each in value)
        return items
    mapping: dict[object, object] = {}
    copies[id(value)] = value, mapping
    pairs = value.items() if isinstance(value, Mapping) else _attributes(value)
    mapping.update((_plain_key(key), _plain(each, depth - 1, copies)) for key, each in pairs)
    return mapping


def _attributes(value: Any) -> Iterator[tuple[str, object]]:
    return ((field.name, getattr(value, field.name)) for field in fields(value))


def _plain_key(key: object) -> object:
    return _plain_scalar(key.value if isinstance(key, Enum) else key)


def _plain_scalar(value: object) -> object:
    match value:
        case None | bool():
            return value
        case str():
            return str.__str__(value)  # of the text itself, whatever a subclass says
        case int():
            return int.__int__(value)
        case float():
            return float.__float__(value)
        case datetime():
            return _plain_moment(value)
    return _plain_numpy(value)


def _plain_moment(value: datetime) -> object:
    if value.tzinfo is None:
        return value.isoformat()
    try:
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    except OverflowError:  # in the first or last hours of the calendar
        return value


def _plain_uuid(value: object) -> object:
    """UUIDs are text, as the encoder of names has them."""
    uuid = sys.modules.get("uuid")
    return str(value) if uuid is not None and isinstance(value, uuid.UUID) else value


def _plain_numpy(value: object) -> object:
    """Looked for among the loaded modules: who passes numpy's values has imported it."""
    numpy = sys.modules.get("numpy")
    if numpy is None or not isinstance(value, numpy.generic):
        return _plain_uuid(value)
    convert = _NUMPY.get(value.dtype.kind)
    return convert(value) if convert else value
