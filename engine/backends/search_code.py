"""The greatest or least member of a short vector, found by statements: once for all who ask, and without a call."""

from __future__ import annotations

from dataclasses import dataclass, field

from .. import ir
from ..types import Vector
from .draft import Draft, decided_by
from .operation_code import plainly

_MOST = 8  # members


@dataclass
class SearchCode:
    """`calls` are what is asked of each definition."""

    draft: Draft
    calls: dict[str, set[ir.Call]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for expr in decided_by(self.draft.pack):
            for node in ir.walk(expr):
                if isinstance(node, ir.Call) and (name := searched(node)) and self._is_sure(node):
                    self.calls.setdefault(name, set()).add(node)

    def _is_sure(self, call: ir.Call) -> bool:
        """Whether a search finds something: no tolerance is negative."""
        tolerances = [float(self.draft.writer.write(each).strip("()")) for each in call.args[1:]]
        return all(each >= 0 for each in tolerances)

    def search(self, name: str, parts: list[str]) -> None:
        """What stands behind a vector, of which these are the parts."""
        calls = self.calls.get(name, set())
        for function, sign in (("greatest", ">"), ("least", "<")):
            if any(function in (call.function, _BEST.get(call.function)) for call in calls):
                found = _local(name, function)
                self.draft.add(f"{found} = {parts[0]}")
                for part in parts[1:]:
                    self.draft.add(f"if {part} {sign} {found}: {found} = {part}")
        for call in calls:
            args = [self.draft.writer.write(arg) for arg in call.args]
            self.draft.names["call", plainly(call.function, args)] = self._answer(call, parts)

    def _answer(self, call: ir.Call, parts: list[str]) -> str:
        name = str(searched(call))
        if call.function != "argmax":
            return _local(name, call.function)
        tolerance = self.draft.writer.write(call.args[1]) if len(call.args) > 1 else "0"
        tests = [f"{i} if {_local(name, 'greatest')} - {part} <= {tolerance}" for i, part in enumerate(parts[:-1])]
        return f"({' else '.join([*tests, str(len(parts) - 1)])})"


_BEST = {"argmax": "greatest"}


def searched(call: ir.Call) -> str | None:
    """The vector of which a call asks for the greatest or least member, where lines of its own may find that."""
    match call:
        case ir.Call(function="greatest" | "least", args=(ir.Defined(name=name, type=Vector() as kind),)):
            return name if _is_short(kind) else None
        case ir.Call(function="argmax", args=(ir.Defined(name=name, type=Vector() as kind), *tolerance)):
            known = all(isinstance(each, ir.Literal | ir.Parameter) for each in tolerance)
            return name if known and _is_short(kind) else None
    return None


def _local(name: str, function: str) -> str:
    return f"d_{name}_{function.upper()}"  # names are lower case


def _is_short(kind: Vector) -> bool:
    return len(kind.by.members) <= _MOST and not kind.item.optional


__all__ = ["SearchCode", "searched"]
