"""Generated code that reads a snapshot: every check of LANGUAGE section 10 inlined, and nothing explained.

Whatever is not as expected raises; `engine/snapshot.py` then finds out what it is and says so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..ir import Value
from ..snapshot import read
from ..times import parse_time
from ..types import MAX_INTEGER, Boolean, Enum, Field, Integer, List, Number, Record, Text, Time, Type
from .expressions import Unusual
from .intervals import DOUBLE

_JOIN = "_F_"  # names are lower case, so that no other name can be spelled so
_MAX_TEXTS = 65_536
_MAX_LISTS = 1_024
_MAX_LIST_BYTES = 65_536
ABSENT = object()
Names = dict[tuple[str, str], str]
Riders = Callable[[str, "str | tuple[str, ...]", bool], tuple[list[str], list[str]]]
_SCALARS = (Number, Integer, Boolean, Text, Enum, Time)


@dataclass
class Reader:
    """Collects the lines that read the inputs, and how the values are spelled afterwards.

    `captured` are the local names that hold everything read; `rebuilt` spells each input as one run-time value, behind
    `mending`, which makes 0.0 of -0.0: no decision depends on that, but a text may.
    `riders` give lines that run inside the loop which reads a list, given the spelling of the item's fields and whether
    the loop stands in a function of its own; such functions are `functions`.
    """

    constants: dict[str, Any]
    riders: Riders
    lines: list[str] = field(default_factory=list)
    names: Names = field(default_factory=dict)
    captured: list[str] = field(default_factory=list)
    rebuilt: dict[str, str] = field(default_factory=dict)
    mending: list[str] = field(default_factory=list)
    functions: list[str] = field(default_factory=list)

    def read_inputs(self, fields: tuple[Field, ...], needs_now: bool) -> None:
        """Scalars and records first, so that what rides on a list's loop can use them."""
        declared = [each for each in fields if each.name != "now"]
        declared.sort(key=lambda each: isinstance(each.type, List))
        self.names["input", "now"] = self.rebuilt["now"] = "i_now"
        self._add(0, "if type(snapshot) is not dict: raise Unusual")
        self._add(0, f"spare = len(snapshot) - {sum(not each.optional for each in declared) + needs_now}")
        for each in declared:
            self._field(each, "snapshot", f"i_{each.name}", "spare", 0)
            self.names.setdefault(("input", each.name), f"i_{each.name}")
            self.rebuilt.setdefault(each.name, self.names["input", each.name])
        self._now(needs_now)

    def _now(self, needed: bool) -> None:
        """`now` may stand in every snapshot; it is the one key that may be left over."""
        self.captured.append("i_now")
        if needed:
            self._add(0, "i_now = moment(snapshot['now'])")
            self._add(0, "if spare: raise Unusual")
            return
        self._add(0, "i_now = None")
        self._add(0, "if spare:")
        self._add(1, "if spare != 1: raise Unusual")
        self._add(1, "i_now = moment(snapshot['now'])")

    def _add(self, depth: int, line: str) -> None:
        self.lines.append("    " * depth + line)

    def _field(self, each: Field, source: str, name: str, spare: str, depth: int) -> None:
        """One field of a dict; `spare` counts the keys that nothing has asked for."""
        top = source == "snapshot"
        if not each.optional:
            self._value(each, f"{source}[{each.source!r}]", name, depth, top)
            return
        unset = len(self.lines)
        self._add(depth, f"if {each.source!r} in {source}:")
        self._add(depth + 1, f"{spare} -= 1")
        self._add(depth + 1, f"v = {source}[{each.source!r}]")
        self._add(depth + 1, "if v is not None:")
        before = len(self.captured)
        self._value(each, "v", name, depth + 2, top)
        for local in dict.fromkeys((*self.captured[before:], name)):
            self.lines.insert(unset, "    " * depth + f"{local} = None")

    def _value(self, each: Field, source: str, name: str, depth: int, top: bool) -> None:
        kind = each.type
        if isinstance(kind, _SCALARS):
            for line in scalar_lines(each, source, name, self.constants):
                self._add(depth, line)
            self.captured.append(name)
            if isinstance(kind, Number):
                self.mending.append(f"if {name} is not None: {name} += 0.0")
        elif isinstance(kind, Record) and top and all(isinstance(part.type, _SCALARS) for part in kind.fields):
            self._record(each, kind, source, name, depth)
        elif isinstance(kind, List) and top and not each.optional and is_flat(kind):
            self._list(each.name, kind, source, name)
        else:
            self.constants[f"READ_{name}"] = _slow_reader(each)
            self._add(depth, f"{name} = READ_{name}({source})")
            self.captured.append(name)

    def _record(self, each: Field, kind: Record, source: str, name: str, depth: int) -> None:
        """A record whose fields become locals of their own; an optional one keeps a local that tells its presence."""
        parts = [f"{name}{_JOIN}{part.name}" for part in kind.fields]
        self._add(depth, f"{name} = {source}")
        self._add(depth, f"if type({name}) is not dict: raise Unusual")
        optional = any(part.optional for part in kind.fields)
        required = sum(not part.optional for part in kind.fields)
        if optional:
            self._add(depth, f"spare_{name} = len({name}) - {required}")
        else:
            self._add(depth, f"if len({name}) != {required}: raise Unusual")
        for i, (part, local) in enumerate(zip(kind.fields, parts, strict=True)):
            self._field(part, name, local, f"spare_{name}", depth)
            self.names["field", f"{each.name}.{i}"] = local
        if optional:
            self._add(depth, f"if spare_{name}: raise Unusual")
        whole = f"({', '.join(parts)},)"
        if each.optional:
            self._add(depth, f"{name} = True")
            self.captured.append(name)
            self.names["present", each.name] = f"({name} is not None)"
            whole = f"(None if {name} is None else {whole})"
        self.names["input", each.name] = whole

    def _list(self, name: str, kind: List, source: str, local: str) -> None:
        """A list, read in one loop on which whatever needs nothing but its items rides along.

        Items with one key are held as a dict, which tells repeated keys by its length; others as a list of tuples.
        """
        item = kind.item.type
        fields = item.fields if isinstance(item, Record) else (kind.item,)
        parts = tuple(f"{local}{_JOIN}{part.name or 'item'}" for part in fields)
        keyed = len(kind.key) == 1
        self._add(0, f"rows = {source}")
        start = len(self.lines)
        self._add(0, f"if type(rows) is not list or len(rows) > {kind.max_items}: raise Unusual")
        self._add(0, f"{local} = {{}}" if keyed else f"{local} = []")
        alone = is_categorical(kind)
        before, inside = self.riders(name, parts if isinstance(item, Record) else parts[0], alone)
        for line in before:
            self._add(0, line)
        self._add(0, "for row in rows:")
        if isinstance(item, Record):  # what has this length and both gives its fields and hashes is as good as a dict
            self._add(1, f"if len(row) != {len(fields)}: raise Unusual")
        for part, spelling in zip(fields, parts, strict=True):
            given = f"row[{part.source!r}]" if isinstance(item, Record) else "row"
            for line in scalar_lines(part, given, spelling, self.constants, key=part.name in kind.key):
                self._add(1, line)
        self._hold(name, kind, local, parts)
        for line in inside:
            self._add(1, line)
        if kind.key:
            keys = local if keyed else f"{{{self._key_of(kind, parts)} for {', '.join(parts)} in {local}}}"
            self._add(0, f"if len({keys}) != len(rows): raise Unusual")
        if alone:
            self._remember(name, start, [local, *(line.partition(" = ")[0] for line in before)])

    def _remember(self, name: str, start: int, results: list[str]) -> None:
        """Make a function of the lines that read a list, and call it only for content that was not seen lately.

        Names and tags repeat from tick to tick, and to encode a list in C costs less than half of reading it.
        """
        given = f"({', '.join(results)},)"
        lines = [*self.lines[start:], f"return {given}"]
        self.functions += [f"def read_{name}(rows):", *(f"    {line}" for line in lines), "", ""]
        self.constants[f"KNOWN_{name}"] = KnownLists()
        self.constants["encode"] = _encoder()
        self.lines[start:] = [
            "key = encode(rows)",
            f"{given} = KNOWN_{name}.get(key) or KNOWN_{name}.learn(key, read_{name}(rows))",
        ]

    def _key_of(self, kind: List, parts: tuple[str, ...]) -> str:
        wanted = [part for part in parts if part.rpartition(_JOIN)[2] in kind.key]
        return f"({', '.join(wanted)})"

    def _hold(self, name: str, kind: List, local: str, parts: tuple[str, ...]) -> None:
        """Keep an item, and say how items are gone through and put together again."""
        self.captured.append(local)
        if not isinstance(kind.item.type, Record):
            self._add(1, f"{local}.append({parts[0]})")
            self.names["input", name] = f"tuple({local})"
            self.rebuilt[name] = f"tuple([{_mended(kind.item, 'each')} for each in {local}])"
            return
        whole = ", ".join(parts)
        fields = kind.item.type.fields
        mended = "".join(f"{_mended(field, part)}, " for field, part in zip(fields, parts, strict=True))
        if len(kind.key) != 1:
            self._add(1, f"{local}.append(({whole},))")
            self.names["items", name] = f"{whole}, in {local}" if len(parts) == 1 else f"{whole} in {local}"
            self.names["input", name] = f"tuple({local})"
            self.rebuilt[name] = f"tuple([({mended}) for {self.names['items', name]}])"
            return
        key = next(part for part in parts if part.rpartition(_JOIN)[2] == kind.key[0])
        others = [part for part in parts if part != key]
        rest = others[0] if len(others) == 1 else f"({', '.join(others)})"
        self._add(1, f"{local}[{key}] = {rest}")
        target = f"{key}, {rest} in {local}.items()" if others else f"{key} in {local}"
        self.names["items", name] = target
        self.names["input", name] = f"tuple([({whole},) for {target}])"
        self.rebuilt[name] = f"tuple([({mended}) for {target}])"


