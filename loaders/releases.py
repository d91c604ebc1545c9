"""Which versions are released, and what they were then: `lock.yaml` beside the folders of the packs.

A released file never changes. Its *document* is the hash of its text, comments and layout too, but not of a byte-order
mark or the kind of line break, which git may change. Its *meaning* is that of what the checker made of it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from ..engine.diagnostics import Diagnostic
from ..engine.document import Document, plain
from ..engine.document import Mapping as MappingNode
from ..engine.shapes import called, meaning_hash, vocabulary_hash
from ..engine.source import Source, Span
from . import lookup, yaml_tree
from .loaded import LoadedPack

VERSION = re.compile(r"\d+\.\d+\.\d+")
_HASH = re.compile(r"sha256:[0-9a-f]{64}")
_KEYS = {"document": str, "meaning": str, "language": int, "imports": dict, "functions": dict, "yanked": str}
_HEAD = """\
# The released versions, by `flyball bump --release`. A released file never changes.
# To withdraw a version, add `yanked: why` to it: then it is taken only where it is named in full.
"""


@dataclass(frozen=True, slots=True)
class Release:
    """A version as it was released: `imports` by what each entry of `import` and `use` was found to be."""

    document: str
    meaning: str
    language: int = 1
    imports: Mapping[str, str] = field(default_factory=dict)
    functions: Mapping[str, int] = field(default_factory=dict)
    yanked: str = ""


@dataclass(frozen=True, slots=True)
class Lock:
    """What a `lock.yaml` says, by name and version. `source` is where it was written."""

    path: Path
    releases: Mapping[str, Mapping[str, Release]] = field(default_factory=dict)
    source: Source | None = None

    def get(self, name: str, version: str) -> Release | None:
        return self.releases.get(name, {}).get(version)


def document_hash(data: bytes) -> str:
    return f"sha256:{lookup.hash_of(data.removeprefix(_MARK).replace(_CRLF, _LF))}"


_MARK, _CRLF, _LF = "\ufeff".encode(), b"\r\n", b"\n"


def release_of(loaded: LoadedPack, data: bytes, rules: str) -> Release:
    """What is to be recorded of a file that was loaded without errors."""
    imports = {
        name: lookup.find(name, rules).stem for name in sorted(loaded.imports) if lookup.REFERENCE.fullmatch(name)
    }
    functions = called(loaded.checked.pack) if loaded.checked else {}
    return Release(document_hash(data), _meaning(loaded), 1, imports, functions)


def _meaning(loaded: LoadedPack) -> str:
    if loaded.checked:
        return meaning_hash(loaded.checked.pack)
    assert loaded.vocabulary, "only what was checked has a meaning"
    return vocabulary_hash(loaded.vocabulary.types, loaded.vocabulary.roles)


# Checks


def check_file(path: Path, data: bytes, loaded: LoadedPack, lock: Lock) -> Iterator[Diagnostic]:
    """What is wrong with a file of the folder that the lock is for."""
    document, name, version = _heading(data, path)
    span = document.span if document else None
    written = (_text(document, "pack") or _text(document, "vocabulary"), _text(document, "version"))
    if document is not None and all(written) and written != (name, version):
        yield Diagnostic.of("FB604", span, written="@".join(written), file=f"{name}/{path.name}")
    release = lock.get(name, version)
    if release is None:
        return
    if document_hash(data) != release.document:
        yield Diagnostic.of("FB601", span, name=name, version=version)
    elif (loaded.checked or loaded.vocabulary) and _meaning(loaded) != release.meaning:
        yield Diagnostic.of("FB602", span, name=name, version=version)


def _heading(data: bytes, path: Path) -> tuple[MappingNode | None, str, str]:
    source, _ = yaml_tree.decode(data, str(path))
    found: Document | None = yaml_tree.parse(source)[0] if source else None
    return (found if isinstance(found, MappingNode) else None), path.parent.name, path.stem


def _text(document: MappingNode | None, key: str) -> str:
    node = document.get(key) if document else None
    return str(plain(node)) if node is not None else ""


def version_span(data: bytes, path: Path) -> Span | None:
    """Where a file says its version."""
    document, _, _ = _heading(data, path)
    node = document.get("version") if document else None
    return node.span if node else None


def lock_for(path: Path) -> Path | None:
    """The lock that a version's file stands under."""
    lock = path.resolve().parent.parent / lookup.LOCK
    return lock if VERSION.fullmatch(path.stem) and lock.is_file() else None


