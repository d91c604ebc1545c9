"""Reading snapshots: what is read, what is refused, where and with which words."""

from __future__ import annotations

import math
from collections import OrderedDict
from decimal import Decimal
from typing import Any

import pytest

from flyball.engine.diagnostics import Diagnostic
from flyball.engine.ir import Value
from flyball.engine.snapshot import canonical, export, read
from flyball.engine.snapshot_text import show_path
from flyball.engine.types import (
    MAX_INTEGER,
    Boolean,
    Enum,
    Field,
    Integer,
    List,
    Number,
    Record,
    Text,
    Time,
    Type,
    Vector,
)

REGIME = Enum("Regime", ("CALM", "NORMAL", "VOLATILE"))
SYMBOL = Record("Symbol", (Field("symbol", Text(8)), Field("tag", REGIME), Field("weight", Number(), optional=True)))
RISK = Record("Risk", (Field("daily_pnl_pct", Number(), low=-100, high=1000), Field("avg_r", Number(), key="avg_R")))
FIELDS = (
    Field("regime", REGIME),
    Field("risk", RISK),
    Field("streak", Integer(), low=0),
    Field("quality", Number(), optional=True, low=0, high=1),
    Field("symbols", List(Field("", SYMBOL), 4, ("symbol",))),
    Field("limits", Vector(REGIME, Field("", Number()))),
    Field("live", Boolean()),
    Field("at", Time(), optional=True),
)
SNAPSHOT = {
    "regime": "NORMAL",
    "risk": {"daily_pnl_pct": -3, "avg_R": 1.5},
    "streak": 3.0,
    "symbols": [{"symbol": "AAPL", "tag": "CALM"}, {"symbol": "IBM", "tag": "VOLATILE", "weight": None}],
    "limits": {"CALM": 1, "NORMAL": 2, "VOLATILE": 3},
    "live": True,
    "now": "2026-01-05T15:00:00+00:00",
}
NOW = 1_767_625_200_000_000


def faults(snapshot: object, fields: tuple[Field, ...] = FIELDS, **options: bool) -> list[tuple[str, str | None]]:
    return [(finding.code, finding.path) for finding in read(fields, snapshot, **options)[1]]


def one(kind: Type, value: object, **options: Any) -> tuple[Value, list[Diagnostic]]:
    values, found = read((Field("x", kind, **options),), {"x": value})
    return values["x"], found


def fault(kind: Type, value: object, **options: Any) -> Diagnostic:
    result, (finding,) = one(kind, value, **options)
    assert result is None and finding.path == "x"
    return finding


def changed(**values: object) -> dict[str, object]:
    return {**SNAPSHOT, **values}


def test_a_snapshot_reads_into_run_time_values() -> None:
    values, found = read(FIELDS, SNAPSHOT)

    assert found == []
    assert values == {
        "regime": 1,
        "risk": (-3.0, 1.5),
        "streak": 3,
        "quality": None,
        "symbols": (("AAPL", 0, None), ("IBM", 2, None)),
        "limits": (1.0, 2.0, 3.0),
        "live": True,
        "at": None,
        "now": NOW,
    }
    assert type(values["streak"]) is int
    assert isinstance(values["risk"], tuple) and type(values["risk"][0]) is float


def test_the_canonical_form_uses_the_keys_of_the_snapshot_and_leaves_absence_out() -> None:
    values, _ = read(FIELDS, changed(at=1.5))

    assert canonical((*FIELDS, Field("now", Time())), values) == {
        "regime": "NORMAL",
        "risk": {"daily_pnl_pct": -3.0, "avg_R": 1.5},
        "streak": 3,
        "symbols": [{"symbol": "AAPL", "tag": "CALM"}, {"symbol": "IBM", "tag": "VOLATILE"}],
        "limits": {"CALM": 1.0, "NORMAL": 2.0, "VOLATILE": 3.0},
        "live": True,
        "at": "1970-01-01T00:00:01.500000Z",
        "now": "2026-01-05T15:00:00Z",
    }


def test_all_faults_are_found_at_once() -> None:
    snapshot = {
        "regime": "calm",
        "risk": {"daily_pnl_pct": 1001, "avg_R": math.nan, "extra": 1},
        "streak": None,
        "symbols": [
            {"symbol": "AAPL", "tag": "CALM"},
            {"symbol": "AAPL", "tag": "CLAM"},
            3,
            {"symbol": "\ud800", "tag": True},
            {"symbol": "AAPL", "tag": "CALM"},
        ],
        "limits": {"CALM": 1, "VOLATILE": "3"},
        "live": 1,
        "at": "2026-01-05T15:00:00",
        "now": "noon",
    }

    assert sorted(faults(snapshot), key=lambda pair: pair[1] or "") == [
        ("FB710", "at"),
        ("FB701", "limits.NORMAL"),
        ("FB703", "limits.VOLATILE"),
        ("FB703", "live"),
        ("FB710", "now"),
        ("FB706", "regime"),
        ("FB705", "risk.avg_R"),
        ("FB704", "risk.daily_pnl_pct"),
        ("FB702", "risk.extra"),
        ("FB703", "streak"),
        ("FB708", "symbols"),
        ("FB707", "symbols[1]"),
        ("FB706", "symbols[1].tag"),
        ("FB703", "symbols[2]"),
        ("FB711", "symbols[3].symbol"),
        ("FB703", "symbols[3].tag"),
    ]


