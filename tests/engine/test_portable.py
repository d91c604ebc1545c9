"""The portable functions: tables, error against exact arithmetic, order, and the same bits anywhere."""

from __future__ import annotations

import math
import os
import platform
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from mpmath import mp, mpf

from flyball.engine import portable, portable_tables
from flyball.engine.functions import FUNCTIONS
from flyball.engine.sampling import Chance
from flyball.tests.portable_points import ARGUMENTS, Arguments, fingerprint, points

FINGERPRINT = "44f3dbdcc06508c425929ada075645607c707e0230cd6eb93bcd7803ca261dca"
GREATEST = sys.float_info.max
SMALLEST_NORMAL = sys.float_info.min
SUBNORMAL_ULPS = 0.76  # they are rounded twice
SHORT, LONG = 1500, 250_000
EXACT: Mapping[str, Callable[..., Any]] = {
    **{name: getattr(mp, name) for name in ("exp", "expm1", "log", "log1p", "tanh")},
    "pow": lambda x, y: mp.exp(y * mp.log(x)),
}


@pytest.fixture(autouse=True)
def _precision() -> Iterator[None]:
    with mp.workprec(170):
        yield


# Tables


def test_the_table_of_powers() -> None:
    powers = [mpf(2) ** (mpf(j) / 256) for j in range(256)]
    assert [float(each) for each in powers] == list(portable_tables.EXP_HIGH)
    lost = [float(each - high) for each, high in zip(powers, portable_tables.EXP_HIGH, strict=True)]
    assert lost == list(portable_tables.EXP_LOW)


def test_the_table_of_logarithms() -> None:
    tables = (portable_tables.LOG_INVERSE, portable_tables.LOG_HIGH, portable_tables.LOG_LOW)
    for index, (inverse, high, low) in enumerate(zip(*tables, strict=True)):
        ends = [mpf(256 + index + side) / (512 if index >= 104 else 256) for side in (0, 1)]
        assert inverse * 256 == int(inverse * 256)
        assert max(abs(end * inverse - 1) for end in ends) < 1.04 / 256, "the series is made for less"
        exact = -mp.log(mpf(inverse))
        assert high * 2**42 == int(high * 2**42)
        assert abs(exact - high) <= mpf(2) ** -43
        assert low == float(exact - high)


def test_the_constants() -> None:
    step = mp.log(2) / 256
    for high, low, exact in (
        (portable._STEP_HIGH, portable._STEP_LOW, step),
        (portable._LN2_HIGH, portable._LN2_LOW, mp.log(2)),
    ):
        assert high * 2**42 == int(high * 2**42)
        assert low == float(exact - high)
    assert float(1 / step) == portable._STEPS
    assert mp.exp(portable._GREATEST) < GREATEST
    assert mp.exp(math.nextafter(portable._GREATEST, math.inf)) > mpf(2) ** 1024 - mpf(2) ** 970
    assert mp.exp(math.nextafter(portable._LEAST, -math.inf)) < mpf(2) ** -1075


# Error


def ulps(found: float, exact: Any) -> float:
    """How far a result lies from the exact one, in units of that one's last place."""
    if not exact:
        return 0.0 if found == 0 else math.inf
    if math.isinf(found):
        return 0.0 if abs(exact) >= mpf(2) ** 1024 - mpf(2) ** 970 else math.inf
    exponent = max(mp.frexp(exact)[1] - 53, -1074)
    return float(mp.ldexp(abs(mpf(found) - exact), -exponent))


def assert_near(name: str, arguments: Iterable[Arguments]) -> None:
    kernel, exact = getattr(portable, name), EXACT[name]
    worst: dict[bool, tuple[float, Arguments]] = {True: (0.0, ()), False: (0.0, ())}
    for each in arguments:
        value = exact(*map(mpf, each))
        subnormal = abs(value) < SMALLEST_NORMAL
        worst[subnormal] = max(worst[subnormal], (ulps(kernel(*each), value), each))
    print(name, "normal", worst[False], "subnormal", worst[True])
    assert worst[False][0] <= FUNCTIONS[name].ulps, worst
    assert worst[True][0] <= SUBNORMAL_ULPS, worst


