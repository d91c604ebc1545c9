"""What a plain scalar means: YAML 1.2's core types, and a refusal with advice wherever YAML readers disagree."""

from __future__ import annotations

import re
from collections.abc import Callable
from math import isfinite
from typing import NamedTuple

from ..engine.document import PlainValue

MAX_INTEGER = 2**53 - 1


class Reading(NamedTuple):
    """A typed value, or with a `code` the text and why it was refused."""

    value: PlainValue
    timestamp: bool = False
    code: str | None = None
    help: str | None = None


_CONSTANTS: dict[str, PlainValue] = {"true": True, "false": False, "null": None}

_WORDS = {
    **dict.fromkeys(("yes", "on", "y"), "write `true`, or quote it if it is text"),
    **dict.fromkeys(("no", "off", "n"), "write `false`, or quote it if it is text"),
    **{word: f"write `{word}` in lower case, or quote it if it is text" for word in _CONSTANTS},
    "~": "write `null`, or quote it if it is text",
    **dict.fromkeys(("=", "<<", "-", "?", ":"), "quote it"),
}
_LONGEST_WORD = max(map(len, _WORDS))

_INTEGER = re.compile(r"[-+]?(?:0|[1-9][0-9]*)")
_DECIMAL = re.compile(r"(?:[-+]?[0-9]+\.[0-9]*|\.[0-9]+)(?:[eE][-+][0-9]+)?")
_NOT_FINITE = re.compile(r"[-+]?\.(?:inf|nan)", re.IGNORECASE)
_TIMESTAMP = re.compile(
    r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}"
    r"(?:(?:[Tt]|[ \t]+)[0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]*)?)?"
    r"(?:[ \t]*(?:[Zz]|[-+][0-9]{1,2}(?::?[0-9]{2})?))?)?"
)


def _without_underscores(text: str) -> str:
    return f"write `{text.replace('_', '')}`, or quote it if it is text"


def _without_zeros(text: str) -> str:
    sign = text[0] if text[0] in "+-" else ""
    digits = text.lstrip("+-").replace("_", "").lstrip("0") or "0"
    return f"write `{sign}{digits}`, or quote it if it is text"


def _as_decimal(text: str) -> str:
    if len(text) > 20:
        return "write the number in decimal digits"
    return f"write it in decimal, `{int(text.replace('_', ''), 0)}`"


def _with_exponent(text: str) -> str:
    mantissa, exponent = text.replace("_", "").lower().split("e")
    whole, _, part = mantissa.partition(".")
    whole = whole if whole.strip("+-") else f"{whole}0"
    sign = exponent[0] if exponent[0] in "+-" else "+"
    return f"write `{whole}.{part or '0'}e{sign}{exponent.lstrip('+-')}`"


def _with_zero(text: str) -> str:
    return f"write `{text.replace('_', '').replace('.', '0.')}`"


def _quoted(_: str) -> str:
    return "quote it if it is text, and write a duration as a number with a unit"


# In this order: what matches an earlier pattern may match a later one too.
_LOOK_ALIKES: tuple[tuple[re.Pattern[str], Callable[[str], str]], ...] = (
    (re.compile(r"[-+]?0[0-9_]+"), _without_zeros),
    (re.compile(r"[-+]?0(?:o_*[0-7][0-7_]*|x_*[0-9a-f][0-9a-f_]*|b_*[01][01_]*)", re.IGNORECASE), _as_decimal),
    (re.compile(r"[-+]?[0-9][0-9_]*(?::[0-9_]+)+(?:\.[0-9_]*)?"), _quoted),
    (re.compile(r"[-+]?(?:[0-9][0-9_]*(?:\.[0-9_]*)?|\.[0-9_]+)e[-+]?[0-9]+", re.IGNORECASE), _with_exponent),
    (re.compile(r"[-+]\.[0-9_]+"), _with_zero),
    (re.compile(r"[-+]?(?:[0-9][0-9_]*(?:\.[0-9_]*)?|\.[0-9][0-9_]*)"), _without_underscores),
)


def read_plain(text: str) -> Reading:
    """The meaning of a plain scalar that stands as a value."""
    if text in _CONSTANTS:
        return Reading(_CONSTANTS[text])
    if len(text) <= _LONGEST_WORD and (advice := _WORDS.get(text.lower())):
        return Reading(text, code="FB108", help=advice)
    if text[:1] in "+-.0123456789":
        return _read_number(text)
    return Reading(text)


def read_key(text: str) -> Reading:
    """The meaning of a plain scalar that stands as a key: its text, where every reader takes it for the same key."""
    reading = read_plain(text)
    if reading.timestamp or reading.code == "FB108":
        return Reading(text, code="FB108", help="quote it, or choose another name")
    if text.isdigit() or (isinstance(reading.value, str) and reading.code is None):
        return Reading(text)
    return Reading(text, code="FB113", help="quote it, or choose another name")


def _read_number(text: str) -> Reading:
    if _INTEGER.fullmatch(text):
        return _read_integer(text)
    if _DECIMAL.fullmatch(text):
        value = float(text)
        return Reading(value + 0.0) if isfinite(value) else Reading(text, code="FB109")  # + 0.0: there is no -0.0
    if _TIMESTAMP.fullmatch(text):
        return Reading(text, timestamp=True)
    if _NOT_FINITE.fullmatch(text):
        return Reading(text, code="FB109")
    for pattern, advice in _LOOK_ALIKES:
        if pattern.fullmatch(text):
            return Reading(text, code="FB108", help=advice(text))
    return Reading(text)


def _read_integer(text: str) -> Reading:
    # The length comes first, Python refuses to convert very long digits.
    if len(text) > 17 or abs(int(text)) > MAX_INTEGER:
        return Reading(text, code="FB116")
    return Reading(int(text))
