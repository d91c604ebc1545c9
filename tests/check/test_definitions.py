"""Definitions that are blocks: what they are worth, and what is said of those that do not fit."""

from __future__ import annotations

from typing import Any

import pytest

from flyball.engine.backends import reference
from flyball.engine.policy import Policy
from flyball.loaders import packs

HEAD = """language: 1
pack: blocks
version: 1.0.0
types:
  Tag: [GOOD, BAD]
  Pair: {type: record, fields: {a: {type: number}, b: {type: number, optional: true}}}
"""
RECORD = """inputs: {x: {type: number}, given: {type: Pair}}
outputs: {made: {type: Pair, start: pair, safe: {a: 0}}, same: {type: boolean, start: pair == given, safe: false}}
"""


def load(text: str) -> packs.LoadedPack:
    return packs.load_bytes((HEAD + text).encode(), "blocks.yaml")


def decided(text: str, snapshot: dict[str, Any]) -> dict[str, Any]:
    """The outputs of both back ends, which are the same."""
    loaded = load(text)
    assert loaded.checked, [str(each) for each in loaded.findings]
    pack = loaded.checked.pack
    parameters = {name: each.value for name, each in pack.parameters.items()}
    policy = Policy(pack, parameters, layers={}, document=None)
    decision = policy.decide(snapshot)
    assert decision.status == "ok", decision.diagnostics
    assert decision.outcome == reference.decide(pack, parameters, snapshot)
    return dict(decision.outputs)


@pytest.mark.parametrize(
    ("definition", "made"),
    [
        ("{type: Pair, fields: {a: x, b: x + x}}", {"a": 1.0, "b": 2.0}),
        ("{type: Pair, fields: {a: 1}}", {"a": 1.0}),
        ("{type: Pair, fields: {a: x, b: given.b}}", {"a": 1.0}),
    ],
)
def test_a_record_is_published_and_compared(definition: str, made: dict[str, Any]) -> None:
    text = f"{RECORD}definitions: {{pair: {definition}}}\n"
    assert decided(text, {"x": 1, "given": {"a": 1}}) == {"made": made, "same": "b" not in made}


BAD = [
    ("pair: {type: Tag, fields: {a: x}}", "FB305 a record is expected here, not a Tag"),
    ("pair: {type: Pare, fields: {a: x}}", "FB301 no type named `Pare`"),
    ("pair: {type: Pair, fields: {b: x}}", "FB202 `a` is missing"),
    ("pair: {type: Pair, fields: {a: x, c: x}}", "FB301 no field named `c`"),
    ("pair: {type: Pair, fields: {a: given.b}}", "FB308 `given.b` may be missing here"),
    ("pair: {type: Pair, fields: {a: x > 0}}", "FB305 a number in ratio is expected here, not a boolean"),
]


@pytest.mark.parametrize(("definition", "finding"), BAD)
def test_a_record_that_does_not_fit(definition: str, finding: str) -> None:
    found = [each for each in load(f"{RECORD}definitions: {{{definition}}}\n").findings if each.severity == "error"]
    assert [f"{each.code} {each.message}" for each in found] == [finding]
