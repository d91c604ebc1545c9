"""Whether a pack or vocabulary has the shape that `schemas/` describes, said in the words of the pack."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from collections.abc import Mapping as ReadOnly
from difflib import get_close_matches
from typing import Literal

from ..engine.diagnostics import Diagnostic, did_you_mean
from ..engine.document import Document, Mapping, Scalar, Sequence
from ..engine.source import Span
from . import json_schema
from .json_schema import Breach, Place, Schema, is_known

__all__ = ["Kind", "check"]

Kind = Literal["pack", "vocabulary", "policy", "lock"]

# Keys of the language that this engine version does not run yet, by the title that the schema gives their place.
LATER: ReadOnly[str, frozenset[str]] = {
    "an input": frozenset({"deprecated", "was"}),
    "an output": frozenset({"max_length", "deprecated", "was"}),
}

_MOST_LISTED = 10
_LONGEST_QUOTE = 40


def check(document: Document, kind: Kind) -> list[Diagnostic]:
    """Every finding about the shape of a file, in the order of the file."""
    found = json_schema.breaches(document, f"{kind}.schema.json")
    findings = (finding for breach in found for finding in _findings(breach))
    return sorted(dict.fromkeys(findings), key=Diagnostic.sort_key)


def _findings(breach: Breach) -> Iterator[Diagnostic]:
    if breach.name:
        yield _refused_key(breach, breach.name)
    else:
        yield from _READERS.get(breach.keyword, _refused_value)(breach)


def _anchor(place: Place) -> Span:
    """Where to point when something is missing."""
    if place.key is not None:
        return place.key.span
    return place.keys[0].span if place.keys else place.node.span


def _quoted(node: Document) -> str:
    """What stands somewhere, short enough for a message."""
    match node:
        case Scalar(text=text):
            return text if len(text) <= _LONGEST_QUOTE else f"{text[:_LONGEST_QUOTE]}…"
        case Sequence():
            return "[…]"
        case Mapping():
            return "{…}"


def _found(node: Document) -> str:
    match node:
        case Sequence():
            return "a list"
        case Mapping():
            return "a mapping"
        case Scalar(value=None):
            return "nothing"
        case Scalar(value=str()):
            return "text"
        case Scalar():
            return f"`{_quoted(node)}`"


def _unknown_keys(breach: Breach) -> Iterator[Diagnostic]:
    known = breach.schema.get("properties", {})
    patterns = breach.schema.get("patternProperties", {})
    later = LATER.get(breach.schema.get("title", ""), frozenset())
    for key in breach.place.keys:
        if is_known(breach.schema, key.text):
            continue
        if key.text in later:
            yield Diagnostic.of("FB207", key.span, key=key.text)
        else:
            near = did_you_mean(key.text, known) or _respelled(key.text, patterns) or _listed(known, not patterns)
            advice = _of_a_policy(breach, key.text) or near
            yield Diagnostic.of("FB201", key.span, key=key.text, help=advice)


def _of_a_policy(breach: Breach, key: str) -> str | None:
    if breach.schema.get("title") != "a pack" or key not in json_schema.read("policy.schema.json")["properties"]:
        return None
    return "only a policy has it: a file that uses packs begins with `policy:` in place of `pack:`"


def _refused_key(breach: Breach, name: Scalar) -> Diagnostic:
    """A key that breaks the rules for names, or that does not go with its neighbours."""
    advice = _respelled(name.text, [breach.wanted]) if breach.keyword == "pattern" else None
    return Diagnostic.of("FB204", name.span, value=name.text, help=advice or breach.description)


def _missing_keys(breach: Breach) -> Iterator[Diagnostic]:
    present = [key.text for key in breach.place.keys]
    for name in breach.wanted:
        # A misspelt key is one finding, not an unknown and a missing one; so is a policy given as a pack.
        misspelt = get_close_matches(name, present) or (name == "pack" and "policy" in present)
        if name not in present and not misspelt:
            yield Diagnostic.of("FB202", _anchor(breach.place), key=name)


def _wrong_kind(breach: Breach) -> Iterator[Diagnostic]:
    expected = breach.schema.get("title", "something else")
    advice = "quote it" if _would_do_as_text(breach.node, breach.schema) else None
    if expected == "an expression" and not isinstance(breach.node, Scalar):
        advice = "quote an expression that starts with `[` or `{`"
    if expected == "a cell":
        advice = "quote a range such as `[a..b)`; alternatives are written `A | B`"
        advice = "write `missing` for what is absent" if isinstance(breach.node, Scalar) else advice
    yield Diagnostic.of("FB203", breach.node.span, expected=expected, found=_found(breach.node), help=advice)


def _would_do_as_text(node: Document, schema: Schema) -> bool:
    if "string" not in schema.get("type", ()) or "anyOf" in schema:
        return False
    if not isinstance(node, Scalar) or node.value is None:
        return False
    return re.fullmatch(schema.get("pattern", ".*"), node.text) is not None


def _refused_value(breach: Breach) -> Iterator[Diagnostic]:
    if not isinstance(breach.value, str):
        yield from _wrong_kind(breach)
        return
    patterns = [breach.wanted] if breach.keyword == "pattern" else []
    near = did_you_mean(breach.value, _choices(breach.schema)) or _respelled(breach.value, patterns)
    yield Diagnostic.of("FB204", breach.node.span, value=_quoted(breach.node), help=near or breach.description)


def _language(breach: Breach) -> Iterator[Diagnostic]:
    if isinstance(breach.value, int) and not isinstance(breach.value, bool):
        yield Diagnostic.of("FB206", breach.node.span, known=breach.wanted, found=breach.value)
    else:
        yield from _wrong_kind(breach)


def _not_run_yet(breach: Breach) -> Iterator[Diagnostic]:
    """`not` marks, outside of names, the forms of the language that come later."""
    key, value = breach.place.key, _quoted(breach.node)
    written = f"{key.text}: {value}" if key else value
    yield Diagnostic.of("FB207", breach.node.span, key=written)


def _too_few(breach: Breach) -> Iterator[Diagnostic]:
    yield _wrong_count("at least", breach)


def _too_many(breach: Breach) -> Iterator[Diagnostic]:
    yield _wrong_count("at most", breach)


def _wrong_count(bound: str, breach: Breach) -> Diagnostic:
    is_list, there = (
        isinstance(breach.node, Sequence),
        len(list(breach.node)) if not isinstance(breach.node, Scalar) else 0,
    )
    if breach.schema.get("minItems") == breach.schema.get("maxItems") and is_list:
        bound = "exactly"
    noun = ("item", "items") if is_list else ("entry", "entries")
    problem = f"{bound} {breach.wanted} {noun[breach.wanted != 1]} must stand here, not {there}"
    return Diagnostic.of("FB205", breach.node.span, problem=problem)


def _too_small(breach: Breach) -> Iterator[Diagnostic]:
    yield Diagnostic.of("FB204", breach.node.span, value=_quoted(breach.node), help=f"at least {breach.wanted}")


def _empty_text(breach: Breach) -> Iterator[Diagnostic]:
    problem = "an empty text stands here"
    yield Diagnostic.of("FB205", breach.node.span, problem=problem, help="write it, or remove the key")


def _repeated(breach: Breach) -> Iterator[Diagnostic]:
    seen: list[Document] = []
    for item in breach.node if isinstance(breach.node, Sequence) else ():
        if item in seen:
            problem = f"`{_quoted(item)}` is listed twice"
            yield Diagnostic.of("FB205", item.span, problem=problem, help="remove one of the two")
        seen.append(item)


_READERS: ReadOnly[str, Callable[[Breach], Iterator[Diagnostic]]] = {
    "additionalProperties": _unknown_keys,
    "required": _missing_keys,
    "type": _wrong_kind,
    "enum": _refused_value,
    "anyOf": _refused_value,
    "pattern": _refused_value,
    "const": _language,
    "not": _not_run_yet,
    "minItems": _too_few,
    "minProperties": _too_few,
    "maxItems": _too_many,
    "minLength": _empty_text,
    "minimum": _too_small,
    "uniqueItems": _repeated,
}


def _choices(schema: Schema) -> list[str]:
    """The fixed texts that a schema admits."""
    return [*schema.get("enum", ()), *(text for part in schema.get("anyOf", ()) for text in _choices(part))]


def _listed(names: Iterable[str], all_known: bool) -> str | None:
    known = list(names)
    few = all_known and len(known) <= _MOST_LISTED
    return f"known are {', '.join(f'`{name}`' for name in known)}" if few else None


def _respelled(name: str, patterns: Iterable[str]) -> str | None:
    """The same words in the spelling that is asked for, where there is one."""
    words = re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+", name)
    joined = "_".join(words)
    spellings = (joined, joined.lower(), "".join(word.capitalize() for word in words), joined.upper())
    fitting = (text for text in spellings for pattern in patterns if re.fullmatch(pattern, text))
    return next((f"did you mean `{text}`?" for text in fitting), None)
