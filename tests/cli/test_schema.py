"""The schemas that `flyball schema` prints say what the engine does."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

import flyball
from flyball.engine.example_runs import snapshots_of
from flyball.engine.policy import Policy
from flyball.engine.snapshot_schema import snapshot_schema
from flyball.loaders.packs import find, load
from flyball.reports.decision_model import DecisionRecord, decision_schema

PACKS = ["orchestrator@1", "market_state", str(Path(__file__).with_name("packs") / "good.yaml")]
DECISION = Path(flyball.__file__ or "").parent / "schemas" / "decision.schema.json"


def snapshots(reference: str) -> Iterator[tuple[Policy, Any]]:
    """The snapshots of a pack's examples, then some that are at fault."""
    checked = load(find(reference)).checked
    assert checked is not None
    policy = flyball.load(reference, environment=False)
    for example in checked.examples:
        yield from ((policy, snapshot) for snapshot in snapshots_of(checked.pack, example))
    faults: list[Any] = [{}, [], {"regime": float("nan")}, {"volatility": "MAD"}, {"sybols": [1]}]
    yield from ((policy, fault) for fault in faults)


@pytest.mark.parametrize("reference", PACKS)
def test_schema_and_engine_agree_on_snapshots(reference: str) -> None:
    """But for what a schema cannot say: faults of evaluation, and keys of lists."""
    for policy, snapshot in snapshots(reference):
        schema = snapshot_schema(policy.pack)
        Draft202012Validator.check_schema(schema)
        faults = policy.decide(snapshot).diagnostics
        assert Draft202012Validator(schema).is_valid(snapshot) == (not faults), (snapshot, faults)


MOMENT = "2026-01-05T15:00:00Z"
VALUES: st.SearchStrategy[Any] = st.sampled_from(
    [None, True, 0, -101, 1.5, 2**53, "CALM", "GRIM", MOMENT, [], {}, "x" * 300]
)
MARKS = st.lists(st.fixed_dictionaries({"name": VALUES}, optional={"bad": VALUES, "good": VALUES}), max_size=7)


@cache
def guard() -> Policy:
    return flyball.load(PACKS[2], environment=False)


@settings(deadline=None, max_examples=100)
@given(
    st.fixed_dictionaries(
        {"daily_pnl": VALUES, "marks": MARKS | VALUES, "now": st.just("2026-01-05T15:00:00Z")},
        optional={
            "mood": VALUES,
            "opened_at": st.sampled_from([None, 0, True, [], "2026-01-05T15:00:00Z"]),
            "more": VALUES,
        },
    )
)
def test_schema_and_engine_agree_on_any_snapshot(snapshot: dict[str, Any]) -> None:
    faults = {each.code for each in guard().decide(snapshot).diagnostics} - {"FB707"}  # keys of lists
    assert Draft202012Validator(snapshot_schema(guard().pack)).is_valid(snapshot) == (not faults)


@pytest.mark.parametrize("reference", PACKS)
def test_decisions_round_trip_through_the_model(reference: str) -> None:
    validator = Draft202012Validator(json.loads(DECISION.read_text(encoding="utf-8")))
    for policy, snapshot in snapshots(reference):
        written = policy.decide(snapshot).to_json()
        record = DecisionRecord.model_validate_json(written)
        assert record.model_dump(mode="json", exclude_unset=True) == json.loads(written)
        validator.validate(json.loads(written))


def test_the_decision_schema_is_up_to_date() -> None:
    """FLYBALL_UPDATE_GOLDEN=1 writes it anew."""
    text = json.dumps(decision_schema(), indent=2, ensure_ascii=False) + "\n"
    if os.environ.get("FLYBALL_UPDATE_GOLDEN"):
        DECISION.write_text(text, encoding="utf-8")
    assert DECISION.read_text(encoding="utf-8") == text


def test_every_property_of_a_decision_is_described() -> None:
    schema = decision_schema()
    objects = [schema, *schema["$defs"].values()]
    named = [(each["title"], name) for each in objects for name in each.get("properties", ())]
    described = [
        (each["title"], name)
        for each in objects
        for name, value in each.get("properties", {}).items()
        if value.get("description")
    ]
    assert named == described and named
