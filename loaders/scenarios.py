"""Files of scenarios: further examples of a pack or policy, in the folder `tests` beside it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from ..engine.diagnostics import Diagnostic, has_errors
from ..engine.document import Document, Scalar
from ..engine.document import Mapping as MappingNode
from . import pack_schema, yaml_tree
from .lookup import REFERENCE, SCENARIOS, admits, read_bytes


def beside(path: Path) -> tuple[Path, ...]:
    """The files of scenarios that stand beside a pack or policy."""
    return tuple(sorted((path.parent / SCENARIOS).glob("*.yaml")))


def with_scenarios(document: MappingNode, files: tuple[Path, ...]) -> tuple[MappingNode, list[Diagnostic]]:
    """The document with the examples of those files that are about its version, and what is wrong with the files."""
    findings: list[Diagnostic] = []
    entries: dict[str, tuple[Scalar, Document]] = {}
    own = document.get("examples")
    nodes = [own] if isinstance(own, MappingNode) else []
    for path in files:
        node, more = _examples(document, path)
        findings += more
        nodes += [node] if node else []
    for key, example in (entry for node in nodes for entry in node.entries):
        if key.text in entries:
            findings.append(Diagnostic.of("FB103", key.span, key=key.text))
        entries.setdefault(key.text, (key, example))
    key = document.key("examples") or Scalar("examples", "examples", document.span)
    others = [entry for entry in document.entries if entry[0].text != "examples"]
    return replace(document, entries=(*others, (key, MappingNode(tuple(entries.values()), key.span)))), findings


def _examples(document: MappingNode, path: Path) -> tuple[MappingNode | None, list[Diagnostic]]:
    source, findings = yaml_tree.decode(read_bytes(path), str(path))
    node: Document | None = None
    if source is not None:
        node, more = yaml_tree.parse(source)
        findings += more
    if has_errors(findings) or not isinstance(node, MappingNode):
        if node is not None and not isinstance(node, MappingNode):
            findings.append(Diagnostic.of("FB203", node.span, expected="a mapping", found="a list or a text"))
        return None, findings
    findings += pack_schema.check(node, "scenarios")
    if has_errors(findings):
        return None, findings
    findings += _not_about(document, node, path)
    examples = node.get("examples")
    found = examples if isinstance(examples, MappingNode) and _is_about(document, node) else None
    return found, findings


def _not_about(document: MappingNode, node: MappingNode, path: Path) -> Iterator[Diagnostic]:
    """Scenarios that no file beside them is about would never run."""
    reference, name = node.get("scenarios"), _text(document, "policy") or _text(document, "pack")
    versions = {each.stem for each in path.parent.parent.glob("*.yaml")} | {_text(document, "version")}
    wanted, version = _wanted(reference)
    if reference is None or (wanted == name and any(_admits(version, each) for each in versions)):
        return
    yield Diagnostic.of(
        "FB204", reference.span, value=f"{wanted}@{version}" if version else wanted,
        help=f"beside this folder is `{name}` {_text(document, 'version')}",
    )  # fmt: skip


def _is_about(document: MappingNode, node: MappingNode) -> bool:
    return _admits(_wanted(node.get("scenarios"))[1], _text(document, "version"))


def _admits(wanted: str, version: str) -> bool:
    return not wanted or (version.replace(".", "").isdigit() and admits(wanted, version))


def _wanted(node: Document | None) -> tuple[str, str]:
    found = REFERENCE.fullmatch(node.text) if isinstance(node, Scalar) else None
    return (found["name"], found["version"] or "") if found else ("", "")


def _text(document: MappingNode, key: str) -> str:
    node = document.get(key)
    return node.text if isinstance(node, Scalar) else ""


__all__ = ["beside", "with_scenarios"]
