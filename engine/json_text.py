"""Snapshots as JSON text: read strictly, and as fast as an ordinary decoder where nothing is odd.

A key that is written twice is refused: which of them counts, readers do not agree. NaN and infinities are read, as
Python writes them: the decision then names the inputs that hold them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import orjson

from .diagnostics import Diagnostic
from .snapshot_text import show, show_path

if TYPE_CHECKING:
    from .decision import Decision

MAX_BYTES = 64 * 2**20
MAX_DEPTH = 128  # deeper than any type
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_LONG_INTEGER = re.compile(rb"[0-9]{19}")
_MAX_DIGITS = 1_000  # an integer that long is no double, and Python is slow, or refuses, to read it

Decide = Callable[..., "Decision"]
Refuse = Callable[..., "Decision"]
KeysOf = Callable[[Any], int]


def decider(decide: Decide, refuse: Refuse, keys_of: KeysOf | None) -> Decide:
    """`decide` for JSON text; `refuse` makes the decision where it cannot be read. Both may want a state as well.

    A fast decoder reads what it reads as the exact one would, but for keys that are written twice, of which it drops
    one, and integers of more than 64 bits, of which it makes doubles. The colons tell of the former, see `_is_whole`.
    The latter equals the integer for what is a number, and is out of range for all else but documents: as with every
    fault, the exact decoder has the last word. `keys_of` counts the keys of a snapshot that is in order; there is none
    where a snapshot may hold documents.
    """

    def decide_json(data: object, *state: Any, now: Any = None) -> Decision:
        given, snapshot = _quickly(data, documents=keys_of is None)
        if given:
            decision = decide(snapshot, *state) if now is None else decide(snapshot, *state, now=now)
            if not decision.diagnostics and _is_whole(given, snapshot, keys_of):
                return decision
        snapshot, faults = read(data)
        return refuse(faults, now, *state) if faults else decide(snapshot, *state, now=now)

    return decide_json


def _quickly(data: object, *, documents: bool) -> tuple[bytes, Any]:
    """A JSON text and what the fast decoder makes of it; no text where it has nothing to say."""
    try:
        given = data if type(data) is bytes else _bytes(data)
        snapshot = orjson.loads(given)
    except (ValueError, TypeError):
        return b"", None
    if len(given) > MAX_BYTES or (documents and _is_odd(given)):
        return b"", None
    return given, snapshot


def _is_whole(data: bytes, snapshot: Any, keys_of: KeysOf | None) -> bool:
    """Whether no key was dropped. Each stands before a colon: where there are no more of them, all keys are there."""
    return (keys_of is not None and data.count(b":") == keys_of(snapshot)) or _is_sure(data, snapshot)


def _is_sure(data: bytes, value: object) -> bool:
    """The same where texts hold colons, too. What stands outside of texts is written alike, with one colon a key;
    inside of them a colon stands for itself, unless it was escaped. A text that lost a key therefore lost a colon."""
    try:
        written = orjson.dumps(value)
    except TypeError:  # nested too deeply to be written
        return False
    return data.count(b":") == written.count(b":") and (b"\\" not in data or b"\\u003" not in data)


def _is_odd(data: bytes) -> bool:
    """Whether a document may hold what the decoders do not agree on."""
    return data.count(b"[") + data.count(b"{") > MAX_DEPTH or _LONG_INTEGER.search(data) is not None


def _bytes(data: object) -> bytes:
    """Raises TypeError for what is no text, ValueError for text that UTF-8 cannot hold."""
    if isinstance(data, str):
        return data.encode()
    if isinstance(data, bytes | bytearray | memoryview):
        return bytes(data)
    raise TypeError


def read(data: object) -> tuple[Any, list[Diagnostic]]:
    """The value of a JSON text, and what keeps it from being read."""
    text = _text(data)
    if isinstance(text, Diagnostic):
        return None, [text]
    if fault := _first_fault(text):
        return None, [_unreadable(fault)]
    repeated: list[_Repeated] = []

    def collect(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) < len(pairs):
            found = _Repeated(found)
            found.names = _twice(pairs)
            repeated.append(found)
        return found

    value = json.loads(text, object_pairs_hook=collect, parse_int=_integer)
    return value, [_repeated_key(path) for path in _repetitions(value, ())] if repeated else []


def _text(data: object) -> str | Diagnostic:
    try:
        given = _bytes(data)
        if len(given) > MAX_BYTES:
            return _unreadable(f"it is longer than {MAX_BYTES} bytes")
        return given.removeprefix(_BYTE_ORDER_MARK).decode()
    except TypeError:
        return _unreadable(f"it is {show(data)}, and neither bytes nor text")
    except UnicodeDecodeError as error:
        skipped = len(_BYTE_ORDER_MARK) if given.startswith(_BYTE_ORDER_MARK) else 0
        return _unreadable(f"byte {skipped + error.start + 1} is not UTF-8")
    except UnicodeEncodeError as error:
        return _unreadable(f"UTF-8 cannot hold character {error.start + 1}")


def _unreadable(problem: str) -> Diagnostic:
    return Diagnostic.of("FB718", problem=problem)


def _integer(digits: str) -> float:
    return int(digits) if len(digits) <= _MAX_DIGITS else float(digits)


# Keys that are written twice


class _Repeated(dict[str, Any]):
    """An object some of whose keys were written more than once."""

    names: list[str]


def _twice(pairs: list[tuple[str, Any]]) -> list[str]:
    seen: set[str] = set()
    return list(dict.fromkeys(name for name, _ in pairs if name in seen or seen.add(name)))  # type: ignore[func-returns-value]


def _repetitions(value: Any, path: tuple[object, ...]) -> Iterator[tuple[object, ...]]:
    if isinstance(value, _Repeated):
        yield from ((*path, name) for name in value.names)
    if isinstance(value, dict | list):
        for step, each in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _repetitions(each, (*path, step))


def _repeated_key(path: tuple[object, ...]) -> Diagnostic:
    return Diagnostic.of("FB719", path=show_path(path))


# The grammar of RFC 8259, with Python's NaN and infinities. Decoders say in words of their own, which change with
# their versions, where a text is no JSON; a decision is the same bytes everywhere.

_TOKEN = re.compile(
    r"""[ \t\n\r]*+(?:
        (?P<text>"(?>[^"\\\x00-\x1f]+|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*+")
      | (?P<scalar>-?(?:0|[1-9][0-9]*+)(?:\.[0-9]++)?(?:[eE][+-]?[0-9]++)?|true|false|null|NaN|-?Infinity)
      | (?P<mark>[\[\]{},:])
      | (?P<end>\Z)
      | (?P<broken>")
      | (?P<nonsense>)
    )""",
    re.VERBOSE,
)
_VALUES = frozenset(("text", "scalar", "[", "{"))
_ALLOWED = {
    "a value": _VALUES,
    "a value or `]`": _VALUES | {"]"},
    "a key in double quotes": frozenset(("text",)),
    "a key in double quotes or `}`": frozenset(("text", "}")),
    "`:`": frozenset((":",)),
    "`,` or `]`": frozenset((",", "]")),
    "`,` or `}`": frozenset((",", "}")),
    "the end": frozenset(("end",)),
}
_INSIDE = {"[": "a value or `]`", "{": "a key in double quotes or `}`"}
_BESIDE = {"[": "a value", "{": "a key in double quotes"}
_BEHIND = {"[": "`,` or `]`", "{": "`,` or `}`"}


def _first_fault(text: str) -> str | None:
    """Where a text stops being JSON, or is nested too deeply, and what belongs there."""
    opened: list[str] = []
    wanted, place, found = "a value", 0, ""
    while found != "end":
        token = _TOKEN.match(text, place)
        assert token, "the last alternative is empty"
        kind = token.lastgroup or ""
        found = token[kind] if kind == "mark" else kind
        if found not in _ALLOWED[wanted]:
            return f"{wanted} is expected at {_place(text, token.start(kind))}{_about(found)}"
        place = token.end()
        if found in _INSIDE:
            opened.append(found)
            wanted = _INSIDE[found]
            if len(opened) > MAX_DEPTH:
                return f"it is nested deeper than {MAX_DEPTH} levels at {_place(text, place - 1)}"
        elif found == ",":
            wanted = _BESIDE[opened[-1]]
        elif found == ":":
            wanted = "a value"
        elif wanted.startswith("a key") and found == "text":
            wanted = "`:`"
        else:
            if kind == "mark":
                opened.pop()
            wanted = _BEHIND[opened[-1]] if opened else "the end"
    return None


def _place(text: str, offset: int) -> str:
    return f"line {text.count(chr(10), 0, offset) + 1}, column {offset - text.rfind(chr(10), 0, offset)}"


def _about(found: str) -> str:
    match found:
        case "broken":
            return ": the text there is not closed, or holds a control character or an unknown escape"
        case "end":
            return ", where it ends"
    return ""


__all__ = ["MAX_BYTES", "MAX_DEPTH", "decider", "read"]
