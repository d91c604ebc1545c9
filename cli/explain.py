"""Explain a decision: how each output came about, why, and the smallest change that would have changed it.

A written decision is made again from its record (`decide --record`), and explained where it comes out the same; without
a record, or where it was changed, it is explained from what it says itself.

Or explain a diagnostic code: what it means, why it matters, a bad and a good example. Without arguments, all codes are
listed. Exit code 1 where the decision's status is not ok.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from ..engine.codes import CODES, Code
from ..engine.diagnostics import did_you_mean
from . import decisions
from .common import POLICY_HELP, Exit, add_cache, add_format, add_parameters, add_rules, fail, paint, say, say_json

EXAMPLE = """example:
  flyball explain orchestrator snapshot.json
  flyball explain orchestrator snapshot.json --output max_risk_pct --all
  flyball explain decision.json
  flyball explain FB301
  flyball explain unknown-name"""

_PAGES = Path(__file__).parent.parent / "docs" / "codes"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "subject",
        metavar="POLICY|DECISION|CODE",
        nargs="?",
        help=f"{POLICY_HELP}; a written decision's file, or - for one on standard input; or a code such as FB301",
    )
    parser.add_argument("snapshot", metavar="SNAPSHOT", nargs="?", help="a JSON file, or - for standard input")
    parser.add_argument(
        "--output",
        metavar="NAME",
        dest="changed",
        help="the output or the intent to change (default: what the first reason changed, and dropped intents)",
    )
    decisions.add_arguments(parser)
    parser.add_argument("--all", action="store_true", help="also what did not fire, and by how much")
    add_parameters(parser)
    add_rules(parser)
    add_cache(parser)
    add_format(parser)


def run(options: argparse.Namespace) -> int:
    if options.subject is None:
        _list(options.format)
        return Exit.OK
    if options.snapshot is not None or decisions.is_written(options.subject, None):
        return _decision(options)
    code = _code(options.subject)
    page = (_PAGES / f"{code.id}.md").read_text(encoding="utf-8")
    if options.format == "json":
        say_json({**_dict(code), "page": page})
    else:
        say(page.rstrip())
    return Exit.OK


def _decision(options: argparse.Namespace) -> int:
    # Whoever looks up a code need not wait for this.
    from ..reports.explanation_text import render_explanation

    explanation, code = decisions.explained(options, options.subject, options.snapshot)
    if options.format == "json":
        say_json(explanation.to_dict())
    else:
        for line in render_explanation(explanation, paint(), everything=options.all):
            say(line)
    return code


def _list(form: str) -> None:
    if form == "json":
        say_json([_dict(code) for code in CODES.values()])
        return
    for code in CODES.values():
        say(f"{code.id}  {code.slug}")


def _code(name: str) -> Code:
    by_name = {code.slug: code for code in CODES.values()}
    found = CODES.get(name.upper()) or by_name.get(name.lower())
    if found is None:
        near = did_you_mean(name.upper(), CODES) or did_you_mean(name.lower(), by_name)
        fail(f"no diagnostic `{name}`; {near or 'flyball explain lists them'}")
    return found


def _dict(code: Code) -> dict[str, object]:
    return {"code": code.id, "slug": code.slug, "severity": code.severity}
