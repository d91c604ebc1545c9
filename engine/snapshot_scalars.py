"""Single values of a snapshot by their type: numbers, texts, members, times, documents."""

from __future__ import annotations

import math

from .fingerprint import NoDocument, fingerprint
from .nodes import Value
from .snapshot_place import Place
from .snapshot_text import members_text, range_text, show, suggest
from .times import parse_time
from .types import MAX_INTEGER, Boolean, Document, Enum, Field, Integer, Number, Text, Time


def scalar(place: Place, wanted: Field, given: object) -> Value:
    match wanted.type:
        case Number():
            return _number(place, wanted, given)
        case Integer():
            return _integer(place, wanted, given)
        case Boolean():
            return _boolean(place, wanted.type, given)
        case Text():
            return text(place, wanted.type, given)
        case Enum():
            return _enum(place, wanted.type, given)
        case Time():
            return _time(place, given)
        case Document():
            return _document(place, wanted.type, given)
    raise ValueError("a pack with errors reads no snapshot")


def _number(place: Place, wanted: Field, given: object) -> Value:
    if type(given) is not int and type(given) is not float:
        return place.wrong_type(wanted.type, given)
    try:
        value = float(given) + 0.0  # which makes 0.0 of -0.0
    except OverflowError:
        value = math.inf
    if not math.isfinite(value):
        return place.fault("FB705", value=show(given))
    return value if _in_range(place, value, wanted.low, wanted.high) else None


def _integer(place: Place, wanted: Field, given: object) -> Value:
    if type(given) is float and not math.isfinite(given):
        return place.fault("FB705", value=show(given))
    if type(given) is float and given.is_integer():
        given = int(given)
    if type(given) is not int:
        return place.wrong_type(wanted.type, given)
    low = -MAX_INTEGER if wanted.low is None else max(wanted.low, -MAX_INTEGER)
    high = MAX_INTEGER if wanted.high is None else min(wanted.high, MAX_INTEGER)
    return given if _in_range(place, given, low, high) else None


def _in_range(place: Place, value: float, low: float | None, high: float | None) -> bool:
    if (low is None or low <= value) and (high is None or value <= high):
        return True
    place.fault("FB704", value=show(value), range=range_text(low, high))
    return False


def _boolean(place: Place, wanted: Boolean, given: object) -> Value:
    return given if isinstance(given, bool) else place.wrong_type(wanted, given)


def text(place: Place, wanted: Text, given: object) -> Value:
    if type(given) is not str:
        return place.wrong_type(wanted, given)
    if len(given) > wanted.max_length:
        return place.fault("FB709", count=len(given), limit=wanted.max_length)
    if any("\ud800" <= character <= "\udfff" for character in given):  # lone surrogates: no UTF-8 can hold them
        return place.fault("FB711")
    return given


def _enum(place: Place, wanted: Enum, given: object) -> Value:
    if type(given) is not str:
        return place.wrong_type(wanted, given)
    if given not in wanted.members:
        return place.fault("FB706", suggest(given, wanted.members), value=show(given), members=members_text(wanted))
    return wanted.members.index(given)


def _time(place: Place, given: object) -> Value:
    try:
        moment = parse_time(given) if type(given) in (str, int, float) else None
    except OverflowError:  # an integer beyond all doubles
        moment = None
    return place.fault("FB710", value=show(given)) if moment is None else moment


def _document(place: Place, wanted: Document, given: object) -> Value:
    try:
        return fingerprint(wanted, given)
    except NoDocument as refused:
        for step in refused.path:
            place = place.at(step)
        return place.fault(refused.code, value=show(refused.value), found=show(refused.value), **refused.values)
