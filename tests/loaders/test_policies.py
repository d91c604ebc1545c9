"""Which policy a reference names, which packs it then stands on, and what sets the parameters of its packs."""

from __future__ import annotations

from pathlib import Path

import pytest

import flyball
from flyball.loaders.lookup import NotFoundError, find_policy

GUARD = """
language: 1
pack: guard
version: 1.0.0
inputs:
  load: {type: number, range: [0, 100]}
parameters:
  limit: {value: 5, range: [0, 100], why: Half}
outputs:
  allow: {type: boolean, start: load <= limit, safe: false}
"""
POLICY = "language: 1\npolicy: {name}\nversion: 1.0.0\nuse:\n  {part}: {{pack: guard@1}}\n"


@pytest.fixture
def place(tmp_path: Path) -> Path:
    for name, part in (("guard", "mine"), ("desk", "guard")):
        (tmp_path / "policies" / name).mkdir(parents=True)
        (tmp_path / "policies" / name / "policy.yaml").write_text(POLICY.format(name=name, part=part))
    (tmp_path / "rules" / "guard").mkdir(parents=True)
    (tmp_path / "rules" / "guard" / "1.0.0.yaml").write_text(GUARD)
    return tmp_path


def test_a_bare_name_is_a_policy_before_it_is_a_pack(place: Path) -> None:
    rules = str(place / "rules")
    assert find_policy("guard", rules) == place / "policies" / "guard" / "policy.yaml"
    assert find_policy("guard@1", rules) == place / "rules" / "guard" / "1.0.0.yaml"
    assert find_policy("desk", rules) == place / "policies" / "desk" / "policy.yaml"


def test_a_pack_of_ones_own_comes_before_a_shipped_policy(tmp_path: Path) -> None:
    (tmp_path / "orchestrator").mkdir()
    (tmp_path / "orchestrator" / "3.0.0.yaml").touch()
    assert find_policy("orchestrator", str(tmp_path)) == tmp_path / "orchestrator" / "3.0.0.yaml"
    assert find_policy("orchestrator").name == "policy.yaml"


def test_folders_and_files(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(place)
    assert find_policy("policies/desk") == Path("policies/desk/policy.yaml")
    assert find_policy("policies/desk/") == Path("policies/desk/policy.yaml")
    assert find_policy("policies/desk/policy.yaml") == Path("policies/desk/policy.yaml")


def test_nothing_of_that_name(place: Path) -> None:
    with pytest.raises(NotFoundError, match=r"no pack or policy `dsk` .*did you mean `desk`\?"):
        find_policy("dsk", str(place / "rules"))


def test_packs_beside_a_policy_are_found(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert flyball.load(place / "policies" / "desk" / "policy.yaml").decide({"load": 5})["allow"] is True
    monkeypatch.chdir(place / "policies" / "desk")
    assert flyball.load("./policy.yaml").decide({"load": 5})["allow"] is True


def test_an_edited_pack_is_seen_behind_the_cache(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FLYBALL_NO_CACHE", raising=False)
    monkeypatch.setenv("FLYBALL_CACHE_DIR", str(place / "cache"))
    path = place / "policies" / "desk" / "policy.yaml"
    assert [flyball.load(path).decide({"load": 6})["allow"] for _ in range(2)] == [False, False]
    (place / "rules" / "guard" / "1.0.0.yaml").write_text(GUARD.replace("value: 5", "value: 6"))
    assert flyball.load(path).decide({"load": 6})["allow"] is True
    (place / "rules" / "guard" / "1.0.1.yaml").write_text(GUARD.replace("1.0.0", "1.0.1"))
    assert flyball.load(path).decide({"load": 6})["allow"] is False


@pytest.mark.parametrize("name", ["mine.limit", "guard.limit"])
def test_a_pack_of_the_name_of_its_policy_is_set_by_either(place: Path, name: str) -> None:
    policy = flyball.load("guard", rules=str(place / "rules"), settings={name: "7"})
    assert policy.decide({"load": 7})["allow"] is True


def test_a_policy_cannot_be_used_as_a_pack(place: Path) -> None:
    text = (
        (place / "policies" / "desk" / "policy.yaml").read_text().replace("desk", "loop").replace("guard@1", "loop@1")
    )
    (place / "rules" / "loop").mkdir()
    (place / "rules" / "loop" / "1.0.0.yaml").write_text(text)
    with pytest.raises(flyball.LoadError) as refused:
        flyball.load("loop@1", rules=str(place / "rules"))
    (finding,) = refused.value.findings
    assert (finding.code, finding.help) == ("FB802", "it is a policy, and `use` takes packs")
