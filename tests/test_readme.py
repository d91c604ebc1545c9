"""The README does what it says: its commands are run, its output is compared, its table is that of the command line."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from flyball.cli.main import COMMANDS, main
from flyball.loaders.packs import load_bytes
from flyball.tests.documents import ROOT, blocks, commands, read

README = read("README.md")
RUN = [pair for block in blocks(README, "console") for pair in commands(block)]
MAKE = "make demo"
DEMO = ROOT / "examples" / "market_history" / "demo.py"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder, with the README's files in it."""
    for block in blocks(README):
        if block.file:
            (tmp_path / block.file).write_text(block.text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("FLYBALL_RULES", raising=False)
    return tmp_path


def printed(command: str, capsys: pytest.CaptureFixture[str]) -> str:
    """What a command prints; only `flyball` and `sed` are known here."""
    program, *arguments = shlex.split(command)
    if program == "sed":
        return subprocess.run(command, shell=True, check=True, capture_output=True, text=True).stdout
    assert program == "flyball", command
    main(arguments)
    return "".join(capsys.readouterr())


@pytest.mark.skipif(os.name == "nt", reason="one command is sed")
@pytest.mark.usefixtures("folder")
def test_commands_print_what_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    for command, output in RUN:
        if command != MAKE:
            assert printed(command, capsys) == output.rstrip("\n") + "\n" * bool(output)


@pytest.mark.usefixtures("folder")
def test_python_prints_what_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    (code,), (output,) = blocks(README, "python"), blocks(README, "text")
    exec(compile(code.text, "README.md", "exec"), {})
    assert capsys.readouterr().out == output.text


def test_the_first_pack_has_twelve_lines_and_no_findings() -> None:
    pack = blocks(README)[0]
    assert (pack.language, len(pack.text.splitlines())) == ("yaml", 12)
    assert load_bytes(pack.text.encode(), str(pack.file)).findings == ()


def test_make_has_the_targets() -> None:
    """That they work is seen by continuous integration, which runs `make test`, and below."""
    (shell,) = blocks(README, "sh")
    targets = re.findall(r"^make (\w+)", shell.text, re.MULTILINE)
    assert targets == ["demo", "test"]
    makefile = read("Makefile")
    assert re.search(r"^demo: .*\n\t@?\$\(BIN\)/python examples/market_history/demo\.py$", makefile, re.MULTILINE)
    assert re.search(r"^test: .*\n\t@?\$\(BIN\)/python -m pytest -n 2 --dist worksteal$", makefile, re.MULTILINE)


def test_the_demo_prints_what_is_shown() -> None:
    """An ellipsis stands for lines that are left out."""
    ended = subprocess.run(
        [sys.executable, str(DEMO)], check=True, capture_output=True, encoding="utf-8", env=quiet_environment()
    )
    (shown,) = [output for command, output in RUN if command == MAKE]
    place = 0
    for part in shown.split("…\n"):
        found = ended.stdout.find(part, place)
        assert found >= 0, f"not printed, or not in this order:\n{part}\n\nbut:\n{ended.stdout}"
        place = found + len(part)


def quiet_environment() -> dict[str, str]:
    """This process's, without what sets parameters."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("ORCH_", "FLYBALL_"))}
    return {**kept, "PYTHONIOENCODING": "utf-8"}


def test_the_table_of_commands_is_complete() -> None:
    rows = re.findall(r"^\| `(\w+)` \| (.+) \|$", README, re.MULTILINE)
    assert dict(rows) == COMMANDS


def test_the_tables_of_engines_are_those_of_the_benchmark() -> None:
    """Their shape, that is: the numbers are a machine's."""
    program = [sys.executable, str(ROOT / "benchmarks" / "peers.py"), "--check"]
    subprocess.run([*program, str(ROOT / "README.md")], check=True)


def test_a_table_that_lacks_an_engine_is_found(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(re.sub(r"^\| Rego .*\n", "", README, count=1, flags=re.MULTILINE), "utf-8")
    program = [sys.executable, str(ROOT / "benchmarks" / "peers.py"), "--check", str(page)]
    assert subprocess.run(program, check=False, capture_output=True).returncode == 1
