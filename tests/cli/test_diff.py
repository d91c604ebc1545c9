"""`flyball diff` on names, files, folders and revisions of git."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from flyball.loaders.lookup import SHIPPED

from .conftest import PACKS, Flyball, Git

GOOD = (PACKS / "good.yaml").read_text()
TUNED = GOOD.replace("value: 3.0", "value: 2.5")


def test_a_pack_and_itself(flyball: Flyball) -> None:
    ended = flyball("diff", "good.yaml", "good.yaml")
    assert (ended.code, ended.out, ended.err) == (0, "", "")
    found = json.loads(flyball("diff", "good.yaml", "good.yaml", "--format", "json").out)
    assert (found["changes"], found["level"], found["same_meaning"]) == ([], "none", True)


def test_a_file_of_another_place_is_the_same_pack(flyball: Flyball, tmp_path: Path) -> None:
    (tmp_path / "copy.yaml").write_text(f"# a note\n{GOOD}")
    assert flyball("diff", "good.yaml", str(tmp_path / "copy.yaml")).out == ""


def test_json(flyball: Flyball, tmp_path: Path) -> None:
    (tmp_path / "tuned.yaml").write_text(TUNED)
    found = json.loads(flyball("diff", "good.yaml", str(tmp_path / "tuned.yaml"), "--format", "json").out)
    (change,) = found["changes"]
    assert (change["section"], change["name"], change["before"], change["after"]) == (
        "parameters",
        "loss_limit",
        3.0,
        2.5,
    )
    assert (found["level"], found["enough"]) == ("minor", False)


def test_the_folder_of_one_pack_or_policy(
    flyball: Flyball, git: Git, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it imports and uses lies beside it."""
    text = "language: 1\npack: guard\nversion: 1.0.0\nimport: [moods@1]\ninputs: {mood: {type: Mood}}\n"
    files = {
        "rules/moods/1.0.0.yaml": "language: 1\nvocabulary: moods\nversion: 1.0.0\ntypes: {Mood: [CALM, WILD]}\n",
        "rules/guard/1.0.0.yaml": text + "outputs: {open: {type: boolean, start: mood == CALM, safe: false}}\n",
        "policies/desk/policy.yaml": "language: 1\npolicy: desk\nversion: 1.0.0\nuse: {one: {pack: guard@1}}\n",
    }
    for name, content in files.items():
        path = tmp_path / "desk" / name
        path.parent.mkdir(parents=True)
        path.write_text(content)
    monkeypatch.chdir(tmp_path / "desk")
    assert flyball("update", "policies/desk").code == 0
    git("add", ".")
    git("commit", "-m", "begin")
    path = Path("rules/guard/1.0.0.yaml")
    path.write_text(path.read_text().replace("== CALM", "!= WILD"))
    policy = Path("policies/desk/policy.yaml")
    policy.write_text(policy.read_text().replace("version", "title: Desk\nversion"))
    ended = flyball("diff", "HEAD:rules/guard", "rules/guard")
    assert "~ open.start  mood == CALM → mood != WILD" in ended.out, ended
    flyball("update", "policies/desk")
    ended = flyball("diff", "HEAD:policies/desk", "policies/desk")
    assert ended.code == 0 and "+ title    Desk" in ended.out, ended


