"""The orchestrator in CEL, for both of its implementations. A list of one stands for the `let` that CEL lacks."""

from __future__ import annotations

from .common import Drawdown

WHEN = "s.risk.daily_pnl_pct <= -3.0"
DRAWDOWN = Drawdown(WHEN, WHEN.replace("pnl", "pln"), WHEN.replace("<=", "<= <="))

TEXT = """
[{
  'drawdown': DRAWDOWN,
  'extreme': s.volatility == 'EXTREME',
  'high': s.volatility == 'HIGH',
  'trending': s.regime == 'TRENDING',
  'crowded': s.risk.open_positions >= 8,
  'exposed': s.risk.exposure_pct >= 15.0,
  'streak': s.risk.losing_streak >= 5,
  'costly': has(s.costs) && (s.costs.spread == 'HIGH' || s.costs.slippage == 'HIGH'),
  'weak': has(s.ensemble_quality) && s.ensemble_quality < 0.4
}].map(f, f.drawdown || f.extreme ? {
  'allow_new_trades': false,
  'risk_profile': 'NO_NEW_TRADES',
  'max_risk_pct': 1.0,
  'min_confidence': 0.5,
  'entry_mode': 'NORMAL',
  'exit_mode': 'TREND_FOLLOW',
  'allowed_symbols': s.symbols.filter(x, x.tag != 'BAD').map(x, x.symbol),
  'disallowed_symbols': s.symbols.filter(x, x.tag == 'BAD').map(x, x.symbol),
  'fired': (f.drawdown ? ['daily_drawdown'] : []) + (f.extreme ? ['extreme_volatility'] : [])
    + (f.crowded ? ['too_many_positions'] : []) + (f.exposed ? ['too_much_exposure'] : [])
} : {
  'allow_new_trades': !(f.crowded || f.exposed),
  'risk_profile': f.high || f.streak ? 'REDUCED' : 'NORMAL',
  'max_risk_pct': (f.streak ? 0.3 : 1.0) * (f.trending ? (f.high ? 0.5 : 1.0) : f.high ? 0.35 : 0.7),
  'min_confidence': 0.5 + (f.costly ? 0.03 : 0.0) + (f.streak ? 0.05 : 0.0) + (f.weak ? 0.05 : 0.0)
    + (f.trending ? (f.high ? 0.03 : -0.03) : f.high ? 0.08 : 0.05),
  'entry_mode': f.costly || f.streak || !f.trending ? 'DEFENSIVE' : f.high ? 'NORMAL' : 'AGGRESSIVE',
  'exit_mode': f.trending ? 'TREND_FOLLOW' : 'FAST_TP',
  'allowed_symbols': s.symbols.filter(x, x.tag != 'BAD').map(x, x.symbol),
  'disallowed_symbols': s.symbols.filter(x, x.tag == 'BAD').map(x, x.symbol),
  'fired': (f.crowded ? ['too_many_positions'] : []) + (f.exposed ? ['too_much_exposure'] : [])
    + (f.costly ? ['costly_market'] : []) + (f.streak ? ['losing_streak'] : []) + (f.weak ? ['weak_ensemble'] : [])
    + (f.trending ? (f.high ? ['regime.trending_high'] : ['regime.trending'])
       : f.high ? ['regime.ranging_high'] : ['regime.ranging'])
})[0]
"""


def text(drawdown: str) -> str:
    return TEXT.replace("DRAWDOWN", drawdown).strip()
