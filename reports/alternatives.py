"""What would have changed the outcome, as sentences."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..engine.counterfactuals import Counterfactual, Found
from ..engine.moves import Move
from ..engine.sentences import words
from ..engine.times import format_time
from ..engine.values import exactly
from .text import plain_text

_MICROSECONDS = 1_000_000
_MOST = 5


def sentences(found: Found) -> Iterator[str]:
    """The answers as sentences, the nearest first; or that there is none."""
    name = words(found.target.name)
    for each in found.singles[:_MOST]:
        yield f"{name} would be {plain_text(each.value)} if {_moves(each)}"
    for each in found.pairs:
        yield f"{name} would be {plain_text(each.value)} if {_moves(each)}; no single change suffices"
    if not found.singles and not found.pairs:
        yield _none(found, name)
    elif not found.exact:
        yield "Some conditions are not linear: a nearer change may exist between the points that were tried"
    for each in found.parameters[:_MOST]:
        yield f"{name} would be {plain_text(each.value)} if the parameter {_moves(each)}"
    if found.release:
        (move,) = found.release.moves
        value, waited = plain_text(found.release.value), _duration((move.after - move.lever.value) / _MICROSECONDS)
        yield f"{name} becomes {value} at {format_time(move.after)} (in {waited}) if nothing else changes"


def _none(found: Found, name: str) -> str:
    if not found.levers:
        return f"No input behind {name} is marked as actionable, so none was moved"
    tried = listed([words(each) for each in found.levers])
    limit = "" if found.exact else ", as far as was searched"
    return f"No change of one or two of {tried} changes {name}{limit}"


def _moves(found: Counterfactual) -> str:
    return " and ".join(_move(each) for each in found.moves)


def _move(move: Move) -> str:
    lever = move.lever
    now = exactly(lever.value, lever.type)
    name = " of ".join(words(part) for part in reversed(lever.name.split(".")))
    if not lever.is_number or move.edge is None:
        return f"{name} were {exactly(move.after, lever.type)} (it is {now})"
    rises = move.after > lever.value
    after, edge = exactly(move.after, lever.type), exactly(move.edge, lever.type)
    if not move.onwards:
        return f"{name} were {after} (it is {now})"
    if len(edge) < len(after):
        return f"{name} were {'above' if rises else 'below'} {edge} (it is {now})"
    return f"{name} were {after} or {'more' if rises else 'less'} (it is {now})"


def _duration(seconds: float) -> str:
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds:.3g} s"


def listed(parts: Sequence[str]) -> str:
    *most, last = parts or [""]
    return f"{', '.join(most)} and {last}" if most else last


__all__ = ["listed", "sentences"]
