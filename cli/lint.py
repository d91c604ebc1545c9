"""Everything that can be known about packs without running them: codes, positions, advice.

Exit code 1 where anything was found.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from ..engine.decision import diagnostic_dict
from ..engine.diagnostics import Diagnostic
from ..loaders.packs import NotFoundError, find, load
from ..reports.text import count_line, render_findings
from .common import Exit, add_format, add_rules, fail, paint, say

EXAMPLE = """example:
  flyball lint orchestrator
  flyball lint rules/ my_pack.yaml --format json"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("packs", metavar="PACK", nargs="+", help="a pack's name, name@version, file, or a folder of packs")
    add_rules(parser)
    add_format(parser)


def run(options: argparse.Namespace) -> int:
    paths = [path for each in options.packs for path in pack_files(each, options.rules)]
    findings = [finding for path in paths for finding in _findings(path, options.rules)]
    if options.format == "json":
        say(json.dumps({"files": len(paths), "findings": [diagnostic_dict(each) for each in findings]}, indent=2))
    else:
        for block in render_findings(findings, paint()):
            say(f"{block}\n")
        say(count_line(findings, len(paths)))
    return Exit.FINDINGS if findings else Exit.OK


def _findings(path: Path, rules: str | None) -> tuple[Diagnostic, ...]:
    try:
        return load(path, rules).findings
    except OSError as error:
        fail(f"cannot read {path}: {error.strerror or error}")


def pack_files(reference: str, rules: str | None) -> list[Path]:
    """The files that a reference names: one, or all below a folder."""
    folder = Path(reference)
    if folder.is_dir() and ("/" in reference or not (folder / "1.0.0.yaml").exists()):
        found = sorted(each for each in folder.rglob("*.yaml") if each.is_file())
        return found or fail(f"no .yaml file in {reference}")
    try:
        return [find(reference, rules)]
    except NotFoundError as error:
        fail(str(error))
