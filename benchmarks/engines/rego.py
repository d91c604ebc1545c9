"""Rego (regopy, which is rego-cpp): a module compiled to a bundle."""

from __future__ import annotations

import json

import regopy  # type: ignore[import-not-found]

from .common import Answer, Decide, Drawdown, Engine, Snapshot, same

WHEN = "input.risk.daily_pnl_pct <= -3.0"
MODULE = """
package orchestrator

hard contains "daily_drawdown" if { DRAWDOWN }
hard contains "extreme_volatility" if { input.volatility == "EXTREME" }

limit contains "too_many_positions" if { input.risk.open_positions >= 8 }
limit contains "too_much_exposure" if { input.risk.exposure_pct >= 15.0 }

costly if { input.costs.spread == "HIGH" }
costly if { input.costs.slippage == "HIGH" }
calm if { input.volatility in {"LOW", "NORMAL"} }

modifier contains "costly_market" if { count(hard) == 0; costly }
modifier contains "losing_streak" if { count(hard) == 0; input.risk.losing_streak >= 5 }
modifier contains "weak_ensemble" if { count(hard) == 0; input.ensemble_quality < 0.4 }
modifier contains "regime.trending" if { count(hard) == 0; input.regime == "TRENDING"; calm }
modifier contains "regime.trending_high" if {
    count(hard) == 0; input.regime == "TRENDING"; input.volatility == "HIGH"
}
modifier contains "regime.ranging" if { count(hard) == 0; input.regime == "RANGING"; calm }
modifier contains "regime.ranging_high" if {
    count(hard) == 0; input.regime == "RANGING"; input.volatility == "HIGH"
}

scale := {"losing_streak": 0.3, "regime.trending_high": 0.5, "regime.ranging": 0.7, "regime.ranging_high": 0.35}
added := {
    "costly_market": 0.03, "losing_streak": 0.05, "weak_ensemble": 0.05,
    "regime.trending": -0.03, "regime.trending_high": 0.03, "regime.ranging": 0.05, "regime.ranging_high": 0.08
}
reducing := {"losing_streak", "regime.trending_high", "regime.ranging_high"}
defending := {"costly_market", "losing_streak", "regime.ranging", "regime.ranging_high"}
ranging := {"regime.ranging", "regime.ranging_high"}

default allow := false
allow if { count(hard) == 0; count(limit) == 0 }

default profile := "NORMAL"
profile := "NO_NEW_TRADES" if { count(hard) > 0 }
profile := "REDUCED" if { count(hard) == 0; count(modifier & reducing) > 0 }

default entry := "NORMAL"
entry := "DEFENSIVE" if { count(modifier & defending) > 0 }
entry := "AGGRESSIVE" if { "regime.trending" in modifier; count(modifier & defending) == 0 }

default leave := "TREND_FOLLOW"
leave := "FAST_TP" if { count(modifier & ranging) > 0 }

decision := {
    "allow_new_trades": allow,
    "risk_profile": profile,
    "max_risk_pct": product([scale[m] | some m in modifier]),
    "min_confidence": min([1, max([0, 0.5 + sum([added[m] | some m in modifier])])]),
    "entry_mode": entry,
    "exit_mode": leave,
    "allowed_symbols": [s.symbol | some s in input.symbols; s.tag != "BAD"],
    "disallowed_symbols": [s.symbol | some s in input.symbols; s.tag == "BAD"],
    "fired": (hard | limit) | modifier
}
"""


def build(drawdown: str) -> Decide:
    compiler = regopy.Interpreter()
    compiler.add_module("orchestrator.rego", MODULE.replace("DRAWDOWN", drawdown))
    bundle = compiler.build("x = data.orchestrator.decision")
    interpreter = regopy.Interpreter()

    def decide(snapshot: Snapshot) -> Answer:
        interpreter.set_input(regopy.Input(snapshot))
        return json.loads(str(interpreter.query_bundle(bundle)))["bindings"]["x"]  # type: ignore[no-any-return]

    return decide


ENGINES = {
    "rego": Engine(
        drawdown=Drawdown(WHEN, WHEN.replace("pnl", "pln"), WHEN.replace("<=", "<= <=")),
        build=build,
        answer=same,
        share=4,
    )
}
