"""Canonical JSON is what the library for RFC 8785 writes, of every number, text and container that it can write."""

from __future__ import annotations

from random import Random
from struct import unpack
from typing import Any

import pytest
import rfc8785

from flyball.engine.canonical import canonical_json
from flyball.engine.readonly import read_only

EDGES = (0.0, -0.0, 1e-7, 1e-6, 0.00012345, 1e16, 2.0**53, 2.0**53 - 1, 1e21, 123456789012345680.0, 5e-324, 0.1, 7.0)
LETTERS = 'ab"\\/\x00\x1f\x7f\n\t\b\f\r\u2028é𝄞\ufb33'


def value(chance: Random, depth: int = 0) -> Any:
    match chance.randrange(9 if depth < 4 else 6):
        case 0:
            (number,) = unpack("d", chance.randbytes(8))
            return number if abs(number) < float("inf") else 0.5
        case 1:
            return chance.choice((*EDGES, 10 ** chance.uniform(-8, 23), round(chance.uniform(-100, 100), 2)))
        case 2:
            return chance.randrange(1 - 2**53, 2**53)
        case 3:
            return chance.choice((True, False, None))
        case 4 | 5:
            return text(chance)
        case 6:
            return [value(chance, depth + 1) for _ in range(chance.randrange(5))]
        case 7:
            return tuple(value(chance, depth + 1) for _ in range(3))
    return read_only({text(chance): value(chance, depth + 1) for _ in range(chance.randrange(5))})


def text(chance: Random) -> str:
    return "".join(chance.choice(LETTERS) for _ in range(chance.randrange(6)))


def test_it_writes_what_the_library_writes() -> None:
    chance = Random(1)
    for _ in range(5000):
        made = value(chance)
        assert canonical_json(made) == rfc8785.dumps(made).decode()


@pytest.mark.parametrize("wrong", [2**53, float("nan"), float("inf"), {1: 2}, object(), "\ud800", {"\ud800": 1}])
def test_it_refuses_what_the_library_refuses(wrong: Any) -> None:
    for write in (canonical_json, rfc8785.dumps):
        with pytest.raises(ValueError):  # noqa: PT011  of several classes and texts
            write(wrong)
