"""Rules, groups and tables of a pack."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from .. import ir
from ..diagnostics import did_you_mean
from ..document import Document, Scalar
from ..document import Mapping as MappingNode
from ..types import BOOLEAN, UNKNOWN, Boolean, Enum, Integer, List, Number, Type
from . import expressions
from .columns import WrittenColumn, all_of, joined, read_cells, read_columns, rows_of
from .declarations import flag, is_enabled, section, text_of
from .loops import Block, read_loop
from .operators import condition
from .presence import facts
from .scope import NO_FACTS, LocalSymbol, Scope
from .structures import value_of
from .templates import read_because

_VERBS: tuple[ir.Verb, ...] = ("times", "add", "floor", "cap", "set")
_VERB_ADVICE = "say `set`, `times`, `add`, `floor` or `cap`"
_NEUTRAL: Mapping[str, float] = {"times": 1.0, "add": 0.0}


def declare_ids(scope: Scope, document: MappingNode) -> None:
    """Take every id in the pack's one space of ids, so that `fired.` can name it."""
    for kind in ("rules", "tables", "groups", "intents"):
        for key, node in section(document, kind):
            if key.text in scope.fired:
                scope.report("FB311", key.span, name=key.text, other=f"a {scope.fired[key.text]}")
            if not is_enabled(node):
                continue
            scope.fired[key.text] = kind.removesuffix("s")
            for row, spec in section(node, "rows") if isinstance(node, MappingNode) else ():
                if is_enabled(spec):
                    scope.fired[f"{key.text}.{row.text}"] = "row"


def read_groups(scope: Scope, document: MappingNode, members: Mapping[str, list[str]]) -> dict[str, ir.Group]:
    found = {}
    for key, node in section(document, "groups"):
        if not isinstance(node, MappingNode) or not is_enabled(node):
            continue
        when = node.get("when")
        if when is not None and node.get("because") is None:
            scope.report("FB408", key.span, name=key.text)
        if not members.get(key.text):
            scope.report("FB503", key.span, kind="group", name=key.text)
        gate = _condition(scope, when) if isinstance(when, Scalar) else None
        because = read_because(scope, node.get("because"))
        found[key.text] = ir.Group(
            id=key.text, when=gate, because=because, members=tuple(members.get(key.text, ())), span=key.span
        )
    return found


def _condition(scope: Scope, node: Scalar, block: Block | None = None) -> ir.Expr:
    block = block or Block()
    context = expressions.read(scope, node, names=block.names, facts=block.facts)
    return condition(context, context.parsed.node) if context else ir.Literal(type=BOOLEAN, value=False)


def read_rules(scope: Scope, document: MappingNode, outputs: Mapping[str, ir.OutputDeclaration]) -> Iterator[ir.Rule]:
    for key, node in section(document, "rules"):
        if isinstance(node, MappingNode) and is_enabled(node):
            yield _rule(scope, key, node, outputs)


def _rule(scope: Scope, key: Scalar, node: MappingNode, outputs: Mapping[str, ir.OutputDeclaration]) -> ir.Rule:
    rule, block = judged(scope, key, node)
    is_bound = node.get("when") is None and node.get("for") is None
    if is_bound and node.get("then") is None:
        scope.report("FB405", key.span, what=f"rule `{key.text}` without `when` and `then`")
    rule = replace(rule, when=None if is_bound else rule.when, group=group_of(scope, node))
    return _consequences(scope, rule, key, node, block, outputs)


def judged(
    scope: Scope, key: Scalar, node: MappingNode, lists: Mapping[str, LocalSymbol] | None = None
) -> tuple[ir.Rule, Block]:
    """What says when a rule or an intent fires, and what is known where it does. Without `when` it always does."""
    block = read_loop(scope, node, lists)
    when_node = node.get("when")
    when: ir.Expr = ir.Literal(type=BOOLEAN, value=True)
    if isinstance(when_node, Scalar):
        when = _condition(scope, when_node, block)
        block = block.knowing(_facts(scope, when_node, block))
    rule = ir.Rule(id=key.text, when=when, loop=block.loop, severity=_severity(node), span=key.span)
    return rule, block


def _severity(node: MappingNode) -> ir.Severity:
    return text_of(node.get("severity"), "info")  # type: ignore[return-value]  # the schema admits no other


def _facts(scope: Scope, node: Scalar, block: Block) -> frozenset[str]:
    quiet = replace(scope, findings=[])
    context = expressions.read(quiet, node, names=block.names, facts=block.facts)
    return facts(context, context.parsed.node, True) if context else NO_FACTS


def group_of(scope: Scope, node: MappingNode) -> str | None:
    named = node.get("group")
    if named is None:
        return None
    if scope.fired.get(text_of(named)) != "group":
        groups = [each for each, kind in scope.fired.items() if kind == "group"]
        scope.report("FB301", named.span, kind="group", name=text_of(named), help=did_you_mean(text_of(named), groups))
        return None
    return text_of(named)


def _consequences(
    scope: Scope,
    rule: ir.Rule,
    key: Scalar,
    node: MappingNode,
    block: Block,
    outputs: Mapping[str, ir.OutputDeclaration],
) -> ir.Rule:
    """`then`, `because` and `severity`, of a rule or a row."""
    effects = tuple(_effects(scope, node, block, outputs))
    because = node.get("because")
    if because is None and (rule.table is None or effects):
        scope.report("FB408", key.span, name=rule.id)
    writes = tuple(sorted({effect.output for effect in effects}))
    return replace(
        rule,
        effects=effects,
        severity=_severity(node),
        because=read_because(scope, because, block.names, block.facts, writes),
    )


