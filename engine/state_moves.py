"""The state document of another version as one of this version: what keeps its name, what has another, what is gone."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from .diagnostics import Diagnostic, did_you_mean
from .migration import Migration

_LATCH = "latch "  # what begins the kind of every latch
_SLOTS = ("definitions", "previous")


def unsaid(document: Mapping[str, Any], migration: Migration) -> Iterator[Diagnostic]:
    """What a migration names that was never kept."""
    version = document["version"]
    kept = {*document["definitions"], *document["previous"], *(document["outputs"] or {})}
    for name in sorted({*migration.was.values(), *migration.dropped} - kept):
        if document["outputs"] is not None:  # else nobody knows which outputs there were
            near = did_you_mean(name, kept)
            yield Diagnostic.of("FB746", path=name, name=name, version=version, help=near)


def latches_let_go(document: Mapping[str, Any], migration: Migration, names: Mapping[str, Any]) -> Iterator[Diagnostic]:
    """The latches of which a migration says nothing. `names` has the definitions that keep state now."""
    settled = {migration.before(name) for name in names} | migration.dropped.keys()
    for name, entry in sorted(document["definitions"].items()):
        if str(entry["kind"]).startswith(_LATCH) and name not in settled:
            yield Diagnostic.of("FB745", path=name, name=name, version=document["version"])


def moved(
    document: Mapping[str, Any],
    fresh: Mapping[str, Any],
    migration: Migration,
    moves: Callable[[str], bool],
    fits: Callable[[str, Any], bool],
) -> dict[str, Any]:
    """`fresh` is the document of a session that has not begun, and has for its last outputs what is safe. What is of no
    part that `moves` stays as it was.

    A last output that is new, or whose type is another one, is what is safe until the next step; whether it fits is
    asked by its name of now.
    """
    parts: dict[str, Any] = {}
    for part in _SLOTS:
        mine, begun = ({name: each for name, each in one[part].items() if moves(name)} for one in (document, fresh))
        stays = {name: each for name, each in document[part].items() if not moves(name)}
        parts[part] = {**stays, **_carried(mine, begun, migration)}
    if document["outputs"] is not None:
        parts["outputs"] = _carried(document["outputs"], fresh["outputs"], migration, fits)
    return {**document, **parts}


def _carried(
    kept: Mapping[str, Any],
    fresh: Mapping[str, Any],
    migration: Migration,
    fits: Callable[[str, Any], bool] = lambda _name, _kept: True,
) -> dict[str, Any]:
    before = {name: migration.before(name) for name in fresh}
    known = {name: kept[was] for name, was in before.items() if was is not None and was in kept}
    return {name: known[name] if name in known and fits(name, known[name]) else new for name, new in fresh.items()}


__all__ = ["latches_let_go", "moved", "unsaid"]
