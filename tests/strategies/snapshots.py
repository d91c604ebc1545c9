"""Snapshots for the packs of `packs.py`: what their inputs admit, the edges of it, and faults put in on purpose."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from random import Random
from typing import Any

from flyball.engine.times import parse_time

from .vocabulary import TYPES

Spec = Mapping[str, Any]
TEXTS = ("", "ab", "né", "a b", "'\"", "abcdef")
MOMENTS = (
    "2026-01-05T15:00:00Z",
    "1970-01-01T00:30:00.25+01:00",
    0,
    1.5e9,
    -0.5,
    "2200-12-31T23:59:59.999999Z",
    "2026-03-08T04:30:00Z",
)
AGES = (*(0,) * 12, 1, 500_000, 500_001, 60_000_000, 60_000_001, 5_000_000, -1)
NUMBERS = (0.0, -0.0, 0.25, 0.75, 1, 2.5, -3.75, 9, 0.1)
EXTREMES = (1.0e308, -1.0e308, 5.0e-324, 2**53 - 1)
INTEGERS = (0, 1, 2, 3, -1, 4.0, -0.0, 10)
DOCUMENTS: tuple[Any, ...] = (
    {}, {"note": 1}, {"set": [1, 2]}, {"set": [2.0, 1]}, {"steps": [{"text": "a", "n": 0}]}, {"steps": [{"n": -0.0}]},
    {"a": [[1, 2], [{"b": 1}]]}, {"a": [[{"b": 1, "note": 2}], [2, 1]]}, [], "x", 1, 1.0, {"a": {"x": None}, "é": "é"},
    {"x" * 90: "y" * 90},
)  # fmt: skip
JUNK: tuple[Any, ...] = (
    None, True, 1, 7.5, "", "x" * 300, "CALM", "calm", "2026-01-05", "\ud800", math.nan, math.inf, -math.inf, 10**400,
    2**53, -1.0e9, [], {}, [[]], {"p": {}}, [1, 2, 3, 4, 5, 6, 7],
)  # fmt: skip


def snapshot(chance: Random, inputs: Mapping[str, Spec], steady: bool = False) -> dict[str, Any]:
    """Everything that is declared, and `now` as a rule. A steady one has nothing that a contract refuses."""
    found = _fields(chance, inputs, steady)
    if steady or chance.random() < 0.8:
        found.setdefault("now", chance.choice(MOMENTS))
    moment = parse_time(found.get("now"))
    if moment is not None:
        _freshen(chance, inputs, found, moment, AGES[:1] if steady else AGES)
    return found


def _freshen(chance: Random, fields: Mapping[str, Spec], given: Any, now: int, ages: Sequence[int]) -> None:
    """Bring the times that ages count from near `now`, as a rule a little before it."""
    for name, spec in fields.items():
        value = given.get(spec.get("from", name)) if isinstance(given, dict) else None
        inner = spec.get("fields", {})
        of = spec.get("age", {}).get("of")
        holder, times = (value, inner) if of in inner else (given, fields)
        if of in times and isinstance(holder, dict) and (len(ages) == 1 or chance.random() < 0.9):
            holder[times[of].get("from", of)] = (now - chance.choice(ages)) / 1e6
        if isinstance(value, list) and isinstance(spec.get("of"), dict):
            for each in value:
                _freshen(chance, {"item": spec["of"]}, {"item": each}, now, ages)
        else:
            _freshen(chance, inner, value, now, ages)


def _fields(chance: Random, fields: Mapping[str, Spec], steady: bool = False) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, spec in fields.items():
        way = chance.randint(0, 5) if spec.get("optional") and spec.get("by", "text") == "text" else 5
        if way > 1:
            found[spec.get("from", name)] = value(chance, spec, steady)
        elif way == 1:
            found[spec.get("from", name)] = None
    return found


def value(chance: Random, spec: Spec, steady: bool = False) -> Any:
    if "by" in spec:
        item = {name: each for name, each in spec.items() if name not in ("by", "optional")}
        if spec["by"] == "text":
            return _map(chance, item, steady)
        item = {name: each for name, each in spec.items() if name != "by"}
        if isinstance(spec["by"], list):
            item["by"] = spec["by"][1]
        return _fields(chance, dict.fromkeys(TYPES["Mood"], item), steady)
    match spec["type"]:
        case "number":
            return _number(chance, spec, NUMBERS, steady)
        case "integer":
            return _number(chance, spec, INTEGERS, steady)
        case "boolean":
            return chance.choice((True, False))
        case "text":
            return chance.choice(TEXTS)
        case "time":
            return chance.choice(MOMENTS)
        case "Mood":
            return chance.choice(TYPES["Mood"])
        case "document":
            return deepcopy(chance.choice(DOCUMENTS))
        case "list":
            return _list(chance, spec, steady)
    return _fields(chance, spec["fields"] if "fields" in spec else TYPES["Pair"]["fields"], steady)


def _map(chance: Random, item: dict[str, Any], steady: bool) -> dict[str, Any]:
    most, *rest = item["max_items"] if isinstance(item["max_items"], list) else [item["max_items"]]
    item["max_items"] = rest[0] if rest else 0
    texts = chance.sample((*TEXTS, "k0", "k1"), chance.randint(0, most))
    return {text: value(chance, item, steady) for text in texts}


def _number(chance: Random, spec: Spec, usual: tuple[float, ...], steady: bool) -> float:
    low, high = spec.get("range") or (-math.inf, math.inf)
    more: tuple[float, ...] = (low, high) if "range" in spec else () if steady else EXTREMES
    if spec["type"] == "integer":
        more = tuple(each for each in more if abs(each) < 2**53)
    chosen = more if more and chance.randint(0, 9) == 9 else usual
    return chance.choice([each for each in chosen if low <= each <= high] or [low])


def _list(chance: Random, spec: Spec, steady: bool) -> list[Any]:
    """Its items differ in their key, but for one time in ten."""
    item = spec["of"] if isinstance(spec["of"], dict) else {"type": spec["of"]}
    items = [value(chance, item, steady) for _ in range(chance.randint(0, spec["max_items"]))]
    key = spec.get("key")
    if key and (steady or chance.randint(0, 9)):
        name = key if isinstance(key, str) else key[0]
        for i, each in enumerate(items):
            each[name] = i if name == "num" else f"k{i}"
    return items


def spoil(chance: Random, given: dict[str, Any]) -> None:
    """Put a fault in, as a rule: a key too few or too many, or something that does not belong where it stands."""
    holder, step = chance.choice(list(_places(given)))
    match chance.randint(0, 4):
        case 0:
            del holder[step]
        case 1 if isinstance(holder, dict):
            holder[f"{step}_"] = holder.pop(step)
        case 2 if isinstance(holder, list):
            holder.extend(deepcopy(holder[:1]) * 5)
        case _:
            holder[step] = deepcopy(chance.choice(JUNK))


def _places(holder: Any) -> Iterator[tuple[Any, Any]]:
    steps = holder.items() if isinstance(holder, dict) else enumerate(holder)
    for step, each in steps:
        yield holder, step
        if isinstance(each, dict | list):
            yield from _places(each)
