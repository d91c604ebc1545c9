"""The function table: its examples run by both back ends, its claims tried with random arguments."""

from __future__ import annotations

import math
import re
from random import Random
from typing import Any

import pytest

from flyball.engine.backends import reference
from flyball.engine.faults import Fault
from flyball.engine.functions import AGGREGATES, CALLABLE, CONVERSIONS, FAULTLESS, FUNCTIONS, TABLE, Function
from flyball.engine.operations import OPERATIONS
from flyball.engine.operators import OPERATORS
from flyball.engine.parameters import effective
from flyball.engine.policy import Policy
from flyball.engine.signatures import Slot
from flyball.engine.types import MAX_INTEGER
from flyball.engine.units import UNIT_NAMES
from flyball.loaders.packs import load_bytes
from flyball.tests.strategies.vocabulary import TEMPLATES

EXAMPLES = [(function, *example) for function in TABLE for example in function.examples]

# What the examples may name; `docs/functions.md` says so in its head.
PACK = """
language: 1
pack: example
version: 1.0.0
types: {{Level: [LOW, MID, HIGH]}}
inputs:
  empty: {{type: list, of: number, max_items: 1}}
  fractions: {{type: list, of: {{type: number, unit: fraction}}, max_items: 9}}
  percent: {{type: number, unit: percent}}
  bps: {{type: number, unit: bps}}
  seconds: {{type: number, unit: s}}
  minutes: {{type: number, unit: min}}
  hours: {{type: number, unit: h}}
  days: {{type: number, unit: d}}
  score: {{by: Level, type: number}}
  price: {{by: text, max_items: 2, type: number}}
  a: {{type: text}}
  b: {{type: text}}
  c: {{type: text}}
{extra}
outputs:
  result: {{{kind}, optional: true, start: "{expression}", safe: missing}}
  count: {{type: integer, start: count(empty), safe: 0}}
"""
GIVEN = {
    "now": "1970-01-02T00:00:00Z",
    "empty": [],
    "fractions": [],
    "score": {"LOW": 2.0, "MID": 5.0, "HIGH": 4.5},
    "price": {"b": 5.0, "a": 2.0},
    **{text: text for text in "abc"},
    **dict.fromkeys(("percent", "bps", "seconds", "minutes", "hours", "days"), 1.0),
}


def kind_of(function: Function, result: str) -> str:
    """The type of an output for the result of an example."""
    if result in ("true", "false"):
        return "type: boolean"
    if function.result == "member" or result in ("LOW", "MID", "HIGH"):
        return "type: Level"
    if function.result == "text":
        return "type: text"
    number = "integer" if re.fullmatch(r"-?\d+|FB722|\[[^.]*\]", result) else "number"
    if result.startswith("["):
        return f"type: list, max_items: 9, of: {number}"
    unit = function.result.partition(" ")[2]
    return f"type: {number}, unit: {unit if unit in UNIT_NAMES else 'ratio'}"


def results(expression: str, kind: str, inputs: str = "", **snapshot: object) -> list[object]:
    """What each back end makes of an expression: its value, or the code of its fault."""
    text = PACK.format(expression=expression, kind=kind, extra=inputs)
    loaded = load_bytes(text.encode(), "example.yaml")
    assert loaded.checked, [str(finding) for finding in loaded.findings]
    pack = loaded.checked.pack
    values = effective(pack, [])[0].values
    given = {name: each for name, each in {**GIVEN, **snapshot}.items() if name != "now" or pack.needs_now}
    expected = reference.decide(pack, values, given)
    decision = Policy(pack, values, {}).decide(given)
    assert len(expected.faults) == len(decision.diagnostics) <= 1
    if expected.faults:
        return [expected.faults[0].code, decision.diagnostics[0].code]
    return [expected.outputs["result"], decision["result"]]


def spelled(value: object) -> str:
    """As the table writes it. Here a number's kind is part of the result: 2.0 is not 2."""
    if value is None or isinstance(value, bool):
        return "missing" if value is None else str(value).lower()
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(spelled, value))}]"
    return value if isinstance(value, str) else repr(value)


