"""The orchestrator as an object that is told of the market again and again, and holds the policy in force."""

from __future__ import annotations

import json
import logging
from collections import deque
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from ...engine.constants import constant
from ...engine.decision import Decision
from ...engine.ir import of_part
from ...engine.policy import Policy
from ...engine.session import Session
from ...engine.snapshot import export
from ...loaders import writing
from ...loaders.policies import load_policy
from .models import POLICY, CostMetrics, OrchestratorConfig, RiskState, SymbolPerformanceData, TradingPolicy

HISTORY = 100
_log = logging.getLogger("flyball")


def _wall_clock() -> datetime:
    return datetime.now(UTC)


class OrchestratorPolicy:
    """The policy in force, and the last ones that were. It belongs to one thread.

    `clock` gives the time of an update; the policy itself never asks for it. Raises LoadError where `config` holds what
    the packs do not allow.
    """

    def __init__(
        self, config: OrchestratorConfig | None = None, *, clock: Callable[[], datetime] = _wall_clock
    ) -> None:
        self.config = config or OrchestratorConfig()
        self._clock = clock
        self._policy: Policy = load_policy(POLICY, parameters=self.config.parameters())
        self._session: Session = self._policy.session()
        self._last: datetime | None = None
        self._current: TradingPolicy | None = None
        self._history: deque[TradingPolicy] = deque(maxlen=HISTORY)

    def update_policy(
        self,
        regime_tag: str,
        vol_level: str,
        risk_state: RiskState,
        symbol_performance: Sequence[SymbolPerformanceData],
        ensemble_quality: float | None = None,
        cost_metrics: CostMetrics | None = None,
    ) -> TradingPolicy:
        """The policy in force from now on: a new one, or the one before where nothing of it changes.

        What cannot be decided, such as an unknown regime, allows nothing, and the note says why.
        """
        snapshot: dict[str, Any] = {
            "now": self._moment(),
            "regime": regime_tag,
            "volatility": vol_level,
            "risk": {
                "daily_pnl_pct": risk_state.daily_pnl_pct,
                "losing_streak": risk_state.losing_streak,
                "open_positions": risk_state.open_trades_count,
                "exposure_pct": risk_state.total_exposure_pct,
            },
            "symbols": [{"symbol": each.symbol, "tag": each.performance_tag} for each in symbol_performance],
        }
        if ensemble_quality is not None:
            snapshot["ensemble_quality"] = ensemble_quality
        if cost_metrics is not None:
            snapshot["costs"] = {"spread": cost_metrics.spread_level, "slippage": cost_metrics.slippage_level}
        decision = self._session.step(snapshot)
        return self._put_in_force(decision, snapshot["now"], f"{regime_tag} market, {vol_level} volatility")

    def _moment(self) -> str:
        """The time, later than that of the update before also where the clock stands still or is put back."""
        now = self._clock().astimezone(UTC)
        self._last = now if self._last is None else max(now, self._last + timedelta(microseconds=1))
        return self._last.isoformat().replace("+00:00", "Z")

    def _put_in_force(self, decision: Decision, now: str, market: str) -> TradingPolicy:
        if decision.status != "ok":
            problems = "; ".join(each.message for each in decision.diagnostics)
            _log.warning("orchestrator %s: %s", decision.status, problems)
        outputs = {name: decision[name] for name in TradingPolicy.model_fields if name in decision.outputs}
        if self._current is not None and self._current.outputs() == outputs:
            return self._current
        told = [each.text for each in decision.reasons] or [each.message for each in decision.diagnostics]
        self._current = TradingPolicy(**outputs, note="; ".join([market, *told]), timestamp=now)
        self._history.append(self._current)
        return self._current

    def get_policy(self) -> TradingPolicy:
        """The policy in force; before the first update every output where it starts, and no symbol allowed."""
        return self._current or self._start()

    def _start(self) -> TradingPolicy:
        values: dict[str, Any] = {"allowed_symbols": [], "disallowed_symbols": []}
        for name, output in self._policy.pack.outputs.items():
            field = name.removeprefix(of_part("orchestrator", ""))
            if field in TradingPolicy.model_fields and field not in values and field != name and output.start:
                values[field] = export(constant(output.start, self._policy.values), output.type)
        return TradingPolicy(**values, note="No update yet", timestamp=self._clock().astimezone(UTC).isoformat())

    def reset_daily(self) -> None:
        """Begin a new day: no policy is in force, and the next update waits for nothing. The history stays."""
        self._session = self._policy.session()
        self._current = None

    def get_policy_history(self, limit: int | None = None) -> list[TradingPolicy]:
        """The last policies that came into force, the newest last."""
        policies = list(self._history)
        return policies if limit is None else policies[max(len(policies) - limit, 0) :]

    def save_policy_history(self, filepath: str | Path) -> None:
        """Write the history and the state, whole or not at all.

        Raises WriteError.
        """
        path = Path(filepath)
        saved = {
            "policies": [each.model_dump() for each in self._history],
            "in_force": self._current is not None,
            "state": self._session.state,
        }
        before = path.read_bytes() if path.exists() else None
        writing.replace(path, before, json.dumps(saved, indent=2, ensure_ascii=False).encode())

    def load_policy_history(self, filepath: str | Path) -> None:
        """Go on from what was saved; where nothing was saved yet, the history stays as it is.

        Raises ValueError where the file holds something else, and StateError where another version wrote its state.
        """
        path = Path(filepath)
        if not path.exists():
            _log.info("no history of policies at %s yet", path)
            return
        try:
            saved = json.loads(path.read_bytes())
            policies = [TradingPolicy.model_validate(each) for each in saved["policies"]]
            state, in_force = saved["state"], bool(saved["in_force"])
        except (ValueError, KeyError, TypeError, ValidationError) as error:
            raise ValueError(f"{path} holds no history of policies: {error}") from error
        self._session = self._policy.restore(state)
        self._last = datetime.fromisoformat(state["now"]) if state["now"] else None  # the clock may be behind it
        self._history = deque(policies, maxlen=HISTORY)
        self._current = policies[-1] if policies and in_force else None


__all__ = ["HISTORY", "OrchestratorPolicy"]
