"""The examples of the function table, evaluated by both back ends."""

from __future__ import annotations

import pytest

from flyball.engine.backends import reference
from flyball.engine.functions import AGGREGATES, CALLABLE, CONVERSIONS, FUNCTIONS, Function
from flyball.engine.operations import OPERATIONS
from flyball.engine.parameters import effective
from flyball.engine.policy import Policy
from flyball.loaders.packs import load_bytes

TABLE = [*FUNCTIONS.values(), *AGGREGATES.values()]
EXAMPLES = [(function, *example) for function in TABLE for example in function.examples]

PACK = """
language: 1
pack: example
version: 1.0.0
inputs:
  empty: {{type: list, of: number, max_items: 1}}
{extra}
outputs:
  result: {{type: {kind}, unit: ratio, optional: true, start: "{expression}", safe: missing}}
  count: {{type: integer, start: count(empty), safe: 0}}
"""


def kind_of(result: str) -> str:
    if result in ("true", "false"):
        return "boolean"
    return "number" if "." in result else "integer"


def results(expression: str, kind: str, inputs: str = "", **snapshot: object) -> list[object]:
    """What each back end makes of an expression."""
    text = PACK.format(expression=expression, kind=kind, extra=inputs)
    text = text.replace(" unit: ratio,", "") if kind == "boolean" else text
    loaded = load_bytes(text.encode(), "example.yaml")
    assert loaded.checked, [str(finding) for finding in loaded.findings]
    pack = loaded.checked.pack
    values = effective(pack, [])[0].values
    given = {"empty": [], **snapshot}
    expected = reference.decide(pack, values, given)
    assert not expected.faults, expected.faults
    return [expected.outputs["result"], Policy(pack, values, {}).decide(given)["result"]]


def spelled(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else repr(value)


@pytest.mark.parametrize(("function", "expression", "result"), EXAMPLES, ids=[each[1] for each in EXAMPLES])
def test_example(function: Function, expression: str, result: str) -> None:
    assert expression.startswith(f"{function.name}(")
    # Here a number's kind is part of the result: 2.0 is not 2.
    assert [spelled(value) for value in results(expression, kind_of(result))] == [result, result]


def test_every_function_has_an_example_and_an_implementation() -> None:
    assert all(function.examples for function in TABLE)
    assert [function.name for function in TABLE if function.operation not in OPERATIONS] == []


@pytest.mark.parametrize("function", [each for each in TABLE if each.maybe], ids=lambda each: each.name)
def test_of_nothing_it_is_absent(function: Function) -> None:
    assert results(f"{function.name}(empty)", "number") == [None, None]


def test_sum_and_count_of_nothing_are_zero() -> None:
    assert results("sum(empty)", "number") == [0.0, 0.0]
    assert results("count(empty)", "integer") == [0, 0]


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
    inputs = f"  x: {{type: number, unit: {unit}}}\n  one: {{type: number, unit: {CONVERSIONS[name][0]}}}"
    assert results(f"{name}(x) / one", "number", inputs, x=given, one=1.0) == [result, result]


def test_every_conversion_is_tried() -> None:
    assert {name for name, *_ in CONVERTED} == CONVERSIONS.keys() <= set(CALLABLE)
