"""The typed calls of `proposal_gate` and `continuous`: they say what the policies say, on every example of theirs."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Literal, TypeVar, get_args, get_origin

import pytest
from pydantic import BaseModel, ValidationError

import flyball
from flyball.engine.example_runs import snapshots_of
from flyball.engine.types import Enum, List, Record
from flyball.loaders.packs import load
from flyball.policies.continuous import Bar, BarRecord, ContinuousPolicy, Exit, Pause, WeightOrder
from flyball.policies.proposal_gate import Account, Market, Position, Proposal, ProposalGate, TrackRecord, Verdict
from flyball.policies.typed import Decided
from flyball.tests.documents import ROOT

M = TypeVar("M", bound=BaseModel)

PROPOSAL = Proposal(
    symbol="AAPL", instrument="STOCK", side="LONG", entry_price=100, stop_price=95, target_price=115, p_win=0.6,
    conviction=60, position_size_bps=500, setup="breakout", regime="NORMAL", sector="TECH",
)  # fmt: skip
ACCOUNT = Account(
    equity=100_000, leverage=0.5, daily_pnl=0.2, weekly_pnl=-1,
    positions=[Position(symbol="NVDA", value=20_000), Position(symbol="XOM", value=30_000)],
)  # fmt: skip
MARKET = Market(adv_usd=3.0e8, bid=99.96, ask=100.04, daily_vol=0.02, slippage_per_share=0.01)
RECORD = TrackRecord(setup_trades=5)
BAR = Bar(
    now=datetime(2026, 1, 5, 21, tzinfo=UTC), bar=1, momentum_z=0.5, vol_hat=0.3, current_weight=0, equity=10_000,
    fills=[], cancels=0,
)  # fmt: skip


@pytest.fixture(scope="module")
def gate() -> ProposalGate:
    return ProposalGate()


@pytest.fixture(scope="module")
def loaded_run() -> ContinuousPolicy:
    return ContinuousPolicy()


@pytest.fixture
def run(loaded_run: ContinuousPolicy) -> ContinuousPolicy:
    loaded_run.reset()
    return loaded_run


@pytest.fixture(scope="module")
def policies() -> dict[str, flyball.Policy]:
    return {name: flyball.load(name) for name in ("proposal_gate", "continuous")}


def examples(name: str) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """The snapshots of every example of a policy that sets no parameters and starts from no state."""
    checked = load(ROOT / "policies" / name / "policy.yaml").checked
    assert checked
    for example in checked.examples:
        if not example.node.get("parameters") and not example.state:
            yield example.name, snapshots_of(checked.pack, example)


def carried(model: type[M], snapshot: Mapping[str, Any]) -> M:
    """What of a snapshot a model holds. Raises ValidationError where it cannot hold it."""
    unknown = {name: None for name, field in model.model_fields.items() if field.is_required()}
    given = {name: value for name, value in snapshot.items() if name in model.model_fields}
    return model.model_validate_json(json.dumps({**unknown, **given}))


def outputs(answer: Decided) -> dict[str, Any]:
    return answer.model_dump(mode="json", exclude={"status", "reasons", "problems", "order"})


def expected(decision: flyball.Decision) -> dict[str, Any]:
    plain: dict[str, Any] = json.loads(json.dumps(dict(decision.outputs)))
    return plain


def proposed(snapshot: dict[str, Any]) -> tuple[Proposal, Account, Market, TrackRecord | None]:
    record = carried(TrackRecord, snapshot) if "setup_trades" in snapshot else None
    return carried(Proposal, snapshot), carried(Account, snapshot), carried(Market, snapshot), record


def test_the_gate_says_what_the_policy_says_on_every_example(
    gate: ProposalGate, policies: dict[str, flyball.Policy]
) -> None:
    seen, untyped = 0, []
    for name, snapshot in ((name, each) for name, sequence in examples("proposal_gate") for each in sequence):
        try:
            given = proposed(snapshot)
        except ValidationError:
            untyped.append(name)
            continue
        verdict = gate.judge(*given, live=snapshot["live"], live_confirmed=snapshot.get("live_confirmed"))
        decision = policies["proposal_gate"].decide(snapshot)
        assert outputs(verdict) == expected(decision)
        assert (verdict.status, list(verdict.reasons)) == (decision.status, [each.text for each in decision.reasons])
        seen += 1
    assert seen > 10
    assert untyped == ["no_conviction"]  # the proposal itself is not whole, which the type wants


def test_a_run_says_what_the_policy_says_on_every_example(
    run: ContinuousPolicy, policies: dict[str, flyball.Policy]
) -> None:
    ordered, untyped = 0, []
    for name, sequence in examples("continuous"):
        session = policies["continuous"].session()
        run.reset()
        try:
            bars = [carried(Bar, snapshot) for snapshot in sequence]
        except ValidationError:
            untyped.append(name)
            continue
        for snapshot, bar in zip(sequence, bars, strict=True):
            run.restore(run.save())  # a restart between any two bars
            record, decision = run.decide(bar), session.step(snapshot)
            assert outputs(record) == expected(decision)
            assert (record.status, list(record.reasons)) == (decision.status, [each.text for each in decision.reasons])
            assert ([record.order] if record.order else []) == [WeightOrder(**each.emit) for each in decision.intents]
            ordered += record.order is not None
        assert run.save() == session.save()
    assert ordered > 5
    assert untyped == ["a_model_that_nobody_measured"]  # its metrics are not there, which the type wants


def test_models_hold_every_key_of_a_snapshot(policies: dict[str, flyball.Policy]) -> None:
    keys = {name: {each.source for each in policy.pack.inputs} for name, policy in policies.items()}
    asked = {name for model in (Proposal, Account, Market, TrackRecord) for name in model.model_fields}
    assert asked | {"live", "live_confirmed"} == keys["proposal_gate"] | {"setup"}
    assert Bar.model_fields.keys() - {"now"} == keys["continuous"] - {"now"}


def test_what_a_pack_must_be_given_a_caller_must_give(policies: dict[str, flyball.Policy]) -> None:
    seen = 0
    for name, models in (("proposal_gate", (Account, Market, TrackRecord)), ("continuous", (Bar,))):
        inputs = {each.source: each for each in policies[name].pack.inputs}
        for field, info in ((key, value) for model in models for key, value in model.model_fields.items()):
            if field in inputs:
                assert info.is_required() != inputs[field].optional, field
                seen += 1
    assert seen > 25


def test_models_hold_every_output(policies: dict[str, flyball.Policy]) -> None:
    shared = Decided.model_fields.keys()
    for name, model in (("proposal_gate", Verdict), ("continuous", BarRecord)):
        published = policies[name].decide({}).outputs.keys()
        assert model.model_fields.keys() - shared - {"order"} == published


def literals(annotation: Any) -> set[tuple[str, ...]]:
    """The members of every `Literal` in an annotation."""
    if get_origin(annotation) is Literal:
        return {get_args(annotation)}
    return {found for each in get_args(annotation) for found in literals(each)}


@pytest.mark.parametrize(("name", "model"), [("proposal_gate", Verdict), ("continuous", BarRecord)])
def test_literals_are_the_members_of_the_vocabulary(
    name: str, model: type[Decided], policies: dict[str, flyball.Policy]
) -> None:
    publication, seen = policies[name].pack.publication, 0
    for field in model.model_fields.keys() & publication.keys():
        for members in literals(model.model_fields[field].annotation):
            kind = publication[field].type
            kind = kind.item.type if isinstance(kind, List) else kind
            assert isinstance(kind, Enum) and kind.members == members
            seen += 1
    assert seen


def test_order_types_are_those_of_the_vocabulary(policies: dict[str, flyball.Policy]) -> None:
    emitted = {intent.emit.type for intent in policies["continuous"].pack.intents.values()}
    assert len(emitted) == 1
    kinds = {each.name: each.type for record in emitted if isinstance(record, Record) for each in record.fields}
    assert WeightOrder.model_fields.keys() == kinds.keys()
    for name in ("order_type", "fallback"):
        (members,) = literals(WeightOrder.model_fields[name].annotation)
        assert kinds[name].members == members  # type: ignore[union-attr]  # an enum, by its members


def test_a_good_proposal_is_executed(gate: ProposalGate) -> None:
    verdict = gate.judge(PROPOSAL, ACCOUNT, MARKET, RECORD, live=False)
    assert (verdict.should_execute, verdict.order_shares, verdict.shares) == (True, 50, 100)
    careful = ProposalGate({"gate.aggressiveness": 0}).judge(PROPOSAL, ACCOUNT, MARKET, RECORD, live=False)
    assert (careful.should_execute, careful.failed_gates) == (False, ("CONVICTION",))


def test_what_is_not_known_is_refused_and_named(gate: ProposalGate) -> None:
    blind = gate.judge(PROPOSAL, ACCOUNT, MARKET.model_copy(update={"bid": None}), RECORD, live=False)
    assert (blind.status, blind.should_execute, blind.problems) == ("degraded", False, ("`bid` is missing",))
    uncounted = gate.judge(PROPOSAL, ACCOUNT, MARKET, live=False)
    assert (uncounted.should_execute, uncounted.failed_gates) == (False, ("EDGE",))
    broken = gate.judge(PROPOSAL.model_copy(update={"entry_price": math.nan}), ACCOUNT, MARKET, RECORD, live=False)
    assert (broken.should_execute, broken.order_shares) == (False, 0)
    unknown = gate.judge(PROPOSAL.model_copy(update={"side": "SIDEWAYS"}), ACCOUNT, MARKET, RECORD, live=False)
    assert not unknown.should_execute and any("SIDEWAYS" in each for each in unknown.problems)


def test_a_bar_is_traded_once(run: ContinuousPolicy) -> None:
    first, again = run.decide(BAR), run.decide(BAR)
    assert first.order and first.order.weight_change == first.target_weight_final == 0.20117619847778323
    assert (again.status, again.order, again.target_weight_final) == ("repeated", None, first.target_weight_final)


def test_an_emergency_goes_out_without_a_volatility(run: ContinuousPolicy) -> None:
    given = {"vol_hat": None, "current_weight": 0.2, "bar": 9, "entry_bar": 2, "exit_intent": Exit(emergency=True)}
    record = run.decide(BAR.model_copy(update=given))
    assert record.status == "degraded" and record.order and record.order.emergency
    assert record.order.weight_change == -0.2


def test_a_pause_comes_back_as_it_was_asked_for(run: ContinuousPolicy) -> None:
    pause = Pause(until=datetime(2026, 1, 6, 21, tzinfo=UTC), reason="Earnings", source="OPS")
    record = run.decide(BAR.model_copy(update={"request": pause}))
    assert (record.active, record.pause, record.order) == (True, pause, None)


def test_parameters_and_states_that_a_policy_refuses(run: ContinuousPolicy) -> None:
    with pytest.raises(flyball.LoadError, match="tau"):
        ContinuousPolicy({"target.tau": 2})
    with pytest.raises(flyball.StateError):
        run.restore(b"{}")


def test_a_misspelt_or_missing_field_is_an_error_at_the_call() -> None:
    with pytest.raises(ValidationError, match="stop_price"):
        Proposal(**{**PROPOSAL.model_dump(exclude={"stop_price"}), "stop": 95})
    with pytest.raises(ValidationError, match="equity"):
        Account(leverage=0, daily_pnl=0, weekly_pnl=0, positions=[])  # type: ignore[call-arg]  # that is the test


def test_flyball_alone_does_not_wait_for_pydantic() -> None:
    script = "import sys, flyball; flyball.load('continuous'); print('pydantic' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
