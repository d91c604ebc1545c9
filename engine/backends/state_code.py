"""State as generated code: taken apart before the first definition, put together behind the last output.

`s_` is what a state function kept, `t_` what it keeps then, `p_` what `previous` reads.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .. import ir
from ..intents import SENT
from ..operations import MICROSECONDS
from ..state import max_gap, restarts, start, step_of
from ..stepping import cleaned, holds_numbers
from ..types import Integer, Map, Number, Record, Type, Vector
from ..windows import MAX_SAMPLES
from .absence import is_written_out
from .draft import Draft, local_of

_MOST = 8  # members of which each has lines of its own


@dataclass
class StateCode:
    """Writes what surrounds the decision of one step, and the cheap state functions inline."""

    draft: Draft
    steppers: list[str] = field(default_factory=list)

    def open(self) -> None:
        """Take the state apart, and hand over a snapshot that is not a step further."""
        draft, pack = self.draft, self.draft.pack
        names = [f"{'s' if slot.kind == 'state' else 'p'}_{local_of(slot.name)}" for slot in pack.slots]
        for slot in pack.slots:
            if slot.kind == "previous":
                draft.names["previous", slot.name] = f"p_{local_of(slot.name)}"
        draft.last = "was_outputs"
        draft.add(f"({', '.join(('was_now', 'was_step', draft.last, *names))},) = state")
        if pack.step is not None:
            draft.add(f"step = {self._input(pack.step)}")
            draft.add("if step is not None and step == was_step: raise Unusual")
        late = "<" if pack.step is not None else "<="
        there = "was_now is not None and " if pack.needs_now else "None is not i_now and None is not was_now and "
        draft.add(f"if {there}i_now {late} was_now: raise Unusual")
        gap = max_gap(pack, draft.parameters)
        emptied = [slot for slot in pack.slots if restarts(slot)]
        if gap is not None and emptied:
            draft.add(f"if was_now is not None and i_now - was_now > {gap!r}:")
            for slot in emptied:
                draft.add(f"s_{slot.name} = {draft.writer.constant(start(slot))}", 1)

    def _input(self, name: str) -> str:
        return self.draft.names["input", name]

    def close(self) -> None:
        """The state behind this step."""
        draft, pack = self.draft, self.draft.pack
        now = "i_now" if pack.needs_now else "was_now if i_now is None else i_now"
        step = "None" if pack.step is None else "was_step if step is None else step"
        kept = [f"t_{slot.name}" if slot.kind == "state" else self._remembered(slot) for slot in pack.slots]
        draft.add(f"after = ({', '.join((now, step, 'outputs', *kept))},)")

    def _remembered(self, slot: ir.Slot) -> str:
        draft = self.draft
        if slot.name.startswith(SENT):
            return self._sent(slot.name.removeprefix(SENT))
        keys = [("definition", slot.name), ("output", slot.name), ("input", slot.name.rpartition(ir.OF)[2])]
        value = next(draft.names[key] for key in keys if key in draft.names)
        if not holds_numbers(slot.type):
            return value
        return self._cleaned(value, slot.type, self._may_be_absent(slot.name), slot.name)

    def _cleaned(self, value: str, kind: Type, optional: bool, name: str) -> str:
        """A value without -0.0: numbers and the parts of records in place, what more holds numbers by a call."""
        if not holds_numbers(kind) or value == "None":
            return value
        optional = optional and not is_written_out(value)
        absent = f"None if {value} is None else " if optional else ""
        if isinstance(kind, Number):
            return f"({absent}{value} + 0.0)"
        if isinstance(kind, Record) and not value.endswith(")"):  # nor is a record put together more than once
            fields = enumerate(kind.fields)
            parts = [
                self._cleaned(f"{value}[{i}]", each.type, each.optional, f"{name}{ir.OF}{i}") for i, each in fields
            ]
            return f"({absent}({', '.join(parts)},))"
        self.draft.constants["cleaned"] = cleaned
        self.draft.constants[f"KIND_{name}"] = kind
        return f"cleaned({value}, KIND_{name})"

    def _sent(self, intent: str) -> str:
        """Whether an intent leaves: all that fire do, unless something may drop them."""
        rules = self.draft.pack.arbitration
        if rules.vetoes or rules.conflict:
            return f"({intent!r} in [each.id for each in kept])"
        return self.draft.names["fired", intent]

    def _may_be_absent(self, name: str) -> bool:
        pack = self.draft.pack
        if name in pack.outputs:
            return pack.outputs[name].optional
        steps = [step for step in pack.steps if isinstance(step, ir.Define | ir.Bind) and step.name == name]
        defined = [step.place if isinstance(step, ir.Bind) else step.value for step in steps]
        given = (field for field in pack.inputs if field.name == name.rpartition(ir.OF)[2])
        return next((each.optional for each in (*defined, *given)), True)

    def advance(self, node: ir.Advance) -> None:
        """One state function: inline where that is known to be the same, else by a call of its step."""
        inline = None if isinstance(node.type, Vector | Map) else _INLINE.get(node.function)
        lines = inline(self, node) if inline else self._by_member(node)
        for line in lines or [self._called(node)]:
            self.draft.add(line)

    def _by_member(self, node: ir.Advance) -> list[str]:
        """Runs and latches of a short vector, each member in a local of its own; nothing for what is none."""
        draft, name, kind = self.draft, node.name, node.type
        if not isinstance(kind, Vector) or node.function not in ("streak", "latch") or len(kind.by.members) > _MOST:
            return []
        if any(map(draft.writer.can_fail, node.args[1:])):
            return []
        parts = [f"d_{name}_P{i}" for i in range(len(kind.by.members))]
        lines = []
        for i, part in enumerate(parts):
            first, *others = (self._member(arg, i) for arg in node.args)
            kept = f"s_{name}[{i}]"
            value = f"{first} or ({kept} and not {others[0]})" if others else f"{kept} + 1 if {first} else 0"
            lines.append(f"{part} = {value}")
            draft.names["part", f"d_{name}.{i}"] = part
        return [*lines, f"d_{name} = t_{name} = ({', '.join(parts)},)"]

    def _member(self, arg: ir.Expr, index: int) -> str:
        """An argument that is no vector is the same for all members."""
        if not isinstance(arg.type, Vector):
            return self.draft.writer.write(arg)
        place = ir.Literal(type=Integer(), value=index)
        return self.draft.writer.write(ir.Call(type=arg.type.item.type, function="at", args=(arg, place)))

    def _called(self, node: ir.Advance) -> str:
        self.draft.constants[f"STEP_{node.name}"] = step_of(node)
        self.steppers.append(f"STEP_{node.name}")
        args = ", ".join(self.draft.writer.write(arg) for arg in node.args)
        return f"(t_{node.name}, d_{node.name}) = STEP_{node.name}(s_{node.name}, i_now, {args})"

    def _held(self, node: ir.Advance) -> list[str]:
        name = node.name
        return [
            f"if {self.draft.writer.write(node.args[0])}:",
            f"    t_{name} = i_now if s_{name} is None else s_{name}",
            f"    d_{name} = (i_now - t_{name}) / {MICROSECONDS}",
            "else:",
            f"    t_{name} = None; d_{name} = 0.0",
        ]

    def _streak(self, node: ir.Advance) -> list[str]:
        name = node.name
        return [f"d_{name} = t_{name} = s_{name} + 1 if {self.draft.writer.write(node.args[0])} else 0"]

    def _latch(self, node: ir.Advance) -> list[str] | None:
        """Only where the second condition has a value, since it may be skipped here."""
        name, (sets, resets) = node.name, node.args
        if self.draft.writer.can_fail(resets):
            return None
        sets_it, resets_it = self.draft.writer.write(sets), self.draft.writer.write(resets)
        return [f"d_{name} = t_{name} = {sets_it} or (s_{name} and not {resets_it})"]

    def _changed(self, node: ir.Advance) -> list[str]:
        name = node.name
        return [
            f"t_{name} = ({self.draft.writer.write(node.args[0])},)",
            f"d_{name} = s_{name} is not None and s_{name} != t_{name}",
        ]

    def _ewma(self, node: ir.Advance) -> list[str] | None:
        name, (value, alpha) = node.name, node.args
        share: Any = self.draft.parameters.get(alpha.name) if isinstance(alpha, ir.Parameter) else None
        if value.optional or not isinstance(share, float) or not 0 < share <= 1:
            return None
        return [
            f"t_{name} = {self.draft.writer.write(value)}",
            f"if s_{name} is not None: t_{name} = finite(s_{name} + {share!r} * (t_{name} - s_{name}))",
            f"d_{name} = t_{name} + 0.0",
        ]

    def _total(self, node: ir.Advance) -> list[str] | None:
        name, (value,) = node.name, node.args
        if value.optional:
            return None
        check = "finite" if isinstance(node.type, Number) else "whole"
        return [f"d_{name} = t_{name} = {check}(s_{name} + {self.draft.writer.write(value)})"]

    def _summed(self, node: ir.Advance) -> list[str] | None:
        """What is made of the sum of doubles over a window by count, which is a parameter that makes sense."""
        name, (value, window) = node.name, node.args
        size: Any = self.draft.parameters.get(window.name) if isinstance(window, ir.Parameter) else None
        size = size if size is not None else self._whole_number(window)
        if not isinstance(value.type, Number) or size is None or size != int(size) or not 1 <= size <= MAX_SAMPLES:
            return None
        if node.function == "rolling_std.count":
            if size == 1:
                return None
            self.draft.constants["sqrt"] = math.sqrt
        kept = f"(*s_{name}, sample)[-{int(size)}:]"
        return [
            f"sample = {self.draft.writer.write(value)}",
            f"t_{name} = s_{name} if sample is None else {kept}" if value.optional else f"t_{name} = {kept}",
            f"d_{name} = None",
            f"if len(t_{name}) == {int(size)}:",
            "    running = 0.0",
            f"    for sample in t_{name}: running += sample",
            *(f"    {line}" for line in _made_of_sum(node.function, name, int(size))),
        ]

    def _whole_number(self, window: ir.Expr) -> Any:
        """An integer parameter, which is taken as a number."""
        match window:
            case ir.Call(function="number", args=(ir.Parameter(name=name),)):
                return self.draft.parameters.get(name)
        return None


def _made_of_sum(function: str, name: str, size: int) -> list[str]:
    if function == "rolling_std.count":
        return [
            f"running = finite(running) / {size}",
            "squares = 0.0",
            f"for sample in t_{name}: sample -= running; squares += sample * sample",
            f"d_{name} = sqrt(finite(squares / {size - 1}))",
        ]
    share = f" / {size}" if function == "rolling_mean.count" else ""
    return [f"d_{name} = finite(running){share}"]


_INLINE: Mapping[str, Any] = {
    "held": StateCode._held,
    "streak": StateCode._streak,
    "latch": StateCode._latch,
    "changed": StateCode._changed,
    "ewma.alpha": StateCode._ewma,
    "total": StateCode._total,
    "rolling_mean.count": StateCode._summed,
    "rolling_std.count": StateCode._summed,
    "rolling_sum.count": StateCode._summed,
}
