from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

import flyball
from flyball.engine.diagnostics import Diagnostic
from flyball.engine.source import Source
from flyball.loaders.pack_schema import _READERS, LATER, SCHEMAS, Kind, check
from flyball.loaders.yaml_tree import parse

HEAD = "language: 1\npack: guard\nversion: 1.0.0\n"
RULES = Path(flyball.__path__[0]) / "rules"

GOOD = """\
language: 1
pack: guard
version: 1.0.0
title: Guard
summary: Scales risk down.
notes: Nothing to add.
import: [trading@1, desk@1.2.0]
enabled: false
why: Being rewritten
deprecated: use guard_two
types:
  Tag: [GOOD, NEUTRAL, BAD]
  Mood: {type: enum, members: [CALM, WILD], why: Of the market}
  Scored: {type: record, key: [symbol, tag], fields: {symbol: {type: text, max_length: 12}, tag: {type: Tag}}}
inputs:
  daily_pnl: {type: number, unit: percent, range: [-100, 1.0e+3], why: Of the session, title: Daily PnL}
  regime: {type: Mood, optional: true, from: Regime}
  plan: {type: document, optional: true, max_bytes: 4096, ignore: ["**.at", note, "a[*].*.b"], unordered: [steps]}
  belief: {by: Mood, type: number, unit: fraction, range: [0, 1]}
  seen: {type: time}
  risk: {type: record, fields: {streak: {type: integer}, deep: {type: record, fields: {x: {type: boolean}}}}}
  symbols:
    type: list
    max_items: 500
    of: {type: record, key: symbol, fields: {symbol: {type: text}, tag: {type: Tag}}}
  names: {type: list, max_items: 5, of: text}
parameters:
  limit: {value: 3.0, unit: percent, range: [0.1, 20], env: GUARD_LIMIT, why: The day ends, was: old_limit}
  streak_limit: {type: integer, value: 5, deprecated: use limit}
  basis: {type: Mood, value: CALM}
  by_mood: {by: Mood, unit: ratio, range: [0, 2], values: {CALM: 1.0, WILD: 0.5}}
requires:
  small: limit < 10
definitions:
  stopped: daily_pnl <= -limit
  zero: 0
  never: false
  grid: {by: [Mood, Mood], type: number, unit: usd, values: {CALM: {CALM: 1, WILD: limit}, WILD: scale}}
  scale: {by: Mood, values: {CALM: 1, WILD: "by_mood[WILD]"}}
  point: {type: Scored, fields: {symbol: s, tag: BAD}, why: An item}
  bad:
    for: s in symbols
    where: s.tag == BAD
    with: {heavy: s.weight > limit}
    order_by: [s.weight, "-s.age if heavy else 0"]
    limit: 10
  pairs: {for: [a in Mood, b in Mood], where: a < b}
  action:
    match: {stopped: stopped, streak: risk.streak}
    hit: first
    type: Mood
    rows:
      idle: {stopped: false, value: missing}
      rest: {value: WILD}
outputs:
  allow: {type: boolean, combine: all, start: true, safe: false}
  max_risk: {type: number, unit: percent, start: "scale[CALM] * 1", within: [0, 5], range: [0, 9], safe: 0, prefer: cap}
  profile: {type: Mood, combine: most_severe, start: CALM, safe: WILD, optional: true, why: For callers, title: Profile}
  blocked: {type: list, of: text, max_items: 500, combine: collect, safe: []}
  tags: {type: list, of: {type: record, fields: {tag: {type: Tag}}}, max_items: 500, combine: collect, safe: []}
  plan: {type: record, fields: {go: {type: boolean}}, start: point, safe: {go: false}}
  scales: {by: Mood, type: number, start: scale, safe: {CALM: 0, WILD: 0}}
  halves: {by: [Mood, Mood], type: number, start: {CALM: scale, WILD: {CALM: 1, WILD: "-limit"}}, safe: 0}
groups:
  hard_stops: {}
  modifiers: {when: not fired.hard_stops, because: A hard stop holds, why: Order}
  idle: {enabled: false, why: Not wanted}
rules:
  daily_loss:
    group: hard_stops
    when: stopped
    then: {allow: false, profile: WILD}
    severity: block
    because: "Daily PnL {{ daily_pnl }} is at or below -{{ limit }}"
    title: Daily loss
    notes: Old
  bad_symbol:
    for: s in bad
    where: s.heavy
    with: {name: s.symbol}
    then: {blocked: name, tags: {tag: s.tag}, plan: {inner: {go: false}}}
    because: {en: "{{ name }} is bad", pt-BR: "{{ name }} é ruim"}
  bound: {then: {max_risk: {cap: limit, floor: 0, times: 0.5, add: "1", set: 2}}, because: Bound}
  asleep: {enabled: false, why: Tried in May, because: Nothing}
tables:
  confidence:
    for: s in symbols
    where: s.tag == BAD
    group: modifiers
    match: {regime: regime, quality: quality}
    hit: unique
    complete: false
    rows:
      supported: {quality: ">= quality_floor", enabled: false}
      weak: {regime: CALM | WILD, quality: 0, then: {profile: WILD}, because: Weak, severity: warning}
examples:
  a_bad_day:
    title: A bad day
    why: The first duty
    given: {now: 2026-01-05T15:00:00Z, Regime: CALM, symbols: [{symbol: AAPL, tag: BAD}]}
    parameters: {limit: 2.5}
    now: 2026-01-05T15:00:00Z
    expect:
      allow: false
      max_risk: 1.0
      status: ok
      reasons: [daily_loss, confidence.weak, max_risk.within]
      absent_reasons: [bad_symbol]
      fired: [daily_loss]
"""

