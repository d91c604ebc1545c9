"""A run as drawings: how modes changed, which rules fired when, and what the numbers did."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from .charts import ACCENT, BLOCK, INFO, LINE, MUTED, OK, SERIES, WARNING, figure, short, svg
from .run_bins import OTHER
from .run_report import SEVEREST, STATUS
from .run_views import Band, RunReport, Timeline

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_COLOURS = {
    SEVEREST: {"block": BLOCK, "warning": WARNING, "info": INFO, "none": LINE},
    STATUS: {"ok": OK, "degraded": WARNING, "repeated": INFO, "refused": MUTED, "failsafe": BLOCK},
}
_TIMELINE_ROWS, _BAND_ROWS = 3.2, 4.0
_MOST = 12
_TICKS = 5
_LEVELS = (0.0, 0.02, 0.25, 0.6, 1.0)  # shares of a bin, each drawn stronger than the one before


def draw(run: RunReport) -> dict[str, str]:
    """The drawings by name: of the timelines and bands, and `firings`."""
    if not run.times:
        return {}
    drawn = {f"timeline {each.name}": _timeline(run, each) for each in run.timelines[:_MOST] if each.values}
    drawn |= {f"band {each.name}": _band(run, each) for each in run.bands[:_MOST]}
    return drawn | ({"firings": _firings(run)} if run.firings else {})


def _timeline(run: RunReport, timeline: Timeline) -> str:
    edges = range(len(run.times) + 1)
    below = [0.0] * len(run.times)
    with figure(_TIMELINE_ROWS) as (drawn, axes):
        for i, (value, shares) in enumerate(zip(timeline.values, timeline.shares, strict=True)):
            above = [low + share for low, share in zip(below, shares, strict=True)]
            colour = _COLOURS.get(timeline.name, {}).get(value) or (SERIES[-1] if value == OTHER else SERIES[i])
            axes.fill_between(
                edges, _stepped(below), _stepped(above), step="post", color=colour, linewidth=0, label=short(value)
            )
            below = above
        axes.set_ylim(0, 1)
        axes.set_yticks([0, 1], ["0 %", "100 %"])
        _time_axis(axes, run.times)
        axes.legend(loc="center left", bbox_to_anchor=(1.01, 0.5), frameon=False, reverse=True)
        return svg(drawn, f"{timeline.name} over the run")


def _stepped(values: Sequence[float]) -> list[float]:
    return [*values, values[-1]]


def _band(run: RunReport, band: Band) -> str:
    def numbers(values: Sequence[float | None]) -> list[float]:
        return _stepped([float("nan") if each is None else each for each in values])

    edges = range(len(run.times) + 1)
    with figure(_BAND_ROWS) as (drawn, axes):
        axes.fill_between(
            edges, numbers(band.low), numbers(band.high), step="post", color=SERIES[0], alpha=0.3, linewidth=0,
            label="least to greatest",
        )  # fmt: skip
        axes.step(edges, numbers(band.mean), where="post", color=ACCENT, linewidth=1.4, label="mean")
        axes.spines["left"].set_visible(True)
        axes.margins(y=0.1)
        _time_axis(axes, run.times)
        axes.legend(loc="center left", bbox_to_anchor=(1.01, 0.5), frameon=False)
        return svg(drawn, f"{band.name} over the run")


def _firings(run: RunReport) -> str:
    """A line for each of the rules that fired most, stronger where it fired in more of the decisions."""
    with figure(len(run.firings)) as (drawn, axes):
        for row, each in enumerate(run.firings):
            (shares,) = each.shares
            for floor, level in pairwise(_LEVELS):
                spans = [(i, 1) for i, share in enumerate(shares) if floor < share <= level]
                axes.broken_barh(
                    _joined(spans), (row - 0.36, 0.72), color=SERIES[0], alpha=max(level, 0.15), linewidth=0
                )
        axes.set_yticks(range(len(run.firings)), [short(each.name) for each in run.firings])
        axes.tick_params(axis="y", length=0)
        axes.set_ylim(len(run.firings) - 0.4, -0.6)
        _time_axis(axes, run.times)
        return svg(drawn, "which rules fired when")


def _joined(spans: Sequence[tuple[int, int]]) -> list[tuple[float, float]]:
    """Spans side by side as one."""
    found: list[tuple[float, float]] = []
    for start, width in spans:
        if found and found[-1][0] + found[-1][1] == start:
            found[-1] = (found[-1][0], found[-1][1] + width)
        else:
            found.append((start, width))
    return found


def _time_axis(axes: Axes, times: Sequence[str]) -> None:
    axes.set_xlim(0, len(times))
    places = sorted({i * (len(times) - 1) // (_TICKS - 1) for i in range(_TICKS)})
    axes.set_xticks(places, _labels([times[place] for place in places]))


def _labels(times: Sequence[str]) -> list[str]:
    """As much of each time as tells them apart."""
    days = {each.partition("T")[0] for each in times}
    if all("T" in each for each in times):
        return [each.partition("T")[2].rstrip("Z")[:8] if len(days) == 1 else each.partition("T")[0] for each in times]
    return [short(each) for each in times]


__all__ = ["draw"]
