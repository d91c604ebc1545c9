"""Turn the daily bars in `data/` into one snapshot a trading day for an equal-weight book.

The numbers measure; none of them decides. Thresholds are parameters of the pack that reads the snapshots. What each
figure means, and where the estimators come from, is in README.md.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import accumulate, pairwise
from math import exp, fsum, log, log1p, sqrt
from pathlib import Path
from typing import TypedDict

DATA = Path(__file__).parent / "data"

HISTORY_DAYS = 60  # about a quarter: the fewest daily returns that win rate and average R are taken from
TREND_DAYS = 50  # the customary medium-term moving average
VOLATILITY_DAYS = 20  # about a month of trading days
COST_DAYS = 20  # Corwin and Schultz average their two-day estimates over a month
TRADING_DAYS_A_YEAR = 252
STOP_WIDTH = 2.0  # a stop two daily volatilities away, as the Turtle rules place it at two average ranges
ORDER_USD = 1_000_000.0  # the order whose market impact is reported as slippage
CLOSE_UTC = "21:00:00Z"  # New York closes at 21:00 UTC, in summer at 20:00: never before the close
DECIMALS = 6

PERCENT = 100.0
BPS = 10_000.0


class BookFigures(TypedDict):
    trend_pct: float
    realized_vol: float
    drawdown_pct: float


class RiskFigures(TypedDict):
    daily_pnl_pct: float
    losing_streak: int
    open_positions: int
    exposure_pct: float


class SymbolFigures(TypedDict):
    symbol: str
    win_rate: float
    average_r: float


class CostFigures(TypedDict):
    spread_bps: float
    slippage_bps: float


class Snapshot(TypedDict):
    now: str
    book: BookFigures
    risk: RiskFigures
    symbols: list[SymbolFigures]
    costs: CostFigures


@dataclass(frozen=True, slots=True)
class Bar:
    """One day of one symbol, prices adjusted for splits and dividends."""

    day: str
    high: float
    low: float
    close: float
    dollar_volume: float


@dataclass(frozen=True, slots=True)
class Stock:
    """A symbol's bars, and what follows from each pair of neighbours: item `i - 1` leads to bar `i`."""

    symbol: str
    first: int
    """Position of its first bar in the calendar."""
    bars: Sequence[Bar]
    returns: Sequence[float]
    spreads: Sequence[float]

    @property
    def bought(self) -> int:
        """Day at whose close the book buys it: the first of all, or when a later listing has its history."""
        return self.first + HISTORY_DAYS if self.first else 0


@dataclass(frozen=True, slots=True)
class Index:
    """The equal-weight book, rebalanced daily, as an index that starts at 1."""

    returns: Sequence[float]
    levels: Sequence[float]
    peaks: Sequence[float]
    streaks: Sequence[int]


def mean(values: Sequence[float]) -> float:
    # fsum is correctly rounded; the builtin sum changed in Python 3.12, and with it the last digits.
    return fsum(values) / len(values)


def last(values: Sequence[float], end: int, count: int) -> Sequence[float]:
    """The `count` values before position `end`; fewer would silently be another measure."""
    if end < count:
        raise ValueError(f"{count} values are needed, {end} exist")
    return values[end - count : end]


def daily_volatility(returns: Sequence[float]) -> float:
    """Sample standard deviation of the log returns."""
    logs = [log1p(r) for r in returns]
    centre = mean(logs)
    return sqrt(fsum([(x - centre) ** 2 for x in logs]) / (len(logs) - 1))


def two_day_spread(before: Bar, after: Bar) -> float:
    """Corwin and Schultz (2012): the spread, as a fraction, from the highs and lows of two days.

    A range holds one spread and its days' variance; over two days the variance doubles, the spread does not. An
    overnight gap would pass for variance, so the second day is first moved back to touch the close before it.
    """
    gap = max(after.low - before.close, 0.0) + min(after.high - before.close, 0.0)
    high, low = after.high - gap, after.low - gap
    beta = log(before.high / before.low) ** 2 + log(high / low) ** 2
    gamma = log(max(before.high, high) / min(before.low, low)) ** 2
    width = 3.0 - 2.0 * sqrt(2.0)
    alpha = (sqrt(2.0 * beta) - sqrt(beta)) / width - sqrt(gamma / width)
    return max(2.0 * (exp(alpha) - 1.0) / (1.0 + exp(alpha)), 0.0)


def read_bars(path: Path) -> list[Bar]:
    """Read one symbol's CSV; highs and lows are scaled as the source scaled the close."""
    bars = []
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            close, adjusted = float(row["close"]), float(row["adj_close"])
            scale = adjusted / close
            # Shares and price are both as traded, so splits cancel in their product.
            traded = close * float(row["volume"])
            bars.append(Bar(row["date"], float(row["high"]) * scale, float(row["low"]) * scale, adjusted, traded))
    return bars


def stock_of(symbol: str, bars: Sequence[Bar], calendar: Sequence[str]) -> Stock:
    first = calendar.index(bars[0].day)
    if [bar.day for bar in bars] != list(calendar[first:]):
        raise ValueError(f"{symbol} lacks trading days that another symbol has")
    pairs = list(pairwise(bars))
    returns = [after.close / before.close - 1.0 for before, after in pairs]
    return Stock(symbol, first, bars, returns, [two_day_spread(before, after) for before, after in pairs])


