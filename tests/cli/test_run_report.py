"""Reports on runs: what they count, in how much memory, and what they do with lines that are no decisions."""

from __future__ import annotations

import json
import tracemalloc
from pathlib import Path
from time import process_time
from typing import Any

import pytest

from flyball.reports.run_report import Run

from .conftest import Flyball
from .test_golden import BLOCKED, FAULTY, SNAPSHOT
from .test_report import is_sound

SECONDS_A_DECISION = 20 / 100_000


@pytest.fixture
def stream(flyball: Flyball, tmp_path: Path) -> Path:
    """Forty decisions: thirty of them ok, ten blocked, and then two faults of one cause."""
    snapshots = [SNAPSHOT] * 30 + [BLOCKED] * 10 + [FAULTY] * 2
    lines = [{**each, "now": f"2026-01-05T15:{i:02}:00Z"} for i, each in enumerate(snapshots)]
    (tmp_path / "in.jsonl").write_text("".join(f"{json.dumps(each)}\n" for each in lines), encoding="utf-8")
    out = tmp_path / "out.jsonl"
    flyball("decide", "orchestrator@1", str(tmp_path / "in.jsonl"), "--stream", "--output", str(out))
    return out


def told(flyball: Flyball, path: Path, *options: str) -> dict[str, Any]:
    ended = flyball("report", "run", str(path), "--format", "json", *options)
    assert (ended.code, ended.err) == (0, "")
    content: dict[str, Any] = json.loads(ended.out)
    return content


def test_what_is_counted(flyball: Flyball, stream: Path) -> None:
    report = told(flyball, stream)
    assert report["headline"] == "42 decisions, 2 of them not ok; a reason blocked something in 10 (23.8 %)."
    assert report["statuses"] == [["ok", 40], ["failsafe", 2]]
    rules = {each["id"]: each for each in report["rules"]}
    assert (rules["daily_drawdown"]["fired"], rules["daily_drawdown"]["decisive"]) == (10, 10)
    assert rules["daily_drawdown"]["first"] == "2026-01-05T15:30:00Z"
    assert rules["daily_drawdown"]["last"] == "2026-01-05T15:39:00Z"
    assert rules["daily_drawdown"]["severity"] == "block"
    assert rules["modifiers"]["fired"] == 10  # the group, while it was closed
    assert "extreme_volatility" in report["inert"]
    assert "daily_drawdown" not in report["inert"]
    outputs = {each["name"]: each for each in report["outputs"]}
    assert dict(outputs["allow_new_trades"]["values"]) == {"true": 30, "false": 12}
    assert outputs["max_risk_pct"]["low"] == 0
    assert outputs["max_risk_pct"]["bound_by"][0][1] == 30
    causes = {(each["code"], each["path"]): each["count"] for each in report["faults"]}
    assert causes["FB701", "risk.exposure_pct"] == 2


def test_bins_hold_every_decision(flyball: Flyball, stream: Path) -> None:
    run = Run()
    lines = stream.read_bytes().splitlines()
    for number in range(5000):
        run.add(lines[number % len(lines)], number)
    report = run.report()
    assert 64 <= len(report.times) <= 128
    for timeline in report.timelines:
        sums = [sum(shares) for shares in zip(*timeline.shares, strict=True)]
        assert sums == pytest.approx([1] * len(sums), abs=1e-3)
    assert told(flyball, stream)["rules"][0]["fired"] <= 42


def test_time_and_memory(stream: Path) -> None:
    """Many different rules, keys, faults and outputs do not make it grow without end."""
    lines = stream.read_bytes().splitlines()
    run, begun = Run(), process_time()
    for number in range(4000):
        run.add(lines[number % len(lines)], number)
    assert (process_time() - begun) / 4000 < SECONDS_A_DECISION
    written = json.loads(lines[0])
    tracemalloc.start()
    for number in range(3000):
        reason = {**written["reasons"][0], "rule": f"rule_{number}"}
        fault = {"code": "FB701", "severity": "error", "message": "x" * 5000, "help": "", "path": f"p{number}"}
        given = {**written, "reasons": [reason], "fired": [], "diagnostics": [fault], "outputs": {f"o{number}": number}}
        run.add(json.dumps(given).encode(), number)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 20_000_000
    report = run.report()
    assert report.more_rules > 0
    assert report.more_faults > 0


@pytest.mark.parametrize("form", ["html", "md", "json"])
def test_forms(flyball: Flyball, stream: Path, form: str) -> None:
    ended = flyball("report", "run", str(stream), "--format", form)
    assert (ended.code, ended.err) == (0, "")
    assert ended.out == flyball("report", "run", str(stream), "--format", form).out
    if form == "html":
        is_sound(ended.out)
        assert "which rules fired when" in ended.out
        assert "allow_new_trades over the run" in ended.out


@pytest.mark.parametrize("form", ["html", "md", "json"])
def test_an_empty_run(flyball: Flyball, form: str) -> None:
    ended = flyball("report", "run", "-", "--format", form, stdin=b"\n\n")
    assert (ended.code, ended.err) == (0, "")
    assert "The run holds no decision" in ended.out


BAD = [
    b"{", b"[]", b"3", b'"text"', b"null", b"{}", b"\xff\xfe", b"[" * 5000,
    b'{"status": 1}', b'{"status": "ok", "policy": []}',
]  # fmt: skip


