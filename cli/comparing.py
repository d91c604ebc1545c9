"""Two references opened side by side: a file beside a file, or the files of two folders by their names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from ..engine.comparison import Comparison, Side, compare
from ..engine.versions import number_of
from ..loaders import cache, kept, lookup
from ..loaders.loaded import LoadedPack
from ..loaders.revisions import RevisionError, checked_out, split
from .common import fail
from .opening import find_file, pack_files, unfit


@dataclass(slots=True)
class Folders:
    """The comparisons of what is on both sides, and the names of what is on one."""

    comparisons: list[Comparison] = field(default_factory=list)
    added: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    is_single: bool = False


@dataclass(frozen=True, slots=True)
class _Tree:
    """What a reference leads to: files by their names below it, `""` where it is one. `shown` is how to call it."""

    shown: str
    files: Mapping[str, Path]
    rules: str | None
    named: str | None

    def side(self, name: str) -> Side:
        path = self.files[name]
        return side_of(path, f"{self.shown}/{name}" if name else self.shown, self._rules_of(path))

    def _rules_of(self, path: Path) -> str | None:
        """Where packs are looked up: those of a policy beside its folder, if nobody named another place."""
        return lookup.rules_beside(path, self.named) if path.name == lookup.POLICY else self.rules


def compared(before: str, after: str, rules: str | None) -> Folders:
    """Raises CannotStartError where something cannot be found or loaded."""
    with ExitStack() as stack:
        old, new = (_opened(each, rules, stack) for each in (before, after))
        if list(old.files) == [""] == list(new.files):
            return Folders([compared_sides(old.side(""), new.side(""))], is_single=True)
        if "" in old.files or "" in new.files:
            fail("compare two files or two folders, and not one with the other")
        return _folders(old, new)


def side_of(path: Path, shown: str, rules: str | None) -> Side:
    """A file as one side of a comparison, called `shown` in what is said of it. Raises CannotStartError."""
    loaded = _load(path, shown, rules)
    if not isinstance(loaded.document, dict) or (loaded.checked is None and loaded.vocabulary is None):
        raise unfit(shown, loaded.findings)
    return Side(loaded.document, loaded.checked.pack if loaded.checked else None)


def compared_sides(before: Side, after: Side) -> Comparison:
    kinds = ["a pack" if side.pack else "a vocabulary" for side in (before, after)]
    if kinds[0] != kinds[1]:
        fail(f"{before.name} is {kinds[0]} and {after.name} is {kinds[1]}; compare two of a kind")
    return compare(before, after)


def _opened(reference: str, rules: str | None, stack: ExitStack) -> _Tree:
    found = split(reference)
    if not found:
        folder = Path(reference)
        if folder.is_dir() and "/" in f"{reference}/" and not lookup.REFERENCE.fullmatch(reference):
            return _Tree(reference.rstrip("/"), _below(folder, rules), rules or _packs_around(folder), rules)
        if folder.is_dir() and not any((each / reference).is_dir() for each in lookup.rule_folders(rules)):
            return _Tree(reference, _below(folder, rules), rules or _packs_around(folder), rules)
        path = find_file(reference, rules)
        return _Tree(str(path), {"": path}, rules, rules)
    try:
        path = stack.enter_context(checked_out(*found))
    except RevisionError as error:
        fail(f"{reference}: {error}")
    if path.is_dir():
        return _Tree(reference.rstrip("/"), _below(path, rules), _packs_around(path), None)
    return _Tree(reference, {"": path}, str(path.parent.parent), None)


def _packs_around(folder: Path) -> str:
    """The folder of packs that a folder is, or that it is in."""
    return str(folder.parent if lookup.is_of_one(each.name for each in folder.iterdir()) else folder)


def _below(folder: Path, rules: str | None) -> dict[str, Path]:
    return {path.relative_to(folder).as_posix(): path for path in pack_files(f"{folder}/", rules)}


def _load(path: Path, shown: str, rules: str | None) -> LoadedPack:
    try:
        if str(path) == shown:
            return kept.PackFile(path, rules, cached=cache.is_on()).loaded
        from ..loaders.lock import read_lock
        from ..loaders.packs import load_bytes

        with lookup.telling(None):  # what a revision holds is found where git put it for the time
            lock = read_lock(Path(shown), lookup.lock_bytes(path))
            return load_bytes(lookup.read_bytes(path), shown, rules, lock=lock)
    except OSError as error:
        fail(f"cannot read {shown}: {error.strerror or error}")


def _folders(old: _Tree, new: _Tree) -> Folders:
    """A file that is new is compared with the version before it, where there is one."""
    result = Folders()
    for name in sorted(old.files.keys() & new.files.keys()):
        if _bytes(old.files[name]) != _bytes(new.files[name]):
            result.comparisons.append(compared_sides(old.side(name), new.side(name)))
    result.removed = sorted(old.files.keys() - new.files.keys())
    for name in sorted(new.files.keys() - old.files.keys()):
        earlier = max(_earlier(name, new), default=None)
        if earlier is None:
            result.added.append(name)
        else:
            result.comparisons.append(compared_sides(new.side(earlier[1]), new.side(name)))
    return result


def _bytes(path: Path) -> tuple[bytes, bytes | None]:
    """What a file says, and of a policy's what its lock does."""
    return path.read_bytes(), lookup.lock_bytes(path)


def _earlier(name: str, tree: _Tree) -> Iterator[tuple[tuple[int, int, int], str]]:
    """The versions of the same folder before one."""
    path = Path(name)
    try:
        own = number_of(path.stem)
    except ValueError:
        return
    for other in tree.files:
        each = Path(other)
        if each.parent == path.parent and lookup.REFERENCE.fullmatch(f"x@{each.stem}") and number_of(each.stem) < own:
            yield number_of(each.stem), other


__all__ = ["Folders", "compared", "compared_sides", "side_of"]
