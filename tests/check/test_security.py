"""No expression, reason, cell or name reaches Python: each attempt is a finding, and none of them an exception."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from _pytest.mark.structures import ParameterSet

import flyball
from flyball.loaders.packs import LoadedPack, load_bytes

Table = dict[str, list[str]]

PACK = """\
language: 1
pack: guard
version: 1.0.0
types:
  Regime: [CALM, WILD]
inputs:
  x: {type: number}
  k: {type: integer}
  ok: {type: boolean}
  regime: {type: Regime}
  names: {type: list, of: text, max_items: 9}
  symbols: {type: list, max_items: 9, of: {type: record, fields: {symbol: {type: text}, size: {type: number}}}}
parameters:
  scale: {by: Regime, range: [0, 2], why: Half size when it moves, values: {CALM: 1, WILD: 0.5}}
definitions:
  trick: DEFINITION
outputs:
  size: {type: number, start: 1, safe: 0}
rules:
  loud:
    when: ok
    then: {size: {times: "scale[regime]"}}
    because: BECAUSE
tables:
  by_size:
    match: {x: x}
    hit: first
    rows:
      small: {x: CELL}
"""

REMARK = """\
language: 1
pack: guard
version: 1.0.0
inputs:
  x: {type: number}
  xs: {type: list, of: number, max_items: 9}
definitions:
  most: max(xs)
rules:
  remark:
    when: x > 0
    because: PROSE
