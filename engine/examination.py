"""One decision, step by step, with everything that a reader may ask for afterwards.

This is what steps, tables, groups and folds mean. How an expression gets its value is handed in: the reference back end
walks its tree, the generated one runs compiled code.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, cast

from . import ir
from .blocks import Item, turns
from .diagnostics import Diagnostic
from .effects import Applied, fold
from .faults import Fault, Located
from .graph import Key, all_reads, dependencies, key_of, reads
from .intents import SENT, Emitted, arranged, listed, place_of, reads_intents
from .outcome import Firing, Outcome
from .reporting import fault_diagnostic
from .source import Span
from .state import State, advance, at, empty, max_gap
from .stepping import cleaned

Names = Mapping[str, ir.Value]
Evaluate = Callable[["Run", ir.Expr, Names], Any]


@dataclass
class Run:
    """One decision under way."""

    pack: ir.Pack
    parameters: Mapping[str, ir.Value]
    inputs: Mapping[str, ir.Value]
    evaluate: Evaluate
    definitions: dict[str, ir.Value] = field(default_factory=dict)
    gates: dict[str, bool] = field(default_factory=dict)
    fired: dict[str, list[Firing]] = field(default_factory=dict)
    starts: dict[str, ir.Value] = field(default_factory=dict)
    outputs: dict[str, ir.Value] = field(default_factory=dict)
    before: dict[tuple[str, Item, str], ir.Value] = field(default_factory=dict)
    after: dict[tuple[str, Item, str], ir.Value] = field(default_factory=dict)
    changed: set[str] = field(default_factory=set)
    bounds: dict[str, list[Firing]] = field(default_factory=dict)
    failed: set[Key] = field(default_factory=set)
    faults: list[Diagnostic] = field(default_factory=list)
    intents: tuple[Emitted, ...] = ()
    kept: Mapping[tuple[str, str], Any] = field(default_factory=dict)
    advanced: dict[str, Any] = field(default_factory=dict)

    def advance(self, node: ir.Advance, args: Sequence[Any]) -> Any:
        """The value of a state function, whose next state is remembered."""
        kept = self.kept["state", node.name]
        self.advanced[node.name], value = advance(node, kept, cast("int | None", self.inputs.get("now")), args)
        return value


class Examiner:
    """Examines snapshots of one pack under its effective parameters."""

    def __init__(self, pack: ir.Pack, parameters: Mapping[str, ir.Value], evaluate: Evaluate) -> None:
        self._pack = pack
        self._parameters = parameters
        self._evaluate = evaluate
        needs = dependencies(pack)
        self._steps = [(step, key_of(step), needs[key_of(step)]) for step in pack.steps]
        self._gap = max_gap(pack, parameters)
        self._empty = empty(pack)
        holders: dict[str, ir.Rule | ir.Group] = {**pack.rules, **pack.groups}
        self._reads = {name: all_reads(pack, holder) | _writes(holder) for name, holder in holders.items()}

    def under(self, parameters: Mapping[str, ir.Value]) -> Examiner:
        """The same under other parameters; for evaluations that read them, and do not hold them as constants."""
        other = copy(self)
        other._parameters = parameters
        other._gap = max_gap(self._pack, parameters)
        return other

    def examine(
        self, inputs: Mapping[str, ir.Value], state: State | None = None, warnings: Iterable[Diagnostic] = ()
    ) -> Outcome:
        """The outcome on inputs that have been read, with what was said of them, from a state or an empty one."""
        outcome = self.follow(inputs, state)[1]
        return replace(outcome, warnings=tuple(warnings)) if warnings else outcome

    def follow(self, inputs: Mapping[str, ir.Value], state: State | None = None) -> tuple[Run, Outcome]:
        """The outcome, and the run behind it, in which more may be evaluated where it has no fault."""
        kept = at(self._pack, state or self._empty, inputs.get("now"), self._gap)
        run = Run(self._pack, self._parameters, inputs, self._evaluate, kept=kept)
        for step, key, needs in self._steps:
            if run.failed.isdisjoint(needs):
                _step(run, step, key)
            else:
                run.failed.add(key)
        sound = {name for name, reads in self._reads.items() if run.failed.isdisjoint(reads)}
        firings = tuple(_explained(run, sound))
        closed = dict(_closed(run, sound))
        if run.pack.emits:
            run.intents = arranged(run.pack.emits, list(_emitted(run, run.pack.emits, sound)))
        _enforce(run)
        if run.faults:
            return run, Outcome(inputs=inputs, faults=tuple(run.faults))
        return run, Outcome(
            inputs=inputs,
            outputs=run.outputs,
            starts=run.starts,
            firings=firings,
            closed=closed,
            intents=run.intents,
            slots=tuple(_kept(run, slot) for slot in self._pack.slots),
        )


def _kept(run: Run, slot: ir.Slot) -> Any:
    """What a slot holds behind this snapshot."""
    if slot.kind == "state":
        return run.advanced[slot.name]
    if slot.name.startswith(SENT):
        return any(each.id == slot.name.removeprefix(SENT) for each in run.intents)
    for values in (run.definitions, run.outputs, run.inputs):
        if slot.name in values:
            return cleaned(values[slot.name], slot.type)
    raise AssertionError(f"`{slot.name}` is no value of the pack")


def _writes(holder: ir.Rule | ir.Group) -> frozenset[Key]:
    """The folds that an explanation stands on: where one failed, the fault of an effect has been reported."""
    effects = holder.effects if isinstance(holder, ir.Rule) else ()
    return frozenset(("fold", effect.output) for effect in effects)


def _step(run: Run, step: ir.Step, key: Key) -> None:
    before = len(run.faults)
    try:
        match step:
            case ir.Define(name=name, value=value):
                run.definitions[name] = run.evaluate(run, value, {})
            case ir.Gate(group=group):
                when = run.pack.groups[group].when
                run.gates[group] = when is None or bool(run.evaluate(run, when, {}))
            case ir.Judge(rule=rule):
                _judge(run, run.pack.rules[rule])
            case ir.Match(table=table):
                _match(run, run.pack.tables[table])
            case ir.Fold(output=output):
                _fold(run, run.pack.outputs[output])
            case ir.Bite(rule=rule):
                run.fired[rule] = run.bounds.get(rule, []) if rule in run.changed else []
    except Located as located:
        run.faults.append(fault_diagnostic(run.pack, located.fault, located.span))
    if len(run.faults) > before:
        run.failed.add(key)


# Rules and tables


def _items(run: Run, loop: ir.Loop | None) -> list[tuple[Item, dict[str, ir.Value]]]:
    """The items of a loop with the names of the block; without a loop, one without names.

    A fault of one item is reported, and the others go on.
    """

    def failed(located: Located, item: Item) -> None:
        run.faults.append(fault_diagnostic(run.pack, located.fault, located.span, loop, item))

    return [(None, {})] if loop is None else turns(loop, {}, partial(run.evaluate, run), failed)


def _judge(run: Run, rule: ir.Rule) -> None:
    run.fired[rule.id] = []
    for index, names in _items(run, rule.loop):
        try:
            holds = rule.when is not None and run.evaluate(run, rule.when, names)
        except Located as located:
            run.faults.append(fault_diagnostic(run.pack, located.fault, located.span, rule.loop, index))
            continue
        if holds and _is_open(run, rule.group):
            run.fired[rule.id].append(Firing(rule.id, index, names=tuple(names.values())))


def _is_open(run: Run, group: str | None) -> bool:
    return group is None or run.gates[group]


def _match(run: Run, table: ir.Table) -> None:
    for row in table.rows:
        run.fired[row] = []
    for index, names in _items(run, table.loop):
        block = tuple(names.values())
        try:
            for column in table.columns:
                names[f"{table.id}.{column.name}"] = run.evaluate(run, column.value, names)
            hits = _hits(run, table, names) if _is_open(run, table.group) else []
        except Located as located:
            run.faults.append(fault_diagnostic(run.pack, located.fault, located.span, table.loop, index))
            continue
        for row in hits:
            run.fired[row].append(Firing(row, index, names=block))


def _condition(run: Run, row: str) -> ir.Expr:
    when = run.pack.rules[row].when
    assert when is not None, "a row always has a condition"
    return when


def _hits(run: Run, table: ir.Table, names: Mapping[str, ir.Value]) -> list[str]:
    """The rows that fire, after the table's hit policy."""
    hits = [row for row in table.rows if run.evaluate(run, _condition(run, row), names)]
    check_hits(table, hits, table.id, table.span)
    return hits[:1] if table.hit == "first" else hits


