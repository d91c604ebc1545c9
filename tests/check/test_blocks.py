"""The block of `for`, `where`, `with`, `order_by` and `limit`: the same for selections, rules and tables."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from flyball.engine.policy import Policy
from flyball.loaders.packs import LoadedPack, load_bytes
from flyball.tests.decided import decided

HEAD = """language: 1
pack: shown
version: 1.0.0
types: {Bucket: [TECH, BANKS]}
inputs:
  positions:
    type: list
    key: symbol
    max_items: 9
    of:
      type: record
      fields:
        symbol: {type: text}
        held_in: {type: Bucket, from: bucket}
        size: {type: number}
        stop: {type: number, optional: true}
  limits:
    type: list
    max_items: 4
    of: {type: record, fields: {name: {type: Bucket}, most: {type: number}}}
parameters: {few: {type: integer, value: 2, range: [-5, 5], why: A test}}
outputs: {names: {type: list, of: text, max_items: 99, combine: collect, safe: []}}
"""
POSITIONS = [
    {"symbol": "D", "bucket": "TECH", "size": 2, "stop": 1},
    {"symbol": "C", "bucket": "BANKS", "size": 1},
    {"symbol": "B", "bucket": "TECH", "size": 1, "stop": 3},
    {"symbol": "A", "bucket": "TECH", "size": 1, "stop": 2},
]
LIMITS = [{"name": "BANKS", "most": 1.5}, {"name": "TECH", "most": 1.5}]
GIVEN = {"positions": POSITIONS, "limits": LIMITS}


def load(text: str) -> LoadedPack:
    return load_bytes((HEAD + text).encode(), "shown.yaml")


def policy_of(text: str) -> Policy:
    loaded = load(text)
    assert loaded.checked, loaded.findings
    parameters = {name: each.value for name, each in loaded.checked.pack.parameters.items()}
    return Policy(loaded.checked.pack, parameters, layers={}, document=None)


def errors(text: str) -> list[str]:
    return [f"{each.code} {each.message}" for each in load(text).findings if each.severity == "error"]


BLOCKS: Mapping[str, str] = {
    "for: p in positions": "D C B A",
    "for: p in positions, where: p.held_in == TECH, order_by: [p.size]": "A B D",
    "for: p in positions, order_by: [-p.size]": "D A B C",
    "for: p in positions, order_by: [p.size], limit: 1": "A",
    "for: p in positions, order_by: [p.size], limit: few": "A B",
    "for: p in positions, limit: few": "D C",
    "for: p in positions, limit: few - few": "",
    "for: p in positions, limit: -few": "",
    "for: p in positions, with: {twice: p.size * 2, large: twice > 3}, order_by: [not large]": "D A B C",
    'for: "p in positions, x in limits", where: p.held_in == x.name and p.size > x.most': "D",
    "for: [p in positions, x in limits], where: p.held_in == x.name, limit: few": "D C",
    "for: [x in limits, p in positions], where: p.held_in == x.name, limit: few": "C D",
    "for: [x in limits, p in positions], where: p.held_in == x.name, order_by: [-p.size]": "D C B A",
    "for: [b in Bucket, p in positions], where: p.held_in == b, order_by: [-p.size]": "D A B C",
}


@pytest.mark.parametrize("block", BLOCKS)
def test_rules_and_tables_go_over_the_same_items_in_the_same_order(block: str) -> None:
    rule = f"rules: {{r: {{{block}, then: {{names: p.symbol}}, because: It is there}}}}"
    row = "rows: {a: {c: true, then: {names: p.symbol}, because: It is there}}"
    table = f"tables: {{t: {{{block}, match: {{c: p.size > 0}}, hit: first, {row}}}}}"
    for text in (rule, table.replace("c: true", 'c: "true"')):
        assert policy_of(text).decide(GIVEN)["names"] == BLOCKS[block].split()


@pytest.mark.parametrize("block", [each for each in BLOCKS if " in limits" not in each and "Bucket" not in each])
def test_so_do_selections(block: str) -> None:
    text = f"definitions: {{s: {{{block}}}}}\nrules: {{r: {{for: y in s, then: {{names: y.symbol}}, because: It is}}}}"
    assert policy_of(text).decide(GIVEN)["names"] == BLOCKS[block].split()


@pytest.mark.parametrize("block", [each for each in BLOCKS if " in limits" in each or "Bucket" in each])
def test_an_item_of_two_lists_has_a_field_for_each_variable(block: str) -> None:
    text = (
        f"definitions: {{s: {{{block}}}}}\nrules: {{r: {{for: y in s, then: {{names: y.p.symbol}}, because: It is}}}}"
    )
    assert policy_of(text).decide(GIVEN)["names"] == BLOCKS[block].split()


def test_what_is_named_in_a_block_over_two_lists_is_a_field_as_well() -> None:
    text = """definitions:
  over: {for: "p in positions, x in limits", where: p.held_in == x.name, with: {spare: x.most - p.size}}
  least: default(min(o.spare for o in over), 0)
