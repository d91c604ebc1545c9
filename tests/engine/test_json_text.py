"""Snapshots as JSON text: read as Python's own decoder reads them, but strictly, and decided as what they say."""

from __future__ import annotations

import json
import re
from random import Random
from typing import Any

import orjson
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import flyball
from flyball.engine import json_text
from flyball.engine.backends.key_code import key_counter
from flyball.tests.decided import load
from flyball.tests.strategies.packs import pack_document, text_of
from flyball.tests.strategies.snapshots import snapshot, spoil

SPACES = st.sampled_from(["", "", "", " ", "\n\t\r "])
NUMBERS = st.one_of(
    st.integers(-(2**70), 2**70).map(str),
    st.floats(allow_nan=False).map(json.dumps),
    st.from_regex(r"-?(0|[1-9][0-9]{0,25})(\.[0-9]{1,25})?([eE][+-]?[0-9]{1,3})?", fullmatch=True),
)
TEXTS = st.one_of(
    st.text(alphabet='ab:"\\/é\u007f😀', max_size=4).map(lambda text: json.dumps(text, ensure_ascii=len(text) > 2)),
    st.sampled_from(['"a"', '"b"', '"\\u003a"', '"\\u003A"', '":"', '"\\\\u003a"', '"\\":"', '"\\u0061"', '"\\ud800"']),
)


@st.composite
def json_texts(draw: st.DrawFn, depth: int = 3) -> str:
    """JSON in every spelling, keys that are written twice among it."""
    kind = draw(st.sampled_from(("number", "text", "word", *(("list", "object", "object") if depth else ()))))
    space = draw(SPACES)
    match kind:
        case "number":
            return f"{space}{draw(NUMBERS)}"
        case "text":
            return space + draw(TEXTS)
        case "word":
            return space + draw(st.sampled_from(["true", "false", "null", "NaN", "-Infinity"]))
        case "list":
            return f"{space}[{','.join(draw(st.lists(json_texts(depth - 1), max_size=3)))}{space}]"
    keys: list[str] = draw(st.lists(TEXTS, max_size=3))
    pairs = [f"{draw(SPACES)}{key}{draw(SPACES)}:{draw(json_texts(depth - 1))}" for key in keys]
    return f"{space}{{{','.join(pairs)}{space}}}"


@st.composite
def broken_texts(draw: st.DrawFn) -> str:
    """JSON with a character taken out, put in or repeated."""
    text: str = draw(json_texts())
    at = draw(st.integers(0, len(text)))
    put: str = draw(st.sampled_from([*'{}[],:"\\ -+.eE019ntf\x00\x0b\x7f\u00a0é', "", "null", "\\u00e", '""', "//"]))
    return text[:at] + put + text[at + draw(st.integers(0, 2)) :]


class _TwiceError(Exception):
    """A key is written twice."""


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(dict(pairs)) < len(pairs):
        raise _TwiceError
    return dict(pairs)


def expected(text: str) -> object:
    """What Python's decoder makes of a text, or the code of what is wrong with it."""
    try:
        return repr(json.loads(text, object_pairs_hook=_unique))
    except _TwiceError:
        return "FB719"
    except json.JSONDecodeError:
        return "FB718"


def got(data: Any) -> object:
    value, faults = json_text.read(data)
    codes = {each.code for each in faults}
    assert len(codes) < 2
    return codes.pop() if codes else repr(value)


@given(text=st.one_of(json_texts(), broken_texts()))
@example('{"a": {"b": 1, "b": 2}, "a": 3}')
@example('["a\\"')
@example("1e400")
@example("-")
@example("1.")
@example("")
def test_a_text_is_read_as_python_reads_it(text: str) -> None:
    assert got(text) == got(text.encode()) == got(b"\xef\xbb\xbf" + text.encode()) == expected(text)


UNREAD = object()


def quickly(text: str) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return UNREAD


@given(text=json_texts())
@example('{"a": 1, "a" : "\\u003a"}')
@example('{"a": 1, "a" : "\\u003A"}')
@example('{"a": ":", "a": 1, "b": "\\u003a\\u003a"}')
@example('{"a" :1, "a":1}')
def test_no_key_that_is_written_twice_passes_the_fast_decoder(text: str) -> None:
    value = quickly(text)
    if value is not UNREAD and json_text._is_sure(text.encode(), value):
        assert expected(text) == got(text)
        assert got(text) != "FB719"


@given(text=json_texts())
def test_what_is_written_plainly_is_read_fast(text: str) -> None:
    """The check does not send away what it need not."""
    value = quickly(text)
    if value is not UNREAD and expected(text) != "FB719" and "\\u003" not in text:
        assert json_text._is_sure(text.encode(), value)


