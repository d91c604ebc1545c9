"""Selections that nothing reads but their first item are not sorted by the generated code."""

from __future__ import annotations

from typing import Any

import pytest

from flyball.engine.backends.heads import heads
from flyball.engine.policy import Policy
from flyball.loaders.packs import load_bytes
from flyball.tests.strategies.agreement import check_agreement

PACK = """language: 1
pack: shown
version: 1.0.0
inputs:
  xs:
    type: list
    max_items: 9
    of: {{type: record, fields: {{name: {{type: text}}, size: {{type: number}}}}}}
definitions:
  sorted: {{for: x in xs, {block}}}
  least: first(sorted)
outputs:
  name: {{type: text, start: least.name, optional: true, safe: missing}}
  allow: {{type: boolean, combine: all, start: true, safe: false}}
rules:
  r: {{{rule}, then: {{allow: false}}, because: "{because}"}}
"""
ORDERED = """language: 1
pack: shown
version: 1.0.0
inputs:
  xs:
    type: list
    max_items: 9
    of: {type: record, fields: {rank: {type: number}, name: {type: text}, flag: {type: boolean}, size: {type: integer}}}
definitions:
  sorted: {for: x in xs, order_by: [x.rank]}
outputs:
  names: {type: list, of: text, max_items: 9, start: "[x.name for x in sorted]", safe: []}
"""
GIVEN = {"xs": [{"name": "B", "size": 2}, {"name": "A", "size": 1}, {"name": "C", "size": 1}]}


def policy_of(block: str, rule: str = "when: present(least)", because: str = "It is there") -> Policy:
    checked = load_bytes(PACK.format(block=block, rule=rule, because=because).encode(), "shown.yaml").checked
    assert checked
    return Policy(checked.pack, {}, layers={}, document=None)


@pytest.mark.parametrize("block", ["order_by: [x.size]", "order_by: [x.size], limit: 2"])
def test_only_the_first_item_is_looked_for(block: str) -> None:
    policy = policy_of(block)
    assert list(heads(policy.pack)) == ["sorted"]
    assert policy.decide(GIVEN)["name"] == "A"
    assert policy.decide({"xs": []})["name"] is None


@pytest.mark.parametrize(
    ("block", "more"),
    [
        ("where: x.size > 1", {}),
        ("order_by: [x.size], limit: 0", {}),
        ("order_by: [x.size]", {"rule": "for: x in sorted"}),
        ("order_by: [x.size]", {"rule": "when: count(sorted) > 1"}),
        ("order_by: [x.size]", {"rule": "when: present(first(x for x in sorted if x.size > 1))"}),
        ("order_by: [x.size]", {"because": "{{ count(sorted) }} are there"}),
    ],
)
def test_what_is_read_otherwise_stays_whole(block: str, more: dict[str, str]) -> None:
    assert heads(policy_of(block, **more).pack) == {}


def test_every_item_is_computed_all_the_same() -> None:
    [fault] = (
        policy_of("where: 1 / x.size > 0, order_by: [x.size]")
        .decide({"xs": [*GIVEN["xs"], {"name": "D", "size": 0}]})
        .diagnostics
    )
    assert fault.code == "FB720"


@pytest.mark.parametrize("key", ["[name, flag]", "[name, size]", "name", "[]"])
def test_items_that_an_order_leaves_equal_go_by_their_key_or_stay(key: str) -> None:
    text = ORDERED if key == "[]" else ORDERED.replace("max_items: 9\n", f"max_items: 9\n    key: {key}\n", 1)
    checked = load_bytes(text.encode(), "shown.yaml").checked
    assert checked
    policy = Policy(checked.pack, {}, layers={}, document=None)
    rows = [
        {"rank": 1, "name": "b", "flag": True, "size": 2},
        {"rank": 1, "name": "a", "flag": True, "size": 3},
        {"rank": 0, "name": "c", "flag": False, "size": 1},
    ]
    given: dict[str, Any] = {"xs": rows}
    check_agreement(policy, {}, given)
    tied = ["b", "a"] if key == "[]" else ["a", "b"]
    assert policy.decide(given)["names"] == ["c", *tied]
