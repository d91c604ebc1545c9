"""A step of the policies `orchestrator` and `orchestrator_levels` against classes written by hand.

Both answer the same runs of snapshots, some seconds apart, and the answers are compared first: outputs to the last bit,
and reasons. The classes do not validate, and write their reasons out.

    python benchmarks/orchestrator.py [--rounds 21]
"""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from typing import Any

import rounds  # type: ignore[import-not-found]  # stands beside this script

import flyball

STEPS = 500
SYMBOLS = ("AAPL", "MSFT", "IBM", "GOOG", "AMZN", "NVDA", "META", "TSLA", "ORCL", "INTC")
INTERVAL = timedelta(seconds=60)
SEVERITY = {"NORMAL": 0, "REDUCED": 1, "NO_NEW_TRADES": 2}
ENTRY_CAUTION = {"AGGRESSIVE": 0, "NORMAL": 1, "DEFENSIVE": 2}
EXIT_CAUTION = {"TREND_FOLLOW": 0, "FAST_TP": 1, "DEFENSIVE_TRAIL": 2}
HELD = "A hard stop holds, so that regime, losing streak, costs and ensemble change nothing"
TIGHTER = "The new policy is tighter in some part, which does not wait"
Snapshot = dict[str, Any]
Answer = dict[str, Any]
Reasons = list[tuple[str, str]]
Seen = tuple[
    bool, str, str, str, list[str], list[str]
]  # trending, volatility, costs, symbols to trade and not to trade


