"""How effects fold into an output, in the canonical order: stage, then id, then item."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from . import ir
from .blocks import Item
from .faults import Fault
from .operations import add, multiply
from .types import List, Map, Type, Vector


@dataclass(frozen=True, slots=True)
class Applied:
    """An effect with its value. `key` names the rule and item that it comes from."""

    key: tuple[str, Item]
    verb: ir.Verb
    value: ir.Value


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the fold. The automatic one of `within` has the key (`output.within`, None)."""

    applied: Applied
    before: ir.Value
    after: ir.Value


@dataclass(frozen=True, slots=True)
class Way:
    """What an output was before the first and after the last effect of a rule, and whether one of them changed it."""

    before: ir.Value
    after: ir.Value
    changed: bool


def ways(steps: Iterable[Step]) -> dict[tuple[str, Item], Way]:
    """What each rule and item did in a fold."""
    found: dict[tuple[str, Item], Way] = {}
    for step in steps:
        key, changed = step.applied.key, step.before != step.after
        known = found.get(key)
        before = step.before if known is None else known.before
        found[key] = Way(before, step.after, changed or (known is not None and known.changed))
    return found


def fold(output: ir.OutputDeclaration, start: ir.Value, effects: Iterable[Applied]) -> tuple[ir.Value, list[Step]]:
    """The output's final value and the steps that led to it. `effects` come in the canonical order.

    Raises Fault where values conflict or leave what the output declares.
    """
    steps: list[Step] = []
    value: Any = () if output.combine == "collect" else start
    for effect in [each for each in effects if each.verb != "set"]:
        after = _apply(output, value, effect, steps)
        steps.append(Step(effect, value, after))
        value = after
    if output.within is not None and value is not None:
        value = _hold_within(output, value, steps)
    for effect in [each for each in effects if each.verb == "set"]:
        _agree(output, effect, [step.applied for step in steps if step.applied.verb == "set"])
        steps.append(Step(effect, value, effect.value))
        value = effect.value
    check_contract(output, value)
    return value, steps


def _apply(output: ir.OutputDeclaration, value: Any, effect: Applied, steps: Sequence[Step]) -> Any:
    given: Any = effect.value
    match effect.verb:
        case "times":
            return multiply(value, given)
        case "add":
            return add(value, given)
        case "floor":
            return max(value, given)
        case "cap":
            return min(value, given)
    match output.combine:
        case "all":
            return value and given
        case "any":
            return value or given
        case "most_severe":
            return given if value is None else max(value, given)
        case "collect":
            return value if given in value else (*value, given)
    _agree(output, effect, [step.applied for step in steps])
    return given


def _agree(output: ir.OutputDeclaration, effect: Applied, earlier: Sequence[Applied]) -> None:
    for other in earlier:
        if other.value != effect.value:
            rules = f"`{other.key[0]}` and `{effect.key[0]}`"
            raise Fault("FB724", rules=rules, output=output.name, values=(other.value, effect.value))


def _hold_within(output: ir.OutputDeclaration, value: Any, steps: list[Step]) -> Any:
    low, high = output.within or (value, value)
    kind = type(value)
    held = max(kind(low), min(value, kind(high)))
    if held != value:
        steps.append(Step(Applied((f"{output.name}.within", None), "cap", held), value, held))
    return held


def check_contract(output: ir.OutputDeclaration, value: Any) -> None:
    """Raises Fault where a final value lies outside of what the output declares."""
    if isinstance(output.type, List | Map) and value is not None and len(value) > output.type.max_items:
        raise Fault("FB727", output=output.name, count=len(value), limit=output.type.max_items)
    if output.low is None and output.high is None:
        return
    for each in leaves(value, output.type):
        if (output.low is not None and each < output.low) or (output.high is not None and each > output.high):
            ends = "[{}, {}]".format(*("…" if end is None else f"{end:.15g}" for end in (output.low, output.high)))
            raise Fault("FB725", output=output.name, value=f"{each:.15g}", range=ends)


def leaves(value: Any, kind: Type) -> Iterator[Any]:
    """What is present of a value: of a vector, matrix or map each value, of anything else itself."""
    if isinstance(kind, Vector):
        for each in value:
            yield from leaves(each, kind.item.type)
    elif isinstance(kind, Map):
        for _, each in value or ():
            yield from leaves(each, kind.item.type)
    elif value is not None:
        yield value
