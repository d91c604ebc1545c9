"""The examples of the shipped packs take both arms of every condition, and every fallback."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import pytest

from flyball.engine import ir
from flyball.engine.backends import reference
from flyball.engine.example_runs import run_examples
from flyball.loaders.packs import load
from flyball.tests.documents import ROOT

PACKS = sorted(path for path in ROOT.glob("rules/*/*.yaml") if "\npack:" in path.read_text(encoding="utf-8"))
NEVER_TAKEN = {
    "calibration": {  # a setup is that of some decision
        "default(mean(d.outcome for d in judged if d.setup == s), 0)",
        "default(mean(d.result_r for d in judged if d.setup == s), 0)",
    },
    "swing_governor": {"default(highest - lowest, 0)"},  # the window holds the position of now
}


@pytest.mark.parametrize("path", PACKS, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_every_branch_is_taken_by_an_example(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    checked = load(path, scenarios=True).checked
    assert checked
    taken, evaluate = set(), reference.evaluate

    def noting(run: Any, expr: ir.Expr, names: Any) -> Any:
        match expr:
            case ir.If(test=test):
                taken.add((expr.span, bool(evaluate(run, test, names))))
            case ir.Default(value=value):
                taken.add((expr.span, evaluate(run, value, names) is not None))
        return evaluate(run, expr, names)

    monkeypatch.setattr(reference, "evaluate", noting)
    pack = checked.pack
    assert run_examples(pack, checked.examples, 0).passed
    branches = {(each.span, arm) for each in branching((pack.steps, pack.rules, pack.intents)) for arm in (True, False)}
    left = {(span.text, arm) for span, arm in branches - taken if span}
    assert left == {(text, False) for text in NEVER_TAKEN.get(pack.name, ())}


def branching(found: Any) -> Iterator[ir.If | ir.Default]:
    if isinstance(found, ir.If | ir.Default):
        yield found
    if isinstance(found, dict):
        found = found.values()
    elif is_dataclass(found):
        found = [getattr(found, each.name) for each in fields(found) if each.name not in ("type", "span")]
    elif not isinstance(found, tuple):
        return
    for each in found:
        yield from branching(each)