def _effects(
    scope: Scope, rule: MappingNode, block: Block, outputs: Mapping[str, ir.OutputDeclaration]
) -> Iterator[ir.Effect]:
    for key, value in section(rule, "then"):
        declared = outputs.get(key.text)
        if declared is None:
            scope.report("FB301", key.span, kind="output", name=key.text, help=did_you_mean(key.text, outputs))
        elif declared.type == UNKNOWN:
            continue
        elif declared.combine == "stages":
            yield from _stages(scope, key, value, declared, block)
        else:
            yield from _combined(scope, key, value, declared, block)


def _stages(
    scope: Scope, key: Scalar, node: Document, declared: ir.OutputDeclaration, block: Block
) -> Iterator[ir.Effect]:
    if not isinstance(node, MappingNode):
        scope.pardon(node.span.text)
        scope.report("FB315", node.span, output=key.text, effect="a bare value", help=_VERB_ADVICE)
        return
    for verb, value in node.entries:
        if verb.text not in _VERBS or not isinstance(value, Scalar):
            scope.report("FB315", verb.span, output=key.text, effect=f"`{verb.text}`", help=_VERB_ADVICE)
            continue
        if declared.optional or (verb.text == "times" and isinstance(declared.type, Integer)):
            effect = f"`{verb.text}`: it {'may be missing' if declared.optional else 'is an integer'}"
            scope.report("FB315", verb.span, output=key.text, effect=effect, help="compute it in `start`")
            continue
        wanted: Type = Number() if verb.text == "times" else declared.type
        expr = _effect_value(scope, value, wanted, block)
        if verb.text in _NEUTRAL and expr == ir.Literal(type=wanted, value=_NEUTRAL[verb.text]):
            scope.report("FB405", value.span, what=f"`{verb.text}: {value.text}`")
        yield ir.Effect(output=key.text, verb=verb.text, value=expr, span=verb.span)


def _effect_value(scope: Scope, node: Document, kind: Type, block: Block) -> ir.Expr:
    return value_of(scope, node, kind, names=block.names, facts=block.facts)


def _combined(
    scope: Scope, key: Scalar, node: Document, declared: ir.OutputDeclaration, block: Block
) -> Iterator[ir.Effect]:
    if declared.combine == "computed":
        advice = "give the output a `combine`, or compute it in `start`"
        scope.report("FB315", key.span, output=key.text, effect="effects: it is computed", help=advice)
        return
    kind = declared.type.item.type if isinstance(declared.type, List) else declared.type
    expr = _effect_value(scope, node, kind, block)
    if _is_idle(declared, expr):
        scope.report("FB405", node.span, what=f"`{key.text}: {text_of(node)}`")
    yield ir.Effect(output=key.text, verb="combine", value=expr, span=key.span)


def _is_idle(declared: ir.OutputDeclaration, expr: ir.Expr) -> bool:
    """Whether a constant effect is the neutral element of how its output combines."""
    if not isinstance(expr, ir.Literal):
        return False
    match declared.combine, declared.type:
        case "all", Boolean():
            return expr.value is True
        case "any", Boolean():
            return expr.value is False
        case "most_severe", Enum():
            return expr.value == 0
    return False


def read_tables(
    scope: Scope, document: MappingNode, outputs: Mapping[str, ir.OutputDeclaration]
) -> Iterator[tuple[ir.Table, list[ir.Rule]]]:
    for key, node in section(document, "tables"):
        if isinstance(node, MappingNode) and is_enabled(node):
            yield _table(scope, key, node, outputs)


def _table(
    scope: Scope, key: Scalar, node: MappingNode, outputs: Mapping[str, ir.OutputDeclaration]
) -> tuple[ir.Table, list[ir.Rule]]:
    block = read_loop(scope, node)
    group = group_of(scope, node)
    columns = read_columns(scope, node, block)
    hit = text_of(node.get("hit"), "unique")
    rows, cells = [], []
    for row, spec in rows_of(node, hit):
        if isinstance(spec, MappingNode) and is_enabled(spec):
            rule, conditions = _row(scope, key.text, row, spec, columns, block, outputs)
            rows.append(replace(rule, loop=block.loop, group=group))
            cells.append(conditions)
    table = ir.Table(
        id=key.text,
        hit=hit,  # type: ignore[arg-type]  # the schema admits no other
        complete=hit == "unique" and flag(node.get("complete"), default=True),
        columns=joined(columns, cells),
        rows=tuple(row.id for row in rows),
        loop=block.loop,
        group=group,
        span=key.span,
    )
    return table, rows


def _row(
    scope: Scope,
    table: str,
    key: Scalar,
    node: MappingNode,
    columns: list[WrittenColumn],
    block: Block,
    outputs: Mapping[str, ir.OutputDeclaration],
) -> tuple[ir.Rule, list[ir.Expr | None]]:
    conditions, block = read_cells(scope, table, node, columns, block)
    rule = ir.Rule(id=f"{table}.{key.text}", when=all_of(conditions), table=table, span=key.span)
    return _consequences(scope, rule, key, node, block, outputs), conditions