@pytest.mark.parametrize("name", ARGUMENTS)
def test_error(name: str) -> None:
    assert_near(name, points(name, SHORT))


@pytest.mark.long
@pytest.mark.parametrize("name", ARGUMENTS)
def test_error_at_length(name: str) -> None:
    assert_near(name, points(name, LONG, "at length"))


def neighbours(x: float, count: int) -> list[float]:
    below = above = x
    found = [x]
    for _ in range(count):
        below, above = math.nextafter(below, -math.inf), math.nextafter(above, math.inf)
        found += [below, above]
    return sorted(each for each in found if math.isfinite(each))


# Where another formula takes over, and the ends of what a double holds.
EDGES: Mapping[str, tuple[float, ...]] = {
    "exp": (0, 1, -1, 5e-324, 1e-300, portable._GREATEST, portable._LEAST, -707, -708.3964185322641),
    "expm1": (0, 0.125, -0.125, 44, -44, -37.5, 5e-324, SMALLEST_NORMAL, portable._GREATEST, -1e300),
    "log": (5e-324, SMALLEST_NORMAL, 0.703125, 1, 1.40625, 2, math.e, 2.0**53, GREATEST),
    "log1p": (-1, -0.5, -0.00390625, 0, 5e-324, SMALLEST_NORMAL, 0.00390625, 1, 2.0**53, GREATEST),
    "tanh": (0, 0.125, -0.125, 3, -3, 19.0625, 22, -22, 5e-324, SMALLEST_NORMAL, GREATEST),
}
DEFINED_ABOVE = {"log": 0.0, "log1p": -1.0}


def at_edges(name: str, count: int) -> Iterator[list[float]]:
    for edge in EDGES[name]:
        yield [x for x in neighbours(float(edge), count) if x > DEFINED_ABOVE.get(name, -math.inf)]


@pytest.mark.parametrize("name", EDGES)
def test_error_at_the_edges(name: str) -> None:
    assert_near(name, ((x,) for some in at_edges(name, 8) for x in some))


def test_exact_powers_are_exact() -> None:
    for base in (1.0, 1.5, 2.0, 3.0, 0.125, 1e10):
        assert [portable.pow(base, float(n)) for n in range(6)] == [math.prod([base] * n) for n in range(6)]
        assert portable.pow(base * base, 0.5) == base
    assert [portable.pow(2.0, float(n)) for n in range(-1074, 1024)] == [math.ldexp(1.0, n) for n in range(-1074, 1024)]


ZERO, INFINITY = 0.0, math.inf
ENDS = [
    ("exp", (0.0,), 1.0), ("exp", (710.0,), INFINITY), ("exp", (-746.0,), ZERO),
    ("expm1", (0.0,), ZERO), ("expm1", (-0.0,), ZERO), ("expm1", (710.0,), INFINITY), ("expm1", (-GREATEST,), -1.0),
    ("log", (1.0,), ZERO), ("log", (0.0,), -INFINITY), ("log1p", (0.0,), ZERO), ("log1p", (-0.0,), ZERO),
    ("log1p", (-1.0,), -INFINITY), ("tanh", (0.0,), ZERO), ("tanh", (-0.0,), ZERO), ("tanh", (GREATEST,), 1.0),
    ("tanh", (-23.0,), -1.0), ("pow", (1.0, GREATEST), 1.0), ("pow", (1.0000000000000002, GREATEST), INFINITY),
    ("pow", (0.5, GREATEST), ZERO), ("pow", (0.5, -GREATEST), INFINITY), ("pow", (GREATEST, 5e-324), 1.0),
    ("pow", (GREATEST, 1.0), GREATEST), ("pow", (5e-324, 1.0), 5e-324), ("pow", (5e-324, -1.0), INFINITY),
    ("pow", (2.0, 1024.0), INFINITY), ("pow", (2.0, -1076.0), ZERO), ("pow", (7.5, 0.0), 1.0),
]  # fmt: skip


