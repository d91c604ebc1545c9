"""The cells of tables: what they match, and what is said of those that cannot be read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from flyball.engine.backends import reference
from flyball.engine.policy import Policy
from flyball.loaders.packs import LoadedPack, load_bytes

HEAD = """language: 1
pack: shown
version: 1.0.0
types: {Mood: [CALM, BUSY, WILD]}
inputs:
  mood: {type: Mood, optional: true}
  ok: {type: boolean, optional: true}
  size: {type: integer, unit: contracts, optional: true}
  pnl: {type: number, unit: percent, optional: true}
  at: {type: time, optional: true}
  word: {type: text, optional: true}
  always: {type: number}
parameters:
  low: {value: -1, unit: percent, range: [-5, 5], why: A test}
  high: {value: 2, unit: percent, range: [-5, 5], why: A test}
  few: {type: integer, unit: contracts, value: 3, range: [1, 5], why: A test}
  opening: {type: time, value: 2026-01-05T15:00:00Z, why: A test}
  bad: {type: text, value: x, why: A test}
outputs: {hit: {type: boolean, combine: any, start: false, safe: true}}
"""


def load(column: str, cell: str) -> LoadedPack:
    table = f"tables:\n  t:\n    match: {{c: {column}}}\n    hit: collect\n    rows:\n      a:\n        c: {cell}\n"
    row = "        then: {hit: true}\n        because: It is\n"
    return load_bytes(f"{HEAD}{table}{row}".encode(), "shown.yaml")


MOODS: tuple[Any, ...] = ("CALM", "BUSY", "WILD", None)
SIZES: tuple[Any, ...] = (2, 3, 4, None)
PNLS: tuple[Any, ...] = (-1.5, -1, 0, 2, 3.5, None)
TIMES: tuple[Any, ...] = ("2026-01-05T14:59:59Z", "2026-01-05T15:00:00Z", "2026-01-05T16:00:00Z", None)

CELLS: Mapping[str, Mapping[str, tuple[tuple[Any, ...], tuple[Any, ...]]]] = {
    "mood": {
        "CALM": (MOODS, ("CALM",)),
        "CALM | WILD": (MOODS, ("CALM", "WILD")),
        '">= BUSY"': (MOODS, ("BUSY", "WILD")),
        '"[CALM..WILD)"': (MOODS, ("CALM", "BUSY")),
        '"(CALM..WILD)"': (MOODS, ("BUSY",)),
        "not (CALM | BUSY)": (MOODS, ("WILD",)),
        "missing": (MOODS, (None,)),
        "WILD | missing": (MOODS, ("WILD", None)),
        "not (missing)": (MOODS, ("CALM", "BUSY", "WILD")),
        "not (missing | BUSY)": (MOODS, ("CALM", "WILD")),
    },
    "ok": {"true": ((True, False, None), (True,)), "not (true)": ((True, False, None), (False,))},
    "size": {
        "3": (SIZES, (3,)),
        "few + 1": (SIZES, (4,)),
        '"[2..few)"': (SIZES, (2,)),
        "(2..few]": (SIZES, (3,)),
        "< few | 4": (SIZES, (2, 4)),
        '"!= few"': (SIZES, (2, 4)),
        '"[few..few)"': (SIZES, ()),
    },
    "pnl": {
        '"[low..high)"': (PNLS, (-1, 0)),
        '"[low..high]"': (PNLS, (-1, 0, 2)),
        "(low..high)": (PNLS, (0,)),
        "(low..high]": (PNLS, (0, 2)),
        "not ([low..high))": (PNLS, (-1.5, 2, 3.5)),
        '"> high * 1.5 | == low"': (PNLS, (-1, 3.5)),
        '"[-1.5..-1]"': (PNLS, (-1.5, -1)),
        "== low": (PNLS, (-1,)),
    },
    "at": {
        '">= opening"': (TIMES, TIMES[1:3]),
        "2026-01-05T15:00:00Z": (TIMES, TIMES[1:2]),
        '"> 2026-01-05T16:00:00+01:00"': (TIMES, TIMES[2:3]),
        '"[2026-01-05T14:00:00Z..opening)"': (TIMES, TIMES[:1]),
    },
    "word": {"bad": (("x", "z", None), ("x",)), "not (bad)": (("x", "z", None), ("z",))},
}


@pytest.mark.parametrize(("column", "cell"), [(column, cell) for column, cells in CELLS.items() for cell in cells])
def test_what_a_cell_matches(column: str, cell: str) -> None:
    loaded = load(column, cell)
    assert loaded.checked, loaded.findings
    pack = loaded.checked.pack
    parameters = {name: each.value for name, each in pack.parameters.items()}
    policy = Policy(pack, parameters, layers={}, document=None)
    values, matched = CELLS[column][cell]
    for value in values:
        given = {"always": 1, **({} if value is None else {column: value})}
        decision = policy.decide(given)
        assert decision.status == "ok"
        assert (value, decision["hit"]) == (value, value in matched)
        assert reference.decide(pack, parameters, given).outputs["hit"] == (value in matched)


# Each is one finding: its place, what it says and what to do.
BAD = {
    ("pnl", ">= low"): "FB102 a block of text begins on the line after its `>` or `|`; quote text that begins with",
    ("pnl", ">"): "FB317 `>` as the beginning of a block of text; quote it",
    ("pnl", ">3"): "FB317 `>3` as the beginning of a block of text; quote it",
    ("pnl", "| 3"): "FB102 a block of text begins on the line after its `>` or `|`; quote text that begins with",
    ("pnl", "!= low"): "FB104 tags such as `!=` are not read; remove the tag, or quote text that begins with `!`",
    ("mood", "!CALM"): "FB104 tags such as `!CALM` are not read; remove the tag, or quote text that begins with `!`",
    ("mood", "*"): "FB102 a name is expected after `*` or `&`; quote text that begins with `*` or `&`",
    ("mood", "*CALM"): "FB102 nothing before this is named `&CALM`; quote text that begins with `*`",
    ("mood", "&CALM"): "FB107 `c` has no value; quote text that begins with `&`",
    ("mood", "[CALM..WILD]"): "FB203 a cell is expected here, not a list; quote a range such as `[a..b)`",
    ("mood", "[CALM..WILD)"): "FB102 `,` or `]` is expected here; quote text that holds",
    ("mood", "null"): "FB203 a cell is expected here, not nothing; write `missing` for what is absent",
    ("mood", '"*"'): "FB317 `*` is no value; leave the column out where everything matches",
    ("mood", '"-"'): "FB317 `-` is no value; leave the column out where everything matches",
    ("mood", '""'): "FB317 a value is expected here; write one, or leave the column out where everything matches",
    ("mood", "CALM |"): "FB317 a value is expected here; write one",
    ("mood", "not ()"): "FB317 a value is expected here; write one",
    ("mood", "not CALM"): "FB317 `not` takes what it denies in brackets; write `not (CALM)`",
    ("mood", "CALM, WILD"): "FB317 alternatives are not parted by a comma; write `A | B`",
    ("mood", "CALM or WILD"): "FB317 a cell has no `and` and `or`; write a range such as `[a..b)`, or `A | B`",
    ("mood", "CALN"): "FB301 no value or member named `CALN`; did you mean `CALM`?",
    ("ok", '"> false"'): "FB305 something with an order is expected here, not a boolean",
    ("size", "1..3"): "FB317 a range needs its ends; write `[a..b]`, `[a..b)`, `(a..b]` or `(a..b)`",
    ("size", '"[..3]"'): "FB317 a range needs its ends; write `<= 3` where it has one end",
    ("size", '"(1..]"'): "FB317 a range needs its ends; write `> 1` where it has one end",
    ("size", "2.5"): "FB305 an integer in contract is expected here, not a number in contract",
    ("size", '">= low"'): "FB306 `contract` and `percent` do not go together",
    ("pnl", "0.5%"): "FB317 `0.5%` has a unit, but a number takes that of its column; write `0.5`",
    ("pnl", '">= 3 percent"'): "FB317 `3 percent` has a unit, but a number takes that of its column; write `3`",
    ("pnl", '"> 1 and < 3"'): "FB317 a cell has no `and` and `or`; write a range such as `[a..b)`, or `A | B`",
    ("pnl", '"> always"'): "FB303 input `always` is not part of the language; only literals and parameters may stand",
    ("pnl", "1e3"): "FB108 `1e3` means different things to different YAML readers; write `1.0e+3`",
    ("at", '"> 2026-13-05"'): "FB317 `2026-13-05` is no time; write it such as `2026-01-05T15:00:00Z`",
    (
        "word",
        "z",
    ): "FB317 `z` is no parameter, and a cell holds no text; make it a parameter, or give the column an enum",
    ("word", "badd"): "FB317 `badd` is no parameter, and a cell holds no text; did you mean `bad`?",
    ("word", '"> bad"'): "FB305 something with an order is expected here, not a text",
    ("always", "missing"): "FB405 `missing`: the column is always present, the cell can never change anything",
    ("always", "not (missing)"): "FB405 `missing`: the column is always present, the cell can never change anything",
}


@pytest.mark.parametrize(("column", "cell"), BAD)
def test_a_cell_that_cannot_be_read_is_one_finding(column: str, cell: str) -> None:
    [finding] = [each for each in load(column, cell).findings if each.severity == "error"]
    code, _, rest = BAD[column, cell].partition(" ")
    said, _, advice = rest.partition("; ")
    assert finding.code == code
    assert said in finding.message
    assert (finding.help or "").startswith(advice)
    places = [finding.span, *(each.span for each in finding.related)]  # a list that is not closed ends on the next line
    assert HEAD.count("\n") + 7 in [each.position[0] for each in places if each]