def _mended(field: Field, spelling: str) -> str:
    return f"{spelling} + 0.0" if isinstance(field.type, Number) else spelling


def is_flat(kind: List) -> bool:
    """Whether a list's items are scalars, or records of scalars that are always present."""
    item = kind.item.type
    parts = item.fields if isinstance(item, Record) else (kind.item,)
    return bool(parts) and all(isinstance(part.type, _SCALARS) and not part.optional for part in parts)


def is_categorical(kind: List) -> bool:
    """Whether the items are texts, enums and booleans alone."""
    item = kind.item.type
    parts = item.fields if isinstance(item, Record) else (kind.item,)
    return all(isinstance(part.type, Text | Enum | Boolean) for part in parts)


def _encoder() -> Callable[[object], bytes]:
    from msgspec.msgpack import Encoder  # noqa: PLC0415  only packs with such lists pay for its import

    return Encoder().encode


class KnownLists(dict[bytes, tuple[Any, ...]]):
    """What was read from lists, by their encoded content. Bounded in number and size."""

    def learn(self, key: bytes, found: tuple[Any, ...]) -> tuple[Any, ...]:
        if len(self) >= _MAX_LISTS:
            self.clear()
        if len(key) <= _MAX_LIST_BYTES:
            self[key] = found
        return found


