"""The versions of a pack that stand beside its file, each compared with the one before it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from ..engine.versions import number_of
from ..loaders.lookup import NotFoundError, withdrawn
from .common import CannotStartError, fail
from .comparing import compared_sides, side_of

if TYPE_CHECKING:
    from ..engine.comparison import Side
    from ..reports.comparison_view import HistoryView, VersionView

_MOST = 10  # of the newest steps: each older version has to be loaded


def history_of(path: Path, rules: str | None) -> HistoryView:
    """What led to a file, the newest step first. A version that cannot be loaded any more is said, and is no error."""
    from ..reports.comparison_view import HistoryView

    if not _is_version(path):
        return HistoryView()
    own = number_of(path.stem)
    files = sorted(filter(_is_version, path.parent.glob("*.yaml")), key=lambda each: number_of(each.stem))
    earlier = [each for each in files if number_of(each.stem) < own]
    taken = [*earlier[-_MOST:], path]
    return HistoryView(
        steps=tuple(_steps(taken, rules))[::-1],
        later=tuple(each.stem for each in files if number_of(each.stem) > own),
        left_out=len(earlier) + 1 - len(taken),
        withdrawn=tuple(_withdrawn(path.parent)),
    )


def _withdrawn(folder: Path) -> list[tuple[str, str]]:
    try:
        return sorted(withdrawn(folder).items())
    except NotFoundError as error:
        fail(str(error))


def _is_version(path: Path) -> bool:
    return re.fullmatch(r"\d+\.\d+\.\d+", path.stem) is not None


def _steps(files: Sequence[Path], rules: str | None) -> Iterator[VersionView]:
    opened = ((path.stem, _side(path, rules)) for path in files) if len(files) > 1 else ()
    for (old, before), (new, after) in pairwise(opened):
        yield _step(old, before, new, after)


def _side(path: Path, rules: str | None) -> Side | str:
    """One side of comparisons, or what keeps it from being one."""
    try:
        return side_of(path, str(path), rules)
    except CannotStartError as error:
        return str(error).splitlines()[0]


def _step(old: str, before: Side | str, new: str, after: Side | str) -> VersionView:
    from ..reports.comparison_view import VersionView, comparison_view

    if isinstance(before, str) or isinstance(after, str):
        return VersionView(old, new, problem=before if isinstance(before, str) else str(after))
    try:
        return VersionView(old, new, comparison_view(compared_sides(before, after)))
    except CannotStartError as error:
        return VersionView(old, new, problem=str(error))


__all__ = ["history_of"]
