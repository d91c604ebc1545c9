"""The canonical layout: what it looks like, that it comes to rest, and that it loses nothing."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from random import Random

import pytest

from flyball.engine.document import Mapping, Sequence
from flyball.engine.source import Source
from flyball.loaders import writing, yaml_tree
from flyball.loaders.layout import LayoutError, formatted
from flyball.loaders.packs import SHIPPED, load_bytes
from flyball.loaders.yaml_comments import comments

from ..documents import ROOT
from ..strategies.layouts import commented, messed
from ..strategies.packs import pack_document

LAYOUTS = Path(__file__).parent / "layouts"
WRITTEN = sorted([*SHIPPED.glob("*/*.yaml"), *ROOT.glob("examples/*/*.yaml"), *ROOT.glob("tests/cli/packs/good.yaml")])


def laid(data: bytes) -> bytes:
    result, findings = formatted(data, "pack.yaml")
    assert result is not None, [str(each) for each in findings]
    return result


def parsed(data: bytes) -> tuple[object, list[str]]:
    """What a file says: values in their order, and comments."""
    source = Source("pack.yaml", data.decode().replace("\r\n", "\n"))
    document, findings = yaml_tree.parse(source)
    assert findings == []
    return ordered(document), [each.text for each in comments(source, document)]


def ordered(node: object) -> object:
    match node:
        case Mapping(entries=entries):
            return [(key.text, ordered(value)) for key, value in entries]
        case Sequence(items=items):
            return [ordered(item) for item in items]
    return node


def check_kept(data: bytes) -> None:
    result = laid(data)
    assert parsed(result) == parsed(data)
    assert laid(result) == result


def test_golden() -> None:
    """FLYBALL_UPDATE_GOLDEN=1 writes it anew."""
    golden = LAYOUTS / "messy.golden"
    result = laid((LAYOUTS / "messy.yaml").read_bytes())
    if os.environ.get("FLYBALL_UPDATE_GOLDEN"):
        golden.write_bytes(result)
    assert golden.read_bytes() == result
    assert laid(result) == result


@pytest.mark.parametrize("path", WRITTEN, ids=lambda path: path.parent.name)
def test_shipped_packs_are_in_the_canonical_layout(path: Path) -> None:
    assert laid(path.read_bytes()) == path.read_bytes()


@pytest.mark.parametrize("path", WRITTEN[::4], ids=lambda path: path.parent.name)
def test_a_shipped_pack_with_another_layout_keeps_all(path: Path) -> None:
    check_kept(commented(Random(path.parent.name), path.read_text(encoding="utf-8")).encode())


@pytest.mark.parametrize("seed", range(12))
def test_a_generated_pack_keeps_all(seed: int) -> None:
    chance = Random(seed)
    check_kept(messed(chance, pack_document(chance)).encode())


@pytest.mark.long
@pytest.mark.parametrize("seed", range(12, 500))
def test_many_generated_packs_keep_all(seed: int) -> None:
    test_a_generated_pack_keeps_all(seed)


@pytest.mark.long
@pytest.mark.parametrize("path", WRITTEN, ids=lambda path: path.parent.name)
def test_every_shipped_pack_with_another_layout_keeps_all(path: Path) -> None:
    test_a_shipped_pack_with_another_layout_keeps_all(path)


def test_folded_text_keeps_its_lines() -> None:
    text = b"a: >-\n  one two\n  three\n\n  four\nb: >\n  five\n  six\n"
    assert laid(text) == text


def test_byte_order_mark_and_line_breaks_are_kept() -> None:
    canonical = laid((LAYOUTS / "messy.yaml").read_bytes())
    windows = b"\xef\xbb\xbf" + (LAYOUTS / "messy.yaml").read_bytes().replace(b"\n", b"\r\n")
    assert laid(windows) == b"\xef\xbb\xbf" + canonical.replace(b"\n", b"\r\n")


@pytest.mark.parametrize(
    ("cut", "whole"),
    [
        ("{start: min(a, b), safe: 0}", '{start: "min(a, b)", safe: 0}'),
        ("{start: max(min(a, [1, 2][0]), b), safe: 0}", '{start: "max(min(a, [1, 2][0]), b)", safe: 0}'),
        ("{start: xs[0], safe: 0}", '{start: "xs[0]", safe: 0}'),
        ("{start: sum(x for x in {a, b}), safe: 0}", '{start: "sum(x for x in {a, b})", safe: 0}'),
        ("{then: {risk: {cap: min(a, b)}}, safe: 0}", '{then: {risk: {cap: "min(a, b)"}}, safe: 0}'),
        ("{range: [0, 1], start: min(a, b)}", '{range: [0, 1], start: "min(a, b)"}'),
        ('{why: "one, two", start: min(a, b)}', '{why: "one, two", start: "min(a, b)"}'),
    ],
)
def test_expressions_that_braces_cut_are_quoted(cut: str, whole: str) -> None:
    assert formatted(f"out: {cut}\n".encode(), "pack.yaml")[0] == f"out: {whole}\n".encode()


@pytest.mark.parametrize(
    "text", ["out: {start: min(a, b}\n", "out: {start: [a, b, safe: 0}\n", "a: b: c\n", "- - x\n y"]
)
def test_what_cannot_be_read_is_reported(text: str) -> None:
    result, findings = formatted(text.encode(), "pack.yaml")
    assert result is None
    assert findings == yaml_tree.parse(Source("pack.yaml", text))[1] != []


def test_a_merge_conflict_is_named() -> None:
    text = "language: 1\n<<<<<<< HEAD\npack: a\n=======\npack: b\n>>>>>>> other\n"
    for findings in (formatted(text.encode(), "pack.yaml")[1], load_bytes(text.encode(), "pack.yaml").findings):
        (finding,) = findings
        assert finding.message == "a merge conflict was left here"
        assert str(finding.span) == "pack.yaml:2:1"


def test_a_layout_that_would_lose_a_comment_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("flyball.loaders.layout.put_back", lambda laid, *_: laid.text)
    with pytest.raises(LayoutError, match="would lose a comment"):
        formatted(b"a:   1  # kept\n", "pack.yaml")


def test_a_layout_that_would_change_a_value_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("flyball.loaders.layout.put_back", lambda laid, *_: laid.text.replace("1", "2"))
    with pytest.raises(LayoutError, match="would mean something else"):
        formatted(b"a:   1\n", "pack.yaml")


# Writing


def test_a_file_that_changed_meanwhile_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "pack.yaml"
    path.write_bytes(b"by an editor")
    with pytest.raises(writing.WriteError, match="changed by another program"):
        writing.replace(path, b"as it was read", b"new")
    assert path.read_bytes() == b"by an editor"
    assert list(tmp_path.iterdir()) == [path]


def test_a_read_only_file_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "pack.yaml"
    path.write_bytes(b"old")
    path.chmod(0o444)
    with pytest.raises(writing.WriteError, match="read-only"):
        writing.replace(path, b"old", b"new")
    assert path.read_bytes() == b"old"


def test_mode_and_link_are_kept(tmp_path: Path) -> None:
    path, link = tmp_path / "pack.yaml", tmp_path / "link.yaml"
    path.write_bytes(b"old")
    path.chmod(0o640)
    link.symlink_to(path)
    writing.replace(link, b"old", b"new")
    assert link.is_symlink()
    assert path.read_bytes() == b"new"
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


@pytest.mark.skipif(os.name == "nt", reason="modes are not Windows'")
def test_new_files_may_be_read_by_whom_the_user_lets(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        writing.put(tmp_path / "new", b"text")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o640
    assert [each.name for each in tmp_path.iterdir()] == ["new"]


def test_a_new_file_replaces_none(tmp_path: Path) -> None:
    path = tmp_path / "folder" / "pack.yaml"
    writing.replace(path, None, b"new")
    with pytest.raises(writing.WriteError, match="is there already"):
        writing.replace(path, None, b"newer")
    assert path.read_bytes() == b"new"


def test_a_write_that_fails_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "pack.yaml"
    path.write_bytes(b"old")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(writing.WriteError, match="No space left"):
        writing.replace(path, b"old", b"new")
    assert (path.read_bytes(), list(tmp_path.iterdir())) == (b"old", [path])
