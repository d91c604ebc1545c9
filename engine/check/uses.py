"""The packs that a policy uses: what each of their inputs is bound to, and which of their parameters it sets."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from .. import ir
from ..diagnostics import did_you_mean
from ..document import Document, Scalar, Sequence
from ..document import Mapping as MappingNode
from ..intents import listed_type
from ..linking import Use
from ..rewriting import Qualifier
from ..state_functions import STATE_FUNCTIONS
from ..types import UNKNOWN, Field, Integer, Number, Text, Type, Vector, accepts, same
from .declarations import claim, section, text_of
from .literals import literal, vector
from .parameters import dated_values, is_dated
from .scope import Scope, Symbol
from .structures import value_of


@dataclass(frozen=True, slots=True)
class UsedPack:
    """What an entry of `use` resolved to. `pack` is nothing where it has errors or is none, as `problem` says."""

    reference: str
    pack: ir.Pack | None
    hash: str = ""
    problem: str = ""
    advice: str | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of `use`, whose inputs are still to be bound. `written` holds what the policy says of them."""

    key: Scalar
    node: MappingNode
    pack: ir.Pack
    hash: str
    written: Mapping[str, Document]

    @property
    def name(self) -> str:
        return self.key.text

    @property
    def unbound(self) -> Iterator[Field]:
        """The inputs that are to be bound by themselves."""
        return (each for each in self.pack.inputs if each.name != "now" and each.name not in self.written)


@dataclass
class Uses:
    """The entries of `use`; `bound` are the inputs that were bound by themselves, by entry and input."""

    entries: list[Entry] = field(default_factory=list)
    bound: dict[tuple[str, str], ir.Expr] = field(default_factory=dict)
    tolerated: dict[str, str] = field(default_factory=dict)


def read_uses(scope: Scope, document: MappingNode, used: Mapping[str, UsedPack]) -> Uses:
    """Take the names of the instances, and their outputs and rules as names of the policy."""
    uses = Uses()
    refused: set[str] = set()
    for key, node in section(document, "use"):
        if not isinstance(node, MappingNode):
            continue
        claim(scope, key)
        pack = _resolved(scope, node, used.get(key.text), refused)
        if pack is None:
            scope.unresolved_parts.add(key.text)
            scope.pardon(node.span.text)
            continue
        scope.parts[key.text] = pack
        scope.fired |= {f"{key.text}.{name}": kind for name, kind in _ids(pack)}
        found = used[key.text]
        uses.entries.append(Entry(key, node, _set(scope, node, pack), found.hash, _written(scope, node, pack)))
    uses.tolerated = dict(_tolerated(scope, document))
    return uses


def _tolerated(scope: Scope, document: MappingNode) -> Iterator[tuple[str, str]]:
    for key, why in section(document, "tolerates"):
        if not scope.is_part(key.text):
            near = did_you_mean(key.text, scope.parts)
            scope.report("FB301", key.span, kind="used pack", name=key.text, help=near)
        yield key.text, text_of(why)


def _resolved(scope: Scope, node: MappingNode, found: UsedPack | None, refused: set[str]) -> ir.Pack | None:
    """The pack; that there is none is said where it is first used."""
    written = node.get("pack")
    name = text_of(written)
    if written is None or name in refused:
        return None
    if found is not None and found.pack is not None:
        return found.pack
    refused.add(name)
    if found is None:
        scope.report("FB801", written.span, name=name)
    else:
        scope.report("FB802", written.span, name=name, problem=found.problem, help=found.advice)
    return None


def _ids(pack: ir.Pack) -> Iterator[tuple[str, str]]:
    for rule in pack.rules.values():
        yield rule.id, "row" if rule.table else "intent" if rule.id in pack.intents else "rule"
    yield from ((name, "table") for name in pack.tables)
    yield from ((name, "group") for name in pack.groups)


def _written(scope: Scope, node: MappingNode, pack: ir.Pack) -> dict[str, Document]:
    known = [each.name for each in pack.inputs if each.name != "now"]
    found = {}
    for key, value in section(node, "inputs"):
        if key.text in known:
            found[key.text] = value
        else:
            scope.pardon(value.span.text)
            near = did_you_mean(key.text, known)
            scope.report("FB301", key.span, kind=f"input of `{pack.name}`", name=key.text, help=near)
    return found


def _set(scope: Scope, node: MappingNode, pack: ir.Pack) -> ir.Pack:
    """The pack with the parameters that the policy sets."""
    parameters = dict(pack.parameters)
    for key, spec in section(node, "parameters"):
        declared = parameters.get(key.text)
        if declared is None:
            near = did_you_mean(key.text, parameters)
            scope.report("FB301", key.span, kind=f"parameter of `{pack.name}`", name=key.text, help=near)
            continue
        given = (spec.get("value") or spec.get("values")) if isinstance(spec, MappingNode) else None
        if given is None or not isinstance(spec, MappingNode):
            continue
        value, dated = _value(scope, pack, given, declared)
        why = text_of(spec.get("why"))
        parameters[key.text] = replace(declared, value=value, dated=dated, why=why, span=given.span, layer="policy")
    return replace(pack, parameters=parameters)


