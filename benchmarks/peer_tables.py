"""The tables of `peers.py`, made of what the trials found, and their place in a file."""

from __future__ import annotations

import re
from typing import Any

from engines import ENTRIES  # type: ignore[import-not-found]  # stands beside this script

CASES = {
    "text": "number given as text",
    "missing": "field missing",
    "misspelt": "field misspelt in a rule",
    "broken": "syntax error in a rule",
}
BEGIN, END = "<!-- by benchmarks/peers.py -->", "<!-- end -->"
FIELD = re.compile(r"daily_p(?:nl|ln)")
PLACE = re.compile(r"line \d+|:\d+:\d+|\(\d+, \d+\)|\|\d+\|\d+|\^")
SPEEDS = ("engine", "× by hand", "× Flyball", "snapshots", "")
Found = dict[str, dict[str, Any]]


def tables(found: Found) -> str:
    return "\n".join([*speeds(found), "", *summary(found), "", *mistakes(found)])


def row(cells: tuple[str, ...] | list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def head(cells: tuple[str, ...]) -> list[str]:
    return [row(cells), "|---" * len(cells) + "|"]


def title(name: str, found: Found) -> str:
    version = found[name]["time"].get("version", "")
    return f"{ENTRIES[name].title} {version}".rstrip()


def speeds(found: Found) -> list[str]:
    return [*head(SPEEDS), *(row(speed(name, found)) for name in found)]


def speed(name: str, found: Found) -> list[str]:
    measured = found[name]["time"]
    if "python" not in measured:
        return [title(name, found), "–", "–", "–", measured.get("absent") or failure(measured)]
    ratios = [number(measured["python"]), number(measured["flyball"])]
    return [title(name, found), *ratios, f"{measured['snapshots']:,}", ENTRIES[name].note]


def number(ratio: float) -> str:
    """Two digits are all that a run repeats."""
    return f"{ratio:.1f}" if ratio < 10 else f"{float(f'{ratio:.2g}'):.0f}"


def summary(found: Found) -> list[str]:
    whole = {
        name: trials["time"]["flyball"]
        for name, trials in found.items()
        if ENTRIES[name].is_peer and "flyball" in trials["time"] and not trials["time"]["part"]
    }
    if not whole:
        return []
    fastest = min(whole, key=lambda name: whole[name])
    said = f"The fastest peer is {ENTRIES[fastest].title}; Flyball is {number(whole[fastest])} × faster than it"
    explained = found.get("flyball_explained", {}).get("time", {}).get("flyball")
    if explained is None:
        return [f"{said}."]
    slower = number(explained / whole[fastest])
    return [f"{said}. With every reason read Flyball takes {slower} × as long as it, which gives none but ids."]


def mistakes(found: Found) -> list[str]:
    rows = [
        row([title(name, found), *(cell(case, trials[case]) for case in CASES)])
        for name, trials in found.items()
        if "absent" not in trials["time"]
    ]
    return [*head(("engine", *CASES.values())), *rows]


def cell(case: str, seen: dict[str, Any]) -> str:
    """What an engine did, in a few words."""
    if seen["stage"] == "answer":
        return answered(case, seen)
    if seen["stage"] in ("crash", "hang"):
        return failure(seen)
    verb = "refused when loaded" if seen["stage"] == "load" else "raises"
    return f"{verb}, {pointed(case, seen['error'])}"


def failure(seen: dict[str, Any]) -> str:
    return f"**crashes the process**, {seen['error']}" if seen["stage"] == "crash" else f"**hangs**, {seen['error']}"


def answered(case: str, seen: dict[str, Any]) -> str:
    said = "; ".join(seen["remarks"])
    if seen["allows"] is None:
        return f"no decision, {pointed(case, said)}"
    if seen["allows"]:
        return f"**allows**, {'error beside it' if said else 'silently'}"
    if said:
        return f"denies, {pointed(case, said)}"
    return "denies, takes it for the number" if seen["saw_it"] else "denies, without a reason"


def pointed(case: str, message: str) -> str:
    """Whether a message leads to the mistake."""
    if case == "broken":
        return "gives the place" if PLACE.search(message) else "no place given"
    return "names the field" if FIELD.search(message) else "no field named"


def details(found: Found) -> str:
    """What does not go into the tables: the times, and what the engines said."""
    lines = []
    for name, trials in found.items():
        if "microseconds" in trials["time"]:
            lines.append(f"\n{ENTRIES[name].title}: {trials['time']['microseconds']:.1f} us a decision")
        for case, heading in CASES.items():
            seen = trials.get(case, {})
            if said := seen.get("error") or "; ".join(seen.get("remarks", ())):
                lines.append(f"  {heading}: {' '.join(said.split())[:300]}")
    return "\n".join(lines)


def put(text: str, made: str) -> str:
    """A file's text with the tables between its markers."""
    before, rest = text.split(BEGIN, 1)
    _, after = rest.split(END, 1)
    return f"{before}{BEGIN}\n{made}\n{END}{after}"


def difference(text: str) -> str | None:
    """In what a file's tables are not those of this program: a message, or nothing."""
    found = re.search(f"{re.escape(BEGIN)}\n(.*?)\n{re.escape(END)}", text, re.DOTALL)
    if not found:
        return f"no markers {BEGIN} and {END}"
    parts = re.findall(r"(?:^\|.*\n?)+", found[1], re.MULTILINE)
    if len(parts) != 2:
        return f"{len(parts)} tables, and not two"
    heads = [head(SPEEDS), head(("engine", *CASES.values()))]
    for part, expected in zip(parts, heads, strict=True):
        lines = part.splitlines()
        if lines[:2] != expected:
            return f"a table's head is\n  {lines[:2]}\nand not\n  {expected}"
        titles = [re.sub(r" [\d.]+$", "", line.split("|")[1].strip()) for line in lines[2:]]
        if titles != [entry.title for entry in ENTRIES.values()]:
            return f"a table's engines are {titles}"
    return None
