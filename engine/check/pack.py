"""A pack's document to a checked pack: the stages, and the order in which they run."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import replace

from .. import ir
from ..checked import CheckedPack, Vocabulary
from ..diagnostics import Diagnostic, has_errors
from ..document import Mapping as MappingNode
from ..document import Scalar, Sequence
from ..examples import Example
from ..graph import conditions, order, ring_of
from ..linking import Use, link
from ..source import Span
from ..state import slots_of
from ..types import UNKNOWN, Enum, Field, same
from ..zones import Zone
from .arbitration import read_arbitration
from .clock import read_ignored, read_key, read_max_gap, read_step
from .contracts import check_limits, read_contracts, read_requires
from .declarations import output, read_inputs, read_outputs, read_types, section, text_of
from .definitions import Definitions, read_definitions
from .examples import check_states, read_examples
from .intents import read_emits, read_intents, read_roles
from .invariants import read_invariants
from .migrations import read_migrations
from .parameters import read_parameters
from .rules import declare_ids, read_groups, read_rules, read_tables
from .scope import Scope
from .uses import UsedPack, bind_alike, bindings, check_published, exposures, join_emits, read_uses

LANGUAGE = 1


def check_vocabulary(document: MappingNode) -> tuple[Vocabulary | None, list[Diagnostic]]:
    scope = Scope()
    _language(scope, document)
    read_types(scope, document)
    read_roles(scope, document)
    name, version = text_of(document.get("vocabulary")), text_of(document.get("version"))
    vocabulary = Vocabulary(name, version, dict(scope.types), dict(scope.roles))
    return (None if has_errors(scope.findings) else vocabulary), scope.findings


def check_pack(
    document: MappingNode,
    vocabularies: Mapping[str, Vocabulary | str],
    zone: Zone | None = None,
    used: Mapping[str, UsedPack] | None = None,
) -> tuple[CheckedPack | None, list[Diagnostic]]:
    """The checked pack, or nothing where an error was found, and every finding of the file.

    `vocabularies` holds what each entry of `import` resolved to, or what is wrong with it, `used` what each of `use`;
    an entry that is not there is reported. `zone` is what `timezone` names.
    """
    scope = Scope(zone=zone)
    _language(scope, document)
    _import(scope, document, vocabularies)
    read_types(scope, document)
    read_roles(scope, document)
    inputs = read_inputs(scope, document)
    parameters = read_parameters(scope, document)
    check_limits(scope)
    uses = read_uses(scope, document, used or {})
    taken = bind_alike(scope, uses, inputs)
    declared = read_outputs(scope, document)
    declare_ids(scope, document)
    definitions = read_definitions(scope, document)
    definitions.learn(document.span.text)
    step, max_gap = read_step(scope, document), read_max_gap(scope, document)
    for name in (*definitions.in_order(), *scope.definitions):
        definitions.define(name, scope.definitions[name])
    outputs = {name: output(scope, *each) for name, each in declared.items()}
    rules = {rule.id: rule for rule in read_rules(scope, document, outputs)}
    tables = {}
    for table, rows in read_tables(scope, document, outputs):
        tables[table.id] = table
        rules.update({row.id: row for row in rows})
    emits = read_emits(scope, document)
    intents = {}
    for rule, intent in read_intents(scope, document, emits):
        rules[rule.id], intents[rule.id] = rule, intent
    emits = join_emits(scope, uses, emits, intents)
    pack = ir.Pack(
        name=text_of(document.get("policy") or document.get("pack")),
        version=text_of(document.get("version")),
        title=text_of(document.get("title")),
        summary=text_of(document.get("summary")),
        language=LANGUAGE,
        enums={name: kind.members for name, kind in scope.types.items() if isinstance(kind, Enum)},
        inputs=inputs,
        parameters=parameters,
        requires=tuple(_requires(scope, document)),
        contracts=read_contracts(scope, [key.text for key, _ in section(document, "requires")]),
        groups=read_groups(scope, document, _members(rules, tables)),
        rules=dict(sorted(rules.items())),
        tables=tables,
        outputs=outputs,
        steps=(),
        step=step,
        max_gap=max_gap,
        zone=zone,
        invariants=tuple(read_invariants(scope, document)),
        emits=emits,
        intents=intents,
        key=read_key(scope, document),
        arbitration=read_arbitration(scope, document, exposures(uses, intents)),
        ignored=read_ignored(document),
    )
    examples = tuple(read_examples(scope, document))
    used_packs = list(bindings(scope, uses))
    check_published(scope, uses)
    return _finish(scope, document, pack, definitions, used_packs, taken, examples)


def _finish(
    scope: Scope,
    document: MappingNode,
    pack: ir.Pack,
    definitions: Definitions,
    uses: list[Use],
    taken: tuple[Field, ...],
    examples: tuple[Example, ...],
) -> tuple[CheckedPack | None, list[Diagnostic]]:
    steps, cycles = order(pack, definitions.typed, scope.definitions)
    scope.findings.extend(cycles)
    _output_shapes(scope, pack, document)
    _unused(scope, document)
    for use in uses:
        definitions.typed.update((ir.of_part(use.name, name), value) for name, value in use.bindings.items())
    if not has_errors(scope.findings):
        _untyped(scope, pack, definitions)
        _recalled(scope, pack, definitions)
    slots = () if has_errors(scope.findings) else tuple(slots_of(_expressions(pack, definitions)))
    migrations = () if has_errors(scope.findings) else read_migrations(scope, document, slots)
    if not has_errors(scope.findings):
        check_states(scope, examples, slots, pack.step)
    findings = sorted(dict.fromkeys(_without_echoes(scope)), key=Diagnostic.sort_key)
    if has_errors(findings):
        return None, findings
    pack = replace(pack, steps=steps, needs_now="now" in scope.used, slots=slots, migrations=migrations)
    if uses:
        linked = link(pack, uses, taken)
        if linked.pack is None:
            spans = {**scope.definitions, **{key.text: key.span for key, _ in section(document, "use")}}
            return None, [*findings, ring_of(linked.ring, pack, spans)]
        pack = linked.pack
    return CheckedPack(pack, examples), findings


def _without_echoes(scope: Scope) -> Iterator[Diagnostic]:
    """The findings, but for bare numbers in expressions that have an error: one mistake is one finding."""
    for each in scope.findings:
        if each.code != "FB501" or not any(_holds(whole, each.span) for whole in scope.spoilt):
            yield each


def _holds(whole: Span, part: Span | None) -> bool:
    return part is not None and whole.source is part.source and whole.start <= part.start and part.end <= whole.end


def _language(scope: Scope, document: MappingNode) -> None:
    node = document.get("language")
    if isinstance(node, Scalar) and node.value != LANGUAGE:
        scope.report("FB206", node.span, known=LANGUAGE, found=node.text)


def _import(scope: Scope, document: MappingNode, vocabularies: Mapping[str, Vocabulary | str]) -> None:
    node = document.get("import")
    for item in node.items if isinstance(node, Sequence) else ():
        found = vocabularies.get(text_of(item))
        if not isinstance(found, Vocabulary):
            scope.unresolved = True
            advice = None if found else "write a name and major version, as in `trading@1`"
            problem = found or "no vocabulary is found by that name"
            scope.report("FB312", item.span, name=text_of(item), problem=problem, help=advice)
            continue
        scope.types.update(found.types)
        scope.roles.update(found.roles)


def _members(rules: Mapping[str, ir.Rule], tables: Mapping[str, ir.Table]) -> dict[str, list[str]]:
    """The rules and tables of each group."""
    members: dict[str, list[str]] = defaultdict(list)
    holders: tuple[ir.Rule | ir.Table, ...] = (*rules.values(), *tables.values())
    for holder in holders:
        if holder.group and not (isinstance(holder, ir.Rule) and holder.table):
            members[holder.group].append(holder.id)
    return {name: sorted(ids) for name, ids in members.items()}


def _requires(scope: Scope, document: MappingNode) -> list[ir.Requirement]:
    found = (read_requires(scope, key, node) for key, node in section(document, "requires"))
    return [each for each in found if each]


def _output_shapes(scope: Scope, pack: ir.Pack, document: MappingNode) -> None:
    outputs = document.get("outputs")
    for name, declared in pack.outputs.items():
        verbs = {effect.verb for _, effect in pack.effects_on(name)}
        node = outputs.get(name) if isinstance(outputs, MappingNode) else None
        if {"floor", "cap"} <= verbs and isinstance(node, MappingNode) and node.get("prefer") is None:
            problem = f"`{name}` has floors and caps, and does not say which wins"
            scope.report("FB406", declared.span, problem=problem, help="add `prefer: cap` or `prefer: floor`")
        is_written = verbs or name in scope.used  # or a rule writes it, misspelt
        if declared.combine not in ("stages", "computed") and not is_written:
            scope.report("FB405", declared.span, what=f"`combine` of `{name}`, which no rule writes,")


def _untyped(scope: Scope, pack: ir.Pack, definitions: Definitions) -> None:
    """Report what nothing gives a type, such as `missing == missing`: it would go with everything, unchecked."""
    for expression in _expressions(pack, definitions):
        nodes = (node for node in _evaluated(expression) if not isinstance(node, ir.Defined))  # reported where defined
        found = next((node for node in nodes if node.type == UNKNOWN and node.span), None)
        if found is not None and found.span:
            scope.report("FB305", found.span, expected="a value of a known type", found=f"`{found.span.text}`")


def _expressions(pack: ir.Pack, definitions: Definitions) -> Iterator[ir.Expr]:
    yield from definitions.typed.values()
    yield from (requirement.condition for requirement in (*pack.requires, *pack.contracts.values()))
    yield from (each.condition for each in pack.invariants if isinstance(each, ir.Invariant))
    for declared in pack.outputs.values():
        yield from (declared.safe, *([declared.start] if declared.start else []))
    for table in pack.tables.values():
        yield from (*ir.loop_expressions(table.loop), *(column.value for column in table.columns))
    for rule in (*pack.rules.values(), *(veto.rule for veto in pack.arbitration.vetoes.values())):
        yield from (*conditions(rule), *(effect.value for effect in rule.effects))
        yield from (hole.value for hole in ir.holes(rule))
    for intent in pack.intents.values():
        yield from intent.expressions
    for group in pack.groups.values():
        yield from (*([group.when] if group.when else []), *(hole.value for hole in ir.holes(group)))


def _recalled(scope: Scope, pack: ir.Pack, definitions: Definitions) -> None:
    """Report a `previous` whose definition turned out to be of another type than it needs."""
    for expression in _expressions(pack, definitions):
        for node in ir.walk(expression):
            if isinstance(node, ir.Previous) and node.name in definitions.typed:
                found = definitions.typed[node.name].type
                if not same(found, node.type):
                    scope.report("FB305", node.span, expected=str(node.type), found=str(found))


def _evaluated(expression: ir.Expr) -> Iterator[ir.Expr]:
    """The nodes of an expression, but for what stands in a loop over `[]`."""
    yield expression
    if isinstance(expression, ir.Each) and isinstance(expression.source, ir.Make) and not expression.source.parts:
        return
    for child in ir.children(expression):
        yield from _evaluated(child)


def _unused(scope: Scope, document: MappingNode) -> None:
    kinds = {"inputs": "input", "parameters": "parameter", "definitions": "definition", "types": "type"}
    for part, kind in kinds.items():
        for key, _ in section(document, part):
            if key.text not in scope.used and key.text != "now":
                scope.report("FB503", key.span, kind=kind, name=key.text)
    if scope.zone and "day" not in scope.used:
        node = document.get("timezone")
        scope.report("FB503", node.span if node else None, kind="timezone", name=scope.zone.name)
