"""State functions over maps: each item has a state of its own, for as long as snapshots have the item."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import Any

import pytest

from flyball.engine.policy import Policy
from flyball.engine.session import Session
from flyball.engine.state import HEAD
from flyball.engine.state_document import StateError
from flyball.engine.state_kinds import most_of
from flyball.tests.decided import load, policy_of
from flyball.tests.strategies.sequences import check_step

HEADER = """
language: 1
pack: watch
version: 1.0.0
inputs:
{inputs}
parameters:
  two_bars: {{value: 2, unit: bars, range: [1, 9], why: Two}}
  a_minute: {{value: 60, unit: s, range: [1, 900], why: A minute}}
  half: {{value: 0.5, unit: ratio, range: [0, 1], why: Half}}
definitions:
"""
MANY = """  rows: {type: list, max_items: 4, key: name, of: {type: record, fields: {name: {type: text, max_length: 4},
    c: {type: boolean}, x: {type: number, optional: true}}}}
  reset: {type: boolean}"""
ONE = "  c: {type: boolean}\n  x: {type: number, optional: true}\n  reset: {type: boolean}"
CALLS = {
    "for_s": ("held({c})", "type: number, unit: s"),
    "hits": ("streak({c})", "type: integer, unit: snapshots"),
    "ago": ("since({c})", "type: number, unit: s"),
    "tripped": ("latch({c}, reset, on_fault=set)", "type: boolean"),
    "moved": ("changed({x})", "type: boolean"),
    "total_x": ("total({x})", "type: number"),
    "mean": ("ewma({x}, half_life=a_minute)", "type: number"),
    "smooth": ("ewma({x}, alpha=half)", "type: number"),
    "of_two": ("rolling_mean({x}, two_bars)", "type: number"),
    "top": ("rolling_max({x}, a_minute)", "type: number"),
    "share": ("running_covariance({x}, {y})", "type: number"),
}
_ABSENT = {kind: "false" if "boolean" in kind else "-1" for _, kind in CALLS.values()}


def pack(inputs: str, c: str, x: str, y: str, by: str) -> Policy:
    lines = [HEADER.format(inputs=inputs)]
    lines += [f'  {name}: "{call.format(c=c, x=x, y=y)}"' for name, (call, _) in CALLS.items()]
    lines.append("outputs:")
    for name, (_, kind) in CALLS.items():
        value = (
            f"{{n: default({name}[n], {_ABSENT[kind]}) for n in {name}}}" if by else f"default({name}, {_ABSENT[kind]})"
        )
        lines.append(f'  out_{name}: {{{by}{kind}, start: "{value}", safe: {"{}" if by else _ABSENT[kind]}}}')
    return policy_of("\n".join(lines))


@pytest.fixture(scope="module")
def keyed() -> Policy:
    c, x = (f"{{r.name: r.{each} for r in rows}}" for each in "cx")
    return pack(MANY, c, x, "{r.name: (1 if r.c else 0) for r in rows}", "by: text, max_items: 4, ")


@pytest.fixture(scope="module")
def single() -> Policy:
    return pack(ONE, "c", "x", "(1 if c else 0)", "")


def feed(draw: Random, count: int) -> Iterator[dict[str, Any]]:
    now = 0.0
    for _ in range(count):
        now += draw.choice([0.000001, 10, 30, 61])
        rows = [
            {"name": name, "c": draw.random() < 0.6, **({"x": draw.gauss(0, 3)} if draw.random() < 0.8 else {})}
            for name in draw.sample(("é", "b", "a.b", ""), draw.randint(0, 4))
        ]
        yield {"now": round(now, 6), "rows": rows, "reset": draw.random() < 0.2}


@pytest.mark.parametrize("seed", range(8))
def test_each_item_is_what_a_session_of_its_own_would_be(keyed: Policy, single: Policy, seed: int) -> None:
    """One that leaves and comes back begins anew."""
    draw = Random(seed)
    session, apart = keyed.session(), dict[str, Session]()
    for snapshot in feed(draw, 60):
        decision = session.step(snapshot)
        assert decision.status == "ok", decision.diagnostics
        check_step(keyed, keyed.values, snapshot, decision)
        rows = {row["name"]: row for row in snapshot["rows"]}
        apart = {name: apart.get(name) or single.session() for name in rows}
        wanted: dict[str, dict[str, Any]] = {f"out_{name}": {} for name in CALLS}
        for name, row in sorted(rows.items()):
            one = {each: row[each] for each in "cx" if each in row}
            for output, value in (
                apart[name].step({**one, "now": snapshot["now"], "reset": snapshot["reset"]}).outputs.items()
            ):
                wanted[output][name] = value
        assert decision.outputs == wanted
        session = keyed.restore(session.save())


def test_the_document_names_the_items_and_is_within_its_bound(keyed: Policy) -> None:
    session = keyed.session()
    largest = 0
    for snapshot in feed(Random(3), 40):
        session.step(snapshot)
        largest = max(largest, len(session.save()))
        kept = session.state["definitions"]["hits"]["state"]
        assert list(kept) == sorted(row["name"] for row in snapshot["rows"])
    assert 1000 < largest <= most_of(keyed.pack, keyed.values)


def test_a_fault_sets_the_latches_of_the_items_that_are_known(keyed: Policy) -> None:
    session = keyed.session()
    rows = [{"name": name, "c": False} for name in ("a", "b")]
    session.step({"now": 0, "rows": rows, "reset": False})
    assert session.step({"now": 1, "rows": "?", "reset": False}).status == "failsafe"
    rows.append({"name": "c", "c": False})
    assert session.step({"now": 2, "rows": rows, "reset": False})["out_tripped"] == {"a": True, "b": True, "c": False}


def test_beyond_the_gap_items_begin_again_but_for_latches() -> None:
    text = HEADER.format(inputs=MANY).replace("inputs:", "max_gap: a_minute\ninputs:", 1)
    of = "{r.name: r.c for r in rows}"
    outputs = "\n".join(
        f"  out_{name}: {{by: text, max_items: 4, type: {kind}, start: {name}, safe: {{}}}}"
        for name, kind in (("hits", "integer, unit: snapshots"), ("tripped", "boolean"))
    )
    policy = policy_of(f'{text}  hits: "streak({of})"\n  tripped: "latch({of}, reset)"\noutputs:\n{outputs}\n')
    session = policy.session()
    for now, hits in ((0, 1), (60, 2), (121, 1)):
        snapshot = {"now": now, "reset": False, "rows": [{"name": "a", "c": now < 100}]}
        snapshot["rows"][0]["c"] |= now == 121 and hits == 1  # type: ignore[index]  # a list of one row
        decision = session.step(snapshot)
        check_step(policy, policy.values, snapshot, decision)
        assert (decision["out_hits"], decision["out_tripped"]) == ({"a": hits}, {"a": True})


TWO = """
language: 1
pack: pairs
version: 1.0.0
inputs:
  left: {by: text, max_items: 3, type: boolean}
  right: {by: text, max_items: 2, type: boolean}
