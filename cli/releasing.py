"""What lint says of files that stand under a `lock.yaml`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from .common import fail

if TYPE_CHECKING:
    from ..engine.diagnostics import Diagnostic
    from ..loaders.loaded import LoadedPack
    from ..loaders.releases import Lock


def released_findings(paths: Sequence[Path], loaded: Sequence[LoadedPack]) -> Iterator[Diagnostic]:
    """Released files that are not what they were, each finding once."""
    from ..loaders import releases

    locks: dict[Path, Lock] = {}
    for path, each in zip(paths, loaded, strict=True):
        found = releases.lock_for(path)
        if found is None:
            continue
        try:
            if found not in locks:
                locks[found], findings = releases.read_lock(found)
                yield from findings
            yield from releases.check_file(path, path.read_bytes(), each, locks[found])
        except OSError as error:
            fail(f"cannot read {error.filename}: {error.strerror or error}")
