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
    assert finding.code == "FB802"
    assert finding.message == "`loop@1` cannot be used: it is a policy, and `use` takes packs"


SOURCE = """language: 1
pack: source
version: 1.0.0
inputs: {level: {type: integer}}
outputs: {amount: {type: integer, start: level, safe: 0}}
"""


def test_a_used_pack_with_errors_is_one_finding_that_names_its_file(tmp_path: Path) -> None:
    rules = tmp_path / "rules"
    broken = SOURCE.replace("source", "sink").replace("amount", "kept").replace("start: level", "start: levl")
    for name, text in (("source", SOURCE), ("sink", broken.replace("{level", "{amount"))):
        (rules / name).mkdir(parents=True)
        (rules / name / "1.0.0.yaml").write_text(text)
    used = "use: {a: {pack: source@1.0.0}, b: {pack: sink@1.0.0}}"
    outputs = "outputs: {kept: {type: integer, start: b.kept, safe: 0}}"
    (tmp_path / "policy.yaml").write_text(f"language: 1\npolicy: desk\nversion: 1.0.0\n{used}\n{outputs}\n")
    with pytest.raises(flyball.LoadError) as refused:
        flyball.load(tmp_path / "policy.yaml", rules=str(rules))
    (finding,) = (each for each in refused.value.findings if each.code != "FB820")
    sink = rules / "sink" / "1.0.0.yaml"
    assert (finding.code, finding.help) == ("FB802", f"see `flyball lint {sink}`")
    assert finding.message == f"`sink@1.0.0` cannot be used: {sink}:5:40: no value named `levl`"


LIMITED = """
language: 1
pack: limited
version: 1.0.0
inputs:
  load: {type: number, range: [0, 100]}
parameters:
  low: {value: 1, range: [0, 100], env: LIMITED_LOW, why: Least}
  high: {value: 50, range: [0, 100], why: Most}
  share: {by: Mood, values: {CALM: 0.5, WILD: 0.1}, range: [0, 1], why: By mood}
types:
  Mood: [CALM, WILD]
requires:
  ordered: low < high
outputs:
  allow: {type: boolean, start: "low <= load <= high and share[CALM] > share[WILD]", safe: false}
"""
PAIR = """
language: 1
policy: pair
version: 1.0.0
use:
  day: {pack: limited@1, parameters: {low: {value: 2, why: Never less by day}}}
  night: {pack: limited@1}
outputs:
  allow: {type: boolean, start: day.allow and night.allow, safe: false}
"""


@pytest.fixture
def pair(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("LIMITED_LOW", raising=False)
    for name, text in (("rules/limited/1.0.0.yaml", LIMITED), ("policies/pair/policy.yaml", PAIR)):
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).write_text(text)
    return tmp_path / "policies" / "pair" / "policy.yaml"


def lows(policy: flyball.Policy) -> tuple[object, object]:
    return policy.parameters["day.low"], policy.parameters["night.low"]


def test_layers_lie_on_each_other(pair: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert lows(flyball.load(pair)) == (2, 1)
    file = tmp_path / "desk.yaml"
    file.write_text("limited: {low: 3}\n")
    assert lows(flyball.load(pair, params_file=file)) == (3, 3)
    file.write_text("night: {low: 4}\nlimited: {low: 3}\n")
    assert lows(flyball.load(pair, params_file=file)) == (3, 4)  # the part before the pack, in whatever order
    monkeypatch.setenv("LIMITED_LOW", "5")
    assert lows(flyball.load(pair, params_file=file)) == (5, 5)
    assert lows(flyball.load(pair, params_file=file, settings={"night.low": "6"})) == (5, 6)
    assert lows(flyball.load(pair, settings={"limited.low": "7"}, parameters={"day.low": 8})) == (8, 7)
    member = flyball.load(pair, settings={"night.share.WILD": "0.2"})
    assert member.parameters["night.share"] == {"CALM": 0.5, "WILD": 0.2}
    assert member.parameters["day.share"] == {"CALM": 0.5, "WILD": 0.1}


def test_each_number_is_said_to_come_from_its_layer(
    pair: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "desk.yaml"
    file.write_text("night:\n  high: 60\n")
    monkeypatch.setenv("LIMITED_LOW", "5")
    policy = flyball.load(pair, params_file=file, settings={"day.high": "70"})
    assert {name.replace("·", "."): layer for name, layer in policy.layers.items()} == {
        "day.high": "--set",
        "day.low": "environment",
        "day.share": "pack",
        "night.high": f"{file}:2:9",
        "night.low": "environment",
        "night.share": "pack",
    }
    monkeypatch.delenv("LIMITED_LOW")
    policy = flyball.load(pair)
    declared = policy.pack.parameters["day·low"]
    assert policy.layers["day·low"] == "policy"
    assert (str(declared.span), declared.why) == (f"{pair}:6:52", "Never less by day")


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"limited.lo": "1"}, "--set limited.lo: FB301 no parameter named `limited.lo`"),
        ({"dusk.low": "1"}, "no parameter named `dusk.low`"),
        ({"limited.low": "101"}, "--set limited.low: FB314"),
        ({"day.low": "50"}, "`day.ordered` does not hold"),
        ({"limited.low": "50"}, "`night.ordered` does not hold"),
    ],
)
def test_what_does_not_fit_is_refused_once(pair: Path, settings: dict[str, str], message: str) -> None:
    with pytest.raises(flyball.LoadError) as refused:
        flyball.load(pair, settings=settings)
    assert message in str(refused.value)
    texts = [f"{each.path}{each.code}{each.message}" for each in refused.value.findings]
    assert len(texts) == len(set(texts))


def test_a_pack_that_cannot_be_used_is_one_finding(pair: Path) -> None:
    (pair.parents[2] / "rules/limited/1.0.0.yaml").write_text("language: 1")
    with pytest.raises(flyball.LoadError) as refused:
        flyball.load(pair)
    assert [each.code for each in refused.value.findings] == ["FB820", "FB802"]


def test_advice_is_in_the_words_that_were_written(pair: Path) -> None:
    with pytest.raises(flyball.LoadError) as refused:
        flyball.load(pair, settings={"limited.hih": "1"})
    (finding,) = refused.value.findings
    assert finding.help == "did you mean `limited.high`?"
