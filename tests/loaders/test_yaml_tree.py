from __future__ import annotations

import json
import time
from collections.abc import Iterator

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from flyball.engine.codes import CODES
from flyball.engine.diagnostics import Diagnostic
from flyball.engine.document import Document, Mapping, Scalar, Sequence, Style, plain
from flyball.engine.source import Source
from flyball.loaders.yaml_tree import LIMITS, Limits, decode, parse

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


def read(text: str, limits: Limits = LIMITS) -> tuple[Document | None, list[Diagnostic]]:
    return parse(Source("pack.yaml", text), limits)


def codes(text: str) -> list[str]:
    return [finding.code for finding in read(text)[1]]


def only(text: str) -> Diagnostic:
    _, findings = read(text)
    assert [finding.code for finding in findings] == [findings[0].code]
    return findings[0]


def spot(finding: Diagnostic) -> str:
    assert finding.span
    return finding.span.text


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


def value_of(text: str) -> Scalar:
    document, findings = read(f"key: {text}")
    assert findings == []
    assert isinstance(document, Mapping)
    value = document.get("key")
    assert isinstance(value, Scalar)
    return value


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


# what decode refuses


def test_bytes_become_text_without_a_byte_order_mark() -> None:
    source, findings = decode(b"\xef\xbb\xbfa: \xc3\xb6", "pack.yaml")
    assert findings == []
    assert source == Source("pack.yaml", "a: ö")


def test_bytes_that_are_not_utf_8_are_pointed_at() -> None:
    source, (finding,) = decode("ä: 1\nb: x".encode() + b"\xff", "pack.yaml")
    assert source is None
    assert (finding.code, finding.message, str(finding.span)) == (
        "FB101",
        "the file is not UTF-8 (byte 10)",
        "pack.yaml:2:5",
    )


def test_a_large_file_is_not_decoded() -> None:
    source, (finding,) = decode(b"#" * (LIMITS.max_bytes + 1), "pack.yaml")
    assert source is None
    assert finding.code == "FB111"


# values


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("true", True),
        ("false", False),
        ("null", None),
        ("0", 0),
        ("-12", -12),
        ("+7", 7),
        ("9007199254740991", 2**53 - 1),
        ("3.0", 3.0),
        (".5", 0.5),
        ("1.", 1.0),
        ("-0.0", 0.0),
        ("1.0e+6", 1e6),
        ("1.5E-3", 1.5e-3),
        ("1.0.0", "1.0.0"),
        ("-limit", "-limit"),
        (".field", ".field"),
        ("not_a_word", "not_a_word"),
        ("'yes'", "yes"),
        ('"012"', "012"),
        ("|\n  12", "12"),
        ("٣", "٣"),
    ],
)
def test_plain_scalars_have_the_core_types(text: str, value: object) -> None:
    found = value_of(text).value
    assert found == value
    assert type(found) is type(value)


def test_there_is_no_negative_zero() -> None:
    assert str(value_of("-0.0").value) == "0.0"


@pytest.mark.parametrize(
    "text",
    [
        "2026-01-01",
        "2026-01-05T15:00:00Z",
        "2026-1-5 15:00:00.25 +01:00",
        "2026-01-05t15:00:00-05",
        "2026-01-05T15:00Z",
    ],
)
def test_a_timestamp_is_marked_text(text: str) -> None:
    scalar = value_of(text)
    assert (scalar.value, scalar.timestamp) == (text, True)
    assert not value_of(f"'{text}'").timestamp


