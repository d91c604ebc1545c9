"""Packs and the policy that uses them as one pack: every name of a part has the part's name before it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from graphlib import CycleError, TopologicalSorter
from typing import TypeVar

from . import ir
from .graph import Key, dependencies, key_of
from .intents import ids_of
from .rewriting import Qualifier, template_changed
from .types import Enum, Field, Text, Type


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """A pack as a policy uses it. `bindings` give each of its inputs in the policy's names."""

    name: str
    pack: ir.Pack
    bindings: Mapping[str, ir.Expr] = field(default_factory=dict)
    contained: bool = False
    tolerated: str = ""
    hash: str = ""


@dataclass(frozen=True, slots=True)
class Linked:
    """The whole, or the `ring` of parts and steps that go in a circle."""

    pack: ir.Pack | None
    ring: tuple[Key, ...] = ()


def link(own: ir.Pack, uses: Sequence[Use], taken: Iterable[Field] = ()) -> Linked:
    """One pack of what a policy says itself, checked and in order, and of the packs that it uses.

    `taken` are the inputs that the policy has because its packs need them.
    """
    inputs = tuple(sorted((*own.inputs, *taken), key=lambda each: each.name))
    parts = [_Part.of(use, inputs) for use in sorted(uses, key=lambda use: use.name)]
    whole = replace(_merged(own, parts, _intents(own, parts)), inputs=inputs)
    admits = tuple(ir.Demand("", each) for each in own.admits)
    segments = {part.name: part.steps for part in parts}
    owners = {key_of(step): name for name, steps in segments.items() for step in steps}
    steps = [*(step for each in segments.values() for step in each), *own.steps, *admits]
    needs = dependencies(replace(whole, steps=tuple(steps)))
    graph: dict[Key, set[Key]] = {("part", name): set() for name in segments}
    for key, reads in needs.items():
        here = _place(key, owners)
        graph.setdefault(here, set()).update(place for read in reads if (place := _place(read, owners)) != here)
    order, ring = _ordered(graph)
    if ring:
        return Linked(None, ring)
    return Linked(replace(whole, steps=tuple(_arranged(order, graph, segments, (*own.steps, *admits)))))


def _place(key: Key, owners: Mapping[Key, str]) -> Key:
    """A step of a used pack goes with all of that pack, one of the policy goes alone."""
    return ("part", owners[key]) if key in owners else key


def _ordered(graph: Mapping[Key, Collection[Key]]) -> tuple[list[Key], tuple[Key, ...]]:
    """The parts and the policy's own steps, each behind what it reads, ties by name; or what goes in a circle."""
    sorter = TopologicalSorter(graph)
    try:
        sorter.prepare()
    except CycleError as error:
        return [], tuple(error.args[1][:0:-1])
    order: list[Key] = []
    while ready := sorter.get_ready():
        order += sorted(ready)
        sorter.done(*ready)
    return order, ()


def _arranged(
    order: Sequence[Key],
    graph: Mapping[Key, Collection[Key]],
    segments: Mapping[str, Sequence[ir.Step]],
    own: Sequence[ir.Step],
) -> Iterator[ir.Step]:
    """Each part in one piece behind what it reads, and at last what else the policy does itself."""
    needed = set(_all_needed(order, graph))
    steps = {key_of(step): step for step in own}
    for key in order:
        if key[0] == "part":
            yield from segments[key[1]]
        elif key in needed and key in steps:
            yield steps[key]
    yield from (step for key, step in steps.items() if key not in needed)
    yield ir.Settle("")


def _all_needed(order: Sequence[Key], graph: Mapping[Key, Collection[Key]]) -> Iterator[Key]:
    """All that parts read, directly or through the policy's own steps."""
    needed: set[Key] = set()
    for key in reversed(order):
        if key[0] == "part" or key in needed:
            needed.update(graph.get(key, ()))
    yield from needed


# One part


