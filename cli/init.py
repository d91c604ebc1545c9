"""Begin a repository of rules: a pack and a policy with examples, checks for GitHub and pre-commit, editor settings.

What is there already stays: where one of the files exists, nothing is written.
Exit code 2 in that case.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from .common import Exit, add_format, fail, say, say_json

EXAMPLE = """example:
  flyball init my_rules
  flyball init ."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", metavar="FOLDER", nargs="?", default=".", help="where (default: the working folder)")
    add_format(parser)


def run(options: argparse.Namespace) -> int:
    from ..loaders.starting import begin
    from ..loaders.writing import WriteError

    folder = Path(options.folder)
    try:
        written = begin(folder)
    except WriteError as error:
        fail(str(error))
    if options.format == "json":
        say_json({"written": [str(path) for path in written]})
        return Exit.OK
    for path in written:
        say(f"wrote {path}")
    within = "" if options.folder == "." else f"cd {options.folder}, and "
    say(f"\n{within}try: flyball test rules/ policies/")
    return Exit.OK
