"""What reading a file gave. It imports little: what comes from the cache needs no more."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from ..engine.checked import CheckedPack, Vocabulary
from ..engine.diagnostics import Diagnostic
from ..engine.document import PlainTree
from ..engine.source import Span

Kind = Literal["packs", "vocabularies"]


@dataclass(frozen=True, slots=True)
class Entry:
    """What a reference was found to be, and the place in a lock that says so."""

    version: str
    hash: str
    span: Span | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class LoadedPack:
    """A file that was read: what it holds, if it may run, and everything that was found.

    `imports` gives the hash of the bytes that each entry of `import` and `use` was found to be, and `entries` what a
    lock says of them.
    """

    path: str
    checked: CheckedPack | None
    vocabulary: Vocabulary | None
    findings: tuple[Diagnostic, ...]
    document: PlainTree = None
    imports: Mapping[str, str] = field(default_factory=dict)
    entries: Mapping[tuple[Kind, str], Entry] = field(default_factory=dict)


__all__ = ["Entry", "Kind", "LoadedPack"]
