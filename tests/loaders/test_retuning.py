"""Differences between the parameters of two packs, applied by `set`, make one of the other."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings

from flyball.engine.comparison import Side, compare
from flyball.engine.document import plain
from flyball.loaders import editing
from flyball.loaders.packs import SHIPPED, load_bytes
from flyball.loaders.retuning import retuned

from ..engine.test_backends import ORDINARY
from ..strategies.layouts import commented
from ..strategies.packs import chances, pack_document, text_of
from ..strategies.vocabulary import PARAMETERS


def side(data: bytes) -> Side | None:
    loaded = load_bytes(data, "generated.yaml")
    if loaded.checked is None:
        return None
    assert isinstance(loaded.document, dict)
    return Side(loaded.document, loaded.checked.pack)


def tuned(chance: Random, name: str, value: Any) -> Any:
    """Another value of the same parameter; members of a vector one by one."""
    if isinstance(value, dict):
        more = {"né": 3, "b.c d": 0.5} if name == "g_p" and chance.random() < 0.7 else {}
        return {**more, **{key: tuned(chance, "", each) for key, each in value.items()}}
    if name in PARAMETERS:
        return chance.choice([each for each in PARAMETERS[name][2] if not isinstance(each, dict)] or [value])
    return chance.choice((value, value / 2)) if isinstance(value, float) else value


def check_round_trip(chance: Random) -> int:
    """How many values changed."""
    document, with_lists = pack_document(chance), chance.random() < 0.5
    other = json.loads(json.dumps(document))
    for name, declared in (other.get("parameters") or {}).items():
        for key in {"value", "values"} & declared.keys():
            if with_lists or not isinstance(declared[key], list):
                declared[key] = tuned(chance, name, declared[key])
    before = commented(chance, text_of(document)).encode()
    here, there = side(before), side(text_of(other).encode())
    assert here
    if there is None:
        return 0  # the values break a requirement
    changes = [each for each in compare(here, there).changes if each.section == "parameters"]
    assert all(each.kind == "changed" or each.name.startswith("g_p.") for each in changes)
    wanted = [(each.name, written(each.after)) for each in changes]
    edit = retuned(Path("generated.yaml"), before, wanted, None, None)
    result = side(edit.after)
    assert result
    assert compare(result, there).changes == ()
    if not any(isinstance(each.after, list) for each in changes):  # else those between the items go with them
        assert comments_of(edit.after) == comments_of(before)
    return len(changes)


def written(value: Any) -> str:
    """As somebody would write it on the command line."""
    return value if isinstance(value, str) else json.dumps(value)


def comments_of(data: bytes) -> list[str]:
    return [line.partition(" # ")[2] for line in data.decode().splitlines() if " # " in line]


@settings(ORDINARY, max_examples=6)
@given(chance=chances())
def test_differences_applied_give_the_other_pack(chance: Random) -> None:
    check_round_trip(chance)


@pytest.mark.long
@pytest.mark.parametrize("fifty", range(10))
def test_differences_applied_give_the_other_pack_at_length(fifty: int, seed: int) -> None:
    assert sum(check_round_trip(Random(seed + 50 * fifty + number)) for number in range(50))


@pytest.mark.parametrize("name", ["regime_gamma", "risk_model"])
def test_from_one_shipped_version_to_the_next(name: str) -> None:
    """What is changed and not added, that is."""
    before, after = ((SHIPPED / name / f"{version}.0.0.yaml").read_bytes() for version in (1, 2))
    here, there = side(before), side(after)
    assert here and there
    changed = [
        each for each in compare(here, there).changes if each.section == "parameters" and each.relative is not None
    ]
    wanted = [(each.name, written(each.after)) for each in changed]
    result = side(retuned(SHIPPED / name / "x.yaml", before, wanted, None, None).after)
    assert result
    left = {each.name for each in compare(result, there).changes if each.section == "parameters"}
    assert changed and not left & {each.name for each in changed}


@pytest.mark.parametrize("path", sorted(SHIPPED.glob("*/*.yaml")), ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_values_of_shipped_packs_are_found_and_written(path: Path) -> None:
    """Each to what it is: the file says the same, and differs in quotes at the most."""
    data = path.read_bytes()
    document = editing.parsed(data, str(path))
    names = list(editing.names(document))
    for name in names[:: max(1, len(names) // 6)]:
        place = editing.located(document, name)
        after = editing.with_value(data, path, place.where, editing.text_at(document, place.where))
        assert plain(editing.parsed(after, str(path))) == plain(document)
        assert after.translate(None, b"\"'") == data.translate(None, b"\"'")
