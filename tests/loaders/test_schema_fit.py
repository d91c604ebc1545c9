"""The quick answer to whether a file fits its schema is that of jsonschema."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import flyball
from flyball.engine.document import plain
from flyball.loaders.pack_schema import _schemas, _validator
from flyball.loaders.schema_fit import fits
from flyball.loaders.yaml_tree import decode, parse

ROOT = Path(flyball.__file__ or "").parent
TESTS = Path(__file__).resolve().parent.parent


def tree(path: Path) -> Any:
    source, _ = decode(path.read_bytes(), path.name)
    document, _ = parse(source) if source else (None, [])
    return plain(document) if document else None


FILES = [*sorted((ROOT / "rules").rglob("*.yaml")), *sorted((TESTS / "cli" / "packs").glob("*.yaml"))]
TREES = [found for found in map(tree, FILES) if found]
SCALARS: list[Any] = [None, True, False, 0, 1, 3, 2.5, 1.0, "", "x", "yes", "Name", "a b", "info", "all", "1.0.0"]
VALUES = st.sampled_from([*SCALARS, [], [1, 1], [1, True], ["x", "x"], {}, {"x": 1}, {"type": "number"}])
KEYS = st.sampled_from(
    ["x", "Name", "type", "value", "when", "then", "for", "by", "range", "members", "safe", "policy"]
)


def quick(instance: Any, kind: str) -> bool:
    return fits(instance, _schemas()[f"{kind}.schema.json"], _schemas())


def full(instance: Any, kind: Any) -> bool:
    return not list(_validator(kind).iter_errors(instance))


def places(instance: Any) -> Iterator[tuple[Any, Any]]:
    """Every list or mapping with each of its places."""
    entries = (
        instance.items() if isinstance(instance, dict) else enumerate(instance) if isinstance(instance, list) else ()
    )
    for step, value in entries:
        yield instance, step
        yield from places(value)


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_what_fits_is_known_at_once(path: Path) -> None:
    instance = tree(path)
    for kind in ("pack", "vocabulary"):
        assert quick(instance, kind) == full(instance, kind)


@settings(deadline=None, max_examples=100)
@given(st.data())
def test_both_agree_on_packs_with_a_change(data: st.DataObject) -> None:
    instance = json.loads(json.dumps(data.draw(st.sampled_from(TREES))))
    for _ in range(data.draw(st.integers(1, 2))):
        holder, step = data.draw(st.sampled_from(list(places(instance))))
        match data.draw(st.sampled_from(["change", "remove", "add"])):
            case "change":
                holder[step] = data.draw(VALUES)
            case "remove":
                del holder[step]
            case "add" if isinstance(holder, dict):
                holder[data.draw(KEYS)] = data.draw(VALUES)
    for kind in ("pack", "vocabulary"):
        expected = full(instance, kind)
        assert quick(instance, kind) == expected


def test_every_keyword_of_the_schemas_is_known() -> None:
    """What is not known is left to jsonschema, which is right but slow."""
    assert quick(tree(ROOT / "rules" / "orchestrator" / "1.0.0.yaml"), "pack")
    assert quick(tree(ROOT / "rules" / "trading" / "1.0.0.yaml"), "vocabulary")


def test_an_unknown_keyword_is_no_yes() -> None:
    assert not fits(1, {"multipleOf": 1}, {})
    assert not fits(1, {"not": {"multipleOf": 2}}, {})
    assert not fits([[1], [1]], {"uniqueItems": True}, {})
