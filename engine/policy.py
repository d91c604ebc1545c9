"""A pack with its effective parameters, ready to decide.

Deciding needs the generated code alone. All else is imported, and the pack opened, when somebody asks for it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Protocol, cast

from .. import _version
from .backends.program import Program
from .decision import Decision
from .naming import shown
from .readonly import ReadOnlyDict, read_only

if TYPE_CHECKING:
    from . import ir
    from .backends.evaluation import CompiledEvaluate
    from .diagnostics import Diagnostic
    from .examination import Examiner
    from .intents import Dropped, DroppedIntent, Emitted, Intent
    from .lacking import Lacking
    from .outcome import Outcome
    from .reasons import Explainer, Folded, Reason
    from .requirements import Rules
    from .session import Session
    from .snapshot import Reading
    from .state import State
    from .state_document import StateCodec
    from .types import Field


class Decide(Protocol):
    """Decides on a snapshot: a dict of JSON-like values, one key an input.

    `now` stands in for the snapshot's own. Nothing that a snapshot holds raises: what is wrong with it is in the
    decision's diagnostics, and with a fault among them the outputs are the declared safe ones. The snapshot is not
    kept, and may be reused by the caller.
    """

    def __call__(self, snapshot: Mapping[str, Any], *, now: str | float | None = None) -> Decision: ...


class DecideJson(Protocol):
    """Decides on a snapshot that is a JSON text, in UTF-8 where it is bytes.

    It is `decide` of what the text says. A text that cannot be read, or has a key twice, does not raise: the decision's
    diagnostics say where, and its outputs are the declared safe ones.
    """

    def __call__(self, data: bytes | str, *, now: str | float | None = None) -> Decision: ...


class Policy:
    """An immutable policy: safe to share between threads, and it can be pickled.

    Made by `flyball.load`. `parameters` holds the effective value of each parameter as plain data, `values` as
    the engine has it, `layers` where it comes from.
    """

    def __init__(
        self, pack: ir.Pack, parameters: Mapping[str, ir.Value], layers: Mapping[str, str], document: object = None
    ) -> None:
        from .backends.python import compile_pack

        self._begin(compile_pack(pack, parameters), parameters, layers, lambda: (pack, document))

    @classmethod
    def restored(
        cls,
        program: Program,
        parameters: Mapping[str, ir.Value],
        layers: Mapping[str, str],
        content: Callable[[], tuple[ir.Pack, object]],
    ) -> Policy:
        """A policy whose code was generated before; `content` gives its pack and document when they are needed."""
        policy = cls.__new__(cls)
        policy._begin(program, parameters, layers, content)
        return policy

    def _begin(
        self,
        program: Program,
        parameters: Mapping[str, ir.Value],
        layers: Mapping[str, str],
        content: Callable[[], tuple[ir.Pack, object]],
    ) -> None:
        self.layers = dict(layers)
        self.program = program
        self.values = dict(parameters)
        self._open = content
        unusual = self._unusual if program.start is None else self._unusual_step
        self._compiled = program.bind(self, Decision, unusual, self._filler)
        decide = self._compiled.decide if program.start is None else self._first_step
        self._compiled.decide.__doc__ = Decide.__doc__  # what `help(policy.decide)` shows
        self.decide = cast("Decide", decide)

    def __str__(self) -> str:
        return f"{self.pack.name}@{self.pack.version}"

    def __repr__(self) -> str:
        return f"<Policy {self}>"

    def __reduce__(self) -> tuple[Any, ...]:
        return Policy, (self.pack, self.values, self.layers, self._content[1])

    lacking: Lacking = MappingProxyType({})  # what is said of parameters that have no value yet
    within: tuple[int | None, int | None] = None, None  # the times in which the parameters have these values

    def at(self, snapshot: object, now: object = None) -> Policy:
        """The policy with the parameters that are in force at a snapshot's `now`."""
        del snapshot, now  # here they are the same at all times
        return self

    def of(self, decision: Decision) -> Policy:
        """The one that made a decision of this policy: that with the parameters which were in force."""
        maker = decision.policy
        return maker if isinstance(maker, Policy) else self

    @property
    def dated(self) -> Mapping[str, ir.Dated]:
        """The parameters that change with time."""
        return {}

    @property
    def periods(self) -> tuple[Policy, ...]:
        """This, or the one for each stretch of time in which parameters have other values."""
        return (self,)

    @cached_property
    def _content(self) -> tuple[ir.Pack, object]:
        return self._open()

    @property
    def pack(self) -> ir.Pack:
        return self._content[0]

    @property
    def engine(self) -> str:
        """The engine's version."""
        return _version.__version__

    @property
    def source(self) -> str:
        """The generated Python of this policy, to be read."""
        return self._compiled.source

    @cached_property
    def parameters(self) -> dict[str, object]:
        """The effective parameters as plain values."""
        from .snapshot import export_parameter

        return {
            shown(name): export_parameter(value, self.pack.parameters[name].type) for name, value in self.values.items()
        }

    @cached_property
    def parameters_hash(self) -> str:
        from .canonical import digest

        return digest(self.parameters)

    @cached_property
    def hash(self) -> str:
        """The hash of the pack's document, of the packs that it uses, and of the timezones that it stands on."""
        from .canonical import digest

        pack, document = self._content
        zone = {"tzdata": pack.zone.version} if pack.zone else {}
        packs = {"packs": {part.name: part.hash for part in pack.parts if part.name}} if pack.parts else {}
        return digest({"document": document, **zone, **packs} if zone or packs else document)

    @cached_property
    def fields(self) -> tuple[Field, ...]:
        """The inputs, `now` among them."""
        from .types import Field, Time

        declared = tuple(field for field in self.pack.inputs if field.name != "now")
        return (*declared, Field("now", Time(), optional=not self.pack.needs_now))

    def _filler(self, bits: Mapping[str, int], tabled: Sequence[str]) -> Callable[[int], ReadOnlyDict]:
        from .backends.output_code import filler

        return filler(self.pack, self.values, bits, tabled)

    # Sessions

    def session(self, key: str | None = None) -> Session:
        """The decisions of one key from its first snapshot on."""
        from .session import Session

        return Session(self, key, self.start)

    def restore(self, document: Mapping[str, Any] | bytes | str) -> Session:
        """The session whose `state` this is, or what it saved.

        Raises StateError where this policy does not go on from it.
        """
        from .session import Session

        key, state = self._codec.read(document)
        return Session(self, key, state)

    def restored_state(self, document: Mapping[str, Any] | bytes | str) -> State:
        """The run-time state of a document. Raises StateError."""
        return self._codec.read(document)[1]

    @cached_property
    def step(self) -> Callable[..., Decision]:
        """Decides on a snapshot from a run-time state. Sessions call it."""
        if self.program.start is not None:
            return self._compiled.decide
        from .backends.python import compile_pack

        program = compile_pack(self.pack, self.values, steps=True)
        return program.bind(self, Decision, self._unusual_step, self._filler).decide

    @cached_property
    def trial(self) -> Callable[..., Decision | None]:
        """The generated function for what is tried only; nothing where it does not decide by itself."""
        return self.program.bind(self, Decision, lambda *_: None, self._filler).decide

    def state_document(self, state: State, key: str | None) -> dict[str, Any]:
        return self._codec.document(state, key)

    def written_state(self, state: State, key: str | None) -> str:
        return self._codec.written(state, key)

    def state_hash(self, state: State | None, key: str | None) -> str | None:
        return None if state is None or state == self.start else str(self.state_document(state, key)["hash"])

    def begun(self, given: Mapping[str, Any]) -> State:
        """The state of which an example gives some. Raises StateError."""
        return self._codec.begun(given)

    @property
    def start(self) -> State:
        """The state before the first snapshot."""
        return self.program.start or (None, None, None)

    @cached_property
    def _codec(self) -> StateCodec:
        from .state_document import StateCodec

        return StateCodec(self.pack, self.values, self.engine)

    def _first_step(self, snapshot: Mapping[str, Any], *, now: str | float | None = None) -> Decision:
        return cast("Decision", self._compiled.decide(snapshot, self.start, now=now))

    def _unusual_step(self, snapshot: object, state: State) -> Decision:
        """The slow path of a step: what `_unusual` does, and what is no step further."""
        from .admission import placed
        from .outcome import Outcome
        from .state import too_late

        position, reading = placed(self.pack, state, self.admitted(snapshot))
        if position == "repeated":
            outcome = Outcome(inputs=reading.inputs, warnings=tuple(reading.warnings))
            return Decision.examined(self, state[2], outcome, position, (state, state))
        if position == "refused":
            reading = reading.lost(too_late(state, reading.inputs))
        outcome = self.examiner.examine(reading, state)
        outputs = self._outputs(outcome)
        after = state if position == "refused" else self._behind(state, outcome, outputs)
        return Decision.examined(self, outputs, outcome, position, (state, after))

    def _behind(self, state: State, outcome: Outcome, outputs: Mapping[str, Any]) -> State:
        from .state import behind, failed

        if outcome.status == "failsafe":
            return failed(self.pack, state)
        return behind(self.pack, state, outcome.inputs, outputs, outcome.slots)

    # Snapshots as JSON text

    @cached_property
    def decide_json(self) -> DecideJson:
        from .json_text import decider

        decide_json = decider(self.decide, self._unread, self._keys_of)
        decide_json.__doc__ = DecideJson.__doc__
        return decide_json

    @cached_property
    def step_json(self) -> Callable[..., Decision]:
        """`step` for JSON text."""
        from .json_text import decider

        return decider(self.step, self._unread, self._keys_of)

    @cached_property
    def _keys_of(self) -> Callable[[Any], int] | None:
        from .backends.key_code import key_counter

        return key_counter(self.pack.inputs)

    def _unread(self, faults: Sequence[Diagnostic], now: object, state: State | None = None) -> Decision:
        """The decision where there is no snapshot."""
        from .plain import plain
        from .snapshot import Reading
        from .times import parse_time

        inputs = {} if now is None else {"now": parse_time(plain(now))}
        outcome = self.examiner.examine(Reading(inputs, [*faults], unread=True))
        outputs = self._outputs(outcome)
        before = self.program.start if state is None else state
        after = None if before is None else self._behind(before, outcome, outputs)
        return Decision.examined(self, outputs, outcome, "next", (before, after))

    # Decisions in detail

    def _unusual(self, snapshot: object) -> Decision:
        """The slow path: a fault, or a form that the generated function does not read."""
        outcome = self.examiner.examine(self.admitted(snapshot))
        return Decision.examined(self, self._outputs(outcome), outcome)

    def admitted(self, snapshot: object) -> Reading:
        """A snapshot as it is read, with what is wrong with it."""
        from .admission import admit
        from .plain import plain

        return admit(self.pack, self._rules, plain(snapshot))

    def _outputs(self, outcome: Outcome) -> ReadOnlyDict:
        from .snapshot import export

        published = self.pack.published
        values = {
            name: export(outcome.outputs[published.get(name, name)], output.type)
            for name, output in self.pack.publication.items()
        }
        return cast("ReadOnlyDict", read_only(values))

    @cached_property
    def _rules(self) -> Rules:
        from .admission import rules_of

        return rules_of(self.pack, self.values, self.lacking)

    @cached_property
    def _evaluate(self) -> CompiledEvaluate:
        from .backends.evaluation import CompiledEvaluate

        return CompiledEvaluate(self.pack, self.values)

    def examine(self, captured: Any, state: State | None = None) -> Outcome:
        """The outcome behind a decision of the generated function."""
        return self._examine(self._compiled.inputs_of(captured), state)

    @cached_property
    def _examine(self) -> Callable[[dict[str, ir.Value], State | None], Outcome]:
        from .snapshot import Reading

        examine = self.examiner.examine
        return lambda inputs, state: examine(Reading(inputs), state)

    @cached_property
    def examiner(self) -> Examiner:
        """Decides again, with compiled expressions, and remembers every step."""
        from .backends.follow_code import follower
        from .examination import Examiner

        pack, values = self.pack, self.values
        return Examiner(pack, values, self._evaluate, make_follow=lambda: follower(pack, values), lacking=self.lacking)

    @cached_property
    def _explainer(self) -> Explainer:
        from .reasons import Explainer

        return Explainer(self.pack, self.values)

    def reasons(self, outcome: Outcome, language: str = "") -> list[Reason]:
        return self._explainer.reasons(outcome, language)

    def folds(self, outcome: Outcome) -> dict[str, Folded]:
        """How each output came to its value."""
        return self._explainer.folds(outcome)

    def intents(self, outcome: Outcome, language: str = "") -> list[Intent]:
        return self._explainer.intents(outcome, language)

    def dropped(self, outcome: Outcome, language: str = "") -> list[DroppedIntent]:
        return self._explainer.dropped(outcome, language)

    def sent(self, asked: Sequence[Emitted], tell: Callable[[], Sequence[Intent]], kept: bool) -> list[Intent]:
        """What generated code asks for, or has `kept` of that; `tell` explains it, and is asked when a text is read."""
        return self._explainer.sent(asked, self._compiled.plain, tell, kept=kept)

    def unsent(self, dropped: Sequence[Dropped], tell: Callable[[], Sequence[Intent]]) -> list[DroppedIntent]:
        """What generated code dropped."""
        return self._explainer.unsent(dropped, self._compiled.plain, tell)
