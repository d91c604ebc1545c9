"""Every number in force: value, unit, range, why, and the layer it comes from."""

from __future__ import annotations

import argparse
from typing import Any

from ..engine import ir
from ..engine.policy import Policy
from ..engine.types import innermost, is_numeric, unit_of
from ..reports.text import clean, plain_text
from .common import Exit, add_cache, add_format, add_parameters, add_policy, add_rules, say, say_json
from .opening import open_policy

EXAMPLE = """example:
  flyball params orchestrator
  flyball params orchestrator --set orchestrator.base_risk_pct=0.8 --format json"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_policy(parser)
    add_parameters(parser)
    add_rules(parser)
    add_cache(parser)
    add_format(parser)


def run(options: argparse.Namespace) -> int:
    policy = open_policy(options)
    declared = policy.pack.parameters.values()
    rows = [_row(policy, each) for each in declared]
    if options.format == "json":
        say_json({"policy": str(policy), "parameters": rows})
        return Exit.OK
    width = max((len(row["name"]) for row in rows), default=0)
    for row, each in zip(rows, declared, strict=True):
        bounds = f" in {row['range'][0]}..{row['range'][1]}" if row["range"] else ""
        env = f" ({row['env']})" if row["env"] else ""
        say(f"{row['name']:<{width}}  {plain_text(row['value'])} {_unit(each)}{bounds}".rstrip())
        say(f"{'':<{width}}  {clean(row['why'])}")
        say(f"{'':<{width}}  from {row['layer']}{env}, declared at {row['declared']}")
    return Exit.OK


def _unit(declared: ir.ParameterDeclaration) -> str:
    """As a number in it is told: `trades`."""
    kind = innermost(declared.type)
    return unit_of(kind).of_many if is_numeric(kind) else ""


def _row(policy: Policy, declared: ir.ParameterDeclaration) -> dict[str, Any]:
    kind = innermost(declared.type)
    return {
        "name": ir.shown(declared.name) if ir.part_of(declared.name) else f"{policy.pack.name}.{declared.name}",
        "value": policy.parameters[ir.shown(declared.name)],
        "unit": str(unit_of(kind)) if is_numeric(kind) else None,
        "range": None if declared.low is None and declared.high is None else [declared.low, declared.high],
        "why": declared.why,
        "layer": policy.layers.get(declared.name, "pack"),
        "env": declared.env,
        "declared": str(declared.span),
    }
