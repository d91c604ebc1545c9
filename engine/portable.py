"""`exp log log1p expm1 tanh pow` in correctly rounded operations alone, so that every machine gives the same bits.

Used are `+ - * /`, comparison, `frexp`, `ldexp` where it is exact, and small whole numbers: no transcendental function
of the C library, no fused multiplication, no sum in another order. The functions take and give plain doubles and raise
nothing, so that a JIT compiler takes them as they stand; it may put arrays in the place of the tables. Where there is
no finite result they give NaN or an infinity, and who calls them makes a fault of it.

A double times 2^27 + 1 is split after Veltkamp into a half of 26 bits and a rest, whose products are exact; what a sum
lost in rounding is found after Dekker and Knuth. How far results may lie from the truth stands in the function table.

Tang, "Table-driven implementation of the exponential function in IEEE floating-point arithmetic", ACM TOMS 15 (1989);
the same of the logarithm, ACM TOMS 16 (1990), and of expm1, ACM TOMS 18 (1992). Dekker, "A floating-point technique for
extending the available precision", Numerische Mathematik 18 (1971).
"""

from __future__ import annotations

import math
from math import frexp, ldexp

from .portable_tables import EXP_HIGH, EXP_LOW, LOG_HIGH, LOG_INVERSE, LOG_LOW

_INFINITY = math.inf
_NAN = math.nan
_ROUNDER = 6755399441055744.0  # 1.5 * 2^52: added and taken away again it leaves the nearest integer
_SPLITTER = 134217729.0
_STEPS = 369.3299304675746  # 256 / ln 2
_STEP_HIGH = 0.002707606173999011  # ln 2 / 256 to 42 bits behind the point: 19 bits times it are exact
_STEP_LOW = 6.327543041662719e-14
_LN2_HIGH = 0.6931471805598903  # ln 2 in the same way
_LN2_LOW = 5.497923018708371e-14
_GREATEST = 709.782712893384  # beyond it exp overflows
_LEAST = -745.1332191019412  # and below it is 0
_NORMAL = -707.0  # above it results are normal
_FAR, _BACK = 1.8446744073709552e19, 5.421010862427522e-20  # 2^64, 2^-64


def exp(x: float) -> float:
    """2^(n / 256) * e^r with |r| <= ln 2 / 512."""
    if not _LEAST <= x <= _GREATEST:
        return _INFINITY if x > 0.0 else 0.0
    steps = (x * _STEPS + _ROUNDER) - _ROUNDER
    r = (x - steps * _STEP_HIGH) - steps * _STEP_LOW
    n = int(steps)
    high = EXP_HIGH[n & 255]
    y = high + (EXP_LOW[n & 255] + high * _exp_series(r))
    if x > _NORMAL:
        return ldexp(y, n >> 8)
    return ldexp(y, (n >> 8) + 64) * _BACK  # the multiplication rounds: not every `ldexp` does it right


def _exp_series(r: float) -> float:
    """e^r - 1"""
    more = 0.16666666666666666 + r * (0.041666666666666664 + r * 0.008333333333333333)
    return r + r * r * (0.5 + r * more)


def expm1(x: float) -> float:
    """e^x - 1: by its series where |x| is small, else as `exp`, with 1 taken away before anything is rounded."""
    if -0.125 < x < 0.125:
        return _expm1_small(x)
    if not -44.0 <= x <= 44.0:
        return exp(x) if x > 0.0 else -1.0
    steps = (x * _STEPS + _ROUNDER) - _ROUNDER
    r = (x - steps * _STEP_HIGH) - steps * _STEP_LOW
    n = int(steps)
    scale = ldexp(1.0, n >> 8)
    high = EXP_HIGH[n & 255] * scale
    rest = EXP_LOW[n & 255] * scale + high * _exp_series(r)
    less = high - 1.0
    taken = less - high
    return less + (((high - (less - taken)) - (1.0 + taken)) + rest)


def _expm1_small(x: float) -> float:
    """x + x^2 / 2 + x^3 / 6 + …, where x^2 / 2 is exact in two parts."""
    split = _SPLITTER * x
    half = split - (split - x)
    square = half * half * 0.5
    rest = (x - half) * (x + half) * 0.5
    series = 2.755731922398589e-07 + x * (2.505210838544172e-08 + x * 2.08767569878681e-09)
    series = 0.0001984126984126984 + x * (2.48015873015873e-05 + x * (2.7557319223985893e-06 + x * series))
    series = 0.041666666666666664 + x * (0.008333333333333333 + x * (0.001388888888888889 + x * series))
    near = x + square
    return near + ((square - (near - x)) + (rest + x * x * x * (0.16666666666666666 + x * series)))


def log(x: float, more: float = 0.0) -> float:
    """log(x) + `more`, which is tiny: x = 2^k * m, and m times its entry of 9 bits is 1 + r without rounding."""
    if x <= 0.0:
        return -_INFINITY if x == 0.0 else _NAN
    m, k = frexp(x)
    i = int(m * 512.0) - 256
    if i < 104:  # m < 360 / 512
        m += m
        k -= 1
    front = (m + 67108864.0) - 67108864.0  # to 26 bits behind the point
    r = (front * LOG_INVERSE[i] - 1.0) + (m - front) * LOG_INVERSE[i]
    whole = k * _LN2_HIGH + LOG_HIGH[i]
    near = whole + r
    rest = (k * _LN2_LOW + LOG_LOW[i] + more) + r * r * (r * _log_series(r) - 0.5)
    return near + ((r - (near - whole)) + rest)


