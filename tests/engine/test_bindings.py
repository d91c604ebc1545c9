"""What a used pack is bound to: generated code checks what may be wrong with it, and nothing that cannot be."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from flyball.engine import dated
from flyball.engine.parameters import effective
from flyball.engine.policy import Policy
from flyball.tests.strategies.agreement import check_agreement
from flyball.tests.strategies.policies import load

MAKER = """
language: 1
pack: maker
version: 1.0.0
types:
  Row: {type: record, fields: {name: {type: text, max_length: 6}, size: {type: number}}}
inputs:
  rows:
    type: list
    max_items: 4
    of: {type: record, fields: {name: {type: text, max_length: 6}, size: {type: number, range: [-5, 5]}}}
outputs:
  names: {type: list, of: {type: text, max_length: 6}, max_items: 4, start: "[r.name for r in rows]", safe: []}
  large: {type: list, of: Row, max_items: 4, combine: collect, safe: []}
  largest: {type: number, start: "default(max(r.size for r in rows), 0)", range: [-5, 5], safe: 0}
rules:
  is_large: {for: r in rows, when: r.size > 0, then: {large: {name: r.name, size: r.size}}, because: "{{ r.name }}"}
"""
TAKER = """
language: 1
pack: taker
version: 1.0.0
inputs:
  found:
    {type: list, max_items: %d, %s of: {type: record, fields: {
    name: {type: text, max_length: %d}, size: {type: number, range: [-5, %d]}}}}
  both:
    type: record
    fields:
      most: {type: number, range: [-5, 5]}
      all_names: {type: list, of: {type: text, max_length: 6}, max_items: 4}
outputs:
  count_of_all: {type: integer, start: count(found) + count(both.all_names), safe: 0}
"""
POLICY = """
language: 1
policy: bound
version: 1.0.0
use:
  maker: {pack: maker@1, on_fault: contain}
  taker: {pack: taker@1, inputs: {found: maker.large, both: {most: maker.largest, all_names: maker.names}}}
"""
ROWS = [
    [],
    [{"name": "a", "size": 1}],
    [{"name": "a", "size": 1}, {"name": "a", "size": 2}],
    [{"name": "abcdef", "size": 5}, {"name": "b", "size": -5}],
    [{"name": name, "size": 3} for name in "abcd"],
    [{"name": "a", "size": 9}],
]


def policy(items: int = 4, key: str = "", length: int = 6, high: int = 5) -> Policy:
    taker = TAKER % (items, key, length, high)
    loaded = load(POLICY, {name: yaml.safe_load(text) for name, text in (("maker", MAKER), ("taker", taker))})
    assert loaded.checked is not None, [str(each) for each in loaded.findings]
    return dated.policy_of(loaded.checked.pack, effective(loaded.checked.pack, [])[0], loaded.document)


def decided(found: Policy) -> list[str]:
    statuses: list[str] = []
    for rows in ROWS:
        snapshot: dict[str, Any] = {"rows": rows}
        check_agreement(found, {}, snapshot)
        statuses.append(found.decide(snapshot).status)
    return statuses


def test_what_cannot_be_wrong_is_not_checked() -> None:
    found = policy()
    assert "FITS" not in found.source
    assert decided(found) == ["ok", "ok", "ok", "ok", "ok", "degraded"]


@pytest.mark.parametrize(
    ("asked", "code", "statuses"),
    [
        ({"items": 3}, "len(d_taker·found) > 3", ["ok", "ok", "ok", "ok", "degraded", "degraded"]),
        ({"key": "key: name,"}, "each[0] for each in", ["ok", "ok", "degraded", "ok", "ok", "degraded"]),
        ({"length": 5}, "FITS_taker·found", ["ok", "ok", "ok", "degraded", "ok", "degraded"]),
        ({"high": 4}, "FITS_taker·found", ["ok", "ok", "ok", "degraded", "ok", "degraded"]),
    ],
)
def test_what_may_be_wrong_is_checked(asked: dict[str, Any], code: str, statuses: list[str]) -> None:
    found = policy(**asked)
    assert code in found.source
    assert decided(found) == statuses
