"""Run the examples of packs on both back ends, show what they do not cover, and look for what breaks an invariant.

Exit code 1 where an example fails, where a rule, row or group is covered by none, or where an invariant does not hold.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ..engine.decision import diagnostic_dict
from ..engine.diagnostics import Diagnostic
from ..loaders.packs import LoadedPack
from ..reports.text import Paint, render_findings
from .common import Exit, add_format, add_packs, add_rules, paint, say, say_json
from .opening import examined_files, load_file

if TYPE_CHECKING:
    from ..engine.example_runs import Report

EXAMPLE = """example:
  flyball test orchestrator
  flyball test rules/ --format json
  flyball test orchestrator --snapshots 5000"""


@dataclass(frozen=True, slots=True)
class _Tested:
    """A file, and the report on its examples; a vocabulary and a pack that cannot be loaded have none."""

    loaded: LoadedPack
    report: Report | None

    @property
    def findings(self) -> tuple[Diagnostic, ...]:
        """Why the pack cannot be loaded."""
        return self.loaded.findings if self.loaded.checked is None and self.loaded.vocabulary is None else ()

    @property
    def passed(self) -> bool:
        return self.report.passed if self.report else self.loaded.vocabulary is not None


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_packs(parser)
    add_rules(parser)
    add_format(parser)
    parser.add_argument(
        "--snapshots", metavar="N", type=_count, help="check invariants on N snapshots made up (default: 200)"
    )


def _count(text: str) -> int:
    if not text.isascii() or not text.isdigit():
        raise argparse.ArgumentTypeError(f"a number of snapshots is wanted, not `{text}`")
    return int(text)


def run(options: argparse.Namespace) -> int:
    paths = examined_files(options.packs, options.rules)
    tested = [_test(path, options.rules, options.snapshots) for path in paths]
    if options.format == "json":
        say_json({"passed": all(each.passed for each in tested), "packs": [_dict(each) for each in tested]})
    else:
        for each in tested:
            _print(each, paint())
    return Exit.OK if all(each.passed for each in tested) else Exit.FINDINGS


def _test(path: Path, rules: str | None, snapshots: int | None) -> _Tested:
    from ..engine.example_runs import SNAPSHOTS, run_examples

    loaded = load_file(path, rules, scenarios=True)
    checked = loaded.checked
    if checked is None:
        return _Tested(loaded, None)
    count = SNAPSHOTS if snapshots is None else snapshots
    return _Tested(loaded, run_examples(checked.pack, checked.examples, count))


def _print(tested: _Tested, paint: Paint) -> None:
    from ..reports.example_text import render_report

    if tested.report:
        for line in render_report(tested.report, paint):
            say(line)
    elif tested.passed:
        say(f"{tested.loaded.path}: a vocabulary, which has nothing to test")
    else:
        for block in render_findings(tested.findings, paint):
            say(f"{block}\n")
        say(f"{tested.loaded.path}: {paint('error', 'FAILED')}, it cannot be loaded")


def _dict(tested: _Tested) -> dict[str, object]:
    from ..reports.example_text import report_dict

    file = {"file": tested.loaded.path}
    if tested.report:
        return file | report_dict(tested.report)
    return file | {"passed": tested.passed, "findings": [diagnostic_dict(each) for each in tested.findings]}
