"""A run without a fault as generated code: what the examination of a decision works out, expression by expression.

Reasons are asked for far more often than anything is wrong. The function computes every step of a run and what its
parts tell, and raises where anything may be a fault: then the examination begins anew, and says what it is. Steps of
which there are few are left to `engine/computing.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from .. import ir
from ..admission import rules_of
from ..computing import perform
from ..constants import constant
from ..effects import Applied, Way, fold
from ..examination import Follow
from ..faults import Located
from ..graph import key_of
from ..outcome import Firing
from ..run import Run
from ..types import List
from .binding_code import BindingCode
from .draft import Draft, bits_of, is_constant, local_of, members_of
from .expressions import Writer
from .intervals import bounds_of
from .runtime import RUNTIME, UNUSUAL
from .simplified import simplified

_NONE: tuple[Firing, ...] = ()
_NO_WAY = Way(None, None, changed=False)
_MOST_FOLDS = 4_096


def follower(pack: ir.Pack, parameters: Mapping[str, ir.Value]) -> Follow:
    """What computes a run, and says whether it could. It is handed what settles the intents of a part."""
    code = FollowCode.of(simplified(pack, parameters, whole=True), parameters)
    compiled = compile(code.source(), f"<examination of {pack.name}@{pack.version}>", "exec")
    space: dict[str, Any] = {**RUNTIME, **code.constants}
    exec(compiled, space)
    follow = space["follow"]

    def followed(run: Run, settle: Callable[[Run, str], None]) -> bool:
        try:
            follow(run, settle)
        except (*UNUSUAL, Located):
            return False
        return not run.faults

    return followed


@dataclass
class FollowCode:
    """Writes the function, step by step. `f_` is what fired of a rule; of the outputs `told_apart` more is asked than
    their value.
    """

    draft: Draft
    bindings: BindingCode
    told_apart: frozenset[str] = field(default_factory=frozenset)

    @classmethod
    def of(cls, pack: ir.Pack, parameters: Mapping[str, ir.Value]) -> FollowCode:
        constants: dict[str, Any] = {
            "Applied": Applied,
            "Firing": Firing,
            "NONE": _NONE,
            "NO_WAY": _NO_WAY,
            "fold": fold,
        }
        names: dict[tuple[str, str], str] = {}
        writer = Writer(names, parameters, bounds_of(pack, parameters), constants)
        draft = Draft(pack, parameters, writer, names, constants, bits_of(pack))
        return cls(draft, BindingCode(draft, rules_of(pack, parameters)), frozenset(_told_apart(pack)))

    @property
    def constants(self) -> dict[str, Any]:
        return self.draft.constants

    def source(self) -> str:
        self._spell()
        steps = self.draft.pack.steps
        for step in steps if self.draft.pack.parts else (*steps, ir.Settle("")):
            self._step(step)
        return "\n".join(["def follow(run, settle):", *(f"    {line}" for line in self.draft.lines), ""])

    def _spell(self) -> None:
        draft = self.draft
        draft.spell()
        for each in draft.pack.inputs:
            self._input(each.name)
        if all(each.name != "now" for each in draft.pack.inputs):
            self._input("now", ".get('now')")
        for identity in draft.pack.rules:
            draft.names["fired", identity] = f"bool(f_{local_of(identity)})"
        for identity in (*draft.pack.tables, *draft.pack.groups):
            flags = " ".join(f"f_{local_of(rule)}," for rule in members_of(draft.pack, identity))
            draft.names["fired", identity] = f"any(({flags}))"
        for slot in draft.pack.slots:
            draft.names["previous", slot.name] = f"run.kept['previous', {slot.name!r}]"
            draft.names["advance", slot.name] = "run.advance"

    def _input(self, name: str, access: str = "") -> None:
        self.draft.add(f"i_{name} = run.inputs{access or f'[{name!r}]'}")
        self.draft.names["input", name] = f"i_{name}"

    def _step(self, step: ir.Step) -> None:
        draft, pack = self.draft, self.draft.pack
        match step:
            case ir.Define(name=name, value=value):
                draft.add(f"d_{name} = run.definitions[{name!r}] = {draft.writer.write(value)}")
            case ir.Bind():
                self.bindings.bind(step)
                draft.add(f"run.definitions[{step.name!r}] = d_{step.name}")
            case ir.Demand():
                self.bindings.demand(step)
            case ir.Gate(group=group):
                when = pack.groups[group].when
                draft.add(f"g_{group} = run.gates[{group!r}] = {draft.writer.write(when) if when else True}")
            case ir.Judge(rule=rule) if _is_plain(pack.rules[rule].loop):
                self._judge(pack.rules[rule])
            case ir.Match(table=table) if self._is_simple(pack.tables[table]):
                self._match(pack.tables[table])
            case ir.Fold(output=output) if output not in self.told_apart:
                self._fold(pack.outputs[output])
            case ir.Settle(part=part):
                self._settle(part)
            case _:
                self._perform(step)

    def _perform(self, step: ir.Step) -> None:
        """By the code that all examinations run."""
        name = f"STEP{len(self.draft.constants)}"
        self.draft.constants |= {name: (step, key_of(step)), "perform": perform}
        self.draft.add(f"perform(run, *{name})")
        self.draft.add("if run.faults: raise Unusual")
        match step:
            case ir.Judge(rule=rule) | ir.Bite(rule=rule):
                self._take([rule])
            case ir.Match(table=table):
                self._take(self.draft.pack.tables[table].rows)
            case ir.Fold(output=output):
                self.draft.add(f"o_{output} = run.outputs[{output!r}]")

    def _take(self, rules: Iterable[str]) -> None:
        for rule in rules:
            self.draft.add(f"f_{local_of(rule)} = run.fired[{rule!r}]")

    # Rules and tables

    def _judge(self, rule: ir.Rule) -> None:
        if rule.loop is not None:
            self._loop_rule(rule, rule.loop)
            return
        self._fires(rule.id, self.draft.writer.write(self.draft.when(rule)), self._gated(rule.group))

    def _gated(self, group: str | None) -> str:
        return f" and g_{group}" if self.draft.has_gate(group) else ""

    def _fires(self, rule: str, condition: str, gated: str = "") -> None:
        """A rule without a loop fires once, and is then always the same."""
        name = f"FIRED_{local_of(rule)}"
        self.draft.constants[name] = (Firing(rule),)
        self.draft.add(f"f_{local_of(rule)} = run.fired[{rule!r}] = {name} if {condition}{gated} else NONE")

    def _loop_rule(self, rule: ir.Rule, loop: ir.Loop) -> None:
        draft, when = self.draft, self.draft.when(rule)
        heads, places, inner = [], [], draft.writer
        for number, source in enumerate(loop.sources):
            local = f"l_{source.variable}"
            heads.append(f"for at{number}, {local} in enumerate({inner.write(source.items)})")
            inner = inner.inside(source.variable, local, inner.bounds.item_of(source.items))
            places.append(f"at{number}")
        if loop.where is not None:
            heads.append(f"if {inner.write(loop.where)}")
        for name, value in loop.names:
            heads.append(f"for n_{name} in ({inner.write(value)},)")
            inner = inner.inside(name, f"n_{name}", inner.bounds.known(value))
        heads.append(f"if {inner.write(when)}")
        item = places[0] if len(places) == 1 else f"({', '.join(places)})"
        block = " ".join(f"{inner.locals[name]}," for name in loop.locals)
        local = f"f_{local_of(rule.id)}"
        draft.add(f"{local} = [Firing({rule.id!r}, {item}, (), (), ({block})) {' '.join(heads)}]")
        if draft.has_gate(rule.group):
            draft.add(f"if not g_{rule.group}: {local} = NONE")
        draft.add(f"run.fired[{rule.id!r}] = {local}")

    def _is_simple(self, table: ir.Table) -> bool:
        cells = [cell for column in table.columns for cell in column.cells if cell]
        return table.loop is None and not any(map(self.draft.writer.can_fail, cells))

    def _match(self, table: ir.Table) -> None:
        draft, gated = self.draft, self._gated(table.group)
        for column in table.columns:
            name = f"c_{table.id}_C_{column.name}"
            draft.names["definition", f"{table.id}.{column.name}"] = name
            draft.add(f"{name} = {draft.writer.write(column.value)}")
        conditions = [draft.writer.write(draft.when(draft.pack.rules[row])) for row in table.rows]
        if table.hit == "first":
            rows = "".join(f"({condition} and {place}) or " for place, condition in enumerate(conditions, 1))
            draft.add(f"row = {rows}0")
            conditions = [f"row == {place}" for place, _ in enumerate(conditions, 1)]
        for row, condition in zip(table.rows, conditions, strict=True):
            self._fires(row, condition, gated)
        if table.complete or table.hit == "unique":
            count = f"[{', '.join(f'f_{local_of(row)}' for row in table.rows)}].count(NONE)"
            most = len(table.rows) - (1 if table.complete else 0)
            least = len(table.rows) - 1 if table.hit == "unique" else 0
            draft.add(f"if {gated.removeprefix(' and ') or True} and not {least} <= {count} <= {most}: raise Unusual")

    # Outputs

    def _fold(self, output: ir.OutputDeclaration) -> None:
        draft, name = self.draft, output.name
        local, place = f"o_{name}", f"OUTPUT_{name}"
        draft.constants[place] = output
        start = draft.writer.write(output.start) if output.start else "None"
        draft.add(f"start = run.starts[{name!r}] = {start}")
        effects = draft.pack.effects_on(name)
        if self._is_known(output):
            draft.constants[f"FOLDS_{name}"] = _Folds(output, effects, draft.parameters)
            fired = _tuple(f"not f_{local_of(rule.id)}" for rule, _ in effects)
            draft.add(f"{local} = run.outputs[{name!r}] = FOLDS_{name}[{fired}]")
            return
        if output.combine == "collect" and (output.low, output.high) == (None, None):
            self._collect(output, effects)
            return
        given = ", ".join(f"*{self._applied(rule, effect)}" for rule, effect in effects)
        draft.add(f"{local}, _ = fold({place}, start, [{given}])")
        draft.add(f"run.outputs[{name!r}] = {local}")

    def _collect(self, output: ir.OutputDeclaration, effects: Iterable[tuple[ir.Rule, ir.Effect]]) -> None:
        assert isinstance(output.type, List), "what is collected is a list"
        given = ", ".join(
            f"*[{self._within(rule).write(effect.value)} for each in f_{local_of(rule.id)}]" for rule, effect in effects
        )
        local = f"o_{output.name}"
        self.draft.add(f"{local} = run.outputs[{output.name!r}] = (*dict.fromkeys([{given}]),)")
        self.draft.add(f"if len({local}) > {output.type.max_items}: raise Unusual")

    def _is_known(self, output: ir.OutputDeclaration) -> bool:
        """Whether the value depends on nothing but which rules fired."""
        effects = self.draft.pack.effects_on(output.name)
        values = [*(effect.value for _, effect in effects), *([output.start] if output.start else [])]
        return all(rule.loop is None for rule, _ in effects) and all(map(self._is_constant, values))

    def _is_constant(self, expr: ir.Expr) -> bool:
        return is_constant(expr) and not self.draft.writer.can_fail(expr)

    def _applied(self, rule: ir.Rule, effect: ir.Effect) -> str:
        """The effects of a rule's firings on one output, as a list."""
        fired = f"f_{local_of(rule.id)}"
        if rule.loop is None and self._is_constant(effect.value):
            name = f"APPLIED{len(self.draft.constants)}"
            value = constant(effect.value, self.draft.parameters)
            self.draft.constants[name] = (Applied((rule.id, None), effect.verb, value),)
            return f"({name} if {fired} else NONE)"
        key = f"({rule.id!r}, each.item)"
        value = self._within(rule).write(effect.value)
        return f"[Applied({key}, {effect.verb!r}, {value}) for each in {fired}]"

    def _within(self, rule: ir.Rule) -> Writer:
        """The writer inside of a rule's block, where a firing is `each`."""
        writer = self.draft.writer
        for number, name in enumerate(rule.loop.locals if rule.loop else ()):
            writer = writer.inside(name, f"each.names[{number}]", self._declared(rule.loop, name))
        return writer

    def _declared(self, loop: ir.Loop | None, name: str) -> Any:
        """What is known of a loop's item; of names that are computed nothing is said."""
        sources = {each.variable: each.items for each in loop.sources} if loop else {}
        return self.draft.writer.bounds.item_of(sources[name]) if name in sources else None

    # What is told

    def _settle(self, part: str) -> None:
        draft, pack = self.draft, self.draft.pack
        draft.add("told = []")
        for identity in sorted(each for each in pack.rules if ir.part_of(each) == part):
            self._tell(pack.rules[identity])
        draft.add(f"run.firings[{part!r}] = tuple(told)")
        draft.add(f"closed = run.closed[{part!r}] = {{}}")
        for identity in sorted(each for each in pack.groups if ir.part_of(each) == part):
            group = pack.groups[identity]
            if group.when is not None:
                draft.add(f"if not g_{identity}: closed[{identity!r}] = {self._holes(group, draft.writer)}")
        if pack.emits or pack.enforced:
            draft.add(f"settle(run, {part!r})")

    def _tell(self, rule: ir.Rule) -> None:
        draft, fired = self.draft, f"f_{local_of(rule.id)}"
        writer = self._within(rule)
        for effect in rule.effects:
            way = f"run.ways[{effect.output!r}].get(({rule.id!r}, each.item), NO_WAY)"
            writer = writer.inside(f"before.{effect.output}", f"{way}.before", None)
            writer = writer.inside(f"after.{effect.output}", f"{way}.after", None)
        holes = self._holes(rule, writer)
        constant_effects = all(self._is_constant(each.value) for each in rule.effects)
        if rule.loop is None and holes == "()" and constant_effects:
            name = f"TOLD_{local_of(rule.id)}"
            effects = tuple(constant(each.value, draft.parameters) for each in rule.effects)
            draft.constants[name] = Firing(rule.id, effects=effects)
            draft.add(f"if {fired}: told.append({name})")
            return
        values = _tuple(writer.write(each.value) for each in rule.effects)
        told = f"Firing({rule.id!r}, each.item, {values}, {holes}, each.names)"
        draft.add(f"for each in {fired}: told.append({told})")

    def _holes(self, holder: ir.Rule | ir.Group, writer: Writer) -> str:
        return _tuple(writer.write(hole.value) for hole in ir.holes(holder))


