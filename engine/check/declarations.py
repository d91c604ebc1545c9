"""Types, inputs, parameters and outputs of a pack."""

from __future__ import annotations

from collections.abc import Iterator

from .. import ir
from ..diagnostics import Related, did_you_mean
from ..document import Document, Mapping, Scalar, Sequence
from ..examples import EXPECTATIONS
from ..source import Span
from ..types import (
    BOOLEAN,
    MAX_DOCUMENT,
    MAX_TEXT,
    UNKNOWN,
    Boolean,
    Enum,
    Field,
    Integer,
    List,
    Map,
    Number,
    Record,
    Text,
    Time,
    Type,
    Vector,
)
from ..types import Document as DocumentType
from ..units import RATIO, UNIT_NAMES, Unit, parse, unknown_names
from .contracts import contract, dated
from .literals import bounds
from .scope import RESERVED, Scope, Symbol
from .structures import safe_of, value_of

BY_TEXT = "text"
Declaration = ir.OutputDeclaration | ir.ParameterDeclaration


def text_of(node: Document | None, default: str = "") -> str:
    return node.text if isinstance(node, Scalar) else default


def flag(node: Document | None, default: bool = False) -> bool:
    return bool(node.value) if isinstance(node, Scalar) else default


def section(document: Mapping, name: str) -> Iterator[tuple[Scalar, Document]]:
    """The entries of a part of the pack, in order of name: file order has no meaning."""
    node = document.get(name)
    return iter(sorted(node.entries, key=lambda entry: entry[0].text)) if isinstance(node, Mapping) else iter(())


def is_enabled(node: Document | None) -> bool:
    return not isinstance(node, Mapping) or flag(node.get("enabled"), default=True)


def read_types(scope: Scope, document: Mapping) -> None:
    """Local types, enums before the records that use them."""
    entries = list(section(document, "types"))
    for key, node in entries:
        if key.text in scope.types:
            scope.report("FB311", key.span, name=key.text, other="an imported type")
        members = node if isinstance(node, Sequence) else node.get("members") if isinstance(node, Mapping) else None
        if isinstance(members, Sequence):
            scope.types[key.text] = Enum(key.text, _members(scope, members))
    waiting = [(key, node) for key, node in entries if isinstance(node, Mapping) and node.get("fields")]
    for key, node in _by_use(waiting):
        scope.types[key.text] = _record(scope, key.text, node)


def _by_use(records: list[tuple[Scalar, Mapping]]) -> list[tuple[Scalar, Mapping]]:
    """Records behind those that their fields name."""
    names = {key.text for key, _ in records}
    done: dict[str, tuple[Scalar, Mapping]] = {}
    while len(done) < len(records):
        before = len(done)
        for key, node in records:
            wanted = {scalar.text for scalar in _scalars(node.get("fields"))} & names
            if key.text not in done and wanted <= done.keys() | {key.text}:
                done[key.text] = (key, node)
        if len(done) == before:
            return [*done.values(), *(entry for entry in records if entry[0].text not in done)]
    return list(done.values())


def _scalars(node: Document | None) -> Iterator[Scalar]:
    match node:
        case Scalar():
            yield node
        case Sequence(items=items):
            for item in items:
                yield from _scalars(item)
        case Mapping(entries=entries):
            for _, value in entries:
                yield from _scalars(value)


def _members(scope: Scope, node: Sequence) -> tuple[str, ...]:
    found: dict[str, Span] = {}
    for item in node.items:
        name = text_of(item)
        if name in found:
            scope.report("FB311", item.span, name=name, other="a member", related=[Related(found[name], "here")])
        if name in RESERVED:
            scope.report("FB319", item.span, name=name)
        found.setdefault(name, item.span)
    return tuple(found)


def read_type(scope: Scope, node: Document | None, default: str = "") -> Type:
    """The type that a mapping with `type`, `unit`, `of`, `fields` … or a name alone describes."""
    spec = node if isinstance(node, Mapping) else None
    name_node = spec.get("type") if spec else node
    name = text_of(name_node, default)
    kind = _named_type(scope, name, name_node or node, spec)
    by = spec.get("by") if spec else None
    if spec is None or by is None:
        return kind
    low, high = bounds(spec.get("range"))
    if text_of(by) == BY_TEXT:
        return Map(Field("", kind, low=low, high=high), _limits(scope, spec)[0])
    return indexed(scope, by, Field("", kind, optional=flag(spec.get("optional")), low=low, high=high))


