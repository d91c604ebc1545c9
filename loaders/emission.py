"""YAML written anew: the C loader's events put down by the emitter of ruamel.yaml, every scalar in its own style."""

from __future__ import annotations

import io
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import yaml
from yaml import events as read

from .yaml_syntax import offset

_WIDE = 10**9  # nothing is wrapped


def emitted(text: str) -> str:
    """A text without comments in the canonical layout.

    Raises ModuleNotFoundError without ruamel.yaml.
    """
    from ruamel.yaml.emitter import Emitter  # noqa: PLC0415  an extra, for files that are edited

    stream = io.StringIO()
    emitter = Emitter(
        stream,
        indent=2,
        width=_WIDE,
        allow_unicode=True,
        block_seq_indent=2,
        brace_single_entry_mapping_in_flow_sequence=True,
        dumper=_Settings(),
    )
    emitter.best_sequence_indent = 4
    for event in _events(text):
        emitter.emit(event)
    return stream.getvalue()


class _Settings:
    """What the emitter asks of whoever dumps."""

    _emitter = _serializer = None


def _events(text: str) -> Iterator[Any]:
    from ruamel.yaml import events as write  # noqa: PLC0415
    from ruamel.yaml.tag import Tag  # noqa: PLC0415

    plain = Tag(suffix="tag:yaml.org,2002:str")  # the emitter asks for one, and writes none
    for event in yaml.parse(text, Loader=yaml.CSafeLoader):
        match event:
            case read.StreamStartEvent():
                yield write.StreamStartEvent()
            case read.StreamEndEvent():
                yield write.StreamEndEvent()
            case read.DocumentStartEvent():
                yield write.DocumentStartEvent(explicit=event.explicit, version=event.version)
            case read.DocumentEndEvent():
                yield write.DocumentEndEvent(explicit=event.explicit)
            case read.AliasEvent():
                yield write.AliasEvent(event.anchor)
            case read.ScalarEvent():
                value = _with_folds(text, event) if event.style == ">" else event.value
                style = event.style or None
                yield write.ScalarEvent(event.anchor, plain, event.implicit, value, style=style)
            case read.SequenceStartEvent():
                yield write.SequenceStartEvent(event.anchor, None, event.implicit, flow_style=event.flow_style)
            case read.SequenceEndEvent():
                yield write.SequenceEndEvent()
            case read.MappingStartEvent():
                yield write.MappingStartEvent(event.anchor, None, event.implicit, flow_style=event.flow_style)
            case read.MappingEndEvent():
                yield write.MappingEndEvent()


def _with_folds(text: str, event: read.ScalarEvent) -> str:
    """The value with a bell before each space that was a line break, which is how the emitter knows them."""
    lines = [line.strip() for line in text[offset(event.start_mark) : offset(event.end_mark)].split("\n")[1:]]
    value, place = event.value, 0
    for line, following in pairwise(lines):
        place = value.find(line, place) + len(line)
        if line and following and value[place : place + 1] == " ":
            value = f"{value[:place]}\a{value[place:]}"
    return value


__all__ = ["emitted"]
