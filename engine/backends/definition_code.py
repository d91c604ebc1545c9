"""Definitions as generated code: a vector or record that is made from its parts becomes one local a part."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TypeGuard

from .. import ir
from ..types import MAX_INTEGER, Integer, Number, Record, Type, Vector
from .draft import Draft, decided_by
from .expressions import Writer
from .lookup_code import chosen_lines, has_few_rows
from .looped import is_known
from .search_code import SearchCode, searched
from .tally import tally_lines, tally_of


@dataclass
class DefinitionCode:
    """Writes definitions, which are `values`; `whole` are those that are read otherwise than part by part."""

    draft: Draft
    search: SearchCode
    whole: set[str] = field(default_factory=set)
    values: dict[str, ir.Expr] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.values = {step.name: step.value for step in self.draft.pack.steps if isinstance(step, ir.Define)}
        self.whole = {name for expr in decided_by(self.draft.pack) for name in _read_whole(expr)}

    def define(self, name: str, value: ir.Expr) -> None:
        if not is_made(value):
            self._defined(name, value)
            return
        parts = self._parts(f"d_{name}", value)
        if name in self.whole:
            self.draft.add(f"d_{name} = {parts}")
        else:
            self.draft.names["definition", name] = parts
        self.search.search(name, [self.draft.names["part", f"d_{name}.{i}"] for i in range(len(value.parts))])

    def _assign(self, local: str, value: ir.Expr) -> None:
        """A line that computes a value. That it is finite is checked behind it, which is faster than by a call."""
        writer = replace(self.draft.writer, flat=True)
        written, bare = writer.write(value), _bare(writer, value)
        self.draft.add(f"{local} = {bare}")
        if not writer.can_fail(value) and not any(isinstance(node, ir.Lookup) for node in ir.walk(value)):
            self.draft.sure.add(local)
        if bare != written:
            self.draft.add(f"if {_LEFT[type(value.type)].format(local)}: raise Unusual")

    def _defined(self, name: str, value: ir.Expr) -> None:
        draft, local = self.draft, f"d_{name}"
        if isinstance(value, ir.Lookup) and has_few_rows(value):
            draft.lines += chosen_lines(draft.writer, value, local)
            return
        if made := tally_of(value, draft.writer.bounds, self.values):
            draft.lines += tally_lines(made, local, draft.writer)
            draft.names.update((("part", f"{local}.{i}"), f"{local}_P{i}") for i in range(made.members))
            return
        written = draft.writer.write(value)
        if is_known(value) or written.isidentifier():
            draft.names["definition", name] = written
        else:
            self._assign(local, value)

    def _parts(self, local: str, value: ir.Make) -> str:
        """Lines that compute the parts, and what spells all of them."""
        spelled = []
        for i, part in enumerate(value.parts):
            name = f"{local}_P{i}"
            if is_made(part):
                self.draft.add(f"{name} = {self._parts(name, part)}")
            else:
                written = self.draft.writer.write(part)
                if is_known(part) or written.isidentifier():
                    name = written  # a constant, or a local that has the value
                else:
                    self._assign(name, part)
            self.draft.names["part", f"{local}.{i}"] = name
            spelled.append(name)
        return f"({', '.join(spelled)},)"


_CHECKS: Mapping[type[Type], str] = {Number: "finite", Integer: "whole"}
_LEFT: Mapping[type[Type], str] = {Number: "{0} - {0} != 0.0", Integer: f"not -{MAX_INTEGER} <= {{0}} <= {MAX_INTEGER}"}


def _bare(writer: Writer, value: ir.Expr) -> str:
    """A value as it is written, without the checks around a number that is always there."""
    if value.optional or type(value.type) not in _CHECKS:
        return writer.write(value)
    match value:
        case ir.Call():
            return writer.write(value).removeprefix(_CHECKS[type(value.type)])
        case ir.If(test=test, then=then, other=other) if then.type == other.type == value.type:
            return f"({_bare(writer, then)} if {writer.write(test)} else {_bare(writer, other)})"
    return writer.write(value)


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
        case ir.Call(function="argmax") if searched(expr):
            return
        case _:
            for child in ir.children(expr):
                yield from _read_whole(child)
