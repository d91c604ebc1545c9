"""The back end for live decisions: one generated Python function a pack.

The function reads the snapshot with every check inlined, decides which rules fire as bits of one integer, and takes the
outputs that depend on nothing else from a table that is filled as masks turn up. It explains nothing: what was read is
kept, and whoever asks for reasons has them worked out from that. Anything unusual is handed to the examination.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import product
from typing import Any

from .. import ir
from ..constants import constant
from ..effects import Applied, fold
from ..faults import Fault, Located
from ..graph import conditions
from ..snapshot import export
from ..types import Boolean, Enum, Field, List, Number, Record, Text, Type
from . import expressions, reading
from .expressions import Unusual, Writer
from .intervals import Bounds, bounds_of, item_field
from .reading import Reader

UNUSUAL = (Unusual, Fault, KeyError, TypeError, ValueError, ZeroDivisionError, OverflowError, AttributeError, RecursionError)
_MAX_MASKS = 65_536
_MAX_TABLE = 4_096
_CONSTANT = (ir.Literal, ir.Parameter, ir.Call, ir.And, ir.Or, ir.Chain, ir.If, ir.Default, ir.Make)

Captured = tuple[Any, ...]
Effects = Iterable[tuple[ir.Rule, ir.Effect]]


@dataclass(frozen=True, slots=True)
class Compiled:
    """`decide(snapshot)` gives a decision, `inputs_of` the run-time values of the inputs that it captured."""

    source: str
    decide: Callable[[Any], Any]
    inputs_of: Callable[[Captured], dict[str, ir.Value]]


def compile_pack(
    pack: ir.Pack, parameters: Mapping[str, ir.Value], policy: object, decision: type, unusual: Callable[[object], Any]
) -> Compiled:
    """The generated functions of a pack under its effective parameters.

    `decide` fills an object of class `decision`; what it cannot decide is given to `unusual`.
    """
    generator = _Generator(pack, parameters)
    source = generator.source()
    space: dict[str, Any] = {
        **expressions.RUNTIME,
        **reading.RUNTIME,
        **generator.constants,
        "UNUSUAL": UNUSUAL,
        "agreed": agreed,
        "new": object.__new__,
        "Decision": decision,
        "policy": policy,
        "unusual": unusual,
    }
    exec(compile(source, f"<flyball {pack.name}@{pack.version}>", "exec"), space)  # noqa: S102  our own text, made from checked IR
    return Compiled(source, space["decide"], space["inputs_of"])


class _Rows(dict[int, dict[str, Any]]):
    """The outputs of each mask that turned up; bounded, since there may be as many as there are subsets of rules."""

    def __init__(self, fill: Callable[[int], dict[str, Any]]) -> None:
        super().__init__()
        self._fill = fill

    def __missing__(self, mask: int) -> dict[str, Any]:
        row = self._fill(mask)
        if len(self) >= _MAX_MASKS:
            self.clear()
        self[mask] = row
        return row


@dataclass
class _Generator:
    pack: ir.Pack
    parameters: Mapping[str, ir.Value]
    constants: dict[str, Any] = field(default_factory=dict)
    lines: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.bits = {rule: 1 << i for i, rule in enumerate(sorted(self.pack.rules))}
        self.reader = Reader(self.constants, self._riders, self._verdicts)
        self.rides: set[str] = set()
        self.shared: set[str] = set()
        self.early: dict[str | None, set[str]] = {}
        self.tabled = [name for name in sorted(self.pack.outputs) if self._is_tabled(name)]
        self.names = self.reader.names

    def source(self) -> str:
        bounds = bounds_of(self.pack, self.parameters)
        self.writer = Writer(self.names, self.parameters, bounds, self.constants)
        self._spell()
        self.reader.read_inputs(self.pack.inputs, self.pack.needs_now)
        for step in self.pack.steps:
            self._step(step)
        self._risky_reasons()
        self._results()
        return self._assembled()

    def _assembled(self) -> str:
        initial = f"fired = {'m_' if None in self.early else 0}"
        self.reader.close([*self.reader.lines, initial, *self.lines])
        kept = ", ".join((*(["names"] if self.reader.held else []), *self.reader.captured))
        captured = kept.replace("names", f"({', '.join(self.reader.held)},)", 1) if self.reader.held else kept
        body = [*self.reader.lines, initial, *self.lines]
        rebuilt = ", ".join(f"{name!r}: {spelling}" for name, spelling in sorted(self.reader.rebuilt.items()))
        return "\n".join(
            [
                *self.reader.functions,
                "def decide(snapshot, *, now=None):",
                "    try:",
                "        if now is not None: snapshot = {**snapshot, 'now': now}",
                *(f"        {line}" for line in body),
                "    except UNUSUAL:",
                "        pass",
                "    else:",
                "        decision = new(Decision)",
                "        decision.policy = policy",
                "        decision.outputs = outputs",
                f"        decision._captured = ({kept},)",
                "        return decision",
                "    return unusual(snapshot)",
                "",
                "",
                "def inputs_of(captured):",
                f"    ({captured},) = captured",
                *(f"    {line}" for line in self.reader.mending),
                f"    return {{{rebuilt}}}",
                "",
            ]
        )

    def _spell(self) -> None:
        """Names of everything that is no input. A prefix keeps them apart from each other and from Python's own words."""
        for step in self.pack.steps:
            if isinstance(step, ir.Define):
                self.names["definition", step.name] = f"d_{step.name}"
        for name in self.pack.outputs:
            self.names["output", name] = f"o_{name}"
        for identity, bit in self.bits.items():
            self.names["fired", identity] = f"((fired & {bit}) != 0)"
        for identity in (*self.pack.tables, *self.pack.groups):
            self.names["fired", identity] = f"((fired & {self._mask(identity)}) != 0)"

    def _mask(self, identity: str) -> int:
        if identity in self.pack.groups:
            return sum(self._mask(member) for member in self.pack.groups[identity].members)
        if identity in self.pack.tables:
            return sum(self.bits[row] for row in self.pack.tables[identity].rows)
        return self.bits[identity]

    def _add(self, line: str, depth: int = 0) -> None:
        self.lines.append("    " * depth + line)

    # Steps

    def _step(self, step: ir.Step) -> None:
        match step:
            case ir.Define(name=name, value=value):
                self._add(f"d_{name} = {self.writer.write(value)}")
            case ir.Gate(group=group) if self._has_gate(group):
                self._add(f"g_{group} = {self.writer.write(self.pack.groups[group].when)}")  # type: ignore[arg-type]
            case ir.Judge(rule=rule):
                self._judge(self.pack.rules[rule])
            case ir.Match(table=table):
                self._match(self.pack.tables[table])
            case ir.Fold(output=output) if output not in self.tabled:
                self._fold(self.pack.outputs[output])

    def _under(self, group: str | None, line: str, comment: str) -> None:
        """A line under its group's gate; lines that follow each other share the test."""
        if not self._has_gate(group):
            self._add(f"# {comment}")
            self._add(line)
            return
        above = next((each for each in reversed(self.lines) if not each.startswith(" ")), "")
        if above != f"if g_{group}:":
            self._add(f"if g_{group}:")
        self._add(f"# {comment}", 1)
        self._add(line, 1)

    def _has_gate(self, group: str | None) -> bool:
        return group is not None and self.pack.groups[group].when is not None

    def _gated(self, group: str | None, condition: str, can_fail: bool) -> str:
        """A condition under its group's gate. What can fail is evaluated although the gate is closed."""
        if not self._has_gate(group):
            return condition
        return f"{condition} and g_{group}" if can_fail else f"g_{group} and {condition}"

    def _verdicts(self, inputs: frozenset[str]) -> tuple[list[str], list[str]]:
        """Lines that decide every rule and table which rests on those inputs alone, one integer of bits a group."""
        lines: list[str] = []
        for step in self.pack.steps:
            match step:
                case ir.Judge(rule=name) if self._rests_on(self.pack.rules[name], inputs):
                    rule = self.pack.rules[name]
                    condition = f"f_{name}" if rule.loop else self.writer.write(self._when(rule))
                    lines.append(f"if {condition}: m_{rule.group or ''} |= {self.bits[name]}")
                    self.early.setdefault(rule.group, set()).add(name)
                case ir.Match(table=name) if self._table_rests_on(self.pack.tables[name], inputs):
                    table = self.pack.tables[name]
                    lines.append(f"m_{table.group or ''} |= {self._look_up(table)}")
                    self.early.setdefault(table.group, set()).add(name)
        masks = sorted(f"m_{group or ''}" for group in self.early)
        return [*(f"{mask} = 0" for mask in masks), *lines], masks

    def _rests_on(self, rule: ir.Rule, inputs: frozenset[str]) -> bool:
        if rule.loop is not None:
            return rule.id in self.rides
        return _reads_only(self._when(rule), inputs) and not self.writer.can_fail(self._when(rule))

    def _table_rests_on(self, table: ir.Table, inputs: frozenset[str]) -> bool:
        values = [column.value for column in table.columns]
        sure = not any(map(self.writer.can_fail, values))
        return table.loop is None and self._is_small(table) and sure and all(_reads_only(each, inputs) for each in values)

    def _when(self, rule: ir.Rule) -> ir.Expr:
        assert rule.when is not None, "bounds are not judged"
        return rule.when

    def _decided_early(self, name: str, group: str | None) -> bool:
        """Whether a rule's or table's bits are known already; those of a group are taken over where its first one stands."""
        early = self.early.get(group, set())
        if name in early and group is not None and "" not in early:
            self._under(group, f"fired |= m_{group}", ", ".join(sorted(early)))
            early.add("")
        return name in early

    def _judge(self, rule: ir.Rule) -> None:
        assert rule.when is not None
        if self._decided_early(rule.id, rule.group):
            return
        if rule.loop is None:
            condition = self.writer.write(rule.when)
            sure = not self.writer.can_fail(rule.when)
            late = f" and g_{rule.group}" if self._has_gate(rule.group) and not sure else ""
            self._under(rule.group if sure else None, f"if {condition}{late}: fired |= {self.bits[rule.id]}", f"rule {rule.id}")
            return
        self._add(f"# rule {rule.id}")
        if rule.id not in self.rides:
            self._loop_rule(rule, rule.loop, rule.when)
        self._add(f"if f_{rule.id}: fired |= {self.bits[rule.id]}")

    # What rides on the loop that reads a list

    def _riders(self, name: str, parts: str | tuple[str, ...], alone: bool) -> tuple[list[str], list[str]]:
        """The lines before and inside the loop that reads list `name`, for rules and outputs that need no more.

        Where the loop stands `alone`, they can use nothing but its items, and what they make is shared by decisions.
        """
        riders = [*self._riding_rules(name, parts, alone), *self._riding_outputs(name, parts, alone)]
        if alone:
            self.shared |= {target for target, *_ in riders}
        inside: list[str] = []
        tests: dict[ir.Expr, int] = {}
        for target, test, written, value in riders:
            opposite = tests.get(_opposite(test)) if test is not None else None
            if opposite == len(inside) - 1 and opposite is not None:
                inside.append(f"else: {target}.append({value})")
                continue
            if test is not None:
                tests[test] = len(inside)
            inside.append(f"{f'if {written}: ' if written else ''}{target}.append({value})")
        return [f"{target} = []" for target, *_ in riders], inside

    def _riding_rules(self, name: str, parts: str | tuple[str, ...], alone: bool) -> Iterator[tuple[str, ir.Expr | None, str, str]]:
        for rule in self.pack.rules.values():
            loop = rule.loop
            if loop is None or loop.names or rule.group or rule.table or not _is_over(loop.source, name):
                continue
            used = [each for each in (loop.where, rule.when) if each is not None and not _is_true(each)]
            if all(_needs_items_only(test, alone) for test in used):
                inner = self.writer.inside(loop.variable, parts, item_field(loop.source))
                tests = " and ".join(inner.write(each) for each in used)
                self.rides.add(rule.id)
                yield f"f_{rule.id}", used[0] if len(used) == 1 else None, tests, self._payload(rule, loop, inner)

    def _riding_outputs(self, name: str, parts: str | tuple[str, ...], alone: bool) -> Iterator[tuple[str, ir.Expr | None, str, str]]:
        for output in self.pack.outputs.values():
            each = output.start
            if isinstance(each, ir.Each) and _is_over(each.source, name) and all(_needs_items_only(part, alone) for part in _inner(each)):
                inner = self.writer.inside(each.variable, parts, item_field(each.source))
                self.rides.add(f"out.{output.name}")
                yield f"o_{output.name}", each.where, inner.write(each.where) if each.where else "", inner.write(each.value)

    def _loop_rule(self, rule: ir.Rule, loop: ir.Loop, when: ir.Expr) -> None:
        head, inner = self.writer.loop(loop.variable, loop.source)
        kept = self._payload(rule, loop, inner)
        used = [each for each in (loop.where, when) if each is not None and not _is_true(each)]
        if not loop.names:
            tests = [inner.write(each) for each in used]
            is_sure = not any(map(inner.can_fail, used))
            gate = [f"g_{rule.group}"] if self._has_gate(rule.group) and is_sure else []
            late = [f"g_{rule.group}"] if self._has_gate(rule.group) and not gate else []
            where = "".join(f" if {test}" for test in (*gate, *tests, *late))
            self._add(f"f_{rule.id} = [{kept} {head}{where}]")
            return
        self._add(f"f_{rule.id} = []")
        inner = self._open_loop(loop, head, inner)
        self._add(f"if {self._gated(rule.group, inner.write(when), True)}: f_{rule.id}.append({kept})", 1)

    def _open_loop(self, loop: ir.Loop, head: str, inner: Writer) -> Writer:
        """A loop statement with the names of its block."""
        self._add(f"{head}:")
        if loop.where:
            self._add(f"if not {inner.write(loop.where)}: continue", 1)
        for name, value in loop.names:
            self._add(f"n_{name} = {inner.write(value)}", 1)
            inner = inner.inside(name, f"n_{name}", None)
        return inner

    def _payload(self, rule: ir.Rule, loop: ir.Loop, inner: Writer) -> str:
        """What a firing keeps of its item."""
        kept = self._kept(rule, loop, inner)
        return kept[0] if len(kept) == 1 else f"({', '.join(kept)})"

    def _kept(self, rule: ir.Rule, loop: ir.Loop, inner: Writer) -> list[str]:
        """The locals that the rule's effects use."""
        spellings = {loop.variable: inner.locals[loop.variable], **{name: f"n_{name}" for name, _ in loop.names}}
        return sorted({name for effect in rule.effects for name in _used(effect.value, spellings)})

    # Tables

    def _match(self, table: ir.Table) -> None:
        if self._decided_early(table.id, table.group):
            return
        if table.loop is None and self._is_small(table):
            self._looked_up(table)
            return
        self._add(f"# table {table.id}")
        if table.loop is not None:
            self._loop_table(table, table.loop)
        else:
            for column in table.columns:
                self._column(table, column, self.writer, 0)
            depth = 0
            if self._has_gate(table.group):
                self._add(f"if g_{table.group}:")
                depth = 1
            hits = self._hits(table, self.writer, lambda row: f"fired |= {self.bits[row]}")
            for line in list(hits) or ["pass"]:  # every row may be switched off
                self._add(line, depth)

    def _is_small(self, table: ir.Table) -> bool:
        """Whether the rows of every combination of the columns' values can be worked out beforehand."""
        cells = [cell for column in table.columns for cell in column.cells if cell]
        return _cells_of(table) <= _MAX_TABLE and not any(map(self.writer.can_fail, cells))

    def _column(self, table: ir.Table, column: ir.Column, writer: Writer, depth: int) -> None:
        name = f"c_{table.id}_C_{column.name}"
        self.names["definition", f"{table.id}.{column.name}"] = name
        self._add(f"{name} = {writer.write(column.value)}", depth)

    def _hits(self, table: ir.Table, writer: Writer, hit: Callable[[str], str]) -> Iterator[str]:
        """The rows of a table by its hit policy. That unique rows do not overlap was proved when the pack was loaded."""
        word = "if"
        for row in table.rows:
            condition = writer.write(self.pack.rules[row].when)  # type: ignore[arg-type]  # rows have a condition
            yield f"{word} {condition}: {hit(row)}"
            word = "if" if table.hit == "collect" else "elif"
        if table.complete:
            yield "else: raise Unusual"

    def _looked_up(self, table: ir.Table) -> None:
        mask = self._look_up(table)
        if self._has_gate(table.group) and any(self.writer.can_fail(column.value) for column in table.columns):
            self._add(f"row = {mask}")
            mask = "row"
        self._under(table.group, f"fired |= {mask}", f"table {table.id}")

    def _look_up(self, table: ir.Table) -> str:
        """A table over enums and booleans: one tuple of masks, indexed by the columns."""
        domains = [_members(column.value) or range(0) for column in table.columns]
        for i, column in enumerate(table.columns):
            self.names["definition", f"{table.id}.{column.name}"] = f"c{i}"
        rows = [self.writer.write(self._when(self.pack.rules[row])) for row in table.rows]
        names = ", ".join(f"c{i}" for i in range(len(domains)))
        judge = eval(f"lambda {names}: [{', '.join(rows)}]", dict(self.constants) | dict(expressions.RUNTIME))  # noqa: S307  our own text
        self.constants[f"TABLE_{table.id}"] = tuple(self._mask_of(table, judge(*cell)) for cell in product(*domains))
        index = ""
        for column, domain in zip(table.columns, domains, strict=True):
            value = self.writer.write(column.value)
            index = f"({index}) * {len(domain)} + {value}" if index else value
        return f"TABLE_{table.id}[{index}]"

    def _mask_of(self, table: ir.Table, holds: Sequence[bool]) -> int | None:
        """The rows that fire; nothing (which stops the decision) where a complete table has none."""
        hits = [self.bits[row] for row, hit in zip(table.rows, holds, strict=True) if hit]
        if table.hit == "unique" and (len(hits) > 1 or (table.complete and not hits)):
            return None
        return sum(hits[:1] if table.hit == "first" else hits)

    def _loop_table(self, table: ir.Table, loop: ir.Loop) -> None:
        for row in table.rows:
            self._add(f"f_{_plain(row)} = []")
        head, inner = self.writer.loop(loop.variable, loop.source)
        inner = self._open_loop(loop, head, inner)
        for column in table.columns:
            self._column(table, column, inner, 1)
        depth = 1
        if self._has_gate(table.group):
            self._add(f"if not g_{table.group}: continue", 1)
        rules = {row: self.pack.rules[row] for row in table.rows}
        for line in self._hits(table, inner, lambda row: f"f_{_plain(row)}.append({self._payload(rules[row], loop, inner)})"):
            self._add(line, depth)
        for row in table.rows:
            self._add(f"if f_{_plain(row)}: fired |= {self.bits[row]}")

    # Outputs

    def _is_tabled(self, name: str) -> bool:
        """Whether an output depends on nothing but which rules fired, and nothing else reads it."""
        output = self.pack.outputs[name]
        if output.combine in ("collect", "computed") or not (output.start is None or self._has_value(output.start)):
            return False
        for rule, effect in self.pack.effects_on(name):
            if rule.is_bound or not self._has_value(effect.value) or (rule.loop and effect.verb in ("times", "add")):
                return False
        return not any(isinstance(node, ir.Output) and node.name == name for node in self._all_nodes())

    def _has_value(self, expr: ir.Expr) -> bool:
        """Whether an expression is the same for all snapshots, and no fault."""
        if not _is_constant(expr):
            return False
        try:
            constant(expr, self.parameters)
        except Located:
            return False
        return True

    def _all_nodes(self) -> Iterator[ir.Expr]:
        for expr in self._all_expressions():
            yield from ir.walk(expr)

    def _all_expressions(self) -> Iterator[ir.Expr]:
        for step in self.pack.steps:
            if isinstance(step, ir.Define):
                yield step.value
        for rule in self.pack.rules.values():
            yield from conditions(rule)
            yield from (effect.value for effect in rule.effects)
        yield from (group.when for group in self.pack.groups.values() if group.when)
        yield from (column.value for table in self.pack.tables.values() for column in table.columns)
        yield from (output.start for output in self.pack.outputs.values() if output.start)

    def _fold(self, output: ir.OutputDeclaration) -> None:
        self._add(f"# output {output.name}")
        name = f"o_{output.name}"
        effects = self.pack.effects_on(output.name)
        if output.combine == "collect":
            self._collect(output, name, effects)
            return
        if f"out.{output.name}" in self.rides:
            self.names["output", output.name] = f"tuple({name})"
        else:
            self._add(f"{name} = {self.writer.write(output.start)}")  # type: ignore[arg-type]  # only lists have no start
        for rule, effect in effects:
            if effect.verb != "set" and output.combine != "unique":
                self._apply(name, rule, effect, _combine_line(output, effect, name, self._checker(output)))
        if output.within is not None and output.combine == "stages":
            low, high = (type_of(output.type)(end) for end in output.within)
            self._add(f"if {name} < {low!r}: {name} = {low!r}")
            self._add(f"elif {name} > {high!r}: {name} = {high!r}")
        self._agreeing(output, name, effects)
        self._contract(output, name)

    def _checker(self, output: ir.OutputDeclaration) -> str:
        return "finite" if isinstance(output.type, Number) else "whole"

    def _apply(self, name: str, rule: ir.Rule, effect: ir.Effect, line: Callable[[str], str]) -> None:
        """One effect, where its rule fired; a bound is always tried and fires where it changes the value."""
        if rule.is_bound:
            gate = f"if g_{rule.group}: " if self._has_gate(rule.group) else ""
            if name != "given":
                self._add(f"before = {name}")
            self._add(gate + line(self.writer.write(effect.value)))
            self._add(f"if {name} not in (before, ABSENT): fired |= {self.bits[rule.id]}")
        elif rule.loop is None:
            self._add(f"if fired & {self.bits[rule.id]}: {line(self.writer.write(effect.value))}")
        else:
            target, inner = self._firings(rule, rule.loop)
            self._add(f"for {target} in f_{_plain(rule.id)}: {line(inner.write(effect.value))}")

    def _firings(self, rule: ir.Rule, loop: ir.Loop) -> tuple[str, Writer]:
        _, inner = self.writer.loop(loop.variable, loop.source)
        for name, _ in loop.names:
            inner = inner.inside(name, f"n_{name}", None)
        kept = self._kept(rule, loop, inner)
        return (", ".join(kept) if kept else "_"), inner

    def _agreeing(self, output: ir.OutputDeclaration, name: str, effects: list[tuple[ir.Rule, ir.Effect]]) -> None:
        """`set`, or the effects on a `unique` enum: all that hold give the same value."""
        verb = "set" if output.combine == "stages" else "combine"
        given = [(rule, effect) for rule, effect in effects if effect.verb == verb]
        if not given or (verb == "combine" and output.combine != "unique"):
            return
        self._add("given = ABSENT")
        for rule, effect in given:
            self._add(f"before = {name} if given is ABSENT else given")
            self._apply("given", rule, effect, lambda value: f"given = agreed(given, {value})")
        self._add(f"if given is not ABSENT: {name} = given")

    def _longest(self, output: ir.OutputDeclaration) -> float:
        """How many items a list can have at the most."""
        if output.combine != "collect":
            return _length(output.start)
        return sum(_items_of(rule.loop) for rule, _ in self.pack.effects_on(output.name))

    def _contract(self, output: ir.OutputDeclaration, name: str) -> None:
        absent = f"{name} is not None and " if output.optional else ""
        if isinstance(output.type, List):
            if self._longest(output) <= output.type.max_items:
                return
            self._add(f"if {absent}len({name}) > {output.type.max_items}: raise Unusual")
        elif output.low is not None or output.high is not None:
            low, high = ("" if end is None else repr(end) for end in (output.low, output.high))
            condition = f"{low} <= {name} <= {high}".removeprefix(" <= ").removesuffix(" <= ")
            self._add(f"if {absent}not {condition}: raise Unusual")

    def _collect(self, output: ir.OutputDeclaration, name: str, effects: list[tuple[ir.Rule, ir.Effect]]) -> None:
        parts = []
        self.names["output", output.name] = f"tuple({name})"
        if any(rule.is_bound for rule, _ in effects):
            self._collect_in_turn(output, name, effects)
            return
        for rule, effect in effects:
            if rule.loop is None:
                parts.append(f"*([{self.writer.write(effect.value)}] if fired & {self.bits[rule.id]} else [])")
                continue
            target, inner = self._firings(rule, rule.loop)
            value = inner.write(effect.value)
            parts.append(f"*f_{_plain(rule.id)}" if value == target else f"*[{value} for {target} in f_{_plain(rule.id)}]")
        if len(parts) == 1 and parts[0].startswith("*f_") and self._gives_keys(*effects[0]):
            self._add(f"{name} = {parts[0][1:]}")
        else:
            self._add(f"{name} = [{', '.join(parts)}]")
            self._add(f"if len({name}) > 1: {name} = [*dict.fromkeys({name})]")
        self._contract(output, name)

    def _collect_in_turn(self, output: ir.OutputDeclaration, name: str, effects: Effects) -> None:
        """A bound gives its item where those before it have not."""
        self._add(f"{name} = []")
        for rule, effect in effects:
            if rule.loop is not None:
                target, inner = self._firings(rule, rule.loop)
                self._add(f"{name} += [{inner.write(effect.value)} for {target} in f_{_plain(rule.id)}]")
            elif not rule.is_bound:
                self._add(f"if fired & {self.bits[rule.id]}: {name}.append({self.writer.write(effect.value)})")
            else:
                self._add(f"if g_{rule.group}:" if self._has_gate(rule.group) else "if True:")
                self._add(f"given = {self.writer.write(effect.value)}", 1)
                self._add(f"if given not in {name}: {name}.append(given); fired |= {self.bits[rule.id]}", 1)
        self._add(f"{name} = [*dict.fromkeys({name})]")
        self._contract(output, name)

    def _gives_keys(self, rule: ir.Rule, effect: ir.Effect) -> bool:
        """Whether a rule gives the key of a list's items, which cannot repeat."""
        source, value = rule.loop.source if rule.loop else None, effect.value
        if not (isinstance(source, ir.Input) and isinstance(source.type, List) and isinstance(value, ir.Get)):
            return False
        item = source.type.item.type
        return isinstance(item, Record) and isinstance(value.record, ir.Local) and source.type.key == (item.fields[value.index].name,)

    # Results

    def _risky_reasons(self) -> None:
        """A reason that may fail is part of the decision: the examination evaluates it."""
        risky = [rule.id for rule in self.pack.rules.values() if any(self.writer.can_fail(hole.value) for hole in ir.holes(rule))]
        if risky:
            self._add(f"if fired & {sum(self.bits[each] for each in risky)}: raise Unusual")
        for group in self.pack.groups.values():
            if group.when is not None and any(self.writer.can_fail(hole.value) for hole in ir.holes(group)):
                self._add(f"if not g_{group.id}: raise Unusual")

    def _results(self) -> None:
        """The outputs as their readers know them: those of the table by mask, the others computed above."""
        shown = {name: _export_line(self.pack.outputs[name], f"o_{name}", self.constants, self._is_fresh(name)) for name in sorted(self.pack.outputs) if name not in self.tabled}
        if not self.tabled:
            self._add("outputs = {" + ", ".join(f"{name!r}: {text}" for name, text in shown.items()) + "}")
            return
        self.constants["MASKS"] = _Rows(self._fill())
        relevant = 0
        for name in self.tabled:
            for rule, _ in self.pack.effects_on(name):
                relevant |= self.bits[rule.id]
        self._add(f"outputs = MASKS[fired & {relevant}].copy()")
        for name, text in shown.items():
            self._add(f"outputs[{name!r}] = {text}")

    def _is_fresh(self, name: str) -> bool:
        """Whether an output is a list that was made for it alone."""
        if self.pack.outputs[name].combine == "collect":
            return not any(f"f_{_plain(rule.id)}" in self.shared for rule, _ in self.pack.effects_on(name))
        return f"out.{name}" in self.rides and f"o_{name}" not in self.shared

    def _fill(self) -> Callable[[int], dict[str, Any]]:
        outputs, bits = self.pack.outputs, self.bits
        evaluate = self._evaluated
        starts = {name: evaluate(outputs[name].start) for name in self.tabled}
        effects = {
            name: [(rule.id, effect.verb, evaluate(effect.value)) for rule, effect in self.pack.effects_on(name)]
            for name in self.tabled
        }

        def fill(mask: int) -> dict[str, Any]:
            """The outputs of a mask; raises where their effects conflict."""
            row: dict[str, Any] = dict.fromkeys(outputs)
            for name, start in starts.items():
                applied = [Applied((rule, None), verb, value) for rule, verb, value in effects[name] if mask & bits[rule]]
                value, _ = fold(outputs[name], start, applied)
                row[name] = export(value, outputs[name].type)
            return row

        return fill

    def _evaluated(self, expr: ir.Expr | None) -> ir.Value:
        if expr is None:
            return None
        space = {**expressions.RUNTIME, **self.constants}
        bounds = Bounds({}, self.parameters, {}, {})
        text = Writer({}, self.parameters, bounds, space).write(expr)
        return eval(text, space)  # type: ignore[no-any-return]  # noqa: S307  our own text


