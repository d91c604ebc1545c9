"""Everything that can be known about packs without running them: codes, positions, advice.

Exit code 1 where anything was found.
"""

from __future__ import annotations

import argparse

from ..reports.text import count_line, render_findings, state_line
from .common import Exit, add_format, add_packs, add_rules, paint, say, say_json
from .opening import examined_files, load_file
from .releasing import released_findings

EXAMPLE = """example:
  flyball lint orchestrator
  flyball lint rules/ my_pack.yaml --format json"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_packs(parser)
    add_rules(parser)
    add_format(parser)


def run(options: argparse.Namespace) -> int:
    paths = examined_files(options.packs, options.rules)
    loaded = [load_file(path, options.rules, scenarios=True) for path in paths]
    findings = [finding for each in loaded for finding in each.findings]
    findings += (each for each in released_findings(paths, loaded) if each not in findings)
    if options.format == "json":
        from ..engine.decision import diagnostic_dict

        say_json({"files": len(paths), "findings": [diagnostic_dict(each) for each in findings]})
    else:
        for block in render_findings(findings, paint()):
            say(f"{block}\n")
        for each in loaded:
            if each.checked is not None and each.checked.pack.slots:
                say(state_line(each.checked.pack))
        say(count_line(findings, len(paths)))
    return Exit.FINDINGS if findings else Exit.OK
