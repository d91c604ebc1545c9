"""Maps by text and parameters that are lists: what they are worth, and what is said of those that do not fit."""

from __future__ import annotations

from typing import Any

import pytest

from flyball.engine.parameters import Layer, effective
from flyball.engine.sampling import Sampler
from flyball.engine.snapshot_schema import snapshot_schema
from flyball.tests.decided import decided, load, policy_of

HEAD = """language: 1
pack: maps
version: 1.0.0
types:
  Side: [LONG, SHORT]
  Band: {type: record, fields: {low: {type: number}, high: {type: number, optional: true}}}
inputs:
  symbol: {type: text}
  prices: {by: text, type: number, range: [0, 100], max_items: 3}
  bands: {by: text, type: Band, max_items: 2}
  sides: {by: text, type: list, of: Side, max_items: [2, 2]}
  maybe: {by: text, type: Side, max_items: 2, optional: true}
  book: {type: record, fields: {held: {by: text, type: integer, max_items: 2}}}
  positions: {type: list, max_items: 3, of: {type: record, key: name, fields: {name: {type: text}, x: {type: number}}}}
parameters:
  limits: {by: text, range: [0, 9], max_items: 3, why: Agreed, values: {b: 2, "a.b": 1.5}}
  watched: {type: list, of: text, max_items: 2, why: Agreed, value: [b, z]}
  tiers:
    type: list
    max_items: 2
    of: {type: record, key: name, fields: {name: {type: text, max_length: 3}, x: {type: number, range: [0, 9]}}}
    why: Agreed
    value: [{name: one, x: 1}, {name: two, x: 2}]
"""
SNAPSHOT: dict[str, Any] = {
    "symbol": "b",
    "prices": {"é": 3, "b": 4.5, "a": -0.0},
    "bands": {"b": {"low": 1}},
    "sides": {"b": ["SHORT"], "a": []},
    "book": {"held": {"b": 7}},
    "positions": [{"name": "b", "x": 2}, {"name": "a", "x": -0.0}],
}
NUMBER = "type: number, safe: 0"
MAP = "by: text, max_items: 3, type: number, safe: {}"

WORTH = [
    (f"{{{NUMBER}, start: 'default(prices[symbol], -1)'}}", 4.5),
    (f"{{{NUMBER}, start: 'sum(prices)'}}", 7.5),
    (f"{{{NUMBER}, start: first(prices), optional: true}}", 0.0),
    (f"{{{NUMBER}, start: 'bands[symbol].low', optional: true}}", 1.0),
    (f"{{{NUMBER}, start: 'bands[symbol].high', optional: true}}", None),
    (f"{{{NUMBER}, start: 'prices[symbol] if present(prices[symbol]) else 0'}}", 4.5),
    ("{type: boolean, start: 'SHORT in default(sides[symbol], [])', safe: false}", True),
    ("{type: boolean, start: present(maybe), safe: true}", False),
    ("{type: boolean, start: 'present(maybe[symbol])', safe: true}", False),
    ("{type: integer, start: 'default(book.held[symbol], 0) + count(default(maybe, {}))', safe: 0}", 7),
    ("{type: boolean, start: symbol in prices and symbol not in sides, safe: true}", False),
    ("{type: text, start: argmax(prices), optional: true, safe: missing}", "b"),
    ("{type: list, of: text, max_items: 3, start: '[k for k in prices]', safe: []}", ["a", "b", "é"]),
    ("{type: boolean, start: 'prices == {k: default(prices[k], 0) for k in prices}', safe: false}", True),
    (f"{{{MAP}, start: prices}}", {"a": 0.0, "b": 4.5, "é": 3.0}),
    (f"{{{MAP}, start: '{{p.name: p.x for p in positions}}'}}", {"a": 0.0, "b": 2.0}),
    (f"{{{MAP}, start: '{{p.name: p.x for p in positions if p.x > 0}}'}}", {"b": 2.0}),
    (f"{{{MAP}, start: {{b: 'sum(prices)', 'x y': 1}}}}", {"b": 7.5, "x y": 1.0}),
    (f"{{{MAP}, start: '{{}}'}}", {}),
    (f"{{{MAP}, start: '{{t.name: default(limits[symbol], 0) + t.x for t in tiers}}'}}", {"one": 3.0, "two": 4.0}),
    ("{by: text, max_items: 2, type: Band, start: bands, safe: {}}", {"b": {"low": 1.0}}),
    ("{by: text, max_items: [2, 1], type: list, of: Side, start: sides, safe: {}}", {"a": [], "b": ["SHORT"]}),
    (f"{{{NUMBER}, start: 'sum(default(limits[w], 0) for w in watched)'}}", 2.0),
]


@pytest.mark.parametrize(("output", "worth"), WORTH)
def test_worth(output: str, worth: Any) -> None:
    assert decided(f"{HEAD}outputs: {{o: {output}}}\n", SNAPSHOT) == {"o": worth}