# A snippet that follows HEAD; code, line:column within the snippet, a part of the message, a part of the help.
BAD = [
    ("rulez: {}", "FB201 1:1", "`rulez` is not known here", "did you mean `rules`?"),
    ("rules: {a: {thn: {x: 1}}}", "FB201 1:13", "`thn` is not known here", "did you mean `then`?"),
    ("rules:\n  a:\n    when: x\n    severty: block", "FB201 4:5", "`severty`", "did you mean `severity`?"),
    ("groups: {a: {colour: x}}", "FB201 1:14", "`colour`", "known are `when`, `because`, `why`, `enabled`"),
    ("inputs: {x: {type: number, untt: usd}}", "FB201 1:28", "`untt`", "did you mean `unit`?"),
    ("inputs: {x: {tpe: number}}", "FB201 1:14", "`tpe`", "did you mean `type`?"),
    ("parameters: {x: {value: 1, from: z}}", "FB201 1:28", "`from`", None),
    ("outputs: {x: {type: boolean, sage: true}}", "FB201 1:30", "`sage`", "did you mean `safe`?"),
    ("outputs: {x: {type: text, max_length: 5, safe: a}}", "FB207 1:27", "`max_length`", None),
    ("definitions: {x: {fro: s in xs}}", "FB201 1:19", "`fro`", "did you mean `for`?"),
    ("definitions: {x: {by: Mood, values: {A: 1}, safe: 1}}", "FB201 1:45", "`safe`", "known are"),
    ("tables: {t: {match: {a: a}, rows: {r: {a: 1, value: 2}}}}", "FB201 1:46", "`value`", None),
    ("tables: {t: {match: {a: a}, rows: {r: {a: 1, Bad: 2}}}}", "FB201 1:46", "`Bad`", "did you mean `bad`?"),
    ("rules: {a: {then: {x: {cap: 1, ad: 2}}}}", "FB201 1:32", "`ad`", "did you mean `add`?"),
    ("types: {A: {type: record, fields: {x: {type: text}}, keys: x}}", "FB201 1:54", "`keys`", "did you mean `key`?"),
    ("outputs: {x: {type: boolean}}", "FB202 1:11", "`safe` is missing", "add it"),
    ("inputs:\n  x:\n    unit: usd", "FB202 2:3", "`type` is missing", "add it"),
    ("inputs: {x: {type: list, max_items: 5}}", "FB202 1:10", "`of` is missing", None),
    ("inputs: {x: {type: record}}", "FB202 1:10", "`fields` is missing", None),
    ("parameters: {x: {unit: usd}}", "FB202 1:14", "`value` is missing", None),
    ("parameters: {x: {by: Mood}}", "FB202 1:14", "`values` is missing", None),
    ("parameters: {x: {values: {A: 1}}}", "FB202 1:14", "`by` is missing", None),
    ("definitions: {x: {where: s.bad}}", "FB202 1:15", "`for` is missing", None),
    ("definitions: {x: {match: {a: a}, type: Mood, rows: {r: {a: 1}}}}", "FB202 1:53", "`value` is missing", None),
    ("tables: {t: {match: {a: a}}}", "FB202 1:10", "`rows` is missing", None),
    ("types: {A: {fields: {x: {type: text}}}}", "FB202 1:9", "`type` is missing", None),
    ("rules: {a: {enabled: false}}", "FB202 1:9", "`why` is missing", None),
    ("enabled: false", "FB202 -2:1", "`why` is missing", None),
    ("rules: [a]", "FB203 1:8", "a mapping of rules by id is expected here, not a list", None),
    ("rules: {a: stop}", "FB203 1:12", "a rule is expected here, not text", None),
    ("rules: {a: {when: [x]}}", "FB203 1:19", "an expression is expected here, not a list", "quote an expression"),
    ("title: 12", "FB203 1:8", "text is expected here, not `12`", "quote it"),
    ("import: trading@1", "FB203 1:9", "a list of vocabularies is expected here, not text", None),
    ("rules: {a: {enabled: 1}}", "FB203 1:22", "`true` or `false` is expected here, not `1`", None),
    ("rules: {a: {severity: true}}", "FB203 1:23", "a severity is expected here, not `true`", None),
    ("rules: {a: {because: [x]}}", "FB203 1:22", "text is expected here, not a list", None),
    ("parameters: {x: {value: 1, range: 5}}", "FB203 1:35", "a range `[low, high]` is expected here, not `5`", None),
    ("rules: {a: {when: null}}", "FB203 1:19", "an expression is expected here, not nothing", None),
    ("inputs: {x: {type: 5}}", "FB203 1:20", "a type is expected here, not `5`", None),
    ("parameters: {x: {value: 1, range: [0, a]}}", "FB203 1:39", "a number is expected here, not text", None),
    ("inputs: {x: {type: list, of: text, max_items: 2.5}}", "FB203 1:47", "a whole number is expected here", None),
    ("inputs: {x: {type: [text]}}", "FB203 1:20", "a type is expected here, not a list", None),
    ("inputs: {x: {type: list, max_items: 5, of: [text]}}", "FB203 1:44", "a type is expected here, not a list", None),
    ("types: {A: BAD}", "FB203 1:12", "a list of members or a record is expected here, not text", None),
    ("types: {A: [1]}", "FB203 1:13", "a member of an enum is expected here, not `1`", None),
    ("definitions: {x: [a]}", "FB203 1:18", "an expression or a block is expected here, not a list", None),
    ("examples: {e: {expect: [a]}}", "FB203 1:24", "an expectation is expected here, not a list", None),
    ("rules: {a: {severity: warn}}", "FB204 1:23", "`warn` is not allowed here", "did you mean `warning`?"),
    ("rules: {a: {severity: fatal}}", "FB204 1:23", "`fatal` is not allowed here", "severities are `info`"),
    ("rules: {losing-streak: {}}", "FB204 1:9", "`losing-streak` is not allowed here", "did you mean `losing_streak`?"),
    ("rules: {DailyLoss: {}}", "FB204 1:9", "`DailyLoss`", "did you mean `daily_loss`?"),
    ('rules: {"x\\n": {}}', "FB204 1:9", "`x\n`", "did you mean `x`?"),
    ("types: {drawdown_tag: [A]}", "FB204 1:9", "`drawdown_tag`", "did you mean `DrawdownTag`?"),
    ("types: {A: [B-C]}", "FB204 1:13", "`B-C`", "did you mean `B_C`?"),
    ("types: {A: {type: list}}", "FB204 1:19", "`list`", "a named type is an `enum` or a `record`"),
    ("inputs: {x: {type: bool}}", "FB204 1:20", "`bool`", "did you mean `boolean`?"),
    ("inputs: {x: {type: float}}", "FB204 1:20", "`float`", "types are `number`"),
    (
        "inputs: {x: {type: boolean, unit: usd}}",
        "FB204 1:29",
        "`unit`",
        "`unit`, `range`, `within` and `prefer` go with",
    ),
    (
        "inputs: {x: {type: number, max_items: 5}}",
        "FB204 1:28",
        "`max_items`",
        "goes with the type `list` and with `by: text`",
    ),
    ("inputs: {x: {type: number, max_length: 5}}", "FB204 1:28", "`max_length`", "goes with the type `text`"),
    ("inputs: {x: {type: number, fields: {z: {type: text}}}}", "FB204 1:28", "`fields`", "the type `record`"),
    ("inputs: {x: {type: list, of: text, max_items: 0}}", "FB204 1:47", "`0`", "at least 1"),
    ("parameters: {x: {by: Mood, value: 1}}", "FB204 1:28", "`value`", "either `value`, or `by` with `values`"),
    ("parameters: {x: {value: 1, env: my_limit}}", "FB204 1:33", "`my_limit`", "did you mean `MY_LIMIT`?"),
    ("import: [trading]", "FB204 1:10", "`trading`", "a vocabulary is written with its version"),
    ("outputs: {x: {type: number, combine: sum, safe: 0}}", "FB204 1:38", "`sum`", "effects combine by"),
    ("rules: {a: {because: {english: x}}}", "FB204 1:23", "`english`", "a language code is written such as `en`"),
    ("examples: {e: {expect: {status: okay}}}", "FB204 1:33", "`okay`", "did you mean `ok`?"),
    ("examples: {e: {expect: {reasons: ['.']}}}", "FB204 1:35", "`.`", "such an id is"),
    ("parameters: {x: {value: 1, range: [1]}}", "FB205 1:35", "exactly 2 items must stand here, not 1", None),
    ("parameters: {x: {value: 1, range: [1, 2, 3]}}", "FB205 1:35", "exactly 2 items must stand here, not 3", None),
    ("types: {A: []}", "FB205 1:12", "at least 1 item must stand here, not 0", None),
    ("types: {A: [B, C, B]}", "FB205 1:19", "`B` is listed twice", "remove one of the two"),
    ("tables: {t: {match: {a: a}, rows: {}}}", "FB205 1:35", "at least 1 entry must stand here, not 0", None),
    ("definitions: {x: {for: [a in A, b in B, c in C]}}", "FB205 1:24", "at most 2 items must stand here, not 3", None),
    ("inputs: {x: {type: number, unit: ''}}", "FB205 1:34", "an empty text", None),
    ("arbitration: {}", "FB201 1:1", "`arbitration` is not known here", "only a policy has it"),
    ("migrate: {}", "FB202 1:1", "`from` is missing", None),
    ("migrate: 1.0.0", "FB203 1:10", "a migration or a list of them", None),
    ("migrate: []", "FB205 1:10", "at least 1 item must stand here, not 0", None),
    ("migrate: [1.0.0]", "FB203 1:11", "a migration is expected here, not text", None),
    ("migrate: [{definitions: {a: {was: b}}}]", "FB202 1:12", "`from` is missing", None),
    ("migrate: {from: 1.0}", "FB203 1:17", "a version or a list of versions", None),
    ("migrate: {from: []}", "FB205 1:17", "at least 1 item must stand here, not 0", None),
    ("migrate: {from: [1.0.0, v2]}", "FB204 1:25", "`v2`", "a version is three numbers"),
    ("migrate: {from: 1.0.0, rules: {a: {was: b}}}", "FB201 1:24", "`rules`", "known are"),
    ("migrate: {from: 1.0.0, outputs: {a: {}}}", "FB205 1:37", "at least 1 entry", None),
    ("migrate: {from: 1.0.0, outputs: {a: {dropped: ''}}}", "FB205 1:47", "an empty text", None),
    ("emits: order", "FB204 1:8", "`order`", "did you mean `Order`?"),
    ("intents: {a: {emit: {x: 1}, because: B}}", "FB202 1:11", "`exposure` is missing", None),
    ("intents: {a: {exposure: reduce, emit: {x: 1}, because: B}}", "FB204 1:25", "`reduce`", "did you mean `reduces`?"),
    ("types: {A: {type: record, fields: {x: {type: text}}, intent: {ov: x}}}", "FB201 1:63", "`ov`", None),
    ("inputs: {x: {type: number, age: {of: z}}}", "FB202 1:28", "`limit`", None),
    ("outputs: {x: {type: document, safe: 0}}", "FB207 1:21", "`type: document`", None),
    ("parameters: {x: {type: document, value: 0}}", "FB207 1:24", "`type: document`", None),
    ("inputs: {x: {type: document, unordered: ['a[0]']}}", "FB204 1:42", "`a[0]`", None),
    ("inputs: {x: {type: document, ignore: ['*.']}}", "FB204 1:39", "`*.`", "a path is steps joined by dots"),
    ("inputs: {x: {type: text, unordered: [a]}}", "FB204 1:26", "`unordered`", "go with the type `document`"),
    ("inputs: {x: {type: document, unit: s}}", "FB204 1:30", "`unit`", "go with"),
    ("inputs: {x: {type: number, by: text}}", "FB202 1:10", "`max_items` is missing", None),
    ("parameters: {x: {by: text, values: {}}}", "FB202 1:14", "`max_items` is missing", None),
    ("parameters: {x: {type: list, of: text, value: []}}", "FB202 1:14", "`max_items` is missing", None),
    ("inputs: {x: {type: number, by: text, max_items: [1]}}", "FB205 1:49", "exactly 2 items must stand here", None),
    ("inputs: {x: {type: number, by: [A]}}", "FB205 1:32", "exactly 2 items must stand here, not 1", None),
    ("inputs: {x: {type: number, by: [A, text]}}", "FB204 1:36", "`text`", None),
    ("parameters: {x: {value: [{from: '2026-01-01', value: 3, to: 4}]}}", "FB201 1:57", "`to`", "known are `from`"),
    ("rules: {a: {for: s in xs, order: [s.x]}}", "FB201 1:27", "`order`", "did you mean `order_by`?"),
    ("examples: {e: {state: {peak: 1}}}", "FB201 1:24", "`peak`", "known are `now`, `step`, `definitions`"),
    ("examples: {e: {steps: [{state: {}}]}}", "FB201 1:25", "`state`", None),
    ("examples: {e: {steps: []}}", "FB205 1:23", "at least 1 item must stand here, not 0", None),
    ("examples: {e: {steps: {}}}", "FB203 1:23", "a list of steps", None),
    ("examples: {e: {steps: [{then: 1}]}}", "FB201 1:25", "`then`", "known are"),
    ("examples: {e: {steps: [{now: []}]}}", "FB203 1:30", "a time such as", None),
    ("examples: {e: {expect: {intents: {}}}}", "FB203 1:34", "a list of intents", None),
]