@pytest.mark.parametrize("snapshot", [None, [], "text", 3, OrderedDict()])
def test_what_is_no_object_is_no_snapshot(snapshot: object) -> None:
    values, (finding,) = read(FIELDS, snapshot)

    assert (finding.code, finding.path) == ("FB712", None)
    assert set(values) == {each.name for each in FIELDS} | {"now"}
    assert set(values.values()) == {None}


def test_now_may_always_be_given_and_is_missed_where_it_is_needed() -> None:
    assert read((), {})[0] == {"now": None}
    assert read((), {"now": 1})[0] == {"now": 1_000_000}
    assert faults({}, ()) == faults({"now": None}, ()) == []
    assert faults({}, (), needs_now=True) == [("FB701", "now")]
    assert faults({"now": None}, (), needs_now=True) == [("FB703", "now")]
    assert faults({}, (Field("now", Time()),)) == []


@pytest.mark.parametrize(
    ("given_value", "value"), [(1, 1.0), (-0.0, 0.0), (0.1, 0.1), (2**53 + 1, 2.0**53), (1e308, 1e308)]
)
def test_numbers(given_value: float, value: float) -> None:
    result, found = one(Number(), given_value)

    assert found == [] and type(result) is float
    assert (result, math.copysign(1, result)) == (value, 1.0)


@pytest.mark.parametrize(("given_value", "value"), [(3, 3), (3.0, 3), (-0.0, 0), (MAX_INTEGER, MAX_INTEGER)])
def test_integers(given_value: float, value: int) -> None:
    result, found = one(Integer(), given_value)

    assert found == [] and type(result) is int and result == value


@pytest.mark.parametrize(
    ("kind", "value", "message"),
    [
        (Number(), True, "`x` must be a number, not true"),
        (Number(), "3", "`x` must be a number, not '3'"),
        (Number(), Decimal(3), "`x` must be a number, not a Python Decimal"),
        (Number(), math.nan, "`x` is nan, not a finite number"),
        (Number(), -math.inf, "`x` is -inf, not a finite number"),
        (Number(), 10**400, "`x` is an integer of 1329 bits, not a finite number"),
        (Integer(), True, "`x` must be an integer, not true"),
        (Integer(), 3.5, "`x` must be an integer, not 3.5"),
        (Integer(), math.nan, "`x` is nan, not a finite number"),
        (Integer(), 2**53, "`x` is 9007199254740992, outside of [-9007199254740991, 9007199254740991]"),
        (Integer(), 1e300, "`x` is an integer of 997 bits, outside of [-9007199254740991, 9007199254740991]"),
        (Boolean(), 1, "`x` must be a boolean, not 1"),
        (Text(), 3, "`x` must be a text, not 3"),
        (Text(3), "abcd", "`x` has 4 characters, more than 3"),
        (Text(), "a\udfff", "`x` holds characters that no text may hold"),
        (REGIME, "STORM", "`x` is 'STORM', not one of CALM, NORMAL, VOLATILE"),
        (REGIME, 1, "`x` must be one of CALM, NORMAL, VOLATILE, not 1"),
        (Time(), "2026-01-05", "`x` is '2026-01-05', not a time with an offset"),
        (Time(), True, "`x` is true, not a time with an offset"),
        (Time(), 10**400, "`x` is an integer of 1329 bits, not a time with an offset"),
        (Time(), {}, "`x` is an object, not a time with an offset"),
        (SYMBOL, [], "`x` must be an object, not a list"),
        (List(Field("", Text()), 3), {}, "`x` must be a list of texts, not an object"),
        (List(Field("", Text()), 3), ("a",), "`x` must be a list of texts, not a Python tuple"),
        (List(Field("", Text()), 1), ["a", "b"], "`x` has 2 items, more than 1"),
        (Vector(REGIME, Field("", Number())), 3, "`x` must be an object with a key for each Regime, not 3"),
        (Number(), None, "`x` must be a number, not null"),
    ],
)
def test_messages(kind: Type, value: object, message: str) -> None:
    assert fault(kind, value).message == message


