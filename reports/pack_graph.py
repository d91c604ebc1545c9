"""The graph of a pack as a drawing: inputs, definitions, rules and outputs in columns, each behind what it reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..engine import ir
from .pack_uses import Uses
from .pack_views import EdgeView, GraphView, Link, NodeView

_ROW, _NODE, _GAP, _MARGIN, _HEAD = 30, 22, 56, 8, 30  # in pixels
_CHARACTER, _PADDING, _LONGEST = 6.7, 18, 30
_SWEEPS = 6
_MOST_NODES = 400
_MIDDLE = ("definition", "pack")
_TITLES = {"pack": "Packs", "input": "Inputs", "definition": "Definitions", "rule": "Rules", "output": "Outputs"}

Columns = list[list[Link]]


def draw(pack: ir.Pack, uses: Uses) -> GraphView:
    """What cannot be seen any more is not drawn: a graph of more than some hundred nodes is empty."""
    edges = _edges(uses)
    parts = [part for part in uses.expressions if part.kind != "group" or uses.members[part]]
    if pack.parts:
        parts, edges = _packs(pack, parts, edges)
    if len(parts) > _MOST_NODES:
        return GraphView(0, 0, (), (), ())
    columns = _columns(parts, edges)
    _untangle(columns, edges)
    return _placed(pack, columns, edges)


def _edges(uses: Uses) -> list[tuple[Link, Link]]:
    found = [(read, part) for part, reads in uses.reads.items() for read in reads]
    found += [(part, output) for part, outputs in uses.writes.items() for output in outputs]
    found += [(group, member) for group, members in uses.members.items() for member in members]
    return sorted(set(found), key=lambda edge: tuple((each.kind, each.name) for each in edge))


def _packs(
    pack: ir.Pack, parts: Sequence[Link], edges: Sequence[tuple[Link, Link]]
) -> tuple[list[Link], list[tuple[Link, Link]]]:
    """A policy by its packs, each one node: what is in them is for the reports on them."""
    whole = {part: Link("pack", ir.part_of(part.name)) if ir.part_of(part.name) else part for part in parts}
    found = {(whole[start], whole[end]): None for start, end in edges if start in whole and end in whole}
    published = [output for output in pack.published.values() if ir.part_of(output)]
    shown = {Link("output", output): Link("pack", ir.part_of(output)) for output in published}
    kept = dict.fromkeys([*whole.values(), *shown])
    return list(kept), [
        *(edge for edge in found if edge[0] != edge[1]),
        *((part, name) for name, part in shown.items()),
    ]


def _columns(parts: Sequence[Link], edges: Sequence[tuple[Link, Link]]) -> Columns:
    """Inputs, definitions by how far they are from them, rules, outputs."""
    before: dict[Link, list[Link]] = {}
    for start, end in edges:
        if start.kind in _MIDDLE and end.kind in _MIDDLE:
            before.setdefault(end, []).append(start)
    depth: dict[Link, int] = {}
    definitions = [part for part in parts if part.kind in _MIDDLE]
    for part in definitions:
        _measure(part, before, depth)
    deepest = max(depth.values(), default=-1)
    columns = [[part for part in parts if part.kind == "input"]]
    columns += [[part for part in definitions if depth[part] == each] for each in range(deepest + 1)]
    columns.append([part for part in parts if part.kind in ("rule", "table", "group")])
    columns.append([part for part in parts if part.kind in ("output", "intent")])
    return [column for column in columns if column]


def _measure(part: Link, before: Mapping[Link, Sequence[Link]], depth: dict[Link, int]) -> None:
    """The longest way from an input; without recursion, since chains of definitions may be long."""
    waiting = [part]
    while waiting:
        each = waiting[-1]
        open_ = [other for other in before.get(each, ()) if other not in depth and other not in waiting]
        if open_:
            waiting += open_
        else:
            waiting.pop()
            depth[each] = max((depth.get(other, -1) + 1 for other in before.get(each, ())), default=0)


def _untangle(columns: Columns, edges: Sequence[tuple[Link, Link]]) -> None:
    """Order each column by where the neighbours of its nodes are, there and back some times."""
    neighbours: dict[Link, list[Link]] = {}
    for start, end in edges:
        neighbours.setdefault(start, []).append(end)
        neighbours.setdefault(end, []).append(start)
    for sweep in range(_SWEEPS):
        for column in columns if sweep % 2 == 0 else reversed(columns):
            place = {part: (i + 0.5) / len(each) for each in columns for i, part in enumerate(each)}
            column.sort(key=lambda part, place=place: _middle(part, neighbours, place))  # type: ignore[misc]


def _middle(part: Link, neighbours: Mapping[Link, Sequence[Link]], place: Mapping[Link, float]) -> tuple[float, str]:
    around = [place[each] for each in neighbours.get(part, ()) if each in place] or [place[part]]
    return round(sum(around) / len(around), 9), part.name


def _placed(pack: ir.Pack, columns: Columns, edges: Sequence[tuple[Link, Link]]) -> GraphView:
    tallest = max(map(len, columns), default=0)
    nodes: dict[Link, NodeView] = {}
    titles: list[tuple[int, str]] = []
    told: set[str] = set()
    left = _MARGIN
    for column in columns:
        width = max(_width(part) for part in column)
        top = _HEAD + (tallest - len(column)) * _ROW // 2
        families = {_TITLES[_family(part)] for part in column if _family(part) in _TITLES} - told
        titles.append((left, " and ".join(sorted(families))))
        told |= families
        for row, part in enumerate(column):
            y = top + row * _ROW + _ROW // 2
            nodes[part] = NodeView(
                part.kind, ir.shown(part.name), _label(part), _severity(pack, part), left + width // 2, y, width
            )
        left += width + _GAP
    places = {part: i for i, part in enumerate(nodes)}
    drawn = tuple(
        EdgeView(places[start], places[end], _path(nodes[start], nodes[end]))
        for start, end in edges
        if start in nodes and end in nodes and start != end
    )
    width = left - _GAP + _MARGIN
    return GraphView(
        width, _HEAD + tallest * _ROW + _MARGIN, tuple(nodes.values()), drawn, tuple(each for each in titles if each[1])
    )


def _family(part: Link) -> str:
    return {"table": "rule", "group": "rule", "intent": "output"}.get(part.kind, part.kind)


def _label(part: Link) -> str:
    name = ir.shown(part.name)
    return name if len(name) <= _LONGEST else f"{name[: _LONGEST - 1]}…"


def _width(part: Link) -> int:
    return round(len(_label(part)) * _CHARACTER) + _PADDING


def _severity(pack: ir.Pack, part: Link) -> str:
    """The gravest that a rule, or a row of a table, may have."""
    if part.kind == "rule":
        return pack.rules[part.name].severity
    if part.kind == "table":
        found = {pack.rules[row].severity for row in pack.tables[part.name].rows}
        return next((each for each in ("block", "warning") if each in found), "info")
    return ""


def _path(start: NodeView, end: NodeView) -> str:
    x1, x2 = start.x + start.width // 2, end.x - end.width // 2
    if x2 <= x1:  # of one column, or back
        x2 = end.x + end.width // 2
        return f"M{x1} {start.y}C{x1 + _GAP} {start.y} {x2 + _GAP} {end.y} {x2} {end.y}"
    half = (x2 - x1) // 2
    return f"M{x1} {start.y}C{x1 + half} {start.y} {x2 - half} {end.y} {x2} {end.y}"


__all__ = ["draw"]
