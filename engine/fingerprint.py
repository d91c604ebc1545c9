"""Documents as their fingerprints: free JSON of which nothing is known but whether two are the same.

A fingerprint is the SHA-256 of the RFC 8785 form of what is left when ignored paths are taken out and unordered lists
are sorted. Paths are steps joined by dots: a key, `*` any key, `[*]` any item of a list, `**` any number of steps.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cache
from json.encoder import encode_basestring
from typing import Any, NoReturn

from .canonical import canonical_text
from .types import MAX_INTEGER, Document

_MAX_DEPTH = 64
_STEP = re.compile(r"\[\*\]|[^.\[\]]+")
_ITEM, _ANY_KEY, _ANY = "[*]", "*", "**"
_NAMELESS = ""  # no pattern has such a step
Steps = tuple[str, ...]
Patterns = frozenset[Steps]


class NoDocument(Exception):  # noqa: N818  the snapshot is at fault
    """What keeps a value from having a fingerprint, and where in it."""

    def __init__(self, path: tuple[object, ...], code: str, value: object = None, **values: str) -> None:
        super().__init__(code)
        self.path, self.code, self.value, self.values = path, code, value, values

    def inside(self, step: object) -> NoDocument:
        """The same, seen from around it; what is too large is so as a whole."""
        self.path = self.path if self.code == "FB717" else (step, *self.path)
        return self


def fingerprint(kind: Document, given: object) -> str:
    """Raises NoDocument for what no JSON holds, and for what is too large."""
    walk = _Walk(kind.max_bytes)
    written = walk.written(given, _paths(_parsed(kind.ignore), _parsed(kind.unordered)), 0).encode()
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

    def written(self, given: Any, paths: _Paths, depth: int) -> str:
        self._spend(1)
        if depth > _MAX_DEPTH:
            raise NoDocument((), "FB717", limit=f"{_MAX_DEPTH} levels")
        kind = type(given)
        if kind is str:
            return self._text(given)
        if kind is dict:
            return self._object(given, paths, depth + 1)
        if kind is list:
            return self._list(given, paths, depth + 1)
        return self._scalar(given, kind)

    def _list(self, given: list[Any], paths: _Paths, depth: int) -> str:
        inside, found = paths.behind(None), []
        for i, each in enumerate(() if inside.end else given):
            try:
                found.append(self.written(each, inside, depth))
            except NoDocument as refused:
                raise refused.inside(i) from None
        return f"[{','.join(sorted(found) if paths.sorts else found)}]"

    def _object(self, given: dict[Any, Any], paths: _Paths, depth: int) -> str:
        found = {}
        for key, each in given.items():
            if type(key) is not str:
                raise NoDocument((), "FB703", key, expected="an object whose keys are texts")
            below = paths.behind(key)
            if not below.end:
                try:
                    found[key] = f"{self._text(key)}:{self.written(each, below, depth)}"
                except NoDocument as refused:
                    raise refused.inside(key) from None
        return f"{{{','.join([found[key] for key in _in_order(found)])}}}"

    def _text(self, given: str) -> str:
        self._spend(len(given))
        if not given.isascii() and any("\ud800" <= character <= "\udfff" for character in given):
            raise NoDocument((), "FB711")
        return encode_basestring(given)

    def _scalar(self, given: Any, kind: type) -> str:
        if kind is float:
            if not math.isfinite(given):
                raise NoDocument((), "FB705", given)
        elif kind is int:
            if abs(given) > MAX_INTEGER:
                raise NoDocument((), "FB704", given, range=f"[{-MAX_INTEGER}, {MAX_INTEGER}]")
        elif given is not None and kind is not bool:
            raise NoDocument((), "FB703", given, expected="a JSON value")
        return canonical_text(given)

    def _spend(self, count: int) -> None:
        self.left -= count
        if self.left < 0:
            self.too_large()

    def too_large(self) -> NoReturn:
        raise NoDocument((), "FB717", limit=f"{self.limit} bytes")


def _in_order(keys: Collection[str]) -> list[str]:
    """As RFC 8785 sorts them, by UTF-16."""
    if "".join(keys).isascii():
        return sorted(keys)
    return sorted(keys, key=lambda key: key.encode("utf-16-be"))


class _Paths:
    """What is left of all patterns at some place of a document. Where a step leads to is worked out once."""

    def __init__(self, ignored: Patterns, unordered: Patterns) -> None:
        self.ignored, self.unordered = ignored, unordered
        self.end = _matches(ignored)
        self.sorts = _matches(unordered)
        self._named = {step for steps in ignored | unordered for step in steps} - {_ITEM, _ANY_KEY, _ANY}
        self._behind: dict[str | None, _Paths] = {}

    def behind(self, key: str | None) -> _Paths:
        """What is left behind a key, or behind an item of a list. Keys that no pattern names all lead to one place."""
        step = key if key is None or key in self._named else _NAMELESS
        found = self._behind.get(step)
        if found is None:
            found = self._behind[step] = _paths(_after(self.ignored, step), _after(self.unordered, step))
        return found


@cache
def _paths(ignored: Patterns, unordered: Patterns) -> _Paths:
    return _Paths(ignored, unordered)


@cache
def _parsed(patterns: tuple[str, ...]) -> Patterns:
    return frozenset(tuple(_STEP.findall(pattern)) for pattern in patterns)


def _after(patterns: Patterns, key: str | None) -> Patterns:
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
