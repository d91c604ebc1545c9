"""Ages, forgiven faults, dropped items and requirements: what is absent, what fails, and what is said of it."""

from __future__ import annotations

from typing import Any

import pytest

from flyball.engine.decision import Decision
from flyball.engine.policy import Policy
from flyball.loaders.packs import load_bytes
from flyball.tests.strategies.agreement import check_agreement, policy_of

NOW = "2026-01-05T15:00:00Z"
PACK = """
language: 1
pack: guard
version: 1.0.0
inputs:
  pnl: {type: number, unit: percent, range: [-100, 100], age: {of: pnl_at, limit: pnl_max_age}}
  pnl_at: {type: time, from: pnlAt}
  quality: {type: number, range: [0, 1], optional: true, fault: missing, age: {of: quality_at, limit: max_age}}
  trust: {type: number, range: [0, 1], optional: true, age: {of: quality_at, limit: max_age}}
  quality_at: {type: time, optional: true}
  best:
    type: record
    optional: true
    fault: missing
    age: {of: as_of, limit: max_age}
    requires: {not_crossed: bid < ask}
    fields: {as_of: {type: time}, bid: {type: number, range: [0, 100]}, ask: {type: number, range: [0, 100]}}
  fills:
    type: list
    max_items: 3
    key: id
    bad_items: drop
    of:
      type: record
      age: {of: at, limit: max_age}
      requires: {ordered: low / high <= most}
      fields: {id: {type: text}, at: {type: time}, low: {type: number}, high: {type: number}}
parameters:
  pnl_max_age: {value: 1, unit: min, range: [0.1, 60], why: Marked every minute}
  max_age: {value: 3, unit: s, range: [0.1, 60], why: One a second}
  most: {value: 1, range: [0, 2], why: Ordered}
requires:
  sane: not present(quality) or quality < 0.95 or pnl > 0
outputs:
  known: {type: boolean, start: present(quality), safe: false}
  trusted: {type: boolean, start: present(trust), safe: false}
  spread: {type: number, optional: true, start: best.ask - best.bid, safe: missing}
  filled: {type: list, of: text, max_items: 3, start: "[f.id for f in fills]", safe: []}
  size: {type: number, start: pnl / pnl, safe: 0}
"""
GOOD: dict[str, Any] = {
    "now": NOW,
    "pnl": 1,
    "pnlAt": "2026-01-05T14:59:00Z",
    "quality": 0.5,
    "quality_at": "2026-01-05T14:59:57Z",
    "best": {"as_of": NOW, "bid": 1, "ask": 3},
    "fills": [{"id": "a", "at": NOW, "low": 1, "high": 2}],
}
POLICY, PARAMETERS = policy_of(PACK)


def decide(**changes: Any) -> Decision:
    given = {name: each for name, each in {**GOOD, **changes}.items() if each != "gone"}
    check_agreement(POLICY, PARAMETERS, given)
    return POLICY.decide(given)


def said(decision: Decision) -> list[str]:
    return [f"{each.severity} {each.code} {each.path}" for each in decision.diagnostics]


def fill(**changes: Any) -> dict[str, Any]:
    return {**GOOD["fills"][0], **changes}


def is_fast(policy: Policy, given: dict[str, Any]) -> bool:
    return policy.decide(given)._captured is not None


def test_what_is_fresh_is_decided_by_the_generated_function() -> None:
    decision = decide()
    assert (decision.status, said(decision)) == ("ok", [])
    assert dict(decision.outputs) == {"known": True, "trusted": False, "spread": 2, "filled": ["a"], "size": 1}
    assert is_fast(POLICY, GOOD)
    assert is_fast(POLICY, {name: each for name, each in GOOD.items() if name not in ("quality", "quality_at", "best")})


WARNED: dict[str, tuple[dict[str, Any], list[str], dict[str, Any]]] = {
    "older by a microsecond": (
        {"quality_at": "2026-01-05T14:59:56.999999Z"}, ["warning FB713 quality"], {"known": False},
    ),
    "two values of one time": (
        {"quality_at": "2026-01-05T14:00:00Z", "trust": 1}, ["warning FB713 quality", "warning FB713 trust"],
        {"known": False, "trusted": False},
    ),
    "no time": ({"quality_at": "gone"}, ["warning FB713 quality"], {"known": False}),
    "out of range": ({"quality": 1.5}, ["warning FB704 quality"], {"known": False}),
    "of another type": ({"quality": "high"}, ["warning FB703 quality"], {"known": False}),
    "absent and its time old": ({"quality": None, "quality_at": "2026-01-05T14:00:00Z"}, [], {"known": False}),
    "an old record": (
        {"best": {"as_of": "2026-01-05T14:59:56Z", "bid": 1, "ask": 3}}, ["warning FB713 best"], {"spread": None},
    ),
    "a record from the future": (
        {"best": {"as_of": "2026-01-05T15:00:01Z", "bid": 1, "ask": 3}}, ["warning FB714 best.as_of"], {"spread": None},
    ),
    "a crossed record": ({"best": {"as_of": NOW, "bid": 3, "ask": 3}}, ["warning FB715 best"], {"spread": None}),
    "a record with two mistakes": (
        {"best": {"as_of": NOW, "bid": 300, "asks": 3}},
        ["warning FB701 best.ask", "warning FB704 best.bid", "warning FB702 best.asks"],
        {"spread": None},
    ),
    "an item of another type": ({"fills": [5, fill()]}, ["warning FB703 fills[0]"], {"filled": ["a"]}),
    "the later one of two": (
        {"fills": [fill(), fill(high=9), fill(id="b")]}, ["warning FB707 fills[1]"], {"filled": ["a", "b"]},
    ),
    "the key of a bad item is free": (
        {"fills": [fill(low="x"), fill()]}, ["warning FB703 fills[0].low"], {"filled": ["a"]},
    ),
    "an old item": ({"fills": [fill(at="2026-01-05T14:00:00Z")]}, ["warning FB713 fills[0]"], {"filled": []}),
    "an item in disorder": ({"fills": [fill(low=3)]}, ["warning FB715 fills[0]"], {"filled": []}),
    "an item whose condition has no value": ({"fills": [fill(high=0)]}, ["warning FB720 fills[0]"], {"filled": []}),
}  # fmt: skip


