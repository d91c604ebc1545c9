"""The runner of examples: what a comparison means, and that the two back ends are compared."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from flyball.engine import example_runs
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


SESSION = """
language: 1
pack: guard
version: 1.0.0
inputs:
  bad: {type: boolean, why: Anything}
  reset: {type: boolean, why: Anything}
definitions:
  tripped: latch(bad, reset, on_fault=set)
  bad_for: held(bad)
outputs:
  trip: {type: boolean, start: tripped, safe: true}
  for_s: {type: number, unit: s, start: bad_for, safe: 0}
invariants:
  no_long_trip: {never: out.for_s > 30}
examples:
  one:
    STEPS
"""
CALM = "given: {bad: false, reset: false}"
BAD = "given: {bad: true, reset: false}"


def loaded_session(steps: str) -> Any:
    return load_bytes(SESSION.replace("STEPS", steps).encode(), "guard.yaml")


def session_report(*steps: str, snapshots: int = 0) -> Report:
    loaded = loaded_session("steps: [" + ", ".join(f"{{{each}}}" for each in steps) + "]")
    assert loaded.checked is not None, loaded.findings
    return run_examples(loaded.checked.pack, loaded.checked.examples, snapshots)


def test_steps_are_those_of_one_session() -> None:
    found = session_report(
        f"{BAD}, expect: {{trip: true, for_s: 0}}",
        f"{CALM}, now: 2000-01-01T00:00:00Z, expect: {{status: repeated, for_s: 0}}",
        "given: {bad: true, reset: false, now: 2000-01-01T00:00:20Z}, expect: {for_s: 20}",
        f"{BAD}, now: 1999-01-01T00:00:00Z, expect: {{status: refused, trip: true}}",
        "given: {bad: 1}, now: 2000-01-01T00:00:21Z, expect: {status: failsafe}",
        f"{CALM}, now: 2000-01-01T00:00:22Z, expect: {{trip: true, for_s: 0}}",
    )
    (result,) = found.results
    assert result.mismatches == () and result.passed and found.passed
    states = [step.state for step in result.steps]
    assert [state and state["now"] for state in states] == [
        *["2000-01-01T00:00:00Z"] * 2, *["2000-01-01T00:00:20Z"] * 3, "2000-01-01T00:00:22Z",
    ]  # fmt: skip
    assert states[0] == states[1] and states[2] == states[3] == states[4]
    assert result.steps[5].state == {
        "now": "2000-01-01T00:00:22Z", "step": None, "definitions": {"bad_for": None, "tripped": True}, "previous": {},
    }  # fmt: skip


def test_a_step_that_expects_nothing_must_still_be_ok() -> None:
    first, second = session_report(BAD, f"{CALM}, now: 2000-01-01T00:00:01Z, expect: {{trip: false}}").results[0].steps
    assert first.mismatches == ()
    assert [(each.what, each.expected, each.got) for each in second.mismatches] == [("trip", False, True)]
    (_, late) = session_report(f"{BAD}, expect: {{trip: true}}", CALM).results[0].steps
    assert [each.what for each in late.mismatches] == ["status"]
    assert [each.code for each in late.findings] == ["FB701"]


def test_invariants_hold_in_every_step() -> None:
    later = "given: {bad: true, reset: false, now: 2000-01-01T00:01:00Z}, expect: {trip: true}"
    (checked,) = session_report(BAD, later).invariants.results
    assert checked.checks == 2
    assert checked.counterexample is not None and checked.counterexample.example == "one, step 2"


@pytest.mark.parametrize(
    ("steps", "codes"),
    [
        ("steps: [{given: {bad: true, reset: false}}, {expect: {}}]", ["FB409"]),
        ("{now: 0, steps: [{given: {}, expect: {trip: true}}]}", ["FB204"]),
        ("{given: {}, expect: {trip: true}, steps: [{expect: {trip: true}}]}", ["FB204", "FB204"]),
        ("steps: [{given: {}, expect: {trap: true}}, {expect: {fired: [x]}}]", ["FB301", "FB301"]),
    ],
)
def test_what_steps_may_not_say(steps: str, codes: list[str]) -> None:
    found = loaded_session(steps).findings
    assert [each.code for each in found if each.severity == "error"] == codes


@pytest.mark.parametrize("part", ["outputs", "slots", "standing"])
def test_back_ends_that_part_in_a_later_step_fail_the_example(part: str, monkeypatch: pytest.MonkeyPatch) -> None:
    decide = reference.decide

    def wrong(*arguments: Any) -> Outcome:
        outcome = decide(*arguments)
        if arguments[3][0] is None:  # before the first step
            return outcome
        changed = {"outputs": {**outcome.outputs, "for_s": 4.0}} if part == "outputs" else {"slots": ()}
        return replace(outcome, **changed)

    if part == "standing":
        monkeypatch.setattr(example_runs, "placed", lambda _pack, _state, reading: ("repeated", reading))
    else:
        monkeypatch.setattr(reference, "decide", wrong)
    second = session_report(
        f"{BAD}, expect: {{trip: true}}", "given: {bad: true, reset: false, now: 2000-01-01T00:00:01Z}"
    )
    first, later = second.results[0].steps
    assert {each.what for each in later.mismatches} == {BACK_ENDS}
    assert bool(first.mismatches) == (part == "standing")


STATEFUL = """
language: 1
pack: guard
version: 1.0.0
step: cycle
inputs: {cycle: {type: integer}, x: {type: number}, bad: {type: boolean}}
parameters: {bars: {value: 2, unit: bars, range: [2, 9], why: Two}}
definitions:
  bad_for: held(bad)
  usual: rolling_mean(x, bars)
  rise: x - default(previous(x), 0)
