"""Flyball: a config-driven rules engine for trading policy and risk.

    import flyball

    policy = flyball.load("orchestrator")
    decision = policy.decide(snapshot)
    decision["allow_new_trades"], decision.reasons[0].text

Everything but `__version__` is imported when first asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ._version import __version__

if TYPE_CHECKING:
    from .engine.decision import Decision
    from .engine.diagnostics import Diagnostic
    from .engine.policy import Policy
    from .engine.reasons import Reason
    from .engine.session import Session
    from .engine.shadow import ShadowedPolicy
    from .engine.shadow import shadowed as shadow
    from .engine.state_document import StateError
    from .loaders.lookup import NotFoundError
    from .loaders.policies import LoadError
    from .loaders.policies import load_policy as load
    from .loaders.watching import WatchedPolicy, watch

__all__ = [
    "Decision", "Diagnostic", "LoadError", "NotFoundError", "Policy", "Reason", "Session", "ShadowedPolicy",
    "StateError", "WatchedPolicy", "__version__", "load", "shadow", "watch",
]  # fmt: skip

_HOMES = {
    "Decision": (".engine.decision", "Decision"),
    "Diagnostic": (".engine.diagnostics", "Diagnostic"),
    "LoadError": (".loaders.policies", "LoadError"),
    "NotFoundError": (".loaders.lookup", "NotFoundError"),
    "Policy": (".engine.policy", "Policy"),
    "Reason": (".engine.reasons", "Reason"),
    "Session": (".engine.session", "Session"),
    "ShadowedPolicy": (".engine.shadow", "ShadowedPolicy"),
    "StateError": (".engine.state_document", "StateError"),
    "WatchedPolicy": (".loaders.watching", "WatchedPolicy"),
    "load": (".loaders.policies", "load_policy"),
    "shadow": (".engine.shadow", "shadowed"),
    "watch": (".loaders.watching", "watch"),
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    module, attribute = _HOMES[name]
    value = globals()[name] = getattr(import_module(module, __name__), attribute)
    return value
