"""The one acyclic graph of definitions, groups, rules, tables and outputs, and the order it gives."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from graphlib import CycleError, TopologicalSorter

from . import ir
from .diagnostics import Diagnostic, Related
from .source import Span
from .types import Field, List, Map, Record, Vector

Key = tuple[str, str]


def order(
    pack: ir.Pack, definitions: Mapping[str, ir.Expr], spans: Mapping[str, Span]
) -> tuple[tuple[ir.Step, ...], list[Diagnostic]]:
    """Every step behind what it reads, ties by kind and name; or the cycle that makes this impossible."""
    steps = {key_of(step): step for step in sorted(_steps(pack, definitions), key=key_of)}
    sorter: TopologicalSorter[Key] = TopologicalSorter(
        {key: sorted(set(_read_by(pack, step))) for key, step in steps.items()}
    )
    try:
        return tuple(steps[key] for key in sorter.static_order() if key in steps), []
    except CycleError as error:
        return (), [ring_of(error.args[1][:0:-1], pack, spans)]


def ring_of(keys: Sequence[Key], pack: ir.Pack, spans: Mapping[str, Span]) -> Diagnostic:
    """What is said of steps that go in a circle, each of which reads the next one."""
    first = keys.index(min(keys))
    ring = [*keys[first:], *keys[: first + 1]]
    places = [(name, _span(key, pack, spans)) for key in ring[:-1] for name in (_named(key),)]
    related = [Related(span, name) for name, span in places[1:] if span]
    path = " → ".join(f"`{_named(key)}`" for key in ring)
    return Diagnostic.of("FB401", places[0][1], path=path, related=related)


def _named(key: Key) -> str:
    kind, name = key
    prefix = {"fold": "out.", "judge": "fired.", "bite": "fired.", "match": "fired.", "gate": "fired."}.get(kind, "")
    return prefix + name


def _span(key: Key, pack: ir.Pack, spans: Mapping[str, Span]) -> Span | None:
    kind, name = key
    match kind:
        case "define" | "part":
            return spans.get(name)
        case "demand":
            return None
        case "fold":
            return pack.outputs[name].span
        case "match":
            return pack.tables[name].span
        case "gate":
            return pack.groups[name].span
    return pack.rules[name].span


def dependencies(pack: ir.Pack) -> dict[Key, frozenset[Key]]:
    """What each step of a checked pack reads, inputs and parameters too. What reads what failed is not computed."""
    return {key_of(step): frozenset((*_read_by(pack, step), *_given_to(pack, step))) for step in pack.steps}


def key_of(step: ir.Step) -> Key:
    match step:
        case ir.Define(name=name) | ir.Bind(name=name):
            return "define", name
        case ir.Gate(group=name):
            return "gate", name
        case ir.Judge(rule=name):
            return "judge", name
        case ir.Match(table=name):
            return "match", name
        case ir.Fold(output=name):
            return "fold", name
        case ir.Bite(rule=name):
            return "bite", name
        case ir.Demand(part=name, requirement=requirement):
            return "demand", f"{name}{ir.OF}{requirement.id}"
        case ir.Settle(part=name):
            return "settle", name


def _steps(pack: ir.Pack, definitions: Mapping[str, ir.Expr]) -> Iterator[ir.Step]:
    yield from (ir.Define(name, value) for name, value in definitions.items())
    yield from map(ir.Gate, pack.groups)
    for rule in pack.rules.values():
        if rule.is_bound:
            yield ir.Bite(rule.id)
        elif rule.table is None:
            yield ir.Judge(rule.id)
    yield from map(ir.Match, pack.tables)
    yield from map(ir.Fold, pack.outputs)


def _read_by(pack: ir.Pack, step: ir.Step) -> Iterator[Key]:
    yield from reads(pack, expressions_of(pack, step))
    match step:
        case ir.Judge(rule=name):
            yield from _gate(pack.rules[name])
        case ir.Match(table=name):
            yield from _gate(pack.tables[name])
        case ir.Bite(rule=name):
            yield from (("fold", effect.output) for effect in pack.rules[name].effects)
            yield from _gate(pack.rules[name])
        case ir.Fold(output=name):
            for rule, _ in pack.effects_on(name):
                yield from _gate(rule) if rule.is_bound else fired(pack, rule.id)


def expressions_of(pack: ir.Pack, step: ir.Step) -> list[ir.Expr]:
    """Everything that a step evaluates."""
    match step:
        case ir.Define(value=value):
            return [value]
        case ir.Bind():
            return step.expressions
        case ir.Demand(requirement=requirement):
            return [requirement.condition]
        case ir.Gate(group=name):
            when = pack.groups[name].when
            return [when] if when else []
        case ir.Judge(rule=name):
            return conditions(pack.rules[name])
        case ir.Match(table=name):
            return _table_expressions(pack.tables[name])
        case ir.Fold(output=name):
            start = pack.outputs[name].start
            return [*([start] if start else []), *(effect.value for _, effect in pack.effects_on(name))]
    return []


def _gate(holder: ir.Rule | ir.Table) -> list[Key]:
    return [("gate", holder.group)] if holder.group else []


def conditions(rule: ir.Rule) -> list[ir.Expr]:
    return [*ir.loop_expressions(rule.loop), *([rule.when] if rule.when else [])]


def _table_expressions(table: ir.Table) -> list[ir.Expr]:
    cells = [cell for column in table.columns for cell in column.cells if cell]
    return [*ir.loop_expressions(table.loop), *(column.value for column in table.columns), *cells]


def all_reads(pack: ir.Pack, holder: ir.Rule | ir.Group) -> frozenset[Key]:
    """What a reason reads, and the effects or the intent beside it."""
    return needed(pack, told(pack, holder))


def told(pack: ir.Pack, holder: ir.Rule | ir.Group) -> list[ir.Expr]:
    """The expressions of a reason, and of the effects or the intent beside it."""
    expressions = [hole.value for hole in ir.holes(holder)]
    if isinstance(holder, ir.Rule):
        expressions += [*conditions(holder), *(effect.value for effect in holder.effects)]
        expressions += pack.intents[holder.id].expressions if holder.id in pack.intents else ()
    return expressions


def needed(pack: ir.Pack, expressions: Collection[ir.Expr]) -> frozenset[Key]:
    """The steps, inputs and parameters that expressions need."""
    return frozenset((*reads(pack, expressions), *_given(expressions)))


def _given_to(pack: ir.Pack, step: ir.Step) -> Iterator[Key]:
    yield from _given(expressions_of(pack, step))
    if isinstance(step, ir.Bind):
        yield from (("parameter", name) for name in admitting(pack, step.place))


def _given(expressions: Iterable[ir.Expr]) -> Iterator[Key]:
    for expression in expressions:
        for node in ir.walk(expression):
            match node:
                case ir.Input(name=name):
                    yield "input", name
                case ir.Parameter(name=name):
                    yield "parameter", name


def admitting(pack: ir.Pack, field: Field) -> Iterator[str]:
    """The parameters that say how old a value may be, or one inside of it, or are in what such a value keeps."""
    if field.age:
        yield field.age.limit
    for requirement in field.requires:
        condition = pack.contracts[requirement].condition
        yield from (name for kind, name in _given([condition]) if kind == "parameter")
    match field.type:
        case Record(fields=fields):
            for each in fields:
                yield from admitting(pack, each)
        case List(item=item) | Vector(item=item) | Map(item=item):
            yield from admitting(pack, item)


def reads(pack: ir.Pack, expressions: Iterable[ir.Expr]) -> Iterator[Key]:
    """The steps whose results the expressions use."""
    for expression in expressions:
        for node in ir.walk(expression):
            match node:
                case ir.Defined(name=name) if "." not in name:
                    yield "define", name
                case ir.Output(name=name):
                    yield "fold", name
                case ir.Fired(id=identity):
                    yield from fired(pack, identity)


def fired(pack: ir.Pack, identity: str) -> Iterator[Key]:
    """The steps that decide whether a group, table or rule fires."""
    if identity in pack.groups:
        for member in pack.groups[identity].members:
            yield from fired(pack, member)
    elif identity in pack.tables:
        yield "match", identity
    elif identity in pack.rules:
        rule = pack.rules[identity]
        yield ("match", rule.table) if rule.table else ("bite" if rule.is_bound else "judge", identity)
