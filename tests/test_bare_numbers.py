"""No number of trading stands bare: in the expressions of packs and policies, nor in the Python of policies.

A number is a parameter or a table's cell, with unit, range and why. FB501 finds others in YAML; Python is read here.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from flyball.loaders.packs import load
from flyball.tests.documents import ROOT

FILES = sorted([*ROOT.glob("rules/*/*.yaml"), *ROOT.glob("policies/*/policy.yaml")])
PYTHON = sorted(ROOT.glob("policies/**/*.py"))
NO_AMOUNTS = (0, 1)
# Numbers that decide nothing about trading, each with what it is.
ELSEWHERE = {
    ("policies/orchestrator/facade.py", 2): "the indent of a JSON file",
    ("policies/orchestrator/facade.py", 100): "how many policies the history keeps",
}


def numbers(tree: ast.AST) -> Iterator[tuple[int, float]]:
    """Every number and its line, but for those that are no amounts."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and type(node.value) in (int, float) and node.value not in NO_AMOUNTS:
            yield node.lineno, node.value  # type: ignore[misc]  # a number, by its type


def offending(path: Path) -> list[str]:
    name = path.relative_to(ROOT).as_posix()
    found = numbers(ast.parse(path.read_text(encoding="utf-8")))
    return [f"{name}:{line}: {value}" for line, value in found if (name, value) not in ELSEWHERE]


def test_files_are_found() -> None:
    assert len(FILES) > 25 and PYTHON


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.parent.name)
def test_no_expression_holds_a_bare_number(path: Path) -> None:
    assert [str(each) for each in load(path).findings if each.code == "FB501"] == []


def test_no_number_stands_in_the_python_of_policies() -> None:
    assert [each for path in PYTHON for each in offending(path)] == []


def test_an_exception_is_one() -> None:
    """What is listed above is still there."""
    there = {(path.relative_to(ROOT).as_posix(), value)
             for path in PYTHON for _, value in numbers(ast.parse(path.read_text(encoding="utf-8")))}  # fmt: skip
    assert ELSEWHERE.keys() <= there


def test_a_number_in_python_is_found() -> None:
    assert sorted(numbers(ast.parse("if pnl < -3.0 and trades > 1:\n    scale = 0.5\n"))) == [(1, 3.0), (2, 0.5)]
