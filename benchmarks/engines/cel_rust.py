"""common-expression-language: CEL in Rust, one compiled program."""

from __future__ import annotations

import cel  # type: ignore[import-not-found]

from . import cel_text
from .common import Answer, Decide, Engine, Snapshot, same


def build(drawdown: str) -> Decide:
    program = cel.compile(cel_text.text(drawdown))

    def decide(snapshot: Snapshot) -> Answer:
        return program.execute({"s": snapshot})  # type: ignore[no-any-return]

    return decide


ENGINES = {
    "cel_rust": Engine(
        drawdown=cel_text.DRAWDOWN,
        build=build,
        answer=same,
    )
}
