"""The shipped pack, as it is."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

import flyball
from flyball.loaders import packs

from .common import Answer, Decide, Drawdown, Engine

WHEN = "when: risk.daily_pnl_pct <= -daily_drawdown_limit"
DRAWDOWN = Drawdown(WHEN, WHEN.replace("pnl", "pln"), WHEN.replace("<=", "<= <="))


def load(drawdown: str) -> flyball.Policy:
    if drawdown == WHEN:
        return flyball.load("orchestrator@1", environment=False)
    text = packs.find("orchestrator").read_text("utf-8")
    assert WHEN in text
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "orchestrator.yaml")
        path.write_text(text.replace(WHEN, drawdown), "utf-8")
        return flyball.load(path, environment=False)


def build(drawdown: str) -> Decide:
    return load(drawdown).decide


def build_explained(drawdown: str) -> Decide:
    decide = load(drawdown).decide

    def explained(snapshot: dict[str, object]) -> flyball.Decision:
        decision = decide(snapshot)
        for reason in decision.reasons:
            _ = reason.text
        return decision

    return explained


def answer(decision: flyball.Decision) -> Answer:
    return {**decision.outputs, "fired": list(decision.fired)}


def remarks(decision: flyball.Decision) -> Sequence[str]:
    return [f"{each.code} {each.message}" for each in decision.diagnostics]


ENGINES = {
    "flyball": Engine(
        drawdown=DRAWDOWN,
        build=build,
        answer=answer,
        remarks=remarks,
    ),
    "flyball_explained": Engine(
        drawdown=DRAWDOWN,
        build=build_explained,
        answer=answer,
        remarks=remarks,
    ),
}
