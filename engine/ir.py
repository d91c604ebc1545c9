"""The intermediate representation: a pack after checking, and all that the back ends know of it.

Values at run time: number `float`, integer `int`, boolean `bool`, text `str`, time `int` (microseconds), enum `int`
(index of the member), record and vector `tuple`, list `tuple`, absent `None`.

Operators and functions are calls; only what may skip an operand is a kind of its own. Positions are left out of
equality, so that two packs that mean the same are equal.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal as OneOf

from .source import Span
from .types import Field, Type

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
class Parameter(Node):
    name: str


@dataclass(frozen=True, slots=True)
class Input(Node):
    name: str


@dataclass(frozen=True, slots=True)
class Defined(Node):
    """The value of a definition, or of a table's column."""

    name: str


@dataclass(frozen=True, slots=True)
class Output(Node):
    """The final value of an output."""

    name: str


@dataclass(frozen=True, slots=True)
class Fired(Node):
    """Whether a rule, a row or some member of a group fired."""

    id: str


@dataclass(frozen=True, slots=True)
class Local(Node):
    """A loop's item, or a name of its `with`."""

    name: str


@dataclass(frozen=True, slots=True)
class Before(Node):
    """In a reason: the value of an output before this rule's effect."""

    output: str


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


Expr = (
    Literal | Parameter | Input | Defined | Output | Fired | Local | Before | Get | Call | And | Or | Chain | If | Default
    | Make | Each
)  # fmt: skip


def children(expr: Expr) -> tuple[Expr, ...]:
    match expr:
        case Get(record=record):
            return (record,)
        case Call(args=parts) | And(terms=parts) | Or(terms=parts) | Make(parts=parts):
            return parts
        case Chain(first=first, rest=rest):
            return (first, *(operand for _, operand in rest))
        case If(test=test, then=then, other=other):
            return (test, then, other)
        case Default(value=value, fallback=fallback):
            return (value, fallback)
        case Each(source=source, where=where, value=value):
            return (source, value) if where is None else (source, where, value)
    return ()


def walk(expr: Expr) -> Iterator[Expr]:
    """The expression and everything in it, parents first."""
    yield expr
    for child in children(expr):
        yield from walk(child)


@dataclass(frozen=True, slots=True, kw_only=True)
class Loop:
    """`for: variable in source` with its `where` and `with`; a rule, row or column inside is evaluated per item."""

    variable: str
    item: Type
    source: Expr
    where: Expr | None = None
    names: tuple[tuple[str, Expr], ...] = ()


Verb = OneOf["times", "add", "floor", "cap", "set", "combine"]
Severity = OneOf["info", "warning", "block"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """What a rule does to an output. `combine` is the effect on an output that is not a number."""

    output: str
    verb: Verb
    value: Expr
    span: Span | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Hole:
    """`{{ expression:format }}` in a reason."""

    value: Expr
    format: str = ""


Template = tuple[str | Hole, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A rule, or a row of a table (`table.row`), which then has the row's cells as its `when`.

    Without `when` it is a bound. `because` maps language codes to templates, "" being the only or first one.
    """

    id: str
    when: Expr | None
    loop: Loop | None = None
    group: str | None = None
    table: str | None = None
    effects: tuple[Effect, ...] = ()
    severity: Severity = "info"
    because: Mapping[str, Template] = field(default_factory=dict)
    span: Span | None = field(default=None, compare=False, repr=False)

    @property
    def is_bound(self) -> bool:
        return self.when is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """`cells` holds one condition a row over `Defined(table.name)`, or nothing where the row leaves the column out."""

    name: str
    value: Expr
    cells: tuple[Expr | None, ...]


Hit = OneOf["unique", "first", "collect"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A decision table; its rows stand among the rules as `rows` names them."""

    id: str
    hit: Hit
    complete: bool
    columns: tuple[Column, ...]
    rows: tuple[str, ...]
    loop: Loop | None = None
    group: str | None = None
    span: Span | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    id: str
    when: Expr | None
    because: Mapping[str, Template]
    members: tuple[str, ...]
    span: Span | None = field(default=None, compare=False, repr=False)


Combine = OneOf["all", "any", "most_severe", "unique", "collect", "stages", "computed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class OutputDeclaration:
    """`within` is part of the fold, `low` and `high` are the contract that its result must keep."""

    name: str
    type: Type
    combine: Combine
    start: Expr | None
    safe: Expr
    optional: bool = False
    within: tuple[float, float] | None = None
    low: float | None = None
    high: float | None = None
    prefer: OneOf["cap", "floor"] = "cap"
    why: str = ""
    span: Span | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ParameterDeclaration:
    """`value` is the pack's own; `low` and `high` bound it in every layer."""

    name: str
    type: Type
    value: Value
    low: float | None = None
    high: float | None = None
    env: str | None = None
    why: str = ""
    span: Span | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Requirement:
    id: str
    condition: Expr
    span: Span | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Define:
    """Compute a definition."""

    name: str
    value: Expr


@dataclass(frozen=True, slots=True)
class Gate:
    """Compute a group's `when`."""

    group: str


@dataclass(frozen=True, slots=True)
class Judge:
    """Decide whether a rule fires (a rule that is no row and no bound)."""

    rule: str


@dataclass(frozen=True, slots=True)
class Match:
    """Compute a table's columns and decide which rows fire."""

    table: str


@dataclass(frozen=True, slots=True)
class Fold:
    """Fold all effects on an output into its final value."""

    output: str


@dataclass(frozen=True, slots=True)
class Bite:
    """Decide whether a bound fires: it changed a value."""

    rule: str


Step = Define | Gate | Judge | Match | Fold | Bite


@dataclass(frozen=True, kw_only=True)
class Pack:
    """A checked pack. `steps` is everything to compute, each behind what it reads."""

    name: str
    version: str
    title: str
    summary: str
    language: int
    enums: Mapping[str, tuple[str, ...]]
    inputs: tuple[Field, ...]
    parameters: Mapping[str, ParameterDeclaration]
    requires: tuple[Requirement, ...]
    groups: Mapping[str, Group]
    rules: Mapping[str, Rule]
    tables: Mapping[str, Table]
    outputs: Mapping[str, OutputDeclaration]
    steps: tuple[Step, ...]
    needs_now: bool = False

    @cached_property
    def _effects(self) -> dict[str, tuple[tuple[Rule, Effect], ...]]:
        found: dict[str, list[tuple[Rule, Effect]]] = {name: [] for name in self.outputs}
        for rule in self.rules.values():
            for effect in rule.effects:
                found[effect.output].append((rule, effect))
        for output, pairs in found.items():
            stages = self.stages(output)
            pairs.sort(key=lambda pair: (stages.index(pair[1].verb), pair[0].id))
        return {name: tuple(pairs) for name, pairs in found.items()}

    def effects_on(self, output: str) -> tuple[tuple[Rule, Effect], ...]:
        """In the canonical order: stage, then id by code point."""
        return self._effects[output]

    def stages(self, output: str) -> tuple[Verb, ...]:
        """The order in which the verbs of an output apply; what it prefers comes last of floor and cap."""
        if self.outputs[output].prefer == "floor":
            return ("combine", "times", "add", "cap", "floor", "set")
        return ("combine", "times", "add", "floor", "cap", "set")


def holes(holder: Rule | Group) -> tuple[Hole, ...]:
    """The expressions of a `because`, of all languages in their order."""
    return tuple(part for template in holder.because.values() for part in template if isinstance(part, Hole))
