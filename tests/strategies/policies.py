"""Policies of generated packs: some bound to each other, some contained, their intents arbitrated at random."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from typing import Any

import yaml

from flyball.engine import dated, ir
from flyball.engine.intents import EXPOSURES, listed_type
from flyball.engine.parameters import effective
from flyball.engine.policy import Policy
from flyball.engine.types import BOOLEAN, Enum, Number, Record
from flyball.engine.units import RATIO
from flyball.loaders import packs
from flyball.loaders.packs import LoadedPack

from .packs import ask_record, pack_document, text_of
from .vocabulary import DATED, PARAMETERS, STARTS, TYPES

SAFE: Mapping[str, Any] = {"number": 0, "integer": 0, "boolean": False, "Mood": "WILD"}
_IN_ORDER = ("rows", "because", "with", "fields")
NAMES = ("alpha", "beta", "gamma", "delta")
Document = dict[str, Any]


@dataclass(frozen=True)
class Made:
    """A policy with the documents of its packs, by the name that it gives each."""

    text: str
    packs: Mapping[str, Document]
    policy: Policy

    @property
    def inputs(self) -> dict[str, Any]:
        """The declarations that the snapshot's inputs come from."""
        known = {name: spec for document in self.packs.values() for name, spec in document["inputs"].items()}
        wanted = {each.name for each in self.policy.pack.inputs}
        return {name: spec for name, spec in known.items() if name in wanted or name == "now"}

    def bindings(self, name: str) -> dict[str, str]:
        """What the policy binds inputs of a pack to."""
        return dict(yaml.safe_load(self.text)["use"][name].get("inputs", {}))

    def as_set(self, name: str) -> Document:
        """A pack with the values that the policy sets for it."""
        document = self.packs[name]
        entries = yaml.safe_load(self.text)["use"][name].get("parameters", {})
        given = {each: {key: entry[key] for key in entry.keys() - {"why"}} for each, entry in entries.items()}
        parameters = document["parameters"]
        return {**document, "parameters": {each: {**spec, **given.get(each, {})} for each, spec in parameters.items()}}

    def reordered(self, chance: Random) -> Made:
        """The same with the entries of all files in another order, and the files written in another."""
        names = chance.sample(sorted(self.packs), len(self.packs))
        documents = {name: reordered(chance, self.packs[name]) for name in names}
        text = text_of(reordered(chance, yaml.safe_load(self.text)))
        loaded, known = load(text, documents), self.policy.pack
        assert loaded.checked is not None, [str(each) for each in loaded.findings]
        pack = replace(loaded.checked.pack, parts=known.parts, arbitration=known.arbitration)
        return Made(text, documents, dated.policy_of(pack, effective(pack, [])[0], loaded.document))

    def __str__(self) -> str:
        parts = (f"# {name}\n{text_of(document)}" for name, document in self.packs.items())
        return "\n".join([self.text, *parts, repr(self.policy.pack.arbitration), repr(self.policy.pack.parts)])


def policy_of(
    chance: Random, count: int | None = None, *, wired: bool = True, alone: bool = False, constants: bool = False
) -> Made:
    """A policy that loads: what a generated one asks for may clash. One that is `alone` adds nothing to its packs; with
    `constants`, some inputs are bound to such.
    """
    while True:
        documents = _documents(chance, count or chance.randint(1, 3))
        text = text_of(_policy(chance, documents, wired=wired, alone=alone, constants=constants))
        loaded = load(text, documents)
        if loaded.checked is not None:
            break
    pack = loaded.checked.pack
    if not alone:
        pack = replace(pack, parts=tuple(_parts(chance, pack)), arbitration=arbitration(chance, pack))
    in_force, _ = effective(pack, [])
    return Made(text, documents, dated.policy_of(pack, in_force, loaded.document))


def load(text: str, documents: Mapping[str, Document]) -> LoadedPack:
    with tempfile.TemporaryDirectory() as folder:
        for document in {each["pack"]: each for each in documents.values()}.values():
            path = Path(folder) / document["pack"] / "1.0.0.yaml"
            path.parent.mkdir()
            path.write_text(text_of(document), encoding="utf-8")
        return packs.load_bytes(text.encode(), "policy.yaml", folder)


