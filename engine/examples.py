"""Examples of a pack: what is given, and what should come out."""

from __future__ import annotations

from dataclasses import dataclass, field

from .document import Mapping
from .source import Span

# What `expect` may name beside outputs, so that no output may have such a name.
EXPECTATIONS = frozenset({"status", "reasons", "absent_reasons", "fired", "warnings", "intents"})


@dataclass(frozen=True, slots=True)
class Example:
    """`node` holds `given`, `parameters` and `now` as written; `expect` is never empty."""

    name: str
    node: Mapping
    expect: Mapping
    span: Span = field(compare=False)
