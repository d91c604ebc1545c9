"""All back ends give the same decisions: on generated packs and snapshots, and on the examples of what is shipped."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from flyball.engine.backends import reference
from flyball.engine.document import plain
from flyball.engine.example_runs import snapshots_of
from flyball.engine.parameters import Layer, effective
from flyball.engine.plain import plain as to_plain
from flyball.engine.policy import Policy
from flyball.loaders import packs
from flyball.tests.strategies.agreement import check_agreement, check_pack, policy_of
from flyball.tests.strategies.packs import chances, pack_document, text_of

ORDINARY = settings(
    max_examples=50,
    deadline=None,
    derandomize=True,
    database=None,
    phases=(Phase.generate,),  # to make a failing pack small takes minutes
    suppress_health_check=list(HealthCheck),  # a pack takes many choices, and its file is read and checked
)


@ORDINARY
@given(chance=chances())
def test_both_back_ends_decide_alike(chance: Random) -> None:
    check_pack(chance, snapshots=8)


@pytest.mark.long
@pytest.mark.parametrize("hundred", range(20))
def test_both_back_ends_decide_alike_at_length(hundred: int, seed: int) -> None:
    """As `flyball fuzz --seed … --packs 2000 --snapshots 100` does."""
    for number in range(100):
        check_pack(Random(seed + 100 * hundred + number), snapshots=100)


def shipped() -> Iterator[Any]:
    for path in sorted(packs.SHIPPED.glob("*/*.yaml")):
        checked = packs.load(path).checked
        for example in checked.examples if checked else ():
            yield pytest.param(path, example.name, id=f"{path.parent.name}-{example.name}")


@pytest.mark.parametrize(("path", "name"), list(shipped()))
def test_both_back_ends_decide_the_shipped_examples_alike(path: Path, name: str) -> None:
    loaded = packs.load(path)
    assert loaded.checked is not None
    example = next(each for each in loaded.checked.examples if each.name == name)
    node = example.node.get("parameters")
    layers = [Layer("example", plain(node))] if node else []  # type: ignore[arg-type]  # the schema wants a mapping
    in_force, findings = effective(loaded.checked.pack, layers)
    assert not findings
    policy = Policy(loaded.checked.pack, in_force.values, in_force.layer_of, loaded.document)
    for each in snapshots_of(loaded.checked.pack, example):
        check_agreement(policy, in_force.values, each)


def test_nothing_that_a_snapshot_holds_raises() -> None:
    policy, _ = policy_of(text_of(pack_document(Random(1))))
    endless: list[Any] = []
    endless.append(endless)
    names = [each.source for each in policy.pack.inputs]
    for strange in (None, 1, "x", [], endless, {1: 2}, dict.fromkeys(names, endless), dict.fromkeys(names, object())):
        assert policy.decide(strange).status == "failsafe"  # type: ignore[arg-type]  # strangers do
        assert policy.decide(strange, now="2026-01-05T15:00:00Z").status == "failsafe"  # type: ignore[arg-type]


@dataclass
class Row:
    name: str
    tag: str


NAMED = """
types: {Tag: [GOOD, BAD]}
inputs:
  rows:
    type: list
    max_items: 3
    key: name
    of: {type: record, fields: {name: {type: text}, tag: {type: Tag}}}
outputs: {bad: {type: list, of: text, max_items: 3, combine: collect, safe: []}}
rules: {r: {for: row in rows, when: row.tag == BAD, then: {bad: row.name}, because: It is bad}}"""


@pytest.mark.parametrize(
    "row", [{"name": Decimal("1.5"), "tag": "BAD"}, Row("1.5", "BAD"), (("name", "1.5"), ("tag", "BAD"))]
)
def test_what_was_read_before_does_not_change_what_is_read(row: Any) -> None:
    """Content that repeats is not read again: what looks like it gets what it would have got without it."""
    policy, parameters = policy_of(f"language: 1\npack: named\nversion: 1.0.0{NAMED}\n")
    expected = reference.decide(policy.pack, parameters, to_plain({"rows": [row]}))
    status = "failsafe" if expected.faults else "ok"
    assert policy.decide({"rows": [row]}).status == status
    assert policy.decide({"rows": [{"name": "1.5", "tag": "BAD"}]})["bad"] == ["1.5"]
    assert policy.decide({"rows": [row]}).status == status


HELD = """
language: 1
pack: held
version: 1.0.0
types: {Theme: [TECH, RATES]}
inputs:
  positions:
    type: list
    max_items: 3
    key: symbol
    of:
      type: record
      fields:
        symbol: {type: text}
        themes: {type: list, of: Theme, max_items: 2, bad_items: drop, optional: true}
        lots:
          type: list
          max_items: 2
          of: {type: record, key: id, fields: {id: {type: text}, cost: {type: number, unit: usd}}}
