"""From a policy to the document about it: every rule as a sentence, every number with its reason."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ..engine import ir
from ..engine.document import Mapping as MappingNode
from ..engine.document import plain
from ..engine.sentences import Sentences, words
from ..engine.times import format_time
from ..engine.types import (
    Document,
    Enum,
    Field,
    Integer,
    List,
    Map,
    Number,
    Record,
    Time,
    Type,
    Vector,
    innermost,
    is_numeric,
    unit_of,
)  # fmt: skip
from ..engine.values import exactly
from .comparison_view import HistoryView
from .pack_graph import draw
from .pack_rules import Rules, by_member
from .pack_uses import Uses
from .pack_views import (
    DefinitionView,
    ExampleView,
    InputView,
    InvariantView,
    Link,
    OutputView,
    PackDocument,
    ParameterView,
    PartView,
    StepView,
)  # fmt: skip
from .text import in_order, plain_text, where

if TYPE_CHECKING:
    from ..engine.examples import Example, Step
    from ..engine.policy import Policy

_COMBINED = {
    "all": "true while every rule leaves it so", "any": "true where any rule says so",
    "most_severe": "the most severe counts", "unique": "two different values are a fault",
    "collect": "collects what rules give", "stages": "multiplied, added to, bounded and set, in this order",
    "computed": "computed, no rule changes it",
}  # fmt: skip


def pack_document(
    policy: Policy, examples: Sequence[Example], notes: str = "", history: HistoryView | None = None
) -> PackDocument:
    """The document of a policy's pack, under its parameters in force."""
    pack = policy.pack
    say = Sentences(pack, policy.values)
    uses, rules = Uses(pack), Rules(pack, say)
    return PackDocument(
        name=pack.name,
        version=pack.version,
        title=pack.title or words(pack.name).capitalize(),
        summary=" ".join(pack.summary.split()),
        notes=tuple(_paragraphs(notes)),
        counts=tuple(_counts(pack, examples)),
        facts=tuple(_facts(policy)),
        parts=tuple(_parts(pack)),
        arbitration=tuple(rules.arbitration()),
        types=tuple(sorted(pack.enums.items())),
        inputs=tuple(view for each in pack.inputs for view in _inputs(each, each.name, each.source)),
        parameters=tuple(_parameters(policy, uses)),
        requires=tuple((ir.shown(each.id), say.say(each.condition)) for each in in_order(pack.requires)),
        definitions=tuple(_definitions(pack, say, rules)),
        outputs=tuple(_output(each, say, uses) for each in in_order(pack.outputs.values())),
        groups=tuple(rules.groups()),
        rules=tuple(rules.rules()),
        tables=tuple(rules.tables()),
        intents=tuple(rules.intents()),
        state=tuple(_state(pack, say)),
        invariants=tuple(_invariants(pack, say)),
        examples=tuple(_example(each) for each in in_order(examples)),
        graph=draw(pack, uses),
        history=history or HistoryView(),
    )


def _parts(pack: ir.Pack) -> Iterator[PartView]:
    """The packs that a policy uses."""
    for part in pack.parts:
        if part.name:
            contained = "its readers go on with its safe outputs" if part.contained else "its readers fail with it"
            tolerated = f"what raises exposure may stand: {part.tolerated}" if part.tolerated else ""
            failing = "; ".join(filter(None, (contained, tolerated)))
            yield PartView(part.name, f"{part.pack}@{part.version}", part.hash, failing)


def _links(parts: Iterable[Link]) -> tuple[Link, ...]:
    """As people write the names."""
    return tuple(Link(each.kind, ir.shown(each.name)) for each in parts)


def _paragraphs(text: str) -> Iterator[str]:
    """A text that was wrapped where it stands: a paragraph ends at an empty line, or where one ends in a full stop."""
    lines: list[str] = []
    for line in [*text.splitlines(), ""]:
        starts = line[:1].isupper() and bool(lines) and lines[-1].endswith(".")
        if lines and (starts or not line.strip()):
            yield " ".join(lines)
            lines = []
        lines += [line.strip()] if line.strip() else []


