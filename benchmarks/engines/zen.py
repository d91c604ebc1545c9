"""zen-engine (GoRules): a graph of decision tables, and one compiled expression."""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import zen  # type: ignore[import-not-found]

from .common import Answer, Decide, Drawdown, Engine, Snapshot, same

Node = dict[str, Any]
Row = tuple[Sequence[str], Sequence[str]]  # cells of the inputs, cells of the outputs


def table(name: str, hit: str, fields: Sequence[str], outputs: Sequence[str], rows: Sequence[Row]) -> Node:
    """A decision table whose answer stands under its own name; the other values pass through."""
    columns = [*(f"i{i}" for i in range(len(fields))), *(f"o{i}" for i in range(len(outputs)))]
    return node(
        "decisionTableNode",
        name,
        hitPolicy=hit,
        inputs=[{"id": f"i{i}", "name": field, "field": field} for i, field in enumerate(fields)],
        outputs=[{"id": f"o{i}", "name": field, "field": field} for i, field in enumerate(outputs)],
        rules=[
            {"_id": f"{name}{i}", **dict(zip(columns, (*tests, *values), strict=True))}
            for i, (tests, values) in enumerate(rows)
        ],
        passThrough=True,
        outputPath=name,
        executionMode="single",
    )


def node(kind: str, name: str, **content: Any) -> Node:
    return {"id": name, "name": name, "type": kind, "content": content}


def graph(nodes: Sequence[Node]) -> str:
    """The nodes one after the other, between input and output."""
    every = [node("inputNode", "request"), *nodes, node("outputNode", "response")]
    edges = [
        {"id": f"e{i}", "type": "edge", "sourceId": a["id"], "targetId": b["id"]}
        for i, (a, b) in enumerate(pairwise(every))
    ]
    return json.dumps({"nodes": every, "edges": edges})


def tables(drawdown: tuple[str, str]) -> list[Node]:
    field, test = drawdown
    limits = table(
        "limits",
        "collect",
        [field, "volatility", "risk.open_positions", "risk.exposure_pct"],
        ["id", "hard"],
        [
            ((test, "", "", ""), ("'daily_drawdown'", "true")),
            (("", "'EXTREME'", "", ""), ("'extreme_volatility'", "true")),
            (("", "", ">= 8", ""), ("'too_many_positions'", "false")),
            (("", "", "", ">= 15"), ("'too_much_exposure'", "false")),
        ],
    )
    effect = ["id", "scale", "confidence", "profile", "entry", "exit"]
    regime = table(
        "regime",
        "first",
        ["hard", "regime", "volatility"],
        effect,
        [
            (("true", "", ""), ("null", "1", "0", "0", "0", "0")),
            (("", "'TRENDING'", "'HIGH'"), ("'regime.trending_high'", "0.5", "0.03", "1", "0", "0")),
            (("", "'TRENDING'", ""), ("'regime.trending'", "1", "-0.03", "0", "1", "0")),
            (("", "'RANGING'", "'HIGH'"), ("'regime.ranging_high'", "0.35", "0.08", "1", "2", "1")),
            (("", "'RANGING'", ""), ("'regime.ranging'", "0.7", "0.05", "0", "2", "1")),
        ],
    )
    modifiers = table(
        "modifiers",
        "collect",
        ["hard", "risk.losing_streak", "costly", "ensemble_quality"],
        ["id", "confidence", "profile", "entry"],
        [
            (("false", "", "true", ""), ("'costly_market'", "0.03", "0", "2")),
            (("false", ">= 5", "", ""), ("'losing_streak'", "0.05", "1", "2")),
            (("false", "", "", "$ != null and $ < 0.4"), ("'weak_ensemble'", "0.05", "0", "0")),
        ],
    )
    before, between = expressions("facts", FACTS), expressions("effects", EFFECTS)
    return [limits, before, regime, modifiers, between, expressions("outputs", JOINED, keep=False)]


def expressions(name: str, values: dict[str, str], *, keep: bool = True) -> Node:
    return node(
        "expressionNode",
        name,
        expressions=[{"id": f"{name}{i}", "key": key, "value": text} for i, (key, text) in enumerate(values.items())],
        passThrough=keep,
    )