def test_lines_that_are_no_decisions(flyball: Flyball, stream: Path) -> None:
    good = stream.read_bytes()
    written = json.loads(good.splitlines()[0])
    changed = [
        {**written, "reasons": [3]},
        {**written, "reasons": [{**written["reasons"][0], "effects": [{}]}]},
        {**written, "fired": [[]]},
        {**written, "diagnostics": [{"code": 3, "message": ""}]},
        {**written, "packs": {"a": 3}},
        {**written, "dropped_intents": [3]},
    ]
    lines = [*BAD, *(json.dumps(each).encode() for each in changed)]
    stream.write_bytes(good + b"\n".join(lines))
    report = told(flyball, stream)
    assert report["decisions"] == 42
    assert f"{len(lines)} lines hold no written decision" in report["notes"][0]
    is_sound(flyball("report", "run", str(stream)).out)


def test_hostile_texts(flyball: Flyball, stream: Path) -> None:
    written = json.loads(stream.read_bytes().splitlines()[0])
    reason = {**written["reasons"][0], "rule": "<b>{{7*7}}</b>", "text": "</script><img src=x> $x^2$ \x1b[31m 你好 %"}
    given = {
        **written,
        "now": "<i>",
        "reasons": [reason],
        "outputs": {"<u>": "<s>$a_b$", "n`|": 1e308},
        "policy": "<q>",
    }
    stream.write_text("\n".join([json.dumps(given)] * 3), encoding="utf-8")
    page = flyball("report", "run", str(stream))
    assert page.err == ""
    assert not {"b", "i", "u", "s", "q", "img"} & set(is_sound(page.out).tags)
    assert "{{7*7}}" in page.out
    assert "<img" not in flyball("report", "run", str(stream), "--format", "md").out


def test_another_pack_than_decided(flyball: Flyball, stream: Path) -> None:
    report = told(flyball, stream, "--policy", "swing_governor")
    assert any("is not the one that decided" in note for note in report["notes"])
    assert report["inert"] == []
    stream.write_bytes(stream.read_bytes().replace(b"orchestrator@1.0.0", b"orchestrator@7.0.0"))
    assert any("The pack was not found" in note for note in told(flyball, stream)["notes"])


def test_a_file_that_is_not_there(flyball: Flyball) -> None:
    ended = flyball("report", "run", "no.jsonl")
    assert (ended.code, ended.err) == (2, "flyball: cannot read no.jsonl: No such file or directory\n")


def recorded(flyball: Flyball, folder: Path, losses: list[int]) -> Path:
    """Decisions with their records, one for each losing streak; five losses are the limit."""
    snapshot: dict[str, Any] = dict(SNAPSHOT)
    lines = [
        {**snapshot, "risk": {**snapshot["risk"], "losing_streak": each}, "now": f"2026-01-05T15:{i:02}:00Z"}
        for i, each in enumerate(losses)
    ]
    (folder / "in.jsonl").write_text("".join(f"{json.dumps(each)}\n" for each in lines), encoding="utf-8")
    out = folder / "recorded.jsonl"
    flyball(
        "decide", "orchestrator@1", str(folder / "in.jsonl"), "--stream", "--record", "--output",
        str(out),
    )  # fmt: skip
    return out


def test_nearest_misses(flyball: Flyball, tmp_path: Path) -> None:
    """The nearest that each silent rule came, and when; a rule that fires in one decision counts in the others."""
    out = recorded(flyball, tmp_path, [0, 3, 4, 2, 6])
    report = told(flyball, out)
    near = {each["rule"]: each for each in report["margins"]}
    assert (near["losing_streak"]["value"], near["losing_streak"]["time"]) == ("4", "2026-01-05T15:02:00Z")
    assert [each["share"] for each in report["margins"]] == sorted(each["share"] for each in report["margins"])
    assert any(each.startswith("Of 5 decisions with a record all were looked at") for each in report["notes"])
    page = flyball("report", "run", str(out)).out
    is_sound(page)
    assert "Nearest misses" in page
    assert "## Nearest misses" in flyball("report", "run", str(out), "--format", "md").out


def test_a_record_that_was_changed_counts_for_nothing(flyball: Flyball, tmp_path: Path) -> None:
    out = recorded(flyball, tmp_path, [0, 4])
    lines = out.read_text("utf-8").splitlines()
    changed = json.loads(lines[1])
    changed["outputs"]["max_risk_pct"] = 7
    out.write_text(f"{lines[0]}\n{json.dumps(changed)}\n", "utf-8")
    report = told(flyball, out)
    assert {each["time"] for each in report["margins"]} == {"2026-01-05T15:00:00Z"}
    assert any("1 of those failed, were changed or could not be made again" in each for each in report["notes"])


def test_many_records_are_sampled_evenly(flyball: Flyball, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("flyball.reports.run_margins._MOST", 4)
    report = told(flyball, recorded(flyball, tmp_path, [0, 0, 0, 0, 4, 0, 0, 0, 1, 4]))
    near = {each["rule"]: each for each in report["margins"]}
    assert near["losing_streak"]["time"] == "2026-01-05T15:04:00Z"
    assert any(each.startswith("Of 10 decisions with a record 3, evenly spaced,") for each in report["notes"])
