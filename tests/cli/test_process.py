"""What only a process of its own shows: pipes, interruption, what is imported, streams of other encodings."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

COMMAND = [sys.executable, "-m", "flyball.cli.main"]
PACKS = Path(__file__).parent / "packs"
SNAPSHOT = '{"daily_pnl": -5, "marks": [], "now": 0}'


def flyball(*arguments: str, stdin: str = "", **environment: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [*COMMAND, *arguments],
        input=stdin.encode(),
        capture_output=True,
        cwd=PACKS,
        env={**os.environ, **environment},
        timeout=60,
        check=False,
    )


@pytest.mark.skipif(os.name == "nt", reason="a pipe of a POSIX shell")
@pytest.mark.parametrize("arguments", [["explain"], ["--help"], ["lint", "--help"], ["schema", "--kind", "pack"]])
def test_a_broken_pipe_ends_quietly(arguments: list[str]) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    ended = subprocess.run([*COMMAND, *arguments], stdout=writing, stderr=subprocess.PIPE, timeout=60, check=False)
    os.close(writing)
    assert (ended.returncode, ended.stderr) == (0, b"")


@pytest.mark.skipif(os.name == "nt", reason="signals are a matter of POSIX")
def test_an_interruption_ends_with_130_and_no_traceback() -> None:
    """Though whoever runs the tests may ignore interruptions, which a child takes over."""
    listens = "import signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler)"
    starts = "from flyball.cli.main import main; sys.exit(main(sys.argv[1:]))"
    command = [sys.executable, "-c", f"{listens}; {starts}", "decide", "good.yaml"]
    with subprocess.Popen(command, cwd=PACKS, stdin=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        time.sleep(2)  # it waits for the snapshot by then
        process.send_signal(signal.SIGINT)
        try:
            _, said = process.communicate(timeout=60)
        finally:
            process.kill()
    assert (process.returncode, said) == (130, b"flyball: interrupted\n")


@pytest.mark.parametrize("form", ["text", "json"])
def test_a_stream_of_another_encoding_is_no_obstacle(form: str) -> None:
    ended = flyball("decide", "good.yaml", "--format", form, stdin=SNAPSHOT, PYTHONIOENCODING="ascii")
    assert ended.returncode == 0 and ended.stderr == b""
    if form == "json":
        assert json.loads(ended.stdout)["reasons"]


def test_a_pipe_has_no_colour() -> None:
    ended = flyball("lint", "typo.yaml", TERM="xterm-256color")
    assert ended.returncode == 1 and b"\x1b" not in ended.stdout


def loaded(code: str) -> set[str]:
    script = f"import sys\n{code}\nprint('modules', *sys.modules)"
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, cwd=PACKS, timeout=60, check=True)
    return set(ended.stdout.decode().rpartition("modules")[2].split())


def test_importing_the_package_imports_nothing_else() -> None:
    modules = loaded("import flyball")
    assert {name for name in modules if name.startswith("flyball.")} == {"flyball._version"}


def test_lint_imports_nothing_that_it_does_not_need() -> None:
    modules = loaded("from flyball.cli.main import main; main(['lint', 'good.yaml'])")
    assert modules.isdisjoint(
        {"pydantic", "pint", "rfc8785", "flyball.engine.policy", "flyball.engine.backends.python"}
    )


def test_help_imports_no_command() -> None:
    assert not {
        name for name in loaded("from flyball.cli.main import main; main(['--help'])") if "flyball.engine" in name
    }
