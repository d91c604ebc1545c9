"""Which of the rules that fired appear among a decision's reasons."""

from __future__ import annotations

from pathlib import Path

import pytest

import flyball
from flyball.engine import reasons

PACK = """
language: 1
pack: guard
version: 1.0.0
inputs:
  volume: {type: number, unit: shares}
parameters:
  limit: {value: 15.0, unit: shares, range: [0, 1000], why: Thin}
outputs:
  large: {type: boolean, combine: any, start: false, safe: false}
tables:
  size:
    match: {volume: volume}
    rows:
      above: {volume: ">= limit", then: {large: true}, because: "{{ volume }} shares"}
      below: {volume: "< limit"}
"""


@pytest.fixture(scope="module")
def policy(tmp_path_factory: pytest.TempPathFactory) -> flyball.Policy:
    path = tmp_path_factory.mktemp("packs") / "guard.yaml"
    path.write_text(PACK, encoding="utf-8")
    return flyball.load(path)


def test_a_row_with_a_reason(policy: flyball.Policy) -> None:
    decision = policy.decide({"volume": 20})
    assert (decision.fired, [each.text for each in decision.reasons]) == (("size.above",), ["20 shares"])


def test_a_row_without_a_reason_only_sets_fired(policy: flyball.Policy) -> None:
    decision = policy.decide({"volume": 10})
    assert (decision.fired, decision.reasons) == (("size.below",), [])
    assert decision.to_dict()["fired"] == ["size.below"]


LIST = """
language: 1
pack: guard
version: 1.0.0
inputs:
  volumes: {type: list, max_items: 500, of: {type: integer, range: [0, 1000]}}
outputs:
  large: {type: boolean, combine: any, start: false, safe: false}
rules:
  above:
    for: v in volumes
    when: v > 15
    then: {large: true}
    because: "{{ v }} pieces"
"""


def test_what_is_remembered_of_reasons_is_bounded(tmp_path: Path) -> None:
    path = tmp_path / "guard.yaml"
    path.write_text(LIST, encoding="utf-8")
    policy = flyball.load(path)
    for count in range(100, 400):
        decision = policy.decide({"volumes": [20 + each for each in range(count)]})
        assert [each.text for each in decision.reasons] == [f"{20 + each} pieces" for each in range(count)]
    remembered = policy._explainer._known.values()
    assert remembered and sum(map(len, remembered)) <= reasons._ROOM