@dataclass(frozen=True, slots=True)
class _Part:
    """A used pack under its names in the whole."""

    use: Use
    names: Qualifier
    binds: tuple[ir.Bind, ...]
    inputs: tuple[str, ...]

    @classmethod
    def of(cls, use: Use, inputs: Iterable[Field]) -> _Part:
        """Inputs that the snapshot's own contract keeps are read from it; the others are computed and checked."""
        names, declared = Qualifier(use.name), {each.name: each for each in inputs}
        recalled = {slot.name for slot in use.pack.slots if slot.kind == "previous"}
        bound: dict[str, ir.Expr] = {}
        binds: list[ir.Bind] = []
        direct: list[str] = []
        places = [names.field(each) for each in use.pack.inputs if each.name != "now"]
        for place in sorted(places, key=lambda each: each.dated_by is not None):
            value = use.bindings[place.name]
            found = declared.get(value.name) if isinstance(value, ir.Input) else None
            direct += [node.name for node in ir.walk(value) if isinstance(node, ir.Input)]
            moment = bound.get(place.dated_by, use.bindings[place.dated_by]) if place.dated_by else None
            dated = moment is None or (isinstance(moment, ir.Input) and moment.name == place.dated_by)
            if found and place.name not in recalled and dated and implies(found, place):
                bound[place.name] = value
            else:
                name = names.name(place.name)
                bound[place.name] = ir.Defined(type=place.type, optional=place.optional, name=name)
                binds.append(ir.Bind(name=name, value=value, place=place, moment=moment))
        return cls(use, replace(names, bound=bound), tuple(binds), tuple(sorted(set(direct))))

    @property
    def name(self) -> str:
        return self.use.name

    @property
    def pack(self) -> ir.Pack:
        return self.use.pack

    @property
    def steps(self) -> list[ir.Step]:
        demands = [ir.Demand(self.name, self.requirement(each)) for each in self.pack.admits]
        return [*self.binds, *demands, *map(self.step, self.pack.steps), ir.Settle(self.name)]

    def step(self, step: ir.Step) -> ir.Step:
        name = self.names.name
        match step:
            case ir.Define(name=defined, value=value):
                return ir.Define(name(defined), self.names.expression(value))
            case ir.Gate(group=group):
                return ir.Gate(name(group))
            case ir.Judge(rule=rule) | ir.Bite(rule=rule):
                return type(step)(name(rule))
            case ir.Match(table=table):
                return ir.Match(name(table))
            case ir.Fold(output=output):
                return ir.Fold(name(output))
        raise TypeError(f"a pack alone has no step {type(step).__name__}")

    def requirement(self, requirement: ir.Requirement) -> ir.Requirement:
        condition = self.names.expression(requirement.condition)
        return replace(requirement, id=self.names.name(requirement.id), condition=condition)

    def rule(self, rule: ir.Rule) -> ir.Rule:
        change, name = self.names.expression, self.names.name
        return replace(
            rule,
            id=name(rule.id),
            when=rule.when and change(rule.when),
            loop=rule.loop and ir.rebuilt_loop(rule.loop, change),
            group=rule.group and name(rule.group),
            table=rule.table and name(rule.table),
            effects=tuple(replace(each, output=name(each.output), value=change(each.value)) for each in rule.effects),
            because=self.because(rule.because),
        )

    def because(self, because: Mapping[str, ir.Template]) -> dict[str, ir.Template]:
        return {code: template_changed(each, self.names.expression) for code, each in because.items()}

    def table(self, table: ir.Table) -> ir.Table:
        change, name = self.names.expression, self.names.name
        return replace(
            table,
            id=name(table.id),
            columns=ir.rebuilt_columns(table.columns, change),
            rows=tuple(map(name, table.rows)),
            loop=table.loop and ir.rebuilt_loop(table.loop, change),
            group=table.group and name(table.group),
        )

    def group(self, group: ir.Group) -> ir.Group:
        name = self.names.name
        return replace(
            group,
            id=name(group.id),
            when=group.when and self.names.expression(group.when),
            because=self.because(group.because),
            members=tuple(map(name, group.members)),
        )

    def output(self, output: ir.OutputDeclaration) -> ir.OutputDeclaration:
        change = self.names.expression
        start = output.start and change(output.start)
        kind, safe = self.names.type(output.type), change(output.safe)
        return replace(output, name=self.names.name(output.name), type=kind, start=start, safe=safe)

    def parameter(self, declared: ir.ParameterDeclaration) -> ir.ParameterDeclaration:
        return replace(declared, name=self.names.name(declared.name), type=self.names.type(declared.type))

    def intent(self, intent: ir.Intent) -> ir.Intent:
        change = self.names.expression
        position = intent.position and change(intent.position)
        return replace(intent, id=self.names.name(intent.id), emit=change(intent.emit), position=position)

    def invariant(self, invariant: ir.Invariant, intents: Enum) -> ir.Invariant:
        """The ids of the whole's intents stand for those of the part's."""
        names = replace(self.names, enums={ids_of(self.pack.intents): intents}, _types={})
        return replace(invariant, id=names.name(invariant.id), condition=names.expression(invariant.condition))

    def slot(self, slot: ir.Slot) -> ir.Slot:
        source = self.names.expression(slot.source)
        assert isinstance(source, ir.Advance | ir.Previous), "a slot is kept for one of these"
        return ir.Slot(slot.kind, source.name, self.names.type(slot.type), source)

    @property
    def part(self) -> ir.Part:
        use = self.use
        return ir.Part(
            name=use.name,
            pack=use.pack.name,
            version=use.pack.version,
            hash=use.hash,
            inputs=self.inputs,
            contained=use.contained,
            tolerated=use.tolerated,
            migrations=use.pack.migrations,
        )


