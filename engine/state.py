"""One step of state: what a definition's state function keeps and gives, and what is kept for `previous`.

Both back ends come through here, so that a step means the same in both. A state is a tuple: `now`, the step, the
outputs as their readers know them, then one part for each slot of the pack. It is never changed, only replaced.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

from . import ir
from .constants import constant
from .diagnostics import Diagnostic
from .faults import Fault, Located
from .operations import MICROSECONDS
from .state_functions import STATE_FUNCTIONS
from .stepping import StepOf
from .times import format_time
from .types import Map, Number, Vector, of_member

State = tuple[Any, ...]
HEAD = 3  # now, step, outputs


def slots_of(expressions: Iterable[ir.Expr]) -> list[ir.Slot]:
    """What the state functions and the `previous` in a pack's expressions need kept, by kind and name."""
    found: dict[tuple[str, str], ir.Slot] = {}
    for expression in expressions:
        for node in ir.walk(expression):
            if isinstance(node, ir.Advance):
                found["state", node.name] = ir.Slot("state", node.name, node.type, node)
            elif isinstance(node, ir.Previous):
                found.setdefault(("previous", node.name), ir.Slot("previous", node.name, node.type, node))
    return [found[key] for key in sorted(found)]


def empty(pack: ir.Pack) -> State:
    """The state before the first snapshot."""
    return (None, None, None, *(start(slot) for slot in pack.slots))


def start(slot: ir.Slot) -> Any:
    if not isinstance(slot.source, ir.Advance):
        return None
    if isinstance(slot.type, Map):
        return ()
    one = STATE_FUNCTIONS[slot.source.function].start
    return (one,) * len(slot.type.by.members) if isinstance(slot.type, Vector) else one


def max_gap(pack: ir.Pack, parameters: Mapping[str, ir.Value]) -> float | None:
    """The longest time between two accepted snapshots that breaks no run, in microseconds."""
    return None if pack.max_gap is None else constant(pack.max_gap, parameters) * MICROSECONDS


def at(pack: ir.Pack, state: State, now: Any, gap: float | None) -> dict[tuple[str, str], Any]:
    """What the slots hold when a snapshot comes in."""
    broken = gap is not None and state[0] is not None and now - state[0] > gap
    return {
        (slot.kind, slot.name): start(slot) if broken and restarts(slot) else kept
        for slot, kept in zip(pack.slots, state[HEAD:], strict=True)
    }


Standing = Literal["next", "repeated", "refused"]


def standing(pack: ir.Pack, state: State, inputs: Mapping[str, ir.Value]) -> Standing:
    """Whether a snapshot is a further step, the last one again, or came too late."""
    now: Any = inputs.get("now")
    step = now if pack.step is None else inputs[pack.step]
    if step is not None and step == (state[0] if pack.step is None else state[1]):
        return "repeated"
    return "refused" if now is not None and state[0] is not None and now < state[0] else "next"


def behind(
    pack: ir.Pack, state: State, inputs: Mapping[str, ir.Value], outputs: Mapping[str, Any], slots: tuple[Any, ...]
) -> State:
    """The state behind an accepted snapshot."""
    now, step = inputs.get("now"), inputs[pack.step] if pack.step else None
    return (state[0] if now is None else now, state[1] if step is None else step, outputs, *slots)


def too_late(state: State, inputs: Mapping[str, ir.Value]) -> Diagnostic:
    now: Any = inputs["now"]
    return Diagnostic.of("FB744", path="now", now=format_time(now), last=format_time(state[0]))


def failed(pack: ir.Pack, state: State) -> State:
    """The state behind a fault: the same, but that latches which ask for it are set."""
    slots = [set_by_fault(slot, kept) for slot, kept in zip(pack.slots, state[HEAD:], strict=True)]
    return (*state[:HEAD], *slots)


def set_by_fault(slot: ir.Slot, kept: Any) -> Any:
    """What a slot keeps where its pack is at fault; the latches of a map are those of the items that were there."""
    if not (isinstance(slot.source, ir.Advance) and slot.source.on_fault):
        return kept
    match slot.type:
        case Vector(by=by):
            return (True,) * len(by.members)
        case Map():
            return tuple((key, True) for key, _ in kept)
    return True


def restarts(slot: ir.Slot) -> bool:
    """Whether a gap in time empties it."""
    return isinstance(slot.source, ir.Advance) and STATE_FUNCTIONS[slot.source.function].restarts


def step_of(node: ir.Advance) -> StepOf:
    """What a definition's state function does in a step."""
    kind = of_member(node.type)
    members = len(node.type.by.members) if isinstance(node.type, Vector) else None
    spread = tuple(isinstance(arg.type, Vector | Map) for arg in node.args) if kind != node.type else ()
    numbers = isinstance(kind, Number) and STATE_FUNCTIONS[node.function].gives == "same"
    return StepOf(node.function, numbers, members, spread, isinstance(node.type, Map))


def advance(node: ir.Advance, kept: Any, now: int | None, args: Sequence[Any]) -> tuple[Any, Any]:
    """Raises Located where the step has no result."""
    try:
        return step_of(node).bind()(kept, now, *args)
    except Fault as fault:
        raise Located(fault, node.span) from None
