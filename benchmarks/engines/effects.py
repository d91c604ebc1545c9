"""The effects of the orchestrator for engines that only find which rules fire and leave the rest to Python."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from .common import Answer

STRICTER = {name: rank for names in (
    ("NORMAL", "REDUCED", "NO_NEW_TRADES"), ("NORMAL", "AGGRESSIVE", "DEFENSIVE"), ("TREND_FOLLOW", "FAST_TP"),
) for rank, name in enumerate(names)}  # fmt: skip

MODIFIERS: dict[str, dict[str, Any]] = {
    "costly_market": {"confidence": 0.03, "entry": "DEFENSIVE"},
    "losing_streak": {"scale": 0.3, "confidence": 0.05, "profile": "REDUCED", "entry": "DEFENSIVE"},
    "regime.ranging": {"scale": 0.7, "confidence": 0.05, "entry": "DEFENSIVE", "leave": "FAST_TP"},
    "regime.ranging_high": {
        "scale": 0.35, "confidence": 0.08, "profile": "REDUCED", "entry": "DEFENSIVE", "leave": "FAST_TP",
    },
    "regime.trending": {"confidence": -0.03, "entry": "AGGRESSIVE"},
    "regime.trending_high": {"scale": 0.5, "confidence": 0.03, "profile": "REDUCED"},
    "weak_ensemble": {"confidence": 0.05},
}  # fmt: skip
HARD_STOPS = ("daily_drawdown", "extreme_volatility")
LIMITS = ("too_many_positions", "too_much_exposure")


class Outcome:
    """The outputs while rules fire."""

    def __init__(self) -> None:
        self.allow = True
        self.profile, self.entry, self.leave = "NORMAL", "NORMAL", "TREND_FOLLOW"
        self.risk, self.confidence = 1.0, 0.5
        self.fired: list[str] = []

    def stop(self, rule: str) -> None:
        self.allow = False
        self.profile = "NO_NEW_TRADES"
        self.fired.append(rule)

    def block(self, rule: str) -> None:
        self.allow = False
        self.fired.append(rule)

    def modify(
        self,
        rule: str,
        *,
        scale: float = 1.0,
        confidence: float = 0.0,
        profile: str = "NORMAL",
        entry: str = "NORMAL",
        leave: str = "TREND_FOLLOW",
    ) -> None:
        self.risk *= scale
        self.confidence += confidence
        if STRICTER[profile] > STRICTER[self.profile]:
            self.profile = profile
        if STRICTER[entry] > STRICTER[self.entry]:
            self.entry = entry
        if STRICTER[leave] > STRICTER[self.leave]:
            self.leave = leave
        self.fired.append(rule)

    def answer(self, allowed: list[str], disallowed: list[str]) -> Answer:
        return {
            "allow_new_trades": self.allow,
            "risk_profile": self.profile,
            "max_risk_pct": self.risk,
            "min_confidence": min(max(self.confidence, 0.0), 1.0),
            "entry_mode": self.entry,
            "exit_mode": self.leave,
            "allowed_symbols": allowed,
            "disallowed_symbols": disallowed,
            "fired": self.fired,
        }


def outcome(fired: Iterable[str], allowed: list[str], disallowed: list[str]) -> Answer:
    """The answer where these rules fired, the modifiers of a hard stop among them."""
    rules = set(fired)
    found = Outcome()
    for rule in HARD_STOPS:
        if rule in rules:
            found.stop(rule)
    for rule in LIMITS:
        if rule in rules:
            found.block(rule)
    if not rules.intersection(HARD_STOPS):
        for rule, effect in MODIFIERS.items():
            if rule in rules:
                found.modify(rule, **effect)
    return found.answer(allowed, disallowed)
