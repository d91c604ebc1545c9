"""Compiled expressions for the examination: the same code as live decisions run, with the place of every operation."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from .. import ir
from ..run import Names, Run, has_fired
from .expressions import Writer
from .intervals import bounds_of
from .runtime import RUNTIME


class _Spelling(dict[tuple[str, str], str]):
    """Every name as a look-up in the run."""

    def __missing__(self, key: tuple[str, str]) -> str:
        kind, name = key
        match kind:
            case "input":
                return f"run.inputs[{name!r}]"
            case "definition":
                return f"names[{name!r}]" if "." in name else f"run.definitions[{name!r}]"
            case "output":
                return f"run.outputs[{name!r}]"
            case "previous":
                return f"run.kept['previous', {name!r}]"
            case "advance":
                return "run.advance"
            case "fired":
                return f"has_fired(run, {name!r})"
        raise KeyError(key)


class _Locals(dict[str, str | tuple[str, ...]]):
    def __missing__(self, name: str) -> str:
        return f"names[{name!r}]"


class CompiledEvaluate:
    """Evaluates the expressions of one pack under its effective parameters; each is compiled when first asked for."""

    def __init__(self, pack: ir.Pack, parameters: Mapping[str, ir.Value]) -> None:
        self._functions: dict[int, Callable[[Run | None, Names], Any]] = {}
        self._space: dict[str, Any] = {**RUNTIME, "has_fired": has_fired}
        bounds = bounds_of(pack, parameters)
        self._writer = Writer(_Spelling(), parameters, bounds, self._space, _Locals(), located=True)

    def __call__(self, run: Run | None, expr: ir.Expr, names: Names) -> Any:
        function = self._functions.get(id(expr))  # the pack holds every expression, so that none loses its identity
        if function is None:
            text = f"lambda run, names: {self._writer.write(expr)}"
            function = self._functions[id(expr)] = eval(text, self._space)
        return function(run, names)
