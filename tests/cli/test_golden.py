"""What the commands print, compared with `tests/golden`. FLYBALL_UPDATE_GOLDEN=1 writes the files anew."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import flyball as package

GOLDEN = Path(__file__).parent.parent / "golden"
PACKAGE = Path(package.__file__ or "").parent

SNAPSHOT = {
    "regime": "RANGING",
    "volatility": "HIGH",
    "risk": {"daily_pnl_pct": -2.0, "losing_streak": 6, "open_positions": 2, "exposure_pct": 4.0},
    "symbols": [{"symbol": "AAPL", "tag": "BAD"}, {"symbol": "IBM", "tag": "GOOD"}],
}
BLOCKED = {**SNAPSHOT, "risk": {**SNAPSHOT["risk"], "daily_pnl_pct": -3.5}}  # type: ignore[dict-item]  # it is a dict
FAULTY = {
    "regime": "SIDEWAYS",
    "volatility": "HIGH",
    "risk": {"daily_pnl_pct": 0, "losing_streak": "6", "open_positions": -2},
    "symbols": [],
    "ensamble_quality": 0.4,
}
BLOCKED_TWICE = {**BLOCKED, "risk": {**BLOCKED["risk"], "open_positions": 9}}  # type: ignore[dict-item]  # it is a dict
FIGURES = {
    "now": "2026-01-05T15:00:00Z",
    "book": {"trend_pct": 1.0, "realized_vol": 0.4, "drawdown_pct": 4.0},
    "risk": {"daily_pnl_pct": -2.0, "losing_streak": 6, "open_positions": 2, "exposure_pct": 4.0},
    "symbols": [{"symbol": "AAPL", "win_rate": 0.6, "average_r": 1.4}],
}
HOLDINGS = {"stressed": True, "held": [{"symbol": "A", "size": 50}, {"symbol": "B", "size": 250}]}
BUCKETS = {
    "now": "2026-01-05T15:00:00Z",
    "positions": [
        {"symbol": "AAPL", "bucket": "CORE", "size": 115.0},
        {"symbol": "IBM", "bucket": "SWING", "size": 30.0},
        {"symbol": "NVDA", "bucket": "SWING", "size": 60.5},
    ],
    "limits": [{"bucket": "CORE", "most": 100.0}, {"bucket": "SWING", "most": 50.0}],
}

COMMANDS: dict[str, tuple[int, list[str], object]] = {
    "lint_comma": (1, ["lint", "comma.yaml"], None),
    "lint_cycle": (1, ["lint", "cycle.yaml"], None),
    "lint_duplicate_key": (1, ["lint", "duplicate_key.yaml"], None),
    "lint_gap": (1, ["lint", "gap.yaml"], None),
    "lint_good": (0, ["lint", "good.yaml"], None),
    "lint_look_alike": (1, ["lint", "look_alike.yaml"], None),
    "lint_overlap": (1, ["lint", "overlap.yaml"], None),
    "lint_typo": (1, ["lint", "typo.yaml"], None),
    "lint_typo_json": (1, ["lint", "typo.yaml", "--format", "json"], None),
    "lint_unit": (1, ["lint", "unit.yaml"], None),
    "test_good": (0, ["test", "good.yaml"], None),
    "test_failing": (1, ["test", "failing.yaml"], None),
    "test_failing_json": (1, ["test", "failing.yaml", "--format", "json"], None),
    "test_failing_steps": (1, ["test", "failing_steps.yaml"], None),
    "test_failing_steps_json": (1, ["test", "failing_steps.yaml", "--format", "json"], None),
    "test_uncovered": (1, ["test", "uncovered.yaml"], None),
    "test_uncovered_json": (1, ["test", "uncovered.yaml", "--format", "json"], None),
    "test_broken_invariants": (1, ["test", "broken_invariants.yaml"], None),
    "test_broken_invariants_json": (1, ["test", "broken_invariants.yaml", "--format", "json"], None),
    "test_typo": (1, ["test", "typo.yaml"], None),
    "decide": (0, ["decide", "orchestrator@1"], SNAPSHOT),
    "decide_blocked": (0, ["decide", "orchestrator@1", "-"], BLOCKED),
    "decide_blocked_json": (0, ["decide", "orchestrator@1", "--format", "json"], BLOCKED),
    "decide_faulty": (1, ["decide", "orchestrator@1"], FAULTY),
    "decide_intents": (0, ["decide", "intents.yaml"], HOLDINGS),
    "decide_intents_json": (0, ["decide", "intents.yaml", "--format", "json"], HOLDINGS),
    "decide_intents_blind": (1, ["decide", "intents.yaml"], {"stressed": False}),
    "decide_pairs": (0, ["decide", "pairs.yaml"], BUCKETS),
    "decide_pairs_json": (0, ["decide", "pairs.yaml", "--format", "json"], BUCKETS),
    "explain_pairs": (0, ["explain", "pairs.yaml", "-"], BUCKETS),
    "params_dated": (0, ["params", "pairs.yaml"], None),
    "test_uncovered_intent": (1, ["test", "intents.yaml"], None),
    "explain_blocked": (0, ["explain", "orchestrator@1", "-"], BLOCKED),
    "explain_blocked_twice": (0, ["explain", "orchestrator@1", "-", "--all"], BLOCKED_TWICE),
    "explain_output": (0, ["explain", "orchestrator@1", "-", "--output", "max_risk_pct"], SNAPSHOT),
    "explain_json": (0, ["explain", "orchestrator@1", "-", "--format", "json"], BLOCKED),
    "explain_faulty": (1, ["explain", "orchestrator@1", "-"], FAULTY),
    "explain_intents": (0, ["explain", "intents.yaml", "-"], HOLDINGS),
    "decide_policy": (0, ["decide", "orchestrator"], FIGURES),
    "decide_policy_json": (0, ["decide", "orchestrator", "--format", "json"], FIGURES),
    "decide_policy_blind": (1, ["decide", "orchestrator"], {**FIGURES, "risk": None}),
    "explain_policy": (0, ["explain", "orchestrator", "-"], FIGURES),
    "params_policy": (0, ["params", "orchestrator", "--set", "stability.similarity_threshold=0.96"], None),
    "explain_no_output": (2, ["explain", "orchestrator@1", "-", "--output", "max_risk"], BLOCKED),
    "decide_bad_settings": (2, ["decide", "good.yaml", "--set", "loss_limit=50", "--set", "los_limit=1"], {}),
    "decide_typo": (2, ["decide", "typo.yaml"], {}),
    "params": (0, ["params", "good.yaml", "--set", "guard.loss_limit=2.5"], None),
    "params_json": (0, ["params", "good.yaml", "--format", "json"], None),
    "schema_good": (0, ["schema", "good.yaml"], None),
    "report_pack_json": (0, ["report", "pack", "good.yaml", "--format", "json"], None),
    "report_pack_md": (0, ["report", "pack", "intents.yaml", "--format", "md"], None),
    "diff_values": (0, ["diff", "regime_gamma@1.0.0", "regime_gamma@2.0.0"], None),
    "diff_contract": (0, ["diff", "risk_model@1.0.0", "risk_model@2.0.0"], None),
    "diff_markdown": (0, ["diff", "risk_model@1.0.0", "risk_model@2.0.0", "--format", "markdown"], None),
    "diff_json": (0, ["diff", "regime_gamma@1.0.0", "regime_gamma@2.0.0", "--format", "json"], None),
    "help": (0, ["--help"], None),
    "unknown_command": (2, ["dicide"], None),
}


def _printed(ended: Any) -> str:
    """Both streams, without what differs between machines, hashes and versions of Flyball."""
    text: str = ended.out + (f"-- stderr --\n{ended.err}" if ended.err else "")
    text = re.sub(r"sha256:[0-9a-f]{64}", "sha256:…", text.replace(f"{PACKAGE}{os.sep}", "<flyball>/"))
    text = re.sub(rf"^(engine +|- Engine: `){re.escape(package.__version__)}(`?)$", r"\1…\2", text, flags=re.MULTILINE)
    return text.replace(f'"{package.__version__}"', '"…"')


@pytest.mark.parametrize("name", COMMANDS)
def test_output_is_as_written(name: str, flyball: Callable[..., Any]) -> None:
    code, arguments, snapshot = COMMANDS[name]
    ended = flyball(*arguments, stdin=b"" if snapshot is None else json.dumps(snapshot).encode())
    assert ended.code == code, _printed(ended)
    path = GOLDEN / f"{name}.txt"
    if os.environ.get("FLYBALL_UPDATE_GOLDEN"):
        path.write_text(_printed(ended), encoding="utf-8")
    assert _printed(ended) == path.read_text(encoding="utf-8")


def test_every_file_has_a_command() -> None:
    assert {path.stem for path in GOLDEN.glob("*.txt")} == COMMANDS.keys()


def test_every_pack_is_used() -> None:
    packs = {path.name for path in (Path(__file__).parent / "packs").iterdir()}
    assert packs == {word for _, words, _ in COMMANDS.values() for word in words if word.endswith(".yaml")} | {
        "session.yaml"
    }
