"""What generated code leaves out or computes once, and that it decides what the reference decides."""

from __future__ import annotations

import random
from typing import Any

import pytest

import flyball
from flyball.engine.policy import Policy
from flyball.tests.strategies.agreement import check_agreement, policy_of
from flyball.tests.strategies.policies import load

HEAD = "language: 1\npack: shown\nversion: 1.0.0\n"


def pack(text: str) -> Policy:
    policy, _ = policy_of(HEAD + text)
    return policy


def check(policy: Policy, *snapshots: dict[str, Any]) -> None:
    for each in snapshots:
        check_agreement(policy, policy.values, each)


# One pack, used twice

GUARD = {
    "language": 1, "pack": "guard", "version": "1.0.0",
    "inputs": {
        "price": {"type": "number", "range": [1, 1000], "why": "Of one share"},
        "size": {"type": "number", "range": [0, 1000], "why": "Of the order"},
    },
    "parameters": {"most": {"value": 500, "range": [1, 1000], "why": "Enough"}},
    "definitions": {"fee": "price * 0.5", "worth": "price * size"},
    "outputs": {
        "accepted": {"type": "boolean", "combine": "all", "start": True, "safe": False},
        "cost": {"type": "number", "start": "fee", "safe": 0},
    },
    "rules": {"too_large": {"when": "worth > most", "then": {"accepted": False}, "because": "It is worth {{ worth }}"}},
    "invariants": {"large_is_refused": {"never": "worth > most and out.accepted", "enforce": True, "why": "A duty"}},
}  # fmt: skip
TWICE = """language: 1
policy: twice
version: 1.0.0
use:
  first: {pack: guard@1, inputs: {size: 0}}
  second: {pack: guard@1}
outputs:
  room: {type: number, start: first.cost, safe: 0}
  accepted: {type: boolean, start: first.accepted and second.accepted, safe: false}
"""


def twice() -> Policy:
    checked = load(TWICE, {"guard": GUARD}).checked
    assert checked is not None
    values = {name: each.value for name, each in checked.pack.parameters.items()}
    return Policy(checked.pack, values, layers={}, document=None)


def test_what_two_parts_compute_alike_is_computed_once() -> None:
    policy = twice()
    assert policy.source.count("(i_price * 0.5)") == 1
    check(policy, *({"price": price, "size": size} for price in (1, 2.5, 1000) for size in (0, 1, 600)))


def test_what_a_constant_settles_is_not_computed() -> None:
    assert "first·worth" not in twice().source
    assert "first·too_large" not in twice().source


def test_an_invariant_that_rules_keep_is_not_checked_again() -> None:
    assert "# invariant" not in twice().source


# Propositions

RULES = """inputs: {a: {type: number}, b: {type: boolean}, c: {type: number, optional: true}}
outputs:
  ok: {type: boolean, combine: all, start: true, safe: false}
  room: {type: number, start: "a if a > 0 else 0", safe: 0}
rules:
  low: {when: a < 1, then: {ok: false}, because: Too low}
  flagged: {when: b, then: {ok: false}, because: Flagged}
  unknown: {when: not present(c), then: {ok: false}, because: Unknown}
"""


@pytest.mark.parametrize(
    ("condition", "implied"),
    [
        ("never: a < 1 and out.ok", True),
        ("always: a >= 1 or not out.ok", True),
        ("always: 1 <= a or not out.ok", True),
        ("never: (a < 1 or b) and out.ok", True),
        ("always: out.ok == (a >= 1 and not b and present(c))", True),
        ("never: fired.low and a >= 1", True),
        ("never: out.ok and not present(c)", True),
        ("never: a <= 1 and out.ok", False),
        ("never: b and not out.ok", False),
        ("always: out.room <= 1000 or not out.ok", False),
        ("never: a < 2 and out.ok", False),
    ],
)
def test_an_invariant_is_left_out_only_where_it_follows(condition: str, implied: bool) -> None:
    word, _, said = condition.partition(": ")
    policy = pack(f'{RULES}invariants: {{kept: {{{word}: "{said}", enforce: true, why: It must}}}}\n')
    assert ("# invariant" not in policy.source) == implied
    given = [{"a": a, "b": b} for a in (0, 1, 1.5, 2000) for b in (False, True)]
    check(policy, *given, *({**each, "c": 1} for each in given))


# Vectors

