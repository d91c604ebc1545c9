"""Look for packs on which the back ends differ, and for files that upset the loader; for maintainers.

Packs and snapshots are made at random by the generators of `tests/strategies`, and packs that are shipped or shown are
changed at random. The generators are in the source checkout alone, and need the dependencies of its extra `dev`.
Exit code 1 where anything was found.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import secrets
import sys
from collections import Counter
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from random import Random
from typing import Any

from .common import Exit, fail, say

EXAMPLE = """example:
  flyball fuzz --packs 300 --snapshots 20
  flyball fuzz --seed 17 --packs 1 --mutations 0"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--packs", metavar="N", type=_count, default=100, help="packs to make (default: 100)")
    parser.add_argument("--snapshots", metavar="N", type=_count, default=20, help="snapshots for each (default: 20)")
    parser.add_argument("--mutations", metavar="N", type=_count, default=500, help="files to change (default: 500)")
    parser.add_argument("--seed", metavar="N", type=_count, help="that of the first pack or file (default: any)")
    parser.add_argument("--save", metavar="DIR", type=Path, help="write what fails there, as tests/corpus has it")


def _count(text: str) -> int:
    if not text.isascii() or not text.isdecimal():
        raise argparse.ArgumentTypeError(f"`{text}` is no whole number from 0 up")
    return int(text)


def run(options: argparse.Namespace) -> int:
    agreement, mutations = _generators("agreement"), _generators("mutations")
    first = secrets.randbelow(2**32) if options.seed is None else options.seed
    done: Counter[str] = Counter()

    def pack(seed: int) -> None:
        try:
            agreement.check_pack(Random(seed), options.snapshots)
        except agreement.DifferenceError as found:
            done["differences"] += 1
            say(f"\nseed {seed}, {options.snapshots} snapshots: {found}\n")
            _save(options.save, found.text.encode(), found.snapshots)

    def mutation(seed: int) -> None:
        data = mutations.mutated(Random(seed))
        try:
            mutations.check_load(data)
        except Exception as error:  # noqa: BLE001  any exception is what is looked for
            done["failures"] += 1
            say(f"\nseed {seed}: {type(error).__name__}: {error}\n{data!r}\n")
            _save(options.save, data)

    try:
        _repeat("packs", pack, first, options.packs, done)
        _repeat("mutated files", mutation, first, options.mutations, done)
    finally:  # Ctrl-C too
        say(f"seed {first}: {done['packs']} packs × {options.snapshots} snapshots, {done['differences']} differences;")
        say(f"{done['mutated files']} mutated files, {done['failures']} failures")
    return Exit.FINDINGS if done["differences"] or done["failures"] else Exit.OK


def _generators(name: str) -> Any:
    """By name, since a wheel has no tests."""
    try:
        return import_module(f"..tests.strategies.{name}", __package__)
    except ModuleNotFoundError as error:
        fail(f"fuzz runs in the source checkout, with its extra `dev` installed: there is no module `{error.name}`")


def _repeat(what: str, check: Callable[[int], None], first: int, count: int, done: Counter[str]) -> None:
    for number in range(count):
        check(first + number)
        done[what] += 1
        if sys.stderr.isatty():
            sys.stderr.write(f"\r{done[what]} of {count} {what}" + "\n" * (number + 1 == count))


def _save(folder: Path | None, pack: bytes, snapshots: list[Any] | None = None) -> None:
    if folder is None:
        return
    path = folder / hashlib.sha256(pack).hexdigest()[:12]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        path.with_suffix(".yaml").write_bytes(pack)
        if snapshots:
            entries = [{"snapshot": each} for each in snapshots]
            path.with_suffix(".json").write_text(json.dumps(entries, indent=2) + "\n", encoding="utf-8")
    except OSError as error:
        fail(f"cannot write to {folder}: {error.strerror}")
    say(f"saved as {path}.yaml")
