"""A shadow decides beside the policy in force, which neither its intents nor its faults nor its errors reach."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NoReturn

import pytest

import flyball
from flyball.engine.shadow import ShadowedPolicy

PACK = """
language: 1
pack: {name}
version: 1.0.0
types:
  Order: {{type: record, fields: {{size: {{type: number, unit: contracts}}}}}}
inputs:
  pnl: {{type: number, unit: percent, range: [-100, {most}]}}
parameters:
  limit: {{value: {limit}, unit: percent, range: [0, 50], why: A bad day}}
  lot: {{value: 1, unit: contracts, range: [0, 50], why: The least}}
definitions:
  runs: streak(pnl <= -limit)
outputs:
  stopped: {{type: boolean, start: pnl <= -limit, safe: true}}
  runs_are: {{type: integer, unit: snapshots, start: runs, safe: 0}}
emits: Order
intents:
  quote: {{when: pnl > -limit, exposure: raises, emit: {{size: lot}}, because: All is well}}
"""


def load(path: Path, name: str = "guard", *, limit: int = 3, most: int = 100) -> flyball.Policy:
    file = path / f"{name}_{limit}_{most}.yaml"
    file.write_text(PACK.format(name=name, limit=limit, most=most), encoding="utf-8")
    return flyball.load(file)


def step(number: int, pnl: float) -> dict[str, Any]:
    return {"pnl": pnl, "now": 1_767_625_200 + number}


def test_decisions_are_those_of_the_policy_in_force(tmp_path: Path) -> None:
    live, other = load(tmp_path), load(tmp_path, limit=2)
    both, alone = flyball.shadow(live, other), live.session("k")
    session = both.session("k")
    for number, pnl in enumerate((0.0, -2.5, -4.0, -2.5)):
        given = step(number, pnl)
        assert session.step(given).to_json() == alone.step(given).to_json()
    assert session.save() == alone.save()
    assert both.decisions == 4
    assert [each.number for each in both.differences] == [2, 3, 4]
    first = both.differences[0]
    assert (first.key, first.now) == ("k", "2026-01-05T15:00:01Z")
    assert first.parts["outputs"] == ({"stopped": False, "runs_are": 0}, {"stopped": True, "runs_are": 1})
    assert first.parts["intents"] == ([("quote", "raises", {"size": 1.0})], [])
    assert dict(both.counts) == {"outputs": 3, "intents": 2}


def test_a_fault_of_the_shadow_is_a_difference(tmp_path: Path) -> None:
    both = flyball.shadow(load(tmp_path), load(tmp_path, most=5))
    assert both.decide(step(0, 6.0)).status == "ok"
    assert both.differences[0].parts["status"] == ("ok", "failsafe")
    assert both.decide_json(b'{"pnl": 4, "now": 1767625200}').status == "ok"
    assert len(both.differences) == 1


def test_an_error_of_the_shadow_stays_in_it(tmp_path: Path) -> None:
    class Broken:
        def __getattr__(self, name: str) -> Any:
            return self._fail if name.startswith(("decide", "step")) else lambda *_: self

        def _fail(self, *_: object, **__: object) -> NoReturn:
            raise ZeroDivisionError("none")

    both = ShadowedPolicy(load(tmp_path), Broken())
    assert both.decide(step(0, 1.0)).status == "ok"
    assert both.session().step(step(0, 1.0)).status == "ok"
    assert [each.error for each in both.differences] == ["ZeroDivisionError: none"] * 2
    assert both.counts["error"] == 2


def test_differences_are_bounded(tmp_path: Path) -> None:
    both = ShadowedPolicy(load(tmp_path), load(tmp_path, limit=2), most=5)
    for number in range(20):
        both.decide(step(number, -2.5))
    assert [each.number for each in both.differences] == [16, 17, 18, 19, 20]
    assert both.counts["outputs"] == 20


@pytest.mark.parametrize(("name", "runs"), [("guard", 3), ("other", 1)])
def test_a_shadow_goes_on_from_the_same_state_where_it_can(tmp_path: Path, name: str, runs: int) -> None:
    live = load(tmp_path)
    session = live.session("k")
    for number in range(2):
        session.step(step(number, -9.0))
    both = flyball.shadow(live, load(tmp_path, name))
    assert both.restore(session.save()).step(step(2, -9.0))["runs_are"] == 3
    found = [each.parts["outputs"][1]["runs_are"] for each in both.differences]
    assert found == ([] if runs == 3 else [runs])


def test_a_watched_policy_may_be_shadowed(tmp_path: Path) -> None:
    load(tmp_path)
    watched = flyball.watch(tmp_path / "guard_3_100.yaml")
    both = flyball.shadow(watched, load(tmp_path, limit=2))
    assert both.session().step(step(0, -2.5))["stopped"] is False
    assert len(both.differences) == 1


def test_the_name_of_a_policy_is_none() -> None:
    policy = flyball.load("loss_limits")
    with pytest.raises(TypeError, match=r"as `flyball\.load` gives them, and not 'kill_switch'"):
        flyball.shadow(policy, "kill_switch")  # type: ignore[arg-type]
