"""The nodes of expressions, as part of the IR: read as `ir.Literal`, `ir.Call` and so on.

Operators and functions are calls; only what may skip an operand is a kind of its own. Positions are left out of
equality, so that two packs that mean the same are equal.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Literal as OneOf

from .source import Span
from .types import Field, List, Record, Type

Value = None | bool | int | float | str | tuple["Value", ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """`optional`: the value may be absent."""

    type: Type
    optional: bool = False
    span: Span | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Literal(Node):
    value: Value


@dataclass(frozen=True, slots=True)
class Named(Node):
    """What is a name and no more. The kinds of it share its methods, as Python is slow to make more of them."""

    name: str


class Parameter(Named):
    __slots__ = ()


class Input(Named):
    __slots__ = ()


class Defined(Named):
    """The value of a definition, or of a table's column."""

    __slots__ = ()


class Output(Named):
    """The final value of an output."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Fired(Node):
    """Whether a rule, a row or some member of a group fired."""

    id: str


class Local(Named):
    """A loop's item, or a name of its `with`."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Before(Node):
    """In a reason: the value of an output before this rule's effect."""

    output: str


@dataclass(frozen=True, slots=True)
class After(Node):
    """In a reason: the value of an output after this rule's effect."""

    output: str


class Previous(Named):
    """What a definition, output or input was at the last accepted snapshot; absent before the first one.

    Of an intent, named `sent.id`, it says whether the decision kept it.
    """

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Advance(Node):
    """A state function, the whole of definition `name`: it takes one step on every accepted snapshot.

    `function` names an entry of the state functions' table. Where the type is a vector, each member has a state of its
    own, and those arguments that are vectors by the same enum give each its value.
    """

    name: str
    function: str
    args: tuple[Expr, ...]
    on_fault: bool = False  # a latch that is set where its pack fails


@dataclass(frozen=True, slots=True)
class Get(Node):
    """A field of a record; absent where the record is."""

    record: Expr
    index: int


@dataclass(frozen=True, slots=True)
class Call(Node):
    """A strict function or operator: every argument is evaluated, absent in, absent out (but for `present`)."""

    function: str
    args: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class And(Node):
    terms: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class Or(Node):
    terms: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class Chain(Node):
    """`a < b < c`: each operand is computed once, and none behind the first comparison that fails."""

    first: Expr
    rest: tuple[tuple[str, Expr], ...]


@dataclass(frozen=True, slots=True)
class If(Node):
    test: Expr
    then: Expr
    other: Expr


@dataclass(frozen=True, slots=True)
class Default(Node):
    value: Expr
    fallback: Expr


@dataclass(frozen=True, slots=True)
class Make(Node):
    """A list, record or vector from its parts; the parts may be absent where their field is optional."""

    parts: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class Each(Node):
    """The list of `value` for each item of `source` that passes `where`. Over an enum, `source` is its members."""

    variable: str
    source: Expr
    where: Expr | None
    value: Expr


@dataclass(frozen=True, slots=True)
class Source:
    """`variable in items`. Over an enum, `items` is its members."""

    variable: str
    items: Expr

    @property
    def item(self) -> Field:
        assert isinstance(self.items.type, List), "a loop runs over a list"
        return self.items.type.item


@dataclass(frozen=True, slots=True, kw_only=True)
class Loop:
    """The block that selections, rules and tables share: the items of its sources that pass `where`, the first source
    outermost, with `names`, sorted by `order` and cut to `limit`.

    A source and a name see the variables and names before them, and the order sees all. Items of equal order stay as
    they were.
    """

    sources: tuple[Source, ...]
    where: Expr | None = None
    names: tuple[tuple[str, Expr], ...] = ()
    order: tuple[Expr, ...] = ()
    limit: Expr | None = None

    @property
    def locals(self) -> tuple[str, ...]:
        """The variables, then the names."""
        return (*(source.variable for source in self.sources), *(name for name, _ in self.names))

    @property
    def is_sorted(self) -> bool:
        """Whether the items may be others, or in another order, than those that pass `where`."""
        return bool(self.order) or self.limit is not None

    @property
    def is_total(self) -> bool:
        """Whether the order tells all items apart: it holds the keys of lists that were read, and therefore checked."""
        ordered = {
            (each.record.name, each.index)
            for each in self.order
            if isinstance(each, Get) and isinstance(each.record, Local)
        }
        return all(
            isinstance(each.items, Input) and bool(keys := _keys_of(each)) and ordered.issuperset(keys)
            for each in self.sources
        )


