"""`docs/functions.md` as the function table has it; `tests/test_docs.py` compares the two."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator

from flyball.engine.functions import AGGREGATES, CONVERSIONS, FUNCTIONS, Function, Slot
from flyball.engine.operators import OPERATORS
from flyball.engine.state_functions import STATE_TABLE, StateFunction
from flyball.engine.units import UNIT_NAMES

_HEAD = """# Functions

What an expression may call. This page is written from `engine/functions.py` and `engine/operators.py`; the examples are
run as tests by both back ends.

A letter such as *u* stands for any unit. Where several arguments carry the same letter they must have the same unit,
and two lists, or a value and a list, must have items of one type. An argument that may be absent makes the result
absent. A number whose place takes integers as well stays an integer if every argument is one. What has no result is a
fault, and the decision then gives its safe outputs. Every function depends on its arguments alone, and gives the same
bits on every machine and under every version of Python: what is no single rounded operation (`exp`, `log`, `log1p`,
`expm1`, `tanh`, `pow`) does not come from the C library but is made of such operations, with a bound on its error that
is tried against exact arithmetic; a result too small for a normal number has at most 0.76 units. Where one (weakly)
rises or falls with one of them, whatever the others are and item by item for lists, that is said, and tried with random
values.

In the examples `percent`, `bps`, `seconds`, `minutes`, `hours` and `days` are 1 of that unit, `empty` is a list of
numbers without items, `fractions` one of fractions, `score` the vector `{LOW: 2, MID: 5, HIGH: 4.5}` by the enum
`Level: [LOW, MID, HIGH]`, `price` the map `{a: 2, b: 5}` by text, `a`, `b` and `c` such texts, and `now` is
1970-01-02T00:00:00Z.
"""

_CONVERSIONS = """## Conversions

`percent`, `fraction`, `bps` and `ratio` do not mix, nor do durations in different units; these carry a value over.
Down is a division by 100 or 10 000, up a multiplication, and neither ever a multiplication by 0.01. The result is a
number, it rises with x, and where it is not finite it is a fault.

| call | x in | gives | examples |
|---|---|---|---|"""

_OPERATORS = """
## Operators

`and`, `or`, `x if c else y`, chained comparisons and `default` are not among them, since they may skip an operand.
An ordered value is a number, an integer, an enum's member or a time.

| written | takes | gives | what | monotone | examples |
|---|---|---|---|---|---|"""

_PRESENCE = """
## Presence

`present(x)` says whether an optional value is there; to its right, behind `and`, the value counts as present.
`default(x, value)` is x, or `value` where x is absent; `value` is then not even computed otherwise.
"""

_STATE = """
## State

State functions keep something from one snapshot of a session to the next. They stand as the whole right side of a
definition, and take one step on every accepted snapshot, this one included. An argument that is absent is passed over.
Over a vector they work member by member, over a map item by item. A window is a parameter whose unit says what it
counts: snapshots, where it is a count such as `bars` (the result is absent until the window is full), or time
(`now - window < t <= now`, present from the first on).