@pytest.mark.parametrize(("name", "arguments", "result"), ENDS)
def test_ends(name: str, arguments: Arguments, result: float) -> None:
    found = getattr(portable, name)(*arguments)
    assert (found, math.copysign(1, found)) == (result, math.copysign(1, result))


@pytest.mark.parametrize(
    ("name", "arguments"), [("log", (-1.0,)), ("log1p", (-1.5,)), ("pow", (0.0, 1.0)), ("pow", (-1.0, 2.0))]
)
def test_outside_of_the_domain(name: str, arguments: Arguments) -> None:
    assert math.isnan(getattr(portable, name)(*arguments))


# Order


def assert_rises(name: str, arguments: list[float]) -> None:
    kernel = getattr(portable, name)
    found = [kernel(x) for x in arguments]
    assert all(a <= b for a, b in pairwise(found)), (name, arguments[0].hex())


@pytest.mark.parametrize("name", EDGES)
def test_neighbours_rise(name: str) -> None:
    for some in at_edges(name, 40):
        assert_rises(name, some)
    for (x,) in points(name, SHORT, "order"):
        assert_rises(name, [each for each in neighbours(x, 8) if each > DEFINED_ABOVE.get(name, -math.inf)])


def seams(name: str, chance: Chance, count: int) -> Iterator[float]:
    """Where one entry of a table gives way to the next."""
    if name in ("log", "log1p"):
        for _ in range(count):
            edge = math.ldexp((256 + chance.below(256)) / 512, chance.pick((0, 1, 2, chance.below(2000) - 1000)))
            yield edge if name == "log" else edge - 1
    else:
        for index in range(count):
            n = index // 2 if index < 3000 else chance.below(260_000)  # most near 0, where neighbours are close
            yield (n + 0.5) / portable._STEPS * (-1 if index % 2 else 1) * (0.5 if name == "tanh" else 1)


@pytest.mark.parametrize("name", EDGES)
def test_neighbours_rise_over_the_seams(name: str) -> None:
    for x in seams(name, Chance(name), 4000):
        assert_rises(name, [each for each in neighbours(x, 4) if each > DEFINED_ABOVE.get(name, -math.inf)])


# The same bits


def test_fingerprint() -> None:
    """The same on every machine and under every version of Python: a change here changes past decisions."""
    assert fingerprint() == FINGERPRINT


FEATURES = ("-AVX2,-FMA,-AVX2_Usable,-FMA_Usable", "-AVX2,-FMA,-FMA4,-AVX,-AVX512F")


@pytest.mark.parametrize("features", FEATURES)
def test_another_c_library(features: str) -> None:
    """Without fused multiplication the GNU C library gives other results of exp and log; these stay."""
    (found, of_library), (_, ordinary) = _under(f"glibc.cpu.hwcaps={features}"), _under("")
    assert found == FINGERPRINT
    if not _fuses():
        pytest.skip("this C library, or this processor, has no other way")
    assert of_library != ordinary, "the setting did nothing, and nothing was tested"


def _under(tunables: str) -> list[str]:
    """The fingerprints of our functions and of the C library's in a process with these settings."""
    code = "from flyball.tests.portable_points import fingerprint, of_c_library; print(fingerprint(), of_c_library())"
    environment = {**os.environ, "GLIBC_TUNABLES": tunables}
    ended = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, check=False, timeout=120)
    assert ended.stderr == b""
    return ended.stdout.decode().split()


def _fuses() -> bool:
    """Whether the C library is one that goes by the processor's features, and they are there."""
    features = Path("/proc/cpuinfo")
    return platform.libc_ver()[0] == "glibc" and features.exists() and " fma " in features.read_text("utf-8")
