"""Policies of generated packs: what a policy decides is what its packs decide, one after the other."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings

from flyball.engine import dated, ir
from flyball.engine.arbitration import arbitrated
from flyball.engine.decision import Decision
from flyball.engine.intents import Emitted
from flyball.engine.parameters import effective
from flyball.engine.policy import Policy
from flyball.engine.times import parse_time
from flyball.engine.types import Record
from flyball.tests.engine.test_backends import ORDINARY as SOME
from flyball.tests.strategies import policies
from flyball.tests.strategies.agreement import check_policy, policy_of
from flyball.tests.strategies.packs import chances, text_of
from flyball.tests.strategies.policies import Made
from flyball.tests.strategies.sequences import same
from flyball.tests.strategies.snapshots import snapshot, spoil
from flyball.tests.strategies.vocabulary import TYPES

START, STEP = 1_767_625_200, 10
MOODS = TYPES["Mood"]
CHANGES: Mapping[str, Callable[[Any], Any]] = {
    "abs": abs,
    "not": lambda value: not value,
    "max": lambda value: max(value, "BUSY", key=MOODS.index),
}


ORDINARY = settings(SOME, max_examples=7)


@ORDINARY
@given(chance=chances())
def test_both_back_ends_decide_policies_alike(chance: Random) -> None:
    check_policy(chance, snapshots=6)


@pytest.mark.long
@pytest.mark.parametrize("hundred", range(10))
def test_both_back_ends_decide_policies_alike_at_length(hundred: int, seed: int) -> None:
    for number in range(100):
        check_policy(Random(seed + 100 * hundred + number), snapshots=30)


def snapshots(chance: Random, made: Made, count: int) -> list[dict[str, Any]]:
    """Some with faults, but none that only the whole knows of: all keys are known, time goes forward, and no time that
    ages count from is ahead of it.
    """
    known = {each.source for each in made.policy.pack.inputs}
    found = []
    for number in range(count):
        each = snapshot(chance, made.inputs, steady=chance.random() < 0.6)
        for _ in range(chance.randint(1, 2) if chance.random() < 0.4 else 0):
            spoil(chance, each)
        now = START + number * STEP
        given = {name: value for name, value in each.items() if name in known} | {"now": now}
        for name in {"at", "oat"} & given.keys():
            if parse_time(given[name]) is not None:
                given[name] = now - chance.choice((0, 1, 90))
        found.append(given)
    return found


# A policy and its packs alone


@ORDINARY
@given(chance=chances())
def test_a_policy_of_one_pack_decides_as_the_pack_alone(chance: Random) -> None:
    made = policies.policy_of(chance, 1, alone=True)
    (name,) = made.packs
    alone, _ = policy_of(text_of(made.as_set(name)))
    whole, session = made.policy.session(), alone.session()
    for each in snapshots(chance, made, 6):
        check_alike(name, made.policy.decide(each), alone.decide(each))
        check_alike(name, whole.step(each), session.step(each))


def check_alike(name: str, whole: Decision, alone: Decision) -> None:
    same("status", alone.status, whole.status)
    same("outputs", dict(alone.outputs), dict(whole.outputs))
    same("reasons", reasons(alone), reasons(whole, name))
    same("intents", [intent(each) for each in alone.intents], [intent(each, name) for each in whole.intents])
    codes, more = Counter(each.code for each in alone.faults), Counter(each.code for each in whole.faults)
    same("faults that the policy does not tell of", Counter(), codes - more)


def reasons(decision: Decision, name: str = "") -> list[Any]:
    """What a decision says of one pack; the names of that pack as it has them itself."""
    begin = f"{name}." if name else ""
    return [
        (
            each.rule.removeprefix(begin),
            each.text.removeprefix(begin),
            each.severity,
            each.decisive,
            each.item,
            [(effect.output.removeprefix(begin), effect.before, effect.after) for effect in each.effects],
        )
        for each in decision.reasons
        if each.rule.startswith(begin)
    ]


def unweighed(told: list[Any], asks: Collection[str]) -> list[Any]:
    """The same without what arbitration has a say in: whether an intent stands, and what it counts as."""
    kept = [(rule, text, severity, rule in asks or decisive, *rest) for rule, text, severity, decisive, *rest in told]
    return sorted((each for each in kept if not each[0].endswith(".exposure")), key=str)


def intent(each: Any, name: str = "") -> Any:
    own = each.id.removeprefix(f"{name}.") if name else each.id
    return own, each.exposure, each.item, dict(each.emit), each.text, each.position


# A pipeline


@ORDINARY
@given(chance=chances())
def test_a_pipeline_decides_as_its_packs_one_after_the_other(chance: Random) -> None:
    check_pipeline(chance)


@pytest.mark.long
@pytest.mark.parametrize("hundred", range(4))
def test_a_pipeline_decides_as_its_packs_one_after_the_other_at_length(hundred: int, seed: int) -> None:
    for number in range(100):
        check_pipeline(Random(seed + 100 * hundred + number))


def check_pipeline(chance: Random) -> None:
    """Each pack fails, or not, as it does alone: faults in one leave those as they were that do not read it."""
    made = pipeline(chance)
    alone = {name: policy_of(text_of(made.as_set(name)))[0] for name in made.packs}
    by_hand = ByHand(made, alone)
    session = made.policy.session()
    for each in snapshots(chance, made, 6):
        wanted, decision = by_hand.decide(each), session.step(each)
        for name, expected in wanted.items():
            found = decision.packs[name]
            same("status", "failed" if expected.status == "failsafe" else "ok", found["status"])
            same("outputs", dict(expected.outputs), found["outputs"])
            if decision.status != "failsafe":
                asks = alone[name].pack.intents
                told = unweighed(reasons(expected), asks), unweighed(reasons(decision, name), asks)
                same("reasons", *told)
        check_candidates(wanted, decision)
        check_arbitration(made.policy.pack, decision)


def pipeline(chance: Random) -> Made:
    """A policy whose packs do not ask what arbitration kept."""
    while True:
        made = policies.policy_of(chance, chance.randint(2, 3))
        if "sent." not in str(made):
            return made


class ByHand:
    """The sessions of the packs of a policy, and what hands the outputs of one to the others."""

    def __init__(self, made: Made, alone: Mapping[str, Policy]) -> None:
        self._made = made
        self._alone = alone
        self._sessions = {name: policy.session() for name, policy in alone.items()}
        self._contained = {part.name for part in made.policy.pack.parts if part.contained}

    def decide(self, given: Mapping[str, Any]) -> dict[str, Decision]:
        done: dict[str, Decision] = {}
        for name in sorted(self._alone, key=list(self._made.packs).index):
            bound = self._made.bindings(name)
            taken = {each.name: each.source for each in self._alone[name].pack.inputs}
            mine = {source: given[source] for other, source in taken.items() if source in given and other not in bound}
            read = {text.split("(")[-1].removeprefix("not ").split(".")[0] for text in bound.values()}
            lost = any(done[each].status == "failsafe" and each not in self._contained for each in read)
            values = {taken[each]: self._value(text, done) for each, text in bound.items()}
            snapshot = {"lost": True} if lost else {**mine, **values, "now": given["now"]}
            done[name] = self._sessions[name].step(snapshot)
        return done

    @staticmethod
    def _value(text: str, done: Mapping[str, Decision]) -> Any:
        """A binding, which is an output or a change of one."""
        word = next((each for each in CHANGES if text.startswith(each)), "")
        path = text.removeprefix(word).strip(" ()").split(",")[0]
        part, _, output = path.partition(".")
        value = done[part][output]
        return CHANGES[word](value) if word else value


# Intents


def check_candidates(alone: Mapping[str, Decision], decision: Decision) -> None:
    """What the packs ask for is kept or dropped, and nothing else is."""
    asked = Counter(
        f"{name}.{each.id} {each.item} {dict(each.emit)}" for name, found in alone.items() for each in found.intents
    )
    told = [*decision.intents, *(each.intent for each in decision.dropped_intents)]
    same("intents", asked, Counter(f"{each.id} {each.item} {dict(each.emit)}" for each in told))


def check_arbitration(pack: ir.Pack, decision: Decision) -> None:
    """What holds of every pass: the order, no conflict among what takes risk, nothing risky while blind."""
    rules, kept = pack.arbitration, decision.intents
    rank = {"cancels": 0, "reduces": 1, "neutral": 2, "raises": 2}
    ranks = [rank[each.exposure] for each in kept]
    same("order", sorted(ranks), ranks)
    assert pack.emits or not kept
    names = [pack.emits.record.fields[index].name for index in rules.conflict] if pack.emits else []
    for first, second in itertools.combinations(kept, 2):
        alike = names and all(first.emit.get(name) == second.emit.get(name) for name in names)
        spared = rank[second.exposure] < 2 and not rules.allow_drop
        assert not alike or spared, f"{second} stands beside {first}"
    tolerated = {part.name for part in pack.parts if part.tolerated}
    blind = [name for name, found in decision.packs.items() if found["status"] == "failed" and name not in tolerated]
    if blind:
        same("what takes risk while packs fail", [], [each for each in kept if rank[each.exposure] == 2])
    for dropped in decision.dropped_intents:
        allowed = {f"arbitration.{name}": veto.allow_drop for name, veto in rules.vetoes.items()}
        allowed["arbitration.conflict"] = rules.allow_drop
        assert rank[dropped.intent.exposure] == 2 or allowed.get(dropped.rule), f"{dropped} is lost"


@ORDINARY
@given(chance=chances())
def test_nothing_that_reduces_or_cancels_is_dropped_unless_the_policy_says_why(chance: Random) -> None:
    made = asking(chance)
    rules = made.policy.pack.arbitration
    vetoes = {name: replace(each, allow_drop="") for name, each in rules.vetoes.items()}
    pack = replace(made.policy.pack, arbitration=replace(rules, allow_drop="", vetoes=vetoes))
    policy = dated.policy_of(pack, effective(pack, [])[0])
    for each in snapshots(chance, made, 6):
        decision = policy.decide(each)
        exposures = {dropped.intent.exposure for dropped in decision.dropped_intents}
        assert exposures <= {"neutral", "raises"}, decision.dropped_intents
        assert len({dropped.rule for dropped in decision.dropped_intents}) <= len(vetoes) + 2


def asking(chance: Random) -> Made:
    """A policy whose packs emit something."""
    while not (made := policies.policy_of(chance)).policy.pack.intents:
        continue
    return made


@ORDINARY
@given(chance=chances())
def test_no_order_of_files_packs_or_intents_changes_a_decision(chance: Random) -> None:
    made = asking(chance)
    other = made.reordered(chance)
    same("hash", made.policy.hash, other.policy.hash)
    sessions = [each.policy.session() for each in (made, other)]
    for each in snapshots(chance, made, 4):
        same("decision", *(_without_places(session.step(each)) for session in sessions))


def _without_places(decision: Decision) -> dict[str, Any]:
    """A decision as it is written, but for where in which file the diagnostics are."""
    found = decision.to_dict()
    told = [(each["code"], each["path"], each["message"]) for each in found["diagnostics"]]
    return {**found, "diagnostics": sorted(told, key=str)}


EMITS = ir.Emits(record=Record("", ()), of=(0,), priority=1)


@ORDINARY
@given(chance=chances())
def test_arbitration_is_the_same_in_whatever_order_intents_come(chance: Random) -> None:
    candidates = [_emitted(chance, number) for number in range(chance.randint(0, 12))]
    conflict = (0,) if chance.random() < 0.5 else ()
    rules = ir.Arbitration(conflict=conflict, allow_drop=chance.choice(("", "They may")), order=("b", "a"))
    passes = []
    for _ in range(2):
        arbiter = arbitrated(EMITS, rules, chance.sample(candidates, len(candidates)))
        passes.append((arbiter.kept, arbiter.dropped))
    same("kept and dropped", *passes)
    taken: Counter[Any] = Counter()
    for each in passes[0][0]:
        if each.exposure == "reduces":
            taken[each.emit[0]] += each.change
            assert abs(taken[each.emit[0]]) <= 10 + 1e-6, "more is reduced than is held"


def _emitted(chance: Random, number: int) -> Emitted:
    """One of few names, so that they conflict, which is to reduce a position of 10."""
    exposures: tuple[ir.Exposure, ...] = ("cancels", "reduces", "reduces", "neutral", "raises")
    emit = (chance.choice("xy"), chance.choice((None, 1.0, 2.0)))
    return Emitted(
        chance.choice("abc"), number, chance.choice(exposures), emit, 10.0, -chance.choice((3.0, 5.0, 8.0)), (number,)
    )
