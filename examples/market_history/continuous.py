"""Let the policy `continuous` hold each of the four stocks over thirteen years of daily bars, and say what came of it.

Each stock has an account of its own. An order that the policy sends at a close is filled at the next one. This script
keeps the accounts; when, how much and why to trade is the policy's.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from math import sqrt

from snapshots import (  # type: ignore[import-not-found]  # beside this script
    CLOSE_UTC,
    TRADING_DAYS_A_YEAR,
    VOLATILITY_DAYS,
    Snapshot,
    Stock,
    daily_volatility,
    last,
    read_stocks,
)

import flyball

FUNDS = 100_000.0  # US dollars in each account at the start


@dataclass
class Account:
    """Cash and shares, and the order that waits for the next close."""

    cash: float = FUNDS
    shares: float = 0.0
    entry_bar: int | None = None
    ordered: float | None = None
    """Shares to buy, or to sell where negative."""

    def equity(self, price: float) -> float:
        return self.cash + self.shares * price

    def weight(self, price: float) -> float:
        return self.shares * price / self.equity(price)

    def order(self, intent: flyball.Intent, price: float) -> None:
        closes = intent.emit["target_weight"] == 0
        self.ordered = -self.shares if closes else intent.emit["weight_change"] * self.equity(price) / price

    def fill(self, price: float, bar: int) -> list[dict[str, float]]:
        """What was filled at this close."""
        if self.ordered is None:
            return []
        bought, self.ordered = self.ordered, None
        self.entry_bar = bar if self.shares == 0 else self.entry_bar
        self.cash -= bought * price
        self.shares += bought
        self.entry_bar = self.entry_bar if self.shares else None
        return [{"weight_change": bought * price / self.equity(price)}]


@dataclass
class Run:
    """What came of one stock."""

    symbol: str
    decisions: list[flyball.Decision] = field(default_factory=list)
    equities: list[float] = field(default_factory=list)
    prices: list[float] = field(default_factory=list)


def snapshot(stock: Stock, bar: int, account: Account) -> Snapshot:
    price, volatility = stock.bars[bar].close, daily_volatility(last(stock.returns, bar, VOLATILITY_DAYS))
    fills = account.fill(price, bar)
    return {
        "now": f"{stock.bars[bar].day}T{CLOSE_UTC}",
        "bar": bar,
        "price": price,
        "vol_hat": volatility * sqrt(TRADING_DAYS_A_YEAR),
        "current_weight": account.weight(price),
        "equity": account.equity(price),
        **({} if account.entry_bar is None else {"entry_bar": account.entry_bar}),
        "fills": fills,
        "cancels": 0,
    }


def run(stock: Stock, policy: flyball.Policy) -> Run:
    account, session, found = Account(), policy.session(stock.symbol), Run(stock.symbol)
    for bar in range(VOLATILITY_DAYS, len(stock.bars)):
        price = stock.bars[bar].close
        decision = session.step(snapshot(stock, bar, account))
        for intent in decision.intents if decision["trade"] else ():  # to read them takes longer than to decide
            account.order(intent, price)
        found.decisions.append(decision)
        found.equities.append(account.equity(price))
        found.prices.append(price)
    return found


def drawdown(levels: Sequence[float]) -> float:
    highest, deepest = levels[0], 0.0
    for level in levels:
        highest = max(highest, level)
        deepest = max(deepest, 1 - level / highest)
    return deepest


def row(found: Run) -> str:
    end, ok = found.decisions[-1], [each for each in found.decisions if each.status == "ok"]
    target = sum(each["target_weight_final"] for each in ok) / len(ok)
    invested = sum(each["target_weight_final"] > 0 for each in ok) / len(ok)
    held, bought = (levels[-1] / levels[0] - 1 for levels in (found.equities, found.prices))
    cells = (
        f"{found.symbol:<6}",
        f"{len(ok):>6,}",
        f"{target:>8.3f}",
        f"{invested:>9.1%}",
        f"{end['trade_count']:>7,}",
        f"{end['turnover']:>9.1f}",
        f"{end['avg_hold_time'] or 0:>8.1f}",
        f"{held:>8.1%} {drawdown(found.equities):>7.1%}",
        f"{bought:>9.1%} {drawdown(found.prices):>7.1%}",
    )
    return " ".join(cells)


def last_order(found: Run) -> Iterator[str]:
    """The last decision that traded, with every reason."""
    decision = next(each for each in reversed(found.decisions) if each["trade"])
    yield f"The last order in {found.symbol}, on {decision.to_dict()['now'][:10]}, explained"
    for intent in decision.intents:
        yield f"  {intent.id}: {', '.join(f'{name} = {value}' for name, value in intent.emit.items())}"
    for reason in decision.reasons:
        yield f"  {reason.severity:<7} {reason.rule}: {reason.text}{'' if reason.decisive else ' (moot)'}"


def report(runs: Sequence[Run], policy: flyball.Policy) -> Iterator[str]:
    days = [decision.to_dict()["now"][:10] for decision in (runs[0].decisions[0], runs[0].decisions[-1])]
    yield f"Daily bars of four stocks from {days[0]} to {days[1]}, by {policy}"
    yield ""
    yield "          mean target  days with            weight   bars         the policy         bought and held"
    yield "stock    bars weight   a target  trades  turned over  held   return drawdown   return drawdown"
    yield from map(row, runs)
    yield ""
    yield from last_order(runs[0])


def main() -> int:
    policy = flyball.load("continuous")
    for line in report([run(stock, policy) for stock in read_stocks()], policy):
        print(line)
    return 0


if __name__ == "__main__":
    sys.exit(main())
