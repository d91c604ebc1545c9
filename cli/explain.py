"""Explain a diagnostic code: what it means, why it matters, a bad and a good example.

The pages are those of the documentation. Without a code, all codes are listed.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from ..engine.codes import CODES, Code
from ..engine.diagnostics import did_you_mean
from .common import Exit, add_format, fail, say, say_json

EXAMPLE = """example:
  flyball explain FB301
  flyball explain unknown-name"""

_PAGES = Path(__file__).parent.parent / "docs" / "codes"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("code", metavar="CODE", nargs="?", help="a code such as FB301, or its name")
    add_format(parser)


def run(options: argparse.Namespace) -> int:
    if options.code is None:
        _list(options.format)
        return Exit.OK
    code = _code(options.code)
    page = (_PAGES / f"{code.id}.md").read_text(encoding="utf-8")
    if options.format == "json":
        say_json({**_dict(code), "page": page})
    else:
        say(page.rstrip())
    return Exit.OK


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
