"""Files as a git revision has them.

What runs git is imported when a revision is asked for: most references are names and files, and are not to wait for it.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from . import lookup


class RevisionError(Exception):
    """Git does not know the revision or the path, or is not there; the message says which."""


def split(reference: str) -> tuple[str, str] | None:
    """`REV:path` as revision and path; nothing where a reference is none."""
    revision, colon, path = reference.partition(":")
    if not colon or not path or Path(reference).exists() or len(revision) < 2:  # a drive's letter is no revision
        return None
    return revision, path


@contextmanager
def checked_out(revision: str, path: str) -> Iterator[Path]:
    """The path below a temporary folder that holds the YAML files of the revision from two folders up.

    That is what a pack's imports are looked up in; for policies the packs beside them as well. Raises RevisionError.
    """
    import tarfile
    import tempfile

    named = PurePosixPath(path.rstrip("/"))
    with tempfile.TemporaryDirectory(prefix="flyball-") as folder:
        is_tree = _git("cat-file", "-t", f"{revision}:./{named}").strip() == b"tree"
        is_of_many = is_tree and not _is_of_one(revision, named)
        above = named if is_of_many else _two_up(named / lookup.POLICY if is_tree else named)
        patterns = [f"{each}/*.yaml".removeprefix("./") for each in (above, *_packs_of(revision, above))]
        archive = _git("archive", "--format=tar", revision, "--", *patterns)
        with tarfile.open(fileobj=io.BytesIO(archive)) as files:
            files.extractall(folder, filter="data")
        yield Path(folder) / named


def _two_up(file: PurePosixPath) -> PurePosixPath:
    return file.parents[1] if len(file.parents) > 1 else file.parent


def _is_of_one(revision: str, folder: PurePosixPath) -> bool:
    """Whether a folder is that of one pack or policy, and not one of many."""
    names = _git("ls-tree", "--name-only", f"{revision}:./{folder}").decode().splitlines()
    return lookup.is_of_one(names)


def _packs_of(revision: str, folder: PurePosixPath) -> list[PurePosixPath]:
    """The folder of packs beside one of policies, which use them."""
    beside = folder.parent / "rules"
    if folder.name != "policies":
        return []
    try:
        _git("cat-file", "-e", f"{revision}:./{beside}")
    except RevisionError:
        return []
    return [beside]


def content(revision: str, path: Path) -> bytes:
    """A file as a revision has it. Raises RevisionError."""
    return _git("show", f"{revision}:./{path.name}", folder=path.parent)


def _git(*arguments: str, folder: Path | None = None) -> bytes:
    import subprocess

    try:
        done = subprocess.run(["git", *arguments], capture_output=True, check=False, cwd=folder)
    except OSError as error:
        raise RevisionError(f"git cannot be run: {error.strerror or error}") from error
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip().splitlines()
        raise RevisionError(f"git: {said[-1].removeprefix('fatal: ') if said else 'it failed'}")
    return done.stdout


__all__ = ["RevisionError", "checked_out", "content", "split"]
