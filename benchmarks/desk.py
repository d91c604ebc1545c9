"""A step of a policy of six packs against a class written by hand, the reading of its intents included.

The packs are shipped ones, and the policy, `desk.yaml`, lets five of them veto what the sixth asks for. Both answer the
same snapshots, and the answers are compared first: outputs to the last bit, reasons, intents kept and dropped. The
class does not validate, and writes its reasons out.

    python benchmarks/desk.py [--rounds 21]
"""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import drift  # type: ignore[import-not-found]  # stands beside this script
import guards  # type: ignore[import-not-found]  # as above
import rounds  # type: ignore[import-not-found]  # as above
import stateful_packs  # type: ignore[import-not-found]  # as above

import flyball

POLICY = Path(__file__).with_suffix(".yaml")
LIMITS = (2.0, 3.0)
STEP = 120
Snapshot = dict[str, Any]
Answer = dict[str, Any]
Reasons = list[tuple[str, str]]


class Desk:
    """The policy as a desk would write it, with the limits of its packs."""

    def __init__(self) -> None:
        self.drift = drift.BandDrift()
        self.swing = stateful_packs.SwingGovernor()
        self.kill = guards.KillSwitch()
        self.pause = guards.StandDown()

    def step(self, snapshot: Snapshot) -> Answer:
        reasons: Reasons = []
        accepted, room = losses(snapshot, reasons)
        market = state_of_market(snapshot, reasons)
        kill, pause = self.kill.step(snapshot), self.pause.step(snapshot)
        swing, orders = self.swing.step(snapshot), self.drift.step(snapshot)
        outputs = {
            **orders["outputs"],
            **swing["outputs"],
            **market,
            **kill["outputs"],
            **pause["outputs"],
            "losses_accepted": accepted,
            "leverage_room": room,
        }
        tripped, paused = kill["outputs"]["tripped"], pause["outputs"]["active"]
        kept, dropped = kill["intents"], []
        for order in orders["intents"]:
            name = f"drift.{order['kind'][3:].lower()}"
            rule = None
            if name.endswith("increase"):
                rule = vetoed(tripped, accepted, paused, market["volatility"], swing["outputs"]["quoting"])
            if rule is None:
                kept.append(order)
            else:
                dropped.append((name, f"arbitration.{rule}", f"{VETOES[rule]}, and {name} would raise exposure"))
        told = {"kill": kill, "pause": pause, "swing": swing, "drift": orders}
        return {"outputs": outputs, "reasons": (reasons, told), "intents": kept, "dropped": dropped}


def losses(snapshot: Snapshot, reasons: Reasons) -> tuple[bool, float]:
    """`loss_limits`: whether losses and leverage are accepted, and what leverage leaves."""
    equity, leverage, weekly = snapshot["equity"], snapshot["leverage"], snapshot["weekly_pnl"]
    daily, accepted = snapshot["daily_pnl"] / snapshot["capital"] * 100, True
    if daily <= -2.0:
        accepted = False
        reasons.append(("losses.daily_loss", f"The day's PnL of {daily:.2f} % is at or below {-2:.2f} %"))
    if weekly <= -5.0:
        accepted = False
        reasons.append(("losses.weekly_loss", f"The week's PnL of {weekly:.2f} % is at or below {-5:.2f} %"))
    if leverage > 2.0:
        accepted = False
        text = f"The trade would lever the account {f'{leverage:.3f}'.rstrip('0')} times, more than {2}"
        reasons.append(("losses.too_much_leverage", text))
    return accepted, max((2.0 - leverage) * equity, 0)


def state_of_market(snapshot: Snapshot, reasons: Reasons) -> Answer:
    """`market_state`, of the book alone."""
    book = snapshot["book"]
    trend, vol, drawdown = book["trend_pct"], book["realized_vol"], book["drawdown_pct"]
    regime, volatility = "RANGING", "LOW"
    if abs(trend) >= 5.0:
        regime = "TRENDING"
        text = f"The index is {trend:.2f} % away from its mean, {5:.2f} % make a trend"
        reasons.append(("market.trending", text))
    if vol >= 0.6:
        volatility = "EXTREME"
        reasons.append(("market.volatility_band.extreme", f"Volatility {shown(vol)} is at or above {0.6}"))
    elif vol >= 0.15:
        volatility, low, high = ("NORMAL", 0.15, 0.35) if vol < 0.35 else ("HIGH", 0.35, 0.6)
        text = f"Volatility {shown(vol)} is from {low} to below {high}"
        reasons.append((f"market.volatility_band.{volatility.lower()}", text))
    if drawdown >= 40.0:
        volatility = "HIGH" if volatility in ("LOW", "NORMAL") else volatility
        text = f"The index is {drawdown:.2f} % below its peak, volatility counts as HIGH from {40:.2f} %"
        reasons.append(("market.deep_drawdown", text))
    return {"regime": regime, "volatility": volatility, "spread": None, "slippage": None, "tags": []}


