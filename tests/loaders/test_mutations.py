"""Packs with bytes, tokens and lines changed at random give findings or a pack: no traceback, and no hang."""

from __future__ import annotations

import time
from random import Random

import pytest

from flyball.loaders import packs
from flyball.tests.strategies import mutations


@pytest.mark.parametrize("seed", range(80))
def test_a_mutated_pack_is_refused_or_decides(seed: int) -> None:
    mutations.check_load(mutations.mutated(Random(seed)))


@pytest.mark.long
@pytest.mark.parametrize("hundred", range(50))
def test_many_mutated_packs_are_refused_or_decide(hundred: int, seed: int) -> None:
    for number in range(100):
        mutations.check_load(mutations.mutated(Random(seed + 100 * hundred + number)))


def test_mutations_are_of_both_kinds() -> None:
    """Some are refused and some are packs still: else only one half of the property would be tried."""
    loaded = [packs.load_bytes(mutations.mutated(Random(seed)), "mutated.yaml") for seed in range(60)]
    assert {each.checked is None and each.vocabulary is None for each in loaded} == {True, False}


def test_what_hangs_is_stopped() -> None:
    def hang() -> None:
        began = time.perf_counter()
        while time.perf_counter() - began < 20:
            pass

    with pytest.raises(TimeoutError), mutations.limited(0.05):
        hang()