TALLY = """types: {Side: [LONG, SHORT], Bucket: [B0, B1, B2, B3, B4, B5, B6, B7, B8, B9]}
inputs:
  xs:
    type: list
    max_items: 9
    of:
      type: record
      fields:
        side: {type: Side}
        size: {type: number, range: [-1000, 1000]}
        tags: {type: list, of: Bucket, max_items: 4, optional: true}
        home: {type: Bucket}
definitions:
  tagged: {for: x in xs, with: {buckets: "union(default(x.tags, []), [x.home])"}}
  held: "{b: sum(x.size for x in tagged if b in x.buckets) for b in Bucket}"
  homes: "{b: sum(x.size for x in xs if x.home == b) for b in Bucket}"
  doubled: "{b: held[b] * 2 + sum(homes) for b in Bucket}"
outputs:
  shown: {by: Bucket, type: number, start: doubled, safe: 0}
  most: {type: number, start: "max(homes)", safe: 0}
  over: {type: boolean, combine: any, start: false, safe: true}
rules:
  large: {for: b in Bucket, when: "held[b] > 100", then: {over: true}, because: "{{ b }} holds {{ held[b] }}"}
"""


def items(draw: random.Random) -> list[dict[str, Any]]:
    buckets = [f"B{i}" for i in range(10)]
    return [
        {
            "side": "LONG",
            "size": draw.choice([0.1, 0.2, 0.3, -7.7, 99.9, -0.0]),
            "home": draw.choice(buckets),
            **({"tags": draw.sample(buckets, draw.randint(0, 3))} if draw.random() < 0.6 else {}),
        }
        for _ in range(draw.randint(0, 6))
    ]


def test_sums_by_member_take_one_loop() -> None:
    policy = pack(TALLY)
    assert policy.source.count("[0.0] * 10") == 2
    assert "for l_b in" not in policy.source
    check(policy, *({"xs": items(random.Random(seed))} for seed in range(60)))


def test_an_item_that_may_name_a_member_twice_is_counted_once() -> None:
    policy = pack(TALLY.replace("union(default(x.tags, []), [x.home])", "default(x.tags, [])"))
    assert policy.source.count("[0.0] * 10") == 1
    item = {"side": "LONG", "size": 60, "home": "B1", "tags": ["B1", "B1"]}
    assert policy.decide({"xs": [item]})["shown"]["B1"] == 180
    check(policy, {"xs": [item]})


# Values that are absent, tables of values, bounds

MIXED = """types: {Depth: [THIN, FAIR, DEEP]}
inputs:
  a: {type: number, range: [0, 1.0e+200]}
  b: {type: number, range: [0, 1.0e+200]}
  c: {type: number, optional: true}
  symbol: {type: text}
  depths: {type: list, of: Depth, max_items: 3, optional: true}
parameters:
  named: {by: text, type: list, of: Depth, max_items: [5, 3], why: Known, values: {one: [THIN], two: [FAIR, DEEP]}}
  least: {value: 0.25, range: [0, 1], why: Enough}
definitions:
  rounded: "default(floor(a * b / c), 0)"
  share: default(ratio(a, b), 7)
  known: "union(default(named[symbol], [DEEP]), default(depths, []))"
  depth:
    match: {a: a, none: b == 0}
    hit: unique
    type: Depth
    rows:
      nothing: {none: true, value: THIN}
      thin: {none: false, a: "< 1", value: THIN}
      fair: {none: false, a: "[1..10)", value: FAIR}
      deep: {none: false, a: ">= 10", value: DEEP}
outputs:
  o_rounded: {type: integer, start: rounded, safe: 0}
  o_share: {type: number, start: share, safe: 0}
  o_root: {type: number, start: sqrt(a), safe: 0}
  o_depth: {type: Depth, start: depth, safe: THIN}
  o_known: {type: list, of: Depth, max_items: 6, start: known, safe: []}
  o_new: {type: boolean, start: symbol not in named, safe: false}
  o_held: {type: number, start: a, safe: 1, range: [0, 1.0e+200], prefer: cap}
rules:
  cap: {then: {o_held: {cap: b}}, because: Too much}
  floor: {then: {o_held: {floor: least}}, because: Too little}
"""


def test_whatever_is_absent_or_at_fault_is_decided_alike() -> None:
    policy = pack(MIXED)
    assert "lambda" not in policy.source
    assert policy.source.count("op_") == 1  # the union, where there is something to unite
    numbers = (0, 0.5, 9.99, 1.0e199)
    for a in numbers:
        for b in numbers:
            for more in ({}, {"c": 0}, {"c": 2, "depths": []}, {"depths": ["DEEP", "DEEP"], "c": 1.0e-200}):
                check(policy, {"a": a, "b": b, "symbol": "one" if a < b else "three", **more})


def test_shipped_policies_decide_without_the_examination() -> None:
    policy = flyball.load("proposal_gate", environment=False)
    source = policy.source
    assert source.count("# invariant") < 12
    assert "budget_room·over" not in source  # only what the room is for is worked out
    assert "op_sum" not in source.split("too_full")[0]
