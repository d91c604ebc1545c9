"""`docs/functions.md` as the function table has it; `tests/test_docs.py` compares the two."""

from __future__ import annotations

from collections.abc import Iterator

from flyball.engine.functions import AGGREGATES, CONVERSIONS, FUNCTIONS, Function, Slot

_HEAD = """# Functions

What an expression may call. This page is written from `engine/functions.py`; the examples are run as tests.

A letter such as *u* stands for any unit. Where several arguments carry the same letter they must have the same unit.
An argument that may be absent makes the result absent. A number whose place takes integers as well
stays an integer if every argument is one. What has no result is a fault, and the decision then gives its safe outputs.
"""

_CONVERSIONS = """
## Conversions

`percent`, `fraction`, `bps` and `ratio` do not mix, nor do durations in different units; these carry a value over.
Down is a division by 100 or 10 000, up a multiplication. The result is a number.

| call | x in | gives |
|---|---|---|
"""

_PRESENCE = """
## Presence

`present(x)` says whether an optional value is there; to its right, behind `and`, the value counts as present.
`default(x, value)` is x, or `value` where x is absent; `value` is then not even computed otherwise.
"""

_KINDS = {
    "numeric": "number or integer",
    "number": "number",
    "integer": "integer",
    "list": "list of numbers or integers",
    "booleans": "list of booleans",
    "items": "list of anything",
    "boolean": "boolean",
    "item": "one of the items",
}


def page() -> str:
    """The whole page."""
    return "\n".join([_HEAD, *_section("Functions of values", FUNCTIONS), *_section("Of a list", AGGREGATES)]) + (
        _CONVERSIONS + "".join(_conversions()) + _PRESENCE
    )


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
    if function.source:
        yield f"- source: {function.source}"
    yield f"- {', '.join(f'`{expression}` is `{result}`' for expression, result in function.examples)}\n"


def _taken(slots: tuple[Slot, ...]) -> str:
    """The arguments, those of one kind and unit together."""
    names: dict[str, list[str]] = {}
    for slot in slots:
        names.setdefault(f"{_KINDS[slot.kind]}{_unit(slot.unit)}", []).append(f"`{slot.name}`")
    return "; ".join(f"{', '.join(dict.fromkeys(those))}: {kind}" for kind, those in names.items())


def _given(function: Function) -> str:
    kind, _, unit = function.result.partition(" ")
    notes = [" absent if the list is empty"] * function.maybe + [
        " a fault where there is no finite result"
    ] * function.faults
    return ",".join([f"{_KINDS[kind]}{_unit(unit)}", *notes])


def _unit(unit: str) -> str:
    if not unit:
        return ""
    return " without a unit" if unit == "ratio" else f" in *{unit.replace('**1/2', '^½')}*"


def _conversions() -> Iterator[str]:
    for name, (unit, sources) in CONVERSIONS.items():
        yield f"| `{name}(x)` | {', '.join(f'`{source}`' for source in sources)} | `{unit}` |\n"
