"""What commands do with arguments and input that are not as they should be."""

from __future__ import annotations

import json
import re
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from flyball._version import __version__
from flyball.cli.main import COMMANDS
from flyball.engine.codes import CODES

Flyball = Callable[..., Any]
HEAD = "language: 1\npack: guard\nversion: 1.0.0\n"
ALIASES = "a0: &a0 [x]\n" + "".join(f"a{n + 1}: &a{n + 1} [{', '.join([f'*a{n}'] * 10)}]\n" for n in range(8))
GOOD = b'{"daily_pnl": 1, "marks": [], "now": "2026-01-05T15:00:00Z"}'
PROMPT = 20  # seconds; no measure of speed: it does not hang

FILES = {
    "not_utf_8.yaml": (f"{HEAD}title: Café\n".encode("latin-1"), "FB101"),
    "too_large.yaml": (b"#" * 2**20 * 100, "FB111"),
    "alias_bomb.yaml": (f"{HEAD}{ALIASES}".encode(), "FB106"),
    "open_brackets.yaml": (b"[" * 5000, "FB112"),
    "brackets.yaml": (f"{HEAD}notes: {'[' * 5000}{']' * 5000}\n".encode(), "FB112"),
    "braces.yaml": (b"{a: " * 5000, "FB112"),
    "empty.yaml": (b"", None),
    "a_list.yaml": (b"- 1\n", "FB203"),
    "zeros.yaml": (b"\0" * 100, None),
}


@pytest.mark.parametrize("name", FILES)
def test_a_hostile_file_is_refused_promptly(name: str, flyball: Flyball, tmp_path: Path) -> None:
    data, code = FILES[name]
    (tmp_path / name).write_bytes(data)
    began = time.perf_counter()
    ended = flyball("lint", str(tmp_path / name))
    assert time.perf_counter() - began < PROMPT
    assert ended.code == 1 and ended.out.startswith(f"error[{code or 'FB'}"), ended.out
    assert "Traceback" not in ended.out + ended.err


CANNOT_START = {
    "lint nofile.yaml": "no file nofile.yaml",
    "lint no/such/folder": "no file no/such/folder",
    "lint orchestratr": "did you mean `orchestrator`?",
    "lint orchestrator@9": "no pack `orchestrator` at version 9",
    "lint {folder}": "no pack in",
    "lint Not-a-name!": "is no name of a pack",
    "test nofile.yaml": "no file nofile.yaml",
    "decide nofile.yaml": "no file nofile.yaml",
    "decide orchestratr": "did you mean `orchestrator`?",
    "decide good.yaml nofile.json": "cannot read nofile.json",
    "decide good.yaml {folder}": "cannot read",
    "decide {folder}": "is a folder without a policy.yaml; name a file in it",
    "decide good.yaml --set loss_limit": "--set takes NAME.PARAMETER=VALUE, not `loss_limit`",
    "decide good.yaml --set =3": "--set takes NAME.PARAMETER=VALUE, not `=3`",
    "decide good.yaml --set los_limit=3": "did you mean `loss_limit`?",
    "decide good.yaml --set loss_limit=high": "a number in percent is expected here, not `high`",
    "decide good.yaml --set loss_limit=50": "`50` is outside of [0.1, 20]",
    "decide good.yaml --params nofile.yaml": "cannot read nofile.yaml",
    "decide good.yaml --now yesterday": "--now takes a time",
    "decide trading": "`pack` is missing",
    "params typo.yaml": "error[FB301]",
    "params trading": "`pack` is missing",
    "schema": "name a policy or a pack, or a kind of file",
    "schema orchestrator --kind pack": "and not both",
    "schema trading": "is a vocabulary",
    "schema typo.yaml": "error[FB301]",
    "explain FB999": "no diagnostic `FB999`",
    "explain unknown-nam": "did you mean `unknown-name`?",
    "lnt orchestrator": "no command `lnt`; did you mean `lint`?",
    "frobnicate": "flyball --help lists them",
    "lint": "the following arguments are required: POLICY",
    "lint good.yaml --fromat json": "did you mean `--format`?",
    "lint good.yaml --format xml": "invalid choice: 'xml'",
    "params good.yaml more.yaml": "`more.yaml` is not an argument here",
}


