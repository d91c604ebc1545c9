"""Intents: what the emitted type says of them, and what each emits."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from .. import ir
from ..diagnostics import did_you_mean
from ..document import Document, Scalar, Sequence
from ..document import Mapping as MappingNode
from ..intents import listed_type
from ..types import UNKNOWN, Record, is_numeric
from . import expressions
from .declarations import flag, is_enabled, section, text_of
from .loops import Block
from .rules import judged
from .scope import LocalSymbol, Scope
from .structures import value_of
from .templates import read_because

_OF_EVERY_INTENT = ("id", "exposure")


def read_roles(scope: Scope, document: MappingNode) -> None:
    """What the records under `types` say of intents: the change that one makes, in what, and its priority."""
    for key, node in section(document, "types"):
        record, role = scope.types.get(key.text), node.get("intent") if isinstance(node, MappingNode) else None
        if isinstance(record, Record) and isinstance(role, MappingNode):
            scope.roles[key.text] = ir.Emits(
                record=record,
                of=tuple(_fields(scope, record, role.get("of"))),
                change=_change(scope, record, role.get("change")),
                priority=_priority(scope, record, role.get("priority")),
            )


def _fields(scope: Scope, record: Record, node: Document | None) -> Iterator[int]:
    nodes = node.items if isinstance(node, Sequence) else [node] if node else []
    for each in nodes:
        found = record.field(text_of(each))
        if found is None:
            near = did_you_mean(text_of(each), [field.name for field in record.fields])
            scope.report("FB301", each.span, kind="field", name=text_of(each), help=near)
        else:
            yield found[0]


def _priority(scope: Scope, record: Record, node: Document | None) -> int | None:
    index = next(_fields(scope, record, node), None)
    if node is None or index is None:
        return None
    kind = record.fields[index].type
    if not is_numeric(kind) and kind != UNKNOWN:
        scope.report("FB305", node.span, expected="a number", found=str(kind))
    return index


def _change(scope: Scope, record: Record, node: Document | None) -> ir.Expr | None:
    """An expression over the fields, all of them taken as present: who reduces must emit what it reads."""
    names = {field.name: LocalSymbol(field.name, field.type) for field in record.fields}
    context = expressions.read(scope, node, names=names, constant=True) if isinstance(node, Scalar) else None
    if context is None:
        return None
    tree = context.parsed.node
    change = context.demand(tree, context.infer(tree))
    if not is_numeric(change.type) and change.type != UNKNOWN:
        return context.fail("FB305", tree, expected="a number", found=str(change.type))
    return change


def read_emits(scope: Scope, document: MappingNode) -> ir.Emits | None:
    """The type of the pack's intents, which invariants know as `intents`."""
    node = document.get("emits")
    if node is None:
        first = next((key for key, _ in section(document, "intents")), None)
        if first is not None:
            problem = "intents need a type, and the pack does not say what it `emits`"
            scope.report("FB412", first.span, problem=problem, help="add `emits:` with the name of a record type")
        return None
    name = text_of(node)
    record = scope.types.get(name)
    if not isinstance(record, Record):
        _no_record(scope, node, record)
        return None
    scope.used.add(name)
    for field in record.fields:
        if field.name in _OF_EVERY_INTENT:
            scope.report(
                "FB311", node.span, name=field.name, other=f"what every intent has, beside a field of `{name}`"
            )
    enabled = [key.text for key, spec in section(document, "intents") if is_enabled(spec)]
    scope.intents = listed_type(enabled, record)
    return scope.roles.get(name) or ir.Emits(record=record)


def _no_record(scope: Scope, node: Document, found: object) -> None:
    name = text_of(node)
    if found is not None:
        scope.report("FB305", node.span, expected="a record", found=str(found))
    elif not scope.unresolved:
        records = [each for each, kind in scope.types.items() if isinstance(kind, Record)]
        scope.report("FB301", node.span, kind="record type", name=name, help=did_you_mean(name, records))


def read_intents(scope: Scope, document: MappingNode, emits: ir.Emits | None) -> Iterator[tuple[ir.Rule, ir.Intent]]:
    """Each intent as a rule without effects, which says when it fires and why, and what it then emits."""
    for key, node in section(document, "intents"):
        if not isinstance(node, MappingNode) or not is_enabled(node):
            continue
        if emits is None:
            scope.pardon(node.span.text)
            continue
        rule, block = judged(scope, key, node)
        because = read_because(scope, node.get("because"), block.names, block.facts)
        yield replace(rule, because=because), _intent(scope, key, node, block, emits)


def _intent(scope: Scope, key: Scalar, node: MappingNode, block: Block, emits: ir.Emits) -> ir.Intent:
    safe, written = flag(node.get("safe")), node.get("position")
    emit = value_of(scope, node.get("emit"), emits.record, constant=safe, names=block.names, facts=block.facts)
    if safe:
        scope.demand_single(emit, "what is safe")
    held = emits.change.type if emits.change else UNKNOWN
    position = value_of(scope, written, held, names=block.names, facts=block.facts) if written else None
    problem = next(_problems(node, emits, emit), None)
    if problem:
        scope.report("FB412", key.span, problem=f"intent `{key.text}` {problem[0]}", help=problem[1])
    return ir.Intent(
        id=key.text,
        exposure=text_of(node.get("exposure")),  # type: ignore[arg-type]  # the schema admits no other
        emit=emit,
        position=position,
        safe=safe,
        span=key.span,
    )


def _problems(node: MappingNode, emits: ir.Emits, emit: ir.Expr) -> Iterator[tuple[str, str]]:
    """What is wrong with an intent as a whole, and advice."""
    exposure = text_of(node.get("exposure"))
    if exposure == "reduces":
        yield from _not_reducing(node, emits, emit)
    elif node.get("position") is not None:
        yield f"has a `position` and {exposure}", "only what `reduces` says what position it reduces"
    if flag(node.get("safe")):
        if exposure != "cancels":
            yield f"is `safe` and {exposure}", "only what `cancels` is emitted by a pack that failed"
        if node.get("for") is not None:
            yield "is `safe` and has a loop", "a pack that failed has no items: emit it once"


def _not_reducing(node: MappingNode, emits: ir.Emits, emit: ir.Expr) -> Iterator[tuple[str, str]]:
    if emits.change is None:
        yield (
            f"reduces, and `{emits.record.name}` does not say what change it makes",
            "add `intent: {change: …}` to the type",
        )
    elif node.get("position") is None:
        yield "reduces, and does not say what", "add `position`: the signed amount that is held now"
    elif missing := list(_unsure(emits.change, emits.record, emit)):
        names = " and ".join(f"`{name}`" for name in missing)
        yield f"reduces, and may not emit {names}", "without it nobody knows by how much it reduces"


def _unsure(change: ir.Expr, record: Record, emit: ir.Expr) -> Iterable[str]:
    """The fields that tell an intent's change and that it does not emit, or not always."""
    read = {node.name for node in ir.walk(change) if isinstance(node, ir.Local)}
    parts = emit.parts if isinstance(emit, ir.Make) else ()
    return (
        field.name
        for field, part in zip(record.fields, parts, strict=False)
        if field.name in read and part.optional and part.type != UNKNOWN
    )