definitions: {tripped: "latch(left, right)"}
outputs: {trip: {by: text, max_items: 3, type: boolean, start: tripped, safe: {}}}
"""


def test_maps_that_differ_in_their_keys_are_a_fault() -> None:
    session = policy_of(TWO).session()
    assert session.step({"left": {"a": True}, "right": {"a": False}})["trip"] == {"a": True}
    before = session.save()
    failed = session.step({"left": {"a": True, "b": True}, "right": {"a": False}})
    assert [each.code for each in failed.diagnostics] == ["FB731"]
    assert session.save() == before


WRONG = [
    ("latch(left, {m: true for m in Side})", "FB305"),
    ("latch({m: true for m in Side}, left)", "FB305"),
    ("held(names)", "FB305"),
    ("held(perhaps)", "FB308"),
    ("held(maybe)", "FB308"),
    ("held({n: left[n] for n in left})", "FB308"),
    ("{n: held(left) for n in left}", "FB430"),
]


@pytest.mark.parametrize(("call", "code"), WRONG)
def test_misuse_is_one_finding(call: str, code: str) -> None:
    text = TWO.replace("inputs:", "types: {Side: [BUY, SELL]}\ninputs:\n  names: {by: text, max_items: 2, type: text}")
    text = text.replace(
        "definitions:", "  maybe: {by: text, max_items: 2, type: boolean, optional: true}\ndefinitions:"
    )
    text = text.replace("definitions:", "  perhaps: {by: text, max_items: 2, type: Side, optional: true}\ndefinitions:")
    found = load(text.replace("latch(left, right)", call)).findings
    assert [each.code for each in found if each.severity == "error"] == [code]


def test_a_document_with_more_items_than_may_be_is_refused() -> None:
    """A version with a smaller list does not go on from it."""
    session = policy_of(TWO).session()
    session.step({"left": {"a": True, "b": True}, "right": {"a": False, "b": False}})
    smaller = policy_of(TWO.replace("max_items: 3", "max_items: 1"))
    with pytest.raises(StateError, match=r"FB740 .* `outputs.trip` holds what is no map"):
        smaller.restore(session.save())


def test_the_run_time_state_has_what_is_there_alone() -> None:
    """So that nothing of an item that left is kept, however often items change."""
    policy = policy_of(TWO)
    session = policy.session()
    for i in range(200):
        name = f"n{i}"
        decision = session.step({"left": {name: True}, "right": {name: False}})
        assert decision.state is not None
        assert decision.state[HEAD:] == (((name, True),),)
