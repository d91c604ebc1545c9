"""The orchestrator as a desk would write it by hand: tight, f-string reasons, no validation.

It is what the benchmarks compare with, and holds its numbers as such code does: in the code.
"""

from __future__ import annotations

from typing import Any

HELD = "A hard stop holds, so that regime, losing streak, costs and ensemble change nothing"


def decide(snapshot: dict[str, Any]) -> dict[str, Any]:
    """Outputs of the orchestrator pack at its default parameters, and each reason as rule, severity and text."""
    allow = True
    profile, risk, confidence, entry, leave = "NORMAL", 1.0, 0.5, "NORMAL", "TREND_FOLLOW"
    reasons = []
    risk_state = snapshot["risk"]
    volatility = snapshot["volatility"]
    pnl = risk_state["daily_pnl_pct"]
    stopped = False
    if pnl <= -3.0:
        stopped = True
        reasons.append(("daily_drawdown", "block", f"Daily PnL {pnl:.2f} % is at or below the limit of {-3.0:.2f} %"))
    if volatility == "EXTREME":
        stopped = True
        reasons.append(("extreme_volatility", "block", "Volatility is extreme"))
    if stopped:
        allow = False
        profile = "NO_NEW_TRADES"
        reasons.append(("modifiers", "info", HELD))
    else:
        # The additions go in the order of their names, as in the pack, so that the sums are equal to the last bit.
        costs = snapshot.get("costs")
        if costs is not None and (costs["spread"] == "HIGH" or costs["slippage"] == "HIGH"):
            entry = "DEFENSIVE"
            confidence += 0.03
            text = f"Trading is costly: spread {costs['spread']}, slippage {costs['slippage']}"
            reasons.append(("costly_market", "warning", text))
        streak = risk_state["losing_streak"]
        if streak >= 5:
            risk *= 0.3
            confidence += 0.05
            entry = "DEFENSIVE"
            profile = "REDUCED"
            reasons.append(("losing_streak", "warning", f"{streak} losses in a row, the limit is {5}"))
        if snapshot["regime"] == "TRENDING":
            if volatility == "HIGH":
                profile = "REDUCED"
                risk *= 0.5
                confidence += 0.03
                reasons.append(("regime.trending_high", "warning", "The market trends, but volatility is high"))
            else:
                if entry == "NORMAL":
                    entry = "AGGRESSIVE"
                confidence -= 0.03
                reasons.append(("regime.trending", "info", f"The market trends in {volatility} volatility"))
        elif volatility == "HIGH":
            entry = "DEFENSIVE"
            leave = "FAST_TP"
            profile = "REDUCED"
            risk *= 0.35
            confidence += 0.08
            reasons.append(("regime.ranging_high", "warning", "The market ranges and volatility is high"))
        else:
            entry = "DEFENSIVE"
            leave = "FAST_TP"
            risk *= 0.7
            confidence += 0.05
            reasons.append(("regime.ranging", "info", f"The market ranges in {volatility} volatility"))
        quality = snapshot.get("ensemble_quality")
        if quality is not None and quality < 0.4:
            confidence += 0.05
            reasons.append(("weak_ensemble", "warning", f"Ensemble quality {quality:.4g} is below {0.4}"))
    if risk_state["open_positions"] >= 8:
        allow = False
        text = f"{risk_state['open_positions']} positions are open, the limit is {8}"
        reasons.append(("too_many_positions", "block", text))
    if risk_state["exposure_pct"] >= 15.0:
        allow = False
        text = f"Exposure {risk_state['exposure_pct']:.2f} % is at or above the limit of {15.0:.2f} %"
        reasons.append(("too_much_exposure", "block", text))
    if confidence < 0.0:
        confidence = 0.0
    elif confidence > 1.0:
        confidence = 1.0
    allowed = []
    disallowed = []
    for item in snapshot["symbols"]:
        if item["tag"] == "BAD":
            symbol = item["symbol"]
            disallowed.append(symbol)
            reasons.append(("bad_symbol", "warning", f"{symbol} performs badly and is not traded"))
        else:
            allowed.append(item["symbol"])
    return {
        "allow_new_trades": allow,
        "risk_profile": profile,
        "max_risk_pct": risk,
        "min_confidence": confidence,
        "entry_mode": entry,
        "exit_mode": leave,
        "allowed_symbols": allowed,
        "disallowed_symbols": disallowed,
        "reasons": reasons,
    }
