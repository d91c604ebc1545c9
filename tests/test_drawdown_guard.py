"""The pack that shows the whole language at once lints without a finding, and its examples pass."""

from __future__ import annotations

from pathlib import Path

from flyball.engine.example_runs import run_examples
from flyball.loaders import packs
from flyball.reports.example_text import render_report
from flyball.reports.text import Paint

PACK = Path(__file__).resolve().parent.parent / "examples" / "drawdown_guard" / "1.0.0.yaml"


def test_drawdown_guard() -> None:
    loaded = packs.load(PACK)
    assert loaded.findings == ()
    assert loaded.checked is not None
    report = run_examples(loaded.checked.pack, loaded.checked.examples)
    assert report.passed, "\n".join(render_report(report, Paint()))
