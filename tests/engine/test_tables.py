from __future__ import annotations

import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flyball.engine.diagnostics import Diagnostic
from flyball.engine.parameters import Layer, effective
from flyball.engine.tables import MAX_FINDINGS, check_tables
from flyball.loaders.packs import load_bytes

PACK = """
language: 1
pack: guard
version: 1.0.0
types:
  Regime: [CALM, NORMAL, WILD]
  Row: {{type: record, fields: {{level: {{type: integer, range: [0, 3]}}, calm: {{type: boolean}}}}}}
inputs:
  regime: {{type: Regime}}
  quality: {{type: number, unit: fraction, range: [0, 1]}}
  maybe: {{type: number, optional: true}}
  streak: {{type: integer}}
  moment: {{type: time}}
  venue: {{type: text}}
  flag: {{type: boolean}}
  rows: {{type: list, of: Row, max_items: 9}}
  rates: {{type: list, of: {{type: number, range: [0, 2]}}, max_items: 9}}
  band: {{by: Regime, type: number, range: [-1, 1]}}
parameters:
  floor_at: {{value: 0.4, unit: fraction, range: [0, 1], why: House}}
  limit: {{value: 3, range: [-100, 100], why: House}}
  opens: {{type: time, value: 2026-01-05T09:30:00Z, why: Calendar}}
  home: {{type: text, value: XNYS, why: House}}
definitions:
  twice: quality + quality
outputs:
  stop: {{type: boolean, start: flag, safe: true}}
tables:
  guide: {{{table}}}
"""


def table(match: str, rows: Sequence[str], more: str = "hit: unique") -> str:
    cells = ", ".join(f"r{i}: {{{row}}}" for i, row in enumerate(rows))
    return PACK.format(table=f"match: {{{match}}}, {more}, rows: {{{cells}}}")


def findings_of(match: str, *rows: str, more: str = "hit: unique") -> list[Diagnostic]:
    loaded = load_bytes(table(match, rows, more).encode(), "guard.yaml")
    return [finding for finding in loaded.findings if finding.severity == "error"]


def messages(match: str, *rows: str, more: str = "hit: unique") -> list[str]:
    return [f"{finding.code} {finding.message}" for finding in findings_of(match, *rows, more=more)]


def gap(example: str) -> list[str]:
    return [f"FB402 no row of `guide` matches {example}"]


def overlap(rows: str, example: str) -> list[str]:
    return [f"FB403 rows {rows} of `guide` both match {example}"]


# Gaps


@pytest.mark.parametrize(
    ("match", "rows", "example"),
    [
        ("a: regime", ["a: CALM", "a: WILD"], "regime = NORMAL"),
        ("a: regime", ["a: '> NORMAL'", "a: NORMAL"], "regime = CALM"),
        ("a: regime, b: quality", ["a: CALM | WILD", "b: '>= floor_at', a: NORMAL"], "regime = NORMAL, quality = 0.2"),
        ("a: quality", ["a: '< floor_at'", "a: '> floor_at'"], "quality = 0.4"),
        ("a: quality", ["a: '<= floor_at'"], "quality = 0.7"),
        ("a: streak", ["a: '< 3'", "a: '> 3'"], "streak = 3"),
        ("a: streak", ["a: '<= 3'", "a: '>= 5'"], "streak = 4"),
        ("a: streak", ["a: '>= 3'"], "streak = 0"),
        ("a: maybe", ["a: '< limit'", "a: '>= limit'"], "maybe = missing"),
        ("a: maybe", ["a: missing"], "maybe = 0"),
        ("a: maybe", ["a: missing | < limit", "a: '> 3.1'"], "maybe = 3"),
        ("a: maybe", ["a: missing | < limit"], "maybe = 3"),
        ("a: flag", ["a: 'true'"], "flag = false"),
        ("a: moment", ["a: '>= opens'"], "moment = 2026-01-04T00:00:00Z"),
        ("a: moment", ["a: '< opens'", "a: '> opens'"], "moment = 2026-01-05T09:30:00Z"),
        ("big: quality > floor_at", ["big: 'true'"], "big = false"),
        ("a: twice", ["a: '<= floor_at'"], "twice = 1"),
        ("a: 'band[regime]'", ["a: '>= 0'"], "a = -0.5"),
        ("a: quality", ["a: '(0..1)'"], "quality = 0"),
        ("a: quality", ["a: '[0..1)'"], "quality = 1"),
        ("a: quality", ["a: 'not ([0..0.5] | > 0.6)'", "a: '< 0.25'", "a: '> 0.5'"], "quality = 0.25"),
    ],
)
def test_gaps(match: str, rows: list[str], example: str) -> None:
    found = messages(match, *rows)
    assert found[:1] == gap(example)
    assert len([message for message in found if message.startswith("FB402")]) == 1