def _slow_reader(each: Field) -> Callable[[object], Value]:
    """A value of a shape that is not worth code of its own."""

    def read_one(value: object) -> Value:
        values, faults = read((each,), {each.source: value})
        if faults:
            raise Unusual
        return values[each.name]

    return read_one


def _range(each: Field, integer: bool) -> tuple[str, str]:
    end: float = MAX_INTEGER if integer else DOUBLE
    low = -end if each.low is None else max(each.low, -end)
    high = end if each.high is None else min(each.high, end)
    kind = int if integer and low == int(low) and high == int(high) else float  # like with like compares fastest
    return repr(kind(low)), repr(kind(high))


def scalar_lines(
    each: Field, source: str, name: str, constants: dict[str, Any], key: bool = False
) -> Iterator[str]:
    """Read one scalar into the local `name`. Keys, which repeat from snapshot to snapshot, are looked up."""
    if isinstance(each.type, Enum):
        yield f"{name} = {_members(each.type, constants)}[{source}]"
        return
    if isinstance(each.type, Text) and key:
        constants[f"TEXTS_{each.type.max_length}"] = KnownTexts(each.type.max_length)
        yield f"{name} = TEXTS_{each.type.max_length}[{source}]"
        return
    yield f"{name} = {source}"
    match each.type:
        case Number():
            low, high = _range(each, integer=False)
            yield f"if type({name}) is not float: {name} = as_double({name})"
            yield f"if not ({name} >= {low} and {name} <= {high}): raise Unusual"  # NaN is refused as well
        case Integer():
            low, high = _range(each, integer=True)
            yield f"if type({name}) is not int: {name} = as_integer({name})"
            yield f"if not ({name} >= {low} and {name} <= {high}): raise Unusual"  # NaN is refused as well
        case Boolean():
            yield f"if type({name}) is not bool: raise Unusual"
        case Text(max_length=limit):
            yield f"if type({name}) is not str or len({name}) > {limit}: raise Unusual"
            yield f"if not {name}.isascii(): {name}.encode()"
        case Time():
            yield f"{name} = moment({name})"


class KnownTexts(dict[str, str]):
    """Texts that were found to be in order, each under itself. Bounded: a stranger cannot fill the memory."""

    def __init__(self, max_length: int) -> None:
        super().__init__()
        self.max_length = max_length

    def __missing__(self, text: str) -> str:
        if type(text) is not str or len(text) > self.max_length:
            raise Unusual
        text.encode()
        if len(self) >= _MAX_TEXTS:
            self.clear()
        self[text] = text
        return text


def _members(kind: Enum, constants: dict[str, Any]) -> str:
    name = f"{kind.name}_index"
    constants[name] = {member: i for i, member in enumerate(kind.members)}
    return name


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
    found = parse_time(value)
    if found is None:
        raise Unusual
    return found


RUNTIME: Mapping[str, Any] = {"as_double": as_double, "as_integer": as_integer, "moment": moment, "ABSENT": ABSENT}

__all__ = ["RUNTIME", "Reader", "Type"]
