"""`flyball init`: what it writes works at once, by the commands that its own checks run."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from flyball.loaders.starting import FILES, LOCKS

from .conftest import Flyball, Git


@pytest.fixture
def begun(flyball: Flyball, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "desk"
    assert flyball("init", str(folder)).code == 0
    monkeypatch.chdir(folder)
    return folder


def test_the_files(begun: Path) -> None:
    assert {path.relative_to(begun).as_posix() for path in begun.rglob("*") if path.is_file()} == {*FILES, *LOCKS}


def test_the_workflow_passes(begun: Path, flyball: Flyball) -> None:
    workflow = yaml.safe_load((begun / ".github/workflows/rules.yaml").read_text())
    steps = [step["run"] for step in workflow["jobs"]["check"]["steps"] if "run" in step]
    commands = [shlex.split(step)[1:] for step in steps if step.startswith("flyball") and "$" not in step]
    assert [command[0] for command in commands] == ["lint", "fmt", "test", "bump", "update"]
    for command in commands:
        ended = flyball(*command)
        assert ended.code == 0, ended
    assert "no findings" in flyball("lint", "rules/", "policies/").out


def test_a_pull_request_is_told_what_it_changes(git: Git, begun: Path, flyball: Flyball, tmp_path: Path) -> None:
    """The first one, which brings the folders, has nothing to compare them with."""
    script = yaml.safe_load((begun / ".github/workflows/rules.yaml").read_text())["jobs"]["check"]["steps"][-1]["run"]
    git("add", "README.md")
    git("commit", "-m", "before")
    git("update-ref", "refs/remotes/origin/main", "HEAD")
    assert _told(script, tmp_path) == ""
    git("add", ".")
    git("commit", "-m", "begin")
    git("update-ref", "refs/remotes/origin/main", "HEAD")
    assert flyball("set", "loss_guard.daily_loss_limit", "2.5", "--rules", "rules").code == 0
    assert "| `daily_loss_limit` | `3` | `2.5` | −16.7 % |" in _told(script, tmp_path)


def _told(script: str, place: Path) -> str:
    """What the last step of the workflow writes, as GitHub's shell runs it."""
    summary, command = place / "summary.md", place / "flyball"
    summary.write_text("")
    command.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m flyball.cli.main "$@"\n')
    command.chmod(0o755)
    path = os.pathsep.join((str(place), os.environ["PATH"]))
    named = {"GITHUB_BASE_REF": "main", "GITHUB_STEP_SUMMARY": str(summary), "PATH": path}
    subprocess.run(["bash", "-e", "-c", script], env={**os.environ, **named}, check=True, capture_output=True)
    return summary.read_text(encoding="utf-8")


def test_the_hooks_pass(begun: Path, flyball: Flyball) -> None:
    hooks = yaml.safe_load((begun / ".pre-commit-config.yaml").read_text())["repos"][0]["hooks"]
    names = ["rules/loss_guard/1.0.0.yaml", "policies/desk/policy.yaml"]
    before = [Path(name).read_bytes() for name in names]
    for hook in hooks:
        files = [name for name in [*names, "README.md", ".pre-commit-config.yaml"] if re.search(hook["files"], name)]
        assert files == names
        assert flyball(*shlex.split(hook["entry"])[1:], *files).code == 0
    assert [Path(name).read_bytes() for name in names] == before


def test_the_readme_does_what_it_says(git: Git, begun: Path, flyball: Flyball) -> None:
    git("add", ".")
    git("commit", "-m", "begin")
    text = (begun / "README.md").read_text()
    commands = [shlex.split(each)[1:] for each in re.findall("`(flyball [a-z].*?)`", text)]
    assert {command[0] for command in commands} >= {"lint", "test", "decide", "set", "bump"}
    for command in commands:
        assert flyball(*command).code == 0, command
    assert (begun / "rules/loss_guard/1.1.0.yaml").exists()
    assert "loss_guard@^1: {version: 1.1.0," in (begun / "policies/desk/lock.yaml").read_text()


def test_editors_know_the_schemas(begun: Path) -> None:
    settings = json.loads((begun / ".vscode/settings.json").read_text())
    for schema, pattern in settings["yaml.schemas"].items():
        assert (begun / schema).is_file()
        (pack,) = begun.glob(pattern)
        head = pack.read_text().partition("\n")[0]
        assert (pack.parent / head.partition("$schema=")[2]).resolve() == (begun / schema).resolve()


def test_nothing_is_overwritten(flyball: Flyball, tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("mine")
    ended = flyball("init", str(tmp_path))
    assert ended.code == 2 and f"{tmp_path / 'README.md'} is there; nothing was written" in ended.err
    assert [path.name for path in tmp_path.iterdir()] == ["README.md"]
    again = flyball("init", str(tmp_path / "new"), "--format", "json")
    assert len(json.loads(again.out)["written"]) == len(FILES) + len(LOCKS)
    assert "are there; nothing was written" in flyball("init", str(tmp_path / "new")).err
