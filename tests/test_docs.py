"""The pages under `docs/` show what is so: packs lint and their examples pass, links lead somewhere."""

from __future__ import annotations

import os
import re
import shlex
from pathlib import Path

import pytest

from flyball.cli.main import main
from flyball.engine.example_runs import run_examples
from flyball.loaders.packs import load_bytes
from flyball.reports.example_text import render_report
from flyball.reports.text import Paint, render_findings
from flyball.tests import function_page
from flyball.tests.documents import ROOT, anchors, blocks, commands, links, pages, prose, read

HEAD = "language: 1\npack: shown\nversion: 1.0.0\n"
PAGES = pages()
POLICIES = Path("docs/policies.md")  # its packs and policies refer to each other
SHOWN = [
    (f"{page}#{number}", block.text)
    for page in PAGES
    if page.parent == Path("docs") and page != POLICIES
    for number, block in enumerate(blocks(read(page), "yaml"), 1)
]
GLOSSARY_NEEDS = {
    "pack", "policy", "input", "snapshot", "parameter", "definition", "rule", "table", "effect", "output", "intent",
    "reason", "decision", "state", "diagnostic", "code", "span",
}  # fmt: skip


def test_packs_are_found() -> None:
    assert len(SHOWN) > 10


@pytest.mark.parametrize("text", [text for _, text in SHOWN], ids=[place for place, _ in SHOWN])
def test_shown_pack(text: str) -> None:
    """A pack that leaves out its first three lines is given them."""
    whole = text if text.startswith("language:") else HEAD + text
    loaded = load_bytes(whole.encode(), "shown.yaml")
    assert "\n".join(render_findings(loaded.findings, Paint())) == ""
    assert loaded.checked
    assert loaded.checked.examples
    report = run_examples(loaded.checked.pack, loaded.checked.examples)
    assert report.passed, "\n".join(render_report(report, Paint()))


def test_commands_on_streams(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    page = read("docs/streams.md")
    for block in blocks(page):
        if block.file:
            (tmp_path / block.file).write_text(block.text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    for command, output in (pair for block in blocks(page, "console") for pair in commands(block)):
        main(shlex.split(command)[1:])
        printed = capsys.readouterr()
        assert (printed.out, printed.err) == ("", output), command


def test_policies_and_their_commands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The page's files make a repository, in which its commands run."""
    page = read(POLICIES)
    for block in blocks(page):
        if block.file:
            (tmp_path / block.file).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / block.file).write_text(block.text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("FLYBALL_RULES", raising=False)
    shown = [pair for block in blocks(page, "console") for pair in commands(block)]
    assert len(shown) > 5
    for command, output in shown:
        main(shlex.split(command)[1:])
        printed = capsys.readouterr()
        assert (printed.out, printed.err) == (output, ""), command
    assert main(["lint", "rules", "policies"]) == 0
    assert main(["test", "rules", "policies"]) == 0


def test_function_page() -> None:
    """FLYBALL_UPDATE_GOLDEN=1 writes the page anew."""
    if os.environ.get("FLYBALL_UPDATE_GOLDEN"):
        (ROOT / "docs" / "functions.md").write_text(function_page.page(), encoding="utf-8")
    assert read("docs/functions.md") == function_page.page()


def test_glossary_has_the_words_in_order() -> None:
    text = read("docs/glossary.md")
    words = re.findall(r"^\| (?!word)([a-z ]+) \|", text, re.MULTILINE)
    assert words == sorted(words)
    assert {*words, *re.findall(r"\*\*(\w+)\*\*", text)} >= GLOSSARY_NEEDS


def test_index_leads_to_every_page() -> None:
    """The codes have a folder of their own."""
    reached = {(Path("docs") / link).as_posix() for link in links(read("docs/index.md"))}
    assert {page.as_posix() for page in PAGES if page.parent == Path("docs")} - reached == {"docs/index.md"}


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_links(page: Path) -> None:
    assert [link for link in links(read(page)) if not leads(page, link)] == []


def leads(page: Path, link: str) -> bool:
    """Whether a link's file is there, and the heading in it."""
    name, _, fragment = link.partition("#")
    target = (ROOT / page.parent / name).resolve() if name else ROOT / page
    inside = target.is_relative_to(ROOT) and target.exists()
    return inside and (not fragment or (target.suffix == ".md" and fragment in anchors(target.read_text("utf-8"))))


def test_a_dead_link_is_found() -> None:
    assert leads(Path("docs/index.md"), "language.md#the-file")
    assert not any(leads(Path("docs/index.md"), link) for link in ("no.md", "language.md#no", "../../no", "#no"))


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_codes_that_a_page_names_exist(page: Path) -> None:
    codes = re.findall(r"\bFB\d{3}\b", prose(read(page)))
    assert [code for code in codes if not (ROOT / "docs" / "codes" / f"{code}.md").exists()] == []
