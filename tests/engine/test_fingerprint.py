"""Documents: which of them are the same, and what is no document."""

from __future__ import annotations

import hashlib
import json
from random import Random
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from flyball.engine.canonical import digest
from flyball.engine.fingerprint import NoDocument, fingerprint
from flyball.engine.state_document import StateError
from flyball.engine.types import Document
from flyball.tests.decided import decided, load, policy_of

PLAN: dict[str, Any] = {"triggers": [{"id": "a", "x": 1}, {"id": "b", "x": 2}], "limits": {"day": 3.0}, "note": "one"}
KIND = Document(ignore=("note", "**.at", "steps[*].*.text"), unordered=("triggers", "sets[*]"))

SAME: list[tuple[Any, Any]] = [
    (PLAN, {**PLAN, "note": "two"}),
    (PLAN, {"limits": {"day": 3}, "triggers": [{"x": 2.0, "id": "b"}, {"id": "a", "x": 1}]}),
    ({"at": 1, "x": {"at": 2, "y": [{"at": 3}]}}, {"x": {"y": [{}]}}),
    ({"steps": [{"a": {"text": "x"}, "b": {}}]}, {"steps": [{"a": {}, "b": {"text": 1}}]}),
    ({"sets": [[1, 2], [3, 4]]}, {"sets": [[2, 1], [4, 3]]}),
    (-0.0, 0),
    (1e3, 1000),
]
DIFFERENT: list[tuple[Any, Any]] = [
    (PLAN, {**PLAN, "triggers": [{"id": "a", "x": 1}, {"id": "b", "x": 3}]}),
    (PLAN, {**PLAN, "triggers": [{"id": "a", "x": 1}, {"id": "b", "x": 2}, {"id": "b", "x": 2}]}),
    (PLAN, {**PLAN, "inner": {"note": 1}}),
    ({"steps": [1, 2]}, {"steps": [2, 1]}),
    ({"steps": {"a": {"text": 1}}}, {"steps": {"a": {}}}),
    ({"sets": [[1, 2], [3, 4]]}, {"sets": [[3, 4], [1, 2]]}),
    ({"[*]": 1}, {}),
    ({"a": None}, {}),
    (1, "1"),
    (1, True),
    ([], {}),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_the_same(one: Any, other: Any) -> None:
    assert fingerprint(KIND, one) == fingerprint(KIND, other)


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_different(one: Any, other: Any) -> None:
    assert fingerprint(KIND, one) != fingerprint(KIND, other)


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-9, 9)
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner, max_size=4),
    max_leaves=10,
)


@given(value=JSON)
def test_without_patterns_it_is_the_hash_of_the_canonical_form(value: Any) -> None:
    wanted = hashlib.sha256(rfc8785.dumps(value)).hexdigest()
    assert fingerprint(Document(), value) == f"sha256:{wanted}"


@given(value=JSON, seed=st.integers(0, 99))
def test_the_order_of_unordered_lists_and_of_keys_does_not_matter(value: Any, seed: int) -> None:
    everywhere = Document(unordered=("**",))
    assert fingerprint(everywhere, shuffled(value, Random(seed))) == fingerprint(everywhere, value)


def shuffled(value: Any, chance: Random) -> Any:
    match value:
        case list():
            return chance.sample([shuffled(each, chance) for each in value], len(value))
        case dict():
            return {key: shuffled(value[key], chance) for key in chance.sample(list(value), len(value))}
    return float(value) if type(value) is int else value


ENDLESS: list[Any] = []
ENDLESS.append(ENDLESS)
TWICE: list[Any] = []
for _ in range(40):
    TWICE = [TWICE, TWICE]
LONG = "x" * 60_000


def nested(innermost: Any, levels: int) -> Any:
    for level in range(levels):
        innermost = {"a": innermost} if level % 2 else [innermost]
    return innermost


REFUSED = [
    ({"a": [float("nan")]}, ("a", 0), "FB705"),
    ({"a": 2**53}, ("a",), "FB704"),
    ({"a": "\ud800"}, ("a",), "FB711"),
    ({"\ud800": 1}, ("\ud800",), "FB711"),
    ({1: 2}, (), "FB703"),
    ({"a": object()}, ("a",), "FB703"),
    ("x" * 65_537, (), "FB717"),
    (["x" * 100] * 1000, (), "FB717"),
    (ENDLESS, (), "FB717"),
    (TWICE, (), "FB717"),
    ([LONG] * 100_000, (), "FB717"),
    ({str(i): LONG for i in range(100_000)}, (), "FB717"),
    (nested(0, 65), (), "FB717"),
    ({"a": [1], "b": "é", "c": {"d": "\ud800é"}}, ("c", "d"), "FB711"),
    ({"a": {"é": 1, "\udfff": 2}}, ("a", "\udfff"), "FB711"),
    ({"a": 1, None: 2}, (), "FB703"),
    ({"a": -(2**53)}, ("a",), "FB704"),
    ([0, (1,)], (1,), "FB703"),
]


