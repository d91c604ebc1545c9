"""A step of the shipped packs `kill_switch`, `stand_down` and `policy_stability` against classes written by hand.

Both answer the same snapshots, and the answers are compared first: outputs, reasons and intents. The classes do not
validate, enforce what the packs enforce, and write their reasons out. Every snapshot is a new one.

    python benchmarks/guards.py [--rounds 21]
"""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import drift  # type: ignore[import-not-found]  # stands beside this script
import rounds  # type: ignore[import-not-found]  # as above

import flyball

COUNT = 1_000
MIDNIGHT = 1_767_571_200
RESET = "and an operator has to reset"
PROFILES = {"NORMAL": 0, "REDUCED": 1, "NO_NEW_TRADES": 2}
ENTRIES = {"AGGRESSIVE": 0, "NORMAL": 1, "DEFENSIVE": 2}
EXITS = {"TREND_FOLLOW": 0, "FAST_TP": 1, "DEFENSIVE_TRAIL": 2}
SYMBOLS = ("AAPL", "MSFT", "IBM", "GOOG", "AMZN", "NVDA", "META", "TSLA", "ORCL", "INTC")
Snapshot = dict[str, Any]
Answer = dict[str, Any]
Reasons = list[tuple[str, str]]


class KillSwitch:
    """`kill_switch` as a desk would write it."""

    def __init__(self) -> None:
        self.latched = {"DAILY_LOSS": False, "DRAWDOWN": False, "POSITION_VALUE": False}
        self.peak: float | None = None
        self.session: str | None = None
        self.tripped = False

    def step(self, snapshot: Snapshot) -> Answer:
        capital, pnl, reset = snapshot["capital"], snapshot["daily_pnl"], snapshot["operator_reset"]
        value, most, session = snapshot["position_value"], snapshot["max_position_value"], snapshot["session"]
        if self.peak is None or session != self.session or pnl > self.peak:
            self.peak = pnl
        self.session = session
        limit, allowed = 5 / 100 * capital, 2 / 100 * capital
        drawdown = self.peak - pnl
        hit = {
            "DAILY_LOSS": pnl <= -limit,
            "DRAWDOWN": self.peak > 0.5 / 100 * capital and drawdown >= allowed,
            "POSITION_VALUE": value > most,
        }
        latched = self.latched = {cause: hit[cause] or (self.latched[cause] and not reset) for cause in hit}
        trips = [cause for cause in latched if latched[cause]]
        reasons: Reasons = []
        if latched["DAILY_LOSS"]:
            text = f"reached {limit:.2f} usd ({5:.2f} % of capital); PnL is {pnl:.2f} usd"
            reasons.append(("daily_loss", f"The day's loss {text}, {RESET}"))
        if latched["DRAWDOWN"]:
            text = f"reached {allowed:.2f} usd ({2:.2f} % of capital); it is {drawdown:.2f} usd"
            reasons.append(("drawdown_from_peak", f"The drawdown {text}, {RESET}"))
        if latched["POSITION_VALUE"]:
            text = f"more than allowed; it is {value:.2f} usd of {most:.2f} usd"
            reasons.append(("position_too_large", f"A position was worth {text}, {RESET}"))
        if reset and True in hit.values():
            reasons.append(("reset_refused", "The cause still holds, and the reset does not clear it"))
        if reset and self.tripped and not trips:
            reasons.append(("reset_done", "An operator has reset the switch"))
        tripped = bool(trips)
        if tripped:
            reasons.append(("cancel_all", "The kill switch is tripped"))
        elif self.tripped and not reset:
            raise RuntimeError("a trip was cleared by nobody")
        elif True in hit.values():
            raise RuntimeError("a cause did not trip")
        self.tripped = tripped
        outputs = {"tripped": tripped, "allow_quoting": not tripped, "trips": trips}
        return {"outputs": outputs, "reasons": reasons, "intents": [{"kind": "CANCEL_ALL"}] if tripped else []}


