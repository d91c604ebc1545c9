"""Values share one flat space of names in a pack, and outputs keep clear of the words that examples use."""

from __future__ import annotations

import pytest

from flyball.engine.examples import EXPECTATIONS
from flyball.loaders.packs import load_bytes

PACK = """
language: 1
pack: guard
version: 1.0.0
types:
  Mood: [calm, WILD]
inputs:
  volume: {{type: number, unit: shares}}
  mood: {{type: Mood}}
parameters:
  limit: {{value: 15.0, unit: shares, range: [0, 1000], why: Thin}}
definitions:
  busy: volume > limit and mood == WILD
outputs:
  {name}: {{type: boolean, start: busy, safe: false}}
"""


def found(name: str) -> list[tuple[str, str]]:
    findings = load_bytes(PACK.format(name=name).encode(), "guard.yaml").findings
    return [(each.code, each.message) for each in findings]


def test_an_output_with_a_name_of_its_own() -> None:
    assert found("open") == []


@pytest.mark.parametrize("name", ["volume", "limit", "busy"])
def test_an_output_named_like_another_value(name: str) -> None:
    assert found(name) == [("FB311", f"`{name}` already names another value")]


def test_an_output_named_like_a_member() -> None:
    assert ("FB311", "`calm` already names a member of Mood") in found("calm")


@pytest.mark.parametrize("name", sorted(EXPECTATIONS | {"now", "missing"}))
def test_an_output_named_like_a_word_of_the_language(name: str) -> None:
    assert found(name) == [("FB319", f"`{name}` is a word of the language")]