def _keys_of(source: Source) -> set[tuple[str, int]]:
    kind = source.items.type
    if not isinstance(kind, List) or not isinstance(kind.item.type, Record):
        return set()
    found = (kind.item.type.field(name) for name in kind.key)
    return {(source.variable, each[0]) for each in found if each}


@dataclass(frozen=True, slots=True)
class Select(Node):
    """The items of a block as a list. Of one source they are its items, with the names as further fields of each; of
    two they are records of the variables and the names.
    """

    loop: Loop


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """`cells` holds one condition a row over `Defined(table.name)`, or nothing where the row leaves the column out."""

    name: str
    value: Expr
    cells: tuple[Expr | None, ...]


Hit = OneOf["unique", "first", "collect"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LookupRow:
    id: str
    when: Expr
    value: Expr
    span: Span | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Lookup(Node):
    """A table of values, the definition `name`: the value of the row that is hit, absent where none is.

    The values of other rows are not evaluated. Cells are over `Defined(table.column)`; no table has such an id.
    """

    name: str
    hit: Hit
    complete: bool
    columns: tuple[Column, ...]
    rows: tuple[LookupRow, ...]

    @property
    def table(self) -> str:
        return f"definitions.{self.name}"


Expr = (
    Literal | Parameter | Input | Defined | Output | Fired | Local | Before | After | Previous | Advance
    | Get | Call | And | Or | Chain | If | Default | Make | Each | Select | Lookup
)  # fmt: skip


def children(expr: Expr) -> tuple[Expr, ...]:
    match expr:
        case Get(record=record):
            return (record,)
        case Call(args=parts) | Advance(args=parts) | And(terms=parts) | Or(terms=parts) | Make(parts=parts):
            return parts
        case Chain(first=first, rest=rest):
            return (first, *(operand for _, operand in rest))
        case If(test=test, then=then, other=other):
            return (test, then, other)
        case Default(value=value, fallback=fallback):
            return (value, fallback)
        case Each(source=source, where=where, value=value):
            return (source, value) if where is None else (source, where, value)
        case Select(loop=loop):
            return loop_expressions(loop)
        case Lookup(columns=columns, rows=rows):
            return (*(each.value for each in columns), *(part for row in rows for part in (row.when, row.value)))
    return ()


def loop_expressions(loop: Loop | None) -> tuple[Expr, ...]:
    if loop is None:
        return ()
    ends = tuple(part for part in (loop.where, loop.limit) if part is not None)
    return (*(source.items for source in loop.sources), *(value for _, value in loop.names), *loop.order, *ends)


def walk(expr: Expr) -> Iterator[Expr]:
    """The expression and everything in it, parents first."""
    yield expr
    for child in children(expr):
        yield from walk(child)


def rebuilt(expr: Expr, change: Callable[[Expr], Expr]) -> Expr:
    """The expression with its children changed."""
    match expr:
        case Get(record=record):
            return replace(expr, record=change(record))
        case Call(args=parts) | Advance(args=parts):
            return replace(expr, args=tuple(map(change, parts)))
        case And(terms=parts) | Or(terms=parts):
            return replace(expr, terms=tuple(map(change, parts)))
        case Make(parts=parts):
            return replace(expr, parts=tuple(map(change, parts)))
        case Chain(first=first, rest=rest):
            return replace(expr, first=change(first), rest=tuple((name, change(operand)) for name, operand in rest))
        case If(test=test, then=then, other=other):
            return replace(expr, test=change(test), then=change(then), other=change(other))
        case Default(value=value, fallback=fallback):
            return replace(expr, value=change(value), fallback=change(fallback))
        case Each(source=source, where=where, value=value):
            return replace(expr, source=change(source), where=where and change(where), value=change(value))
        case Select(loop=loop):
            return replace(expr, loop=rebuilt_loop(loop, change))
        case Lookup(columns=columns, rows=rows):
            changed = tuple(replace(each, when=change(each.when), value=change(each.value)) for each in rows)
            return replace(expr, columns=rebuilt_columns(columns, change), rows=changed)
    return expr


def rebuilt_columns(columns: tuple[Column, ...], change: Callable[[Expr], Expr]) -> tuple[Column, ...]:
    return tuple(
        replace(each, value=change(each.value), cells=tuple(cell and change(cell) for cell in each.cells))
        for each in columns
    )


def rebuilt_loop(loop: Loop, change: Callable[[Expr], Expr]) -> Loop:
    return Loop(
        sources=tuple(replace(each, items=change(each.items)) for each in loop.sources),
        where=loop.where and change(loop.where),
        names=tuple((name, change(value)) for name, value in loop.names),
        order=tuple(map(change, loop.order)),
        limit=loop.limit and change(loop.limit),
    )
