"""Write packs in the canonical layout: indentation, spaces and blank lines. Comments, the order and every value stay.

An expression that a comma or bracket inside of `{}` cut is quoted. A byte-order mark and CRLF stay. A released version
is never changed.
Exit code 1 where a file cannot be laid out, and with --check or --diff where one would change.
"""

from __future__ import annotations

import argparse
import difflib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ..engine.diagnostics import Diagnostic
from ..loaders.layout import LayoutError, formatted
from ..loaders.packs import read_bytes
from ..loaders.releases import is_released
from ..loaders.writing import WriteError, replace
from ..reports.text import render_findings
from .common import Exit, add_format, add_packs, add_rules, fail, paint, say, say_json
from .opening import pack_files

EXAMPLE = """example:
  flyball fmt rules/
  flyball fmt rules/ --check
  flyball fmt my_pack.yaml --diff"""


@dataclass(frozen=True, slots=True)
class _Result:
    """What became of a file: `after` is None where it cannot be laid out."""

    path: Path
    before: bytes
    after: bytes | None
    findings: list[Diagnostic]
    problem: str | None = None

    @property
    def status(self) -> str:
        if self.problem or self.after is None:
            return "failed"
        return "unchanged" if self.after == self.before else "changed"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_packs(parser)
    parser.add_argument("--check", action="store_true", help="write nothing, and say which files would change")
    parser.add_argument("--diff", action="store_true", help="write nothing, and show what would change")
    add_rules(parser)
    add_format(parser)


def run(options: argparse.Namespace) -> int:
    paths = [path for each in options.packs for path in pack_files(each, options.rules)]
    writes = not (options.check or options.diff)
    results = [_laid_out(path, writes) for path in dict.fromkeys(paths)]
    if options.format == "json":
        from ..engine.decision import diagnostic_dict

        say_json([
            {"file": str(each.path), "status": each.status, "problem": each.problem}
            | {"findings": [diagnostic_dict(finding) for finding in each.findings]}
            for each in results
        ])  # fmt: skip
    else:
        _print(results, options.diff, writes)
    failed = any(each.status == "failed" or (not writes and each.status == "changed") for each in results)
    return Exit.FINDINGS if failed else Exit.OK


def _laid_out(path: Path, writes: bool) -> _Result:
    try:
        before = read_bytes(path)
    except OSError as error:
        fail(f"cannot read {path}: {error.strerror or error}")
    if is_released(path, before):
        return _Result(path, before, before, [])
    try:
        after, findings = formatted(before, str(path))
        if writes and after is not None and after != before:
            replace(path, before, after)
    except (LayoutError, WriteError) as error:
        return _Result(path, before, None, [], str(error))
    except ModuleNotFoundError as error:
        fail(f"fmt needs the package `{error.name}`: pip install 'flyball[edit]'")
    return _Result(path, before, after, findings)


def _print(results: list[_Result], diff: bool, written: bool) -> None:
    for each in results:
        for block in render_findings(each.findings, paint()):
            say(f"{block}\n")
        if each.problem:
            say(f"{paint()('error', 'error')}: {each.problem}")
        if diff and each.status == "changed":
            for line in _diff(each):
                say(line)
        elif each.status == "changed":
            say(f"{each.path}: {'laid out' if written else 'would be laid out anew'}")
    counts = {status: sum(each.status == status for each in results) for status in ("changed", "unchanged", "failed")}
    words = {"changed": "changed" if written else "would change", "unchanged": "unchanged", "failed": "left alone"}
    say(", ".join(f"{count} {words[status]}" for status, count in counts.items() if count))


def _diff(result: _Result) -> Iterator[str]:
    before, after = (_lines(data) for data in (result.before, result.after or b""))
    colours = {"+": "ok", "-": "error", "@": "info"}
    for line in difflib.unified_diff(before, after, str(result.path), str(result.path), lineterm=""):
        yield paint()(colours.get(line[0], ""), line)


def _lines(data: bytes) -> list[str]:
    return data.decode().removeprefix("\ufeff").replace("\r\n", "\n").splitlines()
