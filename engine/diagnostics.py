"""What is wrong, where, and how to mend it, as values; rendering them is elsewhere."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Literal

from .codes import CODES
from .source import Span

Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Related:
    """Another place that has to do with a finding, and what it has to do with it."""

    span: Span
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnostic:
    """One finding. `path` locates a fault inside a snapshot, where there is no file to point into."""

    code: str
    message: str
    severity: Severity = "error"
    span: Span | None = field(default=None, repr=False)
    path: str | None = None
    help: str | None = None
    related: tuple[Related, ...] = ()

    @classmethod
    def of(
        cls,
        code: str,
        span: Span | None = None,
        *,
        path: str | None = None,
        help: str | None = None,
        related: Iterable[Related] = (),
        **values: object,
    ) -> Diagnostic:
        """The finding `code` of the table, its message filled with `values`."""
        entry = CODES[code]
        return cls(
            code=code,
            message=entry.message.format(**{"path": path, **values}),
            severity=entry.severity,
            span=span,
            path=path,
            help=entry.help if help is None else help,
            related=tuple(related),
        )

    def sort_key(self) -> tuple[str, int, str, str]:
        where = (self.span.source.name, self.span.start) if self.span else ("", 0)
        return (*where, self.path or "", self.code)


def did_you_mean(name: str, known: Iterable[str]) -> str | None:
    """Advice that names the nearest known name, or nothing where none is near."""
    near = get_close_matches(name, list(known), n=1)
    return f"did you mean `{near[0]}`?" if near else None


def has_errors(findings: Iterable[Diagnostic]) -> bool:
    return any(finding.severity == "error" for finding in findings)
