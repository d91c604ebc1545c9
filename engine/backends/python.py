"""The back end for live decisions: one generated Python function a pack.

The function reads the snapshot with every check inlined, decides which rules fire as bits of one integer, and takes the
outputs that depend on nothing else from a table that is filled as masks turn up. It explains nothing: what was read is
kept, and whoever asks for reasons has them worked out from that. Anything unusual is handed to the examination.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .. import ir
from ..admission import rules_of
from ..state import empty
from .binding_code import BindingCode
from .contract_code import ContractCode
from .definition_code import DefinitionCode
from .draft import Draft, bits_of, is_true
from .expressions import Writer
from .heads import heads
from .idle import idle
from .intervals import bounds_of
from .output_code import OutputCode
from .passes import Pass, PassCode, planned
from .program import Program
from .reading import Reader
from .riding import Riding
from .row_code import RowCode
from .search_code import SearchCode
from .simplified import simplified
from .state_code import StateCode
from .table_code import TableCode
from .told_code import ToldCode
from .wanted import wanted, wanted_outputs


def compile_pack(pack: ir.Pack, parameters: Mapping[str, ir.Value], steps: bool = False) -> Program:
    """The generated functions of a pack under its effective parameters.

    They decide from a state where the pack keeps one, or where it `steps` through the snapshots of a session.
    """
    generator = _Generator(simplified(pack, parameters), parameters, steps or bool(pack.slots))
    source = generator.source()
    code = compile(source, f"<flyball {pack.name}@{pack.version}>", "exec")
    draft, outputs = generator.draft, generator.outputs
    start = empty(pack) if generator.steps else None
    return Program(
        source,
        code,
        generator.constants,
        draft.bits,
        tuple(outputs.tabled),
        start,
        tuple(generator.state.steppers),
        tuple(outputs.listed),
    )


class _Generator:
    """Writes the functions of one pack, part by part."""

    def __init__(self, pack: ir.Pack, parameters: Mapping[str, ir.Value], steps: bool) -> None:
        self.steps = steps
        self.constants: dict[str, Any] = {}
        names: dict[tuple[str, str], str] = {}
        writer = Writer(names, parameters, bounds_of(pack, parameters), self.constants)
        pack = wanted(pack, writer.bounds)
        self.draft = Draft(pack, parameters, writer, names, self.constants, bits_of(pack))
        self.tables = TableCode(self.draft)
        self.definitions = DefinitionCode(self.draft, SearchCode(self.draft))
        outputs = wanted_outputs(pack)
        self.heads = heads(pack)
        self.rows = RowCode(self.draft, self.heads)
        self.riding = Riding(self.draft, self.tables, frozenset(outputs), self.rows)
        self.outputs = OutputCode(self.draft, self.riding, outputs)
        self.draft.idle |= idle(self.draft, self.outputs.tabled)
        self.told = ToldCode(self.draft, self.outputs)
        self.state = StateCode(self.draft)
        rules = rules_of(pack, parameters)
        self.contract = ContractCode(self.draft, rules)
        self.bindings = BindingCode(self.draft, rules)
        self.reader = Reader(
            self.constants, self.riding.riders, self.riding.verdicts, self.contract, names=names, ignored=pack.ignored
        )

    def source(self) -> str:
        pack = self.draft.pack
        self.draft.spell()
        self.reader.read_inputs(pack.inputs, pack.needs_now)
        self.contract.of_inputs()
        if self.steps:
            self.state.open()
        for step in planned(pack.steps):
            self._step(step)
        self.told.reasons()
        self.told.intents()
        self.told.enforced()
        self.reader.keep("answers", self.outputs.results())
        if self.steps:
            self.state.close()
        return self._assembled()

    def _assembled(self) -> str:
        """The module. `now` is meant to be named, but CPython is slower at functions that insist on it."""
        lines = [*([] if None in self.riding.early else ["fired = 0"]), *self.draft.swept()]
        self.reader.close([*self.reader.lines, *lines])
        kept = ", ".join((*(["names"] if self.reader.held else []), *self.reader.captured))
        captured = kept.replace("names", f"({', '.join(self.reader.held)},)", 1) if self.reader.held else kept
        body = [*self.reader.lines, *lines]
        rebuilt = ", ".join(f"{name!r}: {spelling}" for name, spelling in sorted(self.reader.rebuilt.items()))
        return "\n".join(
            [
                *self.reader.functions,
                *self.told.plain(),
                f"def decide({'snapshot, state' if self.steps else 'snapshot'}, now=None):",
                "    try:",
                "        if now is not None: snapshot = {**snapshot, 'now': now}",
                *(f"        {line}" for line in body),
                "        decision = Decision()",
                "        decision.policy = policy",
                "        decision.outputs = outputs",
                f"        decision._captured = ({kept},)",
                *(["        decision._before = state", "        decision._after = after"] if self.steps else []),
                *([f"        decision._sent = {self.told.sent}"] if self.draft.pack.intents else []),
                "        return decision",
                "    except UNUSUAL:",
                "        pass",
                f"    return unusual(snapshot{', state' if self.steps else ''})",
                "",
                "",
                "def inputs_of(captured):",
                f"    ({captured},) = captured",
                *(f"    {line}" for line in self.reader.mending),
                f"    return {{{rebuilt}}}",
                "",
            ]
        )

    def _step(self, step: ir.Step | Pass) -> None:
        draft, pack = self.draft, self.draft.pack
        match step:
            case Pass():
                PassCode(draft).write(step)
            case ir.Define(value=ir.Advance() as value):
                self.state.advance(value)
            case ir.Define(name=name, value=ir.Select() as value) if name in self.rows.targets:
                self.rows.sort(name, value)
            case ir.Define(name=name, value=value):
                self.definitions.define(name, self.heads.get(name, value))
            case ir.Bind():
                self.bindings.bind(step)
            case ir.Demand():
                self.bindings.demand(step)
            case ir.Gate(group=group) if draft.has_gate(group):
                draft.add(f"g_{group} = {draft.writer.write(pack.groups[group].when)}")  # type: ignore[arg-type]
            case ir.Judge(rule=rule) if not self.riding.decided_early(rule, pack.rules[rule].group):
                self._judge(pack.rules[rule])
            case ir.Match(table=table) if not self.riding.decided_early(table, pack.tables[table].group):
                self.tables.match(pack.tables[table])
            case ir.Fold(output=output) if output in self.outputs.wanted and output not in self.outputs.tabled:
                self.outputs.fold(pack.outputs[output])

    def _judge(self, rule: ir.Rule) -> None:
        draft, when = self.draft, self.draft.when(rule)
        if rule.loop is None:
            condition = draft.writer.write(when)
            sure = not draft.writer.can_fail(when)
            late = f" and g_{rule.group}" if draft.has_gate(rule.group) and not sure else ""
            draft.under(
                rule.group if sure else None, f"if {condition}{late}: fired += {draft.bits[rule.id]}", f"rule {rule.id}"
            )
            return
        draft.add(f"# rule {rule.id}")
        if rule.id not in self.riding.rides:
            self._loop_rule(rule, rule.loop, when)
        if rule.id not in draft.idle:
            draft.add(f"if f_{rule.id}: fired += {draft.bits[rule.id]}")

    def _loop_rule(self, rule: ir.Rule, loop: ir.Loop, when: ir.Expr) -> None:
        draft = self.draft
        head, inner = draft.writer.block(loop)
        kept = draft.payload(rule, loop, inner)
        test = "" if is_true(when) else f" if {inner.write(when)}"
        if not draft.has_gate(rule.group):
            draft.add(f"f_{rule.id} = [{kept} {head}{test}]")
        elif any(map(inner.can_fail, (*ir.loop_expressions(loop), when))):  # it is evaluated behind a closed gate, too
            draft.add(f"f_{rule.id} = [{kept} {head}{test} if g_{rule.group}]")
        else:
            draft.add(f"f_{rule.id} = [{kept} {head}{test}] if g_{rule.group} else []")