class Orchestrator:
    """`orchestrator` as a desk would write it, with the limits of its packs."""

    def __init__(self) -> None:
        self.held: Answer | None = None
        self.changed_at = datetime.min

    def step(self, snapshot: Snapshot) -> Answer:
        reasons: Reasons = []
        wanted, now = self.wanted(snapshot, reasons), datetime.fromisoformat(snapshot["now"])
        held = self.held
        kept = wanted if held is None else held if wanted == held else self.kept(wanted, held, now, reasons)
        changed = held is not None and kept != held
        if changed or held is None:
            self.held, self.changed_at = kept, now
        return {"outputs": {**kept, "changed": changed}, "reasons": reasons, "intents": []}

    def kept(self, wanted: Answer, held: Answer, now: datetime, reasons: Reasons) -> Answer:
        """The new policy, or the tighter of each part."""
        similarity = likeness(wanted, held)
        if similarity < 0.95 and now - self.changed_at >= INTERVAL:
            text = f"similarity {similarity:.4g} is below {0.95}, and {60} s have passed"
            reasons.append(("stability.replaced", f"The new policy replaces the one in force: {text}"))
            return wanted
        kept = strictest(wanted, held)
        if kept != held:
            reasons.append(("stability.tightened_at_once", TIGHTER))
        if wanted != kept and similarity < 0.95:
            until = f"{self.changed_at + INTERVAL:%Y-%m-%dT%H:%M:%SZ}"
            reasons.append(("stability.loosening_waits", f"What is looser in the new policy waits until {until}"))
        elif wanted != kept:
            text = f"similarity {similarity:.4g} is not below {0.95}"
            reasons.append(("stability.alike", f"What is looser in the new policy is not worth a change: {text}"))
        return kept

    def seen(self, snapshot: Snapshot, reasons: Reasons) -> Seen:
        book, costs = snapshot["book"], snapshot.get("costs")
        moves, down, trend = book["realized_vol"], book["drawdown_pct"], book["trend_pct"]
        trending = abs(trend) >= 5.0
        if trending:
            text = f"The index is {trend:.2f} % away from its mean, {5.0:.2f} % make a trend"
            reasons.append(("market.trending", text))
        volatility = "LOW"
        if moves >= 0.6:
            volatility = "EXTREME"
            reasons.append(("market.volatility_band.extreme", f"Volatility {moves:.4g} is at or above {0.6}"))
        elif moves >= 0.35:
            volatility = "HIGH"
            reasons.append(("market.volatility_band.high", f"Volatility {moves:.4g} is from {0.35} to below {0.6}"))
        elif moves >= 0.15:
            volatility = "NORMAL"
            reasons.append(("market.volatility_band.normal", f"Volatility {moves:.4g} is from {0.15} to below {0.35}"))
        if down >= 40.0:
            volatility = "EXTREME" if volatility == "EXTREME" else "HIGH"
            text = f"The index is {down:.2f} % below its peak, volatility counts as HIGH from {40.0:.2f} %"
            reasons.append(("market.deep_drawdown", text))
        spread = slippage = "NORMAL"
        if costs is not None:
            if costs["spread_bps"] > 10.0:
                spread = "HIGH"
                text = f"The spread of {costs['spread_bps']:.1f} bps is above {10.0:.1f} bps"
                reasons.append(("market.wide_spread", text))
            if costs["slippage_bps"] > 8.0:
                slippage = "HIGH"
                text = f"Slippage of {costs['slippage_bps']:.1f} bps is above {8.0:.1f} bps"
                reasons.append(("market.heavy_slippage", text))
        return trending, volatility, spread, slippage, *sort_symbols(snapshot["symbols"], reasons)

    def wanted(self, snapshot: Snapshot, reasons: Reasons) -> Answer:
        trending, volatility, spread, slippage, allowed, disallowed = self.seen(snapshot, reasons)
        state = snapshot["risk"]
        allow, profile, risk, confidence, entry, leave = True, "NORMAL", 1.0, 0.5, "NORMAL", "TREND_FOLLOW"
        stopped = False
        pnl = state["daily_pnl_pct"]
        if pnl <= -3.0:
            stopped = True
            text = f"Daily PnL {pnl:.2f} % is at or below the limit of {-3.0:.2f} %"
            reasons.append(("orchestrator.daily_drawdown", text))
        if volatility == "EXTREME":
            stopped = True
            reasons.append(("orchestrator.extreme_volatility", "Volatility is extreme"))
        if stopped:
            allow, profile = False, "NO_NEW_TRADES"
            reasons.append(("orchestrator.modifiers", HELD))
        else:
            # The additions go in the order of their names, as in the pack, so that the sums are equal to the last bit.
            if spread == "HIGH" or slippage == "HIGH":
                entry = "DEFENSIVE"
                confidence += 0.03
                text = f"Trading is costly: spread {spread}, slippage {slippage}"
                reasons.append(("orchestrator.costly_market", text))
            streak = state["losing_streak"]
            if streak >= 5:
                entry, profile = "DEFENSIVE", "REDUCED"
                risk *= 0.3
                confidence += 0.05
                reasons.append(("orchestrator.losing_streak", f"{streak} losses in a row, the limit is {5}"))
            if trending and volatility == "HIGH":
                profile = "REDUCED"
                risk *= 0.5
                confidence += 0.03
                reasons.append(("orchestrator.regime.trending_high", "The market trends, but volatility is high"))
            elif trending:
                entry = "AGGRESSIVE" if entry == "NORMAL" else entry
                confidence -= 0.03
                reasons.append(("orchestrator.regime.trending", f"The market trends in {volatility} volatility"))
            elif volatility == "HIGH":
                entry, leave, profile = "DEFENSIVE", "FAST_TP", "REDUCED"
                risk *= 0.35
                confidence += 0.08
                reasons.append(("orchestrator.regime.ranging_high", "The market ranges and volatility is high"))
            else:
                entry, leave = "DEFENSIVE", "FAST_TP"
                risk *= 0.7
                confidence += 0.05
                reasons.append(("orchestrator.regime.ranging", f"The market ranges in {volatility} volatility"))
            quality = snapshot.get("ensemble_quality")
            if quality is not None and quality < 0.4:
                confidence += 0.05
                reasons.append(("orchestrator.weak_ensemble", f"Ensemble quality {quality:.4g} is below {0.4}"))
        if state["open_positions"] >= 8:
            allow = False
            text = f"{state['open_positions']} positions are open, the limit is {8}"
            reasons.append(("orchestrator.too_many_positions", text))
        if state["exposure_pct"] >= 15.0:
            allow = False
            text = f"Exposure {state['exposure_pct']:.2f} % is at or above the limit of {15.0:.2f} %"
            reasons.append(("orchestrator.too_much_exposure", text))
        reasons += [("orchestrator.bad_symbol", f"{each} performs badly and is not traded") for each in disallowed]
        return {
            "allow_new_trades": allow,
            "risk_profile": profile,
            "max_risk_pct": risk,
            "min_confidence": min(max(confidence, 0.0), 1.0),
            "entry_mode": entry,
            "exit_mode": leave,
            "allowed_symbols": allowed,
            "disallowed_symbols": disallowed,
        }


