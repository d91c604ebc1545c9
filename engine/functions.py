"""The function table: what a pack may call, declared once with signature, units, formula, source and examples.

A result that is a code, such as `FB720`, is that fault.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from .operators import OPERATORS
from .signatures import ANYWHERE, Function, Interval, Slot

_X = Slot("x", "numeric")
_ORDERED = Slot("x", "ordered")
_LIST = Slot("values", "list")
_ITEMS = (Slot("xs", "items", "t"), Slot("ys", "items", "t"))
_RATIO = Slot("x", "number", "ratio")
_QUANTITY = (Slot("quantity", "number"), Slot("step", "number"))
_OUTCOMES = Slot("outcomes", "series", "fraction")
_FORECASTS = (Slot("forecasts", "series", "fraction"), _OUTCOMES)
_BINNED = (*_FORECASTS, Slot("bins", "integer", "ratio"))

_TANG = "Tang, Table-driven implementation of the {}, ACM Transactions on Mathematical Software {}"
_MURPHY = "Murphy, A new vector partition of the probability score, Journal of Applied Meteorology 12 (1973), 595-600"
_DEKKER = "Dekker, A floating-point technique for extending the available precision, Numerische Mathematik 18 (1971)"

_VALUES = (
    Function(name="abs", slots=(_X,), result="numeric u", operation="abs", bounds=(0, math.inf),
             doc="The size of a value without its sign.",
             formula="x if x >= 0 else -x", examples=(("abs(-3)", "3"), ("abs(2.5)", "2.5"))),
    Function(name="min", slots=(_ORDERED, _ORDERED), more=True, result="ordered u", operation="min",
             monotone=("rises", "rises"),
             doc="The least of its arguments, the first of equal ones.",
             formula="b if b < a else a, folded from the left",
             examples=(("min(2, 1.5)", "1.5"), ("min(3, 1, 2)", "1"), ("min(2, 2)", "2"),
                       ("min(Level.MID, Level.LOW)", "LOW"))),
    Function(name="max", slots=(_ORDERED, _ORDERED), more=True, result="ordered u", operation="max",
             monotone=("rises", "rises"),
             doc="The greatest of its arguments, the first of equal ones.",
             formula="b if b > a else a, folded from the left",
             examples=(("max(2, 1.5)", "2.0"), ("max(3, 1, 2)", "3"), ("max(2, 2)", "2"))),
    Function(name="clamp", slots=(_X, Slot("low", "numeric"), Slot("high", "numeric")), result="numeric u",
             operation="clamp", monotone=("rises", "rises", "rises"),
             doc="A value held between two bounds; bounds that cross are a fault.", formula="max(low, min(x, high))",
             examples=(("clamp(7, 0, 5)", "5"), ("clamp(-1.5, 0, 5)", "0.0"), ("clamp(1, 5, 0)", "FB723")),
             faults=True),
    Function(name="floor", slots=(_X,), result="integer u", operation="floor", monotone=("rises",),
             doc="The greatest integer that is not above x.",
             formula="⌊x⌋", examples=(("floor(-1.5)", "-2"), ("floor(2.9)", "2"), ("floor(1.0e+16)", "FB722")),
             faults=True),
    Function(name="ceil", slots=(_X,), result="integer u", operation="ceil", monotone=("rises",),
             doc="The least integer that is not below x.",
             formula="⌈x⌉", examples=(("ceil(-1.5)", "-1"), ("ceil(2.1)", "3")), faults=True),
    Function(name="trunc", slots=(_X,), result="integer u", operation="trunc", monotone=("rises",),
             doc="x without what stands behind the point.",
             formula="sign(x) * floor(abs(x))", examples=(("trunc(-1.5)", "-1"), ("trunc(1.9)", "1")), faults=True),
    Function(name="round", slots=(_X,), result="integer u", operation="round", monotone=("rises",),
             doc="The nearest integer, ties to the even one.",
             formula="round half to even", source="IEEE 754-2019, roundTiesToEven",
             examples=(("round(2.5)", "2"), ("round(-3.5)", "-4"), ("round(0.5)", "0"), ("round(1.5)", "2")),
             faults=True),
    Function(name="sign", slots=(_X,), result="integer ratio", operation="sign", monotone=("rises",), bounds=(-1, 1),
             doc="-1, 0 or 1.",
             formula="(x > 0) - (x < 0)", examples=(("sign(-2.5)", "-1"), ("sign(0)", "0"))),
    Function(name="sqrt", slots=(Slot("x", "number"),), result="number u**1/2", operation="sqrt",
             monotone=("rises",), bounds=(0, math.inf),
             doc="The square root; below 0 a fault.",
             formula="√x, correctly rounded", source="IEEE 754-2019, squareRoot",
             examples=(("sqrt(2.25)", "1.5"), ("sqrt(-1)", "FB723")), faults=True),
    Function(name="exp", slots=(_RATIO,), result="number ratio", operation="exp", monotone=("rises",),
             bounds=(0, math.inf), ulps=0.51,
             doc="The exponential function; 0 where the result is too small for a number.",
             formula="e^x = 2^(n / 256) * e^r", source=_TANG.format("exponential function", "15 (1989), 144-157"),
             examples=(("exp(0)", "1.0"), ("exp(1)", "2.718281828459045"), ("exp(-745.2)", "0.0"),
                       ("exp(709.8)", "FB721")), faults=True),
    Function(name="expm1", slots=(_RATIO,), result="number ratio", operation="expm1", monotone=("rises",),
             bounds=(-1, math.inf), ulps=0.52,
             doc="The exponential function less 1, precise also where x is near 0.", formula="e^x - 1",
             source=_TANG.format("expm1 function", "18 (1992), 211-222"),
             examples=(("expm1(0)", "0.0"), ("expm1(1.0e-10)", "1.00000000005e-10"), ("expm1(-50)", "-1.0"),
                       ("expm1(709.8)", "FB721")), faults=True),
    Function(name="log", slots=(_RATIO,), result="number ratio", operation="log", monotone=("rises",), ulps=0.51,
             doc="The natural logarithm; of 0 and below a fault.",
             formula="log x = k * log 2 + log m with x = 2^k * m",
             source=_TANG.format("logarithm function", "16 (1990), 378-400"),
             examples=(("log(1)", "0.0"), ("log(2)", "0.6931471805599453"), ("log(exp(1))", "1.0"),
                       ("log(0)", "FB723"), ("log(-1)", "FB723")), faults=True),
    Function(name="log1p", slots=(_RATIO,), result="number ratio", operation="log1p", monotone=("rises",), ulps=0.51,
             doc="The logarithm of 1 + x, precise also where x is near 0; of x = -1 and below a fault.",
             formula="log(1 + x)",
             source=_TANG.format("logarithm function", "16 (1990), 378-400"),
             examples=(("log1p(0)", "0.0"), ("log1p(1.0e-10)", "9.999999999500001e-11"), ("log1p(-1)", "FB723")),
             faults=True),
    Function(name="tanh", slots=(_RATIO,), result="number ratio", operation="tanh", monotone=("rises",),
             bounds=(-1, 1), ulps=0.53,
             doc="The hyperbolic tangent, which presses all numbers between -1 and 1.",
             formula="(e^2x - 1) / (e^2x + 1)",
             examples=(("tanh(0)", "0.0"), ("tanh(0.5)", "0.46211715726000974"), ("tanh(-50)", "-1.0"))),
    Function(name="pow", slots=(_RATIO, Slot("y", "number", "ratio")), result="number ratio", operation="pow",
             monotone=("", ""), bounds=(0, math.inf), ulps=0.52,
             doc="A power with any exponent, of a base above 0; with a literal exponent from 0 to 8 write `x ** n`.",
             formula="e^(y * log x)", source=_DEKKER,
             examples=(("pow(2, 0.5)", "1.4142135623730951"), ("pow(2, -1)", "0.5"), ("pow(5, 0)", "1.0"),
                       ("pow(0.1, 3)", "0.0010000000000000002"), ("pow(10, 309)", "FB721"), ("pow(0, 1)", "FB723")),
             faults=True),
    Function(name="ratio", slots=(Slot("a", "number"), Slot("b", "number", "v")), result="number u/v",
             operation="ratio", monotone=("", ""),
             doc="A quotient that is absent where its divisor is 0.",
             formula="a / b if b != 0 else missing", examples=(("ratio(1, 2)", "0.5"), ("ratio(1, 0)", "missing")),
             maybe=True, faults=True),
    Function(name="lots", slots=_QUANTITY, result="integer ratio", operation="lots", monotone=("rises", ""),
             doc="How many whole steps fit into a quantity; a hair's breadth short counts as a whole one.",
             formula="floor(quantity / step + 1e-9)",
             examples=(("lots(0.3, 0.1)", "3"), ("lots(7.9, 2)", "3"), ("lots(-0.5, 1)", "-1"),
                       ("lots(1, 0)", "FB723")), faults=True),
    Function(name="floor_to", slots=_QUANTITY, result="number u", operation="floor_to", monotone=("rises", ""),
             doc="A quantity cut to whole steps, exact in decimals.",
             formula="n * p / q with n = lots(quantity, step) and step = p / q by its shortest decimal",
             examples=(("floor_to(0.35, 0.1)", "0.3"), ("floor_to(7.9, 2)", "6.0"), ("floor_to(0.3, 0.1)", "0.3")),
             faults=True),
    Function(name="day", slots=(Slot("t", "time", ""),), result="integer day", operation="day", monotone=("",),
             doc="The number of a calendar day in the pack's `timezone`, or in UTC where it names none; "
                 "1970-01-01 is 0. It falls where a clock is set back over midnight.",
             formula="floor((t + ahead of UTC at t - 1970-01-01T00:00:00Z) / 86 400 s)",
             examples=(("day(now)", "1"), ("day(now - seconds)", "0"), ("day(now - as_seconds(2 * days))", "-1"))),
    Function(name="union", slots=_ITEMS, result="items t", operation="union", monotone=("", ""),
             doc="What is in one list or the other, each item once: those of the first in its order, then the others.",
             formula="[each item of xs then ys that was not there before]",
             examples=(("union([1, 2], [2, 3])", "[1, 2, 3]"), ("union([2, 1, 2], [])", "[2, 1]"))),
    Function(name="jaccard", slots=_ITEMS, result="number ratio", operation="jaccard", monotone=("", ""),
             bounds=(0, 1),
             doc="How alike two lists are as sets: 1 for the same items, also for none, 0 where they share none.",
             formula="count of items in both / count of items in one or the other",
             source="Jaccard, Bulletin de la Société vaudoise des sciences naturelles 37 (1901), 547-579",
             examples=(("jaccard([1, 2], [2])", "0.5"), ("jaccard([2, 1, 1], [1, 2])", "1.0"),
                       ("jaccard(empty, empty)", "1.0"), ("jaccard(empty, [1.5])", "0.0"))),
    Function(name="cumulative", slots=(Slot("xs", "series"),), result="items u", operation="cumulative",
             monotone=("rises",),
             doc="The sums of the first one, two, three … items; integers stay integers.",
             formula="[x1, x1 + x2, (x1 + x2) + x3, …]",
             examples=(("cumulative([1, 2, 3])", "[1, 3, 6]"), ("cumulative([0.5, -1])", "[0.5, -0.5]")), faults=True),
    Function(name="slope", slots=(Slot("xs", "series"), Slot("ys", "series", "v")), result="number v/u",
             operation="slope", monotone=("", ""),
             doc="The slope of the line of least squares through points; absent where no two of the xs differ. Lists "
                 "of different lengths are a fault.",
             formula="sum((x - mean(xs)) * (y - mean(ys))) / sum((x - mean(xs)) ** 2), each from the left",
             source="Legendre, Nouvelles méthodes pour la détermination des orbites des comètes (1805), appendix",
             examples=(("slope([1, 2, 3], [3, 5, 7])", "2.0"), ("slope([0, 1, 2], [1, 0.5, 0.75])", "-0.125"),
                       ("slope([1, 1], [1, 2])", "missing"), ("slope(empty, empty)", "missing"),
                       ("slope([1, 2], [1])", "FB723")), maybe=True, faults=True),
    Function(name="brier", slots=_FORECASTS, result="number fraction", operation="brier", monotone=("", ""),
             bounds=(0, 1),
             doc="The Brier score of probabilities that were forecast: their mean squared distance from what came, "
                 "1 or 0. Lists of different lengths are a fault, and so is what is no probability.",
             formula="mean((f - o) ** 2)",
             source="Brier, Verification of forecasts expressed in terms of probability, Monthly Weather Review 78 "
                    "(1950), 1-3",
             examples=(("brier([0.75, 0.25], [1, 0])", "0.0625"), ("brier([0.5], [1])", "0.25"),
                       ("brier([1, 0], [0, 1])", "1.0"), ("brier(fractions, fractions)", "missing"),
                       ("brier([1.5], [1])", "FB723"), ("brier([0.5], [1, 0])", "FB723")), maybe=True, faults=True),
    Function(name="brier_reliability", slots=_BINNED, result="number fraction", operation="brier_reliability",
             monotone=("", "", ""), bounds=(0, 1),
             doc="How far forecasts are from the frequencies that came, over bins of equal width; the upper edge is "
                 "the bin's own. Where the forecasts of a bin are equal, `brier` is `brier_reliability - "
                 "brier_resolution + brier_uncertainty`.",
             formula="sum(n_k * (mean f_k - mean o_k) ** 2) / n, over the bins k", source=_MURPHY,
             examples=(("brier_reliability([0.25, 0.25], [1, 0], 2)", "0.0625"),
                       ("brier_reliability([0.25, 0.75], [0, 1], 2)", "0.0625"),
                       ("brier_reliability(fractions, fractions, 2)", "missing"),
                       ("brier_reliability([0.5], [1], 0)", "FB723")), maybe=True, faults=True),
    Function(name="brier_resolution", slots=_BINNED, result="number fraction", operation="brier_resolution",
             monotone=("", "", ""), bounds=(0, 1),
             doc="How far the frequencies of the bins are from the usual one: what the forecasts tell apart.",
             formula="sum(n_k * (mean o_k - mean o) ** 2) / n, over the bins k", source=_MURPHY,
             examples=(("brier_resolution([0.25, 0.75], [0, 1], 2)", "0.25"),
                       ("brier_resolution([0.25, 0.25], [1, 0], 2)", "0.0"),
                       ("brier_resolution(fractions, fractions, 2)", "missing")), maybe=True, faults=True),
    Function(name="brier_uncertainty", slots=(_OUTCOMES,), result="number fraction", operation="brier_uncertainty",
             monotone=("",), bounds=(0, 0.25),
             doc="The Brier score of always forecasting the usual frequency.",
             formula="mean o * (1 - mean o)", source=_MURPHY,
             examples=(("brier_uncertainty([1, 0])", "0.25"), ("brier_uncertainty([1, 1])", "0.0"),
                       ("brier_uncertainty(fractions)", "missing")), maybe=True, faults=True),
    Function(name="calibration_error", slots=_BINNED, result="number fraction", operation="calibration_error",
             monotone=("", "", ""), bounds=(0, 1),
             doc="The expected calibration error (ECE): the mean distance of forecasts from frequencies, over bins of "
                 "equal width.",
             formula="sum(n_k * abs(mean f_k - mean o_k)) / n, over the bins k",
             source="Naeini, Cooper and Hauskrecht, Obtaining well calibrated probabilities using Bayesian binning, "
                    "AAAI 29 (2015), 2901-2907",
             examples=(("calibration_error([0.25, 0.75], [0, 1], 2)", "0.25"),
                       ("calibration_error([0.5, 0.5], [1, 0], 4)", "0.0"),
                       ("calibration_error(fractions, fractions, 4)", "missing")), maybe=True, faults=True),
    Function(name="argmax", slots=(Slot("values", "vector"), Slot("tolerance", "number")), spare=1, result="member",
             operation="argmax", monotone=("", "falls"),
             doc="The enum's member with the greatest value; the first in order of those within a tolerance of it.",
             formula="the first m with max(values) - values[m] <= tolerance, which is 0 where it is left out",
             examples=(("argmax(score)", "MID"), ("argmax(score, 0.5)", "MID"), ("argmax(score, 3)", "LOW"),
                       ("argmax({m: 1 for m in Level})", "LOW"), ("argmax(score, -1)", "FB723")), faults=True),
)  # fmt: skip

_AGGREGATES = (
    Function(name="any", slots=(Slot("values", "booleans", ""),), result="boolean", operation="any",
             monotone=("rises",),
             doc="Whether some value is true; of nothing false.",
             formula="v1 or v2 or …",
             examples=(("any([false, true])", "true"), ("any([x > 1 for x in []])", "false"))),
    Function(name="all", slots=(Slot("values", "booleans", ""),), result="boolean", operation="all",
             monotone=("rises",),
             doc="Whether every value is true; of nothing true.",
             formula="v1 and v2 and …",
             examples=(("all([false, true])", "false"), ("all([x > 1 for x in []])", "true"))),
    Function(name="sum", slots=(_LIST,), result="numeric u", operation="sum", monotone=("rises",),
             doc="The sum, from the left; of nothing 0.",
             formula="((v1 + v2) + v3) + …",
             examples=(("sum([1, 2, 3.5])", "6.5"), ("sum(empty)", "0.0"), ("sum(score)", "11.5"),
                       ("sum([1.0e+16, 1, -1.0e+16])", "0.0")), faults=True),
    Function(name="count", slots=(Slot("values", "items", ""),), result="integer ratio", operation="count",
             monotone=("",), bounds=(0, math.inf),
             doc="How many items there are.",
             formula="n", examples=(("count([1, 2, 3])", "3"), ("count(empty)", "0"), ("count(score)", "3"))),
    Function(name="mean", slots=(_LIST,), result="number u", operation="mean", monotone=("rises",),
             doc="The arithmetic mean; of nothing absent.",
             formula="sum(values) / count(values)",
             examples=(("mean([1, 2])", "1.5"), ("mean(empty)", "missing")), maybe=True, faults=True),
    Function(name="min", slots=(_LIST,), result="numeric u", operation="least", monotone=("rises",),
             doc="The least item; of nothing absent.",
             formula="min(v1, v2, …)",
             examples=(("min([2, 1.5])", "1.5"), ("min(empty)", "missing"), ("min(score)", "2.0")), maybe=True),
    Function(name="max", slots=(_LIST,), result="numeric u", operation="greatest", monotone=("rises",),
             doc="The greatest item; of nothing absent.",
             formula="max(v1, v2, …)",
             examples=(("max([2, 1.5])", "2.0"), ("max(empty)", "missing"), ("max(score)", "5.0")), maybe=True),
    Function(name="first", slots=(Slot("values", "items", ""),), result="item", operation="first",
             monotone=("rises",),
             doc="The first item; of nothing absent.",
             formula="values[0]", examples=(("first([3, 4])", "3"), ("first(empty)", "missing")), maybe=True),
)  # fmt: skip

_PER_FRACTION = {"fraction": 1, "ratio": 1, "percent": 100, "bps": 10_000}
_SECONDS = {"s": 1, "min": 60, "h": 3600, "d": 86_400}
_PER_DAY = {unit: _SECONDS["d"] // each for unit, each in _SECONDS.items()}


def _conversion(name: str, unit: str, per: Mapping[str, int], *examples: tuple[str, str]) -> Function:
    """It multiplies or divides by the quotient of two entries of `per`, never by 0.01, which would round twice."""
    return Function(name=name, slots=(Slot("x", "numeric", ""),), result=f"number {unit}", operation="multiply",
                    doc=f"The same in `{unit}`.", formula="x * n up, x / n down", examples=examples, faults=True,
                    monotone=("rises",), per=per)  # fmt: skip


_CONVERSIONS = (
    _conversion("as_percent", "percent", _PER_FRACTION, ("as_percent(0.07)", "7.000000000000001"),
                ("as_percent(25 * bps)", "0.25")),
    _conversion("as_fraction", "fraction", _PER_FRACTION, ("as_fraction(7 * percent)", "0.07"),
                ("as_fraction(0.25)", "0.25")),
    _conversion("as_bps", "bps", _PER_FRACTION, ("as_bps(0.25 * percent)", "25.0")),
    _conversion("as_ratio", "ratio", _PER_FRACTION, ("as_ratio(35 * percent)", "0.35"),
                ("as_ratio(3 * bps)", "0.0003")),
    _conversion("as_seconds", "s", _PER_DAY, ("as_seconds(0.5 * days)", "43200.0")),
    _conversion("as_minutes", "min", _PER_DAY, ("as_minutes(1.5 * hours)", "90.0")),
    _conversion("as_hours", "h", _PER_DAY, ("as_hours(90 * minutes)", "1.5")),
    _conversion("as_days", "d", _PER_DAY, ("as_days(21600 * seconds)", "0.25")),
)  # fmt: skip


FUNCTIONS = {function.name: function for function in _VALUES}
AGGREGATES = {function.name: function for function in _AGGREGATES}
CONVERSIONS = {function.name: function for function in _CONVERSIONS}
TABLE = (*_VALUES, *_AGGREGATES, *_CONVERSIONS, *OPERATORS)
CALLABLE = (*FUNCTIONS, *AGGREGATES, *CONVERSIONS, "present", "default")

# By operation: which always have a result, and between which ends results lie where that says something.
FAULTLESS = frozenset(each.operation for each in TABLE) - {each.operation for each in TABLE if each.faults}
MAYBE = frozenset(each.operation for each in TABLE if each.maybe)
BOUNDS: Mapping[str, Interval] = {each.operation: each.bounds for each in TABLE if each.bounds != ANYWHERE}

__all__ = [
    "AGGREGATES", "BOUNDS", "CALLABLE", "CONVERSIONS", "FAULTLESS", "FUNCTIONS", "MAYBE", "TABLE", "Function", "Slot",
]  # fmt: skip