def _limits(scope: Scope, spec: Mapping) -> tuple[int, int]:
    """The most entries of a map and the most items of a list; a map of lists says both."""
    node, values = spec.get("max_items"), spec.get("values")
    both = text_of(spec.get("by")) == BY_TEXT and text_of(spec.get("type")) == "list"
    if isinstance(node, Sequence) != both and node is not None:
        advice = "write `max_items: [entries, items of each]`" if both else "write one number"
        problem = "a map of lists has two limits" if both else "this has one limit"
        scope.report("FB406", node.span, problem=problem, help=advice)
    if node is None:  # a definition has what is written, and the schema asks for the others
        most = len(values.entries) if isinstance(values, Mapping) else 0
        return most, 0
    counts = [_count(each) for each in node.items] if isinstance(node, Sequence) else [_count(node)]
    return counts[0], counts[-1]


def _count(node: Document) -> int:
    return int(node.value) if isinstance(node, Scalar) and isinstance(node.value, int) else 0


def indexed(scope: Scope, by: Document, item: Field) -> Type:
    """A vector by an enum; by two, a matrix: a vector by the first of vectors by the second."""
    enums = [_enum(scope, each) for each in (by.items if isinstance(by, Sequence) else (by,))]
    for enum in reversed(enums):
        if enum is None:
            return UNKNOWN
        item = Field("", Vector(enum, item))
    return item.type


def _enum(scope: Scope, node: Document) -> Enum | None:
    found = scope.types.get(text_of(node))
    if not isinstance(found, Enum):
        known = [name for name, each in scope.types.items() if isinstance(each, Enum)]
        if not scope.unresolved:
            help_text = did_you_mean(text_of(node), known)
            scope.report("FB301", node.span, kind="enum", name=text_of(node), help=help_text)
        return None
    scope.used.add(found.name)
    return found


def _named_type(scope: Scope, name: str, node: Document | None, spec: Mapping | None) -> Type:
    match name:
        case "number" | "integer":
            unit = _unit(scope, spec)
            return UNKNOWN if unit is None else Number(unit) if name == "number" else Integer(unit)
        case "boolean":
            return BOOLEAN
        case "text":
            length = spec.get("max_length") if spec else None
            return Text(int(length.value) if isinstance(length, Scalar) and isinstance(length.value, int) else MAX_TEXT)
        case "time":
            return Time()
        case "document":
            return _document(spec)
        case "record" if spec:
            return _record(scope, "", spec)
        case "list" if spec:
            return _list(scope, spec)
    found = scope.types.get(name)
    if found is None:
        return _unknown_type(scope, name, node)
    scope.used.add(name)
    return found


def _document(spec: Mapping | None) -> DocumentType:
    ignore, unordered, most = (spec.get(key) if spec else None for key in ("ignore", "unordered", "max_bytes"))
    limit = most.value if isinstance(most, Scalar) and isinstance(most.value, int) else MAX_DOCUMENT
    return DocumentType(_patterns(ignore), _patterns(unordered), limit)


def _patterns(node: Document | None) -> tuple[str, ...]:
    """In one order, so that two documents of the same patterns are of one type."""
    return tuple(sorted(text_of(each) for each in node.items)) if isinstance(node, Sequence) else ()


def _unknown_type(scope: Scope, name: str, node: Document | None) -> Type:
    known = (*scope.types, "number", "integer", "boolean", "text", "time", "record", "list", "document")
    if not scope.unresolved:
        scope.report("FB301", node.span if node else None, kind="type", name=name, help=did_you_mean(name, known))
    return UNKNOWN


def _unit(scope: Scope, spec: Mapping | None) -> Unit | None:
    node = spec.get("unit") if spec else None
    if not isinstance(node, Scalar):
        return RATIO
    found = parse(node.text)
    if found is None:
        near = next((did_you_mean(name, UNIT_NAMES) for name in unknown_names(node.text)), None)
        scope.report("FB307", node.span, unit=node.text, help=near)
    return found


def _record(scope: Scope, name: str, spec: Mapping) -> Record:
    entries = list(section(spec, "fields"))
    fields = [read_field(scope, key.text, node) for key, node in entries]
    return Record(name, dated(scope, fields, [node for _, node in entries]))


def _list(scope: Scope, spec: Mapping) -> List:
    of = spec.get("of")
    item = (
        dated(scope, [read_field(scope, "", of)], [of])[0]
        if isinstance(of, Mapping)
        else Field("", read_type(scope, of))
    )
    max_items = _limits(scope, spec)[1]
    holder = of.get("key") if isinstance(of, Mapping) else None
    return List(item, max_items, _key(scope, spec.get("key") or holder, item.type))


def _key(scope: Scope, node: Document | None, item: Type) -> tuple[str, ...]:
    nodes = node.items if isinstance(node, Sequence) else [node] if node else []
    for each in nodes:
        if not isinstance(item, Record) or item.field(text_of(each)) is None:
            known = [field.name for field in item.fields] if isinstance(item, Record) else []
            scope.report("FB301", each.span, kind="field", name=text_of(each), help=did_you_mean(text_of(each), known))
    return tuple(text_of(each) for each in nodes)


