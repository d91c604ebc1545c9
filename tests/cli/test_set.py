"""`flyball set`: one value of a file, checked before it is written, and nothing else."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from flyball.loaders import writing

from .conftest import Flyball

PACK = """\
language: 1
pack: guard
version: 1.0.0
types:
  Mood: [CALM, WILD]
  Side: [LONG, SHORT]
inputs:
  pnl: {type: number, unit: percent, range: [-100, 100], why: Today}   # of equity
  mood: {type: Mood}
  name: {type: text}
parameters:
  limit: {value: 3.0, unit: percent, range: [0.1, 20], why: Stops the desk}  # reviewed in March
  floor:
    value: 0.1          # percent
    unit: percent
    range: [0.1, 20]
    why: 'Below, nothing happens'
  scale:
    {by: [Mood, Side], range: [0, 2], why: Half, values: {CALM: {LONG: 1, SHORT: 1}, WILD: {LONG: 0.5, SHORT: 0.25}}}
  house: {type: text, value: ours, why: A name}
  open: {type: boolean, value: true, why: Open}
  usual: {type: Mood, value: CALM, why: Mostly}
  lots: {by: text, type: integer, unit: contracts, range: [0, 100], max_items: 5, why: Per name, values: {a: 1, b.c: 2}}
requires:
  floor_below: floor < limit
outputs:
  allow: {type: boolean, combine: all, start: open, safe: false}
  size: {type: number, start: "scale[mood].LONG * scale[usual].SHORT", range: [0, 4], safe: 0}
  mine: {type: boolean, start: "name == house and default(lots[name], 0) > 0", safe: false}
rules:
  loss:
    when: pnl <= -limit or pnl < -floor and mood > usual
    then: {allow: false}
    because: "{{ pnl }}"
tables:
  moods:
    match: {mood: mood, pnl: pnl}
    hit: unique
    rows:
      low: {pnl: "< -1", then: {allow: false}, because: Low}
      calm: {pnl: ">= -1", mood: CALM}
      wild: {pnl: ">= -1", mood: WILD, then: {size: {times: 0.5}}, because: Wild}
