"""Reports in a real browser: nothing on the console, no sideways scrolling, nothing serious for who cannot see well.

Needs Debian's `chromium` (or FLYBALL_CHROMIUM with its path), and npm for axe-core; where they are not there, tests are
skipped and say so. FLYBALL_SCREENSHOTS names a folder to keep the pictures in.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tarfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from flyball.cli.main import main
from flyball.tests.cli.test_golden import BLOCKED, FAULTY, SNAPSHOT

CHROMIUM = os.environ.get("FLYBALL_CHROMIUM") or shutil.which("chromium")
AXE = "axe-core@4.10.3"
PAGES = ("pack", "policy", "versions", "decision", "run", "diff")
WIDTHS = {"phone": 390, "desktop": 1280}
THEMES = ("light", "dark")
INPUTS = [SNAPSHOT] * 20 + [BLOCKED] * 9 + [FAULTY]


pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(not CHROMIUM, reason="no chromium here: `apt-get install chromium`"),
]


@pytest.fixture(scope="session")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the reports, made by the command."""
    folder = tmp_path_factory.mktemp("pages")
    (folder / "snapshot.json").write_text(json.dumps(SNAPSHOT), encoding="utf-8")
    lines = (json.dumps({**each, "now": f"2026-01-05T15:{i:02}:00Z"}) for i, each in enumerate(INPUTS))
    (folder / "in.jsonl").write_text("\n".join(lines), encoding="utf-8")
    decisions = str(folder / "out.jsonl")
    main(["decide", "orchestrator@1", str(folder / "in.jsonl"), "--stream", "--output", decisions])
    subjects = {
        "pack": ["pack", "orchestrator@1"],
        "policy": ["pack", "orchestrator"],
        "versions": ["pack", "risk_model@2"],
        "diff": ["diff", "risk_model@1", "risk_model@2"],
        "decision": ["decision", "orchestrator@1", str(folder / "snapshot.json")],
        "run": ["run", decisions],
    }
    for name, arguments in subjects.items():
        assert main(["report", *arguments, "--output", str(folder / f"{name}.html")]) == 0
    return folder


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture(scope="session")
def axe(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The source of axe-core, fetched for this session."""
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip(f"no npm here to fetch {AXE} with")
    folder = tmp_path_factory.mktemp("axe")
    done = subprocess.run([npm, "pack", "--silent", AXE], cwd=folder, capture_output=True, check=False, timeout=120)
    if done.returncode:
        pytest.skip(f"npm does not give {AXE} here: {done.stderr.decode()[-200:]}")
    (packed,) = folder.glob("*.tgz")
    with tarfile.open(fileobj=BytesIO(packed.read_bytes())) as archive:
        member = archive.extractfile("package/axe.min.js")
        assert member
        return member.read().decode()


def opened(browser: Browser, path: Path, width: int, theme: Any) -> tuple[Page, list[str]]:
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=theme, offline=True)
    page, said = context.new_page(), []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto(path.as_uri())
    return page, said


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("width", WIDTHS)
def test_page(browser: Browser, pages: Path, name: str, width: str) -> None:
    pictures = {}
    for theme in THEMES:
        page, said = opened(browser, pages / f"{name}.html", WIDTHS[width], theme)
        assert said == []
        assert page.evaluate("document.documentElement.scrollWidth") <= WIDTHS[width]
        pictures[theme] = page.screenshot(full_page=True)
        page.context.close()
    assert pictures["light"] != pictures["dark"]
    if folder := os.environ.get("FLYBALL_SCREENSHOTS"):
        for theme, picture in pictures.items():
            Path(folder, f"{name}_{width}_{theme}.png").write_bytes(picture)


@pytest.mark.parametrize("name", PAGES)
def test_nothing_serious_for_assistive_technology(browser: Browser, pages: Path, axe: str, name: str) -> None:
    for theme in THEMES:
        page, _ = opened(browser, pages / f"{name}.html", WIDTHS["desktop"], theme)
        page.evaluate(axe)
        found = page.evaluate("axe.run()")
        serious = [
            f"{each['id']}: {each['help']}: {node['html'][:200]}"
            for each in found["violations"]
            if each["impact"] in ("serious", "critical")
            for node in each["nodes"][:3]
        ]
        assert serious == []
        assert len(found["passes"]) > 10
        page.context.close()


def test_tables_are_sorted_and_filtered(browser: Browser, pages: Path) -> None:
    page, said = opened(browser, pages / "pack.html", WIDTHS["desktop"], "light")
    table = page.locator("#parameters table")
    names = table.locator("tbody th")
    before = names.all_inner_texts()
    table.locator("thead button").first.press("Enter")
    assert names.all_inner_texts() == sorted(before)
    assert table.locator("thead th").first.get_attribute("aria-sort") == "ascending"
    table.locator("thead button").first.click()
    assert names.all_inner_texts() == sorted(before, reverse=True)
    page.locator("#parameters input[type=search]").fill("ensemble")
    shown = [each for each in table.locator("tbody tr").all() if each.is_visible()]
    assert 0 < len(shown) < len(before)
    assert all("ensemble" in each.inner_text() for each in shown)
    assert said == []
    page.context.close()


def test_a_node_shows_its_neighbours(browser: Browser, pages: Path) -> None:
    page, _ = opened(browser, pages / "pack.html", WIDTHS["desktop"], "light")
    assert page.locator(".edges path.near").count() == 0
    page.locator("a.node[href='#rule-daily_drawdown']").focus()
    assert page.locator(".edges path.near").count() >= 2
    page.context.close()


def test_without_its_script_all_is_there(browser: Browser, pages: Path) -> None:
    context = browser.new_context(java_script_enabled=False, viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.goto((pages / "pack.html").as_uri())
    assert page.locator("#parameters tbody tr").count() == 18
    assert page.locator("input[type=search]").count() == 0
    context.close()


def test_a_strange_script_does_not_run(browser: Browser, pages: Path, tmp_path: Path) -> None:
    """Even where a template of somebody's own would let one in."""
    text = (pages / "pack.html").read_text("utf-8")
    (tmp_path / "page.html").write_text(
        text.replace("</main>", "<script>document.title = 'x'</script></main>"), "utf-8"
    )
    page, said = opened(browser, tmp_path / "page.html", WIDTHS["desktop"], "light")
    assert page.title() == "Orchestrator 1.0.0"
    assert any("Content Security Policy" in each for each in said)
    page.context.close()


def test_it_prints(browser: Browser, pages: Path) -> None:
    page, _ = opened(browser, pages / "run.html", WIDTHS["desktop"], "dark")
    page.emulate_media(media="print")
    assert not page.locator("nav").is_visible()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert page.pdf().startswith(b"%PDF")
    page.context.close()
