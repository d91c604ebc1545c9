"""What the generated code computes: what is shown, what is read, and what may be at fault.

Reasons are worked out when they are read, so that what only they tell is left out.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

from .. import ir
from ..graph import Key, conditions, dependencies, key_of, needed
from ..types import List, Map, is_numeric
from .draft import decided_by, holes_of
from .intervals import Bounds


def wanted(pack: ir.Pack, bounds: Bounds) -> ir.Pack:
    """The pack with those steps alone. A policy may use packs for a few of their outputs."""
    reads = dependencies(pack)
    found: set[Key] = set()
    waiting = [
        *_shown(pack),
        *_told(pack, bounds),
        *(key_of(each) for each in pack.steps if _can_fail(pack, bounds, each)),
    ]
    while waiting:
        key = waiting.pop()
        if key not in found:
            found.add(key)
            waiting += reads.get(key, ())
    return replace(pack, steps=tuple(step for step in pack.steps if key_of(step) in found))


def wanted_outputs(pack: ir.Pack) -> list[str]:
    return sorted(step.output for step in pack.steps if isinstance(step, ir.Fold))


def _shown(pack: ir.Pack) -> Iterator[Key]:
    """What is published, checked behind everything, or kept for the next decision."""
    yield from (("fold", output.name) for output in pack.publication.values())
    yield from needed(pack, [each.condition for each in pack.enforced])
    yield from needed(pack, [slot.source for slot in pack.slots])
    for slot in pack.slots:
        yield from (("define", slot.name), ("fold", slot.name))


def _told(pack: ir.Pack, bounds: Bounds) -> Iterator[Key]:
    """Intents, and reasons that may be a fault."""
    for identity, intent in pack.intents.items():
        yield from (_step_of(pack.rules[identity]), *needed(pack, intent.expressions))
    for rule in pack.rules.values():
        risky = list(filter(bounds.can_fail, holes_of(rule)))
        if risky:
            yield from (_step_of(rule), *needed(pack, risky))
    for veto in pack.arbitration.vetoes.values():
        yield from needed(pack, [*conditions(veto.rule), *holes_of(veto.rule)])
    for group in pack.groups.values():
        risky = list(filter(bounds.can_fail, holes_of(group)))
        if risky:
            yield from (("gate", group.id), *needed(pack, risky))


def _step_of(rule: ir.Rule) -> Key:
    return ("match", rule.table) if rule.table else ("bite" if rule.is_bound else "judge", rule.id)


def _can_fail(pack: ir.Pack, bounds: Bounds, step: ir.Step) -> bool:
    """Whether computing a step may be a fault."""
    match step:
        case ir.Define(value=value):
            return isinstance(value, ir.Advance) or bounds.can_fail(value) or any(map(_is_complete, ir.walk(value)))
        case ir.Gate(group=name):
            when = pack.groups[name].when
            return when is not None and bounds.can_fail(when)
        case ir.Judge(rule=name):
            return _condition_can_fail(pack.rules[name], bounds)
        case ir.Fold(output=name):
            return _fold_can_fail(pack, bounds, pack.outputs[name])
        case ir.Bite():
            return False
    return True


def _is_complete(expr: ir.Expr) -> bool:
    return isinstance(expr, ir.Lookup) and expr.complete


def _condition_can_fail(rule: ir.Rule, bounds: Bounds) -> bool:
    inner = bounds.in_block(rule.loop) if rule.loop else bounds
    return bool(rule.loop and bounds.block_can_fail(rule.loop)) or bool(rule.when and inner.can_fail(rule.when))


def read_outputs(pack: ir.Pack) -> set[str]:
    nodes = (node for expr in decided_by(pack) for node in ir.walk(expr))
    kept = {slot.name for slot in pack.slots if slot.kind == "previous"}
    return {node.name for node in nodes if isinstance(node, ir.Output)} | kept


def _fold_can_fail(pack: ir.Pack, bounds: Bounds, output: ir.OutputDeclaration) -> bool:
    """Whether a fold may be at fault, or decides which bounds fire."""
    effects = pack.effects_on(output.name)
    agreeing = [effect for _, effect in effects if effect.verb == "set" or output.combine == "unique"]
    return (
        bool(output.start and bounds.can_fail(output.start))
        or any(_effect_can_fail(rule, effect, bounds) for rule, effect in effects)
        or bool(agreeing)
        or not keeps_contract(pack, bounds, output)
        or (isinstance(output.type, List | Map) and longest(pack, output) > output.type.max_items)
    )


def keeps_contract(pack: ir.Pack, bounds: Bounds, output: ir.OutputDeclaration) -> bool:
    """Whether it is known that a value lies in the range of its output."""
    if output.low is None and output.high is None:
        return True
    if output.start is None or pack.effects_on(output.name) or not is_numeric(output.type):
        return False
    low, high = bounds.of(output.start)
    return (output.low is None or output.low <= low) and (output.high is None or high <= output.high)


def _effect_can_fail(rule: ir.Rule, effect: ir.Effect, bounds: Bounds) -> bool:
    inner = bounds.in_block(rule.loop) if rule.loop else bounds
    return rule.is_bound or effect.verb in ("times", "add") or inner.can_fail(effect.value)


def longest(pack: ir.Pack, output: ir.OutputDeclaration) -> float:
    """How many items a list can have at the most."""
    if output.combine != "collect":
        return _length(output.start)
    return sum(_items_of(rule.loop) for rule, _ in pack.effects_on(output.name))


def _length(expr: ir.Expr | None) -> float:
    """The most items that a list expression can give."""
    if isinstance(expr, ir.Each):
        return _length(expr.source)
    if isinstance(expr, ir.Call) and expr.function in ("map", "keys"):
        return _length(expr.args[0])
    return expr.type.max_items if isinstance(expr, ir.Input) and isinstance(expr.type, List | Map) else math.inf


def _items_of(loop: ir.Loop | None) -> float:
    return 1 if loop is None else math.prod(_length(source.items) for source in loop.sources)


__all__ = ["keeps_contract", "longest", "read_outputs", "wanted", "wanted_outputs"]
