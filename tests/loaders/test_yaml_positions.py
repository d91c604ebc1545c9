from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from flyball.engine.diagnostics import Diagnostic
from flyball.engine.document import Document, Mapping, Scalar, Sequence, Style, plain
from flyball.engine.source import Source
from flyball.loaders.yaml_tree import decode, parse

PACK = """\
# yaml-language-server: $schema=../../schemas/pack.schema.json
language: 1
pack: drawdown_guard
version: 1.0.0
import: [trading@1]
types:
  Tag: [GOOD, NEUTRAL, BAD]
inputs:
  daily_pnl: {type: number, unit: percent, range: [-100, 1000], why: Realised and öpen}
  symbols:
    type: list
    max_items: 500
    of: {type: record, key: symbol, fields: {symbol: {type: text}, tag: {type: Tag}}}
parameters:
  limit: &limit {value: 3.0, unit: percent, range: [0.1, 20]}
  other: *limit
definitions:
  stopped: daily_pnl <= -limit
  folded: >-
    daily_pnl
      + 1.0e+3
rules:
  daily_loss:
    when: stopped
    then: {allow_new_trades: false, risk_profile: 'NO_NEW_TRADES'}
    because: "Daily PnL {{ daily_pnl }} is at or below\\n -{{ limit }}"
examples:
  a_bad_day:
    given: {now: 2026-01-05T15:00:00Z, daily_pnl: -3.5, symbols: [{symbol: AAPL, tag: BAD}]}
    expect: {reasons: [daily_loss], text: null}
"""


def read(text: str) -> tuple[Document | None, list[Diagnostic]]:
    return parse(Source("pack.yaml", text))


def scalars(node: Document) -> Iterator[Scalar]:
    match node:
        case Scalar():
            yield node
        case Sequence(items=items):
            for item in items:
                yield from scalars(item)
        case Mapping(entries=entries):
            for key, value in entries:
                yield key
                yield from scalars(value)


def nodes(node: Document) -> Iterator[Document]:
    yield node
    match node:
        case Sequence(items=items):
            for item in items:
                yield from nodes(item)
        case Mapping(entries=entries):
            for key, value in entries:
                yield key
                yield from nodes(value)


def test_a_pack_is_read_without_findings() -> None:
    document, findings = read(PACK)
    assert findings == []
    assert document is not None
    tree = plain(document)
    assert isinstance(tree, dict)
    assert tree["language"] == 1
    assert tree["version"] == "1.0.0"
    assert tree["parameters"] == {
        name: {"value": 3.0, "unit": "percent", "range": [0.1, 20]} for name in ("limit", "other")
    }
    assert tree["definitions"] == {"stopped": "daily_pnl <= -limit", "folded": "daily_pnl\n  + 1.0e+3"}


@pytest.mark.parametrize(
    ("written", "style"),
    [
        ("plain text", Style.PLAIN),
        ("plain\n    on lines", Style.PLAIN),
        ("'it''s ö'", Style.SINGLE),
        ('"a\\n b"', Style.DOUBLE),
        ('"a\n\n  b"', Style.DOUBLE),
        ("|\n    a\n    b", Style.BLOCK),
        (">- # note\n    a\n\n     b", Style.BLOCK),
        ("|+\n    a", Style.BLOCK),
        ("|", Style.BLOCK),
        ("''", Style.SINGLE),
    ],
)
@pytest.mark.parametrize("prefix", ["", "&x ", "&x\n    ", "&x # note\n    "])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_a_span_is_the_scalar_as_written(written: str, style: Style, prefix: str, newline: str) -> None:
    text = f"ä:\n  first: {prefix}{written}  \n\n  \n  # note\n  last: 1\n".replace("\n", newline)
    document, findings = read(text)
    assert findings == []
    assert document is not None
    value = list(scalars(document))[2]
    assert (value.span.text, value.style) == (written.replace("\n", newline), style)