def test_a_revision_and_the_working_tree(
    flyball: Flyball, git: Git, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = tmp_path / "desk"
    pack = desk / "rules" / "guard" / "1.0.0.yaml"
    pack.parent.mkdir(parents=True)
    pack.write_text(GOOD)
    git("add", ".")
    git("commit", "-m", "begin")
    pack.write_text(TUNED)
    (pack.parent / "1.1.0.yaml").write_text(TUNED.replace("version: 1.0.0", "version: 1.1.0").replace("2.5", "2.0"))
    (desk / "rules" / "other").mkdir()
    (desk / "rules" / "other" / "1.0.0.yaml").write_text(GOOD.replace("pack: guard", "pack: other"))
    monkeypatch.chdir(desk)
    one = flyball("diff", "HEAD:rules/guard/1.0.0.yaml", "rules/guard/1.0.0.yaml")
    assert "~ loss_limit  3 → 2.5 percent  −16.7 %" in one.out and one.code == 0
    whole = flyball("diff", "HEAD:rules", "rules")
    assert "~ loss_limit  3 → 2.5 percent" in whole.out
    assert "guard 1.0.0 → 1.1.0" in whole.out and "~ loss_limit  2.5 → 2 percent  −20 %" in whole.out
    assert whole.out.endswith("other/1.0.0.yaml: new\n")
    assert flyball("diff", "rules", "HEAD:rules").out.endswith("guard/1.1.0.yaml: gone\nother/1.0.0.yaml: gone\n")
    assert flyball("diff", "rules/", "rules/").out == ""


def test_policies(flyball: Flyball, git: Git, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A policy of a revision stands on the packs of that revision."""
    desk = tmp_path / "desk"
    flyball("init", str(desk))
    git("add", ".")
    git("commit", "-m", "begin")
    monkeypatch.chdir(desk)
    path = desk / "policies" / "desk" / "policy.yaml"
    assert flyball("diff", "HEAD:policies", "policies").out == ""
    assert flyball("diff", "HEAD:policies/desk/policy.yaml", str(path)).out == ""
    limit = "parameters: {daily_loss_limit: {value: 2.0, why: Young book}}"
    path.write_text(path.read_text().replace("loss_guard@^1,", f"loss_guard@^1, {limit},"))
    for before, after in (("HEAD:policies", "policies"), ("HEAD:policies/desk/policy.yaml", str(path))):
        told = flyball("diff", before, after).out
        assert "use\n  ~ guard.daily_loss_limit  3 → 2 percent  −33.3 %" in told and "why: Young book" in told, told
        assert "values or rules changed: needs a minor version" in told
    told = flyball("diff", "policies", "HEAD:policies").out
    assert "~ guard.daily_loss_limit  2 → 3 percent  +50 %" in told
    assert json.loads(flyball("diff", "HEAD:policies", "policies", "--format", "json").out)["packs"][0]["changes"] == [
        {
            "section": "use", "name": "guard.daily_loss_limit", "kind": "changed", "level": "minor",
            "before": 3.0, "after": 2.0, "relative": -1 / 3, "unit": "percent", "why": "Young book",
        },
        {
            "section": "use", "name": "guard.daily_loss_limit.why", "kind": "changed", "level": "patch",
            "before": "Loss at which the desk stops", "after": "Young book",
        },
    ]  # fmt: skip


def test_a_policy_that_was_updated(flyball: Flyball, git: Git, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its lock alone changed: the versions that it stands on, and with them the values in force."""
    desk = tmp_path / "desk"
    flyball("init", str(desk))
    git("add", ".")
    git("commit", "-m", "begin")
    monkeypatch.chdir(desk)
    flyball("set", "loss_guard.daily_loss_limit", "2.5", "--why", "Young", "--rules", "rules")
    assert flyball("diff", "HEAD:policies", "policies").out == ""
    assert flyball("update", "policies/").code == 0
    told = flyball("diff", "HEAD:policies", "policies")
    assert told.code == 0, told
    assert "use\n  ~ guard.version           1.0.0 → 1.1.0\n  ~ guard.daily_loss_limit  3 → 2.5 percent" in told.out
    assert "values or rules changed: needs a minor version" in told.out


CANNOT_START = {
    "nofile.yaml good.yaml": "no file nofile.yaml",
    "orchestratr orchestrator": "did you mean `orchestrator`?",
    "good.yaml typo.yaml": "error[FB301]",
    "good.yaml ../packs/": "compare two files or two folders",
    "HEAD:nofile.yaml good.yaml": "HEAD:nofile.yaml: git: ",
    "nowhere:good.yaml good.yaml": "nowhere:good.yaml: git: ",
    "good.yaml trading": "is a vocabulary",
}


@pytest.mark.parametrize("arguments", CANNOT_START)
def test_what_cannot_be_compared_says_why(arguments: str, flyball: Flyball) -> None:
    ended = flyball("diff", *arguments.split())
    assert (ended.code, ended.out) == (2, "")
    assert CANNOT_START[arguments] in ended.err


@pytest.mark.parametrize("variable", [True, False])
def test_what_stands_in_front_of_a_shipped_pack_is_said(
    flyball: Flyball, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variable: bool
) -> None:
    shutil.copytree(SHIPPED / "regime_gamma", tmp_path / "regime_gamma")
    shutil.copytree(SHIPPED / "trading", tmp_path / "trading")
    if variable:
        monkeypatch.setenv("FLYBALL_RULES", str(tmp_path))
    result = flyball("params", "regime_gamma@1.0.0", *([] if variable else ["--rules", str(tmp_path)]))
    wanted = {"regime_gamma@1.0.0": "regime_gamma/1.0.0.yaml", "trading@1": "trading/1.0.0.yaml"}
    assert result.code == 0
    assert result.err == "".join(
        f"flyball: `{name}` is {tmp_path / file}, in front of the shipped {SHIPPED / file}\n"
        for name, file in wanted.items()
    )


@pytest.mark.parametrize("cached", [False, True])
def test_packs_that_a_policy_uses_are_said_too(
    flyball: Flyball, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cached: bool
) -> None:
    shutil.copytree(SHIPPED / "policy_stability", tmp_path / "rules" / "policy_stability")
    shutil.copytree(SHIPPED.parent / "policies" / "orchestrator", tmp_path / "policies" / "desk")
    monkeypatch.chdir(tmp_path)
    for _ in range(1 + cached):
        result = flyball("params", "policies/desk", *([] if cached else ["--no-cache"]))
        place = Path("policy_stability") / "1.0.0.yaml"
        wanted = f"` is {'rules' / place}, in front of the shipped {SHIPPED / place}\n"
        assert result.code == 0 and result.err.startswith("flyball: `policy_stability@") and wanted in result.err
        assert len(result.err.splitlines()) == 1


def test_shipped_packs_stand_in_front_of_nothing(flyball: Flyball) -> None:
    assert flyball("params", "regime_gamma", "--rules", f"{SHIPPED}/../rules").err == ""