rules: {r: {for: o in over, when: o.spare == least and o.x.name == TECH, then: {names: o.p.symbol}, because: It is}}"""
    assert policy_of(text).decide(GIVEN)["names"] == ["D"]


def test_a_limit_counts_before_when() -> None:
    block = "for: p in positions, order_by: [-p.size], limit: 2, when: p.held_in == BANKS"
    text = f"rules: {{r: {{{block}, then: {{names: p.symbol}}, because: It is}}}}"
    assert policy_of(text).decide(GIVEN)["names"] == []


def test_the_second_list_may_belong_to_the_item_of_the_first() -> None:
    text = """language: 1
pack: shown
version: 1.0.0
inputs:
  books:
    type: list
    max_items: 3
    of: {type: record, fields: {tags: {type: list, of: text, max_items: 3}}}
outputs: {names: {type: list, of: text, max_items: 9, combine: collect, safe: []}}
rules: {r: {for: "b in books, t in b.tags", then: {names: t}, because: "{{ t }} is there"}}
"""
    checked = load_bytes(text.encode(), "shown.yaml").checked
    assert checked
    decision = Policy(checked.pack, {}, layers={}, document=None).decide(
        {"books": [{"tags": ["a", "b"]}, {"tags": []}, {"tags": ["c"]}]}
    )
    assert decision["names"] == ["a", "b", "c"]
    assert [(each.text, each.item) for each in decision.reasons] == [
        ("a is there", (0, 0)),
        ("b is there", (0, 1)),
        ("c is there", (2, 0)),
    ]
    assert decision.to_dict()["reasons"][2]["item"] == [2, 0]


def test_the_reason_of_a_pair_names_both() -> None:
    text = """rules:
  r:
    for: p in positions, x in limits
    where: p.held_in == x.name
    when: p.size > x.most
    then: {names: p.symbol}
    because: "{{ p.symbol }} is above {{ x.most }}"
"""
    [reason] = policy_of(text).decide(GIVEN).reasons
    assert (reason.text, reason.item) == ("D is above 1.5", (0, 1))
    assert reason.values == {
        "p.held_in": "TECH", "p.size": 2.0, "p.symbol": "D", "x.most": 1.5, "x.name": "TECH"
    }  # fmt: skip


def test_a_fault_names_the_item_of_each_list() -> None:
    loop = "for: [p in positions, x in limits], when: 1 / (p.size - x.most) > 0"
    text = f"rules: {{r: {{{loop}, then: {{names: p.symbol}}, because: It is}}}}"
    given = {"positions": POSITIONS[:1], "limits": [{"name": "TECH", "most": 1}, {"name": "TECH", "most": 2}]}
    [fault] = policy_of(text).decide(given).diagnostics
    assert (fault.code, fault.path) == ("FB720", "positions[0], limits[1]")


def test_every_item_with_a_fault_is_reported() -> None:
    block = "for: p in positions, order_by: [1 / (p.size - 1)], limit: 1"
    text = f"rules: {{r: {{{block}, then: {{names: p.symbol}}, because: It is}}}}"
    decision = policy_of(text).decide(GIVEN)
    assert [each.path for each in decision.diagnostics] == ["positions[1]", "positions[2]", "positions[3]"]


def test_a_field_that_where_knows_is_there_outside() -> None:
    text = """definitions:
  stopped: {for: p in positions, where: present(p.stop) and p.size > 0, order_by: [p.stop]}
  nearest: default(first(stopped), first(all_of))
  all_of: {for: p in positions}
  both: union(all_of, stopped)
