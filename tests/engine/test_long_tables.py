"""Tables of hundreds of rows: the generated code does not grow in depth, since Python nests choices only so deep."""

from __future__ import annotations

import ast

import pytest

from flyball.engine.backends import reference
from flyball.engine.policy import Policy
from flyball.loaders.packs import load_bytes

COUNT = 300
NAMES = [f"M{i}" for i in range(COUNT)]
MORE = "more: {type: number}, many: {type: list, of: number, max_items: 3}}"
INPUTS = {
    "number": f"inputs: {{x: {{type: number}}, {MORE}",
    "enum": f"types: {{Many: [{', '.join(NAMES)}]}}\ninputs: {{x: {{type: Many}}, {MORE}",
}
CELLS = {
    "number": ["< 1", *(f"[{i}..{i + 1})" for i in range(1, COUNT - 1)), f">= {COUNT - 1}"],
    "enum": NAMES,
}
OUTPUT = "outputs: {o: {type: number, start: START, safe: 7}}"
LISTED = "outputs: {o: {type: list, of: number, max_items: 9, combine: collect, safe: []}}"
BODIES = {
    "values": ("definitions: {t: {type: number, HEAD}}", "value: {i}", OUTPUT.replace("START", "t")),
    "expressions": ("definitions: {t: {type: number, HEAD}}", "value: more + {i}", OUTPUT.replace("START", "t")),
    "rules": ("tables: {t: {HEAD}}", "then: {o: {set: {i}}}, because: It is", OUTPUT.replace("START", "0")),
    "items": ("tables: {t: {for: each in many, HEAD}}", "then: {o: {i}}, because: It is", LISTED),
}


def policy_of(kind: str, body: str, hit: str) -> Policy:
    frame, then, outputs = BODIES[body]
    rows = (f'r{i}: {{c: "{cell}", {then.replace("{i}", str(i))}}}' for i, cell in enumerate(CELLS[kind]))
    table = frame.replace("HEAD", f"match: {{c: x}}, hit: {hit}, rows: {{{', '.join(rows)}}}")
    text = f"language: 1\npack: long\nversion: 1.0.0\n{INPUTS[kind]}\n{outputs}\n{table}\n"
    loaded = load_bytes(text.encode(), "long.yaml")
    assert loaded.checked, [each for each in loaded.findings if each.severity == "error"]
    return Policy(loaded.checked.pack, {}, layers={}, document=None)


def depth(tree: ast.AST) -> int:
    deepest, open_nodes = 0, [(tree, 1)]
    while open_nodes:
        node, level = open_nodes.pop()
        deepest = max(deepest, level)
        open_nodes += [(child, level + 1) for child in ast.iter_child_nodes(node)]
    return deepest


@pytest.mark.parametrize("hit", ["unique", "first"])
@pytest.mark.parametrize("body", BODIES)
@pytest.mark.parametrize("kind", CELLS)
def test_a_long_table(kind: str, body: str, hit: str) -> None:
    policy = policy_of(kind, body, hit)
    assert depth(ast.parse(policy.source)) < 40
    for row in (0, 1, COUNT // 2, COUNT - 1):
        given = {"x": NAMES[row] if kind == "enum" else row + 0.5, "more": 0, "many": [1]}
        decision = policy.decide(given)
        assert decision["o"] == ([row] if body == "items" else row)
        assert reference.decide(policy.pack, {}, given).outputs["o"] == ((row,) if body == "items" else row)
        assert decision.outcome == reference.decide(policy.pack, {}, given)