def is_released(path: Path, data: bytes) -> bool:
    """Whether a file is a released version, as it was released."""
    place = lock_for(path)
    release = _locks(place, place.stat().st_mtime_ns).get(path.resolve().parent.name, path.stem) if place else None
    return release is not None and release.document == document_hash(data)


@lru_cache(maxsize=1)
def _locks(path: Path, _changed: int) -> Lock:
    """A folder's lock, read once for all packs of it."""
    return read_lock(path)[0]


def gone(lock: Lock, names: frozenset[str]) -> Iterator[Diagnostic]:
    """Releases whose file is not there."""
    for name in sorted(names & lock.releases.keys()):
        for version in lock.releases[name]:
            if not (lock.path.parent / name / f"{version}.yaml").is_file():
                yield Diagnostic.of("FB605", path=str(lock.path), name=name, version=version)


# The file


def read_lock(path: Path) -> tuple[Lock, list[Diagnostic]]:
    """What is released; nothing where there is no file. Raises OSError where it cannot be read."""
    if not path.is_file():
        return Lock(path), []
    source, findings = yaml_tree.decode(lookup.read_bytes(path), str(path))
    document, more = yaml_tree.parse(source) if source else (None, [])
    findings = [*findings, *more]
    releases: dict[str, dict[str, Release]] = {}
    if document is not None and not isinstance(document, MappingNode):
        findings.append(Diagnostic.of("FB607", document.span, problem="no mapping of names"))
    for name, versions in document if isinstance(document, MappingNode) else ():
        if not isinstance(versions, MappingNode):
            findings.append(Diagnostic.of("FB607", versions.span, problem=f"`{name}` has no mapping of versions"))
            continue
        for version, node in versions:
            problem = _problem(version, plain(node))
            if problem:
                findings.append(Diagnostic.of("FB607", node.span, problem=f"`{name}` {version} {problem}"))
            else:
                releases.setdefault(name, {})[version] = Release(**plain(node))  # type: ignore[arg-type]  # as checked
    return Lock(path, releases, source), findings


def _problem(version: str, entry: Any) -> str:
    if not VERSION.fullmatch(version):
        return "is no version such as 1.0.0"
    if not isinstance(entry, dict):
        return "is no mapping"
    for key, value in entry.items():
        if not isinstance(value, _KEYS.get(key, ())):
            return f"has a `{key}` that is not to be read"
    lacking = [key for key in ("document", "meaning") if not _HASH.fullmatch(str(entry.get(key)))]
    return f"has no hash as its `{lacking[0]}`" if lacking else ""


def lock_text(releases: Mapping[str, Mapping[str, Release]]) -> str:
    return _HEAD + "".join(_entry_text(name, releases[name]) for name in sorted(releases))


def _entry_text(name: str, versions: Mapping[str, Release]) -> str:
    lines = [f"\n{name}:"]
    for version in sorted(versions, key=lookup.numbered):
        each = versions[version]
        lines += [f"  {version}:", f"    document: {each.document}", f"    meaning: {each.meaning}"]
        lines += [f"    language: {each.language}"]
        for key, found in (("imports", each.imports), ("functions", each.functions)):
            if found:
                lines.append(f"    {key}: {{{', '.join(f'{name}: {found[name]}' for name in sorted(found))}}}")
        if each.yanked:
            lines.append(f"    yanked: {json.dumps(each.yanked, ensure_ascii=False)}")
    return "\n".join(lines) + "\n"


__all__ = [
    "VERSION", "Lock", "Release", "check_file", "document_hash", "gone", "is_released", "lock_for", "lock_text",
    "read_lock", "release_of", "version_span",
]  # fmt: skip
