"""Arbitration: which of a policy's intents stand together, in one pass from the candidates to the kept and dropped.

Cancels come first, then what reduces, then the rest; each is held against those kept before it. What reduces or cancels
is dropped by nothing that does not say why it may (`allow_drop`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from . import ir
from .intents import Dropped, Emitted, Left, arranged, order_of, weighed

VETO, CONFLICT, DEGRADED = "arbitration.", "arbitration.conflict", "arbitration.degraded"
Vetoed = Callable[[ir.Veto, Emitted], tuple[ir.Value, ...] | None]


class Arbiter:
    """One pass over candidates: who goes through `in_turn` settles or drops each before asking for the next."""

    __slots__ = ("dropped", "emits", "kept", "rules")

    def __init__(self, emits: ir.Emits, rules: ir.Arbitration) -> None:
        self.emits = emits
        self.rules = rules
        self.kept: list[Emitted] = []
        self.dropped: list[Dropped] = []

    def in_turn(self, candidates: Sequence[Emitted]) -> Iterator[Emitted]:
        """Each as what it counts as, given what was kept before it."""
        if len(candidates) == 1:
            yield weighed(candidates[0])
            return
        left, rest = Left(self.emits), []
        for each in self._ordered(candidates):
            found = left.weighed(each)
            if not is_exit(found):
                rest.append(found)
                continue
            yield found
            if self.kept and self.kept[-1] is found:
                left.take(found)
        yield from self._ordered(rest) if len(rest) > 1 else rest

    def settle(self, intent: Emitted) -> None:
        """Keep an intent, unless it conflicts with one that was kept."""
        rules = self.rules
        if self.kept and rules.conflict and (rules.allow_drop or not is_exit(intent)):
            wanted = self._key(intent)
            for each in self.kept:
                if self._key(each) == wanted:
                    self.drop(intent, CONFLICT, names=(each.id,))
                    return
        self.kept.append(intent)

    def drop(self, intent: Emitted, rule: str, holes: tuple[ir.Value, ...] = (), names: tuple[str, ...] = ()) -> None:
        self.dropped.append(Dropped(intent, rule, holes, names))

    def _ordered(self, intents: Iterable[Emitted]) -> list[Emitted]:
        ids = {identity: place for place, identity in enumerate(self.rules.order)}
        return sorted(intents, key=lambda each: order_of(self.emits, each, ids))

    def _key(self, intent: Emitted) -> tuple[ir.Value, ...]:
        return tuple([intent.emit[index] for index in self.rules.conflict])


def arbitrated(emits: ir.Emits, rules: ir.Arbitration, candidates: Sequence[Emitted]) -> Arbiter:
    """The pass where nothing failed and nothing is vetoed."""
    arbiter = Arbiter(emits, rules)
    if len(candidates) == 1:  # one alone conflicts with nothing
        arbiter.kept.append(weighed(candidates[0]))
        return arbiter
    for each in arbiter.in_turn(candidates):
        arbiter.settle(each)
    return arbiter


def undisputed(pack: ir.Pack, candidates: Iterable[tuple[Any, ...]]) -> Sequence[Emitted]:
    """What leaves where nothing can be dropped, of candidates as generated code holds them."""
    assert pack.emits is not None, "someone emits"
    asked = [Emitted._make(each) for each in candidates]
    return arbitrated(pack.emits, pack.arbitration, asked).kept if pack.parts else arranged(pack.emits, asked)


def examined(
    emits: ir.Emits,
    rules: ir.Arbitration,
    candidates: Sequence[Emitted],
    *,
    vetoed: Vetoed,
    failed: tuple[str, ...] = (),
    vetoes: Mapping[str, ir.Veto] | None = None,
) -> Arbiter:
    """The pass as examinations take it, the most general reason to drop an intent first.

    `vetoed` gives the values of a veto's `because` where it fires on an intent, `failed` names the failed parts that
    nobody tolerates, `vetoes` those that can be asked where that is not all.
    """
    arbiter = Arbiter(emits, rules)
    asked = sorted((rules.vetoes if vetoes is None else vetoes).items())
    for each in arbiter.in_turn(candidates):
        if failed and not is_exit(each):
            arbiter.drop(each, DEGRADED, names=failed)
            continue
        found = _veto(asked, each, vetoed)
        if found is None:
            arbiter.settle(each)
        else:
            arbiter.drop(each, *found)
    return arbiter


def _veto(vetoes: Iterable[tuple[str, ir.Veto]], intent: Emitted, vetoed: Vetoed) -> tuple[str, Any] | None:
    """The first veto that drops an intent, with the values of its `because`."""
    for identity, veto in vetoes:
        if veto.allow_drop or not is_exit(intent):
            holes = vetoed(veto, intent)
            if holes is not None:
                return VETO + identity, holes
    return None


def is_exit(intent: Emitted) -> bool:
    """Whether an intent takes no risk: it is not to be lost."""
    return intent.exposure in ("cancels", "reduces")


__all__ = ["CONFLICT", "DEGRADED", "VETO", "Arbiter", "Vetoed", "arbitrated", "examined", "is_exit"]
