"""The shipped policies: they are clean, their examples pass, and everything that decides can use them."""

from __future__ import annotations

from pathlib import Path

import pytest

import flyball
from flyball.cli.main import main
from flyball.engine.example_runs import run_examples, snapshots_of
from flyball.loaders.packs import load
from flyball.reports.example_text import render_report
from flyball.reports.text import Paint
from flyball.tests.documents import ROOT

POLICIES = sorted(ROOT.glob("policies/*/policy.yaml"))


def test_policies_are_found() -> None:
    names = {path.parent.name for path in POLICIES}
    assert {"band_drift", "continuous", "orchestrator", "orchestrator_levels", "proposal_gate"} <= names


@pytest.mark.parametrize("path", POLICIES, ids=lambda path: path.parent.name)
def test_a_policy_is_clean_and_its_examples_pass(path: Path) -> None:
    loaded = load(path, scenarios=True)
    assert [each.code for each in loaded.findings if each.code != "FB820"] == []
    assert loaded.checked
    assert loaded.checked.pack.name == path.parent.name
    assert loaded.checked.examples
    report = run_examples(loaded.checked.pack, loaded.checked.examples)
    assert report.passed, "\n".join(render_report(report, Paint()))


@pytest.mark.parametrize("path", POLICIES, ids=lambda path: path.parent.name)
def test_a_policy_is_laid_out(path: Path) -> None:
    assert main(["fmt", "--check", str(path)]) == 0


@pytest.mark.parametrize("path", POLICIES, ids=lambda path: path.parent.name)
def test_a_restart_between_steps_changes_nothing(path: Path) -> None:
    """In the middle of a cooldown, a stand-down, or with an order sent and not filled."""
    checked = load(path, scenarios=True).checked
    assert checked
    policy = flyball.load(path, environment=False)
    for example in checked.examples:
        if example.node.get("parameters"):
            continue
        through, restarted = policy.session(), policy.session()
        for snapshot in snapshots_of(checked.pack, example):
            restarted = policy.restore(restarted.save())
            assert restarted.step(snapshot).to_json() == through.step(snapshot).to_json()
        assert restarted.save() == through.save()


def test_the_two_orchestrators_publish_the_same() -> None:
    """Callers may change from one to the other."""
    figures, levels = (flyball.load(name, environment=False).pack for name in ("orchestrator", "orchestrator_levels"))
    assert figures.publication.keys() == levels.publication.keys()
    assert [each.type for each in figures.publication.values()] == [each.type for each in levels.publication.values()]
