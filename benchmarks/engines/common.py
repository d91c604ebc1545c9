"""What every engine of the comparison has in common: one orchestrator, asked in the same way."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

Snapshot = dict[str, Any]
Answer = dict[str, Any]
Decide = Callable[[Snapshot], Any]

OUTPUTS = (
    "allow_new_trades",
    "risk_profile",
    "max_risk_pct",
    "min_confidence",
    "entry_mode",
    "exit_mode",
    "allowed_symbols",
    "disallowed_symbols",
)
EVERYTHING = (*OUTPUTS, "fired")


@dataclass(frozen=True)
class Drawdown:
    """The rule on the daily drawdown in an engine's own language: as it should be, and with two kinds of mistakes."""

    good: Any
    misspelt: Any  # daily_pln_pct
    broken: Any  # not of the language


def nothing(_: Any) -> Sequence[str]:
    return ()


@dataclass(frozen=True)
class Engine:
    """One way to decide.

    `build` makes the function that is timed from the rule on the daily drawdown. What that returns is the engine's own;
    `answer` turns it, untimed, into outputs by name and the ids of the rules that fired, `remarks` into what the engine
    has to say beside its answer.
    """

    drawdown: Drawdown
    build: Callable[[Any], Decide]
    answer: Callable[[Any], Answer]
    remarks: Callable[[Any], Sequence[str]] = nothing
    covers: tuple[str, ...] = EVERYTHING
    share: int = 1  # every so many-th snapshot is decided, since some engines are slow


def same(answer: Answer) -> Answer:
    return answer
