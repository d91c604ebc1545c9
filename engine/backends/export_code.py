"""Generated code that gives a run-time value as the readers of a decision know it; `engine/snapshot.py` says how."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..readonly import read_only
from ..snapshot import export
from ..times import format_time
from ..types import Boolean, Enum, Field, Integer, List, Number, Record, Text, Time, Type, Vector

_MAX_HELD = 1_024
_MOST = 16  # parts that are spelled out


def exported(spelling: str, kind: Type, constants: dict[str, Any], optional: bool = False) -> str:
    """The expression for a value that a short expression spells; a list may be a tuple or a list."""
    match kind:
        case List(item=Field(type=Boolean() | Text(), optional=False)):
            plain: str | None = f"(ReadOnlyList({spelling}) if {spelling} else NO_ITEMS)"
        case List(item=item):
            each = exported("each", item.type, constants, item.optional)
            plain = f"(ReadOnlyList([{each} for each in {spelling}]) if {spelling} else NO_ITEMS)"
        case _:
            plain = _plain(spelling, kind, constants)
    if plain is None:
        return _called(spelling, kind, constants)
    return f"None if {spelling} is None else {plain}" if optional and plain != spelling else plain


class Held(dict[Any, Any]):
    """What is shown of each value of a record that is held for many steps; bounded, since it may be any text."""

    __slots__ = ()

    def keep(self, value: Any, shown: Any) -> Any:
        if len(self) >= _MAX_HELD:
            self.clear()
        self[value] = shown
        return shown


def exported_again(spelling: str, kind: Type, constants: dict[str, Any], optional: bool) -> str:
    """`exported` for what a pack reads at its next step: a record that is then the same is taken from a table."""
    if not (isinstance(kind, Record) and stays(kind)) or any(isinstance(each.type, List) for each in kind.fields):
        return exported(spelling, kind, constants, optional)
    made, held = exported(spelling, kind, constants), f"HELD_{len(constants)}"
    constants[held] = Held()
    found = f"({held}.get({spelling}) or {held}.keep({spelling}, {made}))"
    return f"None if {spelling} is None else {found}" if optional else found


def stays(kind: Type) -> bool:
    """Whether a value of the type is often the same for many steps; numbers are not, and long lists take long to
    compare."""
    match kind:
        case Boolean() | Enum() | Integer() | Text() | Time() | List(item=Field(type=Enum() | Boolean())):
            return True
        case Record(fields=fields):
            return all(stays(each.type) for each in fields)
    return False


def fields_of(record: Record, constants: dict[str, Any]) -> list[str]:
    """The lines that give a record, `emit`, as a dict without what is absent."""
    lines = ["found = {}"]
    for i, each in enumerate(record.fields):
        value = f"emit[{i}]"
        line = f"found[{each.source!r}] = {_plain(value, each.type, constants) or _called(value, each.type, constants)}"
        lines.append(f"if {value} is not None: {line}" if each.optional else line)
    return [*lines, "return found"]


def _called(spelling: str, kind: Type, constants: dict[str, Any]) -> str:
    name = shared(constants, kind, "TYPE_")
    constants |= {"export": export, "read_only": read_only}
    return f"read_only(export({spelling}, {name}))"


def _plain(spelling: str, kind: Type, constants: dict[str, Any]) -> str | None:
    """The expression for what is present, without a call where the type has a short form."""
    match kind:
        case Number():
            return f"{spelling} + 0.0"
        case Boolean() | Integer() | Text():
            return spelling
        case Enum(members=members):
            return f"{shared(constants, members)}[{spelling}]"
        case Time():
            constants["format_time"] = format_time
            return f"format_time({spelling})"
        case List():
            return exported(spelling, kind, constants)
        case Vector(by=by, item=item):
            return _object(spelling, by.members, [item] * len(by.members), constants)
        case Record(fields=fields):
            return _object(spelling, [each.source for each in fields], fields, constants)
    return None


def _object(spelling: str, names: Sequence[str], fields: Sequence[Field], constants: dict[str, Any]) -> str | None:
    """Parts under their names. What may be absent is left out, which takes a call."""
    if len(fields) > _MOST or any(each.optional for each in fields):
        return None
    parts = [_plain(f"{spelling}[{i}]", each.type, constants) for i, each in enumerate(fields)]
    if None in parts:
        return None
    return f"ReadOnlyDict({{{', '.join(f'{name!r}: {part}' for name, part in zip(names, parts, strict=True))}}})"


def shared(constants: dict[str, Any], value: Any, prefix: str = "K") -> str:
    """The name of a constant, the same for equal ones."""
    name = next((key for key, known in constants.items() if known == value), f"{prefix}{len(constants)}")
    constants[name] = value
    return name
