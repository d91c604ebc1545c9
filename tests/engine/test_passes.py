"""Aggregates over one list share one loop, and what is decided stays what the reference decides."""

from __future__ import annotations

from typing import Any

import pytest

from flyball.engine.policy import Policy
from flyball.loaders.packs import load_bytes
from flyball.tests.strategies.agreement import check_agreement

PACK = """language: 1
pack: shown
version: 1.0.0
types:
  Side: [LONG, SHORT]
inputs:
  xs:
    type: list
    max_items: 9
    of: {type: record, fields: {side: {type: Side}, size: {type: number}, flag: {type: boolean}}}
definitions:
  gross: "{s: sum(x.size for x in xs if x.side == s) for s in Side}"
  number: "{s: count(x for x in xs if x.side == s) for s in Side}"
  whole: sum(gross)
  best: "{s: first(x for x in xs if x.side == s) for s in Side}"
  highest: max(x.size for x in xs)
  lowest: min(y.size for y in xs)
  some: any(x.flag for x in xs)
  every: all(1 / x.size > 0 for x in xs)
outputs:
  o_whole: {type: number, start: whole, safe: 0}
  longs: {type: integer, start: "number[LONG]", safe: 0}
  o_best: {type: number, optional: true, start: "best[SHORT].size", safe: missing}
  spread: {type: number, optional: true, start: highest - lowest, safe: missing}
  o_some: {type: boolean, start: some, safe: false}
  o_every: {type: boolean, start: every, safe: false}
"""


def policy() -> Policy:
    checked = load_bytes(PACK.encode(), "shown.yaml").checked
    assert checked
    return Policy(checked.pack, {}, layers={}, document=None)


def item(side: str, size: float, *, flag: bool = False) -> dict[str, Any]:
    return {"side": side, "size": size, "flag": flag}


def test_all_aggregates_over_a_list_are_taken_in_one_loop() -> None:
    assert policy().source.count(" in i_xs:") == 1


@pytest.mark.parametrize(
    "items",
    [
        [],
        [item("LONG", 2.0)],
        [item("SHORT", -0.0, flag=True)],
        [item("LONG", 1.0), item("SHORT", 3.0, flag=True), item("SHORT", 1.0), item("LONG", 0.5)],
        [item("LONG", 1.7e308), item("LONG", 1.7e308)],
        [item("LONG", -1.0), item("SHORT", 0.0)],
        [item("LONG", 1.0e308), item("LONG", 1.0e308), item("SHORT", -1.0e308), item("LONG", -1.0e308)],
    ],
)
def test_their_values_and_faults_are_the_reference_s(items: list[dict[str, Any]]) -> None:
    shown = policy()
    check_agreement(shown, {}, {"xs": items})
