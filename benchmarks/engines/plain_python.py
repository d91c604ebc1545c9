"""The tight function of `handwritten.py`: what a desk would write, and what the others are compared with."""

from __future__ import annotations

import inspect
from typing import Any

import handwritten  # type: ignore[import-not-found]  # stands beside the script that runs this

from .common import Answer, Decide, Drawdown, Engine

NAMED = '    pnl = risk_state["daily_pnl_pct"]'


def build(drawdown: str) -> Decide:
    """The function itself where its rule is as it stands there, so that what is timed is what is read."""
    if drawdown == NAMED:
        return handwritten.decide  # type: ignore[no-any-return]
    source = inspect.getsource(handwritten)
    assert NAMED in source
    names: dict[str, Any] = {}
    exec(compile(source.replace(NAMED, drawdown), "handwritten.py", "exec"), names)
    return names["decide"]  # type: ignore[no-any-return]


def answer(found: Answer) -> Answer:
    return {**found, "fired": [rule for rule, *_ in found["reasons"]]}


ENGINES = {
    "python": Engine(
        drawdown=Drawdown(NAMED, NAMED.replace("pnl_", "pln_"), NAMED.replace("[", "[[")),
        build=build,
        answer=answer,
    )
}
