"""Drawings as SVG that stand in a page: in its colours, light or dark, and the same bytes each time."""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

from ..engine.canonical import digest
from .text import clean

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from .explanation_views import OutputView

# Each stands for a variable of the style sheet; an SVG has colours, and the page knows which they are.
INK, MUTED, LINE = "#010101", "#020202", "#030303"
BLOCK, WARNING, INFO, OK, ACCENT = "#040404", "#050505", "#060606", "#070707", "#080808"
SERIES = tuple(f"#1000{i:02x}" for i in range(9))  # the last one is for the rest
_VARIABLES = {
    INK: "ink", MUTED: "muted", LINE: "line", BLOCK: "block", WARNING: "warning", INFO: "info", OK: "ok",
    ACCENT: "accent", **{f"#1000{i:02x}": f"c{i}" for i in range(9)},
}  # fmt: skip
_STYLE: Any = {
    "svg.hashsalt": "flyball", "svg.fonttype": "none", "font.family": "sans-serif", "font.size": 10,
    "text.color": INK, "axes.labelcolor": MUTED, "xtick.color": MUTED, "ytick.color": INK, "axes.edgecolor": LINE,
    "grid.color": LINE, "axes.grid": False, "axes.spines.top": False, "axes.spines.right": False,
    "axes.spines.left": False, "axes.unicode_minus": True, "text.parse_math": False,
}  # fmt: skip
_WIDTH, _ROW, _FRAME = 7.6, 0.34, 0.6  # inches
_LONGEST = 34
_ID = 8  # characters of a hash


@contextmanager
def figure(rows: float) -> Iterator[tuple[Figure, Axes]]:
    """An empty drawing in our style, for so many rows."""
    with mpl.rc_context(_STYLE), warnings.catch_warnings():
        # Widths are measured with a font that lacks some scripts, but the page draws the text with the reader's fonts.
        warnings.filterwarnings("ignore", "Glyph .* missing from font", UserWarning)
        drawn = Figure(figsize=(_WIDTH, _FRAME + _ROW * rows), layout="constrained")
        yield drawn, drawn.add_subplot()


def svg(drawn: Figure, label: str) -> str:
    """The drawing without its prologue, with the page's colours, and a name for who cannot see it."""
    for patch in (drawn.patch, *(axes.patch for axes in drawn.axes)):
        patch.set_visible(False)
    buffer = io.StringIO()
    canvas: Any = FigureCanvasSVG(drawn)  # its methods are not annotated
    canvas.print_svg(buffer, metadata={"Date": None, "Creator": None, "Format": None, "Type": None})
    text = buffer.getvalue()
    text = re.sub(r"<metadata>.*?</metadata>|<style.*?</style>", "", text[text.index("<svg") :], flags=re.DOTALL)
    for colour, name in _VARIABLES.items():
        text = text.replace(colour, f"var(--{name})")
    text = re.sub(r"font-family: [^;\"]*", "font-family: var(--sans)", text)
    named = clean(label).replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;")
    return _with_own_ids(text, label).replace("<svg ", f'<svg role="img" aria-label="{named}" ', 1)


def _with_own_ids(text: str, label: str) -> str:
    """Several drawings may stand in one page: ids that nothing refers to go, the others tell whose they are."""
    used = set(re.findall(r'(?:url\(#|href="#)([^")]+)', text))
    own = digest(label).removeprefix("sha256:")[:_ID]
    text = re.sub(r' id="([^"]*)"', lambda found: f' id="{own}{found[1]}"' if found[1] in used else "", text)
    return re.sub(r'(url\(#|href="#)', rf"\g<1>{own}", text)


def short(text: str) -> str:
    text = clean(text)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def waterfall(output: OutputView) -> str:
    """How a number came to its value, from where it starts, a bar for each step."""
    assert output.begins is not None, "only a number has a waterfall"
    values = [output.begins, *(each.amount for each in output.steps if each.amount is not None)]
    names = [
        "starts from",
        *(short(f"{each.by}  {each.effect}".strip()) for each in output.steps if each.amount is not None),
        "final",
    ]
    with figure(len(names)) as (drawn, axes):
        for row, (before, after) in enumerate(pairwise(values), 1):
            colour = MUTED if before == after else BLOCK if after < before else OK
            axes.barh(row, after - before, left=before, height=0.6, color=colour)
            axes.plot([after, after], [row - 0.3, row + 1.3], color=MUTED, linewidth=0.8, linestyle=":")
        axes.barh(0, values[0], height=0.6, color=INFO)
        axes.barh(len(values), values[-1], height=0.6, color=INFO)
        shown = [output.start, *(each.after for each in output.steps if each.amount is not None), output.final]
        _label_ends(axes, [*values, values[-1]], [0, *values[:-1], 0], shown)
        axes.set_yticks(range(len(names)), names)
        axes.tick_params(axis="y", length=0)
        axes.axvline(0, color=LINE, linewidth=0.8)
        axes.invert_yaxis()
        axes.margins(x=0.14)
        return svg(drawn, f"{output.name} goes from {output.start} to {output.final}")


def _label_ends(axes: Axes, ends: Sequence[float], begins: Sequence[float], texts: Sequence[str]) -> None:
    for row, (end, begin, text) in enumerate(zip(ends, begins, texts, strict=True)):
        place: dict[str, Any] = {"textcoords": "offset points", "va": "center", "color": INK}
        right = max(end, begin)
        axes.annotate(short(text), (right, row), xytext=(5, 0), ha="left", **place)


__all__ = [
    "ACCENT",
    "BLOCK",
    "INFO",
    "INK",
    "LINE",
    "MUTED",
    "OK",
    "SERIES",
    "WARNING",
    "figure",
    "short",
    "svg",
    "waterfall",
]
