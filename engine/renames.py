"""Names that changed between two versions while what they name did not."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Shape = Any

_RENAMED = ("parameters", "inputs", "outputs", "definitions", "rules", "tables", "groups", "intents")
_VALUES = ("parameters", "inputs", "outputs", "definitions")  # one flat space of names
_NODES = {"Parameter": "parameters", "Input": "inputs", "Defined": "definitions", "Output": "outputs"}
_WORD = re.compile(r"(?<![\w.])[A-Za-z_]\w*")
_TUNED = frozenset({"value", "values", "why"})  # a parameter may be retuned as well
_LEAST = 2  # keys that must be equal besides, so that a name is taken for another


@dataclass(frozen=True, slots=True)
class Renames:
    """New names by section and old name."""

    names: Mapping[tuple[str, str], str] = field(default_factory=dict)

    @property
    def any(self) -> bool:
        return bool(self.names)

    def old(self, section: str, new: str) -> str:
        return next((old for (part, old), name in self.names.items() if (part, name) == (section, new)), new)

    def new(self, section: str, old: str) -> str:
        return self.names.get((section, old), old)

    def document(self, document: Mapping[str, Any]) -> Mapping[str, Any]:
        """The document of before, with the names of after."""
        return _renamed_document(document, self) if self.names else document


def renames(before: Mapping[str, Any], after: Mapping[str, Any]) -> Renames:
    """A name that is gone and one that is new, of equal content, where no other could be meant."""
    found: dict[tuple[str, str], str] = {}
    for section in _RENAMED:
        old, new = before.get(section) or {}, after.get(section) or {}
        if not isinstance(old, dict) or not isinstance(new, dict):
            continue
        gone = {name: _content(section, each) for name, each in old.items() if name not in new}
        come = {name: _content(section, each) for name, each in new.items() if name not in old}
        for name, content in gone.items():
            alike = [other for other, each in come.items() if each == content]
            others = [other for other, each in gone.items() if each == content]
            if content is not None and len(alike) == 1 and len(others) == 1:
                found[section, name] = alike[0]
    return Renames(found)


def _content(section: str, node: Any) -> Any:
    """What must be equal; nothing where there is too little to tell by."""
    if section == "definitions":
        return node
    if not isinstance(node, dict):
        return None
    content = {key: value for key, value in node.items() if section != "parameters" or key not in _TUNED}
    if section == "parameters" and node.get("why"):
        content["why"] = node["why"]
    return content if len(content) >= _LEAST else None


def _renamed_document(document: Mapping[str, Any], found: Renames) -> dict[str, Any]:
    words = {old: new for (section, old), new in found.names.items()}
    result = {}
    for section, node in document.items():
        part = {found.new(section, key): each for key, each in node.items()} if isinstance(node, dict) else node
        result[section] = _in_words(part, words)
    return result


def _in_words(node: Any, words: Mapping[str, str]) -> Any:
    match node:
        case str():
            return _WORD.sub(lambda word: words.get(word.group(), word.group()), node)
        case dict():
            return {words.get(key, key): _in_words(value, words) for key, value in node.items()}
        case list():
            return [_in_words(each, words) for each in node]
    return node


def renamed(shape: Shape, found: Renames) -> Shape:
    """The shape of before, with the names of after."""
    if not found.names:
        return shape
    words = {old: new for (_, old), new in found.names.items()}
    return _in_shape(shape, words)


def _in_shape(node: Shape, words: Mapping[str, str]) -> Shape:
    """Texts of a shape are names, types and units, and ids of rows, which begin with their table's."""
    match node:
        case str():
            head, dot, rest = node.partition(".")
            return words.get(head, head) + dot + rest
        case dict():
            renamed = {_in_shape(key, words): _in_shape(value, words) for key, value in node.items()}
            return dict(sorted(renamed.items()))
        case list():
            return [_in_shape(each, words) for each in node]
    return node


__all__ = ["Renames", "renamed", "renames"]