def _value(scope: Scope, pack: ir.Pack, node: Document, declared: ir.ParameterDeclaration) -> tuple[ir.Value, ir.Dated]:
    """The value, of dated ones the first, and those."""
    if isinstance(declared.type, Vector) and isinstance(node, MappingNode):
        return vector(scope, node, declared.type), ir.Dated()
    place = Field(declared.name, declared.type, low=declared.low, high=declared.high)
    if not isinstance(node, Sequence) or not is_dated(node):
        return literal(scope, node, place), ir.Dated()
    what = dict(_single(pack)).get(declared.name)
    if what is not None:
        scope.report("FB413", node.span, name=declared.name, what=what)
    dated = dated_values(scope, node, place)
    return (dated[0][1] if dated else None), dated


def _single(pack: ir.Pack) -> Iterator[tuple[str, str]]:
    """The parameters of a pack that have one value at all times, each with what has it."""
    functions = [slot.source for slot in pack.slots if isinstance(slot.source, ir.Advance)]
    windows = [each.args[-1] for each in functions if STATE_FUNCTIONS[each.function].setting == "window"]
    safe = [*(each.safe for each in pack.outputs.values()), *(each.emit for each in pack.intents.values() if each.safe)]
    for what, expressions in (("a window", windows), ("what is safe", safe)):
        nodes = (node for each in expressions for node in ir.walk(each))
        yield from ((node.name, what) for node in nodes if isinstance(node, ir.Parameter))


# Inputs that bind by themselves


def bind_alike(scope: Scope, uses: Uses, inputs: tuple[Field, ...]) -> tuple[Field, ...]:
    """Bind what is not bound to what has its name and type. Gives the inputs that the policy thereby has besides."""
    declared = {each.name: each for each in inputs}
    shared: dict[str, list[tuple[Entry, Field]]] = defaultdict(list)
    for entry in uses.entries:
        for place in entry.unbound:
            found = _alike(scope, uses, entry, place, declared.get(place.name))
            if found is None:
                shared[place.name].append((entry, place))
            else:
                uses.bound[entry.name, place.name] = found
    return tuple(_taken(scope, uses, name, shared[name]) for name in sorted(shared))


def _alike(scope: Scope, uses: Uses, entry: Entry, place: Field, declared: Field | None) -> ir.Expr | None:
    """The input of the policy, or the output of another pack, that has the name and type of an input."""
    name = place.name
    if declared and accepts(place.type, declared.type):
        scope.used.add(name)
        found = ir.Input(type=declared.type, optional=declared.optional, span=entry.key.span, name=name)
        return _present(scope, entry, place, name, found)
    others = [each for each in uses.entries if each is not entry and name in each.pack.outputs]
    fitting = [each for each in others if accepts(place.type, each.pack.outputs[name].type)]
    if len(fitting) == 1:
        scope.used.add(fitting[0].name)
        return _present(scope, entry, place, f"{fitting[0].name}.{name}", _output(fitting[0], name))
    if fitting:
        scope.used.update(each.name for each in fitting)
        choices = " or ".join(f"`{each.name}.{name}`" for each in fitting)
        scope.report("FB803", entry.key.span, input=f"{entry.name}.{name}", choices=choices)
    elif declared or others or name in scope.symbols:
        kinds = [declared.type] if declared else [each.pack.outputs[name].type for each in others]
        what = f"another `{name}`" + (f", {kinds[0]}," if kinds else "")
        advice = f"say what it is: `inputs: {{{name}: …}}`"
        shown = f"{entry.name}.{name}"
        scope.report("FB804", entry.key.span, input=shown, found=str(place.type), what=what, help=advice)
    else:
        return None
    return ir.Literal(type=UNKNOWN, value=None)


def _output(entry: Entry, name: str) -> ir.Expr:
    output = entry.pack.outputs[name]
    whole = ir.of_part(entry.name, name)
    return ir.Output(type=output.type, optional=output.optional, span=entry.key.span, name=whole)


def _present(scope: Scope, entry: Entry, place: Field, what: str, found: ir.Expr) -> ir.Expr:
    if found.optional and not place.optional:
        advice = f"`{entry.name}.{place.name}` needs it: write `inputs: {{{place.name}: default({what}, …)}}`"
        scope.report("FB308", entry.key.span, what=what, help=advice)
    return found