class _Folds(dict[tuple[bool, ...], Any]):
    """The values of an output by which of the rules that have an effect on it did not fire."""

    def __init__(
        self,
        output: ir.OutputDeclaration,
        effects: Iterable[tuple[ir.Rule, ir.Effect]],
        parameters: Mapping[str, ir.Value],
    ) -> None:
        super().__init__()
        self._output = output
        self._start = constant(output.start, parameters) if output.start else None
        self._effects = [
            Applied((rule.id, None), effect.verb, constant(effect.value, parameters)) for rule, effect in effects
        ]

    def __missing__(self, silent: tuple[bool, ...]) -> Any:
        applied = [each for each, is_silent in zip(self._effects, silent, strict=True) if not is_silent]
        value, _ = fold(self._output, self._start, applied)
        if len(self) >= _MOST_FOLDS:
            self.clear()
        self[silent] = value
        return value


def _tuple(parts: Iterable[str]) -> str:
    return f"({' '.join(f'{each},' for each in parts)})"


def _is_plain(loop: ir.Loop | None) -> bool:
    return loop is None or not loop.is_sorted


def _told_apart(pack: ir.Pack) -> Iterable[str]:
    """The outputs of whose folds more is asked than the value: there are bounds, or a reason tells of it."""
    for rule in pack.rules.values():
        if rule.is_bound:
            yield from (effect.output for effect in rule.effects)
        for hole in ir.holes(rule):
            yield from (node.output for node in ir.walk(hole.value) if isinstance(node, ir.Before | ir.After))


__all__ = ["follower"]
