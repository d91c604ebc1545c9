"""What all view models share."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any


class View:
    """A view model, a dataclass, that is also given as JSON."""

    __slots__ = ()

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)  # type: ignore[call-overload, no-any-return]  # every view is a dataclass


__all__ = ["View"]
