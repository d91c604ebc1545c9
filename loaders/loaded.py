"""What reading a file gave. It imports little: what comes from the cache needs no more."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ..engine.checked import CheckedPack, Vocabulary
from ..engine.diagnostics import Diagnostic
from ..engine.document import PlainTree


@dataclass(frozen=True, slots=True)
class LoadedPack:
    """A file that was read: what it holds, if it may run, and everything that was found.

    `imports` gives the hash of the bytes that each entry of `import` was found to be.
    """

    path: str
    checked: CheckedPack | None
    vocabulary: Vocabulary | None
    findings: tuple[Diagnostic, ...]
    document: PlainTree = None
    imports: Mapping[str, str] = field(default_factory=dict)


__all__ = ["LoadedPack"]
