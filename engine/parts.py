"""What belongs to which part of a policy. A pack that stands alone is one part without a name."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from . import ir
from .graph import Key, all_reads, key_of, needed
from .intents import SENT, reads_intents


@dataclass(frozen=True, slots=True)
class Reader:
    """A rule, group or invariant of a part, by id, and what it needs."""

    id: str
    needs: frozenset[Key]


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """What is settled with a part; `keys` are its steps, and `vetoes` what those of the policy's own part need."""

    part: ir.Part
    keys: frozenset[Key]
    rules: tuple[Reader, ...]
    groups: tuple[Reader, ...]
    outputs: tuple[str, ...]
    enforced: tuple[tuple[ir.Invariant, frozenset[Key]], ...]
    vetoes: frozenset[Key]

    @property
    def is_bare(self) -> bool:
        """Whether it is the part of a policy that does no more than wire."""
        return not self.part.name and not self.keys


def contents(pack: ir.Pack) -> dict[str, Contents]:
    """By the part's name."""
    parts = pack.parts or (ir.Part(name="", pack=pack.name, version=pack.version),)
    return {part.name: _contents(pack, part) for part in parts}


def _contents(pack: ir.Pack, part: ir.Part) -> Contents:
    mine = [each for each in pack.enforced if ir.part_of(each.id) == part.name]
    vetoes = [veto.rule for veto in pack.arbitration.vetoes.values()] if not part.name else []
    return Contents(
        part=part,
        keys=frozenset(key_of(step) for step in pack.steps if part_of(step) == part.name) - {("settle", part.name)},
        rules=tuple(_readers(pack, pack.rules, part.name)),
        groups=tuple(_readers(pack, pack.groups, part.name)),
        outputs=tuple(name for name in pack.outputs if ir.part_of(name) == part.name),
        enforced=tuple((each, needed(pack, [each.condition])) for each in mine),
        vetoes=frozenset[Key]().union(*(_reads(pack, rule) for rule in vetoes)),
    )


def _readers(pack: ir.Pack, holders: Mapping[str, ir.Rule | ir.Group], part: str) -> Iterator[Reader]:
    yield from (Reader(name, _reads(pack, holders[name])) for name in sorted(holders) if ir.part_of(name) == part)


def _reads(pack: ir.Pack, holder: ir.Rule | ir.Group) -> frozenset[Key]:
    """What an explanation stands on: where a fold failed, the fault of an effect has been reported."""
    effects = holder.effects if isinstance(holder, ir.Rule) else ()
    return all_reads(pack, holder) | {("fold", effect.output) for effect in effects}


def part_of(step: ir.Step) -> str:
    """The name of the part that a step belongs to."""
    match step:
        case ir.Settle(part=part) | ir.Demand(part=part):
            return part
    return ir.part_of(key_of(step)[1])


def part_of_slot(slot: ir.Slot) -> str:
    """The part whose failure leaves a slot as it was."""
    return ir.part_of(slot.name.removeprefix(SENT))


def sound(readers: Collection[Reader], failed: Collection[Key]) -> list[str]:
    """Those that need nothing that failed."""
    return [each.id for each in readers if each.needs.isdisjoint(failed)]


def waits(pack: ir.Pack, invariant: ir.Invariant) -> bool:
    """Whether an invariant is of what arbitration keeps."""
    return bool(pack.parts) and not ir.part_of(invariant.id) and reads_intents(invariant.condition)


__all__ = ["Contents", "Reader", "contents", "part_of", "part_of_slot", "sound", "waits"]
