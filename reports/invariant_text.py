"""What became of a pack's invariants, as text and as JSON: the snapshot that breaks one, and what it shows."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from ..engine import ir
from ..engine.decision import diagnostic_dict
from ..engine.invariants import Checked, Checks, Counterexample
from ..engine.source import Span
from .text import Paint, clean, plain_text, render_findings


def render_invariants(checks: Checks, paint: Paint) -> Iterator[str]:
    for each in checks.results:
        if each.counterexample is not None:
            yield from _broken(each.invariant, each.counterexample, paint)
    for each in checks.unchecked:
        yield f"{paint('warning', 'not checked')}: no decision is ok and fit to check {_named(each.invariant)}"


def _named(invariant: ir.Invariant | ir.Monotone) -> str:
    return f"invariant {invariant.id}{at(invariant.span)}"


def _broken(invariant: ir.Invariant | ir.Monotone, found: Counterexample, paint: Paint) -> Iterator[str]:
    yield f"{paint('error', 'BROKEN')} {_named(invariant)}"
    yield f"  {_said(invariant)}"
    if invariant.why:
        yield f"  why: {clean(' '.join(invariant.why.split()))}"
    if isinstance(invariant, ir.Monotone) and found.move:
        for given, output in zip(found.move.given, found.move.output, strict=True):
            moved, result = (clean(plain_text(each)) for each in (given, output))
            yield f"  {_text(invariant.input)}: {moved} gives out.{invariant.output.name}: {result}"
    for block in render_findings([found.fault] if found.fault else [], paint):
        yield from (f"  {line}" for line in block.splitlines())
    yield f"  example {found.example}" if found.example else f"  {'steps' if found.before else 'snapshot'}, made up"
    for snapshot in (*found.before, found.snapshot):
        yield f"    {clean(json.dumps(snapshot, ensure_ascii=False))}"
    yield ""


def _said(invariant: ir.Invariant | ir.Monotone) -> str:
    """The invariant as it is written."""
    match invariant:
        case ir.Invariant(word=word, condition=condition):
            return f"{word}: {_text(condition)}"
        case ir.Monotone(word=word, output=output, when=when, input=moved):
            return f"{word}: out.{output.name}, {when}: {_text(moved)}"


def _text(expr: ir.Expr) -> str:
    return clean(" ".join(expr.span.text.split())) if expr.span else ""


def invariants_dict(checks: Checks) -> dict[str, Any]:
    return {
        "snapshots": checks.snapshots,
        "decided": checks.decided,
        "sessions": checks.sessions,
        "steps": checks.steps,
        "decided_steps": checks.decided_steps,
        "invariants": [_checked_dict(each) for each in checks.results],
    }


def _checked_dict(checked: Checked) -> dict[str, Any]:
    found = checked.counterexample
    return {
        "id": checked.invariant.id,
        "invariant": _said(checked.invariant),
        **place(checked.invariant.span),
        "checks": checked.checks,
        "counterexample": _counterexample_dict(found) if found else None,
    }


def _counterexample_dict(found: Counterexample) -> dict[str, Any]:
    return {
        "example": found.example,
        "before": [dict(each) for each in found.before],
        "snapshot": dict(found.snapshot),
        "given": list(found.move.given) if found.move else None,
        "output": list(found.move.output) if found.move else None,
        "fault": diagnostic_dict(found.fault) if found.fault else None,
    }


def at(span: Span | None) -> str:
    """Where something stands, behind what is said of it."""
    return f" ({span})" if span else ""


def place(span: Span | None) -> dict[str, Any]:
    return {"file": span.source.name if span else None, "line": span.position[0] if span else None}
