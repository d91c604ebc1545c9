"""Intents: what is refused, in which order they stand, which count as reducing, and what a failed pack emits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from flyball.engine.decision import Decision
from flyball.engine.policy import Policy
from flyball.loaders.packs import load_bytes

TYPES = """language: 1
pack: desk
version: 1.0.0
types:
  Way: [BUY, SELL]
  Mute: {type: record, fields: {size: {type: number}}}
  Clash: {type: record, fields: {exposure: {type: number}}}
  Ask:
    type: record
    fields:
      name: {type: text, optional: true}
      way: {type: Way, optional: true}
      size: {type: number, unit: shares, optional: true}
      rank: {type: integer, optional: true}
"""
HEAD = (
    TYPES
    + """    intent: {of: name, change: size if way == BUY else -size, priority: rank}
inputs:
  x: {type: number, unit: shares, range: [-1000, 1000]}
  flag: {type: boolean}
  maybe: {type: number, unit: shares, optional: true}
  asks:
    type: list
    max_items: 9
    key: name
    of:
      type: record
      fields:
        name: {type: text}
        held: {type: number, unit: shares}
        size: {type: number, unit: shares}
        rank: {type: integer}
parameters:
  lot: {value: 5, unit: shares, range: [0, 10], why: One}
outputs: {calm: {type: boolean, start: not flag, safe: false}}
"""
)
SELL = "emit: {way: SELL, size: lot}"
REST = "because: B"
RAISE = f"{{exposure: raises, {SELL}, {REST}}}"


def findings(more: str) -> list[str]:
    return [
        each.code for each in load_bytes(f"{HEAD}{more}\n".encode(), "desk.yaml").findings if each.severity == "error"
    ]


def policy(more: str) -> Policy:
    loaded = load_bytes(f"{HEAD}{more}\n".encode(), "desk.yaml")
    assert loaded.checked is not None, loaded.findings
    return Policy(loaded.checked.pack, {"lot": 5.0}, layers={})


def decided(more: str, **given: Any) -> Decision:
    return policy(more).decide({"x": 3.0, "flag": True, "asks": [], **given})


def short(decision: Decision) -> list[tuple[str, str]]:
    return [(each.id, each.exposure) for each in decision.intents]


@pytest.mark.parametrize(
    ("more", "wanted"),
    [
        (f"intents: {{a: {RAISE}}}", ["FB412"]),
        (f"emits: Asks\nintents: {{a: {RAISE}}}", ["FB301"]),
        (f"emits: Way\nintents: {{a: {RAISE}}}", ["FB305"]),
        (f"emits: Clash\nintents: {{a: {{exposure: raises, emit: {{exposure: 1}}, {REST}}}}}", ["FB311"]),
        (f"emits: Ask\nintents: {{calm: {{exposure: raises, {SELL}, {REST}}}}}", []),
        (f"emits: Ask\nintents: {{a: {{exposure: raises, emit: {{sise: lot}}, {REST}}}}}", ["FB301"]),
        (f"emits: Ask\nintents: {{a: {{exposure: raises, emit: {{size: flag}}, {REST}}}}}", ["FB305"]),
        (f"emits: Ask\nintents: {{a: {{exposure: raises, emit: {{way: SHORT}}, {REST}}}}}", ["FB301"]),
        (f"emits: Mute\nintents: {{a: {{exposure: raises, emit: {{}}, {REST}}}}}", ["FB205"]),
        (f"emits: Ask\nintents: {{a: {{exposure: raises, when: maybe > x, {SELL}, {REST}}}}}", ["FB308"]),
        (f"emits: Ask\nintents: {{a: {{exposure: reduces, {SELL}, {REST}}}}}", ["FB412"]),
        (f"emits: Ask\nintents: {{a: {{exposure: raises, position: x, {SELL}, {REST}}}}}", ["FB412"]),
        (f"emits: Ask\nintents: {{a: {{exposure: reduces, position: maybe, {SELL}, {REST}}}}}", ["FB308"]),
        (f"emits: Ask\nintents: {{a: {{exposure: reduces, position: count(asks), {SELL}, {REST}}}}}", ["FB306"]),
        (f"emits: Ask\nintents: {{a: {{exposure: reduces, position: x, emit: {{size: maybe}}, {REST}}}}}", ["FB412"]),
        (f"emits: Mute\nintents: {{a: {{exposure: reduces, position: x, emit: {{size: 1}}, {REST}}}}}", ["FB412"]),
        (f"emits: Ask\nintents: {{a: {{exposure: raises, safe: true, {SELL}, {REST}}}}}", ["FB412"]),
        (f"emits: Ask\nintents: {{a: {{exposure: cancels, safe: true, emit: {{size: x}}, {REST}}}}}", ["FB303"]),
        (f"emits: Ask\nintents: {{a: {{for: s in asks, exposure: cancels, safe: true, {SELL}, {REST}}}}}", ["FB412"]),
        (
            f"emits: Ask\nrules: {{a: {{when: flag, {REST}}}}}\nintents: {{a: {RAISE}}}",
            ["FB311"],
        ),
        ("invariants: {i: {always: count(intents) <= 1}}", ["FB301"]),
        ("examples: {e: {given: {}, expect: {intents: [{size: 1}]}}}", ["FB412"]),
        (
            f"emits: Ask\nintents: {{a: {RAISE}}}\n"
            "examples: {e: {given: {}, expect: {intents: [{sise: 1}]}}}",
            ["FB301"],
        ),
        (f"emits: Ask\ndefinitions: {{intents: x}}\nintents: {{a: {RAISE}}}", ["FB319"]),
        (
            f"emits: Ask\nintents: {{a: {{when: fired.b, exposure: raises, {SELL}, {REST}}}, "
            f"b: {{when: fired.a, exposure: raises, {SELL}, {REST}}}}}",
            ["FB401"],
        ),
    ],
)
def test_what_is_refused(more: str, wanted: list[str]) -> None:
    assert findings(more) == wanted


@pytest.mark.parametrize(
    ("role", "wanted"),
    [
        ("of: nam", "FB301"),
        ("of: [name, way]", None),
        ("priority: name", "FB305"),
        ("change: way", "FB305"),
        ("change: size + nothing", "FB301"),
        ("change: size if way == BUY else missing", "FB308"),
    ],
)
def test_what_a_type_may_say(role: str, wanted: str | None) -> None:
    found = load_bytes(f"{TYPES}    intent: {{{role}}}\n".encode(), "desk.yaml").findings
    assert [each.code for each in found if each.severity == "error"] == ([wanted] if wanted else [])


ORDERED = f"""emits: Ask
intents:
  a_raise: {{exposure: raises, {SELL}, {REST}}}
  b_urgent: {{exposure: neutral, emit: {{rank: 2}}, {REST}}}
  c_reduce: {{exposure: reduces, position: x, emit: {{way: BUY, size: 0 - x}}, {REST}}}
  z_cancel: {{exposure: cancels, emit: {{size: 0}}, {REST}}}
  d_items:
    for: s in asks
    exposure: raises
    emit: {{name: s.name, rank: s.rank}}
    because: "{{{{ s.name }}}} is asked"