def read_stocks(folder: Path = DATA) -> list[Stock]:
    """All symbols of the folder, by name, on one calendar."""
    histories = {path.stem: read_bars(path) for path in sorted(folder.glob("*.csv"))}
    calendar = sorted({bar.day for bars in histories.values() for bar in bars})
    return [stock_of(symbol, bars, calendar) for symbol, bars in histories.items()]


def calendar_of(stocks: Sequence[Stock]) -> list[str]:
    return [bar.day for bar in max(stocks, key=lambda s: len(s.bars)).bars]


def index_of(stocks: Sequence[Stock]) -> Index:
    """A symbol earns from the day after it was bought."""
    days = range(1, len(calendar_of(stocks)))
    returns = [mean([s.returns[day - s.first - 1] for s in stocks if s.bought < day]) for day in days]
    levels = list(accumulate(returns, lambda level, r: level * (1.0 + r), initial=1.0))
    streaks = list(accumulate(returns, lambda streak, r: streak + 1 if r < 0.0 else 0, initial=0))
    return Index(returns, levels, list(accumulate(levels, max)), streaks)


def figure(value: float) -> float:
    return round(value, DECIMALS) + 0.0  # adding zero turns -0.0 into 0.0


def book_figures(index: Index, day: int) -> BookFigures:
    level = index.levels[day]
    average = mean(last(index.levels, day + 1, TREND_DAYS))
    volatility = daily_volatility(last(index.returns, day, VOLATILITY_DAYS))
    return {
        "trend_pct": figure((level / average - 1.0) * PERCENT),
        "realized_vol": figure(volatility * sqrt(TRADING_DAYS_A_YEAR)),
        "drawdown_pct": figure((1.0 - level / index.peaks[day]) * PERCENT),
    }


def risk_figures(index: Index, held: Sequence[Stock], day: int) -> RiskFigures:
    """Exposure is what the book loses when every position falls to its stop."""
    stops = [STOP_WIDTH * daily_volatility(last(s.returns, day - s.first, VOLATILITY_DAYS)) for s in held]
    return {
        "daily_pnl_pct": figure(index.returns[day - 1] * PERCENT),
        "losing_streak": index.streaks[day],
        "open_positions": len(held),
        "exposure_pct": figure(mean(stops) * PERCENT),
    }


def symbol_figures(stock: Stock, day: int) -> SymbolFigures:
    returns = last(stock.returns, day - stock.first, HISTORY_DAYS)
    gains = [r for r in returns if r > 0.0]
    losses = [r for r in returns if r < 0.0]
    if not gains or not losses:
        raise ValueError(f"{stock.symbol} has no average R: {HISTORY_DAYS} days without a gain or without a loss")
    return {
        "symbol": stock.symbol,
        "win_rate": figure(len(gains) / len(returns)),
        "average_r": figure(mean(gains) / -mean(losses)),
    }


def impact(stock: Stock, day: int) -> float:
    """The square-root law: daily volatility times the root of the order's share of the daily turnover."""
    position = day - stock.first
    turnover = mean([bar.dollar_volume for bar in stock.bars[position + 1 - COST_DAYS : position + 1]])
    volatility = daily_volatility(last(stock.returns, position, VOLATILITY_DAYS))
    return volatility * sqrt(ORDER_USD / turnover)


def cost_figures(held: Sequence[Stock], day: int) -> CostFigures:
    spreads = [mean(last(s.spreads, day - s.first, COST_DAYS)) for s in held]
    return {
        "spread_bps": figure(mean(spreads) * BPS),
        "slippage_bps": figure(mean([impact(s, day) for s in held]) * BPS),
    }


def snapshots(stocks: Sequence[Stock]) -> Iterator[Snapshot]:
    """One snapshot for each trading day that has the history all measures need, oldest first."""
    index = index_of(stocks)
    for day, today in enumerate(calendar_of(stocks)):
        if day < HISTORY_DAYS:
            continue
        held = [s for s in stocks if s.bought <= day]
        yield {
            "now": f"{today}T{CLOSE_UTC}",
            "book": book_figures(index, day),
            "risk": risk_figures(index, held, day),
            "symbols": [symbol_figures(s, day) for s in held],
            "costs": cost_figures(held, day),
        }


def line_of(snapshot: Snapshot) -> bytes:
    return json.dumps(snapshot, separators=(",", ":"), allow_nan=False).encode("ascii") + b"\n"


def iso_day(text: str) -> str:
    return date.fromisoformat(text).isoformat()


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description="Write one JSON snapshot a line for each trading day, to standard output.",
        epilog="example: python snapshots.py --from 2008-09-01 --to 2008-12-31 > crisis.jsonl",
    )
    parser.add_argument("--from", dest="start", type=iso_day, default="0001-01-01", metavar="DATE", help="first day")
    parser.add_argument("--to", dest="end", type=iso_day, default="9999-12-31", metavar="DATE", help="last day")
    return parser.parse_args()


def main() -> None:
    options = arguments()
    try:
        for snapshot in snapshots(read_stocks()):
            if options.start <= snapshot["now"][:10] <= options.end:
                sys.stdout.buffer.write(line_of(snapshot))
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        # The reader, such as `head`, has seen enough; nothing may be left to flush at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


if __name__ == "__main__":
    main()
