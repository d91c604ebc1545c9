"""Snapshots from files and standard input."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

MAX_BYTES = 64 * 1024 * 1024


class SnapshotError(Exception):
    """What keeps a snapshot from being read at all; the message is one clear line with its place."""


def read_snapshot(path: str) -> Any:
    """The JSON value of a file, or of standard input for `-`. NaN and infinities are read: the decision names them.

    Raises SnapshotError.
    """
    return parse_snapshot(_read(path), "standard input" if path == "-" else path)


def _read(path: str) -> bytes:
    try:
        if path == "-":
            data = sys.stdin.buffer.read(MAX_BYTES + 1)
        else:
            with Path(path).open("rb") as file:
                data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise SnapshotError(f"cannot read {path}: {error.strerror or error}") from error
    if len(data) > MAX_BYTES:
        raise SnapshotError(f"{path} holds more than {MAX_BYTES} bytes")
    return data


def parse_snapshot(data: bytes, name: str) -> Any:
    """Raises SnapshotError, also where a key is written twice."""
    if not data.strip():
        raise SnapshotError(f"{name} is empty; a snapshot is a JSON object with one key an input")
    try:
        return json.loads(data.decode("utf-8-sig"), object_pairs_hook=_unique)
    except UnicodeDecodeError as error:
        raise SnapshotError(f"{name} is not UTF-8 (byte {error.start})") from error
    except json.JSONDecodeError as error:
        raise SnapshotError(f"{name}:{error.lineno}:{error.colno}: this is not JSON: {error.msg.lower()}") from error
    except RecursionError as error:
        raise SnapshotError(f"{name} is nested too deeply") from error
    except ValueError as error:
        raise SnapshotError(f"{name}: {error}") from error


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [key for key, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"the key `{twice}` is written twice")
    return found
