"""Where packs and policies are looked up, and their bytes.

It imports little: a policy that loads from the cache needs no more.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from hashlib import sha256
from pathlib import Path

SHIPPED = Path(__file__).parent.parent / "rules"
POLICY, LOCK, SCENARIOS = "policy.yaml", "lock.yaml", "tests"
MAX_BYTES = 4 * 2**20
NAME = re.compile(r"[a-z][a-z0-9_]*")
REFERENCE = re.compile(r"(?P<name>[a-z][a-z0-9_]*)(@(?P<version>\^?\d+(\.\d+){0,2}))?")
_VERSION = re.compile(r"\d+\.\d+\.\d+")

_YANKED = re.compile(rb"^[^#\r\n]*\byanked\b", re.MULTILINE)  # the head of a lock names it in a comment


class NotFoundError(Exception):
    """No pack or policy by that name or path; the message says where it was looked for."""


def rule_folders(rules: str | None = None) -> list[Path]:
    """Where packs are looked up: `--rules`, then FLYBALL_RULES, then the shipped ones."""
    named = [rules, os.environ.get("FLYBALL_RULES")]
    return [*(Path(each) for each in named if each), SHIPPED]


def find(reference: str, rules: str | None = None) -> Path:
    """The file of `name`, `name@version` or a path.

    Raises NotFoundError.
    """
    path = Path(reference)
    if path.suffix in (".yaml", ".yml") or "/" in reference or os.sep in reference:
        if not path.exists():
            raise NotFoundError(f"no file {reference}")
        if path.is_dir():
            raise NotFoundError(f"{reference} is a folder without a {POLICY}; name a file in it")
        return path
    matched = REFERENCE.fullmatch(reference)
    if not matched:
        raise NotFoundError(f"`{reference}` is no name of a pack; write `name`, `name@1.0.0` or a path to a .yaml file")
    for folder in rule_folders(rules):
        found = newest(folder / matched["name"], matched["version"])
        if found:
            return _told(reference, found)
    raise NotFoundError(_not_found(matched["name"], matched["version"], rules))


def find_policy(reference: str, rules: str | None = None) -> Path:
    """The file of a policy by its name or folder, or of a pack, which is a policy of one.

    A bare name is that of a policy before it is that of a pack, in each place; with a version it is a pack's. Raises
    NotFoundError.
    """
    path = Path(reference)
    if path.is_dir() and (path / POLICY).is_file() and ("/" in reference or os.sep in reference):
        return path / POLICY
    if not NAME.fullmatch(reference):
        return find(reference, rules)
    for folder in rule_folders(rules):
        found = _policy(folder, reference) or newest(folder / reference)
        if found:
            return _told(reference, found)
    raise NotFoundError(_not_found(reference, None, rules, policies=True))


def shadowed(reference: str, found: Path) -> Path | None:
    """The shipped file that a name would lead to if nothing stood in front of it in `--rules` or FLYBALL_RULES."""
    matched = REFERENCE.fullmatch(reference)
    if not matched:
        return None
    is_policy = found.name == POLICY
    shipped = _policy(SHIPPED, reference) if is_policy else newest(SHIPPED / matched["name"], matched["version"])
    return shipped if shipped and shipped.parent.resolve() != found.parent.resolve() else None


Tell = Callable[[str, Path, Path], None]
_tell: ContextVar[Tell | None] = ContextVar("tell", default=None)


@contextmanager
def telling(tell: Tell | None) -> Iterator[None]:
    """Tell of each name that is found meanwhile: its file, and the shipped one that this stands in front of."""
    token = _tell.set(tell)
    try:
        yield
    finally:
        _tell.reset(token)


def _told(reference: str, found: Path) -> Path:
    tell = _tell.get()
    hidden = shadowed(reference, found) if tell else None
    if tell and hidden:
        tell(reference, found, hidden)
    return found


def is_of_one(names: Iterable[str]) -> bool:
    """Whether the names in a folder are those of a policy, or of the versions of a pack."""
    return any(name == POLICY or _VERSION.fullmatch(name.removesuffix(".yaml")) for name in names)


def policy_folder(folder: Path) -> Path:
    """Where policies are looked up beside a folder of packs."""
    return Path(os.path.normpath(folder / ".." / "policies"))


def _policy(folder: Path, name: str) -> Path | None:
    path = policy_folder(folder) / name / POLICY
    return path if path.is_file() else None


def rules_beside(path: Path, rules: str | None) -> str | None:
    """Where the packs of a policy are looked up first: `rules`, or where none are named the folder beside its own."""
    if rules or path.name != POLICY:
        return rules
    folder = Path(os.path.normpath(path.parent / ".." / ".." / "rules"))
    return str(folder) if folder.is_dir() and folder.resolve() != SHIPPED.resolve() else None


def lock_bytes(path: Path) -> bytes | None:
    """The lock beside a policy's file. Only one of that name, in a folder of its own, has a lock."""
    place = path.with_name(LOCK)
    _note(place)
    return read_bytes(place) if path.name == POLICY and place.is_file() else None