def _taken(scope: Scope, uses: Uses, name: str, places: list[tuple[Entry, Field]]) -> Field:
    """An input that the policy has because packs need it: what any of them accepts."""
    of = places[0][1].dated_by
    if of and not all(_is_taken(uses, entry, of) for entry, _ in places):
        places = [(entry, replace(place, age=None)) for entry, place in places]
    (first, place), *more = places
    for other, theirs in more:
        found = _joined(place, theirs) if _meaning(first, place) == _meaning(other, theirs) else None
        if found is None:
            advice = f"declare `{name}` among the policy's inputs, or bind `{other.name}.{name}`"
            what = f"that of `{first.name}`, {place.type}," if not same(place.type, theirs.type) else ""
            what = what or f"that of `{first.name}`, which has another contract,"
            shown = f"{other.name}.{name}"
            scope.report("FB804", other.key.span, input=shown, found=str(theirs.type), what=what, help=advice)
        else:
            place = found
    taken = Qualifier(first.name).field(place)
    scope.symbols[name] = Symbol(name, "input", taken.type, taken.optional)
    scope.used.add(name)
    for entry, _ in places:
        uses.bound[entry.name, name] = ir.Input(
            type=taken.type, optional=taken.optional, span=entry.key.span, name=name
        )
    return taken


def _is_taken(uses: Uses, entry: Entry, name: str) -> bool:
    """Whether an input of a pack is the policy's input of that name."""
    found = uses.bound.get((entry.name, name))
    if found is None:
        return name not in entry.written
    return isinstance(found, ir.Input) and found.name == name


def _joined(left: Field, right: Field) -> Field:
    """What either accepts, of two that differ in no more than their ranges and in what may be absent."""
    low = None if left.low is None or right.low is None else min(left.low, right.low)
    high = None if left.high is None or right.high is None else max(left.high, right.high)
    kind = left.type
    if isinstance(kind, Text) and isinstance(right.type, Text):
        kind = Text(max(kind.max_length, right.type.max_length))
    return replace(left, type=kind, low=low, high=high, optional=left.optional or right.optional)


def _meaning(entry: Entry, place: Field) -> Field:
    """A place without what `_joined` joins, and with the conditions on records in the place of their names."""
    place = _Meant(entry.name, contracts=entry.pack.contracts).field(place)
    kind: Type = Text() if isinstance(place.type, Text) else place.type
    is_open = not isinstance(kind, Number | Integer)
    low, high = (place.low, place.high) if is_open else (None, None)
    return replace(place, type=kind, low=low, high=high, optional=False, why="")


@dataclass(frozen=True)
class _Meant(Qualifier):
    """Puts in the place of each condition what it says, so that packs that say the same of a record are alike."""

    contracts: Mapping[str, ir.Requirement] = field(default_factory=dict)

    def name(self, name: str) -> str:
        found = self.contracts.get(name)
        if found is None or any(isinstance(node, ir.Parameter) for node in ir.walk(found.condition)):
            return super().name(name)
        return repr(found.condition)


# Bindings that are written


def bindings(scope: Scope, uses: Uses) -> Iterator[Use]:
    """The packs with all of their inputs bound, when every name of the policy has its type."""
    for entry in uses.entries:
        places = {each.name: each for each in entry.pack.inputs}
        written = {
            name: value_of(scope, node, places[name].type, places[name].optional)
            for name, node in sorted(entry.written.items())
        }
        bound = {name: uses.bound[entry.name, name] for name in (each.name for each in entry.unbound)}
        yield Use(
            name=entry.name,
            pack=entry.pack,
            bindings={**written, **bound},
            contained=text_of(entry.node.get("on_fault")) == "contain",
            tolerated=uses.tolerated.get(entry.name, ""),
            hash=entry.hash,
        )


def check_published(scope: Scope, uses: Uses) -> None:
    """Report names that a policy without outputs of its own would publish twice, or packs that nobody has a use for."""
    if scope.outputs:
        for entry in () if scope.unresolved_parts else uses.entries:  # what has errors may read it
            if entry.name not in scope.used and not entry.pack.intents:
                scope.report("FB503", entry.key.span, kind="pack", name=entry.name)
        return
    publishers: dict[str, Entry] = {}
    for entry in uses.entries:
        for name in entry.pack.outputs:
            first = publishers.setdefault(name, entry)
            if first is not entry:
                scope.report("FB805", entry.key.span, name=name, first=first.name, second=entry.name)


def exposures(uses: Uses, own: Mapping[str, ir.Intent]) -> dict[str, ir.Exposure]:
    """What every intent of a policy and its packs is declared to do, by its id in the whole."""
    theirs = {ir.of_part(entry.name, name): each for entry in uses.entries for name, each in entry.pack.intents.items()}
    return {name: each.exposure for name, each in {**own, **theirs}.items()}


def join_emits(scope: Scope, uses: Uses, own: ir.Emits | None, intents: Mapping[str, ir.Intent]) -> ir.Emits | None:
    """The one type of the intents of a policy and its packs, all of which its invariants know."""
    emits, whose = own, "the policy"
    for entry in uses.entries:
        found = entry.pack.emits
        if found is None:
            continue
        if emits is None:
            emits, whose = found, f"`{entry.name}`"
        elif found != emits:
            shown = {"found": found.record.name, "wanted": emits.record.name}
            scope.report("FB806", entry.key.span, name=entry.name, other=whose, **shown)
    if uses.entries and emits:
        scope.intents = listed_type(exposures(uses, intents), emits.record)
    return emits
