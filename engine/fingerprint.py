"""Documents as their fingerprints: free JSON of which nothing is known but whether two are the same.

A fingerprint is the SHA-256 of the RFC 8785 form of what is left when ignored paths are taken out and unordered lists
are sorted. Paths are steps joined by dots: a key, `*` any key, `[*]` any item of a list, `**` any number of steps.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator
from functools import cache, cached_property
from json.encoder import encode_basestring
from math import isfinite
from typing import Any

from .canonical import canonical_text, number_text
from .types import MAX_INTEGER, Document

_MAX_DEPTH = 64
_STEP = re.compile(r"\[\*\]|[^.\[\]]+")
_ITEM, _ANY_KEY, _ANY = "[*]", "*", "**"
_NAMELESS = ""  # no pattern has such a step
Steps = tuple[str, ...]
Patterns = frozenset[Steps]


class NoDocument(ValueError):  # noqa: N818  the snapshot is at fault
    """What keeps a value from having a fingerprint, and where in it."""

    def __init__(self, path: tuple[object, ...], code: str, value: object = None, **values: str) -> None:
        super().__init__(code)
        self.path, self.code, self.value, self.values = path, code, value, values

    def inside(self, step: object) -> NoDocument:
        """The same, seen from around it; what is too large is so as a whole."""
        self.path = self.path if self.code == "FB717" else (step, *self.path)
        return self


class _TooLong(Exception):  # noqa: N818  the snapshot is at fault
    """More comes than there is room for."""


def fingerprint(kind: Document, given: object) -> str:
    """Raises NoDocument for what no JSON holds, and for what is too large."""
    room = kind.max_bytes
    try:
        written = _written(given, _paths_of(kind.ignore, kind.unordered), room, 0).encode()
        if len(written) <= room:
            return f"sha256:{hashlib.sha256(written).hexdigest()}"
    except _TooLong:
        pass
    raise NoDocument((), "FB717", limit=f"{room} bytes")


def _written(given: Any, paths: _Paths, room: int, depth: int) -> str:
    """`room` is at least as many as the characters that may still come: it bounds the time, also where one object is
    met again and again."""
    kind = type(given)
    if kind is dict:
        return _object(given, paths, room, depth)
    if kind is list:
        return _list(given, paths, room, depth)
    if kind is str:
        return _text(given, room)
    if kind is float and isfinite(given):
        return number_text(given)
    if kind is int and -MAX_INTEGER <= given <= MAX_INTEGER:
        return repr(given)
    return _rare(given, kind)


def _object(given: dict[Any, Any], paths: _Paths, room: int, depth: int) -> str:
    if not paths.spares(given):
        given = paths.kept(given)
    if not given:
        return "{}"
    if depth == _MAX_DEPTH or len(given) > room:
        raise _too_large(depth)
    room -= len(given)
    depth += 1
    found = []
    for key in given if len(given) == 1 else _in_order(given):
        if type(key) is not str:
            raise NoDocument((), "FB703", key, expected="an object whose keys are texts")
        each = given[key]
        kind = type(each)
        if kind is int and -MAX_INTEGER <= each <= MAX_INTEGER:  # here as well, since calls are what costs
            text = repr(each)
        elif kind is str and each.isascii() and len(each) <= room:
            room -= len(each)
            text = encode_basestring(each)
        else:
            write = _object if kind is dict else _written
            below = paths.behind(key) if key in paths.names else paths.unnamed
            try:
                text = write(each, below, room, depth)
            except NoDocument as refused:
                raise refused.inside(key) from None
            room -= len(text)
        found.append(f"{encode_basestring(key)}:{text}")
    text = ",".join(found)
    return f"{{{text if text.isascii() else _beyond_ascii(given, found)}}}"


def _list(given: list[Any], paths: _Paths, room: int, depth: int) -> str:
    inside = paths.item
    if inside.end or not given:
        return "[]"
    if depth == _MAX_DEPTH or len(given) > room:
        raise _too_large(depth)
    room -= len(given)
    depth += 1
    found: list[str] = []
    for each in given:
        try:
            text = _written(each, inside, room, depth)
        except NoDocument as refused:
            raise refused.inside(len(found)) from None
        room -= len(text)
        found.append(text)
    if paths.sorts:
        found.sort()
    return f"[{','.join(found)}]"


def _too_large(depth: int) -> Exception:
    return NoDocument((), "FB717", limit=f"{_MAX_DEPTH} levels") if depth == _MAX_DEPTH else _TooLong()


def _text(given: str, room: int) -> str:
    if len(given) > room:
        raise _TooLong
    if not given.isascii():
        _checked(given)
    return encode_basestring(given)


def _checked(given: str) -> None:
    try:
        given.encode()
    except UnicodeEncodeError:
        raise NoDocument((), "FB711") from None


def _rare(given: Any, kind: type) -> str:
    if kind is float:
        raise NoDocument((), "FB705", given)
    if kind is int:
        raise NoDocument((), "FB704", given, range=f"[{-MAX_INTEGER}, {MAX_INTEGER}]")
    if given is not None and kind is not bool:
        raise NoDocument((), "FB703", given, expected="a JSON value")
    return canonical_text(given)


def _in_order(keys: dict[Any, Any]) -> list[Any]:
    try:
        return sorted(keys)
    except TypeError:  # which says nothing of the key that is no text
        return list(keys)


def _beyond_ascii(given: dict[str, Any], found: list[str]) -> str:
    """The members in the order of RFC 8785, which sorts keys by UTF-16."""
    keys = _in_order(given)
    for key in keys:
        try:
            _checked(key)
        except NoDocument as refused:
            raise refused.inside(key) from None
    members = dict(zip(keys, found, strict=True))
    return ",".join([members[key] for key in sorted(keys, key=lambda key: key.encode("utf-16-be"))])


class _Paths:
    """What is left of all patterns at some place of a document. Where a step leads to is worked out once."""

    def __init__(self, ignored: Patterns, unordered: Patterns) -> None:
        self.ignored, self.unordered = ignored, unordered
        self.end = _matches(ignored)
        self.sorts = _matches(unordered)
        self.names = {name for name, _ in _nearest(ignored | unordered)}
        self._behind: dict[str, _Paths] = {}

    def behind(self, key: str) -> _Paths:
        """Where one of the `names` leads to."""
        found = self._behind.get(key)
        if found is None:
            found = self._behind[key] = self._after(key)
        return found

    @cached_property
    def unnamed(self) -> _Paths:
        """Where all other keys lead to."""
        return self._after(_NAMELESS)

    @cached_property
    def item(self) -> _Paths:
        return self._after(None)

    @cached_property
    def spares(self) -> Callable[[dict[Any, Any]], bool]:
        """Whether none of these keys is ignored."""
        return (lambda given: not given) if self.unnamed.end else self._ends.isdisjoint

    def kept(self, given: dict[Any, Any]) -> dict[Any, Any]:
        """What is not ignored of an object, nor can be: a key that is no text."""
        if self.unnamed.end:
            return {key: each for key, each in given.items() if type(key) is not str}
        ends = self._ends
        return {key: each for key, each in given.items() if key not in ends}

    @cached_property
    def _ends(self) -> frozenset[str]:
        return frozenset(name for name, rest in _nearest(self.ignored) if name != _ITEM and _is_any(rest))

    def _after(self, step: str | None) -> _Paths:
        return _paths(_after(self.ignored, step), _after(self.unordered, step))


@cache
def _paths_of(ignored: tuple[str, ...], unordered: tuple[str, ...]) -> _Paths:
    return _paths(_parsed(ignored), _parsed(unordered))


@cache
def _paths(ignored: Patterns, unordered: Patterns) -> _Paths:
    return _Paths(ignored, unordered)


def _parsed(patterns: tuple[str, ...]) -> Patterns:
    return frozenset(tuple(_STEP.findall(pattern)) for pattern in patterns)


def _nearest(patterns: Patterns) -> Iterator[tuple[str, Steps]]:
    """The first step of each pattern that is not any number of them, and what comes behind it."""
    for steps in patterns:
        for i, step in enumerate(steps):
            if step != _ANY:
                yield step, steps[i + 1 :]
                break


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
    return any(map(_is_any, patterns))


def _is_any(steps: Steps) -> bool:
    return all(step == _ANY for step in steps)
