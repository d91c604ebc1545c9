"""What changed between two versions of a pack, by id: values, conditions, cells, contract, state; and the bump.

Changes are found in the documents and judged by what both mean: what reads differently and means the same is text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from . import ir
from .document import PlainTree
from .naming import of_part, part_of, shown
from .renames import Renames, renamed, renames
from .shapes import contract_of, meaning_of, shape_of
from .snapshot import export_dated, export_parameter
from .types import innermost, is_numeric, unit_of

Level = Literal["", "patch", "minor", "major"]
LEVELS: tuple[Level, ...] = ("", "patch", "minor", "major")
MEANINGS: Mapping[Level, str] = {
    "": "nothing changed",
    "patch": "no change in meaning",
    "minor": "values or rules changed",
    "major": "inputs, outputs, state or their types changed",
}
Kind = Literal["added", "removed", "changed", "renamed"]

SECTIONS = (
    "use", "arbitration", "parameters", "rules", "tables", "groups", "intents", "definitions", "inputs", "outputs",
    "state", "types", "requires", "invariants", "pack", "examples",
)  # fmt: skip
_TEXTS = frozenset({"title", "summary", "notes", "changes", "why", "because", "examples"})
_CONTRACT = frozenset({
    "type", "unit", "range", "optional", "from", "of", "by", "fields", "key", "max_items", "max_length", "ignore",
    "unordered", "max_bytes",
})  # fmt: skip
_SKIPPED = frozenset({"pack", "policy", "vocabulary", "version", "changes"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """`name` is a path of ids below the section, such as `ladder.wide.swing`; `why` that of a parameter now."""

    section: str
    name: str
    kind: Kind
    before: PlainTree = None
    after: PlainTree = None
    level: Level = "minor"
    why: str = ""
    unit: str = ""

    @property
    def relative(self) -> float | None:
        """The change of a number as a share of what it was."""
        old, new = self.before, self.after
        if self.kind != "changed" or not (_is_number(old) and _is_number(new)) or not old:
            return None
        return (float(new) - float(old)) / abs(float(old))  # type: ignore[arg-type]  # both are numbers


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two: a document, and the pack that it is; a vocabulary is none."""

    document: Mapping[str, Any]
    pack: ir.Pack | None

    @property
    def name(self) -> str:
        return str(self.document.get("pack") or self.document.get("vocabulary") or self.document.get("policy") or "")

    @property
    def version(self) -> str:
        return str(self.document.get("version", ""))


@dataclass(frozen=True, slots=True)
class Comparison:
    before: Side
    after: Side
    changes: tuple[Change, ...]
    level: Level

    @property
    def same_meaning(self) -> bool:
        return self.level in ("", "patch")


def compare(before: Side, after: Side) -> Comparison:
    """The changes from one version to another, and the bump that they need at the least."""
    found = renames(before.document, after.document)
    level = _level(before, after, found)
    changes = [*_renamings(found), *_documents(before, after, found), *_states(before, after)]
    level = level or ("patch" if changes else "")
    judged = [_judged(change, before, after, found, level) for change in changes]
    judged += _spellings(before, after)
    if level and not any(change.level == level for change in judged):
        judged.append(Change(section="pack", name="imports", kind="changed", level=level))
    judged.sort(key=lambda change: SECTIONS.index(change.section))  # within a section as the file has them
    return Comparison(before, after, tuple(judged), level)


# Levels


def _level(before: Side, after: Side, found: Renames) -> Level:
    if before.pack is None or after.pack is None:
        return _vocabulary_level(before, after)
    old, new = contract_of(before.pack), contract_of(after.pack)
    if old != new:
        return "major"
    if renamed(meaning_of(before.pack), found) != meaning_of(after.pack):
        return "minor"
    if found.any:
        return "minor"
    return "patch" if _texts(before) != _texts(after) else ""


def _texts(side: Side) -> object:
    return {key: value for key, value in side.document.items() if key not in _SKIPPED}


def _vocabulary_level(before: Side, after: Side) -> Level:
    """Types that go or change are a break, new ones are not."""
    old, new = before.document.get("types", {}), after.document.get("types", {})
    if any(_bare(new.get(name)) != _bare(kind) for name, kind in old.items()):
        return "major"
    if old.keys() != new.keys():
        return "minor"
    return "patch" if _texts(before) != _texts(after) else ""


