"""What the names of a pack stand for, and the context in which one expression is checked."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from keyword import kwlist
from typing import Literal, NamedTuple

from ..diagnostics import Diagnostic, did_you_mean
from ..document import Scalar
from ..ir import Emits, Expr, Pack, Parameter, walk
from ..ir import Literal as LiteralNode
from ..source import Span
from ..types import UNKNOWN, Enum, List, Record, Type
from ..zones import Zone
from .parse import Parsed

SymbolKind = Literal["input", "parameter", "definition"]
RESERVED = frozenset([
    "true", "false", "missing", "present", "default", "previous", "fired", "out", "sent", "before", "after", "now",
    "intents", *kwlist,
])  # fmt: skip
NO_FACTS: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Symbol:
    """A value of the pack. `holds` are the paths present when a boolean definition is true, `fails` when it is not."""

    name: str
    kind: SymbolKind
    type: Type
    optional: bool = False
    holds: frozenset[str] = NO_FACTS
    fails: frozenset[str] = NO_FACTS


@dataclass(frozen=True, slots=True)
class LocalSymbol:
    name: str
    type: Type
    optional: bool = False
    holds: frozenset[str] = NO_FACTS


class Waiting(NamedTuple):
    """A condition on a record, to be read when the parameters are known."""

    id: Scalar
    node: Scalar
    record: Record


@dataclass
class Scope:
    """Everything that the pack declares. Definitions are typed when first asked for, by `define`.

    `limits` (of ages) and what is `waiting` are read when the parameters are known.
    """

    types: dict[str, Enum | Record] = field(default_factory=dict)
    roles: dict[str, Emits] = field(default_factory=dict)
    symbols: dict[str, Symbol] = field(default_factory=dict)
    definitions: dict[str, Span] = field(default_factory=dict)
    outputs: dict[str, tuple[Type, bool]] = field(default_factory=dict)
    fired: dict[str, str] = field(default_factory=dict)
    parts: dict[str, Pack] = field(default_factory=dict)
    unresolved_parts: set[str] = field(default_factory=set)  # used packs that were not found or have errors
    intents: List | None = None
    findings: list[Diagnostic] = field(default_factory=list)
    used: set[str] = field(default_factory=set)
    unresolved: bool = False  # an import was not found, so that any type or member may have been its
    was: dict[str, Type] = field(default_factory=dict)  # what `previous` of a definition gives
    zone: Zone | None = None
    dated: set[str] = field(default_factory=set)  # the parameters that change with time
    reading_inputs: bool = False
    limits: list[Scalar] = field(default_factory=list)
    waiting: list[Waiting] = field(default_factory=list)
    spoilt: list[Span] = field(default_factory=list)  # the expressions with an error
    define: Callable[[str, Span], None] = lambda _name, _span: None

    def report(self, code: str, span: Span | None, **values: object) -> None:
        self.findings.append(Diagnostic.of(code, span, **values))  # type: ignore[arg-type]  # `help` may be among them
        if code == "FB301":  # the name that was meant is used, but for the mistake
            self.pardon(" ".join(re.findall(r"`([^`]*)`", str(values.get("help", "")))))

    def pardon(self, text: str) -> None:
        """Count the names in an expression that has an error as used: one mistake is one finding."""
        self.used.update(re.findall(r"[A-Za-z_]\w*", text))

    def demand_single(self, expr: Expr, what: str) -> None:
        """Report a parameter that changes with time, where that may not be."""
        for node in walk(expr):
            if isinstance(node, Parameter) and node.name in self.dated:
                self.report("FB413", node.span, name=node.name, what=what)

    def symbol(self, name: str, span: Span) -> Symbol | None:
        if name in self.definitions:
            self.define(name, span)
        found = self.symbols.get(name)
        if found:
            self.used.add(name)
        return found

    def is_part(self, name: str) -> bool:
        return name in self.parts or name in self.unresolved_parts

    def value_names(self) -> Iterable[str]:
        return (*self.symbols, *self.definitions, *self.parts)

    def recalled_names(self) -> Iterable[str]:
        """What `previous` reads but for intents."""
        theirs = (f"{part}.{name}" for part, pack in self.parts.items() for name in pack.outputs)
        return (*self.definitions, *self.outputs, *self.symbols, *theirs)

    def enums_with(self, member: str) -> list[Enum]:
        return [each for each in self.types.values() if isinstance(each, Enum) and member in each.members]


Handler = Callable[["Context", ast.expr, Type | None], Expr]


@dataclass(frozen=True, slots=True)
class Context:
    """One expression being checked: its scope, loop names, and the paths known to be present here.

    `constant` admits parameters and literals only, `admitted` inputs as well; `reason` names the outputs of which a
    reason may read `before` and `after`. `bare` is a place of a value, where a number needs no name.
    """

    scope: Scope
    parsed: Parsed
    handlers: Mapping[type[ast.expr], Handler]
    names: Mapping[str, LocalSymbol] = field(default_factory=dict)
    facts: frozenset[str] = NO_FACTS
    constant: bool = False
    reason: tuple[str, ...] = ()
    admitted: bool = False
    bare: bool = False

    def infer(self, node: ast.expr, expected: Type | None = None) -> Expr:
        """The node as IR. `expected` lets enum members and bare numbers find their type; it is not enforced."""
        handler = self.handlers.get(type(node))
        if handler is None:
            what = {"Lambda": "a lambda", "JoinedStr": "a text", "NamedExpr": "an assignment"}.get(
                type(node).__name__, f"`{ast.unparse(node)}`"
            )
            return self.fail("FB303", node, what=what)
        return handler(self, node, expected)

    def span(self, node: ast.AST) -> Span:
        return self.parsed.span(node)

    def fail(self, code: str, node: ast.AST, **values: object) -> Expr:
        """Report, and stand in a value that goes with everything."""
        self.scope.report(code, self.span(node), **values)
        self.scope.spoilt.append(self.span(self.parsed.node))
        self.scope.pardon(self.span(self.parsed.node).text)
        return unknown(self.span(node))

    def knowing(self, facts: frozenset[str]) -> Context:
        return replace(self, facts=self.facts | facts) if facts else self

    def naming(self, *locals_: LocalSymbol) -> Context:
        return replace(self, names={**self.names, **{each.name: each for each in locals_}})

    def demand(self, node: ast.expr, expr: Expr) -> Expr:
        """The expression, which must be present here."""
        if expr.optional and expr.type != UNKNOWN:
            return self.fail("FB308", node, what=ast.unparse(node))
        return expr

    def suggest(self, name: str, more: Iterable[str] = ()) -> str | None:
        return did_you_mean(name, (*self.names, *self.scope.value_names(), *more))


def unknown(span: Span | None = None) -> Expr:
    return LiteralNode(type=UNKNOWN, value=None, span=span)
