from __future__ import annotations

import pytest

from flyball.engine import ir
from flyball.engine.diagnostics import Diagnostic
from flyball.engine.in_force import Effective
from flyball.engine.parameters import Layer, effective, environment_layer
from flyball.loaders.packs import load_bytes

PACK = """
language: 1
pack: guard
version: 1.0.0
types:
  Regime: [CALM, WILD]
  Venue:
    type: record
    fields:
      name: {type: text, max_length: 4}
      fee: {type: number, unit: bps, range: [0, 9]}
      open_in: {type: list, of: Regime, max_items: 2}
      note: {type: text, optional: true}
inputs:
  regime: {type: Regime}
  loss: {type: number, unit: percent}
  moment: {type: time}
  venue: {type: text}
parameters:
  soft: {value: 2, unit: percent, range: [0.1, 20], env: GUARD_SOFT, why: Half}
  hard: {value: 4.5, unit: percent, range: [0.1, 20], env: GUARD_HARD, why: Stop}
  streak: {type: integer, value: 5, unit: trades, range: [2, 50], why: Luck}
  strict: {type: boolean, value: true, why: House rule}
  worst: {type: Regime, value: CALM, why: House rule}
  opens: {type: time, value: 2026-01-01T00:00:00Z, why: Calendar}
  home: {type: text, value: XNYS, why: House}
  scale: {by: Regime, unit: ratio, range: [0, 2], values: {CALM: 1.0, WILD: 0.5}, why: Half}
  broker: {type: Venue, value: {name: ACME, fee: 1, open_in: [CALM]}, why: House}
requires:
  soft_comes_first: soft < hard
  wild_is_smaller: scale[Regime.WILD] <= scale[Regime.CALM]
  broker_is_cheap: (present(broker.note) or broker.fee < 5) and any(each == CALM for each in broker.open_in)
outputs:
  size: {type: number, start: "min(scale[regime], 1.0)", range: [0, 1], safe: "scale[Regime.WILD]"}
  stop:
    type: boolean
    start: strict and loss >= hard or loss >= soft and regime > worst or moment < opens or venue != home or streak < 3
    safe: true
"""


def pack_of(text: str) -> ir.Pack:
    loaded = load_bytes(text.encode(), "guard.yaml")
    assert loaded.checked, loaded.findings
    return loaded.checked.pack


@pytest.fixture(scope="module")
def pack() -> ir.Pack:
    return pack_of(PACK)


def applied(pack: ir.Pack, **values: object) -> Effective:
    in_force, findings = effective(pack, [Layer("params", values)])
    assert findings == []
    return in_force


def only(pack: ir.Pack, *layers: Layer) -> Diagnostic:
    _, findings = effective(pack, layers)
    assert len(findings) == 1, findings
    return findings[0]


def text(key: str, value: str) -> Layer:
    return Layer("--set", {key: value}, texts=True)


def test_own_values(pack: ir.Pack) -> None:
    in_force, findings = effective(pack, [])
    assert findings == []
    assert in_force.values == {
        "soft": 2.0,
        "hard": 4.5,
        "streak": 5,
        "strict": True,
        "worst": 0,
        "opens": 1_767_225_600_000_000,
        "home": "XNYS",
        "scale": (1.0, 0.5),
        "broker": (1.0, "ACME", None, (0,)),
    }
    assert set(in_force.layer_of.values()) == {"pack"}


def test_later_layers_win(pack: ir.Pack) -> None:
    environ = {"GUARD_SOFT": "3", "GUARD_HARD": "6", "UNRELATED": "1"}
    layers = [
        Layer("params", {"guard.soft": 1.5, "streak": 7}),
        environment_layer(pack, environ),
        text("guard.hard", "9.5"),
    ]
    in_force, findings = effective(pack, layers)
    assert findings == []
    assert [in_force.values[name] for name in ("soft", "hard", "streak")] == [3.0, 9.5, 7]
    assert [in_force.layer_of[name] for name in ("soft", "hard", "streak", "home")] == [
        "environment",
        "--set",
        "params",
        "pack",
    ]


