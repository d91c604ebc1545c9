"""Rules, groups, tables and intents of a pack, in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from ..engine import ir
from ..engine.sentences import Sentences, words
from ..engine.types import BOOLEAN, Vector
from .alternatives import listed
from .pack_views import RowView, RuleView, TableView
from .text import in_order, where

_ALWAYS = ir.Literal(type=BOOLEAN, value=True), ir.And(type=BOOLEAN, terms=())
_HIT = {
    "unique": "exactly one row holds",
    "first": "the first row that holds counts",
    "collect": "every row that holds counts",
}
_VERBS = {
    "times": "× {}", "add": "+ {}", "floor": "at least {}", "cap": "at most {}", "set": "set to {}",
}  # fmt: skip
_COMBINED = {"collect": "gets {}", "most_severe": "at least {}"}


class Rules:
    """Says what the rules of one pack do, under the parameters in force."""

    def __init__(self, pack: ir.Pack, say: Sentences) -> None:
        self._pack = pack
        self._say = say

    def rules(self) -> Iterator[RuleView]:
        """The rules that are no rows of tables and emit nothing."""
        for rule in in_order(self._pack.rules.values()):
            if rule.table is None and rule.id not in self._pack.intents:
                yield self._rule(rule, "rule", ())

    def intents(self) -> Iterator[RuleView]:
        for intent in in_order(self._pack.intents.values()):
            yield self._rule(self._pack.rules[intent.id], "intent", tuple(self._intent(intent)))

    def _intent(self, intent: ir.Intent) -> Iterator[str]:
        yield intent.exposure
        if intent.safe:
            yield "emitted also by a decision that failed"
        yield f"emits {self._emitted(intent.emit)}"

    def _emitted(self, emit: ir.Expr) -> str:
        """The fields of the record that is emitted."""
        emits = self._pack.emits
        if emits is None or not isinstance(emit, ir.Make):
            return self._say.say(emit)
        fields = zip(emits.record.fields, emit.parts, strict=True)
        shown = [f"{words(field.name)}: {self._say.say(part)}" for field, part in fields if not _is_absent(part)]
        return f"{emits.record.name} with {', '.join(shown)}"

    def arbitration(self) -> Iterator[str]:
        """Which intents stand together, as sentences."""
        found, emits = self._pack.arbitration, self._pack.emits
        if not self._pack.intents or not self._pack.parts:
            return
        order = f", {listed([ir.shown(each) for each in found.order])} in this order" if found.order else ""
        yield f"Cancels come first, then what reduces exposure, then the rest{order}"
        if found.conflict and emits:
            fields = listed([words(emits.record.fields[i].name) for i in found.conflict])
            allowed = f"; what reduces may be dropped as well: {found.allow_drop}" if found.allow_drop else ""
            yield f"Of intents with the same {fields} the first stands{allowed}"
        for name, veto in sorted(found.vetoes.items()):
            allowed = f" (what reduces may be dropped as well: {veto.allow_drop})" if veto.allow_drop else ""
            because = self._because(veto.rule.because)
            yield f"Veto {name}: drops {self.condition(veto.rule).removeprefix('for ')}{allowed}: {because}"

    def _rule(self, rule: ir.Rule, kind: str, notes: tuple[str, ...]) -> RuleView:
        return RuleView(
            id=ir.shown(rule.id),
            kind=kind,
            severity=rule.severity,
            when=self.condition(rule),
            effects=tuple(self._effects(rule)),
            because=self._because(rule.because),
            group=ir.shown(rule.group or ""),
            notes=notes,
            where=where(rule.span),
        )

    def condition(self, rule: ir.Rule) -> str:
        """When a rule fires."""
        loop = f"for {self._say.block(rule.loop)}" if rule.loop else ""
        if rule.when is None:
            return "wherever it changes a value"
        when = "" if rule.when in _ALWAYS else f"when {self._say.say(rule.when)}"
        return f"{loop}, {when}" if loop and when else loop or when or "always"

    def _effects(self, rule: ir.Rule) -> Iterator[str]:
        for effect in rule.effects:
            combine = self._pack.outputs[effect.output].combine
            form = _VERBS.get(effect.verb) or _COMBINED.get(combine, "is {}")
            yield f"{words(effect.output)} {form.format(self._say.say(effect.value))}"

    def _because(self, because: Mapping[str, ir.Template]) -> str:
        """The reason as it is written, its values named."""
        template: ir.Template = next(iter(because.values()), ())
        parts = (part if isinstance(part, str) else f"[{self._say.say(part.value)}]" for part in template)
        return " ".join("".join(parts).split())

    def groups(self) -> Iterator[RuleView]:
        for group in in_order(self._pack.groups.values()):
            when = f"open while {self._say.say(group.when)}" if group.when else "always open"
            yield RuleView(
                id=ir.shown(group.id),
                kind="group",
                severity="info",
                when=when,
                effects=(),
                because=self._because(group.because),
                group="",
                notes=tuple(sorted(map(ir.shown, group.members))),
                where=where(group.span),
            )

    def tables(self) -> Iterator[TableView]:
        for table in in_order(self._pack.tables.values()):
            loop = f"for {self._say.block(table.loop)}; " if table.loop else ""
            rows = in_order(self._pack.rules[row] for row in table.rows)
            yield TableView(
                id=ir.shown(table.id),
                how=f"{loop}{_how(table)}",
                columns=tuple(words(each.name) for each in table.columns),
                rows=tuple(self._row(table, table.rows.index(row.id), row) for row in rows),
                group=ir.shown(table.group or ""),
                where=where(table.span),
            )

    def _row(self, table: ir.Table, index: int, row: ir.Rule) -> RowView:
        return RowView(
            id=row.id.removeprefix(f"{table.id}."),
            severity=row.severity,
            cells=tuple(self._cell(column, index) for column in table.columns),
            effects=tuple(self._effects(row)),
            because=self._because(row.because),
            where=where(row.span),
        )

    def _cell(self, column: ir.Column, index: int) -> str:
        """A cell without its column's name in front."""
        cell = column.cells[index] if index < len(column.cells) else None
        if cell is None:
            return ""
        said, subject = self._say.say(cell), self._say.say(column.value)
        for named in (subject, f"({subject})"):
            said = said.replace(f"{named} is ", "").removeprefix(f"not {named}").strip()
        return "false" if said == "" else "true" if said == subject else said

    def lookup(self, name: str, lookup: ir.Lookup) -> TableView:
        """A table of values."""
        rows = [
            RowView(
                id=row.id,
                severity="info",
                cells=tuple(self._cell(column, i) for column in lookup.columns),
                effects=(self._say.say(row.value),),
                because="",
                where=where(row.span),
            )
            for i, row in enumerate(lookup.rows)
        ]
        return TableView(
            ir.shown(name), _how(lookup), tuple(words(each.name) for each in lookup.columns), tuple(rows), "", ""
        )


def _how(table: ir.Table | ir.Lookup) -> str:
    return f"{_HIT[table.hit]}{'' if table.complete else ', or none'}"


def _is_absent(part: ir.Expr) -> bool:
    return isinstance(part, ir.Literal) and part.value is None


def by_member(kind: Vector, values: Sequence[str]) -> str:
    """The values of a vector with its members."""
    return ", ".join(f"{member}: {value}" for member, value in zip(kind.by.members, values, strict=True))


__all__ = ["Rules", "by_member"]
