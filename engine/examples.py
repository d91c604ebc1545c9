"""Examples of a pack: what is given, and what should come out."""

from __future__ import annotations

from dataclasses import dataclass, field

from .document import Mapping, Scalar
from .source import Span

# What `expect` may name beside outputs, so that no output may have such a name.
EXPECTATIONS = frozenset({"status", "reasons", "absent_reasons", "fired", "warnings", "intents", "dropped_intents"})


@dataclass(frozen=True, slots=True)
class Step:
    """One snapshot of an example. `node` holds `given` and `now` as written; some steps only lead to others."""

    node: Mapping
    expect: Mapping | None
    span: Span = field(compare=False)

    @property
    def restarts(self) -> bool:
        """Whether the session is saved and restored before it."""
        node = self.node.get("restart")
        return isinstance(node, Scalar) and node.value is True


@dataclass(frozen=True, slots=True)
class Example:
    """`node` holds `parameters` and `state` as written; some step expects something. Without `steps:` there is one."""

    name: str
    node: Mapping
    steps: tuple[Step, ...]
    span: Span = field(compare=False)

    @property
    def is_sequence(self) -> bool:
        """Whether its steps are those of a session."""
        return self.node.get("steps") is not None

    @property
    def state(self) -> Mapping | None:
        """The state that it begins with, where that is not the empty one."""
        node = self.node.get("state")
        return node if isinstance(node, Mapping) else None