@pytest.mark.parametrize("command", CANNOT_START)
def test_what_cannot_start_says_why(command: str, flyball: Flyball, tmp_path: Path) -> None:
    ended = flyball(*command.replace("{folder}", str(tmp_path)).split(), stdin=GOOD)
    assert ended.code == 2, ended
    assert ended.out == ""
    assert CANNOT_START[command] in ended.err


BROKEN = {
    b"": "FB718: a value is expected at line 1, column 1, where it ends",
    b"{": "FB718: a key in double quotes or `}` is expected at line 1, column 2, where it ends",
    b'{"daily_pnl": 1,\n "marks": [}': "FB718: a value or `]` is expected at line 2, column 12",
    b'{"a": 1, "a": 2}': "FB719: `a` is written more than once",
    b'{"a": "\xff"}': "FB718: byte 8 is not UTF-8",
    b"[" * 100_000: "FB718: it is nested deeper than 128 levels at line 1, column 129",
}


@pytest.mark.parametrize("data", BROKEN, ids=list(BROKEN.values()))
def test_a_snapshot_that_cannot_be_read_ends_with_1_and_safe_outputs(data: bytes, flyball: Flyball) -> None:
    ended = flyball("decide", "good.yaml", "--format", "json", "--now", "2026-02-01T00:00:00Z", stdin=data)
    decision = json.loads(ended.out)
    assert ended.code == 1 and decision["status"] == "failsafe" and decision["now"] == "2026-02-01T00:00:00Z"
    assert [_told(each) for each in decision["diagnostics"]] == [BROKEN[data]]
    assert decision["outputs"] == {"allow": False, "size": 0, "bad": [], "fresh": None}


def _told(diagnostic: dict[str, str]) -> str:
    return f"{diagnostic['code']}: {diagnostic['message'].removeprefix('the snapshot is not JSON: ')}"


@pytest.mark.parametrize("data", [b"[]", b"null", b"3", b'"text"', b"{}", b'{"daily_pnl": NaN}', b"[[]]"])
def test_a_snapshot_with_faults_ends_with_1_and_safe_outputs(data: bytes, flyball: Flyball) -> None:
    ended = flyball("decide", "good.yaml", "--format", "json", stdin=data)
    decision = json.loads(ended.out)
    assert ended.code == 1 and decision["status"] == "failsafe" and decision["diagnostics"]
    assert decision["outputs"] == {"allow": False, "size": 0, "bad": [], "fresh": None}


def test_five_faults_are_five_diagnostics(flyball: Flyball) -> None:
    snapshot = {"daily_pnl": -101, "mood": "GRIM", "opened_at": "noon", "marks": [{"name": 3, "bad": "no"}], "now": 0}
    ended = flyball("decide", "good.yaml", "--format", "json", stdin=json.dumps(snapshot).encode())
    found = {(each["code"], each["path"]) for each in json.loads(ended.out)["diagnostics"]}
    assert ended.code == 1
    assert found == {
        ("FB704", "daily_pnl"),
        ("FB706", "mood"),
        ("FB710", "opened_at"),
        ("FB703", "marks[0].name"),
        ("FB703", "marks[0].bad"),
    }


def decided(flyball: Flyball, *arguments: str, stdin: bytes = GOOD) -> Any:
    ended = flyball("decide", "good.yaml", *arguments, "--format", "json", stdin=stdin)
    assert ended.code == 0, ended
    return json.loads(ended.out)


def test_now_is_set(flyball: Flyball) -> None:
    assert decided(flyball, "--now", "2026-02-01T00:00:00+01:00")["now"] == "2026-01-31T23:00:00Z"


def test_parameters_are_layered(flyball: Flyball, tmp_path: Path) -> None:
    file = tmp_path / "params.yaml"
    file.write_text("guard:\n  loss_limit: 0.5\n  wild_scale: 0.1\n")
    snapshot = b'{"daily_pnl": -1, "marks": [], "now": 0, "mood": "WILD"}'
    assert decided(flyball, stdin=snapshot)["outputs"]["size"] == 0.5
    assert decided(flyball, "--params", str(file), stdin=snapshot)["outputs"]["allow"] is False
    limit = ["--params", str(file), "--set", "guard.loss_limit=2"]
    outputs = decided(flyball, *limit, stdin=snapshot)["outputs"]
    assert outputs["allow"] is True and outputs["size"] == 0.1


