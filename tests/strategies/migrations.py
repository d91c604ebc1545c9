"""Two versions of a pack that differ in names and in what they keep: a session of the one goes on in the other."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from random import Random
from typing import Any

from flyball.engine.policy import Policy

from .agreement import policy_of
from .packs import pack_document, text_of
from .sequences import in_time, same
from .snapshots import snapshot

OLD = "0.9.0"
_PARTS = {"d": "definitions", "o": "outputs", "e": "intents"}


@dataclass(frozen=True)
class Versions:
    """The texts of two versions; `renamed` has the old name by the new, `added` what the new alone defines."""

    before: str
    after: str
    renamed: Mapping[str, str]
    added: frozenset[str]
    dropped: frozenset[str]


def check_migration(chance: Random, snapshots: int) -> Versions:
    """What the older version saved is, under its new names, what the newer one would have kept itself."""
    document = {part: each for part, each in pack_document(chance).items() if part != "migrate"}
    versions = _versions(chance, document)
    old, new = policy_of(versions.before)[0], policy_of(versions.after)[0]
    earlier, alone = old.session("k"), new.session("k")
    for each in in_time(chance, [snapshot(chance, document["inputs"], steady=True) for _ in range(snapshots)]):
        if alone.step(each).status != earlier.step(each).status:  # what one of them alone defines has a fault
            break
        _check_restored(versions, new, earlier.save(), alone.state)
    return versions


def _check_restored(versions: Versions, new: Policy, saved: bytes, wanted: Mapping[str, Any]) -> None:
    restored, fresh, before = new.restore(saved).state, new.session("k").state, json.loads(saved)
    for part in ("key", "now", "step", "outputs"):
        same(part, wanted[part], restored[part])
    for part in ("definitions", "previous"):
        for name in wanted[part]:  # what an added definition alone recalls is new too
            was = versions.renamed.get(name.removeprefix("sent."), name.removeprefix("sent."))
            known = was in before[part] or f"sent.{was}" in before[part]
            same(f"{name} in {part}", (wanted if known else fresh)[part][name], restored[part][name])


def _versions(chance: Random, document: dict[str, Any]) -> Versions:
    whole = policy_of(text_of(document))[0].pack
    slots = {slot.name.removeprefix("sent.") for slot in whole.slots}
    alone = [name for name in sorted(slots & document.get("definitions", {}).keys()) if _mentions(document, name) == 1]
    added, dropped = _part(chance, alone), _part(chance, alone)
    dropped -= added
    names = [name for name in sorted(slots | document["outputs"].keys()) if re.fullmatch(r"[do]\d+", name)]
    names = [name for name in names if name not in added | dropped and chance.random() < 0.5]
    if chance.random() < 0.5:  # all or none, since intents go in the order of their ids
        names += [name for name in document.get("intents", ()) if name != "off"]
    renamed = {name: f"was_{name}" for name in names}
    before = _without(document, added) | {"version": OLD}
    migrate: dict[str, Any] = {"from": OLD}
    for name in names:
        if name in slots or name[0] == "o":
            migrate.setdefault(_PARTS[name[0]], {})[name] = {"was": renamed[name]}
    for name in sorted(dropped):
        migrate.setdefault("definitions", {})[name] = {"dropped": "Nobody reads it"}
    after = _without(document, dropped) | {"migrate": migrate}
    return Versions(_spelled(text_of(before), renamed), text_of(after), renamed, frozenset(added), frozenset(dropped))


def _mentions(document: Mapping[str, Any], name: str) -> int:
    return len(re.findall(rf"\b{name}\b", text_of(document)))


def _part(chance: Random, names: list[str]) -> set[str]:
    return {name for name in names if chance.random() < 0.4}


def _without(document: Mapping[str, Any], names: set[str]) -> dict[str, Any]:
    definitions = {name: each for name, each in document.get("definitions", {}).items() if name not in names}
    return {**document, "definitions": definitions}


def _spelled(text: str, renamed: Mapping[str, str]) -> str:
    return re.sub(r"\b[doe]\d+\b", lambda match: renamed.get(match[0], match[0]), text)
