"""Findings and decisions as text for a terminal: a caret under what is meant, colour only where it is asked for."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

if TYPE_CHECKING:
    from ..engine.decision import Decision
    from ..engine.diagnostics import Diagnostic
    from ..engine.ir import Pack
    from ..engine.reasons import Reason
    from ..engine.source import Span

_COLOURS = {
    "error": "1;31",
    "warning": "1;33",
    "block": "1;31",
    "info": "36",
    "ok": "32",
    "failsafe": "1;31",
    "dim": "2",
    "bold": "1",
}
_MAX_LINE = 160
_PERCENT = 100
_LEAST_PERCENT = 0.01
_KILO = 1000
_SIZES = ("bytes", "kB", "MB", "GB")
_MOST_REASONS = 100
_MARKED = re.compile(r"[\\`*\[\]<>|$~]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])|&(?=#|\w+;)|(?<=\{)\{|(?<=\{)%")
_LINE_START = re.compile(r"^(#|[-+=](?=\s|$|-|=)|\d+(?=[.)]\s))")
_CONTROL = {code: "�" for code in (*range(32), *range(127, 160)) if code != 9}  # a tab stays


@dataclass(frozen=True, slots=True)
class Paint:
    """Colours words, or leaves them alone."""

    enabled: bool = False

    def __call__(self, name: str, text: str) -> str:
        return f"\x1b[{_COLOURS[name]}m{text}\x1b[0m" if self.enabled and name in _COLOURS else text


def clean(text: str) -> str:
    """A stranger's text without characters that would steer a terminal."""
    return text.translate(_CONTROL)


def markdown_text(value: object) -> str:
    """A text that Markdown shows as it is, in one line."""
    text = clean(" ".join(str(value).split()))
    escaped = _MARKED.sub(
        lambda found: "&amp;" if found[0] == "&" else "&lt;" if found[0] == "<" else f"\\{found[0]}", text
    )
    return _LINE_START.sub(lambda found: f"\\{found[0]}" if not found[0].isdigit() else f"{found[0]}\\", escaped)


def render_findings(findings: Iterable[Diagnostic], paint: Paint) -> Iterator[str]:
    """Each finding as a block of lines."""
    for finding in findings:
        yield "\n".join(_finding(finding, paint))


def _finding(finding: Diagnostic, paint: Paint) -> Iterator[str]:
    yield f"{paint(finding.severity, f'{finding.severity}[{finding.code}]')}: {clean(finding.message)}"
    if finding.span:
        yield from _excerpt(finding.span, paint, finding.severity)
    elif finding.path and not _says_where(finding):
        yield f" --> {clean(finding.path)}"
    if finding.span and finding.path and not _says_where(finding):
        yield f"   = in {clean(finding.path)}"
    for related in finding.related:
        yield f"   = {clean(related.message)}: {related.span}"
    if finding.help:
        yield f"   = help: {clean(finding.help)}"


def _says_where(finding: Diagnostic) -> bool:
    """Whether the message names the path, quoted as names are."""
    path = finding.path or ""
    return (path if path.startswith("`") else f"`{path}`") in finding.message