"""
PACK = PACK.replace("scale[mood].LONG", "scale[mood][LONG]").replace("scale[usual].SHORT", "scale[usual][SHORT]")


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    path = tmp_path / "rules" / "guard" / "1.0.0.yaml"
    path.parent.mkdir(parents=True)
    path.write_text(PACK)
    return path


def put(flyball: Flyball, pack: Path, name: str, value: str, *more: str) -> str:
    ended = flyball("set", f"guard.{name}", value, "--rules", str(pack.parent.parent), *more)
    assert ended.code == 0, ended
    return pack.read_text()


SET = {
    ("limit", "2.5"): ("value: 3.0", "value: 2.5"),
    ("limit", "2.5 percent"): ("value: 3.0", "value: 2.5"),
    ("limit", "25e-1"): ("value: 3.0", "value: 25.0e-1"),
    ("limit", "2.5%"): ("value: 3.0", "value: 2.5"),
    ("floor", "0.2"): ("value: 0.1  ", "value: 0.2  "),
    ("scale.WILD.SHORT", "0"): ("SHORT: 0.25", "SHORT: 0"),
    ("scale.WILD", "{LONG: 0.5, SHORT: 0.5}"): ("{LONG: 0.5, SHORT: 0.25}", "{LONG: 0.5, SHORT: 0.5}"),
    ("house", "theirs, not ours"): ("value: ours", 'value: "theirs, not ours"'),
    ("house", "no"): ("value: ours", 'value: "no"'),
    ("open", "false"): ("value: true", "value: false"),
    ("usual", "WILD"): ("value: CALM", "value: WILD"),
    ("lots.b.c", "3"): ("b.c: 2", "b.c: 3"),
    ("lots.new", "3"): ("b.c: 2}", "b.c: 2, new: 3}"),
    ("lots.c.d", "3"): ("b.c: 2}", 'b.c: 2, "c.d": 3}'),
    ("moods.wild.then.size.times", "0.75"): ("times: 0.5", "times: 0.75"),
}


@pytest.mark.parametrize(("name", "value"), SET)
def test_only_the_value_changes(name: str, value: str, flyball: Flyball, pack: Path) -> None:
    old, new = SET[name, value]
    assert PACK.count(old) == 1
    assert put(flyball, pack, name, value) == PACK.replace(old, new)


def test_a_cell_is_quoted_where_it_must_be(flyball: Flyball, pack: Path) -> None:
    """Rows that meet at a border are set together: one alone would leave a gap."""
    rows = ("moods.low.pnl", "< -2"), ("moods.calm.pnl", ">= -2"), ("moods.wild.pnl", ">= -2")
    ended = flyball("set", "guard.moods.calm.pnl", "> -1", "--rules", str(pack.parent.parent))
    assert ended.code == 1 and "error[FB402]" in ended.out and "nothing was written" in ended.out
    assert pack.read_text() == PACK
    together = [word for name, value in rows[1:] for word in (f"guard.{name}", value)]
    text = put(flyball, pack, *rows[0], *together)
    assert text == PACK.replace("< -1", "< -2").replace(">= -1", ">= -2")


def test_why(flyball: Flyball, pack: Path) -> None:
    text = put(flyball, pack, "limit", "2.5", "--why", "Since March: tighter")
    assert text == PACK.replace("value: 3.0", "value: 2.5").replace("Stops the desk", '"Since March: tighter"')
    assert 'why: "Lower"\n' in put(flyball, pack, "floor", "0.2", "--why", "Lower")


@pytest.mark.parametrize("name", ["limit", "floor"])
def test_a_why_that_was_not_there(name: str, flyball: Flyball, pack: Path) -> None:
    bare = PACK.replace(", why: Stops the desk", "").replace("    why: 'Below, nothing happens'\n", "")
    pack.write_text(bare)
    text = put(flyball, pack, name, "0.3", "--why", "Because")
    added = {"limit": "{why: Because, value: 0.3", "floor": "    why: Because\n    value: 0.3  "}[name]
    assert added in text and flyball("lint", str(pack)).out.count("FB502") == 1


def test_bytes_that_stay(flyball: Flyball, pack: Path) -> None:
    """A byte-order mark, CRLF, and characters of several bytes before the value."""
    data = "\ufeff" + PACK.replace("why: Today", "why: Öffnung → Schluß").replace("\n", "\r\n")
    pack.write_bytes(data.encode())
    put(flyball, pack, "limit", "2.5", "--why", "Geprüft")
    wanted = data.replace("value: 3.0", "value: 2.5").replace("Stops the desk", "Geprüft")
    assert pack.read_bytes() == wanted.encode()


REFUSED = {
    ("limit", "25"): (1, "error[FB314]: `25` is outside of [0.1, 20]"),
    ("limit", "high"): (1, "error[FB305]: a number in percent is expected here"),
    ("limit", "0.05"): (1, "outside of"),
    ("floor", "4"): (1, "error[FB407]: `floor_below` does not hold"),
    ("usual", "WILDE"): (1, "error[FB309]: Mood has no member `WILDE`"),
    ("open", "3"): (1, "error[FB305]"),
    ("limit", "2 usd"): (2, "`limit` is in percent, and not in `usd`"),
    ("limt", "2"): (2, "no parameter or cell `limt`; did you mean `limit`?"),
    ("lots.new", "300"): (1, "error[FB314]: `300` is outside of [0, 100]"),
    ("lot.new", "3"): (2, "no parameter or cell `lot.new`; did you mean `lots.a`?"),
    ("scale.WILD.LOGN", "2"): (2, "did you mean `scale.WILD.LONG`?"),
    ("moods.wilde.mood", "CALM"): (2, "did you mean `moods.wild.mood`?"),
}


@pytest.mark.parametrize(("name", "value"), REFUSED)
def test_what_does_not_fit_is_not_written(name: str, value: str, flyball: Flyball, pack: Path) -> None:
    code, message = REFUSED[name, value]
    ended = flyball("set", f"guard.{name}", value, "--rules", str(pack.parent.parent))
    assert ended.code == code and message in ended.out + ended.err
    assert pack.read_text() == PACK and [each.name for each in pack.parent.iterdir()] == ["1.0.0.yaml"]


def test_the_same_value_writes_nothing(flyball: Flyball, pack: Path) -> None:
    before = pack.stat().st_mtime_ns
    put(flyball, pack, "limit", "3.0")
    put(flyball, pack, "limit", "3")
    assert pack.read_text() == PACK and pack.stat().st_mtime_ns == before


def test_dry_run(flyball: Flyball, pack: Path) -> None:
    ended = flyball("set", f"{pack}:limit", "2.5", "--dry-run")
    assert ended.code == 0 and pack.read_text() == PACK
    assert "~ limit  3 → 2.5 percent  −16.7 %" in ended.out
    assert "\n-  limit: {value: 3.0" in ended.out and "\n+  limit: {value: 2.5" in ended.out
    assert ended.out.endswith(f"would write {pack}\n")


def test_json(flyball: Flyball, pack: Path) -> None:
    found = json.loads(flyball("set", f"{pack}:limit", "2.5", "--format", "json").out)
    assert (found["file"], found["written"], found["new"]) == (str(pack), True, False)
    assert [each["name"] for each in found["changes"]] == ["limit"]


def test_a_released_version_begins_the_next(flyball: Flyball, pack: Path) -> None:
    rules = str(pack.parent.parent)
    flyball("bump", rules, "--release")
    ended = flyball("set", "guard.limit", "2.5", "--why", "Tighter: March", "--rules", rules)
    following = pack.with_name("1.1.0.yaml")
    assert ended.out.endswith(f"wrote {following}, {pack} is released\n")
    wanted = PACK.replace("value: 3.0", "value: 2.5").replace("Stops the desk", '"Tighter: March"')
    wanted = wanted.replace("version: 1.0.0\n", 'version: 1.1.0\nchanges: "limit 3.0 → 2.5: Tighter: March"\n')
    assert (pack.read_text(), following.read_text()) == (PACK, wanted)
    assert flyball("bump", rules, "--check").code == 0
    flyball("set", "guard.limit", "2.0", "--rules", rules)
    wanted = wanted.replace("2.5", "2.0")  # what it says of itself goes with it
    assert following.read_text() == wanted
    assert put(flyball, following, "floor", "0.2") == wanted.replace("value: 0.1 ", "value: 0.2 ")
    ended = flyball("set", "guard@1.0.0.limit", "2.2", "--rules", rules)
    assert ended.code == 2 and "1.1.0.yaml is there already" in ended.err


def test_a_withdrawn_version_is_not_built_upon(flyball: Flyball, pack: Path) -> None:
    rules = pack.parent.parent
    flyball("bump", str(rules), "--release")
    assert put(flyball, pack, "limit", "2.5") == PACK
    flyball("bump", str(rules), "--release")
    lock = rules / "lock.yaml"
    lock.write_text(lock.read_text().replace("  1.1.0:\n", "  1.1.0:\n    yanked: Too tight\n"))
    assert put(flyball, pack, "floor", "0.2") == PACK
    assert "value: 3.0" in pack.with_name("1.2.0.yaml").read_text()
    assert flyball("bump", str(rules), "--check").code == 0


def test_a_file_that_cannot_be_written(flyball: Flyball, pack: Path) -> None:
    pack.chmod(0o444)
    ended = flyball("set", f"{pack}:limit", "2.5")
    assert ended.code == 2 and f"{pack} is read-only and is left as it is" in ended.err
    assert pack.read_text() == PACK


def test_a_file_that_an_editor_changed_meanwhile(flyball: Flyball, pack: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    replace = writing.replace

    def late(path: Path, before: bytes | None, after: bytes) -> None:
        pack.write_text(PACK + "# an editor was here\n")
        replace(path, before, after)

    monkeypatch.setattr(writing, "replace", late)
    ended = flyball("set", f"{pack}:limit", "2.5")
    assert ended.code == 2 and "was changed by another program meanwhile" in ended.err
    assert pack.read_text() == PACK + "# an editor was here\n"


def test_a_file_with_a_merge_conflict(flyball: Flyball, pack: Path) -> None:
    text = PACK.replace("pack: guard\n", "<<<<<<< HEAD\npack: guard\n=======\npack: other\n>>>>>>> theirs\n")
    pack.write_text(text)
    for command in (["set", f"{pack}:limit", "2.5"], ["diff", str(pack), str(pack)]):
        ended = flyball(*command)
        assert ended.code == 2 and "keep what is right of both sides" in ended.err
    assert pack.read_text() == text


CANNOT_START = {
    "good.yaml:loss_limit": "each name needs a value",
    "good.yaml:loss_limit 2 intents.yaml:limit 3": "values of one pack at a time",
    "limit 2": "is no PACK.NAME",
    "guad.yaml:limit 2": "no file guad.yaml",
    "orchestratr.base_risk_pct 0.8": "did you mean `orchestrator`?",
    "orchestrator.base_risk_pct 0.8": "is a pack that Flyball ships",
}


@pytest.mark.parametrize("arguments", CANNOT_START)
def test_what_cannot_start_says_why(arguments: str, flyball: Flyball) -> None:
    ended = flyball("set", *arguments.split())
    assert ended.code == 2 and CANNOT_START[arguments] in ended.err


def test_a_cell_has_no_why(flyball: Flyball, pack: Path) -> None:
    ended = flyball("set", f"{pack}:moods.wild.then.size.times", "0.75", "--why", "Tighter")
    assert ended.code == 2 and "has no `why`" in ended.err


@pytest.mark.parametrize("as_file", [True, False])
def test_installed_packs_are_left_alone(
    flyball: Flyball, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, as_file: bool
) -> None:
    """Also in an environment below the working folder."""
    rules = tmp_path / "lib" / "site-packages" / "flyball" / "rules"
    path = rules / "guard" / "1.0.0.yaml"
    path.parent.mkdir(parents=True)
    path.write_text(PACK)
    monkeypatch.setattr("flyball.loaders.lookup.SHIPPED", rules)
    monkeypatch.chdir(tmp_path)
    result = flyball("set", f"{path}:limit" if as_file else "guard.limit", "2.5")
    assert result.code == 2
    assert "is a pack that Flyball ships; copy" in result.err
    assert path.read_text() == PACK


def test_a_checkout_is_edited(flyball: Flyball, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "rules" / "guard" / "1.0.0.yaml"
    path.parent.mkdir(parents=True)
    path.write_text(PACK)
    monkeypatch.setattr("flyball.loaders.lookup.SHIPPED", tmp_path / "rules")
    monkeypatch.chdir(tmp_path)
    assert flyball("set", f"{path}:limit", "2.5").code == 0
    assert "limit: {value: 2.5," in path.read_text()


# Parameters of the packs that a policy uses


POLICY = """\
language: 1
policy: guard
version: 1.0.0
use:
  main: {pack: guard@^1, why: Losses first}   # of the desk
  other:
    pack: guard@^1
    # what it may lose
    parameters:
      limit: {value: 2.0, why: Young book}   # since May
    why: A second look