class Levels(Orchestrator):
    """`orchestrator_levels`: the caller has named what the figures mean."""

    def seen(self, snapshot: Snapshot, reasons: Reasons) -> Seen:  # noqa: ARG002  names tell nothing
        costs, symbols = snapshot["costs"], snapshot["symbols"]
        allowed = [each["symbol"] for each in symbols if each["tag"] != "BAD"]
        disallowed = [each["symbol"] for each in symbols if each["tag"] == "BAD"]
        trending = snapshot["regime"] == "TRENDING"
        return trending, snapshot["volatility"], costs["spread"], costs["slippage"], allowed, disallowed


def sort_symbols(symbols: list[Answer], reasons: Reasons) -> tuple[list[str], list[str]]:
    """Those that may be traded, and those that may not, in the order in which the packs list them."""
    good, neutral, small, seldom = [], [], [], []
    for each in symbols:
        name, wins, average = each["symbol"], each["win_rate"], each["average_r"]
        if wins < 0.35:
            seldom.append(name)
            text = f"{name} is BAD: its win rate {wins:.4g} is below {0.35}"
            reasons.append(("market.performance.low_win_rate", text))
        elif average < 0.5:
            small.append(name)
            text = f"{name} is BAD: its average R {average:.4g} is below {0.5}"
            reasons.append(("market.performance.low_average_r", text))
        elif wins > 0.55 and average > 1.2:
            good.append(name)
            text = (
                f"{name} is GOOD, its win rate {wins:.4g} is above {0.55} and its average R {average:.4g} above {1.2}"
            )
            reasons.append(("market.performance.good", text))
        else:
            neutral.append(name)
            text = f"{name} is NEUTRAL: win rate {wins:.4g}, average R {average:.4g}"
            reasons.append(("market.performance.neutral", text))
    return good + neutral, small + seldom


def likeness(wanted: Answer, held: Answer) -> float:
    apart = 0.0 if wanted["allow_new_trades"] == held["allow_new_trades"] else 0.42
    apart += 0.0 if wanted["risk_profile"] == held["risk_profile"] else 0.30
    apart += 0.0 if wanted["entry_mode"] == held["entry_mode"] else 0.06
    apart += 0.0 if wanted["exit_mode"] == held["exit_mode"] else 0.06
    same = set(wanted["allowed_symbols"]) == set(held["allowed_symbols"])
    same = same and set(wanted["disallowed_symbols"]) == set(held["disallowed_symbols"])
    apart += 0.0 if same else 0.06
    most = max(wanted["max_risk_pct"], held["max_risk_pct"])
    apart += 0.08 * (abs(wanted["max_risk_pct"] - held["max_risk_pct"]) / most if most else 0.0)
    apart += 0.02 * abs(wanted["min_confidence"] - held["min_confidence"])
    return float(min(max(1 - apart, 0.0), 1.0))