def check_hits(table: ir.Table | ir.Lookup, hits: Sequence[str], name: str, span: Span | None) -> None:
    """Raises Located where a table is hit by more rows, or fewer, than it promises."""
    if (table.hit == "unique" and len(hits) > 1) or (table.complete and not hits):
        problem = "rows " + " and ".join(f"`{row}`" for row in hits) if hits else "no rows"
        raise Located(Fault("FB726", problem=problem, table=name), span)


# Outputs


def _fold(run: Run, output: ir.OutputDeclaration) -> None:
    start = run.evaluate(run, output.start, {}) if output.start else None
    run.starts[output.name] = start
    before = len(run.faults)
    applied = _applied(run, output)
    if len(run.faults) > before:
        return
    try:
        value, steps = fold(output, start, applied)
    except Fault as fault:
        raise Located(fault, output.span) from None
    for step in steps:
        rule, item = step.applied.key
        run.before.setdefault((rule, item, output.name), step.before)
        run.after[rule, item, output.name] = step.after
        if step.before != step.after:
            run.changed.add(rule)
    run.outputs[output.name] = value


def _applied(run: Run, output: ir.OutputDeclaration) -> list[Applied]:
    found = []
    for rule, effect in run.pack.effects_on(output.name):
        for firing in _candidates(run, rule):
            try:
                value = run.evaluate(run, effect.value, _names(rule, firing))
            except Located as located:
                run.faults.append(fault_diagnostic(run.pack, located.fault, located.span, rule.loop, firing.item))
                continue
            found.append(Applied((rule.id, firing.item), effect.verb, value))
    return found


