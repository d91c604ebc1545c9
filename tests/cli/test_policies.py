"""Policies on the command line: streams, snapshot schemas, what is linted and tested below a folder."""

from __future__ import annotations

import json
import pickle
import random
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import flyball as library
from flyball.tests.cli.test_streams import check_kills, posix
from flyball.tests.documents import blocks, read

Flyball = Callable[..., Any]


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    """The repository that docs/policies.md shows."""
    for block in blocks(read("docs/policies.md")):
        if block.file:
            (tmp_path / block.file).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / block.file).write_text(block.text, encoding="utf-8")
    return tmp_path


def lines(*snapshots: dict[str, Any]) -> bytes:
    given = {"capital": 1000, "held": 0}
    return "".join(json.dumps({**given, **each}) + "\n" for each in snapshots).encode()


def test_a_stream_goes_by_the_key_of_its_policy(desk: Path, flyball: Flyball) -> None:
    """Each symbol has a kill switch of its own."""
    data = lines(
        {"now": 1, "symbol": "AAPL", "pnl": -6},
        {"now": 1, "symbol": "IBM", "pnl": -1},
        {"now": 2, "symbol": "AAPL", "pnl": -1},
        {"now": 2, "symbol": "IBM", "pnl": -1},
    )
    ended = flyball("decide", f"{desk}/policies/desk", "--stream", stdin=data)
    decisions = [json.loads(line) for line in ended.out.splitlines()]
    assert [each["key"] for each in decisions] == ["AAPL", "IBM", "AAPL", "IBM"]
    assert [each["outputs"]["stopped"] for each in decisions] == [True, False, True, False]
    assert [len(each["intents"]) for each in decisions] == [1, 1, 1, 1]
    assert [each["dropped_intents"][0]["rule"] for each in decisions[::2]] == ["arbitration.killed"] * 2


def test_a_stopped_stream_goes_on(desk: Path, flyball: Flyball, tmp_path: Path) -> None:
    source, output, state = tmp_path / "in.jsonl", tmp_path / "out.jsonl", tmp_path / "state"
    steps = [{"now": n, "symbol": "AAPL", "pnl": -6 if n == 1 else -1} for n in range(1, 5)]
    options = (str(source), "--stream", "--output", str(output), "--state", str(state))
    source.write_bytes(lines(*steps[:2]))
    assert flyball("decide", f"{desk}/policies/desk", *options).code == 0
    source.write_bytes(lines(*steps))
    assert flyball("decide", f"{desk}/policies/desk", *options).code == 0
    resumed = output.read_bytes()
    state.unlink()
    assert flyball("decide", f"{desk}/policies/desk", *options).code == 0
    assert output.read_bytes() == resumed
    assert [json.loads(line)["outputs"]["stopped"] for line in resumed.splitlines()] == [True] * 4


def many(count: int) -> bytes:
    """Snapshots of some books: now and then no snapshot at all, one without its symbol, a fault, or one too late."""
    draw, now, found = random.Random(3), 1_767_625_200, []
    for _ in range(count):
        now += draw.choice((0, 1, 5, 30, -3))
        given: dict[str, Any] = {"symbol": draw.choice(("AAPL", "IBM", "MSFT")), "pnl": round(draw.gauss(0, 3), 1)}
        spoilt = draw.randrange(25)
        given |= {"pnl": "much"} if spoilt == 0 else {"symbol": 7} if spoilt == 1 else {}
        found.append(b"{nonsense\n" if spoilt == 2 else lines({**given, "now": now}))
    return b"".join(found)


@pytest.mark.parametrize("more", [(), ("--changes",)], ids=" ".join)
def test_a_stream_goes_on_with_the_same_bytes(
    desk: Path, flyball: Flyball, tmp_path: Path, more: tuple[str, ...]
) -> None:
    """Each book from its own state, whatever lines stand between."""
    source, output, state, unbroken = (tmp_path / name for name in ("in.jsonl", "out.jsonl", "state", "unbroken"))
    whole = many(300).splitlines(keepends=True)
    for cut in (1, 7, 80, 81, 200, 300):
        source.write_bytes(b"".join(whole[:cut]))
        options = (str(source), "--stream", *more, "--output", str(output), "--state", str(state))
        ended = flyball("decide", f"{desk}/policies/desk", *options)
        with output.open("ab") as file:
            file.write(b"half a deci")
    again = flyball("decide", f"{desk}/policies/desk", str(source), "--stream", *more, "--output", str(unbroken))
    assert output.read_bytes() == unbroken.read_bytes() + b"half a deci"
    assert ended.err == again.err
    statuses = {json.loads(line)["status"] for line in unbroken.read_bytes().splitlines()}
    assert statuses >= {"ok", "failsafe", "refused"}


def test_changes_of_a_policy_are_told_by_key(desk: Path, flyball: Flyball) -> None:
    same = {"pnl": -1}
    data = lines(*({"now": now, "symbol": symbol, **same} for now in (1, 2, 3) for symbol in ("AAPL", "IBM")))
    ended = flyball("decide", f"{desk}/policies/desk", "--stream", "--changes", stdin=data)
    assert [json.loads(line)["key"] for line in ended.out.splitlines()] == ["AAPL", "IBM"]


