"""All back ends give the same decisions: on generated packs and snapshots, and on the examples of what is shipped."""

from __future__ import annotations

import copy
import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, note, settings

from flyball.engine import ir
from flyball.engine.backends import reference
from flyball.engine.constants import constant
from flyball.engine.document import plain
from flyball.engine.examination import Run, holds
from flyball.engine.example_runs import snapshots_of
from flyball.engine.faults import Located
from flyball.engine.outcome import Outcome
from flyball.engine.parameters import Layer, effective
from flyball.engine.plain import plain as to_plain
from flyball.engine.policy import Policy
from flyball.engine.readonly import ReadOnlyDict, ReadOnlyList
from flyball.engine.reasons import Explainer
from flyball.engine.snapshot import export
from flyball.loaders import packs
from flyball.tests.strategies.packs import chances, pack_document, text_of
from flyball.tests.strategies.sequences import check_sequence, in_time
from flyball.tests.strategies.snapshots import snapshot, spoil

ORDINARY = settings(
    max_examples=130,
    deadline=None,
    derandomize=True,
    database=None,
    phases=(Phase.generate,),  # to make a failing pack small takes minutes: the long test does it
    suppress_health_check=list(HealthCheck),  # a pack takes many choices, and its file is read and checked
)


def spelled(value: object) -> str:
    """A text that is the same for the same value of the same type: 1 is not 1.0, and 0.0 is not -0.0."""
    return json.dumps(value, sort_keys=True)


def faults(outcome_faults: Any) -> list[tuple[Any, ...]]:
    """Order is no part of the meaning."""
    return sorted((each.code, each.severity, each.path or "", str(each.span), each.message) for each in outcome_faults)


def has_negative_zero(value: object) -> bool:
    if isinstance(value, dict | list):
        return any(map(has_negative_zero, value.values() if isinstance(value, dict) else value))
    return isinstance(value, float) and value == 0 and math.copysign(1, value) < 0


def clear(value: Any) -> None:
    """What a caller may do to its snapshot behind a decision."""
    if isinstance(value, dict | list):
        for each in list(value.values() if isinstance(value, dict) else value):
            clear(each)
        value.clear()


def is_read_only(value: object) -> bool:
    if isinstance(value, dict | list):
        parts = value.values() if isinstance(value, dict) else value
        return isinstance(value, ReadOnlyDict | ReadOnlyList) and all(map(is_read_only, parts))
    return True


def expected_outputs(pack: ir.Pack, parameters: Mapping[str, ir.Value], outcome: Outcome) -> dict[str, object]:
    outputs = pack.outputs
    if outcome.faults:
        return {name: export(constant(each.safe, parameters), each.type) for name, each in outputs.items()}
    return {name: export(outcome.outputs[name], each.type) for name, each in outputs.items()}


def check_agreement(policy: Policy, parameters: Mapping[str, Any], given_snapshot: Any) -> Outcome:
    """Decide by both back ends, and see that nothing differs and nothing is touched."""
    before = repr(given_snapshot)
    expected = reference.decide(policy.pack, parameters, given_snapshot)
    decision = policy.decide(given_snapshot)
    assert faults(decision.faults) == faults(expected.faults)
    assert faults(decision.diagnostics) == faults((*expected.faults, *expected.warnings))
    assert [each.severity for each in decision.diagnostics] == sorted(each.severity for each in decision.diagnostics)
    assert decision.status == ("failsafe" if expected.faults else "ok")
    assert spelled(decision.outputs) == spelled(expected_outputs(policy.pack, parameters, expected))
    assert not has_negative_zero(decision.outputs)
    if not expected.faults:
        assert decision.outcome.firings == expected.firings
        assert decision.outcome == expected
        assert decision.reasons == Explainer(policy.pack, parameters).reasons(expected)
    assert decision.intents == Explainer(policy.pack, parameters).intents(expected)
    written = decision.to_json()
    assert json.loads(written)["status"] == decision.status
    assert policy.decide(given_snapshot).to_json() == written
    assert repr(given_snapshot) == before
    check_independence(policy, given_snapshot, written)
    check_invariants(policy, parameters, expected)
    return expected


def check_invariants(policy: Policy, parameters: Mapping[str, Any], outcome: Outcome) -> None:
    """Both back ends find that an invariant holds, that it does not, or that its condition has no value."""
    invariants = [each for each in policy.pack.invariants if isinstance(each, ir.Invariant)]
    if outcome.faults or not invariants:
        return
    examiners = reference.examiner(policy.pack, parameters), policy.examiner
    runs = [examiner.follow(outcome.inputs)[0] for examiner in examiners]
    for invariant in invariants:
        wanted, got = (verdict(run, invariant) for run in runs)
        assert wanted == got


def verdict(run: Run, invariant: ir.Invariant) -> object:
    try:
        return holds(run, invariant)
    except Located as located:
        return located.fault.code, str(located.span)


def check_independence(policy: Policy, given_snapshot: Any, written: str) -> None:
    """The caller may reuse its snapshot before anything is read, and cannot change what decisions share."""
    reused = copy.deepcopy(given_snapshot)
    decision = policy.decide(reused)
    clear(reused)
    assert decision.to_json() == written
    assert is_read_only(decision.outputs)


def policy_of(text: str) -> tuple[Policy, Mapping[str, ir.Value]]:
    loaded = packs.load_bytes(text.encode(), "generated.yaml")
    assert loaded.checked is not None, [each for each in loaded.findings if each.severity == "error"]
    parameters = {name: each.value for name, each in loaded.checked.pack.parameters.items()}
    return Policy(loaded.checked.pack, parameters, layers={}, document=None), parameters


