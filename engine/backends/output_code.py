"""Outputs as generated code: folded inline, or taken from a table by the mask of what fired."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial, reduce
from itertools import takewhile
from keyword import iskeyword
from operator import or_
from typing import Any, cast

from .. import ir
from ..constants import constant
from ..effects import Applied, fold
from ..faults import Located
from ..readonly import ReadOnlyDict, read_only
from ..snapshot import export
from ..types import Boolean, Enum, List, Map, Number, Record, Text, Type, Vector
from .draft import Draft, is_constant, local_of
from .export_code import exported, exported_again, stays
from .expressions import Writer
from .riding import Riding
from .wanted import keeps_contract, longest, read_outputs

Effects = tuple[tuple[ir.Rule, ir.Effect], ...]


@dataclass
class OutputCode:
    """Writes outputs; `tabled` are those that depend on nothing but which rules fired."""

    draft: Draft
    riding: Riding
    wanted: list[str]
    tabled: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.tabled = [name for name in self.wanted if self._is_tabled(name)]

    @cached_property
    def _read(self) -> set[str]:
        return read_outputs(self.draft.pack)

    def _is_tabled(self, name: str) -> bool:
        """Whether an output depends on nothing but which rules fired, and nothing else reads it."""
        output = self.draft.pack.outputs[name]
        if output.combine in ("collect", "computed") or not (output.start is None or self._has_value(output.start)):
            return False
        for rule, effect in self.draft.pack.effects_on(name):
            if rule.is_bound or not self._has_value(effect.value) or (rule.loop and effect.verb in ("times", "add")):
                return False
        return name not in self._read

    def _has_value(self, expr: ir.Expr) -> bool:
        """Whether an expression is the same for all snapshots, and no fault."""
        if not is_constant(expr):
            return False
        try:
            constant(expr, self.draft.parameters)
        except Located:
            return False
        return True

    def fold(self, output: ir.OutputDeclaration) -> None:
        if self.answered:
            return  # with the names, see `results`
        self.draft.add(f"# output {output.name}")
        name = f"o_{output.name}"
        effects = self.draft.pack.effects_on(output.name)
        if output.combine == "collect":
            self._collect(output, name, effects)
            return
        if f"out.{output.name}" in self.riding.rides:
            self.draft.names["output", output.name] = f"tuple({name})"
        else:
            self.draft.add(f"{name} = {self.draft.writer.write(output.start)}")  # type: ignore[arg-type]  # only lists have no start
        switched = self._switched(output, effects)
        if switched:
            bits = reduce(or_, (self.draft.bits[rule] for rule in switched))
            self.draft.add(f"if fired & {bits}: {name} = {output.combine == 'any'}")
        for rule, effect in effects:
            if effect.verb != "set" and output.combine != "unique" and rule.id not in switched:
                self._apply(name, rule, effect, _combine_line(output, effect, name, self._checker(output)))
        if output.within is not None and output.combine == "stages":
            low, high = (_type_of(output.type)(end) for end in output.within)
            self.draft.add(f"if {name} < {low!r}: {name} = {low!r}")
            self.draft.add(f"elif {name} > {high!r}: {name} = {high!r}")
        self._agreeing(output, name, effects)
        self._contract(output, name)

    def _switched(self, output: ir.OutputDeclaration, effects: Effects) -> set[str]:
        """The rules that settle a boolean, whatever the others say: they are asked for at once. Not those behind a
        bound, which fires where it changes what stood before it.
        """
        settled = {"all": False, "any": True}.get(output.combine)
        return {
            rule.id
            for rule, effect in takewhile(lambda pair: not pair[0].is_bound, effects)
            if settled is not None
            and not output.optional
            and isinstance(effect.value, ir.Literal)
            and effect.value.value is settled
            if rule.loop is None
        }

    def _checker(self, output: ir.OutputDeclaration) -> str:
        return "finite" if isinstance(output.type, Number) else "whole"

    def _apply(self, name: str, rule: ir.Rule, effect: ir.Effect, line: Callable[[str], str]) -> None:
        """One effect, where its rule fired; a bound is always tried and fires where it changes the value."""
        if rule.is_bound and name != "given" and effect.verb in ("cap", "floor"):
            self._held(name, rule, effect)
        elif rule.is_bound:
            gate = f"if g_{rule.group}: " if self.draft.has_gate(rule.group) else ""
            if name != "given":
                self.draft.add(f"before = {name}")
            self.draft.add(gate + line(self.draft.writer.write(effect.value)))
            self.draft.add(f"if {name} not in (before, ABSENT): fired |= {self.draft.bits[rule.id]}")
        elif rule.loop is None:
            self.draft.add(f"if fired & {self.draft.bits[rule.id]}: {line(self.draft.writer.write(effect.value))}")
        else:
            target, inner = self.firings(rule, rule.loop)
            self.draft.add(f"for {target} in f_{local_of(rule.id)}: {line(inner.write(effect.value))}")

    def _held(self, name: str, rule: ir.Rule, effect: ir.Effect) -> None:
        """A bound that is a cap or a floor."""
        value = self.draft.writer.write(effect.value)
        if not value.isidentifier():
            self.draft.add(f"held = {value}")
            value = "held"
        gate = f"g_{rule.group} and " if self.draft.has_gate(rule.group) else ""
        sign = "<" if effect.verb == "cap" else ">"
        self.draft.add(f"if {gate}{value} {sign} {name}: {name} = {value}; fired |= {self.draft.bits[rule.id]}")

    def firings(self, rule: ir.Rule, loop: ir.Loop) -> tuple[str, Writer]:
        _, inner = self.draft.writer.block(loop)
        kept = self.draft.kept(rule, loop, inner)
        return (", ".join(kept) if kept else "_"), inner

    def _agreeing(self, output: ir.OutputDeclaration, name: str, effects: Effects) -> None:
        """`set`, or the effects on a `unique` enum: all that hold give the same value."""
        verb = "set" if output.combine == "stages" else "combine"
        given = [(rule, effect) for rule, effect in effects if effect.verb == verb]
        if not given or (verb == "combine" and output.combine != "unique"):
            return
        self.draft.add("given = ABSENT")
        for rule, effect in given:
            self.draft.add(f"before = {name} if given is ABSENT else given")
            self._apply("given", rule, effect, lambda value: f"given = agreed(given, {value})")
        self.draft.add(f"if given is not ABSENT: {name} = given")

    def _contract(self, output: ir.OutputDeclaration, name: str) -> None:
        absent = f"{name} is not None and " if output.optional else ""
        if isinstance(output.type, List | Map) and longest(self.draft.pack, output) > output.type.max_items:
            self.draft.add(f"if {absent}len({name}) > {output.type.max_items}: raise Unusual")
        if not keeps_contract(self.draft.pack, self.draft.writer.bounds, output):
            low, high = ("" if end is None else repr(end) for end in (output.low, output.high))
            each, loops = _each(output.type, name)
            condition = f"{low} <= {each} <= {high}".removeprefix(" <= ").removesuffix(" <= ")
            condition = f"all([{each} is None or {condition}{loops}])" if loops else condition
            self.draft.add(f"if {absent}not {condition}: raise Unusual")

    def _collect(self, output: ir.OutputDeclaration, name: str, effects: Effects) -> None:
        parts = []
        self.draft.names["output", output.name] = f"tuple({name})"
        if any(rule.is_bound for rule, _ in effects):
            self._collect_in_turn(output, name, effects)
            return
        for rule, effect in effects:
            if rule.loop is None:
                parts.append(
                    f"*([{self.draft.writer.write(effect.value)}] if fired & {self.draft.bits[rule.id]} else [])"
                )
                continue
            target, inner = self.firings(rule, rule.loop)
            value, fired = inner.write(effect.value), f"f_{local_of(rule.id)}"
            if value == target:
                parts.append(f"*{fired}")
            elif len(effects) == 1:
                parts.append(f"*[{value} for {target} in {fired}]")
            else:  # most rules fire for nothing, and a loop over nothing costs a call
                parts.append(f"*([{value} for {target} in {fired}] if {fired} else ())")
        if len(parts) == 1 and parts[0].startswith("*f_") and self._gives_keys(*effects[0]):
            self.draft.add(f"{name} = {parts[0][1:]}")
        else:
            made = parts[0][1:] if len(parts) == 1 and parts[0].startswith("*[") else f"[{', '.join(parts)}]"
            self.draft.add(f"{name} = {made}")
            self.draft.add(f"if len({name}) > 1: {name} = [*dict.fromkeys({name})]")
        self._contract(output, name)

    def _collect_in_turn(self, output: ir.OutputDeclaration, name: str, effects: Effects) -> None:
        """A bound gives its item where those before it have not."""
        self.draft.add(f"{name} = []")
        for rule, effect in effects:
            if rule.loop is not None:
                target, inner = self.firings(rule, rule.loop)
                self.draft.add(f"{name} += [{inner.write(effect.value)} for {target} in f_{local_of(rule.id)}]")
            elif not rule.is_bound:
                self.draft.add(
                    f"if fired & {self.draft.bits[rule.id]}: {name}.append({self.draft.writer.write(effect.value)})"
                )
            else:
                self.draft.add(f"if g_{rule.group}:" if self.draft.has_gate(rule.group) else "if True:")
                self.draft.add(f"given = {self.draft.writer.write(effect.value)}", 1)
                self.draft.add(f"if given not in {name}: {name}.append(given); fired |= {self.draft.bits[rule.id]}", 1)
        self.draft.add(f"{name} = [*dict.fromkeys({name})]")
        self._contract(output, name)

    def _gives_keys(self, rule: ir.Rule, effect: ir.Effect) -> bool:
        """Whether a rule gives the key of a list's items, which cannot repeat."""
        source = rule.loop.sources[0].items if rule.loop and len(rule.loop.sources) == 1 else None
        value = effect.value
        if not (isinstance(source, ir.Input) and isinstance(source.type, List) and isinstance(value, ir.Get)):
            return False
        item = source.type.item.type
        return (
            isinstance(item, Record)
            and isinstance(value.record, ir.Local)
            and source.type.key == (item.fields[value.index].name,)
        )

    @cached_property
    def answered(self) -> dict[str, str]:
        """The locals of outputs that rest on names alone, where that is all outputs but the tabled ones.

        Asked for only when the inputs are read: before, nothing rides.
        """
        untabled = [name for name in self.wanted if name not in self.tabled]
        found = {name: self._local_of_names(name) for name in untabled}
        return {name: local for name, local in found.items() if local} if all(found.values()) else {}

    @property
    def listed(self) -> dict[str, str]:
        """The same by the names under which they are shown."""
        shown = sorted(self.draft.pack.publication.items())
        return {name: self.answered[output.name] for name, output in shown if output.name in self.answered}

    def _local_of_names(self, name: str) -> str | None:
        """The local of a list of texts or booleans that is filled where names are read, and needs no more."""
        output = self.draft.pack.outputs[name]
        if name in self._read or not (isinstance(output.type, List) and _is_plain(output.type)):
            return None
        if output.optional or longest(self.draft.pack, output) > output.type.max_items:
            return None
        effects = self.draft.pack.effects_on(name)
        local = f"o_{name}" if f"out.{name}" in self.riding.rides else self._firings_alone(effects)
        return local if local in self.riding.shared else None

    def _firings_alone(self, effects: Effects) -> str | None:
        """The local of the firings of the one rule that fills a list, where they are the list's items."""
        if len(effects) != 1 or not self._gives_keys(*effects[0]):
            return None
        ((rule, effect),) = effects
        target, inner = self.firings(rule, rule.loop)  # type: ignore[arg-type]  # who gives keys has a loop
        return f"f_{local_of(rule.id)}" if inner.write(effect.value) == target else None

    def results(self) -> tuple[str, ...]:
        """The outputs as their readers know them: those of the table by mask, the others computed above.

        What is returned are lines for the function that reads names, where the outputs of a mask are kept with them.
        """
        if self.answered:
            return self._of_names()
        shown = {
            name: self._shown(output)
            for name, output in sorted(self.draft.pack.publication.items())
            if output.name not in self.tabled
        }
        row = f"MASKS[{self._mask()}]" if self.tabled else ""
        if self.draft.last and shown and not row and self._stay():
            self._same_or_made(shown)
        else:
            self.draft.add(f"outputs = {_made(row, shown)}" if shown or not row else f"outputs = {row}")
        return ()

    def _shown(self, output: ir.OutputDeclaration) -> str:
        show = exported_again if ("previous", output.name) in self.draft.names else exported
        return show(f"o_{output.name}", output.type, self.draft.constants, output.optional)

    def _stay(self) -> bool:
        """Whether all that is shown may well be what it was a step before."""
        return all(stays(each.type) for each in self.draft.pack.publication.values())

    def _same_or_made(self, shown: Mapping[str, str]) -> None:
        """The last outputs again where they are the same, which is sooner seen than others are made. What comes from a
        table is the same object then."""
        draft = self.draft
        for i, each in enumerate(shown.values()):
            draft.add(f"x_{i} = {each}")
        made = _made("", {name: f"x_{i}" for i, name in enumerate(shown)})
        kinds = [draft.pack.publication[name].type for name in shown]
        tests = ["is not" if isinstance(each, Boolean | Enum | Record) else "!=" for each in kinds]
        differs = " or ".join(f"{draft.last}[{name!r}] {tests[i]} x_{i}" for i, name in enumerate(shown))
        draft.add(f"outputs = {draft.last}")
        draft.add(f"if {draft.last} is None or {differs}: outputs = {made}")

    def _of_names(self) -> tuple[str, ...]:
        lists = "".join(f"(*{local},), " for local in self.listed.values())
        self.draft.add(f"outputs = answers[{self._mask()}]")
        return (f"answers = ANSWERS[({lists.rstrip()})]",)

    def _mask(self) -> str:
        """The bits of the rules that the tabled outputs depend on."""
        bits = self.draft.bits
        effects = (effect for name in self.tabled for effect in self.draft.pack.effects_on(name))
        relevant = reduce(or_, (bits[rule.id] for rule, _ in effects), 0)
        others = [name for name, bit in bits.items() if not bit & relevant]
        return "fired" if self.draft.idle.issuperset(others) else f"fired & {relevant}"


