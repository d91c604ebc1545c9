"""What is decided while names are read: rules that rest on them alone, and what rides on the loop over a list."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from .. import ir
from ..types import List
from .draft import Draft, each_turn, is_true
from .intervals import item_field
from .row_code import RowCode
from .table_code import TableCode

Parts = str | tuple[str, ...]


@dataclass
class Riding:
    """`wanted` are the outputs that are computed. `rides` are the rules and outputs (`out.name`) whose lists are filled
    while a list is read, `shared` the locals of those that several decisions have in common, `early` the rules and
    tables behind each gate, or none, that are decided there.
    """

    draft: Draft
    tables: TableCode
    wanted: frozenset[str]
    rows: RowCode
    rides: set[str] = field(default_factory=set)
    shared: set[str] = field(default_factory=set)
    early: dict[str | None, set[str]] = field(default_factory=dict)

    def riders(self, name: str, parts: Parts, alone: bool) -> tuple[list[str], list[str]]:
        """The lines before and inside the loop that reads list `name`, for rules and outputs that need no more.

        Where the loop stands `alone`, they can use nothing but its items, and what they make is shared by decisions.
        """
        riders = [*self._riding_rules(name, parts, alone), *self._riding_outputs(name, parts, alone)]
        if alone:
            self.shared |= {target for target, *_ in riders}
        inside: list[str] = []
        tests: dict[ir.Expr, int] = {}
        for target, test, written, value in riders:
            opposite = tests.get(opposite_test) if (opposite_test := _opposite(test)) else None
            if opposite == len(inside) - 1 and opposite is not None:
                inside.append(f"else: {target}.append({value})")
                continue
            if test is not None:
                tests[test] = len(inside)
            inside.append(f"{f'if {written}: ' if written else ''}{target}.append({value})")
        before = [f"{target} = []" for target, *_ in riders]
        if alone or isinstance(parts, str):
            return before, inside
        selected, made = self.rows.riders(name, parts, lambda expr: _needs_items_only(expr, alone))
        return [*before, *selected], [*inside, *made]

    def _riding_rules(self, name: str, parts: Parts, alone: bool) -> Iterator[tuple[str, ir.Expr | None, str, str]]:
        pack = self.draft.pack
        for rule in (pack.rules[step.rule] for step in pack.steps if isinstance(step, ir.Judge)):
            loop = rule.loop
            if loop is None or rule.group or rule.table or not _is_plain(loop, name):
                continue
            variable, items = loop.sources[0].variable, loop.sources[0].items
            used = [each for each in (loop.where, rule.when) if each is not None and not is_true(each)]
            if all(_needs_items_only(test, alone) for test in used):
                inner = self.draft.writer.inside(variable, parts, item_field(items))
                tests = " and ".join(inner.write(each) for each in used)
                self.rides.add(rule.id)
                yield f"f_{rule.id}", used[0] if len(used) == 1 else None, tests, self.draft.payload(rule, loop, inner)

    def _riding_outputs(self, name: str, parts: Parts, alone: bool) -> Iterator[tuple[str, ir.Expr | None, str, str]]:
        for output in self.draft.pack.outputs.values():
            each = output.start
            if (
                output.name in self.wanted
                and isinstance(each, ir.Each)
                and _is_over(each.source, name)
                and all(_needs_items_only(part, alone) for part in each_turn(each))
            ):
                inner = self.draft.writer.inside(each.variable, parts, item_field(each.source))
                self.rides.add(f"out.{output.name}")
                yield (
                    f"o_{output.name}",
                    each.where,
                    inner.write(each.where) if each.where else "",
                    inner.write(each.value),
                )

    def verdicts(self, inputs: frozenset[str]) -> tuple[list[str], list[str]]:
        """Lines that decide every rule and table which rests on those inputs alone, one integer of bits a gate."""
        lines: list[str] = []
        for step in self.draft.pack.steps:
            match step:
                case ir.Judge(rule=name) if self._rests_on(self.draft.pack.rules[name], inputs):
                    rule = self.draft.pack.rules[name]
                    condition = f"f_{name}" if rule.loop else self.draft.writer.write(self.draft.when(rule))
                    gate = self._gate(rule.group)
                    if name not in self.draft.idle:
                        lines.append(f"if {condition}: {_mask_of(gate)} |= {self.draft.bits[name]}")
                    self.early.setdefault(gate, set()).add(name)
                case ir.Match(table=name) if self._table_rests_on(self.draft.pack.tables[name], inputs):
                    table = self.draft.pack.tables[name]
                    gate = self._gate(table.group)
                    lines.append(f"{_mask_of(gate)} |= {self.tables.look_up(table)}")
                    self.early.setdefault(gate, set()).add(name)
        masks = sorted(map(_mask_of, self.early))
        return [*(f"{mask} = 0" for mask in masks), *lines], masks

    def _rests_on(self, rule: ir.Rule, inputs: frozenset[str]) -> bool:
        if rule.loop is not None:
            return rule.id in self.rides
        return _reads_only(self.draft.when(rule), inputs) and not self.draft.writer.can_fail(self.draft.when(rule))

    def _table_rests_on(self, table: ir.Table, inputs: frozenset[str]) -> bool:
        values = [column.value for column in table.columns]
        sure = not any(map(self.draft.writer.can_fail, values))
        return (
            table.loop is None
            and self.tables.is_small(table)
            and sure
            and all(_reads_only(each, inputs) for each in values)
        )

    def decided_early(self, name: str, group: str | None) -> bool:
        """Whether a rule's or table's bits are known; those behind a gate are taken over where the first one stands."""
        gate = self._gate(group)
        early = self.early.get(gate, set())
        if name in early and gate is not None and "" not in early:
            self.draft.under(gate, f"fired += {_mask_of(gate)}", ", ".join(sorted(early)))
            early.add("")
        return name in early

    def _gate(self, group: str | None) -> str | None:
        """The group, where it has a gate: what stands in another fires on its own."""
        return group if self.draft.has_gate(group) else None


def _mask_of(gate: str | None) -> str:
    """The local for what fired of all that is decided early behind a gate; behind none, it has fired."""
    return "fired" if gate is None else f"m_{gate}"


def _is_plain(loop: ir.Loop, name: str) -> bool:
    """Whether a block is no more than a list's items that pass `where`."""
    return len(loop.sources) == 1 and _is_over(loop.sources[0].items, name) and not loop.names and not loop.is_sorted


