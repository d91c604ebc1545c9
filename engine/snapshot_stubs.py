"""The type of a policy's snapshots as a Python module of `TypedDict`s, for the type checker of whoever makes them."""

from __future__ import annotations

import keyword
import re
from dataclasses import dataclass, field
from typing import Any

from . import ir
from .snapshot_schema import description, fields_of
from .types import Boolean, Document, Enum, Field, Integer, List, Map, Number, Record, Text, Time, Type, Unknown, Vector

_HEAD = '''"""A snapshot for {pack}; written by `flyball schema {name} --format python`."""

from __future__ import annotations

from typing import {imports}
'''
_SCALARS: dict[type, str] = {Number: "float", Integer: "int", Boolean: "bool", Text: "str", Time: "str | float"}


def snapshot_stubs(pack: ir.Pack) -> str:
    """The class `Snapshot`, and what it needs before it."""
    module = _Module()
    module.record("Snapshot", fields_of(pack))
    body = "".join(f"\n\n{each}" for each in module.parts)
    found = (name for name in ("Any", "Literal", "NotRequired", "TypedDict") if re.search(rf"\b{name}\b", body))
    return _HEAD.format(pack=f"{pack.name}@{pack.version}", name=pack.name, imports=", ".join(found)) + body


@dataclass(slots=True)
class _Module:
    """Classes and aliases in the order in which they need each other, by the name of each."""

    parts: list[str] = field(default_factory=list)
    named: dict[str, Type] = field(default_factory=dict)

    def name(self, wanted: str, kind: Type) -> tuple[str, bool]:
        """A name that is free, or is that of the same type already."""
        number, name = 1, wanted
        while name == "Snapshot" or (name in self.named and self.named[name] != kind):
            number += 1
            name = f"{wanted}{number}"
        is_new = name not in self.named
        self.named[name] = kind
        return name, is_new

    def record(self, name: str, fields: list[Field]) -> None:
        entries = [(each, self.place(each, name)) for each in fields]
        if all(_is_plain(each.source) for each, _ in entries):
            lines = [line for each, kind in entries for line in _attribute(each, kind)]
            self.parts.append(f"class {name}(TypedDict):\n" + "\n".join(lines or ["    pass"]) + "\n")
        else:  # a key that is no name in Python
            lines = [f'    "{each.source}": {kind},' for each, kind in entries]
            text = "\n".join(lines)
            self.parts.append(f'{name} = TypedDict("{name}", {{\n{text}\n}})\n')

    def place(self, place: Field, holder: str) -> str:
        kind = self.type(place.type, holder + _pascal(place.source))
        return f"NotRequired[{kind} | None]" if place.optional else kind

    def type(self, kind: Type, path: str) -> str:
        """The annotation of a type; `path` is how one is called that has no name."""
        match kind:
            case Document():
                return "dict[str, Any] | list[Any] | str | float | bool"
            case List(item=item):
                return f"list[{self.item(item, path)}]"
            case Map(item=item):
                return f"dict[str, {self.item(item, path)}]"
            case Vector(by=by, item=item):
                members = [Field(each, item.type, item.optional) for each in by.members]
                return self._record(path, members, kind)
            case Record(fields=fields):
                return self._record(kind.name or path, list(fields), kind)
            case Enum(members=members):
                name, is_new = self.name(kind.name or path, kind)
                if is_new:
                    written = ", ".join(f'"{each}"' for each in members)
                    self.parts.append(f"{name} = Literal[{written}]\n")
                return name
            case Unknown():
                raise ValueError("a pack with errors reads no snapshot")
        return _SCALARS[type(kind)]

    def item(self, item: Field, path: str) -> str:
        kind = self.type(item.type, f"{path}Item")
        return f"{kind} | None" if item.optional else kind

    def _record(self, wanted: str, fields: list[Field], kind: Any) -> str:
        name, is_new = self.name(wanted, kind)
        if is_new:
            self.record(name, fields)
        return name


def _attribute(place: Field, kind: str) -> list[str]:
    text = " ".join(description(place).split())
    return ([f"    # {text}"] if text else []) + [f"    {place.source}: {kind}"]


def _is_plain(key: str) -> bool:
    return key.isidentifier() and not keyword.iskeyword(key) and not key.startswith("__")


def _pascal(name: str) -> str:
    return "".join(part[:1].upper() + part[1:] for part in re.findall(r"[A-Za-z0-9]+", name))


__all__ = ["snapshot_stubs"]
