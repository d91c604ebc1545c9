"""A run told from its written decisions, one after the other and none kept: modes, firings, limits, faults."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson

from ..engine import ir
from .run_bins import OTHER, Bin, Bins, Spread
from .run_views import Band, FaultCount, NearMiss, OutputSummary, RuleCount, RunReport, Timeline
from .text import clean, plain_text

if TYPE_CHECKING:
    from ..engine.ir import Pack

_MOST_RULES = 1_000
_MOST_FAULTS = 1_000
_MOST_KEYS = 100_000
_MOST_OUTPUTS = 200
_SHOWN = 100
_DRAWN = 20
_LONGEST = 300
_LARGEST = 1e100  # no number of a desk is larger, and sums and drawings of such would overflow
_LONGEST_VALUE = 60
_SEVERITIES = ("block", "warning", "info", "none")
_STATUSES = ("ok", "degraded", "repeated", "refused", "failsafe")
SEVEREST = "severest reason"
STATUS = "status"


@dataclass(slots=True)
class _Rule:
    first: str
    pack: str = ""
    severity: str = "info"
    text: str = ""
    last: str = ""
    fired: int = 0
    decisive: int = 0


@dataclass(slots=True)
class _Fault:
    severity: str
    message: str
    help: str
    first: str
    last: str = ""
    count: int = 0


class Run:
    """Counts decisions as they are added. Its memory does not grow with their number."""

    def __init__(self) -> None:
        self.decisions = 0
        self.unreadable: list[tuple[int, str]] = []
        self._bad = 0
        self._bins = Bins()
        self._statuses: Counter[str] = Counter()
        self._policies: Counter[str] = Counter()
        self._references: Counter[str] = Counter()
        self._hashes: Counter[str] = Counter()
        self._keys: set[str] = set()
        self._rules: dict[str, _Rule] = {}
        self._lost_rules: Counter[str] = Counter()
        self._names: set[str] = set()
        self._faults: dict[tuple[str, str], _Fault] = {}
        self._lost_faults = 0
        self._choices: dict[str, Counter[str]] = {}
        self._numbers: dict[str, Spread] = {}
        self._bound: dict[str, Counter[str]] = {}
        self._dropped: Counter[str] = Counter()
        self._span: list[str] = []
        self._cut = 0

    @property
    def policy(self) -> str | None:
        """What leads to the policy of most decisions: its bare name, or that of a pack alone with its version."""
        return self._references.most_common(1)[0][0] if self._references else None

    def add(self, line: bytes, number: int) -> None:
        """A line of the stream; one that is no decision is counted, and the first of them are told of."""
        if not line.strip():
            return
        try:
            written = orjson.loads(line)
            self._check(written)
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            self._bad += 1
            if len(self.unreadable) < _SHOWN:
                said = "lacks " + str(error) if isinstance(error, KeyError) else str(error)
                self.unreadable.append((number, clean(said)[:_LONGEST_VALUE]))
            return
        self._count(written, number)

    @staticmethod
    def _check(written: Any) -> None:
        """What is read below is there and of the kind it has to be, before anything is counted."""
        for name, kind in _SHAPE.items():
            if not isinstance(written[name], kind):
                raise TypeError(f"`{name}` is not as a decision has it")
        for reason in written["reasons"]:
            for name, kind in _REASON.items():
                if not isinstance(reason[name], kind):
                    raise TypeError(f"`{name}` of a reason is not as a decision has it")
            for change in reason["effects"]:
                if not isinstance(change["output"], str) or "before" not in change or "after" not in change:
                    raise TypeError("`effects` of a reason is not as a decision has it")
        for fault in written["diagnostics"]:
            if not isinstance(fault["message"], str) or not isinstance(fault["code"], str):
                raise TypeError("`diagnostics` is not as a decision has it")
        for name, kind in (("fired", str), ("dropped_intents", dict)):
            if not all(isinstance(each, kind) for each in written[name]):
                raise TypeError(f"`{name}` is not as a decision has it")
        if not all(isinstance(each, dict) for each in written["packs"].values()):
            raise TypeError("`packs` is not as a decision has it")

    def _count(self, written: Mapping[str, Any], number: int) -> None:
        self.decisions += 1
        time = written["now"] or f"line {number}"
        if written["now"]:
            self._span = [min(self._span[0], time), max(self._span[1], time)] if self._span else [time, time]
        found = self._bins.next(time)
        self._statuses[written["status"]] += 1
        name = written["policy"]
        _tally(self._policies, name)
        _tally(self._references, name if name in written["packs"] else name.partition("@")[0])
        self._cut += written["more_reasons"] > 0
        for each in written["packs"].values():
            _tally(self._hashes, str(each.get("hash")))
        if written["key"] is not None and len(self._keys) < _MOST_KEYS:
            self._keys.add(written["key"])
        self._choice(found, STATUS, written["status"])
        self._outputs(found, written["outputs"])
        self._reasons(found, written, time)
        for fault in written["diagnostics"]:
            self._fault(fault, time)
        for intent in written["dropped_intents"]:
            _tally(self._dropped, f"{intent.get('id')}: {intent.get('rule') or intent.get('reason')}"[:_LONGEST])

    def _choice(self, found: Bin, name: str, value: str) -> None:
        found.choices[name, self._bins.value(name, value[:_LONGEST_VALUE])] += 1

    def _outputs(self, found: Bin, outputs: Mapping[str, Any]) -> None:
        for name, value in outputs.items():
            if name not in self._names and len(self._names) == _MOST_OUTPUTS:
                continue
            self._names.add(name)
            if isinstance(value, bool | str):
                shown = self._bins.value(name, plain_text(value)[:_LONGEST_VALUE])
                found.choices[name, shown] += 1
                self._choices.setdefault(name, Counter())[shown] += 1
            elif isinstance(value, int | float) and abs(value) < _LARGEST:
                found.numbers.setdefault(name, Spread()).add(value)
                self._numbers.setdefault(name, Spread()).add(value)

    def _reasons(self, found: Bin, written: Mapping[str, Any], time: str) -> None:
        """A rule counts once a decision, for however many items it fired."""
        told: dict[str, list[Mapping[str, Any]]] = {name: [] for name in written["fired"]}
        for reason in written["reasons"]:
            told.setdefault(reason["rule"], []).append(reason)
        for name, reasons in told.items():
            rule = self._rule(name, reasons, time)
            if rule is None:
                continue
            rule.fired, rule.last = rule.fired + 1, time
            rule.decisive += any(each["decisive"] for each in reasons)
            found.fired[name] += 1
            for output in {each for reason in reasons for each in _bound(reason) if each in self._numbers}:
                self._bound.setdefault(output, Counter())[name] += 1
        severities = {reason["severity"] for reason in written["reasons"]}
        severest = next(each for each in _SEVERITIES if each in severities or each == "none")
        self._choice(found, SEVEREST, severest)

    def _rule(self, name: str, reasons: Sequence[Mapping[str, Any]], time: str) -> _Rule | None:
        rule = self._rules.get(name)
        if rule is None and len(self._rules) < _MOST_RULES:
            rule = self._rules[name] = _Rule(first=time)
        if rule is None:
            _tally(self._lost_rules, name)
        elif reasons and not rule.pack:
            first = reasons[0]
            rule.pack, rule.severity, rule.text = first["pack"], first["severity"], clean(first["text"])[:_LONGEST]
        return rule

    def _fault(self, fault: Mapping[str, Any], time: str) -> None:
        key = fault["code"], str(fault.get("path") or fault.get("file") or "")
        found = self._faults.get(key)
        if found is None:
            if len(self._faults) == _MOST_FAULTS:
                self._lost_faults += 1
                return
            advice = str(fault.get("help") or "")[:_LONGEST]
            found = self._faults[key] = _Fault(
                str(fault.get("severity")), clean(fault["message"])[:_LONGEST], clean(advice), time
            )
        found.count, found.last = found.count + 1, time

    # What it comes to

    def report(
        self,
        pack: Pack | None = None,
        hashes: Iterable[str] = (),
        margins: tuple[tuple[NearMiss, ...], str] | None = None,
    ) -> RunReport:
        """`pack` is the policy's, where it was found: it tells of the rules that never fired."""
        times = tuple(each.first for each in self._bins.bins)
        ranked = sorted(self._rules.items(), key=lambda each: (-each[1].fired, each[0]))
        faults = sorted(self._faults.items(), key=lambda each: (-each[1].count, each[0]))
        return RunReport(
            headline=self._headline(),
            facts=tuple(self._facts()),
            notes=(*self._notes(pack, set(hashes)), *self._measured(margins)),
            decisions=self.decisions,
            statuses=tuple((name, self._statuses[name]) for name in _STATUSES if self._statuses[name]),
            rules=tuple(self._rule_count(name, rule) for name, rule in ranked[:_MOST_RULES]),
            more_rules=len(self._lost_rules),
            outputs=tuple(self._summaries()),
            inert=tuple(self._inert(pack, set(hashes))),
            margins=margins[0] if margins else (),
            faults=tuple(_fault_count(code, path, each) for (code, path), each in faults),
            more_faults=self._lost_faults,
            dropped=tuple(self._dropped.most_common(_SHOWN)),
            times=times,
            timelines=tuple(self._timelines()),
            bands=tuple(self._band(name) for name in sorted(self._numbers)[:_MOST_OUTPUTS]),
            firings=tuple(self._firings(name) for name, _ in ranked[:_DRAWN]),
        )

    def _headline(self) -> str:
        if not self.decisions:
            return "The run holds no decision, so there is nothing to tell of it."
        blocked = sum(each.choices[SEVEREST, "block"] for each in self._bins.bins)
        ok = self._statuses["ok"]
        troubled = self.decisions - ok
        parts = [f"{self.decisions:,} decision{'s' if self.decisions > 1 else ''}"]
        parts.append("all of them ok" if not troubled else f"{troubled:,} of them not ok")
        return f"{', '.join(parts)}; a reason blocked something in {blocked:,} ({_share(blocked, self.decisions)})."

    def _facts(self) -> Iterator[tuple[str, str]]:
        for name, count in self._policies.most_common(_DRAWN):
            yield "Policy", f"{name}, {count:,} decisions"
        if self._span:
            yield "From", self._span[0]
            yield "To", self._span[1]
        if self._keys:
            more = "at least " if len(self._keys) == _MOST_KEYS else ""
            yield "Keys", f"{more}{len(self._keys):,}"
        for name, _ in self._hashes.most_common(_DRAWN):
            yield "Document", name

    def _notes(self, pack: Pack | None, hashes: set[str]) -> Iterator[str]:
        if self._bad:
            shown = "; ".join(f"line {number}: {said}" for number, said in self.unreadable[:5])
            yield f"{self._bad:,} lines hold no written decision and were passed over ({shown})."
        if len(self._policies) > 1 or len(self._hashes) > len(self._policies) > 0:
            yield "The run mixes decisions of several policies or versions; rules are counted by their id alone."
        if self._cut:
            yield (
                f"{self._cut:,} decisions had more reasons than are written: how often a rule decided is a lower bound."
            )
        if self.decisions and pack is None:
            yield "The pack was not found (--policy or --rules says where it is): which rules never fired is not known."
        elif pack is not None and not self._hashes.keys() <= hashes:
            yield f"The {pack.name}@{pack.version} found is not the one that decided, so inert rules are not told."

    def _measured(self, margins: tuple[tuple[NearMiss, ...], str] | None) -> Iterator[str]:
        """What the margins are of."""
        if margins:
            yield margins[1]
        elif self.decisions:
            yield (
                "Written decisions do not hold how near each threshold was: with their record "
                "(decide --stream --record) this report tells it too."
            )

    def _rule_count(self, name: str, rule: _Rule) -> RuleCount:
        share = rule.fired / self.decisions
        return RuleCount(
            name, rule.pack, rule.severity, rule.fired, rule.decisive, share, rule.first, rule.last, rule.text
        )

    def _summaries(self) -> Iterator[OutputSummary]:
        for name in sorted({*self._choices, *self._numbers})[:_MOST_OUTPUTS]:
            values = self._choices.get(name, Counter()).most_common()
            spread = self._numbers.get(name)
            low, mean, high = (spread.low, spread.mean, spread.high) if spread else (None, None, None)
            bound = tuple(self._bound.get(name, Counter()).most_common(3))
            yield OutputSummary(name, tuple(values), low, mean, high, bound)

    def _inert(self, pack: Pack | None, hashes: set[str]) -> Iterator[str]:
        if pack is not None and self._hashes.keys() <= hashes:
            fired = {*self._rules, *self._lost_rules}
            yield from sorted(ir.shown(name) for name in pack.rules if ir.shown(name) not in fired)

    def _timelines(self) -> Iterator[Timeline]:
        if self.decisions:
            yield self._timeline(STATUS, [each for each in _STATUSES if self._statuses[each]])
            yield self._timeline(SEVEREST, list(_SEVERITIES))
        for name in sorted(self._choices)[:_MOST_OUTPUTS]:
            values = sorted(self._bins.values(name))
            rest = [OTHER] if self._choices[name][OTHER] and OTHER not in values else []
            yield self._timeline(name, values + rest)

    def _timeline(self, name: str, values: list[str]) -> Timeline:
        shares = tuple(
            tuple(round(each.choices[name, value] / each.count, 4) for each in self._bins.bins) for value in values
        )
        return Timeline(name, tuple(values), shares)

    def _band(self, name: str) -> Band:
        spreads = [each.numbers.get(name) for each in self._bins.bins]
        return Band(
            name,
            tuple(each.low if each else None for each in spreads),
            tuple(each.mean if each else None for each in spreads),
            tuple(each.high if each else None for each in spreads),
        )

    def _firings(self, name: str) -> Timeline:
        share = tuple(round(min(each.fired[name] / each.count, 1.0), 4) for each in self._bins.bins)
        return Timeline(name, ("fired",), (share,))


_SHAPE: dict[str, Any] = {
    "status": str, "policy": str, "key": str | None, "now": str | None, "outputs": dict, "packs": dict,
    "reasons": list, "fired": list, "diagnostics": list, "dropped_intents": list, "more_reasons": int,
}  # fmt: skip
_REASON: dict[str, Any] = {
    "rule": str, "pack": str, "severity": str, "text": str, "effects": list, "decisive": bool,
}  # fmt: skip


def _tally(counter: Counter[str], name: str) -> None:
    """Count a name, unless there are too many already."""
    if name in counter or len(counter) < _MOST_KEYS:
        counter[name] += 1


def _bound(reason: Mapping[str, Any]) -> Iterator[str]:
    """The outputs whose value rests on a reason."""
    if reason["decisive"]:
        yield from (each["output"] for each in reason["effects"] if each["before"] != each["after"])


def _fault_count(code: str, path: str, fault: _Fault) -> FaultCount:
    return FaultCount(code, fault.severity, path, fault.message, fault.help, fault.count, fault.first, fault.last)


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.1%}".replace("%", " %")


__all__ = ["Run"]
