"""What reads what in a pack, by kind and id: for the parameters' uses and for the drawn graph."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property

from ..engine import ir
from ..engine.nodes import loop_expressions
from ..engine.types import Field, List, Map, Record, Vector
from .pack_views import Link


class Uses:
    """The parts of a pack, each with its expressions and what they name."""

    def __init__(self, pack: ir.Pack) -> None:
        self._pack = pack
        self._definitions = {step.name: step.value for step in pack.steps if isinstance(step, ir.Define | ir.Bind)}
        self._columns = {table.id for table in pack.tables.values()}

    @cached_property
    def expressions(self) -> dict[Link, list[ir.Expr]]:
        """Those that decide: conditions, effects and cells; not what is only said in a reason."""
        pack = self._pack
        found: dict[Link, list[ir.Expr]] = {Link("input", each.name): [] for each in pack.inputs}
        found |= {Link("definition", name): [value] for name, value in self._definitions.items()}
        found |= {Link("group", each.id): [each.when] if each.when else [] for each in pack.groups.values()}
        found |= {Link(*self._kind(each)): list(_of_rule(pack, each)) for each in pack.rules.values() if not each.table}
        found |= {Link("table", each.id): list(self._of_table(each)) for each in pack.tables.values()}
        found |= {Link("output", each.name): [each.start] if each.start else [] for each in pack.outputs.values()}
        return found

    def _kind(self, rule: ir.Rule) -> tuple[str, str]:
        return ("intent" if rule.id in self._pack.intents else "rule"), rule.id

    def _of_table(self, table: ir.Table) -> Iterator[ir.Expr]:
        yield from loop_expressions(table.loop)
        for column in table.columns:
            yield column.value
            yield from (cell for cell in column.cells if cell)
        for row in table.rows:
            yield from (effect.value for effect in self._pack.rules[row].effects)

    @cached_property
    def reads(self) -> dict[Link, list[Link]]:
        """What each part reads, in order."""
        return {part: sorted(set(self._named(each)), key=_order) for part, each in self.expressions.items()}

    def _named(self, expressions: Iterable[ir.Expr]) -> Iterator[Link]:
        for expression in expressions:
            for node in ir.walk(expression):
                match node:
                    case ir.Input(name=name):
                        yield Link("input", name)
                    case ir.Defined(name=name) if name in self._definitions:
                        yield Link("definition", name)
                    case ir.Output(name=name):
                        yield Link("output", name)
                    case ir.Fired(id=identity):
                        yield self._fired(identity)

    def _fired(self, identity: str) -> Link:
        pack = self._pack
        if identity in pack.groups:
            return Link("group", identity)
        if identity in pack.tables:
            return Link("table", identity)
        rule = pack.rules[identity]
        return Link("table", rule.table) if rule.table else Link(*self._kind(rule))

    @cached_property
    def writes(self) -> dict[Link, list[Link]]:
        """The outputs that each rule and table changes."""
        found: dict[Link, list[Link]] = {}
        for rule in self._pack.rules.values():
            part = Link("table", rule.table) if rule.table else Link(*self._kind(rule))
            outputs = found.setdefault(part, [])
            outputs += [Link("output", each.output) for each in rule.effects]
        return {part: sorted(set(outputs), key=_order) for part, outputs in found.items()}

    @cached_property
    def members(self) -> dict[Link, list[Link]]:
        """What each group holds back."""
        found: dict[Link, list[Link]] = {Link("group", each): [] for each in self._pack.groups}
        for rule in self._pack.rules.values():
            if rule.group and not rule.table:
                found[Link("group", rule.group)].append(Link(*self._kind(rule)))
        for table in self._pack.tables.values():
            if table.group:
                found[Link("group", table.group)].append(Link("table", table.id))
        return found

    @cached_property
    def of_parameters(self) -> dict[str, tuple[Link, ...]]:
        """Where each parameter is used, also in words and in contracts."""
        found: dict[str, list[Link]] = {name: [] for name in self._pack.parameters}
        for part, expressions in self._with_words():
            for name in dict.fromkeys(_parameters(expressions)):
                found[name].append(part)
        for field in self._pack.inputs:
            for name in _limits(field):
                found[name].append(Link("input", field.name))
        return {name: tuple(dict.fromkeys(links)) for name, links in found.items()}

    def _with_words(self) -> Iterator[tuple[Link, list[ir.Expr]]]:
        pack = self._pack
        yield from self.expressions.items()
        for rule in pack.rules.values():
            words = [each.value for each in ir.holes(rule)]
            yield (Link("table", rule.table) if rule.table else Link(*self._kind(rule))), words
        yield from ((Link("group", each.id), [hole.value for hole in ir.holes(each)]) for each in pack.groups.values())
        yield from ((Link("output", each.name), [each.safe]) for each in pack.outputs.values())
        yield from ((Link("requirement", each.id), [each.condition]) for each in pack.requires)
        for each in pack.invariants:
            yield Link("invariant", each.id), [each.condition] if isinstance(each, ir.Invariant) else [each.input]


def _of_rule(pack: ir.Pack, rule: ir.Rule) -> Iterator[ir.Expr]:
    yield from loop_expressions(rule.loop)
    if rule.when is not None:
        yield rule.when
    yield from (effect.value for effect in rule.effects)
    if rule.id in pack.intents:
        yield from pack.intents[rule.id].expressions


def _parameters(expressions: Iterable[ir.Expr]) -> Iterator[str]:
    for expression in expressions:
        yield from (node.name for node in ir.walk(expression) if isinstance(node, ir.Parameter))


def _limits(field: Field) -> Iterator[str]:
    """The parameters that say how old something may be."""
    if field.age:
        yield field.age.limit
    match field.type:
        case Record(fields=fields):
            for each in fields:
                yield from _limits(each)
        case List(item=item) | Vector(item=item) | Map(item=item):
            yield from _limits(item)


def _order(link: Link) -> tuple[str, str]:
    return link.kind, link.name


__all__ = ["Uses"]
