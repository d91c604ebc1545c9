"""From the bytes of a YAML file to a document in which every key and value knows its position.

PyYAML's C loader finds the events; composition and typing are ours, so that the same bytes mean the same everywhere.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import yaml
from yaml import events

from ..engine.diagnostics import Diagnostic, Related
from ..engine.document import Document, Mapping, Scalar, Sequence, Style
from ..engine.source import Source, Span
from .lookup import MAX_BYTES
from .yaml_scalars import Reading, read_key, read_plain
from .yaml_syntax import TAG, ambiguous_characters, forbidden_character, merge_conflict, offset, shown, syntax_error


@dataclass(frozen=True, slots=True)
class Limits:
    """What a file may hold. Nodes are keys, values, lists and mappings, those that aliases repeat included."""

    max_bytes: int = MAX_BYTES
    max_depth: int = 64
    max_nodes: int = 100_000


LIMITS = Limits()

_STYLES = {"'": Style.SINGLE, '"': Style.DOUBLE, "|": Style.BLOCK, ">": Style.BLOCK}
_BREAKS = " \t\r\n\x85\u2028\u2029"
_PROPERTIES = re.compile(r"(?:(?:&[0-9A-Za-z_-]+|!<[^>\n]*>|![^\s,\[\]{}]*)(?:\s|#.*)*)*")
_COLON = re.compile(r"\s*:")


def decode(data: bytes, name: str, limits: Limits = LIMITS) -> tuple[Source | None, list[Diagnostic]]:
    """The text of a file under the name that a person knows it by."""
    if len(data) > limits.max_bytes:
        return None, [Diagnostic.of("FB111", Span(Source(name, ""), 0, 0), limit=limits.max_bytes)]
    try:
        return Source(name, data.decode().removeprefix("\ufeff")), []
    except UnicodeDecodeError as error:
        start = len(data[: error.start].decode())
        damaged = Source(name, data.decode(errors="replace"))
        return None, [Diagnostic.of("FB101", Span(damaged, start, start + 1), offset=error.start)]


def parse(source: Source, limits: Limits = LIMITS) -> tuple[Document | None, list[Diagnostic]]:
    """The document of a source, as far as it can be read, and all that is wrong with it as YAML."""
    if unreadable := forbidden_character(source) or merge_conflict(source):
        return None, [unreadable]
    composer = _Composer(source, limits)
    try:
        for event in yaml.parse(source.text, Loader=yaml.CSafeLoader):
            composer.take(event)
            if composer.stopped:
                break
        composer.check_count()
    except yaml.MarkedYAMLError as error:
        composer.take_error(error)
    findings = ambiguous_characters(source) + composer.findings
    return (None if composer.stopped else composer.root), sorted(findings, key=Diagnostic.sort_key)


@dataclass(slots=True)
class _Open:
    """A list or mapping whose end has not been read; a mapping expects keys and values in turn."""

    start: int
    flow: bool
    anchor: str | None
    nodes_before: int
    end: int
    height: int = 1
    items: list[Document] = field(default_factory=list)


@dataclass(slots=True)
class _OpenMapping(_Open):
    """`key` is None where the key has been refused and its value is to be dropped."""

    is_key: bool = False
    expects_key: bool = True
    key: Scalar | None = None
    written: int = 0
    entries: list[tuple[Scalar, Document]] = field(default_factory=list)
    firsts: dict[str, Span] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Anchored:
    node: Document
    nodes: int
    height: int


class _Composer:
    """Builds the document from events; without recursion, so that depth is a finding and not a crash."""

    def __init__(self, source: Source, limits: Limits) -> None:
        self.source = source
        self.limits = limits
        self.findings: list[Diagnostic] = []
        self.root: Document | None = None
        self.stopped = False
        self._documents: list[int] = []
        self._empty = False
        self._stack: list[_Open] = []
        self._anchors: dict[str, _Anchored | None] = {}  # None while the node is still open
        self._nodes = 0

    def take(self, event: events.Event) -> None:
        """Only the first document is composed, further ones are counted."""
        match event:
            case events.DocumentStartEvent():
                self._take_document(event)
            case _ if len(self._documents) > 1:
                pass
            case events.ScalarEvent():
                self._take_scalar(event)
            case events.CollectionStartEvent():
                self._take_start(event)
            case events.CollectionEndEvent():
                self._take_end(event)
            case events.AliasEvent():
                self._take_alias(event)

    def take_error(self, error: yaml.MarkedYAMLError) -> None:
        """A syntax error ends the reading."""
        finding = syntax_error(self.source, error)
        self._forget_empty_value(finding)
        self._stop(finding)

    # findings

    def _stop(self, finding: Diagnostic) -> None:
        self.findings.append(finding)
        self.stopped = True

    def _report_reading(self, reading: Reading, text: str, span: Span) -> None:
        if reading.code:
            self.findings.append(Diagnostic.of(reading.code, span, help=reading.help, text=shown(text)))

    def check_count(self) -> None:
        if self.stopped:
            return
        if len(self._documents) > 1:
            second = self._documents[1]
            self.findings.append(Diagnostic.of("FB114", Span(self.source, second, second), count=len(self._documents)))
        elif not self._documents or self._empty:
            self.root = None
            self.findings.append(Diagnostic.of("FB114", Span(self.source, 0, 0), count=0, help="the file is empty"))

    def _forget_empty_value(self, error: Diagnostic) -> None:
        """A key right before a syntax error has no value because of the error."""
        last = self.findings[-1] if self.findings else error
        if last.code != "FB107" or last.span is None or error.span is None:
            return
        if not self.source.text[last.span.end : error.span.start].strip(_BREAKS):
            self.findings.pop()

    # documents

    def _take_document(self, event: events.DocumentStartEvent) -> None:
        start, end = offset(event.start_mark), offset(event.end_mark)
        self._documents.append(start)
        if event.version and event.version != (1, 2):
            advice = "write `%YAML 1.2`, or remove the line"
            self.findings.append(
                Diagnostic.of("FB102", Span(self.source, start, end), help=advice, problem="packs are read as YAML 1.2")
            )
        if event.tags:
            self.findings.append(
                Diagnostic.of("FB104", Span(self.source, start, end), tag="%TAG", help="remove the line")
            )

    # nodes

    def _take_scalar(self, event: events.ScalarEvent) -> None:
        span, style = self._scalar_span(event), _STYLES.get(event.style or "", Style.PLAIN)
        self._refuse_tag(event, span)
        top = self._stack[-1] if self._stack else None
        if isinstance(top, _OpenMapping) and top.expects_key:
            node = self._take_key(top, event.value, span, style)
        else:
            node = self._read_value(top, event, span, style)
            self._place(node, span, 0)
        self._count(1, span)
        if event.anchor is not None:
            self._anchors[event.anchor] = _Anchored(node, 1, 0)

    def _take_key(self, top: _OpenMapping, text: str, span: Span, style: Style) -> Scalar:
        key = Scalar(text, text, span, style)
        top.key, top.expects_key, top.end = key, False, span.end
        top.written += 1
        if style is Style.PLAIN and text == "<<":
            self.findings.append(Diagnostic.of("FB105", span))
            top.key = None
        elif style is Style.PLAIN and not text:
            self.findings.append(Diagnostic.of("FB113", span))
            top.key = None
        elif first := top.firsts.get(text):
            self.findings.append(
                Diagnostic.of("FB103", span, key=shown(text), related=(Related(first, "first written here"),))
            )
            top.key = None
        elif style is Style.PLAIN:
            self._report_reading(read_key(text), text, span)
        top.firsts.setdefault(text, span)
        return key

    def _read_value(self, top: _Open | None, event: events.ScalarEvent, span: Span, style: Style) -> Scalar:
        text = event.value
        if style is not Style.PLAIN:
            return Scalar(text, text, span, style)
        if not text:
            if event.tag is None:  # a tag has been refused
                self._refuse_empty(top, span, anchored=event.anchor is not None)
            return Scalar(None, text, span)
        reading = read_plain(text)
        self._report_reading(reading, text, span)
        return Scalar(reading.value, text, span, timestamp=reading.timestamp)

    def _refuse_empty(self, top: _Open | None, span: Span, anchored: bool) -> None:
        if top is None:
            self._empty = True
        elif not isinstance(top, _OpenMapping):
            self.findings.append(Diagnostic.of("FB107", span, key="-", help="write an item, or remove the dash"))
        elif top.key and not top.is_key:
            key = top.key.span
            cut = top.flow and top.written > 1 and not _COLON.match(self.source.text, key.end)
            advice = "a comma ended this expression, quote it" if cut else None
            advice = "quote text that begins with `&`" if anchored else advice
            self.findings.append(Diagnostic.of("FB107", key, key=shown(top.key.text), help=advice))

    def _take_start(self, event: events.CollectionStartEvent) -> None:
        end = offset(event.end_mark)
        start = self._content_start(event, end)
        span = Span(self.source, start, max(start + 1, end))
        self._refuse_tag(event, span)
        if event.anchor is not None:
            self._anchors[event.anchor] = None
        flow = bool(event.flow_style)
        if isinstance(event, events.MappingStartEvent):
            is_key = self._starts_key()
            opened: _Open = _OpenMapping(start, flow, event.anchor, self._nodes, start, is_key=is_key)
        else:
            opened = _Open(start, flow, event.anchor, self._nodes, start)
        self._stack.append(opened)
        self._count(1, span)
        if len(self._stack) > self.limits.max_depth:
            self._stop(Diagnostic.of("FB112", span, limit=self.limits.max_depth))

    def _starts_key(self) -> bool:
        """Inside of a mapping that is a key, findings would only repeat that it is none."""
        top = self._stack[-1] if self._stack else None
        return isinstance(top, _OpenMapping) and (top.expects_key or top.is_key)

    def _take_end(self, event: events.CollectionEndEvent) -> None:
        opened = self._stack.pop()
        # Only a bracket has a width, the end of an indented collection is marked where the next thing begins.
        end = offset(event.end_mark) if offset(event.end_mark) > offset(event.start_mark) else opened.end
        span = Span(self.source, opened.start, end)
        node: Document
        if isinstance(opened, _OpenMapping):
            node = Mapping(tuple(opened.entries), span)
        else:
            node = Sequence(tuple(opened.items), span)
        if opened.anchor is not None:
            self._anchors[opened.anchor] = _Anchored(node, self._nodes - opened.nodes_before, opened.height)
        self._place(node, span, opened.height)

    def _take_alias(self, event: events.AliasEvent) -> None:
        span = Span(self.source, offset(event.start_mark), offset(event.end_mark))
        name = event.anchor or ""
        anchored = self._anchors.get(name)
        if anchored is None:
            self._refuse_alias(name, span)
            return
        self._place(anchored.node, span, anchored.height)
        self._count(anchored.nodes, span, code="FB106")
        if len(self._stack) + anchored.height > self.limits.max_depth:
            self._stop(Diagnostic.of("FB112", span, limit=self.limits.max_depth))

    def _refuse_alias(self, name: str, span: Span) -> None:
        if name in self._anchors:
            advice = "an alias cannot stand inside of what it repeats"
            self._stop(Diagnostic.of("FB106", span, limit=self.limits.max_nodes, help=advice))
            return
        advice = "quote text that begins with `*`"
        self.findings.append(
            Diagnostic.of("FB102", span, problem=f"nothing before this is named `&{shown(name)}`", help=advice)
        )
        self._place(Scalar(span.text, span.text, span), span, 0)

    def _place(self, node: Document, span: Span, height: int) -> None:
        """Hang a finished node where it belongs, `span`; nothing but a scalar of its own is a key."""
        if not self._stack:
            self.root = node
            return
        top = self._stack[-1]
        top.end = span.end
        top.height = max(top.height, height + 1)
        if not isinstance(top, _OpenMapping):
            top.items.append(node)
        elif top.expects_key:
            top.key, top.expects_key = None, False
            self._refuse_key(top, span)
        else:
            if top.key:
                top.entries.append((top.key, node))
            top.expects_key = True

    def _refuse_key(self, top: _OpenMapping, span: Span) -> None:
        if not top.is_key:
            doubled = top.flow and self.source.text.startswith("{{", span.start - 1)
            advice = "quote text that begins with `{{`" if doubled else None
            self.findings.append(Diagnostic.of("FB113", span, help=advice))

    # positions and bounds

    def _count(self, nodes: int, span: Span, code: str = "FB115") -> None:
        self._nodes += nodes
        if self._nodes > self.limits.max_nodes:
            self._stop(Diagnostic.of(code, span, limit=self.limits.max_nodes))

    def _content_start(self, event: events.CollectionStartEvent | events.ScalarEvent, end: int) -> int:
        """Where a node begins behind its anchor and tag."""
        start = offset(event.start_mark)
        if event.anchor is None and event.tag is None:
            return start
        found = _PROPERTIES.match(self.source.text, start)
        return min(found.end(), end) if found else start

    def _scalar_span(self, event: events.ScalarEvent) -> Span:
        end = offset(event.end_mark)
        start = self._content_start(event, end)
        if event.style in ("|", ">"):  # the C loader's end mark lies behind the line breaks, and the next indentation
            end = start + len(self.source.text[start:end].rstrip(_BREAKS))
        return Span(self.source, start, end)

    def _refuse_tag(self, event: events.CollectionStartEvent | events.ScalarEvent, content: Span) -> None:
        if event.tag is None:
            return
        found = TAG.search(self.source.text, offset(event.start_mark), content.end)
        span = Span(self.source, *found.span()) if found else content
        self.findings.append(Diagnostic.of("FB104", span, tag=shown(found.group() if found else event.tag)))
