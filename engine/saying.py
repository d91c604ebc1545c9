"""What a rule or group says of a decision: a text, and the inputs and parameters that it rests on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import combinations
from typing import Any

from . import ir
from .graph import conditions
from .snapshot import exporter
from .types import Boolean, Enum, Integer, Number, Record, Text
from .values import show_holes, shower

Names = Mapping[str, ir.Value]
_Get = Callable[[Names, Names], Any]
_REPEATED = (Boolean, Enum, Integer, Text)  # what reads the same again and again
_MAX_KNOWN = 1_024


class Saying:
    """What one rule or group of a pack says, under the effective parameters. All of it is found out once."""

    def __init__(self, pack: ir.Pack, parameters: Mapping[str, ir.Value], holder: ir.Rule | ir.Group) -> None:
        self._holes = ir.holes(holder)
        self._shows = [shower(hole.value.type, hole.format) for hole in self._holes]
        self._pairs = _comparable(self._holes)
        self._templates = dict(_numbered(holder))
        self._repeats = all(isinstance(hole.value.type, _REPEATED) for hole in self._holes)
        self._known: dict[tuple[Any, ...], str] = {}
        found = leaves(pack, holder)
        self._leaves = [(ir.shown(path), _getter(leaf, parameters), exporter(leaf.type)) for path, leaf in found]
        self._locals = holder.loop.locals if isinstance(holder, ir.Rule) and holder.loop else ()

    def text(self, values: tuple[ir.Value, ...], language: str = "") -> str:
        """The text in a language, or in the first one; `values` are those of the expressions in all of them."""
        if not self._repeats:
            return self._written(values, language)
        key = (language, *values)
        known = self._known.get(key)
        if known is None:
            if len(self._known) >= _MAX_KNOWN:
                self._known.clear()
            known = self._known[key] = self._written(values, language)
        return known

    def _written(self, values: tuple[ir.Value, ...], language: str) -> str:
        texts = [show(value) for show, value in zip(self._shows, values, strict=True)]
        if self._pairs and any(texts[i].lstrip("-") == texts[j].lstrip("-") for i, j in self._pairs):
            texts = show_holes(self._holes, values)
        template = self._templates.get(language)
        text = template and _filled(template, texts)
        return text or _filled(next(iter(self._templates.values())), texts)

    def values(self, inputs: Names, block: Sequence[ir.Value]) -> dict[str, object]:
        """The inputs and parameters by path. Lists, records and vectors as a whole are left out."""
        names = dict(zip(self._locals, block, strict=True)) if block else {}
        found = {}
        for path, get, export in self._leaves:
            value = get(inputs, names)
            if type(value) is not tuple:
                found[path] = None if value is None else export(value)
        return found


# Texts


def _numbered(holder: ir.Rule | ir.Group) -> Iterator[tuple[str, tuple[str | int, ...]]]:
    """The templates with the number of each expression in its place."""
    count = 0
    for language, template in holder.because.items():
        parts: list[str | int] = []
        for part in template:
            parts.append(part if isinstance(part, str) else count)
            count += not isinstance(part, str)
        yield language, tuple(parts)


def _filled(template: tuple[str | int, ...], texts: Sequence[str]) -> str:
    return "".join([part if isinstance(part, str) else texts[part] for part in template])


def _comparable(holes: Sequence[ir.Hole]) -> list[tuple[int, int]]:
    """The pairs of numbers that may need more digits, to be told apart."""
    numbers = [i for i, hole in enumerate(holes) if isinstance(hole.value.type, Number) and not hole.format]
    return [(i, j) for i, j in combinations(numbers, 2) if holes[i].value.type == holes[j].value.type]


# Values


def _getter(leaf: ir.Expr, parameters: Mapping[str, ir.Value]) -> _Get:
    match leaf:
        case ir.Input(name=name):
            return lambda inputs, _names: inputs[name]
        case ir.Parameter(name=name):
            value = parameters[name]
            return lambda _inputs, _names: value
        case ir.Local(name=name):
            return lambda _inputs, names: names.get(name)
        case ir.Get(record=record, index=index):
            whole = _getter(record, parameters)
            return lambda inputs, names: None if (found := whole(inputs, names)) is None else found[index]
    raise AssertionError(f"{leaf} is no leaf")


def leaves(pack: ir.Pack, holder: ir.Rule | ir.Group) -> Iterator[tuple[str, ir.Expr]]:
    """The inputs and parameters reached from a condition and its text, through definitions and columns, by path."""
    variables: tuple[str, ...] = ()
    if isinstance(holder, ir.Rule):
        read = conditions(holder)
        variables = tuple(each.variable for each in holder.loop.sources) if holder.loop else ()
    else:
        read = [holder.when] if holder.when else []
    # A definition's own loops are not the holder's, although they may name their items alike.
    expressions = [(each, variables) for each in (*(hole.value for hole in ir.holes(holder)), *read)]
    found: dict[str, ir.Expr] = {}
    seen: set[str] = set()
    while expressions:
        expr, known = expressions.pop()
        path = _path(expr, known)
        if path is not None:
            found.setdefault(path, expr)
        elif isinstance(expr, ir.Defined) and expr.name not in seen:
            seen.add(expr.name)
            expressions.append((_definition(pack, expr.name), known if "." in expr.name else ()))
        else:
            expressions += [(each, known) for each in ir.children(expr)]
    yield from sorted(found.items())


def _path(expr: ir.Expr, variables: tuple[str, ...]) -> str | None:
    """How a person names a leaf; nothing where the expression is none."""
    match expr:
        case ir.Input(name=name) | ir.Parameter(name=name):
            return name
        case ir.Local(name=name) if name in variables:
            return name
        case ir.Get(record=record, index=index) if isinstance(record.type, Record):
            whole = _path(record, variables)
            return whole and f"{whole}.{record.type.fields[index].name}"
    return None


def _definition(pack: ir.Pack, name: str) -> ir.Expr:
    table, _, column = name.rpartition(".")
    if table.startswith("definitions."):
        whole = _definition(pack, table.removeprefix("definitions."))
        assert isinstance(whole, ir.Lookup), "only tables have columns"
        return next(each.value for each in whole.columns if each.name == column)
    if table:
        return next(each.value for each in pack.tables[table].columns if each.name == column)
    return next(step.value for step in pack.steps if isinstance(step, ir.Define | ir.Bind) and step.name == name)


__all__ = ["Saying", "leaves"]
