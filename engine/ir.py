"""The intermediate representation: a pack after checking, and all that the back ends know of it.

Values at run time: number `float`, integer `int`, boolean `bool`, text `str`, time `int` (microseconds), enum `int`
(index of the member), record and vector `tuple` (a matrix is a vector of its rows), list `tuple`, map `tuple` (pairs of
key and value, by the code points of the keys), document `str` (its fingerprint, see `fingerprint`), absent `None`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal as OneOf

from .migration import Migration
from .naming import OF, of_part, part_of, shown
from .nodes import (
    Advance,
    After,
    And,
    Before,
    Call,
    Chain,
    Column,
    Default,
    Defined,
    Each,
    Expr,
    Fired,
    Get,
    Hit,
    If,
    Input,
    Literal,
    Local,
    Lookup,
    LookupRow,
    Loop,
    Make,
    Node,
    Or,
    Output,
    Parameter,
    Previous,
    Select,
    Source,
    Value,
    children,
    loop_expressions,
    rebuilt,
    rebuilt_columns,
    rebuilt_loop,
    walk,
)
from .source import Span
from .steps import Bind, Bite, Define, Demand, Fold, Gate, Judge, Match, Requirement, Settle, Step
from .types import Field, Record, Type
from .zones import Zone

__all__ = [
    "OF", "Advance", "After", "And", "Arbitration", "Before", "Bind", "Bite", "Call", "Chain", "Column", "Combine",
    "Dated", "Default", "Define", "Defined", "Demand", "Each", "Effect", "Emits", "Exposure", "Expr", "Fired",
    "Fold", "Gate", "Get", "Group", "Hit", "Hole", "If", "Input", "Intent", "Invariant", "Judge", "Literal",
    "Local", "Lookup", "LookupRow", "Loop", "Make", "Match", "Monotone", "Node", "Or", "Output",
    "OutputDeclaration", "Pack", "Parameter", "ParameterDeclaration", "Part", "Previous", "Requirement", "Rule",
    "Select", "Settle", "Severity", "Slot", "Source", "Step", "Table", "Template", "Value", "Verb", "Veto",
    "children", "holes", "loop_expressions", "of_part", "part_of", "rebuilt", "rebuilt_columns", "rebuilt_loop",
    "shown", "walk",
]  # fmt: skip


Dated = tuple[tuple[int | None, Value], ...]
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


Exposure = OneOf["cancels", "reduces", "neutral", "raises"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Emits:
    """The type of a pack's intents, and what it says of them.

    `change` is the signed change that an intent makes, over the fields as locals; `of` are the fields that name what
    the change is in, `priority` the one that orders intents.
    """

    record: Record
    of: tuple[int, ...] = ()
    change: Expr | None = None
    priority: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    """What is emitted where the rule of the same id fires. `position` is what one that reduces has before it.

    A `safe` one is emitted by a decision that failed as well.
    """

    id: str
    exposure: Exposure
    emit: Expr
    position: Expr | None = None
    safe: bool = False
    span: Span | None = field(default=None, compare=False, repr=False)

    @property
    def expressions(self) -> tuple[Expr, ...]:
        return (self.emit,) if self.position is None else (self.emit, self.position)


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
    """`value` is the pack's own, or, as `layer` says, the policy's; `low` and `high` bound it in every layer.

    Where it is `dated`, each value holds from its time on, the first from ever where it has none; `value` is the first.
    """

    name: str
    type: Type
    value: Value
    dated: Dated = ()
    low: float | None = None
    high: float | None = None
    env: str | None = None
    why: str = ""
    layer: OneOf["pack", "policy"] = "pack"
    span: Span | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Invariant:
    """What holds `always`, or `never`, of every decision whose status is ok. Live decisions check what is enforced."""

    id: str
    word: OneOf["always", "never"]
    condition: Expr
    enforce: bool = False
    why: str = ""
    span: Span | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Monotone:
    """An invariant of two decisions: where `input` moves as `when` says and nothing else differs, `output` does not
    move against `word`. `input` is an `Input`, or a `Get` of one.
    """

    id: str
    word: OneOf["rises", "falls"]
    output: Output
    when: OneOf["when_rises", "when_falls"]
    input: Expr
    why: str = ""
    span: Span | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A pack of a policy: a used one, or, without a name, the policy's own.

    Names of a used one begin with `name` and `OF` in the whole. A fault of one of its `inputs` is a fault of it. Where
    it failed, what reads its outputs fails with it, or goes on with the safe ones where it is `contained`; `tolerated`
    says why intents that raise exposure may stand nevertheless.
    """

    name: str
    pack: str
    version: str
    hash: str = ""
    inputs: tuple[str, ...] = ()
    contained: bool = False
    tolerated: str = ""
    migrations: tuple[Migration, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Veto:
    """A rule over the candidate intents, as `Local("intents")`: those for which it fires are dropped.

    The list that it loops over holds the one candidate that is looked at, so that nothing else in it may read
    `intents`; the ids in its type are those of all intents of the whole, in order. What reduces or cancels is dropped
    only where `allow_drop` says why.
    """

    rule: Rule
    allow_drop: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arbitration:
    """Which intents stand together.

    Of those that are equal in the fields `conflict` the first stands; of two that are alike otherwise the one that
    `order` (ids of intents) names first comes first. `allow_drop` is that of the conflict.
    """

    order: tuple[str, ...] = ()
    conflict: tuple[int, ...] = ()
    allow_drop: str = ""
    vetoes: Mapping[str, Veto] = field(default_factory=dict)
    span: Span | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Slot:
    """A place of a pack's state: what the state function of a definition keeps, or what `previous(name)` reads.

    `type` is that of the value: of the definition, or of what was.
    """

    kind: OneOf["state", "previous"]
    name: str
    type: Type
    source: Expr


@dataclass(frozen=True, kw_only=True)
class Pack:
    """A checked pack. `steps` is everything to compute, each behind what it reads.

    The rules hold one for each intent, which says when it fires. `requires` are conditions on parameters and inputs,
    `contracts` those on records, by id.
    `step` names the input that identifies a step, where that is not `now`; beyond `max_gap` seconds without an
    accepted snapshot, runs and windows begin again. `zone` is the timezone of its calendar days, where that is not UTC.
    `key` names the input that tells sessions apart.

    A policy that uses packs is one pack that holds all that is theirs, each name with its part's before it. `parts` is
    empty where a pack stands alone. `published` says under which names the decision shows which outputs: all of them,
    where it is empty. What was an input of a used pack is the input of the whole by its plain name, with the same
    contract, or else a definition (`ir.Bind`); `previous` names both by the part, which keeps what it accepted.
    `ignored` are patterns of keys that a snapshot may have though nobody reads them.
    """

    name: str
    version: str
    title: str
    summary: str
    language: int
    enums: Mapping[str, tuple[str, ...]]
    inputs: tuple[Field, ...]
    parameters: Mapping[str, ParameterDeclaration]
    requires: tuple[Requirement, ...]
    contracts: Mapping[str, Requirement] = field(default_factory=dict)
    groups: Mapping[str, Group]
    rules: Mapping[str, Rule]
    tables: Mapping[str, Table]
    outputs: Mapping[str, OutputDeclaration]
    steps: tuple[Step, ...]
    invariants: tuple[Invariant | Monotone, ...] = ()
    needs_now: bool = False
    emits: Emits | None = None
    intents: Mapping[str, Intent] = field(default_factory=dict)
    slots: tuple[Slot, ...] = ()
    step: str | None = None
    max_gap: Expr | None = None
    zone: Zone | None = None
    key: str | None = None
    parts: tuple[Part, ...] = ()
    published: Mapping[str, str] = field(default_factory=dict)
    arbitration: Arbitration = field(default_factory=Arbitration)
    ignored: tuple[str, ...] = ()
    migrations: tuple[Migration, ...] = ()

    @cached_property
    def publication(self) -> Mapping[str, OutputDeclaration]:
        """What a decision shows, by the name that it has there."""
        names = self.published or {name: name for name in self.outputs}
        return {name: self.outputs[output] for name, output in names.items()}

    @property
    def enforced(self) -> tuple[Invariant, ...]:
        """The invariants that every decision checks."""
        return tuple(each for each in self.invariants if isinstance(each, Invariant) and each.enforce)

    @cached_property
    def admits(self) -> tuple[Requirement, ...]:
        """The requirements that read inputs: they are checked on every snapshot, the others once."""
        return tuple(each for each in self.requires if any(isinstance(node, Input) for node in walk(each.condition)))

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
