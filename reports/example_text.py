"""The examples of packs as text for a terminal, and as JSON: what failed, where, and what is not covered."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ..engine.coverage import Coverable
from ..engine.decision import diagnostic_dict
from ..engine.example_runs import BACK_ENDS, Mismatch, Report, Result, StepResult
from .invariant_text import at, invariants_dict, place, render_invariants
from .text import Paint, clean, plain_text, render_findings


def render_report(report: Report, paint: Paint) -> Iterator[str]:
    """What failed, what is not covered, and one line that sums it up."""
    for result in report.results:
        if not result.passed:
            yield from _failure(result, paint)
    for each in report.uncovered:
        yield f"{paint('warning', 'not covered')}: {_uncovered_text(each)}{at(each.span)}"
    yield from render_invariants(report.invariants, paint)
    yield _summary(report, paint)


def _failure(result: Result, paint: Paint) -> Iterator[str]:
    example = result.example
    yield f"{paint('error', 'FAILED')} {example.name}{at(example.span)}"
    if example.is_sequence:
        for number, step in enumerate(result.steps, 1):
            yield from _step(number, step, paint)
    else:
        for step in result.steps:
            yield from _unmet(step, paint)
            yield from (f"  {line}" for line in _state(step, paint))
    yield from _indented(render_findings(result.findings, paint))
    yield ""


def _step(number: int, step: StepResult, paint: Paint) -> Iterator[str]:
    word = paint("error", "FAILED") if step.mismatches else paint("ok", "passed")
    yield f"  step {number} {word}{at(step.step.span)}"
    if step.mismatches:
        yield from _indented(_unmet(step, paint))
    yield from (f"    {line}" for line in _state(step, paint))


def _state(step: StepResult, paint: Paint) -> Iterator[str]:
    """What it left, where it is one of a session."""
    return (paint("dim", f"state  {line}") for line in _state_lines(step.state)) if step.state else iter(())


def _state_lines(state: Mapping[str, Any]) -> Iterator[str]:
    """A line for the time and the step, then one for each definition and each `previous`."""
    for name in ("now", "step"):
        if state[name] is not None:
            yield f"{name}: {clean(plain_text(state[name]))}"
    yield from (f"{name}: {clean(plain_text(kept))}" for name, kept in state["definitions"].items())
    yield from (f"previous({name}): {clean(plain_text(kept))}" for name, kept in state["previous"].items())


def _unmet(step: StepResult, paint: Paint) -> Iterator[str]:
    for mismatch in step.mismatches:
        yield from (f"  {line}" for line in _mismatch(mismatch))
    yield from _indented(render_findings(step.findings, paint))


def _indented(blocks: Iterable[str]) -> Iterator[str]:
    yield from (f"  {line}" for block in blocks for line in block.splitlines())


def _mismatch(mismatch: Mismatch) -> Iterator[str]:
    expected, got = (clean(plain_text(each, exact=True)) for each in (mismatch.expected, mismatch.got))
    where = f"{at(mismatch.span)}"
    match mismatch.what:
        case "reasons" | "fired" as what:
            yield f"{what}: {expected} {'is' if len(_items(mismatch.expected)) == 1 else 'are'} not among {got}{where}"
        case "absent_reasons":
            yield f"reasons: {expected} should not be among {got}{where}"
        case what if what == BACK_ENDS:
            yield "the back ends disagree, which is a defect of flyball and not of this pack"
            yield f"  - {expected}   (reference)"
            yield f"  + {got}   (python)"
        case what:
            yield f"{what}{where}"
            yield f"  - {expected}   (expected)"
            yield f"  + {got}   (got)"
            yield from (f"    {line}" for line in _difference(mismatch.expected, mismatch.got))


def _difference(expected: object, got: object) -> Iterator[str]:
    """The items that only one of two lists has, where they have some in common."""
    if not isinstance(expected, list) or not isinstance(got, list):
        return
    lacking = [each for each in expected if each not in got]
    surplus = [each for each in got if each not in expected]
    if len(lacking) == len(expected) or len(surplus) == len(got):
        return
    if lacking:
        yield f"missing: {clean(plain_text(lacking, exact=True))}"
    if surplus:
        yield f"too many: {clean(plain_text(surplus, exact=True))}"
    if not lacking and not surplus:
        yield "the same items in another order or number"


def _items(value: object) -> list[object]:
    return value if isinstance(value, list) else [value]


def _uncovered_text(each: Coverable) -> str:
    match each.kind:
        case "group":
            return f"group {each.id} is closed in no example"
        case "value":
            return f"row {each.id} gives its value in no example"
        case "veto":
            return f"veto {each.id} drops an intent in no example"
        case kind:
            return f"{kind} {each.id} fires in no example"


def _summary(report: Report, paint: Paint) -> str:
    total = len(report.results)
    failed = sum(not result.passed for result in report.results)
    word = paint("ok", "passed") if report.passed else paint("error", "FAILED")
    if total:
        examples = f"{total} {'example' if total == 1 else 'examples'}" + (f", {failed} failed" if failed else "")
    else:
        examples = "no examples"
    covered = report.coverable - len(report.uncovered)
    kinds = "rules, rows, intents and groups" if report.pack.intents else "rules, rows and groups"
    kinds = "rules, rows, intents, groups and vetoes" if report.pack.arbitration.vetoes else kinds
    coverage = f", {covered} of {report.coverable} {kinds} covered" if report.coverable else ""
    return f"{report.pack.name}@{report.pack.version}: {word}, {examples}{coverage}{_held(report)}"


def _held(report: Report) -> str:
    checks = report.invariants
    total = len(checks.results)
    if not total:
        return ""
    broken = sum(each.counterexample is not None for each in checks.results)
    count = f"{total} {'invariant' if total == 1 else 'invariants'}" + (f", {broken} broken" if broken else "")
    sessions = f", {checks.decided_steps} of {checks.steps} in sessions" if checks.sessions else ""
    return f", {count} ({checks.decided} of {checks.snapshots} made-up snapshots decided{sessions})"


def report_dict(report: Report) -> dict[str, Any]:
    """The same as JSON knows it."""
    return {
        "pack": f"{report.pack.name}@{report.pack.version}",
        "passed": report.passed,
        "examples": [_result_dict(result) for result in report.results],
        "coverable": report.coverable,
        "not_covered": [{"kind": each.kind, "id": each.id, **place(each.span)} for each in report.uncovered],
        **invariants_dict(report.invariants),
    }


def _result_dict(result: Result) -> dict[str, Any]:
    """The findings of all steps; a sequence also has each step for itself, with the state that it left."""
    findings = (*result.findings, *(each for step in result.steps for each in step.findings))
    found = {
        "name": result.example.name,
        **place(result.example.span),
        "passed": result.passed,
        "mismatches": [_mismatch_dict(each) for each in result.mismatches],
        "diagnostics": [diagnostic_dict(each) for each in findings],
    }
    if result.example.is_sequence:
        return found | {"steps": [_step_dict(each) for each in result.steps]}
    return found | ({"state": result.steps[0].state} if result.example.state and result.steps else {})


def _step_dict(step: StepResult) -> dict[str, Any]:
    return {
        **place(step.step.span),
        "passed": not step.mismatches,
        "status": step.status,
        "mismatches": [_mismatch_dict(each) for each in step.mismatches],
        "diagnostics": [diagnostic_dict(each) for each in step.findings],
        "state": step.state,
    }


def _mismatch_dict(mismatch: Mismatch) -> dict[str, Any]:
    values = {"expected": mismatch.expected, "got": mismatch.got}
    if mismatch.what == BACK_ENDS:  # run-time values, which need not be JSON
        values = {name: str(value) for name, value in values.items()}
    return {"what": mismatch.what, **values, **place(mismatch.span)}