@pytest.mark.parametrize(
    ("match", "rows"),
    [
        ("a: regime", ["a: CALM | NORMAL", "a: WILD"]),
        ("a: regime", ["a: not (WILD)", "a: WILD"]),
        ("a: quality", ["a: '[0..1]'"]),
        ("a: quality", ["a: '[0..floor_at)'", "a: '[floor_at..1]'"]),
        ("a: maybe", ["a: missing", "a: '< limit'", "a: '>= limit'"]),
        ("a: regime, b: quality", ["a: CALM", "a: NORMAL | WILD, b: '< floor_at'", "a: not (CALM), b: '>= floor_at'"]),
        ("a: regime", [""]),
    ],
)
def test_complete(match: str, rows: list[str]) -> None:
    assert messages(match, *rows) == []


def test_loops() -> None:
    by_item = "hit: unique, for: row in rows"
    assert messages("a: row.level, b: row.calm", "a: 0 | 1 | 2 | 3", more=by_item) == []
    assert messages("a: row.level, b: row.calm", "a: '< 2'", "b: 'true', a: '>= 2'", more=by_item) == gap(
        "row.level = 2, row.calm = false"
    )
    assert messages("a: rate", "a: '<= 1'", more="hit: unique, for: rate in rates") == gap("rate = 1.5")


def test_ends_of_a_range_that_are_neighbours() -> None:
    """Between a double and the next one lies nothing."""
    assert messages("a: quality", "a: '<= 0.1'", "a: '>= 0.10000000000000002'") == []


def test_the_rest_is_counted() -> None:
    (finding,) = findings_of("a: regime, b: flag", "a: CALM, b: 'true'")
    assert finding.message.endswith("regime = CALM, flag = false")
    assert finding.help == "add a row for it, or say `complete: false`; 4 more of 6 combinations have no row"
    assert finding.span
    assert finding.span.text == "guide"


def test_gaps_are_allowed() -> None:
    assert messages("a: regime", "a: CALM", more="hit: unique, complete: false") == []
    assert messages("a: regime", "a: CALM", more="hit: first") == []
    assert messages("a: regime", "a: CALM", "a: CALM", more="hit: collect") == []


def test_effective_parameters_decide() -> None:
    rows = ["a: '< floor_at'", "a: '>= 0.4'"]
    checked = load_bytes(table("a: quality", rows).encode(), "guard.yaml").checked
    assert checked
    for value, codes in ((0.4, []), (0.3, ["FB402"]), (0.5, ["FB403"])):
        values, _ = effective(checked.pack, [Layer("params", {"floor_at": value})])
        assert [finding.code for finding in check_tables(checked.pack, values)] == codes


# Overlaps