def _bare(node: PlainTree) -> PlainTree:
    match node:
        case dict():
            return {key: _bare(value) for key, value in node.items() if key not in _TEXTS}
        case list():
            return [_bare(each) for each in node]
    return node


def _judged(change: Change, before: Side, after: Side, found: Renames, level: Level) -> Change:
    """The change at its own level, which is never more than that of the whole."""
    own = _own_level(change, before, after, found)
    return replace(change, level=min(own, level or "patch", key=LEVELS.index))


def _own_level(change: Change, before: Side, after: Side, found: Renames) -> Level:
    path = change.name.split(".")
    if change.section == "examples" or path[-1] in _TEXTS or (change.section == "pack" and path[0] in _TEXTS):
        return "patch"
    if change.section == "state" or (change.section == "use" and path[1:] == ["version"]):
        return "major"
    if change.section in ("inputs", "outputs", "types"):
        is_whole = len(path) == 1
        return "major" if is_whole or _CONTRACT.intersection(path[1:]) or change.section == "types" else "minor"
    if change.kind != "changed" or before.pack is None or after.pack is None:
        return "minor"
    old = _meant(before.pack, change.section, found.old(change.section, path[0]))
    new = _meant(after.pack, change.section, path[0])
    return "patch" if old is not None and renamed(old, found) == new else "minor"


def _meant(pack: ir.Pack, section: str, name: str) -> Any:
    """The shape of all that a name of a section stands for; nothing where that is not told apart."""
    steps = {step.name: step.value for step in pack.steps if isinstance(step, ir.Define)}
    parts: Mapping[str, Callable[[], object]] = {
        "parameters": lambda: pack.parameters.get(name),
        "rules": lambda: pack.rules.get(name),
        "tables": lambda: [pack.tables.get(name), [each for each in pack.rules.values() if each.table == name]],
        "groups": lambda: pack.groups.get(name),
        "intents": lambda: [pack.intents.get(name), pack.rules.get(name)],
        "definitions": lambda: steps.get(name),
        "requires": lambda: [each for each in pack.requires if each.id == name],
        "invariants": lambda: [each for each in pack.invariants if each.id == name],
    }
    return shape_of(parts[section]()) if section in parts else None


# Changes


def _renamings(found: Renames) -> Iterator[Change]:
    for (section, old), new in found.names.items():
        yield Change(section=section, name=new, kind="renamed", before=old, after=new)


def _documents(before: Side, after: Side, found: Renames) -> Iterator[Change]:
    old, new = found.document(before.document), after.document
    for key in dict.fromkeys((*new, *old)):
        one, other = old.get(key), new.get(key)
        if key == "use" and before.pack and after.pack:
            yield from _uses(before.pack, after.pack, one or {}, other or {})
        elif key in _SKIPPED or key == "language" or one == other:
            continue
        elif key == "examples" and isinstance(one or {}, dict) and isinstance(other or {}, dict):
            yield from _examples(one or {}, other or {})
        elif key in SECTIONS and isinstance(one or {}, dict) and isinstance(other or {}, dict):
            yield from _nodes(key, "", one or {}, other or {}, new)
        else:
            yield from _nodes("pack", key, one, other, new)


def _examples(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Change]:
    """By id alone: what they say follows from the rest."""
    for name in dict.fromkeys((*new, *old)):
        if old.get(name) != new.get(name):
            kind: Kind = "changed" if name in old and name in new else "added" if name in new else "removed"
            yield Change(section="examples", name=name, kind=kind)


def _uses(before: ir.Pack, after: ir.Pack, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Change]:
    """The entries of `use`, with what each was found to be, and its parameters as they are in force."""
    versions = [{part.name: part.version for part in pack.parts} for pack in (before, after)]
    for part in dict.fromkeys((*new, *old)):
        one, other = old.get(part, _NOTHING), new.get(part, _NOTHING)
        if one is _NOTHING or other is _NOTHING:
            yield from _nodes("use", part, one, other, {})
            continue
        for key in dict.fromkeys((*other, *one)):
            if key != "parameters":
                yield from _nodes("use", f"{part}.{key}", one.get(key, _NOTHING), other.get(key, _NOTHING), {})
        yield from _nodes("use", f"{part}.version", versions[0].get(part), versions[1].get(part), {})
        for name, declared in after.parameters.items():
            if part_of(name) == part and name in before.parameters:
                yield from _tuned(before.parameters[name], declared)