@posix
def test_a_stream_that_is_killed_goes_on_with_the_same_bytes(desk: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "flyball.cli.main", "decide", f"{desk}/policies/desk", "--stream"]
    check_kills(tmp_path, command, [many(4_000)], kills=3, longest=0.3)


def test_the_schema_of_a_snapshot_is_of_all_packs(desk: Path, flyball: Flyball) -> None:
    schema = json.loads(flyball("schema", f"{desk}/policies/desk").out)
    assert set(schema["properties"]) == {"now", "symbol", "pnl", "capital", "held"}
    assert flyball("schema", "--kind", "policy").code == flyball("schema", "--kind", "lock").code == 0


def test_policies_below_a_folder(desk: Path, flyball: Flyball) -> None:
    assert json.loads(flyball("lint", str(desk), "--format", "json").out)["files"] == 4
    flyball("update", str(desk))
    assert flyball("lint", str(desk)).code == 0
    assert flyball("test", str(desk)).code == 0


@pytest.mark.parametrize("command", ["decide", "params", "explain", "schema", "update"])
def test_a_folder_that_is_no_policy(desk: Path, flyball: Flyball, command: str) -> None:
    more = ("-",) if command == "explain" else ()
    ended = flyball(command, f"{desk}/rules/", *more, stdin=b"{}")
    assert ended.code == 2, ended
    wanted = "has no lock" if command == "update" else "is a folder without a policy.yaml"
    assert wanted in ended.err


def test_a_policy_given_as_a_pack_says_so(desk: Path, flyball: Flyball) -> None:
    path = desk / "rules" / "limits" / "1.0.0.yaml"
    path.write_text(path.read_text() + "use: {}\n")
    ended = flyball("lint", str(path))
    assert "begins with `policy:` in place of `pack:`" in ended.out


def test_a_written_decision_of_a_policy_is_made_again(desk: Path, flyball: Flyball, tmp_path: Path) -> None:
    snapshot = {"now": "2026-01-05T15:00:00Z", "symbol": "AAPL", "capital": 1000, "pnl": -6, "held": 0}
    given = ("decide", "desk", "--rules", f"{desk}/rules", "--format", "json", "--record")
    written = flyball(*given, stdin=json.dumps(snapshot).encode())
    path = tmp_path / "decision.json"
    path.write_text(written.out)
    ended = flyball("explain", str(path), "--rules", f"{desk}/rules")
    assert ended.code == 0, ended
    assert "kill.cancel" in ended.out


def test_what_is_sent_and_dropped_is_known_without_an_examination(desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only what is said of intents is worked out later, when somebody reads it."""
    policy = library.load(desk / "policies/desk", environment=False)
    decision = policy.session("AAPL").step({"now": 1, "symbol": "AAPL", "capital": 1000, "pnl": -6, "held": 40})
    examine = type(policy).examine
    monkeypatch.setattr(type(policy), "examine", lambda *_: pytest.fail("it was examined"))
    (cancel,), (dropped,) = decision.intents, decision.dropped_intents
    assert (cancel.id, cancel.pack, cancel.exposure, dict(cancel.emit)) == (
        "kill.cancel", "kill", "cancels", {"symbol": "AAPL", "value": 0},
    )  # fmt: skip
    assert (dropped.intent.id, dropped.rule) == ("quotes.bid", "arbitration.killed")
    assert dropped.reason == "The kill switch is tripped, and quotes.bid would raise exposure"
    monkeypatch.setattr(type(policy), "examine", examine)
    assert cancel.text == "AAPL has lost -6.00 %"
    assert dropped.intent.text == "There is room for 160.00 usd"
    assert pickle.loads(pickle.dumps([cancel, dropped])) == [cancel, dropped]


def test_examples_expect_what_is_dropped(desk: Path, flyball: Flyball) -> None:
    path = desk / "policies/desk/policy.yaml"
    text, dropped = path.read_text(), "{id: quotes.bid, value: 160, rule: arbitration.killed}"
    wrongs = {dropped.replace("160", "161"): "value: 161", "": "[]", dropped.replace("killed", "conflict"): "conflict"}
    for wrong, told in wrongs.items():
        path.write_text(text.replace(dropped, wrong))
        ended = flyball("test", str(path.parent))
        assert ended.code == 1
        assert "dropped_intents" in ended.out and told in ended.out, ended.out


@pytest.mark.parametrize(
    ("wrong", "named"), [("rule: arbitration.kiled", "arbitration.killed"), ("rle: arbitration.killed", "rule")]
)
def test_what_drops_an_intent_is_known(desk: Path, flyball: Flyball, wrong: str, named: str) -> None:
    path = desk / "policies/desk/policy.yaml"
    path.write_text(path.read_text().replace("rule: arbitration.killed", wrong))
    ended = flyball("lint", str(path))
    assert ended.code == 1
    assert ended.out.count("error[") == 1 and f"did you mean `{named}`" in ended.out


def test_a_veto_that_no_example_shows_is_named(desk: Path, flyball: Flyball) -> None:
    path = desk / "policies/desk/policy.yaml"
    shutil.rmtree(path.parent / "tests")
    begin, _, rest = path.read_text().partition("  tripped:")
    path.write_text(f"{begin}  no_capital:{rest.partition('  no_capital:')[2]}")
    ended = flyball("test", str(path.parent))
    assert "not covered: veto arbitration.killed drops an intent in no example" in ended.out