BAD_HEADS = [
    ("- language", "FB203 1:1", "a pack is expected here, not a list"),
    ("just text", "FB203 1:1", "a pack is expected here, not text"),
    ("pack: a\nversion: 1.0.0", "FB202 1:1", "`language` is missing"),
    ("language: 1\npakc: a\nversion: 1.0.0", "FB201 2:1", "`pakc` is not known here"),
    ("language: 1\npolicy: a\nversion: 1.0.0", "FB201 2:1", "`policy` is not known here"),
    ("language: 2\npack: a\nversion: 1.0.0", "FB206 1:11", "reads language 1, the file is written in 2"),
    ("language: one\npack: a\nversion: 1.0.0", "FB203 1:11", "the language version is expected here, not text"),
    ("language: 1\npack: My Pack\nversion: 1.0.0", "FB204 2:7", "`My Pack` is not allowed here"),
    ("language: 1\npack: a\nversion: 1.0", "FB203 3:10", "a version such as `1.0.0` is expected here, not `1.0`"),
    ("language: 1\npack: a\nversion: '1.0'", "FB204 3:10", "`1.0` is not allowed here"),
]

VOCABULARY = (
    "language: 1\nvocabulary: trading\nversion: 1.0.0\ntypes: {A: [B], C: {type: record, fields: {a: {type: A}}}}\n"
)


