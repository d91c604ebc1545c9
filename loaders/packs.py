"""Packs and vocabularies from files: where they are looked up, and what is wrong with them."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ..engine.check import check_pack, check_vocabulary
from ..engine.check.pack import CheckedPack, Vocabulary
from ..engine.diagnostics import Diagnostic, did_you_mean, has_errors
from ..engine.document import Document, PlainTree, Scalar, Sequence, plain
from ..engine.document import Mapping as MappingNode
from ..engine.parameters import effective
from ..engine.tables import check_tables
from . import pack_schema, yaml_tree

SHIPPED = Path(__file__).parent.parent / "rules"
_REFERENCE = re.compile(r"(?P<name>[a-z][a-z0-9_]*)(@(?P<version>\d+(\.\d+){0,2}))?")
_LENIENT = ("FB201", "FB207")  # an unknown key is reported and passed over, so that the rest is checked as well


class NotFoundError(Exception):
    """No pack by that name or path; the message says where it was looked for."""


@dataclass(frozen=True, slots=True)
class LoadedPack:
    """A file that was read: what it holds, if it may run, and everything that was found."""

    path: str
    checked: CheckedPack | None
    vocabulary: Vocabulary | None
    findings: tuple[Diagnostic, ...]
    document: PlainTree = None


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
        return path
    matched = _REFERENCE.fullmatch(reference)
    if not matched:
        raise NotFoundError(f"`{reference}` is no name of a pack; write `name`, `name@1.0.0` or a path to a .yaml file")
    for folder in rule_folders(rules):
        found = newest(folder / matched["name"], matched["version"])
        if found:
            return found
    raise NotFoundError(_not_found(matched["name"], matched["version"], rules))


def _not_found(name: str, version: str | None, rules: str | None) -> str:
    folders = rule_folders(rules)
    known = {each.name for folder in folders if folder.is_dir() for each in folder.iterdir() if each.is_dir()}
    near = did_you_mean(name, known)
    wanted = f"`{name}`" + (f" at version {version}" if version else "")
    return f"no pack {wanted} in {', '.join(str(folder) for folder in folders)}" + (f"; {near}" if near else "")


def newest(folder: Path, version: str | None = None) -> Path | None:
    """The newest file of a pack's folder whose version is `version` or begins with it."""
    found = {}
    for path in folder.glob("*.yaml") if folder.is_dir() else ():
        if re.fullmatch(r"\d+\.\d+\.\d+", path.stem) and (not version or f"{path.stem}.".startswith(f"{version}.")):
            found[tuple(int(part) for part in path.stem.split("."))] = path
    return found[max(found)] if found else None


def read_bytes(path: Path) -> bytes:
    """At most a byte more than what is read as a pack, so that a huge file costs nothing.

    Raises OSError.
    """
    with path.open("rb") as file:
        return file.read(yaml_tree.LIMITS.max_bytes + 1)


def load(path: Path, rules: str | None = None) -> LoadedPack:
    """Read and check a pack or a vocabulary.

    Raises OSError where the file cannot be read.
    """
    return load_bytes(read_bytes(path), str(path), rules)


def load_bytes(data: bytes, name: str, rules: str | None = None) -> LoadedPack:
    source, findings = yaml_tree.decode(data, name)
    document: Document | None = None
    if source is not None:
        document, more = yaml_tree.parse(source)
        findings += more
    if not isinstance(document, MappingNode) or has_errors(findings):
        if document is not None and not isinstance(document, MappingNode):
            findings.append(Diagnostic.of("FB203", document.span, expected="a mapping", found="a list or a text"))
        return LoadedPack(name, None, None, tuple(findings))
    kind: pack_schema.Kind = "vocabulary" if document.get("vocabulary") else "pack"
    findings += pack_schema.check(document, kind)
    if any(finding.severity == "error" and finding.code not in _LENIENT for finding in findings):
        return LoadedPack(name, None, None, tuple(findings))
    return _checked(name, kind, document, findings, rules)


def _checked(
    name: str, kind: pack_schema.Kind, document: MappingNode, findings: list[Diagnostic], rules: str | None
) -> LoadedPack:
    if kind == "vocabulary":
        vocabulary, more = check_vocabulary(document)
        findings += more
        return LoadedPack(name, None, None if has_errors(findings) else vocabulary, tuple(findings))
    checked, more = check_pack(document, _vocabularies(document, rules))
    findings += more
    if checked is not None:
        in_force, more = effective(checked.pack, [])
        findings += [*more, *check_tables(checked.pack, in_force.values)]
    findings.sort(key=Diagnostic.sort_key)
    return LoadedPack(name, None if has_errors(findings) else checked, None, tuple(findings), plain(document))


def _vocabularies(document: MappingNode, rules: str | None) -> Mapping[str, Vocabulary]:
    """What the imports resolve to; one that cannot be found or read is left out, and reported by the checker."""
    node = document.get("import")
    names = [item.text for item in node.items if isinstance(item, Scalar)] if isinstance(node, Sequence) else []
    found = {}
    for name in names:
        try:
            vocabulary = load(find(name, rules), rules).vocabulary if _REFERENCE.fullmatch(name) else None
        except (NotFoundError, OSError):
            continue
        if vocabulary is not None:
            found[name] = vocabulary
    return found
