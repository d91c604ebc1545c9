"""From a decision to its explanation: how each output came about, why, and what would have changed it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ..engine import ir
from ..engine.backends import reference
from ..engine.counterfactuals import Search
from ..engine.margins import Margin, Margins, Threshold
from ..engine.reach import Reach
from ..engine.sentences import Sentences, words
from ..engine.snapshot import Reading, export
from ..engine.targets import IntentTarget, OutputTarget, Target, named
from ..engine.types import List, Number, Type
from ..engine.values import readable
from .alternatives import listed, sentences
from .explanation_views import Explanation, OutputView, ParameterView, RuleView, StepView, ThresholdView
from .pack_rules import Rules
from .text import plain_text, where

if TYPE_CHECKING:
    from ..engine.decision import Decision
    from ..engine.policy import Policy
    from ..engine.reasons import Folded, Reason

_MOST = 100
_MOST_INTENTS = 3  # dropped ones, of which is said what would have let them through
_RATIO = Number()
_VERBS = {"times": "×", "add": "+", "floor": "at least", "cap": "at most", "set": "set to"}


def explain(policy: Policy, decision: Decision, target: str | None = None) -> Explanation:
    """Everything that can be said of a decision that this policy made. `target` is the output or intent to change."""
    policy = policy.of(decision)
    if decision.status in ("ok", "degraded"):
        return _Explaining(policy, decision).explanation(target)
    return _of_faults(policy, decision)


def not_fired(policy: Policy, decision: Decision) -> tuple[RuleView, ...]:
    """The rules that did not fire in a decision whose status is ok, and how far they were from it."""
    return tuple(_Explaining(policy.of(decision), decision).silent())


def _faults(decision: Decision) -> tuple[str, ...]:
    return tuple(_fault(each.message, each.path, each.help) for each in decision.diagnostics)


def _of_faults(policy: Policy, decision: Decision) -> Explanation:
    """A decision that stands on nothing that was computed for it."""
    faults = _faults(decision)
    said = {
        "repeated": "The step was decided before: the outputs of then stand, and nothing is sent again.",
        "refused": "The snapshot came too late and was refused.",
    }.get(decision.status, "Nothing was decided; the outputs are the declared safe ones.")
    headline = f"{said} {faults[0]}" if faults else said
    return Explanation(
        policy=str(policy),
        status=decision.status,
        key=decision.key,
        now=decision.now,
        headline=headline,
        faults=faults,
        outputs=tuple(_safe(name, value) for name, value in sorted(decision.outputs.items())),
        intents=tuple(_intents(decision)),
        dropped=tuple(_dropped(decision)),
        provenance=_provenance(policy, decision),
    )


def _safe(name: str, value: object) -> OutputView:
    return OutputView(name, "", plain_text(value), False, ())


def _fault(message: str, path: str | None, advice: str | None) -> str:
    at = f"{path}: " if path and path not in message else ""
    return f"{at}{message}" + (f" ({advice})" if advice else "")


def _intents(decision: Decision) -> Iterator[str]:
    for each in decision.intents:
        yield f"{each.id} ({each.exposure}): {plain_text(dict(each.emit))}. {each.text}"


def _dropped(decision: Decision) -> Iterator[str]:
    for each in decision.dropped_intents:
        by = f" ({each.rule})" if each.rule else ""
        yield f"{each.intent.id} ({each.intent.exposure}): {plain_text(dict(each.intent.emit))}. {each.reason}{by}"


def _provenance(policy: Policy, decision: Decision) -> tuple[tuple[str, str], ...]:
    return (
        ("policy", f"{policy} {policy.hash}"),
        ("parameters", policy.parameters_hash),
        ("snapshot", decision.snapshot_hash or "could not be read"),
        ("decision", decision.id),
        ("engine", policy.engine),
    )


def _place(item: int | tuple[int, ...]) -> str:
    """The index of an item, or one for each of two lists."""
    return str(item) if isinstance(item, int) else ", ".join(map(str, item))


class _Explaining:
    def __init__(self, policy: Policy, decision: Decision) -> None:
        self._policy = policy
        self._decision = decision
        self._state = decision.state_before
        # A term may be looked at that was skipped: only the reference evaluates one whose guard did not hold.
        examiner = reference.examiner(policy.pack, policy.values, policy.lacking)
        reading = Reading(decision.outcome.inputs, doubtful=decision.outcome.doubtful)
        self._run, self._outcome = examiner.follow(reading, self._state)
        self._say = Sentences(policy.pack, policy.values)
        self._rules = Rules(policy.pack, self._say)
        self._margins = Margins(self._run)
        self._reasons = decision.reasons
        self._behind: dict[str, set[str]] = {}
        parts = (*policy.pack.rules, *policy.pack.groups)
        self._ids = {ir.shown(each): each for each in parts}  # as the reasons name them

    def explanation(self, target: str | None) -> Explanation:
        policy, decision = self._policy, self._decision
        folds = policy.folds(self._outcome)
        names = {shown: policy.pack.published.get(shown, shown) for shown in sorted(decision.outputs)}
        outputs = tuple(
            self._output(shown, folds[name]) if name in folds else _safe(shown, decision.outputs[shown])
            for shown, name in names.items()
        )
        outputs += tuple(self._inner(folds, set(names.values())))
        targets = list(self._targets(target, outputs)) if decision.status == "ok" else []
        search = Search(policy, decision, self._state) if targets else None
        return Explanation(
            policy=str(policy),
            status=decision.status,
            key=decision.key,
            now=decision.now,
            headline=self._headline(outputs),
            faults=_faults(decision),
            outputs=outputs,
            fired=tuple(self._fired(reason) for reason in self._reasons[:_MOST]),
            more_fired=max(len(self._reasons) - _MOST, 0),
            not_fired=tuple(self.silent()),
            target=targets[0].name if targets else None,
            alternatives=tuple(said for each in targets if search for said in sentences(search.found(each))),
            parameters=tuple(self._parameters()),
            intents=tuple(_intents(decision)),
            dropped=tuple(_dropped(decision)),
            provenance=_provenance(policy, decision),
        )

    def _headline(self, outputs: Sequence[OutputView]) -> str:
        if self._decision.status == "ok":
            return self._deciding(outputs) or "No rule changed an output: every one has the value that it starts from."
        failed = "Some packs failed: their outputs are the declared safe ones, and what would raise exposure waits."
        first = [f"{each.rstrip('.')}." for each in _faults(self._decision)[:1]]
        return " ".join(filter(None, (failed, *first, self._deciding(outputs))))

    def _deciding(self, outputs: Sequence[OutputView]) -> str:
        told = [each for each in self._reasons if each.decisive and each.text]
        deciding = next((each for each in told if any(self._shows(each))), next(iter(told), None))
        if deciding is None:
            return ""
        final = {each.name: each.final for each in outputs}
        shown = list(dict.fromkeys(self._shows(deciding)))
        changes = [f"{words(name)} is {final[name]}" for name in shown]
        others = len({each.name for each in outputs if each.changed and each.name in self._decision.outputs} - {*shown})
        rest = f" {others} more output{'s' if others > 1 else ''} changed." if others > 0 else ""
        said = listed(changes)
        outcome = f"{said[0].upper()}{said[1:]}: " if changes else ""
        return f"{outcome}{deciding.text.rstrip('.')} ({deciding.rule}).{rest}"

    def _shows(self, reason: Reason) -> Iterator[str]:
        """The outputs of the decision that show what a rule changed: the same, or a policy's of its name and on it."""
        for change in reason.effects:
            plain = change.output.rpartition(".")[2]
            if change.before == change.after or plain not in self._decision.outputs:
                continue
            if change.output == plain or self._rests_on(plain, change.output):
                yield plain

    def _inner(self, folds: Mapping[str, Folded], published: set[str]) -> Iterator[OutputView]:
        """The outputs of a policy's packs that rules changed, and that the policy's own rest on."""
        for name in sorted(folds.keys() - published if self._policy.pack.parts else ()):
            if folds[name].steps:
                yield self._output(ir.shown(name), folds[name])

    def _output(self, shown: str, folded: Folded) -> OutputView:
        name, kind = folded.output.name, folded.output.type
        start = () if folded.output.combine == "collect" else self._outcome.starts.get(name)
        given = kind.item.type if isinstance(kind, List) and folded.output.combine == "collect" else kind
        texts = {(each.rule, each.item): each.text for each in self._reasons}
        steps = []
        for step in folded.steps:
            identity, item = step.applied.key
            declared, rule = self._policy.pack.rules.get(identity), ir.shown(identity)
            value = _shown(step.applied.value, _RATIO if step.applied.verb == "times" else given)
            after = step.after if isinstance(step.after, float | int) and not isinstance(step.after, bool) else None
            steps.append(
                StepView(
                    by=rule if item is None else f"{rule}[{_place(item)}]",
                    effect=f"{_VERBS.get(step.applied.verb, '')} {value}".strip(),
                    before=_shown(step.before, kind),
                    after=_shown(step.after, kind),
                    reason=texts.get((rule, item), ""),
                    decisive=step.applied.key in folded.decisive or declared is None,
                    where=where(declared.span if declared else folded.output.span),
                    amount=after,
                )
            )
        final = self._outcome.outputs[name]
        begins = float(start) if folded.output.combine == "stages" and isinstance(start, float | int) else None
        return OutputView(shown, _shown(start, kind), _shown(final, kind), bool(steps), tuple(steps), begins)

    def _fired(self, reason: Reason) -> RuleView:
        identity = self._ids.get(reason.rule, "")
        rule, group = self._policy.pack.rules.get(identity), self._policy.pack.groups.get(identity)
        condition = (rule.when if rule else group.when if group else None) or None
        names = self._names(rule, reason) if rule else {}
        margin = self._margins.of(condition, names) if condition is not None and names is not None else None
        span = rule.span if rule else group.span if group else None
        return RuleView(
            id=reason.rule,
            pack=reason.pack,
            severity=reason.severity,
            text=reason.text,
            condition=self._rules.condition(rule)
            if rule
            else f"unless {self._say.say(condition)}"
            if condition
            else "",
            where=where(span),
            decisive=reason.decisive,
            how=margin.how if isinstance(margin, Margin) else "all",
            thresholds=tuple(_thresholds(margin)),
        )

    def _names(self, rule: ir.Rule, reason: Reason) -> dict[str, Any] | None:
        """The names of the rule's block for this reason's item."""
        if rule.loop is None:
            return {} if rule.table is None else self._columns(rule)
        firing = next((f for f in self._outcome.firings if (f.rule, f.item) == (rule.id, reason.item)), None)
        if firing is None or rule.table is not None:
            return None
        return dict(zip(rule.loop.locals, firing.names, strict=True))

    def _columns(self, rule: ir.Rule) -> dict[str, Any]:
        table = self._policy.pack.tables[rule.table or ""]
        evaluate = self._run.evaluate
        return {f"{table.id}.{each.name}": evaluate(self._run, each.value, {}) for each in table.columns}

    def silent(self) -> Iterator[RuleView]:
        """The rules that did not fire, and how far they were from it."""
        fired = {firing.rule for firing in self._outcome.firings}
        for rule in sorted(self._policy.pack.rules.values(), key=lambda each: each.id):
            if rule.id in fired or rule.when is None or ir.part_of(rule.id) in self._outcome.failed:
                continue
            names = None if rule.loop else {} if rule.table is None else self._columns(rule)
            closed = bool(rule.group) and not self._run.gates.get(rule.group or "", True)
            margin = self._margins.of(rule.when, names) if names is not None else None
            if closed and names is not None and self._run.evaluate(self._run, rule.when, names):
                margin = None  # its condition holds
            yield RuleView(
                id=ir.shown(rule.id),
                pack=ir.part_of(rule.id) or self._policy.pack.name,
                severity=rule.severity,
                text=f"group {ir.shown(rule.group or '')} is closed" if closed else "",
                condition=self._rules.condition(rule),
                where=where(rule.span),
                decisive=False,
                how=margin.how if isinstance(margin, Margin) else "all",
                thresholds=tuple(_thresholds(margin)),
            )

    def _parameters(self) -> Iterator[ParameterView]:
        """The parameters that the reasons rest on."""
        named = {name for reason in self._reasons for name in reason.values}
        for name, declared in sorted(self._policy.pack.parameters.items()):
            if ir.shown(name) in named:
                value = _shown(self._policy.values[name], declared.type)
                layer = self._policy.layers.get(name, "pack")
                yield ParameterView(ir.shown(name), value, layer, where(declared.span), declared.why)

    def _targets(self, name: str | None, outputs: Sequence[OutputView]) -> Iterator[Target]:
        """What was asked for; or the output that was changed, and the first intents that were dropped or else sent."""
        if name is not None:
            yield named(self._policy.pack)[name]
            return
        changed = self._target(outputs)
        if changed is not None:
            yield OutputTarget(changed)
        dropped = [each.intent for each in self._outcome.dropped[:_MOST_INTENTS]]
        for each in dropped or (() if changed else self._outcome.intents[:1]):
            yield IntentTarget(each.id, each.item)

    def _target(self, outputs: Sequence[OutputView]) -> str | None:
        """The output that the deciding reason changed; of a policy, the first of its own that rests on one changed."""
        decisive = [each for each in self._reasons if each.decisive]
        shown = next((name for each in decisive for name in self._shows(each)), None)
        if shown is not None or not self._policy.pack.parts:
            return shown
        published = [each.name for each in outputs if each.name in self._decision.outputs]
        changes = (change.output for each in decisive for change in each.effects if change.before != change.after)
        return next((name for each in changes for name in published if self._rests_on(name, each)), None)

    def _rests_on(self, name: str, changed: str) -> bool:
        if name not in self._behind:
            reach = Reach.of_output(self._policy.pack, self._policy.pack.published.get(name, name))
            self._behind[name] = {ir.shown(each) for each in reach.outputs}
        return changed in self._behind[name]


def _shown(value: Any, kind: Type) -> str:
    if isinstance(value, tuple):
        return plain_text(export(value, kind))
    return readable(value, kind)


def _thresholds(margin: Margin | Threshold | None) -> Iterator[ThresholdView]:
    """Each thing that would have to turn; alternatives inside of it are one."""
    if margin is None:
        return
    for part in margin.parts if isinstance(margin, Margin) else (margin,):
        inner = list(part.thresholds()) if isinstance(part, Margin) else [part]
        word = " and " if isinstance(part, Margin) and part.how == "all" else " or "
        condition, value, needed = (
            word.join(dict.fromkeys(getattr(each, name) for each in inner)) for name in ("condition", "value", "needed")
        )
        (only,) = inner if len(inner) == 1 else (None,)
        away = "" if only is None or only.distance is None else f"{only.distance:.6g}{only.unit}"
        yield ThresholdView(condition, value, needed, away, only.share if only else None)


__all__ = ["explain", "not_fired"]