outputs:
  allow: {type: boolean, start: main.allow and other.allow, safe: false}
"""


@pytest.fixture
def policy(flyball: Flyball, pack: Path) -> Path:
    path = pack.parents[2] / "policies" / "guard" / "policy.yaml"
    path.parent.mkdir(parents=True)
    path.write_text(POLICY)
    assert flyball("update", str(path)).code == 0
    return path


SET_IN_POLICY = {
    ("other.limit", "1.5 percent"): ("limit: {value: 2.0, why: Young book}", "limit: {value: 1.5, why: Lower}"),
    ("main.limit", "1.5"): ("guard@^1, why: L", "guard@^1, parameters: {limit: {value: 1.5, why: Lower}}, why: L"),
    ("main.house", "no"): ("guard@^1, why: L", 'guard@^1, parameters: {house: {value: "no", why: Lower}}, why: L'),
    ("main.scale.WILD.SHORT", "0.125"): (
        "guard@^1, why: L",
        "guard@^1, parameters: {scale: {values: {CALM: {LONG: 1.0, SHORT: 1.0}, WILD: {LONG: 0.5, SHORT: 0.125}},"
        " why: Lower}}, why: L",
    ),
    ("main.lots.b.c", "3"): (
        "guard@^1, why: L",
        'guard@^1, parameters: {lots: {values: {a: 1, "b.c": 3}, why: Lower}}, why: L',
    ),
    ("main.lots.new", "3"): (
        "guard@^1, why: L",
        'guard@^1, parameters: {lots: {values: {a: 1, "b.c": 2, new: 3}, why: Lower}}, why: L',
    ),
    ("other.usual", "WILD"): ("# since May\n", "# since May\n      usual: {value: WILD, why: Lower}\n"),
}


@pytest.mark.parametrize(("name", "value"), SET_IN_POLICY)
def test_a_policy_sets_a_parameter_of_a_pack(name: str, value: str, flyball: Flyball, policy: Path) -> None:
    """A pack and the policy have one name; what is set tells which of them is meant."""
    old, new = SET_IN_POLICY[name, value]
    assert POLICY.count(old) == 1
    lock = policy.with_name("lock.yaml").read_bytes()
    ended = flyball("set", f"guard.{name}", value, "--why", "Lower", "--rules", str(policy.parents[2] / "rules"))
    assert ended.code == 0 and f"{'+' if 'new' in name else '~'} {name}" in ended.out and "why: Lower" in ended.out, (
        ended
    )
    assert policy.read_text() == POLICY.replace(old, new)
    assert policy.with_name("lock.yaml").read_bytes() == lock and flyball("lint", str(policy)).code == 0


def test_several_members_that_a_policy_did_not_set(flyball: Flyball, policy: Path) -> None:
    settings = ["main.scale.WILD.SHORT", "0.125", "main.scale.WILD.LONG", "0.75", "other.limit", "1.5"]
    named = [f"{policy.parent}:{each}" if place % 2 == 0 else each for place, each in enumerate(settings)]
    assert flyball("set", *named, "--why", "Lower").code == 0
    assert "WILD: {LONG: 0.75, SHORT: 0.125}}, why: Lower}}" in policy.read_text()
    assert "limit: {value: 1.5, why: Lower}" in policy.read_text()


@pytest.mark.parametrize("text", [POLICY, POLICY.replace("\n", "\r\n"), "\ufeff" + POLICY])
def test_bytes_of_a_policy_that_stay(text: str, flyball: Flyball, policy: Path) -> None:
    policy.write_bytes(text.encode())
    assert flyball("set", f"{policy}:other.usual", "WILD", "--why", "Über").code == 0
    break_ = "\r\n" if "\r" in text else "\n"
    wanted = text.replace(f"May{break_}", f"May{break_}      usual: {{value: WILD, why: Über}}{break_}")
    assert policy.read_bytes() == wanted.encode()


REFUSED_IN_POLICY = {
    ("main.limit", "25", "Lower"): (1, "error[FB314]: `25` is outside of [0.1, 20]"),
    ("other.limit", "0.05", "Lower"): (1, "outside of [0.1, 20]"),
    ("main.floor", "4", "Lower"): (1, "error[FB407]: `main.floor_below` does not hold"),
    ("main.limit", "2.5", ""): (2, "`main.limit` has the pack's own value so far; say with --why"),
    ("main.limit", "2 usd", "Lower"): (2, "`main.limit` is in percent, and not in `usd`"),
    ("main.limt", "2", "Lower"): (2, "no parameter or cell `main.limt`; did you mean `main.limit`?"),
    ("mian.limit", "2", "Lower"): (2, "no parameter or cell `mian.limit`; did you mean `main.limit`?"),
    ("main.scale.WILD.LOGN", "2", "Lower"): (2, "`main.scale` has no member `WILD.LOGN`; did you mean `WILD.LONG`?"),
    ("other.limit.x", "2", "Lower"): (2, "no parameter or cell `other.limit.x`; did you mean `other.limit`?"),
}


@pytest.mark.parametrize(("name", "value", "why"), REFUSED_IN_POLICY)
def test_what_does_not_fit_a_policy_is_not_written(
    name: str, value: str, why: str, flyball: Flyball, policy: Path
) -> None:
    code, message = REFUSED_IN_POLICY[name, value, why]
    rules = str(policy.parents[2] / "rules")
    ended = flyball("set", f"guard.{name}", value, *(["--why", why] if why else []), "--rules", rules)
    assert ended.code == code and message in ended.out + ended.err
    assert policy.read_text() == POLICY


def test_a_policy_is_checked_under_its_lock(flyball: Flyball, policy: Path, pack: Path) -> None:
    """A pack that changed since the policy was locked is said, as by every other command."""
    pack.write_text(PACK.replace("value: 3.0", "value: 3.5"))
    ended = flyball("set", f"{policy}:main.limit", "2.5", "--why", "Lower")
    assert ended.code == 2 and "error[FB821]" in ended.err and policy.read_text() == POLICY
    assert flyball("update", str(policy)).code == 0
    ended = flyball("set", f"{policy}:main.limit", "2.5", "--why", "Lower")
    assert ended.code == 0 and "~ main.limit  3.5 → 2.5 percent" in ended.out


def test_a_name_of_both_is_named_by_its_file(flyball: Flyball, policy: Path) -> None:
    policy.write_text(POLICY.replace("main", "limit"))
    ended = flyball("set", "guard.limit.limit", "2", "--why", "Lower", "--rules", str(policy.parents[2] / "rules"))
    assert ended.code == 2 and "`limit` stands in " in ended.err and "FILE:NAME" in ended.err


def test_shipped_policies_are_left_alone(flyball: Flyball) -> None:
    ended = flyball("set", "orchestrator.stability.policy_update_interval", "20", "--why", "Slower")
    assert ended.code == 2 and "is a policy that Flyball ships; copy" in ended.err


@pytest.mark.parametrize(
    ("values", "after"),
    [
        ("{}", "{new: 2}"),
        ("{a: 1}  # as ever", "{a: 1, new: 2}  # as ever"),
        (
            "\n      a: 1  # first\n      # last\n      b: 3",
            "\n      a: 1  # first\n      # last\n      b: 3\n      new: 2",
        ),
    ],
)
def test_an_entry_more(values: str, after: str, flyball: Flyball, pack: Path) -> None:
    start = PACK.index("  lots:")
    entry = (
        "  lots:\n    by: text\n    type: integer\n    max_items: 3\n    why: Per name\n    values: " + values + "\n"
    )
    before = PACK.replace(PACK[start : PACK.index("requires:")], entry)
    pack.write_text(before)
    assert put(flyball, pack, "lots.new", "2") == before.replace(values, after)


def test_an_optional_field_comes_by_its_name_and_goes_with_the_whole(flyball: Flyball, pack: Path) -> None:
    terms = "Terms: {type: record, fields: {most: {type: number}, note: {type: text, optional: true}}}"
    before = PACK.replace("types:\n", f"types:\n  {terms}\n").replace(
        "requires:\n", "  terms: {type: Terms, value: {most: 3}, why: Agreed}\nrequires:\n"
    )
    pack.write_text(before.replace("start: open,", "start: open and present(terms.note),"))
    start = pack.read_text()
    assert put(flyball, pack, "terms.note", "new") == start.replace("{most: 3}", "{most: 3, note: new}")
    assert put(flyball, pack, "terms", "{most: 3}") == start
    ended = flyball("set", f"{pack}:terms.notes", "new")
    assert ended.code == 2 and "no parameter or cell `terms.notes`" in ended.err
