"""Runs commands in this process, in a folder where the names of files are short."""

from __future__ import annotations

import io
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from flyball.cli.main import main

PACKS = Path(__file__).parent / "packs"


@dataclass(frozen=True)
class Ended:
    """How a command ended, and what it printed."""

    code: int
    out: str
    err: str


Flyball = Callable[..., Ended]
Git = Callable[..., None]


@pytest.fixture
def flyball(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Flyball:
    """`flyball(*arguments, stdin=…)`, with the packs of this folder as the working folder."""
    monkeypatch.chdir(PACKS)
    monkeypatch.delenv("FLYBALL_RULES", raising=False)
    monkeypatch.setenv("COLUMNS", "100")  # argparse wraps at the terminal's width

    def run(*arguments: str, stdin: bytes = b"") -> Ended:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        code = main(arguments)
        printed = capsys.readouterr()
        return Ended(code, printed.out, printed.err)

    return run


@pytest.fixture
def git(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Git:
    """`git(*arguments)` in a new repository, which is the working folder."""
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "none"))
    folder = tmp_path / "desk"
    folder.mkdir()

    def run(*arguments: str) -> None:
        who = ["-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "init.defaultBranch=main"]
        subprocess.run(["git", *who, *arguments], cwd=folder, check=True, capture_output=True)

    run("init")
    return run
