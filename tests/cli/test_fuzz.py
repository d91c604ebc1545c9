"""`flyball fuzz`: what it counts, what it finds, and how it ends."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from flyball.cli.main import main
from flyball.engine.backends import reference
from flyball.loaders import packs

Flyball = Callable[..., Any]


def test_nothing_is_found(flyball: Flyball) -> None:
    ended = flyball("fuzz", "--seed", "5", "--packs", "2", "--snapshots", "2", "--mutations", "2")
    assert (ended.code, ended.err) == (0, "")
    assert ended.out == "seed 5: 2 packs × 2 snapshots, 0 differences;\n2 mutated files, 0 failures\n"


def test_a_difference_is_shown_and_saved(flyball: Flyball, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def decide(*_: Any, **__: Any) -> Any:
        raise ZeroDivisionError("of the back end")

    monkeypatch.setattr(reference, "decide", decide)
    given = ["--seed", "5", "--packs", "1", "--snapshots", "2", "--mutations", "0", "--save", str(tmp_path)]
    ended = flyball("fuzz", *given)
    assert ended.code == 1
    assert "seed 5, 2 snapshots: ZeroDivisionError: of the back end\n\nlanguage: 1\n" in ended.out
    assert "1 packs × 2 snapshots, 1 differences" in ended.out
    (pack,), (snapshots,) = tmp_path.glob("*.yaml"), tmp_path.glob("*.json")
    assert packs.load(pack).checked is not None
    assert [list(entry) for entry in json.loads(snapshots.read_text("utf-8"))] == [["snapshot"]]


def test_an_upset_loader_is_shown_and_saved(flyball: Flyball, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def load_bytes(*_: Any) -> Any:
        raise RecursionError("of the loader")

    monkeypatch.setattr(packs, "load_bytes", load_bytes)
    ended = flyball("fuzz", "--seed", "5", "--packs", "0", "--mutations", "1", "--save", str(tmp_path))
    assert ended.code == 1
    assert "seed 5: RecursionError: of the loader" in ended.out
    assert ended.out.endswith("1 mutated files, 1 failures\n")
    assert len(list(tmp_path.glob("*.yaml"))) == 1


def test_an_interruption_says_what_was_done(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def decide(*_: Any, **__: Any) -> Any:
        raise KeyboardInterrupt

    monkeypatch.setattr(reference, "decide", decide)
    assert main(["fuzz", "--seed", "5"]) == 130
    assert capsys.readouterr().out.startswith("seed 5: 0 packs × 20 snapshots, 0 differences;\n")


def test_without_the_checkout_it_says_what_is_missing(flyball: Flyball, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "flyball.tests.strategies.agreement", None)
    ended = flyball("fuzz")
    assert (ended.code, ended.out) == (2, "")
    assert "fuzz runs in the source checkout, with its extra `dev` installed: there is no module `flyball.tests" in (
        ended.err
    )
