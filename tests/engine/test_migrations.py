"""A session that one version saved goes on in another, or says why not."""

from __future__ import annotations

import re
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, Phase, given, settings

import flyball
from flyball.engine.policy import Policy
from flyball.loaders.packs import load_bytes
from flyball.tests.strategies.migrations import check_migration
from flyball.tests.strategies.packs import chances

BEFORE = """
language: 1
pack: guard
version: 1.0.0
emits: Ask
types: {Ask: {type: record, fields: {lots: {type: number}}}}
inputs: {pnl: {type: number}, bad: {type: boolean}, reset: {type: boolean}, cycle: {type: integer}}
parameters:
  bars: {value: 3, unit: bars, range: [2, 9], why: Three}
step: cycle
definitions:
  halted: latch(bad, reset, on_fault=set)
  runs: streak(bad)
  mean_pnl: rolling_mean(pnl, bars)
  was_hedged: default(previous(sent.hedge), false)
  was_bad: default(previous(bad), false)
outputs:
  stop: {type: boolean, start: halted or was_hedged or was_bad, safe: true}
  so_far: {type: number, optional: true, start: mean_pnl, safe: missing}
  in_a_row: {type: integer, unit: snapshots, start: runs, safe: 0}
intents:
  hedge: {when: bad, exposure: neutral, emit: {lots: pnl}, because: Bad}
"""
RENAMES = [("1.0.0", "1.1.0"), ("halted", "tripped"), ("stop:", "blocked:"), ("hedge", "cover"), ("bad", "wrong")]
AFTER = BEFORE
for name, other in RENAMES:
    AFTER = AFTER.replace(name, other)
MOVES = """
migrate:
  from: [0.9.0, 1.0.0]
  inputs: {wrong: {was: bad}}
  definitions: {tripped: {was: halted}}
  outputs: {blocked: {was: stop}}
  intents: {cover: {was: hedge}}
"""
MADE = settings(max_examples=10, deadline=None, derandomize=True, database=None, phases=(Phase.generate,),
                suppress_health_check=list(HealthCheck))  # fmt: skip


def policy_of(text: str) -> Policy:
    loaded = load_bytes(text.encode(), "guard.yaml")
    assert loaded.checked, [str(each) for each in loaded.findings]
    pack = loaded.checked.pack
    return Policy(pack, {name: each.value for name, each in pack.parameters.items()}, {})


def saved(text: str = BEFORE, steps: int = 3) -> bytes:
    session = policy_of(text).session("desk")
    for cycle in range(steps):
        session.step({"pnl": 1.5 * cycle, "bad": cycle < 2, "reset": False, "cycle": cycle})
    return session.save()


def refused(text: str, document: bytes) -> list[tuple[str, str | None]]:
    with pytest.raises(flyball.StateError) as error:
        policy_of(text).restore(document)
    return [(each.code, each.path) for each in error.value.findings]


def test_what_is_called_otherwise_now_goes_on() -> None:
    session = policy_of(AFTER + MOVES).restore(saved())
    repeated = session.step({"pnl": 9, "wrong": False, "reset": True, "cycle": 2})
    assert (repeated.status, repeated["blocked"], repeated["so_far"]) == ("repeated", True, 1.5)
    went_on = session.step({"pnl": 3, "wrong": False, "reset": False, "cycle": 3})
    assert (went_on["blocked"], went_on["so_far"], session.key) == (True, 2.5, "desk")
    assert session.state["version"] == "1.1.0"


def test_two_names_may_come_from_one_and_one_may_take_the_name_of_another() -> None:
    split = BEFORE.replace("1.0.0", "2.0.0").replace("  runs:", "  loud: latch(bad, reset)\n  runs:")
    split = split.replace("start: halted", "start: loud or halted")
    session = policy_of(f"{split}\nmigrate: {{from: 1.0.0, definitions: {{loud: {{was: halted}}}}}}\n").restore(saved())
    kept = {name: each["state"] for name, each in session.state["definitions"].items()}
    assert (kept["loud"], kept["halted"]) == (True, False)  # what was `halted` is `loud`, so that this one is new
    both = "{loud: {was: halted}, halted: {was: halted}}"
    session = policy_of(f"{split}\nmigrate: {{from: 1.0.0, definitions: {both}}}\n").restore(saved())
    assert session.state["definitions"]["halted"]["state"] is True


def test_what_is_new_begins_empty_and_its_output_is_safe_until_the_next_step() -> None:
    new = BEFORE.replace("1.0.0", "1.1.0").replace("outputs:", "  misses: total(bad)\noutputs:\n"
    "  misses_so_far: {type: integer, start: misses, safe: -1}")  # fmt: skip
    assert refused(new, saved()) == [("FB743", "misses")]
    session = policy_of(f"{new}\nmigrate: {{from: 1.0.0}}\n").restore(saved())
    assert session.step({"pnl": 9, "bad": True, "reset": False, "cycle": 2})["misses_so_far"] == -1
    went_on = session.step({"pnl": 9, "bad": True, "reset": False, "cycle": 3})
    assert (went_on["misses_so_far"], went_on["in_a_row"]) == (1, 1)


def test_a_session_that_has_not_begun_goes_on_too() -> None:
    session = policy_of(AFTER + MOVES).restore(saved(steps=0))
    assert session.state["outputs"] is None
    assert session.step({"pnl": 9, "wrong": True, "reset": False, "cycle": 2})["blocked"] is True


