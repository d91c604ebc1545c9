"""The generated code while it is being written: its lines, how names are spelled, and what every part of it needs."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from .. import ir
from ..graph import conditions, expressions_of
from ..intents import keys_of
from ..naming import OF
from .expressions import Writer

JOIN = "_F_"  # names are lower case, so that no other name can be spelled so
WORD = re.compile(rf"[\w{OF}]+")
_CONSTANT = (ir.Literal, ir.Parameter, ir.Call, ir.And, ir.Or, ir.Chain, ir.If, ir.Default, ir.Make)


@dataclass
class Draft:
    """`bits` gives each rule its bit; `idle` are the rules whose bit nobody reads. `names` and `constants` are filled
    while lines are written; `sure` are the locals whose one line cannot fail, and `rows` what holds the items of a
    selection, with how their fields are spelled by place. `last` is the local of the last outputs.
    """

    pack: ir.Pack
    parameters: Mapping[str, ir.Value]
    writer: Writer
    names: dict[tuple[str, str], str]
    constants: dict[str, Any]
    bits: Mapping[str, int]
    lines: list[str] = field(default_factory=list)
    idle: set[str] = field(default_factory=set)
    sure: set[str] = field(default_factory=set)
    rows: dict[str, tuple[str, tuple[str, ...]]] = field(default_factory=dict)
    last: str = ""

    def add(self, line: str, depth: int = 0) -> None:
        self.lines.append("    " * depth + line)

    @contextmanager
    def inside(self, head: str) -> Iterator[None]:
        """What is added here stands under `head`."""
        outer, self.lines = self.lines, []
        try:
            yield
        finally:
            outer += [head, *(f"    {line}" for line in self.lines)]
            self.lines = outer

    def spell(self) -> None:
        """Names of everything that is no input; prefixes keep them apart, also from Python's own words."""
        for step in self.pack.steps:
            if isinstance(step, ir.Define | ir.Bind):
                self.names["definition", step.name] = f"d_{step.name}"
        for name in self.pack.outputs:
            self.names["output", name] = f"o_{name}"
        for identity in (*self.bits, *self.pack.tables, *self.pack.groups):
            self.names["fired", identity] = self._has_fired(identity)

    def _has_fired(self, identity: str) -> str:
        asked = [self.bits[rule] for rule in members_of(self.pack, identity)]
        mask, least = sum(asked), min(asked, default=0)
        are_highest = mask + least == 1 << len(self.bits)
        return f"(fired >= {least})" if are_highest else f"((fired & {mask}) != 0)"

    def swept(self) -> list[str]:
        """The lines without those that give a `sure` local a value which none behind them reads, and without the local
        of a gate that is asked once, right behind.
        """
        kept: list[str] = []
        words: Counter[str] = Counter()
        for line in reversed(self.lines):
            local, _, value = line.partition(" = ")
            if local in self.sure and not words[local]:
                continue
            if local.startswith("g_") and words[local] == 1 and kept[-1] == f"if {local}:":
                kept[-1] = f"if {value}:"
                words.update(WORD.findall(value))
                continue
            words.update(WORD.findall(value if local in self.sure else line))
            kept.append(line)
        return kept[::-1]

    def know(self, name: str, local: str, value: ir.Expr) -> None:
        """Something that is read as a definition, and stands in a local."""
        self.names["definition", name] = local
        known = self.writer.bounds.known(value)
        if known is not None:
            self.writer.bounds.definitions[name] = known

    def has_gate(self, group: str | None) -> bool:
        return group is not None and self.pack.groups[group].when is not None

    def under(self, group: str | None, line: str, comment: str) -> None:
        """A line under its group's gate; lines that follow each other share the test."""
        if not self.has_gate(group):
            self.add(f"# {comment}")
            self.add(line)
            return
        above = next((each for each in reversed(self.lines) if not each.startswith(" ")), "")
        if above != f"if g_{group}:":
            self.add(f"if g_{group}:")
        self.add(f"# {comment}", 1)
        self.add(line, 1)

    def when(self, rule: ir.Rule) -> ir.Expr:
        assert rule.when is not None, "bounds are not judged"
        return rule.when

    def open_loop(self, loop: ir.Loop, writer: Writer | None = None) -> tuple[Writer, int]:
        """A loop statement with the names of its block, and the depth inside of it."""
        inner, depth = writer or self.writer, 0
        if loop.is_sorted:
            head, inner = inner.block(loop)
            self.add(f"{head}:")
            return inner, 1
        for source in loop.sources:
            head, inner = inner.loop(source.variable, source.items)
            self.add(f"{head}:", depth)
            depth += 1
        if loop.where:
            self.add(f"if not {inner.write(loop.where)}: continue", depth)
        for name, value in loop.names:
            self.add(f"n_{name} = {inner.write(value)}", depth)
            inner = inner.inside(name, f"n_{name}", inner.bounds.known(value))
        return inner, depth

    def payload(self, rule: ir.Rule, loop: ir.Loop, inner: Writer) -> str:
        """What a firing keeps of its item."""
        kept = self.kept(rule, loop, inner)
        return kept[0] if len(kept) == 1 else f"({', '.join(kept)})"

    def kept(self, rule: ir.Rule, loop: ir.Loop, inner: Writer) -> list[str]:
        """The locals that the rule's effects use, or its intent, as the item has them: by their spelling, which is not
        the same in all loops, they would stand in another order.
        """
        spellings = {name: inner.locals[name] for name in loop.locals}
        values = [*(effect.value for effect in rule.effects), *self.risky(rule), *self._emitted(rule)]
        used = {name for each in values for name in used_locals(each, spellings)}
        parts = [(each,) if isinstance(each, str) else each for each in spellings.values()]
        return [name for each in parts for name in each if name in used]

    def _emitted(self, rule: ir.Rule) -> list[ir.Expr]:
        """What the intent of a rule is made of."""
        intent = self.pack.intents.get(rule.id)
        return [*intent.expressions, *(key.expression for key in keys_of(rule.loop))] if intent else []

    def risky(self, rule: ir.Rule) -> list[ir.Expr]:
        """What a reason says, may be a fault, and can be evaluated here."""
        return [each for each in holes_of(rule) if not reads_late(each) and self.writer.can_fail(each)]

    def late(self, holder: ir.Rule | ir.Group) -> list[ir.Expr]:
        """What a reason says, may be a fault, and only the examination can evaluate."""
        return [each for each in holes_of(holder) if reads_late(each) and self.writer.can_fail(each)]

    def tried(self, writer: Writer, values: Iterable[ir.Expr]) -> str:
        """A statement that evaluates expressions for their faults alone."""
        return f"({', '.join(map(writer.write, values))},)"


