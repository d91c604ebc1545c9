"""What stands on the steps of a pack: the reasons of what fired, intents, and the invariants that are enforced."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import partial
from typing import Any

from . import ir
from .blocks import turns
from .computing import names_of
from .faults import Fault, Located
from .intents import Emitted, listed, place_of
from .outcome import Firing
from .reporting import fault_diagnostic
from .run import Run


def explained(run: Run, rules: Iterable[str]) -> Iterator[Firing]:
    """What fired of some rules, with the values of its effects and reason. A fault of a reason is one of the part."""
    for identity in rules:
        rule = run.pack.rules[identity]
        for firing in run.fired.get(identity, ()):
            names = names_of(rule, firing)
            for effect in rule.effects:
                way = run.ways.get(effect.output, {}).get((identity, firing.item))
                names[f"before.{effect.output}"] = way.before if way else None
                names[f"after.{effect.output}"] = way.after if way else None
            try:
                effects = tuple(run.evaluate(run, effect.value, names) for effect in rule.effects)
                holes = tuple(run.evaluate(run, hole.value, names) for hole in ir.holes(rule))
            except Located as located:
                run.faults.append(fault_diagnostic(run.pack, located.fault, located.span, rule.loop, firing.item))
                continue
            yield firing._replace(effects=effects, holes=holes)


def closed(run: Run, groups: Iterable[str]) -> Iterator[tuple[str, tuple[ir.Value, ...]]]:
    """The groups among these whose `when` is false, with the values of their reasons."""
    for group in groups:
        if run.gates.get(group, True):
            continue
        try:
            yield group, tuple(run.evaluate(run, hole.value, {}) for hole in ir.holes(run.pack.groups[group]))
        except Located as located:
            run.faults.append(fault_diagnostic(run.pack, located.fault, located.span))


# Intents and invariants


def emitted(run: Run, emits: ir.Emits, intents: Iterable[str]) -> Iterator[Emitted]:
    """What those of some intents emit that fired."""
    for identity in intents:
        intent, rule = run.pack.intents[identity], run.pack.rules[identity]
        for turn, firing in enumerate(run.fired.get(identity, ())):
            names = names_of(rule, firing)
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
    names = {"intents": listed(run.pack, run.intents.get(ir.part_of(invariant.id), ()))}
    return bool(run.evaluate(run, invariant.condition, names)) == (invariant.word == "always")


def enforce(run: Run, invariants: Iterable[ir.Invariant]) -> None:
    """A decision that breaks an enforced invariant is at fault. Those that read what failed are silent."""
    for invariant in invariants:
        try:
            if not holds(run, invariant):
                raise Located(Fault("FB728", name=invariant.id), invariant.span)
        except Located as located:
            run.faults.append(fault_diagnostic(run.pack, located.fault, located.span))


def vetoed(run: Run, veto: ir.Veto, intent: Emitted) -> tuple[ir.Value, ...] | None:
    """The values of a veto's `because`, where it fires on an intent."""
    rule = veto.rule

    try:
        loop = rule.loop
        given = {"intents": listed(run.pack, [intent])}
        found = turns(loop, given, partial(run.evaluate, run)) if loop else [(None, dict[str, ir.Value]())]
        for _, names in found:
            if rule.when is None or run.evaluate(run, rule.when, names):
                return tuple(run.evaluate(run, hole.value, names) for hole in ir.holes(rule))
    except Located as located:
        fault = fault_diagnostic(run.pack, located.fault, located.span)
        run.faults.append(replace(fault, path=_named(intent)))
    return None


def _named(intent: Emitted) -> str:
    items = intent.item if isinstance(intent.item, tuple) else () if intent.item is None else (intent.item,)
    return ir.shown(intent.id) + "".join(f"[{item}]" for item in items)
