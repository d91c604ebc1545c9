"""Reports: links that lead somewhere, strangers' text that stays text, templates of the user's own."""

from __future__ import annotations

import json
import re
from base64 import b64encode
from hashlib import sha256
from html.parser import HTMLParser
from pathlib import Path
from time import process_time

import pytest

import flyball as package
from flyball.reports.text import markdown_text

from .conftest import Flyball

RULES = Path(package.__file__ or "").parent / "rules"
PACKS = sorted(path.parent.name for path in RULES.glob("*/1.0.0.yaml") if path.read_text("utf-8").find("\npack:") >= 0)
POLICIES = sorted(path.name for path in (RULES.parent / "policies").iterdir() if (path / "policy.yaml").is_file())
VOID = {"meta", "input", "br", "hr", "img", "link"}
SECONDS = 2.0
BYTES = 2_000_000
HOSTILE = """
language: 1
pack: hostile
version: 1.0.0
title: "<script>alert(1)</script> {{ 7*7 }}"
summary: "{% raw %} </style> <!-- *bold* [link](http://x) | cell"
inputs:
  loss: {type: number, unit: percent, range: [0, 100], actionable: true, why: "<img src=x onerror=alert(1)> \\" ' `"}
parameters: {limit: {value: 3, unit: percent, range: [0, 50], why: "</td></table><script>alert(2)</script>"}}
outputs: {allowed: {type: boolean, combine: all, start: true, safe: false}}
rules:
  lost: {when: loss >= limit, then: {allowed: false}, because: "<script>alert(3)</script> # {{ loss }}"}
examples:
  blocked: {title: "<b>bold</b>", given: {loss: 5}, expect: {allowed: false}}
"""


class Page(HTMLParser):
    """What is in a page: its ids, its links, its tags, and whether every tag was closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.tags: list[str] = []
        self.handlers: list[str] = []
        self.open: list[str] = []
        self.misplaced: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.tags.append(tag)
        self.handlers += [name for name in given if name.startswith("on")]
        self.ids += [value for name, value in attrs if name == "id" and value]
        self.links += [given["href"] or ""] if "href" in given else []
        self.links += [given["src"] or ""] if "src" in given else []
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.misplaced.append(tag)


def is_sound(text: str) -> Page:
    page = Page(text)
    assert page.misplaced == []
    assert page.open == []
    assert sorted(page.ids) == sorted(set(page.ids))
    assert {link for link in page.links if not link.startswith("#")} == set()  # nothing is loaded, nothing left
    assert {link[1:] for link in page.links} <= set(page.ids)
    assert page.handlers == []
    assert page.tags.count("script") == 1
    return page


@pytest.mark.parametrize("name", [*(f"{name}@1" for name in PACKS), *POLICIES])
def test_page_of_a_shipped_pack(flyball: Flyball, name: str) -> None:
    begun = process_time()
    ended = flyball("report", "pack", name)
    took = process_time() - begun
    assert ended.code == 0
    is_sound(ended.out)
    assert len(ended.out.encode()) < BYTES
    assert took < SECONDS
    assert flyball("report", "pack", name, "--format", "md").out.startswith("# ")


def test_the_same_bytes_each_time(flyball: Flyball) -> None:
    first, second = (flyball("report", "pack", "orchestrator@1").out for _ in range(2))
    assert first == second


def test_only_our_script_may_run(flyball: Flyball) -> None:
    page = flyball("report", "pack", "good.yaml").out
    (script,) = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    allowed = re.search(r"script-src '(sha256-[^']+)'", page)
    assert allowed
    assert allowed[1] == f"sha256-{b64encode(sha256(script.encode()).digest()).decode()}"


def test_hostile_text_is_text(flyball: Flyball, tmp_path: Path) -> None:
    (tmp_path / "hostile.yaml").write_text(HOSTILE, encoding="utf-8")
    ended = flyball("report", "pack", str(tmp_path / "hostile.yaml"))
    assert ended.code == 0, ended.err
    page = is_sound(ended.out)
    assert "img" not in page.tags
    assert "b" not in page.tags
    assert "<h1>&lt;script&gt;alert(1)&lt;/script&gt; {{ 7*7 }}</h1>" in ended.out
    marked = flyball("report", "pack", str(tmp_path / "hostile.yaml"), "--format", "md").out
    assert re.search(r"<[a-z/!]", marked) is None
    assert r"\*bold\* \[link\](http://x) \| cell" in marked
    assert json.loads(flyball("report", "pack", str(tmp_path / "hostile.yaml"), "--format", "json").out)["rules"]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("# a heading", r"\# a heading"),
        ("- an item\n1. another", r"\- an item 1. another"),
        ("1. first", r"1\. first"),
        ("snake_case stays, _this_ and *this* do not", r"snake_case stays, \_this\_ and \*this\* do not"),
        ("<script>", r"&lt;script\>"),
        ("&lt; and a & b", "&amp;lt; and a & b"),
        ("a \x1b[31m b", "a �\\[31m b"),
    ],
)
def test_markdown_shows_a_text_as_it_is(text: str, shown: str) -> None:
    assert markdown_text(text) == shown


def test_templates_of_ones_own(flyball: Flyball, tmp_path: Path) -> None:
    (tmp_path / "pack.md").write_text("{{ view.name }} has {{ view.rules | length }} rules\n", encoding="utf-8")
    ended = flyball("report", "pack", "good.yaml", "--format", "md", "--templates", str(tmp_path))
    assert ended.out == "guard has 2 rules\n"
    (tmp_path / "report.css").write_text("body { color: teal }", encoding="utf-8")
    assert (
        "<style>body { color: teal }</style>"
        in flyball("report", "pack", "good.yaml", "--templates", str(tmp_path)).out
    )


@pytest.mark.parametrize(
    ("template", "said"),
    [
        ("{% if %}", "pack.md:1: "),
        ("\n{{ view.nmae }}", "'nmae'"),
        ("{{ view.__class__.__mro__ }}", "unsafe"),
        ("{% include 'other.md' %}", "other.md"),
    ],
)
def test_a_template_that_is_wrong(flyball: Flyball, tmp_path: Path, template: str, said: str) -> None:
    (tmp_path / "pack.md").write_text(template, encoding="utf-8")
    ended = flyball("report", "pack", "good.yaml", "--format", "md", "--templates", str(tmp_path))
    assert ended.code == 2
    assert said in ended.err
    assert ended.err.count("\n") == 1


def test_what_cannot_be_found_or_written(flyball: Flyball, tmp_path: Path) -> None:
    assert flyball("report", "pack", "good.yaml", "--templates", str(tmp_path / "no")).code == 2
    ended = flyball("report", "pack", "good.yaml", "--output", str(tmp_path / "no" / "a.html"))
    assert (ended.code, ended.out) == (2, "")
    assert "cannot write" in ended.err
    ended = flyball("report", "pack", "good.yaml", "--output", str(tmp_path / "a.html"))
    assert (ended.code, ended.out) == (0, "")
    is_sound((tmp_path / "a.html").read_text("utf-8"))


def test_layers_of_parameters(flyball: Flyball) -> None:
    """The report shows what is in force, and where it comes from."""
    given = ("report", "pack", "good.yaml", "--set", "guard.loss_limit=2.5", "--format", "json")
    shown = {each["name"]: (each["value"], each["layer"]) for each in json.loads(flyball(*given).out)["parameters"]}
    assert shown["loss_limit"] == ("2.50 %", "--set")


def versions(folder: Path, count: int) -> Path:
    """A folder of a pack's versions, each with a limit of its own; the newest file."""
    (folder / "guard").mkdir(parents=True)
    text = Path("good.yaml").read_text("utf-8")
    for minor in range(count):
        path = folder / "guard" / f"1.{minor}.0.yaml"
        changed = text.replace("version: 1.0.0", f'version: 1.{minor}.0\nchanges: "<b>Step</b> {minor}"')
        path.write_text(changed.replace("value: 3.0,", f"value: {3 + minor},"), "utf-8")
    return path


