"""Names in a policy that uses packs: each begins with the part that it belongs to."""

from __future__ import annotations

OF = "·"  # stands between a part's name and the name in it: Python takes it for a letter, and no pack may use it


def part_of(name: str) -> str:
    """The part that a name of the whole belongs to; the policy's own has none."""
    return name.partition(OF)[0] if OF in name else ""


def of_part(part: str, name: str) -> str:
    """The name in the whole of what a part calls `name`."""
    return f"{part}{OF}{name}"


def shown(name: str) -> str:
    """A name of the whole as people write it: `swing.max_position`."""
    return name.replace(OF, ".")


__all__ = ["OF", "of_part", "part_of", "shown"]
