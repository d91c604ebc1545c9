"""The meaning of the language: a plain tree walk over the IR, short enough to read in one sitting.

It is the oracle of every other back end and never decides in production. What steps, tables and folds mean stands in
`engine/computing.py` and `engine/effects.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from .. import ir
from ..admission import admit, placed, rules_of
from ..blocks import turns, whole
from ..computing import check_hits
from ..examination import Examiner
from ..faults import Fault, Located
from ..lacking import NOTHING, Lacking
from ..operations import OPERATIONS
from ..outcome import Outcome
from ..run import Names, Run, has_fired
from ..source import Span
from ..state import State


def decide(
    pack: ir.Pack,
    parameters: Mapping[str, ir.Value],
    snapshot: object,
    state: State | None = None,
    lacking: Lacking = NOTHING,
) -> Outcome:
    """The outcome of a pack on a snapshot, from a state or from an empty one."""
    reading = admit(pack, rules_of(pack, parameters, lacking), snapshot)
    if state is not None:
        _, reading = placed(pack, state, reading)
    return examiner(pack, parameters, lacking).examine(reading, state)


def examiner(pack: ir.Pack, parameters: Mapping[str, ir.Value], lacking: Lacking = NOTHING) -> Examiner:
    return Examiner(pack, parameters, evaluate, lacking=lacking)


def evaluate(run: Run, expr: ir.Expr, names: Names) -> Any:
    """The value of an expression. `names` holds loop items and the names of blocks."""
    match expr:
        case ir.Literal(value=value):
            return value
        case ir.Parameter(name=name):
            return run.parameters[name]
        case ir.Input(name=name):
            return run.inputs[name]
        case ir.Defined(name=name):
            return names[name] if name in names else run.definitions[name]
        case ir.Output(name=name):
            return run.outputs[name]
        case ir.Fired(id=identity):
            return has_fired(run, identity)
        case ir.Local(name=name):
            return names[name]
        case ir.Before(output=output):
            return names[f"before.{output}"]
        case ir.After(output=output):
            return names[f"after.{output}"]
        case ir.Previous(name=name):
            return run.kept["previous", name]
        case ir.Advance(args=args):
            return run.advance(expr, [evaluate(run, arg, names) for arg in args])
        case ir.Get(record=record, index=index):
            whole = evaluate(run, record, names)
            return None if whole is None else whole[index]
        case ir.Call(function=function, args=args):
            return _call(function, [evaluate(run, arg, names) for arg in args], expr.span)
        case ir.And(terms=terms):
            return all(evaluate(run, term, names) for term in terms)
        case ir.Or(terms=terms):
            return any(evaluate(run, term, names) for term in terms)
        case ir.Chain(first=first, rest=rest):
            return _chain(run, first, rest, names)
        case ir.If(test=test, then=then, other=other):
            return evaluate(run, then if evaluate(run, test, names) else other, names)
        case ir.Default(value=value, fallback=fallback):
            found = evaluate(run, value, names)
            return evaluate(run, fallback, names) if found is None else found
        case ir.Make(parts=parts):
            return tuple(evaluate(run, part, names) for part in parts)
        case ir.Each():
            return _each(run, expr, names)
        case ir.Select():
            return _select(run, expr, names)
        case ir.Lookup():
            return _look_up(run, expr, names)


def _call(function: str, args: list[Any], span: Span | None) -> Any:
    if function == "present":
        return args[0] is not None
    if any(arg is None for arg in args):
        return None
    try:
        return OPERATIONS[function](*args)
    except Fault as fault:
        raise Located(fault, span) from None


def _chain(run: Run, first: ir.Expr, rest: tuple[tuple[str, ir.Expr], ...], names: Names) -> bool | None:
    left = evaluate(run, first, names)
    for operation, operand in rest:
        right = evaluate(run, operand, names)
        if left is None or right is None:  # where an explanation looks behind a guard that did not hold
            return None
        if not OPERATIONS[operation](left, right):
            return False
        left = right
    return True


def _each(run: Run, expr: ir.Each, names: Names) -> Any:
    source = evaluate(run, expr.source, names)
    if source is None:
        return None
    found = []
    for item in source:
        inner = {**names, expr.variable: item}
        if expr.where is None or evaluate(run, expr.where, inner):
            found.append(evaluate(run, expr.value, inner))
    return tuple(found)


def _select(run: Run, expr: ir.Select, names: Names) -> tuple[Any, ...]:
    found = turns(expr.loop, names, partial(evaluate, run))
    return tuple(whole(expr.loop, inner) for _, inner in found)


def _look_up(run: Run, expr: ir.Lookup, names: Names) -> Any:
    inner = dict(names)
    for column in expr.columns:
        inner[f"{expr.table}.{column.name}"] = evaluate(run, column.value, names)
    hits = [row for row in expr.rows if evaluate(run, row.when, inner)]
    check_hits(expr, [row.id for row in hits], expr.name, expr.span)
    return evaluate(run, hits[0].value, inner) if hits else None