def _documents(chance: Random, count: int) -> dict[str, Document]:
    """Packs that emit the same record, some of them used twice; what only the whole decides is left out."""
    ask = ask_record(chance, told=True)
    found: dict[str, Document] = {}
    for name in NAMES[:count]:
        if found and chance.random() < 0.3:
            found[name] = found[chance.choice(sorted(found))]
            continue
        document = {**pack_document(chance, ask), "pack": f"{name}_pack"}
        found[name] = {key: each for key, each in document.items() if key not in ("step", "max_gap", "timezone")}
    return found


def _policy(
    chance: Random, documents: Mapping[str, Document], *, wired: bool, alone: bool, constants: bool
) -> Document:
    use: Document = {}
    for i, (name, document) in enumerate(documents.items()):
        earlier = {each: documents[each] for each in NAMES[:i]}
        bound = dict(_bindings(chance, document, earlier, constants=constants)) if wired else {}
        use[name] = {"pack": f"{document['pack']}@1", **({"inputs": bound} if bound else {})}
        if chance.random() < 0.4:
            use[name]["parameters"] = dict(overrides(chance, document))
    found: Document = {"language": 1, "policy": "random_policy", "version": "1.0.0", "use": use, "types": TYPES}
    if alone and len(documents) == 1:
        return {key: each for key, each in found.items() if key != "types"}
    found["outputs"] = dict(_published(chance, documents))
    conditions = [f"{name}.{output}" for name, output, _ in _offered(documents, "boolean")]
    if conditions:
        found["definitions"] = {"own": f"not {chance.choice(conditions)}"}
        found["rules"] = {"remark": {"when": f"own or {chance.choice(conditions)}", "because": "It is so"}}
        if chance.random() < 0.3:
            found["definitions"]["runs"] = "streak(own)"
        if chance.random() < 0.2:
            found["invariants"] = {"never_so": {"always": f"own or {chance.choice(conditions)}", "enforce": True}}
    return found


def overrides(chance: Random, document: Document) -> Iterator[tuple[str, Document]]:
    """Some parameters of a pack with other values, which may break what the pack requires."""
    for name in chance.sample(sorted(document["parameters"]), chance.randint(1, 3)):
        if name in PARAMETERS:
            value = chance.choice(PARAMETERS[name][2])
        else:
            value = reordered(chance, document["parameters"][name]["values"])
        if name in DATED and chance.random() < 0.3:  # some have no value yet when a snapshot comes
            value = [{"from": chance.choice(STARTS), "value": value}]
        yield name, {"values" if "by" in document["parameters"][name] else "value": value, "why": "Here"}


def _bindings(
    chance: Random, document: Document, earlier: Mapping[str, Document], *, constants: bool
) -> Iterator[tuple[str, str]]:
    """Some inputs of a pack as outputs of packs before it, whose values they may not admit."""
    for name, spec in document["inputs"].items():
        kind = spec["type"]
        fitting = [(part, output) for part, output, other in _offered(earlier, kind) if _is_alike(spec, other)]
        if name == "now" or "by" in spec or "age" in spec or chance.random() < 0.4:
            continue
        values = _constants(spec) if constants else []
        if values and (not fitting or chance.random() < 0.2):
            yield name, chance.choice(values)
            continue
        if not fitting:
            continue
        part, output = chance.choice(fitting)
        path = f"{part}.{output}"
        changed = {"number": f"abs({path})", "boolean": f"not {path}", "Mood": f"max({path}, BUSY)"}
        yield name, chance.choice((path, changed.get(kind, path)))


def _constants(spec: Mapping[str, Any]) -> list[str]:
    """Values that an input admits, as expressions."""
    if spec["type"] in ("number", "integer"):
        return [str(end) for end in spec.get("range", ()) if abs(end) < 1e15]
    return {"boolean": ["true", "false"], "Mood": ["CALM", "WILD"]}.get(spec["type"], [])


