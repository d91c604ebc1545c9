"""The packs of the continuous policy against plain Python, over runs of bars with faults in between."""

from __future__ import annotations

import json
import math
import statistics
from datetime import datetime, timedelta

import pytest

from .test_stateful_packs import decided


@pytest.mark.parametrize("seed", range(3))
def test_the_proxy_follows_the_z_score_of_its_window(seed: int) -> None:
    window: list[float] = []
    followed = 0
    for snapshot, decision in decided("proxy_signal", seed):
        if decision.status != "ok":
            assert (decision.outputs["p_hat"], decision.outputs["p_source"]) == (0.5, "NONE")
            continue
        if "price" in snapshot:
            window = [*window, snapshot["price"]][-20:]
        if "p_hat" in snapshot:
            assert (decision.outputs["p_hat"], decision.outputs["p_source"]) == (snapshot["p_hat"], "MODEL")
        elif "momentum_z" not in snapshot:
            still = len(window) < 20 or len(set(window)) == 1
            assert decision.outputs["p_source"] == ("NONE" if still else "PROXY")
            if not still:
                z = (window[-1] - statistics.fmean(window)) / statistics.stdev(window)
                expected = (math.tanh(z) + 1) / 2
                assert decision.outputs["p_hat"] == pytest.approx(expected, rel=1e-9)
                followed += 1
    assert followed > 100


@pytest.mark.parametrize("seed", range(3))
def test_one_trade_a_bar_and_none_in_the_cooldown(seed: int) -> None:
    last: int | None = None
    turnover, trades, cancels = 0.0, 0, 0
    for snapshot, decision in decided("rebalance", seed):
        if decision.status != "ok":
            assert (decision.outputs["trade"], list(decision.intents)) == (False, [])
            continue
        bar, emergency = snapshot["bar"], snapshot["emergency_exit_executed"]
        target = 0 if emergency else snapshot["target_weight_final"]
        change = target - snapshot["current_weight"]
        last = bar if snapshot["fills"] else last
        waits = abs(change) <= 0.01 or abs(change) * snapshot["equity"] < 25 or (last is not None and bar - last <= 2)
        assert decision.outputs["trade"] == (change != 0 and (emergency or not waits))
        assert [each.emit["weight_change"] for each in decision.intents] == [change] * decision.outputs["trade"]
        turnover += sum(abs(each["weight_change"]) for each in snapshot["fills"])
        trades, cancels = trades + len(snapshot["fills"]), cancels + snapshot["cancels"]
        assert decision.outputs["turnover"] == pytest.approx(turnover)
        assert (decision.outputs["trade_count"], decision.outputs["cancel_count"]) == (trades, cancels)
        last = bar if decision.intents else last
    assert trades > 20


@pytest.mark.parametrize("seed", range(3))
def test_a_plan_is_accepted_when_it_says_something_new(seed: int) -> None:
    current: str | None = None
    accepted: list[datetime] = []
    suppressed = 0
    for snapshot, decision in decided("replan_guard", seed):
        if decision.status != "ok":
            assert decision.outputs["accept"] is False
            continue
        now, said = datetime.fromisoformat(snapshot["now"]), _said(snapshot)
        assert decision.outputs["accept"] == (said is not None and said != current)
        if decision.outputs["accept"]:
            accepted.append(now)
            current = said
        suppressed += said is not None and not decision.outputs["accept"]
        assert decision.outputs["no_change_replan_suppressed_count"] == suppressed
        rate = sum(now - at < timedelta(days=1) for at in accepted)
        assert decision.outputs["replan_rate_per_day"] == rate
    assert suppressed > 10


def _said(snapshot: dict[str, object]) -> str | None:
    plan = snapshot.get("plan")
    if not isinstance(plan, dict):
        return None
    triggers = sorted((each["id"], float(each["level"])) for each in plan["triggers"])
    return json.dumps([triggers, float(plan["limits"]["max_weight"])])
