"""What loading made of packs, kept from one process to the next: checked packs and their generated code.

An entry is found by content: the bytes of the pack, of the vocabularies that it imports and of the schemas, the layers
of its parameters, this engine's files, the packages that it reads packs with, and this Python. It is used only where
its checksum is right, so that an entry cut short, or written by two at once, is as good as none. Anything that goes
wrong here means to load without it.

Entries hold pickles and code, which do as they please when they are read. Nobody but the user may therefore write
them: the folder lies in the user's own cache folder and never beside a pack, is made with mode 0700, and neither it
nor a file in it is read where somebody else owns it or may write to it.
"""

from __future__ import annotations

import marshal
import os
import sys
from collections.abc import Callable
from functools import cache
from hashlib import sha256
from pathlib import Path
from threading import get_ident
from typing import Any

from .. import _version

FORMAT = b"flyball cache 1\n"
MAX_BYTES = 64 * 2**20  # of all entries
_CHECKSUM_BYTES = 32
_STALE_SECONDS = 3600  # after which a file that was never finished is removed
_OTHERS_WRITE = 0o022
_ENGINE = Path(__file__).resolve().parent.parent
_OFF = ("", "0")
_PACKAGES = {"yaml": "pyyaml", "jsonschema": "jsonschema", "pint": "pint", "tzdata": "tzdata"}  # by module
_NO_LINKS = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)


def is_on() -> bool:
    return os.environ.get("FLYBALL_NO_CACHE", "") in _OFF


@cache
def engine() -> bytes:
    """Stands for this engine, this Python and the packages. Files count by time and size: an edit changes it."""
    files = [_version.__file__, *_files(_ENGINE / "engine", ".py"), *_files(_ENGINE / "loaders", ".py")]
    files += _files(_ENGINE / "schemas", ".json")
    packages = [_package(module, name) for module, name in _PACKAGES.items()]
    states = [_state(path) for path in files]
    return key(_version.__version__, sys.version, sys.implementation.cache_tag, states, packages).encode()


def _state(path: str) -> tuple[str, int, int]:
    state = os.stat(path)
    return path, state.st_mtime_ns, state.st_size


def _package(module: str, name: str) -> tuple[object, ...]:
    """What is installed of a package: its version, as its folder tells, and the state of its first file."""
    from importlib.util import find_spec

    spec = find_spec(module)
    if spec is None or spec.origin is None:
        return (name,)
    beside = os.listdir(Path(spec.origin).parent.parent)
    return name, sorted(each for each in beside if each.lower().startswith(f"{name}-")), _state(spec.origin)


def _files(folder: str | Path, suffix: str) -> list[str]:
    found = []
    for entry in os.scandir(folder):
        if entry.is_dir():
            found += _files(entry.path, suffix)
        elif entry.name.endswith(suffix):
            found.append(entry.path)
    return sorted(found)


def key(*parts: Any) -> str:
    """A hash of `parts`, which hold builtin types only.

    Raises ValueError for any other.
    """
    return sha256(marshal.dumps(parts, 2)).hexdigest()  # version 2 gives equal bytes for equal values


def folder() -> Path | None:
    """The user's cache folder for flyball; nothing where there is no home."""
    if named := os.environ.get("FLYBALL_CACHE_DIR"):
        return Path(named)
    try:
        if sys.platform == "win32":
            return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local") / "flyball" / "Cache"
        if sys.platform == "darwin":
            return Path.home() / "Library" / "Caches" / "flyball"
        named = os.environ.get("XDG_CACHE_HOME", "")
        return (Path(named) if os.path.isabs(named) else Path.home() / ".cache") / "flyball"
    except RuntimeError:
        return None


def read(name: str) -> Any:
    """What was written under a name, or nothing."""
    place = folder()
    if place is None or not _is_safe(place):
        return None
    path = place / name
    try:
        with open(os.open(path, os.O_RDONLY | _NO_LINKS), "rb") as file:
            if not _is_ours(os.fstat(file.fileno())):
                return None
            data = file.read(MAX_BYTES)
        os.utime(path)  # what was used last is removed last
    except OSError:
        return None
    start = len(FORMAT) + _CHECKSUM_BYTES
    if data[:start] != FORMAT + sha256(data[start:]).digest():
        return None
    return marshal.loads(data[start:])


def write(name: str, value: Any) -> None:
    """Keep a value of builtin types and code objects, where that can be done."""
    place = folder()
    if place is None:
        return
    try:
        body = marshal.dumps(value)
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
        if _is_safe(place):
            _replace(place / name, FORMAT + sha256(body).digest() + body)
            _evict(place)
    except (OSError, ValueError) as error:
        _say("debug", f"nothing is cached in {place}: {error}")


def _replace(path: Path, data: bytes) -> None:
    """Write a file of its own first, so that nobody ever finds half of one."""
    draft = path.with_name(f"{path.name}.{os.getpid()}-{get_ident()}.draft")
    try:
        with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _NO_LINKS, 0o600), "wb") as file:
            file.write(data)
        draft.replace(path)
    except OSError:
        draft.unlink(missing_ok=True)
        raise


def _evict(place: Path) -> None:
    """Remove what was used longest ago while there is too much, and drafts that were left behind."""
    from time import time

    found = []
    with os.scandir(place) as listed:
        entries = list(listed)
    for entry in entries:
        try:
            state = entry.stat(follow_symlinks=False)
        except FileNotFoundError:  # a draft of another process, which has put it in its place by now
            continue
        if not entry.name.endswith(".draft"):
            found.append((state.st_mtime_ns, state.st_size, entry.path))
        elif state.st_mtime < time() - _STALE_SECONDS:
            Path(entry.path).unlink(missing_ok=True)
    total = sum(size for _, size, _ in found)
    for _, size, path in sorted(found):
        if total <= MAX_BYTES:
            break
        Path(path).unlink(missing_ok=True)
        total -= size


def _is_safe(place: Path) -> bool:
    """Whether nobody else can have put something there; said once where somebody can."""
    try:
        safe = _is_ours(place.stat())
    except OSError:
        return False
    if not safe:
        _say("warning", f"{place} is not used as cache: another user owns it or may write to it")
    return safe


def _is_ours(state: os.stat_result) -> bool:
    if sys.platform == "win32":  # where the folder's access list, which is the user's own, keeps others out
        return True
    return state.st_uid == os.geteuid() and not state.st_mode & _OTHERS_WRITE


@cache
def _say(level: str, text: str) -> None:
    """Log a line, once."""
    import logging

    logging.getLogger("flyball").log(logging.getLevelNamesMapping()[level.upper()], text)


def pack(value: object, named: Callable[[object], str | None] = lambda _: None) -> bytes | None:
    """The pickle of a value, where it has one; what `named` has a name for stands in it by that name."""
    import io
    import pickle

    class Pickler(pickle.Pickler):
        def persistent_id(self, obj: object) -> str | None:
            return named(obj)

    buffer = io.BytesIO()
    try:
        Pickler(buffer, pickle.HIGHEST_PROTOCOL).dump(value)
    except (pickle.PicklingError, AttributeError, TypeError, RecursionError) as error:
        _say("debug", f"not cached: {error}")
        return None
    return buffer.getvalue()


def unpack(data: bytes, of_name: Callable[[str], object] = str) -> Any:
    """The value of a pickle; `of_name` gives what stands in it by name."""
    import io
    import pickle

    class Unpickler(pickle.Unpickler):
        def persistent_load(self, name: str) -> object:
            return of_name(name)

    return Unpickler(io.BytesIO(data)).load()


__all__ = ["engine", "folder", "is_on", "key", "pack", "read", "unpack", "write"]