@pytest.mark.parametrize(("function", "expression", "result"), EXAMPLES, ids=[each[1] for each in EXAMPLES])
def test_example(function: Function, expression: str, result: str) -> None:
    assert function in OPERATORS or expression.startswith(f"{function.name}(")
    kind = kind_of(function, result)
    first, second = results(expression, kind)
    if kind == "type: Level" and isinstance(first, int):
        first = ("LOW", "MID", "HIGH")[first]
    assert [spelled(first), spelled(second)] == [result, result]


def test_the_table_is_whole() -> None:
    assert all(function.examples and len(function.monotone) in (0, len(function.slots)) for function in TABLE)
    assert [function.name for function in TABLE if function.operation not in OPERATIONS] == []
    assert OPERATIONS.keys() - {function.operation for function in TABLE} == set()
    assert all(function.pure for function in TABLE)


def test_what_may_be_absent_has_an_example_of_it() -> None:
    assert all(any(result == "missing" for _, result in each.examples) == each.maybe for each in TABLE)


def test_a_fault_in_an_example_is_declared() -> None:
    assert [each.name for each in TABLE if not each.faults and any(r.startswith("FB") for _, r in each.examples)] == []


@pytest.mark.parametrize("name", CALLABLE)
def test_every_function_is_in_generated_packs(name: str) -> None:
    assert any(re.search(rf"\b{name}\(", template) for templates in TEMPLATES.values() for template in templates)


@pytest.mark.parametrize("function", OPERATORS, ids=lambda each: each.operation)
def test_every_operator_is_in_generated_packs(function: Function) -> None:
    sign = {"[]": r"\$VP\[", "[:]": r"\[:", "not": "not ", "number": r"\$K"}.get(
        function.name, re.escape(function.name)
    )
    assert any(re.search(sign, template) for templates in TEMPLATES.values() for template in templates)


# Claims, tried

EDGES = (0.0, 0.5, -0.5, 1.0, -1.0, 2.5, 0.1, 0.3, -7.0, 1e15, -1e15, 1e300, -1e300, 5e-324, 1.7976931348623157e308)


def number(chance: Random) -> float:
    return chance.choice(EDGES) if chance.random() < 0.4 else chance.uniform(-10, 10)


def integer(chance: Random) -> int:
    return chance.choice((0, 1, -1, 2, MAX_INTEGER, -MAX_INTEGER, chance.randint(-9, 9)))


def several(chance: Random) -> tuple[float, ...]:
    return tuple(number(chance) for _ in range(3))


def pairs(chance: Random) -> tuple[tuple[str, float], ...]:
    return tuple((text, number(chance)) for text in "abc")


MAKERS: dict[str, Any] = {
    "numeric": number, "number": number, "ordered": number, "any": number, "integer": integer, "time": integer,
    "boolean": lambda chance: chance.random() < 0.5, "list": several, "series": several, "items": several,
    "vector": several, "booleans": lambda chance: tuple(chance.random() < 0.5 for _ in range(3)),
    "member": lambda chance: chance.randint(0, 2), "text": lambda chance: chance.choice("abcd"), "map": pairs,
    "pairs": lambda chance: tuple((chance.choice("abcd"), number(chance)) for _ in range(2)),
}  # fmt: skip
DIRECT = [each for each in TABLE if each.name not in CONVERSIONS]
TRIALS = 1500


def argument(chance: Random, function: Function, slot: Slot) -> Any:
    if function.operation == "power" and slot.name == "n":
        return chance.randint(0, 8)
    return MAKERS["integer" if slot.unit == "u" and function.operation == "number" else slot.kind](chance)


def raised(chance: Random, function: Function, slot: Slot, value: Any) -> Any:
    """Another argument that is nowhere less."""
    other = argument(chance, function, slot)
    if isinstance(value, tuple):
        return tuple(max(pair) for pair in zip(value, other, strict=True))
    return max(value, other)