definitions: {tech: "[p for p in positions if TECH in default(p.themes, [])]"}
outputs: {cost: {type: number, unit: usd, start: sum(sum(lot.cost for lot in p.lots) for p in tech), safe: 0}}
"""


def held(**changed: Any) -> dict[str, Any]:
    lots: list[dict[str, Any]] = [{"id": "a", "cost": 2}, {"id": "b", "cost": -0.0}]
    other: dict[str, Any] = {"symbol": "TLT", "themes": None, "lots": []}
    return {"positions": [{"symbol": "ON", "themes": ["RATES", "TECH"], "lots": lots, **changed}, other]}


def test_lists_in_records_are_read_by_generated_code() -> None:
    policy, _ = policy_of(HELD)
    assert policy.decide(held())["cost"] == 2
    assert policy.decide(held(themes=[]))["cost"] == 0
    assert "examiner" not in vars(policy)


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({"themes": ["TECH", "GOLD"]}, "ok"),  # with a warning
        ({"themes": ["TECH", "TECH", "TECH"]}, "failsafe"),
        ({"themes": "TECH"}, "failsafe"),
        ({"themes": [["TECH"]]}, "ok"),
        ({"lots": None}, "failsafe"),
        ({"lots": [{"id": "a", "cost": 1}] * 2}, "failsafe"),
        ({"lots": [{"id": "a"}]}, "failsafe"),
        ({"lots": [{"id": "a", "cost": 1, "fee": 1}]}, "failsafe"),
        ({"lots": [{"id": "a", "cost": float("nan")}]}, "failsafe"),
    ],
)
def test_lists_in_records_keep_every_check(changed: dict[str, Any], status: str) -> None:
    policy, parameters = policy_of(HELD)
    assert policy.decide(held(**changed)).status == status
    check_agreement(policy, parameters, held(**changed))


LEGS = """language: 1
pack: legs
version: 1.0.0
types:
  Ask: {type: record, fields: {first: {type: number}, second: {type: number}}}
inputs:
  rows:
    type: list
    max_items: 4
    of: {type: record, fields: {leg: {type: number}, leg1: {type: number}}}
outputs:
  weights: {type: list, of: number, max_items: 4, combine: collect, safe: []}
rules:
  both: {for: r in rows, when: r.leg > 0, then: {weights: r.leg * 2 + r.leg1}, because: "It is above"}
emits: Ask
intents:
  ask: {for: r in rows, when: r.leg > 0, exposure: neutral, emit: {first: r.leg, second: r.leg1}, because: "So it is"}
"""


def test_fields_whose_names_begin_alike_are_not_confused() -> None:
    """What a rule keeps of an item is written where the list is read, and read where the effects are."""
    policy, parameters = policy_of(LEGS)
    given = {"rows": [{"leg": 1, "leg1": 10}, {"leg": 2, "leg1": 20}]}
    decision = policy.decide(given)
    assert decision.outputs == {"weights": [12.0, 24.0]}
    assert [dict(each.emit) for each in decision.intents] == [
        {"first": 1.0, "second": 10.0},
        {"first": 2.0, "second": 20.0},
    ]
    check_agreement(policy, parameters, given)


SETTLED = """language: 1
pack: settled
version: 1.0.0
types:
  Ask:
    type: record
    fields: {name: {type: text}, size: {type: number}}
    intent: {of: name, change: -size}
inputs: {late: {type: boolean}, symbol: {type: text}, held: {type: number, range: [1, 9]}}
outputs: {quoting: {type: boolean, combine: all, start: true, safe: false}}
rules:
  midway: {then: {quoting: false}, because: Never}
  sooner: {when: late, then: {quoting: false}, because: It is late}
emits: Ask
intents:
  out: {exposure: reduces, when: fired.midway, emit: {name: symbol, size: held}, position: held, because: Out}
"""


@pytest.mark.parametrize(("rule", "asks"), [("early", []), ("sooner", ["out"])])
def test_what_settles_an_output_behind_a_bound_does_not_keep_it_from_firing(rule: str, asks: list[str]) -> None:
    """A bound fires where it changes what effects before it left, in the order of ids; an exit may rest on that."""
    policy, parameters = policy_of(SETTLED.replace("sooner", rule))
    given = {"late": True, "symbol": "TLT", "held": 2}
    assert [each.id for each in policy.decide(given).intents] == asks
    for late in (True, False):
        check_agreement(policy, parameters, {**given, "late": late})


PAIRS = """language: 1
pack: pairs
version: 1.0.0
inputs:
  xs: {type: list, of: number, max_items: 3}
  ys: {type: list, of: number, max_items: 3}
  z: {type: number}
outputs:
  met: {type: integer, start: count(pairs), safe: -1}
definitions:
  pairs: {for: "x in xs, y in ys", where: WHERE}
"""


@pytest.mark.parametrize(
    ("where", "ys", "met"),
    [
        ("x / z > 1", [], 0),  # there is no pair that could be at fault
        ("y / z > 1 and x > 5", [1], -1),
        ("x > 5 and y / z > 1", [1], 0),
        ("y > 0 and x > 5", [1, 2], 0),
        ("y > 1 and x > 0", [1, 2], 1),
    ],
)
def test_each_pair_is_asked_in_the_order_of_the_condition(where: str, ys: list[float], met: int) -> None:
    policy, parameters = policy_of(PAIRS.replace("WHERE", where))
    given = {"xs": [1], "ys": ys, "z": 0}
    decision = policy.decide(given)
    assert decision.outputs == {"met": met}
    check_agreement(policy, parameters, given)
