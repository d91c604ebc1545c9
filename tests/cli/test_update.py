"""`flyball update`: the lock of a policy, what changes in it, and that everything else takes what it names."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import flyball as package
from flyball.loaders.packs import load

LIMITS = """
language: 1
pack: limits
version: {version}
import: [units@1]
inputs:
  capital: {{type: number, range: [0, 1000]}}
outputs:
  size: {{type: number, start: {size}, range: [0, 5000], safe: 0}}
  tone: {{type: Tone, start: LOUD, safe: LOUD}}
"""
UNITS = "language: 1\nvocabulary: units\nversion: 1.0.0\ntypes: {Tone: [QUIET, LOUD]}\n"
DESK = "language: 1\npolicy: desk\nversion: 1.0.0\nuse:\n  limits: {pack: limits@^1}\n"

Flyball = Callable[..., Any]


def add_limits(place: Path, version: str, size: str = "capital") -> None:
    (place / "rules" / "limits" / f"{version}.yaml").write_text(LIMITS.format(version=version, size=size))


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A repository: packs in `rules`, policies beside it."""
    for name in ("rules/limits", "rules/units", "policies/desk"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "rules" / "units" / "1.0.0.yaml").write_text(UNITS)
    (tmp_path / "policies" / "desk" / "policy.yaml").write_text(DESK)
    add_limits(tmp_path, "1.0.0")
    return tmp_path


@pytest.fixture
def desk(place: Path) -> str:
    return str(place / "policies" / "desk")


def size(desk: str) -> Any:
    return package.load(f"{desk}/").decide({"capital": 10})["size"]


def test_the_lock_holds_what_the_newest_would_change(place: Path, desk: str, flyball: Flyball) -> None:
    first = flyball("update", desk)
    assert (first.code, first.out) == (
        0, f"limits@^1: 1.0.0, new\nunits@1: 1.0.0, new\n{desk}/lock.yaml: written\n"
    )  # fmt: skip
    assert size(desk) == 10
    add_limits(place, "1.1.0", "2 * capital")
    assert size(desk) == 10
    assert flyball("update", desk, "--check").code == 1
    assert size(desk) == 10
    assert flyball("update", desk).out == f"limits@^1: 1.0.0 → 1.1.0\n{desk}/lock.yaml: written\n"
    assert size(desk) == 20
    last = flyball("update", desk, "--check")
    assert (last.code, last.out) == (0, f"{desk}/lock.yaml: nothing to change\n")


def test_without_a_lock_the_newest_is_taken_and_said(place: Path, desk: str, flyball: Flyball) -> None:
    add_limits(place, "1.1.0", "2 * capital")
    assert size(desk) == 20
    ended = flyball("lint", desk)
    assert ended.code == 1
    assert "warning[FB820]" in ended.out


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (lambda place: add_limits(place, "1.0.0", "3 * capital"), "has changed since it was locked"),
        (lambda place: (place / "rules/limits/1.0.0.yaml").rename(place / "rules/limits/1.0.1.yaml"), "is not found"),
        (lambda place: _edit(place, "limits@^1", "limits@1"), "does not say which version `limits@1` is"),
        (lambda place: _edit_lock(place, "1.0.0", "2.0.0"), "is no version that `limits@^1` asks for"),
        (
            lambda place: (place / "rules/units/1.0.0.yaml").write_text(UNITS + "title: x\n"),
            "`units@1.0.0` has changed",
        ),
    ],
)
def test_a_lock_that_no_longer_fits(
    place: Path, desk: str, flyball: Flyball, change: Callable[[Path], object], problem: str
) -> None:
    flyball("update", desk)
    change(place)
    findings = load(place / "policies" / "desk" / "policy.yaml").findings
    assert [each.code for each in findings] == ["FB821"]
    assert problem in findings[0].message
    assert findings[0].span
    with pytest.raises(package.LoadError, match="FB821"):
        size(desk)
    assert flyball("decide", f"{desk}/", stdin=b'{"capital": 10}').code == 2
    flyball("update", desk)
    assert size(desk) in (10, 30)


def test_a_locked_pack_that_is_gone_is_one_finding(place: Path, desk: str, flyball: Flyball) -> None:
    flyball("update", desk)
    (place / "rules/limits/1.0.0.yaml").unlink()
    findings = load(place / "policies" / "desk" / "policy.yaml").findings
    assert [each.code for each in findings if each.severity == "error"] == ["FB801"]


def _edit(place: Path, before: str, after: str) -> None:
    path = place / "policies" / "desk" / "policy.yaml"
    path.write_text(path.read_text().replace(before, after))


def _edit_lock(place: Path, before: str, after: str) -> None:
    path = place / "policies" / "desk" / "lock.yaml"
    lines = path.read_text().splitlines()
    path.write_text("\n".join(line.replace(before, after) if "limits" in line else line for line in lines))


def test_a_lock_that_cannot_be_read_is_reported_where_it_is_wrong(place: Path, desk: str, flyball: Flyball) -> None:
    lock = place / "policies" / "desk" / "lock.yaml"
    for text, code in (
        ("a: [", "FB102"),
        ("language: 1\nlock: desk\npaks: {}\npacks: {}\n", "FB201"),
        ("- a\n", "FB203"),
    ):
        lock.write_text(text)
        (finding,) = load(place / "policies" / "desk" / "policy.yaml").findings
        assert finding.code == code
        assert finding.span is None or finding.span.source.name == str(lock)
    assert flyball("update", desk).code == 0
    assert load(place / "policies" / "desk" / "policy.yaml").findings == ()


def test_what_has_no_lock(place: Path, flyball: Flyball) -> None:
    ended = flyball("update", str(place / "rules" / "limits" / "1.0.0.yaml"))
    assert ended.code == 2
    assert "has no lock" in ended.err


def test_a_policy_that_cannot_be_checked_is_not_locked(place: Path, desk: str, flyball: Flyball) -> None:
    _edit(place, "limits@^1", "limits@^7")
    ended = flyball("update", desk)
    assert ended.code == 2
    assert "FB801" in ended.err
    assert not (place / "policies" / "desk" / "lock.yaml").exists()


def test_a_lock_that_may_not_be_written(place: Path, desk: str, flyball: Flyball) -> None:
    flyball("update", desk)
    add_limits(place, "1.1.0")
    (place / "policies" / "desk" / "lock.yaml").chmod(0o400)
    ended = flyball("update", desk)
    assert ended.code == 2
    assert "read-only" in ended.err


def test_changes_as_json(place: Path, flyball: Flyball) -> None:
    (lock,) = json.loads(flyball("update", str(place / "policies"), "--format", "json").out)["locks"]
    assert lock["changed"]
    assert {"kind": "packs", "reference": "limits@^1", "from": None, "to": "1.0.0"} in lock["changes"]
