"""Property tests run the same cases everywhere, and are not timed."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

settings.register_profile(
    "flyball", deadline=None, derandomize=True, database=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("flyball")

os.environ["FLYBALL_NO_CACHE"] = "1"  # the cache has tests of its own; all others load as if for the first time