def test_a_safe_value_has_its_own_entries() -> None:
    text = f"{HEAD}outputs: {{o: {{by: text, type: number, max_items: 3, start: prices, safe: {{b: 1, 'a b': 0}}}}}}\n"
    assert decided(text, {}, status="failsafe") == {"o": {"a b": 0.0, "b": 1.0}}


OVER = [
    ("{by: text, type: number, max_items: 2, start: prices, safe: {}}", "FB727"),
    ("{by: text, type: number, max_items: 3, start: prices, safe: {}, range: [0, 4]}", "FB725"),
    (f"{{{MAP}, start: '{{symbol: p.x for p in positions}}'}}", "FB730"),
]


@pytest.mark.parametrize(("output", "code"), OVER)
def test_a_result_that_is_a_fault(output: str, code: str) -> None:
    policy = policy_of(f"{HEAD}outputs: {{o: {output}}}\n")
    assert [each.code for each in policy.decide(SNAPSHOT).diagnostics] == [code]
    decided(f"{HEAD}outputs: {{o: {output}}}\n", SNAPSHOT, status="failsafe")


GIVEN = [
    ({"prices": {"a": 1, "b": 1, "c": 1, "d": 1}}, "FB708 `prices` has 4 items, more than 3"),
    ({"prices": {"a": None}}, "FB703 `prices.a` must be a number, not null"),
    ({"prices": {"a": 101}}, "FB704 `prices.a` is 101, outside of [0, 100]"),
    ({"prices": []}, "FB703 `prices` must be an object with a value for each text, not a list"),
    ({"prices": None}, "FB703 `prices` must be an object with a value for each text, not null"),
    ({"prices": {"x" * 257: 1}}, "FB709"),
    ({"prices": {"\ud800": 1}}, "FB711"),
    ({"sides": {"a": ["LONG", "SHORT", "LONG"]}}, "FB708 `sides.a` has 3 items, more than 2"),
    ({"bands": {"a": {"lo": 1}}}, "FB701 `bands.a.low` is missing; FB702 `bands.a.lo` is not an input"),
    ({"book": {"held": {"b": 1.5}}}, "FB703 `book.held.b` must be an integer, not 1.5"),
]


@pytest.mark.parametrize(("change", "said"), GIVEN)
def test_what_is_said_of_a_snapshot(change: dict[str, Any], said: str) -> None:
    text = f"{HEAD}outputs: {{o: {{{MAP}, start: prices}}}}\n"
    found = policy_of(text).decide({**SNAPSHOT, **change}).diagnostics
    assert "; ".join(f"{each.code} {each.message}" for each in found).startswith(said)
    decided(text, {**SNAPSHOT, **change}, status="failsafe")


BAD = [
    ("outputs: {o: {type: number, start: 'prices[symbol]', safe: 0}}", "FB308 `prices[symbol]` may be missing here"),
    ("outputs: {o: {type: number, start: 'prices[b]', safe: 0}}", "FB301 no value named `b`"),
    ("outputs: {o: {type: number, start: 'sum(maybe)', safe: 0}}", "FB305 a list of numbers is expected here"),
    ("outputs: {o: {type: number, start: '{p.x: 1 for p in positions}', safe: 0}}",
     "FB305 a text is expected here, not a number in ratio"),
    (f"outputs: {{o: {{{MAP}, combine: collect}}}}", "FB406 a map of ratio numbers by text does not combine by"),
    (f"outputs: {{o: {{{MAP}, start: prices}}}}\nrules: {{r: {{then: {{o: 1}}, because: So}}}}",
     "FB315 output `o` does not take"),
    (f"outputs: {{o: {{{MAP}, start: prices}}}}\nrules: {{r: {{when: 1 > 0, because: 'It is {{{{ prices }}}}'}}}}",
     "FB305 something that prints is expected here"),
    ("outputs: {o: {by: text, max_items: 1, type: number, start: '{}', safe: {a: 1, b: 1}}}",
     "FB305 a map of ratio numbers by text with at most 1 entries is expected here, not one with 2"),
    ("outputs: {o: {by: text, max_items: [1, 2], type: number, start: '{}', safe: {}}}", "FB406 this has one limit"),
    ("outputs: {o: {by: text, max_items: 1, type: list, of: text, start: '{}', safe: {}}}",
     "FB406 a map of lists has two limits"),
]  # fmt: skip


@pytest.mark.parametrize(("part", "said"), BAD)
def test_one_mistake_is_one_finding(part: str, said: str) -> None:
    findings = [each for each in load(f"{HEAD}{part}\n").findings if each.severity == "error"]
    assert [f"{each.code} {each.message}"[: len(said)] for each in findings] == [said]


