"""A caller's Python data in exact JSON types."""

from __future__ import annotations

import enum
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from fractions import Fraction
from types import MappingProxyType
from typing import Any
from uuid import UUID

import pytest

from flyball.engine.plain import plain
from flyball.engine.snapshot import read
from flyball.engine.types import Field, Integer, List, Number, Record, Text, Time


def faults(snapshot: object, *fields: Field) -> list[tuple[str, str | None]]:
    return [(finding.code, finding.path) for finding in read(fields, snapshot)[1]]


class Tag(enum.StrEnum):
    GOOD = "GOOD"


class Level(enum.IntEnum):
    HIGH = 2


class Plain(enum.Enum):
    PAIR = ("a", 1)


@dataclass
class Item:
    symbol: str
    more: object


class Loud(str):
    __slots__ = ()

    def __str__(self) -> str:
        return self.upper()


class Price(float):
    pass


def test_plain_copies_into_exact_json_types() -> None:
    value = OrderedDict(
        tag=Tag.GOOD,
        level=Level.HIGH,
        loud=Loud("soft"),
        price=Price(1.5),
        pair=(1, None),
        deep=MappingProxyType({Tag.GOOD: True}),
    )

    result = plain(value)

    assert result == {
        "tag": "GOOD",
        "level": 2,
        "loud": "soft",
        "price": 1.5,
        "pair": [1, None],
        "deep": {"GOOD": True},
    }
    assert set(map(type, _leaves(result))) <= {str, int, float, bool, type(None)}


def _leaves(value: object) -> Iterator[object]:
    if isinstance(value, dict):
        assert type(value) is dict
        for key, each in value.items():
            yield key
            yield from _leaves(each)
    elif isinstance(value, list):
        assert type(value) is list
        for each in value:
            yield from _leaves(each)
    else:
        yield value


def test_plain_leaves_the_original_alone() -> None:
    value = {"a": [1, {"b": 2}]}

    result: Any = plain(value)
    result["a"][1]["b"] = 3

    assert value == {"a": [1, {"b": 2}]}


def test_aware_datetimes_are_times_and_naive_ones_are_faults() -> None:
    moment = datetime(2026, 1, 5, 16, 0, 0, 250_000, tzinfo=timezone(timedelta(hours=1)))

    assert read((), plain({"now": moment}))[0] == {"now": 1_767_625_200_250_000}
    assert faults(plain({"now": moment.replace(tzinfo=None)})) == [("FB710", "now")]
    assert faults(plain({"now": datetime.min.replace(tzinfo=UTC)})) == []
    beyond = datetime.min.replace(tzinfo=timezone(timedelta(hours=1)))
    assert faults(plain({"now": beyond})) == [("FB710", "now")]


@pytest.mark.parametrize("value", [Fraction(1, 2), Decimal(1), 1j, b"x", object(), range(3), {1}])
def test_what_has_no_json_form_stays_and_is_a_fault(value: object) -> None:
    assert plain(value) is value
    assert faults({"x": plain(value)}, Field("x", Number())) == [("FB703", "x")]


def test_numpy_scalars() -> None:
    numpy = pytest.importorskip("numpy")
    result: Any = plain([numpy.float64(0.5), numpy.float32(0.5), numpy.int64(3), numpy.uint8(3), numpy.bool_(True)])

    assert result == [0.5, 0.5, 3, 3, True]
    assert [type(each) for each in result] == [float, float, int, int, bool]
    assert plain(numpy.str_("x")) == "x" and type(plain(numpy.str_("x"))) is str
    for value in (
        numpy.datetime64("1970-01-01", "ns"),
        numpy.timedelta64(3, "ns"),
        numpy.array([1.0]),
        numpy.array(1.0),
    ):
        assert plain(value) is value
        assert faults({"x": value}, Field("x", Time())) == [("FB710", "x")]


def test_cycles_and_bottomless_nesting_are_faults() -> None:
    cycle: dict[str, object] = {}
    cycle["risk"] = cycle
    twice: list[object] = []
    twice.extend([twice, twice])
    deep: object = 1
    for _ in range(100_000):
        deep = [deep]

    fields = (
        Field("risk", Record("Risk", (Field("pnl", Number()),))),
        Field("symbols", List(Field("", Record("Symbol", (Field("symbol", Text()),))), 4, ("symbol",))),
        Field("streak", Integer()),
    )
    found = faults(plain({"risk": cycle, "symbols": twice, "streak": deep}), *fields)

    assert sorted(found) == [
        ("FB701", "risk.pnl"),
        ("FB702", "risk.risk"),
        ("FB703", "streak"),
        ("FB703", "symbols[0]"),
        ("FB703", "symbols[1]"),
    ]


def test_enums_are_their_values_and_dataclasses_mappings() -> None:
    assert plain([Plain.PAIR, Item("AAPL", Plain.PAIR)]) == [["a", 1], {"symbol": "AAPL", "more": ["a", 1]}]
    assert plain(Item) is Item
    twice = Item("A", None)
    twice.more = [twice, twice]
    assert faults(plain({"x": twice}), Field("x", Number())) == [("FB703", "x")]


def test_uuids_are_text() -> None:
    name = "12345678-1234-5678-1234-567812345678"
    assert plain(UUID(name)) == name