"""


def load(definition: str = "1", because: str = "Loud", cell: str = "< 1") -> LoadedPack:
    def quoted(text: str) -> str:
        return "|-\n        " + text.replace("\n", "\n        ")

    text = PACK.replace("DEFINITION", quoted(definition)).replace("BECAUSE", quoted(because))
    return load_bytes(text.replace("CELL", json.dumps(cell)).encode(), "guard.yaml")


def errors(loaded: LoadedPack) -> list[str]:
    return [finding.code for finding in loaded.findings if finding.severity == "error"]


EXPRESSIONS: Table = {
    "FB301": [
        "__class__", "__builtins__", "__import__", "Regime", "fired", "out", "before", "before.size", "min", "eval",
        "min.__globals__", "default.__globals__", "present.__call__", "fired.__class__", "fired.loud.__class__",
        "fired.by_size.__class__", "out.__dict__", "out.__class__", "count([s.__class__ for s in symbols])",
        "[s.__init__ for s in symbols]", "[s for s in symbols if s.__dict__]", "first(symbols).__class__", "eval(x)",
        "exec(x)", "open(x)", "print(x)", "getattr(x, k)", "globals()", "vars()", "type(x)", "__import__(x)",
        "breakpoint()", "compile(x, x, x)", "super()", "present(__import__)",
        "any([eval(s.symbol) for s in symbols])",
    ],
    # an attribute or item of what has none, and what nothing gives a type
    "FB305": [
        "x.__class__", "x.__init__", "x.real", "k.bit_length", "regime.__class__", "regime.name", "names.append",
        "symbols.__class__", "true.__class__", "now.year", "[].append", "[x].append", "scale.__class__",
        "[s.symbol.upper for s in symbols]", "first(symbols).symbol.upper", "(x + 1).__class__", "(not ok).__class__",
        "(s for s in symbols).gi_frame", "[s for s in symbols].__class__", "Regime.CALM.value",
        "Regime.CALM.__class__", "out.size.__class__", "names[0]", "names[-1]", "names[...]", "x[0]",
        "names[__class__]", "[s.symbol[0] for s in symbols]", "x + ok", "names * k", "names + names", "not x",
        "regime % k", "x in x", "1 in regime", "missing", "missing.__class__", "missing[0]", "-missing",
        "missing + 1", "missing < 1", "missing == missing", "[missing]", "missing if ok else missing",
        "default(missing, missing)", "present(missing)", "sqrt(missing)", "first([]).__class__",
    ],
    "FB308": [
        "missing in names", "missing and ok", "not missing", "first(symbols).size < x",
    ],
    "FB309": [
        "Regime.__class__", "Regime.__members__", "Regime.mro", "Regime.CALLM",
    ],
    "FB303": [
        "x.__class__()", "().__subclasses__()", "().__class__.__bases__[0].__subclasses__()", "[].append(x)",
        "x.hex()", "names.append(x)", "first(symbols).symbol.upper()", "regime.__class__.__mro__()", "(lambda: x)()",
        "min(x, k)(x)", "fired.loud()", "names[0]()", "[eval][0](x)", "Regime()(x)", "lambda: x", "lambda x: x",
        "(x := 1)", "[y := x]", "f'{x}'", "'a' 'b'", '"a"', "'%s' % x", "b'a'", "'{}'.format(x)", "'''a'''", "\\x41",
        "x + \\\n1", "`x`", "x # comment", "x @ x", "x & x", "x | x", "x ^ x", "~x", "k << k", "k >> k", "x; x",
        "x ? x : x", "$x", "x\u00a0+ x", "\uff45val(x)", "e\u0076al(\u0445)", "\u00aax", "x\u200b", "\U0001d465",
        "min(x, key=x)", "min(*names)", "sum(symbols, start=x)", "default(**x)", "{**x}", "[*names]", "{x, k}",
        "{x: k}", "{}", "{s for s in symbols}", "x, k", "()", "...", "True", "False",
        "None", "await x", "names[::2]", "names[1:2]", "names[:]", "names[k:]",
        "[s for s in symbols for t in symbols]", "[s async for s in symbols]", "[s for s.symbol in symbols]",
        "[s for s, t in symbols]", "[s for names[0] in symbols]", "x is k", "x is not k", "1 in names in names",
        "9**9**9", "10**9", "x**k", "x**-1", "x**0.5", "x**True", "1**(1)**9", "(yield x)", "(yield from x)",
    ],
    "FB302": [
        "x)\nimport os\n(x", "x) or (x", "x\nimport os", "import os", "from os import path", "x = 1", "x == ",
        "del x", "pass", "class", "def f(): x", "return x", "raise x", "x if ok", "*names", "**x", "print x", "x y",
        "x..real", "1..real", "1.real", "0x10", "0b1", "0o7", "010", "1_000", "1j", "1e3", "1E+3", ".5", "1.",
        "1.0e+400", "9" * 4000, "x !r", "x:>9", "[x for x", "(x", "x]", "(x]", "fired.class", "out.import", "x.None",
        "not", "x not", "and", "for x in names", "[x for class in names]", "with x", "global x", "assert x", "x: int",
        "x -> x", "try", "!x", "<x>", "%x", "x <> k",
    ],
    "FB304": [
        "(" * 5000 + "x" + ")" * 5000, "[" * 2000, "(" * 65 + "x" + ")" * 65, "not " * 1000 + "ok", "-" * 4000 + "x",
        "-+" * 100 + "x", " + ".join(["x"] * 1000), "x" + "+x" * 2000, "x" + "**1" * 1000, "x" + ".a" * 1000,
        "x" + "[0]" * 1000, "x if ok else " * 300 + "x", "not(" * 66 + "ok" + ")" * 66,
        "abs(" * 100 + "x" + ")" * 100, "x" * 5000, " " * 5000 + "x", "lambda:" * 500 + "x", "[" * 65 + "]" * 65,
        "{x:" * 100 + "x" + "}" * 100, "x<" * 2100 + "x",
    ],
    "FB311": [
        "[x for x in names]", "[trick for trick in names]", "[size for size in symbols]", "{x: x for x in Regime}",
    ],
    "FB319": [
        "[now for now in names]", "[true for true in names]", "[fired for fired in symbols]",
        "[before for before in names]",
    ],
    "FB204": [
        "[_ for _ in names]", "[__class__ for __class__ in names]", "[__debug__ for __debug__ in names]",
        "[S for S in names]",
    ],
    "FB310": [
        "present()", "present(x, x)", "default(x)", "sqrt(x, x)", "abs()", "clamp(x)", "sum(x, x)", "as_ratio()",
    ],
}  # fmt: skip
REASONS: Table = {
    "FB301": [
        "{{ __class__ }}", "{{ before.__class__ }}", "{{ before.x }}", "{{ fired.__class__ }}", "{{ eval(x) }}",
        "{{ self }}", "{{ config }}", "{{ out.__dict__ }}", "{{ loop }}",
    ],
    "FB302": [
        "{{ }}", "{{ x", "x }}", "{{ x:>1000000 }}", "{{ x:{k} }}", "{{ x:{{ k }} }}", "{{ x!r }}", "{{ x:.99f }}",
        "{{ x:1000000d }}", "{{ x:%s }}", "{{ x:n }}", "{{ {{ x }} }}", "{{ x }} }}", "{{ x k }}", "{{" * 50_000,
        "}}" * 50_000,
    ],
    "FB303": [
        "{{ x.hex() }}", "{{ 'a' }}", "{{ x|upper }}", "{{ ().__class__.__subclasses__() }}", "{{ lambda: x }}",
        "{{ y:=1 }}", "{{ x # k }}", "{{ x, k }}", "{{ [].append(x) }}", "{{ ''.join(names) }}",
    ],
    "FB304": [
        "{{ " + "(" * 2000 + " }}", "{{ x:" + " " * 200_000 + "x }}", "{{ " + "not " * 1000 + "ok }}",
    ],
    "FB305": [
        "{{ x.__class__ }}", "{{ before.size.__class__ }}", "{{ symbols }}", "{{ [].append }}", "{{ scale }}",
    ],
    "FB309": [
        "{{ Regime.__class__ }}",
    ],
    "FB320": [
        "{{ x:d }}", "{{ k:.2f }}", "{{ ok:.2f }}", "{{ regime:e }}", "{{ names:d }}",
    ],
}  # fmt: skip
VERBATIM = [
    "{0.__class__}", "{x}", "{x!r:>9}", "{", "}", "{}", "{ {x} }", "%s %(x)s %n %%", "$x ${x}",
    "<script>alert(1)</script>", "{% x %}", "{# x #}", "\\N{DIGIT ONE} \\x41 \\n", "f'{x}'", "\"\"\" + x + \"\"\"",
    "`x`", "# x", "=cmd|' /C calc'!A0", "\u2066x\u2069",
]  # fmt: skip
CELLS: Table = {
    "FB301": [
        "__class__", "< eval(1)", "1 | __class__", "not (__class__)", "[__class__..1)", "[0..__class__]", "< now",
    ],
    "FB302": [
        "< 1 > 1 +", "<< 1", "class",
    ],
    "FB303": [
        "x.__class__", "< x", "< lambda: 1", "< ()", "< 9**9**9", "fired.loud", "< out.size", "< 'a'",
        "< [].append(1)", "< (y := 1)", "trick", "[1..[].append(1)]", "1 & 1", "1) | (1", "< f'{x}'",
    ],
    "FB304": [
        "not (" * 400 + "1" + ")" * 400, "not (" * 5000, "[" + ".." * 100_000, "1|" * 5000 + "1",
        "< " + "(" * 100 + "1" + ")" * 100,
    ],
    "FB305": [
        "< [].append", "< true.__class__", "scale", "true", "< Regime.CALM",
    ],
    "FB309": [
        "Regime.__class__",
    ],
    "FB317": [
        "1..2", "[1..2", "1..2)", "| 1", "1 |", "< ", "not ()", "[..1]",
    ],
    "FB405": [
        "missing", "missing | missing",
    ],
}  # fmt: skip
HARMLESS = [
    "x" + "<x" * 1000, "ok" + " and ok" * 500, "[" + "x, " * 1000 + "x]", "x ** 8", "count([s for s in symbols])",
    "[]", "s for s in symbols", "[s.__class__ for s in []]",
]  # fmt: skip


def cases(table: Table) -> list[ParameterSet]:
    return [pytest.param(code, text, id=f"{code} {text[:40]!a}") for code, texts in table.items() for text in texts]


@pytest.mark.parametrize(("code", "text"), cases(EXPRESSIONS))
def test_expression_is_refused(code: str, text: str) -> None:
    loaded = load(text)
    assert errors(loaded) == [code]
    assert loaded.checked is None


@pytest.mark.parametrize("text", HARMLESS, ids=lambda text: text[:40])
def test_expression_is_harmless(text: str) -> None:
    assert errors(load(text)) == []


@pytest.mark.parametrize(("code", "text"), cases(REASONS))
def test_reason_is_refused(code: str, text: str) -> None:
    assert set(errors(load(because=text))) == {code}


@pytest.mark.parametrize(("code", "text"), cases(CELLS))
def test_cell_is_refused(code: str, text: str) -> None:
    assert set(errors(load(cell=text))) == {code}


@pytest.mark.parametrize("text", VERBATIM)
def test_prose_is_never_a_format(text: str, tmp_path: Path) -> None:
    path = tmp_path / "guard.yaml"
    path.write_text(REMARK.replace("PROSE", json.dumps(text)), encoding="utf-8")
    (reason,) = flyball.load(path).decide({"x": 1, "xs": []}).reasons
    assert reason.text == text


ESCAPES = {
    r'"x \x2b 1"': "FB302",
    r'"\u0065val(x)"': "FB302",
    r'"x\0"': "FB302",
    r'"x + \
    1"': "FB302",
    "'x ''1'''": "FB302",
    "x\0": "FB102",
    "x\x07": "FB102",
    "x\u2028": "FB108",
    "!!python/object/apply:os.system [x]": "FB104",
    "!!python/name:os.system x": "FB104",
    "[x]": "FB203",
}


@pytest.mark.parametrize("written", ESCAPES)
def test_escape_is_refused(written: str) -> None:
    found = load_bytes(REMARK.replace("PROSE", "Loud").replace("x > 0", written).encode(), "guard.yaml").findings
    assert {finding.code for finding in found if finding.severity == "error"} == {ESCAPES[written]}


@pytest.mark.parametrize(
    ("loop", "code"),
    [
        ("a in xs, b in xs", None), ("a in xs, b in xs, c in xs", "FB303"),
            ("a", "FB302"), ("a for a in xs", "FB302"), ("a in eval(xs)", "FB301"),
        ("a in xs.b", "FB305"), ("__class__ in xs", "FB204"), ("__debug__ in xs", "FB204"), ("None in xs", "FB302"),
        ("class in xs", "FB302"), ("x in xs", "FB311"), ("a in xs in xs", "FB302"), ("a in [x, x, eval(x)]", "FB301"),
        ("a in (b for b in xs)", None), ("now in xs", "FB319"),
    ],
)  # fmt: skip
def test_loop(loop: str, code: str | None) -> None:
    rule = f'  each:\n    for: "{loop}"\n    because: Each\n'
    loaded = load_bytes((REMARK.replace("PROSE", "Loud") + rule).encode(), "guard.yaml")
    assert errors(loaded) == ([code] if code else [])


NAMES = [
    "class", "import", "None", "not", "match", "print", "eval", "float", "min", "self", "math", "snapshot", "decide",
    "fired", "out", "now", "missing", "value", "i", "S", "_", "__class__", "__debug__", "a" * 1000, "a" * 5000,
    "caf\u00e9", "a-b", "a.b", "a;b", "",
]  # fmt: skip
PLACES = [
    "member", "input", "field", "parameter", "definition", "output", "group", "rule", "loop", "local", "table",
    "column", "row",
]  # fmt: skip
NAMED = """\
language: 1
pack: guard
version: 1.0.0
types:
  Mood: ["{member}", WILD]
