"""One decision, part by part and step by step, with everything that a reader may ask for afterwards."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from copy import copy
from functools import cached_property, partial
from operator import attrgetter
from typing import Any, Literal

from . import ir
from .admission import is_blind, rules_of
from .arbitration import examined
from .computing import perform
from .constants import constant
from .graph import dependencies, key_of
from .intents import SENT, Emitted, arranged, reads_intents
from .lacking import NOTHING, Lacking, without
from .outcome import Outcome
from .parts import Contents, contents, part_of_slot, sound, waits
from .run import Evaluate, Run
from .settling import closed, emitted, enforce, explained, vetoed
from .snapshot import Reading
from .state import State, at, empty, max_gap, set_by_fault
from .stepping import cleaned

_RULE = attrgetter("rule")
_PATIENCE = 16  # examinations until it is worth while to have code for them
# Computes every step of a run without a fault, and says whether it could; for what a part asks for it calls back.
Follow = Callable[[Run, Callable[[Run, str], None]], bool]


class Examiner:
    """Examines snapshots of one pack under its effective parameters. Who looks for decisions that break invariants has
    them not enforced. `make_follow` gives what is faster where nothing is wrong. The part of a parameter that is
    `lacking` a value fails, and who reads it.
    """

    def __init__(
        self,
        pack: ir.Pack,
        parameters: Mapping[str, ir.Value],
        evaluate: Evaluate,
        enforces: bool = True,
        make_follow: Callable[[], Follow] | None = None,
        lacking: Lacking = NOTHING,
    ) -> None:
        self._pack = pack
        self._parameters = parameters
        self._evaluate = evaluate
        self._enforces = enforces
        self._make_follow = make_follow
        self._examined = 0
        self._lacking = lacking
        self._rules = rules_of(pack, parameters, lacking)
        needs = dependencies(pack)
        steps = pack.steps if pack.parts else (*pack.steps, ir.Settle(""))
        self._steps = [(step, key_of(step), needs.get(key_of(step), frozenset())) for step in steps]
        self._contents = contents(pack)
        self._gap = max_gap(pack, parameters)
        self._empty = empty(pack)

    def under(self, parameters: Mapping[str, ir.Value]) -> Examiner:
        """The same under other parameters; for evaluations that read them, and do not hold them as constants."""
        other = copy(self)
        other._parameters = parameters
        other._gap = max_gap(self._pack, parameters)
        other._rules = rules_of(self._pack, parameters, self._lacking)
        other._make_follow = None
        for known in ("_safe", "_follow"):
            other.__dict__.pop(known, None)
        return other

    def examine(self, reading: Reading, state: State | None = None) -> Outcome:
        """The outcome on a snapshot that was read, from a state or an empty one."""
        self._examined += 1
        known = self.followed(reading, state) if self._examined > _PATIENCE else None
        return known or self.follow(reading, state)[1]

    def followed(self, reading: Reading, state: State | None = None) -> Outcome | None:
        """The same where nothing at all is wrong, and there is code that takes it for granted."""
        if self._follow is None or reading.unread or reading.faults or reading.warnings or reading.doubtful:
            return None
        run = self._begun(reading, self._empty if state is None else state)
        if not self._follow(run, self._ask):
            return None
        if self._pack.parts and self._pack.emits:
            self._arbitrate(run, self._pack.emits)
        return None if run.faults else self._sound(run)

    def _sound(self, run: Run) -> Outcome:
        """What `_outcome` gives of a run in which nothing failed."""
        told = [each for part in run.firings.values() for each in part]
        if self._pack.parts:
            told.sort(key=_RULE)
        return Outcome(
            inputs=run.inputs,
            outputs=run.outputs,
            starts=run.starts,
            firings=tuple(told),
            closed={name: holes for part in run.closed.values() for name, holes in part.items()},
            intents=run.intents.get("", ()),
            dropped=run.dropped,
            slots=tuple(_kept(run, slot) for slot in self._pack.slots),
        )

    @cached_property
    def _follow(self) -> Follow | None:
        return self._make_follow() if self._make_follow and not self._lacking else None

    def _ask(self, run: Run, part: str) -> None:
        """What a part asks for that has no fault yet, and its invariants."""
        of = self._contents[part]
        if self._pack.emits:
            self._emit(run, part, self._pack.emits, [each.id for each in of.rules])
        enforce(run, self._enforced(run, of, failed=False))

    def follow(self, reading: Reading, state: State | None = None) -> tuple[Run, Outcome]:
        """The outcome, and the run behind it, in which more may be evaluated where it has no fault."""
        reading = without(self._pack, self._lacking, reading)
        blind = is_blind(self._pack, reading)
        run = self._begun(reading, self._empty if blind or state is None else state)
        if blind:
            for each in self._contents.values():
                self._fail(run, each)
        else:
            for step, key, needs in self._steps:
                if isinstance(step, ir.Settle):
                    self._settle(run, self._contents[step.part], reading)
                elif run.failed.isdisjoint(needs):
                    perform(run, step, key)
                else:
                    run.failed.add(key)
        if self._pack.parts and self._pack.emits:
            self._arbitrate(run, self._pack.emits)
        return run, self._outcome(run)

    def _begun(self, reading: Reading, state: State) -> Run:
        kept = at(self._pack, state, reading.inputs.get("now"), self._gap)
        run = Run(self._pack, self._rules, self._parameters, reading.inputs, self._evaluate, kept=kept)
        run.failed |= {("input", name) for name in reading.doubtful} | {("parameter", name) for name in self._lacking}
        run.faults += reading.faults
        run.warnings += reading.warnings
        return run

    # Parts

    def _settle(self, run: Run, of: Contents, reading: Reading) -> None:
        """A part with a fault of its own, or that reads what failed, fails as a whole."""
        name, before = of.part.name, len(run.faults)
        failed = not run.failed.isdisjoint(of.keys | of.vetoes) or not reading.doubtful.isdisjoint(of.part.inputs)
        failed |= any(ir.part_of(each) == name for each in self._lacking)
        rules = sound(of.rules, run.failed)
        run.firings[name] = tuple(explained(run, rules))
        run.closed[name] = dict(closed(run, sound(of.groups, run.failed)))
        if self._pack.emits:
            self._emit(run, name, self._pack.emits, rules)
        failed |= len(run.faults) > before
        enforce(run, self._enforced(run, of, failed))
        if failed or len(run.faults) > before:
            self._fail(run, of)

    def _emit(self, run: Run, part: str, emits: ir.Emits, rules: Iterable[str]) -> None:
        run.candidates[part] = tuple(emitted(run, emits, (each for each in rules if each in self._pack.intents)))
        run.intents[part] = arranged(emits, run.candidates[part])

    def _enforced(self, run: Run, of: Contents, failed: bool) -> Iterable[ir.Invariant]:
        """Those that can be checked now. Without all its intents, who reads them is silent."""
        for invariant, needs in of.enforced:
            lacks = waits(self._pack, invariant) or (failed and reads_intents(invariant.condition))
            if self._enforces and not lacks and run.failed.isdisjoint(needs):
                yield invariant

    def _fail(self, run: Run, of: Contents) -> None:
        """What of a part that failed others still see: its safe outputs, and its safe intents."""
        name = of.part.name
        run.parts.add(name)
        run.firings[name], run.closed[name] = (), {}
        run.outputs |= {each: self._safe[each] for each in of.outputs}
        run.failed |= of.keys
        if of.part.contained:
            run.failed -= {("fold", each) for each in of.outputs}
        if self._pack.emits:
            run.candidates[name] = self._blind(name)
            run.intents[name] = arranged(self._pack.emits, run.candidates[name])

    @cached_property
    def _safe(self) -> dict[str, ir.Value]:
        """The safe run-time value of each output."""
        return {name: constant(output.safe, self._parameters) for name, output in self._pack.outputs.items()}

    def _blind(self, part: str) -> tuple[Emitted, ...]:
        """What a part emits that failed: nothing was evaluated, and it stands on parameters alone."""
        return tuple(
            Emitted(each.id, None, each.exposure, constant(each.emit, self._parameters))
            for each in self._pack.intents.values()
            if each.safe and ir.part_of(each.id) == part
        )

    # Arbitration

    def _arbitrate(self, run: Run, emits: ir.Emits) -> None:
        """What the policy itself says of intents may be at fault: then its part fails, and they are weighed without."""
        own = self._contents[""]
        before = len(run.faults)
        self._weigh(run, emits)
        if "" not in run.parts and self._enforces:
            enforce(run, (each for each, _ in own.enforced if waits(self._pack, each)))
        if len(run.faults) > before:
            self._fail(run, own)
            self._weigh(run, emits)

    def _weigh(self, run: Run, emits: ir.Emits) -> None:
        blamed = tuple(sorted(each for each in run.parts if not self._contents[each].part.tolerated))
        rules = self._pack.arbitration
        vetoes = {} if "" in run.parts else rules.vetoes
        candidates = [each for part in run.candidates.values() for each in part]
        arbiter = examined(emits, rules, candidates, vetoed=partial(vetoed, run), failed=blamed, vetoes=vetoes)
        run.intents[""], run.dropped = tuple(arbiter.kept), tuple(arbiter.dropped)

    # What came out

    def _outcome(self, run: Run) -> Outcome:
        status = self._status(run)
        starts = {name: value for name, value in run.starts.items() if ir.part_of(name) not in run.parts}
        return Outcome(
            status=status,
            inputs=run.inputs,
            outputs=run.outputs,
            starts=starts,
            firings=tuple(sorted((each for part in run.firings.values() for each in part), key=_RULE)),
            closed={name: holes for part in run.closed.values() for name, holes in part.items()},
            faults=tuple(run.faults),
            failed=tuple(sorted(run.parts)),
            intents=run.intents.get("", ()),
            dropped=run.dropped,
            slots=tuple(_kept(run, slot) for slot in self._pack.slots) if status != "failsafe" else (),
            warnings=tuple(run.warnings),
            doubtful=frozenset(name for kind, name in run.failed if kind == "input"),
        )

    def _status(self, run: Run) -> Literal["ok", "degraded", "failsafe"]:
        if not run.parts:
            return "ok"
        return "failsafe" if all(of.is_bare or name in run.parts for name, of in self._contents.items()) else "degraded"


def _kept(run: Run, slot: ir.Slot) -> Any:
    """What a slot holds behind this snapshot; that of a part that failed, what it held."""
    if part_of_slot(slot) in run.parts:
        return set_by_fault(slot, run.kept[slot.kind, slot.name])
    if slot.kind == "state":
        return run.advanced[slot.name]
    if slot.name.startswith(SENT):
        return any(each.id == slot.name.removeprefix(SENT) for each in run.intents.get("", ()))
    for values in (run.definitions, run.outputs):
        if slot.name in values:
            return cleaned(values[slot.name], slot.type)
    return cleaned(run.inputs[slot.name.rpartition(ir.OF)[2]], slot.type)
