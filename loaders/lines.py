"""Lines of JSON read and written with their positions in bytes, so that a stream can go on where it stopped."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO

from ..engine.json_text import MAX_BYTES

_TAIL = 4096
_CHUNK = 2**20


class StreamError(Exception):
    """What keeps a stream from starting; the message is one clear line."""


@dataclass(frozen=True, slots=True)
class Position:
    """How much was taken or written. The last bytes before it tell one file from another."""

    line: int = 0
    offset: int = 0
    tail: int = 0
    hash: str = sha256(b"").hexdigest()

    @classmethod
    def behind(cls, line: int, offset: int, data: bytes) -> Position:
        tail = data[-_TAIL:]
        return cls(line, offset, len(tail), sha256(tail).hexdigest())

    def check(self, tail: bytes, name: str) -> None:
        """Raises StreamError."""
        if len(tail) != self.tail or sha256(tail).hexdigest() != self.hash:
            raise StreamError(
                f"{name} is not what the state was saved with: it differs before byte {self.offset}; "
                "name the same file, or another --state to begin anew"
            )


@dataclass(frozen=True, slots=True)
class Line:
    """A line without its end; of one that is longer than a snapshot may be, no more than says so."""

    number: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Raw:
    """A line as it was read, with its length and its last bytes."""

    data: bytes
    tail: bytes
    length: int


class Lines:
    """The lines of a file or a pipe, and the position behind the last one that was taken."""

    def __init__(self, file: BinaryIO, name: str) -> None:
        self._file = file
        self._name = name
        self._line = self._offset = 0
        self._tail = b""

    @property
    def position(self) -> Position:
        return Position.behind(self._line, self._offset, self._tail)

    def read(self) -> Raw | None:
        """The next line, not yet taken: whoever is interrupted while it is read has lost nothing."""
        data = piece = self._file.readline(MAX_BYTES + 1)
        tail, length = data, len(data)
        fits = length <= MAX_BYTES or data.endswith(b"\n")
        while not fits and piece and not piece.endswith(b"\n"):
            piece = self._file.readline(MAX_BYTES)
            tail, length = piece or tail, length + len(piece)
        return Raw(data, tail[-_TAIL:], length) if data else None

    def take(self, raw: Raw) -> Line:
        self._line, self._offset, self._tail = self._line + 1, self._offset + raw.length, raw.tail
        return Line(self._line, raw.data.removesuffix(b"\n"))

    def skip_to(self, position: Position) -> None:
        """Take what was taken before, without looking at it. Raises StreamError where it is something else."""
        tail = self._passed(position.offset)[-position.tail :] if position.tail else b""
        position.check(tail, self._name)
        self._line, self._offset, self._tail = position.line, position.offset, tail

    def _passed(self, offset: int) -> bytes:
        """The last bytes of as many; a pipe gives them from its beginning, as a file could."""
        last, left = b"", offset
        while left and (data := self._file.read(min(left, _CHUNK))):
            last, left = (last + data)[-_TAIL:], left - len(data)
        if left:
            raise StreamError(f"{self._name} has ended {left} bytes before the place where the state was saved")
        return last


@contextmanager
def reading(path: str) -> Iterator[Iterator[Line]]:
    """The lines of a file, or of standard input for `-`. Raises OSError."""
    with ExitStack() as stack:
        file = sys.stdin.buffer if path == "-" else stack.enter_context(Path(path).open("rb"))
        lines = Lines(file, path)
        yield (lines.take(raw) for raw in iter(lines.read, None))


class Output:
    """Where decisions are written; `secure` returns when what was written is on the disk."""

    def __init__(self, file: BinaryIO, *, at_once: bool) -> None:
        self._file = file
        self._at_once = at_once
        self._line = self._offset = 0
        self._tail = b""

    @property
    def position(self) -> Position:
        return Position.behind(self._line, self._offset, self._tail)

    def write(self, line: bytes) -> None:
        self._file.write(line)
        if self._at_once:
            self._file.flush()
        self._line, self._offset, self._tail = self._line + 1, self._offset + len(line), line[-_TAIL:]

    def flush(self) -> None:
        self._file.flush()

    def secure(self) -> None:
        self._file.flush()
        os.fsync(self._file.fileno())

    def cut_to(self, position: Position, name: str) -> None:
        """Go on from a position; what stands behind it was never covered by a state. Raises StreamError."""
        size = self._file.seek(0, os.SEEK_END)
        if size < position.offset:
            raise StreamError(f"{name} has {size} bytes, the state was saved behind {position.offset} of them")
        self._file.seek(position.offset - position.tail)
        tail = self._file.read(position.tail)
        position.check(tail, name)
        self._file.seek(position.offset)
        self._file.truncate()
        self._line, self._offset, self._tail = position.line, position.offset, tail
