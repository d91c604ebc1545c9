"""What is said of a snapshot: paths, a stranger's values in short, and advice."""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import get_close_matches

from .types import Boolean, Enum, Integer, Map, Number, Record, Type, Vector
from .units import RATIO

_SHOWN = 40  # characters of a stranger's text
_SHOWN_BITS = 128
_SHOWN_MEMBERS = 12
_LONGEST_NAME = 100
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_QUOTED = re.compile(r"-?[0-9]{1,40}(\.[0-9]{1,40})?|true|false")


def show_path(path: Iterable[object]) -> str:
    """`symbols[3].tag`; a key that is no plain name stands in brackets, shortened."""
    text = "".join(f".{step}" if _is_name(step) else f"[{show(step)}]" for step in path)
    return text.removeprefix(".")


def _is_name(step: object) -> bool:
    return isinstance(step, str) and len(step) <= _LONGEST_NAME and _NAME.fullmatch(step) is not None


def show(value: object) -> str:
    """A stranger's value in a message: short, on one line, and printable."""
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case str():
            return f"'{_shortened(value)}'"
        case int() | float():
            return digits(value)
    if type(value) in (dict, list):
        return "an object" if isinstance(value, dict) else "a list"
    return f"a Python {_shortened(type(value).__name__)}"


def _shortened(text: str) -> str:
    shown = repr(text[: _SHOWN + 1])[1:-1]
    return shown if len(shown) <= _SHOWN else shown[:_SHOWN] + "…"


def digits(value: float) -> str:
    if isinstance(value, int):
        # Python refuses to print very long integers.
        long = value.bit_length() > _SHOWN_BITS
        return f"an integer of {value.bit_length()} bits" if long else str(int(value))
    text = f"{value:.15g}"
    return text if float(text) == value or value != value else repr(float(value))


def range_text(low: float | None, high: float | None) -> str:
    ends = ("…" if end is None else digits(end) for end in (low, high))
    return f"[{', '.join(ends)}]"


def members_text(kind: Enum) -> str:
    shown = kind.members[:_SHOWN_MEMBERS]
    return ", ".join(shown) + (", …" if len(kind.members) > len(shown) else "")


def expected(kind: Type) -> str:
    match kind:
        case Number(unit=unit) | Integer(unit=unit) if unit == RATIO:
            return "a number" if isinstance(kind, Number) else "an integer"
        case Enum():
            return f"one of {members_text(kind)}"
        case Record():
            return "an object"
        case Map():
            return "an object with a value for each text"
        case Vector(by=by):
            return f"an object with a key for each {by.name}"
    return str(kind)


def type_advice(wanted: Type, given: object) -> str | None:
    if given is None:
        return "only what is optional may be null"
    if isinstance(given, str) and isinstance(wanted, Number | Integer | Boolean) and _QUOTED.fullmatch(given):
        return "write it without quotes"
    if type(given) not in (bool, int, float, str, list, dict):
        return "only JSON values are read, convert it first"
    return None


def suggest(name: object, known: Iterable[str]) -> str | None:
    near = nearest(name, known)
    return f"did you mean `{near}`?" if near else None


def nearest(name: object, known: Iterable[object]) -> str | None:
    """The name that differs in case only, else the most similar one."""
    if not _is_name(name):
        return None
    names = {str(each).casefold(): str(each) for each in known if _is_name(each)}
    near = get_close_matches(str(name).casefold(), list(names), n=1)
    return names[near[0]] if near else None
