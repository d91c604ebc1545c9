"""Written decisions that are explained: made again from their record, or told from what they say."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from .conftest import Flyball
from .test_golden import BLOCKED
from .test_report import is_sound

SNAPSHOT = json.dumps({**BLOCKED, "now": "2026-01-05T15:00:00Z"}).encode()
SESSION = """
language: 1
pack: guard
version: 1.0.0
inputs:
  symbol: {type: text}
  pnl: {type: number, unit: percent, range: [-100, 1000], actionable: true}
  reset: {type: boolean}
parameters: {loss_limit: {value: 5, unit: percent, range: [0.1, 50], why: No session goes on below}}
definitions: {tripped: "latch(pnl <= -loss_limit, reset)", calm: held(pnl > 0)}
outputs: {allow: {type: boolean, combine: all, start: true, safe: false}}
rules: {lost: {when: tripped, then: {allow: false}, severity: block, because: "{{ symbol }} lost {{ loss_limit }}"}}
"""
LINES = b"""{"symbol": "AAPL", "pnl": -6, "reset": false, "now": "2026-01-05T15:00:00Z"}
{"symbol": "IBM", "pnl": 1, "reset": false, "now": "2026-01-05T15:00:00Z"}
{"symbol": "AAPL", "pnl": 2, "reset": false, "now": "2026-01-05T15:00:05Z"}
{"symbol": "AAPL", "pnl": 2, "reset":
{"symbol": "AAPL", "pnl": 2, "reset": false, "now": "2026-01-05T15:00:05Z"}
{"symbol": "AAPL", "pnl": 2, "reset": true, "now": "2026-01-05T15:00:01Z"}
{"symbol": "AAPL", "pnl": 1e400, "reset": true, "now": "2026-01-05T15:00:10Z"}
"""


@pytest.fixture
def written(flyball: Flyball) -> dict[str, Any]:
    """A blocked decision under another parameter, with its record."""
    given = ("decide", "orchestrator@1", "--format", "json", "--record", "--set", "orchestrator.base_risk_pct=0.8")
    content: dict[str, Any] = json.loads(flyball(*given, stdin=SNAPSHOT).out)
    return content


def explained(flyball: Flyball, written: object, *options: str) -> tuple[int, dict[str, Any]]:
    ended = flyball("explain", "-", "--format", "json", *options, stdin=json.dumps(written).encode())
    assert ended.err == ""
    return ended.code, json.loads(ended.out)


def notes(explanation: dict[str, Any]) -> list[str]:
    return [f"{each['level']}: {each['text']}" for each in explanation["notes"]]


def test_made_again_it_is_the_same(flyball: Flyball, written: dict[str, Any]) -> None:
    code, explanation = explained(flyball, written)
    assert code == 0
    assert notes(explanation) == ["ok: Made again from its record, it comes out the same in every part."]
    ended = flyball(
        "explain", "orchestrator@1", "-", "--format", "json", "--set", "orchestrator.base_risk_pct=0.8", stdin=SNAPSHOT
    )
    assert {**explanation, "notes": []} == json.loads(ended.out)


def test_layers_are_those_of_then(flyball: Flyball) -> None:
    given = ("--format", "json", "--record", "--set", "orchestrator.daily_drawdown_limit=2")
    written = json.loads(flyball("decide", "orchestrator@1", *given, stdin=SNAPSHOT).out)
    shown = {each["name"]: each["layer"] for each in explained(flyball, written)[1]["parameters"]}
    assert shown["daily_drawdown_limit"] == "--set"


def _changed(path: str, value: object) -> Callable[[dict[str, Any]], None]:
    def change(written: dict[str, Any]) -> None:
        *outer, last = path.split(".")
        inner: Any = written
        for name in outer:
            inner = inner[int(name)] if name.isdigit() else inner[name]
        inner[last] = value

    return change


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (_changed("outputs.max_risk_pct", 5), "error: Made again it comes out otherwise"),
        (_changed("outputs.allow_new_trades", 0), "allow_new_trades says 0, and is false"),
        (_changed("reasons.0.text", "All is well"), "reasons[0].text says All is well, and is Daily PnL"),
        (_changed("reasons.0.severity", "info"), "reasons[0].severity says info, and is block"),
        (_changed("status", "failsafe"), "status says failsafe, and is ok"),
        (_changed("id", f"sha256:{'0' * 64}"), "id says sha256:000"),
        (_changed("record.snapshot.risk.daily_pnl_pct", 3), "error: The record was changed: its snapshot"),
        (_changed("record.snapshot.risk", 3), "error: The record was changed: its snapshot"),
        (_changed("record.snapshot", None), "warning: The snapshot was not text"),
        (_changed("record.text", "{"), "error: The record was changed: its snapshot"),
        (_changed("record.parameters.base_risk_pct", 0.9), "error: The record was changed: its parameters"),
        (_changed("record.parameters.base_risk_pct", "much"), "does not load with the parameters of its record"),
        (_changed("record.parameters", {"no": 1}), "does not load with the parameters of its record"),
        (_changed("record.state", {"hash": 3}), "error: The record was changed: its state does not stand"),
        (_changed("policy", "orchestrator@9.0.0"), "error: It was not made again: no pack `orchestrator`"),
        (_changed("policy", "../../etc/passwd"), "error: It was not made again: "),
        (
            _changed("packs", {"orchestrator@1.0.0": {"hash": f"sha256:{'0' * 64}", "outputs": {}}}),
            "is not the one that",
        ),
    ],
)
def test_what_was_changed_is_told(
    flyball: Flyball, written: dict[str, Any], change: Callable[[dict[str, Any]], None], said: str
) -> None:
    change(written)
    code, explanation = explained(flyball, written)
    assert any(said in note for note in notes(explanation)), notes(explanation)
    assert code == (0 if said.startswith("warning") else 1)
    assert explanation["outputs"]


def test_the_policy_may_be_named(flyball: Flyball, written: dict[str, Any]) -> None:
    written["policy"] = "orchestrator@9.0.0"
    code, explanation = explained(flyball, written, "--policy", "orchestrator@1")
    assert (code, notes(explanation)) == (
        1,
        ["error: It was made by orchestrator@9.0.0, and this is orchestrator@1.0.0; it was not made again."],
    )


def test_without_a_record_it_tells_what_it_says(flyball: Flyball, written: dict[str, Any]) -> None:
    del written["record"]
    code, explanation = explained(flyball, written)
    assert code == 0
    assert notes(explanation)[0].startswith("warning: It was written without its record")
    assert explanation["headline"] == "Daily PnL -3.50 % is at or below the limit of -3.00 % (daily_drawdown)."
    steps = {each["name"]: [step["by"] for step in each["steps"]] for each in explanation["outputs"]}
    assert steps["allow_new_trades"] == ["daily_drawdown"]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "EOF while parsing"),
        (b"{}", "id: Field required"),
        (b"[1]", "Input should be an object"),
        (b"\xff{", "Invalid JSON"),
        (b"[" * 100_000, "Invalid JSON"),
        (b'{"id": "sha256:"}', "id: String should match pattern"),
    ],
)
def test_what_is_no_decision(flyball: Flyball, data: bytes, said: str) -> None:
    ended = flyball("explain", "-", stdin=data)
    assert (ended.code, ended.out) == (2, "")
    assert said in ended.err
    assert ended.err.count("\n") == 1


def test_a_whole_stream_is_no_decision(flyball: Flyball, written: dict[str, Any]) -> None:
    line = json.dumps(written).encode()
    assert "of a stream's file give one line" in flyball("explain", "-", stdin=line + b"\n" + line).err


@pytest.mark.parametrize("options", [("--now", "2026-01-05"), ("--set", "a=1"), ("--params", "x.yaml")])
def test_what_belongs_to_a_snapshot(flyball: Flyball, written: dict[str, Any], options: tuple[str, ...]) -> None:
    ended = flyball("explain", "-", *options, stdin=json.dumps(written).encode())
    assert (ended.code, ended.out) == (2, "")
    assert "is of a decision made now" in ended.err


def test_every_line_of_a_stream(flyball: Flyball, tmp_path: Path) -> None:
    """Of every status: each is made again from the state before it."""
    (tmp_path / "guard.yaml").write_text(SESSION, encoding="utf-8")
    (tmp_path / "lines.jsonl").write_bytes(LINES)
    pack, out = str(tmp_path / "guard.yaml"), tmp_path / "out.jsonl"
    flyball(
        "decide", pack, str(tmp_path / "lines.jsonl"), "--stream", "--key", "symbol", "--record", "--output", str(out)
    )
    lines = out.read_bytes().splitlines()
    assert [json.loads(line)["status"] for line in lines] == [
        "ok", "ok", "ok", "failsafe", "repeated", "refused", "failsafe",
    ]  # fmt: skip
    for line in lines:
        ended = flyball("explain", "-", "--policy", pack, "--format", "json", stdin=line)
        assert notes(json.loads(ended.out)) == ["ok: Made again from its record, it comes out the same in every part."]
    changed = json.loads(lines[2])
    changed["record"]["state"]["definitions"]["tripped"] = False
    code, explanation = explained(flyball, changed, "--policy", pack)
    assert code == 1
    assert "state does not stand" in notes(explanation)[0]


def test_a_record_needs_json(flyball: Flyball) -> None:
    assert "--record belongs to --format json" in flyball("decide", "orchestrator@1", "--record", stdin=SNAPSHOT).err


@pytest.mark.parametrize("form", ["html", "md", "json"])
def test_report_of_a_decision(flyball: Flyball, written: dict[str, Any], form: str) -> None:
    data = json.dumps(written).encode()
    ended = flyball("report", "decision", "-", "--format", form, stdin=data)
    assert (ended.code, ended.err) == (0, "")
    assert "Made again from its record" in ended.out
    if form == "html":
        is_sound(ended.out)
        assert ended.out == flyball("report", "decision", "-", stdin=data).out


def test_waterfalls_are_drawn(flyball: Flyball) -> None:
    snapshot = {**BLOCKED, "risk": {"daily_pnl_pct": 0, "losing_streak": 6, "open_positions": 2, "exposure_pct": 4}}
    page = flyball("report", "decision", "orchestrator@1", "-", stdin=json.dumps(snapshot).encode()).out
    is_sound(page)
    assert page.count('<svg role="img" aria-label="max_risk_pct goes from 1.00 % to') == 1
    assert "#0" not in page.partition("</style>")[2].partition("<script>")[0]  # every colour is the page's


def test_ten_thousand_hostile_reasons(flyball: Flyball, written: dict[str, Any]) -> None:
    """Explained, escaped, bounded."""
    del written["record"]
    hostile = {**written["reasons"][0], "text": "<script>alert(1)</script> {{ 7*7 }} \x1b[31m | x"}
    huge = {"output": "min_confidence", "before": 1, "after": 1e308}
    hostile["effects"] = [{"output": "max_risk_pct", "before": 1, "after": 0.5}, huge]
    written["reasons"] = [hostile] * 10_000
    written["outputs"]["{{7*7}}"] = "<b>"
    data = json.dumps(written).encode()
    page = flyball("report", "decision", "-", stdin=data).out
    assert len(page) < 300_000
    assert "b" not in is_sound(page).tags
    assert "{{7*7}}" in page
    assert "And 9900 more." in page
    text = flyball("explain", "-", stdin=data).out
    assert len(text.splitlines()) < 400
    assert "\x1b" not in text
    assert "and 9900 more" in text
    marked = flyball("report", "decision", "-", "--format", "md", stdin=data).out
    assert len(marked.splitlines()) < 400
    assert "<script" not in marked


def test_other_options_are_of_decisions(flyball: Flyball) -> None:
    ended = flyball("report", "pack", "good.yaml", "snapshot.json")
    assert ended.err == "flyball: a report on a pack has no SNAPSHOT\n"
    assert "--now" in flyball("report", "pack", "good.yaml", "--now", "2026-01-05").err


LEVELS = {
    "now": "2026-01-05T15:00:00Z",
    "regime": "RANGING",
    "volatility": "HIGH",
    "risk": {"daily_pnl_pct": -2.0, "losing_streak": 5, "open_positions": 2, "exposure_pct": 4.0},
    "symbols": [{"symbol": "AAPL", "tag": "NEUTRAL"}],
}


def test_of_a_policy(flyball: Flyball) -> None:
    """Its packs' rules have conditions, their outputs ways, and a change is one of the policy's own outputs."""
    given = ("decide", "orchestrator_levels", "--format", "json", "--record")
    written = json.loads(flyball(*given, stdin=json.dumps(LEVELS).encode()).out)
    code, explanation = explained(flyball, written)
    assert (code, notes(explanation)) == (0, ["ok: Made again from its record, it comes out the same in every part."])
    rules = {each["id"]: each["condition"] for each in explanation["fired"]}
    assert rules["orchestrator.losing_streak"].startswith("when losing streak of risk is at least")
    ways = {each["name"]: [step["by"] for step in each["steps"]] for each in explanation["outputs"]}
    assert ways["orchestrator.max_risk_pct"] == ["orchestrator.losing_streak", "orchestrator.regime.ranging_high"]
    assert [each["name"] for each in explanation["parameters"]] == ["orchestrator.losing_streak_limit"]
    assert explanation["target"] == "entry_mode"
    said = "entry mode would be NORMAL if daily pnl pct of risk were -3.00 % or less (it is -2.00 %)"
    assert said in explanation["alternatives"]
    worse = {**LEVELS, "risk": {**LEVELS["risk"], "daily_pnl_pct": -3.0}}  # type: ignore[dict-item]  # it is a dict
    again = json.loads(flyball(*given, stdin=json.dumps(worse).encode()).out)
    assert again["outputs"]["entry_mode"] == "NORMAL"
    is_sound(flyball("report", "decision", "-", stdin=json.dumps(written).encode()).out)


DATED = """
language: 1
pack: dated
version: 1.0.0
inputs: {loss: {type: number, unit: percent, range: [0, 100]}}
parameters:
  limit: {unit: percent, range: [0, 50], why: As much as the desk bears, value: [{from: 2026-01-01, value: 3}, {from: 2026-06-01, value: 6}]}
outputs: {allowed: {type: boolean, combine: all, start: true, safe: false}}
rules: {lost: {when: loss >= limit, then: {allowed: false}, because: "Lost {{ loss }}"}}
"""  # noqa: E501  a pack as people write it


def test_dated_parameters_are_those_of_the_day(flyball: Flyball, tmp_path: Path) -> None:
    pack = tmp_path / "dated.yaml"
    pack.write_text(DATED, encoding="utf-8")
    snapshot = b'{"loss": 5, "now": "2026-02-01T00:00:00Z"}'
    written = json.loads(flyball("decide", str(pack), "--format", "json", "--record", stdin=snapshot).out)
    assert written["outputs"] == {"allowed": False}
    code, explanation = explained(flyball, written, "--policy", str(pack))
    assert (code, notes(explanation)) == (0, ["ok: Made again from its record, it comes out the same in every part."])