def read_field(scope: Scope, name: str, node: Document) -> Field:
    """An input, a record's field or a list's item."""
    kind = read_type(scope, node)
    if not isinstance(node, Mapping):
        return Field(name, kind)
    low, high = bounds(node.get("range"))
    if low is not None and high is not None and low > high and (where := node.get("range")):
        scope.report("FB406", where.span, problem="the range ends before it begins")
    optional = flag(node.get("optional")) and not isinstance(kind, Vector)
    source, why = text_of(node.get("from")), text_of(node.get("why"))
    field = Field(name, kind, optional, low, high, source, why, actionable=flag(node.get("actionable")))
    return contract(scope, field, node)


def read_inputs(scope: Scope, document: Mapping) -> tuple[Field, ...]:
    scope.reading_inputs = True
    fields = []
    entries = list(section(document, "inputs"))
    for key, node in entries:
        field = read_field(scope, key.text, node)
        if key.text != "now":
            claim(scope, key)
        scope.symbols[key.text] = Symbol(key.text, "input", field.type, field.optional)
        fields.append(field)
    found = dated(scope, fields, [node for _, node in entries])
    scope.reading_inputs = False
    return found


def claim(scope: Scope, key: Scalar) -> None:
    """Take a name in the pack's one space of values."""
    if key.text in RESERVED:
        scope.report("FB319", key.span, name=key.text)
    elif key.text in scope.symbols or key.text in scope.definitions or key.text in scope.outputs:
        scope.report("FB311", key.span, name=key.text, other="another value")
    elif scope.is_part(key.text):
        scope.report("FB311", key.span, name=key.text, other="a pack that the policy uses")
    elif enums := scope.enums_with(key.text):
        scope.report("FB311", key.span, name=key.text, other=f"a member of {enums[0].name}")


def read_outputs(scope: Scope, document: Mapping) -> dict[str, tuple[Scalar, Mapping, Type]]:
    """Names and types only; what they start from is checked when every name is known."""
    found = {}
    for key, node in section(document, "outputs"):
        if isinstance(node, Mapping):
            kind = read_type(scope, node)
            if key.text in EXPECTATIONS:
                advice = "choose another name, `expect` has a use for this one"
                scope.report("FB319", key.span, name=key.text, help=advice)
            else:
                claim(scope, key)
            scope.outputs[key.text] = (kind, flag(node.get("optional")) and not isinstance(kind, Vector))
            found[key.text] = (key, node, kind)
    return found


def output(scope: Scope, key: Scalar, node: Mapping, kind: Type) -> ir.OutputDeclaration:
    combine = _combine(scope, key, node, kind)
    optional = scope.outputs[key.text][1]
    start = node.get("start")
    within = bounds(node.get("within"))
    low, high = bounds(node.get("range"))
    safe = safe_of(scope, node.get("safe"), kind, optional)
    scope.demand_single(safe, "what is safe")
    if within != (None, None) and not isinstance(kind, Number | Integer):
        scope.report("FB406", key.span, problem="`within` is for numbers")
    return ir.OutputDeclaration(
        name=key.text,
        type=kind,
        combine=combine,
        start=value_of(scope, start, kind, optional) if start else None,
        safe=safe,
        optional=optional,
        within=(within[0], within[1]) if within[0] is not None and within[1] is not None else None,
        low=low,
        high=high,
        prefer="floor" if text_of(node.get("prefer")) == "floor" else "cap",
        why=text_of(node.get("why")),
        span=key.span,
    )


_COMBINES: dict[type, tuple[ir.Combine, ...]] = {
    Boolean: ("all", "any"),
    Enum: ("most_severe", "unique"),
    List: ("collect",),
}


def _combine(scope: Scope, key: Scalar, node: Mapping, kind: Type) -> ir.Combine:
    written = node.get("combine")
    allowed = _COMBINES.get(type(kind), ())
    has_start = node.get("start") is not None
    if isinstance(written, Scalar) and written.text not in allowed and kind != UNKNOWN:
        choices = " or ".join(f"`{each}`" for each in allowed) or "nothing"
        problem = f"{kind} does not combine by `{written.text}`"
        scope.report("FB406", written.span, problem=problem, help=f"it combines by {choices}")
    if text_of(written) == "collect" and has_start:
        where = node.key("start") or key
        scope.report("FB406", where.span, problem="a list that collects starts empty", help="remove `start`")
    elif text_of(written) != "collect" and not has_start:
        problem = f"output `{key.text}` has no `start`"
        scope.report("FB406", key.span, problem=problem, help="say what it is when no rule fires")
    if isinstance(kind, Number | Integer):
        return "stages"
    return written.text if isinstance(written, Scalar) and written.text in allowed else "computed"
