"""Property tests run the same cases everywhere, and are not timed; long ones begin at another seed each time."""

from __future__ import annotations

import os
import secrets

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile(
    "flyball", deadline=None, derandomize=True, database=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("flyball")

os.environ["FLYBALL_NO_CACHE"] = "1"  # the cache has tests of its own; all others load as if for the first time


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--seed", type=int, help="of long tests (default: any; the report's head says which)")


def pytest_configure(config: pytest.Config) -> None:
    if config.option.seed is None:  # before there are workers, which take it over
        config.option.seed = secrets.randbelow(2**32)


def pytest_report_header(config: pytest.Config) -> str:
    return f"long tests: --seed {config.option.seed}"


@pytest.fixture
def seed(request: pytest.FixtureRequest) -> int:
    return int(request.config.option.seed)
