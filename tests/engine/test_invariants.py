"""Invariants: what is refused, what breaks one, and what is told of it."""

from __future__ import annotations

import pytest

from flyball.engine.example_runs import Report, run_examples
from flyball.engine.invariants import Checked, Move
from flyball.engine.policy import Policy
from flyball.loaders import packs
from flyball.loaders.packs import load_bytes
from flyball.reports.example_text import render_report, report_dict
from flyball.reports.text import Paint

PACK = """
language: 1
pack: guard
version: 1.0.0
types:
  Mood: [CALM, TENSE, WILD]
inputs:
  x: {type: number, range: [-10, 10]}
  mood: {type: Mood}
  maybe: {type: number, optional: true, range: [0, 1]}
  risk: {type: record, optional: true, fields: {streak: {type: integer, range: [0, 9]}, flag: {type: boolean}}}
  names: {type: list, of: text, max_items: 3}
parameters:
  limit: {value: 3.5, range: [0, 10], why: Enough}
definitions:
  beyond: x > limit
outputs:
  size: {type: number, start: "-x if beyond else x", safe: 0}
  how: {type: Mood, start: mood, safe: WILD}
  perhaps: {type: number, optional: true, start: maybe, safe: missing}
  kept: {type: list, of: text, max_items: 3, start: names, safe: []}
rules:
  r: {when: x > limit, because: It is}
  many: {when: count(names) > 1, because: They are}
  sour: {when: present(risk) and risk.flag, because: It is sour}
"""


def pack_of(invariant: str, more: str = "") -> packs.LoadedPack:
    return load_bytes(f"{PACK}{more}invariants: {{law: {{{invariant}}}}}\n".encode(), "guard.yaml")


def checked(invariant: str, snapshots: int = 200, more: str = "") -> tuple[Report, Checked]:
    loaded = pack_of(invariant, more)
    assert loaded.checked is not None, loaded.findings
    report = run_examples(loaded.checked.pack, loaded.checked.examples, snapshots)
    return report, report.invariants.results[0]


@pytest.mark.parametrize(
    ("invariant", "wanted"),
    [
        ("why: It must", "FB411"),
        ('always: "true", never: beyond', "FB411"),
        ("rises: out.size", "FB411"),
        ("rises: out.size, when_rises: x, when_falls: x", "FB411"),
        ("never: beyond, when_rises: x", "FB411"),
        ("always: x", "FB305"),
        ("always: maybe > limit", "FB308"),
        ("always: out.perhaps > limit", "FB308"),
        ("always: out.sise > limit", "FB301"),
        ("always: fired.s", "FB301"),
        ("rises: size, when_rises: x", "FB301"),
        ("rises: x, when_rises: x", "FB305"),
        ("rises: out.kept, when_rises: x", "FB305"),
        ("rises: out.perhaps, when_rises: x", "FB308"),
        ("rises: out.size, when_rises: beyond", "FB305"),
        ("rises: out.size, when_rises: limit", "FB305"),
        ("rises: out.size, when_rises: risk.flag", "FB305"),
        ("rises: out.size, when_rises: risk.strek", "FB301"),
        ("rises: out.size, when_rises: names", "FB305"),
        ("rises: out.size, when_rises: x, enforce: true", "FB411"),
        ("allways: beyond", "FB201"),
        ("never: beyond, enabled: false", "FB202"),
    ],
)
def test_what_is_refused(invariant: str, wanted: str) -> None:
    loaded = pack_of(invariant)
    assert [each.code for each in loaded.findings if each.severity == "error"][:1] == [wanted]
    assert loaded.checked is None


@pytest.mark.parametrize(
    "invariant",
    [
        "always: out.size <= limit",
        "never: out.size > x and not beyond",
        "always: beyond == fired.r",
        "always: not present(maybe) or out.size <= limit",
        "rises: out.how, when_rises: mood",
        "falls: out.how, when_falls: mood",
        "rises: out.how, when_rises: x",
        "falls: out.size, when_rises: risk.streak",
        "rises: out.size, when_rises: maybe",
    ],
)
def test_what_holds(invariant: str) -> None:
    report, result = checked(invariant)
    assert result.counterexample is None
    assert result.checks > 50
    assert report.invariants.passed


@pytest.mark.parametrize(
    "invariant",
    [
        "never: beyond",
        "never: x == limit",
        "always: count(out.kept) < count(names) + 1 and not fired.many",
        "never: fired.sour",
        "never: fired.sour, enforce: true",
        "rises: out.size, when_rises: x",
        "falls: out.how, when_rises: mood",
        "rises: out.how, when_falls: mood",
    ],
)
def test_what_does_not(invariant: str) -> None:
    report, result = checked(invariant)
    assert result.counterexample is not None
    assert result.counterexample.example is None
    assert not report.invariants.passed and not report.passed


def test_a_counterexample_holds_only_what_it_needs() -> None:
    _, result = checked("never: fired.many")
    assert result.counterexample is not None
    snapshot = result.counterexample.snapshot
    assert snapshot.keys() == {"x", "mood", "names"} and len(snapshot["names"]) == 2


def test_both_values_of_a_move_are_told() -> None:
    _, result = checked("falls: out.how, when_rises: mood")
    assert result.counterexample is not None and isinstance(result.counterexample.move, Move)
    assert result.counterexample.move.given == result.counterexample.move.output
    assert result.counterexample.snapshot["mood"] == result.counterexample.move.given[0]


