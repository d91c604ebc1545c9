"""The shipped packs that keep state, over days of snapshots with restarts and faults in between."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import pairwise
from random import Random
from typing import Any

import pytest

import flyball
from flyball import Decision

from . import bars

Snapshot = dict[str, Any]
MORNING = datetime(2026, 1, 5, 9, tzinfo=UTC)
STEPS = 240
WIDTH = timedelta(minutes=6)


def times(width: timedelta = WIDTH) -> Iterator[str]:
    return ((MORNING + i * width).isoformat() for i in range(STEPS))


def band_drift(draw: Random) -> Iterator[Snapshot]:
    """Ten days: a book that drifts out of its ranges for days, and back."""
    longs = 65.0
    for i, now in enumerate(times(10 * WIDTH)):
        longs += draw.gauss(1.0 if i % 120 < 60 else -1.0, 2.0)
        shares = {"LONG": min(max(longs, 1), 99), "SHORT": min(max(100 - longs, 1), 99)}
        yield {
            "now": now,
            "mode": draw.choice(["NORMAL", "NORMAL", "DERISK"]),
            "risk_checks_passed": draw.random() < 0.9,
            "equity": 10_000.0,
            "gross_exposure": draw.choice([100.0, 129.9, 140.0]),
            "positions": [
                {
                    "symbol": f"{side}{number}",
                    "bucket": "LT",
                    "side": side,
                    "quantity": round(share * (number + 1), 2),
                    "mark_price": 10.0,
                    "truth_tick": 10.02,
                    "unrealized_pnl": draw.choice([-5.0, 5.0]),
                }
                for side, share in shares.items()
                for number in range(2)
            ],
        }


def swing_governor(draw: Random) -> Iterator[Snapshot]:
    position = 0.0
    for now in times(timedelta(seconds=30)):
        position = round(position + draw.gauss(0, 3), 2)
        yield {"now": now, "position": position, "max_position": draw.choice([12.0, 12.0, 12.0, 0.0])}


def kill_switch(draw: Random) -> Iterator[Snapshot]:
    for now in times():
        yield {
            "now": now,
            "capital": 100.0,
            "daily_pnl": round(draw.gauss(0.2, 1.8), 2),
            "session": now[:10],
            "position_value": draw.choice([40.0] * 9 + [60.0]),
            "max_position_value": 50.0,
            "operator_reset": draw.random() < 0.15,
        }


def stand_down(draw: Random) -> Iterator[Snapshot]:
    for now in times():
        snapshot: Snapshot = {"now": now}
        if draw.random() < 0.2:
            until = datetime.fromisoformat(now) + timedelta(minutes=draw.randrange(-10, 60))
            source = draw.choice(["JUDGE", "OPS", "RISK_ENGINE"])
            snapshot["request"] = {"until": until.isoformat(), "reason": f"asked at {now[11:16]}", "source": source}
        if draw.random() < 0.1:
            snapshot["clear_by"] = draw.choice(["JUDGE", "OPS", "OPS"])
        yield snapshot


def policy_stability(draw: Random) -> Iterator[Snapshot]:
    symbols = ["AAPL", "IBM", "MSFT"]
    candidate: Snapshot = {}
    for now in times(timedelta(seconds=20)):
        if not candidate or draw.random() < 0.4:
            allowed = [each for each in symbols if draw.random() < 0.8]
            candidate = {
                "allow_new_trades": draw.random() < 0.8,
                "risk_profile": draw.choice(["NORMAL", "NORMAL", "REDUCED", "NO_NEW_TRADES"]),
                "max_risk_pct": draw.choice([0.0, 0.3, 0.7, 1.0]),
                "min_confidence": draw.choice([0.5, 0.53, 0.6]),
                "entry_mode": draw.choice(["NORMAL", "AGGRESSIVE", "DEFENSIVE"]),
                "exit_mode": draw.choice(["TREND_FOLLOW", "FAST_TP", "DEFENSIVE_TRAIL"]),
                "allowed_symbols": allowed,
                "disallowed_symbols": [each for each in symbols if each not in allowed],
            }
        yield {"now": now, "candidate": candidate}


DAYS: dict[str, Callable[[Random], Iterator[Snapshot]]] = {
    "band_drift": band_drift,
    "swing_governor": swing_governor,
    "kill_switch": kill_switch,
    "stand_down": stand_down,
    "policy_stability": policy_stability,
    "proxy_signal": bars.proxy_signal,
    "rebalance": bars.rebalance,
    "replan_guard": bars.replan_guard,
}


def day(pack: str, seed: int) -> list[Snapshot]:
    """The snapshots of a day; here and there one that cannot be decided."""
    draw = Random(seed)
    return [{**each, "typo": 1} if draw.random() < 0.04 else each for each in DAYS[pack](draw)]


@cache
def loaded(pack: str) -> flyball.Policy:
    return flyball.load(f"{pack}@1", environment=False)


@cache
def decided(pack: str, seed: int) -> list[tuple[Snapshot, Decision]]:
    session = loaded(pack).session("desk")
    return [(snapshot, session.step(snapshot)) for snapshot in day(pack, seed)]


@pytest.mark.parametrize("pack", DAYS)
@pytest.mark.parametrize("seed", range(3))
def test_a_restart_changes_nothing(pack: str, seed: int) -> None:
    policy = loaded(pack)
    through, restarted = (policy.session("desk") for _ in range(2))
    statuses, restarts = set(), 0
    chance = Random(-seed)
    for snapshot in day(pack, seed):
        if chance.random() < 0.05:
            restarted = policy.restore(restarted.save())
            restarts += 1
        decision = through.step(snapshot)
        assert restarted.step(snapshot).to_json() == decision.to_json()
        statuses.add(decision.status)
    another = flyball.load(f"{pack}@1", environment=False).restore(restarted.save())
    assert through.save() == restarted.save() == another.save()
    assert statuses == {"ok", "failsafe"}
    assert restarts > 3


@pytest.mark.parametrize("pack", DAYS)
def test_a_day_reaches_every_rule(pack: str) -> None:
    """The days above would prove little if nothing happened on them."""
    fired = {rule for seed in range(6) for _, decision in decided(pack, seed) for rule in decision.fired}
    content = loaded(pack).pack
    assert fired >= {rule for rule in content.rules if rule not in RARE}


RARE = frozenset({
    "no_candidate",  # a book without positions
    "long_increase", "short_decrease", "short_increase", "preferred_capped",  # ties go to LONG
})  # fmt: skip


@pytest.mark.parametrize("seed", range(3))
def test_days_in_violation_are_calendar_days(seed: int) -> None:
    first: date | None = None
    longest = 0
    for snapshot, decision in decided("band_drift", seed):
        if decision.status != "ok":
            assert decision.outputs["drift_status"] == "OVERDUE"
            continue
        today = datetime.fromisoformat(snapshot["now"]).date()
        first = None if decision.outputs["violation"] is None else first or today
        days = (today - first).days + 1 if first else 0
        assert decision.outputs["days_in_violation"] == days
        assert decision.outputs["drift_status"] == ("IN_BAND" if not days else "TOLERATED" if days <= 2 else "OVERDUE")
        longest = max(longest, days)
    assert longest > 2


@pytest.mark.parametrize("seed", range(3))
def test_overdue_corrections_are_those_of_the_first_day(seed: int) -> None:
    policy = loaded("band_drift")
    overdue = 0
    for snapshot, decision in decided("band_drift", seed):
        if decision.status == "ok":
            fresh = policy.decide(snapshot)
            assert list(map(repr, decision.intents)) == list(map(repr, fresh.intents))
            overdue += decision.outputs["drift_status"] == "OVERDUE" and bool(decision.intents)
    assert overdue


@pytest.mark.parametrize("seed", range(3))
def test_a_swing_is_that_of_the_last_five_minutes(seed: int) -> None:
    seen: list[tuple[datetime, float]] = []
    for snapshot, decision in decided("swing_governor", seed):
        if decision.status != "ok":
            assert decision.outputs["quoting"] == "PULL_QUOTES"
            continue
        now = datetime.fromisoformat(snapshot["now"])
        seen.append((now, snapshot["position"]))
        held = [position for at, position in seen if now - timedelta(seconds=300) < at]
        travelled, most = max(held) - min(held), snapshot["max_position"]
        assert decision.outputs["swing_ratio"] == (travelled / most if most else None)
        assert decision.outputs["quoting"] == rung(travelled, most)


def rung(travelled: float, most: float) -> str:
    if not most:
        return "PULL_QUOTES" if travelled else "REDUCE_ONLY"
    above = [
        name for name, bound in (("WIDEN", 1.0), ("REDUCE_ONLY", 1.5), ("PULL_QUOTES", 2.0)) if travelled / most > bound
    ]
    return above[-1] if above else "QUOTE"


@pytest.mark.parametrize("seed", range(3))
def test_only_an_operator_clears_a_trip(seed: int) -> None:
    cleared = 0
    for (_, before), (snapshot, after) in pairwise(decided("kill_switch", seed)):
        assert after.outputs["tripped"] != after.outputs["allow_quoting"]
        assert [each.id for each in after.intents] == ["cancel_all"] * after.outputs["tripped"]
        if before.outputs["tripped"] and not after.outputs["tripped"]:
            assert snapshot["operator_reset"]
            cleared += 1
    assert cleared


def test_a_trip_by_blindness_outlives_a_restart() -> None:
    policy = loaded("kill_switch")
    good = next(kill_switch(Random(0)), {}) | {"daily_pnl": 0.0, "position_value": 0.0, "operator_reset": False}
    session = policy.session()
    assert not session.step(good).outputs["tripped"]
    assert session.step({**good, "daily_pnl": float("nan")}, now="2026-01-05T09:00:01Z").status == "failsafe"
    session = policy.restore(session.save())
    decision = session.step(good, now="2026-01-05T09:00:02Z")
    assert (decision.status, list(decision.outputs["trips"])) == ("ok", ["BLIND"])
    assert not session.step({**good, "operator_reset": True}, now="2026-01-05T09:00:03Z").outputs["tripped"]


@pytest.mark.parametrize("seed", range(3))
def test_a_pause_ends_in_time_or_by_ops(seed: int) -> None:
    pause: Snapshot | None = None
    for snapshot, decision in decided("stand_down", seed):
        if decision.status != "ok":
            assert decision.outputs["active"]
            continue
        if snapshot.get("clear_by") == "OPS":
            pause = None
        request = snapshot.get("request")
        if request and (pause is None or request["until"] > pause["until"]):
            pause = request
        assert decision.outputs["active"] == (pause is not None and snapshot["now"] < pause["until"])
        assert (decision.outputs["pause"] or {}).get("reason") == (pause or {}).get("reason")


@pytest.mark.parametrize("seed", range(3))
def test_a_policy_loosens_after_the_interval_only(seed: int) -> None:
    held: Snapshot | None = None
    changed_at = datetime.min.replace(tzinfo=UTC)
    replaced = 0
    for snapshot, decision in decided("policy_stability", seed):
        policy, now = decision.outputs["policy"], datetime.fromisoformat(snapshot["now"])
        if decision.status != "ok":
            assert (policy["allow_new_trades"], list(policy["allowed_symbols"])) == (False, [])
            continue
        held = held or snapshot["candidate"]
        assert is_as_tight(policy, snapshot["candidate"])
        if "replaced" in decision.fired:
            assert now - changed_at >= timedelta(seconds=60)
            replaced += 1
        else:
            assert is_as_tight(policy, held)
        if caution(policy) != caution(held):
            changed_at = now
        held = policy
    assert replaced


ENTRIES = ("AGGRESSIVE", "NORMAL", "DEFENSIVE")
EXITS = ("TREND_FOLLOW", "FAST_TP", "DEFENSIVE_TRAIL")
PROFILES = ("NORMAL", "REDUCED", "NO_NEW_TRADES")


def caution(policy: Snapshot) -> tuple[Any, ...]:
    """How tight a policy is in each part, each so that `>=` says tighter or equal."""
    return (
        not policy["allow_new_trades"],
        PROFILES.index(policy["risk_profile"]),
        -policy["max_risk_pct"],
        policy["min_confidence"],
        ENTRIES.index(policy["entry_mode"]),
        EXITS.index(policy["exit_mode"]),
        frozenset(policy["disallowed_symbols"]),
        frozenset({"AAPL", "IBM", "MSFT"}) - frozenset(policy["allowed_symbols"]),
    )


def is_as_tight(policy: Snapshot, other: Snapshot) -> bool:
    return all(ours >= theirs for ours, theirs in zip(caution(policy), caution(other), strict=True))