LOOK_ALIKES = {
    **dict.fromkeys(("yes", "Yes", "YES", "on", "On", "y", "Y"), "write `true`, or quote it if it is text"),
    **dict.fromkeys(("no", "NO", "off", "OFF", "n", "N"), "write `false`, or quote it if it is text"),
    "True": "write `true` in lower case, or quote it if it is text",
    "TRUE": "write `true` in lower case, or quote it if it is text",
    "False": "write `false` in lower case, or quote it if it is text",
    "Null": "write `null` in lower case, or quote it if it is text",
    "~": "write `null`, or quote it if it is text",
    "=": "quote it",
    "<<": "quote it",
    "012": "write `12`, or quote it if it is text",
    "-08": "write `-8`, or quote it if it is text",
    "0o12": "write it in decimal, `10`",
    "0x1F": "write it in decimal, `31`",
    "0b11": "write it in decimal, `3`",
    "0x" + "F" * 9000: "write the number in decimal digits",
    "1e3": "write `1.0e+3`",
    "1.0e6": "write `1.0e+6`",
    "-2E-3": "write `-2.0e-3`",
    ".5e3": "write `0.5e+3`",
    "1.e3": "write `1.0e+3`",
    "-.5": "write `-0.5`",
    "1_000": "write `1000`, or quote it if it is text",
    "1_000.5": "write `1000.5`, or quote it if it is text",
    "12:30": "quote it if it is text, and write a duration as a number with a unit",
    "09:30:00": "quote it if it is text, and write a duration as a number with a unit",
}


@pytest.mark.parametrize(("text", "advice"), LOOK_ALIKES.items(), ids=lambda text: text[:12])
def test_look_alikes_are_refused_as_values(text: str, advice: str) -> None:
    for written in (f"key: {text}", f"[{text}]", text):
        finding = only(written)
        assert (finding.code, finding.help, spot(finding)) == ("FB108", advice, text)


@pytest.mark.parametrize("text", [text for text in LOOK_ALIKES if len(text) < 100 and text != "<<"])
def test_look_alikes_are_refused_as_keys(text: str) -> None:
    finding = only(f"{text}: 1")
    assert (finding.code, finding.help, spot(finding)) == ("FB108", "quote it, or choose another name", text)
    assert codes(f"'{text}': 1") == []


def test_a_lonely_dash_in_brackets_is_a_look_alike() -> None:
    finding = only("[-, 1000]")
    assert (finding.code, spot(finding)) == ("FB108", "-")


@pytest.mark.parametrize("text", [".inf", "-.INF", ".nan", "1.0e+999", "9" * 400 + ".0"])
def test_numbers_are_finite(text: str) -> None:
    assert only(f"key: {text}").code == "FB109"


@pytest.mark.parametrize("text", ["9007199254740992", "-9007199254740992", "9" * 10_000])
def test_integers_are_those_that_doubles_hold(text: str) -> None:
    assert only(f"key: {text}").code == "FB116"


# keys


@pytest.mark.parametrize(("text", "code"), [("2026-01-01", "FB108"), ("true", "FB113"), ("null", "FB113")])
def test_keys_are_text(text: str, code: str) -> None:
    assert only(f"{text}: x").code == code


@pytest.mark.parametrize("text", ["1.5", "-1", ".inf", "? [a]\n", "? {a: b}\n", "? *a\n"])
def test_other_keys_are_refused(text: str) -> None:
    assert only(f"first: &a b\n{text}: x").code == "FB113"


def test_an_empty_key_is_refused() -> None:
    assert only("{? : x}").code == "FB113"


def test_an_integer_key_is_the_text_as_written() -> None:
    document, findings = read("{1: a, 20: b, 99999999999999999999: c}")
    assert findings == []
    assert document is not None
    assert plain(document) == {"1": "a", "20": "b", "99999999999999999999": "c"}


def test_a_duplicate_key_shows_the_first() -> None:
    document, (finding,) = read("a: 1\nb: 2\n'a': 3")
    assert (finding.code, spot(finding), finding.related[0].span.position) == ("FB103", "'a'", (1, 1))
    assert document is not None
    assert plain(document) == {"a": 1, "b": 2}


def test_a_double_brace_is_to_be_quoted() -> None:
    finding = only("because: {{ pnl }}")
    assert (finding.code, finding.help, spot(finding)) == ("FB113", "quote text that begins with `{{`", "{ pnl }")


# structure


