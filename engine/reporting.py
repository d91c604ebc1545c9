"""A fault of evaluation as a diagnostic: the operation's text, its place, and the item that it happened in."""

from __future__ import annotations

from typing import Any, cast

from . import ir
from .diagnostics import Diagnostic
from .faults import Fault
from .source import Span
from .types import Enum
from .values import show_value


def fault_diagnostic(
    pack: ir.Pack, fault: Fault, span: Span | None, loop: ir.Loop | None = None, item: int | None = None
) -> Diagnostic:
    """The diagnostic of a fault that happened at `span`, inside item `item` of `loop` where there is one."""
    values = dict(fault.values)
    if fault.code == "FB724":
        kind = pack.outputs[str(values["output"])].type
        given = cast("tuple[Any, ...]", values["values"])
        shown = (show_value(each, kind) if isinstance(kind, Enum) else f"{each:.15g}" for each in given)
        values["values"] = " and ".join(shown)
    text = " ".join(span.text.split()) if span else ""
    path = None
    if loop is not None and item is not None:
        source = loop.source.span.text if loop.source.span else loop.variable
        path = f"{source}[{item}]"
    return Diagnostic.of(fault.code, span, path=path, **{"text": text, **values})  # type: ignore[arg-type]  # no `help` in it