PARAMETERS = [
    ("by: text, range: [0, 1], max_items: 1, values: {a: 1, b: 1}", "FB305"),
    ("by: text, range: [0, 1], max_items: 2, values: {a: 1, b: 2}", "FB314"),
    (f"by: text, range: [0, 1], max_items: 2, values: {{{'x' * 257}: 1}}", "FB305"),
    ("type: list, of: text, max_items: 1, value: [a, b]", "FB305"),
    ("type: list, of: text, max_items: 1, value: a", "FB305"),
    ("type: list, of: {type: text, max_length: 2}, max_items: 1, value: [abc]", "FB305"),
    ("type: text, max_length: 2, value: abc", "FB305"),
    ("type: list, of: {type: record, key: k, fields: {k: {type: text}}}, max_items: 2, value: [{k: a}, {k: a}]",
     "FB321"),
]  # fmt: skip


@pytest.mark.parametrize(("spec", "code"), PARAMETERS)
def test_a_parameter_that_does_not_fit(spec: str, code: str) -> None:
    outputs = "outputs: {o: {type: boolean, start: p == p, safe: true}}"
    text = f"language: 1\npack: p\nversion: 1.0.0\nparameters: {{p: {{{spec}, why: So}}}}\n{outputs}\n"
    assert [each.code for each in load(text).findings] == [code]


def test_a_list_of_numbers_without_a_range_is_noted() -> None:
    outputs = "outputs: {o: {type: boolean, start: p == p, safe: true}}"
    spec = "{type: list, of: number, max_items: 1, value: [], why: So}"
    text = f"language: 1\npack: p\nversion: 1.0.0\nparameters: {{p: {spec}}}\n{outputs}\n"
    assert [each.code for each in load(text).findings] == ["FB504"]


USES = (
    f"outputs: {{o: {{{MAP}, start: limits}}, t: {{type: integer, start: 'count(tiers) + count(watched)', safe: 0}}}}"
)
LAYERS: list[tuple[dict[str, object], Any]] = [
    ({"limits.b": 3}, {"a.b": 1.5, "b": 3.0}),
    ({"maps.limits.a.b": 3}, {"a.b": 3.0, "b": 2.0}),
    ({"limits.a": 3}, {"a": 3.0, "a.b": 1.5, "b": 2.0}),
    ({"limits": {"z": 1, "k": 0}}, {"k": 0.0, "z": 1.0}),
    ({"limits": {}}, {}),
    ({"limits.b": 10}, "FB314 `10` is outside of [0, 9]"),
    ({"limits.b": "x"}, "FB305 a number in ratio is expected here, not `x`"),
    ({"limits.c": 1, "limits.d": 1}, "FB305 a map of ratio numbers by text with at most 3 entries is expected here"),
    ({"limits": dict.fromkeys("abcd", 1)}, "FB305 a map of ratio numbers by text with at most 3 entries is expected"),
    ({f"limits.{'x' * 257}": 1}, "FB305 a text of at most 256 characters is expected here"),
    ({"limit.b": 1}, "FB301 no parameter named `limit.b`"),
    ({"tiers": [{"name": "a", "x": 1}, {"name": "a", "x": 2}]}, "FB321 two items of `tiers` have the key `a`"),
    ({"tiers": [{"name": "a", "x": 1}] * 3}, "FB305 a list of records with at most 2 items is expected here"),
]


@pytest.mark.parametrize(("values", "worth"), LAYERS)
def test_layers(values: dict[str, object], worth: Any) -> None:
    loaded = load(f"{HEAD}{USES}\n")
    assert loaded.checked
    in_force, findings = effective(loaded.checked.pack, [Layer("--set", values)])
    if isinstance(worth, str):
        assert [f"{each.code} {each.message}"[: len(worth)] for each in findings] == [worth]
    else:
        assert (dict(in_force.values["limits"]), findings) == (worth, [])  # type: ignore[arg-type]  # pairs


def test_texts_of_a_shell() -> None:
    loaded = load(f"{HEAD}{USES}\n")
    assert loaded.checked
    layer = Layer("--set", {"limits.b": "3", "watched": '["a"]'}, texts=True)
    in_force, findings = effective(loaded.checked.pack, [layer])
    assert (in_force.values["limits"], in_force.values["watched"], findings) == ((("a.b", 1.5), ("b", 3.0)), ("a",), [])


def test_the_snapshots_of_a_map() -> None:
    policy = policy_of(f"{HEAD}{USES}\n")
    properties = snapshot_schema(policy.pack)["properties"]
    assert properties["prices"] == {
        "description": "In ratio",
        "type": "object",
        "additionalProperties": {"description": "In ratio", "type": "number", "minimum": 0, "maximum": 100},
        "propertyNames": {"maxLength": 256},
        "maxProperties": 3,
    }
    assert properties["maybe"]["type"] == ["object", "null"]
    sampler = Sampler(policy.pack, policy.values)
    made = [sampler.snapshot() for _ in range(60)]
    assert all(policy.decide(each).status == "ok" for each in made)
    assert {"b", "a.b"} & {each["symbol"] for each in made}, "the texts of the parameters are among those tried"
    assert any(each["symbol"] in each["prices"] for each in made)
