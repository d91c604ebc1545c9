"""`docs/systems.md`: every place that it names exists, and every rule and parameter of its packs is named."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import pytest
import yaml

from flyball.tests.documents import ROOT

PAGE = (ROOT / "docs" / "systems.md").read_text(encoding="utf-8")
NAMED = set(re.findall(r"`([a-z_]+\.[a-z_.]+)`", PAGE))
PACKS = sorted({each.partition(".")[0] for each in NAMED if (ROOT / "rules" / each.partition(".")[0]).is_dir()})
SECTIONS = ("parameters", "definitions", "outputs", "groups", "rules", "tables", "intents", "invariants", "examples")


@cache
def documents(name: str) -> list[Mapping[str, Any]]:
    """What is called so: a pack, a policy, or both, and the scenarios of the policy."""
    paths = [path for folder in ("rules", "policies") for path in ROOT.glob(f"{folder}/{name}/**/*.yaml")]
    return [yaml.safe_load(path.read_text(encoding="utf-8")) for path in paths if path.name != "lock.yaml"]


def places(document: Mapping[str, Any]) -> Iterator[str]:
    for section in SECTIONS:
        yield from document.get(section, {})
    yield from rows(document)


def rows(document: Mapping[str, Any]) -> Iterator[str]:
    tables = [*document.get("tables", {}).items(), *document.get("definitions", {}).items()]
    for name, table in tables:
        if isinstance(table, dict):
            yield from (f"{name}.{row}" for row in table.get("rows", ()))


def test_the_page_names_places_that_exist() -> None:
    known = {f"{name}.{place}" for each in NAMED for name in [each.partition(".")[0]]
             for document in documents(name) for place in places(document)}  # fmt: skip
    assert sorted(NAMED - known) == []


@pytest.mark.parametrize("pack", PACKS)
def test_every_rule_and_parameter_is_named(pack: str) -> None:
    (document,) = (each for each in documents(pack) if "pack" in each)
    decisive = [*document.get("parameters", {}), *document.get("rules", {}), *document.get("intents", {})]
    tables = [f"{name}.{row}" for name, table in document.get("tables", {}).items() for row in table["rows"]]
    assert [each for each in (*decisive, *tables) if f"{pack}.{each}" not in NAMED] == []


def test_the_packs_of_its_policies_are_on_the_page() -> None:
    policies = [each for name in re.findall(r"\.\./policies/(\w+)/", PAGE) for each in documents(name)]
    used = {use["pack"].partition("@")[0] for each in policies for use in each.get("use", {}).values()}
    assert used and used <= set(PACKS)


def test_every_system_is_on_the_page() -> None:
    """SYSTEMS numbers the parts of A, B and C."""
    numbered = {f"{system}{i}" for system, count in (("A", 10), ("B", 9), ("C", 8)) for i in range(1, count + 1)}
    assert set(re.findall(r"^\| ([A-D]\d*) \|", PAGE, re.MULTILINE)) == {*numbered, "D"}
