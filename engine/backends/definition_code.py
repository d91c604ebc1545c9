"""Definitions as generated code: a vector or record that is made from its parts becomes one local a part."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeGuard

from .. import ir
from ..types import Record, Vector
from .draft import Draft, decided_by


@dataclass
class DefinitionCode:
    """Writes definitions; `whole` are those that are read otherwise than part by part."""

    draft: Draft
    whole: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.whole = {name for expr in decided_by(self.draft.pack) for name in _read_whole(expr)}

    def define(self, name: str, value: ir.Expr) -> None:
        if not is_made(value):
            self.draft.add(f"d_{name} = {self.draft.writer.write(value)}")
            return
        parts = self._parts(f"d_{name}", value)
        if name in self.whole:
            self.draft.add(f"d_{name} = {parts}")
        else:
            self.draft.names["definition", name] = parts

    def _parts(self, local: str, value: ir.Make) -> str:
        """Lines that compute the parts, and what spells all of them."""
        spelled = []
        for i, part in enumerate(value.parts):
            name = f"{local}_P{i}"
            if is_made(part):
                self.draft.add(f"{name} = {self._parts(name, part)}")
            else:
                written = self.draft.writer.write(part)
                if written.isidentifier():
                    name = written  # a constant, or a local that has the value
                else:
                    self.draft.add(f"{name} = {written}")
            self.draft.names["part", f"{local}.{i}"] = name
            spelled.append(name)
        return f"({', '.join(spelled)},)"


def is_made(value: ir.Expr) -> TypeGuard[ir.Make]:
    return isinstance(value, ir.Make) and isinstance(value.type, Vector | Record) and bool(value.parts)


def _read_whole(expr: ir.Expr) -> Iterator[str]:
    match expr:
        case ir.Defined(name=name):
            yield name
        case ir.Get(record=ir.Defined()) | ir.Call(function="at", args=(ir.Defined(), ir.Literal(value=int()))):
            return
        case ir.Call(function="any" | "all" | "sum" | "least" | "greatest", args=(ir.Defined(type=Vector()),)):
            return
        case _:
            for child in ir.children(expr):
                yield from _read_whole(child)
