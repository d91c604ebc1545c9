"""What the C loader refuses, and characters that YAML readers take differently, as findings of ours."""

from __future__ import annotations

import re

import yaml

from ..engine.diagnostics import Diagnostic, Related
from ..engine.source import Source, Span

TAG = re.compile(r"!<[^>\n]*>|![^\s,\[\]{}]*")
_NOT_YAML = re.compile(r"\A\ufeff|[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_CONFLICT = re.compile(r"^<{7}(?: .*)?\r?$(?=[\s\S]*^={7}\r?$[\s\S]*^>{7})", re.MULTILINE)
_READ_DIFFERENTLY = "\x85\u2028\u2029\ufeff"

_QUOTE = "quote text that holds `, [ ] { } #` or `: `"
_INDENT = "indent the keys of a mapping, and the items of a list, alike"
_TAB = ("a tab cannot indent", "indent with spaces")
_PROBLEMS: dict[str, tuple[str, str]] = {
    "mapping values are not allowed in this context": ("`:` cannot stand here", f"{_QUOTE}, and {_INDENT}"),
    "block sequence entries are not allowed in this context": (
        "`-` cannot stand here",
        "begin the list on its own line",
    ),
    "could not find expected ':'": ("`:` is missing after this key", "write `key: value`, and close what was quoted"),
    "did not find expected key": ("a key is expected here", f"{_INDENT}, and quote a text as a whole"),
    "did not find expected '-' indicator": ("a list goes on here without `-`", _INDENT),
    "did not find expected ',' or '}'": ("`,` or `}` is expected here", _QUOTE),
    "did not find expected ',' or ']'": ("`,` or `]` is expected here", _QUOTE),
    "did not find expected node content": ("a value is expected here", _QUOTE),
    "did not find expected <document start>": ("this does not belong to what stands before it", _INDENT),
    "did not find expected comment or line break": (
        "a block of text begins on the line after its `>` or `|`",
        "quote text that begins with `>` or `|`",
    ),
    "did not find expected alphabetic or numeric character": (
        "a name is expected after `*` or `&`",
        "quote text that begins with `*` or `&`",
    ),
    "found unexpected end of stream": ("the file ends inside of quotes", "close the quotes"),
    "found unexpected document indicator": ("the document ends inside of quotes", "close the quotes"),
    "found unknown escape character": (
        "this escape is not known",
        "write `\\\\` for a backslash, or use single quotes",
    ),
    "found invalid Unicode character escape code": ("this escape is no character", "write the character itself"),
    "found incompatible YAML document": ("this version of YAML is not read", "write `%YAML 1.2`, or remove the line"),
    "found a tab character that violates indentation": _TAB,
    "found a tab character where an indentation space is expected": _TAB,
}


def offset(mark: object) -> int:
    """The place of one of the C loader's marks, in characters."""
    index = getattr(mark, "index", 0)
    return index if isinstance(index, int) else 0


def shown(text: str) -> str:
    """A text as it fits into one line of a message."""
    line = " ".join(text.split())
    return line if len(line) <= 60 else f"{line[:59]}…"


def forbidden_character(source: Source) -> Diagnostic | None:
    """The first character that no YAML file may hold."""
    found = _NOT_YAML.search(source.text)
    if found is None:
        return None
    problem = f"the character U+{ord(found.group()):04X} cannot stand in a YAML file"
    return Diagnostic.of("FB102", Span(source, *found.span()), problem=problem, help="remove it")


def merge_conflict(source: Source) -> Diagnostic | None:
    """The first place where a merge left both sides."""
    found = _CONFLICT.search(source.text) if "<<<<<<<" in source.text else None
    if found is None:
        return None
    advice = "keep what is right of both sides, and remove the lines `<<<<<<<`, `=======` and `>>>>>>>`"
    return Diagnostic.of("FB102", Span(source, *found.span()), problem="a merge conflict was left here", help=advice)


def ambiguous_characters(source: Source) -> list[Diagnostic]:
    """The first of each character that some readers take for a line break, or skip, and others keep."""
    advice = "remove it, or write it as an escape in double quotes"
    places = ((character, source.text.find(character)) for character in _READ_DIFFERENTLY)
    return [
        Diagnostic.of("FB108", Span(source, start, start + 1), text=f"U+{ord(character):04X}", help=advice)
        for character, start in places
        if start >= 0
    ]


def syntax_error(source: Source, error: yaml.MarkedYAMLError) -> Diagnostic:
    """The C loader's error, where it stands, with the place where the unfinished thing began."""
    problem = error.problem or "this is not YAML"
    start = min(offset(error.problem_mark), len(source.text))
    span = Span(source, start, min(start + 1, len(source.text)))
    if problem == "found undefined tag handle":
        found = TAG.search(source.text, start)
        return Diagnostic.of("FB104", span, tag=shown(found.group() if found else "!"))
    sentence, advice = _explain(problem, f"{error.context} {problem}", span.text)
    return Diagnostic.of("FB102", span, problem=sentence, help=advice, related=_begin(source, error, start))


def _begin(source: Source, error: yaml.MarkedYAMLError, end: int) -> tuple[Related, ...]:
    begin = offset(error.context_mark)
    if error.context is None or error.context_mark is None or begin >= end:
        return ()
    what = error.context.removeprefix("while ").removeprefix("parsing ").removeprefix("scanning ")
    return (Related(Span(source, begin, begin + 1), f"{what} begins here"),)


def _explain(problem: str, situation: str, character: str) -> tuple[str, str]:
    """A sentence and advice; what is not in the table comes up too rarely for words of its own."""
    if problem == "found character that cannot start any token":
        return _TAB if character == "\t" else (f"`{character}` cannot begin a value", "quote it")
    if known := _PROBLEMS.get(problem):
        return known
    advice = "remove the line that begins with `%`" if re.search("directive|%", situation) else _QUOTE
    return problem.replace("stream", "file").replace("'", "`"), advice
