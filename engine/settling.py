"""What stands on the steps of a pack: the reasons of what fired, intents, and the invariants that are enforced."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace
from typing import Any

from . import ir
from .computing import names_of
from .faults import Fault, Located
from .graph import reads
from .intents import Emitted, listed, place_of, reads_intents
from .outcome import Firing
from .reporting import fault_diagnostic
from .run import Run


def explained(run: Run, sound: Collection[str]) -> Iterator[Firing]:
    """What fired, with the values of its effects and reason. A fault in a reason is a fault of the pack."""
    for identity in sorted(run.fired):
        rule = run.pack.rules[identity]
        if identity not in sound:
            continue
        for firing in run.fired[identity]:
            names = names_of(rule, firing)
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


def closed(run: Run, sound: Collection[str]) -> Iterator[tuple[str, tuple[ir.Value, ...]]]:
    for group, is_open in sorted(run.gates.items()):
        holder = run.pack.groups[group]
        if is_open or group not in sound:
            continue
        try:
            yield group, tuple(run.evaluate(run, hole.value, {}) for hole in ir.holes(holder))
        except Located as located:
            run.faults.append(fault_diagnostic(run.pack, located.fault, located.span))


# Intents and invariants


def emitted(run: Run, emits: ir.Emits, sound: Collection[str]) -> Iterator[Emitted]:
    """What the intents that fired emit."""
    for identity, intent in sorted(run.pack.intents.items()):
        rule = run.pack.rules[identity]
        for turn, firing in enumerate(run.fired[identity] if identity in sound else ()):
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
    names = {"intents": listed(run.pack, run.intents)}
    return bool(run.evaluate(run, invariant.condition, names)) == (invariant.word == "always")


def enforce(run: Run) -> None:
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