@pytest.mark.parametrize(
    ("match", "rows", "example"),
    [
        ("a: regime", ["a: CALM | NORMAL", "a: not (CALM)"], "regime = NORMAL"),
        ("a: quality", ["a: '<= floor_at'", "a: '>= floor_at'"], "quality = 0.4"),
        ("a: quality", ["a: '< 0.6'", "a: '>= floor_at'"], "quality = 0.4"),
        ("a: quality", ["a: '< 0.6'", "a: '> floor_at'"], "quality = 0.5"),
        ("a: maybe", ["a: missing | > 0", "a: missing | <= 0"], "maybe = missing"),
        ("a: flag, b: regime", ["a: 'true'", "b: '>= CALM'"], "flag = true, regime = CALM"),
    ],
)
def test_overlaps(match: str, rows: list[str], example: str) -> None:
    found = [message for message in messages(match, *rows) if message.startswith("FB403")]
    assert found == overlap("`r0` and `r1`", example)


def test_every_pair_once() -> None:
    found = findings_of("a: regime, b: flag", "a: CALM", "a: CALM | NORMAL", "a: NORMAL | WILD", "a: CALM, b: 'true'")
    assert [re.findall(r"`(r\d)`", each.message) for each in found] == [
        ["r0", "r1"],
        ["r0", "r3"],
        ["r1", "r3"],
        ["r1", "r2"],
    ]
    spans = [related.span.text for related in found[0].related]
    assert spans == ["r0", "r1"]


def test_findings_are_bounded() -> None:
    assert len(findings_of("a: regime", *["a: '>= CALM'"] * 30)) == MAX_FINDINGS
    assert len(findings_of("a: regime", *["a: '>= CALM'"] * 300, more="hit: first")) == MAX_FINDINGS


# Rows that nothing reaches


@pytest.mark.parametrize(
    ("match", "rows", "dead"),
    [
        ("a: regime", ["a: CALM | NORMAL", "a: CALM", "a: WILD"], ["r1"]),
        ("a: regime", ["a: CALM", "a: NORMAL | WILD", "a: '>= CALM'"], ["r2"]),
        ("a: quality", ["a: '< 0.5'", "a: '>= 0.5'", ""], ["r2"]),
        ("a: quality", ["a: '< 0.5'", "a: '> 0.5'", ""], []),
        ("a: quality", ["a: '> 1'", ""], ["r0"]),
        ("a: streak", ["a: '< 2'", "a: '> 2'", "a: '(1..3)'", "a: 2"], ["r3"]),
        ("a: maybe", ["a: '< 0'", "a: '>= 0'", "a: missing"], []),
        ("a: maybe", ["a: '< 0'", "a: '>= 0'", "", "a: missing"], ["r3"]),
        ("a: regime, b: flag", ["a: CALM", "b: 'true'", "a: CALM, b: 'true'"], ["r2"]),
        ("a: venue", ["", "a: home"], []),
    ],
)
def test_dead_rows(match: str, rows: list[str], dead: list[str]) -> None:
    found = messages(match, *rows, more="hit: first")
    assert found == [f"FB410 row `{row}` of `guide` can never be reached" for row in dead]


def test_a_row_of_a_unique_table_that_matches_nothing() -> None:
    """One mistake is one finding: the gap that it leaves is not said as well."""
    (finding,) = findings_of("a: streak", "a: '< 1'", "a: '[3..1]'", "a: '> 3'")
    assert (finding.code, finding.message) == ("FB410", "row `r1` of `guide` can never be reached")
    assert finding.help == "no value matches its cells; mend or remove it"
    assert messages("a: streak", "a: '< 1'", "a: '[1..3]'", "a: '> 3'") == []


def test_who_takes_what_a_dead_row_matches() -> None:
    (finding,) = findings_of("a: regime", "a: CALM", "a: NORMAL", "a: WILD", "a: not (WILD)", more="hit: first")
    assert [related.message for related in finding.related] == ["row `r0`", "row `r1`"]
    (finding,) = findings_of("a: quality", "a: '< 0'", "", more="hit: first")
    assert (finding.related, finding.help) == ((), "no value matches its cells; mend or remove it")


# What cannot be checked


def test_texts_are_not_checked() -> None:
    assert messages("a: venue", "a: home", "a: not (home)") == [
        "FB404 gaps and overlaps of `guide` cannot be checked: column `a` is a text"
    ]
    assert messages("a: venue, b: flag", "b: 'true'", "b: 'false'") == []


