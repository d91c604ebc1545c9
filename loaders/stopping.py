"""SIGINT and SIGTERM as a wish to stop at the next good moment."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from types import FrameType
from typing import Any, TypeVar

_T = TypeVar("_T")


class _StopWaiting(Exception):  # noqa: N818  no error
    """Leaves a call that waits for input."""


class Stopping:
    """Within it the two signals end nothing: `signal` holds the one that came, and `waiting` returns without a value.

    Signals reach the main thread alone; in others nothing is changed.
    """

    def __init__(self) -> None:
        self.signal: int | None = None
        self._is_waiting = False
        self._before: dict[int, Any] = {}

    def __enter__(self) -> Stopping:
        if threading.current_thread() is threading.main_thread():
            self._before = {each: signal.signal(each, self._stop) for each in (signal.SIGINT, signal.SIGTERM)}
        return self

    def __exit__(self, *_: object) -> None:
        for each, handler in self._before.items():
            signal.signal(each, handler)

    def _stop(self, number: int, _: FrameType | None) -> None:
        self.signal = number
        if self._is_waiting:
            self._is_waiting = False  # a second signal does not disturb what is done then
            raise _StopWaiting

    def waiting(self, call: Callable[[], _T]) -> _T | None:
        """What `call` gives, or nothing where a signal came while it waited."""
        try:
            self._is_waiting = True
            found = call() if self.signal is None else None
            self._is_waiting = False
        except _StopWaiting:
            return None
        finally:
            self._is_waiting = False
        return found
