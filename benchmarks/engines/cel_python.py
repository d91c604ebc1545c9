"""cel-python: CEL in Python, one program."""

from __future__ import annotations

from typing import Any

import celpy  # type: ignore[import-not-found]
from celpy import celtypes

from . import cel_text
from .common import Answer, Decide, Engine, Snapshot

PLAIN = (
    (celtypes.BoolType, bool),
    (celtypes.StringType, str),
    (celtypes.DoubleType, float),
    (celtypes.IntType, int),
)


def build(drawdown: str) -> Decide:
    environment = celpy.Environment()
    program = environment.program(environment.compile(cel_text.text(drawdown)))

    def decide(snapshot: Snapshot) -> Any:
        return program.evaluate({"s": celpy.json_to_cel(snapshot)})

    return decide


def plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {plain(key): plain(each) for key, each in value.items()}
    if isinstance(value, list):
        return [plain(each) for each in value]
    return next((kind(value) for cel, kind in PLAIN if isinstance(value, cel)), value)


def answer(found: Any) -> Answer:
    return plain(found)  # type: ignore[no-any-return]


ENGINES = {
    "cel_python": Engine(
        drawdown=cel_text.DRAWDOWN,
        build=build,
        answer=answer,
        share=40,
    )
}
