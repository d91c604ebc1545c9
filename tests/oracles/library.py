"""Libraries that nobody here wrote, against which functions and packs are tried: the extra `oracles`."""

from __future__ import annotations

import importlib
import os
from typing import Any

import pytest


def library(name: str) -> Any:
    """A library; its tests are skipped where it is not installed, unless FLYBALL_ORACLES says that it is."""
    return importlib.import_module(name) if os.environ.get("FLYBALL_ORACLES") else pytest.importorskip(name)