def _made(row: str, shown: Mapping[str, str]) -> str:
    """What is shown, with a row of the table; named arguments are faster than a dict that is copied."""
    if not row and all(name.isidentifier() and not iskeyword(name) for name in shown):
        return f"ReadOnlyDict({', '.join(f'{name}={each}' for name, each in shown.items())})"
    spelled = [f"**{row}"] if row else []
    return f"ReadOnlyDict({{{', '.join([*spelled, *(f'{name!r}: {each}' for name, each in shown.items())])}}})"


def filler(
    pack: ir.Pack, parameters: Mapping[str, ir.Value], bits: Mapping[str, int], tabled: Sequence[str]
) -> Callable[[int], ReadOnlyDict]:
    """The function that gives the tabled outputs of a mask."""
    outputs = pack.outputs
    value_of = partial(constant, parameters=parameters)
    starts = {name: value_of(start) for name in tabled if (start := outputs[name].start)}
    effects = {
        name: [(rule.id, effect.verb, value_of(effect.value)) for rule, effect in pack.effects_on(name)]
        for name in tabled
    }

    def fill(mask: int) -> ReadOnlyDict:
        """Raises where effects conflict."""
        row: dict[str, Any] = dict.fromkeys(pack.publication)
        values = {}
        for name, start in starts.items():
            applied = [Applied((rule, None), verb, value) for rule, verb, value in effects[name] if mask & bits[rule]]
            values[name], _ = fold(outputs[name], start, applied)
        for name, output in pack.publication.items():
            if output.name in values:
                row[name] = export(values[output.name], output.type)
        return cast("ReadOnlyDict", read_only(row))

    return fill


