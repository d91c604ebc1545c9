"""One engine on trial, in a process of its own: equal answers, times beside the others', and what it does when blind.

`peers.py` runs this and reads the JSON that it prints.

    python benchmarks/peer_trial.py ENGINE time|sighted|text|missing|misspelt|broken EVERY
"""

from __future__ import annotations

import gc
import importlib
import importlib.metadata
import json
import math
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from itertools import permutations
from typing import Any

import live  # type: ignore[import-not-found]  # stands beside this script
from engines import ENTRIES  # type: ignore[import-not-found]  # stands beside this script
from engines.common import (  # type: ignore[import-not-found]
    EVERYTHING,
    Answer,
    Decide,
    Engine,
    Snapshot,
)

COUNT = 10_000
STAY = 20  # snapshots until regime, volatility and tags change
CHUNKS = 20
ROUNDS = 2
BATCH = 20  # snapshots read at a time
TOLERANCE = 1e-9  # some engines reckon in decimals
ELSEWHERE = {"modifiers", "bad_symbol"}  # not every engine has groups; the other shows in the lists of symbols


def snapshots() -> Iterator[str]:
    """The same on every machine, as JSON; the optional inputs are sometimes absent."""
    for seed in range(COUNT // live.COUNT):
        for i, text in enumerate(live.feed(seed, STAY)):
            snapshot = json.loads(text)
            if i % 7 == 0:
                del snapshot["costs"]
            if i % 5 == 0:
                del snapshot["ensemble_quality"]
            yield json.dumps(snapshot)


def engine_of(name: str) -> Engine:
    module = importlib.import_module(f"engines.{ENTRIES[name].module}")
    return module.ENGINES[name]


def comparable(engine: Engine, found: Any, covers: Sequence[str] = EVERYTHING) -> Answer:
    answer = engine.answer(found)
    kept = {name: answer[name] for name in covers}
    if "fired" in kept:
        kept["fired"] = sorted(set(kept["fired"]) - ELSEWHERE)
    return kept


def equal(one: Answer, other: Answer) -> bool:
    return one.keys() == other.keys() and all(equal_value(value, other[name]) for name, value in one.items())


def equal_value(one: Any, other: Any) -> bool:
    if isinstance(one, float) and isinstance(other, int | float):
        return math.isclose(one, other, abs_tol=TOLERANCE)
    return bool(one == other)


def check_equal(engine: Engine, decide: Decide, texts: Sequence[str]) -> None:
    """Raises SystemExit where Flyball answers otherwise."""
    ours = engine_of("flyball")
    ours_decide = ours.build(ours.drawdown.good)
    for text in texts:
        expected = comparable(ours, ours_decide(json.loads(text)), engine.covers)
        found = comparable(engine, decide(json.loads(text)), engine.covers)
        if not equal(expected, found):
            raise SystemExit(f"answers differ on {text}:\n  Flyball {expected}\n  here    {found}")


def seconds(decide: Decide, texts: Sequence[str]) -> float:
    """A decision's CPU time, on average: a busy machine distorts it less.

    Snapshots are read a few at a time, just before, as a feed brings them. What asking the clock takes, which is much
    beside a few fast decisions, is not counted.
    """
    spent, asked = 0.0, clock_seconds()
    for start in range(0, len(texts), BATCH):
        days = [json.loads(text) for text in texts[start : start + BATCH]]
        begin = time.process_time()
        for day in days:
            decide(day)
        spent += time.process_time() - begin - asked
    return spent / len(texts)


@cache
def clock_seconds() -> float:
    """What lies between two looks at the clock, one right behind the other."""
    return statistics.median(-(time.process_time() - time.process_time()) for _ in range(1001))


def timed(decide: Decide, texts: Sequence[str]) -> dict[str, Any]:
    """Medians over the chunks of the ratios within each, in which three decide by turns on the same snapshots."""
    functions: dict[str, Decide] = {"it": decide}
    for name in ("python", "flyball"):
        functions[name] = engine_of(name).build(engine_of(name).drawdown.good)
    for function in functions.values():
        seconds(function, texts)  # warm, all of them
    turns = list(permutations(functions))
    size = max(1, len(texts) // CHUNKS)
    measured = []
    for turn in range(ROUNDS * CHUNKS):
        part = texts[turn % CHUNKS * size :][:size]
        gc.collect()
        gc.disable()
        measured.append({name: seconds(functions[name], part) for name in turns[turn % len(turns)]})
        gc.enable()
    return {
        "python": statistics.median(each["it"] / each["python"] for each in measured),
        "flyball": statistics.median(each["it"] / each["flyball"] for each in measured),
        "microseconds": statistics.median(each["it"] for each in measured) * 1e6,
    }


def measure(engine: Engine, every: int) -> dict[str, Any]:
    texts = list(snapshots())[:: engine.share * every]
    decide = engine.build(engine.drawdown.good)
    check_equal(engine, decide, texts)
    return {"snapshots": len(texts), "part": engine.covers != EVERYTHING, **timed(decide, texts)}


# A loss of 9.5 % on an otherwise quiet day: who does not see it allows new trades.
LOSS: Snapshot = {
    "regime": "TRENDING",
    "volatility": "NORMAL",
    "risk": {"daily_pnl_pct": -9.5, "losing_streak": 0, "open_positions": 1, "exposure_pct": 2.5},
    "symbols": [{"symbol": "AAPL", "tag": "GOOD"}],
    "costs": {"spread": "NORMAL", "slippage": "NORMAL"},
    "ensemble_quality": 0.7,
}


def blind(engine: Engine, case: str) -> dict[str, Any]:
    """What comes of a bad rule, or of a bad snapshot."""
    snapshot = {**LOSS, "risk": dict(LOSS["risk"])}
    if case == "text":
        snapshot["risk"]["daily_pnl_pct"] = "-9.5"
    elif case == "missing":
        del snapshot["risk"]["daily_pnl_pct"]
    rule = {"misspelt": engine.drawdown.misspelt, "broken": engine.drawdown.broken}.get(case, engine.drawdown.good)
    decide, refused = attempt(lambda: engine.build(rule))
    if decide is None:
        return {"stage": "load", "error": refused}
    found, refused = attempt(lambda: decide(snapshot))
    if found is None:
        return {"stage": "decide", "error": refused}
    answer = engine.answer(found)
    allows = answer["allow_new_trades"] if isinstance(answer["allow_new_trades"], bool) else None
    remarks = list(engine.remarks(found))
    if allows is None and not remarks:
        remarks = [f"{type(answer['allow_new_trades']).__name__} in place of the answer"]
    return {"stage": "answer", "allows": allows, "saw_it": "daily_drawdown" in answer["fired"], "remarks": remarks}


def attempt(action: Callable[[], Any]) -> tuple[Any, str]:
    try:
        return action(), ""
    except Exception as error:  # noqa: BLE001 - whatever an engine raises is what is observed here
        text = str(getattr(error, "message", error)).split("\n\nStack backtrace", 1)[0]
        if isinstance(error, SyntaxError):
            text += f" (line {error.lineno}, column {error.offset})"
        return None, f"{type(error).__name__}: {text}"


def check_sighted(engine: Engine) -> None:
    """Raises SystemExit where even a good rule does not see the loss: then nothing would be learnt from a bad one."""
    answer = engine.answer(engine.build(engine.drawdown.good)(LOSS))
    if answer["allow_new_trades"] is not False:
        raise SystemExit(f"a good rule on a good snapshot does not deny: {answer}")


def main() -> None:
    name, trial, every = sys.argv[1:]
    entry = ENTRIES[name]
    try:
        engine = engine_of(name)
    except ImportError as error:
        print(json.dumps({"absent": f"{type(error).__name__}: {error}"}))
        return
    if trial == "sighted":
        check_sighted(engine)
        found: dict[str, Any] = {}
    else:
        found = measure(engine, int(every)) if trial == "time" else blind(engine, trial)
    version = importlib.metadata.version(entry.package) if entry.is_peer else ""
    print("\n" + json.dumps({"version": version, **found}))


if __name__ == "__main__":
    main()