@pytest.mark.parametrize(
    ("text", "spot_text", "advice"),
    [
        ("{then: min(a, b), c: 1}", "b)", "a comma ended this expression, quote it"),
        ("x: {cap: min(a,b)}", "b)", "a comma ended this expression, quote it"),
        ("{a: 1, b: }", "b", CODES["FB107"].help),
        ("{a}", "a", CODES["FB107"].help),
        ("a:\nb: 1", "a", CODES["FB107"].help),
        ("a: # nothing\nb: 1", "a", CODES["FB107"].help),
        ("a: &x\nb: 1", "a", CODES["FB107"].help),
        ("- 1\n-\n- 2", "", "write an item, or remove the dash"),
    ],
)
def test_every_key_has_a_value(text: str, spot_text: str, advice: str) -> None:
    finding = only(text)
    assert (finding.code, spot(finding), finding.help) == ("FB107", spot_text, advice)


@pytest.mark.parametrize(
    ("text", "tag"),
    [("a: !!str 5", "!!str"), ("a: &x !foo [1]", "!foo"), ("!<tag:x,2000> {}", "!<tag:x,2000>"), ("a: !x!y 1", "!x!y")],
)
def test_tags_are_refused(text: str, tag: str) -> None:
    finding = only(text)
    assert (finding.code, finding.message) == ("FB104", f"tags such as `{tag}` are not read")


def test_a_merge_key_is_refused_and_its_value_dropped() -> None:
    document, (finding,) = read("a: &a {x: 1}\nb: {<<: *a, z: 2}")
    assert (finding.code, spot(finding)) == ("FB105", "<<")
    assert document is not None
    assert plain(document) == {"a": {"x": 1}, "b": {"z": 2}}


def test_aliases_repeat_what_they_name() -> None:
    document, findings = read("a: &a [1, {b: 2}]\nc: *a\nd: &a 5\ne: [*a]")
    assert findings == []
    assert document is not None
    assert plain(document) == {"a": [1, {"b": 2}], "c": [1, {"b": 2}], "d": 5, "e": [5]}


def test_an_alias_bomb_is_refused_promptly() -> None:
    bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n"
    bomb += "".join(f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]\n" for i in range(1, 30))
    began = time.perf_counter()
    finding = only(bomb)
    assert time.perf_counter() - began < 0.5
    assert finding.code == "FB106"


@pytest.mark.parametrize("text", ["&a [*a]", "a: &a {b: [*a]}", "&a [&a [*a]]"])
def test_an_alias_inside_of_itself_is_refused(text: str) -> None:
    finding = only(text)
    assert (finding.code, spot(finding)) == ("FB106", "*a")


def test_aliases_count_for_the_depth() -> None:
    text = "".join(f"a{i}: &a{i} [{f'*a{i - 1}' if i else 1}]\n" for i in range(100))
    assert only(text).code == "FB112"


def test_an_alias_of_nothing_is_a_finding() -> None:
    finding = only("a: *b")
    assert (finding.code, finding.message) == ("FB102", "nothing before this is named `&b`")


@pytest.mark.parametrize("text", ["[" * 5000, "[" * 5000 + "]" * 5000, "{a: " * 5000, "- " * 5000, "? " * 5000])
def test_deep_nesting_is_one_finding(text: str) -> None:
    began = time.perf_counter()
    finding = only(text)
    assert time.perf_counter() - began < 0.5
    assert (finding.code, finding.message) == ("FB112", "the file is nested deeper than 64 levels")


def test_the_depth_at_the_limit_is_read() -> None:
    assert codes("[" * 64 + "]" * 64) == []
    assert codes("[" * 65 + "]" * 65) == ["FB112"]


def test_the_number_of_nodes_is_bounded() -> None:
    _, (finding,) = read("[1, 2, 3]", Limits(max_nodes=3))
    assert (finding.code, spot(finding)) == ("FB115", "3")
    assert read("[1, 2, 3]", Limits(max_nodes=4))[1] == []


