"""Packs linked into one policy: every name has its part's before it, and every step is behind what it reads."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from dataclasses import fields, replace
from pathlib import Path
from typing import Any, get_args

import pytest

from flyball.engine import ir
from flyball.engine.graph import Key, dependencies, key_of
from flyball.engine.linking import implies
from flyball.engine.nodes import Expr
from flyball.engine.parameters import Layer, effective
from flyball.engine.types import BOOLEAN, Enum, Field, List, Number, Text
from flyball.loaders.packs import LoadedPack, load_bytes

LIMITS = """
language: 1
pack: limits
version: 1.2.0
inputs:
  capital: {type: number, range: [0, 1000]}
  quotes:
    type: list
    max_items: 3
    of: {type: record, fields: {bid: {type: number}, ask: {type: number}}, requires: {ordered: bid <= ask}}
parameters:
  share: {value: 0.5, range: [0, 1], why: Half}
requires:
  rich: capital > share
definitions:
  was: default(previous(capital), capital)
  best:
    for: q in quotes
    where: q.bid > share
    with: {spread: q.ask - q.bid}
  level:
    match: {rich: capital > 10}
    hit: unique
    type: number
    rows:
      high: {rich: true, value: share}
      low: {rich: false, value: was}
outputs:
  max_size: {type: number, start: capital * share + level, range: [0, 2000], safe: 0}
groups:
  all_rules: {when: capital > 1, because: "{{ capital }}"}
rules:
  small:
    group: all_rules
    when: count(best) > 1
    then: {max_size: {times: share}}
    because: "{{ before }} {{ after }}"
invariants:
  bounded: {always: out.max_size <= 2000}
"""

GUARD = """
language: 1
pack: guard
version: 1.0.0
inputs:
  size: {type: number, range: [0, 100]}
  max_size: {type: number, range: [0, 500], optional: true}
outputs:
  allow: {type: boolean, start: "size <= default(max_size, 0)", safe: false}