"""


def test_the_order_is_canonical() -> None:
    asks = [{"name": name, "held": 0, "size": 0, "rank": rank} for name, rank in (("C", 1), ("B", 2), ("A", 2))]
    decision = decided(ORDERED, x=-3.0, asks=asks)
    assert [(each.id, each.item) for each in decision.intents] == [
        ("z_cancel", None),
        ("c_reduce", None),
        ("b_urgent", None),
        ("d_items", 2),
        ("d_items", 1),
        ("d_items", 0),
        ("a_raise", None),
    ]
    assert [each.text for each in decision.intents if each.id == "d_items"] == [f"{name} is asked" for name in "ABC"]
    assert decision.intents[1].emit == {"way": "BUY", "size": 3.0}
    assert decision.intents[1].position == -3.0


REDUCING = f"""emits: Ask
intents:
  close:
    for: s in asks
    exposure: reduces
    position: s.held
    emit: {{name: "default(first([t.name for t in asks]), s.name)", way: SELL, size: s.size, rank: s.rank}}
    {REST}
"""


def reducing(*rows: tuple[float, float]) -> list[str]:
    """The exposure of each, all of one position, by rank."""
    asks = [{"name": str(i), "held": held, "size": size, "rank": -i} for i, (held, size) in enumerate(rows)]
    by_item: Mapping[object, str] = {each.item: each.exposure for each in decided(REDUCING, asks=asks).intents}
    return [by_item[i] for i in range(len(rows))]


@pytest.mark.parametrize(
    ("rows", "wanted"),
    [
        ([(5, 5)], "reduces"),
        ([(5, 5.1)], "raises"),
        ([(5, 0)], "raises"),
        ([(0, 1)], "raises"),
        ([(-5, 1)], "raises"),
        ([(-5, -1)], "reduces"),
        ([(-5, -6)], "raises"),
        ([(5, -1)], "raises"),
        ([(5, 3), (5, 2)], "reduces reduces"),
        ([(5, 3), (5, 3)], "reduces raises"),
        ([(5, 6), (5, 3), (5, 2)], "raises reduces reduces"),
        ([(0.3, 0.1), (0.3, 0.2)], "reduces reduces"),
        ([(5, 5), (5, 1.0e-6)], "reduces raises"),
    ],
)
def test_what_reduces_is_checked(rows: list[tuple[float, float]], wanted: str) -> None:
    assert " ".join(reducing(*rows)) == wanted


def test_positions_of_other_names_do_not_mix() -> None:
    apart = REDUCING.replace("default(first([t.name for t in asks]), s.name)", "s.name")
    asks = [{"name": name, "held": 5, "size": 4, "rank": 1} for name in "AB"]
    assert short(decided(apart, asks=asks)) == [("close", "reduces")] * 2


def test_what_does_not_reduce_is_said() -> None:
    asks = [{"name": "A", "held": 5, "size": 6, "rank": 1}]
    decision = decided(REDUCING, asks=asks)
    [warning] = [each for each in decision.reasons if each.severity == "warning"]
    assert (warning.rule, warning.item, warning.decisive) == ("close.exposure", 0, True)
    assert "-6 does not reduce 5" in warning.text


FRAGILE = f"""emits: Ask
intents:
  stop: {{when: not flag, exposure: cancels, safe: true, emit: {{size: lot + 1}}, {REST}}}
  go: {{when: flag, exposure: raises, emit: {{size: lot / (x / lot)}}, {REST}}}