def test_too_many_combinations() -> None:
    flags = ", ".join(f"c{i}: flag" for i in range(17))
    row = ", ".join(f"c{i}: 'true'" for i in range(17))
    reason = "there are 131072 combinations of values, more than 100000"
    assert messages(flags, row) == [f"FB404 gaps and overlaps of `guide` cannot be checked: {reason}"]
    assert messages(flags, row, "", more="hit: first") == []


def test_a_fault_in_a_cell() -> None:
    assert messages("a: maybe", "a: '< 1 / (limit - 3)'") == ["FB720 division by zero in `1 / (limit - 3)`"]


def test_many_combinations_are_quick() -> None:
    flags = ", ".join(f"c{i}: flag" for i in range(16))
    rows = [", ".join([*(f"c{i}: 'false'" for i in range(n)), f"c{n}: 'true'"]) for n in range(16)]
    pack = load_bytes(table(flags, rows, "hit: unique, complete: false").encode(), "guard.yaml").checked
    assert pack
    values, _ = effective(pack.pack, [])
    start = time.perf_counter()
    assert check_tables(pack.pack, values) == []
    assert time.perf_counter() - start < 10  # no measure of speed: it does not hang


# Against brute force


@dataclass(frozen=True)
class Cell:
    text: str
    matches: Callable[[object], bool]


COMPARE: dict[str, Callable[[float, float], bool]] = {
    "<": lambda x, y: x < y,
    "<=": lambda x, y: x <= y,
    ">": lambda x, y: x > y,
    ">=": lambda x, y: x >= y,
    "==": lambda x, y: x == y,
}
MEMBERS = ("CALM", "NORMAL", "WILD")
HALVES = [n / 2 for n in range(-3, 12)]
SNAPSHOTS: dict[str, list[object]] = {
    "streak": list(range(-2, 7)),
    "maybe": [*HALVES, None],
    "regime": list(range(3)),
    "limited": [x / 4 for x in range(5)],
}
INPUTS = {"streak": "streak", "maybe": "maybe", "regime": "regime", "limited": "quality"}


def names(column: str) -> st.SearchStrategy[tuple[str, float]]:
    """A constant as a cell writes it, and what it is."""
    if column == "regime":
        return st.sampled_from([(name, float(i)) for i, name in enumerate(MEMBERS)])
    if column == "limited":
        return st.sampled_from([(str(x / 2), x / 2) for x in range(3)])
    return st.sampled_from([*((str(n), float(n)) for n in range(-1, 6)), ("limit", 3.0)])


def comparison(column: str) -> st.SearchStrategy[Cell]:
    def made(sign: str, value: tuple[str, float]) -> Cell:
        return Cell(f"{sign} {value[0]}", lambda x: x is not None and COMPARE[sign](x, value[1]))  # type: ignore[arg-type]

    return st.builds(made, st.sampled_from(sorted(COMPARE)), names(column))


def interval(column: str) -> st.SearchStrategy[Cell]:
    def made(opening: str, low: tuple[str, float], high: tuple[str, float], closing: str) -> Cell:
        above, under = COMPARE[">=" if opening == "[" else ">"], COMPARE["<=" if closing == "]" else "<"]
        text = f"{opening}{low[0]}..{high[0]}{closing}"
        return Cell(text, lambda x: x is not None and above(x, low[1]) and under(x, high[1]))  # type: ignore[arg-type]

    return st.builds(made, st.sampled_from("[("), names(column), names(column), st.sampled_from("])"))


def alternatives(parts: list[Cell]) -> Cell:
    return Cell(" | ".join(part.text for part in parts), lambda x: any(part.matches(x) for part in parts))


def inverted(cell: Cell) -> Cell:
    return Cell(f"not ({cell.text})", lambda x: x is not None and not cell.matches(x))