def test_no_latch_is_let_go_without_a_word() -> None:
    gone = BEFORE.replace("1.0.0", "2.0.0").replace("  halted: latch(bad, reset, on_fault=set)\n", "")
    gone = gone.replace("halted or ", "").replace("reset: {", "reset: {optional: true, ")
    without_runs = gone.replace("  runs: streak(bad)\n", "").replace("start: runs", "start: 0 if was_bad else 1")
    assert refused(gone, saved()) == [("FB743", "halted")]
    assert refused(f"{without_runs}\nmigrate: {{from: 1.0.0}}\n", saved()) == [("FB745", "halted")]
    why = "{halted: {dropped: The desk stops by hand}}"
    session = policy_of(f"{without_runs}\nmigrate: {{from: 1.0.0, definitions: {why}}}\n").restore(saved())
    assert list(session.state["definitions"]) == ["mean_pnl"]


def test_what_is_kept_otherwise_is_dropped_or_refused() -> None:
    wider = BEFORE.replace("1.0.0", "2.0.0").replace("value: 3", "value: 4")
    assert refused(f"{wider}\nmigrate: {{from: 1.0.0}}\n", saved()) == [("FB743", "mean_pnl")]
    dropped = "{mean_pnl: {dropped: It is over another window}}"
    session = policy_of(f"{wider}\nmigrate: {{from: 1.0.0, definitions: {dropped}}}\n").restore(saved())
    assert session.state["definitions"]["mean_pnl"]["state"] == []
    assert session.state["definitions"]["halted"]["state"] is True


def test_what_was_never_kept_is_said() -> None:
    typo = AFTER + MOVES.replace("was: halted", "was: haltd")
    assert refused(typo, saved()) == [("FB746", "haltd")]
    assert refused(typo, saved(steps=0)) == [("FB745", "halted")]


def test_only_the_versions_that_are_named_are_migrated() -> None:
    assert refused(AFTER + MOVES.replace("[0.9.0, 1.0.0]", "0.9.0"), saved())[0] == ("FB743", "halted")
    both = """
migrate:
  - {from: 0.9.0, definitions: {tripped: {dropped: It was never trusted}}}
  - from: 1.0.0
    inputs: {wrong: {was: bad}}
    definitions: {tripped: {was: halted}}
    intents: {cover: {was: hedge}}
"""
    policy = policy_of(AFTER + both)
    assert policy.restore(saved()).state["outputs"]["blocked"] is True  # safe, since nothing says what it was
    assert policy.restore(policy.session("desk").save()).key == "desk"  # its own


@MADE
@given(chance=chances())
def test_every_part_of_a_state_finds_its_new_name(chance: Random) -> None:
    check_migration(chance, snapshots=4)


def test_generated_versions_rename_add_and_drop() -> None:
    made = [check_migration(Random(seed), snapshots=1) for seed in range(24)]
    assert any(each.renamed for each in made)
    assert any(each.added for each in made)
    assert any(each.dropped for each in made)


@pytest.mark.long
@pytest.mark.parametrize("hundred", range(5))
def test_every_part_of_a_state_finds_its_new_name_at_length(hundred: int, seed: int) -> None:
    for number in range(100):
        check_migration(Random(seed + 100 * hundred + number), snapshots=10)


def desk_of(folder: Path, guard: str) -> Policy:
    """A policy that uses the pack as `a`, whose version alone changes."""
    (folder / "guard").mkdir(parents=True)
    version = re.search(r"version: (\S+)", guard)
    assert version is not None
    (folder / "guard" / f"{version[1]}.yaml").write_text(guard, encoding="utf-8")
    text = "language: 1\npolicy: desk\nversion: 1.0.0\nuse: {a: {pack: guard@1}}\nstep: cycle\n"
    loaded = load_bytes(text.encode(), "policy.yaml", str(folder))
    assert loaded.checked, [str(each) for each in loaded.findings]
    pack = loaded.checked.pack
    return Policy(pack, {name: each.value for name, each in pack.parameters.items()}, {})


def test_a_policy_goes_on_in_a_newer_version_of_its_pack(tmp_path: Path) -> None:
    """By the `migrate` of the pack, under the names that the policy has for it."""
    old, new = desk_of(tmp_path / "old", BEFORE), desk_of(tmp_path / "new", AFTER + MOVES)
    session = old.session("desk")
    session.step({"pnl": 1, "bad": True, "reset": False, "cycle": 1})
    assert session.state["packs"] == {"a": "guard@1.0.0"}
    document = session.state
    gone_on = new.restore(session.save()).state
    assert gone_on["packs"] == {"a": "guard@1.1.0"}
    assert gone_on["definitions"]["a.tripped"] == document["definitions"]["a.halted"]
    assert gone_on["definitions"]["a.runs"] == document["definitions"]["a.runs"]
    kept = {"a.wrong": "a.bad", "sent.a.cover": "sent.a.hedge"}
    assert {name: gone_on["previous"][name] for name in kept} == {
        name: document["previous"][was] for name, was in kept.items()
    }
    decision = new.restore(session.save()).step({"pnl": 1, "wrong": False, "reset": False, "cycle": 2})
    assert decision["blocked"] is True


def test_a_policy_stays_where_its_pack_says_nothing(tmp_path: Path) -> None:
    """Without `migrate`, or with one for other versions; what another pack says is not of this one."""
    old = desk_of(tmp_path / "old", BEFORE).session("desk")
    old.step({"pnl": 1, "bad": True, "reset": False, "cycle": 1})
    for name, moves in (("none", ""), ("others", MOVES.replace("[0.9.0, 1.0.0]", "[0.9.0]"))):
        with pytest.raises(flyball.StateError) as error:
            desk_of(tmp_path / name, AFTER + moves).restore(old.save())
        assert {each.code for each in error.value.findings} == {"FB743"}
