"""Each diagnostic code has a page, and what the page shows is what happens."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from itertools import zip_longest
from pathlib import Path

import pytest

import flyball
from flyball.engine import windows
from flyball.engine.codes import CODES, TABLE
from flyball.engine.diagnostics import has_errors
from flyball.engine.policy import Policy
from flyball.loaders.bumping import planned, release
from flyball.loaders.packs import load, load_bytes
from flyball.tests import documents

PAGES = Path(__file__).resolve().parent.parent / "docs" / "codes"
SECTION = re.compile(r"^## (?P<title>.+)\n\n(?P<text>(?:(?!^## ).*\n)*)", re.MULTILINE)
BLOCK = re.compile(r"^```(?P<language>\w+)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)

HEAD = "language: 1\npack: guard\nversion: 1.0.0\n"
START = HEAD + "outputs:\n  size: {{type: number, start: '{}', safe: 0}}\n"
ALIASES = "a0: &a0 [x]\n" + "".join(f"a{n + 1}: &a{n + 1} [{', '.join([f'*a{n}'] * 10)}]\n" for n in range(6))

# What a page can only describe.
UNPRINTABLE: Mapping[str, bytes] = {
    "FB101": f"{HEAD}title: Café guard\n".encode("latin-1"),
    "FB106": f"{HEAD}{ALIASES}".encode(),
    "FB111": f"{HEAD}notes: {'x' * 2**22}\n".encode(),
    "FB112": f"{HEAD}notes: {'[' * 65}{']' * 65}\n".encode(),
    "FB115": f"{HEAD}notes: [{'x, ' * 100_000}x]\n".encode(),
    "FB304": START.format(" + ".join(["1"] * 2000)).encode(),
}

LINTED = sorted(code for code in CODES if code < "FB6")
RELEASED = sorted(code for code in CODES if "FB6" <= code < "FB7")
DECIDED = sorted(code for code in CODES if "FB7" <= code < "FB8")
WIRED = sorted(code for code in CODES if code >= "FB8")
LOCKED = ("FB820", "FB821")
SEQUENCES = ("FB729", "FB744")
RELOADED = ("FB733",)
RESTORED = ("FB740", "FB741", "FB742", "FB743", "FB745", "FB746")


def sections(code: str) -> dict[str, str]:
    text = (PAGES / f"{code}.md").read_text(encoding="utf-8")
    return {match["title"]: match["text"] for match in SECTION.finditer(text)}


def blocks(code: str, title: str, language: str) -> list[str]:
    return [match["text"] for match in BLOCK.finditer(sections(code)[title]) if match["language"] == language]


def found(data: bytes) -> list[str]:
    return [finding.code for finding in load_bytes(data, "guard.yaml").findings]


def test_no_two_codes_share_an_id_or_a_name() -> None:
    """In a dict the later of two rows would win without a word."""
    ids, slugs = [code.id for code in TABLE], [code.slug for code in TABLE]
    assert [each for each, count in Counter([*ids, *slugs]).items() if count > 1] == []
    assert list(CODES) == ids


def test_pages_and_codes_are_the_same() -> None:
    assert sorted(path.name for path in PAGES.iterdir()) == sorted(f"{code}.md" for code in CODES)


@pytest.mark.parametrize("code", CODES)
def test_page_is_complete(code: str) -> None:
    first = (PAGES / f"{code}.md").read_text(encoding="utf-8").partition("\n")[0]
    assert first == f"# {code} {CODES[code].slug}"
    pack = ["Pack"] if code in DECIDED else ["Packs"] if code in WIRED else []
    pack = ["Released"] if code in RELEASED else pack
    assert list(sections(code)) == ["What", "Why it matters", *pack, "Bad", "Good"]
    assert all(text.strip() for text in sections(code).values())


@pytest.mark.parametrize("code", LINTED)
def test_bad_pack_gives_this_finding_alone(code: str) -> None:
    printed = [text.encode() for text in blocks(code, "Bad", "yaml")]
    assert len(printed) == (code not in UNPRINTABLE)
    assert found(UNPRINTABLE[code] if code in UNPRINTABLE else printed[0]) == [code]


@pytest.mark.parametrize("code", LINTED)
def test_good_pack_is_clean(code: str) -> None:
    (pack,) = blocks(code, "Good", "yaml")
    assert found(pack.encode()) == []


def write_packs(code: str, folder: Path) -> None:
    for pack in blocks(code, "Packs", "yaml"):
        name, version = re.findall(r"^(?:pack|version): (\S+)$", pack, re.MULTILINE)
        (folder / name).mkdir(exist_ok=True, parents=True)
        (folder / name / f"{version}.yaml").write_text(pack, encoding="utf-8")


@pytest.mark.parametrize("code", LOCKED)
def test_locks(code: str, tmp_path: Path) -> None:
    """Pages that show a policy with the lock beside it, where it has one."""
    write_packs(code, tmp_path / "rules")
    for title, wanted in (("Bad", [code]), ("Good", [])):
        policy, *lock = blocks(code, title, "yaml")
        folder = tmp_path / "policies" / title
        folder.mkdir(parents=True)
        for name, text in zip(("policy.yaml", "lock.yaml"), (policy, *lock), strict=False):
            (folder / name).write_text(text, encoding="utf-8")
        loaded = load(folder / "policy.yaml")
        assert [finding.code for finding in loaded.findings] == wanted
        assert (loaded.checked is None) == has_errors(loaded.findings)


@pytest.mark.parametrize("code", sorted({*WIRED} - {*LOCKED}))
def test_policies(code: str, tmp_path: Path) -> None:
    write_packs(code, tmp_path)
    (bad,), (good,) = blocks(code, "Bad", "yaml"), blocks(code, "Good", "yaml")
    for text, wanted in ((bad, [code]), (good, [])):
        loaded = load_bytes(text.encode(), "policy.yaml", str(tmp_path))
        assert [finding.code for finding in loaded.findings] == wanted
        assert (loaded.checked is None) == bool(wanted)


@pytest.mark.parametrize("code", RELEASED)
@pytest.mark.parametrize("title", ["Bad", "Good"])
def test_releases(code: str, title: str, tmp_path: Path) -> None:
    """A folder of packs, released, and what becomes of it. A file without text is deleted."""
    lay_out(tmp_path, sections(code)["Released"])
    release(planned(tmp_path))
    lay_out(tmp_path, sections(code)[title])
    assert [each.code for each in planned(tmp_path).findings] == ([code] if title == "Bad" else [])


def lay_out(folder: Path, text: str) -> None:
    for block in documents.blocks(text):
        path = folder / str(block.file)
        if path.name == "lock.yaml":  # a page need not spell hashes out
            hashes = re.findall("sha256:[0-9a-f]+", path.read_text("utf-8"))
            parts = block.text.split("…")
            path.write_text("".join(map("".join, zip_longest(parts, hashes[: len(parts) - 1], fillvalue=""))), "utf-8")
        elif block.text:
            path.parent.mkdir(exist_ok=True)
            path.write_text(block.text, encoding="utf-8")
        else:
            path.unlink()


@pytest.mark.parametrize("code", RESTORED)
def test_state_documents(code: str, tmp_path: Path) -> None:
    (pack,), (bad,), (good,) = blocks(code, "Pack", "yaml"), blocks(code, "Bad", "json"), blocks(code, "Good", "json")
    assert found(pack.encode()) == []
    path = tmp_path / "guard.yaml"
    path.write_text(pack, encoding="utf-8")
    policy = flyball.load(path)
    with pytest.raises(flyball.StateError) as refused:
        policy.restore(bad)
    assert [each.code for each in refused.value.findings] == [code]
    restored, saved = policy.restore(good).state, json.loads(good)
    if saved["version"] == policy.pack.version:  # else it has moved
        assert restored == saved


@pytest.mark.parametrize("code", SEQUENCES)
def test_sequences(code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages with lists of snapshots, of which the last one is meant."""
    if code == "FB729":  # so that its page shows three of 65 536 snapshots
        monkeypatch.setattr(windows, "MAX_SAMPLES", 2)
    (pack,), (bad,), (good,) = blocks(code, "Pack", "yaml"), blocks(code, "Bad", "json"), blocks(code, "Good", "json")
    assert found(pack.encode()) == []
    path = tmp_path / "guard.yaml"
    path.write_text(pack, encoding="utf-8")
    decided = {text: _last(flyball.load(path), json.loads(text)) for text in (bad, good)}
    assert [each.code for each in decided[bad].diagnostics] == [code]
    assert (decided[good].status, list(decided[good].diagnostics)) == ("ok", [])


