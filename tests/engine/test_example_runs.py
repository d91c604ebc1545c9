"""The runner of examples: what a comparison means, and that the two back ends are compared."""

from __future__ import annotations

from typing import Any

import pytest

from flyball.engine.backends import reference
from flyball.engine.example_runs import BACK_ENDS, Report, run_examples
from flyball.engine.outcome import Outcome
from flyball.loaders.packs import load_bytes

PACK = """
language: 1
pack: guard
version: 1.0.0
types:
  Mood: [CALM, WILD]
inputs:
  x: {type: number, why: Anything}
  size: {type: integer, why: Anything}
  ok: {type: boolean, why: Anything}
  mood: {type: Mood, why: Anything}
  at: {type: time, optional: true, why: Anything}
  names: {type: list, of: text, max_items: 3, why: Anything}
  pair: {type: record, why: Anything, fields: {a: {type: number}, b: {type: number, optional: true}}}
  by_mood: {type: number, by: Mood, why: Anything}
outputs:
  out_x: {type: number, start: x, safe: 0}
  out_size: {type: integer, start: size, safe: 0}
  out_ok: {type: boolean, start: ok, safe: false}
  out_mood: {type: Mood, start: mood, safe: WILD}
  out_at: {type: time, optional: true, start: at, safe: missing}
  out_sizeames: {type: list, of: text, max_items: 3, start: names, safe: []}
  out_sum: {type: number, start: "pair.a + by_mood[mood]", safe: 0}
examples:
  one:
    given:
      x: 0.3
      size: 3
      ok: true
      mood: CALM
      at: 2026-01-05T15:00:00Z
      names: [a, b]
      pair: {a: 1, b: null}
      by_mood: {CALM: 0.1, WILD: 2}
    expect: {EXPECT}
"""


def report(expect: str) -> Report:
    loaded = load_bytes(PACK.replace("EXPECT", expect).encode(), "guard.yaml")
    assert loaded.checked is not None, loaded.findings
    return run_examples(loaded.checked.pack, loaded.checked.examples)


@pytest.mark.parametrize(
    "expect",
    [
        "out_x: 0.3",
        "out_size: 3",
        "out_size: 3.0",
        "out_ok: true",
        "out_mood: CALM",
        "out_at: 2026-01-05T15:00:00Z",
        'out_at: "2026-01-05T16:00:00+01:00"',
        "out_sizeames: [a, b]",
        "out_sum: 1.1",
        "status: ok",
    ],
)
def test_what_is_equal_passes(expect: str) -> None:
    assert report(expect).results[0].mismatches == ()


@pytest.mark.parametrize(
    "expect",
    [
        "out_x: 0.30000000000000004",
        'out_x: "0.3"',
        "out_x: null",
        "out_x: true",
        "out_size: 4",
        "out_ok: 1",
        "out_ok: false",
        "out_mood: WILD",
        "out_mood: 0",
        "out_at: 2026-01-05T15:00:01Z",
        "out_at: null",
        "out_sizeames: [b, a]",
        "out_sizeames: [a]",
        "out_sizeames: a",
        "status: failsafe",
        "fired: [out_x.within]",
    ],
)
def test_what_differs_fails(expect: str) -> None:
    result = report(expect).results[0]
    assert [mismatch.what for mismatch in result.mismatches] == [expect.partition(":")[0]]
    assert not result.passed


def test_a_pack_without_rules_is_covered() -> None:
    found = report("out_x: 0.3")
    assert found.passed and found.coverable == 0


def test_back_ends_that_differ_fail_the_example(monkeypatch: pytest.MonkeyPatch) -> None:
    decide = reference.decide

    def wrong(*arguments: Any) -> Outcome:
        outcome = decide(*arguments)
        return Outcome(inputs=outcome.inputs, outputs={**outcome.outputs, "out_size": 4}, starts=outcome.starts)

    monkeypatch.setattr(reference, "decide", wrong)
    (mismatch,) = report("out_size: 3").results[0].mismatches
    assert (mismatch.what, mismatch.expected, mismatch.got) == (BACK_ENDS, {"out_size": 4}, {"out_size": 3})
