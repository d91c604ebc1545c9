"""A watched policy is the last good version of its files, in every decision and session, and says what it refused."""

from __future__ import annotations

import gc
import os
import sys
import time
from pathlib import Path
from random import Random

import pytest

import flyball
from flyball.cli.main import main
from flyball.loaders.watching import WatchedPolicy

SPARE = 50_000  # blocks, a few megabytes
PACK = """
language: 1
pack: guard
version: 1.0.{number}
inputs:
  pnl: {{type: number, unit: percent, range: [-100, 100]}}
parameters:
  limit: {{value: {limit}, unit: percent, range: [0, 1000000], why: A bad day}}
  window: {{value: {window}, unit: bars, range: [1, 100], why: Some}}
definitions:
  runs: streak(pnl > as_percent(0))
  mean: rolling_mean(pnl, window)
outputs:
  limit_is: {{type: number, unit: percent, start: limit, safe: 0}}
  runs_are: {{type: integer, unit: snapshots, start: runs, safe: 0}}
  mean_is: {{type: number, unit: percent, optional: true, start: mean, safe: missing}}
"""


def text(limit: float = 1, number: int = 0, window: int = 2) -> str:
    return PACK.format(limit=limit, number=number, window=window)


def write(path: Path, content: str) -> None:
    """As editors do: the file is there whole, or as it was."""
    draft = path.with_suffix(".draft")
    draft.write_text(content, encoding="utf-8")
    draft.replace(path)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    found = tmp_path / "guard.yaml"
    write(found, text())
    return found


def step(number: int) -> dict[str, object]:
    return {"pnl": 1.0, "now": 1_767_625_200 + number}


def test_a_new_version_decides_from_the_next_snapshot_on_with_the_state_of_the_last(path: Path) -> None:
    watched = flyball.watch(path)
    session = watched.session("AAPL")
    assert [session.step(step(number))["runs_are"] for number in range(3)] == [1, 2, 3]
    write(path, text(limit=2, number=1))
    assert session.step(step(3))["limit_is"] == 1
    assert watched.check()
    decision = session.step(step(4))
    assert (decision["limit_is"], decision["runs_are"], decision.key) == (2, 5, "AAPL")
    assert list(decision.diagnostics) == []
    assert str(watched.policy) == "guard@1.0.1"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (text(number=1) + "rules: {x: {when: nobody, because: So it is}}\n", "nobody"),
        (text(number=1, window=3), "rolling_mean"),
        (text(number=1).replace("pack: guard", "pack: other"), "`guard`, not of `other`"),
        ("pack: [", ""),
        ("", ""),
    ],
    ids=["finding", "state", "another", "syntax", "empty"],
)
def test_what_is_not_fit_changes_nothing_and_the_next_decision_says_so(path: Path, content: str, said: str) -> None:
    watched = flyball.watch(path)
    session = watched.session()
    assert session.step(step(0))["runs_are"] == 1
    write(path, content)
    assert not watched.check()
    decision = session.step(step(1))
    (told,) = decision.diagnostics
    assert (told.code, told.severity, decision.status, decision["runs_are"]) == ("FB733", "warning", "ok", 2)
    assert said in told.message
    assert decision.to_dict()["diagnostics"][0]["code"] == "FB733"
    assert list(session.step(step(2)).diagnostics) == []  # it is said once
    assert str(watched.problem) == str(told)
    assert not watched.check()  # and the same file is not read again
    write(path, text(limit=5, number=2))
    assert watched.check()
    assert watched.problem is None
    assert session.step(step(3))["runs_are"] == 4


def test_a_file_that_goes_missing_and_comes_back(path: Path) -> None:
    watched = flyball.watch(path)
    path.unlink()
    assert not watched.check()
    assert [each.code for each in watched.decide(step(0)).diagnostics] == ["FB733"]
    write(path, text(limit=2, number=1))
    assert watched.check()
    assert watched.decide(step(1))["limit_is"] == 2


def test_a_change_within_one_tick_of_the_clock_is_seen(path: Path) -> None:
    watched, moment = flyball.watch(path), path.stat().st_mtime_ns
    with path.open("r+", encoding="utf-8") as file:  # the same file, of the same size
        file.write(text(limit=2))
    os.utime(path, ns=(moment, moment))
    assert watched.check()
    assert watched.decide(step(0))["limit_is"] == 2


