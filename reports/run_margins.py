"""How near the rules of a run came to firing, from decisions that have their record; a sample stands for many."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

from .explanation import not_fired
from .recorded import NotADecisionError, read_decision, revisit
from .run_views import NearMiss

if TYPE_CHECKING:
    from ..engine.policy import Policy
    from .explanation_views import RuleView

_MOST = 100  # decisions that are made again: each costs some milliseconds
_SHOWN = 50
_RECORD = b'"record"'

Find = Callable[[dict[str, Any]], "Policy | None"]


class Sample:
    """Evenly spaced lines that have a record: where they grow too many, every second one is let go."""

    def __init__(self) -> None:
        self.seen = 0
        self._every = 1
        self._kept: list[bytes] = []

    def add(self, line: bytes) -> None:
        if _RECORD not in line:
            return
        if self.seen % self._every == 0:
            self._kept.append(line)
            if len(self._kept) > _MOST:
                self._kept, self._every = self._kept[::2], self._every * 2
        self.seen += 1

    def near_misses(self, find: Find) -> tuple[tuple[NearMiss, ...], str]:
        """The nearest of each rule, and a sentence on what was looked at. `find` gives a decision's policy."""
        nearest: dict[str, NearMiss] = {}
        used = 0
        for written in _readable(self._kept):
            rules = _again(written, find)
            if rules is not None:
                used += 1
                _gather(nearest, rules, written["now"] or "")
        ranked = sorted(nearest.values(), key=lambda each: (each.share, each.rule))
        return tuple(ranked[:_SHOWN]), self._said(used)

    def _said(self, used: int) -> str:
        looked = f"{len(self._kept):,}, evenly spaced," if len(self._kept) < self.seen else "all"
        missed = len(self._kept) - used
        more = f"; {missed:,} of those failed, were changed or could not be made again" if missed else ""
        return (
            f"Of {self.seen:,} decisions with a record {looked} were looked at for how near each threshold was{more}."
        )


def _readable(lines: Iterable[bytes]) -> Iterator[dict[str, Any]]:
    for line in lines:
        try:
            yield read_decision(line)
        except NotADecisionError:
            continue  # counted as missed


def _again(written: dict[str, Any], find: Find) -> tuple[RuleView, ...] | None:
    """The rules that did not fire in a decision that comes out the same."""
    policy = find(written) if "record" in written and written["status"] == "ok" else None
    if policy is None:
        return None
    found = revisit(written, policy)
    if found.decision is None or any(note.level == "error" for note in found.notes):
        return None
    return not_fired(policy, found.decision)


def _gather(nearest: dict[str, NearMiss], rules: Iterable[RuleView], time: str) -> None:
    for rule in rules:
        shares = [each.share for each in rule.thresholds if each.share is not None]
        if not shares or (rule.how == "all" and len(shares) < len(rule.thresholds)):
            continue  # what has no range may be any way off
        share = max(shares) if rule.how == "all" else min(shares)
        if rule.id not in nearest or share < nearest[rule.id].share:
            at = next(each for each in rule.thresholds if each.share == share)
            nearest[rule.id] = NearMiss(rule.id, rule.severity, share, at.away, at.condition, at.value, time)


__all__ = ["Sample"]