def _candidates(run: Run, rule: ir.Rule) -> list[Firing]:
    """What fired; a bound is always tried."""
    if not rule.is_bound:
        return run.fired[rule.id]
    run.bounds[rule.id] = [Firing(rule.id)] if _is_open(run, rule.group) else []
    return run.bounds[rule.id]


def _names(rule: ir.Rule, firing: Firing) -> dict[str, ir.Value]:
    if rule.loop is None:
        return {}
    return dict(zip(rule.loop.locals, firing.names, strict=True))


# Reasons


def _explained(run: Run, sound: Collection[str]) -> Iterator[Firing]:
    """What fired, with the values of its effects and reason. A fault in a reason is a fault of the pack."""
    for identity in sorted(run.fired):
        rule = run.pack.rules[identity]
        if identity not in sound:
            continue
        for firing in run.fired[identity]:
            names = _names(rule, firing)
            for effect in rule.effects:
                names[f"before.{effect.output}"] = run.before.get((identity, firing.item, effect.output))
                names[f"after.{effect.output}"] = run.after.get((identity, firing.item, effect.output))
            try:
                effects = tuple(run.evaluate(run, effect.value, names) for effect in rule.effects)
                holes = tuple(run.evaluate(run, hole.value, names) for hole in ir.holes(rule))
            except Located as located:
                run.faults.append(fault_diagnostic(run.pack, located.fault, located.span, rule.loop, firing.item))
                continue
            yield replace(firing, effects=effects, holes=holes)


def _closed(run: Run, sound: Collection[str]) -> Iterator[tuple[str, tuple[ir.Value, ...]]]:
    for group, is_open in sorted(run.gates.items()):
        holder = run.pack.groups[group]
        if is_open or group not in sound:
            continue
        try:
            yield group, tuple(run.evaluate(run, hole.value, {}) for hole in ir.holes(holder))
        except Located as located:
            run.faults.append(fault_diagnostic(run.pack, located.fault, located.span))


# Intents and invariants


def _emitted(run: Run, emits: ir.Emits, sound: Collection[str]) -> Iterator[Emitted]:
    """What the intents that fired emit."""
    for identity, intent in sorted(run.pack.intents.items()):
        rule = run.pack.rules[identity]
        for turn, firing in enumerate(run.fired[identity] if identity in sound else ()):
            names = _names(rule, firing)
            try:
                emit: Any = run.evaluate(run, intent.emit, names)
                position = run.evaluate(run, intent.position, names) if intent.position else None
                fields = {field.name: value for field, value in zip(emits.record.fields, emit, strict=True)}
                change = run.evaluate(run, emits.change, fields) if intent.position and emits.change else None
            except Located as located:
                run.faults.append(fault_diagnostic(run.pack, located.fault, located.span, rule.loop, firing.item))
                continue
            key = place_of(rule.loop, names, turn)
            yield Emitted(identity, firing.item, intent.exposure, emit, position, change, key)


def holds(run: Run, invariant: ir.Invariant) -> bool:
    """Whether a decision keeps an invariant. Raises Located where its condition has no value."""
    names = {"intents": listed(run.pack, run.intents)}
    return bool(run.evaluate(run, invariant.condition, names)) == (invariant.word == "always")


def _enforce(run: Run) -> None:
    """A decision that breaks an enforced invariant is at fault. Without all its intents, who reads them is silent."""
    at_fault = bool(run.faults)
    for invariant in run.pack.enforced:
        if not run.failed.isdisjoint(reads(run.pack, [invariant.condition])) or (
            at_fault and reads_intents(invariant.condition)
        ):
            continue
        try:
            if not holds(run, invariant):
                raise Located(Fault("FB728", name=invariant.id), invariant.span)
        except Located as located:
            run.faults.append(fault_diagnostic(run.pack, located.fault, located.span))


def has_fired(run: Run, identity: str) -> bool:
    if identity in run.pack.groups:
        return any(has_fired(run, member) for member in run.pack.groups[identity].members)
    if identity in run.pack.tables:
        return any(run.fired[row] for row in run.pack.tables[identity].rows)
    return bool(run.fired[identity])