class StandDown:
    """`stand_down` as a desk would write it."""

    def __init__(self) -> None:
        self.pause: Answer | None = None
        self.ends = 0.0

    def step(self, snapshot: Snapshot) -> Answer:
        now, request, by, reasons = snapshot["now"], snapshot.get("request"), snapshot.get("clear_by"), []
        before, ended, wanted = self.pause, self.ends, 0.0
        if by == "OPS":
            if before is not None and now < ended:
                text = f"{before['source']} had asked for until {before['until']}"
                reasons.append(("cleared_early", f"OPS ended the pause that {text}"))
            self.pause = None
        elif by is not None:
            reasons.append(("clear_refused", f"{by} may not end a pause, only OPS may"))
        if request is not None:
            asked = datetime.fromisoformat(request["until"])
            until, wanted = asked.astimezone(UTC).isoformat().replace("+00:00", "Z"), asked.timestamp()
            if self.pause is None or wanted > self.ends:
                self.pause, self.ends = {**request, "until": until}, wanted
            else:
                text = f"A pause until {until} ({request['source']})"
                reasons.append(("request_not_longer", f"{text} is no longer than the one until {self.pause['until']}"))
        pause, active = self.pause, False
        if pause is not None and now < self.ends:
            active = True
            text = f"Standing down until {pause['until']} ({pause['source']}): {pause['reason']}"
            reasons.append(("standing_down", text))
        if before is not None and now < ended and (pause is None or self.ends < ended) and by != "OPS":
            raise RuntimeError("a pause was shortened")
        if now < wanted and not active:
            raise RuntimeError("a pause was asked for and not made")
        return {"outputs": {"active": active, "pause": pause}, "reasons": reasons, "intents": []}


