"""Timezones: calendar days as `zoneinfo` has them, from the package `tzdata`, and what a pack says of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from importlib import import_module, resources
from random import Random
from zoneinfo import ZoneInfo

import pytest

from flyball.engine.policy import Policy
from flyball.engine.zones import day
from flyball.loaders import timezones
from flyball.loaders.packs import LoadedPack, load_bytes

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SHOWN = ("America/New_York", "America/St_Johns", "Europe/Dublin", "Africa/Casablanca", "Pacific/Apia", "Asia/Kathmandu")
PACK = """language: 1
pack: days
version: 1.0.0
{head}
inputs: {{at: {{type: time}}}}
outputs: {{day: {{type: integer, unit: day, start: {start}, safe: 0}}}}
"""


def loaded(head: str, start: str = "day(at)") -> LoadedPack:
    return load_bytes(PACK.format(head=head, start=start).encode(), "days.yaml")


def policy(head: str) -> Policy:
    found = loaded(head)
    assert found.checked, found.findings
    return Policy(found.checked.pack, {}, {}, found.document)


@pytest.mark.parametrize("name", [*SHOWN, *Random(1).sample(sorted(timezones.names()), 10)])
def test_days_are_those_of_zoneinfo(name: str) -> None:
    with resources.files("tzdata").joinpath("zoneinfo", *name.split("/")).open("rb") as file:
        clock = ZoneInfo.from_file(file)
    zone, chance = timezones.zone(name), Random(name)
    assert zone
    years = [chance.choice([(3, 9998), (1880, 2040), (2037, 2900)]) for _ in range(200)]
    drawn = [int((datetime(chance.randint(*each), 1, 1, tzinfo=UTC) - EPOCH).total_seconds()) for each in years]
    drawn += [each // 1_000_000 + shift for each in zone.starts[1:100] for shift in (-1, 0, 3600, 86_399)]
    for seconds in drawn:
        local = (EPOCH + timedelta(seconds=seconds)).astimezone(clock)
        assert day(seconds * 1_000_000, zone.clock) == local.date().toordinal() - EPOCH.toordinal(), seconds


def test_a_day_begins_at_midnight_in_the_zone() -> None:
    """Clocks go forward on 8 March 2026 in New York."""
    new_york, utc, nowhere = policy("timezone: America/New_York"), policy("timezone: UTC"), policy("")
    moments = ["2026-03-08T04:59:59.999999Z", "2026-03-08T05:00:00Z", "2026-03-09T03:59:59Z", "2026-03-09T04:00:00Z"]
    days = [new_york.decide({"at": each})["day"] for each in moments]
    assert days == [20519, 20520, 20520, 20521]
    assert [utc.decide({"at": each})["day"] for each in moments] == [20520, 20520, 20521, 20521]
    assert nowhere.decide({"at": moments[0]})["day"] == 20520


def test_the_hash_of_a_pack_knows_the_edition(monkeypatch: pytest.MonkeyPatch) -> None:
    before, plain = policy("timezone: America/New_York").hash, policy("").hash
    monkeypatch.setattr(import_module("tzdata"), "IANA_VERSION", "1999z")
    timezones.zone.cache_clear()
    assert policy("timezone: America/New_York").hash != before
    timezones.zone.cache_clear()
    assert policy("").hash == plain


@pytest.mark.parametrize(
    ("head", "start", "code", "advice"),
    [
        ("timezone: America/NewYork", "day(at)", "FB301", "did you mean `America/New_York`?"),
        ("timezone: ../zones", "day(at)", "FB204", None),
        ("timezone: America", "day(at)", "FB301", None),
        ("timezone: [UTC]", "day(at)", "FB203", None),
        ("timezone: UTC", "1 if at == at else 0", "FB503", None),
    ],
)
def test_what_is_no_timezone_or_not_used(head: str, start: str, code: str, advice: str | None) -> None:
    found = loaded(head, start).findings
    assert [each.code for each in found] == [code]
    assert advice is None or found[0].help == advice
