"""What every command shares: exit codes, output, and the arguments that name a pack and its parameters."""

from __future__ import annotations

import argparse
import json
import os
import sys
from enum import IntEnum
from io import TextIOWrapper
from typing import TYPE_CHECKING, Any, NoReturn, TextIO

if TYPE_CHECKING:
    from ..reports.text import Paint


POLICY_HELP = "a policy's name, folder or file; or a pack's name, name@version or file"


class Exit(IntEnum):
    """The exit codes of every command."""

    OK = 0
    FINDINGS = 1
    USAGE = 2
    INTERRUPTED = 130


class CannotStartError(Exception):
    """What keeps a command from starting; the message is one clear line, or one and the findings below it."""


def fail(message: str) -> NoReturn:
    raise CannotStartError(message)


def paint(stream: TextIO | None = None) -> Paint:
    """Colour on a terminal only (standard output where no other is named), and not where the user asked for none."""
    from ..reports.text import Paint

    return Paint(
        (stream or sys.stdout).isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    )


def say(text: str = "") -> None:
    sys.stdout.write(f"{text}\n")


def say_json(value: Any) -> None:
    """JSON to be read by people as well; a text is JSON already. It is UTF-8 whatever the terminal speaks."""
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8")
    say(value if isinstance(value, str) else json.dumps(value, indent=2, ensure_ascii=False))


def add_packs(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "packs",
        metavar="POLICY",
        nargs="+",
        help="a policy's name, folder or file, a pack's name, name@version or file, or a folder of these",
    )


def add_policy(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("policy", metavar="POLICY", help=POLICY_HELP)


def add_format(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--format", choices=("text", "json"), default="text", help="how to print (default: text)")


def add_rules(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--rules",
        metavar="DIR",
        help="look packs up here first, and policies in `policies` beside it "
        "(then FLYBALL_RULES, then the shipped ones)",
    )


def add_cache(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--no-cache",
        action="store_false",
        dest="cache",
        help="neither read nor write what loading made of the pack before (as FLYBALL_NO_CACHE=1 does)",
    )


def add_parameters(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--params", metavar="FILE", help="a YAML or JSON file of parameter values")
    parser.add_argument(
        "--set",
        metavar="NAME.PARAMETER=VALUE",
        action="append",
        default=[],
        dest="settings",
        help="set one parameter of a pack, or of what a policy calls it; may be repeated",
    )