inputs:
  "{input}": {{type: number}}
  feeling: {{type: Mood}}
  items: {{type: list, max_items: 9, of: {{type: record, fields: {{"{field}": {{type: number}}}}}}}}
parameters:
  "{parameter}": {{value: 1, range: [0, 5], why: For the test}}
definitions:
  "{definition}": "{input} + {parameter}"
  calm: "feeling == {member}"
outputs:
  "{output}": {{type: number, start: "{definition}", safe: 0}}
groups:
  "{group}": {{}}
rules:
  "{rule}":
    group: "{group}"
    for: "{loop} in items"
    with: {{"{local}": "{loop}.{field} + 1"}}
    when: "{local} > {parameter} and calm"
    then: {{"{output}": {{add: "{local}"}}}}
    because: "{{{{ {local} }}}} beside {{{{ before }}}}"
  seen: {{when: "fired.{rule} and fired.{table}.{row} and fired.{group}", because: "{{{{ out.{output} }}}}"}}
tables:
  "{table}":
    match: {{"{column}": "{input}"}}
    rows:
      "{row}": {{"{column}": "<= 1"}}
      other_row: {{"{column}": "> 1"}}
"""
REFUSALS = {"FB102", "FB201", "FB204", "FB301", "FB302", "FB303", "FB304", "FB305", "FB308", "FB311", "FB319"}


@pytest.mark.parametrize("name", NAMES, ids=lambda name: ascii(name[:20]))
@pytest.mark.parametrize("place", PLACES)
def test_name_is_refused_or_works(place: str, name: str, tmp_path: Path) -> None:
    names = {each: "CALM" if each == "member" else f"a_{each}" for each in PLACES} | {place: name}
    path = tmp_path / "guard.yaml"
    path.write_text(NAMED.format(**names), encoding="utf-8")
    found = errors(load_bytes(path.read_bytes(), "guard.yaml"))
    if found:
        assert set(found) <= REFUSALS
        return
    decision = flyball.load(path).decide(
        {names["input"]: 1, "feeling": names["member"], "items": [{names["field"]: 2}]}
    )
    assert decision.status == "ok"
    assert decision.outputs == {names["output"]: 5}
    texts = {reason.rule: reason.text for reason in decision.reasons}
    assert (texts[names["rule"]], texts["seen"]) == ("3 beside 2", "5")


def chained(count: int, last: str) -> str:
    links = "".join(f"  d{i:03}: d{i + 1:03} + 1\n" for i in range(count))
    output = "outputs:\n  size: {type: number, start: d000, safe: 0}\n"
    return REMARK.replace("PROSE", "Loud").replace("rules:", f"{links}  d{count:03}: {last}\n{output}rules:")


@pytest.mark.parametrize(("last", "codes"), [("x", set()), ("d000", {"FB401"})])
def test_long_chain_of_definitions(last: str, codes: set[str]) -> None:
    assert set(errors(load_bytes(chained(300, last).encode(), "guard.yaml"))) == codes
