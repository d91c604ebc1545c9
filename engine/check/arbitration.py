"""`arbitration`: the order of a policy's intents, which of them conflict, and the vetoes over them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from .. import ir
from ..constants import constant
from ..diagnostics import did_you_mean
from ..document import Document, Scalar, Sequence
from ..document import Mapping as MappingNode
from ..intents import EXPOSURES
from ..types import Record
from .declarations import section, text_of
from .rules import judged
from .scope import LocalSymbol, Scope
from .templates import read_because

_EXITS = ("cancels", "reduces")


def read_arbitration(scope: Scope, document: MappingNode, exposures: Mapping[str, ir.Exposure]) -> ir.Arbitration:
    """`exposures` are those of all intents, by id in the whole."""
    node = document.get("arbitration")
    if not isinstance(node, MappingNode):
        return ir.Arbitration()
    if scope.intents is None:
        scope.pardon(node.span.text)
        if not scope.unresolved_parts:
            scope.report("FB808", node.span, problem="there are no intents to arbitrate", help="remove `arbitration`")
        return ir.Arbitration()
    conflict = node.get("conflict")
    by = conflict.get("by") if isinstance(conflict, MappingNode) else conflict
    return ir.Arbitration(
        order=tuple(_order(scope, node.get("order"), exposures)),
        conflict=tuple(_fields(scope, by)),
        allow_drop=text_of(conflict.get("allow_drop")) if isinstance(conflict, MappingNode) else "",
        vetoes={key.text: veto for key, veto in _vetoes(scope, node, exposures)},
        span=node.span,
    )


def _order(scope: Scope, node: Document | None, exposures: Mapping[str, ir.Exposure]) -> Iterator[str]:
    """The ids of all intents, as the whole names them; one that is left out is reported."""
    ids = {ir.shown(name): name for name in exposures}
    if not isinstance(node, Sequence):
        return
    for item in node.items:
        part = text_of(item).partition(".")[0]
        if text_of(item) in ids:
            scope.used.add(part)
            yield ids[text_of(item)]
        elif part not in scope.unresolved_parts:
            near = did_you_mean(text_of(item), ids)
            scope.report("FB301", item.span, kind="intent", name=text_of(item), help=near)
    listed = {text_of(item) for item in node.items}
    missing = [f"`{each}`" for each in ids if each not in listed]
    if missing and not scope.unresolved_parts:
        problem = f"`order` leaves out {', '.join(missing)}"
        scope.report("FB808", node.span, problem=problem, help="list every intent, or leave `order` out")


def _fields(scope: Scope, node: Document | None) -> Iterator[int]:
    """The places of fields in the emitted record."""
    record = _record(scope)
    names = [field.name for field in record.fields]
    for item in node.items if isinstance(node, Sequence) else ():
        if text_of(item) in names:
            yield names.index(text_of(item)) - 2  # behind the id and the exposure of an intent
        else:
            near = did_you_mean(text_of(item), names[2:])
            scope.report("FB301", item.span, kind="field of an intent", name=text_of(item), help=near)


def _record(scope: Scope) -> Record:
    """An intent as invariants and vetoes see it: its id, its exposure, its fields."""
    assert scope.intents is not None, "there are intents to arbitrate"
    assert isinstance(scope.intents.item.type, Record), "an intent is a record"
    return scope.intents.item.type


def _vetoes(scope: Scope, node: MappingNode, exposures: Mapping[str, ir.Exposure]) -> Iterator[tuple[Scalar, ir.Veto]]:
    assert scope.intents is not None, "there are intents to arbitrate"
    names = {"intents": LocalSymbol("intents", scope.intents)}
    for key, spec in section(node, "veto"):
        if not isinstance(spec, MappingNode):
            continue
        rule, block = judged(scope, key, spec, names)
        because = read_because(scope, spec.get("because"), block.names, block.facts)
        veto = ir.Veto(rule=replace(rule, because=because), allow_drop=text_of(spec.get("allow_drop")))
        exits = [f"`{ir.shown(each)}`" for each in _droppable(scope, veto.rule, exposures)]
        if exits and not veto.allow_drop and rule.loop:
            problem = f"veto `{key.text}` could drop {', '.join(exits)}, by which the policy gets out"
            advice = "add `i.exposure == raises` to its `when`, or say under `allow_drop` why it may"
            scope.report("FB808", key.span, problem=problem, help=advice)
        yield key, veto


def _droppable(scope: Scope, rule: ir.Rule, exposures: Mapping[str, ir.Exposure]) -> list[str]:
    """The intents that reduce or cancel and that the conditions on ids and exposures alone do not spare."""
    if rule.loop is None:
        return []
    item = rule.loop.sources[0].variable
    terms = [term for term in _terms(rule.loop.where, rule.when) if _is_plain(term, item)]
    ids = sorted(exposures)
    rest = (None,) * (len(_record(scope).fields) - 2)
    found = []
    for name in ids:
        intent = (ids.index(name), EXPOSURES.index(exposures[name]), *rest)
        if exposures[name] in _EXITS and all(constant(term, {}, {item: intent}) for term in terms):
            found.append(name)
    return found


def _terms(*conditions: ir.Expr | None) -> Iterator[ir.Expr]:
    for condition in conditions:
        if isinstance(condition, ir.And):
            yield from _terms(*condition.terms)
        elif condition is not None:
            yield condition


def _is_plain(term: ir.Expr, item: str) -> bool:
    """Whether a condition reads no more than the id and the exposure of an intent."""
    match term:
        case ir.Get(record=ir.Local(name=name), index=index):
            return name == item and index < 2
        case ir.Literal():
            return True
        case ir.Call() | ir.And() | ir.Or() | ir.Chain() | ir.Make():
            return all(_is_plain(each, item) for each in ir.children(term))
    return False
