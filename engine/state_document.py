"""The state of one key as a JSON document and back: exact, with the versions that wrote it and a hash of all of it."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from . import ir
from .canonical import canonical_json, digest, digest_of
from .constants import constant
from .diagnostics import Diagnostic
from .intents import SENT
from .migration import Migration, joined, migration_from
from .readonly import read_only
from .snapshot import export
from .snapshot_text import expected, show
from .state import HEAD, State, empty, start
from .state_kinds import kept_type, kind_of
from .state_moves import latches_let_go, moved, unsaid
from .times import format_time, parse_time
from .types import (
    MAX_INTEGER,
    Boolean,
    Document,
    Enum,
    Field,
    Integer,
    List,
    Map,
    Number,
    Record,
    Text,
    Time,
    Type,
    Vector,
)

KEYS = ("policy", "version", "engine", "key", "now", "step", "outputs", "definitions", "previous", "hash")
_MOST_DIGITS = 10**21  # from there on canonical JSON writes an exponent
_FINGERPRINT = re.compile("sha256:[0-9a-f]{64}")


class StateError(Exception):
    """A state document that this policy does not go on from. `findings` says why."""

    def __init__(self, findings: list[Diagnostic]) -> None:
        self.findings = tuple(findings)
        super().__init__("the state cannot be restored:\n  " + "\n  ".join(f"{f.code} {f.message}" for f in findings))


class _Unfit(Exception):  # noqa: N818  caught where the name is known
    """A part that is not of its type."""

    def __init__(self, name: str, kind: Type, given: object) -> None:
        self.name, self.given = name, given
        self.expected = expected(kind)
        if isinstance(kind, List) and isinstance(given, list):
            self.expected = f"{kind} with at most {kind.max_items} items"
        super().__init__(f"`{name}` holds what is no {str(kind).removeprefix('a ').removeprefix('an ')}")


class StateCodec:
    """Writes and reads the states of one pack under its effective parameters."""

    def __init__(self, pack: ir.Pack, parameters: Mapping[str, ir.Value], engine: str) -> None:
        self._pack = pack
        self._parameters = parameters
        self._engine = engine
        self._slots = [(slot, kept_type(slot, parameters), kind_of(slot, parameters)) for slot in pack.slots]
        self._step = next((field for field in pack.inputs if field.name == pack.step), None)
        self._packs = {part.name: f"{part.pack}@{part.version}" for part in pack.parts if part.name}
        self._outputs = tuple(Field(name, each.type, each.optional) for name, each in sorted(pack.publication.items()))

    def document(self, state: State, key: str | None) -> dict[str, Any]:
        found = self._content(state, key)
        return {**found, "hash": digest(found)}

    def written(self, state: State, key: str | None) -> str:
        """The document as canonical JSON, which is made once: for its hash and to be kept."""
        content = self._content(state, key)
        ahead = canonical_json({name: each for name, each in content.items() if name < "hash"})
        behind = canonical_json({name: each for name, each in content.items() if name > "hash"})
        return f'{ahead[:-1]},"hash":"{digest_of(f"{ahead[:-1]},{behind[1:]}")}",{behind[1:]}'

    def _content(self, state: State, key: str | None) -> dict[str, Any]:
        now, step, outputs, *parts = state
        definitions, previous = {}, {}
        for (slot, kind, text), part in zip(self._slots, parts, strict=True):
            if slot.kind == "state":
                definitions[ir.shown(slot.name)] = {"kind": text, "state": export(part, kind)}
            else:
                previous[ir.shown(slot.name)] = {"kind": text, "value": export(part, kind)}
        return {
            "policy": self._pack.name,
            "version": self._pack.version,
            "engine": self._engine,
            **({"packs": self._packs} if self._packs else {}),
            "key": key,
            "now": None if now is None else format_time(now),
            "step": export(step, self._step.type) if self._step else None,
            "outputs": outputs,
            "definitions": definitions,
            "previous": previous,
        }

    def read(self, given: object) -> tuple[str | None, State]:
        """The key and the state of a document. Raises StateError."""
        document = _opened(given)
        if document["policy"] != self._pack.name:
            raise _error("FB742", policy=self._pack.name, other=document["policy"])
        document = self._moved(document)
        findings = list(self._differences(document))
        if findings:
            raise StateError(findings)
        try:
            return document["key"], (*self._head(document), *self._parts(document))
        except _Unfit as unfit:
            raise _error("FB740", problem=str(unfit)) from None

    def _head(self, document: Mapping[str, Any]) -> Iterator[Any]:
        now, step, outputs = document["now"], document["step"], document["outputs"]
        yield None if now is None else _restored(Time(), now, "now")
        yield None if step is None or self._step is None else _restored(self._step.type, step, "step")
        values = _restored(Record("", self._outputs), outputs, "outputs") if outputs is not None else None
        named = zip(self._outputs, values or (), strict=bool(values))
        exported = {field.name: export(value, field.type) for field, value in named}
        yield None if outputs is None else read_only(exported)

    def _parts(self, document: Mapping[str, Any]) -> Iterator[Any]:
        for slot, kind, _ in self._slots:
            part, word = ("definitions", "state") if slot.kind == "state" else ("previous", "value")
            yield _restored_slot(slot, kind, document[part][ir.shown(slot.name)][word])

    def begun(self, given: Mapping[str, Any]) -> State:
        """A state of which some is given: `now`, `step`, and by name `definitions` and `previous`.

        Its last outputs are what is safe. Raises StateError, whose finding has the name as its path.
        """
        document = self._fresh()
        for part, word in (("definitions", "state"), ("previous", "value")):
            for name, value in given.get(part, {}).items():
                document[part][name] = {word: value}
        moment = parse_time(given.get("now"))
        document["now"] = given.get("now") if moment is None else format_time(moment)
        document["step"] = given.get("step")
        if document["now"] is None and document["step"] is None:
            document["outputs"] = None
        try:
            return (*self._head(document), *self._parts(document))
        except _Unfit as unfit:
            raise _error("FB305", path=unfit.name, expected=unfit.expected, found=show(unfit.given)) from None

    def _fresh(self) -> dict[str, Any]:
        """The content of a session that has not begun, with what is safe for its last outputs."""
        return self._content((None, None, self._safe(), *empty(self._pack)[HEAD:]), None)

    def _moved(self, document: dict[str, Any]) -> dict[str, Any]:
        """The document of an earlier version, of the policy or of its packs, as one of this. Raises StateError."""
        moves = dict(self._moves(document))
        if not moves:
            return document
        fresh, migration = self._fresh(), joined(list(moves.values()))
        findings = list(unsaid(document, migration)) or list(latches_let_go(document, migration, fresh["definitions"]))
        if findings:
            raise StateError(findings)
        types = {field.name: field for field in self._outputs}
        named = [part.name for part in self._pack.parts if part.name]
        found = moved(
            document,
            fresh,
            migration,
            lambda name: _part_in(named, name) in moves,
            lambda name, value: _fits(types[name], value),
        )
        knows_step = self._step is not None and _fits(self._step, document["step"])
        return {**found, "step": document["step"] if knows_step else None}

    def _moves(self, document: Mapping[str, Any]) -> Iterator[tuple[str, Migration]]:
        """What has become of what was kept, by the part that says it; the policy, or a pack alone, has no name."""
        own = migration_from(self._pack.migrations, document["version"])
        if own:
            yield "", own
        kept = {*document["definitions"], *document["previous"]}
        for part in self._pack.parts:
            pack, _, version = str(document.get("packs", {}).get(part.name)).partition("@")
            found = migration_from(part.migrations, version) if pack == part.pack else None
            if found:
                yield part.name, found.of_part(part.name, kept)

    def _safe(self) -> dict[str, Any]:
        declared = self._pack.publication
        values = {name: constant(each.safe, self._parameters) for name, each in declared.items()}
        return {name: export(value, declared[name].type) for name, value in values.items()}

    def _differences(self, document: Mapping[str, Any]) -> Iterator[Diagnostic]:
        """What was kept otherwise than it is now."""
        for part, kind in (("definitions", "state"), ("previous", "previous")):
            entries = document[part]
            known = {ir.shown(slot.name): text for slot, _, text in self._slots if slot.kind == kind}
            for name in sorted({*entries, *known}):
                was = entries[name].get("kind") if name in entries else "nothing"
                if was != known.get(name, "nothing"):
                    yield Diagnostic.of("FB743", path=name, name=name, was=was, now=known.get(name, "nothing"))


def _opened(given: object) -> dict[str, Any]:
    """A document with all its parts, whose hash is that of its content."""
    if isinstance(given, bytes | str):
        try:
            given = json.loads(given)
        except ValueError:
            raise _error("FB740", problem="it is not JSON") from None
    if not isinstance(given, dict) or set(given) - {"packs"} != set(KEYS) or not _names_packs(given.get("packs", {})):
        raise _error("FB740", problem=f"it is no object with the keys {', '.join(KEYS)}")
    entries = (entry for part in ("definitions", "previous") for entry in _entries(given[part], part))
    if not all(isinstance(entry, dict) and {"kind"} < set(entry) for entry in entries):
        raise _error("FB740", problem="a part of it lacks its `kind`")
    try:
        document: dict[str, Any] = _with_doubles(given)
        found = digest({key: value for key, value in document.items() if key != "hash"})
    except (ValueError, TypeError, RecursionError):
        raise _error("FB740", problem="it holds what JSON cannot hold") from None
    if found != document["hash"]:
        raise _error("FB741", found=found)
    return document


def _names_packs(given: object) -> bool:
    """Whether something is the packs of a policy with their versions, by the names that it gives them."""
    return isinstance(given, dict) and all(isinstance(each, str) for each in given.values())


def _part_in(parts: Collection[str], name: str) -> str:
    """The part of a name as it is shown."""
    part = name.removeprefix(SENT).partition(".")[0]
    return part if part in parts else ""


def _with_doubles(given: Any) -> Any:
    """Large doubles have no point in canonical JSON, so that a parser takes them for integers."""
    match given:
        case dict():
            return {key: _with_doubles(each) for key, each in given.items()}
        case list():
            return [_with_doubles(each) for each in given]
        case int() if MAX_INTEGER < abs(given) < _MOST_DIGITS:
            return float(given)
    return given


def _entries(part: object, name: str) -> list[Any]:
    if not isinstance(part, dict):
        raise _error("FB740", problem=f"`{name}` is no object")
    return list(part.values())


def _error(code: str, **values: object) -> StateError:
    return StateError([Diagnostic.of(code, **values)])  # type: ignore[arg-type]  # no `help` among them


# Back to run-time values


def _restored_slot(slot: ir.Slot, kind: Type, given: Any) -> Any:
    """What a slot kept; what it starts from may be absent."""
    if slot.kind == "previous" or not isinstance(kind, Vector | Map) or not isinstance(slot.type, Vector | Map):
        return _restored_or(kind, given, start(slot), slot.name)
    if isinstance(kind, Map):  # what one item starts from may be absent
        return _restored(kind, given, slot.name)
    if not isinstance(given, dict):
        raise _Unfit(slot.name, kind, given)
    members = zip(kind.by.members, start(slot), strict=True)
    return tuple(_restored_or(kind.item.type, given.get(name), one, slot.name) for name, one in members)


def _restored_or(kind: Type, given: Any, otherwise: Any, name: str) -> Any:
    if given is None and otherwise is None:
        return None
    return _restored(kind, given, name)


def _restored(kind: Type, given: Any, name: str) -> Any:
    match kind, given:
        case Number(), int() | float() if not isinstance(given, bool) and math.isfinite(given):
            return float(given)
        case Integer(), int() | float() if not isinstance(given, bool) and int(given) == given:
            if abs(given) <= MAX_INTEGER:
                return int(given)
        case (Boolean(), bool()) | (Text(), str()):
            return given
        case Document(), str() if _FINGERPRINT.fullmatch(given):
            return given
        case Enum(members=members), str() if given in members:
            return members.index(given)
        case Time(), str() if (moment := parse_time(given)) is not None:
            return moment
        case List(item=item, max_items=limit), list() if len(given) <= limit:
            return tuple(
                [_restored(item.type, each, name) if each is not None or not item.optional else None for each in given]
            )
        case Map(item=item, max_items=limit), dict() if len(given) <= limit:
            return tuple([(key, _restored_entry(item, given[key], name)) for key in sorted(given)])
        case Record(fields=fields), dict():
            return tuple([_restored_field(field, given, name) for field in fields])
        case Vector(by=by, item=item), dict():
            parts = (Field(member, item.type, item.optional) for member in by.members)
            return tuple([_restored_field(part, given, name) for part in parts])
    raise _Unfit(name, kind, given)


def _fits(field: Field, given: Any) -> bool:
    try:
        _restored_field(field, {field.source: given}, field.name)
    except _Unfit:
        return False
    return True


def _restored_entry(item: Field, given: Any, name: str) -> Any:
    return None if given is None and item.optional else _restored(item.type, given, name)


def _restored_field(field: Field, given: Mapping[str, Any], name: str) -> Any:
    value = given.get(field.source)
    return None if value is None and field.optional else _restored(field.type, value, f"{name}.{field.name}")
