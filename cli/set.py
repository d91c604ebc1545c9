"""Set one value of a pack in its file: a parameter, a member of a vector or matrix, or a cell of a table; or in a
policy's file what it sets for a pack that it uses.

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
from .opening import find_file, find_pack, unfit

if TYPE_CHECKING:
    from ..loaders.retuning import Edit

EXAMPLE = """example:
  flyball set orchestrator.base_risk_pct 0.8 --why "Calmer since March"
  flyball set regime_gamma.multiplier.EXTREME 5.0 --dry-run
  flyball set orchestrator.stability.policy_update_interval 20 --why "Slower"
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
    targets = [_split(name) for name in given[::2]]
    owners = dict.fromkeys(owner for owner, _ in targets)
    paths = {owner: _file(owner, [name for each, name in targets if each == owner], rules) for owner in owners}
    if len({*paths.values()}) > 1:
        fail("set values of one pack at a time")
    return paths[targets[0][0]], [(name, value) for (_, name), value in zip(targets, given[1::2], strict=True)]


def _split(reference: str) -> tuple[str, str]:
    """What an argument names a file by, and the name in it."""
    file, colon, name = reference.rpartition(":")
    if colon:
        return file, name
    matched = _NAME.fullmatch(reference)
    if not matched:
        fail(f"`{reference}` is no PACK.NAME such as `orchestrator.base_risk_pct`, and no FILE:NAME")
    return matched["pack"], matched["name"]


def _file(owner: str, names: list[str], rules: str | None) -> Path:
    if "/" in owner:
        path = find_file(owner, rules)
    else:
        path = find_pack(owner, rules) if _is_of_pack(owner, names, rules) else find_file(owner, rules)
    _refuse_shipped(path, owner)
    return path


def _is_of_pack(owner: str, names: list[str], rules: str | None) -> bool:
    """Whether names are those of a pack; where a policy is called like it, what the names begin with decides."""
    from ..engine.diagnostics import did_you_mean
    from ..loaders.editing import first_words
    from ..loaders.lookup import POLICY, NotFoundError, find, find_policy, telling

    try:
        with telling(None):  # one of the two is found once more
            pack, policy = find(owner, rules), find_policy(owner, rules)
    except NotFoundError:
        return False
    if policy.name != POLICY or pack == policy:
        return True
    first = names[0].partition(".")[0]
    in_pack, in_policy = first_words(pack), first_words(policy)
    if first in in_pack and first in in_policy:
        fail(f"`{first}` stands in {pack} and in {policy}; name it as FILE:NAME")
    return first in in_pack or not (first in in_policy or did_you_mean(first, in_policy))


def _refuse_shipped(path: Path, pack: str) -> None:
    """What is installed goes with the next upgrade. Who stands in a checkout of Flyball works on its packs."""
    from ..loaders.lookup import POLICY, SHIPPED, policy_folder

    place = path.resolve()
    is_checkout = place.is_relative_to(Path.cwd().resolve()) and not _INSTALLED & set(place.parts)
    if is_checkout:
        return
    if place.is_relative_to(SHIPPED.resolve()):
        fail(f"`{pack}` is a pack that Flyball ships; copy {path} into a folder of yours, and name that with --rules")
    if path.name == POLICY and place.is_relative_to(policy_folder(SHIPPED).resolve()):
        fail(f"`{pack}` is a policy that Flyball ships; copy {path.parent} into a folder `policies` of yours")


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
