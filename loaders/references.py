"""What `use` and `import` ask for, found under a policy's lock where there is one."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from ..engine.diagnostics import Diagnostic, has_errors
from ..engine.document import Document, Scalar
from .loaded import Entry, Kind, LoadedPack
from .lock import Lock
from .lookup import REFERENCE, NotFoundError, admits, find, hash_of, read_bytes


@dataclass(slots=True)
class References:
    """One search for all that a file refers to, directly and through the packs that it uses.

    `hashes` gives the hash of the bytes that each was found to be, and `entries` what a lock would say of them.
    """

    rules: str | None = None
    lock: Lock | None = None
    hashes: dict[str, str] = field(default_factory=dict)
    entries: dict[tuple[Kind, str], Entry] = field(default_factory=dict)
    findings: list[Diagnostic] = field(default_factory=list)
    loaded: dict[tuple[Kind, str], LoadedPack] = field(default_factory=dict)

    def file(self, kind: Kind, node: Document | None) -> tuple[str, Path, bytes] | None:
        """The reference that a node holds, with the file that it finds; nothing where there is none."""
        reference = node.text if isinstance(node, Scalar) else ""
        matched = REFERENCE.fullmatch(reference)
        if matched is None or node is None:
            return None
        version = self._locked(kind, reference, node)
        exact = f"{matched['name']}@{version}" if version else reference
        try:
            path = find(exact, self.rules)
            data = read_bytes(path)
        except (NotFoundError, OSError):
            return None
        self.hashes[exact] = hash_of(data)
        return reference, path, data

    def _locked(self, kind: Kind, reference: str, node: Document) -> str | None:
        """The version that the lock gives a reference. One that will not do is reported, and left out of account."""
        if self.lock is None or self.lock.found is None or self.lock.unread:
            return None
        entry = self.lock.found.get((kind, reference))
        if entry is None:
            self._report(node, f"{self.lock.path} does not say which version `{reference}` is")
            return None
        name, _, wanted = reference.partition("@")
        if wanted and not admits(wanted, entry.version):
            self._report(entry, f"{entry.version} is no version that `{reference}` asks for")
            return None
        if self._is_found(f"{name}@{entry.version}"):
            return entry.version
        if self._is_found(reference):  # where nothing is, the checker says so
            self._report(entry, f"`{name}@{entry.version}`, which the lock names, is not found")
        return None

    def _is_found(self, reference: str) -> bool:
        try:
            find(reference, self.rules)
        except NotFoundError:
            return False
        return True

    def keep(self, kind: Kind, reference: str, path: Path, loaded: LoadedPack, found: str) -> None:
        """Remember what a reference was found to be; one that changed since it was locked is reported.

        One with errors is not: they are its mistake, whatever it was.
        """
        self.loaded[kind, reference] = loaded
        self.entries[kind, reference] = Entry(path.stem, found)
        locked = self.lock.found if self.lock else None
        entry = locked.get((kind, reference)) if locked and not has_errors(loaded.findings) else None
        if entry and entry.version == path.stem and entry.hash != found:
            name = reference.partition("@")[0]
            self._report(entry, f"`{name}@{entry.version}` has changed since it was locked, its hash is {found}")

    def path_of(self, reference: str) -> Path | None:
        """The file that a reference was found to be."""
        return next((Path(each.path) for (_, name), each in self.loaded.items() if name == reference), None)

    def _report(self, place: Document | Entry, problem: str) -> None:
        finding = Diagnostic.of("FB821", place.span, problem=problem)
        if finding not in self.findings:
            self.findings.append(finding)

    def unlocked(self, policy: Document | None) -> list[Diagnostic]:
        """All that is wrong with a policy's lock; `policy` is the node that holds its name."""
        if self.lock is None or policy is None:
            return []
        missing = [Diagnostic.of("FB820", policy.span)] if self.lock.found is None else []
        return [*missing, *self.lock.unread, *self.findings]


__all__ = ["References"]
