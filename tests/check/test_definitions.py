"""Definitions that are blocks: what they are worth, and what is said of those that do not fit."""

from __future__ import annotations

from typing import Any

import pytest

from flyball.engine import ir
from flyball.engine.backends import reference
from flyball.engine.policy import Policy
from flyball.loaders import packs

HEAD = """language: 1
pack: blocks
version: 1.0.0
types:
  Tag: [GOOD, BAD]
  Pair: {type: record, fields: {a: {type: number}, b: {type: number, optional: true}}}
"""
RECORD = """inputs: {x: {type: number}, given: {type: Pair}}
outputs: {made: {type: Pair, start: pair, safe: {a: 0}}, same: {type: boolean, start: pair == given, safe: false}}
"""


def load(text: str) -> packs.LoadedPack:
    return packs.load_bytes((HEAD + text).encode(), "blocks.yaml")


def decided(text: str, snapshot: dict[str, Any]) -> dict[str, Any]:
    """The outputs of both back ends, which are the same."""
    loaded = load(text)
    assert loaded.checked, [str(each) for each in loaded.findings]
    pack = loaded.checked.pack
    parameters = {name: each.value for name, each in pack.parameters.items()}
    policy = Policy(pack, parameters, layers={}, document=None)
    decision = policy.decide(snapshot)
    assert decision.status == "ok", decision.diagnostics
    assert decision.outcome == reference.decide(pack, parameters, snapshot)
    return dict(decision.outputs)


@pytest.mark.parametrize(
    ("definition", "made"),
    [
        ("{type: Pair, fields: {a: x, b: x + x}}", {"a": 1.0, "b": 2.0}),
        ("{type: Pair, fields: {a: 1}}", {"a": 1.0}),
        ("{type: Pair, fields: {a: x, b: given.b}}", {"a": 1.0}),
    ],
)
def test_a_record_is_published_and_compared(definition: str, made: dict[str, Any]) -> None:
    text = f"{RECORD}definitions: {{pair: {definition}}}\n"
    assert decided(text, {"x": 1, "given": {"a": 1}}) == {"made": made, "same": "b" not in made}


BAD = [
    ("pair: {type: Tag, fields: {a: x}}", "FB305 a record is expected here, not a Tag"),
    ("pair: {type: Pare, fields: {a: x}}", "FB301 no type named `Pare`"),
    ("pair: {type: Pair, fields: {b: x}}", "FB202 `a` is missing"),
    ("pair: {type: Pair, fields: {a: x, c: x}}", "FB301 no field named `c`"),
    ("pair: {type: Pair, fields: {a: given.b}}", "FB308 `given.b` may be missing here"),
    ("pair: {type: Pair, fields: {a: x > 0}}", "FB305 a number in ratio is expected here, not a boolean"),
]


@pytest.mark.parametrize(("definition", "finding"), BAD)
def test_a_record_that_does_not_fit(definition: str, finding: str) -> None:
    found = [each for each in load(f"{RECORD}definitions: {{{definition}}}\n").findings if each.severity == "error"]
    assert [f"{each.code} {each.message}" for each in found] == [finding]


SELECTION = """inputs:
  pairs: {type: list, of: Pair, max_items: 9}
  keyed:
    type: list
    key: name
    max_items: 9
    of: {type: record, fields: {name: {type: text}, tag: {type: Tag}, flag: {type: boolean}}}
parameters: {most: {type: integer, value: 2}}
outputs: {names: {type: list, of: text, max_items: 9, start: "[s.name for s in chosen]", safe: []}}
"""
KEYED = [("d", "BAD", True), ("c", "GOOD", True), ("b", "BAD", False), ("a", "GOOD", True)]
CHOSEN = [
    ("{for: k in keyed}", "d c b a"),
    ("{for: k in keyed, where: k.tag == BAD}", "d b"),
    ("{for: k in keyed, order_by: [k.tag]}", "a c b d"),
    ("{for: k in keyed, order_by: [k.flag, k.tag]}", "b a c d"),
    ("{for: k in keyed, order_by: [not k.flag], limit: 1}", "a"),
    ("{for: k in keyed, limit: 1}", "d"),
    ("{for: k in keyed, limit: most}", "d c"),
    ("{for: k in keyed, order_by: [k.tag], limit: -most}", ""),
    ("{for: k in keyed, limit: -1}", ""),
    ("{for: k in keyed, with: {bad: k.tag == BAD, good: not bad}, order_by: [good]}", "b d a c"),
    ("{for: k in keyed, where: k.flag, with: {both: k.flag and k.tag == BAD}, order_by: [both], limit: most}", "a c"),
]


@pytest.mark.parametrize(("definition", "names"), CHOSEN)
def test_a_selection_is_filtered_ordered_and_cut(definition: str, names: str) -> None:
    items = [{"name": name, "tag": tag, "flag": flag} for name, tag, flag in KEYED]
    found = decided(f"{SELECTION}definitions: {{chosen: {definition}}}\n", {"keyed": items, "pairs": []})
    assert found["names"] == names.split()


def test_without_a_key_equal_items_stay_as_they_were() -> None:
    text = """inputs: {pairs: {type: list, of: Pair, max_items: 9}}
definitions:
  chosen: {for: p in pairs, where: present(p.b), with: {known: p.b}, order_by: [p.a]}
outputs: {found: {type: list, of: {type: number}, max_items: 9, start: "[c.known for c in chosen]", safe: []}}
"""
    pairs = [{"a": a, "b": b} for a, b in ((1, 9), (0, 5), (1, 2), (0, 4), (1, None))]
    assert decided(text, {"pairs": pairs}) == {"found": [5.0, 4.0, 9.0, 2.0]}