def test_a_snapshot_file_may_have_a_byte_order_mark(flyball: Flyball, tmp_path: Path) -> None:
    file = tmp_path / "snapshot.json"
    file.write_bytes(b"\xef\xbb\xbf" + GOOD)
    assert decided(flyball, str(file))["status"] == "ok"


def test_a_terminal_that_gives_no_snapshot_is_told_so(flyball: Flyball, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("flyball.cli.decide.stdin_is_a_terminal", lambda: True)
    ended = flyball("decide", "good.yaml")
    assert ended.code == 2 and "no snapshot" in ended.err


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_an_example(command: str, flyball: Flyball) -> None:
    ended = flyball(command, "--help")
    assert ended.code == 0
    assert re.search(rf"^example:\n  flyball {command} ", ended.out, re.MULTILINE)
    assert "Exit code" in ended.out or command in ("explain", "params", "report", "schema")


def test_version(flyball: Flyball) -> None:
    assert flyball("--version").out == f"flyball {__version__}\n"


def test_no_command_is_wrong_usage_and_shows_them(flyball: Flyball) -> None:
    ended = flyball()
    assert ended.code == 2
    assert all(re.search(rf"^  {name} ", ended.out, re.MULTILINE) for name in COMMANDS)


@pytest.mark.parametrize("name", ["FB301", "fb301", "unknown-name"])
def test_a_code_is_explained_by_number_or_name(name: str, flyball: Flyball) -> None:
    ended = flyball("explain", name)
    assert ended.code == 0 and ended.out.startswith("# FB301 unknown-name")
    assert json.loads(flyball("explain", name, "--format", "json").out)["code"] == "FB301"


def test_all_codes_are_listed(flyball: Flyball) -> None:
    assert [line[:5] for line in flyball("explain").out.splitlines()] == list(CODES)
    assert [each["code"] for each in json.loads(flyball("explain", "--format", "json").out)] == list(CODES)


def test_a_folder_is_all_that_is_in_it(flyball: Flyball) -> None:
    ended = flyball("lint", "../packs", "--format", "json")
    found = json.loads(ended.out)
    assert ended.code == 1 and found["files"] == len(list(Path().glob("*.yaml")))
    assert {Path(each["file"]).name for each in found["findings"]} >= {"typo.yaml", "gap.yaml", "comma.yaml"}


def test_a_folder_is_tested_to_its_end(flyball: Flyball) -> None:
    found = json.loads(flyball("test", "../packs", "trading", "--format", "json").out)
    passed = {Path(each["file"]).name for each in found["packs"] if each["passed"]}
    assert passed == {"good.yaml", "pairs.yaml", "1.0.0.yaml"} and not found["passed"]


def test_packs_are_looked_up_where_one_says(flyball: Flyball, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "guard").mkdir()
    (tmp_path / "guard" / "1.0.0.yaml").write_text(Path(__file__).with_name("packs").joinpath("good.yaml").read_text())
    assert flyball("lint", "guard").code == 2
    assert flyball("lint", "guard", "--rules", str(tmp_path)).code == 0
    monkeypatch.setenv("FLYBALL_RULES", str(tmp_path))
    assert flyball("test", "guard@1").code == 0


@pytest.mark.parametrize("terminal", [True, False])
@pytest.mark.parametrize("no_color", ["1", ""])
def test_colour_is_for_terminals(
    terminal: bool, no_color: str, flyball: Flyball, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", no_color)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(sys.stdout, "isatty", lambda: terminal)
    assert ("\x1b[" in flyball("lint", "typo.yaml").out) is (terminal and not no_color)


def test_a_stranger_does_not_steer_the_terminal(flyball: Flyball) -> None:
    snapshot = b'{"daily_pnl": "\\u001b[2J", "marks": [], "\\u001b]0;x\\u0007": 1, "now": 0}'
    ended = flyball("decide", "good.yaml", stdin=snapshot)
    assert ended.code == 1 and "\x1b" not in ended.out and "\x07" not in ended.out


def test_lint_of_a_folder_reads_its_packs_and_nothing_else(flyball: Flyball, tmp_path: Path) -> None:
    (tmp_path / "notes.yaml").write_text("some: notes\n")
    (tmp_path / ".hidden").mkdir()
    (tmp_path / ".hidden" / "pack.yaml").write_text("pack: hidden\n")
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "pack.yaml").write_text("pack: broken\n")
    result = flyball("lint", f"{tmp_path}/", "--format", "json")
    assert json.loads(result.out)["files"] == 1
    assert result.code == 1