SYMBOLS = {
    "allowed_symbols": "map(filter(symbols, #.tag != 'BAD'), #.symbol)",
    "disallowed_symbols": "map(filter(symbols, #.tag == 'BAD'), #.symbol)",
}
FACTS = {
    "hard": "some(limits, #.hard)",
    "costly": "costs.spread == 'HIGH' or costs.slippage == 'HIGH'",
}
EFFECTS = {"effects": "flatMap([[regime], modifiers], #)"}
JOINED = {
    "allow_new_trades": "len(limits) == 0",
    "risk_profile": "hard ? 'NO_NEW_TRADES' : ['NORMAL', 'REDUCED'][max(map(effects, #.profile))]",
    "max_risk_pct": "regime.scale * (some(modifiers, #.id == 'losing_streak') ? 0.3 : 1)",
    "min_confidence": "max([0, min([1, 0.5 + sum(map(effects, #.confidence))])])",
    "entry_mode": "['NORMAL', 'AGGRESSIVE', 'DEFENSIVE'][max(map(effects, #.entry))]",
    "exit_mode": "['TREND_FOLLOW', 'FAST_TP'][regime.exit]",
    **SYMBOLS,
    "fired": "filter(map(flatMap([limits, effects], #), #.id), # != null)",
}


def build_tables(drawdown: tuple[str, str]) -> Decide:
    text = graph(tables(drawdown))
    zen.ZenEngine().create_decision(text).validate()
    compiled = zen.ZenDecisionContent(text)  # five times as fast as the decision itself, which compiles each time
    engine = zen.ZenEngine({"loader": lambda _: compiled})

    def decide(snapshot: Snapshot) -> Answer:
        return engine.evaluate("orchestrator", snapshot)["result"]  # type: ignore[no-any-return]

    return decide


EXPRESSION = """
drawdown = DRAWDOWN;
hard = drawdown or volatility == 'EXTREME';
crowded = risk.open_positions >= 8;
exposed = risk.exposure_pct >= 15;
high = not hard and volatility == 'HIGH';
trending = not hard and regime == 'TRENDING';
ranging = not hard and regime == 'RANGING';
streak = not hard and risk.losing_streak >= 5;
costly = not hard and (costs.spread == 'HIGH' or costs.slippage == 'HIGH');
weak = not hard and ensemble_quality != null and ensemble_quality < 0.4;
added = (costly ? 0.03 : 0) + (streak ? 0.05 : 0) + (weak ? 0.05 : 0)
  + (trending ? (high ? 0.03 : -0.03) : 0) + (ranging ? (high ? 0.08 : 0.05) : 0);
{
  allow_new_trades: not (hard or crowded or exposed),
  risk_profile: hard ? 'NO_NEW_TRADES' : streak or high ? 'REDUCED' : 'NORMAL',
  max_risk_pct: (streak ? 0.3 : 1) * (trending and high ? 0.5 : 1) * (ranging ? (high ? 0.35 : 0.7) : 1),
  min_confidence: max([0, min([1, 0.5 + added])]),
  entry_mode: costly or streak or ranging ? 'DEFENSIVE' : trending and not high ? 'AGGRESSIVE' : 'NORMAL',
  exit_mode: ranging ? 'FAST_TP' : 'TREND_FOLLOW',
  allowed_symbols: map(filter(symbols, #.tag != 'BAD'), #.symbol),
  disallowed_symbols: map(filter(symbols, #.tag == 'BAD'), #.symbol),
  fired: filter([
    drawdown ? 'daily_drawdown' : null,
    volatility == 'EXTREME' ? 'extreme_volatility' : null,
    crowded ? 'too_many_positions' : null,
    exposed ? 'too_much_exposure' : null,
    costly ? 'costly_market' : null,
    streak ? 'losing_streak' : null,
    weak ? 'weak_ensemble' : null,
    trending ? (high ? 'regime.trending_high' : 'regime.trending') : null,
    ranging ? (high ? 'regime.ranging_high' : 'regime.ranging') : null
  ], # != null)
}
"""
WHEN = "risk.daily_pnl_pct <= -3"


def build_expression(drawdown: str) -> Decide:
    compiled = zen.compile_expression(EXPRESSION.replace("DRAWDOWN", drawdown).strip())
    return compiled.evaluate  # type: ignore[no-any-return]


ENGINES = {
    "zen_tables": Engine(
        drawdown=Drawdown(
            ("risk.daily_pnl_pct", "<= -3"), ("risk.daily_pln_pct", "<= -3"), ("risk.daily_pnl_pct", "<= <= -3")
        ),
        build=build_tables,
        answer=same,
    ),
    "zen_expression": Engine(
        drawdown=Drawdown(WHEN, WHEN.replace("pnl", "pln"), WHEN.replace("<=", "<= <=")),
        build=build_expression,
        answer=same,
    ),
}