rules:
  r: {for: s in stopped, when: s.stop > few_stop, then: {names: s.symbol}, because: "{{ s.stop }}"}
  near: {when: present(nearest.stop) and count(both) > 1, then: {names: nearest.symbol}, because: It is near}
""".replace("few_stop", "1")
    assert policy_of(text).decide(GIVEN)["names"] == ["D", "A", "B"]


def test_a_pair_knows_it_as_well() -> None:
    text = """definitions:
  stopped: {for: "p in positions, b in Bucket", where: b == p.held_in and present(p.stop)}
rules: {r: {for: s in stopped, when: s.p.stop > 1, then: {names: s.p.symbol}, because: "{{ s.p.stop }}"}}
"""
    assert policy_of(text).decide(GIVEN)["names"] == ["B", "A"]


BAD: tuple[tuple[str, str], ...] = (
    ("order_by: [p.stop]", "FB308 `p.stop` may be missing here"),
    ("order_by: [p.symbol]", "FB305 something with an order is expected here, not a text"),
    ("limit: p.size", "FB301 no value named `p`"),
    ("limit: few / few", "FB305 an integer is expected here, not a number in ratio"),
    ("limit: 1.5", "FB203 a whole number is expected here, not `1.5`"),
    ("with: {few: p.size}", "FB311 `few` already names another value"),
)


@pytest.mark.parametrize(("more", "finding"), BAD)
def test_what_does_not_fit_is_one_finding_wherever_the_block_stands(more: str, finding: str) -> None:
    rows = "rows: {a: {then: {names: p.symbol}, because: It is}}"
    used = "rules: {u: {for: s in d, then: {names: s.symbol}, because: It is}}"
    for text in (
        f"definitions: {{d: {{for: p in positions, {more}}}}}\n{used}",
        f"rules: {{r: {{for: p in positions, {more}, then: {{names: p.symbol}}, because: It is}}}}",
        f"tables: {{t: {{for: p in positions, {more}, match: {{c: p.size}}, hit: collect, {rows}}}}}",
    ):
        assert errors(text) == [finding]


def test_a_name_that_is_taken_is_reported_where_it_is_given() -> None:
    text = "definitions:\n  d:\n    for: p in positions\n    with:\n      few: p.size + p.size\n"
    [found] = [each for each in load(text).findings if each.code == "FB311"]
    assert found.span is not None
    assert found.span.text == "few"


HUGE = 10**15


@pytest.mark.parametrize(("most", "symbols"), [(HUGE, list("ABCD")), (-HUGE, []), (2**53 - 1, list("ABCD"))])
def test_a_list_is_cut_anywhere(most: int, symbols: list[str]) -> None:
    head = HEAD.replace("value: 2, range: [-5, 5]", f"value: {most}, range: [-9007199254740991, 9007199254740991]")
    for start in ("[p.symbol for p in positions][:few]", "[p.symbol for p in cut]"):
        text = head.replace("combine: collect", f'start: "{start}"')
        text += "definitions: {cut: {for: p in positions, order_by: [p.size], limit: few}}\n"
        assert sorted(decided(text, {"positions": POSITIONS, "limits": []})["names"]) == symbols


def test_a_plain_limit_is_no_bare_number() -> None:
    text = "rules: {r: {for: p in positions, limit: 3, then: {names: p.symbol}, because: It is}}"
    assert [each.code for each in load(text).findings if each.code == "FB501"] == []


def test_the_pairs_are_bounded() -> None:
    text = HEAD.replace("max_items: 9", "max_items: 50000") + (
        "rules: {r: {for: [p in positions, x in limits], then: {names: p.symbol}, because: It is}}"
    )
    found = [each for each in load_bytes(text.encode(), "shown.yaml").findings if each.severity == "error"]
    assert [each.code for each in found] == ["FB420"]