outputs:
  for_s: {type: number, unit: s, start: bad_for, safe: -1}
  mean: {type: number, optional: true, start: usual, safe: missing}
  risen: {type: number, start: rise, safe: 0}
examples:
  one:
    state: STATE
    given: {cycle: 4, x: 3, bad: true, now: 2026-01-05T15:00:30Z}
    expect: {EXPECT}
"""


def stateful(state: str, expect: str, more: str = "") -> str:
    return STATEFUL.replace("STATE", state).replace("EXPECT", expect) + more


def run_stateful(state: str, expect: str, more: str = "") -> Report:
    loaded = load_bytes(stateful(state, expect, more).encode(), "guard.yaml")
    assert loaded.checked is not None, loaded.findings
    return run_examples(loaded.checked.pack, loaded.checked.examples)


@pytest.mark.parametrize(
    ("state", "expect"),
    [
        ("{}", "for_s: 0, mean: null, risen: 3"),
        ("{previous: {x: 1}}", "for_s: 0, mean: null, risen: 2"),
        ("{definitions: {usual: [1]}}", "mean: 2, risen: 3"),
        ("{now: 2026-01-05T15:00:00Z, definitions: {bad_for: 2026-01-05T14:59:30Z}}", "for_s: 60"),
        ("{now: 1767625200, step: 3}", "for_s: 0"),
        ("{now: 2026-01-05T15:00:00Z, step: 4, previous: {x: 1}}", "status: repeated, for_s: -1, risen: 0"),
        ("{now: 2026-01-05T15:01:00Z}", "status: refused"),
    ],
)
def test_an_example_may_begin_with_a_state(state: str, expect: str) -> None:
    found = run_stateful(state, expect)
    assert found.results[0].passed, found.results[0].mismatches
    assert found.results[0].steps[0].state is not None


def test_steps_go_on_from_the_state_that_is_given() -> None:
    steps = """
  two:
    state: {definitions: {usual: [1]}}
    steps:
      - {given: {cycle: 1, x: 3, bad: false, now: 0}, expect: {mean: 2}}
      - {given: {cycle: 2, x: 5, bad: false, now: 1}, expect: {mean: 4}}
"""
    assert run_stateful("{}", "for_s: 0", steps).results[1].passed


@pytest.mark.parametrize(
    ("state", "place", "message"),
    [
        ("{now: today}", "18:18", "a time is expected here, not 'today'"),
        ("{step: x}", "18:19", "an integer is expected here, not 'x'"),
        ("{previous: {x: x}}", "18:27", "a number is expected here, not 'x'"),
        (
            "{definitions: {usual: [1, 2, 3]}}",
            "18:34",
            "a list of ratio numbers with at most 2 items is expected here, not a list",
        ),
    ],
)
def test_what_was_never_kept_so_is_found_where_it_is_written(state: str, place: str, message: str) -> None:
    result = run_stateful(state, "for_s: 0").results[0]
    assert not result.passed
    [finding] = result.findings
    assert (finding.code, finding.message, str(finding.span)) == ("FB305", message, f"guard.yaml:{place}")


@pytest.mark.parametrize(
    ("state", "code", "told"),
    [
        ("{definitions: {usal: [1]}}", "FB301", "did you mean `usual`?"),
        ("{definitions: {rise: 1}}", "FB301", None),
        ("{previous: {bad: true}}", "FB301", None),
    ],
)
def test_only_what_is_kept_can_be_given(state: str, code: str, told: str | None) -> None:
    [finding] = load_bytes(stateful(state, "for_s: 0").encode(), "guard.yaml").findings
    assert finding.code == code and told in (finding.help, None)


def test_a_step_is_given_where_the_pack_has_one() -> None:
    text = stateful("{step: 3}", "for_s: 0").replace("step: cycle\n", "").replace("start: rise", "start: rise + cycle")
    [finding] = load_bytes(text.encode(), "guard.yaml").findings
    assert (finding.code, finding.help) == ("FB204", "this pack names no `step`: `now` identifies it")