def _is_alike(spec: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    return all(spec.get(key) == other.get(key) for key in ("unit", "of", "by"))


def _offered(documents: Mapping[str, Document], kind: str) -> list[tuple[str, str, Mapping[str, Any]]]:
    """The outputs of a type that are always there."""
    return [
        (part, output, spec)
        for part, document in documents.items()
        for output, spec in document["outputs"].items()
        if spec["type"] == kind and "by" not in spec and "optional" not in spec
    ]


def _published(chance: Random, documents: Mapping[str, Document]) -> Iterator[tuple[str, Document]]:
    """Outputs that say what those of packs come to."""
    found = [each for kind in SAFE for each in _offered(documents, kind)]
    for i, (part, output, spec) in enumerate(chance.sample(found, min(len(found), chance.randint(1, 4)))):
        kept = {key: each for key, each in spec.items() if key in ("type", "unit")}
        yield f"shown_{i}", {**kept, "start": f"{part}.{output}", "safe": SAFE[spec["type"]]}
    yield "steady", {"type": "boolean", "start": "true", "safe": False}


def _parts(chance: Random, pack: ir.Pack) -> Iterator[ir.Part]:
    for part in pack.parts:
        tolerated = "It matters little" if part.name and chance.random() < 0.3 else ""
        yield replace(part, contained=bool(part.name) and chance.random() < 0.3, tolerated=tolerated)


# Arbitration


def arbitration(chance: Random, pack: ir.Pack) -> ir.Arbitration:
    if pack.emits is None or not pack.intents:
        return ir.Arbitration()
    ids = sorted(pack.intents)
    fields = range(len(pack.emits.record.fields))
    allowed = "They do not matter" if chance.random() < 0.3 else ""
    return ir.Arbitration(
        order=tuple(chance.sample(ids, len(ids))) if chance.random() < 0.4 else (),
        conflict=tuple(chance.sample(fields, chance.randint(1, 2))) if chance.random() < 0.5 else (),
        allow_drop=allowed,
        vetoes={f"v{i}": veto(chance, pack, f"v{i}") for i in range(chance.choice((0, 0, 1, 2)))},
    )


def veto(chance: Random, pack: ir.Pack, name: str) -> ir.Veto:
    """A rule over what an intent counts as, its size, or what a pack gives; one of its conditions may be at fault."""
    assert pack.emits is not None
    intents = listed_type(pack.intents, pack.emits.record)
    item = ir.Local(type=intents.item.type, name="i")
    loop = ir.Loop(sources=(ir.Source("i", ir.Local(type=intents, name="intents")),))
    when = chance.choice([_is_exposure, _is_large, _is_risky, _is_shown])(chance, pack, item)
    size = _field(item, "p")
    because = {"": ("It has ", ir.Hole(size), " and is vetoed")}
    allowed = "It does not matter" if chance.random() < 0.3 else ""
    return ir.Veto(rule=ir.Rule(id=name, when=when, loop=loop, because=because), allow_drop=allowed)


def _field(item: ir.Local, name: str) -> ir.Get:
    assert isinstance(item.type, Record)
    found = item.type.field(name)
    assert found is not None
    return ir.Get(type=found[1].type, optional=found[1].optional, record=item, index=found[0])


def _call(function: str, *args: ir.Expr) -> ir.Call:
    return ir.Call(type=BOOLEAN, function=function, args=args)


def _is_exposure(chance: Random, _pack: ir.Pack, item: ir.Local) -> ir.Expr:
    exposure = _field(item, "exposure")
    assert isinstance(exposure.type, Enum)
    wanted = ir.Literal(type=exposure.type, value=chance.randrange(len(EXPOSURES)))
    return _call("eq", exposure, wanted)


def _is_large(chance: Random, _pack: ir.Pack, item: ir.Local) -> ir.Expr:
    size = _field(item, "p")
    return _call("gt", size, ir.Literal(type=size.type, value=chance.choice((0.0, 1.0, -3.0))))


def _is_risky(_chance: Random, _pack: ir.Pack, item: ir.Local) -> ir.Expr:
    size = _field(item, "p")
    share = ir.Call(type=Number(RATIO), function="divide", args=(size, size))
    return _call("lt", share, ir.Literal(type=Number(RATIO), value=1.0))


def _is_shown(chance: Random, pack: ir.Pack, item: ir.Local) -> ir.Expr:
    shown = [each for each in pack.outputs.values() if each.type == BOOLEAN and not each.optional]
    if not shown:
        return _is_exposure(chance, pack, item)
    return ir.Output(type=BOOLEAN, name=chance.choice(shown).name)


def reordered(chance: Random, document: Mapping[str, Any]) -> Document:
    """The same document with its entries in another order, but for what has one: of rows and languages the first
    may count, names of `with` stand on those before them, and a made-up arbitration knows fields by places.
    """
    keys = chance.sample(sorted(document), len(document))
    inside = {key for key in keys if isinstance(document[key], dict) and key not in _IN_ORDER}
    return {key: reordered(chance, document[key]) if key in inside else document[key] for key in keys}


__all__ = ["Made", "arbitration", "load", "policy_of", "reordered", "veto"]