KINDS: tuple[Kind, ...] = ("pack", "vocabulary", "policy", "lock")


def findings(text: str, kind: Kind = "pack") -> list[Diagnostic]:
    document, unreadable = parse(Source("pack.yaml", text))
    assert document is not None
    assert not unreadable
    return check(document, kind)


def told(finding: Diagnostic, lines_before: int = 0) -> str:
    assert finding.span is not None
    line, column = finding.span.position
    return f"{finding.code} {line - lines_before}:{column}"


def test_every_construct_of_the_language_is_read() -> None:
    assert findings(GOOD) == []


@pytest.mark.parametrize("path", sorted(RULES.glob("*/*.yaml")), ids=lambda path: path.parent.name)
def test_shipped_files_have_the_right_shape(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    kind: Kind = "vocabulary" if re.search("^vocabulary:", text, re.MULTILINE) else "pack"
    assert findings(text, kind) == []


@pytest.mark.parametrize(("snippet", "where", "message", "advice"), BAD, ids=[row[0] for row in BAD])
def test_one_mistake_is_one_finding(snippet: str, where: str, message: str, advice: str | None) -> None:
    [finding] = findings(HEAD + snippet)
    assert told(finding, HEAD.count("\n")) == where
    assert message in finding.message
    assert advice is None or advice in (finding.help or "")


@pytest.mark.parametrize(("text", "where", "message"), BAD_HEADS, ids=[row[0] for row in BAD_HEADS])
def test_one_mistake_in_the_head_is_one_finding(text: str, where: str, message: str) -> None:
    [finding] = findings(text)
    assert told(finding) == where
    assert message in finding.message


def test_all_mistakes_are_found_in_the_order_of_the_file() -> None:
    found = findings(HEAD + "rules:\n  a: {thn: 1, severity: warnin}\n  B: []\narbitration: {}\n")
    assert [told(finding, 3) for finding in found] == [
        "FB201 2:7",
        "FB204 2:25",
        "FB204 3:3",
        "FB203 3:6",
        "FB201 4:1",
    ]


@pytest.mark.parametrize(("place", "key"), [(place, key) for place, keys in LATER.items() for key in sorted(keys)])
def test_what_is_not_run_yet_is_known_to_no_schema(place: str, key: str) -> None:
    [schema] = [part for part in subschemas(load("pack")) if part.get("title") == place and "properties" in part]
    assert key not in schema["properties"]


BAD_POLICIES = [
    ("use: {}", "FB205 4:6", "at least 1 entry must stand here, not 0"),
    ("use: {a: {}}", "FB202 4:7", "`pack` is missing"),
    ("use: {a: {pack: kill}}", "FB204 4:17", "`kill` is not allowed here"),
    ("use: {a: {pack: kill@1, inptus: {}}}", "FB201 4:25", "`inptus` is not known here"),
    ("use: {a: {pack: kill@1, parameters: {x: {value: 1}}}}", "FB202 4:38", "`why` is missing"),
    ("use: {a: {pack: kill@1, parameters: {x: {why: W}}}}", "FB202 4:38", "`value` is missing"),
    ("use: {a: {pack: kill@1, parameters: {x: {value: 1, values: {A: 1}, why: W}}}}", "FB204 4:42", "`value`"),
    ("use: {a: {pack: kill@1, on_fault: stop}}", "FB204 4:35", "`stop` is not allowed here"),
    ("use: {a: {pack: kill@1}}\ntolerates: [a]", "FB203 5:12", "a mapping of texts by used pack is expected here"),
]


@pytest.mark.parametrize(("text", "where", "message"), BAD_POLICIES, ids=[row[0] for row in BAD_POLICIES])
def test_one_mistake_in_a_policy_is_one_finding(text: str, where: str, message: str) -> None:
    [finding] = findings(f"language: 1\npolicy: desk\nversion: 1.0.0\n{text}", "policy")
    assert told(finding) == where
    assert message in finding.message


def test_a_lock_holds_versions_and_hashes() -> None:
    entry = f"{{version: 1.0.0, hash: sha256:{'a' * 64}}}"
    assert findings(f"language: 1\nlock: desk\npacks: {{kill@^1: {entry}}}", "lock") == []
    [finding] = findings("language: 1\nlock: desk\npacks: {kill@^1: {version: 1.0.0, hash: abc}}", "lock")
    assert told(finding) == "FB204 3:41"


def test_vocabularies_hold_types_and_nothing_else() -> None:
    assert findings(VOCABULARY, "vocabulary") == []
    [finding] = findings(VOCABULARY + "rules: {}\n", "vocabulary")
    assert told(finding) == "FB201 5:1"


def test_a_vocabulary_is_no_pack() -> None:
    assert {"`vocabulary` is not known here", "`pack` is missing"} == {found.message for found in findings(VOCABULARY)}


def load(kind: Kind) -> dict[str, Any]:
    schema = json.loads((SCHEMAS / f"{kind}.schema.json").read_text(encoding="utf-8"))
    assert isinstance(schema, dict)
    return schema


def subschemas(schema: object) -> Iterator[dict[str, Any]]:
    """Every schema within a schema, itself included."""
    if not isinstance(schema, dict):
        return
    yield schema
    for keyword, part in schema.items():
        if keyword in ("properties", "patternProperties", "$defs"):
            parts = list(part.values())
        else:
            parts = part if isinstance(part, list) else [part]
        for child in parts:
            yield from subschemas(child)


@pytest.mark.parametrize("kind", KINDS)
def test_schemas_are_valid(kind: Kind) -> None:
    Draft202012Validator.check_schema(load(kind))


@pytest.mark.parametrize("kind", KINDS)
def test_every_property_is_described(kind: Kind) -> None:
    for schema in subschemas(load(kind)):
        for name, part in schema.get("properties", {}).items():
            assert part.get("description"), f"{schema.get('title')}: {name}"


def test_every_keyword_of_the_schema_has_its_wording() -> None:
    silent = {"$schema", "$defs", "$ref", "title", "description", "allOf", "if", "then", "else"}
    silent |= {"properties", "patternProperties", "propertyNames", "items"}
    silent.add("contains")  # stands in an `if` alone
    used = {keyword for kind in KINDS for part in subschemas(load(kind)) for keyword in part}
    assert used - silent == set(_READERS)


def test_what_may_be_of_a_wrong_kind_has_a_name() -> None:
    """Messages call a place by its schema's title."""
    for kind in KINDS:
        for schema in load(kind).get("$defs", {}).values():
            assert schema.get("title"), schema
