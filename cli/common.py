"""What every command shares: exit codes, output, and the arguments that name a pack and its parameters."""

from __future__ import annotations

import argparse
import os
import sys
from enum import IntEnum
from typing import NoReturn

from ..reports.text import Paint


class Exit(IntEnum):
    """The exit codes of every command."""

    OK = 0
    FINDINGS = 1
    USAGE = 2


class CannotStartError(Exception):
    """What keeps a command from starting; the message is one clear line."""


def fail(message: str) -> NoReturn:
    raise CannotStartError(message)


def paint() -> Paint:
    """Colour on a terminal only, and not where the user asked for none."""
    return Paint(sys.stdout.isatty() and "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb")


def say(text: str = "") -> None:
    sys.stdout.write(f"{text}\n")


def add_format(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--format", choices=("text", "json"), default="text", help="how to print (default: text)")


def add_rules(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--rules", metavar="DIR", help="look packs up here first (then FLYBALL_RULES, then the shipped ones)")


def add_parameters(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--params", metavar="FILE", help="a YAML or JSON file of parameter values")
    parser.add_argument(
        "--set", metavar="PACK.NAME=VALUE", action="append", default=[], dest="settings", help="set one parameter; may be repeated"
    )
