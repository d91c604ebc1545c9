"""The state functions: their examples run step by step by both back ends, and what is said where they are misused."""

from __future__ import annotations

import json
import math
import operator
from pathlib import Path
from random import Random
from typing import Any

import pytest

from flyball.engine import state_steps, windows
from flyball.engine.policy import Policy
from flyball.engine.state_functions import STATE_FUNCTIONS, STATE_NAMES, STATE_TABLE, Example, StateFunction
from flyball.loaders.packs import load_bytes
from flyball.tests.strategies.sequences import check_step
from flyball.tests.strategies.vocabulary import STATE

PACK = """
language: 1
pack: example
version: 1.0.0
inputs: {{{inputs}}}
parameters:
  half: {{value: 0.5, range: [0, 1], why: Of the example}}
  one_bar: {{value: 1, unit: bars, range: [1, 9], why: Of the example}}
  two_bars: {{value: 2, unit: bars, range: [1, 9], why: Of the example}}
  ten_seconds: {{value: 10, unit: s, range: [1, 99], why: Of the example}}
  twenty_seconds: {{value: 20, unit: s, range: [1, 99], why: Of the example}}
definitions:
  result: {call}
outputs:
  value: {{{kind}, optional: true, start: result, safe: missing}}
"""
EXAMPLES = [(function, example) for function in STATE_TABLE for example in function.examples]
TEXTS = {None: "-", True: "true", False: "false"}


def type_of(function: StateFunction, example: Example) -> str:
    if function.gives == "boolean":
        return "type: boolean"
    units = {"seconds": "s", "snapshots": "snapshots"}
    whole = function.gives in ("snapshots", "count") or (function.name == "total" and "c" in example.given)
    return f"type: {'integer' if whole else 'number'}, unit: {units.get(function.gives, 'ratio')}"


def policy_of(call: str, kind: str, **inputs: str) -> Policy:
    declared = ", ".join(f"{name}: {{{text}}}" for name, text in inputs.items())
    loaded = load_bytes(PACK.format(inputs=declared, call=call, kind=kind).encode(), "example.yaml")
    assert loaded.checked, [str(each) for each in loaded.findings]
    pack = loaded.checked.pack
    return Policy(pack, {name: each.value for name, each in pack.parameters.items()}, {})


@pytest.mark.parametrize(("function", "example"), EXAMPLES, ids=lambda each: getattr(each, "key", ""))
def test_example(function: StateFunction, example: Example) -> None:
    is_condition = {name: "true" in text or "false" in text for name, text in example.given.items()}
    inputs = {name: "type: boolean" if flag else "type: number, optional: true" for name, flag in is_condition.items()}
    policy = policy_of(example.call, type_of(function, example), **inputs)
    session, found = policy.session(), []
    columns = {name: text.split() for name, text in example.given.items()}
    for i, row in enumerate(zip(*columns.values(), strict=True)):
        given = {
            name: each == "true" if is_condition[name] else float(each)
            for name, each in zip(columns, row, strict=True)
            if each != "-"
        }
        snapshot = {**given, "now": 10 * i}
        decision = session.step(snapshot)
        check_step(policy, policy.values, snapshot, decision)
        value = decision["value"]
        found.append(TEXTS[value] if value is None or isinstance(value, bool) else repr(value))
    assert " ".join(found) == example.gives


@pytest.mark.parametrize("key", STATE_FUNCTIONS)
def test_every_state_function_is_in_generated_packs(key: str) -> None:
    name, _, by = key.partition(".")
    ends = {"": "", "count": "_b)", "time": "_s)", "alpha": "a_s)"}
    assert any(call.startswith(f"{name}(") and call.endswith(ends[by]) for _, call in STATE)


def test_halving_is_as_exact_as_the_library() -> None:
    draw = Random(1)
    for _ in range(2000):
        times = draw.expovariate(1) * draw.choice((0.01, 1, 100))
        wanted = 2.0**-times
        assert abs(state_steps.halved(times) - wanted) <= 2 * math.ulp(wanted)
    assert state_steps.halved(0) == 1
    assert state_steps.halved(1e300) == 0


WRONG = {
    "in an expression": ("held(c) > ten_seconds", "FB430"),
    "in another one": ("held(streak(c) > 1)", "FB430"),
    "too few arguments": ("rolling_mean(x)", "FB310"),
    "a window that varies": ("rolling_mean(x, x)", "FB303"),
    "a window without a unit": ("rolling_mean(x, half)", "FB305"),
    "a window by time where only counts go on": ("wilder_mean(x, ten_seconds)", "FB305"),
    "two ways to go on": ("ewma(x, alpha=half, half_life=one_bar)", "FB310"),
    "no way to go on": ("ewma(x)", "FB310"),
    "an alpha with a unit": ("ewma(x, alpha=ten_seconds)", "FB306"),
    "a number where a condition is": ("held(x)", "FB305"),
    "a condition where a number is": ("rolling_mean(c, two_bars)", "FB305"),
    "an unknown word": ("latch(c, c, on_fault=trip)", "FB310"),
    "the past of nothing": ("previous(y)", "FB301"),
    "the past of a parameter": ("previous(half)", "FB301"),
    "the past of an expression": ("previous(x + x)", "FB310"),
    "a past that tells no type": ("previous(result)", "FB305"),
    "a past of two types": ("c if c else previous(value)", "FB305"),
}


@pytest.mark.parametrize("case", WRONG)
def test_misuse_is_one_finding(case: str) -> None:
    call, code = WRONG[case]
    text = PACK.format(inputs="c: {type: boolean}, x: {type: number}", call=call, kind="type: number, unit: ratio")
    found = [each for each in load_bytes(text.encode(), "example.yaml").findings if each.severity == "error"]
    assert [each.code for each in found] == [code]


def test_every_name_is_on_the_page() -> None:
    page = (Path(__file__).resolve().parents[2] / "docs" / "functions.md").read_text(encoding="utf-8")
    assert all(f"### `{name}(" in page for name in STATE_NAMES)


@pytest.mark.parametrize(("beats", "best"), [(operator.lt, min), (operator.gt, max)])
@pytest.mark.parametrize("seed", range(20))
def test_the_extreme_of_a_window_is_that_of_all_its_values(beats: Any, best: Any, seed: int) -> None:
    """Though only those are kept that can still become it."""
    chance, window, now = Random(seed), 30.0, 0
    step = windows.extreme_by_time(beats)
    kept: tuple[Any, ...] = ()
    seen: list[tuple[int, float]] = []
    for _ in range(300):
        now += chance.choice([1, 1_000_000, 5_000_000, 29_999_999, 30_000_000])
        value = chance.choice([None, chance.randrange(-3, 4), chance.uniform(-3, 3)])
        seen += [] if value is None else [(now, value)]
        kept, found = step(kept, now, value, window)
        assert found == best((each for at, each in seen if at > now - window * 1_000_000), default=None)


@pytest.mark.parametrize("value", [2.0**53, -1.0e20, 1.0e21, 0.1])
def test_a_large_number_is_restored(value: float) -> None:
    """Canonical JSON writes 1e20 without a point, and a parser then makes an integer of it."""
    policy = policy_of("default(previous(x), x)", "type: number", x="type: number")
    session = policy.session()
    session.step({"x": value})
    for document in (session.save(), json.loads(session.save())):
        assert policy.restore(document).step({"x": 0}).outputs == {"value": value}
