"""A bar of the policy `continuous` against a class written by hand.

Both answer the same runs of bars, and the answers are compared first: outputs to the last bit, reasons and intents. The
class does not validate, and writes its reasons out. It takes Python's tanh, which is faster than the one whose last bit
is the same on every machine; that one it takes while answers are compared.

    python benchmarks/continuous.py [--rounds 21]
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import rounds  # type: ignore[import-not-found]  # stands beside this script

import flyball
from flyball.engine import portable

BARS = 500
WINDOW = 20
DAY = timedelta(days=1)
BASELINES = ("LOGISTIC_REGRESSION", "GRADIENT_BOOSTING")
LABELS = ("TIMEFRAME", "HORIZON_BARS", "LABEL_DEFINITION", "FEATURE_VERSION")
TABLES = ("RESULTS_SUMMARY", "PLAN_LOG", "BAR_DECISIONS")
METRICS = ("TURNOVER", "TRADE_COUNT", "DRAWDOWN")
Snapshot = dict[str, Any]
Answer = dict[str, Any]
Reasons = list[tuple[str, str]]


def shown(value: float, digits: int = 4) -> str:
    """A fraction."""
    return f"{value:.{digits}f}".rstrip("0").rstrip(".")


def told_apart(left: float, right: float) -> tuple[str, str]:
    """Two ratios, with as many digits as it takes."""
    digits = 3
    while (texts := (shown(left, digits), shown(right, digits)))[0] == texts[1] and abs(left) != abs(right):
        digits += 1
    return texts


class Continuous:
    """`continuous` as a desk would write it, with the limits of its packs."""

    def __init__(self, tanh: Callable[[float], float] = math.tanh) -> None:
        self.tanh = tanh
        self.prices: list[float] = []
        self.model_in_use = False
        self.pause: Answer | None = None
        self.pause_ends = datetime.min
        self.plan: Any = None
        self.replanned: list[datetime] = []
        self.suppressed = 0
        self.bar: int | None = None
        self.sent = False
        self.last_execution: int | None = None
        self.entry_bar: int | None = None
        self.turnover, self.trades, self.cancels, self.holdings, self.bars_held = 0.0, 0, 0, 0, 0

    def step(self, snapshot: Snapshot) -> Answer:
        now = datetime.fromisoformat(snapshot["now"])
        reasons: Reasons = []
        paused, pause = self.stand_down(snapshot, now, reasons)
        executed, vetoed = emergency_exit(snapshot, reasons)
        judged = promotion(snapshot.get("model"), reasons)
        if judged["judged"]:
            self.model_in_use = judged["promoted"]
        weighed = target(self.signal(snapshot, reasons), snapshot, paused, executed, reasons)
        traded, intents = self.rebalance(weighed["target_weight_final"], executed, snapshot, reasons)
        outputs = {
            "active": paused,
            "pause": pause,
            "emergency_exit_executed": executed,
            "emergency_exit_vetoed": vetoed,
            "cooldown_recommendation_bars": 3 if executed else None,
            **judged,
            **weighed,
            **traded,
            **self.replan(snapshot.get("plan"), now, reasons),
            **phases(snapshot, reasons),
        }
        return {"outputs": outputs, "reasons": reasons, "intents": intents}

    def stand_down(self, snapshot: Snapshot, now: datetime, reasons: Reasons) -> tuple[bool, Answer | None]:
        cleared_by, request, paused = snapshot.get("clear_by"), snapshot.get("request"), self.pause
        if cleared_by == "OPS":
            if paused is not None and now < self.pause_ends:
                text = f"OPS ended the pause that {paused['source']} had asked for until {paused['until']}"
                reasons.append(("pause.cleared_early", text))
            paused = None
        elif cleared_by is not None:
            reasons.append(("pause.clear_refused", f"{cleared_by} may not end a pause, only OPS may"))
        if request is not None:
            ends = datetime.fromisoformat(request["until"])
            if paused is None or ends > self.pause_ends:
                paused, self.pause_ends = request, ends
            else:
                text = f"A pause until {request['until']} ({request['source']})"
                reasons.append(
                    ("pause.request_not_longer", f"{text} is no longer than the one until {paused['until']}")
                )
        self.pause = paused
        if paused is None or now >= self.pause_ends:
            return False, paused
        text = f"Standing down until {paused['until']} ({paused['source']}): {paused['reason']}"
        reasons.append(("pause.standing_down", text))
        return True, paused

    def signal(self, snapshot: Snapshot, reasons: Reasons) -> Answer:
        price, z, given = snapshot.get("price"), snapshot.get("momentum_z"), snapshot.get("p_hat")
        if price is not None:
            self.prices.append(price)
            if len(self.prices) > WINDOW:
                del self.prices[0]
        if given is not None and self.model_in_use:
            text = f"The probability {shown(given)} is the model's, and the proxy is not used"
            reasons.append(("signal.from_model", text))
            return {"p_hat": given, "p_source": "MODEL", "signal": None}
        if given is not None:
            text = f"The model's probability {shown(given)} is not used: no candidate has passed promotion"
            reasons.append(("model_not_in_use", text))
        if z is None and len(self.prices) < WINDOW:
            text = f"There is no signal: the window of {WINDOW} bars is not full"
            reasons.append(("signal.window_not_full", text))
        elif z is None and price is not None:
            z = standing(price, self.prices)
            if z is None:
                text = f"no price of the last {WINDOW} bars differs from the others"
                reasons.append(("signal.prices_stand_still", f"There is no signal: {text}"))
        if z is None:
            return {"p_hat": 0.5, "p_source": "NONE", "signal": None}
        signal = self.tanh(z)
        p_hat = 0.5 * (signal + 1)
        momentum, strength = told_apart(z, signal)
        text = f"momentum of {momentum} deviations is a signal of {strength}"
        reasons.append(("signal.from_proxy", f"The probability {shown(p_hat)} is the proxy's: {text}"))
        return {"p_hat": p_hat, "p_source": "PROXY", "signal": signal}

    def rebalance(
        self, target: float, emergency: bool, snapshot: Snapshot, reasons: Reasons
    ) -> tuple[Answer, list[Answer]]:
        bar, weight = snapshot["bar"], snapshot["current_weight"]
        target = 0.0 if emergency else target
        delta = target - weight
        self.keep_count(snapshot)
        trade = delta != 0
        if emergency:
            reasons.append(("rebalance.suppressions", "An emergency exit trades at once and whatever its size"))
        else:
            notional = abs(delta) * snapshot["equity"]
            if abs(delta) <= 0.01:
                trade = False
                text = f"The weight would change by {shown(delta)}, no more than {0.01}"
                reasons.append(("rebalance.change_too_small", text))
            if snapshot["equity"] <= 0:
                trade = False
                text = f"The equity is {snapshot['equity']:.2f} usd, and nothing but an emergency exit trades"
                reasons.append(("rebalance.no_equity", text))
            if notional < 25:
                trade = False
                text = f"The change is worth {notional:.2f} usd, less than {25:.2f} usd"
                reasons.append(("rebalance.notional_too_small", text))
            if self.last_execution is not None and bar - self.last_execution <= 2:
                trade = False
                text = f"The last execution was {bar - self.last_execution} bars ago, and the cooldown is {2} bars"
                reasons.append(("rebalance.cooling_down", text))
        exits = target == 0 or (abs(target) < abs(weight) and (target > 0) == (weight > 0))
        self.bar, self.sent, intents = bar, trade, []
        if trade:
            intents.append(order(target, delta, exits, emergency))
            text = f"The weight goes from {shown(weight)} to {shown(target)}"
            if exits:
                reasons.append(("rebalance.exit", f"{text}, which only exits and may take"))
            else:
                reasons.append(("rebalance.rebalance", text))
        return {
            "trade": trade,
            "weight_change": delta if trade else 0.0,
            "may_take": trade and exits,
            "turnover": self.turnover,
            "trade_count": self.trades,
            "cancel_count": self.cancels,
            "avg_hold_time": self.bars_held / self.holdings if self.holdings else None,
        }, intents

    def keep_count(self, snapshot: Snapshot) -> None:
        fills, entry_bar = snapshot["fills"], snapshot.get("entry_bar")
        filled = 0.0
        for fill in fills:
            filled += abs(fill["weight_change"])
        self.turnover += filled
        self.trades += len(fills)
        self.cancels += snapshot["cancels"]
        if fills:
            self.last_execution = snapshot["bar"]
        elif self.sent:
            self.last_execution = self.bar
        if self.entry_bar is not None and entry_bar != self.entry_bar:
            self.holdings += 1
            self.bars_held += snapshot["bar"] - self.entry_bar
        self.entry_bar = entry_bar

    def replan(self, plan: Snapshot | None, now: datetime, reasons: Reasons) -> Answer:
        accept = False
        if plan is not None:
            triggers = sorted(plan["triggers"], key=lambda each: str(each["id"]))
            material = (triggers, plan["risk_limits"], plan["policy_config"])
            if material == self.plan:
                self.suppressed += 1
                text = "The plan differs from the current one in nothing that matters, and is suppressed"
                reasons.append(("replan.no_change", f"{text}: {self.suppressed} of them so far"))
            else:
                accept = True
                if self.plan is None:
                    reasons.append(("replan.first_plan", "There was no plan before"))
                else:
                    text = "The plan differs from the current one in its triggers, risk limits or configuration"
                    reasons.append(("replan.changed_plan", text))
                self.plan = material
                self.replanned.append(now)
        while self.replanned and now - self.replanned[0] >= DAY:
            del self.replanned[0]
        return {
            "accept": accept,
            "replan_rate_per_day": len(self.replanned),
            "no_change_replan_suppressed_count": self.suppressed,
        }


def standing(price: float, prices: list[float]) -> float | None:
    """How many deviations of its window the price is above the mean."""
    middle = squares = 0.0
    for each in prices:
        middle += each
    middle /= WINDOW
    for each in prices:
        squares += (each - middle) * (each - middle)
    spread = math.sqrt(squares / (WINDOW - 1))
    return (price - middle) / spread if spread > 1.0e-9 * middle else None


def emergency_exit(snapshot: Snapshot, reasons: Reasons) -> tuple[bool, bool]:
    """Whether one is executed, and whether one is vetoed."""
    wanted = snapshot.get("exit_intent")
    if wanted is None:
        return False, False
    if not wanted["emergency"]:
        reasons.append(("exit.ordinary_exit", "The exit is no emergency, and waits for the next rebalance"))
        return False, False
    if snapshot.get("entry_bar") == snapshot["bar"]:
        text = f"the position was opened on this bar ({snapshot['bar']})"
        reasons.append(("exit.emergency_exit_veto_same_bar", f"The emergency exit is vetoed: {text}"))
        return False, True
    text = f"Emergency exit: the target weight is 0, and a pause of {3} bars is recommended"
    reasons.append(("exit.emergency_exit_executed", text))
    return True, False


def target(signal: Answer, snapshot: Snapshot, paused: bool, exited: bool, reasons: Reasons) -> Answer:
    p_hat, vol, cap = signal["p_hat"], snapshot["vol_hat"], snapshot.get("max_weight_cap")
    edge = p_hat + p_hat - 1
    beyond = abs(edge) - 0.1
    strength = 0.0
    if beyond > 0:
        strength = (beyond if edge > 0 else -beyond) / (1 - 0.1)
    else:
        reasons.append(("target.inside_dead_band", f"The edge {shown(edge)} is inside the dead band of {0.1}"))
    if vol < 0.01:
        reasons.append(("target.volatility_floored", f"The volatility {shown(vol)} counts as {0.01}"))
        vol = 0.01
    final = raw = strength * 0.15 / vol
    if final < 0:
        text = f"The weight is raised from {shown(raw)} to the least weight {0}"
        reasons.append(("target.min_weight_bound", text))
        final = 0.0
    elif final > 1:
        text = f"The weight is cut from {shown(raw)} to the largest weight {1}"
        reasons.append(("target.max_weight_bound", text))
        final = 1.0
    if cap is not None and final > cap:
        text = f"A risk override cuts the weight from {shown(final)} to {shown(cap)}"
        reasons.append(("target.override_cap", text))
        final = cap
    if paused:
        reasons.append(("target.standing_down", "A stand-down is in force, and the weight is 0"))
        final = 0.0
    if exited:
        reasons.append(("target.emergency_exited", "An emergency exit was executed, and the weight is 0"))
        final = 0.0
    return {
        **signal,
        "target_known": True,
        "edge": edge,
        "strength": strength,
        "target_weight_raw": raw,
        "target_weight_final": final,
    }


def order(target: float, delta: float, exits: bool, emergency: bool) -> Answer:
    emitted = {"target_weight": target, "weight_change": delta, "order_type": "POST_ONLY"}
    if not exits:
        return {"kind": "REBALANCE", **emitted}
    return {"kind": "EXIT", **emitted, "fallback": "TAKER", "emergency": emergency}


def promotion(model: Snapshot | None, reasons: Reasons) -> Answer:
    failed: list[str] = []
    if model is None:
        reasons.append(("promotion.no_candidate", "No model is up for promotion"))
        return {"judged": False, "promoted": False, "failed_checks": ["NO_CANDIDATE"], "missing_labels": []}
    mine, artifact = model["candidate"], model["artifact"]
    lacking = [label for label in LABELS if artifact.get(label.lower()) in (None, "")]
    if lacking:
        failed.append("ARTIFACT")
    for label in lacking:
        reasons.append(("promotion.artifact_incomplete", f"The artifact does not say its {label}"))
    if model["candidate_ece"] > 0.05:
        failed.append("CALIBRATION")
        text = f"The expected calibration error {shown(model['candidate_ece'])} is above {0.05}"
        reasons.append(("promotion.badly_calibrated", text))
    found = {}
    for name in BASELINES:
        theirs = model["baselines"][name]
        if mine["brier"] < theirs["brier"]:
            if mine["churn"] > theirs["churn"] * 1.1:
                found["CHURN"] = True
                text = f"from {shown(theirs['churn'])} of {name} to {shown(mine['churn'])}, by more than {10:.2f} %"
                reasons.append(("promotion.more_churn", f"Churn rises {text}"))
            if mine["slippage"] - theirs["slippage"] > 1:
                found["SLIPPAGE"] = True
                text = f"by {mine['slippage'] - theirs['slippage']:.1f} bps over that of {name}"
                reasons.append(("promotion.more_slippage", f"Slippage rises {text}, by more than {1:.1f} bps"))
        if theirs["brier"] - mine["brier"] <= 0.005:
            found["NO_BETTER"] = True
            text = f"{name} has a Brier score of {shown(theirs['brier'])} against {shown(mine['brier'])}"
            text += f", which is no more than {0.005} worse: the simpler model stays"
            reasons.append(("promotion.no_better", text))
        if mine["sample_size"] < theirs["sample_size"]:
            text = f"The candidate was measured on {mine['sample_size']} bars, {name} on {theirs['sample_size']}"
            reasons.append(("promotion.fewer_samples", text))
        if mine["realized_pnl_vol"] > theirs["realized_pnl_vol"]:
            text = f"{shown(mine['realized_pnl_vol'])} against {shown(theirs['realized_pnl_vol'])}"
            reasons.append(("promotion.wilder_pnl", f"Realised PnL moves more than with {name}: {text}"))
    failed += [check for check in ("CHURN", "SLIPPAGE", "NO_BETTER") if check in found]
    return {"judged": True, "promoted": not failed, "failed_checks": failed, "missing_labels": lacking}


def phases(snapshot: Snapshot, reasons: Reasons) -> Answer:
    gate, failing = snapshot.get("gate"), []
    if gate == "ZERO_TO_ONE":
        failing = audited(snapshot.get("audit"), reasons)
    else:
        reasons.append(("gates.zero_to_one", "This gate asks for no audit"))
    if gate == "ONE_TO_TWO":
        failing = compared(snapshot.get("run"), snapshot.get("baseline"), reasons)
    else:
        reasons.append(("gates.one_to_two", "This gate compares no runs"))
    verdict = None if gate is None else "STOP" if failing else "GO"
    return {"verdict": verdict, "failing_items": failing}


def audited(audit: Snapshot | None, reasons: Reasons) -> list[str]:
    if audit is None:
        reasons.append(("gates.no_audit", "Nobody has audited the run"))
        return ["AUDIT"]
    failing = []
    if not audit["emergency_exits_auditable"]:
        failing.append("EMERGENCY_EXITS")
        reasons.append(("gates.emergency_exits_not_auditable", "Some emergency exit has no record"))
    if not audit["replan_guard_active"]:
        failing.append("REPLAN_GUARD")
        reasons.append(("gates.replan_guard_inactive", "Plans did not go through the replan guard"))
    for table in TABLES:
        if not audit["complete"][table]:
            failing.append(table)
            reasons.append(("gates.table_incomplete", f"The run's table {table} is not complete"))
    return failing


def compared(run: Snapshot | None, baseline: Snapshot | None, reasons: Reasons) -> list[str]:
    if run is None or baseline is None:
        reasons.append(("gates.no_metrics", "There is no run or no baseline to compare"))
        return ["METRICS"]
    appeared, deviates = [], []
    for name in METRICS:
        now, then = run[name.lower()], baseline[name.lower()]
        if then > 0 and abs(now - then) / then > 20 / 100:
            deviates.append(name)
            text = f"{name} is {abs(now - then) / then * 100:.2f} % away from the baseline, and {20:.2f} % are allowed"
            reasons.append(("gates.deviates", text))
        elif then <= 0 < now:
            appeared.append(name)
            text = f"{name} was 0 in the baseline and is not 0 in the run"
            reasons.append(("gates.appeared_from_nothing", text))
    return appeared + deviates


def bars(seed: int) -> list[Snapshot]:
    """Bars of one account whose orders are filled on the bar after; now and then somebody asks for something."""
    draw, desk, now = random.Random(seed), Continuous(portable.tanh), datetime.fromisoformat("2026-01-05T21:00:00Z")
    price, weight, entry, sent, found = 100.0, 0.0, None, 0.0, []
    for bar in range(1, BARS + 1):
        price = round(price * (1 + draw.gauss(0.0005, 0.02)), 2)
        snapshot = {
            "now": f"{now + bar * DAY:%Y-%m-%dT%H:%M:%SZ}", "bar": bar, "price": price,
            "vol_hat": round(draw.uniform(0.1, 0.4), 3) if draw.random() < 0.95 else 0.005,
            "equity": round(1.0e4 * draw.uniform(0.9, 1.1), 2),
            "fills": [{"weight_change": sent}] if sent else [], "cancels": draw.choice([0, 0, 0, 1]),
        }  # fmt: skip
        weight = round(weight + sent, 6)
        entry = None if weight == 0 else bar if entry is None else entry
        snapshot["current_weight"] = weight
        if entry is not None:
            snapshot["entry_bar"] = entry
        snapshot |= asked(draw, now + bar * DAY, entered=entry == bar)
        found.append(snapshot)
        intents = desk.step(snapshot)["intents"]
        sent = round(intents[0]["weight_change"], 6) if intents else 0.0
    return found


def asked(draw: random.Random, now: datetime, *, entered: bool) -> Snapshot:
    """What is not there on every bar."""
    request = {
        "until": f"{now + draw.randrange(1, 9) * DAY:%Y-%m-%dT%H:%M:%SZ}",
        "reason": draw.choice(["Earnings", "Three stops in a row"]), "source": draw.choice(["JUDGE", "RISK_ENGINE"]),
    }  # fmt: skip
    rare = {
        "p_hat": (0.3, round(draw.uniform(0.3, 0.8), 3) + 0.0005),
        "momentum_z": (0.1, round(draw.gauss(0, 1), 3)),
        "max_weight_cap": (0.05, draw.choice([0.1, 0.25, 0.5])),
        "exit_intent": (0.3 if entered else 0.03, {"emergency": draw.random() < 0.7}),
        "request": (0.03, request),
        "clear_by": (0.05, draw.choice(["JUDGE", "OPS"])),
        "plan": (0.1, plan(draw)),
        "model": (0.05, model(draw)),
    }
    found = {name: value for name, (chance, value) in rare.items() if draw.random() < chance}
    return {**found, **gate(draw)} if draw.random() < 0.05 else found


def gate(draw: random.Random) -> Snapshot:
    """Whether the next phase may begin, now and then without what the gate asks for."""
    if draw.random() < 0.1:
        return {"gate": draw.choice(["ZERO_TO_ONE", "ONE_TO_TWO"])}
    if draw.random() < 0.5:
        audit = {
            "emergency_exits_auditable": draw.random() < 0.8, "replan_guard_active": draw.random() < 0.8,
            "complete": {table: draw.random() < 0.8 for table in TABLES},
        }  # fmt: skip
        return {"gate": "ZERO_TO_ONE", "audit": audit}
    run = {"turnover": draw.choice([9, 10, 12.5]), "trade_count": 45, "drawdown": draw.choice([4, 5, 6.5])}
    return {
        "gate": "ONE_TO_TWO",
        "run": run,
        "baseline": {"turnover": draw.choice([0, 10]), "trade_count": 50, "drawdown": 5},
    }


def plan(draw: random.Random) -> Snapshot:
    triggers = [{"id": "breakout", "level": draw.choice([2, 2, 3])}, {"id": "fade", "level": 1.5}]
    draw.shuffle(triggers)
    return {"triggers": triggers, "risk_limits": {"max_weight": 1}, "policy_config": {"tau": 0.1}}


def model(draw: random.Random) -> Snapshot:
    def measured(brier: float) -> Snapshot:
        return {
            "brier": brier, "churn": draw.choice([0.11, 0.11, 0.13]), "slippage": draw.choice([2, 2, 2, 4]),
            "realized_pnl_vol": draw.choice([0.01, 0.02]), "sample_size": draw.choice([900, 5000]),
        }  # fmt: skip

    artifact = {"timeframe": "1d", "horizon_bars": 5, "label_definition": "up after 5 bars", "feature_version": "v3"}
    return {
        "candidate": measured(draw.choice([0.18, 0.18, 0.2])),
        "candidate_ece": draw.choice([0.03, 0.03, 0.06]),
        "baselines": {name: measured(draw.choice([0.19, 0.2])) for name in BASELINES},
        "artifact": artifact if draw.random() < 0.7 else {"timeframe": "1d", "label_definition": ""},
    }


def check_equal(policy: flyball.Policy, snapshots: list[Snapshot]) -> None:
    rounds.check_equal(policy.session().step, Continuous(portable.tanh).step, snapshots)


def main() -> None:
    policy = flyball.load("continuous", environment=False)
    check_equal(policy, bars(-1))
    rounds.compare(
        "a bar of continuous", lambda: policy.session().step, lambda: Continuous().step, bars, rounds.asked(__doc__)
    )


if __name__ == "__main__":
    main()
