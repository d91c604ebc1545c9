"""What generated code calls while it decides.

It imports nothing of the compiler, so that a policy whose code was generated before need not wait for it.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from ..faults import Fault, Located
from ..readonly import ReadOnlyDict, ReadOnlyList
from ..times import parse_time
from ..types import MAX_INTEGER, Document, Field

if TYPE_CHECKING:
    from ..nodes import Value
    from ..requirements import Rules
    from ..source import Span
    from ..steps import Bind

_MAX_TEXTS = 65_536
_MAX_KNOWN = 1_024
_MAX_KNOWN_BYTES = 65_536
_PATIENCE = 16  # new names in a row until encoding rests
_REST = 256
_MAX_MASKS = 65_536
_MAX_ANSWERS = 128
_MAX_MASKS_OF_ANSWERS = 256
_KEY = itemgetter(0)
ABSENT = object()


class Unusual(Exception):  # noqa: N818  not an error: the examination finds out what it is
    """The fast path meets something that it does not handle."""


UNUSUAL = (
    Unusual,
    Fault,
    KeyError,
    TypeError,
    ValueError,
    ZeroDivisionError,
    OverflowError,
    AttributeError,
    RecursionError,
)


# Expressions


def strict(operation: Any, *args: Any) -> Any:
    """Absent in, absent out."""
    return None if None in args else operation(*args)


def field_of(record: tuple[Value, ...] | None, index: int) -> Value:
    return None if record is None else record[index]


def default_to(value: Value, fallback: Any) -> Value:
    return fallback() if value is None else value


def ordered(rows: list[tuple[Any, Any]], limit: int | None) -> list[Any]:
    """The items of rows of a key and an item, in the order of their keys."""
    if limit == 1:  # the first alone is found without sorting
        return [min(rows, key=_KEY)[1]] if rows else []
    rows.sort(key=_KEY)
    items = [item for _, item in rows]
    return items if limit is None else items[: max(limit, 0)]


def ordered_apart(rows: list[tuple[Any, ...]], limit: int | None) -> list[Any]:
    """The same of rows of several keys and an item, which the keys tell apart: items are never compared."""
    if limit == 1:
        return [min(rows)[-1]] if rows else []
    rows.sort()
    items = [row[-1] for row in rows]
    return items if limit is None else items[: max(limit, 0)]


def located(span: Span | None, operation: Any, *args: Any) -> Any:
    """An operation that may fail, with its place."""
    if None in args:
        return None
    try:
        return operation(*args)
    except Fault as fault:
        raise Located(fault, span) from None


def no_row(span: Span | None = None, table: str = "") -> Any:
    """A table of values has none; with its place where that is asked for."""
    if span is None:
        raise Unusual
    raise Located(Fault("FB726", problem="no rows", table=table), span)


def finite(value: float) -> float:
    if -1.7976931348623157e308 <= value <= 1.7976931348623157e308:
        return value
    raise Unusual


def whole(value: int) -> int:
    if -MAX_INTEGER <= value <= MAX_INTEGER:
        return value
    raise Unusual


# Reading a snapshot


def as_double(value: object) -> float:
    """An integer as a double; raises on anything else that is no float."""
    if type(value) is int:
        return float(value)
    if type(value) is float:
        return value
    raise Unusual


def as_integer(value: object) -> int:
    if type(value) is int:
        return value
    if type(value) is float and value.is_integer():
        return int(value)
    raise Unusual


def moment(value: object) -> int:
    if type(value) is float and -1e10 < value < 1e10 and value.is_integer():  # whole seconds, the common case
        return int(value) * 1_000_000
    found = parse_time(value)
    if found is None:
        raise Unusual
    return found


def read_one(each: Field, rules: Rules, value: object, now: int | None) -> Value:
    """A value of a shape that is not worth code of its own."""
    from ..snapshot import read_value  # noqa: PLC0415  few packs have such a shape

    found, faults, warnings = read_value(rules, each, value, now)
    if faults or warnings:
        raise Unusual
    return found


def read_document(kind: Document, value: object) -> str:
    if value is None:  # which JSON knows, and an input does not
        raise Unusual
    return _fingerprint()(kind, value)


@cache
def _fingerprint() -> Callable[[Document, object], str]:
    from ..fingerprint import fingerprint  # noqa: PLC0415  few packs have documents

    return fingerprint


def read_bound(rules: Rules, step: Bind, value: Any, moment: Any, now: int | None) -> Value:
    """What a used pack is bound to, where its input asks for more than is worth code of its own."""
    from ..binding import bound  # noqa: PLC0415  few policies have such an input

    reading = bound(rules, step, value, moment, now)
    if reading.faults or reading.warnings:
        raise Unusual
    return reading.inputs[step.name]


@cache
def encoder() -> Mapping[str, Any]:
    """What writes names as bytes, so that no two that read differently are written alike."""
    import orjson  # noqa: PLC0415  only packs with lists of names pay for its import

    refused = orjson.OPT_PASSTHROUGH_DATACLASS | orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_PASSTHROUGH_SUBCLASS
    # What no value is written as, not even NaN, which becomes a null.
    return {"encode": orjson.dumps, "EXACTLY": refused, "NOT_THERE": orjson.Fragment(b"absent")}


def learn(texts: dict[str, str], max_length: int, text: str) -> str:
    """Put a text that is in order under itself. Bounded: a stranger cannot fill the memory."""
    if type(text) is not str or len(text) > max_length:
        raise Unusual
    text.encode()
    if len(texts) >= _MAX_TEXTS:
        texts.clear()
    texts[text] = text
    return text


class KnownNames:
    """What was read from the names of a snapshot, known again by their encoded content. Bounded in number and size.

    Where names are new with every decision, to encode and to keep them is work for nothing: then they are only read for
    a while, and `encode` in the `space` of the generated functions rests. What was read is `latest` when it is met for
    the second time. It, and one `other`, generated code finds without the hash of a key, which takes longer than to
    compare two. `misses` counts new names since some were known.
    """

    __slots__ = ("_encode", "_known", "_read", "_resting", "_space", "latest", "misses", "other")

    def __init__(self, space: dict[str, Any]) -> None:
        self._space = space
        self._read: Callable[..., tuple[Any, ...]] = space["read_names"]
        self._encode = space["encode"]
        self._known: OrderedDict[bytes, tuple[Any, ...]] = OrderedDict()
        self._resting = 0
        self.latest: tuple[Any, ...] = (b"",)
        self.other = self.latest
        self.misses = 0

    def recall(self, key: bytes | None, named: tuple[Any, ...]) -> tuple[Any, ...]:
        """What goes with a key that is neither's, or with the names themselves where they were not encoded."""
        if key is None:
            self._resting -= 1
            if self._resting <= 0:  # other threads may count as well
                self._space["encode"] = self._encode
            return self._read(None, *named)
        found = self._known.get(key)
        if found is None:
            return self._met(key, named)
        self.other, self.latest, self.misses = self.latest, found, 0
        return found

    def _met(self, key: bytes, named: tuple[Any, ...]) -> tuple[Any, ...]:
        """What is read of names that are new."""
        found = self._read(key, *named)
        if len(self._known) >= _MAX_KNOWN:  # one goes: to free all of them at once would hold a decision up
            self._known.popitem(last=False)
        if len(key) <= _MAX_KNOWN_BYTES:
            self._known[key] = self.other = found
        self.misses += 1
        if self.misses >= _PATIENCE:
            self.misses, self._resting = 0, _REST
            self._space["encode"] = _unwritten
        return found


