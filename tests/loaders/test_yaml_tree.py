from __future__ import annotations

import time

import pytest

from flyball.engine.codes import CODES
from flyball.engine.document import plain
from flyball.engine.source import Source
from flyball.loaders.yaml_tree import LIMITS, Limits, decode

from .reading import codes, only, read, spot

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


# structure


def test_a_duplicate_key_shows_the_first() -> None:
    document, (finding,) = read("a: 1\nb: 2\n'a': 3")
    assert (finding.code, spot(finding), finding.related[0].span.position) == ("FB103", "'a'", (1, 1))
    assert document is not None
    assert plain(document) == {"a": 1, "b": 2}


def test_a_double_brace_is_to_be_quoted() -> None:
    finding = only("because: {{ pnl }}")
    assert (finding.code, finding.help, spot(finding)) == ("FB113", "quote text that begins with `{{`", "{ pnl }")


@pytest.mark.parametrize(
    ("text", "spot_text", "advice"),
    [
        ("{then: min(a, b), c: 1}", "b)", "a comma ended this expression, quote it"),
        ("x: {cap: min(a,b)}", "b)", "a comma ended this expression, quote it"),
        ("{a: 1, b: }", "b", CODES["FB107"].help),
        ("{a}", "a", CODES["FB107"].help),
        ("a:\nb: 1", "a", CODES["FB107"].help),
        ("a: # nothing\nb: 1", "a", CODES["FB107"].help),
        ("a: &x\nb: 1", "a", "quote text that begins with `&`"),
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
    assert time.perf_counter() - began < 10  # no measure of speed: it does not hang
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
    assert time.perf_counter() - began < 10  # no measure of speed: it does not hang
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
