"""Files changed in place: whole or not at all, and never over what somebody else wrote meanwhile."""

from __future__ import annotations

import os
import secrets
import stat
from contextlib import suppress
from pathlib import Path

from ..engine.source import Span

_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)


class WriteError(Exception):
    """A file was left as it is; the message says why."""


def replace(path: Path, before: bytes | None, after: bytes) -> None:
    """Write `after` where a file still holds `before`, or where there is none if that is None.

    Raises WriteError.
    """
    target = path.resolve()  # a link stays a link
    try:
        mode = _mode(target, path, before)
        _refuse_changed(path, before)
        put(target, after, mode)
    except OSError as error:
        raise WriteError(f"cannot write {path}: {error.strerror or error}") from error


def put(target: Path, data: bytes, mode: int | None = None) -> None:
    """Write a file whatever stands there, which stays where that fails; without a mode, with that of new files.

    Raises OSError.
    """
    name = target.with_name(f".{target.name}.{secrets.token_hex(4)}.new")
    try:
        with os.fdopen(os.open(name, _NEW, 0o666), "wb") as file:
            if mode is not None:
                os.chmod(name, mode)
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(name, target)
    except BaseException:
        with suppress(OSError):
            name.unlink()
        raise


def remove(path: Path, before: bytes) -> None:
    """Remove a file that still holds `before`. Raises WriteError."""
    try:
        _refuse_changed(path, before)
        path.unlink()
    except OSError as error:
        raise WriteError(f"cannot remove {path}: {error.strerror or error}") from error


def refuse_fixed(path: Path, before: bytes) -> None:
    """Raises WriteError where a file that holds `before` could not be replaced, before others are written for it."""
    try:
        _mode(path.resolve(), path, before)
        _refuse_changed(path, before)
    except OSError as error:
        raise WriteError(f"cannot write {path}: {error.strerror or error}") from error


def _refuse_changed(path: Path, before: bytes | None) -> None:
    if before is not None and path.read_bytes() != before:
        raise WriteError(f"{path} was changed by another program meanwhile and is left as it is; run this again")


def spliced(data: bytes, span: Span, text: str) -> bytes:
    """The bytes of a file with another text in the place of a span of it."""
    mark = len(data) - len(data.removeprefix(_MARK))
    start, end = (mark + len(span.source.text[:place].encode()) for place in (span.start, span.end))
    return data[:start] + text.encode() + data[end:]


_MARK = "\ufeff".encode()


def _mode(target: Path, shown: Path, before: bytes | None) -> int | None:
    """The mode of the file that is there. It is spoken of as `shown`, which is how a person named it."""
    if before is None:
        if target.exists():
            raise WriteError(f"{shown} is there already and is left as it is")
        target.parent.mkdir(parents=True, exist_ok=True)
        return None
    mode = stat.S_IMODE(target.stat().st_mode)
    if not mode & stat.S_IWUSR or not os.access(target, os.W_OK):
        raise WriteError(f"{shown} is read-only and is left as it is")
    return mode


__all__ = ["WriteError", "put", "refuse_fixed", "remove", "replace", "spliced"]
