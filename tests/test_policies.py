"""The shipped policies: they are clean, their examples pass, and everything that decides can use them."""

from __future__ import annotations

from pathlib import Path

import pytest

import flyball
from flyball.cli.main import main
from flyball.engine.example_runs import run_examples
from flyball.loaders.packs import load
from flyball.reports.example_text import render_report
from flyball.reports.text import Paint
from flyball.tests.documents import ROOT

POLICIES = sorted(ROOT.glob("policies/*/policy.yaml"))


def test_policies_are_found() -> None:
    assert {"band_drift", "orchestrator", "orchestrator_levels"} <= {path.parent.name for path in POLICIES}


@pytest.mark.parametrize("path", POLICIES, ids=lambda path: path.parent.name)
def test_a_policy_is_clean_and_its_examples_pass(path: Path) -> None:
    loaded = load(path)
    assert [each.code for each in loaded.findings if each.code != "FB820"] == []
    assert loaded.checked
    assert loaded.checked.pack.name == path.parent.name
    assert loaded.checked.examples
    report = run_examples(loaded.checked.pack, loaded.checked.examples)
    assert report.passed, "\n".join(render_report(report, Paint()))


@pytest.mark.parametrize("path", POLICIES, ids=lambda path: path.parent.name)
def test_a_policy_is_laid_out(path: Path) -> None:
    assert main(["fmt", "--check", str(path)]) == 0


def test_the_two_orchestrators_publish_the_same() -> None:
    """Callers may change from one to the other."""
    figures, levels = (flyball.load(name, environment=False).pack for name in ("orchestrator", "orchestrator_levels"))
    assert figures.publication.keys() == levels.publication.keys()
    assert [each.type for each in figures.publication.values()] == [each.type for each in levels.publication.values()]