def check_pack(chance: Random, snapshots: int) -> None:
    document = pack_document(chance)
    text = text_of(document)
    note(text)
    policy, parameters = policy_of(text)
    note(policy.source)
    given_snapshots = []
    for number in range(snapshots):
        made = snapshot(chance, document["inputs"], steady=number % 4 in (1, 2))
        for _ in range(chance.randint(1, 3) if number % 4 == 3 else 0):
            spoil(chance, made)
        note(f"snapshot: {made!r}")
        check_agreement(policy, parameters, made)
        given_snapshots.append(made)
    check_sequence(policy, parameters, in_time(chance, given_snapshots), chance)


@ORDINARY
@given(chance=chances())
def test_both_back_ends_decide_alike(chance: Random) -> None:
    check_pack(chance, snapshots=8)


@pytest.mark.long
@settings(ORDINARY, max_examples=2000, phases=(Phase.generate, Phase.shrink))
@given(chance=chances())
def test_both_back_ends_decide_alike_at_length(chance: Random) -> None:
    check_pack(chance, snapshots=100)


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


# What generated packs brought to light, or cannot: a pack, a snapshot, and the outputs or the code of the fault.
FLAG = "inputs: {flag: {type: boolean}, xs: {type: list, max_items: 3, of: {type: number}}}"
NUMBER = "outputs: {o: {type: number, start: 0, safe: 7}}"
PINNED = {
    "a range holds for one arm of a choice only": (
        """inputs:
  flag: {type: boolean}
  a: {type: record, fields: {p: {type: number, range: [0, 1]}}}
  b: {type: record, fields: {p: {type: number}}}
outputs: {o: {type: number, start: "(a if flag else b).p * 1.0e+300", safe: 7}}""",
        {"flag": False, "a": {"p": 0}, "b": {"p": 1.0e300}},
        "FB721",
    ),
    "an effect that divides by zero when its rule fires": (
        f"""{FLAG}
parameters: {{zero: {{value: 0}}}}
{NUMBER}
rules: {{r: {{when: flag, then: {{o: {{add: 1 / zero}}}}, because: Now}}}}""",
        {"flag": True, "xs": []},
        "FB720",
    ),
    "an effect that divides by zero when its rule does not": (
        f"""{FLAG}
parameters: {{zero: {{value: 0}}}}
{NUMBER}
rules: {{r: {{when: flag, then: {{o: {{add: 1 / zero}}}}, because: Now}}}}""",
        {"flag": False, "xs": []},
        {"o": 0.0},
    ),
    "a table whose rows are switched off": (
        f"""{FLAG}
{NUMBER}
groups: {{g: {{when: flag, because: It is}}}}
tables:
  t: {{match: {{c: flag}}, hit: first, rows: {{a: {{c: "true", enabled: false}}}}}}
  u: {{match: {{c: count(xs)}}, group: g, hit: first, rows: {{a: {{c: "1", enabled: false}}}}}}""",
        {"flag": True, "xs": []},
        {"o": 0.0},
    ),
    "members whose names join to the same text": (
        """types: {Row: [A, A_F, A_F_B], Column: [C, F_B_F_C, B_F_C]}
inputs: {x: {type: number, by: [Row, Column]}}
outputs: {o: {type: number, start: "x[A][B_F_C] + x[A_F_B][C] * 10 + x[A_F][B_F_C] * 100", safe: 7}}""",
        {"x": {row: {"C": 3, "F_B_F_C": 2, "B_F_C": place} for place, row in enumerate(("A", "A_F", "A_F_B"))}},
        {"o": 130.0},
    ),
    "a sum of nothing is a number": (
        f"""{FLAG}
outputs: {{o: {{type: number, start: sum(xs), within: [0.5, 2], safe: 1}}}}""",
        {"flag": True, "xs": []},
        {"o": 0.5},
    ),
    "a bound that sets what is there already did not fire": (
        f"""{FLAG}
outputs: {{o: {{type: number, start: 1, safe: 7}}, p: {{type: boolean, start: fired.r, safe: true}}}}
rules: {{r: {{then: {{o: {{set: 1}}}}, because: Now}}}}""",
        {"flag": True, "xs": []},
        {"o": 1.0, "p": False},
    ),
    "a reason that has no value": (
        f"""{FLAG}
{NUMBER}
groups: {{g: {{when: flag, because: "{{{{ 1 / sum(xs) }}}}"}}}}
rules: {{r: {{when: flag, group: g, then: {{o: {{set: 1}}}}, because: Now}}}}""",
        {"flag": False, "xs": []},
        "FB720",
    ),
    "a later term of `all` that has no value": (
        f"""{FLAG}
outputs: {{o: {{type: boolean, combine: all, start: flag, safe: true}}}}
rules: {{r: {{when: not flag, then: {{o: 1 / sum(xs) > 0}}, because: Now}}}}""",
        {"flag": False, "xs": []},
        "FB720",
    ),
}


@pytest.mark.parametrize("case", PINNED)
def test_pinned_cases(case: str) -> None:
    text, given_snapshot, wanted = PINNED[case]
    policy, parameters = policy_of(f"language: 1\npack: pinned\nversion: 1.0.0\n{text}\n")
    expected = check_agreement(policy, parameters, given_snapshot)
    codes = [each.code for each in expected.faults]
    assert (
        codes == [wanted] if isinstance(wanted, str) else expected_outputs(policy.pack, parameters, expected) == wanted
    )


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
