"""What a policy is that comes from the cache: the same. What stands there and may not be trusted is not read."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from random import Random
from typing import Any

import pytest

import flyball
from flyball.loaders import cache, kept, packs
from flyball.reports.text import Paint, render_findings
from flyball.tests.strategies.packs import pack_document, text_of
from flyball.tests.strategies.snapshots import snapshot as snapshot_of

ROOT = Path(__file__).resolve().parent.parent.parent
SNAPSHOT = json.loads((ROOT / "examples/orchestrator/snapshot.json").read_text())
PACK = """language: 1
pack: guard
version: 1.0.0
import: [desk@1]
inputs: {mood: {type: Mood, why: Ours}, loss: {type: number, unit: percent}}
parameters: {limit: {value: 3, unit: percent, range: [0, 9], env: GUARD_LIMIT, why: Enough}}
outputs: {trade: {type: boolean, combine: all, start: true, safe: false}}
rules: {loss: {when: loss > limit or mood == BAD, then: {trade: false}, because: "{{ loss }} is too much"}}
"""
VOCABULARY = "language: 1\nvocabulary: desk\nversion: 1.0.0\ntypes: {Mood: [GOOD, BAD]}\n"


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("FLYBALL_NO_CACHE", raising=False)
    monkeypatch.setenv("FLYBALL_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setattr(packs, "_read", _counted())
    cache._say.cache_clear()
    return tmp_path / "cache"


LOADED: list[str] = []


def _counted() -> Any:
    """What reads packs and vocabularies, noting which."""
    LOADED.clear()
    original = packs._read

    def read(shaped: Any, name: str, *rest: Any) -> Any:
        LOADED.append(name)
        return original(shaped, name, *rest)

    return read


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    for name, text in (("guard", PACK), ("desk", VOCABULARY)):
        folder = tmp_path / "rules" / name
        folder.mkdir(parents=True)
        (folder / "1.0.0.yaml").write_text(text)
    return tmp_path / "rules"


def load(rules: Path, **more: Any) -> flyball.Policy:
    return flyball.load("guard", rules=str(rules), **more)


def trades(policy: flyball.Policy, loss: float = 4.0, mood: str = "GOOD") -> Any:
    decision = policy.decide({"loss": loss, "mood": mood})
    assert decision.status == "ok"
    return decision["trade"]


def checked() -> list[str]:
    """What was checked since the last call."""
    names = [Path(each).parent.name for each in LOADED]
    LOADED.clear()
    return names


@pytest.mark.parametrize("environment", [True, False])
def test_a_policy_from_the_cache_is_the_same(environment: bool) -> None:
    first, second = (flyball.load("orchestrator@1", environment=environment) for _ in range(2))
    assert checked() == ["orchestrator", "trading"]
    given: Any
    for given in (SNAPSHOT, {**SNAPSHOT, "regime": "NONE"}, None):
        assert first.decide(given).to_json() == second.decide(given).to_json()
    assert (first.source, first.parameters, first.layers, first.hash) == (
        second.source,
        second.parameters,
        second.layers,
        second.hash,
    )
    assert first.pack == second.pack


def test_what_is_not_needed_is_not_imported() -> None:
    script = (
        "import sys, flyball; flyball.load('orchestrator@1'); "
        "print(*sorted({'flyball.engine.ir', 'flyball.engine.check', 'jsonschema', 'yaml', 'pint'} & set(sys.modules)))"
    )
    runs = [
        subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True) for _ in range(2)
    ]
    assert [run.stdout.split() for run in runs] == [
        ["flyball.engine.check", "flyball.engine.ir", "jsonschema", "yaml"],
        [],
    ]


@pytest.mark.parametrize("seed", range(40))
def test_generated_policies_come_back(seed: int, tmp_path: Path, place: Path) -> None:
    chance = Random(seed)
    document = pack_document(chance)
    path = tmp_path / "generated.yaml"
    path.write_text(text_of(document))
    first, second = (flyball.load(path) for _ in range(2))
    assert len(checked()) == 1
    kept = 0 if first.dated else 1  # one with dated parameters is made of several
    assert len(list(place.glob("policy-*"))) == kept  # a constant that cannot be pickled would lose the entry silently
    for _ in range(5):
        given = snapshot_of(chance, document["inputs"])
        assert first.decide(given).to_json() == second.decide(given).to_json()


def test_an_edit_is_seen(rules: Path) -> None:
    assert trades(load(rules)) is False
    path = rules / "guard/1.0.0.yaml"
    state = path.stat()
    path.write_text(PACK.replace("value: 3", "value: 5"))
    os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns))
    assert trades(load(rules)) is True
    assert checked() == ["guard", "desk"] * 2


def test_an_edit_of_what_is_imported_is_seen(rules: Path) -> None:
    assert trades(load(rules), loss=0, mood="BAD") is False
    (rules / "desk/1.1.0.yaml").write_text(VOCABULARY.replace("1.0.0", "1.1.0").replace("BAD", "FINE, BAD"))
    assert trades(load(rules), loss=0, mood="FINE") is True
    (rules / "desk/1.1.0.yaml").unlink()
    assert load(rules).decide({"loss": 0, "mood": "FINE"}).status == "failsafe"
    (rules / "desk/1.0.0.yaml").unlink()
    with pytest.raises(flyball.LoadError):
        load(rules)


def test_parameters_are_part_of_the_key(rules: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    params = tmp_path / "params.yaml"
    for _ in range(2):
        params.write_text("limit: 5")
        assert trades(load(rules)) is False
        assert trades(load(rules, parameters={"limit": 5})) is True
        assert trades(load(rules, parameters={"limit": 2})) is False
        assert trades(load(rules, settings={"limit": "5"})) is True
        assert trades(load(rules, params_file=params)) is True
        params.write_text("limit: 2")
        assert trades(load(rules, params_file=params)) is False
        monkeypatch.setenv("GUARD_LIMIT", "6")
        assert trades(load(rules)) is True
        assert load(rules).layers["limit"] == "environment"
        assert trades(load(rules, environment=False)) is False
        monkeypatch.delenv("GUARD_LIMIT")
    assert checked() == ["guard", "desk"]


def test_values_that_look_alike_are_not_taken_for_each_other(rules: Path) -> None:
    assert load(rules, parameters={"limit": 1}).parameters == {"limit": 1.0}
    with pytest.raises(flyball.LoadError):
        load(rules, parameters={"limit": True})

    class Odd(float):
        def __gt__(self, other: object) -> bool:
            return False

    assert load(rules, parameters={"limit": 1}).parameters == {"limit": 1.0}
    before = len(os.listdir(cache.folder() or ""))
    load(rules, parameters={"limit": Odd(2)})
    assert len(os.listdir(cache.folder() or "")) == before


def test_what_is_wrong_is_said_each_time(rules: Path) -> None:
    (rules / "guard/1.0.0.yaml").write_text(PACK.replace("loss > limit", "los > limit"))
    texts = []
    for _ in range(2):
        with pytest.raises(flyball.LoadError) as caught:
            load(rules)
        texts.append(str(caught.value))
    assert texts[0] == texts[1]
    assert checked() == ["guard", "desk"] * 2


def test_findings_keep_their_places(rules: Path) -> None:
    path = rules / "guard/1.0.0.yaml"
    path.write_text(PACK.replace("inputs: {", "inputs: {spare: {type: boolean}, "))
    first, second = (kept.PackFile(path, str(rules), cached=True).loaded for _ in range(2))
    assert checked() == ["guard", "desk"]
    assert first == second
    rendered = [list(render_findings(each.findings, Paint(False))) for each in (first, second)]
    assert rendered[0] == rendered[1]
    assert "^" in rendered[0][0]


def damages(data: bytes) -> Iterator[bytes]:
    yield b""
    yield data + b"\0"
    for i in range(0, len(data), max(len(data) // 40, 1)):
        yield data[:i]
        yield data[:i] + bytes([data[i] ^ 1]) + data[i + 1 :]


def test_a_damaged_entry_is_none(rules: Path, place: Path) -> None:
    load(rules)
    entries = list(place.iterdir())
    assert len(entries) == 2
    for entry in entries:
        whole = entry.read_bytes()
        for damaged in damages(whole):
            entry.write_bytes(damaged)
            assert trades(load(rules)) is False
            assert cache.read(entry.name) is not None


def planted(rules: Path, place: Path) -> Path:
    """A policy in the cache that is not what its pack says, and is trusted unless its file is not to be."""
    load(rules)
    (entry,) = place.glob("policy-*")
    kept.write_policy(entry.name, load(rules, parameters={"limit": 9}, cache=False))
    assert trades(load(rules)) is True
    return entry


posix = pytest.mark.skipif(sys.platform == "win32", reason="access lists keep others out there")


@posix
def test_what_others_may_write_is_not_read(rules: Path, place: Path, caplog: pytest.LogCaptureFixture) -> None:
    entry = planted(rules, place)
    entry.chmod(0o620)
    assert trades(load(rules)) is False
    entry = planted(rules, place)
    for mode in (0o720, 0o702, 0o777):
        place.chmod(mode)
        assert trades(load(rules)) is False
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    place.chmod(0o700)
    assert trades(load(rules)) is True


@posix
def test_what_others_own_is_not_read(rules: Path, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    planted(rules, place)
    monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)
    assert trades(load(rules)) is False


@posix
def test_links_are_not_followed(rules: Path, place: Path, tmp_path: Path) -> None:
    entry = planted(rules, place)
    entry.rename(tmp_path / "elsewhere")
    entry.symlink_to(tmp_path / "elsewhere")
    assert trades(load(rules)) is False
    assert not entry.is_symlink()


@posix
def test_nobody_else_may_enter(rules: Path, place: Path) -> None:
    load(rules)
    assert place.stat().st_mode & 0o777 == 0o700
    assert {each.stat().st_mode & 0o777 for each in place.iterdir()} == {0o600}


def test_where_nothing_can_be_written_it_works_without(
    rules: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("FLYBALL_CACHE_DIR", str(tmp_path / "file" / "cache"))
    with caplog.at_level(logging.DEBUG, "flyball"):
        assert [trades(load(rules)) for _ in range(2)] == [False, False]
    assert [record.levelname for record in caplog.records] == ["DEBUG"]


def test_it_can_be_switched_off(rules: Path, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    load(rules, cache=False)
    monkeypatch.setenv("FLYBALL_NO_CACHE", "1")
    load(rules)
    assert not place.exists()


def test_many_may_load_at_once(rules: Path, place: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        assert not any(pool.map(lambda _: trades(load(rules)), range(32)))
    assert len(list(place.iterdir())) == 2


def test_the_oldest_entries_give_way(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for i, name in enumerate("abcd"):
        cache.write(name, b"x" * 1000)
        os.utime(place / name, (i, i))
    (place / "lost.draft").touch()
    os.utime(place / "lost.draft", (0, 0))
    (place / "recent.draft").touch()
    assert cache.read("a") is not None
    monkeypatch.setattr(cache, "MAX_BYTES", 4000)
    cache.write("e", b"x" * 1000)
    assert {each.name for each in place.iterdir()} == {"a", "d", "e", "recent.draft"}


def test_another_engine_has_other_entries(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for folder in ("engine/check", "loaders", "schemas"):
        (tmp_path / folder).mkdir(parents=True)
    file = tmp_path / "engine/check/pack.py"
    file.write_text("x = 1")
    monkeypatch.setattr(cache, "_ENGINE", tmp_path)
    seen = {cache.engine.__wrapped__()}
    assert cache.engine.__wrapped__() in seen
    os.utime(file, (time.time() + 5, time.time() + 5))
    seen.add(cache.engine.__wrapped__())
    (tmp_path / "schemas/pack.schema.json").write_text("{}")
    seen.add(cache.engine.__wrapped__())
    assert len(seen) == 3


def test_another_version_of_a_package_has_other_entries(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "parser_of_ours").mkdir()
    (tmp_path / "parser_of_ours/__init__.py").touch()
    installed = tmp_path / "Parser_of_ours-1.0.dist-info"
    installed.mkdir()
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(cache, "_PACKAGES", {"parser_of_ours": "parser_of_ours"})
    before = cache.engine.__wrapped__()
    assert cache.engine.__wrapped__() == before
    installed.rename(tmp_path / "Parser_of_ours-1.1.dist-info")
    assert cache.engine.__wrapped__() != before
    monkeypatch.setattr(cache, "_PACKAGES", {"parser_that_is_not_there": "it"})
    assert cache.engine.__wrapped__() != before


@pytest.mark.parametrize(
    ("platform", "environment", "wanted"),
    [
        ("linux", {"HOME": "/home/a"}, "/home/a/.cache/flyball"),
        ("linux", {"HOME": "/home/a", "XDG_CACHE_HOME": "/x"}, "/x/flyball"),
        ("linux", {"HOME": "/home/a", "XDG_CACHE_HOME": "relative"}, "/home/a/.cache/flyball"),
        ("darwin", {"HOME": "/Users/a"}, "/Users/a/Library/Caches/flyball"),
        ("win32", {"LOCALAPPDATA": "/l"}, "/l/flyball/Cache"),
        ("linux", {"HOME": "/home/a", "FLYBALL_CACHE_DIR": "/c"}, "/c"),
    ],
)
def test_where_the_cache_lies(
    platform: str, environment: dict[str, str], wanted: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("FLYBALL_CACHE_DIR", "XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys, "platform", platform)
    assert cache.folder() == Path(wanted)