def cells(column: str) -> st.SearchStrategy[Cell | None]:
    simple = comparison(column) | interval(column)
    joined = st.lists(simple, min_size=1, max_size=2).map(alternatives)
    found = st.none() | simple | joined | joined.map(inverted)
    if column != "maybe":
        return found
    missing = Cell("missing", lambda x: x is None)
    return found | st.just(missing) | joined.map(lambda cell: alternatives([missing, cell]))


Rows = list[tuple[Cell | None, ...]]


@st.composite
def tables(draw: st.DrawFn) -> tuple[tuple[str, ...], Rows]:
    columns = tuple(draw(st.lists(st.sampled_from(sorted(SNAPSHOTS)), min_size=1, max_size=2, unique=True)))
    row = st.tuples(*(cells(column) for column in columns))
    return columns, draw(st.lists(row, min_size=1, max_size=4))


def written(columns: tuple[str, ...], rows: Rows) -> tuple[str, list[str]]:
    match = ", ".join(f"{name}: {INPUTS[name]}" for name in columns)
    return match, [
        ", ".join(f"{name}: '{cell.text}'" for name, cell in zip(columns, row, strict=True) if cell) for row in rows
    ]


def hits(columns: tuple[str, ...], rows: Rows) -> dict[tuple[object, ...], list[int]]:
    """The rows that match each of the sample snapshots, which hit every piece of every column."""
    return {
        point: [
            i
            for i, row in enumerate(rows)
            if all(cell is None or cell.matches(x) for cell, x in zip(row, point, strict=True))
        ]
        for point in product(*(SNAPSHOTS[name] for name in columns))
    }


def read_example(message: str, columns: tuple[str, ...]) -> dict[str, object]:
    pairs = dict(re.findall(r"(\w+) = ([\w.-]+)", message))
    values = {name: pairs.get(INPUTS[name]) for name in columns}
    known = {"missing": None, **{member: float(i) for i, member in enumerate(MEMBERS)}}
    return {name: known[text] if text in known else float(text) for name, text in values.items() if text is not None}


def rows_at(example: dict[str, object], columns: tuple[str, ...], rows: Rows) -> list[int]:
    """The rows that match an example; a column that it leaves out matters to no row."""
    return [
        i
        for i, row in enumerate(rows)
        if all(cell is None or cell.matches(example[name]) for name, cell in zip(columns, row, strict=True))
    ]


@settings(max_examples=75, deadline=None)
@given(tables())
def test_gaps_and_overlaps_against_brute_force(case: tuple[tuple[str, ...], Rows]) -> None:
    columns, rows = case
    match, texts = written(columns, rows)
    found = findings_of(match, *texts)
    expected = hits(columns, rows)
    dead = [int(row) for each in found if each.code == "FB410" for row in re.findall(r"row `r(\d)`", each.message)]
    assert sorted(dead) == sorted(set(range(len(rows))).difference(*expected.values()))
    gaps = [each for each in found if each.code == "FB402"]
    assert len(gaps) == (any(not matching for matching in expected.values()) and not dead)
    for each in gaps:
        assert rows_at(read_example(each.message, columns), columns, rows) == []
    overlaps = [each for each in found if each.code == "FB403"]
    pairs = [tuple(int(row) for row in re.findall(r"`r(\d)`", each.message)) for each in overlaps]
    assert sorted(pairs) == sorted({pair for matching in expected.values() for pair in combinations(matching, 2)})
    for each, pair in zip(overlaps, pairs, strict=True):
        assert set(pair) <= set(rows_at(read_example(each.message, columns), columns, rows))


@settings(max_examples=50, deadline=None)
@given(tables())
def test_dead_rows_against_brute_force(case: tuple[tuple[str, ...], Rows]) -> None:
    columns, rows = case
    match, texts = written(columns, rows)
    found = findings_of(match, *texts, more="hit: first")
    reached = {matching[0] for matching in hits(columns, rows).values() if matching}
    dead = [int(row) for each in found for row in re.findall(r"row `r(\d)`", each.message)]
    assert sorted(dead) == sorted(set(range(len(rows))) - reached)
