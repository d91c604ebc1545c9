"""What each step of a pack means: definitions, groups, rules, tables and outputs.

How an expression gets its value is handed in with the run: the reference back end walks its tree, the generated one
runs compiled code.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

from . import ir
from .binding import bound
from .blocks import Item, turns
from .effects import Applied, fold, ways
from .faults import Fault, Located
from .graph import Key
from .outcome import Firing
from .reporting import fault_diagnostic
from .requirements import breach
from .run import Run
from .source import Span


def perform(run: Run, step: ir.Step, key: Key) -> None:
    """Compute a step; one with a fault has failed, and what is wrong has been reported."""
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
                run.fired[rule] = run.bounds.get(rule, []) if _changed(run, run.pack.rules[rule]) else []
            case ir.Bind():
                _bind(run, step)
            case ir.Demand():
                found = breach(step.requirement, run.parameters, {**run.inputs, **run.definitions})
                run.faults.extend([found] if found else [])
    except Located as located:
        run.faults.append(fault_diagnostic(run.pack, located.fault, located.span))
    if len(run.faults) > before:
        run.failed.add(key)


def _bind(run: Run, step: ir.Bind) -> None:
    value = run.evaluate(run, step.value, {})
    moment = run.evaluate(run, step.moment, {}) if step.moment else None
    reading = bound(run.rules, step, value, moment, run.inputs.get("now"))
    run.definitions |= reading.inputs
    run.faults += reading.faults
    run.warnings += reading.warnings


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
    run.ways[output.name] = ways(steps)
    run.outputs[output.name] = value


def _applied(run: Run, output: ir.OutputDeclaration) -> list[Applied]:
    found = []
    for rule, effect in run.pack.effects_on(output.name):
        for firing in _candidates(run, rule):
            try:
                value = run.evaluate(run, effect.value, names_of(rule, firing))
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


def _changed(run: Run, rule: ir.Rule) -> bool:
    """Whether a bound, which has no items, changed an output. It was not tried where its group is closed."""
    found = (run.ways[effect.output].get((rule.id, None)) for effect in rule.effects)
    return any(way is not None and way.changed for way in found)


def names_of(rule: ir.Rule, firing: Firing) -> dict[str, ir.Value]:
    if rule.loop is None:
        return {}
    return dict(zip(rule.loop.locals, firing.names, strict=True))
