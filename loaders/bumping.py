"""The versions of a folder of packs: what each needs as its number, and what is to be released."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from ..engine.comparison import MEANINGS, Level, Side, compare
from ..engine.diagnostics import Diagnostic, has_errors
from ..engine.versions import following, is_enough, number_of
from . import lookup, releases, writing
from .loaded import LoadedPack
from .packs import load_bytes
from .releases import VERSION, Lock
from .revisions import RevisionError, content


@dataclass(frozen=True, slots=True)
class File:
    """A version of a pack."""

    path: Path
    data: bytes
    loaded: LoadedPack

    @property
    def version(self) -> str:
        return self.path.stem

    @property
    def name(self) -> str:
        return self.path.parent.name

    @property
    def side(self) -> Side:
        document, checked = self.loaded.document, self.loaded.checked
        return Side(document if isinstance(document, dict) else {}, checked.pack if checked else None)

    @property
    def is_fit(self) -> bool:
        return self.loaded.checked is not None or self.loaded.vocabulary is not None


@dataclass(frozen=True, slots=True)
class Move:
    """A file whose changes need another number. `original` is what it is to be again where it was released as it is."""

    file: File
    before: str
    level: Level
    needed: str
    original: bytes | None = None


@dataclass(slots=True)
class Plan:
    """What was found in a folder of packs, and what is to be done."""

    folder: Path
    lock: Lock
    files: list[File] = field(default_factory=list)
    moves: list[Move] = field(default_factory=list)
    findings: list[Diagnostic] = field(default_factory=list)

    @property
    def unreleased(self) -> list[File]:
        return [file for file in self.files if self.lock.get(file.name, file.version) is None]


def planned(folder: Path, names: frozenset[str] | None = None) -> Plan:
    """What is to be done about the packs of a folder, or those named. Raises OSError where a file cannot be read."""
    lock, findings = releases.read_lock(folder / lookup.LOCK)
    plan = Plan(folder, lock, findings=findings)
    for pack in sorted(folder.iterdir()):
        if pack.is_dir() and (names is None or pack.name in names):
            _pack(plan, [_file(path, folder) for path in _versions(pack)])
    plan.findings += releases.gone(lock, frozenset(lock.releases) if names is None else names)
    plan.findings = sorted(dict.fromkeys(plan.findings), key=Diagnostic.sort_key)
    return plan


def _versions(folder: Path) -> list[Path]:
    found = [path for path in folder.glob("*.yaml") if VERSION.fullmatch(path.stem)]
    return sorted(found, key=lambda path: number_of(path.stem))


def _file(path: Path, folder: Path) -> File:
    data = lookup.read_bytes(path)
    return File(path, data, load_bytes(data, str(path), str(folder)))


def _pack(plan: Plan, files: list[File]) -> None:
    plan.files += files
    for place, file in enumerate(files):
        own = list(releases.check_file(file.path, file.data, file.loaded, plan.lock))
        plan.findings += [*filter(_matters, file.loaded.findings), *own]
        is_released = plan.lock.get(file.name, file.version) is not None
        before = files[place - 1] if place else None
        move = None
        if is_released and any(each.code == "FB601" for each in own):
            move = _edited(plan, file) if place + 1 == len(files) else None
        elif before and not is_released and file.is_fit and before.is_fit:
            move = _misnumbered(plan, before, file)
        if move:
            plan.moves.append(move)


def _matters(finding: Diagnostic) -> bool:
    """Whether a finding of the file itself keeps it from a release: style is lint's."""
    return finding.severity == "error" or finding.code == "FB606"


def _misnumbered(plan: Plan, before: File, file: File) -> Move | None:
    found = compare(before.side, file.side)
    span = releases.version_span(file.data, file.path)
    notes = file.side.document.get("changes")
    if notes is None or notes == before.side.document.get("changes"):
        plan.findings.append(Diagnostic.of("FB608", span, version=file.version))
    if is_enough(before.version, file.version, found.level):
        return None
    problem, needed = MEANINGS[found.level], following(before.version, found.level)
    plan.findings.append(
        Diagnostic.of("FB603", span, version=file.version, before=before.version, problem=problem, help=_advice(needed))
    )
    return Move(file, before.version, found.level, needed)


def _advice(needed: str) -> str:
    return f"it needs {needed} or later: `flyball bump` renames it"


def _edited(plan: Plan, file: File) -> Move | None:
    """A released file that was changed, where git still has it as it was released."""
    release = plan.lock.get(file.name, file.version)
    try:
        original = content("HEAD", file.path)
    except RevisionError:
        return None
    if release is None or releases.document_hash(original) != release.document:
        return None
    earlier = File(file.path, original, load_bytes(original, str(file.path), str(plan.folder)))
    level: Level = compare(earlier.side, file.side).level if earlier.is_fit and file.is_fit else "major"
    return Move(file, file.version, level or "patch", following(file.version, level or "patch"), original)


# Changes


def moved(move: Move) -> Path:
    """The file under the number that it needs. Raises WriteError."""
    file = move.file
    target = file.path.with_name(f"{move.needed}.yaml")
    writing.refuse_fixed(file.path, file.data)
    writing.replace(target, None, with_version(file.data, file.path, move.needed))
    if move.original is not None:
        writing.replace(file.path, file.data, move.original)
    else:
        writing.remove(file.path, file.data)
    return target


def with_version(data: bytes, path: Path, version: str) -> bytes:
    """The bytes of a file that says that it is another version; nothing else of it changes."""
    span = releases.version_span(data, path)
    assert span, "a pack that was loaded says its version"
    return writing.spliced(data, span, version)


def release(plan: Plan) -> list[File]:
    """Record all that is not released yet, and say what that was. Raises WriteError."""
    fresh = plan.unreleased
    assert not has_errors(plan.findings), "what has errors is not released"
    recorded: dict[str, dict[str, releases.Release]] = {name: dict(each) for name, each in plan.lock.releases.items()}
    for file in fresh:
        found = releases.release_of(file.loaded, file.data, str(plan.folder))
        recorded.setdefault(file.name, {})[file.version] = found
    if fresh:
        before = lookup.read_bytes(plan.lock.path) if plan.lock.source else None
        writing.replace(plan.lock.path, before, releases.lock_text(recorded).encode())
    return fresh


__all__ = ["File", "Move", "Plan", "moved", "planned", "release", "with_version"]
