"""The bars of `examples/market_history`, and the figures derived from them, recomputed in another way."""

from __future__ import annotations

import csv
import hashlib
import json
import math
import statistics
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from .scripts import script

FOLDER = Path(__file__).parents[1] / "examples" / "market_history"
SYMBOLS = ("AAPL", "GOOG", "IBM", "MSFT")
ROWS = {"AAPL": 3270, "GOOG": 2148, "IBM": 3270, "MSFT": 3270}
GOOG_BOUGHT = 3270 - 2148 + 60  # listed on day 1122, with its 60 daily returns on day 1182
# A change of any figure changes this: it is meant to be noticed, then updated.
SNAPSHOTS_SHA256 = "c89f847af0d0909899dd580a04e9757ec3e2dee600da6939c896b907831775a3"
PROBED = (60, 61, 110, 147, 1124, 1181, 1182, 1183, 1500, 2160, 2500, 3269)

SPLITS = [("AAPL", "2000-06-21"), ("AAPL", "2005-02-28"), ("MSFT", "2003-02-18")]


history = script("examples/market_history/snapshots.py")


@cache
def rows(symbol: str) -> list[dict[str, str]]:
    with (FOLDER / "data" / f"{symbol}.csv").open(newline="") as file:
        return list(csv.DictReader(file))


@cache
def column(symbol: str, name: str) -> list[float]:
    return [float(row[name]) for row in rows(symbol)]


@cache
def taken() -> list[dict[str, Any]]:
    return list(history.snapshots(history.read_stocks()))


def position(symbol: str, date: str) -> int:
    return next(i for i, row in enumerate(rows(symbol)) if row["date"] == date)


def gain(symbol: str, day: int) -> float:
    """Simple return into calendar day `day`."""
    closes = column(symbol, "adj_close")
    i = day - (3270 - len(closes))
    return closes[i] / closes[i - 1] - 1


def gains(symbol: str, day: int, count: int) -> list[float]:
    return [gain(symbol, d) for d in range(day - count + 1, day + 1)]


def holdings(day: int) -> list[str]:
    return [s for s in SYMBOLS if s != "GOOG" or day >= GOOG_BOUGHT]


@cache
def book_return(day: int) -> float:
    return statistics.fmean(gain(s, day) for s in holdings(day - 1))


@cache
def book_levels() -> list[float]:
    levels = [1.0]
    for day in range(1, 3270):
        levels.append(levels[-1] + levels[-1] * book_return(day))
    return levels


def log_deviation(returns: list[float]) -> float:
    return statistics.stdev(math.log(1 + r) for r in returns)


def test_every_symbol_has_all_its_days_in_order() -> None:
    calendar = [row["date"] for row in rows("AAPL")]
    assert (calendar[0], calendar[-1]) == ("2000-03-01", "2013-03-01")
    for symbol in SYMBOLS:
        days = [row["date"] for row in rows(symbol)]
        assert len(days) == ROWS[symbol]
        assert days == sorted(set(days)) == calendar[-len(days) :]


@pytest.mark.parametrize("symbol", SYMBOLS)
def test_prices_of_a_bar_fit_together(symbol: str) -> None:
    for row in rows(symbol):
        prices = [float(row[name]) for name in ("low", "open", "close", "high")]
        assert 0 < prices[0] == min(prices), row
        assert prices[3] == max(prices), row
        assert min(int(row["volume"]), float(row["adj_close"])) > 0, row


@pytest.mark.parametrize(("symbol", "date"), SPLITS)
def test_a_split_does_not_look_like_a_crash(symbol: str, date: str) -> None:
    i = position(symbol, date)
    closes, adjusted = column(symbol, "close"), column(symbol, "adj_close")
    assert closes[i] / closes[i - 1] < 0.6
    assert abs(adjusted[i] / adjusted[i - 1] - 1) < 0.11
    bars = history.read_bars(FOLDER / "data" / f"{symbol}.csv")
    pair = bars[i - 1 : i + 1]
    assert max(b.high for b in pair) / min(b.low for b in pair) < 1.2
    turnover = [bar.dollar_volume for bar in bars]
    assert 0.5 < statistics.median(turnover[i : i + 20]) / statistics.median(turnover[i - 20 : i]) < 2


