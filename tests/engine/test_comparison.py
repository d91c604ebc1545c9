"""What a comparison of two versions finds, and what it says that they need."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest
import yaml
from hypothesis import given, settings

from flyball.engine.comparison import Comparison, Side, compare
from flyball.engine.shapes import meaning_hash
from flyball.loaders.packs import SHIPPED, load, load_bytes
from flyball.reports.comparison_text import verdict

from ..strategies.layouts import messed
from ..strategies.packs import chances, pack_document, text_of
from .test_backends import ORDINARY

BASE = """\
language: 1
pack: guard
version: 1.0.0
title: Guard
types:
  Mood: [CALM, WILD]
inputs:
  pnl: {type: number, unit: percent, range: [-100, 100]}
  mood: {type: Mood}
  streak: {type: integer, unit: trades, range: [0, 100]}
parameters:
  limit: {value: 3.0, unit: percent, range: [0.1, 20], why: Stops the desk}
  scale: {by: Mood, unit: ratio, range: [0, 2], why: Half, values: {CALM: 1.0, WILD: 0.5}}
  window: {type: integer, value: 5, unit: bars, range: [2, 50], why: A week}
  enough: {type: integer, value: 4, unit: trades, range: [1, 9], why: Luck}
definitions:
  mean_pnl: rolling_mean(pnl, window)
  low: default(mean_pnl, 0) < -limit
outputs:
  allow: {type: boolean, combine: all, start: true, safe: false}
  size: {type: number, unit: ratio, start: "scale[mood]", range: [0, 2], safe: 0}
groups:
  stops: {}
rules:
  loss:
    group: stops
    when: pnl <= -limit or low
    then: {allow: false}
    because: "{{ pnl }} is below {{ limit }}"
  losing:
    when: streak >= enough
    then: {size: {times: 0.5}}
    because: "{{ streak }} in a row"
tables:
  moods:
    match: {mood: mood, streak: streak}
    hit: unique
    rows:
      calm: {mood: CALM}
      wild: {mood: WILD, streak: ">= 2", then: {allow: false}, because: Wild}
      mild: {mood: WILD, streak: "< 2"}
examples:
  fine: {given: {pnl: 1, mood: CALM, streak: 0}, expect: {allow: true}}