@pytest.mark.parametrize(
    ("text", "count"), [("", 0), ("# nothing\n", 0), ("---\n", 0), ("a: 1\n---\nb: 1\n", 2), ("---\n---\n---\n", 3)]
)
def test_a_file_is_one_document(text: str, count: int) -> None:
    finding = only(text)
    assert finding.code == "FB114"
    assert f"holds {count} YAML" in finding.message


def test_directives() -> None:
    assert codes("%YAML 1.2\n---\na: 1") == []
    assert codes("%YAML 1.1\n---\na: 1") == ["FB102"]
    assert codes("%YAML 1.3\n---\na: 1") == ["FB102"]
    assert codes("%TAG ! tag:x:\n---\na: 1") == ["FB104"]


# syntax


@pytest.mark.parametrize(
    ("text", "where", "message"),
    [
        ("a: b: c", 4, "`:` cannot stand here"),
        ("ä: b\n c: d", 7, "`:` cannot stand here"),
        ("a: {x in [A, B]}", 9, "`,` or `}` is expected here"),
        ("a: @x", 3, "`@` cannot begin a value"),
        ("a:\r\n\tb: 1", 4, "a tab cannot indent"),
        ("a: 'x", 5, "the file ends inside of quotes"),
        ("a: > 5", 5, "a block of text begins on the line after its `>` or `|`"),
        ("a: * 5", 4, "a name is expected after `*` or `&`"),
        ("- a\nb: 1", 4, "a list goes on here without `-`"),
        (" a: 1\nb: 1", 6, "this does not belong to what stands before it"),
        ("a\x01: 1", 1, "the character U+0001 cannot stand in a YAML file"),
        ("\ufeffa: 1", 0, "the character U+FEFF cannot stand in a YAML file"),
        ("a: \ud800", 3, "the character U+D800 cannot stand in a YAML file"),
    ],
)
def test_syntax_errors_have_a_place_and_a_sentence(text: str, where: int, message: str) -> None:
    document, (finding,) = read(text)
    assert document is None
    assert finding.span
    assert (finding.code, finding.span.start, finding.message) == ("FB102", where, message)
    assert finding.help


def test_a_syntax_error_shows_where_its_bracket_opened() -> None:
    finding = only("a: [1, 2\nb: 3")
    assert [(related.span.text, related.message) for related in finding.related] == [
        ("[", "a flow sequence begins here")
    ]


def test_line_breaks_that_only_some_readers_see_are_refused() -> None:
    finding = only("a: 1 # note\u2028b: 2")
    assert (finding.code, finding.span and finding.span.start) == ("FB108", 11)


def test_all_findings_come_in_one_run_in_order() -> None:
    text = "a: yes\na: 1\nb: !t 2\non: 3\nc: {d, e: 0x1}\nf: .nan\ng:\nh: [1"
    assert codes(text) == ["FB108", "FB103", "FB104", "FB108", "FB107", "FB108", "FB109", "FB107", "FB102"]


# positions


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


def written_value(scalar: Scalar) -> str:
    """The scalar's text, read again from nothing but its span."""
    if scalar.style is Style.BLOCK:
        return scalar.text
    loaded = yaml.load(f"--- {scalar.span.text}", Loader=yaml.CBaseLoader)
    assert isinstance(loaded, str)
    return loaded


def check_spans(document: Document) -> None:
    for scalar in scalars(document):
        if scalar.span.text not in {"", "-"} and scalar.span.text[0] != "*":  # no value, an alias of nothing
            assert written_value(scalar) == scalar.text
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
pieces = st.sampled_from(
    [
        "[",
        "]",
        "{",
        "}",
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
        "'",
        '"',
        "|\n",
        ">",
        "#",
    ]
    + [
        "---\n",
        "...\n",
        "%YAML 1.2\n",
        "\t",
        "\x00",
        "\x85",
        "\u2028",
        "\ufeff",
        "\ud800",
        "ö",
        "yes",
        "0x1",
        "1e3",
        "\\",
    ]
)


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
