"""Definitions, typed when first asked for, so that they may stand in any order."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from graphlib import CycleError, TopologicalSorter
from typing import cast

from .. import ir
from ..diagnostics import Diagnostic, Related
from ..document import Document, Mapping, Scalar, Sequence
from ..source import Span
from ..types import BOOLEAN, UNKNOWN, Field, Integer, Map, Number, Record, Type, Unknown, Vector, kin
from . import expressions
from .declarations import BY_TEXT, claim, indexed, read_type, section, text_of
from .lookups import read_lookup
from .operators import joined
from .presence import facts
from .scope import NO_FACTS, Scope, Symbol, unknown
from .selections import read_selection
from .state_calls import advance, is_state_call
from .structures import value_of

_NAME = re.compile(r"(?<![\w.])[a-z_]\w*")
_PREVIOUS = re.compile(r"\bprevious\s*\(\s*(?:out\s*\.\s*)?([a-z_]\w*)")
_ROUNDS = 8
_DEEPEST = 50  # definitions typed inside of each other; behind `in_order` only a circle goes so deep


@dataclass
class Definitions:
    """The definitions of a pack while they are being typed; `open` is the chain of those begun and not finished."""

    scope: Scope
    nodes: dict[str, Document]
    typed: dict[str, ir.Expr] = field(default_factory=dict)
    open: list[str] = field(default_factory=list)

    def define(self, name: str, span: Span) -> None:
        """Type a definition, unless it is typed; a circle is reported once, where it closes."""
        if name in self.typed:
            return
        if name in self.open or len(self.open) > _DEEPEST:
            self._circle(name, span)
            self.scope.symbols[name] = Symbol(name, "definition", UNKNOWN)
            return
        self.open.append(name)
        self.typed[name] = self._typed(name, self.nodes[name])
        self.open.pop()

    def in_order(self) -> Iterator[str]:
        """The names, each behind those that its text mentions, so that a long chain is not typed by deep recursion.

        What is left out goes in a circle, or needs one that does.
        """
        sorter = TopologicalSorter({name: self._mentioned(node) for name, node in self.nodes.items()})
        with suppress(CycleError):
            sorter.prepare()
        while ready := sorter.get_ready():
            yield from sorted(ready)
            sorter.done(*ready)

    def learn(self, text: str) -> None:
        """Find out the types of what `previous` reads in a pack of this text, before anything is said of it.

        A definition may so rest on itself, and on those behind it: its type is tried until nothing new is learnt.
        """
        wanted = set(_PREVIOUS.findall(text)) & self.nodes.keys()
        for _ in range(_ROUNDS if wanted else 0):
            before = dict(self.scope.was)
            quiet = replace(self.scope, findings=[], used=set(), symbols=dict(self.scope.symbols))
            trial = Definitions(quiet, self.nodes)
            quiet.define = trial.define
            for name in (*self.in_order(), *self.nodes):
                trial.define(name, self.scope.definitions[name])
                kind = quiet.symbols[name].type
                if name in wanted and kind != UNKNOWN:
                    self.scope.was[name] = kind
            if self.scope.was == before:
                return

    def _mentioned(self, node: Document) -> set[str]:
        return {word for word in _NAME.findall(node.span.text) if word in self.nodes}

    def _circle(self, name: str, span: Span) -> None:
        ring = self.open[self.open.index(name) :] if name in self.open else self.open
        path = " → ".join(f"`{each}`" for each in (*ring, name))
        related = [Related(self.scope.definitions[each], f"`{each}`") for each in ring]
        self.scope.findings.append(Diagnostic.of("FB401", span, path=path, related=related))

    def _typed(self, name: str, node: Document) -> ir.Expr:
        if isinstance(node, Mapping):
            expr, holds, fails = self._block(name, node), NO_FACTS, NO_FACTS
        else:
            expr, holds, fails = self._expression(cast("Scalar", node), name)
        known = self.scope.symbols.get(name)
        if known is None:  # a circle through this name has already said what it is
            self.scope.symbols[name] = Symbol(name, "definition", expr.type, expr.optional, holds, fails)
        return expr

    def _expression(self, node: Scalar, name: str) -> tuple[ir.Expr, frozenset[str], frozenset[str]]:
        context = expressions.read(self.scope, node)
        if context is not None and isinstance(context.parsed.node, ast.Call) and is_state_call(context.parsed.node):
            return advance(context, context.parsed.node, name), NO_FACTS, NO_FACTS
        expr = expressions.infer(context)
        if context is None or expr.type != BOOLEAN:
            return expr, NO_FACTS, NO_FACTS
        tree = context.parsed.node
        return expr, facts(context, tree, True), facts(context, tree, False)

    def _block(self, name: str, node: Mapping) -> ir.Expr:
        if node.get("match") is not None:
            return read_lookup(self.scope, name, node)
        if node.get("for") is not None:
            return read_selection(self.scope, node)
        if node.get("fields") is not None:
            return self._record(node)
        return value_of(self.scope, node.get("values"), self._vector_type(node))

    def _record(self, node: Mapping) -> ir.Expr:
        named = node.get("type")
        kind = read_type(self.scope, named)
        if not isinstance(kind, Record | Unknown):
            self.scope.report("FB305", named.span if named else None, expected="a record", found=str(kind))
            return unknown(node.span)
        return value_of(self.scope, node.get("fields"), kind)

    def _vector_type(self, node: Mapping) -> Type:
        if node.get("type") is None and node.get("unit") is None:
            return self._guessed(node)
        return read_type(self.scope, node, "number")

    def _guessed(self, node: Mapping) -> Type:
        """A vector without `type` has that of its values, of which a bare number tells none where another does."""
        by, values = node.get("by"), node.get("values")
        depth = len(by.items) if isinstance(by, Sequence) else 1
        found = list(self._leaves(values, depth))
        item = _of_all([place for place, bare in found if not bare] or [place for place, _ in found])
        if item is None or by is None:
            return UNKNOWN
        if text_of(by) == BY_TEXT:
            return Map(item, len(values.entries) if isinstance(values, Mapping) else 0)
        return indexed(self.scope, by, item)

    def _leaves(self, node: Document | None, depth: int) -> Iterator[tuple[Field, bool]]:
        """What each value tells of a member, and whether it is a bare literal; in an order that is not the file's."""
        if isinstance(node, Mapping) and depth:
            for _, value in sorted(node.entries, key=lambda entry: entry[0].text):
                yield from self._leaves(value, depth - 1)
        elif isinstance(node, Scalar):
            quiet = replace(self.scope, findings=[])
            expr = expressions.infer(expressions.read(quiet, node))
            place = Field("", expr.type, optional=expr.optional)
            for _ in range(depth):  # a row of a matrix may be a vector
                place = place.type.item if isinstance(place.type, Vector) else Field("", UNKNOWN)
            if place.type != UNKNOWN:
                yield place, isinstance(expr, ir.Literal)


def _of_all(places: list[Field]) -> Field | None:
    """The place that holds whatever those hold, as far as they go together: what does not is said of the value."""
    if not places:
        return None
    kind = places[0].type
    for other in (each.type for each in places[1:]):
        if isinstance(kind, Integer) and isinstance(other, Number):
            kind = other if other.unit == kind.unit else kind
        elif kin(kind, other):
            kind = joined(kind, other)
    return Field("", kind, optional=any(each.optional for each in places))


def read_definitions(scope: Scope, document: Mapping) -> Definitions:
    """Take the names; nothing is typed yet."""
    nodes = {}
    for key, node in section(document, "definitions"):
        claim(scope, key)
        nodes[key.text] = node
        scope.definitions[key.text] = key.span
    definitions = Definitions(scope, nodes)
    scope.define = definitions.define
    return definitions
