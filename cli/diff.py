"""What changed between two versions of packs, by id, and the bump that it needs.

A and B are names, versions, files, folders, or REV:path of a git revision. Two that are the same print nothing.
Exit code 0 whatever changed; 2 where one of them cannot be loaded.
"""

from __future__ import annotations

import argparse
from typing import Any

from ..engine.comparison import Comparison
from ..reports.comparison_text import comparison_dict, markdown, render_comparison
from .common import Exit, add_rules, paint, say, say_json
from .comparing import Folders, compared

EXAMPLE = """example:
  flyball diff regime_gamma@1.0.0 regime_gamma@2.0.0
  flyball diff HEAD:rules/orchestrator/1.0.0.yaml orchestrator
  flyball diff main:rules rules --format markdown"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    what = "a pack's name, name@version, file, folder, or REV:path"
    parser.add_argument("before", metavar="A", help=what)
    parser.add_argument("after", metavar="B", help=what)
    add_rules(parser)
    parser.add_argument(
        "--format", choices=("text", "json", "markdown"), default="text", help="how to print (default: text)"
    )


def run(options: argparse.Namespace) -> int:
    found = compared(options.before, options.after, options.rules)
    match options.format:
        case "json":
            say_json(document(found))
        case "markdown":
            _print(["\n".join(markdown(each)) for each in found.comparisons])
        case _:
            _print(["\n".join(render_comparison(each, paint())) for each in found.comparisons])
    if options.format != "json":
        for word, names in (("new", found.added), ("gone", found.removed)):
            for name in names:
                say(f"{name}: {word}")
    return Exit.OK


def _print(blocks: list[str]) -> None:
    text = "\n\n".join(block for block in blocks if block)
    if text:
        say(text)


def document(found: Folders) -> dict[str, Any]:
    comparisons: list[Comparison] = found.comparisons
    if found.is_single:
        return comparison_dict(comparisons[0])
    return {
        "packs": [comparison_dict(each) for each in comparisons if each.changes],
        "added": found.added,
        "removed": found.removed,
    }
