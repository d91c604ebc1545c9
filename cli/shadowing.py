"""Says once of each pack and policy, used ones too, that it is not the one that Flyball ships by its name."""

from __future__ import annotations

import sys
from contextlib import AbstractContextManager
from pathlib import Path

from ..loaders.lookup import telling


def telling_shadowed() -> AbstractContextManager[None]:
    told: set[Path] = set()

    def tell(reference: str, found: Path, hidden: Path) -> None:
        if found not in told:
            told.add(found)
            sys.stderr.write(f"flyball: `{reference}` is {short(found)}, in front of the shipped {hidden}\n")

    return telling(tell)


def short(path: Path) -> Path:
    """As a person here would write it: a path below the working folder is relative to it."""
    here = Path.cwd()
    return path.relative_to(here) if path.is_absolute() and path.is_relative_to(here) else path