invariants: {{one: {{always: count(intents) <= 1 and not any(i.id == stop and flag for i in intents), enforce: true}}}}
"""


def test_a_fault_in_what_is_emitted_fails_safe() -> None:
    assert short(decided(FRAGILE)) == [("go", "raises")]
    failed = decided(FRAGILE, x=0)
    assert (failed.status, short(failed)) == ("failsafe", [("stop", "cancels")])
    assert failed.intents[0].emit == {"size": 6.0}
    assert failed.to_dict()["intents"][0]["text"] == "Emitted because the decision failed"
    calm = decided(FRAGILE, x=0, flag=False)
    assert (calm.status, [each.text for each in calm.intents]) == ("ok", ["B"])


def test_a_snapshot_at_fault_leaves_the_safe_intents() -> None:
    decision = policy(FRAGILE).decide({"x": "3"})
    assert (decision.status, short(decision)) == ("failsafe", [("stop", "cancels")])


def test_an_enforced_invariant_reads_intents() -> None:
    both = FRAGILE.replace("when: not flag", "when: flag")
    decision = decided(both)
    assert [each.code for each in decision.diagnostics] == ["FB728"]
    assert short(decision) == [("stop", "cancels")]


def test_safe_intents_without_a_value_are_found_when_the_pack_is_loaded() -> None:
    assert findings(FRAGILE.replace("lot + 1", "lot * (lot / (lot - lot))")) == ["FB720"]


def test_what_was_sent_is_known_at_the_next_snapshot() -> None:
    """Whatever its item; what did not go through is not known."""
    sell = f"a: {{for: i in asks, exposure: neutral, emit: {{size: i.size}}, {REST}}}"
    outputs = "outputs: {again: {type: boolean, optional: true, start: previous(sent.a), safe: missing}}"
    loaded = load_bytes(
        f"{HEAD.split('outputs:')[0]}{outputs}\nemits: Ask\nintents: {{{sell}}}\n".encode(), "desk.yaml"
    )
    assert loaded.checked is not None, loaded.findings
    session = Policy(loaded.checked.pack, {"lot": 5.0}, layers={}).session()
    ask = {"name": "A", "held": 1, "size": 1, "rank": 1}
    given = [[], [ask], "broken", [], [ask], [ask]]
    found = [session.step({"x": 3.0, "flag": True, "asks": asks})["again"] for asks in given]
    assert found == [None, False, None, True, False, True]
    assert session.state["previous"] == {"sent.a": {"kind": "boolean", "value": True}}


@pytest.mark.parametrize("wrong", ["previous(sent.b)", "sent.a", "previous(sent.calm)"])
def test_what_is_no_intent_was_not_sent(wrong: str) -> None:
    more = f"intents: {{a: {RAISE}}}\nemits: Ask\ninvariants: {{never_sent: {{never: 'default({wrong}, false)'}}}}"
    assert findings(more) == ["FB303" if wrong == "sent.a" else "FB301"]
