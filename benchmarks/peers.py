"""Flyball beside other engines: the same orchestrator, the same snapshots, the same run.

Each engine decides in a process of its own, in which plain Python and Flyball decide by turns on the same snapshots;
all answers are compared first. Then each is given a bad rule and a bad snapshot, and what it does is written down.
Needs the packages of `requirements-peers.txt`; one that is not there is said not to be.

    make bench-peers                                     builds .venv-peers and runs this
    python benchmarks/peers.py [ENGINE ...]              prints the tables
    python benchmarks/peers.py --write README.md         and puts them between the file's markers
    python benchmarks/peers.py --check README.md         only whether the file's tables are of this program's shape
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import peer_tables  # type: ignore[import-not-found]  # stands beside this script
from engines import ENTRIES  # type: ignore[import-not-found]  # stands beside this script

TRIAL = Path(__file__).with_name("peer_trial.py")
LONGEST = 300  # seconds that one trial may take


def run(name: str, trial: str, every: int = 1) -> dict[str, Any]:
    """What a trial found. A crash is a finding too."""
    try:
        command = [sys.executable, str(TRIAL), name, trial, str(every)]
        ended = subprocess.run(command, check=False, capture_output=True, encoding="utf-8", timeout=LONGEST)
    except subprocess.TimeoutExpired:
        return {"stage": "hang", "error": f"no answer in {LONGEST} s"}
    if ended.returncode < 0:
        return {"stage": "crash", "error": f"signal {-ended.returncode}"}
    if ended.returncode:
        raise SystemExit(f"{name}, {trial}:\n{ended.stderr}")
    return json.loads(ended.stdout.rsplit("\n", 2)[-2])  # type: ignore[no-any-return]


def progress(text: str) -> None:
    if sys.stderr.isatty():
        print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)


def collect(names: list[str], every: int) -> dict[str, dict[str, Any]]:
    """Every trial of every engine."""
    found = {}
    for number, name in enumerate(names, 1):
        progress(f"{number}/{len(names)} {name}")
        trials = {"time": run(name, "time", every)}
        if "absent" not in trials["time"]:
            run(name, "sighted")
            trials |= {case: run(name, case) for case in peer_tables.CASES}
        found[name] = trials
    progress("")
    return found


def main() -> None:
    parser = argparse.ArgumentParser(
        description=(__doc__ or "").split("\n\n", 1)[0],
        epilog="engines: " + ", ".join(ENTRIES),
    )
    parser.add_argument("engines", nargs="*", metavar="ENGINE", help="all of them where none is named")
    parser.add_argument("--write", type=Path, metavar="FILE", help="put the tables between the markers of a file")
    parser.add_argument("--check", type=Path, metavar="FILE", help="compare the shape of a file's tables, run nothing")
    parser.add_argument("--every", type=int, default=1, metavar="N", help="time only every so many-th snapshot")
    options = parser.parse_args()
    if unknown := [name for name in options.engines if name not in ENTRIES]:
        parser.error(f"no engine {', '.join(unknown)}")
    if options.check:
        sys.exit(peer_tables.difference(options.check.read_text("utf-8")))
    if options.write and options.engines:
        parser.error("--write takes all engines")
    began = time.perf_counter()
    found = collect(options.engines or list(ENTRIES), options.every)
    tables = peer_tables.tables(found)
    print(tables)
    print(peer_tables.details(found))
    print(f"\n{time.perf_counter() - began:.0f} s")
    if options.write:
        text = options.write.read_text("utf-8")
        options.write.write_text(peer_tables.put(text, tables), "utf-8")


if __name__ == "__main__":
    main()
