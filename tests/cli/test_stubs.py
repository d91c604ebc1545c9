"""`flyball schema --format python`: types that take the snapshots of examples, and no others."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from mypy import api

from flyball.engine.example_runs import snapshots_of
from flyball.engine.snapshot_schema import snapshot_schema
from flyball.engine.snapshot_stubs import snapshot_stubs
from flyball.loaders.packs import find, load

from .conftest import PACKS, Flyball

NAMES = ["orchestrator", "band_drift", "replan_guard", "regime_gamma", str(PACKS / "good.yaml")]
ODD = """\
language: 1
pack: odd
version: 1.0.0
inputs:
  kind: {type: text, from: class}
  level: {by: Mood, type: number, unit: percent, range: [0, 1], optional: true}
  odd_key: {type: boolean, from: is it-so}
types:
  Mood: [CALM, WILD]
outputs:
  allow: {type: boolean, start: "kind == kind and odd_key and present(level[CALM])", safe: false}
"""


def checked(tmp_path: Path, *modules: str) -> str:
    for number, text in enumerate(modules):
        (tmp_path / f"module_{number}.py").write_text(text)
    files = [str(path) for path in sorted(tmp_path.glob("module_*.py"))]
    out, err, _ = api.run(["--strict", "--cache-dir", str(tmp_path / "cache"), "--config-file", "", *files])
    return out + err


def assigned(stubs: str, snapshots: list[Any]) -> str:
    literals = (json.dumps(each, ensure_ascii=False) for each in snapshots)
    written = (each.replace("true", "True").replace("false", "False").replace("null", "None") for each in literals)
    return stubs + "\n\n" + "\n".join(f"s{number}: Snapshot = {each}" for number, each in enumerate(written)) + "\n"


def test_a_type_checker_takes_the_snapshots_of_examples(tmp_path: Path) -> None:
    modules = []
    for name in NAMES:
        loaded = load(find(name))
        assert loaded.checked
        pack = loaded.checked.pack
        given = [snapshot for example in loaded.checked.examples for snapshot in snapshots_of(pack, example)]
        schema = Draft202012Validator(snapshot_schema(pack))
        modules.append(assigned(snapshot_stubs(pack), [each for each in given if schema.is_valid(each)]))
    assert checked(tmp_path, *modules).startswith("Success")


def test_a_type_checker_refuses_others(tmp_path: Path) -> None:
    loaded = load(PACKS / "good.yaml").checked
    assert loaded
    stubs = snapshot_stubs(loaded.pack)
    sound = {"daily_pnl": 1, "marks": [], "now": 0}
    wrong = [
        {**sound, "daily_pnl": "much"},
        {"marks": [], "now": 0},
        {**sound, "mod": "CALM"},
        {**sound, "mood": "GRIM"},
    ]
    found = checked(tmp_path, assigned(stubs, [sound, *wrong]))
    assert found.count("error:") == 4, found


def test_keys_that_are_no_names(flyball: Flyball, tmp_path: Path) -> None:
    (tmp_path / "odd.yaml").write_text(ODD)
    stubs = flyball("schema", str(tmp_path / "odd.yaml"), "--format", "python").out
    sound = {"class": "a", "is it-so": True, "level": {"CALM": 1, "WILD": None}}
    assert 'Snapshot = TypedDict("Snapshot", {' in stubs
    assert checked(tmp_path, assigned(stubs, [sound])).startswith("Success")


def test_a_kind_of_file_has_no_types(flyball: Flyball) -> None:
    ended = flyball("schema", "--kind", "decision", "--format", "python")
    assert ended.code == 2 and "has a JSON Schema alone" in ended.err
