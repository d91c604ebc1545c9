"""Documents as their fingerprints: free JSON of which nothing is known but whether two are the same.

A fingerprint is the SHA-256 of the RFC 8785 form of what is left when ignored paths are taken out and unordered lists
are sorted. Paths are steps joined by dots: a key, `*` any key, `[*]` any item of a list, `**` any number of steps.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any, NoReturn

from .canonical import canonical_json
from .types import MAX_INTEGER, Document

_MAX_DEPTH = 64
_STEP = re.compile(r"\[\*\]|[^.\[\]]+")
_ITEM, _ANY_KEY, _ANY = "[*]", "*", "**"
Steps = tuple[str, ...]
Patterns = frozenset[Steps]


class NoDocument(Exception):  # noqa: N818  the snapshot is at fault
    """What keeps a value from having a fingerprint, and where in it."""

    def __init__(self, path: tuple[object, ...], code: str, value: object = None, **values: str) -> None:
        super().__init__(code)
        self.path, self.code, self.value, self.values = path, code, value, values


def fingerprint(kind: Document, given: object) -> str:
    """Raises NoDocument for what no JSON holds, and for what is too large."""
    walk = _Walk(kind.max_bytes)
    written = walk.written(given, _parsed(kind.ignore), _parsed(kind.unordered), ())
    if len(written) > kind.max_bytes:
        walk.too_large()
    return f"sha256:{hashlib.sha256(written).hexdigest()}"


@dataclass
class _Walk:
    """One document under way. `left` is at least as many as the bytes that may still come: it bounds the time."""

    limit: int
    left: int = 0

    def __post_init__(self) -> None:
        self.left = self.limit

    def written(self, given: Any, ignored: Patterns, unordered: Patterns, path: tuple[object, ...]) -> bytes:
        self._spend(1)
        if len(path) > _MAX_DEPTH:
            raise NoDocument((), "FB717", limit=f"{_MAX_DEPTH} levels")
        if type(given) is dict:
            return self._object(given, ignored, unordered, path)
        if type(given) is list:
            inside = _after(ignored, None), _after(unordered, None)
            items = enumerate(() if _matches(inside[0]) else given)
            found = [self.written(each, *inside, (*path, i)) for i, each in items]
            return b"[" + b",".join(sorted(found) if _matches(unordered) else found) + b"]"
        return self._scalar(given, path)

    def _object(self, given: dict[Any, Any], ignored: Patterns, unordered: Patterns, path: tuple[object, ...]) -> bytes:
        found: dict[bytes, bytes] = {}
        for key, each in given.items():
            if type(key) is not str:
                raise NoDocument(path, "FB703", key, expected="an object whose keys are texts")
            below = _after(ignored, key)
            if not _matches(below):
                name = self._scalar(key, (*path, key))
                order = key.encode("utf-16-be")  # by which RFC 8785 sorts
                found[order] = name + b":" + self.written(each, below, _after(unordered, key), (*path, key))
        return b"{" + b",".join(found[order] for order in sorted(found)) + b"}"

    def _scalar(self, given: Any, path: tuple[object, ...]) -> bytes:
        if type(given) is str:
            self._spend(len(given))
            if any("\ud800" <= character <= "\udfff" for character in given):
                raise NoDocument(path, "FB711")
        elif type(given) is int and abs(given) > MAX_INTEGER:
            raise NoDocument(path, "FB704", given, range=f"[{-MAX_INTEGER}, {MAX_INTEGER}]")
        elif type(given) is float and not math.isfinite(given):
            raise NoDocument(path, "FB705", given)
        elif given is not None and type(given) not in (bool, int, float):
            raise NoDocument(path, "FB703", given, expected="a JSON value")
        return canonical_json(given).encode()

    def _spend(self, count: int) -> None:
        self.left -= count
        if self.left < 0:
            self.too_large()

    def too_large(self) -> NoReturn:
        raise NoDocument((), "FB717", limit=f"{self.limit} bytes")


@cache
def _parsed(patterns: tuple[str, ...]) -> Patterns:
    return frozenset(tuple(_STEP.findall(pattern)) for pattern in patterns)


@lru_cache(maxsize=4096)  # keys come from strangers
def _after(patterns: Patterns, key: str | None) -> Patterns:
    """What is left of the patterns behind a key, or behind an item of a list."""
    return frozenset(rest for steps in patterns for rest in _behind(steps, key))


def _behind(steps: Steps, key: str | None) -> Iterator[Steps]:
    if not steps:
        return
    first, rest = steps[0], steps[1:]
    if first == _ANY:
        yield steps
        yield from _behind(rest, key)
    elif first == _ITEM if key is None else first == _ANY_KEY or (first == key and first != _ITEM):
        yield rest


def _matches(patterns: Patterns) -> bool:
    return any(all(step == _ANY for step in steps) for steps in patterns)