def _unwritten(*_: object) -> None:
    """Takes the place of `encode` while that rests."""


# Outputs


Filler = Callable[[Mapping[str, int], Sequence[str]], Callable[[int], ReadOnlyDict]]


class Rows(dict[int, ReadOnlyDict]):
    """The outputs of each mask that turned up; bounded, since there may be as many as there are subsets of rules. Many
    masks give the same: `like` names one for all of those.

    `filler` makes the function that gives the named outputs of a mask, in which rules have those `bits`. It is asked
    for when the first mask turns up: it needs the pack.
    """

    def __init__(self, bits: Mapping[str, int], outputs: Sequence[str], filler: Filler) -> None:
        super().__init__()
        self._bits = bits
        self._outputs = outputs
        self._filler = filler
        self._fill: Callable[[int], ReadOnlyDict] | None = None
        self._first: dict[str, int] = {}
        self.like: dict[int, int] = {}

    def __missing__(self, mask: int) -> ReadOnlyDict:
        fill = self._fill = self._fill or self._filler(self._bits, self._outputs)
        row = fill(mask)
        if len(self) >= _MAX_MASKS:
            self.clear()
            self._first.clear()
            self.like.clear()
        self.like[mask] = first = self._first.setdefault(repr(row), mask)
        row = self[mask] = self.get(first, row)
        return row


class Answers(dict[int, ReadOnlyDict]):
    """The outputs of each mask that turned up with the same lists: those of `rows`, and the lists."""

    __slots__ = ("lists", "rows")

    def __init__(self, rows: Rows, lists: dict[str, ReadOnlyList]) -> None:
        super().__init__()
        self.rows = rows
        self.lists = lists

    def __missing__(self, mask: int) -> ReadOnlyDict:
        if len(self) >= _MAX_MASKS_OF_ANSWERS:
            self.clear()
        row = self.rows[mask]
        like = self.rows.like[mask]
        answer = self.get(like)
        if answer is None:
            answer = self[like] = ReadOnlyDict({**row, **self.lists})
        self[mask] = answer
        return answer


class KnownAnswers(dict[tuple[tuple[Any, ...], ...], Answers]):
    """The answers to each set of lists that turned up: other names, and other masks, often give the same lists."""

    def __init__(self, rows: Rows, outputs: Sequence[str]) -> None:
        super().__init__()
        self._rows = rows
        self._outputs = outputs

    def __missing__(self, lists: tuple[tuple[Any, ...], ...]) -> Answers:
        if len(self) >= _MAX_ANSWERS:
            self.clear()
        named = dict(zip(self._outputs, map(ReadOnlyList, lists), strict=True))
        answers = self[lists] = Answers(self._rows, named)
        return answers


def agreed(given: Any, value: Any) -> Any:
    """The one value that several rules give."""
    if given is not ABSENT and given != value:
        raise Unusual
    return value


RUNTIME: Mapping[str, Any] = {
    "ABSENT": ABSENT,
    "NOTHING": (None,),
    "NO_ITEMS": ReadOnlyList(),
    "ReadOnlyDict": ReadOnlyDict,
    "ReadOnlyList": ReadOnlyList,
    "UNUSUAL": UNUSUAL,
    "Unusual": Unusual,
    "agreed": agreed,
    "as_double": as_double,
    "as_integer": as_integer,
    "default_to": default_to,
    "dict": dict,  # with the rest of what generated code names, builtins are found at the first look
    "field_of": field_of,
    "finite": finite,
    "float": float,
    "int": int,
    "learn": learn,
    "len": len,
    "list": list,
    "located": located,
    "moment": moment,
    "ordered": ordered,
    "ordered_apart": ordered_apart,
    "no_row": no_row,
    "str": str,
    "strict": strict,
    "type": type,
    "whole": whole,
}