def test_the_versions_of_a_pack(flyball: Flyball, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each with what changed and what its author says, the newest first; the oldest ones are counted."""
    monkeypatch.setattr("flyball.cli.history._MOST", 2)
    newest = versions(tmp_path, 5)
    page = flyball("report", "pack", str(newest))
    assert (page.code, page.err) == (0, "")
    assert "b" not in is_sound(page.out).tags
    shown = re.findall(r'<article id="version-([\d.]+)"><h3>([^<]+)</h3>', page.out)
    assert shown == [(f"1.{i}.0", f"1.{i - 1}.0 → 1.{i}.0") for i in (4, 3)]
    assert "2 older versions are left out" in page.out
    steps = json.loads(flyball("report", "pack", str(newest), "--format", "json").out)["history"]["steps"]
    told = dict(steps[0]["comparison"]["sections"])["parameters"]
    assert [(each["name"], each["text"]) for each in told] == [("loss_limit", "6 → 7 percent")]
    assert "&lt;b\\>Step&lt;/b\\> 4" in flyball("report", "pack", str(newest), "--format", "md").out


def test_versions_that_are_newer_withdrawn_or_broken(flyball: Flyball, tmp_path: Path) -> None:
    versions(tmp_path, 4)
    (tmp_path / "guard" / "1.0.0.yaml").write_text("pack: guard\nversion: 1.0.0\nrules: {", "utf-8")
    (tmp_path / "lock.yaml").write_text("guard: {1.1.0: {yanked: Lost <money>}}", "utf-8")
    page = flyball("report", "pack", str(tmp_path / "guard" / "1.2.0.yaml")).out
    is_sound(page)
    assert "Newer than this one: <code>1.3.0</code>." in page
    assert "<code>1.1.0</code> is withdrawn: Lost &lt;money&gt;" in page
    assert re.search(r"<h3>1.0.0 → 1.1.0</h3>\n<p>Not compared: .*1.0.0.yaml cannot be loaded</p>", page)
    (tmp_path / "lock.yaml").write_text("guard: {1.1.0: {yanked: [}", "utf-8")
    ended = flyball("report", "pack", str(tmp_path / "guard" / "1.2.0.yaml"))
    assert (ended.code, ended.out) == (2, "")
    assert "lock.yaml cannot be read" in ended.err


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("regime_gamma@1.0.0", "regime_gamma@2.0.0", "regime_gamma 1.0.0 → 2.0.0"),
        ("good.yaml", "good.yaml", "No change"),
        ("good.yaml", "failing.yaml", "needs a major version, 2.0.0 or later"),
    ],
)
def test_report_of_a_diff(flyball: Flyball, before: str, after: str, said: str) -> None:
    page = flyball("report", "diff", before, after)
    assert (page.code, page.err) == (0, "")
    is_sound(page.out)
    assert said in page.out
    assert said in flyball("report", "diff", before, after, "--format", "md").out
    told = flyball("report", "diff", before, after, "--format", "json").out
    assert told == flyball("diff", before, after, "--format", "json").out


def test_a_diff_needs_two_sides(flyball: Flyball) -> None:
    assert (
        flyball("report", "diff", "good.yaml").err
        == "flyball: a report on a diff needs two versions: report diff A B\n"
    )