def test_a_special_dividend_does_not_look_like_a_fall() -> None:
    i = position("MSFT", "2004-11-15")
    assert column("MSFT", "close")[i] / column("MSFT", "close")[i - 1] < 0.92
    assert abs(gain("MSFT", i)) < 0.02


def test_the_one_absurd_day_is_the_real_one() -> None:
    falls = {
        (s, rows(s)[i]["date"])
        for s in SYMBOLS
        for i in range(1, ROWS[s])
        if abs(math.log(column(s, "adj_close")[i] / column(s, "adj_close")[i - 1])) > 0.2
    }
    assert falls == {("AAPL", "2000-09-29")}


def test_one_snapshot_for_each_day_with_history() -> None:
    expected = [f"{row['date']}T21:00:00Z" for row in rows("AAPL")[60:]]
    assert [s["now"] for s in taken()] == expected
    assert len(expected) == 3210


@pytest.mark.parametrize("day", PROBED)
def test_book_figures(day: int) -> None:
    levels = book_levels()[: day + 1]
    book = taken()[day - 60]["book"]
    assert book["trend_pct"] == pytest.approx(100 * (levels[-1] / statistics.fmean(levels[-50:]) - 1), abs=1e-6)
    assert book["drawdown_pct"] == pytest.approx(100 * (1 - levels[-1] / max(levels)), abs=1e-6)
    volatility = statistics.stdev(math.log(b / a) for a, b in zip(levels[-21:-1], levels[-20:], strict=True))
    assert book["realized_vol"] == pytest.approx(volatility * math.sqrt(252), abs=1e-6)


@pytest.mark.parametrize("day", PROBED)
def test_risk_figures(day: int) -> None:
    risk = taken()[day - 60]["risk"]
    streak = next(n for n in range(day) if book_return(day - n) >= 0)
    stops = [2 * log_deviation(gains(s, day, 20)) for s in holdings(day)]
    assert risk["daily_pnl_pct"] == pytest.approx(100 * book_return(day), abs=1e-6)
    assert (risk["losing_streak"], risk["open_positions"]) == (streak, len(holdings(day)))
    assert risk["exposure_pct"] == pytest.approx(100 * statistics.fmean(stops), abs=1e-6)


@pytest.mark.parametrize("day", PROBED)
def test_symbol_figures(day: int) -> None:
    figures = taken()[day - 60]["symbols"]
    assert [f["symbol"] for f in figures] == holdings(day)
    for found in figures:
        recent = gains(found["symbol"], day, 60)
        up, down = [r for r in recent if r > 0], [-r for r in recent if r < 0]
        assert found["win_rate"] == pytest.approx(len(up) / 60, abs=1e-6)
        assert found["average_r"] == pytest.approx(statistics.fmean(up) / statistics.fmean(down), abs=1e-6)


@pytest.mark.parametrize("day", PROBED)
def test_slippage_is_the_square_root_law(day: int) -> None:
    impacts = []
    for symbol in holdings(day):
        i = day - 3270 + ROWS[symbol]
        closes, volumes = column(symbol, "close")[i - 19 : i + 1], column(symbol, "volume")[i - 19 : i + 1]
        turnover = statistics.fmean(c * v for c, v in zip(closes, volumes, strict=True))
        impacts.append(log_deviation(gains(symbol, day, 20)) * math.sqrt(1_000_000 / turnover))
    assert taken()[day - 60]["costs"]["slippage_bps"] == pytest.approx(10_000 * statistics.fmean(impacts), abs=1e-6)


def bar(high: float, low: float, close: float) -> object:
    return history.Bar("2000-01-03", high, low, close, 1.0)


def test_spread_is_found_where_it_is_all_there_is() -> None:
    """A price that stands still between a bid and an ask has the spread as its whole range."""
    bounce = bar(100.5, 99.5, 100.0)
    assert history.two_day_spread(bounce, bounce) == pytest.approx(0.01, rel=1e-4)


def test_spread_ignores_the_overnight_gap_and_is_never_negative() -> None:
    before, after = bar(100.5, 99.5, 100.0), bar(110.5, 109.5, 110.0)
    assert history.two_day_spread(before, after) == history.two_day_spread(before, bar(101.0, 100.0, 100.5))
    assert history.two_day_spread(bar(101.0, 100.0, 101.0), bar(104.0, 101.0, 104.0)) == 0.0


