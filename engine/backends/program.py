"""Generated code on its way from the compiler to a policy; it may rest in a file in between."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import CodeType
from typing import TYPE_CHECKING, Any

from .runtime import RUNTIME, Filler, KnownAnswers, KnownNames, Rows, encoder

if TYPE_CHECKING:
    from ..nodes import Value

Captured = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Program:
    """The generated functions of a pack under its effective parameters, and the constants that they name.

    `bits` gives each rule its bit in a mask of what fired. `tabled` are the outputs that depend on nothing but such a
    mask, `listed` the others where all of them rest on names alone. `start` is the state before the first snapshot,
    where decisions are made from one, and `steppers` name the constants that are steps of state functions.
    """

    source: str
    code: CodeType
    constants: Mapping[str, Any]
    bits: Mapping[str, int]
    tabled: tuple[str, ...]
    start: tuple[Any, ...] | None = None
    steppers: tuple[str, ...] = ()
    listed: tuple[str, ...] = ()

    def bind(self, policy: object, decision: type, unusual: Callable[..., Any], filler: Filler) -> Compiled:
        """The functions themselves.

        `decide` fills an object of class `decision`; what it cannot decide is given to `unusual`, in both cases with
        the state behind the snapshot where there is one. `filler` works out the outputs that `tabled` names.
        """
        rows = Rows(self.bits, self.tabled, filler)
        space: dict[str, Any] = {
            **RUNTIME,
            **self.constants,
            **{name: self.constants[name].bind() for name in self.steppers},
            "MASKS": rows,
            "ANSWERS": KnownAnswers(rows, self.listed),
            "Decision": decision,
            "policy": policy,
            "unusual": unusual,
        }
        exec(self.code, space)
        if "read_names" in space:
            space |= encoder()
            space["NAMES"] = KnownNames(space)
        return Compiled(self.source, space["decide"], space["inputs_of"], space.get("plain", dict))


@dataclass(frozen=True, slots=True)
class Compiled:
    """`decide(snapshot)` gives a decision, `inputs_of` the run-time values of the inputs that it captured, and `plain`
    what an intent emits as plain values.
    """

    source: str
    decide: Callable[..., Any]
    inputs_of: Callable[[Captured], dict[str, Value]]
    plain: Callable[[Any], dict[str, object]]
