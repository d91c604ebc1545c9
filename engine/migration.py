"""What a pack says of the state that its earlier versions saved."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Migration:
    """How to go on from the state of some versions.

    `was` has the name of then by the name of now, `dropped` why a name of then is let go. The slots of intents are
    named `sent.id`.
    """

    versions: tuple[str, ...]
    was: Mapping[str, str] = field(default_factory=dict)
    dropped: Mapping[str, str] = field(default_factory=dict)

    def before(self, name: str) -> str | None:
        """The name of then, or nothing where what has the name now begins anew."""
        gone = name in self.dropped or name in self.was.values()
        return self.was.get(name, None if gone else name)


def migration_from(migrations: Iterable[Migration], version: str) -> Migration | None:
    return next((each for each in migrations if version in each.versions), None)