def implies(given: Field, wanted: Field) -> bool:
    """Whether what keeps the contract of one place keeps that of the other."""
    low = wanted.low is None or (given.low is not None and given.low >= wanted.low)
    high = wanted.high is None or (given.high is not None and given.high <= wanted.high)
    kept = set(wanted.requires) <= set(given.requires) and wanted.age in (None, given.age)
    return (wanted.optional or not given.optional) and low and high and kept and _fits(given.type, wanted.type)


def _fits(given: Type, wanted: Type) -> bool:
    if isinstance(given, Text) and isinstance(wanted, Text):
        return given.max_length <= wanted.max_length
    return given == wanted


# The whole


def _intents(own: ir.Pack, parts: Iterable[_Part]) -> Enum:
    """The ids of all intents, as invariants know them."""
    return ids_of([*own.intents, *(part.names.name(each) for part in parts for each in part.pack.intents)])


def _merged(own: ir.Pack, parts: Sequence[_Part], intents: Enum) -> ir.Pack:
    """Everything but the order of the steps."""
    rules = _all(own.rules, parts, "rules", _Part.rule)
    slots = {(slot.kind, slot.name): slot for slot in own.slots}
    slots |= {(slot.kind, slot.name): slot for part in parts for slot in map(part.slot, part.pack.slots)}
    emits = own.emits or next((part.pack.emits for part in parts if part.pack.emits), None)
    return replace(
        own,
        parameters=_all(own.parameters, parts, "parameters", _Part.parameter),
        requires=tuple(_requires(own, parts)),
        contracts=_all(own.contracts, parts, "contracts", _Part.requirement),
        groups=_all(own.groups, parts, "groups", _Part.group),
        rules=dict(sorted(rules.items())),
        tables=_all(own.tables, parts, "tables", _Part.table),
        outputs=_all(own.outputs, parts, "outputs", _Part.output),
        invariants=(*own.invariants, *_invariants(parts, intents)),
        needs_now=own.needs_now or any(part.pack.needs_now for part in parts),
        emits=emits,
        intents=_all(own.intents, parts, "intents", _Part.intent),
        slots=tuple(slots[key] for key in sorted(slots)),
        zone=own.zone or next((part.pack.zone for part in parts if part.pack.zone), None),
        parts=(*(part.part for part in parts), _own_part(own)),
        published=_published(own, parts),
    )


_T = TypeVar("_T")


def _all(own: Mapping[str, _T], parts: Iterable[_Part], kind: str, change: Callable[[_Part, _T], _T]) -> dict[str, _T]:
    """What the policy has of a kind, and what its parts have, by name in the whole."""
    found = dict(own)
    for part in parts:
        theirs: Mapping[str, _T] = getattr(part.pack, kind)
        found.update((part.names.name(name), change(part, each)) for name, each in theirs.items())
    return found


def _requires(own: ir.Pack, parts: Iterable[_Part]) -> Iterator[ir.Requirement]:
    """The conditions on parameters; those on inputs are steps of their parts."""
    yield from (each for each in own.requires if each not in own.admits)
    for part in parts:
        yield from (part.requirement(each) for each in part.pack.requires if each not in part.pack.admits)


def _invariants(parts: Iterable[_Part], intents: Enum) -> Iterator[ir.Invariant]:
    """What must hold of each decision. How an output moves with an input holds of a pack alone.

    In a policy the same input may move others of its inputs as well.
    """
    conditions = ((part, each) for part in parts for each in part.pack.invariants if isinstance(each, ir.Invariant))
    return (part.invariant(each, intents) for part, each in conditions)


def _published(own: ir.Pack, parts: Iterable[_Part]) -> dict[str, str]:
    """The policy's own outputs; where it has none, those of its packs under their own names."""
    if own.outputs:
        return {name: name for name in own.outputs}
    return {name: part.names.name(name) for part in parts for name in part.pack.outputs}


def _own_part(own: ir.Pack) -> ir.Part:
    inputs = tuple(each.name for each in own.inputs if each.name != "now")
    return ir.Part(name="", pack=own.name, version=own.version, inputs=inputs)


__all__ = ["Linked", "Use", "implies", "link"]
