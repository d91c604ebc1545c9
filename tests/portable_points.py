"""Arguments for the portable functions, and a fingerprint of their results that every machine must give."""

from __future__ import annotations

import hashlib
import math
import struct
from collections.abc import Callable, Iterator, Mapping

from flyball.engine import portable
from flyball.engine.operations import OPERATIONS
from flyball.engine.sampling import Chance

Arguments = tuple[float, ...]


def scaled(chance: Chance, least: int, greatest: int) -> float:
    """Anything between two powers of 2, every power as often as another."""
    return math.ldexp(chance.between(1, 2), least + chance.below(greatest - least))


def signed(chance: Chance, least: int, greatest: int) -> float:
    return chance.pick((-1, 1)) * scaled(chance, least, greatest)


def base_and_exponent(chance: Chance) -> Arguments:
    """Powers that neither overflow nor vanish, of all bases and of such near 1."""
    base = chance.pick((scaled(chance, -1022, 1023), chance.between(0.5, 2), 1 + signed(chance, -50, -1)))
    if base == 1:
        return base, chance.between(-1e9, 1e9)
    return base, chance.pick((chance.between(-745, 709.7), chance.between(-3, 3))) / portable.log(base)


ARGUMENTS: Mapping[str, Callable[[Chance], Arguments]] = {
    "exp": lambda c: (
        c.pick((c.between(-745.2, 709.78), c.between(-2, 2), signed(c, -1074, 9), c.between(-745.2, -707))),
    ),
    "expm1": lambda c: (c.pick((c.between(-50, 60), c.between(-1, 1), signed(c, -1074, 5), c.between(-0.2, 0.2))),),
    "log": lambda c: (
        c.pick((scaled(c, -1074, 1023), c.between(0.5, 2), 1 + signed(c, -52, -3), c.between(0.01, 100))),
    ),
    "log1p": lambda c: (
        c.pick((scaled(c, -1074, 1023), c.between(-1, 2), signed(c, -1074, -1), -1 + scaled(c, -52, -1))) or 1.0,
    ),
    "tanh": lambda c: (c.pick((c.between(-25, 25), c.between(-1, 1), signed(c, -1074, 1), c.between(-3.5, 3.5))),),
    "pow": base_and_exponent,
}


def points(name: str, count: int, seed: str = "") -> Iterator[Arguments]:
    chance = Chance(name + seed)
    return (ARGUMENTS[name](chance) for _ in range(count))


def _results() -> Iterator[float]:
    for name in ARGUMENTS:
        for arguments in points(name, 2000):
            yield getattr(portable, name)(*arguments)
    chance = Chance("sums")
    for _ in range(200):
        values = tuple(signed(chance, -30, 30) for _ in range(50))
        yield OPERATIONS["sum"](values)
        yield OPERATIONS["mean"](values)
        yield from OPERATIONS["cumulative"](values)


def fingerprint() -> str:
    """Of the results' bytes, also of sums, which a new version of Python added in another way."""
    return hashlib.sha256(b"".join(struct.pack("<d", each) for each in _results())).hexdigest()


def of_c_library() -> str:
    """The same of functions of the C library, which may have several ways of each, by what the processor can do."""
    chance = Chance("of the C library")
    found = [each(chance.between(0.1, 20)) for each in (math.exp, math.sin, math.cos, math.atan) for _ in range(5000)]
    return hashlib.sha256(b"".join(struct.pack("<d", each) for each in found)).hexdigest()
