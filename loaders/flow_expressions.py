"""Expressions that YAML cut at a comma or a bracket inside of `{}`: quoted, they are whole again."""

from __future__ import annotations

import re

_KEY = re.compile(r"\s*[A-Za-z_][A-Za-z0-9_.]*\s*:(?=\s)\s*")
_NEEDS_QUOTES = re.compile(r"[,\[\]{}]|\s#|:\s")
_LINE = re.compile(r"^(?P<head>\s*(?:- +)?(?:[^\s#'\"{\[][^'\"{\[]*?:\s+)?)(?P<flow>\{.*)$", re.MULTILINE)
_OPEN = {"(": ")", "[": "]", "{": "}"}


def quoted(text: str) -> str | None:
    """The text with such expressions in quotes; nothing where there are none."""
    mended = _LINE.sub(lambda found: found["head"] + _Flow(found["flow"]).mended(), text)
    return mended if mended != text else None


class _CannotReadError(Exception):
    """The line holds something else than a mapping in braces."""


class _Flow:
    """One line's `{…}`: keys, and values that end where a comma or brace stands outside of all brackets."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.place = 0

    def mended(self) -> str:
        try:
            return self._mapping() + self.text[self.place :]
        except (_CannotReadError, IndexError):
            return self.text

    def _mapping(self) -> str:
        parts = [self._take("{")]
        while self.text[self.place] != "}":
            key = _KEY.match(self.text, self.place)
            if not key:
                raise _CannotReadError
            self.place = key.end()
            parts.append(key.group() + self._value())
            if self.text[self.place] == ",":
                parts.append(self._take(","))
        return "".join([*parts, self._take("}")])

    def _value(self) -> str:
        start, first = self.place, self.text[self.place]
        if first == "{" and _KEY.match(self.text, self.place + 1):
            return self._mapping()
        if first in "\"'":
            self.place = self._closing_quote(start)
            return self.text[start : self.place]
        if first in "[{":
            return self._brackets()
        end = self._end(start)
        self.place = end
        written = self.text[start:end]
        value = written.rstrip()
        return _in_quotes(value) + written[len(value) :] if _NEEDS_QUOTES.search(value) else written

    def _brackets(self) -> str:
        """A list or mapping, unless an expression goes on behind it."""
        start = self.place
        self.place = self._end(start)
        return self.text[start : self.place]

    def _end(self, start: int) -> int:
        """Where a plain value ends."""
        place, expected = start, ""
        while True:
            character = self.text[place]
            if not expected and character in ",}":
                return place
            if character in _OPEN:
                expected += _OPEN[character]
            elif expected and character == expected[-1]:
                expected = expected[:-1]
            elif character in ")]}":
                raise _CannotReadError
            place += 1

    def _closing_quote(self, start: int) -> int:
        quote, place = self.text[start], start + 1
        while self.text[place] != quote:
            place += 2 if self.text[place] == "\\" and quote == '"' else 1
        return place + 1

    def _take(self, character: str) -> str:
        if self.text[self.place] != character:
            raise _CannotReadError
        self.place += 1
        return character


def _in_quotes(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"' if "'" in value or '"' not in value else f"'{value}'"


__all__ = ["quoted"]