@pytest.mark.parametrize(
    ("key", "given", "name", "value"),
    [
        ("soft", "1", "soft", 1.0),
        ("guard.soft", "1.0e+0", "soft", 1.0),
        ("soft", "2.5", "soft", 2.5),
        ("streak", "6.0", "streak", 6),
        ("strict", "false", "strict", False),
        ("worst", "WILD", "worst", 1),
        ("opens", "2026-01-01T01:00:00+01:00", "opens", 1_767_225_600_000_000),
        ("opens", "1767225600.5", "opens", 1_767_225_600_500_000),
        ("home", "12", "home", "12"),
        ("scale.WILD", "0.25", "scale", (1.0, 0.25)),
        ("guard.scale.CALM", "0.75", "scale", (0.75, 0.5)),
        ("scale", '{"WILD": 0.1, "CALM": 0.2}', "scale", (0.2, 0.1)),
        (
            "broker",
            '{"name": "B", "fee": 2, "open_in": ["CALM", "WILD"], "note": "x"}',
            "broker",
            (2.0, "B", "x", (0, 1)),
        ),
    ],
)
def test_texts(pack: ir.Pack, key: str, given: str, name: str, value: ir.Value) -> None:
    in_force, findings = effective(pack, [text(key, given)])
    assert findings == []
    assert in_force.values[name] == value
    assert type(in_force.values[name]) is type(value)


def test_plain_values(pack: ir.Pack) -> None:
    in_force = applied(pack, scale={"CALM": 1, "WILD": 0}, worst="WILD", strict=False, streak=3.0, soft=1)
    assert [in_force.values[name] for name in ("scale", "worst", "strict", "streak", "soft")] == [
        (1.0, 0.0),
        1,
        False,
        3,
        1.0,
    ]


@pytest.mark.parametrize(
    ("key", "given", "code", "message"),
    [
        ("soft", "much", "FB305", "a number in percent is expected here, not `much`"),
        ("soft", "", "FB305", "a number in percent is expected here, not ``"),
        ("soft", "nan", "FB305", "a number in percent is expected here, not `nan`"),
        ("soft", "1e999", "FB305", "a number in percent is expected here, not a number out of all bounds"),
        ("soft", "1_0", "FB305", "a number in percent is expected here, not `1_0`"),
        ("soft", "9" * 5000, "FB305", "a number in percent is expected here, not a text of 5000 characters"),
        ("soft", "٣", "FB305", "a number in percent is expected here, not `٣`"),
        ("soft", "25", "FB314", "`25` is outside of [0.1, 20]"),
        ("streak", "2.5", "FB305", "an integer in trade is expected here, not `2.5`"),
        ("strict", "yes", "FB305", "a boolean is expected here, not `yes`"),
        ("worst", "WILDER", "FB309", "Regime has no member `WILDER`"),
        ("opens", "2026-01-01T00:00:00", "FB305", "a time is expected here, not `2026-01-01T00:00:00`"),
        ("home", "x" * 257, "FB305", "a text of at most 256 characters is expected here, not a text of 257 characters"),
        ("home", "\udc80", "FB305", "a text of at most 256 characters is expected here, not `?`"),
        ("scale.MILD", "1", "FB309", "Regime has no member `MILD`"),
        ("scale", "1", "FB305", "a vector of ratio numbers by Regime is expected here, not `1`"),
        (
            "scale",
            "{" * 5000,
            "FB305",
            "a vector of ratio numbers by Regime is expected here, not a text of 5000 characters",
        ),
        (
            "scale",
            '{"CALM": NaN, "WILD": 1}',
            "FB305",
            "a number in ratio is expected here, not a number out of all bounds",
        ),
        ("scale", '{"CALM": 1}', "FB318", "no value for `WILD`"),
        ("scale.WILD", "3", "FB314", "`3` is outside of [0, 2]"),
        ("broker", '{"name": "X", "fee": 10, "open_in": []}', "FB314", "`10` is outside of [0, 9]"),
        (
            "broker",
            '{"name": "TOOLONG", "fee": 1, "open_in": []}',
            "FB305",
            "a text of at most 4 characters is expected here, not `TOOLONG`",
        ),
        ("broker", '{"name": "X", "fee": 1, "open_in": [1]}', "FB305", "a Regime is expected here, not `1`"),
        (
            "broker",
            '{"name": "X", "fee": null, "open_in": []}',
            "FB305",
            "a number in bps is expected here, not `null`",
        ),
        ("broker", '{"name": "X", "open_in": []}', "FB318", "no value for `fee`"),
        ("broker", '{"name": "X", "fee": 1, "open_in": [], "nam": 1}', "FB301", "no field named `nam`"),
        (
            "broker",
            '{"name": "X", "fee": 1, "open_in": ["CALM", "CALM", "CALM"]}',
            "FB305",
            "a list of Regime with at most 2 items is expected here, not a list",
        ),
        ("sofd", "1", "FB301", "no parameter named `sofd`"),
        ("loss", "1", "FB301", "no parameter named `loss`"),
        ("other.soft", "1", "FB301", "no parameter named `other.soft`"),
        ("soft.CALM", "1", "FB301", "no parameter named `soft.CALM`"),
        ("", "1", "FB301", "no parameter named ``"),
    ],
)
def test_misfits(pack: ir.Pack, key: str, given: str, code: str, message: str) -> None:
    finding = only(pack, text(key, given))
    assert (finding.code, finding.message, finding.path) == (code, message, f"--set {key}")
    in_force, _ = effective(pack, [text(key, given)])
    assert in_force == effective(pack, [])[0]