def spread(symbol: str, i: int) -> float:
    """Corwin and Schultz, as in equations 14 and 18 of the paper, on raw prices brought to one scale."""
    (h0, l0, c0), (h1, l1) = [
        [column(symbol, name)[j] * column(symbol, "adj_close")[j] / column(symbol, "close")[j] for name in names]
        for j, names in ((i - 1, ("high", "low", "close")), (i, ("high", "low")))
    ]
    if l1 > c0:
        h1, l1 = h1 - (l1 - c0), c0
    elif h1 < c0:
        h1, l1 = c0, l1 + (c0 - h1)
    beta = math.log(h0 / l0) ** 2 + math.log(h1 / l1) ** 2
    gamma = math.log(max(h0, h1) / min(l0, l1)) ** 2
    k = 3 - 2 * 2**0.5
    alpha = ((2 * beta) ** 0.5 - beta**0.5) / k - (gamma / k) ** 0.5
    return max(0.0, 2 * math.tanh(alpha / 2))


@pytest.mark.parametrize("day", PROBED)
def test_spread_is_a_month_of_two_day_estimates(day: int) -> None:
    means = []
    for symbol in holdings(day):
        i = day - 3270 + ROWS[symbol]
        means.append(statistics.fmean(spread(symbol, j) for j in range(i - 19, i + 1)))
    assert taken()[day - 60]["costs"]["spread_bps"] == pytest.approx(10_000 * statistics.fmean(means), abs=1e-6)


def test_figures_are_in_their_ranges() -> None:
    for snapshot in taken():
        book, risk, costs = snapshot["book"], snapshot["risk"], snapshot["costs"]
        assert 0 <= book["drawdown_pct"] < 100
        assert 0 < book["realized_vol"] < 2
        assert (risk["losing_streak"] > 0) == (risk["daily_pnl_pct"] < 0)
        assert risk["open_positions"] == len(snapshot["symbols"])
        assert 0 < costs["slippage_bps"] < 100
        assert 0 <= costs["spread_bps"] < 1000
        assert all(0 < s["win_rate"] < 1 and s["average_r"] > 0 for s in snapshot["symbols"])


def test_too_little_history_is_refused() -> None:
    with pytest.raises(ValueError, match="20 values are needed, 3 exist"):
        history.last([0.1, 0.2, 0.3], 3, 20)


def test_a_missing_trading_day_is_refused() -> None:
    bars = [bar(1.0, 1.0, 1.0)]
    with pytest.raises(ValueError, match="IBM lacks trading days"):
        history.stock_of("IBM", bars, ["2000-01-03", "2000-01-04"])


def run(*options: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run([sys.executable, FOLDER / "snapshots.py", *options], capture_output=True, check=False)


def test_the_command_writes_the_same_bytes_each_time() -> None:
    written = run()
    assert (written.returncode, written.stderr) == (0, b"")
    assert hashlib.sha256(written.stdout).hexdigest() == SNAPSHOTS_SHA256
    assert written.stdout == b"".join(map(history.line_of, taken()))
    assert [json.loads(line) for line in written.stdout.splitlines()] == taken()


def test_the_command_takes_a_range_of_days() -> None:
    lines = run("--from", "2008-09-27", "--to", "2008-09-30").stdout.splitlines()
    assert [json.loads(line)["now"][:10] for line in lines] == ["2008-09-29", "2008-09-30"]
    wrong = run("--from", "yesterday")
    assert wrong.returncode == 2
    assert b"yesterday" in wrong.stderr


def test_extraction_keeps_the_digits_of_the_source() -> None:
    source = [
        ["AAPL", "2000-03-01", "118.56", "132.06", "118.5", "130.31", "9616100", "4.186662803811"],
        ["IBM", "2000-03-01", "102.0", "105.3", "100.0", "100.25", "10807800", "70.1"],
    ]
    written = script("examples/market_history/extract.py").bars_of("AAPL", source)
    assert written == (
        "date,open,high,low,close,volume,adj_close\n2000-03-01,118.56,132.06,118.5,130.31,9616100,4.186663\n"
    )
    assert (FOLDER / "data" / "AAPL.csv").read_text().startswith(written)
