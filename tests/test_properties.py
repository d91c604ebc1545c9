"""Every construct of the language is in what the property tests make, and `docs/properties.md` says so."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from . import constructs, property_page

PAGE = Path(__file__).resolve().parent.parent / "docs" / "properties.md"


@pytest.fixture(scope="module")
def found() -> dict[str, set[str]]:
    return property_page.covered()


def test_every_construct_is_generated(found: dict[str, set[str]]) -> None:
    every = [name for names in constructs.every().values() for name in names]
    missing = [name for name in every if name not in found["generated packs"] and property_page.exempt(name) is None]
    assert missing == []


def test_nothing_is_exempt_that_is_generated_or_unknown(found: dict[str, set[str]]) -> None:
    every = {name for names in constructs.every().values() for name in names}
    assert {name for name in every & found["generated packs"] if property_page.exempt(name)} == set()
    assert all(any(property_page.exempt(name) == why for name in every) for why in property_page.ELSEWHERE.values())


def test_the_page_is_as_it_is_made(found: dict[str, set[str]]) -> None:
    """FLYBALL_UPDATE_GOLDEN=1 writes it anew."""
    made = property_page.page(found)
    if os.environ.get("FLYBALL_UPDATE_GOLDEN"):
        PAGE.write_text(made, encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == made
