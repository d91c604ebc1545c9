"""Explain a diagnostic code: what it means, why it matters, a bad and a good example.

The pages are those of the documentation.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from ..engine.codes import CODES
from ..engine.diagnostics import did_you_mean
from .common import Exit, add_format, fail, say

EXAMPLE = """example:
  flyball explain FB301"""

_PAGES = Path(__file__).parent.parent / "docs" / "codes"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("code", metavar="CODE", help="a code such as FB301")
    add_format(parser)


def run(options: argparse.Namespace) -> int:
    code = options.code.upper()
    if code not in CODES:
        near = did_you_mean(code, CODES)
        fail(f"no diagnostic `{options.code}`" + (f"; {near}" if near else ""))
    page = (_PAGES / f"{code}.md").read_text(encoding="utf-8")
    if options.format == "json":
        entry = CODES[code]
        say(json.dumps({"code": code, "slug": entry.slug, "severity": entry.severity, "page": page}, indent=2))
    else:
        say(page.rstrip())
    return Exit.OK
