"""Packs and vocabularies from files: where they are looked up, and what is wrong with them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
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
from .loaded import LoadedPack
from .lookup import REFERENCE, SHIPPED, NotFoundError, find, hash_of, newest, read_bytes, rule_folders, withdrawn

_LENIENT = ("FB201", "FB207")  # an unknown key is reported and passed over, so that the rest is checked as well


def load(path: Path, rules: str | None = None) -> LoadedPack:
    """Read and check a pack or a vocabulary.

    Raises OSError where the file cannot be read.
    """
    return load_bytes(read_bytes(path), str(path), rules)


def load_bytes(
    data: bytes, name: str, rules: str | None = None, *, zone: Zone | None = None, linked: bool = False
) -> LoadedPack:
    """`zone` is that of the calendar days of a pack that names none; a policy is read where `linked`."""
    source, findings = yaml_tree.decode(data, name)
    document: Document | None = None
    if source is not None:
        document, more = yaml_tree.parse(source)
        findings += more
    if not isinstance(document, MappingNode) or has_errors(findings):
        if document is not None and not isinstance(document, MappingNode):
            findings.append(Diagnostic.of("FB203", document.span, expected="a mapping", found="a list or a text"))
        return LoadedPack(name, None, None, tuple(findings))
    kind: pack_schema.Kind = "vocabulary" if document.get("vocabulary") else "pack"
    if linked and document.get("policy"):
        kind = "policy"
    findings += pack_schema.check(document, kind)
    if any(finding.severity == "error" and finding.code not in _LENIENT for finding in findings):
        return LoadedPack(name, None, None, tuple(findings))
    return _checked(name, kind, document, findings, rules, zone)


def _checked(
    name: str,
    kind: pack_schema.Kind,
    document: MappingNode,
    findings: list[Diagnostic],
    rules: str | None,
    zone: Zone | None,
) -> LoadedPack:
    if kind == "vocabulary":
        vocabulary, more = check_vocabulary(document)
        findings += more
        return LoadedPack(name, None, None if has_errors(findings) else vocabulary, tuple(findings), plain(document))
    imports: dict[str, str] = {}
    named, more = _zone(document)
    findings += more
    zone = named or zone
    used = _used(document, rules, imports, zone)
    findings += _withdrawn(document, rules)
    checked, more = check_pack(document, _vocabularies(document, rules, imports), zone, used)
    findings += more
    if checked is not None:
        in_force, more = effective(checked.pack, [])
        findings += [*more, *check_tables(checked.pack, in_force.values)]
    findings.sort(key=Diagnostic.sort_key)
    return LoadedPack(name, None if has_errors(findings) else checked, None, tuple(findings), plain(document), imports)


def _used(
    document: MappingNode, rules: str | None, hashes: dict[str, str], zone: Zone | None
) -> Mapping[str, UsedPack]:
    """What the entries of `use` resolve to; one that cannot be found is left out, and reported by the checker."""
    node = document.get("use")
    found = {}
    loaded: dict[str, LoadedPack] = {}
    for name, entry in node if isinstance(node, MappingNode) else ():
        written = entry.get("pack") if isinstance(entry, MappingNode) else None
        reference = written.text if isinstance(written, Scalar) else ""
        if reference not in loaded:
            try:
                path = find(reference, rules) if REFERENCE.fullmatch(reference) else None
                data = read_bytes(path) if path else b""
            except (NotFoundError, OSError):
                continue
            loaded[reference] = load_bytes(data, str(path), rules, zone=zone)
            hashes.update({reference: hash_of(data), **loaded[reference].imports})
        found[name] = _used_pack(reference, loaded[reference])
    return found


def _used_pack(reference: str, loaded: LoadedPack) -> UsedPack:
    if loaded.checked is None:
        return UsedPack(reference, None)
    return UsedPack(reference, loaded.checked.pack, digest(loaded.document))


def _withdrawn(document: MappingNode, rules: str | None) -> Iterator[Diagnostic]:
    """What is imported or used although its version must not be used any more."""
    imports, used = document.get("import"), document.get("use")
    nodes = list(imports.items) if isinstance(imports, Sequence) else []
    entries = [entry for _, entry in used] if isinstance(used, MappingNode) else []
    nodes += (each for entry in entries if isinstance(entry, MappingNode) and (each := entry.get("pack")))
    for node in nodes:
        if isinstance(node, Scalar) and REFERENCE.fullmatch(node.text):
            with suppress(NotFoundError):  # which the checker reports
                path = find(node.text, rules)
                if why := withdrawn(path.parent).get(path.stem):
                    yield Diagnostic.of("FB606", node.span, reference=f"{path.parent.name}@{path.stem}", why=why)


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


def _vocabularies(document: MappingNode, rules: str | None, hashes: dict[str, str]) -> Mapping[str, Vocabulary]:
    """What the imports resolve to; one that cannot be found or read is left out, and reported by the checker."""
    node = document.get("import")
    names = [item.text for item in node.items if isinstance(item, Scalar)] if isinstance(node, Sequence) else []
    found = {}
    for name in names:
        try:
            path = find(name, rules) if REFERENCE.fullmatch(name) else None
            data = read_bytes(path) if path else b""
        except (NotFoundError, OSError):
            continue
        vocabulary = load_bytes(data, str(path), rules).vocabulary
        if vocabulary is not None:
            found[name] = vocabulary
            hashes[name] = hash_of(data)
    return found


__all__ = [
    "SHIPPED", "LoadedPack", "NotFoundError", "find", "load", "load_bytes", "newest", "read_bytes", "rule_folders",
]  # fmt: skip
