"""`flyball fmt` on files that can be written."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from .conftest import PACKS, Flyball

MESSY = b"language:   1\npack: guard\n"
TIDY = b"language: 1\npack: guard\n"


def test_writes_and_then_rests(flyball: Flyball, tmp_path: Path) -> None:
    path = tmp_path / "guard.yaml"
    path.write_bytes(MESSY)
    ended = flyball("fmt", str(path))
    assert (ended.code, ended.out) == (0, f"{path}: laid out\n1 changed\n")
    assert path.read_bytes() == TIDY
    assert flyball("fmt", str(path), "--check").out == "1 unchanged\n"


def test_check_and_diff_write_nothing(flyball: Flyball, tmp_path: Path) -> None:
    path = tmp_path / "guard.yaml"
    path.write_bytes(MESSY)
    ended = flyball("fmt", str(path), "--check")
    assert (ended.code, ended.out) == (1, f"{path}: would be laid out anew\n1 would change\n")
    ended = flyball("fmt", str(path), "--diff")
    assert ended.code == 1
    assert ended.out.splitlines()[2:] == [
        "@@ -1,2 +1,2 @@",
        "-language:   1",
        "+language: 1",
        " pack: guard",
        "1 would change",
    ]
    assert path.read_bytes() == MESSY


def test_a_broken_file_is_left_alone_and_the_others_are_not(
    flyball: Flyball, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken, messy, locked = (tmp_path / name for name in ("a.yaml", "b.yaml", "c.yaml"))
    broken.write_bytes(b"pack: a: b\n")
    messy.write_bytes(MESSY)
    locked.write_bytes(MESSY)
    locked.chmod(0o444)
    ended = flyball("fmt", f"{tmp_path}/")
    assert ended.code == 1
    assert "error[FB102]: `:` cannot stand here" in ended.out
    assert f"error: {locked} is read-only and is left as it is" in ended.out
    assert ended.out.endswith("1 changed, 2 left alone\n")
    monkeypatch.chdir(tmp_path)  # a file is spoken of as it was named
    assert "error: c.yaml is read-only" in flyball("fmt", "c.yaml").out
    assert (broken.read_bytes(), messy.read_bytes(), locked.read_bytes()) == (b"pack: a: b\n", TIDY, MESSY)


def test_a_released_version_is_left_as_it_is(flyball: Flyball, tmp_path: Path) -> None:
    """Its layout is part of what was released; one that was edited is laid out as any other."""
    path = tmp_path / "guard" / "1.0.0.yaml"
    path.parent.mkdir()
    released = (PACKS / "good.yaml").read_bytes().replace(b"language: 1", b"language:   1")
    path.write_bytes(released)
    assert flyball("fmt", f"{tmp_path}/", "--check").code == 1
    assert flyball("bump", f"{tmp_path}/", "--release").code == 0
    assert flyball("fmt", f"{tmp_path}/", "--check").code == 0
    assert flyball("fmt", f"{tmp_path}/").out == "1 unchanged\n"
    assert path.read_bytes() == released and flyball("bump", f"{tmp_path}/", "--check").code == 0
    path.write_bytes(released + b"# edited\n")
    assert flyball("fmt", f"{tmp_path}/").out.endswith("1 changed\n")


def test_json(flyball: Flyball, tmp_path: Path) -> None:
    path = tmp_path / "guard.yaml"
    path.write_bytes(MESSY)
    (found,) = json.loads(flyball("fmt", str(path), "--check", "--format", "json").out)
    assert found == {"file": str(path), "status": "changed", "problem": None, "findings": []}
