"""Snapshots from files and standard input."""

from __future__ import annotations

import sys
from pathlib import Path

from ..engine.json_text import MAX_BYTES


class SnapshotError(Exception):
    """What keeps a snapshot's file from being read; the message is one clear line."""


def read_snapshot(path: str) -> bytes:
    """The JSON text of a file, or of standard input for `-`: of what is too long no more than says so.

    Raises SnapshotError.
    """
    try:
        if path == "-":
            return sys.stdin.buffer.read(MAX_BYTES + 1)
        with Path(path).open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except OSError as error:
        raise SnapshotError(f"cannot read {path}: {error.strerror or error}") from error
