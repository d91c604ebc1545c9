"""The JSON Schema of a policy's snapshot or its Python types, or the schema of one of Flyball's own files.

With `--kind` it is that of a pack, a vocabulary, a policy, its lock or a written decision.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from .common import POLICY_HELP, Exit, add_rules, fail, say, say_json

EXAMPLE = """example:
  flyball schema orchestrator > snapshot.schema.json
  flyball schema orchestrator --format python > snapshot.py
  flyball schema --kind decision"""

KINDS = ("pack", "vocabulary", "policy", "lock", "decision")
_SCHEMAS = Path(__file__).parent.parent / "schemas"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("policy", metavar="POLICY", nargs="?", help=POLICY_HELP)
    parser.add_argument("--kind", choices=KINDS, help="the schema of this kind of file, in place of a snapshot")
    parser.add_argument(
        "--format",
        choices=("json", "python"),
        default="json",
        help="how to print: a JSON Schema, or Python types for a type checker (default: json)",
    )
    add_rules(parser)


def run(options: argparse.Namespace) -> int:
    if (options.policy is None) == (options.kind is None):
        fail(f"name a policy or a pack, or a kind of file with --kind {'|'.join(KINDS)}, and not both")
    if options.kind and options.format == "python":
        fail("--format python is of a snapshot; a kind of file has a JSON Schema alone")
    if options.kind:
        say_json((_SCHEMAS / f"{options.kind}.schema.json").read_text(encoding="utf-8").rstrip())
    else:
        _say_snapshot(options)
    return Exit.OK


def _say_snapshot(options: argparse.Namespace) -> None:
    from .opening import open_pack

    pack = open_pack(options.policy, options.rules)
    if options.format == "python":
        from ..engine.snapshot_stubs import snapshot_stubs

        say(snapshot_stubs(pack).rstrip())
        return
    from ..engine.snapshot_schema import snapshot_schema

    say_json(snapshot_schema(pack))