def _is_over(source: ir.Expr, name: str) -> bool:
    return isinstance(source, ir.Input) and source.name == name and not source.optional


def _opposite(test: ir.Expr) -> ir.Expr | None:
    """The comparison that holds exactly where this one does not."""
    if isinstance(test, ir.Call) and test.function in ("eq", "ne"):
        return replace(test, function="ne" if test.function == "eq" else "eq")
    return None


def _inner(each: ir.Each) -> list[ir.Expr]:
    return [each.value, *([each.where] if each.where else [])]


def _used(expr: ir.Expr, spellings: Mapping[str, str | tuple[str, ...]]) -> Iterator[str]:
    """The locals that an expression reads, of an item that was taken apart only those of its fields."""
    match expr:
        case ir.Get(record=ir.Local(name=name), index=index) if isinstance(spellings.get(name), tuple):
            yield spellings[name][index]
        case ir.Local(name=name):
            spelling = spellings.get(name, ())  # nothing for the item of a comprehension inside
            yield from (spelling,) if isinstance(spelling, str) else spelling
        case _:
            for child in ir.children(expr):
                yield from _used(child, spellings)


def _reads_only(expr: ir.Expr, inputs: frozenset[str]) -> bool:
    """Whether an expression reads no more than those inputs, and parameters."""
    foreign = ir.Defined | ir.Output | ir.Fired | ir.Local
    nodes = list(ir.walk(expr))
    return not any(isinstance(node, foreign) for node in nodes) and all(
        node.name in inputs and not isinstance(node.type, List) for node in nodes if isinstance(node, ir.Input)
    )


