from __future__ import annotations

import pytest

from flyball.engine.document import Mapping, Scalar, plain

from .reading import codes, only, read, spot


def value_of(text: str) -> Scalar:
    document, findings = read(f"key: {text}")
    assert findings == []
    assert isinstance(document, Mapping)
    value = document.get("key")
    assert isinstance(value, Scalar)
    return value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("true", True),
        ("false", False),
        ("null", None),
        ("0", 0),
        ("-12", -12),
        ("+7", 7),
        ("9007199254740991", 2**53 - 1),
        ("3.0", 3.0),
        (".5", 0.5),
        ("1.", 1.0),
        ("-0.0", 0.0),
        ("1.0e+6", 1e6),
        ("1.5E-3", 1.5e-3),
        ("1.0.0", "1.0.0"),
        ("-limit", "-limit"),
        (".field", ".field"),
        ("not_a_word", "not_a_word"),
        ("'yes'", "yes"),
        ('"012"', "012"),
        ("|\n  12", "12"),
        ("٣", "٣"),
    ],
)
def test_plain_scalars_have_the_core_types(text: str, value: object) -> None:
    found = value_of(text).value
    assert found == value
    assert type(found) is type(value)


def test_there_is_no_negative_zero() -> None:
    assert str(value_of("-0.0").value) == "0.0"


@pytest.mark.parametrize(
    "text",
    [
        "2026-01-01",
        "2026-01-05T15:00:00Z",
        "2026-1-5 15:00:00.25 +01:00",
        "2026-01-05t15:00:00-05",
        "2026-01-05T15:00Z",
    ],
)
def test_a_timestamp_is_marked_text(text: str) -> None:
    scalar = value_of(text)
    assert (scalar.value, scalar.timestamp) == (text, True)
    assert not value_of(f"'{text}'").timestamp


LOOK_ALIKES = {
    **dict.fromkeys(("yes", "Yes", "YES", "on", "On", "y", "Y"), "write `true`, or quote it if it is text"),
    **dict.fromkeys(("no", "NO", "off", "OFF", "n", "N"), "write `false`, or quote it if it is text"),
    "True": "write `true` in lower case, or quote it if it is text",
    "TRUE": "write `true` in lower case, or quote it if it is text",
    "False": "write `false` in lower case, or quote it if it is text",
    "Null": "write `null` in lower case, or quote it if it is text",
    "~": "write `null`, or quote it if it is text",
    "=": "quote it",
    "<<": "quote it",
    "012": "write `12`, or quote it if it is text",
    "-08": "write `-8`, or quote it if it is text",
    "0o12": "write it in decimal, `10`",
    "0x1F": "write it in decimal, `31`",
    "0b11": "write it in decimal, `3`",
    "0x" + "F" * 9000: "write the number in decimal digits",
    "1e3": "write `1.0e+3`",
    "1.0e6": "write `1.0e+6`",
    "-2E-3": "write `-2.0e-3`",
    ".5e3": "write `0.5e+3`",
    "1.e3": "write `1.0e+3`",
    "-.5": "write `-0.5`",
    "1_000": "write `1000`, or quote it if it is text",
    "1_000.5": "write `1000.5`, or quote it if it is text",
    "12:30": "quote it if it is text, and write a duration as a number with a unit",
    "09:30:00": "quote it if it is text, and write a duration as a number with a unit",
}


@pytest.mark.parametrize(("text", "advice"), LOOK_ALIKES.items(), ids=lambda text: text[:12])
def test_look_alikes_are_refused_as_values(text: str, advice: str) -> None:
    for written in (f"key: {text}", f"[{text}]", text):
        finding = only(written)
        assert (finding.code, finding.help, spot(finding)) == ("FB108", advice, text)


@pytest.mark.parametrize("text", [text for text in LOOK_ALIKES if len(text) < 100 and text != "<<"])
def test_look_alikes_are_refused_as_keys(text: str) -> None:
    finding = only(f"{text}: 1")
    assert (finding.code, finding.help, spot(finding)) == ("FB108", "quote it, or choose another name", text)
    assert codes(f"'{text}': 1") == []


def test_a_lonely_dash_in_brackets_is_a_look_alike() -> None:
    finding = only("[-, 1000]")
    assert (finding.code, spot(finding)) == ("FB108", "-")


@pytest.mark.parametrize("text", [".inf", "-.INF", ".nan", "1.0e+999", "9" * 400 + ".0"])
def test_numbers_are_finite(text: str) -> None:
    assert only(f"key: {text}").code == "FB109"


@pytest.mark.parametrize("text", ["9007199254740992", "-9007199254740992", "9" * 10_000])
def test_integers_are_those_that_doubles_hold(text: str) -> None:
    assert only(f"key: {text}").code == "FB116"


# keys


@pytest.mark.parametrize(("text", "code"), [("2026-01-01", "FB108"), ("true", "FB113"), ("null", "FB113")])
def test_keys_are_text(text: str, code: str) -> None:
    assert only(f"{text}: x").code == code


@pytest.mark.parametrize("text", ["1.5", "-1", ".inf", "? [a]\n", "? {a: b}\n", "? *a\n"])
def test_other_keys_are_refused(text: str) -> None:
    assert only(f"first: &a b\n{text}: x").code == "FB113"


def test_an_empty_key_is_refused() -> None:
    assert only("{? : x}").code == "FB113"


def test_an_integer_key_is_the_text_as_written() -> None:
    document, findings = read("{1: a, 20: b, 99999999999999999999: c}")
    assert findings == []
    assert document is not None
    assert plain(document) == {"1": "a", "20": "b", "99999999999999999999": "c"}