def _log_series(r: float) -> float:
    """(log(1 + r) - r + r^2 / 2) / r^3"""
    more = -0.16666666666666666 + r * (0.14285714285714285 - r * 0.125)
    return 0.3333333333333333 + r * (-0.25 + r * (0.2 + r * more))


def log1p(x: float) -> float:
    """log(1 + x); what rounding 1 + x loses is added at the end."""
    if -0.00390625 < x < 0.00390625:
        return (x + x * x * (x * _log_series(x) - 0.5)) + 0.0
    near = 1.0 + x
    if near <= 0.0:
        return log(near)
    lost = 1.0 - (near - x) if x > 1.0 else x - (near - 1.0)
    return log(near, lost / near)


def tanh(x: float) -> float:
    """By its series where |x| is small, where it is great as 1 - 2 / (e^2x + 1), else as (e^2x - 1) / (e^2x + 1)."""
    size = -x if x < 0.0 else x
    if size < 0.125:
        return _tanh_small(x)
    if size < 3.0:
        y = _tanh_middle(size + size)
    elif size < 22.0:
        y = 1.0 - 2.0 / (exp(size + size) + 1.0)
    else:
        y = 1.0
    return -y if x < 0.0 else y


def _tanh_small(x: float) -> float:
    z = x * x
    series = 0.003592128036572481 + z * (-0.0014558343870513183 + z * 0.000590027440945586)
    series = -0.05396825396825397 + z * (0.021869488536155203 + z * (-0.008863235529902197 + z * series))
    return (x + x * z * (-0.3333333333333333 + z * (0.13333333333333333 + z * series))) + 0.0


def _tanh_middle(x: float) -> float:
    """(e^x - 1) / (e^x + 1) of two sums of two doubles each; the quotient's first half is exact in its products."""
    steps = (x * _STEPS + _ROUNDER) - _ROUNDER
    r = (x - steps * _STEP_HIGH) - steps * _STEP_LOW
    n = int(steps)
    scale = ldexp(1.0, n >> 8)
    high = EXP_HIGH[n & 255] * scale
    rest = EXP_LOW[n & 255] * scale + high * _exp_series(r)
    less = high - 1.0
    above = less + rest
    above_low = rest - (above - less)
    below = above + 2.0
    below_low = (above - (below - 2.0) if above < 2.0 else 2.0 - (below - above)) + above_low
    quotient = above / below
    split = _SPLITTER * quotient
    quotient = split - (split - quotient)
    split = _SPLITTER * below
    half = split - (split - below)
    left = (above - quotient * half) - quotient * (below - half)
    return quotient + (left + (above_low - quotient * below_low)) / below


def pow(x: float, y: float) -> float:
    """e^(y log x), with log x and its product with y as sums of two doubles each; NaN unless x > 0."""
    if x <= 0.0:
        return _NAN
    if not -_FAR <= y <= _FAR:
        return 1.0 if x == 1.0 else _INFINITY if (x > 1.0) == (y > 0.0) else 0.0
    if -_BACK < y < _BACK:
        return 1.0
    m, k = frexp(x)
    i = int(m * 512.0) - 256
    if i < 104:
        m += m
        k -= 1
    front = (m + 67108864.0) - 67108864.0
    r = (front * LOG_INVERSE[i] - 1.0) + (m - front) * LOG_INVERSE[i]
    whole = k * _LN2_HIGH + LOG_HIGH[i]
    near = whole + r
    split = _SPLITTER * r
    half = split - (split - r)
    square = half * half * 0.5
    rest = (k * _LN2_LOW + LOG_LOW[i]) + (r * r * r * _log_series(r) - (r - half) * (r + half) * 0.5)
    high = near - square
    rest += (r - (near - whole)) + ((near - high) - square)
    return _exp_product(y, high + rest, rest - ((high + rest) - high))


def _exp_product(y: float, high: float, low: float) -> float:
    """e^(y * (high + low))"""
    x = y * high
    if not _LEAST <= x <= _GREATEST:
        return _INFINITY if x > 0.0 else 0.0
    split = _SPLITTER * y
    front = split - (split - y)
    split = _SPLITTER * high
    half = split - (split - high)
    lost = (front * half - x) + front * (high - half) + (y - front) * half + (y - front) * (high - half)
    steps = (x * _STEPS + _ROUNDER) - _ROUNDER
    r = ((x - steps * _STEP_HIGH) - steps * _STEP_LOW) + (lost + y * low)
    n = int(steps)
    high = EXP_HIGH[n & 255]
    y = high + (EXP_LOW[n & 255] + high * _exp_series(r))
    if x < _NORMAL:
        return ldexp(y, (n >> 8) + 64) * _BACK
    return ldexp(y, n >> 8) if x < -_NORMAL else ldexp(y, (n >> 8) - 64) * _FAR  # where `ldexp` might overflow