def applied(function: Function, args: list[Any]) -> Any:
    """The result, or nothing where it is absent or a fault."""
    try:
        return OPERATIONS[function.operation](*args)
    except Fault:
        assert function.operation not in FAULTLESS
        return None


@pytest.mark.parametrize("function", [each for each in DIRECT if any(each.monotone)], ids=lambda each: each.usage)
def test_monotone(function: Function) -> None:
    chance, compared = Random(function.usage), 0
    for _ in range(TRIALS):
        args = [argument(chance, function, slot) for slot in function.slots]
        at = chance.choice([index for index, trend in enumerate(function.monotone) if trend])
        more = [*args[:at], raised(chance, function, function.slots[at], args[at]), *args[at + 1 :]]
        less, greater = applied(function, args), applied(function, more)
        if less is None or greater is None:
            continue
        compared += 1
        less, greater = (less, greater) if function.monotone[at] == "rises" else (greater, less)
        pairs = zip(less, greater, strict=True) if isinstance(less, tuple) else [(less, greater)]
        assert all(a <= b for a, b in pairs), (args, more)
    assert compared > TRIALS / 10


@pytest.mark.parametrize("function", DIRECT, ids=lambda each: each.usage)
def test_bounds_and_faults(function: Function) -> None:
    """Results lie between the bounds, and what is said to have no fault has none."""
    chance, (low, high) = Random(function.usage), function.bounds
    for _ in range(TRIALS):
        found = applied(function, [argument(chance, function, slot) for slot in function.slots])
        assert found is not None or function.maybe or function.faults
        if isinstance(found, float | int):
            assert math.isfinite(found) and low <= found <= high


@pytest.mark.parametrize("name", CONVERSIONS)
def test_conversions_rise(name: str) -> None:
    function, chance = CONVERSIONS[name], Random(name)
    unit = function.result.partition(" ")[2]
    for source in function.per:
        pair = f"  one: {{type: number, unit: {source}}}\n  two: {{type: number, unit: {source}}}"
        low, high = sorted(chance.uniform(-10, 10) for _ in range(2))
        kind = f"type: list, max_items: 2, of: {{type: number, unit: {unit}}}"
        for found in results(f"[{name}(one), {name}(two)]", kind, pair, one=low, two=high):
            assert isinstance(found, list | tuple)
            assert found[0] <= found[1]
            factor = function.per[unit] / function.per[source]
            assert found[0] == pytest.approx(low * factor, rel=1e-15)


CONVERTED = [
    ("as_percent", "fraction", 0.25, 25.0),
    ("as_percent", "bps", 25.0, 0.25),
    ("as_fraction", "percent", 25.0, 0.25),
    ("as_fraction", "ratio", 0.25, 0.25),
    ("as_bps", "percent", 0.25, 25.0),
    ("as_ratio", "bps", 25.0, 0.0025),
    ("as_seconds", "d", 0.5, 43_200.0),
    ("as_minutes", "h", 1.5, 90.0),
    ("as_hours", "min", 90.0, 1.5),
    ("as_days", "s", 21_600.0, 0.25),
]


@pytest.mark.parametrize(("name", "unit", "given", "result"), CONVERTED)
def test_conversion(name: str, unit: str, given: float, result: float) -> None:
    inputs = f"  x: {{type: number, unit: {unit}}}"
    kind = f"type: number, unit: {CONVERSIONS[name].result.partition(' ')[2]}"
    assert results(f"{name}(x)", kind, inputs, x=given) == [result, result]


def test_every_conversion_is_tried() -> None:
    assert {name for name, *_ in CONVERTED} == CONVERSIONS.keys() <= set(CALLABLE)
    assert FUNCTIONS.keys() | AGGREGATES.keys() <= set(CALLABLE)


# Vectors, and what is refused

VECTOR = [
    ("sum(score)", 11.5), ("mean(score)", 11.5 / 3), ("min(score)", 2.0), ("max(score)", 5.0), ("first(score)", 2.0),
]  # fmt: skip


