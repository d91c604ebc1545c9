"""What a decision is asked to have come out otherwise for: an output, or whether an intent is sent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from . import ir
from .blocks import Item
from .reach import Reach
from .run import Run
from .snapshot import export

if TYPE_CHECKING:
    from .policy import Policy


@dataclass(frozen=True, slots=True)
class OutputTarget:
    """An output by its name in the decision."""

    name: str

    def computed(self, pack: ir.Pack) -> str:
        return pack.published.get(self.name, self.name)

    def value(self, run: Run) -> Any:
        """What a run without fault gives, as a decision shows it."""
        name = self.computed(run.pack)
        return export(run.outputs[name], run.pack.outputs[name].type)

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

    def value(self, run: Run) -> bool:
        kept = run.intents.get("", ())
        return any(each.id == self.id and (self.any_item or each.item == self.item) for each in kept)

    def reach(self, pack: ir.Pack) -> Reach:
        return Reach.of_intent(pack, self.id)


Target = OutputTarget | IntentTarget


def intent_target(policy: Policy, name: str) -> IntentTarget | None:
    """The intent that is shown under a name, of all items; nothing where there is none."""
    found = next((each for each in policy.pack.intents if ir.shown(each) == name), None)
    return None if found is None else IntentTarget(found, any_item=True)


__all__ = ["IntentTarget", "OutputTarget", "Target", "intent_target"]
