"""What a document about a pack says, apart from how it looks: HTML, Markdown and JSON are made from it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .comparison_view import HistoryView
from .views import View


@dataclass(frozen=True, slots=True)
class Link:
    """Another thing of the same pack: its kind (`rule`), its id, and the part of the page that tells of it."""

    kind: str
    name: str

    @property
    def anchor(self) -> str:
        return anchor(self.kind, self.name)


def anchor(kind: str, name: str) -> str:
    """Where a page tells of something."""
    return f"{kind}-{name}"


@dataclass(frozen=True, slots=True)
class InputView:
    """An input, or a field of one: `name` is a path such as `symbols[].tag`, `key` the snapshot's where it differs."""

    name: str
    key: str
    type: str
    unit: str
    range: str
    presence: str
    why: str
    actionable: bool


@dataclass(frozen=True, slots=True)
class ParameterView:
    name: str
    value: str
    unit: str
    range: str
    why: str
    layer: str
    env: str
    used_by: tuple[Link, ...]
    where: str


@dataclass(frozen=True, slots=True)
class DefinitionView:
    """`sentence` is what it comes to in words; of a table of values, that table."""

    name: str
    type: str
    sentence: str
    table: TableView | None
    where: str


@dataclass(frozen=True, slots=True)
class OutputView:
    name: str
    type: str
    unit: str
    combine: str
    start: str
    safe: str
    limits: str
    why: str
    changed_by: tuple[Link, ...]
    where: str


@dataclass(frozen=True, slots=True)
class RuleView:
    """A rule, group or intent: `when` is its condition in words, `effects` what it does then."""

    id: str
    kind: str
    severity: str
    when: str
    effects: tuple[str, ...]
    because: str
    group: str
    notes: tuple[str, ...]
    where: str


@dataclass(frozen=True, slots=True)
class RowView:
    """A row of a table; `cells` are in the order of its columns, empty where it leaves one out."""

    id: str
    severity: str
    cells: tuple[str, ...]
    effects: tuple[str, ...]
    because: str
    where: str


@dataclass(frozen=True, slots=True)
class TableView:
    id: str
    how: str
    columns: tuple[str, ...]
    rows: tuple[RowView, ...]
    group: str
    where: str


@dataclass(frozen=True, slots=True)
class InvariantView:
    id: str
    sentence: str
    why: str
    enforced: bool
    where: str


@dataclass(frozen=True, slots=True)
class StepView:
    given: tuple[str, ...]
    expect: tuple[str, ...]
    title: str


@dataclass(frozen=True, slots=True)
class ExampleView:
    name: str
    title: str
    steps: tuple[StepView, ...]
    where: str


@dataclass(frozen=True, slots=True)
class PartView:
    """A pack that a policy uses; `failing` says what its faults do to the rest."""

    name: str
    pack: str
    hash: str
    failing: str


@dataclass(frozen=True, slots=True)
class NodeView(Link):
    """A node of the drawn graph, and what it leads to; its middle is at (`x`, `y`)."""

    label: str
    severity: str
    x: int
    y: int
    width: int


@dataclass(frozen=True, slots=True)
class EdgeView:
    """From one node to another, as indices, with the path to draw."""

    start: int
    end: int
    path: str


@dataclass(frozen=True, slots=True)
class GraphView:
    width: int
    height: int
    nodes: tuple[NodeView, ...]
    edges: tuple[EdgeView, ...]
    columns: tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True)
class PackDocument(View):
    """A pack as a document. `counts` say how much it holds (`3 rules`), `facts` what it is known by."""

    name: str
    version: str
    title: str
    summary: str
    notes: tuple[str, ...]
    counts: tuple[str, ...]
    facts: tuple[tuple[str, str], ...]
    parts: tuple[PartView, ...]
    arbitration: tuple[str, ...]
    types: tuple[tuple[str, tuple[str, ...]], ...]
    inputs: tuple[InputView, ...]
    parameters: tuple[ParameterView, ...]
    requires: tuple[tuple[str, str], ...]
    definitions: tuple[DefinitionView, ...]
    outputs: tuple[OutputView, ...]
    groups: tuple[RuleView, ...]
    rules: tuple[RuleView, ...]
    tables: tuple[TableView, ...]
    intents: tuple[RuleView, ...]
    state: tuple[tuple[str, str], ...]
    invariants: tuple[InvariantView, ...]
    examples: tuple[ExampleView, ...]
    graph: GraphView
    history: HistoryView

    def to_dict(self) -> dict[str, Any]:
        """Without the graph's drawing: what it shows is in the rest."""
        content = View.to_dict(self)
        del content["graph"]
        content["history"] = self.history.to_dict()
        return content


__all__ = [
    "DefinitionView", "EdgeView", "ExampleView", "GraphView", "InputView", "InvariantView", "Link", "NodeView",
    "OutputView", "PackDocument", "ParameterView", "PartView", "RowView", "RuleView", "StepView", "TableView", "anchor",
]  # fmt: skip
