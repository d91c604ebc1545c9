"""The state functions, declared once: what they take, keep and give, with formula, source and examples.

A name may have several entries, one for each way in which it goes on (`by`). An example is a run of snapshots that are
10 s apart: the values of the inputs that it names, one a snapshot (`-` is absent), and what comes out.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from . import state_steps, windows
from .types import BOOLEAN, Field, Integer, List, Number, Record, Time, Type
from .units import RATIO, parse
from .windows import MAX_SAMPLES

By = Literal["", "count", "time", "alpha"]
Takes = Literal["condition", "number", "quantity", "anything"]
Absent = Literal["never", "as given", "maybe"]
Gives = Literal["seconds", "snapshots", "boolean", "count", "same", "number", "product", "ratio"]


@dataclass(frozen=True, slots=True)
class Example:
    call: str
    given: Mapping[str, str]
    gives: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StateFunction:
    """`takes` has one kind for each argument that varies: a condition (a boolean that is present), a number that may be
    absent, a quantity (a number, or a boolean that counts as 1 or 0), or anything. `setting` is the constant behind
    them: the name by which it is given, or `window` where it has none.

    `state(kinds, size)` is the type of what is kept, for arguments of those types and a window of that size.
    `step(kept, now, *arguments)` gives what is kept then, and the value. Where it `restarts`, a gap in time empties it.
    """

    name: str
    takes: tuple[Takes, ...]
    gives: Gives
    doc: str
    formula: str
    examples: tuple[Example, ...]
    state: Callable[[tuple[Type, ...], int], Type]
    step: Callable[..., tuple[Any, Any]]
    start: Any = None
    by: By = ""
    setting: str = ""
    source: str = ""
    absent: Absent = "never"  # the value: as given, where an argument may be absent
    restarts: bool = False
    version: int = 1  # of what it means, as a function's

    @property
    def key(self) -> str:
        return f"{self.name}.{self.by}" if self.by else self.name

    @property
    def needs_now(self) -> bool:
        return self.by == "time" or self.gives == "seconds"

    @property
    def usage(self) -> str:
        names = ("x", "y") if self.takes[0] != "condition" else ("set", "reset") if self.name == "latch" else ("c",)
        setting = f"{self.setting}=…" if self.setting not in ("window", "") else self.setting
        return f"{self.name}({', '.join((*names[: len(self.takes)], *([setting] if setting else [])))})"


def _time(_kinds: tuple[Type, ...], _size: int) -> Type:
    return Time()


def _number(kinds: tuple[Type, ...], _size: int) -> Type:
    return Number(kinds[0].unit) if isinstance(kinds[0], Number | Integer) else Number()


def _same(kinds: tuple[Type, ...], _size: int) -> Type:
    return kinds[0] if isinstance(kinds[0], Number | Integer) else Integer()


def _record(**fields: Type) -> Record:
    return Record("", tuple(Field(name, kind) for name, kind in fields.items()))


def _seen(kinds: tuple[Type, ...], _size: int) -> Type:
    return Record("", (Field("value", kinds[0], optional=True),))


def _sample(kinds: tuple[Type, ...]) -> Type:
    return kinds[0] if len(kinds) == 1 else _record(x=Number(), y=Number())


def _values(kinds: tuple[Type, ...], size: int) -> Type:
    return List(Field("", _sample(kinds)), size)


def _moments(kinds: tuple[Type, ...], _size: int) -> Type:
    return List(Field("", _record(at=Time(), value=_sample(kinds))), MAX_SAMPLES)


_RUN = {"c": "true true false true"}
_X = {"x": "1 4 - 2 9"}

_RUNS = (
    StateFunction(name="held", takes=("condition",), gives="seconds", state=_time, step=state_steps.held,
                  restarts=True,
                  doc="For how long a condition has been true: since the first snapshot of its current run.",
                  formula="now - t, with t the first snapshot of the run; 0 there, and while it is false",
                  examples=(Example("held(c)", _RUN, "0.0 10.0 0.0 0.0"),)),
    StateFunction(name="streak", takes=("condition",), gives="snapshots", state=lambda _k, _s: Integer(),
                  step=state_steps.streak, start=0, restarts=True,
                  doc="For how many snapshots in a row a condition has been true, this one among them.",
                  formula="n + 1 if c else 0", examples=(Example("streak(c)", _RUN, "1 2 0 1"),)),
    StateFunction(name="since", takes=("condition",), gives="seconds", absent="maybe", state=_time,
                  step=state_steps.since,
                  doc="How long ago a condition was last true; absent if it never was.",
                  formula="now - t, with t the last snapshot at which c was true",
                  examples=(Example("since(c)", {"c": "false true false false"}, "- 0.0 10.0 20.0"),)),
    StateFunction(name="latch", takes=("condition", "condition"), gives="boolean",
                  state=lambda _k, _s: BOOLEAN, step=state_steps.latch, start=False,
                  doc="Set by one condition until another one resets it; setting wins. With `on_fault=set` it is also "
                      "set where its pack fails.",
                  formula="set or (before and not reset)",
                  examples=(Example("latch(c, d)",
                                    {"c": "false true false false true", "d": "true false false true true"},
                                    "false true true false true"),)),
    StateFunction(name="changed", takes=("anything",), gives="boolean", state=_seen, step=state_steps.changed,
                  doc="Whether a value is another one than at the last snapshot; the first one is no change, "
                      "to appear or to vanish is one.",
                  formula="x != previous x", examples=(Example("changed(x)", {"x": "1 1 2 - -"},
                                                               "false false true true false"),)),
    StateFunction(name="total", takes=("quantity",), gives="same", state=_same, step=state_steps.total, start=0,
                  doc="The sum of all so far; a condition counts as 1 where it is true. What is absent adds nothing.",
                  formula="before + x", examples=(Example("total(x)", {"x": "1 4.5 - 2"}, "1.0 5.5 5.5 7.5"),
                                                  Example("total(c)", _RUN, "1 2 2 3"))),
)  # fmt: skip

_EWMA = "Roberts, Technometrics 1 (1959), 239-250"
_EWMAS = tuple(
    StateFunction(name="ewma", by=by, takes=("number",), setting=setting, gives="number", state=state, step=step,  # type: ignore[arg-type]  # a literal in each row
                  absent="as given", restarts=True, source=_EWMA,
                  doc=doc, formula=formula, examples=(Example(call, {"x": "1 4 - 2"}, gives),))
    for by, setting, state, step, doc, formula, call, gives in (
        ("alpha", "alpha", _number, state_steps.ewma,
         "An exponentially weighted mean; it starts at x. What is absent is passed over.",
         "m + alpha * (x - m)", "ewma(x, alpha=half)", "1.0 2.5 2.5 2.25"),
        ("count", "half_life", _number, state_steps.ewma_by_count,
         "The same by the snapshots after which a value weighs half.",
         "m + (1 - 2 ** (-1 / half_life)) * (x - m)", "ewma(x, half_life=one_bar)", "1.0 2.5 2.5 2.25"),
        ("time", "half_life", lambda kinds, size: _record(at=Time(), value=_number(kinds, size)),
         state_steps.ewma_by_time,
         "The same by the time after which a value weighs half.",
         "m + (1 - 2 ** (-(now - t) / half_life)) * (x - m), with t the snapshot before",
         "ewma(x, half_life=ten_seconds)", "1.0 2.5 2.5 2.125"),
    )
)  # fmt: skip


def _window(
    name: str, summary: windows.Summary, gives: Gives, doc: str, formula: str, results: tuple[str, str],
    takes: tuple[Takes, ...] = ("number",), given: Mapping[str, str] = _X, absent: Absent = "as given",
    source: str = "", by_time: windows.Step | None = None,
) -> tuple[StateFunction, StateFunction]:  # fmt: skip
    """By count, where the value is absent until the window is full, and by time."""
    values = ", ".join(given)
    pair = windows.paired if len(takes) > 1 else lambda step: step
    count = StateFunction(
        name=name, by="count", takes=takes, setting="window", gives=gives, state=_values, start=(),
        step=pair(windows.by_count(summary)), absent="maybe", restarts=True, source=source, doc=doc, formula=formula,
        examples=(Example(f"{name}({values}, two_bars)", given, results[0]),),
    )  # fmt: skip
    time = StateFunction(
        name=name, by="time", takes=takes, setting="window", gives=gives, state=_moments, start=(),
        step=by_time or pair(windows.by_time(summary)), absent=absent, restarts=True, source=source,
        doc=doc, formula=formula, examples=(Example(f"{name}({values}, twenty_seconds)", given, results[1]),),
    )  # fmt: skip
    return count, time


_XY = {"x": "1 4 2 -", "z": "2 1 7 3"}
_ROOT = "2.1213203435596424"  # of 4.5
_WINDOWS = (
    *_window("rolling_min", windows.least, "same", "The least value of a window.", "min(x1, …, xn)",
             ("- 1.0 1.0 2.0 2.0", "1.0 1.0 4.0 2.0 2.0"), by_time=windows.extreme_by_time(operator.lt)),
    *_window("rolling_max", windows.greatest, "same", "The greatest value of a window.", "max(x1, …, xn)",
             ("- 4.0 4.0 4.0 9.0", "1.0 4.0 4.0 2.0 9.0"), by_time=windows.extreme_by_time(operator.gt)),
    *_window("rolling_sum", windows.total, "same", "The sum of a window, from the oldest on.", "(x1 + x2) + … + xn",
             ("- 5.0 5.0 6.0 11.0", "1.0 5.0 4.0 2.0 11.0"), absent="never"),
    *_window("rolling_mean", windows.mean, "number", "The arithmetic mean of a window.", "(x1 + … + xn) / n",
             ("- 2.5 2.5 3.0 5.5", "1.0 2.5 4.0 2.0 5.5")),
    *_window("rolling_std", windows.deviation, "number",
             "The standard deviation of a window as a sample; absent for fewer than two values.",
             "√(((x1 - m)² + … + (xn - m)²) / (n - 1))",
             (f"- {_ROOT} {_ROOT} 1.4142135623730951 4.949747468305833",
              f"- {_ROOT} - - 4.949747468305833"), absent="maybe"),
    *_window("rolling_zscore", windows.standing, "ratio",
             "By how many standard deviations of a window its newest value is above its mean; absent for fewer than "
             "two values, and where they are all equal.",
             "(xn - m) / std(x1, …, xn)",
             ("- 0.7071067811865476 0.7071067811865476 -0.7071067811865475 0.7071067811865476",
              "- 0.7071067811865476 - - 0.7071067811865476"),
             absent="maybe"),
    *_window("rolling_median", windows.median, "number",
             "The middle value of a window, or the mean of the middle two.", "the middle of x1, …, xn by size",
             ("- 2.5 2.5 3.0 5.5", "1.0 2.5 4.0 2.0 5.5")),
    *_window("rolling_count", windows.count_true, "count", "How often a condition was true within a window.",
             "the number of true ones among c1, …, cn", ("- 2 1 1", "1 2 1 1"), takes=("condition",), given=_RUN,
             absent="never"),
    *_window("change", windows.difference, "same",
             "By how much a value has moved within a window: the newest of it less the oldest.", "xn - x1",
             ("- 3.0 3.0 -2.0 7.0", "0.0 3.0 0.0 0.0 7.0")),
    *_window("rolling_covariance", windows.covariance, "product",
             "How two values move together within a window, as a sample; where one is absent, both are passed over.",
             "((x1 - mx)(y1 - my) + …) / (n - 1)", ("- -1.5 -6.0 -6.0", "- -1.5 -6.0 -"),
             takes=("number", "number"), given=_XY, absent="maybe"),
    *_window("rolling_correlation", windows.correlation, "ratio",
             "The same between -1 and 1; absent where one of both does not move.",
             "covariance(x, y) / (std(x) * std(y))", ("- -1.0 -1.0 -1.0", "- -1.0 -1.0 -"),
             takes=("number", "number"), given=_XY, absent="maybe",
             source="Pearson, Proceedings of the Royal Society of London 58 (1895), 240-242"),
)  # fmt: skip

_WELFORD = "Welford, Technometrics 4 (1962), 419-420"
_RUNNING = (
    StateFunction(name="wilder_mean", by="count", takes=("number",), setting="window", gives="number", absent="maybe",
                  restarts=True, state=lambda kinds, size: _record(n=Integer(), held=_number(kinds, size)),
                  step=state_steps.wilder_mean,
                  source="Wilder, New Concepts in Technical Trading Systems (1978), 21-23",
                  doc="Wilder's mean: that of the first n values, then drawn on by each. Of the true range "
                      "`max(high, before) - min(low, before)`, with `before: previous(close)`, it is the average true "
                      "range (ATR).",
                  formula="(x1 + … + xn) / n, then m + (x - m) / n",
                  examples=(Example("wilder_mean(x, two_bars)", _X, "- 2.5 2.5 2.25 5.625"),)),
    StateFunction(name="running_mean", takes=("number",), gives="number", absent="as given", source=_WELFORD,
                  state=lambda kinds, size: _record(n=Integer(), mean=_number(kinds, size)),
                  step=state_steps.running_mean, doc="The mean of all so far.", formula="m + (x - m) / n",
                  examples=(Example("running_mean(x)", {"x": "1 4 - 4"}, "1.0 2.5 2.5 3.0"),)),
    StateFunction(name="running_covariance", takes=("number", "number"), gives="product", absent="maybe",
                  source=_WELFORD, state=lambda _k, _s: _record(n=Integer(), x=Number(), y=Number(), products=Number()),
                  step=state_steps.running_covariance,
                  doc="How two values have moved together so far, as a sample; absent for fewer than two pairs.",
                  formula="(p + (x - mx) * (y - my')) / (n - 1)",
                  examples=(Example("running_covariance(x, z)", _XY,
                                    "- -1.5 -1.6666666666666667 -1.6666666666666667"),)),
)  # fmt: skip

STATE_TABLE = (*_RUNS, *_EWMAS, *_WINDOWS, *_RUNNING)
STATE_FUNCTIONS: Mapping[str, StateFunction] = {each.key: each for each in STATE_TABLE}
STATE_NAMES = frozenset(each.name for each in STATE_TABLE)
SNAPSHOTS = parse("snapshots") or RATIO


def entry(name: str, by: str) -> StateFunction | None:
    """The entry of a function that goes on in that way."""
    return STATE_FUNCTIONS.get(f"{name}.{by}" if by else name)


__all__ = ["SNAPSHOTS", "STATE_FUNCTIONS", "STATE_NAMES", "STATE_TABLE", "Example", "StateFunction", "entry"]