@pytest.mark.parametrize("code", RELOADED)
def test_reloads(code: str, tmp_path: Path) -> None:
    """Pages with what the file of a watched pack becomes."""
    (pack,), (bad,), (good,) = (blocks(code, title, "yaml") for title in ("Pack", "Bad", "Good"))
    path = tmp_path / "guard.yaml"
    path.write_text(pack, encoding="utf-8")
    watched = flyball.watch(path)
    for text, codes in ((bad, [code]), (good, [])):
        path.write_text(text, encoding="utf-8")
        assert watched.check() == (not codes)
        assert [each.code for each in watched.decide({"pnl": 1.0}).diagnostics] == codes


def _last(policy: Policy, snapshots: list[dict[str, object]]) -> flyball.Decision:
    session = policy.session()
    return [session.step(each) for each in snapshots][-1]


@pytest.mark.parametrize("code", sorted({*DECIDED} - {*RESTORED, *SEQUENCES, *RELOADED}))
def test_snapshots(code: str, tmp_path: Path) -> None:
    (pack,), (bad,), (good,) = blocks(code, "Pack", "yaml"), blocks(code, "Bad", "json"), blocks(code, "Good", "json")
    assert found(pack.encode()) == []
    path = tmp_path / "guard.yaml"
    path.write_text(pack, encoding="utf-8")
    policy = flyball.load(path)
    refusing = unchecked(policy) if code == "FB726" else policy
    assert [each.code for each in refusing.decide_json(bad).diagnostics] == [code]
    decision = policy.decide_json(good)
    assert (decision.status, list(decision.diagnostics)) == ("ok", [])


def unchecked(policy: Policy) -> Policy:
    """The policy as if its tables were complete, which loading would have refused."""
    tables = {name: replace(table, complete=True) for name, table in policy.pack.tables.items()}
    return Policy(replace(policy.pack, tables=tables), {}, {})