def _counts(pack: ir.Pack, examples: Sequence[Example]) -> Iterator[str]:
    rules = sum(each.table is None and each.id not in pack.intents for each in pack.rules.values())
    for count, name in (
        (len(pack.inputs), "input"), (len(pack.parameters), "parameter"), (rules, "rule"),
        (len(pack.tables), "table"), (len(pack.intents), "intent"), (len(pack.outputs), "output"),
        (len(pack.invariants), "invariant"), (len(examples), "example"),
    ):  # fmt: skip
        if count:
            yield f"{count} {name}{'s' if count > 1 else ''}"


def _facts(policy: Policy) -> Iterator[tuple[str, str]]:
    pack = policy.pack
    yield "Version", pack.version
    yield "Language", str(pack.language)
    yield "Document", policy.hash
    yield "Parameters", policy.parameters_hash
    yield "Engine", policy.engine
    if pack.key:
        yield "Sessions by", pack.key
    if pack.zone:
        yield "Timezone", f"{pack.zone.name} ({pack.zone.version})"


# Contract


def type_name(kind: Type) -> str:
    match kind:
        case Number():
            return "number"
        case Integer():
            return "integer"
        case Enum(name=name) | Record(name=name):
            return name or "record"
        case List(item=item, max_items=most):
            return f"list of {type_name(item.type)}, at most {most}"
        case Vector(by=by, item=item):
            return f"{type_name(item.type)} by {by.name}"
        case Map(item=item, max_items=most):
            return f"{type_name(item.type)} by text, at most {most}"
        case Time():
            return "time"
        case Document():
            return "document"
    return str(kind).removeprefix("a ")


def _unit(kind: Type) -> str:
    inner = innermost(kind)
    return str(unit_of(inner)) if is_numeric(inner) else ""


def _range(low: float | None, high: float | None) -> str:
    """The bounds, both ends allowed."""
    match low, high:
        case None, None:
            return ""
        case _, None:
            return f"at least {low:,.15g}"
        case None, _:
            return f"at most {high:,.15g}"
    return f"{low:,.15g} to {high:,.15g}"


def _inputs(field: Field, path: str, key: str) -> Iterator[InputView]:
    """An input, then the fields that are in it."""
    yield InputView(
        name=path,
        key=key if key != path else "",
        type=type_name(field.type),
        unit=_unit(field.type),
        range=_range(field.low, field.high),
        presence=_presence(field),
        why=" ".join(field.why.split()),
        actionable=field.actionable,
    )
    inner = field.type
    while isinstance(inner, List | Map | Vector):
        path, key, inner = f"{path}[]", f"{key}[]", inner.item.type
    if isinstance(inner, Record):
        for each in inner.fields:
            yield from _inputs(each, f"{path}.{each.name}", f"{key}.{each.source}")


def _presence(field: Field) -> str:
    old = f"absent when older than {words(field.age.limit)}" if field.age else ""
    said = "optional" if field.optional else "required"
    forgiven = "absent where it breaks its contract" if field.forgiving else ""
    dropped = "bad items are left out" if field.drops else ""
    return ", ".join(filter(None, (said, old, forgiven, dropped)))


def _parameters(policy: Policy, uses: Uses) -> Iterator[ParameterView]:
    for each in in_order(policy.pack.parameters.values()):
        yield ParameterView(
            name=each.name,
            value=_in_time(policy, each),
            unit=_unit(each.type),
            range=_range(each.low, each.high),
            why=" ".join(each.why.split()),
            layer=policy.layers.get(each.name, "pack"),
            env=each.env or "",
            used_by=_links(uses.of_parameters[each.name]),
            where=where(each.span),
        )


def _in_time(policy: Policy, declared: ir.ParameterDeclaration) -> str:
    """The value, or all of them with the times from which they hold."""
    dated = policy.dated.get(declared.name) or ((None, policy.values[declared.name]),)
    texts = ((start, shown(value, declared.type)) for start, value in dated)
    return ", ".join(text if start is None else f"{text} from {format_time(start)}" for start, text in texts)


