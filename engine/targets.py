"""What a decision is asked to have come out otherwise for: an output, or whether an intent is sent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from . import ir
from .blocks import Item
from .reach import Reach
from .run import Run
from .snapshot import export
from .types import Type


@dataclass(frozen=True, slots=True)
class OutputTarget:
    """An output by its name in the decision."""

    name: str

    def computed(self, pack: ir.Pack) -> str:
        return pack.published.get(self.name, self.name)

    def type_in(self, pack: ir.Pack) -> Type:
        return pack.outputs[self.computed(pack)].type

    def value(self, run: Run) -> Any:
        """What a run without fault gives, as a decision shows it."""
        return export(run.outputs[self.computed(run.pack)], self.type_in(run.pack))

    def reach(self, pack: ir.Pack) -> Reach:
        return Reach.of_output(pack, self.computed(pack))


@dataclass(frozen=True, slots=True)
class IntentTarget:
    """Whether an intent is sent, which is that it is emitted and survives arbitration: for one item, or for any."""

    id: str
    item: Item = None
    any_item: bool = False

    @property
    def name(self) -> str:
        places = self.item if isinstance(self.item, tuple) else () if self.item is None else (self.item,)
        return ir.shown(self.id) + "".join(f"[{each}]" for each in places)

    def type_in(self, pack: ir.Pack) -> None:
        """It has none: an intent is sent, or is not."""

    def value(self, run: Run) -> bool:
        kept = run.intents.get("", ())
        return any(each.id == self.id and (self.any_item or each.item == self.item) for each in kept)

    def reach(self, pack: ir.Pack) -> Reach:
        return Reach.of_intent(pack, self.id)


Target = OutputTarget | IntentTarget


def named(pack: ir.Pack) -> dict[str, Target]:
    """What a person may ask about, by name: the outputs that a decision shows, and its intents, of all items."""
    intents: dict[str, Target] = {ir.shown(each): IntentTarget(each, any_item=True) for each in pack.intents}
    return intents | {name: OutputTarget(name) for name in pack.publication}


__all__ = ["IntentTarget", "OutputTarget", "Target", "named"]
