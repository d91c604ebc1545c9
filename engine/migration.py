"""What a pack says of the state that its earlier versions saved."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

_SENT = "sent."


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

    def of_part(self, part: str, kept: Collection[str]) -> Migration:
        """The same of a pack that a policy uses, for what the policy `kept` of it."""
        was = {_in(part, now): _in(part, then) for now, then in self.was.items() if _in(part, then) in kept}
        gone = {_in(part, name): why for name, why in self.dropped.items() if _in(part, name) in kept}
        return Migration(self.versions, was, gone)


def _in(part: str, name: str) -> str:
    """A name of a pack as the policy shows it."""
    sent = _SENT if name.startswith(_SENT) else ""
    return f"{sent}{part}.{name.removeprefix(sent)}"


def joined(migrations: Sequence[Migration]) -> Migration:
    """What all of them say, which are of different packs."""
    was = {now: then for each in migrations for now, then in each.was.items()}
    dropped = {name: why for each in migrations for name, why in each.dropped.items()}
    return Migration((), was, dropped)


def migration_from(migrations: Iterable[Migration], version: str) -> Migration | None:
    return next((each for each in migrations if version in each.versions), None)