"""


def side(text: str) -> Side:
    loaded = load_bytes(text.encode(), "guard.yaml")
    assert loaded.checked is not None, [str(each) for each in loaded.findings]
    assert isinstance(loaded.document, dict)
    return Side(loaded.document, loaded.checked.pack)


def compared(*replacements: tuple[str, str]) -> Comparison:
    text = BASE
    for old, new in replacements:
        assert old in text
        text = text.replace(old, new)
    return compare(side(BASE), side(text))


def told(found: Comparison) -> list[tuple[str, str, str, str]]:
    return [(each.section, each.name, each.kind, each.level) for each in found.changes]


CHANGES: dict[str, tuple[list[tuple[str, str]], list[tuple[str, str, str, str]]]] = {
    "title": ([("title: Guard", "title: A guard")], [("pack", "title", "changed", "patch")]),
    "because": ([("because: Wild", "because: Wilder")], [("tables", "moods.wild.because", "changed", "patch")]),
    "spaces in an expression": (
        [("streak >= enough", "(streak  >= enough)")],
        [("rules", "losing.when", "changed", "patch")],
    ),
    "example": ([("{allow: true}", "{allow: true, size: 1}")], [("examples", "fine", "changed", "patch")]),
    "value": ([("value: 3.0", "value: 2.5")], [("parameters", "limit", "changed", "minor")]),
    "the same value": ([("value: 3.0", "value: 3")], []),
    "member": ([("WILD: 0.5", "WILD: 0.4")], [("parameters", "scale.WILD", "changed", "minor")]),
    "range of a parameter": ([("[0.1, 20]", "[0.1, 10]")], [("parameters", "limit.range", "changed", "minor")]),
    "condition": ([("streak >= enough", "streak > enough")], [("rules", "losing.when", "changed", "minor")]),
    "effect": ([("{times: 0.5}", "{times: 0.25}")], [("rules", "losing.then.size.times", "changed", "minor")]),
    "cell": (
        [('streak: ">= 2"', 'streak: ">= 3"'), ('"< 2"', '"< 3"')],
        [("tables", "moods.wild.streak", "changed", "minor"), ("tables", "moods.mild.streak", "changed", "minor")],
    ),
    "rule removed": (
        [
            (
                "  losing:\n    when: streak >= enough\n    then: {size: {times: 0.5}}\n",
                "  losing:\n    when: streak > 4\n",
            )
        ],
        [
            ("rules", "losing.when", "changed", "minor"),
            ("rules", "losing.then", "removed", "minor"),
        ],
    ),
    "input's range": ([("range: [-100, 100]", "range: [-100, 200]")], [("inputs", "pnl.range", "changed", "major")]),
    "output added": (
        [("  allow: {type", "  other: {type: boolean, start: low, safe: false}\n  allow: {type")],
        [("outputs", "other", "added", "major")],
    ),
    "order of an enum": (
        [("[CALM, WILD]", "[WILD, CALM]")],
        [("types", "Mood", "changed", "major")],
    ),
    "window": (
        [("value: 5", "value: 6")],
        [("parameters", "window", "changed", "minor"), ("state", "mean_pnl", "changed", "major")],
    ),
    "renamed parameter": (
        [("enough", "patience")],
        [("parameters", "patience", "renamed", "minor")],
    ),
    "renamed definition": (
        [("  low:", "  too_low:"), ("or low", "or too_low")],
        [("definitions", "too_low", "renamed", "minor")],
    ),
    "renamed rule": ([("losing:", "losing_streak:")], [("rules", "losing_streak", "renamed", "minor")]),
    "renamed output": (
        [("size", "risk")],
        [("outputs", "risk", "renamed", "major")],
    ),
}


@pytest.mark.parametrize("name", CHANGES)
def test_changes_and_their_level(name: str) -> None:
    replacements, expected = CHANGES[name]
    found = compared(*replacements)
    assert told(found) == expected
    assert found.level == max((each[3] for each in expected), key=("", "patch", "minor", "major").index, default="")
    assert found.same_meaning == (found.level in ("", "patch"))


def test_a_value_that_changed_says_by_how_much_and_why() -> None:
    (change,) = compared(("value: 3.0", "value: 2.5")).changes
    assert (change.before, change.after, change.unit, change.why) == (3.0, 2.5, "percent", "Stops the desk")
    assert change.relative == pytest.approx(-1 / 6)
    (change,) = compared(("{value: 3.0", "{value: 0.5")).changes
    assert change.relative == pytest.approx(-5 / 6)


def test_from_zero_there_is_no_relative_change() -> None:
    changes = compare(side(BASE.replace("CALM: 1.0", "CALM: 0")), side(BASE)).changes
    assert [each.relative for each in changes] == [None]


def test_a_name_that_goes_and_two_that_come_are_no_renaming() -> None:
    limit = "  limit: {value: 3.0, unit: percent, range: [0.1, 20], why: Stops the desk}\n"
    two = limit.replace("limit:", "first:") + limit.replace("limit:", "second:")
    found = compared(
        (limit, two), ("-limit or low", "-first or low"), ("< -limit", "< -second"), ("{{ limit", "{{ first")
    )
    assert {(each.name, each.kind) for each in found.changes if each.section == "parameters"} == {
        ("limit", "removed"),
        ("first", "added"),
        ("second", "added"),
    }


VERDICTS = {
    ("1.0.0", "1.0.0", "minor"): "values or rules changed: needs a minor version, 1.1.0 or later",
    ("1.0.0", "1.0.1", "minor"): "values or rules changed: needs a minor version, 1.1.0 or later; 1.0.1 is not enough",
    ("1.0.0", "1.1.0", "minor"): "values or rules changed: needs a minor version",
    ("1.0.0", "2.0.0", "minor"): "values or rules changed: needs a minor version, and 2.0.0 is a major one",
    ("1.0.0", "1.0.1", "patch"): "no change in meaning: needs a patch version",
    ("1.9.3", "1.9.4", "major"): (
        "inputs, outputs, state or their types changed: needs a major version, 2.0.0 or later; 1.9.4 is not enough"
    ),
}


@pytest.mark.parametrize(("before", "after", "level"), VERDICTS)
def test_the_version_that_it_needs(before: str, after: str, level: Any) -> None:
    change = {"minor": ("value: 3.0", "value: 2"), "patch": ("title: Guard", "title: A"), "major": ("100]", "99]")}[
        level
    ]
    old, new = BASE.replace("1.0.0", before), BASE.replace("1.0.0", after).replace(*change)
    assert verdict(compare(side(old), side(new))) == VERDICTS[before, after, level]


SHIPPED_PACKS = sorted(path for path in SHIPPED.glob("*/*.yaml") if path.name != "lock.yaml")


@pytest.mark.parametrize("path", SHIPPED_PACKS, ids=lambda path: path.parent.name)
def test_nothing_differs_from_itself(path: Any) -> None:
    loaded = load(path)
    assert isinstance(loaded.document, dict)
    same = Side(loaded.document, loaded.checked.pack if loaded.checked else None)
    assert compare(same, same).changes == () and compare(same, same).level == ""


# Generated packs


def shuffled(chance: Random, document: dict[str, Any]) -> dict[str, Any]:
    """The same pack with its entries in another order, where the order means nothing."""
    result = dict(document)
    for part in ("inputs", "parameters", "definitions", "outputs", "rules", "tables", "groups", "intents", "requires"):
        if isinstance(result.get(part), dict):
            entries = list(result[part].items())
            chance.shuffle(entries)
            result[part] = dict(entries)
    return result


@settings(ORDINARY, max_examples=6)
@given(chance=chances())
def test_layout_and_order_change_no_meaning(chance: Random) -> None:
    check_kept_meaning(chance)


def check_kept_meaning(chance: Random) -> None:
    document = pack_document(chance)
    before = side(text_of(document))
    assert compare(before, before).changes == ()
    after = side(messed(chance, shuffled(chance, document)))
    assert before.pack and after.pack
    assert meaning_hash(before.pack) == meaning_hash(after.pack)
    assert compare(before, after).same_meaning
    assert compare(before, after).changes == ()


@pytest.mark.long
@pytest.mark.parametrize("fifty", range(10))
def test_layout_and_order_change_no_meaning_at_length(fifty: int, seed: int) -> None:
    for number in range(50):
        check_kept_meaning(Random(seed + 50 * fifty + number))


@settings(ORDINARY, max_examples=6)
@given(chance=chances())
def test_a_retuned_parameter_is_one_change(chance: Random) -> None:
    document = pack_document(chance)
    tuned = yaml.safe_load(yaml.safe_dump(document))
    numbers = [
        name
        for name, each in (document.get("parameters") or {}).items()
        if isinstance(each.get("value"), float) and "range" in each and not each.get("by")
    ]
    if not numbers:
        return
    name = chance.choice(numbers)
    low, high = document["parameters"][name]["range"]
    value = document["parameters"][name]["value"]
    tuned["parameters"][name]["value"] = float(low if value != low else high)
    loaded = load_bytes(text_of(tuned).encode(), "generated.yaml")
    if loaded.checked is None:
        return  # the value breaks a requirement
    found = compare(side(text_of(document)), side(text_of(tuned)))
    changes = [each for each in found.changes if each.section != "state"]
    assert [(each.section, each.name) for each in changes] == [("parameters", name)]
    assert found.level in ("minor", "major")
