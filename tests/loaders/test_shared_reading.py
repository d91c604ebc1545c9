"""What several packs import is read once, and again when it changed; what is wrong with it is said."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from flyball.loaders import pack_schema, packs

DESK = "language: 1\nvocabulary: desk\nversion: 1.0.0\ntypes: {Mood: [CALM, WILD]}\n"
PACK = """language: 1
pack: guard
version: 1.0.0
import: [desk@1]
inputs: {mood: {type: Mood}}
outputs: {open: {type: boolean, start: "mood == WILD", safe: false}}
"""
ALONE = PACK.replace("import: [desk@1]\n", "").replace("Mood", "boolean").replace(" == WILD", "")


@pytest.fixture
def checked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The kinds of the files that were held against their schema."""
    kinds: list[str] = []
    original = pack_schema.check

    def check(document: Any, kind: pack_schema.Kind) -> Any:
        kinds.append(kind)
        return original(document, kind)

    monkeypatch.setattr(pack_schema, "check", check)
    return kinds


def test_what_two_packs_import_is_read_once(tmp_path: Path, checked: list[str]) -> None:
    (tmp_path / "desk").mkdir()
    vocabulary = tmp_path / "desk" / "1.0.0.yaml"
    vocabulary.write_text(DESK)
    for name in ("one.yaml", "two.yaml"):
        assert packs.load_bytes(PACK.encode(), name, str(tmp_path)).checked
    assert checked == ["pack", "vocabulary", "pack"]
    vocabulary.write_text(DESK.replace("WILD", "HIGH"))
    findings = packs.load_bytes(PACK.encode(), "three.yaml", str(tmp_path)).findings
    assert [finding.code for finding in findings] == ["FB301"]
    assert "WILD" in findings[0].message
    assert checked == ["pack", "vocabulary", "pack", "pack", "vocabulary"]


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (DESK.replace("Mood", "mood"), "{path}:4:9: `mood` is not allowed here"),
        (DESK + "types: {}\n", "{path}:5:1: "),
        (ALONE, "it is no vocabulary"),
        (PACK, "{path}:4:10: `desk@1` cannot be imported: it refers to itself"),
    ],
    ids=["name", "key", "pack", "itself"],
)
def test_why_a_file_cannot_be_imported(tmp_path: Path, content: str, problem: str) -> None:
    vocabulary = tmp_path / "desk" / "1.0.0.yaml"
    vocabulary.parent.mkdir()
    vocabulary.write_text(content)
    first = packs.load_bytes(PACK.encode(), "guard.yaml", str(tmp_path)).findings[0]
    assert (first.code, str(first.span)) == ("FB312", "guard.yaml:4:10")
    assert first.message.startswith(f"`desk@1` cannot be imported: {problem.format(path=vocabulary)}")
