"""A comparison of two versions as text for a terminal, as Markdown for a pull request, and as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

from ..engine.comparison import MEANINGS, Change, Comparison, Side
from ..engine.versions import following, is_enough, step
from .text import Paint, clean, markdown_text, plain_text

_MARKS = {"added": "+", "removed": "-", "changed": "~", "renamed": "→"}
_COLOURS = {"added": "ok", "removed": "error", "changed": "warning", "renamed": "info"}
_SMALL = 100  # percent, below which a relative change has a digit behind the point
_WIDEST = 48  # a name longer than this moves its own line only


def render_comparison(found: Comparison, paint: Paint) -> Iterator[str]:
    """The heading, the changes section by section, and the bump that they need. Nothing where nothing changed."""
    if found.changes:
        yield from render_changes(found, paint)
        yield f"\n{verdict(found)}"


def render_changes(found: Comparison, paint: Paint) -> Iterator[str]:
    yield paint("bold", heading(found))
    yield from (f"  {clean(line)}" for line in notes_of(found).splitlines())
    for section, changes in sections(found):
        yield f"\n{paint('bold', section)}"
        yield from (_names if section == "examples" else _lines)(changes, paint)


def notes_of(found: Comparison) -> str:
    """What the authors of the later version say of it."""
    notes = found.after.document.get("changes", "")
    return str(notes) if notes != found.before.document.get("changes", "") else ""


def sections(found: Comparison) -> Iterator[tuple[str, list[Change]]]:
    """Without the changed `why` of a parameter that was retuned: its new one stands with its values."""
    retuned = {_why_of(change) for change in found.changes if change.why}
    told = (change for change in found.changes if (change.section, change.name) not in retuned)
    for section, changes in groupby(told, key=lambda change: change.section):
        yield section, list(changes)


def _why_of(change: Change) -> tuple[str, str]:
    """Where the `why` of a parameter stands, which of a pack that a policy uses is a name further in."""
    parts = change.name.split(".")
    return change.section, ".".join([*parts[: 2 if change.section == "use" else 1], "why"])


def _names(changes: list[Change], paint: Paint) -> Iterator[str]:
    for kind, mark in _MARKS.items():
        names = ", ".join(change.name for change in changes if change.kind == kind)
        if names:
            yield f"  {paint(_COLOURS[kind], mark)} {names}"


def heading(found: Comparison) -> str:
    before, after = found.before, found.after
    name = after.name if before.name == after.name else f"{before.name} → {after.name}"
    version = after.version if before.version == after.version else f"{before.version} → {after.version}"
    return f"{name} {version}"


def verdict(found: Comparison) -> str:
    """What the changes mean together, and the version that they need."""
    if not found.changes:
        return "no change"
    old, new = found.before.version, found.after.version
    needs = f"{MEANINGS[found.level]}: needs a {found.level} version"
    if old == new:
        return f"{needs}, {following(old, found.level)} or later"
    if is_enough(old, new, found.level):
        taken = step(old, new)
        return needs if taken == found.level else f"{needs}, and {new} is a {taken} one"
    return f"{needs}, {following(old, found.level)} or later; {new} is not enough"


def _lines(changes: Sequence[Change], paint: Paint) -> Iterator[str]:
    names = max((len(change.name) for change in changes if len(change.name) <= _WIDEST), default=0)
    rows = [(change, *columns(change)) for change in changes]
    texts = max((len(text) for _, text, relative in rows if relative and len(text) <= _WIDEST), default=0)
    for place, (change, text, relative) in enumerate(rows):
        mark = paint(_COLOURS[change.kind], _MARKS[change.kind])
        told = f"{clean(text):<{texts}}  {relative}" if relative else clean(text)
        yield f"  {mark} {change.name:<{names}}  {told}".rstrip()
        following = changes[place + 1].why if place + 1 < len(changes) else ""
        if change.why and change.why != following:
            yield paint("dim", f"    {'':<{names}}  why: {clean(change.why)}")


def columns(change: Change) -> tuple[str, str]:
    """What became what, and by how much of itself a number changed."""
    unit = f" {change.unit}" if change.unit not in ("", "ratio") else ""
    match change.kind:
        case "added":
            text = _shown(change.after)
        case "removed":
            text = _shown(change.before)
        case "renamed":
            text = f"was {change.before}"
        case _ if change.section == "pack" and change.name == "imports":
            text = _IMPORTS
        case _:
            text = _list_change(change) or f"{_shown(change.before)} → {_shown(change.after)}{unit}"
    return text, "" if change.relative is None else _percent(change.relative)


def _list_change(change: Change) -> str:
    """The items that a list gained and lost, where all others stayed in their order."""
    old, new = change.before, change.after
    if not isinstance(old, list) or not isinstance(new, list):
        return ""
    gone, come = [each for each in old if each not in new], [each for each in new if each not in old]
    if [each for each in old if each not in gone] != [each for each in new if each not in come]:
        return ""
    return ", ".join([f"+ {_shown(each)}" for each in come] + [f"- {_shown(each)}" for each in gone])


_IMPORTS = "what the pack imports means something else"


def _percent(relative: float) -> str:
    size = abs(relative) * 100
    sign = "−" if relative < 0 else "+"
    return f"{sign}{size:.1f} %" if size < _SMALL and round(size, 1) != round(size) else f"{sign}{size:.0f} %"


def _shown(value: Any) -> str:
    return " ".join(plain_text(value, exact=True).split())


# Markdown


def markdown(found: Comparison) -> Iterator[str]:
    """A table for each section; nothing where nothing changed."""
    if not found.changes:
        return
    yield f"### {heading(found)}"
    if notes := notes_of(found):
        yield ""
        yield markdown_text(notes)
    yield ""
    yield f"{verdict(found)[:1].upper()}{verdict(found)[1:]}."
    for section, changes in sections(found):
        yield ""
        if section == "examples":
            yield "Examples: " + ", ".join(f"{_code(change.name)} {change.kind}" for change in changes) + "."
            continue
        yield f"| {section} | before | after | change | why |"
        yield "|---|---|---|---|---|"
        for change in changes:
            yield "| " + " | ".join(_cells(change)) + " |"


def _cells(change: Change) -> Iterator[str]:
    yield _code(change.name)
    yield _code(_shown(change.before)) if change.before is not None else ""
    yield _code(_shown(change.after)) if change.after is not None else ""
    yield change.kind if change.relative is None else _percent(change.relative)
    yield markdown_text(change.why)


def _code(text: str) -> str:
    fence = "``" if "`" in text else "`"
    shown = " ".join(clean(text).replace("|", "\\|").split())
    return f"{fence}{shown}{fence}"


# JSON


def comparison_dict(found: Comparison) -> dict[str, Any]:
    return {
        "before": _side(found.before),
        "after": _side(found.after),
        "level": found.level or "none",
        "same_meaning": found.same_meaning,
        "enough": is_enough(found.before.version, found.after.version, found.level),
        "changes": [_change(each) for each in found.changes],
    }


def _side(side: Side) -> dict[str, str]:
    return {"name": side.name, "version": side.version}


def _change(change: Change) -> dict[str, Any]:
    told = {"section": change.section, "name": change.name, "kind": change.kind, "level": change.level}
    values = {"before": change.before, "after": change.after}
    more = {"relative": change.relative, "unit": change.unit, "why": change.why}
    return {**told, **values, **{key: value for key, value in more.items() if value not in (None, "")}}


__all__ = [
    "columns", "comparison_dict", "heading", "markdown", "notes_of", "render_changes", "render_comparison", "sections",
    "verdict",
]  # fmt: skip
