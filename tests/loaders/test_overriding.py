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

from flyball.engine.comparison import Side, compare
from flyball.loaders.packs import load_bytes
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
            path.parent.mkdir()
            path.write_text(text_of(each), encoding="utf-8")
        return applied(before, text_of(other).encode(), rules)


def applied(before: bytes, other: bytes, rules: str) -> int:
    here, there = side(before, rules), side(other, rules)
    assert here
    if there is None:
        return 0  # the values break a requirement
    told = [each for each in compare(here, there).changes if each.section == "use"]
    changes = [each for each in told if not each.name.endswith(".why")]
    wanted = {each.name: written(each.after) for each in changes if each.kind == "changed"}
    for name in {
        ".".join(each.name.split(".")[:2]) for each in changes if each.kind != "changed"
    }:  # entries of a map, optional fields
        part, parameter = name.split(".")
        wanted = {each: value for each, value in wanted.items() if not each.startswith(f"{name}.")}
        entry = there.document["use"][part]["parameters"][parameter]
        wanted[name] = json.dumps(entry.get("values", entry.get("value")))
    edit = retuned(Path("policy_of_two.yaml"), before, [*wanted.items()], "Here", rules)
    result = side(edit.after, rules)
    assert result
    left = [each for each in compare(result, there).changes if not each.name.endswith(".why")]
    assert left == [], (wanted, left)
    if not any(isinstance(each.after, list) for each in changes):  # else those between the items go with them
        assert comments_of(edit.after) == comments_of(before)
    return len(changes)


@settings(ORDINARY, max_examples=6)
@given(chance=chances())
def test_differences_of_policies_applied_give_the_other(chance: Random) -> None:
    check_round_trip(chance)


@pytest.mark.long
@pytest.mark.parametrize("fifty", range(10))
def test_differences_of_policies_applied_give_the_other_at_length(fifty: int, seed: int) -> None:
    assert sum(check_round_trip(Random(seed + 50 * fifty + number)) for number in range(50))