def shown(value: Any, kind: Type) -> str:
    """A value in its unit; the values of a vector with its members."""
    match kind, value:
        case Vector(item=item), tuple(parts):
            return by_member(kind, [shown(part, item.type) for part in parts])
        case Map(item=item), tuple(pairs):
            return ", ".join(f"{key}: {shown(part, item.type)}" for key, part in pairs) or "none"
        case Record(fields=fields), tuple(parts):
            named = zip(fields, parts, strict=True)
            return "{" + ", ".join(f"{each.name}: {shown(part, each.type)}" for each, part in named) + "}"
        case List(item=item), tuple(parts):
            return ", ".join(shown(part, item.type) for part in parts) or "none"
    return exactly(value, kind)


# What is computed


def _definitions(pack: ir.Pack, say: Sentences, rules: Rules) -> Iterator[DefinitionView]:
    for step in pack.steps:
        if isinstance(step, ir.Define | ir.Bind):
            value = step.value
            table = rules.lookup(step.name, value) if isinstance(value, ir.Lookup) else None
            yield DefinitionView(ir.shown(step.name), type_name(value.type), say.say(value), table, where(value.span))


def _output(output: ir.OutputDeclaration, say: Sentences, uses: Uses) -> OutputView:
    within = f"held within {_range(*output.within)}" if output.within else ""
    bounds = _range(output.low, output.high)
    prefers = "at least beats at most" if output.prefer == "floor" else ""
    changed = [part for part, outputs in uses.writes.items() if any(each.name == output.name for each in outputs)]
    return OutputView(
        name=ir.shown(output.name),
        type=type_name(output.type) + (", optional" if output.optional else ""),
        unit=_unit(output.type),
        combine=_COMBINED[output.combine],
        start=say.say(output.start) if output.start else "nothing",
        safe=say.say(output.safe),
        limits="; ".join(filter(None, (within, f"a fault outside {bounds}" if bounds else "", prefers))),
        why=" ".join(output.why.split()),
        changed_by=_links(changed),
        where=where(output.span),
    )


def _state(pack: ir.Pack, say: Sentences) -> Iterator[tuple[str, str]]:
    """What a session keeps between two snapshots."""
    for slot in pack.slots:
        if slot.kind == "previous":
            yield ir.shown(slot.name), "the value at the last accepted snapshot"
        else:
            yield ir.shown(slot.name), say.say(slot.source)


# What is promised, and shown


def _invariants(pack: ir.Pack, say: Sentences) -> Iterator[InvariantView]:
    for each in in_order(pack.invariants):
        match each:
            case ir.Invariant(word=word, condition=condition):
                sentence, enforced = f"{word}: {say.say(condition)}", each.enforce
            case ir.Monotone(word=word, output=output, when=when, input=moved):
                verb = "rises" if when == "when_rises" else "falls"
                sentence = f"{words(output.name)} {word}, or stays, when {say.say(moved)} {verb}"
                enforced = False
        yield InvariantView(ir.shown(each.id), sentence, " ".join(each.why.split()), enforced, where(each.span))


def _example(example: Example) -> ExampleView:
    steps = tuple(_step(each, example.is_sequence) for each in example.steps)
    title = _text(example.node, "title") or words(example.name).capitalize()
    return ExampleView(example.name, title, steps, where(example.span))


def _step(step: Step, in_sequence: bool) -> StepView:
    now = _text(step.node, "now")
    given = [*_pairs(step.node, "given"), *([f"now: {now}"] if now else [])]
    expect = _pairs(step.node, "expect") if step.expect else []
    return StepView(tuple(given), tuple(expect), _text(step.node, "title") if in_sequence else "")


def _pairs(node: MappingNode, name: str) -> list[str]:
    found = node.get(name)
    content = plain(found) if found else {}
    return [f"{key}: {plain_text(value)}" for key, value in content.items()] if isinstance(content, Mapping) else []


def _text(node: MappingNode, name: str) -> str:
    found = node.get(name)
    return plain_text(plain(found)) if found else ""


__all__ = ["pack_document", "shown", "type_name"]