@pytest.mark.parametrize("case", WARNED)
def test_what_counts_as_absent_leaves_a_warning(case: str) -> None:
    changes, wanted, outputs = WARNED[case]
    decision = decide(**changes)
    assert (decision.status, said(decision)) == ("ok", wanted)
    assert {name: decision.outputs[name] for name in outputs} == outputs
    assert decision.snapshot_hash is not None


FAILED: dict[str, tuple[dict[str, Any], list[str]]] = {
    "too old and not optional": ({"pnlAt": "2026-01-05T14:58:59Z"}, ["error FB713 pnl"]),
    "from the future": ({"quality_at": "2026-01-05T15:00:00.5Z", "trust": 1}, ["error FB714 quality_at"]),
    "in the future and absent": ({"quality": None, "quality_at": "2026-01-05T16:00:00Z"}, ["error FB714 quality_at"]),
    "a time that is none": ({"quality_at": "now"}, ["error FB710 quality_at"]),
    "out of range and not forgiven": ({"trust": 2}, ["error FB704 trust"]),
    "too many items": ({"fills": [fill(id=str(i)) for i in range(4)]}, ["error FB708 fills"]),
    "a requirement": ({"pnl": -1, "quality": 0.96}, ["error FB715 None"]),
    "a requirement on what is at fault": ({"pnl": 101, "quality": 0.96}, ["error FB704 pnl"]),
    "without now no age is told": ({"now": "gone", "pnlAt": 0}, ["error FB701 now"]),
    "faults stand before warnings": (
        {"best": {"as_of": NOW, "bid": 3, "ask": 3}, "pnlAt": 0}, ["error FB713 pnl", "warning FB715 best"],
    ),
    "an evaluation that fails": (
        {"pnl": 0, "best": {"as_of": NOW, "bid": 3, "ask": 3}}, ["error FB720 None", "warning FB715 best"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", FAILED)
def test_what_is_not_forgiven_fails(case: str) -> None:
    changes, wanted = FAILED[case]
    decision = decide(**changes)
    assert (decision.status, said(decision)) == ("failsafe", wanted)
    assert (decision.reasons, decision.snapshot_hash) == ([], None)


def test_what_is_said_names_the_values() -> None:
    texts = [each.message for each in decide(quality_at="2026-01-05T14:58:57Z", pnlAt=0).diagnostics]
    assert texts[1] == (
        "`quality` is too old: 63 s by `quality_at`, more than the 3 s of `max_age`; it counts as absent"
    )
    (crossed,) = decide(best={"as_of": NOW, "bid": 4, "ask": 3}).diagnostics
    assert crossed.message == "`not_crossed` does not hold: ask = 3, bid = 4; `best` counts as absent"
    assert crossed.span is not None


REFUSED = {
    "inputs: {x: {type: number, fault: missing}}": "FB406",
    "inputs: {x: {type: number, age: {of: z, limit: p}}}": "FB301",
    "inputs: {x: {type: number, age: {of: z, limit: p}}, z: {type: number}}": "FB305",
    "inputs: {x: {type: number, age: {of: z, limit: q}}, z: {type: time}}": "FB301",
    "inputs: {x: {type: number, age: {of: z, limit: r}}, z: {type: time}}": "FB305",
    "inputs: {x: {type: number, age: {of: z, limit: z}}, z: {type: time}}": "FB301",
    "inputs: {x: {type: number, requires: {a: x > 0}}}": "FB305",
    "inputs: {x: {type: number, bad_items: drop}}": "FB204",
    "inputs: {x: {type: record, fields: {a: {type: number}}, requires: {c: b > 0}}}": "FB301",
    "inputs: {x: {type: record, fields: {a: {type: number, optional: true}}, requires: {c: a > 0}}}": "FB308",
    "inputs: {x: {type: record, fields: {a: {type: number}}, requires: {c: a}}}": "FB305",
    "inputs: {x: {type: record, fields: {a: {type: number}}, requires: {c: a > z}}, z: {type: number}}": "FB303",
    "types: {T: {type: record, fields: {a: {type: list, of: text, max_items: 2, bad_items: drop}}}}": "FB204",
    "inputs: {x: {type: number}}\ndefinitions: {d: x}\nrequires: {c: d > 0}": "FB303",
    "inputs: {x: {type: number}}\nrequires: {c: out.o > 0}": "FB303",
}


@pytest.mark.parametrize("text", REFUSED)
def test_what_a_pack_cannot_ask(text: str) -> None:
    parameters = "parameters: {p: {value: 1, unit: s}, r: {value: 1}}\noutputs: {o: {type: number, start: 1, safe: 0}}"
    found = load_bytes(f"language: 1\npack: guard\nversion: 1.0.0\n{parameters}\n{text}\n".encode(), "guard.yaml")
    assert [each.code for each in found.findings if each.severity == "error"] == [REFUSED[text]]
