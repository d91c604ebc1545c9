"""A caller's Python data in exact JSON types."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

_MAX_DEPTH = 64  # deeper than any type
_NUMPY = {"b": bool, "i": int, "u": int, "f": float}


def plain(value: object) -> object:
    """A copy of a caller's data in exact JSON types: enums, tuples, aware datetimes and numpy scalars may be given.

    What has no JSON form stays as it is, for `read` to report, and so does what is nested deeper than any type.
    """
    return _plain(value, _MAX_DEPTH, {})


# A container that stands in several places is copied once, or a list that holds itself twice would cost 2 ** 64 steps.
# The original is kept beside its copy, or another object could come to have its id.
_Copies = dict[int, tuple[object, object]]


def _plain(value: object, depth: int, copies: _Copies) -> object:
    if isinstance(value, Mapping | list | tuple):
        return _plain_container(value, depth, copies)
    return _plain_scalar(value)


def _plain_container(value: Mapping[object, object] | Sequence[object], depth: int, copies: _Copies) -> object:
    if depth == 0:
        return value
    if id(value) in copies:
        return copies[id(value)][1]
    if isinstance(value, Mapping):
        mapping: dict[object, object] = {}
        copies[id(value)] = value, mapping
        mapping.update((_plain_scalar(key), _plain(each, depth - 1, copies)) for key, each in value.items())
        return mapping
    items: list[object] = []
    copies[id(value)] = value, items
    items.extend(_plain(each, depth - 1, copies) for each in value)
    return items


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


def _plain_object(value: object) -> object:
    """Enums by their value, dataclasses as mappings, decimals and UUIDs as text: as the encoder of names has them.

    The generated code knows names by their encoded content; what encodes alike must read alike.
    """
    if isinstance(value, bytes | bytearray | memoryview):
        return value
    from msgspec import to_builtins  # noqa: PLC0415  only who passes such objects pays for its import

    try:
        return to_builtins(value, str_keys=False)
    except (TypeError, ValueError, RecursionError):
        return value


def _plain_numpy(value: object) -> object:
    """Looked for among the loaded modules: who passes numpy's values has imported it."""
    numpy = sys.modules.get("numpy")
    if numpy is None or not isinstance(value, numpy.generic):
        return _plain_object(value)
    convert = _NUMPY.get(value.dtype.kind)
    return convert(value) if convert else value
