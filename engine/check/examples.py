"""The examples of a pack: what they may name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from ..arbitration import CONFLICT, DEGRADED, VETO
from ..diagnostics import did_you_mean
from ..document import Document
from ..document import Mapping as MappingNode
from ..document import Sequence as SequenceNode
from ..examples import EXPECTATIONS, Example, Step
from ..ir import Slot
from ..source import Span
from ..types import UNKNOWN, Record
from .declarations import section, text_of
from .scope import Scope

_OF_A_STEP = ("given", "now", "expect")


def read_examples(scope: Scope, document: MappingNode) -> Iterator[Example]:
    droppers = tuple(_droppers(document))
    for key, node in section(document, "examples"):
        if not isinstance(node, MappingNode):
            continue
        steps = tuple(_steps(scope, node, key.span))
        for step in steps:
            _expected_droppers(scope, step.expect.get("dropped_intents") if step.expect else None, droppers)
        if any(step.expect for step in steps):
            yield Example(key.text, node, steps, key.span)
        else:
            scope.report("FB409", key.span, name=key.text)


def _steps(scope: Scope, example: MappingNode, span: Span) -> Iterator[Step]:
    steps = example.get("steps")
    if steps is None:
        yield _step(scope, example, span)
        return
    for key, _ in example.entries:
        if key.text in _OF_A_STEP:
            scope.report("FB204", key.span, value=key.text, help="write it in each of the `steps`")
    for node in steps.items if isinstance(steps, SequenceNode) else ():
        if isinstance(node, MappingNode):
            yield _step(scope, node, node.span)


def _step(scope: Scope, node: MappingNode, span: Span) -> Step:
    expect = node.get("expect")
    if not isinstance(expect, MappingNode) or not expect.entries:
        return Step(node, None, span)
    _expected(scope, expect)
    return Step(node, expect, span)


def _expected(scope: Scope, expect: MappingNode) -> None:
    intents = [name for name, kind in scope.fired.items() if kind == "intent"]
    theirs = {f"{part}.{name}": name for part, pack in scope.parts.items() for name in pack.outputs}
    published = scope.outputs or theirs.values()
    for key, value in expect.entries:
        if key.text in ("reasons", "absent_reasons", "fired"):
            automatic = (
                *(f"{name}.within" for name in (*scope.outputs, *theirs)),
                *(f"{name}.exposure" for name in intents),
            )
            _expected_ids(scope, value, automatic)
        elif key.text == "intents":
            _expected_intents(scope, value)
        elif key.text == "dropped_intents":
            _expected_intents(scope, value, "rule")
        elif key.text not in published and key.text not in EXPECTATIONS:
            near = did_you_mean(key.text, (*published, *sorted(EXPECTATIONS)))
            scope.report("FB301", key.span, kind="output", name=key.text, help=near)


def _expected_intents(scope: Scope, node: Document, *more: str) -> None:
    item = scope.intents.item.type if scope.intents else UNKNOWN
    for each in node.items if isinstance(node, SequenceNode) else ():
        if scope.intents is None:
            scope.report("FB412", each.span, problem="an intent is expected of a pack that has none")
        elif isinstance(each, MappingNode) and isinstance(item, Record):
            known = [*(field.name for field in item.fields), *more]
            for key, _ in each.entries:
                if key.text not in known:
                    near = did_you_mean(key.text, known)
                    scope.report("FB301", key.span, kind="field of an intent", name=key.text, help=near)


def _droppers(document: MappingNode) -> Iterator[str]:
    """The rules of arbitration, as what they drop names them."""
    yield from (CONFLICT, DEGRADED)
    arbitration = document.get("arbitration")
    if isinstance(arbitration, MappingNode):
        yield from (VETO + key.text for key, _ in section(arbitration, "veto"))


def _expected_droppers(scope: Scope, node: Document | None, droppers: Sequence[str]) -> None:
    for each in node.items if isinstance(node, SequenceNode) else ():
        rule = each.get("rule") if isinstance(each, MappingNode) else None
        if rule is not None and text_of(rule) not in droppers:
            near = did_you_mean(text_of(rule), droppers)
            scope.report("FB301", rule.span, kind="rule of arbitration", name=text_of(rule), help=near)


def _expected_ids(scope: Scope, node: Document, more: Iterable[str]) -> None:
    known = {*scope.fired, *more}
    for item in node.items if isinstance(node, SequenceNode) else ():
        if text_of(item) not in known:
            near = did_you_mean(text_of(item), known)
            scope.report("FB301", item.span, kind="rule, row or group", name=text_of(item), help=near)


def check_states(scope: Scope, examples: Iterable[Example], slots: Iterable[Slot], step: str | None) -> None:
    """What the state of an example names must be kept. Its values are read when it is run, by its parameters."""
    kept = {kind: [slot.name for slot in slots if slot.kind == kind] for kind in ("state", "previous")}
    parts = (("definitions", "state of a definition", kept["state"]), ("previous", "`previous`", kept["previous"]))
    for state in (example.state for example in examples if example.state):
        for part, kind, known in parts:
            for key, _ in section(state, part):
                if key.text not in known:
                    scope.report("FB301", key.span, kind=kind, name=key.text, help=did_you_mean(key.text, known))
        named = state.key("step")
        if named is not None and step is None:
            scope.report("FB204", named.span, value="step", help="this pack names no `step`: `now` identifies it")
