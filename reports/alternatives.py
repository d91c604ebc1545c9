"""What would have changed the outcome, as sentences."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..engine.counterfactuals import Counterfactual, Found
from ..engine.moves import Move
from ..engine.sentences import words
from ..engine.targets import IntentTarget
from ..engine.times import format_time
from ..engine.types import Integer, Number
from ..engine.units import RATIO
from ..engine.values import exactly, readable
from .text import plain_text

_MICROSECONDS = 1_000_000
_MOST = 5
_SHORTEST_S = 0.001


def sentences(found: Found) -> Iterator[str]:
    """The answers as sentences, the nearest first; or that there is none."""
    for each in found.singles[:_MOST]:
        yield f"{_would_be(found, each)} if {_moves(each)}"
    for each in found.pairs:
        yield f"{_would_be(found, each)} if {_moves(each)}; no single change suffices"
    if not found.singles and not found.pairs:
        yield _none(found)
    elif not found.exact:
        yield "Some conditions are not linear: a nearer change may exist between the points that were tried"
    for each in found.parameters[:_MOST]:
        yield f"{_would_be(found, each)} if the parameter {_moves(each)}"
    if found.release:
        (move,) = found.release.moves
        waited = _duration((move.after - move.lever.value) / _MICROSECONDS)
        yield f"{_will_be(found, found.release)} at {format_time(move.after)} (in {waited}) if nothing else changes"


def _would_be(found: Found, each: Counterfactual) -> str:
    if isinstance(found.target, IntentTarget):
        return f"{found.target.name} would {'' if each.value else 'not '}be sent"
    return f"{words(found.target.name)} would be {_shown(found, each)}"


def _will_be(found: Found, each: Counterfactual) -> str:
    if isinstance(found.target, IntentTarget):
        return f"{found.target.name} {'will' if each.value else 'would no longer'} be sent"
    return f"{words(found.target.name)} becomes {_shown(found, each)}"


def _shown(found: Found, each: Counterfactual) -> str:
    value = each.value
    if not isinstance(found.type, Number) or not isinstance(value, float):
        return plain_text(value)
    return readable(value, found.type)


def _none(found: Found) -> str:
    is_intent = isinstance(found.target, IntentTarget)
    name = found.target.name if is_intent else words(found.target.name)
    if not found.levers:
        return f"No input behind {name} is marked as actionable, so none was moved"
    tried = listed([_named(each) for each in found.levers])
    limit = "" if found.exact else ", as far as was searched"
    return f"No change of one or two of {tried} changes {f'whether {name} is sent' if is_intent else name}{limit}"


def _moves(found: Counterfactual) -> str:
    return " and ".join(_move(each) for each in found.moves)


def _move(move: Move) -> str:
    lever = move.lever
    now = readable(lever.value, lever.type)
    name = _named(lever.name)
    if not lever.is_number or move.edge is None:
        return f"{name} were {exactly(move.after, lever.type)} (it is {now})"
    rises = move.after > lever.value
    after, edge = exactly(move.said, lever.type), exactly(move.edge, lever.type)
    if not move.onwards:
        return f"{name} were {after} (it is {now})"
    if len(edge) < len(after) and not lever.is_whole:
        return f"{name} were {'above' if rises else 'below'} {edge} (it is {now})"
    counts = isinstance(lever.type, Integer) and lever.type.unit != RATIO
    less = "fewer" if counts else "less"
    return f"{name} were {after} or {'more' if rises else less} (it is {now})"


def _named(lever: str) -> str:
    """`daily pnl of risk` for a field of an input."""
    return " of ".join(words(part) for part in reversed(lever.split(".")))


def _duration(seconds: float) -> str:
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds:.3g} s" if seconds >= _SHORTEST_S else "no time"


def listed(parts: Sequence[str]) -> str:
    *most, last = parts or [""]
    return f"{', '.join(most)} and {last}" if most else last


__all__ = ["listed", "sentences"]
