"""Sessions: what is a step, what a gap in time breaks, and what a fault leaves."""

from __future__ import annotations

import pickle
from collections.abc import Mapping
from typing import Any

import pytest

from flyball.engine.policy import Policy
from flyball.loaders.packs import load_bytes

PACK = """
language: 1
pack: guard
version: 1.0.0
{head}
inputs: {{cycle: {{type: integer}}, bad: {{type: boolean}}, reset: {{type: boolean}}}}
parameters:
  silence: {{value: 1, unit: min, range: [0, 9], why: A minute}}
  bars: {{value: 2, unit: bars, range: [1, 9], why: Two}}
definitions:
  bad_for: held(bad)
  hits: streak(bad)
  often: rolling_count(bad, bars)
  tripped: latch(bad, reset, on_fault=set)
  seen: total(bad)
outputs:
  for_s: {{type: number, unit: s, start: bad_for, safe: 0}}
  hits_in_a_row: {{type: integer, unit: snapshots, start: hits, safe: 0}}
  of_two: {{type: integer, optional: true, start: often, safe: missing}}
  trip: {{type: boolean, start: tripped, safe: true}}
  all_hits: {{type: integer, start: seen, safe: 0}}
  steady: {{type: integer, start: cycle if silence > as_minutes(bad_for) else 0, safe: 0}}
"""


def policy_of(head: str) -> Policy:
    loaded = load_bytes(PACK.format(head=head).encode(), "guard.yaml")
    assert loaded.checked, [str(each) for each in loaded.findings]
    pack = loaded.checked.pack
    return Policy(pack, {name: each.value for name, each in pack.parameters.items()}, {})


def given(cycle: int, now: float, bad: Any = True, reset: bool = False) -> Mapping[str, Any]:
    return {"cycle": cycle, "bad": bad, "reset": reset, "now": now}


def test_beyond_the_gap_runs_and_windows_begin_again() -> None:
    session = policy_of("max_gap: silence").session()
    session.step(given(1, 0))
    at_the_end = session.step(given(2, 60)).outputs
    beyond = session.step(given(3, 120.000001, bad=True)).outputs
    assert (at_the_end["for_s"], at_the_end["hits_in_a_row"], at_the_end["of_two"]) == (60, 2, 2)
    assert (beyond["for_s"], beyond["hits_in_a_row"], beyond["of_two"], beyond["all_hits"]) == (0, 1, None, 3)
    assert session.step(given(4, 1e6, bad=False))["trip"] is True


def test_the_same_step_is_repeated_at_any_time() -> None:
    session = policy_of("step: cycle").session()
    first = session.step(given(1, 0))
    before = session.save()
    again = session.step(given(1, 30, bad=False))
    assert (again.status, again.outputs, again.reasons, again.fired) == ("repeated", first.outputs, [], ())
    assert session.save() == before
    assert session.step(given(2, 0)).status == "ok"  # another step at the same time
    assert session.step(given(3, -1)).status == "refused"


def test_a_fault_sets_the_latch_that_asks_for_it_and_nothing_else() -> None:
    session = policy_of("").session("desk")
    session.step(given(1, 0, bad=False))
    before = session.state["definitions"]
    failed = session.step(given(2, 10, bad="?"))
    after = session.state["definitions"]
    assert failed.status == "failsafe"
    assert {name for name in after if after[name] != before[name]} == {"tripped"}
    assert session.step(given(2, 10, bad=False))["trip"] is True
    assert session.step(given(3, 20, bad=False, reset=True))["trip"] is False
    assert failed.to_dict()["key"] == "desk"


def test_a_session_can_be_pickled_and_goes_on() -> None:
    session = policy_of("").session("desk")
    session.step(given(1, 0))
    copied = pickle.loads(pickle.dumps(session))
    assert copied.step(given(2, 10)).to_json() == session.step(given(2, 10)).to_json()


@pytest.mark.parametrize(
    ("head", "code"),
    [("step: cycles", "FB301"), ("step: bars", "FB301"), ("max_gap: bars", "FB305"), ("max_gap: cycle", "FB303")],
)
def test_what_cannot_be_a_step_or_a_gap(head: str, code: str) -> None:
    found = load_bytes(PACK.format(head=head).encode(), "guard.yaml").findings
    assert [each.code for each in found if each.severity == "error"] == [code]
