"""A fault of evaluation as a diagnostic: the operation's text, its place, and the item that it happened in."""

from __future__ import annotations

from typing import Any, cast

from . import ir
from .blocks import Item
from .diagnostics import Diagnostic
from .faults import Fault
from .source import Span
from .types import Enum
from .values import show_value


def fault_diagnostic(
    pack: ir.Pack, fault: Fault, span: Span | None, loop: ir.Loop | None = None, item: Item = None
) -> Diagnostic:
    """The diagnostic of a fault that happened at `span`, inside item `item` of `loop` where there is one."""
    values = dict(fault.values)
    if fault.code == "FB724":
        kind = pack.outputs[str(values["output"])].type
        given = cast("tuple[Any, ...]", values["values"])
        shown = (show_value(each, kind) if isinstance(kind, Enum) else f"{each:.15g}" for each in given)
        values["values"] = " and ".join(shown)
    values = {key: ir.shown(each) if isinstance(each, str) else each for key, each in values.items()}
    text = " ".join(span.text.split()) if span else ""
    path = None if loop is None or item is None else _path(loop, item)
    return Diagnostic.of(fault.code, span, path=path, **{"text": text, **values})  # type: ignore[arg-type]  # no `help` in it


def _path(loop: ir.Loop, item: Item) -> str:
    """An item by the lists that it comes from: `positions[1], buckets[0]`."""
    indices = item if isinstance(item, tuple) else (item,)
    sources = (source.items.span.text if source.items.span else source.variable for source in loop.sources)
    return ", ".join(f"{source}[{index}]" for source, index in zip(sources, indices, strict=True))