def _needs_items_only(expr: ir.Expr, alone: bool) -> bool:
    """Whether an expression can be evaluated while a list is being read: scalars are read by then, nothing else is."""
    foreign = ir.Defined | ir.Output | ir.Fired | ir.Input if alone else ir.Defined | ir.Output | ir.Fired
    return not any(
        isinstance(node, foreign)
        or (isinstance(node, ir.Input) and (isinstance(node.type, List) or node.name == "now"))  # read behind it
        for node in ir.walk(expr)
    )


def agreed(given: Any, value: Any) -> Any:
    """The one value that several rules give."""
    if given is not reading.ABSENT and given != value:
        raise Unusual
    return value


def type_of(kind: Type) -> type:
    return float if isinstance(kind, Number) else int


def _length(expr: ir.Expr | None) -> float:
    """The most items that a list expression can give."""
    if isinstance(expr, ir.Each):
        return _length(expr.source)
    return expr.type.max_items if isinstance(expr, ir.Input) and isinstance(expr.type, List) else math.inf


def _items_of(loop: ir.Loop | None) -> float:
    return 1 if loop is None else _length(loop.source)


def _plain(identity: str) -> str:
    return identity.replace(".", "_R_")


def _is_true(expr: ir.Expr) -> bool:
    return isinstance(expr, ir.Literal) and expr.value is True


