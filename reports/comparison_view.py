"""What a report on a comparison says, apart from how it looks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ..engine.comparison import Change, Comparison
from ..engine.versions import is_enough
from .comparison_text import columns, heading, markdown, notes_of, sections, verdict
from .views import View


@dataclass(frozen=True, slots=True)
class ChangeView:
    """What became what, in `text`; of a number `relative` says by how much of itself."""

    name: str
    kind: str
    level: str
    text: str
    relative: str
    why: str


@dataclass(frozen=True, slots=True)
class ComparisonView:
    heading: str
    verdict: str
    level: str
    enough: bool
    notes: str
    sections: tuple[tuple[str, tuple[ChangeView, ...]], ...]
    markdown: str


@dataclass(frozen=True, slots=True)
class DiffView:
    """The versions that differ, and what is on one side alone."""

    comparisons: tuple[ComparisonView, ...]
    added: tuple[str, ...]
    removed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class VersionView:
    """A step from one version to the next: what changed, or the problem that kept it from being compared."""

    before: str
    after: str
    comparison: ComparisonView | None = None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class HistoryView(View):
    """The steps that led to a version, the newest first; `left_out` counts older ones that are not told."""

    steps: tuple[VersionView, ...] = ()
    later: tuple[str, ...] = ()
    left_out: int = 0
    withdrawn: tuple[tuple[str, str], ...] = ()

    def __bool__(self) -> bool:
        return bool(self.steps or self.later or self.withdrawn)

    def to_dict(self) -> dict[str, Any]:
        content = View.to_dict(self)
        for step in content["steps"]:
            if step["comparison"]:
                del step["comparison"]["markdown"]
        return content


def diff_view(comparisons: Sequence[Comparison], added: Sequence[str], removed: Sequence[str]) -> DiffView:
    return DiffView(tuple(comparison_view(each) for each in comparisons if each.changes), tuple(added), tuple(removed))


def comparison_view(found: Comparison) -> ComparisonView:
    told = tuple((name, tuple(_change(each) for each in changes)) for name, changes in sections(found))
    text = verdict(found)
    return ComparisonView(
        heading=heading(found),
        verdict=f"{text[:1].upper()}{text[1:]}.",
        level=found.level or "none",
        enough=found.before.version == found.after.version
        or is_enough(found.before.version, found.after.version, found.level),
        notes=notes_of(found),
        sections=told,
        markdown="\n".join(markdown(found)),
    )


def _change(change: Change) -> ChangeView:
    text, relative = columns(change) if change.section != "examples" else ("", "")  # they are told by name alone
    return ChangeView(change.name, change.kind, change.level, text, relative, change.why)


__all__ = [
    "ChangeView", "ComparisonView", "DiffView", "HistoryView", "VersionView", "comparison_view", "diff_view",
]  # fmt: skip
