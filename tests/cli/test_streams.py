"""Streams: a decision a line, a state for each key, and the same bytes however often it was stopped."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from flyball.engine import json_text
from flyball.loaders import lines, stream_state
from flyball.tests.cli.conftest import PACKS, Ended, Flyball

COMMAND = [sys.executable, "-m", "flyball.cli.main", "decide", str(PACKS / "session.yaml"), "--stream"]
SYMBOLS = ("AAPL", "IBM", "MSFT", "TSLA")


def snapshots(count: int, seed: int = 1) -> Iterator[bytes]:
    """Some lines hold no snapshot, some have faults, some come twice or too late."""
    draw, now = random.Random(seed), 1_767_625_200
    for number in range(count):
        now += draw.choice((0, 1, 5, 30, -3))
        given: dict[str, Any] = {"symbol": draw.choice(SYMBOLS), "pnl": round(draw.gauss(0, 2), 1), "now": now}
        match draw.randrange(40):
            case 0:
                given["pnl"] = "much"
            case 1:
                del given["symbol"]
            case 2:
                given["symbol"] = "X" * 300
            case 3:
                yield b'{"symbol": \xff\n'
            case 4:
                yield b"\r\n"
            case 5:
                yield b"[" * 100_000 + b"\n"
        yield json.dumps({**given, "reset": number % 50 == 0}).encode() + b"\n"


def decisions(text: str | bytes) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


@pytest.fixture
def feed(tmp_path: Path) -> Path:
    path = tmp_path / "feed.jsonl"
    path.write_bytes(b"".join(snapshots(400)))
    return path


def test_each_line_has_a_decision_and_each_key_a_state(flyball: Flyball) -> None:
    given = [
        {"symbol": "A", "pnl": -6, "reset": False, "now": 0},
        {"symbol": "B", "pnl": 1, "reset": False, "now": 0},
        {"symbol": "A", "pnl": 1, "reset": False, "now": 1},
        {"symbol": "B", "pnl": 1, "reset": False, "now": 0},
        {"symbol": "B", "pnl": 1, "reset": False, "now": -1},
        {"symbol": 7, "pnl": 1, "reset": False, "now": 1},
    ]
    text = "\n".join(map(json.dumps, given)) + "\n\n{\n"
    ended = flyball("decide", "session.yaml", "--stream", "--key", "symbol", stdin=text.encode())
    found = decisions(ended.out)
    assert [each["line"] for each in found] == [1, 2, 3, 4, 5, 6, 8]
    assert [each["status"] for each in found] == ["ok", "ok", "ok", "repeated", "refused", "failsafe", "failsafe"]
    assert [each["key"] for each in found] == ["A", "B", "A", "B", "B", None, None]
    assert [each["outputs"]["allow"] for each in found] == [False, True, False, True, False, False, False]
    assert [code["code"] for each in found[4:] for code in each["diagnostics"]] == ["FB744", "FB703", "FB718"]
    assert (ended.code, ended.err) == (1, "7 snapshots: 2 failsafe, 3 ok, 1 refused, 1 repeated; 7 written\n")


def test_a_stream_that_is_ok_ends_with_0(flyball: Flyball) -> None:
    ended = flyball("decide", "session.yaml", "--stream", stdin=b'{"symbol": "A", "pnl": 1, "reset": false, "now": 0}')
    assert (ended.code, ended.err) == (0, "1 snapshot: 1 ok; 1 written\n")
    assert flyball("decide", "session.yaml", "--stream").err == "0 snapshots; 0 written\n"


def test_a_line_that_is_none_sets_the_latches_of_the_only_session(flyball: Flyball) -> None:
    good = '{"symbol": "A", "pnl": 1, "reset": false, "now": %d}'
    text = f"{good % 0}\nnonsense\n{good % 1}\n".encode()
    one, many = (
        [
            each["outputs"]["allow"]
            for each in decisions(flyball("decide", "session.yaml", "--stream", *key, stdin=text).out)
        ]
        for key in ([], ["--key", "symbol"])
    )
    assert (one, many) == ([True, False, False], [True, False, True])


def test_a_line_that_is_too_long_is_passed_over(flyball: Flyball, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "MAX_BYTES", 60)
    monkeypatch.setattr(json_text, "MAX_BYTES", 60)
    good = b'{"symbol": "A", "pnl": 1, "reset": false, "now": 0}'
    text = good.ljust(60) + b"\n" + good.ljust(61) + b"\n" + good.ljust(500) + b"\n[]"
    found = decisions(flyball("decide", "session.yaml", "--stream", stdin=text).out)
    assert [each["status"] for each in found] == ["ok", "failsafe", "failsafe", "failsafe"]
    assert [code["message"] for each in found[1:] for code in each["diagnostics"]] == [
        "the snapshot is not JSON: it is longer than 60 bytes",
        "the snapshot is not JSON: it is longer than 60 bytes",
        "the snapshot is a list, not an object",
    ]


def test_changes_are_the_decisions_that_differ_from_the_last_of_their_key(flyball: Flyball, feed: Path) -> None:
    arguments = ("decide", "session.yaml", "--stream", str(feed), "--key", "symbol")
    every, changed = (decisions(flyball(*arguments, *more).out) for more in ([], ["--changes"]))
    last: dict[Any, Any] = {}
    expected = []
    for each in every:
        now = [each[name] for name in ("status", "outputs", "intents", "fired")]
        now.append([(code["code"], code["path"]) for code in each["diagnostics"]])
        if each["status"] != "repeated" and (each["key"] is None or last.get(each["key"]) != now):
            expected.append(each)
            last[each["key"]] = now
    assert changed == expected
    assert 20 < len(changed) < len(every) - 100


@pytest.mark.parametrize("more", [[], ["--key", "symbol"], ["--key", "symbol", "--changes"]], ids=" ".join)
@pytest.mark.parametrize("standard_input", [False, True])
def test_going_on_gives_the_same_bytes(
    more: list[str], standard_input: bool, flyball: Flyball, feed: Path, tmp_path: Path
) -> None:
    """As the file grows; what was written behind the last state is cut off and written again."""
    whole = feed.read_bytes()
    cuts = sorted(random.Random(0).sample([i + 1 for i, byte in enumerate(whole) if byte == ord("\n")], 8))
    out, state = tmp_path / "out.jsonl", tmp_path / "state"
    for cut in (*cuts, len(whole)):
        feed.write_bytes(whole[:cut])
        source, stdin = ("-", whole[:cut]) if standard_input else (str(feed), b"")
        options = [*more, "--output", str(out), "--state", str(state)]
        ended = flyball("decide", "session.yaml", "--stream", source, *options, stdin=stdin)
        assert ended.code == 1, ended.err
        with out.open("ab") as file:
            file.write(b"half a deci")
    unbroken = tmp_path / "unbroken.jsonl"
    again = flyball("decide", "session.yaml", "--stream", str(feed), *more, "--output", str(unbroken))
    assert out.read_bytes() == unbroken.read_bytes() + b"half a deci"
    assert ended.err == again.err


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["--state", "s"], "--state needs --output FILE"),
        (["--now", "2026-01-05T15:00:00Z"], "--now is the time of one snapshot"),
        (["--interval", "1"], "--interval belongs to --state"),
        (["--interval", "nan"], "a number of seconds is wanted"),
        (["--key", "pnl"], "`pnl` is no input of type text or enum that every snapshot has; it may be symbol"),
        (["--key", "sybol"], "`sybol` is no input of type text or enum"),
        (["no.jsonl"], "no.jsonl: No such file or directory"),
        (["session.yaml", "--output", "session.yaml"], "session.yaml is read as well"),
    ],
)
def test_what_cannot_start(arguments: list[str], problem: str, flyball: Flyball) -> None:
    ended = flyball("decide", "session.yaml", "--stream", *arguments)
    assert ended.code == 2 and problem in ended.err
    assert not (PACKS / "s").exists()


@pytest.mark.parametrize("option", ["--changes", "--key=symbol", "--output=o", "--state=s", "--interval=1"])
def test_options_of_streams_need_one(option: str, flyball: Flyball) -> None:
    ended = flyball("decide", "session.yaml", option, stdin=b"{}")
    assert (ended.code, ended.err) == (2, f"flyball: {option.partition('=')[0]} belongs to --stream\n")


def _saved(flyball: Flyball, feed: Path, *more: str, pack: str = "session.yaml") -> Ended:
    folder = feed.parent
    options = ["--output", str(folder / "out.jsonl"), "--state", str(folder / "state"), *more]
    return flyball("decide", pack, "--stream", str(feed), *options)


def test_a_state_goes_with_its_input_output_and_options_only(flyball: Flyball, feed: Path) -> None:
    folder = feed.parent
    assert _saved(flyball, feed).code == 1
    given, out, state = (path.read_bytes() for path in (feed, folder / "out.jsonl", folder / "state"))
    cases: list[tuple[Path, bytes, str, list[str]]] = [
        (feed, given[:-9] + b"12345678\n", "is not what the state was saved with", []),
        (feed, given[:-100], "has ended 100 bytes before the place", []),
        (folder / "out.jsonl", out[:-1], "the state was saved behind", []),
        (folder / "out.jsonl", out[:-1] + b" ", "is not what the state was saved with", []),
        (folder / "state", state.replace(b'"line":4', b'"line":3'), "was changed after it was saved", []),
        (folder / "state", state[:-2], "was changed after it was saved", []),
        (folder / "state", b"[]", "is no state of a stream", []),
        (folder / "state", state, "was saved with changes false, not true", ["--changes"]),
        (folder / "state", state, "was saved with key none, not `symbol`", ["--key", "symbol"]),
    ]
    for path, data, problem, more in cases:
        before = path.read_bytes()
        path.write_bytes(data)
        ended = _saved(flyball, feed, *more)
        assert ended.code == 2 and problem in ended.err, (problem, ended)
        assert path.read_bytes() == data  # nothing was cut
        path.write_bytes(before)
    assert _saved(flyball, feed).code == 1
    assert (folder / "out.jsonl").read_bytes() == out


def test_a_newer_version_goes_on_as_its_migration_says(flyball: Flyball, feed: Path, tmp_path: Path) -> None:
    whole, half = feed.read_bytes(), feed.read_bytes().splitlines(keepends=True)[:200]
    text = (PACKS / "session.yaml").read_text(encoding="utf-8")
    newer = tmp_path / "newer.yaml"
    newer.write_text(text.replace("tripped", "halted").replace("1.0.0", "1.1.0"), encoding="utf-8")
    unbroken, keyed = flyball("decide", str(newer), "--stream", "--key", "symbol", stdin=whole).out, ("--key", "symbol")
    feed.write_bytes(b"".join(half))
    assert _saved(flyball, feed, *keyed).code == 1
    feed.write_bytes(whole)
    told = _saved(flyball, feed, *keyed, pack=str(newer))
    assert (told.code, "FB743 `tripped`" in told.err) == (2, True)
    moves = "migrate: {from: 1.0.0, definitions: {halted: {was: tripped}}}\n"
    newer.write_text(newer.read_text(encoding="utf-8") + moves, encoding="utf-8")
    assert _saved(flyball, feed, *keyed, pack=str(newer)).code == 1
    found, wanted = (decisions(each) for each in ((feed.parent / "out.jsonl").read_bytes(), unbroken))
    assert [each["outputs"] for each in found] == [each["outputs"] for each in wanted]
    assert [each["line"] for each in found] == [each["line"] for each in wanted]


def test_a_state_that_cannot_be_written_leaves_the_last_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "state"
    first = stream_state.Saved({}, lines.Position(), lines.Position(), {}, ())
    stream_state.write(path, first)

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        stream_state.write(path, stream_state.Saved({"a": 1}, lines.Position(), lines.Position(), {}, ()))
    assert stream_state.read(path) == first
    assert list(tmp_path.iterdir()) == [path]


# In a process of its own

posix = pytest.mark.skipif(os.name == "nt", reason="signals and pipes are a matter of POSIX")


@posix
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_behind_a_line_with_all_of_it_saved(number: signal.Signals, tmp_path: Path) -> None:
    out, state = tmp_path / "out.jsonl", tmp_path / "state"
    given = list(snapshots(30))
    with subprocess.Popen(
        [*COMMAND, "--output", str(out), "--state", str(state), "--interval", "0"],
        stdin=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as process:  # fmt: skip
        assert process.stdin and process.stderr
        process.stdin.write(b"".join(given))
        process.stdin.flush()
        wanted = sum(bool(line.strip()) for line in given)
        wait_until(lambda: out.exists() and out.read_bytes().count(b"\n") == wanted)
        process.send_signal(number)
        said = process.stderr.read()
    assert process.returncode == 128 + number
    assert said.startswith(b"stopped after ")
    saved = stream_state.read(state)
    assert saved and saved.read.line == len(given) and saved.written.offset == out.stat().st_size


@posix
def test_a_broken_pipe_ends_quietly(feed: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    ended = subprocess.run([*COMMAND, str(feed)], stdout=writing, stderr=subprocess.PIPE, timeout=60, check=False)
    os.close(writing)
    assert (ended.returncode, ended.stderr) == (0, b"")


@posix
def test_decisions_come_as_snapshots_do() -> None:
    with subprocess.Popen(COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdin and process.stdout
        for now in range(3):
            process.stdin.write(b'{"symbol": "A", "pnl": 1, "reset": false, "now": %d}\n' % now)
            process.stdin.flush()
            assert json.loads(process.stdout.readline())["line"] == now + 1
        process.stdin.close()
    assert process.returncode == 0


def wait_until(holds: Any) -> None:
    for _ in range(600):
        if holds():
            return
        time.sleep(0.05)
    raise AssertionError("it did not come to that")


def has_gone_on(process: subprocess.Popen[bytes], state: Path, before: int | None) -> bool:
    return process.poll() is not None or (state.exists() and state.stat().st_mtime_ns != before)


def check_kills(tmp_path: Path, command: list[str], given: Iterable[bytes], kills: int, longest: float) -> None:
    """Killed at random points and resumed each time: the same bytes as an unbroken run."""
    feed, out, state, unbroken = (tmp_path / name for name in ("feed.jsonl", "out.jsonl", "state", "unbroken.jsonl"))
    feed.write_bytes(b"".join(given))
    options = ["--key", "symbol", str(feed)]
    subprocess.run([*command, *options, "--output", str(unbroken)], stderr=subprocess.DEVNULL, check=False)
    draw, killed, progress = random.Random(0), 0, set()
    while True:
        resumed = [*command, *options, "--output", str(out), "--state", str(state), "--interval", "0.01"]
        before = state.stat().st_mtime_ns if state.exists() else None
        with subprocess.Popen(resumed, stderr=subprocess.DEVNULL) as process:
            if killed < kills:  # however slow the machine is, it has gone on by then
                wait_until(partial(has_gone_on, process, state, before))
                time.sleep(draw.uniform(0, longest))
                process.kill()
        if process.returncode != -signal.SIGKILL:
            break
        killed += 1
        saved = stream_state.read(state) if state.exists() else None
        progress.add(saved.read.line if saved else 0)
    assert process.returncode == 1
    assert out.read_bytes() == unbroken.read_bytes()
    assert killed == kills and len(progress) > kills // 4, (killed, progress)


@posix
def test_killed_and_resumed_it_writes_the_same_bytes(tmp_path: Path) -> None:
    check_kills(tmp_path, COMMAND, snapshots(12_000), kills=6, longest=0.5)


@posix
@pytest.mark.long
def test_killed_two_hundred_times_it_writes_the_same_bytes(tmp_path: Path) -> None:
    check_kills(tmp_path, COMMAND, snapshots(150_000), kills=200, longest=0.5)