@pytest.mark.parametrize(
    ("key", "near"),
    [("sofd", "soft"), ("guard.sofd", "guard.soft"), ("gard.soft", "guard.soft"), ("scales.WILD", "scale.WILD")],
)
def test_nearest_name(pack: ir.Pack, key: str, near: str) -> None:
    assert only(pack, text(key, "1")).help == f"did you mean `{near}`?"


@pytest.mark.parametrize("given", [True, None, "1", [1], {"a": 1}, float("inf"), 10**400])
def test_no_number(pack: ir.Pack, given: object) -> None:
    assert only(pack, Layer("params", {"soft": given})).code == "FB305"


def test_all_misfits_at_once(pack: ir.Pack) -> None:
    _, findings = effective(pack, [Layer("params", {"soft": "x", "hard": 99}), text("strict", "1")])
    assert [finding.path for finding in findings] == ["params soft", "params hard", "--set strict"]


def test_requirement(pack: ir.Pack) -> None:
    finding = only(pack, text("soft", "4.5"))
    assert finding.code == "FB407"
    assert finding.message == "`soft_comes_first` does not hold: soft = 4.5 (--set), hard = 4.5"
    assert finding.span
    assert finding.span.text == "soft < hard"


def test_requirement_over_a_vector_and_a_record(pack: ir.Pack) -> None:
    broker = {"name": "X", "fee": 5, "open_in": ["CALM"]}
    _, findings = effective(pack, [Layer("params", {"scale": {"CALM": 0, "WILD": 1}, "broker": broker})])
    assert sorted(finding.message for finding in findings) == [
        "`broker_is_cheap` does not hold: broker = {fee: 5, name: X, note: missing, open_in: [CALM]} (params)",
        "`wild_is_smaller` does not hold: scale = {CALM: 0, WILD: 1} (params)",
    ]


def test_requirement_with_a_fault() -> None:
    document = PACK.replace("soft < hard", "hard / (soft - soft) > 1")
    errors = [each for each in load_bytes(document.encode(), "guard.yaml").findings if each.severity == "error"]
    assert [(each.code, each.message) for each in errors] == [("FB720", "division by zero in `hard / (soft - soft)`")]


def test_names_below_the_pack(pack: ir.Pack) -> None:
    assert applied(pack, guard={"soft": 1, "scale.CALM": 2}).values["scale"] == (2.0, 0.5)
    assert only(pack, Layer("params", {"guard": {"sofd": 1}})).path == "params guard.sofd"
    assert only(pack, Layer("params", {"other": {"soft": 1}})).code == "FB301"


def test_own_values_must_hold() -> None:
    loaded = load_bytes(PACK.replace("value: 4.5", "value: 1.5").encode(), "guard.yaml")
    assert loaded.checked is None
    assert [each.code for each in loaded.findings if each.severity == "error"] == ["FB407"]


def test_safe_lies_in_the_range(pack: ir.Pack) -> None:
    _, findings = effective(pack, [Layer("params", {"scale": {"CALM": 2, "WILD": 1.5}})])
    assert [(each.code, each.message) for each in findings] == [
        ("FB314", "`safe` of `size`, 1.5, is outside of [0, 1]")
    ]
    assert findings[0].span
    assert findings[0].span.text == "scale[Regime.WILD]"


def test_safe_lies_within() -> None:
    document = PACK.replace("range: [0, 1]", "within: [0, 0.25]")
    findings = load_bytes(document.encode(), "guard.yaml").findings
    assert [each.message for each in findings if each.severity == "error"] == [
        "`safe` of `size`, 0.5, is outside of [0, 0.25]"
    ]