def test_a_condition_without_a_value_is_broken() -> None:
    _, result = checked("always: 1 / count(names) > 0")
    assert result.counterexample is not None and result.counterexample.fault is not None
    assert result.counterexample.fault.code == "FB720"


def test_an_example_breaks_one() -> None:
    example = "examples: {bad: {given: {x: 5, mood: CALM, names: []}, expect: {size: -5}}}\n"
    report, result = checked("never: beyond", snapshots=0, more=example)
    assert result.counterexample is not None and result.counterexample.example == "bad"
    assert report.results[0].passed and not report.passed


def test_an_example_that_is_not_ok_breaks_none() -> None:
    example = "examples: {bad: {given: {x: 50, mood: CALM, names: []}, expect: {status: failsafe}}}\n"
    _, result = checked("never: out.how == WILD", snapshots=0, more=example)
    assert (result.checks, result.counterexample) == (0, None)


NEVER_OK = """
language: 1
pack: guard
version: 1.0.0
inputs: {names: {type: list, of: text, max_items: 3}}
outputs: {o: {type: number, start: 1 / (count(names) - count(names)), safe: 0}}
invariants: {law: {always: out.o == 0}}
"""


def test_what_no_decision_could_be_checked_on_fails() -> None:
    loaded = load_bytes(NEVER_OK.encode(), "guard.yaml")
    assert loaded.checked is not None, loaded.findings
    checks = run_examples(loaded.checked.pack, ()).invariants
    assert checks.decided == 0 and checks.unchecked == checks.results and not checks.passed
    assert run_examples(loaded.checked.pack, (), snapshots=0).passed


def test_what_is_switched_off_is_passed_over() -> None:
    loaded = pack_of('never: nonsense, enabled: false, why: "Not yet"')
    assert loaded.checked is not None and loaded.checked.pack.invariants == ()


@pytest.mark.parametrize(
    ("invariant", "wanted"),
    [
        ("never: beyond", ([], 4.0)),
        ("never: beyond, enforce: true", (["FB728"], 0.0)),
        ("always: out.size > 0, enforce: true", (["FB728"], 0.0)),
        ("always: 1 / count(names) > 0, enforce: true", (["FB720"], 0.0)),
        ("always: beyond and fired.r and out.how == TENSE, enforce: true", ([], 4.0)),
    ],
)
def test_what_is_enforced_fails_safe(invariant: str, wanted: tuple[list[str], float]) -> None:
    loaded = pack_of(invariant)
    assert loaded.checked is not None
    policy = Policy(loaded.checked.pack, {"limit": 3.5}, layers={})
    decision = policy.decide({"x": 4.0, "mood": "TENSE", "names": []})
    assert ([each.code for each in decision.diagnostics], abs(decision["size"])) == wanted


# Along sessions

KEEPS = """
language: 1
pack: guard
version: 1.0.0
HEAD
inputs: {x: {type: number, range: [-10, 10]}, bad: {type: boolean}, cycle: {type: integer, range: [0, 1000000]}}
parameters:
  many: {type: integer, unit: snapshots, value: 3, range: [1, 9], why: Enough}
  patience: {value: 2, unit: min, range: [0, 60], why: Enough}
definitions:
  runs: streak(bad)
  tripped: latch(runs >= many, x > 9)
  bad_for: held(bad)
outputs:
  size: {type: number, start: "-x if tripped else x", safe: 0}
  late: {type: boolean, start: as_minutes(bad_for) >= patience, safe: true}
invariants: {law: {INVARIANT}}
"""


def kept(invariant: str, snapshots: int = 200, head: str = "") -> tuple[Report, Checked]:
    text = KEEPS.replace("INVARIANT", invariant).replace("HEAD", head)
    loaded = load_bytes(text.encode(), "guard.yaml")
    assert loaded.checked is not None, loaded.findings
    report = run_examples(loaded.checked.pack, loaded.checked.examples, snapshots)
    return report, report.invariants.results[0]


@pytest.mark.parametrize("head", ["", "step: cycle"])
def test_what_only_a_session_breaks_is_found_with_the_steps_that_it_needs(head: str) -> None:
    report, result = kept("never: tripped", head=head)
    found = result.counterexample
    assert found and [each["bad"] for each in (*found.before, found.snapshot)] == [True] * 3
    assert (report.invariants.sessions, report.invariants.steps) == (5, 100)
    assert kept("never: tripped", head=head)[1].counterexample == found
    text = "\n".join(render_report(report, Paint()))
    assert "  steps, made up\n    {" in text and ", 100 of 100 in sessions)" in text
    assert [len(each["counterexample"]["before"]) for each in report_dict(report)["invariants"]] == [2]


def test_time_goes_on_in_sessions_up_to_what_the_parameters_say() -> None:
    _, result = kept("never: out.late")
    assert result.counterexample and len(result.counterexample.before) == 1


def test_two_decisions_are_compared_from_the_same_state() -> None:
    _, result = kept("rises: out.size, when_rises: x")
    found = result.counterexample
    assert found and found.move and len(found.before) >= 2


def test_sessions_are_made_up_where_something_is_kept_and_asked_for() -> None:
    assert kept("never: tripped", snapshots=39)[0].invariants.sessions == 0
    assert checked('always: "true"')[0].invariants.sessions == 0
    assert kept("never: tripped", snapshots=400)[0].invariants.sessions == 10


def test_a_session_passes_over_what_is_no_further_step() -> None:
    report, result = kept("always: x <= 10", head="max_gap: patience")
    assert report.passed and result.checks == report.invariants.decided + report.invariants.decided_steps