@pytest.mark.parametrize(
    ("value", "path", "code"), REFUSED, ids=[f"{code}-{i}" for i, (*_, code) in enumerate(REFUSED)]
)
def test_no_document(value: Any, path: tuple[object, ...], code: str) -> None:
    with pytest.raises(NoDocument) as refused:
        fingerprint(Document(), value)
    assert (refused.value.path, refused.value.code) == (path, code)


IGNORED: list[tuple[str, Any, Any]] = [
    ("note", {"a": 1, "note": [LONG, float("nan"), ENDLESS]}, {"a": 1}),
    ("*", {"a": LONG, "b": ENDLESS}, {}),
    ("[*]", [LONG, ENDLESS], []),
    ("a.*", {"a": {"b": LONG, "c": ENDLESS}}, {"a": {}}),
    ("**.[*].note", {"a": [{"note": LONG}]}, {"a": [{}]}),
    ("**.note", nested({"note": LONG}, 64), nested({}, 64)),
    ("**.é", {"a": 1, "é": LONG}, {"a": 1}),
]


@pytest.mark.parametrize(("ignore", "given", "left"), IGNORED, ids=[ignore for ignore, *_ in IGNORED])
def test_what_is_ignored_is_not_counted_nor_read(ignore: str, given: Any, left: Any) -> None:
    kind = Document(ignore=(ignore,), max_bytes=500)
    assert fingerprint(kind, given) == fingerprint(kind, left)


def test_what_is_no_json_is_refused_though_all_of_it_is_ignored() -> None:
    with pytest.raises(NoDocument, match="FB703"):
        fingerprint(Document(ignore=("*",)), {1: 2})


def test_which_of_two_mistakes_is_told_does_not_depend_on_the_order_of_keys() -> None:
    found = set()
    for plan in ({"a": 2**53, "b": float("nan")}, {"b": float("nan"), "a": 2**53}):
        with pytest.raises(NoDocument) as refused:
            fingerprint(Document(), plan)
        found.add((refused.value.path, refused.value.code))
    assert found == {(("a",), "FB704")}


HEAD = "language: 1\npack: plans\nversion: 1.0.0\n"
TWO = """inputs:
  plan: {type: document, ignore: [note, at], unordered: [triggers]}
  last: {type: document, ignore: [at, note], unordered: [triggers], optional: true}
outputs: {fresh: {type: boolean, start: "not (present(last) and plan == last)", safe: false}}
"""


@pytest.mark.parametrize(("last", "fresh"), [({**PLAN, "note": 2}, False), (None, True), ({}, True)])
def test_two_documents_of_a_snapshot(last: Any, fresh: bool) -> None:
    assert decided(HEAD + TWO, {"plan": PLAN, "last": last}) == {"fresh": fresh}


@pytest.mark.parametrize("plan", [None, {"a": float("inf")}, {"a": 10**400}, {"a": ENDLESS}])
def test_a_snapshot_without_a_document_fails_safe(plan: Any) -> None:
    assert decided(HEAD + TWO, {"plan": plan}, status="failsafe") == {"fresh": False}


KEPT = """inputs: {plan: {type: document, ignore: [note]}}
definitions: {moved: changed(plan), last: previous(plan)}
outputs:
  same: {type: boolean, start: present(last) and plan == last, safe: false}
  moved_on: {type: boolean, start: moved, safe: false}
"""


def test_a_document_against_the_one_before_it_through_save_and_restore() -> None:
    policy = policy_of(HEAD + KEPT)
    session, found = policy.session(), []
    for plan in ({"a": 1, "note": 1}, {"a": 1.0}, {"a": 2}):
        found.append(dict(session.step({"plan": plan}).outputs))
        session = policy.restore(session.save())
    assert found == [
        {"same": False, "moved_on": False},
        {"same": True, "moved_on": False},
        {"same": False, "moved_on": True},
    ]


def test_a_state_whose_documents_ignore_something_else_is_refused() -> None:
    saved = policy_of(HEAD + KEPT).session().save()
    with pytest.raises(StateError, match="FB743"):
        policy_of(HEAD + KEPT.replace("note", "prose")).restore(saved)


def test_a_state_with_what_is_no_fingerprint_is_refused() -> None:
    policy = policy_of(HEAD + KEPT)
    session = policy.session()
    session.step({"plan": {}})
    saved = json.loads(session.save())
    saved["previous"]["plan"]["value"] = "sha256:0"
    saved["hash"] = digest({key: each for key, each in saved.items() if key != "hash"})
    with pytest.raises(StateError, match="FB740"):
        policy.restore(saved)


BAD = [
    ("plan == other", "FB305 a document is expected here, not a document"),
    ("plan == 1", "FB305 a document is expected here, not an integer in ratio"),
    ("plan < plan", "FB305 something with an order is expected here, not a document"),
    ("plan.note == 1", "FB305 a record is expected here, not a document"),
]


@pytest.mark.parametrize(("start", "told"), BAD)
def test_what_does_not_go_with_a_document(start: str, told: str) -> None:
    text = f"""{HEAD}inputs: {{plan: {{type: document}}, other: {{type: document, ignore: [a]}}}}
outputs:
  o: {{type: boolean, start: '{start}', safe: false}}
  p: {{type: boolean, start: present(other), safe: false}}
"""
    assert [f"{each.code} {each.message}" for each in load(text).findings] == [told]
