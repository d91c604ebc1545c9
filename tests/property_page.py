"""`docs/properties.md`: which construct each property covers; `tests/test_properties.py` keeps it true."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fnmatch import fnmatch
from random import Random

from flyball.loaders import packs

from . import constructs
from .strategies.packs import pack_document, text_of

SEEDS = 110
COLUMNS = ("generated packs", "generated sessions", "shipped packs")

# What generated packs do not hold, and where it is tried instead.
ELSEWHERE: Mapping[str, str] = {
    "a pack: examples": "run on both back ends by `flyball test`, see `tests/engine/test_example_runs.py`",
    "an example: *": "run on both back ends by `flyball test`, see `tests/engine/test_example_runs.py`",
    "a state: *": "run on both back ends by `flyball test`, see `tests/engine/test_example_runs.py`",
    "a step: *": "run on both back ends by `flyball test`, see `tests/engine/test_example_runs.py`",
    "an expectation: *": "run on both back ends by `flyball test`, see `tests/engine/test_example_runs.py`",
    "a pack: import": "a generated pack stands alone; the shipped packs import, and `tests/loaders` tries what fails",
    "a pack: enabled": "a pack that is switched off decides nothing",
    "a pack: changes": "prose for whoever uses the version before",
    "*: deprecated": "prose for whoever edits the pack",
    "an input: actionable": "explanations alone read it, see `tests/engine/test_counterfactuals.py`",
    "Bind": "stands in linked packs only, which `tests/engine/test_linking.py` makes",
    "Demand": "stands in linked packs only, which `tests/engine/test_linking.py` makes",
    "Settle": "stands in linked packs only, which `tests/engine/test_linking.py` makes",
    "a*: was": "a name of before; it decides nothing",
    "a record: key": "a named record's key does what a list's `key` does",
}

_HEAD = """# What the properties cover

The property tests make packs at random, and snapshots for them. This page says which constructs of the language are in
what they make; `tests/test_properties.py` writes it anew and fails where a construct is in none and not listed below.

- *generated packs*: both back ends give the same outputs, faults, firings, intents, reasons and bytes
  (`tests/engine/test_backends.py`, `flyball fuzz`), and a checked pack comes back from the cache as it was
  (`tests/loaders/test_cache.py`).
- *generated sessions*: packs with state, over sequences of snapshots: both back ends agree step by step, and a session
  that is saved and restored at any point, or between any two steps, goes on to the same bytes, as one does whose
  decisions are read when all are made (`tests/strategies/sequences.py`). What a
  version with other names and other definitions saved arrives under the names of now
  (`tests/strategies/migrations.py`).
- *shipped packs*: their examples and invariants, on both back ends.
"""


def covered() -> dict[str, set[str]]:
    """The constructs that are used, by column."""
    found: dict[str, set[str]] = {column: set() for column in COLUMNS}
    for seed in range(SEEDS):
        document = pack_document(Random(seed))
        text = text_of(document)
        loaded = packs.load_bytes(text.encode(), "generated.yaml")
        assert loaded.checked is not None, text
        used = (
            constructs.used_in_text(document) | constructs.called_in(text) | constructs.used_in_ir(loaded.checked.pack)
        )
        for column in COLUMNS[: 1 + bool(loaded.checked.pack.slots)]:
            found[column] |= used
    for path in sorted(packs.SHIPPED.glob("*/*.yaml")):
        loaded = packs.load(path)
        if loaded.checked is not None:
            found[COLUMNS[2]] |= constructs.used_in_text(loaded.document)
            found[COLUMNS[2]] |= constructs.called_in(path.read_text(encoding="utf-8"))
            found[COLUMNS[2]] |= constructs.used_in_ir(loaded.checked.pack)
    return found


def exempt(construct: str) -> str | None:
    return next((why for pattern, why in ELSEWHERE.items() if fnmatch(construct, pattern)), None)


def page(found: Mapping[str, set[str]]) -> str:
    return "\n".join([_HEAD, *_sections(found)])


def _sections(found: Mapping[str, set[str]]) -> Iterator[str]:
    for kind, names in constructs.every().items():
        yield f"## {kind}\n"
        yield f"| construct | {' | '.join(COLUMNS)} |"
        yield "|---" * (len(COLUMNS) + 1) + "|"
        for name in names:
            if exempt(name) is None:
                marks = ("yes" if name in found[column] else "" for column in COLUMNS)
                yield f"| `{name.replace('|', '&#124;')}` | {' | '.join(marks)} |"
        yield ""
    yield "## Tried elsewhere\n"
    yield from (f"- `{pattern}`: {why}" for pattern, why in ELSEWHERE.items())
    yield ""
