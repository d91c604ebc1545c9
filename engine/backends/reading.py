"""Generated code that reads a snapshot: every check of LANGUAGE section 10 inlined, and nothing explained.

Whatever is not as expected raises; `engine/snapshot.py` then finds out what it is and says so.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from ..ignoring import Ignored
from ..types import Document, Enum, Field, List, Map, Number, Record, Vector
from .contract_code import ContractCode
from .draft import JOIN, WORD
from .inlined import SCALARS, is_inline, is_nominal, members_of, mended
from .runtime import read_document, read_one
from .scalars import index_of, scalar_lines

Names = dict[tuple[str, str], str]
Riders = Callable[[str, "str | tuple[str, ...]", bool], tuple[list[str], list[str]]]
Verdicts = Callable[[frozenset[str]], tuple[list[str], list[str]]]

_WHOLE_SECONDS = "type(i_now) is float and -1e10 < i_now < 1e10 and i_now.is_integer()"


@dataclass
class Reader:
    """Collects the lines that read the inputs, and how the values are spelled afterwards.

    `captured` are the local names that hold everything read; `rebuilt` spells each input as one run-time value, behind
    `mending`, which makes 0.0 of -0.0: no decision depends on that, but a text may. `scalars` spells a vector or record
    inside of another value by the locals of what it holds, and `assigned` are those and the locals of both; `keyed` are
    the locals of what tells the items of a list apart.
    `riders` give lines that run inside the loop which reads a list, given the spelling of the item's fields and whether
    the loop stands in a function of its own (`alone`); `ridden` are the locals that they fill there. `verdicts` give
    lines that decide rules which rest on the named inputs alone, and the locals that hold their bits. `contract` gives
    the checks beyond types.
    """

    constants: dict[str, Any]
    riders: Riders
    verdicts: Verdicts
    contract: ContractCode
    lines: list[str] = field(default_factory=list)
    names: Names = field(default_factory=dict)
    captured: list[str] = field(default_factory=list)
    assigned: list[str] = field(default_factory=list)
    rebuilt: dict[str, str] = field(default_factory=dict)
    scalars: dict[str, str] = field(default_factory=dict)
    keyed: set[str] = field(default_factory=set)
    mending: list[str] = field(default_factory=list)
    functions: list[str] = field(default_factory=list)
    ridden: list[str] = field(default_factory=list)
    alone: bool = False
    held: list[str] = field(default_factory=list)
    made: list[str] = field(default_factory=list)
    opening: int | None = None
    now: str = "None"
    ignored: tuple[str, ...] = ()

    def read_inputs(self, fields: tuple[Field, ...], needs_now: bool) -> None:
        """Names first, then numbers, lists last, so that what rides on a list's loop can use what was read."""
        declared = [each for each in fields if each.name != "now"]
        declared.sort(key=lambda each: isinstance(each.type, List))
        self.names["input", "now"] = self.rebuilt["now"] = "i_now"
        self._add(0, "if type(snapshot) is not dict: raise Unusual")
        self._add(0, f"spare = len(snapshot) - {len(declared) + needs_now}")
        if needs_now:
            self._add(0, "i_now = snapshot['now']")
            self._add(0, f"i_now = int(i_now) * 1000000 if {_WHOLE_SECONDS} else moment(i_now)")
        self.now = "i_now" if needs_now else "None"
        nominal = [each for each in declared if is_nominal(each)]
        if any(isinstance(each.type, List) for each in nominal):
            self._remembered(nominal)
        else:
            nominal = []
        for each in declared:
            if each not in nominal:
                self._field(each, "snapshot", f"i_{each.name}", "spare", 0)
                self._spell(each)
        if self.ignored:
            self.constants["IGNORED"] = Ignored(self.ignored, frozenset((*(each.source for each in declared), "now")))
        self._now(needs_now)
        self.lines += self.contract.beside(tuple(declared), {each.name: f"i_{each.name}" for each in declared})

    def _spell(self, each: Field) -> None:
        self.names.setdefault(("input", each.name), f"i_{each.name}")
        self.rebuilt.setdefault(each.name, self.scalars.get(f"i_{each.name}", self.names["input", each.name]))

    def _remembered(self, fields: list[Field]) -> None:
        """Read names, tags and flags in a function of their own, called only for content that was not seen lately.

        They repeat from tick to tick, while numbers do not, and to encode them in C costs less than half of reading.
        """
        self.alone = True
        start, before = len(self.lines), len(self.captured)
        for each in fields:
            self._present(each, f"v_{each.name}", f"i_{each.name}", 0)
            self._spell(each)
        verdicts, masks = self.verdicts(frozenset(each.name for each in fields))
        self.lines += verdicts
        lines, self.lines[start:] = self.lines[start:], []
        self.held = self.captured[before:]
        self.captured[before:] = []
        self.made = [*self.ridden, *masks]
        given = ", ".join(f"v_{each.name}" for each in fields)
        self.functions += [f"def read_names(key, {given}):", *(f"    {line}" for line in lines)]
        for each in (each for each in fields if each.optional):
            self._add(0, f"v_{each.name} = NOT_THERE")
            self._add(0, f"if {each.source!r} in snapshot:")
            self._add(1, f"v_{each.name} = snapshot[{each.source!r}]")
            self._add(0, "else: spare += 1")
        taken = [f"v_{each.name}" if each.optional else f"snapshot[{each.source!r}]" for each in fields]
        self._add(0, f"named = ({', '.join(taken)},)")
        self._add(0, "key = encode(named, None, EXACTLY)")
        self.opening = len(self.lines)
        self.alone = False

    def _now(self, needed: bool) -> None:
        """`now` may stand in every snapshot; it is the one key that may be left over."""
        self.captured.append("i_now")
        if self.ignored:
            self._add(0, "if spare: spare -= IGNORED.among(snapshot)")
        if needed:
            self._add(0, "if spare: raise Unusual")
            return
        self._add(0, "i_now = None")
        self._add(0, "if spare:")
        self._add(1, "if spare != 1: raise Unusual")
        self._add(1, "i_now = moment(snapshot['now'])")

    def _add(self, depth: int, line: str) -> None:
        self.lines.append("    " * depth + line)

    def _field(self, each: Field, source: str, name: str, spare: str, depth: int) -> None:
        """One field of a dict; `spare` counts the keys that are not asked for; at first all others seem to be there."""
        if not each.optional:
            self._value(each, f"{source}[{each.source!r}]", name, depth, source == "snapshot")
            return
        unset = len(self.lines)
        self._add(depth, f"if {each.source!r} in {source}:")
        self._add(depth + 1, f"{name} = {source}[{each.source!r}]")
        self._add(depth + 1, f"if {name} is not None:")
        self._unset_before(unset, depth, lambda: self._value(each, name, name, depth + 2, source == "snapshot"), name)
        self._add(depth, f"else: {spare} += 1")

    def keep(self, local: str, lines: tuple[str, ...]) -> None:
        """Make a local where names are read, and hand it over with them."""
        if lines:
            self.functions += [f"    {line}" for line in lines]
            self.made.append(local)

    def close(self, body: list[str]) -> None:
        """Say what `read_names` gives: all names as one value, which is kept, and those that the body uses as well."""
        if self.opening is None:
            return
        words = set(WORD.findall("\n".join(body)))
        used = [local for local in (*self.held, *self.made) if local in words]
        names = f"({', '.join(self.held)},)"
        self.functions += [f"    return ({', '.join(('key', names, *used))},)", "", ""]
        self.lines[self.opening : self.opening] = [
            "known = NAMES.latest",
            "if known[0] != key:",
            "    known = NAMES.other",
            "    if known[0] == key: NAMES.other, NAMES.latest, NAMES.misses = NAMES.latest, known, 0",
            "    else: known = NAMES.recall(key, named)",
            f"({', '.join(('_', 'names', *used))},) = known",
        ]

    def _present(self, each: Field, given: str, name: str, depth: int) -> None:
        """An input that was taken out of the snapshot."""
        if not each.optional:
            self._value(each, given, name, depth, True)
            return
        unset = len(self.lines)
        self._add(depth, f"if {given} is not NOT_THERE and {given} is not None:")
        self._unset_before(unset, depth, lambda: self._value(each, given, name, depth + 1, True), name)

    def _unset_before(self, line: int, depth: int, read_value: Callable[[], None], name: str) -> None:
        """Read a value that may be absent: its locals are `None` before."""
        before = len(self.assigned)
        read_value()
        for local in dict.fromkeys((*self.assigned[before:], name)):
            self.lines.insert(line, "    " * depth + f"{local} = None")

    def _value(self, each: Field, source: str, name: str, depth: int, top: bool) -> None:
        kind = each.type
        if isinstance(kind, SCALARS):
            for line in scalar_lines(each, source, name, self.constants, key=name in self.keyed):
                self._add(depth, line)
            self._capture(name)
            if isinstance(kind, Number):
                self.mending.append(f"if {name} is not None: {name} += 0.0")
        elif isinstance(kind, Record) and is_inline(each):
            self._record(each, kind, source, name, depth, top)
        elif isinstance(kind, Vector) and is_inline(each):
            self._vector(kind, source, name, depth)
        elif isinstance(kind, Map) and top and isinstance(kind.item.type, SCALARS):
            self._map(kind, source, name, depth)
        elif isinstance(kind, List) and top and not each.optional and is_inline(each):
            self._list(each.name, kind, source, name)
        elif isinstance(kind, List) and is_inline(each):
            self._items(each, kind, source, name, depth)
        elif isinstance(kind, Document):
            self.constants[f"READ_{name}"] = partial(read_document, kind)
            self._add(depth, f"{name} = READ_{name}({source})")
            self._capture(name)
        else:
            self.constants[f"READ_{name}"] = partial(read_one, each, self.contract.rules)
            self._add(depth, f"{name} = READ_{name}({source}, {self.now})")
            self._capture(name)

    def _capture(self, name: str) -> None:
        self.captured.append(name)
        self.assigned.append(name)

    def _record(self, each: Field, kind: Record, source: str, name: str, depth: int, top: bool) -> None:
        """A record whose fields become locals of their own; an optional one keeps a local that tells its presence."""
        parts = [f"{name}{JOIN}{part.name}" for part in kind.fields]
        self._parts(kind.fields, parts, source, name, depth)
        spelled = {part.name: local for part, local in zip(kind.fields, parts, strict=True)}
        for line in self.contract.of_record(each, spelled):
            self._add(depth, line)
        whole, rebuilt = _tuple(parts), self._tuple_of_scalars(parts)
        if not top:
            self._add(depth, f"{name} = {whole}")
        elif each.optional:
            self._add(depth, f"{name} = True")
        if each.optional:
            self._capture(name)
            rebuilt = f"(None if {name} is None else {rebuilt})"
        if not top:
            self.assigned.append(name)
            self.scalars[name] = rebuilt
            return
        if each.optional:
            self.names["present", each.name] = f"({name} is not None)"
            whole = f"(None if {name} is None else {whole})"
        self.names["input", each.name] = whole
        self.rebuilt[each.name] = rebuilt

    def _vector(self, kind: Vector, source: str, name: str, depth: int) -> None:
        """A vector whose values become locals of their own, and one local for all of them."""
        parts = [f"{name}{JOIN}{i}" for i in range(len(kind.by.members))]  # a member may be spelled like two of them
        self._parts(members_of(kind), parts, source, name, depth)
        self._add(depth, f"{name} = {_tuple(parts)}")
        self.assigned.append(name)
        self.scalars[name] = self._tuple_of_scalars(parts)

    def _map(self, kind: Map, source: str, name: str, depth: int) -> None:
        """A map of scalars, as pairs in the order of their keys. Those differ, so that values are not compared."""
        text, value = f"{name}{JOIN}key", f"{name}{JOIN}value"
        self._add(depth, f"rows = {source}")
        self._add(depth, f"if type(rows) is not dict or len(rows) > {kind.max_items}: raise Unusual")
        self._add(depth, f"{name} = []")
        self._add(depth, f"for {text}, {value} in rows.items():")
        for line in scalar_lines(Field("", kind.key), text, text, self.constants, key=True):
            self._add(depth + 1, line)
        for line in scalar_lines(kind.item, value, value, self.constants):
            self._add(depth + 1, line)
        self._add(depth + 1, f"{name}.append(({text}, {value}))")
        self._add(depth, f"{name}.sort()")
        self._add(depth, f"{name} = tuple({name})")
        self._capture(name)
        if isinstance(kind.item.type, Number):
            mended = f"tuple([(key, each + 0.0) for key, each in {name}])"
            self.mending.append(f"if {name} is not None: {name} = {mended}")

    def _parts(self, fields: tuple[Field, ...], parts: list[str], source: str, name: str, depth: int) -> None:
        """Read what stands in an object into locals."""
        if name != source:
            self._add(depth, f"{name} = {source}")
        optional = any(part.optional for part in fields)
        if optional:
            self._add(depth, f"if type({name}) is not dict: raise Unusual")
            self._add(depth, f"spare_{name} = len({name}) - {len(fields)}")
        else:
            self._add(depth, f"if type({name}) is not dict or len({name}) != {len(fields)}: raise Unusual")
        for i, (part, local) in enumerate(zip(fields, parts, strict=True)):
            self._field(part, name, local, f"spare_{name}", depth)
            self.names["part", f"{name}.{i}"] = local
        if optional:
            self._add(depth, f"if spare_{name}: raise Unusual")

    def _tuple_of_scalars(self, parts: list[str]) -> str:
        """What the parts hold, spelled by the locals that are captured."""
        return _tuple([self.scalars.get(part, part) for part in parts])

    def _list(self, name: str, kind: List, source: str, local: str) -> None:
        """A list, read in one loop on which whatever needs nothing but its items rides along.

        Items with a key are held as a dict, which tells repeated keys by its length; others as a list of tuples.
        """
        parts = _parts_of_item(kind, local)
        self._add(0, f"rows = {source}")
        self._add(0, f"if type(rows) is not list or len(rows) > {kind.max_items}: raise Unusual")
        self._add(0, f"{local} = {{}}" if kind.key else f"{local} = []")
        before, inside = self.riders(name, parts if isinstance(kind.item.type, Record) else parts[0], self.alone)
        self.ridden += [line.partition(" = ")[0] for line in before] if self.alone else []
        for line in before:
            self._add(0, line)
        self._add(0, "for row in rows:")
        self._item(kind, parts, "row", 1)
        self._hold(name, kind, local, parts)
        for line in inside:
            self._add(1, line)
        if kind.key:
            self._add(0, f"if len({local}) != len(rows): raise Unusual")

    def _items(self, each: Field, kind: List, source: str, name: str, depth: int) -> None:
        """A list that may be absent, or stands in another value: one local for all of it."""
        self._add(depth, f"rows_{name} = {source}")
        self._add(depth, f"if type(rows_{name}) is not list or len(rows_{name}) > {kind.max_items}: raise Unusual")
        if isinstance(kind.item.type, Enum):
            members = index_of(kind.item.type, self.constants)
            self._add(depth, f"{name} = tuple([{members}[each] for each in rows_{name}])")
        else:
            parts = _parts_of_item(kind, name)
            self._add(depth, f"{name} = []")
            self._add(depth, f"for row_{name} in rows_{name}:")
            self._item(kind, parts, f"row_{name}", depth + 1)
            whole = _tuple(list(parts)) if isinstance(kind.item.type, Record) else parts[0]
            self._add(depth + 1, f"{name}.append({whole})")
            self._add(depth, f"{name} = tuple({name})")
        if isinstance(kind.item.type, Record) and kind.key:
            places = [i for i, part in enumerate(kind.item.type.fields) if part.name in kind.key]
            keys = _tuple([f"each[{i}]" for i in places])
            self._add(depth, f"if len({{{keys} for each in {name}}}) != len({name}): raise Unusual")
        self._capture(name)
        self.scalars[name] = mended(each, name)

    def _item(self, kind: List, parts: tuple[str, ...], row: str, depth: int) -> None:
        """One item, whose locals last no longer than its turn: none of them is captured."""
        lasting = (self.captured, self.assigned, self.mending)
        before = [len(each) for each in lasting]
        item = kind.item.type
        if isinstance(item, Record):
            spelled = {part.name: local for part, local in zip(item.fields, parts, strict=True)}
            self.keyed |= {spelled[name] for name in kind.key}
            self._parts(item.fields, list(parts), row, row, depth)
            for line in self.contract.of_record(kind.item, spelled):
                self._add(depth, line)
        else:
            self._value(kind.item, row, parts[0], depth, False)
        for each, count in zip(lasting, before, strict=True):
            del each[count:]

    def _hold(self, name: str, kind: List, local: str, parts: tuple[str, ...]) -> None:
        """Keep an item, and say how items are gone through and put together again."""
        self._capture(local)
        if not isinstance(kind.item.type, Record):
            self._add(1, f"{local}.append({parts[0]})")
            self.names["input", name] = f"tuple({local})"
            self.rebuilt[name] = f"tuple([{mended(kind.item, 'each')} for each in {local}])"
            return
        whole = ", ".join(parts)
        fields = kind.item.type.fields
        clean = "".join(f"{mended(field, part)}, " for field, part in zip(fields, parts, strict=True))
        if not kind.key:
            self._add(1, f"{local}.append(({whole},))")
            self.names["items", name] = f"{whole}, in {local}" if len(parts) == 1 else f"{whole} in {local}"
            self.names["input", name] = f"tuple({local})"
            self.rebuilt[name] = f"tuple([({clean}) for {self.names['items', name]}])"
            return
        keys = [part for part in parts if part.rpartition(JOIN)[2] in kind.key]
        others = [part for part in parts if part not in keys]
        key, rest = (each[0] if len(each) == 1 else f"({', '.join(each)})" for each in (keys, others))
        self._add(1, f"{local}[{key}] = {rest}")
        target = f"{key}, {rest} in {local}.items()" if others else f"{key} in {local}"
        self.names["items", name] = target
        self.names["input", name] = f"tuple([({whole},) for {target}])"
        self.rebuilt[name] = f"tuple([({clean}) for {target}])"


def _parts_of_item(kind: List, local: str) -> tuple[str, ...]:
    """The locals of an item's fields, or of the item."""
    fields = kind.item.type.fields if isinstance(kind.item.type, Record) else (kind.item,)
    return tuple(f"{local}{JOIN}{part.name or 'item'}" for part in fields)


def _tuple(parts: list[str]) -> str:
    return f"({', '.join(parts)},)"