def test_a_touched_file_is_the_same_policy(path: Path) -> None:
    watched = flyball.watch(path)
    policy = watched.policy
    os.utime(path)
    assert not watched.check()
    assert watched.policy is policy


def test_the_packs_of_a_policy_are_watched(tmp_path: Path) -> None:
    guard = tmp_path / "guard" / "1.0.0.yaml"
    guard.parent.mkdir()
    write(guard, text())
    path = tmp_path / "desk.yaml"
    write(path, "language: 1\npolicy: desk\nversion: 1.0.0\nuse: {guard: {pack: guard@^1}}\n")
    watched = flyball.watch(path, rules=str(tmp_path))
    session = watched.session()
    assert session.step(step(0))["limit_is"] == 1
    write(guard.with_name("1.0.1.yaml"), text(limit=3, number=1))
    assert watched.check()
    assert (session.step(step(1))["limit_is"], watched.policy.pack.parts[0].version) == (3, "1.0.1")


def test_a_thread_prepares_what_files_become(path: Path) -> None:
    watched = flyball.watch(path)
    watched.start(seconds=0.01)
    try:
        write(path, text(limit=2, number=1))
        ends = time.monotonic() + 20
        while watched.decide(step(0))["limit_is"] != 2:
            assert time.monotonic() < ends
            time.sleep(0.005)
    finally:
        watched.stop()


def stream(path: Path, reloads: int, snapshots: int, chance: Random) -> tuple[WatchedPolicy, int]:
    """Decide a stream while the files change, a third of the times into broken ones."""
    watched, limit, refused = flyball.watch(path, cache=False), 1, 0
    session = watched.session()
    each = snapshots // reloads
    for number in range(snapshots):
        if number % each == 0:
            broken = chance.random() < 1 / 3
            bad = chance.choice((text(number=2, window=3), text()[: chance.randint(5, 400)] + "\n}: [", "pack: ["))
            write(path, bad if broken else text(limit=number + 2, number=1))
            assert watched.check() != broken
            limit = limit if broken else number + 2
            refused += broken
        decision = session.step(step(number))
        assert (decision["limit_is"], decision["runs_are"], decision.status) == (limit, number + 1, "ok")
        told = broken and number % each == 0
        assert len(decision.diagnostics) == told
    return watched, refused


def test_no_decision_is_lost_or_wrong_while_files_change(path: Path) -> None:
    _, refused = stream(path, 30, 300, Random(1))
    assert refused > 3


@pytest.mark.long
def test_ten_thousand_reloads_during_a_hundred_thousand_snapshots(path: Path, seed: int) -> None:
    chance, blocks = Random(seed), []
    for thousands in (1, 4, 5):
        write(path, text())
        stream(path, 1_000 * thousands, 10_000 * thousands, chance)
        gc.collect()
        blocks.append(sys.getallocatedblocks())
    assert blocks[-1] - blocks[0] < SPARE, blocks


def test_a_mistake_in_a_locked_pack_is_told_where_it_is(tmp_path: Path) -> None:
    pack, policy = tmp_path / "rules" / "guard" / "1.0.0.yaml", tmp_path / "policies" / "desk" / "policy.yaml"
    desk = "language: 1\npolicy: desk\nversion: 1.0.0\nuse: {a: {pack: guard@1}}\n"
    for each, content in ((pack, text()), (policy, desk)):
        each.parent.mkdir(parents=True)
        each.write_text(content)
    assert main(["update", str(policy.parent)]) == 0
    watched = flyball.watch(policy.parent)
    write(pack, text().replace("streak", "strike"))
    assert not watched.check()
    assert watched.problem
    mistake = f"{pack}:11:9: no function named `strike`"
    assert watched.problem.message.endswith(f"{policy}:4:17: `guard@1` cannot be used: {mistake}")
    write(pack, text().replace("A bad day", "A day"))
    assert not watched.check()
    assert "`guard@1.0.0` has changed since it was locked" in watched.problem.message
