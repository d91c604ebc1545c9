"""Packs and vocabularies from files: where they are looked up, and what is wrong with them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from ..engine.canonical import digest
from ..engine.check import check_pack, check_vocabulary
from ..engine.check.uses import UsedPack
from ..engine.checked import Vocabulary
from ..engine.diagnostics import Diagnostic, did_you_mean, has_errors
from ..engine.document import Document, Scalar, Sequence, plain
from ..engine.document import Mapping as MappingNode
from ..engine.parameters import effective
from ..engine.tables import check_tables
from ..engine.zones import Zone
from . import pack_schema, yaml_tree
from .loaded import Kind, LoadedPack
from .lock import Lock, read_lock
from .lookup import SHIPPED, NotFoundError, find, lock_bytes, newest, read_bytes, rule_folders, rules_beside, withdrawn
from .references import References
from .scenarios import beside, with_scenarios

_LENIENT = ("FB201", "FB207")  # an unknown key is reported and passed over, so that the rest is checked as well

_Shaped = tuple[MappingNode | None, pack_schema.Kind, tuple[Diagnostic, ...]]


def load(path: Path, rules: str | None = None, *, scenarios: bool = False) -> LoadedPack:
    """Read and check a pack, a vocabulary, or a policy under its lock; its `scenarios` too, which only tests ask for.

    Raises OSError where a file cannot be read.
    """
    lock, files = read_lock(path, lock_bytes(path)), beside(path) if scenarios else ()
    return load_bytes(read_bytes(path), str(path), rules_beside(path, rules), lock=lock, scenarios=files)


def load_bytes(
    data: bytes, name: str, rules: str | None = None, *, lock: Lock | None = None, scenarios: tuple[Path, ...] = ()
) -> LoadedPack:
    """`lock` says what the references of a policy were found to be when it was locked."""
    references = References(rules, lock)
    document, loaded = _read(_shaped(data, name), name, references, None, scenarios)
    findings = references.unlocked(document.get("policy") if document else None)
    if not findings:
        return loaded
    checked = None if has_errors(findings) else loaded.checked
    findings = sorted((*loaded.findings, *findings), key=Diagnostic.sort_key)
    return replace(loaded, checked=checked, findings=tuple(findings))


def _read(
    shaped: _Shaped, name: str, references: References, zone: Zone | None, scenarios: tuple[Path, ...] = ()
) -> tuple[MappingNode | None, LoadedPack]:
    """`zone` is that of the calendar days of a pack that names none."""
    document, kind, shape = shaped
    findings = list(shape)
    if document is None or any(each.severity == "error" and each.code not in _LENIENT for each in findings):
        return document, LoadedPack(name, None, None, shape)
    if not scenarios:
        return document, _checked(name, kind, document, findings, references, zone)
    whole, more = with_scenarios(document, scenarios)
    loaded = _checked(name, kind, whole, findings + more, references, zone)
    return document, replace(loaded, document=plain(document))


def _shaped(data: bytes, name: str) -> _Shaped:
    """A file's mapping, and what is wrong with its text and shape."""
    source, findings = yaml_tree.decode(data, name)
    document: Document | None = None
    if source is not None:
        document, more = yaml_tree.parse(source)
        findings += more
    if not isinstance(document, MappingNode) or has_errors(findings):
        if document is not None and not isinstance(document, MappingNode):
            findings.append(Diagnostic.of("FB203", document.span, expected="a mapping", found="a list or a text"))
        return None, "pack", tuple(findings)
    kind = _kind(document)
    return document, kind, (*findings, *pack_schema.check(document, kind))


_shaped_again = lru_cache(maxsize=16)(_shaped)  # what one pack refers to, others do as well


def _kind(document: MappingNode) -> pack_schema.Kind:
    kinds: tuple[pack_schema.Kind, ...] = ("vocabulary", "policy")
    return next((kind for kind in kinds if document.get(kind)), "pack")


def _checked(
    name: str,
    kind: pack_schema.Kind,
    document: MappingNode,
    findings: list[Diagnostic],
    references: References,
    zone: Zone | None,
) -> LoadedPack:
    if kind == "vocabulary":
        vocabulary, more = check_vocabulary(document)
        findings += more
        types = None if has_errors(findings) else vocabulary
        return LoadedPack(name, None, types, tuple(findings), plain(document))
    named, more = _zone(document)
    findings += more
    zone = named or zone
    used = _used(document, references, zone)
    vocabularies = _vocabularies(document, references)
    findings += _withdrawn(document, references)
    checked, more = check_pack(document, vocabularies, zone, used)
    findings += more
    if checked is not None:
        in_force, more = effective(checked.pack, [])
        findings += [*more, *check_tables(checked.pack, in_force)]
    findings.sort(key=Diagnostic.sort_key)
    fit = None if has_errors(findings) else checked
    found = references.hashes, references.entries
    return LoadedPack(name, fit, None, tuple(findings), plain(document), *found)


