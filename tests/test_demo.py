"""`examples/market_history/demo.py`: what it hands to the policy, and how it ends."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import flyball

from .scripts import script

FOLDER = Path(__file__).parents[1] / "examples" / "market_history"
RANGE = ("--from", "2008-10-01", "--to", "2008-10-31")


@pytest.fixture(scope="module")
def demo() -> ModuleType:
    return script("examples/market_history/demo.py")


@pytest.fixture(autouse=True)
def quiet_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in os.environ:
        if name.startswith(("ORCH_", "FLYBALL_")):
            monkeypatch.delenv(name)


def snapshot(**changes: Any) -> dict[str, Any]:
    return {
        "now": "2008-10-06T21:00:00Z",
        "book": {"trend_pct": -12.0, "realized_vol": 0.7, "drawdown_pct": 30.0},
        "risk": {"daily_pnl_pct": -1.0, "losing_streak": 2, "open_positions": 3, "exposure_pct": 8.0},
        "symbols": [{"symbol": "IBM", "win_rate": 0.3, "average_r": 1.0}],
        "costs": {"spread_bps": 150.0, "slippage_bps": 2.0},
        **changes,
    }


def policy(demo: ModuleType) -> flyball.Policy:
    return flyball.load("orchestrator", params_file=demo.PARAMETERS)


def days(demo: ModuleType, *snapshots: dict[str, Any]) -> list[Any]:
    return list(demo.decided(snapshots, policy(demo)))


def test_a_day_is_decided_by_the_policy(demo: ModuleType) -> None:
    (day,) = days(demo, snapshot())
    assert day.decision.status == "ok"
    market = day.decision.packs["market"]["outputs"]
    assert (market["spread"], market["slippage"]) == ("HIGH", "NORMAL")
    assert (day.date, day.allowed, day.decision["disallowed_symbols"]) == ("2008-10-06", False, ["IBM"])
    assert day.decision.reasons[0].rule == "orchestrator.extreme_volatility"


def test_a_day_that_cannot_be_read_is_blocked_and_counted(demo: ModuleType) -> None:
    (day,) = days(demo, snapshot(book={}))
    assert (day.decision.status, day.allowed) == ("failsafe", False)
    text = "\n".join(demo.report([day], policy(demo)))
    assert "days that could not be read and were given safe outputs: 1" in text
    assert "error FB701: `book.trend_pct` is missing" in text


def test_the_longest_block(demo: ModuleType) -> None:
    quiet = {"trend_pct": 0.0, "realized_vol": 0.1, "drawdown_pct": 0.0}
    blocked = [snapshot(now=f"2008-10-0{n}T21:00:00Z") for n in range(1, 8)]
    calm = [snapshot(now=f"2008-10-0{n}T21:00:00Z", book=quiet) for n in range(1, 8)]
    made = days(demo, blocked[0], calm[1], blocked[2], blocked[3], blocked[4], calm[5], blocked[6])
    assert demo.longest_block(made) == "  longest blocked stretch: 3 days, 2008-10-03 to 2008-10-05"
    assert demo.longest_block(days(demo, calm[0])) == "  no day was blocked"


def test_a_list_that_grew_shows_what_was_added(demo: ModuleType) -> None:
    assert demo.changed(["A"], ["A", "B"]) == '1 → 2 items, adding ["B"]'
    assert demo.changed(["A"], ["B"]) == '["A"] → ["B"]'
    assert demo.changed(True, False) == "true → false"


def test_an_interrupt_is_one_line(
    demo: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(demo, "decided", interrupted)
    assert demo.main(["--days", "3"]) == 130
    printed = capsys.readouterr()
    assert (printed.out, printed.err) == ("", "interrupted\n")


def test_a_bad_parameter_says_so(
    demo: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "params.yaml"
    path.write_text("market_state: {spred_limit: 3}\n")
    monkeypatch.setattr(demo, "PARAMETERS", path)
    assert demo.main(["--days", "3"]) == 2
    assert "FB301 no parameter named `market_state.spred_limit`" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--days", "0"], "argument --days: invalid count value: '0'"),
        (["--from", "soon"], "argument --from: invalid iso_day value: 'soon'"),
        (["--from", "2020-01-01"], "no trading day of the history is in this range"),
    ],
)
def test_wrong_usage(demo: ModuleType, options: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        demo.main(options)
    assert message in capsys.readouterr().err


def test_a_range_of_days(demo: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    assert demo.main([*RANGE, "--days", "5"]) == 0
    printed = capsys.readouterr()
    assert printed.out.startswith("5 days from 2008-10-01 to 2008-10-07, by orchestrator@")
    assert printed.err == ""


def test_a_reader_that_has_seen_enough() -> None:
    command = [sys.executable, str(FOLDER / "demo.py"), *RANGE]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None and process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 0
