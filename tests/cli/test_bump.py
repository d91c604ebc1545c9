"""`flyball bump`: the number that changes need, released files, and `lock.yaml`."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from flyball.loaders import lookup
from flyball.loaders.packs import SHIPPED

from .conftest import PACKS, Flyball

GOOD = (PACKS / "good.yaml").read_text()


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    """A folder of packs with one in it."""
    folder = tmp_path / "rules"
    (folder / "guard").mkdir(parents=True)
    (folder / "guard" / "1.0.0.yaml").write_text(GOOD)
    return folder


def tuned(version: str, limit: str = "2.5", **more: str) -> str:
    text = GOOD.replace("value: 3.0", f"value: {limit}").replace("version: 1.0.0", f"version: {version}")
    return text + "".join(f"{key}: {value}\n" for key, value in more.items())


def test_release_and_release_again(flyball: Flyball, rules: Path) -> None:
    ended = flyball("bump", str(rules), "--check")
    assert (ended.code, ended.out) == (0, "0 released, not yet released: guard 1.0.0\n")
    assert flyball("bump", str(rules), "--release").out == "released guard 1.0.0\n"
    lock = (rules / "lock.yaml").read_text()
    assert flyball("bump", str(rules), "--release").out == "1 released\n"
    assert (rules / "lock.yaml").read_text() == lock
    assert flyball("lint", f"{rules}/").code == 0


def test_a_comment_and_crlf(flyball: Flyball, rules: Path) -> None:
    """Git may change line breaks; a comment is what people reviewed."""
    flyball("bump", str(rules), "--release")
    path = rules / "guard" / "1.0.0.yaml"
    path.write_bytes("\ufeff".encode() + GOOD.encode().replace(b"\n", b"\r\n"))
    assert flyball("bump", str(rules), "--check").code == 0
    path.write_text(f"{GOOD}# better so\n")
    ended = flyball("bump", str(rules), "--check")
    assert ended.code == 1 and "error[FB601]: `guard` 1.0.0 is released" in ended.out
    linted = flyball("lint", str(path))
    assert linted.code == 1 and "error[FB601]" in linted.out


@pytest.mark.parametrize(
    ("version", "change", "needed"),
    [
        ("1.0.0", {"title": "Another"}, "1.0.1"),
        ("1.0.1", {"title": "Another"}, None),
        ("1.0.1", {"limit": "2.0"}, "1.1.0"),
        ("1.1.0", {"limit": "2.0"}, None),
    ],
)
def test_the_number_that_is_needed(
    version: str, change: dict[str, str], needed: str | None, flyball: Flyball, rules: Path
) -> None:
    flyball("bump", str(rules), "--release")
    text = GOOD.replace("value: 3.0", f"value: {change.get('limit', '3.0')}").replace(
        "version: 1.0.0", f"version: {version}"
    )
    text += "changes: Better\n" + ("notes: Another\n" if "title" in change else "")
    path = rules / "guard" / f"{version}.yaml"
    if version == "1.0.0":
        subprocess.run("git init -q && git add . && git -c user.name=a -c user.email=a@example.org commit -qm a",
                       shell=True, check=True, cwd=rules)  # fmt: skip
    path.write_text(text)
    checked = flyball("bump", str(rules), "--check")
    assert checked.code == (1 if needed else 0)
    assert path.read_text() == text
    ended = flyball("bump", str(rules))
    assert ended.code == 0, ended.out
    if needed is None:
        assert path.read_text() == text
    else:
        assert f"guard: {version} is now {needed}" in ended.out
        assert (rules / "guard" / f"{needed}.yaml").read_text() == text.replace(
            f"version: {version}", f"version: {needed}"
        )
        assert (rules / "guard" / "1.0.0.yaml").read_text() == GOOD
        assert sorted(each.stem for each in (rules / "guard").iterdir()) == ["1.0.0", needed]
    assert flyball("bump", str(rules), "--check").code == 0


def test_an_edited_release_that_is_read_only_is_left_alone(flyball: Flyball, rules: Path) -> None:
    """Nothing is written beside it either."""
    flyball("bump", str(rules), "--release")
    subprocess.run("git init -q && git add . && git -c user.name=a -c user.email=a@example.org commit -qm a",
                   shell=True, cwd=rules, check=True)  # fmt: skip
    path = rules / "guard" / "1.0.0.yaml"
    path.write_text(tuned("1.0.0"))
    path.chmod(0o444)
    ended = flyball("bump", str(rules))
    assert ended.code == 2 and f"{path} is read-only and is left as it is" in ended.err
    assert [each.name for each in path.parent.iterdir()] == ["1.0.0.yaml"] and path.read_text() == tuned("1.0.0")


def test_an_edited_release_that_git_does_not_know_is_left_alone(flyball: Flyball, rules: Path) -> None:
    flyball("bump", str(rules), "--release")
    path = rules / "guard" / "1.0.0.yaml"
    path.write_text(tuned("1.0.0"))
    ended = flyball("bump", str(rules))
    assert ended.code == 1 and "FB601" in ended.out
    assert path.read_text() == tuned("1.0.0") and len(list(path.parent.iterdir())) == 1


def test_notes_of_the_version_before_are_none(flyball: Flyball, rules: Path) -> None:
    flyball("bump", str(rules), "--release")
    for number, limit in (("1.1.0", "2.5"), ("1.2.0", "2.0")):
        (rules / "guard" / f"{number}.yaml").write_text(tuned(number, limit, changes="Tighter"))
    ended = flyball("bump", str(rules), "--check")
    assert ended.code == 1 and "warning[FB608]: 1.2.0 does not say what it changed" in ended.out
    assert "1.1.0 does not say" not in ended.out


def test_what_has_errors_is_not_released(flyball: Flyball, rules: Path) -> None:
    (rules / "guard" / "1.1.0.yaml").write_text(GOOD.replace("version: 1.0.0", "version: 1.1.0").replace("<=", "<<"))
    ended = flyball("bump", str(rules), "--release")
    assert ended.code == 1 and not (rules / "lock.yaml").exists()


def test_a_number_that_is_taken(flyball: Flyball, rules: Path) -> None:
    """Two edits at once: 1.0.1 needs 1.1.0, which is there."""
    (rules / "guard" / "1.0.1.yaml").write_text(tuned("1.0.1", changes="a"))
    (rules / "guard" / "1.1.0.yaml").write_text(tuned("1.1.0", "2.0", changes="b"))
    ended = flyball("bump", str(rules))
    assert ended.code == 2 and "1.1.0.yaml is there already" in ended.err
    assert (rules / "guard" / "1.0.1.yaml").read_text() == tuned("1.0.1", changes="a")


def test_a_withdrawn_version_is_passed_over(flyball: Flyball, rules: Path) -> None:
    (rules / "guard" / "1.1.0.yaml").write_text(tuned("1.1.0", changes="a"))
    flyball("bump", str(rules), "--release")
    lock = rules / "lock.yaml"
    assert lookup.find("guard", str(rules)).stem == "1.1.0"
    head, found, rest = lock.read_text().partition("  1.1.0:\n")
    lock.write_text(f"{head}{found}    yanked: 'Too tight: stops at noon'\n{rest}")
    assert lookup.find("guard", str(rules)).stem == "1.0.0"
    assert lookup.find("guard@1", str(rules)).stem == "1.0.0"
    assert lookup.find("guard@1.1.0", str(rules)).stem == "1.1.0"
    (rules / "guard" / "1.2.0.yaml").write_text(tuned("1.2.0", "2.2", changes="a"))
    assert flyball("bump", str(rules), "--release").code == 0
    assert 'yanked: "Too tight: stops at noon"' in lock.read_text()
    assert flyball("bump", str(rules), "--check").code == 0


def test_a_lock_that_withdraws_and_cannot_be_read_stops(flyball: Flyball, rules: Path) -> None:
    (rules / "guard" / "1.1.0.yaml").write_text(tuned("1.1.0", changes="a"))
    (rules / "lock.yaml").write_text("guard: [yanked\n")
    ended = flyball("params", "guard", "--rules", str(rules))
    assert ended.code == 2 and "lock.yaml cannot be read" in ended.err


def test_json(flyball: Flyball, rules: Path) -> None:
    found = json.loads(flyball("bump", str(rules), "--release", "--format", "json").out)
    assert found == {"moved": [], "released": ["guard@1.0.0"], "unreleased": [], "findings": []}


def test_what_cannot_start(flyball: Flyball, tmp_path: Path) -> None:
    assert "no pack in" in flyball("bump", str(tmp_path)).err
    assert "did you mean `orchestrator`?" in flyball("bump", "orchestratr").err
    assert "give one of them" in flyball("bump", "orchestrator", "--check", "--release").err


def test_shipped_versions_are_in_order(flyball: Flyball) -> None:
    ended = flyball("bump", str(SHIPPED), "--check")
    assert ended.code == 0, ended.out
