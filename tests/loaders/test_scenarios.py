"""Files of scenarios: what a pack's own examples are with them, and what may be wrong with such a file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from flyball.cli.main import main
from flyball.engine.example_runs import run_examples
from flyball.engine.policy import Policy
from flyball.loaders.packs import load
from flyball.tests.documents import ROOT

PACK = """language: 1
pack: steps
version: {version}
inputs: {{up: {{type: boolean}}}}
definitions: {{ups: streak(up)}}
outputs: {{count: {{type: integer, unit: snapshots, start: ups, safe: 0}}}}
examples:
  first: {{given: {{up: true}}, expect: {{count: 1}}}}
"""
DAY = """language: 1
scenarios: steps
examples:
  a_day:
    steps:
      - {given: {up: true}, expect: {count: 1}}
      - {restart: true, given: {up: true, now: 2026-01-05T15:00:00Z}, expect: {count: 2}}
"""


@pytest.fixture
def steps(tmp_path: Path) -> Path:
    path = tmp_path / "steps" / "1.0.0.yaml"
    path.parent.mkdir()
    path.write_text(PACK.format(version="1.0.0"), encoding="utf-8")
    return path


def beside(path: Path, text: str, name: str = "days.yaml") -> Path:
    found = path.parent / "tests" / name
    found.parent.mkdir(exist_ok=True)
    found.write_text(text, encoding="utf-8")
    return found


def told(path: Path) -> list[str]:
    return [f"{each.code} {each.message}" for each in load(path, scenarios=True).findings]


def names(path: Path) -> list[str]:
    checked = load(path, scenarios=True).checked
    assert checked
    return sorted(each.name for each in checked.examples)


def test_they_are_further_examples(steps: Path) -> None:
    beside(steps, DAY)
    assert told(steps) == []
    assert names(steps) == ["a_day", "first"]
    assert load(steps, scenarios=True).document == load(steps).document


def test_whoever_decides_does_not_read_them(steps: Path) -> None:
    beside(steps, "no: scenario")
    assert load(steps).checked
    assert load(steps, scenarios=True).checked is None


@pytest.mark.parametrize(
    ("text", "findings"),
    [
        (DAY.replace("a_day", "first"), ["FB103 `first` is written twice"]),
        (DAY.replace("steps\n", "stairs\n", 1), ["FB204 `stairs` is not allowed here"]),
        (DAY.replace("steps\n", "steps@2\n", 1), ["FB204 `steps@2` is not allowed here"]),
        (DAY.replace("count: 2", "counts: 2"), ["FB301 no output named `counts`"]),
        (DAY.replace("restart: true", "restart: 1"), ["FB203 `true` or `false` is expected here, not `1`"]),
        (DAY.replace("scenarios:", "scenario:"), ["FB201 `scenario` is not known here"]),
        ("- a list", ["FB203 a mapping is expected here, not a list or a text"]),
        ("language: [", ["FB102 "]),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_file(steps: Path, text: str, findings: list[str]) -> None:
    beside(steps, text)
    found = told(steps)
    assert len(found) == len(findings)
    assert all(each.startswith(start) for each, start in zip(sorted(found), sorted(findings), strict=True)), found


def test_the_other_version_of_a_pack_is_left_alone(steps: Path) -> None:
    newer = steps.with_name("2.0.0.yaml")
    newer.write_text(PACK.format(version="2.0.0"), encoding="utf-8")
    beside(steps, DAY.replace("steps\n", "steps@^2\n", 1))
    assert told(steps) == told(newer) == []
    assert (names(steps), names(newer)) == (["first"], ["a_day", "first"])


def test_a_restart_goes_on_from_what_was_saved(steps: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    beside(steps, DAY)
    checked = load(steps, scenarios=True).checked
    assert checked
    assert run_examples(checked.pack, checked.examples).passed
    monkeypatch.setattr(Policy, "restored_state", lambda self, _: self.start)
    assert not run_examples(checked.pack, checked.examples).passed


def test_a_file_of_scenarios_may_be_named(steps: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = beside(steps, DAY)
    assert main(["test", str(path), "--snapshots", "0"]) == 0
    assert "2 examples" in capsys.readouterr().out
    beside(steps, DAY.replace("count: 2", "count: 3"))
    assert main(["test", str(path), "--snapshots", "0"]) == 1
    assert "days.yaml:4:3" in capsys.readouterr().out
    assert main(["lint", str(path)]) == 0


def test_the_shipped_policies_have_some_with_restarts() -> None:
    found: dict[str, Any] = {path.parent.parent.name: path for path in ROOT.glob("policies/*/tests/*.yaml")}
    assert found.keys() == {path.parent.name for path in ROOT.glob("policies/*/policy.yaml")}
    assert all("restart: true" in path.read_text(encoding="utf-8") for path in found.values())