@given(text=st.one_of(NUMBERS, TEXTS))
def test_the_fast_decoder_reads_scalars_as_the_exact_one_does(text: str) -> None:
    fast = quickly(text)
    if fast is UNREAD:
        return
    exact, faults = json_text.read(text)
    assert not faults
    if isinstance(exact, int) and not -(2**63) <= exact < 2**64:
        exact = float(exact)
    assert (fast, type(fast)) == (exact, type(exact))


UNREADABLE: dict[str, tuple[Any, str]] = {
    "nothing": (b"", "a value is expected at line 1, column 1, where it ends"),
    "a comma too many": (b'{"a": 1,\n }', "a key in double quotes is expected at line 2, column 2"),
    "a comma too few": (b"[1 2]", "`,` or `]` is expected at line 1, column 4"),
    "two values": (b"{} {}", "the end is expected at line 1, column 4"),
    "a leading zero": (b"[01]", "`,` or `]` is expected at line 1, column 3"),
    "single quotes": (b"{'a': 1}", "a key in double quotes or `}` is expected at line 1, column 2"),
    "an open text": (
        b'{"a": "b}',
        "a value is expected at line 1, column 7: the text there is not closed, or holds a control character or an "
        "unknown escape",
    ),
    "latin-1": ('{"a": "é"}'.encode("latin-1"), "byte 8 is not UTF-8"),
    "latin-1 behind a byte order mark": (b"\xef\xbb\xbf" + '"é"'.encode("latin-1"), "byte 5 is not UTF-8"),
    "half of a pair": ('{"a": "\ud800"}', "UTF-8 cannot hold character 8"),
    "too deep": (b"[" * 129 + b"]" * 129, "it is nested deeper than 128 levels at line 1, column 129"),
    "as deep as can be": (b"[" * 10**6, "it is nested deeper than 128 levels at line 1, column 129"),
    "no text": ({"a": 1}, "it is an object, and neither bytes nor text"),
    "nothing at all": (None, "it is null, and neither bytes nor text"),
}


@pytest.mark.parametrize("case", UNREADABLE)
def test_what_cannot_be_read_is_said(case: str) -> None:
    data, problem = UNREADABLE[case]
    value, (fault,) = json_text.read(data)
    assert value is None
    assert (fault.code, fault.message) == ("FB718", f"the snapshot is not JSON: {problem}")


def test_what_is_too_long_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_text, "MAX_BYTES", 10)
    policy = flyball.load("orchestrator@1", environment=False)
    assert [each.message for each in policy.decide_json(b'"12345678"').diagnostics] == [
        "the snapshot is 'text', not an object".replace("text", "12345678")
    ]
    assert [each.code for each in policy.decide_json(b'"123456789"').diagnostics] == ["FB718"]
    assert [each.code for each in policy.decide_json(b"{}         ").diagnostics] == ["FB718"]


def test_each_repeated_key_is_named_once_with_its_path() -> None:
    text = '{"a": [{"b": 1, "b": 2, "b": 3}, {"c d": 0, "c d": {"x": 1, "x": 1}}], "e": 1, "e": 2}'
    _, faults = json_text.read(text)
    assert [each.path for each in faults] == ["e", "a[0].b", "a[1]['c d']", "a[1]['c d'].x"]


@pytest.mark.parametrize("text", ['"' * 200_000, '"\\' + '\\"' * 200_000, "[" + '"\\u12", ' * 50_000, "-" * 200_000])
def test_hostile_texts_take_no_time(text: str) -> None:
    assert got(text) == "FB718"


@pytest.mark.parametrize("seed", range(60))
def test_a_text_is_decided_as_what_it_says(seed: int) -> None:
    """In every form: escaped, spaced, as text and as bytes. A snapshot that JSON cannot hold is left out."""
    chance = Random(seed)
    document = pack_document(chance)
    loaded = load(text_of(document))
    assert loaded.checked
    pack = loaded.checked.pack
    policy = flyball.Policy(pack, {name: each.value for name, each in pack.parameters.items()}, {})
    for number in range(10):
        made = snapshot(chance, document["inputs"])
        if number % 3 == 2:
            spoil(chance, made)
        wanted = policy.decide(made).to_json()
        for text in (json.dumps(made), json.dumps(made, indent=1), json.dumps(made, separators=(",", ":"))):
            assert policy.decide_json(text).to_json() == wanted
            assert policy.decide_json(bytearray(text.encode())).to_json() == wanted  # type: ignore[arg-type]
        moment = chance.choice(("2026-01-05T15:00:00Z", 12.5))
        assert policy.decide_json(json.dumps(made), now=moment).to_json() == policy.decide(made, now=moment).to_json()
        try:
            plainly = json.dumps(made, ensure_ascii=False).encode()
        except UnicodeEncodeError:
            continue
        assert policy.decide_json(plainly).to_json() == wanted


def keys_in(value: Any) -> int:
    if isinstance(value, dict):
        return len(value) + sum(map(keys_in, value.values()))
    return sum(map(keys_in, value)) if isinstance(value, list) else 0


