"""Generated code for what inputs keep beyond their types: ages, and conditions on inputs and records.

What does not hold raises, as everything unusual does; `engine/admission.py` says what it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ..requirements import Rules
from ..types import Age, Field, Record
from .draft import Draft


@dataclass(frozen=True)
class ContractCode:
    """Writes the checks of one pack."""

    draft: Draft
    rules: Rules

    def of_inputs(self) -> None:
        for requirement in self.draft.pack.admits:
            self.draft.add(f"if not {self.draft.writer.write(requirement.condition)}: raise Unusual")

    def of_record(self, field: Field, parts: Mapping[str, str]) -> Iterator[str]:
        """The checks of a record that is there, whose fields are spelled as `parts` say."""
        assert isinstance(field.type, Record), "only records have parts"
        writer = self.draft.writer
        for part in field.type.fields:
            writer = writer.inside(part.name, parts[part.name], part)
        for name in field.requires:
            yield f"if not {writer.write(self.rules.contracts[name].condition)}: raise Unusual"
        if field.age and field.age.inside:
            yield self._old(field.age, field.type.field(field.age.of), "True", parts[field.age.of])
        yield from self.beside(field.type.fields, parts)

    def beside(self, fields: tuple[Field, ...], spelled: Mapping[str, str]) -> Iterator[str]:
        """The checks of ages by a time that stands beside the value."""
        for each in fields:
            if each.age and not each.age.inside:
                of = next((i, other) for i, other in enumerate(fields) if other.name == each.age.of)
                present = f"{spelled[each.name]} is not None" if each.optional else "True"
                yield self._old(each.age, of, present, spelled[each.age.of])

    def _old(self, age: Age, of: tuple[int, Field] | None, present: str, moment: str) -> str:
        """A time in the future is a fault whether the value is there or not."""
        assert of is not None, "a checked age names a time"
        old = f"i_now - {moment} > {self.rules.limits[age.limit]}"
        test = f"{moment} > i_now or {old}" if present == "True" else f"{moment} > i_now or ({present} and {old})"
        test = f"{present} if {moment} is None else ({test})" if of[1].optional else test
        return f"if {test}: raise Unusual"
