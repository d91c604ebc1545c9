"""The parameters of a pack, with the values that it gives them."""

from __future__ import annotations

import re
from datetime import date

from .. import ir
from ..document import Mapping, Scalar, Sequence
from ..times import parse_time
from ..types import Field, List, Type, innermost, is_numeric
from ..zones import UTC, midnight
from .declarations import claim, read_type, section, text_of
from .literals import bounds, literal
from .scope import Scope, Symbol

_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


def read_parameters(scope: Scope, document: Mapping) -> dict[str, ir.ParameterDeclaration]:
    found = {}
    for key, node in section(document, "parameters"):
        claim(scope, key)
        if isinstance(node, Mapping):
            found[key.text] = _parameter(scope, key, node)
            scope.symbols[key.text] = Symbol(key.text, "parameter", found[key.text].type)
    return found


def _parameter(scope: Scope, key: Scalar, node: Mapping) -> ir.ParameterDeclaration:
    kind = read_type(scope, node, "number")
    low, high = bounds(node.get("range"))
    given = node.get("values") or node.get("value")
    place, dated = Field(key.text, kind, low=low, high=high), ir.Dated()
    value: ir.Value = None
    if isinstance(given, Sequence) and is_dated(given):
        scope.dated.add(key.text)
        dated = dated_values(scope, given, place)
        value = dated[0][1] if dated else None
    elif given is not None:
        value = literal(scope, given, place)
    _parameter_style(scope, key, node, kind)
    return ir.ParameterDeclaration(
        name=key.text,
        type=kind,
        value=value,
        dated=dated,
        low=low,
        high=high,
        env=text_of(node.get("env")) or None,
        why=text_of(node.get("why")),
        span=(given or node).span,
    )


def is_dated(node: Sequence) -> bool:
    """Whether a list has a value for each of some times; no field of a record has the name `from`."""
    return any(isinstance(each, Mapping) and each.get("from") is not None for each in node.items)


def dated_values(scope: Scope, node: Sequence, place: Field) -> ir.Dated:
    """The values with the times from which they hold, each later than the one before."""
    scope.used.add("now")
    found: list[tuple[int | None, ir.Value]] = []
    for number, each in enumerate(each for each in node.items if isinstance(each, Mapping)):
        given, written = each.get("value"), each.get("from")
        start = _moment(scope, written) if isinstance(written, Scalar) else None
        late = number > 0 and (written is None or (start is not None and start <= (found[-1][0] or start - 1)))
        if late:
            scope.report("FB322", (written or each).span, name=place.name)
        found.append((start, literal(scope, given, place) if given else None))
    return tuple(found)


def _moment(scope: Scope, node: Scalar) -> int | None:
    """A time, or the beginning of a day by the clock of the pack's timezone."""
    if _DATE.fullmatch(node.text):
        try:
            number = (date.fromisoformat(node.text) - date(1970, 1, 1)).days
        except ValueError:
            number = None
        if number is not None:
            return midnight(number, scope.zone.clock if scope.zone else UTC)
    moment = parse_time(node.value)
    if moment is None:
        expected = "a day such as `2026-01-01`, or a time with an offset"
        scope.report("FB305", node.span, expected=expected, found=f"`{node.text}`")
    return moment


def _parameter_style(scope: Scope, key: Scalar, node: Mapping, kind: Type) -> None:
    if node.get("why") is None:
        scope.report("FB502", key.span, name=key.text)
    inner = innermost(kind)
    item = inner.item if isinstance(inner, List) else None
    bounded = node.get("range") is not None or (item is not None and (item.low, item.high) != (None, None))
    if is_numeric(item.type if item else inner) and not bounded:
        scope.report("FB504", key.span, name=key.text)
