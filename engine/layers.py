"""Layers of parameter values above those of a pack, and what their names are meant for."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

from . import ir

ENVIRONMENT = "environment"


@dataclass(frozen=True, slots=True)
class Layer:
    """Values by parameter, as JSON knows them; `texts`: as a shell passes them, still to be read.

    `places` says where in a file a value stands, by its name, or by that of a pack and its own.
    """

    name: str
    values: Mapping[str, object]
    texts: bool = False
    places: Mapping[str, str] = field(default_factory=dict)


def environment_layer(pack: ir.Pack, environ: Mapping[str, str]) -> Layer:
    """What the environment says of the parameters that declare a variable."""
    declared = ((name, each.env) for name, each in pack.parameters.items() if each.env)
    return Layer(ENVIRONMENT, {name: environ[env] for name, env in declared if env in environ}, texts=True)


def entries(pack: ir.Pack, layer: Layer) -> list[tuple[str, str, object]]:
    """The names of a layer as written and as meant, and their values, those below the name of a pack as well.

    What is said of a pack is meant for each part that uses it, unless something else is said of the part.
    """
    of_pack: dict[str, list[str]] = {}
    parts = {part.name for part in pack.parts if part.name}
    for part in (each for each in pack.parts if each.name):
        of_pack.setdefault(part.pack, []).append(part.name)
    named = {pack.name, *parts}
    general: list[tuple[str, str, object]] = []
    special: list[tuple[str, str, object]] = []
    for name, given in _flat(pack, layer.values, {*named, *of_pack}):
        first, _, rest = name.partition(".")
        own = first in parts or (first == pack.name and rest.partition(".")[0] in pack.parameters)
        if own or not rest or first not in of_pack:
            special.append((name, name, given))
        else:
            general += [(name, f"{part}.{rest}", given) for part in of_pack[first]]
    return [*general, *special]


def _flat(pack: ir.Pack, values: Mapping[str, object], packs: Collection[str]) -> Iterator[tuple[str, object]]:
    for key, given in values.items():
        if key in packs and key not in pack.parameters and isinstance(given, Mapping):
            yield from ((f"{key}.{name}", each) for name, each in given.items())
        else:
            yield key, given


__all__ = ["ENVIRONMENT", "Layer", "entries", "environment_layer"]