@pytest.mark.parametrize(("expression", "result"), VECTOR)
def test_a_vector_is_never_empty(expression: str, result: float) -> None:
    """Its aggregates are always there: they need no default."""
    assert results(f"{expression} + 0", "type: number") == [result, result]
    assert results(f"{expression} == 0", "type: boolean") == [False, False]


def test_truths_by_enum() -> None:
    assert results("any({m: score[m] > 4.5 for m in Level})", "type: boolean") == [True, True]
    assert results("all({m: score[m] > 4.5 for m in Level})", "type: boolean") == [False, False]


REFUSED = [
    ("argmax([1, 2])", "FB305"),
    ("argmax(score, 1, 2)", "FB310"),
    ("argmax(score, percent)", "FB306"),
    ("argmax({m: first(empty) for m in Level})", "FB308"),
    ("day(1)", "FB305"),
    ("ratio(percent, bps)", "FB313"),
    ("ratio(1)", "FB310"),
    ("cumulative(score)", "FB305"),
    ("slope(empty, score)", "FB305"),
    ("slope([percent], [bps])", "FB313"),
    ("slope([score[LOW]])", "FB310"),
    ("cumulative([true])", "FB305"),
    ("price[1]", "FB305"),
    ("1 in price", "FB305"),
    ("price[a] + 1 > 0", "FB308"),
    ("argmax({k: first(empty) for k in price})", "FB308"),
    ("cumulative(price)", "FB305"),
    ("sum({1: x for x in [1, 2]})", "FB305"),
    ("union(empty, [Level.LOW])", "FB305"),
    ("jaccard(empty, [percent])", "FB306"),
    ("jaccard(empty, 1)", "FB305"),
    ("min(percent, bps)", "FB306"),
    ("min(Level.LOW, 1)", "FB305"),
    ("floor(1, 2)", "FB310"),
    ("exp(percent)", "FB306"),
    ("pow(percent, 2)", "FB306"),
    ("pow(2, seconds)", "FB306"),
    ("exp(score)", "FB305"),
    ("log(1, 2)", "FB310"),
]


@pytest.mark.parametrize(("expression", "code"), REFUSED)
def test_refused(expression: str, code: str) -> None:
    text = PACK.format(expression=expression, kind="type: number", extra="")
    findings = load_bytes(text.encode(), "example.yaml").findings
    assert [finding.code for finding in findings if finding.severity == "error"] == [code]


ADVICE = [
    ("2 ** 0.5", "write `sqrt(2)`"),
    ("(1 + 1) ** -1", "an exponent is a whole number from 0 to 8; `pow(1 + 1, -1)` takes any, of a base above 0"),
    ("exp(percent)", "convert one of them, for example with `as_ratio(…)`"),
]


@pytest.mark.parametrize(("expression", "advice"), ADVICE)
def test_advice(expression: str, advice: str) -> None:
    text = PACK.format(expression=expression, kind="type: number", extra="")
    errors = [finding for finding in load_bytes(text.encode(), "example.yaml").findings if finding.severity == "error"]
    assert [each.help for each in errors] == [advice]


def test_a_slope_is_in_the_units_of_both_lists() -> None:
    """And of whole numbers too."""
    whole = "{type: list, max_items: 3, of: {type: integer, unit: s}}"
    inputs = f"  xs: {whole}\n  ys: {{type: list, max_items: 3, of: integer}}"
    found = results("slope(xs, ys) * seconds", "type: number", inputs, xs=[1, 2, 3], ys=[3, 5, 7])
    assert found == [2.0, 2.0]


def test_a_bare_argument_takes_the_unit_of_the_others() -> None:
    assert results("min(percent, 2 + 1)", "type: number, unit: percent") == [1.0, 1.0]
    vector = "  spread: {by: Level, type: number, unit: bps}"
    found = results("argmax(spread, 3)", "type: Level", vector, spread={"LOW": 1.0, "MID": 4.0, "HIGH": 0.0})
    assert found == [0, "LOW"]
