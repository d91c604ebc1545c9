"""`flyball COMMAND`: finds the command, runs it, and turns every way of ending into an exit code."""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from collections.abc import Iterable, Sequence
from io import TextIOWrapper
from types import ModuleType

from .._version import __version__
from .common import CannotStartError, Exit, fail

COMMANDS = {
    "init": "begin a repository of rules: a pack, a policy, checks, editor settings",
    "lint": "everything that can be known about packs and policies without running them",
    "fmt": "write packs and policies in the canonical layout, comments kept",
    "test": "run the examples of packs and policies, and look for snapshots that break invariants",
    "decide": "decide on a snapshot",
    "explain": "explain a decision, or a diagnostic code",
    "report": "write a pack, a decision, a run or a diff as a document: HTML, Markdown or JSON",
    "params": "every number in force: value, unit, range, why, where it comes from",
    "diff": "what changed between two versions, and the bump it needs",
    "set": "set one parameter or cell in the file of a pack or policy, checked before it is written",
    "bump": "give changed packs the version that they need, and release versions",
    "update": "lock a policy to the newest versions that it asks for, and show what changes",
    "schema": "the JSON Schema of a policy's snapshot, or of one of Flyball's own files",
    "fuzz": "for maintainers: look for packs on which the back ends differ, or that upset the loader",
}
_MODULES = {"test": "examples_test"}  # no file is named like a standard module
_EPILOG = """flyball COMMAND --help says more, with an example.
Exit codes: 0 fine, 1 findings or a decision whose status is not ok, 2 wrong usage or what cannot start."""


def main(arguments: Sequence[str] | None = None) -> int:
    try:
        code = _run(list(sys.argv[1:] if arguments is None else arguments))
        sys.stdout.flush()
        return code
    except CannotStartError as error:
        sys.stderr.write(f"flyball: {error}\n")
        return Exit.USAGE
    except BrokenPipeError:
        # Python flushes once more as it ends, and would complain.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return Exit.OK
    except KeyboardInterrupt:
        sys.stderr.write("flyball: interrupted\n")
        return Exit.INTERRUPTED


def _run(given: list[str]) -> int:
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal that has no arrow gets a question mark
    try:
        return _command(given)
    except SystemExit as end:  # of argparse, after --help, --version or an error
        return end.code if isinstance(end.code, int) else Exit.OK


def _command(given: list[str]) -> int:
    if not given or given[0].startswith("-"):
        parser = _overview()
        parser.parse_args(given)
        parser.print_help()
        return Exit.USAGE
    name, *rest = given
    if name not in COMMANDS:
        fail(f"no command `{name}`; {_near(name, COMMANDS) or 'flyball --help lists them'}")
    module = _module(name)
    parser = _parser(name, module)
    options, unknown = parser.parse_known_intermixed_args(rest)
    if unknown:
        known = [option for action in parser._actions for option in action.option_strings]
        near = _near(unknown[0].partition("=")[0], known) if unknown[0].startswith("-") else None
        parser.error(f"`{unknown[0]}` is not an argument here" + (f"; {near}" if near else ""))
    from .shadowing import telling_shadowed

    with telling_shadowed():
        code: int = module.run(options)
    return code


def _near(name: str, known: Iterable[str]) -> str | None:
    from ..engine.diagnostics import did_you_mean

    return did_you_mean(name, known)


def _overview() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="flyball",
        usage="flyball [-h] [--version] COMMAND ...",
        description="Rules for trading policy and risk, in reviewed YAML.\n\ncommands:\n" + _summaries(),
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"flyball {__version__}")
    return parser


def _summaries() -> str:
    return "\n".join(f"  {name:<8} {summary}" for name, summary in COMMANDS.items())


def _parser(name: str, module: ModuleType) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=f"flyball {name}",
        description=(module.__doc__ or "").strip(),
        epilog=module.EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    module.add_arguments(parser)
    return parser


def _module(name: str) -> ModuleType:
    return importlib.import_module(f".{_MODULES.get(name, name)}", __package__)


if __name__ == "__main__":
    sys.exit(main())
