"""Units of measure: what may be added, compared and multiplied, and how many digits a value prints with.

Nothing of this is left at run time. Names that stand alone are answered from the table below; compound units and
their algebra go to pint, which is imported only when a pack needs it (it costs as much as everything else together).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True, slots=True)
class Base:
    """A unit built from no other. A value prints with `digits`, of which zeros at the end stay where `fixed`."""

    name: str
    kind: str  # proportion, money, duration or count
    digits: int = 4
    suffix: str = ""
    aliases: tuple[str, ...] = ()
    fixed: bool = False


_BASES = (
    Base("percent", "proportion", 2, " %", fixed=True),
    Base("fraction", "proportion", 4),
    Base("bps", "proportion", 1, " bps", fixed=True),
    Base("usd", "money", 2, " usd", fixed=True),
    Base("s", "duration", 3, " s", ("seconds",)),
    Base("min", "duration", 2, " min", ("minutes",)),
    Base("h", "duration", 2, " h", ("hours",)),
    Base("d", "duration", 2, " d"),
    Base("day", "count", aliases=("days",)),
    Base("share", "count", aliases=("shares",)),
    Base("contract", "count", aliases=("contracts",)),
    Base("lot", "count", aliases=("lots",)),
    Base("trade", "count", aliases=("trades",)),
    Base("order", "count", aliases=("orders",)),
    Base("message", "count", aliases=("messages",)),
    Base("position", "count", aliases=("positions",)),
    Base("symbol", "count", aliases=("symbols",)),
    Base("bar", "count", aliases=("bars",)),
    Base("tick", "count", aliases=("ticks",)),
    Base("level", "count", aliases=("levels",)),
    Base("cycle", "count", aliases=("cycles",)),
    Base("snapshot", "count", aliases=("snapshots",)),
    Base("observation", "count", aliases=("observations",)),
    Base("decision", "count", aliases=("decisions",)),
    Base("cancel", "count", aliases=("cancels",)),
    Base("fill", "count", aliases=("fills",)),
    Base("nat", "count", 3, aliases=("nats",)),
)
BASES = {base.name: base for base in _BASES}
_SPELLINGS = {spelling: base.name for base in _BASES for spelling in (base.name, *base.aliases)}
UNIT_NAMES = ("ratio", *_SPELLINGS)
_COMPOUND = re.compile(r"(1 ?/ ?)?[a-z_]+(\*\*\d)?( ?[*/] ?[a-z_]+(\*\*\d)?)*")  # such as usd/share, bps*s**2, 1/d
_RATIO_DIGITS = 3
_COMPOUND_DIGITS = 4


@dataclass(frozen=True, slots=True)
class Unit:
    """A product of powers of base units, sorted by name; the ratio is the empty product."""

    powers: tuple[tuple[str, Fraction], ...] = ()

    def __str__(self) -> str:
        if not self.powers:
            return "ratio"
        above = "*".join(_power(name, exponent) for name, exponent in self.powers if exponent > 0)
        below = "".join("/" + _power(name, -exponent) for name, exponent in self.powers if exponent < 0)
        return (above or "1") + below

    @property
    def of_many(self) -> str:
        """As a number of them is told: `trades`."""
        if len(self.powers) != 1 or self.powers[0][1] != 1:
            return str(self)
        base = BASES.get(self.powers[0][0])
        return base.aliases[0] if base and base.kind == "count" and base.aliases else str(self)

    @property
    def base(self) -> Base | None:
        """The base unit that this is, if it is one to the first power."""
        match self.powers:
            case ((name, exponent),) if exponent == 1:
                return BASES[name]
        return None

    @property
    def digits(self) -> int:
        """Digits behind the point with which a number in this unit prints."""
        if self.base:
            return self.base.digits
        return _COMPOUND_DIGITS if self.powers else _RATIO_DIGITS

    @property
    def fixed(self) -> bool:
        return self.base is not None and self.base.fixed

    @property
    def suffix(self) -> str:
        return self.base.suffix if self.base else ""


def _power(name: str, exponent: Fraction) -> str:
    return name if exponent == 1 else f"{name}**{exponent}"


RATIO = Unit()
MICROSECONDS = {"s": 1_000_000, "min": 60_000_000, "h": 3_600_000_000, "d": 86_400_000_000}
PERCENT, FRACTION, BPS, SECONDS = (Unit(((name, Fraction(1)),)) for name in ("percent", "fraction", "bps", "s"))


def parse(text: str) -> Unit | None:
    """The unit that a pack names, or nothing where a name in it is not known."""
    if text == "ratio":
        return RATIO
    if text in _SPELLINGS:
        return Unit(((_SPELLINGS[text], Fraction(1)),))
    names = re.findall(r"[a-z_]+", text)
    if not _COMPOUND.fullmatch(text) or any(name not in _SPELLINGS for name in names):
        return None
    return _from_pint(_registry().parse_units(text)._units)


def unknown_names(text: str) -> Iterator[str]:
    return (name for name in re.findall(r"\w+", text) if name not in _SPELLINGS)


def multiply(left: Unit, right: Unit) -> Unit:
    if RATIO in (left, right):
        return right if left == RATIO else left
    return _from_pint(_pint(left) * _pint(right))


def divide(left: Unit, right: Unit) -> Unit:
    if right == RATIO:
        return left
    if left == right:
        return RATIO
    return _from_pint(_pint(left) / _pint(right))


def power(unit: Unit, exponent: Fraction) -> Unit:
    if unit == RATIO or exponent == 1:
        return unit
    return RATIO if exponent == 0 else Unit(tuple((name, each * exponent) for name, each in unit.powers))


def mixes_proportions(unit: Unit) -> bool:
    """Whether a product made `percent`, `fraction` or `bps` a factor of something else, or squared it."""
    proportions = [exponent for name, exponent in unit.powers if BASES[name].kind == "proportion"]
    above = [exponent for _, exponent in unit.powers if exponent > 0]
    return bool(proportions) and (min(proportions) < 0 or max(proportions) > 1 or len(above) > 1)


@cache
def _registry() -> Any:
    import pint  # noqa: PLC0415  imported only where a pack has compound units

    registry: Any = pint.UnitRegistry(None)
    for base in _BASES:
        others = ("_", *base.aliases) if base.aliases else ()  # `_`: it has no symbol
        registry.define(" = ".join((base.name, f"[{base.name}]", *others)))
    return registry


def _pint(unit: Unit) -> Any:
    from pint.util import UnitsContainer  # noqa: PLC0415  as above

    return UnitsContainer(dict(unit.powers))


def _from_pint(container: Any) -> Unit:
    return Unit(tuple(sorted((name, Fraction(exponent)) for name, exponent in container.items())))