def _is_constant(expr: ir.Expr) -> bool:
    return all(isinstance(node, _CONSTANT) for node in ir.walk(expr))


def _members(expr: ir.Expr) -> range | None:
    """The run-time values of an enum or boolean that is always present."""
    if expr.optional:
        return None
    match expr.type:
        case Enum(members=members):
            return range(len(members))
        case Boolean():
            return range(2)
    return None


def _cells_of(table: ir.Table) -> int:
    count = 1
    for column in table.columns:
        count *= len(_members(column.value) or range(_MAX_TABLE + 1))
    return count


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


def _export_line(output: ir.OutputDeclaration, name: str, constants: dict[str, Any], fresh: bool) -> str:
    """The spelling of an output as its readers know it."""
    kind = output.type
    if not output.optional:
        match kind:
            case Number():
                return f"{name} + 0.0"
            case Boolean():
                return name
            case Enum(members=members):
                return f"{_constant(constants, members)}[{name}]"
            case List(item=Field(type=Boolean() | Text())):
                return name if fresh else f"[*{name}]"
            case List(item=Field(type=item)):  # a Python list where the run-time value is a tuple
                constants["export"] = export
                constants[f"ITEM_{output.name}"] = item
                return f"[export(each, ITEM_{output.name}) for each in {name}]"
    constants["export"] = export
    constants[f"TYPE_{output.name}"] = kind
    return f"export({name}, TYPE_{output.name})"


def _constant(constants: dict[str, Any], members: tuple[str, ...]) -> str:
    name = next((key for key, value in constants.items() if value == members), f"K{len(constants)}")
    constants[name] = members
    return name
