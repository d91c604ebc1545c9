"""Keys that a snapshot may have although nobody reads them, by the patterns of a policy: `*` is any text."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

_MAX_KNOWN = 4_096


@dataclass(frozen=True)
class Ignored:
    """Says which keys are ignored; `known` keeps what was found of those met, as many as are bounded."""

    patterns: tuple[str, ...]
    inputs: frozenset[str] = frozenset()
    known: dict[object, bool] = field(default_factory=dict, compare=False, repr=False)

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        parts = (".*".join(map(re.escape, each.split("*"))) for each in self.patterns)
        return re.compile("|".join(parts) or "(?!)", re.DOTALL)

    def __call__(self, key: object) -> bool:
        """Whether a key is none of the inputs, and one of those that do not matter."""
        found = self.known.get(key) if type(key) is str else False
        if found is None:
            found = key not in self.inputs and self._pattern.fullmatch(str(key)) is not None
            if len(self.known) >= _MAX_KNOWN:
                self.known.clear()
            self.known[key] = found
        return found

    def among(self, snapshot: Mapping[object, object]) -> int:
        """How many keys of a snapshot are ignored."""
        return sum(map(self, snapshot))


__all__ = ["Ignored"]