def _not_found(name: str, version: str | None, rules: str | None, policies: bool = False) -> str:
    from ..engine.diagnostics import did_you_mean  # noqa: PLC0415  what is found need not wait for its import

    folders = rule_folders(rules)
    places = [*folders, *(map(policy_folder, folders) if policies else ())]
    known = {each.name for place in places if place.is_dir() for each in place.iterdir() if each.is_dir()}
    near = _there(name, folders) if version and name in known else did_you_mean(name, known)
    what = "pack or policy" if policies else "pack"
    wanted = f"`{name}`" + (f" at version {version}" if version else "")
    return f"no {what} {wanted} in {', '.join(map(str, folders))}" + (f"; {near}" if near else "")


def _there(name: str, folders: list[Path]) -> str:
    """The versions that a pack has, newest first."""
    found = {path for folder in folders for path in (folder / name).glob("*.yaml") if _VERSION.fullmatch(path.stem)}
    stems = sorted({path.stem for path in found}, key=numbered, reverse=True)
    return f"there is {', '.join(stems)}" if stems else ""


def numbered(version: str) -> tuple[int, ...]:
    """A version, or the beginning of one, as numbers."""
    return tuple(map(int, version.split(".")))


def newest(folder: Path, version: str | None = None) -> Path | None:
    """The newest file of a pack's folder that `version` admits, of those that are not withdrawn if it can be."""
    _note(folder)
    found = {}
    for path in folder.glob("*.yaml") if folder.is_dir() else ():
        if _VERSION.fullmatch(path.stem) and (not version or admits(version, path.stem)):
            found[numbered(path.stem)] = path
    if len(found) > 1 and (gone := withdrawn(folder)):
        found = {number: path for number, path in found.items() if path.stem not in gone} or found
    return found[max(found)] if found else None


def withdrawn(folder: Path) -> Mapping[str, str]:
    """The versions of a pack's folder that must not be used any more, and why, by the `lock.yaml` beside it.

    Raises NotFoundError where that cannot be read.
    """
    lock = folder.parent / LOCK
    _note(lock)
    try:
        data = lock.read_bytes()
    except OSError:
        return {}  # no version was released here
    if not _YANKED.search(data):
        return {}
    import yaml  # noqa: PLC0415  a version is rarely withdrawn

    try:
        versions = yaml.load(data, Loader=yaml.CSafeLoader)[folder.name]
        return {version: str(each["yanked"]) for version, each in versions.items() if "yanked" in each}
    except KeyError:
        return {}
    except (yaml.YAMLError, TypeError, AttributeError) as error:
        raise NotFoundError(f"{lock} cannot be read, and says that versions are withdrawn; mend it") from error


def admits(wanted: str, version: str) -> bool:
    """Whether a version will do: `1.2` wants any 1.2.x, `^1.2` from 1.2 on what means the same to those who use it.

    That is all with the first number, or with the second where the first is 0.
    """
    if not wanted.startswith("^"):
        return f"{version}.".startswith(f"{wanted}.")
    least, found = numbered(wanted[1:]), numbered(version)
    alike = 1 if least[0] or len(least) == 1 else 2
    return found >= least and found[:alike] == least[:alike]


def hash_of(data: bytes) -> str:
    return sha256(data).hexdigest()


_read: ContextVar[set[Path] | None] = ContextVar("read", default=None)


@contextmanager
def reading() -> Iterator[set[Path]]:
    """The files that are read meanwhile, found or not, and the folders in which versions are looked for."""
    found: set[Path] = set()
    token = _read.set(found)
    try:
        yield found
    finally:
        _read.reset(token)


def _note(path: Path) -> None:
    found = _read.get()
    if found is not None:
        found.add(path)


def read_bytes(path: Path) -> bytes:
    """At most a byte more than what is read as a pack, so that a huge file costs nothing.

    Raises OSError.
    """
    _note(path)
    with path.open("rb") as file:
        return file.read(MAX_BYTES + 1)