In the examples snapshots are 10 s apart and `-` is absent; `half` is 0.5, `one_bar` and `two_bars` are 1 and 2 bars,
`ten_seconds` and `twenty_seconds` are times. They are run as tests by both back ends.
"""

_KINDS = {
    "numeric": "number or integer",
    "number": "number",
    "integer": "integer",
    "ordered": "ordered value",
    "any": "value of any type",
    "time": "time",
    "list": "list, vector or map of numbers or integers",
    "series": "list of numbers or integers",
    "booleans": "list, vector or map of booleans",
    "items": "list",
    "map": "map by text",
    "text": "text",
    "pairs": "text and value for each item of a list",
    "vector": "vector of numbers or integers by an enum",
    "boolean": "boolean",
    "item": "one of the items",
    "member": "member of the enum",
}


def page() -> str:
    """The whole page."""
    sections = (*_section("Functions of values", FUNCTIONS), *_section("Of a list", AGGREGATES))
    tables = (_CONVERSIONS, *map(_conversion, CONVERSIONS.values()), _OPERATORS, *map(_operator, OPERATORS))
    return "\n".join([_HEAD, *sections, *tables, _PRESENCE, _STATE, *_state_functions()])


_TAKES = {
    "condition": "a boolean",
    "number": "a number or integer",
    "quantity": "a number, integer or boolean",
    "anything": "a value of any type",
}
_GIVES = {
    "seconds": "number in `s`",
    "snapshots": "integer in `snapshots`",
    "boolean": "boolean",
    "count": "integer without a unit",
    "same": "number or integer in the unit of x",
    "number": "number in the unit of x",
    "product": "number in the units of x and y, multiplied",
    "ratio": "number without a unit",
}


def _state_functions() -> Iterator[str]:
    """Every name once, with all the ways in which it goes on."""
    for name in dict.fromkeys(each.name for each in STATE_TABLE):
        ways = [each for each in STATE_TABLE if each.name == name]
        yield f"### {' and '.join(dict.fromkeys(f'`{each.usage}`' for each in ways))}\n"
        yield f"{' '.join(dict.fromkeys(each.doc for each in ways))}\n"
        yield f"- takes {' and '.join(_TAKES[each] for each in ways[0].takes)}"
        yield f"- gives {_GIVES[ways[0].gives]}"
        yield from (f"- formula `{each}`" for each in dict.fromkeys(each.formula for each in ways))
        if ways[0].source:
            yield f"- source: {ways[0].source}"
        if ways[0].restarts:
            yield "- begins again where the time between two snapshots is longer than `max_gap`"
        yield from (_state_example(each) for each in ways)
        yield ""


def _state_example(function: StateFunction) -> str:
    runs = []
    for example in function.examples:
        given = ", ".join(f"{name} `{values}`" for name, values in example.given.items())
        runs.append(f"`{example.call}` over {given} is `{example.gives}`")
    return f"- {'; '.join(runs)}"


def _section(title: str, functions: dict[str, Function]) -> Iterator[str]:
    yield f"## {title}\n"
    for function in functions.values():
        yield from _entry(function)


def _entry(function: Function) -> Iterator[str]:
    yield f"### `{function.usage}`\n"
    yield f"{function.doc[0].upper()}{function.doc[1:]}\n"
    yield f"- takes {_taken(function.slots)}"
    yield f"- gives {_given(function)}"
    yield f"- formula `{function.formula}`"
    if any(function.monotone):
        yield f"- {_trends(function)}"
    if function.source:
        yield f"- source: {function.source}"
    yield f"- {_examples(function)}\n"


def _examples(function: Function) -> str:
    return ", ".join(f"`{expression}` is {_result(result)}" for expression, result in function.examples)


def _result(result: str) -> str:
    return f"the fault [{result}](codes/{result}.md)" if result.startswith("FB") else f"`{result}`"


def _taken(slots: Iterable[Slot]) -> str:
    """The arguments, those of one kind and unit together."""
    names: dict[str, list[str]] = {}
    for slot in slots:
        names.setdefault(f"{_KINDS[slot.kind]}{_unit(slot.unit)}", []).append(f"`{slot.name}`")
    return "; ".join(f"{', '.join(dict.fromkeys(those))}: {kind}" for kind, those in names.items())


def _given(function: Function) -> str:
    kind, _, unit = function.result.partition(" ")
    low, high = function.bounds
    notes = [
        (f"from {low} to {high}", math.isfinite(low + high)),
        (f"at least {low}", math.isfinite(low) and math.isinf(high)),
        ("absent if the list is empty", function.maybe and function.name in AGGREGATES),
        ("it may be absent", function.maybe and function.name not in AGGREGATES),
        (f"at most {function.ulps} units in the last place off", function.ulps != 0.5),
        ("a fault where there is no finite result", function.faults),
    ]
    return ", ".join([f"{_KINDS[kind]}{_unit(unit)}", *(note for note, holds in notes if holds)])


def _trends(function: Function) -> str:
    """`rises with x and low, falls with high`."""
    found = []
    for trend in ("rises", "falls"):
        those = [
            f"`{slot.name}`" for slot, each in zip(function.slots, function.monotone, strict=True) if each == trend
        ]
        found += [f"{trend} with {' and '.join(dict.fromkeys(those))}"] if those else []
    return ", ".join(found)


def _unit(unit: str) -> str:
    if not unit:
        return ""
    if unit in UNIT_NAMES:
        return " without a unit" if unit == "ratio" else f" in `{unit}`"
    return "" if unit == "t" else f" in *{unit.replace('**1/2', '^½').replace('**', '^').replace('*', '·')}*"


def _conversion(function: Function) -> str:
    units = ", ".join(f"`{source}`" for source in function.per)
    return f"| `{function.usage}` | {units} | `{function.result.partition(' ')[2]}` | {_examples(function)} |"


def _operator(function: Function) -> str:
    cells = (f"`{function.usage}`", _taken(function.slots), _given(function), function.doc, _trends(function))
    return f"| {' | '.join(cells)} | {_examples(function)} |"