def _type_of(kind: Type) -> type:
    return float if isinstance(kind, Number) else int


def _each(kind: Type, whole: str) -> tuple[str, str]:
    """The values of a vector, matrix or map, and the loops that lead to them."""
    depth, loops = 0, ""
    while isinstance(kind, Vector | Map):
        each = f"each{depth}"
        loops += f" for {each if isinstance(kind, Vector) else f'_, {each}'} in {whole}"
        whole, kind, depth = each, kind.item.type, depth + 1
    return whole, loops


def _combine_line(output: ir.OutputDeclaration, effect: ir.Effect, name: str, checker: str) -> Callable[[str], str]:
    """How an effect's value changes the local that holds the output."""
    match effect.verb, output.combine:
        case "times", _:
            return lambda value: f"{name} = finite({name} * {value})"
        case "add", _:
            return lambda value: f"{name} = {checker}({name} + {value})"
        case "floor", _:
            return lambda value: f"{name} = max({name}, {value})"
        case "cap", _:
            return lambda value: f"{name} = min({name}, {value})"
        case _, "all":  # `and` would skip the value and its fault
            return lambda value: f"{name} = {name} & {value}"
        case _, "any":
            return lambda value: f"{name} = {name} | {value}"
        case _, "most_severe":
            if output.optional:
                return lambda value: f"{name} = {value} if {name} is None else max({name}, {value})"
            return lambda value: f"{name} = max({name}, {value})"
    raise AssertionError(f"{effect.verb} does not combine by {output.combine}")


def _is_plain(kind: List) -> bool:
    """Whether the items are the same at run time as for the reader of a decision."""
    return isinstance(kind.item.type, Boolean | Text)
