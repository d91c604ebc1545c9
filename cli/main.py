"""`flyball COMMAND`: finds the command, runs it, and turns every way of ending into an exit code."""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from collections.abc import Sequence
from types import ModuleType

from .._version import __version__
from .common import CannotStartError, Exit

COMMANDS = {
    "lint": "everything that can be known about packs without running them",
    "test": "run the examples of packs, and show what they do not cover",
    "decide": "decide on a snapshot",
    "explain": "explain a diagnostic code",
    "params": "every number in force: value, unit, range, why, where it comes from",
    "schema": "the JSON Schema of a pack's snapshot, or of one of Flyball's own files",
}


def main(arguments: Sequence[str] | None = None) -> int:
    given = list(sys.argv[1:] if arguments is None else arguments)
    try:
        return _run(given)
    except CannotStartError as error:
        sys.stderr.write(f"flyball: {error}\n")
        return Exit.USAGE
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return Exit.OK
    except KeyboardInterrupt:
        sys.stderr.write("flyball: interrupted\n")
        return 130


def _run(given: list[str]) -> int:
    command = next((each for each in given if each in COMMANDS), None)
    parser = _parser(only=command if given and given[0] == command else None)
    options = parser.parse_args(given)
    if not hasattr(options, "run"):
        parser.print_help()
        return Exit.USAGE
    code: int = options.run(options)
    sys.stdout.flush()
    return code


def _parser(only: str | None) -> argparse.ArgumentParser:
    """The parser; where the command is known, only its module is imported."""
    parser = argparse.ArgumentParser(prog="flyball", description="Rules for trading policy and risk, in reviewed YAML.")
    parser.add_argument("--version", action="version", version=f"flyball {__version__}")
    commands = parser.add_subparsers(metavar="COMMAND", title="commands")
    for name, summary in COMMANDS.items():
        sub = commands.add_parser(name, help=summary, formatter_class=argparse.RawDescriptionHelpFormatter)
        if only in (None, name):
            module = _module(name)
            sub.description, sub.epilog = (module.__doc__ or "").split("\n\n", 1)[0], module.EXAMPLE
            module.add_arguments(sub)
            sub.set_defaults(run=module.run)
    return parser


def _module(name: str) -> ModuleType:
    return importlib.import_module(f".{name}", __package__)


if __name__ == "__main__":
    sys.exit(main())