def _used(document: MappingNode, references: References, zone: Zone | None) -> Mapping[str, UsedPack]:
    """What the entries of `use` resolve to; one that cannot be found is left out, and reported by the checker."""
    node = document.get("use")
    entries = node.entries if isinstance(node, MappingNode) else ()
    found = {}
    for key, entry in entries:
        written = entry.get("pack") if isinstance(entry, MappingNode) else None
        loaded = _referred("packs", written, references, zone)
        if loaded and isinstance(written, Scalar):
            found[key.text] = _used_pack(written.text, loaded)
    return found


def _used_pack(reference: str, loaded: LoadedPack) -> UsedPack:
    document = loaded.document if isinstance(loaded.document, dict) else {}
    other = next((kind for kind in ("policy", "vocabulary") if kind in document), None)
    if other:
        return UsedPack(reference, None, problem=f"it is a {other}, and `use` takes packs")
    if loaded.checked is None:
        return UsedPack(reference, None, problem=_mistake(loaded), advice=f"see `flyball lint {loaded.path}`")
    return UsedPack(reference, loaded.checked.pack, digest(loaded.document))


def _mistake(loaded: LoadedPack) -> str:
    """The first of what is wrong with a file that another refers to."""
    error = next((each for each in loaded.findings if each.severity == "error"), None)
    return f"{error.span or loaded.path}: {error.message}" if error else "it refers to itself"


def _withdrawn(document: MappingNode, references: References) -> Iterator[Diagnostic]:
    """What is imported or used although its version must not be used any more."""
    imports, used = document.get("import"), document.get("use")
    nodes = list(imports.items) if isinstance(imports, Sequence) else []
    entries = [entry for _, entry in used] if isinstance(used, MappingNode) else []
    nodes += (each for entry in entries if isinstance(entry, MappingNode) and (each := entry.get("pack")))
    for node in nodes:
        path = references.path_of(node.text) if isinstance(node, Scalar) else None
        if path and (why := withdrawn(path.parent).get(path.stem)):
            yield Diagnostic.of("FB606", node.span, reference=f"{path.parent.name}@{path.stem}", why=why)


def _referred(kind: Kind, node: Document | None, references: References, zone: Zone | None = None) -> LoadedPack | None:
    """What a reference leads to, read once; nothing where it leads nowhere."""
    if isinstance(node, Scalar) and (kind, node.text) in references.loaded:
        return references.loaded[kind, node.text]
    found = references.file(kind, node)
    if found is None:
        return None
    reference, path, data = found
    references.loaded[kind, reference] = LoadedPack(str(path), None, None, ())  # until it is read: it may name itself
    _, loaded = _read(_shaped_again(data, str(path)), str(path), references, zone)
    references.keep(kind, reference, path, loaded, digest(loaded.document))
    return loaded


def _zone(document: MappingNode) -> tuple[Zone | None, list[Diagnostic]]:
    """What `timezone` names."""
    node = document.get("timezone")
    if not isinstance(node, Scalar):
        return None, []
    from . import timezones  # noqa: PLC0415  few packs name one

    found = timezones.zone(node.text)
    if found:
        return found, []
    advice = did_you_mean(node.text, timezones.names())
    return None, [Diagnostic.of("FB301", node.span, kind="timezone", name=node.text, help=advice)]


def _vocabularies(document: MappingNode, references: References) -> Mapping[str, Vocabulary | str]:
    """What the imports resolve to, or what is wrong with it; one that is not found is left out."""
    node = document.get("import")
    found: dict[str, Vocabulary | str] = {}
    for item in node.items if isinstance(node, Sequence) else ():
        loaded = _referred("vocabularies", item, references)
        if loaded and isinstance(item, Scalar):
            is_pack = loaded.checked is not None
            found[item.text] = loaded.vocabulary or ("it is no vocabulary" if is_pack else _mistake(loaded))
    return found


__all__ = [
    "SHIPPED", "LoadedPack", "NotFoundError", "find", "load", "load_bytes", "newest", "read_bytes", "rule_folders",
]  # fmt: skip