def _excerpt(span: Span, paint: Paint, severity: str) -> Iterator[str]:
    line, column = span.position
    yield f" --> {span}"
    written = span.source.line(line) if span.source.text else ""
    if not written:
        return
    shift = max(column - 1 - _MAX_LINE // 2, 0) if len(written) > _MAX_LINE else 0
    shown = clean(written[shift : shift + _MAX_LINE].replace("\t", " "))
    end = min(span.end - span.start, len(written) - column + 1, _MAX_LINE)
    caret = " " * (column - 1 - shift) + "^" * max(end, 1)
    margin = " " * len(str(line))
    yield f"{margin} |"
    yield f"{line} | {shown}"
    yield f"{margin} | {paint(severity, caret)}"


def count_line(findings: Sequence[Diagnostic], files: int) -> str:
    """How many findings of each severity there are."""
    errors = sum(finding.severity == "error" for finding in findings)
    warnings = len(findings) - errors
    where = f"in {files} {'file' if files == 1 else 'files'}"
    if not findings:
        return f"no findings {where}"
    parts = [f"{n} {word}{'s' if n > 1 else ''}" for n, word in ((errors, "error"), (warnings, "warning")) if n]
    return f"{' and '.join(parts)} {where}"


def state_line(pack: Pack) -> str:
    """How much a session of a pack keeps at the most, under the pack's own parameters."""
    from ..engine.state_kinds import most_of  # noqa: PLC0415  a decision is shown without it

    size = most_of(pack, {name: each.value for name, each in pack.parameters.items()})
    power = min(int(math.log(size, _KILO)), len(_SIZES) - 1)
    return f"{pack.name}: state of at most {size / _KILO**power:.3g} {_SIZES[power]} a key"


def render_decision(decision: Decision, paint: Paint) -> Iterator[str]:
    """Outputs and reasons, the deciding one first; or the safe outputs, and what is wrong."""
    notes = {"ok": "", "repeated": ", with the outputs of before"}
    note = notes.get(decision.status, ", with safe outputs")
    yield f"{paint('bold', str(decision.policy))}: {paint(decision.status, decision.status)}{note}"
    width = max((len(name) for name in decision.outputs), default=0)
    for name, value in sorted(decision.outputs.items()):
        yield f"  {name:<{width}}  {clean(plain_text(value))}"
    for intent in decision.intents:
        yield f"{paint('bold', 'intent')}  {intent.id} ({intent.exposure}): {clean(plain_text(dict(intent.emit)))}"
    for dropped in decision.dropped_intents:
        told = f"{dropped.intent.id} ({dropped.intent.exposure}), by {dropped.rule}: {clean(dropped.reason)}"
        yield f"{paint('bold', 'dropped')} {told}"
    for reason in decision.reasons[:_MOST_REASONS]:
        yield from _reason(reason, paint)
    if len(decision.reasons) > _MOST_REASONS:
        yield f"and {len(decision.reasons) - _MOST_REASONS} more reasons"
    yield from render_findings(decision.diagnostics, paint)


def _reason(reason: Reason, paint: Paint) -> Iterator[str]:
    mark = "" if reason.decisive else paint("dim", " (moot)")
    yield f"{paint(reason.severity, f'{reason.severity:<7}')} {reason.rule}: {clean(reason.text)}{mark}"
    for change in reason.effects:
        if change.before != change.after:
            change_text = f"{change.output}: {plain_text(change.before)} → {plain_text(change.after)}"
            yield f"          {paint('dim', clean(change_text))}"


class _Placed(Protocol):
    @property
    def span(self) -> Span | None: ...


_P = TypeVar("_P", bound=_Placed)


def in_order(parts: Iterable[_P]) -> list[_P]:
    """As their author wrote them: it means nothing to the engine, and something to a reader."""
    return sorted(parts, key=lambda each: (each.span.source.name, each.span.start) if each.span else ("", 0))


def where(span: Span | None) -> str:
    """The file and line of something, for prose."""
    return f"{span.source.name}:{span.position[0]}" if span else ""


def plain_text(value: Any, *, exact: bool = False) -> str:
    """A value as a person writes it in YAML; `exact` gives numbers as many digits as tell them from all others."""
    match value:
        case None:
            return "missing"
        case bool():
            return "true" if value else "false"
        case list():
            return "[" + ", ".join(plain_text(each, exact=exact) for each in value) + "]"
        case dict():
            return "{" + ", ".join(f"{key}: {plain_text(each, exact=exact)}" for key, each in value.items()) + "}"
        case float():
            rounded = f"{value:.15g}"
            return repr(value) if exact and float(rounded) != value else rounded
    return str(value)


def part(share: float) -> str:
    """A share in percent, which is never said to be none."""
    percent = share * _PERCENT
    return f"{percent:.3g} %" if percent >= _LEAST_PERCENT else f"less than {_LEAST_PERCENT} %"