def strictest(wanted: Answer, held: Answer) -> Answer:
    entry, leave = wanted["entry_mode"], wanted["exit_mode"]
    profile, blocked = wanted["risk_profile"], held["disallowed_symbols"]
    return {
        "allow_new_trades": wanted["allow_new_trades"] and held["allow_new_trades"],
        "risk_profile": profile if SEVERITY[profile] > SEVERITY[held["risk_profile"]] else held["risk_profile"],
        "max_risk_pct": min(wanted["max_risk_pct"], held["max_risk_pct"]),
        "min_confidence": max(wanted["min_confidence"], held["min_confidence"]),
        "entry_mode": entry if ENTRY_CAUTION[entry] > ENTRY_CAUTION[held["entry_mode"]] else held["entry_mode"],
        "exit_mode": leave if EXIT_CAUTION[leave] > EXIT_CAUTION[held["exit_mode"]] else held["exit_mode"],
        "allowed_symbols": [each for each in held["allowed_symbols"] if each in wanted["allowed_symbols"]],
        "disallowed_symbols": blocked + [each for each in wanted["disallowed_symbols"] if each not in blocked],
    }


def account(seed: int) -> list[Snapshot]:
    """Decisions of one account, some seconds apart, over a market that calms down and gets wild again."""
    draw, now = random.Random(seed), datetime.fromisoformat("2026-01-05T15:00:00+00:00")
    moves, trend, streak, taken = 0.2, 0.0, 0, []
    figures = {symbol: (draw.uniform(0.4, 0.65), draw.uniform(0.6, 1.5)) for symbol in SYMBOLS}
    for _ in range(STEPS):
        now += timedelta(seconds=draw.choice([5, 10, 20, 40]))
        moves = min(max(moves + draw.gauss(0, 0.04), 0.05), 0.65)
        trend = min(max(trend + draw.gauss(0, 0.4), -9), 9)
        streak = draw.choice([0, streak, streak + 1]) if streak < 8 else 0
        figures[draw.choice(SYMBOLS)] = (draw.uniform(0.3, 0.65), draw.uniform(0.4, 1.5))
        taken.append({
            "now": now.isoformat().replace("+00:00", "Z"),
            "book": {
                "trend_pct": round(trend, 2), "realized_vol": round(moves, 3),
                "drawdown_pct": round(draw.uniform(0, 42), 2),
            },
            "risk": {
                "daily_pnl_pct": round(draw.gauss(0, 1.3), 2), "losing_streak": streak,
                "open_positions": draw.randrange(9), "exposure_pct": round(draw.uniform(0, 15.5), 2),
            },
            "symbols": [
                {"symbol": symbol, "win_rate": round(wins, 3), "average_r": round(average, 2)}
                for symbol, (wins, average) in figures.items()
            ],
            "costs": {"spread_bps": round(draw.uniform(1, 11), 1), "slippage_bps": round(draw.uniform(0, 8.5), 1)},
            "ensemble_quality": round(draw.uniform(0.35, 0.9), 3),
        })  # fmt: skip
    return taken


def named(seed: int) -> list[Snapshot]:
    """The same account, by what its figures are called."""
    taken = []
    for each in account(seed):
        trending, volatility, spread, slippage, _, bad = Orchestrator().seen(each, [])
        symbols = [symbol["symbol"] for symbol in each["symbols"]]
        taken.append({
            "now": each["now"], "risk": each["risk"], "ensemble_quality": each["ensemble_quality"],
            "regime": "TRENDING" if trending else "RANGING", "volatility": volatility,
            "costs": {"spread": spread, "slippage": slippage},
            "symbols": [{"symbol": symbol, "tag": "BAD" if symbol in bad else "NEUTRAL"} for symbol in symbols],
        })  # fmt: skip
    return taken


def check_equal(policy: flyball.Policy, snapshots: list[Snapshot]) -> None:
    by_hand = Orchestrator() if policy.pack.name == "orchestrator" else Levels()
    rounds.check_equal(policy.session().step, by_hand.step, snapshots)


def main() -> None:
    count = rounds.asked(__doc__)
    for name, by_hand, taken in (("orchestrator", Orchestrator, account), ("orchestrator_levels", Levels, named)):
        policy = flyball.load(name, environment=False)
        check_equal(policy, taken(-1))
        session = policy.session
        rounds.compare(f"a step of {name}", lambda: session().step, lambda: by_hand().step, taken, count)  # noqa: B023


if __name__ == "__main__":
    main()