def _is_over(source: ir.Expr, name: str) -> bool:
    return isinstance(source, ir.Input) and source.name == name and not source.optional


def _opposite(test: ir.Expr | None) -> ir.Expr | None:
    """The comparison that holds exactly where this one does not."""
    if isinstance(test, ir.Call) and test.function in ("eq", "ne"):
        return replace(test, function="ne" if test.function == "eq" else "eq")
    return None


def _reads_only(expr: ir.Expr, inputs: frozenset[str]) -> bool:
    """Whether an expression reads no more than those inputs, and parameters."""
    foreign = ir.Defined | ir.Output | ir.Fired | ir.Local | ir.Previous
    nodes = list(ir.walk(expr))
    return not any(isinstance(node, foreign) for node in nodes) and all(
        node.name in inputs and not isinstance(node.type, List) for node in nodes if isinstance(node, ir.Input)
    )


def _needs_items_only(expr: ir.Expr, alone: bool) -> bool:
    """Whether an expression can be evaluated while a list is being read: scalars are read by then, nothing else is."""
    foreign = ir.Defined | ir.Output | ir.Fired | ir.Previous
    if alone:
        foreign |= ir.Input
    return not any(
        isinstance(node, foreign)
        or (isinstance(node, ir.Input) and (isinstance(node.type, List) or node.name == "now"))  # read behind it
        for node in ir.walk(expr)
    )