def shown(value: float) -> str:
    return f"{value:.4f}".rstrip("0").rstrip(".")


def vetoed(tripped: bool, accepted: bool, paused: bool, volatility: str, quoting: str) -> str | None:
    """The first veto that holds of what raises exposure."""
    if tripped:
        return "killed"
    if not accepted:
        return "losing"
    if paused:
        return "paused"
    if volatility == "EXTREME":
        return "storm"
    return "swinging" if quoting in ("REDUCE_ONLY", "PULL_QUOTES") else None


VETOES = {
    "killed": "The kill switch is tripped", "losing": "A loss limit is reached", "paused": "Trading is paused",
    "storm": "The market storms", "swinging": "The position swings",
}  # fmt: skip


def days(seed: int) -> list[Snapshot]:
    """Two days of one book; now and then somebody pauses it, or it loses too much and is reset."""
    draw, found, held, pnl = random.Random(seed), list[Snapshot](drift.books(seed)), 0.0, 0.0
    for number, each in enumerate(found):
        now = drift.MIDNIGHT + STEP * number
        held = round(held * 0.5 + draw.gauss(0, 6), 1)
        pnl = 0.0 if number % 96 == 0 else round(pnl + draw.gauss(0, 1500), -2) + 0.0
        each |= {
            "now": float(now),
            "capital": 1.0e6,
            "daily_pnl": pnl,
            "weekly_pnl": round(draw.gauss(-2, 2), 2),
            "leverage": round(draw.uniform(0.5, 2.05), 2),
            "session": f"day {number // 96}",
            "position_value": round(draw.uniform(0, 1.0e5), 2),
            "max_position_value": 99_500.0,
            "operator_reset": number % 40 == 39,
            "position": held,
            "max_position": 9.5,
            "book": {
                "trend_pct": round(draw.gauss(0, 4), 2),
                "realized_vol": round(abs(draw.gauss(0.3, 0.25)), 4),
                "drawdown_pct": round(draw.uniform(0, 42), 2),
            },
            "symbols": [],
        }
        if number % 50 == 20:
            until = datetime.fromtimestamp(now + 1_200, tz=UTC).isoformat().replace("+00:00", "Z")
            each["request"] = {"until": until, "reason": "Three stops in a row", "source": "JUDGE"}
        if number % 100 == 22:
            each["clear_by"] = "OPS"
    return found


def check_equal(policy: flyball.Policy, snapshots: list[Snapshot]) -> None:
    """Raises SystemExit where an answer differs, or where hardly anything is kept, or dropped."""
    rounds.check_equal(policy.session().step, answering(Desk()), snapshots)
    session, desk, kept, dropped = policy.session(), Desk(), 0, 0
    for each in snapshots:
        decision, answer = session.step(each), desk.step(each)
        found = [(one.intent.id, one.rule, one.reason) for one in decision.dropped_intents]
        if found != answer["dropped"]:
            raise SystemExit(f"dropped intents differ on {each}:\n  {found}\n  {answer['dropped']}")
        kept, dropped = kept + bool(answer["intents"]), dropped + bool(found)
    if min(kept, dropped) < len(snapshots) / 40:
        raise SystemExit(f"{kept} and {dropped} of {len(snapshots)} have intents kept and dropped: little is compared")


def answering(desk: Desk) -> Callable[[Snapshot], Answer]:
    """The answers with the reasons of all packs in one list."""

    def step(snapshot: Snapshot) -> Answer:
        answer = desk.step(snapshot)
        mine, others = answer.pop("reasons")
        answer.pop("dropped")
        told = [(f"{name}.{rule}", text) for name, each in others.items() for rule, text in each["reasons"]]
        return {**answer, "reasons": [*mine, *told]}

    return step


def read(session: flyball.Session) -> rounds.Decide:
    """Steps whose intents somebody reads, as who sends them does."""

    def step(snapshot: Snapshot) -> Any:
        decision = session.step(snapshot)
        return decision, [dict(each.emit) for each in decision.intents]

    return step


def report(turns: int) -> None:
    policy = flyball.load(POLICY, environment=False)
    check_equal(policy, days(-1))
    rounds.compare(
        "a step of six packs, intents read",
        lambda: read(policy.session()),
        lambda: Desk().step,
        days,
        turns,
        LIMITS,
    )


if __name__ == "__main__":
    report(rounds.asked(__doc__))
