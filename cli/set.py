"""Set one value of a pack in its file: a parameter, a member of a vector or matrix, or a cell of a table.

The whole pack is checked with the new value before anything is written, and only the bytes of that value change. A
version that is released stays as it is: the change begins the next one.
Exit code 1 where the value does not fit, and nothing was written.
"""

from __future__ import annotations

import argparse
import difflib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from ..reports.text import render_findings
from .common import Exit, add_format, add_rules, fail, paint, say, say_json
from .opening import find_pack, unfit

if TYPE_CHECKING:
    from ..loaders.retuning import Edit

EXAMPLE = """example:
  flyball set orchestrator.base_risk_pct 0.8 --why "Calmer since March"
  flyball set regime_gamma.multiplier.EXTREME 5.0 --dry-run
  flyball set guard.yaml:loss_limit "2.5 percent\""""

_INSTALLED = {"site-packages", "dist-packages"}  # they may well lie in an environment below the working folder
_NAME = re.compile(r"(?P<pack>[a-z][a-z0-9_]*(@\d+(\.\d+){0,2})?)\.(?P<name>[A-Za-z_].*)")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "settings",
        metavar="PACK.NAME VALUE",
        nargs="+",
        help="what to set (FILE:NAME where the pack is a file), and to what: as in YAML, with its unit or without;"
        " several values of one pack are checked together",
    )
    parser.add_argument("--why", metavar="TEXT", help="where the number comes from, as the parameter's new `why`")
    parser.add_argument("--dry-run", action="store_true", help="write nothing, and show what would change")
    add_rules(parser)
    add_format(parser)


def run(options: argparse.Namespace) -> int:
    from ..loaders.editing import EditError
    from ..loaders.retuning import UnfitError, retuned
    from ..loaders.writing import WriteError

    path, settings = _settings(options.settings, options.rules)
    try:
        data = path.read_bytes()
        edit = retuned(path, data, settings, options.why, options.rules)
        if edit.comparison.changes and not options.dry_run:
            edit.write()
    except OSError as error:
        fail(f"cannot read {path}: {error.strerror or error}")
    except (EditError, WriteError) as error:
        fail(str(error))
    except UnfitError as error:
        if not error.by_change:
            raise unfit(str(error.path), error.findings) from error
        for block in render_findings(error.findings, paint()):
            say(f"{block}\n")
        say("nothing was written")
        return Exit.FINDINGS
    _print(edit, options.format, options.dry_run)
    return Exit.OK


def _settings(given: list[str], rules: str | None) -> tuple[Path, list[tuple[str, str]]]:
    """The file and what is to be set in it."""
    if len(given) % 2:
        fail(f"each name needs a value, and `{given[-1]}` has none")
    targets = [_target(name, rules) for name in given[::2]]
    if len({path for path, _ in targets}) > 1:
        fail("set values of one pack at a time")
    return targets[0][0], [(name, value) for (_, name), value in zip(targets, given[1::2], strict=True)]


def _target(reference: str, rules: str | None) -> tuple[Path, str]:
    """The file and the name in it that the argument means."""
    file, colon, name = reference.rpartition(":")
    if colon:
        path = find_pack(file, rules)
        _refuse_shipped(path, file)
        return path, name
    matched = _NAME.fullmatch(reference)
    if not matched:
        fail(f"`{reference}` is no PACK.NAME such as `orchestrator.base_risk_pct`, and no FILE:NAME")
    path = find_pack(matched["pack"], rules)
    _refuse_shipped(path, matched["pack"])
    return path, matched["name"]


def _refuse_shipped(path: Path, pack: str) -> None:
    """An installed pack goes with its next upgrade. Who stands in a checkout of Flyball works on its packs."""
    from ..loaders.lookup import SHIPPED

    place = path.resolve()
    is_checkout = place.is_relative_to(Path.cwd().resolve()) and not _INSTALLED & set(place.parts)
    if place.is_relative_to(SHIPPED.resolve()) and not is_checkout:
        fail(f"`{pack}` is a pack that Flyball ships; copy {path} into a folder of yours, and name that with --rules")


def _print(edit: Edit, form: str, dry: bool) -> None:
    from ..reports.comparison_text import comparison_dict, render_changes

    changed = bool(edit.comparison.changes)
    if form == "json":
        told = {"file": str(edit.target), "new": edit.is_new, "written": changed and not dry}
        say_json({**told, **comparison_dict(edit.comparison)})
        return
    if not changed:
        say(f"{edit.target} says so already")
        return
    for line in render_changes(edit.comparison, paint()):
        say(line)
    say()
    if dry:
        for line in _diff(edit):
            say(line)
    say(f"{'would write' if dry else 'wrote'} {edit.target}" + (f", {edit.source} is released" if edit.is_new else ""))


def _diff(edit: Edit) -> Iterator[str]:
    """The lines that change."""
    before = edit.before if edit.before is not None else edit.source.read_bytes()
    old, new = (data.decode().removeprefix("\ufeff").splitlines() for data in (before, edit.after))
    colours = {"+": "ok", "-": "error", "@": "info"}
    for line in difflib.unified_diff(old, new, str(edit.source), str(edit.target), lineterm="", n=0):
        yield paint()(colours.get(line[0], ""), line)