"""


def load(tmp_path: Path, text: str, **packs: str) -> LoadedPack:
    for name, pack in {"limits": LIMITS, "guard": GUARD, **packs}.items():
        (tmp_path / name).mkdir(exist_ok=True)
        version = next(line.removeprefix("version: ") for line in pack.splitlines() if line.startswith("version"))
        (tmp_path / name / f"{version}.yaml").write_text(pack)
    head = "language: 1\npolicy: desk\nversion: 1.0.0\n"
    return load_bytes((head + textwrap.dedent(text)).encode(), "policy.yaml", str(tmp_path))


def linked(tmp_path: Path, text: str, **packs: str) -> ir.Pack:
    loaded = load(tmp_path, text, **packs)
    assert loaded.checked, [str(each) for each in loaded.findings]
    return loaded.checked.pack


USE = "use:\n  limits: {pack: limits@^1}\n  guard: {pack: guard@1}\n"


def test_parts_are_contiguous_and_behind_what_they_read(tmp_path: Path) -> None:
    pack = linked(tmp_path, USE)
    settled = [step.part for step in pack.steps if isinstance(step, ir.Settle)]
    assert settled == ["limits", "guard", ""]
    needs = dependencies(pack)
    done: set[Key] = set()
    for step in pack.steps:
        reads = {key for key in needs.get(key_of(step), ()) if key[0] not in ("input", "parameter")}
        assert reads <= done | {key_of(step)}, step
        done.add(key_of(step))
    assert len(done) == len(pack.steps)


def test_every_name_of_a_part_is_qualified(tmp_path: Path) -> None:
    pack = linked(tmp_path, USE)
    own = {"capital", "quotes", "size"}
    assert {each.name for each in pack.inputs} == own
    for kind in ("parameters", "contracts", "groups", "rules", "tables", "outputs", "intents"):
        assert all(ir.part_of(name) in ("limits", "guard") for name in getattr(pack, kind)), kind
    for node in nodes(pack):
        match node:
            case ir.Input(name=name):
                assert name in own
            case ir.Parameter(name=name) | ir.Output(name=name) | ir.Previous(name=name) | ir.Lookup(name=name):
                assert ir.part_of(name)
            case ir.Defined(name=name):
                assert ir.OF in name
            case ir.Before(output=name) | ir.After(output=name) | ir.Fired(id=name):
                assert ir.part_of(name)
    assert pack.published == {"max_size": ir.of_part("limits", "max_size"), "allow": ir.of_part("guard", "allow")}


def nodes(pack: ir.Pack) -> Iterator[Expr]:
    expressions: list[Expr] = [step.value for step in pack.steps if isinstance(step, ir.Define | ir.Bind)]
    for rule in pack.rules.values():
        expressions += [*([rule.when] if rule.when else []), *(each.value for each in rule.effects)]
        expressions += [*(hole.value for hole in ir.holes(rule)), *ir.loop_expressions(rule.loop)]
    expressions += [each.start for each in pack.outputs.values() if each.start]
    for expression in expressions:
        yield from ir.walk(expression)


def test_what_the_snapshot_keeps_is_read_from_it_and_the_rest_is_bound(tmp_path: Path) -> None:
    pack = linked(tmp_path, "inputs:\n  size: {type: number, range: [0, 1000]}\n" + USE)
    binds = {step.name: step.value for step in pack.steps if isinstance(step, ir.Bind)}
    assert sorted(map(ir.shown, binds)) == ["guard.max_size", "guard.size", "limits.capital"]
    assert isinstance(binds[ir.of_part("guard", "max_size")], ir.Output)
    demands = [ir.shown(step.requirement.id) for step in pack.steps if isinstance(step, ir.Demand)]
    assert demands == ["limits.rich"]
    parts = {each.name: each for each in pack.parts}
    assert (parts["guard"].inputs, parts["limits"].inputs) == (("size",), ("capital", "quotes"))
    assert parts[""].inputs == ("size",)


def test_one_pack_may_be_used_twice(tmp_path: Path) -> None:
    pack = linked(
        tmp_path,
        """
        use:
          day: {pack: limits@1}
          night: {pack: limits@1, inputs: {capital: capital / 2}, parameters: {share: {value: 0.1, why: Dark}}}
        outputs:
          size: {type: number, start: "min(day.max_size, night.max_size)", safe: 0}
        """,
    )
    day, night = (pack.parameters[ir.of_part(part, "share")] for part in ("day", "night"))
    assert (day.value, day.layer, night.value, night.layer, night.why) == (0.5, "pack", 0.1, "policy", "Dark")
    assert pack.published == {"size": "size"}
    assert [each.name for each in pack.inputs] == ["capital", "quotes"]


def test_a_circle_is_named(tmp_path: Path) -> None:
    loaded = load(
        tmp_path,
        """
        use:
          limits: {pack: limits@1, inputs: {capital: half}}
          guard: {pack: guard@1}
        definitions:
          half: size if guard.allow else 0
        """,
    )
    (finding,) = loaded.findings
    assert (finding.code, finding.message) == ("FB401", "`half` → `guard` → `limits` → `half` go in a circle")


def test_a_circle_may_go_through_what_was(tmp_path: Path) -> None:
    pack = linked(
        tmp_path,
        """
        use:
          limits: {pack: limits@1, inputs: {capital: half}}
          guard: {pack: guard@1}
        definitions:
          half: size if default(previous(guard.allow), true) else 0
        """,
    )
    assert ("previous", ir.of_part("guard", "allow")) in [(each.kind, each.name) for each in pack.slots]


def test_no_order_of_the_file_changes_anything(tmp_path: Path) -> None:
    turned = "use:\n  guard: {pack: guard@1}\n  limits: {pack: limits@^1}\n"
    assert linked(tmp_path, USE) == linked(tmp_path, turned)


@pytest.mark.parametrize("kind", get_args(Expr))
def test_all_children_are_changed(kind: type[ir.Node]) -> None:
    """A kind of node that is forgotten would keep its names."""
    old, new = ir.Literal(type=BOOLEAN, value=False), ir.Literal(type=BOOLEAN, value=True)
    colour = Enum("Colour", ("RED",))
    loop = ir.Loop(sources=(ir.Source("x", old),), where=old, names=(("y", old),), order=(old,), limit=old)
    values: dict[str, Any] = {
        "args": (old, old), "terms": (old, old), "parts": (old,), "first": old, "rest": (("lt", old),), "test": old,
        "then": old, "other": old, "value": old, "fallback": old, "record": old, "source": old, "where": old,
        "loop": loop, "columns": (ir.Column(name="c", value=old, cells=(old, None)),), "hit": "first",
        "rows": (ir.LookupRow(id="r", when=old, value=old),), "complete": True, "name": "n", "id": "n", "output": "n",
        "index": 0, "function": "f", "variable": "v", "on_fault": False,
    }  # fmt: skip
    if kind in (ir.Literal,):
        return
    own = {field.name for field in fields(kind)} - {field.name for field in fields(ir.Node)}
    node = kind(**{name: values[name] for name in own}, type=colour)
    assert isinstance(node, Expr)
    before = ir.children(node)
    assert ir.children(ir.rebuilt(node, lambda _: new)) == (new,) * len(before)
    assert ir.children(node) == before


FRACTION = Field("x", Number(), low=0, high=1)


@pytest.mark.parametrize(
    ("given", "wanted", "holds"),
    [
        (FRACTION, FRACTION, True),
        (FRACTION, replace(FRACTION, high=2), True),
        (FRACTION, replace(FRACTION, low=0.5), False),
        (FRACTION, replace(FRACTION, high=None), True),
        (replace(FRACTION, high=None), FRACTION, False),
        (replace(FRACTION, optional=True), FRACTION, False),
        (FRACTION, replace(FRACTION, optional=True), True),
        (Field("x", Text(3)), Field("x", Text(4)), True),
        (Field("x", Text(4)), Field("x", Text(3)), False),
        (Field("x", List(FRACTION, 3)), Field("x", List(FRACTION, 4)), False),
        (FRACTION, replace(FRACTION, requires=("a",)), False),
    ],
)
def test_a_contract_may_imply_another(given: Field, wanted: Field, holds: bool) -> None:
    assert implies(given, wanted) == holds


def test_parameters_are_set_by_part_and_by_pack(tmp_path: Path) -> None:
    pack = linked(
        tmp_path,
        """
        use:
          day: {pack: limits@1}
          night: {pack: limits@1, inputs: {capital: capital / 2}, parameters: {share: {value: 0.1, why: Dark}}}
        outputs:
          size: {type: number, start: "min(day.max_size, night.max_size)", safe: 0}
        """,
    )
    day, night = ir.of_part("day", "share"), ir.of_part("night", "share")
    in_force, findings = effective(pack, [])
    assert (findings, in_force.values) == ([], {day: 0.5, night: 0.1})
    assert in_force.layer_of == {day: "pack", night: "policy"}
    places = {"night.share": "desk.yaml:3:10"}
    layer = Layer("desk.yaml", {"night": {"share": 0.3}, "limits": {"share": 0.2}}, places=places)
    in_force, findings = effective(pack, [layer, Layer("--set", {"day.share": "0.4"}, texts=True)])
    assert (findings, in_force.values) == ([], {day: 0.4, night: 0.3})
    assert in_force.layer_of == {day: "--set", night: "desk.yaml:3:10"}


@pytest.mark.parametrize(
    ("name", "message", "advice"),
    [
        ("day.shar", "no parameter named `day.shar`", "did you mean `day.share`?"),
        ("dya.share", "no parameter named `dya.share`", "did you mean `day.share`?"),
    ],
)
def test_a_parameter_that_no_part_has(tmp_path: Path, name: str, message: str, advice: str) -> None:
    pack = linked(tmp_path, "use:\n  day: {pack: limits@1}\n")
    _, (finding,) = effective(pack, [Layer("--set", {name: "0.4"}, texts=True)])
    assert (finding.message, finding.help) == (message, advice)
