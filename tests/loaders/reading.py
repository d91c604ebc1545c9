"""Text read as YAML, and what is said of it."""

from __future__ import annotations

from flyball.engine.diagnostics import Diagnostic
from flyball.engine.document import Document
from flyball.engine.source import Source
from flyball.loaders.yaml_tree import LIMITS, Limits, parse


def read(text: str, limits: Limits = LIMITS) -> tuple[Document | None, list[Diagnostic]]:
    return parse(Source("pack.yaml", text), limits)


def codes(text: str) -> list[str]:
    return [finding.code for finding in read(text)[1]]


def only(text: str) -> Diagnostic:
    _, findings = read(text)
    assert [finding.code for finding in findings] == [findings[0].code]
    return findings[0]


def spot(finding: Diagnostic) -> str:
    assert finding.span
    return finding.span.text
