"""What a report on a comparison says, apart from how it looks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..engine.comparison import Change, Comparison
from ..engine.versions import is_enough
from .comparison_text import columns, heading, markdown, notes_of, sections, verdict


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


def diff_view(comparisons: Sequence[Comparison], added: Sequence[str], removed: Sequence[str]) -> DiffView:
    return DiffView(tuple(_view(each) for each in comparisons if each.changes), tuple(added), tuple(removed))


def _view(found: Comparison) -> ComparisonView:
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


__all__ = ["ChangeView", "ComparisonView", "DiffView", "diff_view"]