def holes_of(holder: ir.Rule | ir.Group) -> list[ir.Expr]:
    """What a reason says."""
    return list(dict.fromkeys(hole.value for hole in ir.holes(holder)))


def reads_late(expr: ir.Expr) -> bool:
    """Whether an expression reads outputs, which may stand in a table, or columns, which may have no local."""
    return any(
        isinstance(node, ir.Before | ir.After | ir.Output) or (isinstance(node, ir.Defined) and "." in node.name)
        for node in ir.walk(expr)
    )


def decided_by(pack: ir.Pack) -> Iterator[ir.Expr]:
    """Everything that the generated code evaluates or keeps."""
    for step in pack.steps:
        yield from expressions_of(pack, step)
        if isinstance(step, ir.Match):
            yield from (each for row in pack.tables[step.table].rows for each in conditions(pack.rules[row]))
    yield from (invariant.condition for invariant in pack.enforced)
    yield from (each for intent in pack.intents.values() for each in intent.expressions)
    for veto in pack.arbitration.vetoes.values():
        yield from (*conditions(veto.rule), *(hole.value for hole in ir.holes(veto.rule)))
    yield from (slot.source for slot in pack.slots)


def bits_of(pack: ir.Pack) -> dict[str, int]:
    """The bit of each rule in the mask of what fired.

    CPython keeps small integers, and makes others anew: rows of tables, which are set together, have higher bits than
    rules. The highest are those that a gate asks for, so that one comparison tells whether any of them is set.
    """
    asked = next(_closing(pack), frozenset())
    in_order = sorted(pack.rules, key=lambda rule: (rule in asked, pack.rules[rule].table is not None, rule))
    return {rule: 1 << i for i, rule in enumerate(in_order)}


def _closing(pack: ir.Pack) -> Iterator[Collection[str]]:
    """The rules whose firing closes a gate."""
    for _, group in sorted(pack.groups.items()):
        match group.when:
            case ir.Call(function="not", args=(ir.Fired(id=identity),)):
                yield members_of(pack, identity)


def members_of(pack: ir.Pack, identity: str) -> list[str]:
    """The rules behind the id of a rule, a table or a group."""
    if identity in pack.groups:
        return [rule for member in pack.groups[identity].members for rule in members_of(pack, member)]
    return list(pack.tables[identity].rows) if identity in pack.tables else [identity]


def local_of(identity: str) -> str:
    return identity.replace(".", "_R_")


def is_constant(expr: ir.Expr) -> bool:
    """Whether an expression reads nothing but parameters."""
    return all(isinstance(node, _CONSTANT) for node in ir.walk(expr))


def each_turn(each: ir.Each) -> list[ir.Expr]:
    """What a comprehension evaluates for an item."""
    return [each.value, *([each.where] if each.where else [])]


def is_true(expr: ir.Expr) -> bool:
    return isinstance(expr, ir.Literal) and expr.value is True


def used_locals(expr: ir.Expr, spellings: Mapping[str, str | tuple[str, ...]]) -> Iterator[str]:
    """The locals that an expression reads, of an item that was taken apart only those of its fields."""
    match expr:
        case ir.Get(record=ir.Local(name=name), index=index) if isinstance(spellings.get(name), tuple):
            yield spellings[name][index]
        case ir.Local(name=name):
            spelling = spellings.get(name, ())  # nothing for the item of a comprehension inside
            yield from (spelling,) if isinstance(spelling, str) else spelling
        case _:
            for child in ir.children(expr):
                yield from used_locals(child, spellings)
