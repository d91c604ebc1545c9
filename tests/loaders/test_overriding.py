"""Parameters of the packs that a policy uses, set in the policy: differences of two policies applied by `set`."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from random import Random
from typing import Any

import pytest
import yaml
from hypothesis import given, settings

from flyball.engine.comparison import Change, Side, compare
from flyball.engine.naming import of_part
from flyball.engine.types import Map
from flyball.loaders.packs import load_bytes
from flyball.loaders.policies import load_policy
from flyball.loaders.retuning import retuned

from ..engine.test_backends import ORDINARY
from ..strategies.layouts import commented
from ..strategies.packs import chances, text_of
from ..strategies.policies import overrides, policy_of
from .test_retuning import comments_of, written


def side(data: bytes, rules: str) -> Side | None:
    loaded = load_bytes(data, "policy_of_two.yaml", rules)
    if loaded.checked is None:
        return None
    assert isinstance(loaded.document, dict)
    return Side(loaded.document, loaded.checked.pack)


def check_round_trip(chance: Random) -> int:
    """How many values changed."""
    made = policy_of(chance, alone=True)
    document: Any = yaml.safe_load(made.text)
    other: Any = yaml.safe_load(made.text)
    for part, entry in other["use"].items():
        if chance.random() < 0.7:
            fresh = dict(overrides(chance, made.packs[part]))
            entry["parameters"] = {**entry.get("parameters", {}), **fresh}
    before = commented(chance, text_of(document)).encode()
    with tempfile.TemporaryDirectory() as rules:
        for each in made.packs.values():
            path = Path(rules) / each["pack"] / "1.0.0.yaml"
            path.parent.mkdir(exist_ok=True)  # a pack may be used twice
            path.write_text(text_of(each), encoding="utf-8")
        return applied(before, text_of(other).encode(), rules)


def is_settable(change: Change, here: Side) -> bool:
    """Whether a name of its own sets this: no optional field, and no entry that goes."""
    part, parameter, *members = change.name.split(".")
    kind = here.pack.parameters[of_part(part, parameter)].type if here.pack else None
    return change.kind == "changed" or (change.kind == "added" and isinstance(kind, Map) and members != [""])


def applied(before: bytes, other: bytes, rules: str) -> int:
    here, there = side(before, rules), side(other, rules)
    assert here
    if there is None:
        return 0  # the values break a requirement
    changes = [each for each in compare(here, there).changes if each.section == "use" and each.level != "patch"]
    wanted = {each.name: written(each.after) for each in changes if each.kind != "removed"}
    for name in {".".join(each.name.split(".")[:2]) for each in changes if not is_settable(each, here)}:
        part, parameter = name.split(".")
        wanted = {each: value for each, value in wanted.items() if not each.startswith(f"{name}.")}
        entry = there.document["use"][part]["parameters"][parameter]
        wanted[name] = json.dumps(entry.get("values", entry.get("value")))
    edit = retuned(Path("policy_of_two.yaml"), before, [*wanted.items()], "Here", rules)
    result = side(edit.after, rules)
    assert result
    left = [each for each in compare(result, there).changes if each.level != "patch"]  # reasons, spellings of times
    assert left == [], (wanted, left)
    if all(each.kind == "changed" and not {type(each.before), type(each.after)} & {list, dict} for each in changes):
        # else those between the items go with them
        assert comments_of(edit.after) == comments_of(before)
    return len(changes)


SLICED = """\
language: 1
pack: sliced
version: 1.0.0
types:
  Mood: [CALM, WILD]
  Slice: {type: record, fields: {size: {type: number, from: Size!}, odd: {type: number, optional: true, from: odd one}}}
inputs: {mood: {type: Mood}, slice: {type: Slice}}
parameters:
  slices: {type: list, of: Slice, max_items: 3, value: [], why: None so far}
  usual: {by: Mood, type: Slice, why: As ever, values: {CALM: {size: 1}, WILD: {size: 2, odd: 3}}}
  spare: {type: Slice, value: {size: 1, odd: 2}, why: As ever}
outputs:
  size:
    type: number
    start: "usual[mood].size + slice.size + sum(s.size for s in slices) + spare.size"
    safe: 0
"""
USING = "language: 1\npolicy: slicing\nversion: 1.0.0\nuse: {main: {pack: sliced@1}}\n"


DATED = "spare: {value: [{value: {size: 2}}, {from: 2026-01-01, value: {size: 3, odd: 1}}], why: Here}"


@pytest.fixture
def sliced(tmp_path: Path) -> str:
    path = tmp_path / "sliced" / "1.0.0.yaml"
    path.parent.mkdir()
    path.write_text(SLICED, encoding="utf-8")
    return str(tmp_path)


def setting(entry: str) -> bytes:
    """The policy with an entry for a parameter."""
    return USING.replace("}}", f", parameters: {{{entry}}}}}}}").encode()


@pytest.mark.parametrize(
    "entry",
    [
        "slices: {value: [{size: 1, odd: 2}], why: Here}",
        "usual: {values: {CALM: {size: 1, odd: 4}, WILD: {size: 2, odd: 3}}, why: Here}",
        "usual: {values: {CALM: {size: 1}, WILD: {size: 5, odd: 4}}, why: Here}",
        "spare: {value: {size: 2.5, odd: 2}, why: Here}",
        DATED,
    ],
)
def test_fields_go_by_their_names_and_not_by_those_of_snapshots(entry: str, sliced: str) -> None:
    assert applied(USING.encode(), setting(entry), sliced)


def test_what_is_in_force_can_be_set_again(sliced: str) -> None:
    """As a record of a decision does."""
    path = Path(sliced) / "sliced" / "1.0.0.yaml"
    slices = [{"size": 2.0, "odd": 3.0}]
    policy = load_policy(path, parameters={"slices": slices})
    assert policy.parameters["slices"] == slices
    assert load_policy(path, parameters=policy.parameters).parameters_hash == policy.parameters_hash


SPELLINGS = {
    ("spare: {value: {size: 2}, why: A}", "spare: {value: {size: 2.0}, why: A}"): [],
    (DATED, DATED.replace("2026-01-01", "2026-01-01T01:00:00+01:00")): [("use", "main.spare", "changed", "patch")],
    ("spare: {value: {size: 1, odd: 2}, why: A}", "usual: {values: USUAL, why: A}"): [
        ("use", "main.spare.why", "changed", "patch"),
        ("use", "main.usual.why", "changed", "patch"),
        ("use", "main.usual", "added", "patch"),
        ("use", "main.spare", "removed", "patch"),
    ],
}


@pytest.mark.parametrize("entries", SPELLINGS)
def test_values_written_otherwise_are_a_change_of_text(entries: tuple[str, str], sliced: str) -> None:
    sides = [
        side(setting(each.replace("USUAL", "{CALM: {size: 1}, WILD: {size: 2, odd: 3}}")), sliced) for each in entries
    ]
    assert sides[0] and sides[1]
    found = compare(sides[0], sides[1])
    assert [(each.section, each.name, each.kind, each.level) for each in found.changes] == SPELLINGS[entries]
    assert found.same_meaning


@settings(ORDINARY, max_examples=3)
@given(chance=chances())
def test_differences_of_policies_applied_give_the_other(chance: Random) -> None:
    check_round_trip(chance)


@pytest.mark.long
@pytest.mark.parametrize("fifty", range(10))
def test_differences_of_policies_applied_give_the_other_at_length(fifty: int, seed: int) -> None:
    assert sum(check_round_trip(Random(seed + 50 * fifty + number)) for number in range(50))