@pytest.mark.parametrize("prefix", ["", "&x\n"])
@pytest.mark.parametrize(
    "written", ["{b: 1, c: [2, 3]}", "[a: b]", "[]", "b: 1\n c:\n  - 2\n  - x y", "- - 1\n - c: {}", "? b\n : c"]
)
def test_a_collection_ends_with_its_last_value(written: str, prefix: str) -> None:
    document, findings = read(
        f"a:{prefix and ' '}{prefix or chr(10)} {written}  \n\n # note\nz: [*y ]".replace("*y", "1")
    )
    assert findings == []
    assert isinstance(document, Mapping)
    value = document.get("a")
    assert value
    assert value.span.text == written


def check_scalar(scalar: Scalar) -> None:
    """The characters of the span give the scalar's text again."""
    written = scalar.span.text
    if scalar.style is Style.PLAIN:
        assert written.split() == scalar.text.split()
        assert written == written.strip(" \t\r\n")
    elif scalar.style is Style.BLOCK:
        assert written[0] in "|>"
        assert "".join(written.split()).endswith("".join(scalar.text.split()))
    else:
        assert yaml.load(f"--- {written}", Loader=yaml.CBaseLoader) == scalar.text


def check_spans(document: Document) -> None:
    for scalar in scalars(document):
        check_scalar(scalar)
    for node in nodes(document):
        assert node.span.start <= node.span.end


def test_the_spans_of_a_pack() -> None:
    for text in (PACK, PACK.replace("\n", "\r\n")):
        document, findings = read(text)
        assert findings == []
        assert document is not None
        check_spans(document)


# properties

words = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cf", "Zl", "Zp", "Cn")), max_size=30)
numbers = st.integers(-(2**53) + 1, 2**53 - 1) | st.decimals(-1000, 1000, places=3).map(float).filter(
    lambda number: "e" not in repr(number)
)
trees = st.recursive(
    st.none() | st.booleans() | numbers | words,
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(words, inner, max_size=5),
    max_leaves=30,
)
control = ["\t", "\x00", "\x85", "\u2028", "\ufeff", "\ud800"]
structure = [
    ", ",
    ": ",
    "\n",
    "\r\n",
    "  ",
    "- ",
    "? ",
    "&a ",
    "*a",
    "!t ",
    "<<: ",
    "|\n",
    "---\n",
    "...\n",
    "%YAML 1.2\n",
]
pieces = st.sampled_from([*structure, *control, *"[]{}#'\">ö\\", "yes", "0x1", "1e3"])


@given(trees, st.sampled_from([None, 1, 4]))
def test_json_is_read_as_json(tree: object, indent: int | None) -> None:
    document, findings = read(json.dumps(tree, ensure_ascii=False, indent=indent))
    assert findings == []
    assert document is not None
    assert plain(document) == tree
    check_spans(document)


def check_any(text: str) -> None:
    document, findings = read(text)
    assert document is not None or findings
    for finding in findings:
        assert "\n" not in finding.message
        assert finding.span
        assert 0 <= finding.span.start <= finding.span.end <= len(text)
        assert finding.help
    if document is not None:
        plain(document)
        check_spans(document)


@given(st.integers(0, len(PACK)), st.integers(0, 12), st.lists(pieces | words, max_size=4).map("".join))
def test_no_mutation_of_a_pack_breaks_the_reader(start: int, length: int, inserted: str) -> None:
    check_any(PACK[:start] + inserted + PACK[start + length :])


@given(st.lists(pieces | st.sampled_from(["a", "b: 1", "c"]), max_size=25).map("".join))
def test_no_sequence_of_tokens_breaks_the_reader(text: str) -> None:
    check_any(text)


@given(st.text(st.characters()))
def test_no_text_breaks_the_reader(text: str) -> None:
    check_any(text)


@given(st.binary())
def test_no_bytes_break_the_decoder(data: bytes) -> None:
    source, findings = decode(data, "pack.yaml")
    assert (source is None) == bool(findings)