def test_a_rule_over_a_selection_reasons_with_its_items() -> None:
    """The item of the definition's loop has the name of the rule's, and is another."""
    text = """inputs:
  keyed: {type: list, max_items: 9, of: {type: record, fields: {size: {type: number}, name: {type: text}}}}
definitions:
  chosen: {for: s in keyed, with: {twice: s.size + s.size}, order_by: [-s.size]}
  most: default(max(s.twice for s in chosen), 0)
outputs: {names: {type: list, of: text, max_items: 9, combine: collect, safe: []}}
rules: {r: {for: s in chosen, when: s.twice >= most, then: {names: s.name}, because: "{{ s.twice }} is the most"}}
"""
    loaded = load(text)
    assert loaded.checked
    policy = Policy(loaded.checked.pack, {}, layers={}, document=None)
    [reason] = policy.decide({"keyed": [{"name": "a", "size": 1}, {"name": "b", "size": 4}]}).reasons
    assert (reason.text, reason.values, reason.item) == ("8 is the most", {"s.twice": 8.0}, 0)


BAD_SELECTIONS = [
    ("{for: k in most}", "FB305 a list, a map or an enum is expected here, not an integer in ratio"),
    ("{for: k in keyed, order_by: [k.name]}", "FB305 something with an order is expected here, not a text"),
    ("{for: k in pairs, order_by: [k.b]}", "FB308 `k.b` may be missing here"),
    ("{for: k in keyed, where: k.tag}", "FB305 a boolean is expected here, not a Tag"),
    ("{for: k in keyed, with: {flag: not k.flag}}", "FB311 `flag` already names a field of `k`"),
    ("{for: k in keyed, limit: 1.0}", "FB305 an integer is expected here, not a number in ratio"),
    ("{for: k in keyed, limit: count(keyed)}", "FB303 input `keyed` is not part of the language"),
    (
        "{for: t in Tag, with: {bad: t == BAD}}",
        "FB305 a list of records, whose fields `with` adds to, is expected here",
    ),
    ("{for: 'k in keyed, p in pairs, q in pairs'}", "FB303 a block over 3 lists is not part of the language"),
    ("{for: 'k in keyed, p'}", "FB302 a loop is expected here"),
    ("{for: [k in keyed, k in pairs]}", "FB311 `k` already names another value"),
    ("{for: [k in keyed, p in k.tag]}", "FB305 a list, a map or an enum is expected here, not a Tag"),
    ("{for: 'x in [p.b for p in pairs]', where: x > 0}", "FB308 `x` may be missing here"),
]


@pytest.mark.parametrize(("definition", "finding"), BAD_SELECTIONS)
def test_a_selection_that_does_not_fit(definition: str, finding: str) -> None:
    text = f"{SELECTION.replace('[s.name for s in chosen]', '[]')}definitions: {{chosen: {definition}}}\n"
    found = [each for each in load(text).findings if each.severity == "error"]
    assert len(found) == 1, found
    assert f"{found[0].code} {found[0].message}".startswith(finding)


VALUES = """inputs: {mood: {type: Tag}, some: {type: number, unit: percent, optional: true}}
parameters:
  limit: {value: 3.0, unit: percent, why: House}
  few: {type: integer, value: 3, unit: trades, why: House}
  more: {type: number, value: 3.5, unit: trades, why: House}
definitions:
  row: {by: Tag, values: {GOOD: limit, BAD: 1}}
  made: {by: BY, values: {GOOD: ONE, BAD: TWO}}
"""
ROW = "{GOOD: 1, BAD: 2}"
GUESSED = {
    ("Tag", "1", "limit"): "a vector of percent numbers by Tag",
    ("Tag", "1", "2.5"): "a vector of ratio numbers by Tag",
    ("Tag", "few", "more"): "a vector of trade numbers by Tag",
    ("Tag", "few", "1"): "a vector of trade integers by Tag",
    ("Tag", "mood", "BAD"): "a vector of Tag by Tag",
    ("Tag", "limit", "some"): "a vector of percent numbers by Tag",
    ("[Tag, Tag]", "row", ROW): "a vector of vectors of percent numbers by Tag by Tag",
    ("[Tag, Tag]", "{GOOD: 1, BAD: limit}", ROW): "a vector of vectors of percent numbers by Tag by Tag",
    ("text", "1", "limit"): "a map of percent numbers by text",
    ("Tag", "few", "limit"): "FB306",
    ("Tag", "limit", "mood == BAD"): "FB305",
}


@pytest.mark.parametrize(("by", "one", "two"), GUESSED)
def test_the_type_of_a_vector_is_that_of_its_values_in_any_order(by: str, one: str, two: str) -> None:
    text = VALUES.replace("BY", by).replace("ONE", one).replace("TWO", two)
    turned = text.replace(f"{{GOOD: {one}, BAD: {two}}}", f"{{BAD: {two}, GOOD: {one}}}")
    assert turned != text
    told = []
    for written in (text, turned):
        loaded = load(written)
        steps = loaded.checked.pack.steps if loaded.checked else ()
        kinds = [str(step.value.type) for step in steps if isinstance(step, ir.Define) and step.name == "made"]
        told.append(kinds or [f"{each.code} {each.message}" for each in loaded.findings if each.severity == "error"])
    assert told[0] == told[1] and told[0][0].startswith(GUESSED[by, one, two])
