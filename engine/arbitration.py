"""Arbitration: which of a policy's intents stand together, in one pass from the candidates to the kept and dropped.

Cancels come first, then what reduces, then the rest; each is held against those kept before it. What reduces or cancels
is dropped by nothing that does not say why it may (`allow_drop`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from . import ir
from .intents import Dropped, Emitted, Left, order_of

VETO, CONFLICT, DEGRADED = "arbitration.", "arbitration.conflict", "arbitration.degraded"
Vetoed = Callable[[ir.Veto, Emitted], tuple[ir.Value, ...] | None]


@dataclass
class Arbiter:
    """One pass. `vetoes` are those that can be asked, `failed` names the failed parts that nobody tolerates; `vetoed`
    gives the values of a veto's `because` where it fires on an intent.
    """

    emits: ir.Emits
    rules: ir.Arbitration
    vetoes: Mapping[str, ir.Veto]
    failed: tuple[str, ...]
    vetoed: Vetoed
    kept: list[Emitted] = field(default_factory=list)
    dropped: list[Dropped] = field(default_factory=list)

    def arbitrate(self, candidates: Iterable[Emitted]) -> None:
        left, rest = Left(self.emits), []
        for each in self._ordered(candidates):
            weighed = left.weighed(each)
            if not _is_safe(weighed):
                rest.append(weighed)
            elif self._keeps(weighed):
                left.take(weighed)
        for each in self._ordered(rest):
            self._keeps(each)

    def _ordered(self, intents: Iterable[Emitted]) -> list[Emitted]:
        ids = {identity: place for place, identity in enumerate(self.rules.order)}
        return sorted(intents, key=lambda each: order_of(self.emits, each, ids))

    def _keeps(self, intent: Emitted) -> bool:
        found = next(self._against(intent), None)
        if found is None:
            self.kept.append(intent)
        else:
            self.dropped.append(found)
        return found is None

    def _against(self, intent: Emitted) -> Iterator[Dropped]:
        """What drops an intent, the most general first."""
        if self.failed and not _is_safe(intent):
            yield Dropped(intent, DEGRADED, names=self.failed)
        for identity, veto in sorted(self.vetoes.items()):
            if veto.allow_drop or not _is_safe(intent):
                holes = self.vetoed(veto, intent)
                if holes is not None:
                    yield Dropped(intent, VETO + identity, holes)
        if self.rules.conflict and (self.rules.allow_drop or not _is_safe(intent)):
            yield from self._conflicts(intent)

    def _conflicts(self, intent: Emitted) -> Iterator[Dropped]:
        wanted = self._key(intent)
        yield from (Dropped(intent, CONFLICT, names=(each.id,)) for each in self.kept if self._key(each) == wanted)

    def _key(self, intent: Emitted) -> tuple[ir.Value, ...]:
        return tuple(intent.emit[index] for index in self.rules.conflict)


def _is_safe(intent: Emitted) -> bool:
    """Whether an intent takes no risk: it is not to be lost."""
    return intent.exposure in ("cancels", "reduces")


__all__ = ["CONFLICT", "DEGRADED", "VETO", "Arbiter", "Vetoed"]
