"""What checking makes of a file: a vocabulary, or a pack and its examples. It imports little."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from . import ir
from .examples import Example
from .types import Enum, Record


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Shared types under a name and version; it holds no rules."""

    name: str
    version: str
    types: Mapping[str, Enum | Record]
    roles: Mapping[str, ir.Emits] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CheckedPack:
    """A pack that may run, and the examples that say what it should do."""

    pack: ir.Pack
    examples: tuple[Example, ...]