class PolicyStability:
    """`policy_stability` as a desk would write it."""

    def __init__(self) -> None:
        self.policy: Answer | None = None
        self.changed_at = 0.0

    def step(self, snapshot: Snapshot) -> Answer:
        now, new, reasons = snapshot["now"], snapshot["candidate"], []
        held = self.policy
        if held is None:
            held, self.changed_at = new, now
        likeness = similarity(new, held)
        unlike, last_change = likeness < 0.95, self.changed_at
        if unlike and now - last_change >= 60.0:
            policy = new
            text = f"The new policy replaces the one in force: similarity {shown(likeness)} is below {0.95}"
            reasons.append(("replaced", f"{text}, and {60} s have passed"))
        else:
            policy = strictest(new, held)
            if policy != held:
                text = "The new policy is tighter in some part, which does not wait"
                reasons.append(("tightened_at_once", text))
            if policy != new:
                text = "What is looser in the new policy"
                if unlike:
                    until = datetime.fromtimestamp(last_change + 60.0, tz=UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
                    reasons.append(("loosening_waits", f"{text} waits until {until}"))
                else:
                    reasons.append(
                        (
                            "alike",
                            f"{text} is not worth a change: similarity {shown(likeness)} is not below {0.95}",
                        )
                    )
        changed = policy != held
        if changed:
            self.changed_at = now
        self.policy = policy
        outputs = {"policy": policy, "similarity_to_last": likeness, "changed": changed}
        return {"outputs": outputs, "reasons": reasons, "intents": []}


def similarity(new: Answer, held: Answer) -> float:
    """One without the weights of what differs, added in the order of the pack."""
    apart = 0.0
    if new["allow_new_trades"] != held["allow_new_trades"]:
        apart += 0.42
    if new["risk_profile"] != held["risk_profile"]:
        apart += 0.30
    if new["entry_mode"] != held["entry_mode"]:
        apart += 0.06
    if new["exit_mode"] != held["exit_mode"]:
        apart += 0.06
    lists = ("allowed_symbols", "disallowed_symbols")
    if any(set(new[each]) != set(held[each]) for each in lists):
        apart += 0.06
    most = max(new["max_risk_pct"], held["max_risk_pct"])
    if most:
        apart += 0.08 * (abs(new["max_risk_pct"] - held["max_risk_pct"]) / most)
    apart += 0.02 * abs(new["min_confidence"] - held["min_confidence"])
    likeness: float = min(max(1 - apart, 0.0), 1.0)
    return likeness


def strictest(new: Answer, held: Answer) -> Answer:
    """The tighter of each part."""
    blocked = held["disallowed_symbols"]
    return {
        "allow_new_trades": new["allow_new_trades"] and held["allow_new_trades"],
        "risk_profile": max(new["risk_profile"], held["risk_profile"], key=PROFILES.__getitem__),
        "max_risk_pct": min(new["max_risk_pct"], held["max_risk_pct"]),
        "min_confidence": max(new["min_confidence"], held["min_confidence"]),
        "entry_mode": max(held["entry_mode"], new["entry_mode"], key=ENTRIES.__getitem__),
        "exit_mode": max(held["exit_mode"], new["exit_mode"], key=EXITS.__getitem__),
        "allowed_symbols": [each for each in held["allowed_symbols"] if each in new["allowed_symbols"]],
        "disallowed_symbols": blocked + [each for each in new["disallowed_symbols"] if each not in blocked],
    }


def shown(value: float) -> str:
    return f"{value:.4f}".rstrip("0").rstrip(".")


def days(seed: int) -> list[Snapshot]:
    """What a kill switch sees: now and then the day loses too much, and an operator resets."""
    draw, found, pnl = random.Random(seed), [], 0.0
    for number in range(COUNT):
        pnl = 0.0 if number % 96 == 0 else round(pnl + draw.gauss(0, 5000), -2) + 0.0
        found.append(
            {
                "now": float(MIDNIGHT + 120 * number),
                "capital": 1.0e6,
                "daily_pnl": pnl,
                "session": f"day {number // 96}",
                "position_value": round(draw.uniform(0, 1.0e5), 2),
                "max_position_value": 99_500.0,
                "operator_reset": number % 40 == 39,
            }
        )
    return found


def pauses(seed: int) -> list[Snapshot]:
    """Somebody pauses the book for some minutes in every hour or so, and asks for its end now and then."""
    draw, found = random.Random(seed), []
    for number in range(COUNT):
        now = MIDNIGHT + 60 * number
        each: Snapshot = {"now": float(now)}
        if draw.random() < 0.03:
            zone = timezone(timedelta(hours=draw.choice((0, 1, -5))))
            until = datetime.fromtimestamp(now + 60 * draw.randrange(5, 40), tz=zone).isoformat()
            source = draw.choice(("JUDGE", "OPS", "RISK_ENGINE"))
            each["request"] = {"until": until, "reason": f"Stop {number}", "source": source}
        if draw.random() < 0.02:
            each["clear_by"] = draw.choice(("JUDGE", "OPS"))
        found.append(each)
    return found


def policies(seed: int) -> list[Snapshot]:
    """What an orchestrator decides every ten seconds: as a rule what it decided before, with another risk."""
    draw, found = random.Random(seed), []
    names: Snapshot = {}
    for number in range(COUNT):
        if number % 20 == 0:
            allowed = [each for each in SYMBOLS if draw.random() < 0.8]
            names = {
                "allow_new_trades": draw.random() < 0.8,
                "risk_profile": draw.choice(("NORMAL", "NORMAL", "REDUCED", "NO_NEW_TRADES")),
                "entry_mode": draw.choice(("NORMAL", "AGGRESSIVE", "DEFENSIVE")),
                "exit_mode": draw.choice(("TREND_FOLLOW", "FAST_TP", "DEFENSIVE_TRAIL")),
                "allowed_symbols": allowed,
                "disallowed_symbols": [each for each in SYMBOLS if each not in allowed],
            }
        risk = {"max_risk_pct": draw.choice((0.0, 0.3, 0.7, 1.0)), "min_confidence": round(draw.uniform(0.5, 0.6), 2)}
        lists = {name: list(names[name]) for name in ("allowed_symbols", "disallowed_symbols")}
        found.append({"now": float(MIDNIGHT + 10 * number), "candidate": {**names, **risk, **lists}})
    return found


CASES: tuple[tuple[str, type[Any], Callable[[int], list[Snapshot]]], ...] = (
    ("kill_switch", KillSwitch, days),
    ("stand_down", StandDown, pauses),
    ("policy_stability", PolicyStability, policies),
)


def check_equal(name: str, policy: flyball.Policy, by_hand: type[Any], snapshots: list[Snapshot]) -> None:
    """Raises SystemExit where an answer differs, or where some rule never fires."""
    rounds.check_equal(policy.session().step, by_hand().step, snapshots)
    session = policy.session()
    fired = {rule for each in snapshots for rule in session.step(each).fired}
    silent = {*policy.pack.rules} - fired - {"inputs_failed"}  # what no snapshot here can be: one that has a fault
    if silent:
        raise SystemExit(f"{name}: nothing is compared of {', '.join(sorted(silent))}")


def report(turns: int) -> None:
    for name, by_hand, feed in CASES:
        policy = flyball.load(f"{name}@1", environment=False)
        check_equal(name, policy, by_hand, feed(-1))

        def ours(policy: flyball.Policy = policy) -> rounds.Decide:
            return policy.session().step

        def theirs(by_hand: type[Any] = by_hand) -> rounds.Decide:
            step: rounds.Decide = by_hand().step
            return step

        rounds.compare(f"a step of {name}", ours, theirs, feed, turns, drift.STEP_LIMITS)


if __name__ == "__main__":
    report(rounds.asked(__doc__))
