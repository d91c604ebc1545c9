"""What an input asks beyond its type: `age`, `fault`, `bad_items`, and `requires` of inputs and of records."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace

from .. import ir
from ..diagnostics import did_you_mean
from ..document import Document, Mapping, Scalar
from ..types import UNKNOWN, Age, Field, List, Record, Time, is_numeric, unit_of
from ..units import MICROSECONDS
from .expressions import read
from .operators import condition
from .scope import LocalSymbol, Scope, Waiting

_KEYS = ("age", "fault", "bad_items", "requires")
_ONLY_INPUTS = "it goes with inputs, their fields and their items"


def contract(scope: Scope, field: Field, node: Mapping) -> Field:
    """The field with its contract, but for an `age` by a time beside it, which `dated` finds."""
    written = [key for key in (node.key(name) for name in _KEYS) if key]
    if not written:
        return field
    if not scope.reading_inputs or node.get("by"):
        advice = "a vector or map has none of these" if scope.reading_inputs else _ONLY_INPUTS
        for key in written:
            scope.report("FB204", key.span, value=key.text, help=advice)
        return field
    forgiving = node.key("fault")
    if forgiving and not field.optional:
        problem = "what is not optional cannot be missing"
        scope.report("FB406", forgiving.span, problem=problem, help="add `optional: true`, or remove `fault`")
    field = replace(field, forgiving=forgiving is not None, drops=node.get("bad_items") is not None)
    return replace(field, requires=tuple(_requires(scope, field, node)), age=_own_age(field, node.get("age")))


def _requires(scope: Scope, field: Field, node: Mapping) -> Iterator[str]:
    written = node.get("requires")
    if not isinstance(written, Mapping):
        return
    if not isinstance(field.type, Record):
        advice = "say it of the items, below `of`" if isinstance(field.type, List) else None
        if field.type != UNKNOWN:
            scope.report("FB305", written.span, expected="a record", found=str(field.type), help=advice)
        return
    for key, value in sorted(written.entries, key=lambda entry: entry[0].text):
        if isinstance(value, Scalar):
            scope.waiting.append(Waiting(key, value, field.type))
            yield key.text


def _own_age(field: Field, node: Document | None) -> Age | None:
    """An age by a field of the record itself."""
    of, limit = _age(node)
    if of is None or limit is None or not isinstance(field.type, Record) or field.type.field(of.text) is None:
        return None
    return Age(of.text, limit.text, inside=True)


def _age(node: Document | None) -> tuple[Scalar | None, Scalar | None]:
    of, limit = (node.get("of"), node.get("limit")) if isinstance(node, Mapping) else (None, None)
    return of if isinstance(of, Scalar) else None, limit if isinstance(limit, Scalar) else None


def dated(scope: Scope, fields: Sequence[Field], nodes: Sequence[Document]) -> tuple[Field, ...]:
    """The fields of one record, or the inputs, with the ages by times beside them."""
    return tuple(
        _dated(scope, field, node, fields) if isinstance(node, Mapping) and scope.reading_inputs else field
        for field, node in zip(fields, nodes, strict=True)
    )


def _dated(scope: Scope, field: Field, node: Mapping, beside: Sequence[Field]) -> Field:
    of, limit = _age(node.get("age"))
    if of is None or limit is None or node.get("by"):
        return field
    scope.used.update(("now", of.text))
    scope.limits.append(limit)
    own = field.type.fields if isinstance(field.type, Record) else ()
    times = {each.name: each for each in (*beside, *own) if each.name not in (field.name, "now")}
    found = times.get(of.text)
    if found is None:
        near = did_you_mean(of.text, times)
        scope.report("FB301", of.span, kind="input or field beside it", name=of.text, help=near)
    elif found.type not in (Time(), UNKNOWN):
        scope.report("FB305", of.span, expected="a time", found=str(found.type))
    return field if field.age else replace(field, age=Age(of.text, limit.text))


def check_limits(scope: Scope) -> None:
    """Whether what limits an age is a parameter, and a duration."""
    parameters = [name for name, symbol in scope.symbols.items() if symbol.kind == "parameter"]
    for node in scope.limits:
        found = scope.symbols.get(node.text)
        if found is None or found.kind != "parameter":
            advice = did_you_mean(node.text, parameters)
            scope.report("FB301", node.span, kind="parameter", name=node.text, help=advice)
            continue
        scope.used.add(node.text)
        base = unit_of(found.type).base if is_numeric(found.type) else None
        if found.type != UNKNOWN and (base is None or base.name not in MICROSECONDS):
            expected = "a parameter in `s`, `min`, `h` or `d`"
            scope.report("FB305", node.span, expected=expected, found=str(found.type))


def read_contracts(scope: Scope, taken: Collection[str]) -> dict[str, ir.Requirement]:
    """The conditions on records, by id. They read the fields of their record, and parameters."""
    found: dict[str, ir.Requirement] = {}
    for key, node, record in scope.waiting:
        if key.text in found or key.text in taken:
            scope.report("FB311", key.span, name=key.text, other="a requirement")
        names = {each.name: LocalSymbol(each.name, each.type, each.optional) for each in record.fields}
        context = read(scope, node, names=names, constant=True)
        if context is not None:
            found[key.text] = ir.Requirement(key.text, condition(context, context.parsed.node), node.span)
    return found


def read_requires(scope: Scope, key: Scalar, node: Document) -> ir.Requirement | None:
    """A condition on parameters and inputs."""
    context = read(scope, node, admitted=True) if isinstance(node, Scalar) else None
    return ir.Requirement(key.text, condition(context, context.parsed.node), node.span) if context else None