def _tuned(old: ir.ParameterDeclaration, new: ir.ParameterDeclaration) -> Iterator[Change]:
    name, one, other = shown(new.name), _in_force(old), _in_force(new)
    yield from (replace(each, why=new.why, unit=_unit(new)) for each in _nodes("use", name, one, other, {}))
    if old.why != new.why and "policy" in (old.layer, new.layer):
        yield Change(section="use", name=f"{name}.why", kind="changed", before=old.why, after=new.why)


def _spellings(before: Side, after: Side) -> Iterator[Change]:
    """What a policy writes of parameters whose values stay as they are."""
    if before.pack is None or after.pack is None:
        return
    old, new = (dict(_written(side)) for side in (before, after))
    for name in dict.fromkeys((*new, *old)):
        one, other = (pack.parameters.get(name) for pack in (before.pack, after.pack))
        if one and other and _in_force(one) == _in_force(other):
            changes = _nodes("use", shown(name), old.get(name, _NOTHING), new.get(name, _NOTHING), {})
            yield from (replace(each, level="patch") for each in changes)


def _written(side: Side) -> Iterator[tuple[str, PlainTree]]:
    """The values that a policy sets for its packs, as it writes them."""
    for part, used in side.document.get("use", {}).items():
        for name, entry in used.get("parameters", {}).items():
            yield of_part(part, name), entry.get("value", entry.get("values"))


def _in_force(declared: ir.ParameterDeclaration) -> Any:
    kind = declared.type
    return export_dated(declared.dated, kind) if declared.dated else export_parameter(declared.value, kind)


def _unit(declared: ir.ParameterDeclaration) -> str:
    kind = innermost(declared.type)
    return unit_of(kind).of_many if is_numeric(kind) else ""


def _nodes(section: str, name: str, old: Any, new: Any, document: Mapping[str, Any]) -> Iterator[Change]:
    if isinstance(old, dict) and isinstance(new, dict):
        for key in dict.fromkeys((*new, *old)):
            below = f"{name}.{key}" if name else key
            yield from _nodes(section, below, old.get(key, _NOTHING), new.get(key, _NOTHING), document)
        return
    if old is _NOTHING or old is None:
        yield Change(section=section, name=_short(section, name), kind="added", after=new)
    elif new is _NOTHING or new is None:
        yield Change(section=section, name=_short(section, name), kind="removed", before=old)
    elif old != new or type(old) is not type(new):
        if _is_number(old) and _is_number(new) and old == new:
            return
        why, unit = _prose(document, name) if section == "parameters" else ("", "")
        short = _short(section, name)
        yield Change(section=section, name=short, kind="changed", before=old, after=new, why=why, unit=unit)


_NOTHING: Any = object()


def _short(section: str, name: str) -> str:
    """A path without the words that say nothing: `ladder.rows.wide.swing` is `ladder.wide.swing`."""
    parts = name.split(".")
    if section == "parameters" and parts[1:2] in (["value"], ["values"]):
        del parts[1]
    if section in ("tables", "definitions") and parts[1:2] in (["rows"], ["values"], ["fields"]):
        del parts[1]
    return ".".join(parts)


def _prose(document: Mapping[str, Any], name: str) -> tuple[str, str]:
    """The `why` and the unit of the parameter that a path leads into, where it leads to a value."""
    first, *rest = name.split(".")
    declared = document.get("parameters", {}).get(first)
    if not isinstance(declared, dict) or rest[:1] not in (["value"], ["values"]):
        return "", ""
    return str(declared.get("why", "")), str(declared.get("unit", ""))


def _states(before: Side, after: Side) -> Iterator[Change]:
    old, new = (_kept(side) for side in (before, after))
    for name in sorted(old.keys() | new.keys()):
        if old.get(name) != new.get(name):
            kind: Kind = "changed" if name in old and name in new else "added" if name in new else "removed"
            yield Change(section="state", name=name, kind=kind, before=old.get(name), after=new.get(name))


def _kept(side: Side) -> dict[str, str]:
    contract = contract_of(side.pack) if side.pack else {}
    return {_slot(name): kept for name, kept in contract.items() if name.startswith("state.")}


def _slot(name: str) -> str:
    _, _, slot = name.partition(".")
    name, _, kind = slot.rpartition(".")
    return f"previous({name})" if kind == "previous" else name


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


__all__ = ["LEVELS", "MEANINGS", "SECTIONS", "Change", "Comparison", "Kind", "Level", "Side", "compare"]
