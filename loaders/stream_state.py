"""The file that a stream goes on from: how far input and output go together, and every session at that point.

The first line is a header with the hash of all that follows; each further line holds one key. It is replaced as a
whole, so that there is always one that is complete.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from ..engine.canonical import canonical_json, digest
from ..engine.decision import Status
from ..engine.streaming import Kept
from .lines import Position, StreamError
from .writing import put

FORMAT = "flyball stream 1"


@dataclass(frozen=True, slots=True)
class Saved:
    """What a stream goes on from. `options` are those of which its output depends."""

    options: Mapping[str, Any]
    read: Position
    written: Position
    counts: Mapping[Status, int]
    keys: tuple[Kept, ...]


def write(path: Path, saved: Saved) -> None:
    """Raises OSError, and then leaves what was there."""
    body = b"".join(_line(each) for each in saved.keys)
    header = {
        "format": FORMAT,
        "options": dict(saved.options),
        "read": asdict(saved.read),
        "written": asdict(saved.written),
        "counts": dict(saved.counts),
        "keys": len(saved.keys),
        "body": sha256(body).hexdigest(),
    }
    first = canonical_json({**header, "hash": digest(header)}).encode() + b"\n"
    put(path, first + body)
    _secure_folder(path.parent)


def _line(kept: Kept) -> bytes:
    return b'{"last":%b,"state":%b}\n' % (json.dumps(kept.last).encode(), kept.state)


def _secure_folder(folder: Path) -> None:
    """The new name is on the disk only when its folder is; where folders cannot be opened there is no such call."""
    if os.name == "nt":
        return
    number = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)


def read(path: Path) -> Saved | None:
    """What was saved, or nothing where there is no file. Raises StreamError and OSError."""
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return None
    first, _, body = data.partition(b"\n")
    try:
        header = json.loads(first)
        found = digest({key: value for key, value in header.items() if key != "hash"})
        if header["format"] != FORMAT or header["hash"] != found or header["body"] != sha256(body).hexdigest():
            raise ValueError
        return Saved(
            header["options"],
            Position(**header["read"]),
            Position(**header["written"]),
            Counter(header["counts"]),
            tuple(_keys(body.splitlines())),
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise StreamError(f"{path} is no state of a stream, or was changed after it was saved") from None


def _keys(lines: Iterable[bytes]) -> Iterable[Kept]:
    for line in lines:
        each = json.loads(line)
        yield Kept(canonical_json(each["state"]).encode(), each["last"])