@pytest.mark.parametrize(
    ("value", "low", "high", "message"),
    [
        (-0.5, 0, None, "`x` is -0.5, outside of [0, …]"),
        (1e22, None, 1e21, "`x` is 1e+22, outside of […, 1e+21]"),
        (1.0000000000000002, 0.1, 1, "`x` is 1.0000000000000002, outside of [0.1, 1]"),
        (1500, -100.0, 1000.0, "`x` is 1500, outside of [-100, 1000]"),
    ],
)
def test_ranges(value: float, low: float | None, high: float | None, message: str) -> None:
    assert fault(Number(), value, low=low, high=high).message == message


@pytest.mark.parametrize("end", [-100, 1000])
def test_both_ends_of_a_range_belong_to_it(end: int) -> None:
    assert faults(changed(risk={"daily_pnl_pct": end, "avg_R": 0})) == []


def test_a_misspelt_key_is_met_with_the_name_that_was_meant() -> None:
    _, (missing, unknown) = read(FIELDS, changed(risk={"Daily_PNL": -3, "avg_R": 1}))

    assert missing.path == "risk.daily_pnl_pct"
    assert missing.help == "is it what is called `Daily_PNL` here?"
    assert unknown.path == "risk.Daily_PNL"
    assert unknown.help == "did you mean `daily_pnl_pct`?"


@pytest.mark.parametrize(
    ("kind", "value", "help_text"),
    [
        (REGIME, "calm", "did you mean `CALM`?"),
        (REGIME, "VOLATIL", "did you mean `VOLATILE`?"),
        (REGIME, "?", None),
        (Number(), "3.5", "write it without quotes"),
        (Number(), "high", None),
        (Boolean(), "true", "write it without quotes"),
        (Text(), None, "only what is optional may be null"),
        (Text(), b"x", "only JSON values are read, convert it first"),
    ],
)
def test_advice(kind: Type, value: object, help_text: str | None) -> None:
    assert fault(kind, value).help == help_text


def test_what_a_stranger_wrote_is_shown_short_and_printable() -> None:
    for text in ("x" * 10**6, "\u202e\x00\x1b[31m\ud800\n" * 20, "\U0001f4a5" * 300):
        by_value = fault(REGIME, text)
        _, (by_key,) = read((), {text: 1})
        for finding in (by_value, by_key):
            assert len(finding.message) < 120
            assert finding.message.isprintable()
            assert (finding.path or "").isprintable()


def test_many_unknown_keys_are_answered_promptly() -> None:
    snapshot = changed(**{f"streak_{i}": i for i in range(20_000)})

    assert len(faults(snapshot)) == 20_000


def test_paths() -> None:
    assert show_path(("symbols", 3, "tag")) == "symbols[3].tag"
    assert show_path(("risk", "avg R")) == "risk['avg R']"
    assert show_path(("a b", 0)) == "['a b'][0]"
    assert show_path(()) == ""


def test_composite_keys_and_items_whose_key_is_at_fault() -> None:
    item = Record("", (Field("a", Number()), Field("b", REGIME), Field("c", Text(), optional=True)))
    fields = (Field("xs", List(Field("", item), 10, ("b", "a"))),)
    items: list[object] = [{"a": 1, "b": "CALM"}, {"a": 1.0, "b": "CALM"}, {"a": 1, "b": "NORMAL"}]

    _, (finding,) = read(fields, {"xs": items})
    assert (finding.code, finding.path) == ("FB707", "xs[1]")
    assert finding.message == "`xs[1]` repeats the key 'CALM', 1"

    items = [{"a": 1, "b": None}, {"a": 1, "b": None}, {"a": 2, "b": "CALM", "c": 3}, {"a": 2, "b": "CALM"}]
    assert sorted(faults({"xs": items}, fields)) == [
        ("FB703", "xs[0].b"),
        ("FB703", "xs[1].b"),
        ("FB703", "xs[2].c"),
        ("FB707", "xs[3]"),
    ]


def test_items_beyond_the_limit_are_not_read() -> None:
    kind = List(Field("", Number()), 2)

    assert [finding.path for finding in one(kind, [1, "a", "b", "c"])[1]] == ["x", "x[1]"]


def test_optional_items_may_be_null() -> None:
    kind = List(Field("", Number(), optional=True), 3)

    assert one(kind, [1, None]) == ((1.0, None), [])
    assert export((1.0, None), kind) == [1.0, None]


def test_an_exported_number_is_a_double() -> None:
    assert repr(export(3, Number())) == "3.0"
    assert repr(export(-0.0, Number())) == "0.0"
    assert export(None, Number()) is None
    assert export(2, REGIME) == "VOLATILE"
