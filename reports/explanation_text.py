"""An explanation as text for a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from .explanation_views import Explanation, OutputView, RuleView
from .text import Paint, clean, part

_MOST = 100


def render_explanation(explanation: Explanation, paint: Paint, *, everything: bool = False) -> Iterator[str]:
    """The outcome first, then how each output came about, why, and what would have changed it."""
    where = f", {explanation.key}" if explanation.key else ""
    at = f" at {explanation.now}" if explanation.now else ""
    status = paint(explanation.status, explanation.status)
    yield f"{paint('bold', explanation.policy)}{clean(where)}{at}: {status}"
    yield clean(explanation.headline)
    for note in explanation.notes:
        yield f"{paint(note.level, note.level)}: {clean(note.text)}"
    yield from _section("Faults and warnings", explanation.faults, paint)
    yield from _outputs(explanation.outputs, paint)
    yield from _section("Intents", explanation.intents, paint)
    yield from _section("Dropped intents", explanation.dropped, paint)
    yield from _rules("Why", explanation.fired, paint)
    yield from _rest(explanation.more_fired, shown=0)
    if everything:
        yield from _rules("What did not fire", explanation.not_fired, paint)
    yield from _section("What would have changed it", explanation.alternatives, paint)
    yield from _parameters(explanation, paint)
    yield ""
    for name, value in explanation.provenance:
        yield paint("dim", f"{name:<11} {value}")


def _section(title: str, lines: Sequence[str], paint: Paint) -> Iterator[str]:
    if lines:
        yield ""
        yield paint("bold", title)
        yield from (f"  {clean(line)}" for line in lines[:_MOST])
        yield from _rest(len(lines))


def _rest(count: int, shown: int = _MOST) -> Iterator[str]:
    if count > shown:
        yield f"  and {count - shown} more"


def _outputs(outputs: Sequence[OutputView], paint: Paint) -> Iterator[str]:
    if not outputs:
        return
    yield ""
    yield paint("bold", "Outputs")
    width = max(len(each.name) for each in outputs)
    for each in outputs:
        yield clean(f"  {each.name:<{width}}  {each.final}")
        if each.steps:
            yield from _waterfall(each, width, paint)


def _waterfall(output: OutputView, width: int, paint: Paint) -> Iterator[str]:
    rows = [("start", "", output.start), *((each.by, each.effect, each.after) for each in output.steps[:_MOST])]
    by, effect = (max(len(row[i]) for row in rows) for i in (0, 1))
    moot = [False, *(not each.decisive for each in output.steps)]
    for (name, what, after), is_moot in zip(rows, moot, strict=False):
        line = f"  {'':<{width}}    {name:<{by}}  {what:<{effect}}  {after}{' (moot)' if is_moot else ''}"
        yield paint("dim", clean(line.rstrip()))
    if len(output.steps) > _MOST:
        yield f"  {'':<{width}}    and {len(output.steps) - _MOST} more steps"


def _rules(title: str, rules: Sequence[RuleView], paint: Paint) -> Iterator[str]:
    if not rules:
        return
    yield ""
    yield paint("bold", title)
    for rule in rules[:_MOST]:
        mark = "" if rule.decisive or not rule.text or title != "Why" else " (moot)"
        text = f": {rule.text}" if rule.text else ""
        yield f"  {paint(rule.severity, f'{rule.severity:<7}')} {clean(rule.id + text)}{mark}"
        if rule.condition:
            yield clean(f"          fires {rule.condition}")
        yield from (clean(f"          {line}") for line in _margins(rule))
        if rule.where:
            yield paint("dim", clean(f"          {rule.where}"))
    yield from _rest(len(rules))


def _margins(rule: RuleView) -> Iterator[str]:
    shown = [each for each in rule.thresholds if each.value]
    for each in shown:
        share = "" if each.share is None else f", {part(each.share)} of its range"
        away = f" ({each.away} away{share})" if each.away else ""
        yield f"it is {each.value}; it would turn if it were {each.needed}{away}"
    if len(shown) > 1:
        yield "all of these would have to turn" if rule.how == "all" else "one of these would be enough"


def _parameters(explanation: Explanation, paint: Paint) -> Iterator[str]:
    if not explanation.parameters:
        return
    yield ""
    yield paint("bold", "Parameters behind it")
    width = max(len(each.name) for each in explanation.parameters)
    value = max(len(each.value) for each in explanation.parameters)
    for each in explanation.parameters:
        yield clean(f"  {each.name:<{width}}  {each.value:<{value}}  {each.layer}, {each.where}")


__all__ = ["render_explanation"]
