"""The function table: what a pack may call, declared once with signature, units, formula, source and examples."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["numeric", "number", "integer", "list", "booleans", "items"]


@dataclass(frozen=True, slots=True)
class Slot:
    """One parameter. `unit` is a variable (`u`), `ratio`, or empty for what carries none.

    `numeric` keeps an integer an integer; `list` is a list of numerics, `booleans` of booleans, `items` of anything.
    """

    name: str
    kind: Kind
    unit: str = "u"


@dataclass(frozen=True, slots=True, kw_only=True)
class Function:
    """`operation` names the implementation; `result` is a kind and a unit, as in `numeric u`, `integer ratio`,
    `number u**1/2`, `boolean` or `item`. `maybe`: the result may be absent although every argument is present."""

    name: str
    slots: tuple[Slot, ...]
    result: str
    doc: str
    formula: str
    examples: tuple[tuple[str, str], ...]
    operation: str
    source: str = ""
    more: bool = False
    maybe: bool = False
    faults: bool = False

    @property
    def usage(self) -> str:
        """`clamp(value, low, high)`, as messages and pages show it."""
        return f"{self.name}({', '.join(slot.name for slot in self.slots)}{', …' if self.more else ''})"


_X = Slot("x", "numeric")
_LIST = Slot("values", "list")

_TABLE = (
    Function(name="abs", slots=(_X,), result="numeric u", operation="abs",
             doc="The size of a value without its sign.",
             formula="x if x >= 0 else -x", examples=(("abs(-3)", "3"), ("abs(2.5)", "2.5"))),
    Function(name="min", slots=(_X, _X), more=True, result="numeric u", operation="min",
             doc="The least of its arguments.",
             formula="b if b < a else a, folded from the left",
             examples=(("min(2, 1.5)", "1.5"), ("min(3, 1, 2)", "1"))),
    Function(name="max", slots=(_X, _X), more=True, result="numeric u", operation="max",
             doc="The greatest of its arguments.",
             formula="b if b > a else a, folded from the left",
             examples=(("max(2, 1.5)", "2.0"), ("max(3, 1, 2)", "3"))),
    Function(name="clamp", slots=(_X, Slot("low", "numeric"), Slot("high", "numeric")), result="numeric u",
             operation="clamp",
             doc="A value held between two bounds; bounds that cross are a fault.", formula="max(low, min(x, high))",
             examples=(("clamp(7, 0, 5)", "5"), ("clamp(-1.5, 0, 5)", "0.0")), faults=True),
    Function(name="floor", slots=(_X,), result="integer u", operation="floor",
             doc="The greatest integer that is not above x.",
             formula="⌊x⌋", examples=(("floor(-1.5)", "-2"), ("floor(2.9)", "2")), faults=True),
    Function(name="ceil", slots=(_X,), result="integer u", operation="ceil",
             doc="The least integer that is not below x.",
             formula="⌈x⌉", examples=(("ceil(-1.5)", "-1"), ("ceil(2.1)", "3")), faults=True),
    Function(name="trunc", slots=(_X,), result="integer u", operation="trunc",
             doc="x without what stands behind the point.",
             formula="sign(x) * floor(abs(x))", examples=(("trunc(-1.5)", "-1"), ("trunc(1.9)", "1")), faults=True),
    Function(name="round", slots=(_X,), result="integer u", operation="round",
             doc="The nearest integer, ties to the even one.",
             formula="round half to even", source="IEEE 754-2019, roundTiesToEven",
             examples=(("round(2.5)", "2"), ("round(-3.5)", "-4")), faults=True),
    Function(name="sign", slots=(_X,), result="integer ratio", operation="sign", doc="-1, 0 or 1.",
             formula="(x > 0) - (x < 0)", examples=(("sign(-2.5)", "-1"), ("sign(0)", "0"))),
    Function(name="sqrt", slots=(Slot("x", "number"),), result="number u**1/2", operation="sqrt",
             doc="The square root; below 0 a fault.",
             formula="√x, correctly rounded", source="IEEE 754-2019, squareRoot", examples=(("sqrt(2.25)", "1.5"),),
             faults=True),
    Function(name="lots", slots=(Slot("quantity", "number"), Slot("step", "number")), result="integer ratio",
             operation="lots",
             doc="How many whole steps fit into a quantity.", formula="floor(quantity / step + 1e-9)",
             examples=(("lots(0.3, 0.1)", "3"), ("lots(7.9, 2)", "3")), faults=True),
    Function(name="floor_to", slots=(Slot("quantity", "number"), Slot("step", "number")), result="number u",
             operation="floor_to",
             doc="A quantity cut to whole steps, exact in decimals.",
             formula="n * p / q with n = lots(quantity, step) and step = p / q by its shortest decimal",
             examples=(("floor_to(0.35, 0.1)", "0.3"), ("floor_to(7.9, 2)", "6.0")), faults=True),
)  # fmt: skip

_AGGREGATES = (
    Function(name="any", slots=(Slot("values", "booleans", ""),), result="boolean", operation="any",
             doc="Whether some value is true; of nothing false.",
             formula="v1 or v2 or …",
             examples=(("any([false, true])", "true"), ("any([x > 1 for x in []])", "false"))),
    Function(name="all", slots=(Slot("values", "booleans", ""),), result="boolean", operation="all",
             doc="Whether every value is true; of nothing true.",
             formula="v1 and v2 and …", examples=(("all([false, true])", "false"),)),
    Function(name="sum", slots=(_LIST,), result="numeric u", operation="sum",
             doc="The sum, from the left; of nothing 0.",
             formula="((v1 + v2) + v3) + …", examples=(("sum([1, 2, 3.5])", "6.5"),), faults=True),
    Function(name="count", slots=(Slot("values", "items", ""),), result="integer ratio", operation="count",
             doc="How many items there are.",
             formula="n", examples=(("count([1, 2, 3])", "3"),)),
    Function(name="mean", slots=(_LIST,), result="number u", operation="mean",
             doc="The arithmetic mean; of nothing absent.",
             formula="sum(values) / count(values)", examples=(("mean([1, 2])", "1.5"),), maybe=True, faults=True),
    Function(name="min", slots=(_LIST,), result="numeric u", operation="least",
             doc="The least item; of nothing absent.",
             formula="min(v1, v2, …)", examples=(("min([2, 1.5])", "1.5"),), maybe=True),
    Function(name="max", slots=(_LIST,), result="numeric u", operation="greatest",
             doc="The greatest item; of nothing absent.",
             formula="max(v1, v2, …)", examples=(("max([2, 1.5])", "2.0"),), maybe=True),
    Function(name="first", slots=(Slot("values", "items", ""),), result="item", operation="first",
             doc="The first item; of nothing absent.",
             formula="values[0]", examples=(("first([3, 4])", "3"),), maybe=True),
)  # fmt: skip

FUNCTIONS = {function.name: function for function in _TABLE}
AGGREGATES = {function.name: function for function in _AGGREGATES}

# The unit that a conversion gives, and how many of each unit make the same whole: it multiplies or divides by the
# quotient of two of these, and never multiplies by 0.01, which would round twice.
_PER_FRACTION = {"fraction": 1, "ratio": 1, "percent": 100, "bps": 10_000}
_SECONDS = {"s": 1, "min": 60, "h": 3600, "d": 86_400}
CONVERSIONS: dict[str, tuple[str, dict[str, int]]] = {
    "as_percent": ("percent", _PER_FRACTION),
    "as_fraction": ("fraction", _PER_FRACTION),
    "as_bps": ("bps", _PER_FRACTION),
    "as_ratio": ("ratio", _PER_FRACTION),
    "as_seconds": ("s", {unit: _SECONDS["d"] // each for unit, each in _SECONDS.items()}),
    "as_minutes": ("min", {unit: _SECONDS["d"] // each for unit, each in _SECONDS.items()}),
    "as_hours": ("h", {unit: _SECONDS["d"] // each for unit, each in _SECONDS.items()}),
    "as_days": ("d", {unit: _SECONDS["d"] // each for unit, each in _SECONDS.items()}),
}

# Of the language, and not run yet: state, and what waits for its portable form.
LATER = frozenset(
    (
        *("previous", "held", "streak", "since", "latch", "ewma", "change", "total", "changed"),
        *(
            "rolling_min",
            "rolling_max",
            "rolling_sum",
            "rolling_mean",
            "rolling_std",
            "rolling_count",
            "rolling_median",
        ),
        *("exp", "log", "log1p", "expm1", "tanh", "pow"),
    )
)

CALLABLE = (*FUNCTIONS, *AGGREGATES, *CONVERSIONS, "present", "default")
