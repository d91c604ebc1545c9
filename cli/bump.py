"""Give each changed pack the version that its changes need, and release versions.

PACK is a folder of packs, or the name of one. What is needed is computed from the meaning of both versions: nothing but
text needs a patch version; values or rules a minor one; inputs, outputs, state or their types a major one. A released
file that was edited becomes a version of its own, and is restored as git has it. --release records in lock.yaml what is
not released yet.
Exit code 1 where something is wrong that this does not mend, and with --check where there is anything to do.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..engine.diagnostics import has_errors
from ..reports.text import render_findings
from .common import Exit, add_format, add_rules, fail, paint, say, say_json
from .opening import find_pack

if TYPE_CHECKING:
    from ..loaders.bumping import File, Move, Plan

EXAMPLE = """example:
  flyball bump rules/ --check
  flyball bump orchestrator
  flyball bump rules/ --release"""

_MENDED = ("FB601", "FB603")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("pack", metavar="PACK", help="a folder of packs, or a pack's name")
    parser.add_argument("--check", action="store_true", help="write nothing, and say what is to be done")
    parser.add_argument("--release", action="store_true", help="record all versions that are not released yet")
    add_rules(parser)
    add_format(parser)


def run(options: argparse.Namespace) -> int:
    from ..loaders.bumping import moved, planned, release
    from ..loaders.writing import WriteError

    if options.check and options.release:
        fail("--check writes nothing, and --release does; give one of them")
    folder, names = _target(options.pack, options.rules)
    moves: list[Move] = []
    released: list[File] = []
    try:
        plan = planned(folder, names)
        if not options.check:
            moves = plan.moves
            for each in moves:
                moved(each)
            plan = planned(folder, names) if moves else plan
        if options.release and not has_errors(plan.findings):
            released = release(plan)
    except WriteError as error:
        fail(str(error))
    except OSError as error:
        fail(f"cannot read {error.filename}: {error.strerror or error}")
    _print(options.format, plan, moves, released)
    return Exit.FINDINGS if has_errors(plan.findings) or (options.check and plan.findings) else Exit.OK


def _target(reference: str, rules: str | None) -> tuple[Path, frozenset[str] | None]:
    """The folder that holds the packs, and the names of those that are meant; none where all are."""
    path = Path(reference)
    if not path.is_dir():
        path = find_pack(reference, rules).parent
        return path.parent, frozenset({path.name})
    if any(path.glob("[0-9]*.[0-9]*.[0-9]*.yaml")):
        return path.resolve().parent, frozenset({path.resolve().name})
    if not any(path.glob("*/[0-9]*.[0-9]*.[0-9]*.yaml")):
        fail(f"no pack in {reference}: it has no file such as my_pack/1.0.0.yaml")
    return path, None


def _print(form: str, plan: Plan, moves: list[Move], released: list[File]) -> None:
    if form == "json":
        say_json(_dict(plan, moves, released))
        return
    for each in moves:
        kept = f"; {each.before} is as it was released again" if each.original is not None else ""
        name, version = each.file.name, each.file.version
        say(f"{name}: {version} is now {each.needed}, a {each.level} version after {each.before}{kept}")
    for block in render_findings(plan.findings, paint()):
        say(f"{block}\n")
    for file in released:
        say(f"released {file.name} {file.version}")
    if not released:
        say(_summary(plan))


def _summary(plan: Plan) -> str:
    waiting = [f"{file.name} {file.version}" for file in plan.unreleased]
    count = len(plan.files) - len(waiting)
    return f"{count} released" + (f", not yet released: {', '.join(waiting)}" if waiting else "")


def _dict(plan: Plan, moves: list[Move], released: list[File]) -> dict[str, Any]:
    from ..engine.decision import diagnostic_dict

    return {
        "moved": [
            {"pack": each.file.name, "from": each.file.version, "to": each.needed, "level": each.level}
            for each in moves
        ],
        "released": [f"{file.name}@{file.version}" for file in released],
        "unreleased": [f"{file.name}@{file.version}" for file in plan.unreleased if file not in released],
        "findings": [diagnostic_dict(each) for each in plan.findings],
    }
