"""Numbers of versions: which comes next, and how far one is from another."""

from __future__ import annotations

from .comparison import LEVELS, Level

Number = tuple[int, int, int]


def number_of(version: str) -> Number:
    """`1.2.3` as numbers. Raises ValueError for another text."""
    first, second, third = version.split(".")
    return int(first), int(second), int(third)


def following(version: str, level: Level) -> str:
    """The version that a change of this level needs at the least."""
    major, minor, patch = number_of(version)
    return {
        "": version,
        "patch": f"{major}.{minor}.{patch + 1}",
        "minor": f"{major}.{minor + 1}.0",
        "major": f"{major + 1}.0.0",
    }[level]


def step(before: str, after: str) -> Level:
    """By what the later of two versions is later; nothing where it is not."""
    old, new = number_of(before), number_of(after)
    if new <= old:
        return ""
    place = next(place for place in range(3) if old[place] != new[place])
    return LEVELS[3 - place]


def is_enough(before: str, after: str, level: Level) -> bool:
    """Whether the step between two versions says that so much changed."""
    return LEVELS.index(step(before, after)) >= LEVELS.index(level)


__all__ = ["Number", "following", "is_enough", "number_of", "step"]
