"""Conditions in words."""

from __future__ import annotations

import pytest

from flyball.engine.sentences import Sentences

from ..decided import policy_of

PACK = """
language: 1
pack: words
version: 1.0.0
title: Words
summary: One rule whose condition is put in words.
types:
  Mode: [CALM, NORMAL, WILD]
inputs:
  loss: {{type: number, unit: percent, range: [0, 100]}}
  quality: {{type: number, unit: fraction, range: [0, 1], optional: true}}
  mode: {{type: Mode}}
  tired: {{type: boolean}}
  open_positions: {{type: integer, unit: positions, range: [0, 100]}}
  held: {{type: list, max_items: 9, of: {{type: record, fields: {{size: {{type: number, unit: usd}}}}}}}}
parameters:
  loss_limit: {{value: 3.0, unit: percent, range: [0, 50], why: Enough}}
  tiny: {{value: 0.000001, unit: percent, range: [0, 50], why: For rounding}}
  floor_of_quality: {{value: 0.4, unit: fraction, range: [0, 1], why: Enough}}
  most: {{value: 100, unit: usd, range: [0, 1000], why: Enough}}
outputs:
  allowed: {{type: boolean, combine: all, start: true, safe: false}}
rules:
  one: {{when: "{condition}", then: {{allowed: false}}, because: It holds}}
"""


@pytest.mark.parametrize(
    ("condition", "said"),
    [
        ("loss >= loss_limit", "loss is at least loss limit (3.00 %)"),
        ("loss > tiny", "loss is above tiny (0.000001 %)"),
        ("not loss < loss_limit", "loss is at least loss limit (3.00 %)"),
        ("mode == CALM or mode == WILD", "mode is CALM or WILD"),
        (
            "tired and (mode == CALM or loss > loss_limit)",
            "tired and (mode is CALM or loss is above loss limit (3.00 %))",
        ),
        ("present(quality) and quality < floor_of_quality", "quality is below floor of quality (0.4)"),
        ("not present(quality)", "quality is missing"),
        ("not tired", "not tired"),
        ("tiny < loss < loss_limit", "tiny (0.000001 %) is below loss and loss is below loss limit (3.00 %)"),
        ("loss > tiny and loss < loss_limit", "loss is above tiny (0.000001 %) and below loss limit (3.00 %)"),
        ("any(h.size > most for h in held)", "one of size of h is above most (100.00 usd) for each h in held"),
    ],
)
def test_a_condition_is_put_in_words(condition: str, said: str) -> None:
    policy = policy_of(PACK.format(condition=condition))
    when = policy.pack.rules["one"].when
    assert when is not None
    assert Sentences(policy.pack, policy.values).say(when) == said
