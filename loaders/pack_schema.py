"""Whether a pack or vocabulary has the shape that `schemas/` describes, said in the words of the pack."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from collections.abc import Mapping as ReadOnly
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from ..engine.diagnostics import Diagnostic, did_you_mean
from ..engine.document import Document, Mapping, Scalar, Sequence, plain
from ..engine.source import Span

if TYPE_CHECKING:
    from jsonschema import ValidationError
    from jsonschema.protocols import Validator

__all__ = ["Kind", "check"]

Kind = Literal["pack", "vocabulary", "policy", "lock", "scenarios"]

SCHEMAS = Path(__file__).resolve().parent.parent / "schemas"

# Keys of the language that this engine version does not run yet, by the title that the schema gives their place.
LATER: ReadOnly[str, frozenset[str]] = {
    "an input": frozenset({"deprecated", "was"}),
    "an output": frozenset({"max_length", "deprecated", "was"}),
}

_MOST_LISTED = 10
_LONGEST_QUOTE = 40


def check(document: Document, kind: Kind) -> list[Diagnostic]:
    """Every finding about the shape of a file, in the order of the file."""
    errors = _validator(kind).iter_errors(plain(document))
    findings = (finding for error in errors for finding in _findings(_Breach.of(error, document)))
    return sorted(dict.fromkeys(findings), key=Diagnostic.sort_key)


@cache
def _schema(file: str) -> dict[str, Any]:
    """A schema, every reference in it with the name of the file that it leads to."""
    text = (SCHEMAS / file).read_text(encoding="utf-8")
    schema: dict[str, Any] = json.loads(text, object_hook=partial(_named, file))
    return schema


def _named(file: str, part: dict[str, Any]) -> dict[str, Any]:
    reference = part.get("$ref")
    return {**part, "$ref": file + reference} if isinstance(reference, str) and reference.startswith("#") else part


@cache
def _validator(kind: Kind) -> Validator:
    # This takes longer to import than all the rest, and whoever reads no pack is not to wait for them.
    from jsonschema import Draft202012Validator, ValidationError, validators  # noqa: PLC0415

    def pattern(_: object, wanted: str, instance: object, __: object) -> Iterator[ValidationError]:
        # `$` of a Python pattern would let a final line break pass.
        if isinstance(instance, str) and not re.fullmatch(wanted, instance):
            yield ValidationError(f"{instance!r} does not match {wanted!r}")

    # jsonschema looks a reference up anew for each value, which took most of the time of reading a large pack.
    @cache
    def target(reference: str) -> Validator:
        return full_match(_referenced(reference))  # type: ignore[no-any-return]  # stubs

    def reference(_: object, wanted: str, instance: Any, __: object) -> Iterator[ValidationError]:
        return target(wanted).iter_errors(instance)

    keywords = {"pattern": pattern, "$ref": reference}
    full_match = validators.extend(Draft202012Validator, keywords)  # type: ignore[no-untyped-call]  # stubs
    return target(f"{kind}.schema.json#")


def _referenced(reference: str) -> dict[str, Any]:
    """The part of a schema that a reference such as `pack.schema.json#/$defs/rule` leads to."""
    name, _, pointer = reference.partition("#")
    part = _schema(name)
    for step in pointer.split("/")[1:]:
        part = part[step]
    return part


@dataclass(frozen=True, slots=True)
class _Place:
    """A node of the document and, within a mapping, the key that it stands under."""

    node: Document
    key: Scalar | None = None

    @property
    def keys(self) -> list[Scalar]:
        return [key for key, _ in self.node.entries] if isinstance(self.node, Mapping) else []

    @property
    def anchor(self) -> Span:
        """Where to point when something is missing here."""
        if self.key is not None:
            return self.key.span
        return self.keys[0].span if self.keys else self.node.span

    @property
    def quoted(self) -> str:
        """What stands here, short enough for a message."""
        match self.node:
            case Scalar(text=text):
                return text if len(text) <= _LONGEST_QUOTE else f"{text[:_LONGEST_QUOTE]}…"
            case Sequence():
                return "[…]"
            case Mapping():
                return "{…}"

    @property
    def found(self) -> str:
        match self.node:
            case Sequence():
                return "a list"
            case Mapping():
                return "a mapping"
            case Scalar(value=None):
                return "nothing"
            case Scalar(value=str()):
                return "text"
            case Scalar():
                return f"`{self.quoted}`"


def _place(document: Document, path: Iterable[str | int]) -> _Place:
    place = _Place(document)
    for step in path:
        match place.node:
            case Mapping() as mapping:
                place = _Place(mapping.get(str(step)) or mapping, mapping.key(str(step)))
            case Sequence(items=items):
                place = _Place(items[int(step)])
    return place


@dataclass(frozen=True, slots=True)
class _Breach:
    """What breaks which keyword of which part of the schema. `wanted` is what the keyword asks for."""

    keyword: str
    wanted: Any
    schema: ReadOnly[str, Any]
    value: Any
    place: _Place
    is_name: bool

    @classmethod
    def of(cls, error: ValidationError, document: Document) -> _Breach:
        return cls(
            keyword=str(error.validator),
            wanted=error.validator_value,
            schema=error.schema if isinstance(error.schema, dict) else {},
            value=error.instance,
            place=_place(document, error.absolute_path),
            is_name="propertyNames" in list(error.absolute_schema_path)[-2:-1],
        )

    @property
    def description(self) -> str | None:
        """What the schema says of the place, in the form of advice."""
        text = self.schema.get("description")
        return text[0].lower() + text[1:] if text else None


def _findings(breach: _Breach) -> Iterator[Diagnostic]:
    if breach.is_name:
        yield _refused_key(breach)
    else:
        yield from _READERS.get(breach.keyword, _refused_value)(breach)


def _unknown_keys(breach: _Breach) -> Iterator[Diagnostic]:
    known = breach.schema.get("properties", {})
    patterns = breach.schema.get("patternProperties", {})
    later = LATER.get(breach.schema.get("title", ""), frozenset())
    for key in breach.place.keys:
        if key.text in known or any(re.search(pattern, key.text) for pattern in patterns):
            continue
        if key.text in later:
            yield Diagnostic.of("FB207", key.span, key=key.text)
        else:
            near = did_you_mean(key.text, known) or _respelled(key.text, patterns) or _listed(known, not patterns)
            advice = _of_a_policy(breach, key.text) or near
            yield Diagnostic.of("FB201", key.span, key=key.text, help=advice)


def _of_a_policy(breach: _Breach, key: str) -> str | None:
    if breach.schema.get("title") != "a pack" or key not in _schema("policy.schema.json")["properties"]:
        return None
    return "only a policy has it: a file that uses packs begins with `policy:` in place of `pack:`"


def _refused_key(breach: _Breach) -> Diagnostic:
    """A key that breaks the rules for names, or that does not go with its neighbours."""
    span = next((key.span for key in breach.place.keys if key.text == breach.value), breach.place.anchor)
    advice = _respelled(breach.value, [breach.wanted]) if breach.keyword == "pattern" else None
    return Diagnostic.of("FB204", span, value=breach.value, help=advice or breach.description)


def _missing_keys(breach: _Breach) -> Iterator[Diagnostic]:
    present = [key.text for key in breach.place.keys]
    for name in breach.wanted:
        # A misspelt key is one finding, not an unknown and a missing one; so is a policy given as a pack.
        misspelt = get_close_matches(name, present) or (name == "pack" and "policy" in present)
        if name not in present and not misspelt:
            yield Diagnostic.of("FB202", breach.place.anchor, key=name)


def _wrong_kind(breach: _Breach) -> Iterator[Diagnostic]:
    place = breach.place
    expected = breach.schema.get("title", "something else")
    advice = "quote it" if _would_do_as_text(place.node, breach.schema) else None
    if expected == "an expression" and not isinstance(place.node, Scalar):
        advice = "quote an expression that starts with `[` or `{`"
    if expected == "a cell":
        advice = "quote a range such as `[a..b)`; alternatives are written `A | B`"
        advice = "write `missing` for what is absent" if isinstance(place.node, Scalar) else advice
    yield Diagnostic.of("FB203", place.node.span, expected=expected, found=place.found, help=advice)


def _would_do_as_text(node: Document, schema: ReadOnly[str, Any]) -> bool:
    if "string" not in schema.get("type", ()) or "anyOf" in schema:
        return False
    if not isinstance(node, Scalar) or node.value is None:
        return False
    return re.fullmatch(schema.get("pattern", ".*"), node.text) is not None


def _refused_value(breach: _Breach) -> Iterator[Diagnostic]:
    if not isinstance(breach.value, str):
        yield from _wrong_kind(breach)
        return
    patterns = [breach.wanted] if breach.keyword == "pattern" else []
    near = did_you_mean(breach.value, _choices(breach.schema)) or _respelled(breach.value, patterns)
    place = breach.place
    yield Diagnostic.of("FB204", place.node.span, value=place.quoted, help=near or breach.description)


def _language(breach: _Breach) -> Iterator[Diagnostic]:
    if isinstance(breach.value, int) and not isinstance(breach.value, bool):
        yield Diagnostic.of("FB206", breach.place.node.span, known=breach.wanted, found=breach.value)
    else:
        yield from _wrong_kind(breach)


def _not_run_yet(breach: _Breach) -> Iterator[Diagnostic]:
    """`not` marks, outside of names, the forms of the language that come later."""
    place = breach.place
    key = f"{place.key.text}: {place.quoted}" if place.key else place.quoted
    yield Diagnostic.of("FB207", place.node.span, key=key)


def _too_few(breach: _Breach) -> Iterator[Diagnostic]:
    yield _wrong_count("at least", breach)


def _too_many(breach: _Breach) -> Iterator[Diagnostic]:
    yield _wrong_count("at most", breach)


def _wrong_count(bound: str, breach: _Breach) -> Diagnostic:
    if breach.schema.get("minItems") == breach.schema.get("maxItems") and isinstance(breach.value, list):
        bound = "exactly"
    noun = ("entry", "entries") if isinstance(breach.value, dict) else ("item", "items")
    problem = f"{bound} {breach.wanted} {noun[breach.wanted != 1]} must stand here, not {len(breach.value)}"
    return Diagnostic.of("FB205", breach.place.node.span, problem=problem)


def _too_small(breach: _Breach) -> Iterator[Diagnostic]:
    place = breach.place
    yield Diagnostic.of("FB204", place.node.span, value=place.quoted, help=f"at least {breach.wanted}")


def _empty_text(breach: _Breach) -> Iterator[Diagnostic]:
    problem = "an empty text stands here"
    yield Diagnostic.of("FB205", breach.place.node.span, problem=problem, help="write it, or remove the key")


def _repeated(breach: _Breach) -> Iterator[Diagnostic]:
    seen: list[Document] = []
    for item in breach.place.node if isinstance(breach.place.node, Sequence) else ():
        if item in seen:
            problem = f"`{_Place(item).quoted}` is listed twice"
            yield Diagnostic.of("FB205", item.span, problem=problem, help="remove one of the two")
        seen.append(item)


_READERS: ReadOnly[str, Callable[[_Breach], Iterator[Diagnostic]]] = {
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


def _choices(schema: ReadOnly[str, Any]) -> list[str]:
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