def with_a_key_twice(chance: Random, value: Any) -> str:
    """A text that says a value, and says one of its keys twice."""
    text = json.dumps(value)
    starts = [match.end() for match in re.finditer(r"{(?=\")", text)]
    place = chance.choice(starts)
    pair = re.compile(r'"(?:[^"\\]|\\.)*": ').match(text, place)
    assert pair
    return f"{text[:place]}{pair[0]}null, {text[place:]}"


@pytest.mark.parametrize("seed", range(100, 125))
def test_the_keys_of_what_is_in_order_are_counted_and_none_is_dropped(seed: int) -> None:
    chance = Random(seed)
    document = pack_document(chance)
    loaded = load(text_of(document))
    assert loaded.checked
    pack = loaded.checked.pack
    policy = flyball.Policy(pack, {name: each.value for name, each in pack.parameters.items()}, {})
    keys_of = key_counter(pack.inputs)
    for _ in range(10):
        made = snapshot(chance, document["inputs"])
        if policy.decide(made).diagnostics:
            continue
        if keys_of:
            assert keys_of(made) == keys_in(made)
        if not made:
            continue
        twice = with_a_key_twice(chance, made)
        assert [each.code for each in policy.decide_json(twice).diagnostics] == ["FB719"], twice


def test_an_unreadable_text_fails_safe() -> None:
    policy = flyball.load("orchestrator@1", environment=False)
    for data in (b"", b"{", b'{"regime": 1, "regime": 2}', None, 3):
        decision = policy.decide_json(data, now="2026-01-05T15:00:00Z")  # type: ignore[arg-type]  # strangers do
        assert (decision.status, decision.now) == ("failsafe", "2026-01-05T15:00:00Z")
        assert decision["allow_new_trades"] is False
        assert decision.reasons == [] and decision.fired == ()
        assert json.loads(decision.to_json())["snapshot_hash"] is None
    assert policy.decide_json(b"", now="noon").now is None


LATCHED = """language: 1
pack: guard
version: 1.0.0
inputs: {loss: {type: number, unit: percent}}
parameters: {limit: {value: 3, unit: percent, range: [0, 9], why: Enough}}
definitions: {tripped: "latch(loss > limit, false, on_fault=set)"}
outputs: {trade: {type: boolean, start: not tripped, safe: false}}
"""


def test_a_session_takes_texts_and_moves_on_once() -> None:
    """Whatever is at fault is read twice, and yet is one step."""
    loaded = load(LATCHED)
    assert loaded.checked, loaded.findings
    pack = loaded.checked.pack
    policy = flyball.Policy(pack, {name: each.value for name, each in pack.parameters.items()}, {})
    given = [
        '{"loss": 1, "now": 0}',
        '{"loss": 9, "loss": 1, "now": 1}',
        '{"loss": NaN, "now": 2}',
        '{"loss": 1, "now": 3}',
    ]
    for broken in ("", *given[1:3]):
        by_text, by_value = policy.session("a"), policy.session("a")
        assert by_text.step_json(given[0]).to_json() == by_value.step(json.loads(given[0])).to_json()
        failed = by_text.step_json(broken)
        by_value.step({})
        assert (failed.status, failed["trade"], failed.key) == ("failsafe", False, "a")
        assert by_text.save() == by_value.save()
        assert by_text.step_json(given[3]).to_json() == by_value.step(json.loads(given[3])).to_json()
        assert by_text.step_json(given[3]).status == "repeated"
        assert by_text.step_json(given[0]).status == "refused"
    assert policy.decide_json("").to_json() == policy.session().step_json("").to_json()


WITH_PLAN = """language: 1
pack: guard
version: 1.0.0
inputs: {plan: {type: document, ignore: [deep]}, other: {type: document, ignore: [deep]}}
outputs: {same: {type: boolean, start: plan == other, safe: false}}
"""


def test_documents_hold_what_the_decoders_do_not_agree_on() -> None:
    loaded = load(WITH_PLAN)
    assert loaded.checked, loaded.findings
    policy = flyball.Policy(loaded.checked.pack, {}, {})
    deep = "[" * 120 + "]" * 120
    for plan, code in {
        '{"a": 1}': None,
        f'{{"a": 1, "deep": {deep}}}': None,
        '{"a": 18446744073709551616}': "FB704",
        '{"a": 1.8e19}': None,
        f'{{"a": 1, "deep": {"[" * 20}{deep}{"]" * 20}}}': "FB718",
        '{"a": 1, "a": 1}': "FB719",
    }.items():
        text = f'{{"plan": {plan}, "other": {{"a": 1}}}}'
        decision = policy.decide_json(text)
        assert [each.code for each in decision.diagnostics] == ([code] if code else [])
        if code not in ("FB718", "FB719"):
            assert decision.to_json() == policy.decide(json.loads(text)).to_json()
