"""Packs gone wrong: bytes and tokens of real ones changed at random. Loading them gives findings or a pack, soon."""

from __future__ import annotations

import json
import re
import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from random import Random
from types import FrameType

from flyball.engine.decision import diagnostic_dict
from flyball.loaders import packs
from flyball.reports.text import Paint, render_findings
from flyball.tests.documents import ROOT, blocks, pages, read

from .agreement import check_agreement, policy_of

HEAD = "language: 1\npack: shown\nversion: 1.0.0\n"
LONGEST = 10  # seconds of this process, however busy the machine is
TOKEN = re.compile(rb"\w+|\s+|[^\w\s]")
INSERTED = (
    b"\x00", b"\xff", b"\xef\xbb\xbf", b"\t", b"\r", b"\n", b"\xe2\x80\xa8", b"'", b'"', b"{", b"}", b"[", b"]", b": ",
    b"- ", b"#", b"&a ", b"*a", b"<<: *a", b"!!python/name:os.system ", b"|", b">", b"---\n", b"...\n", b"%YAML 9\n",
    b"?", b"{{", b"}}", b"~", b"null", b"NaN", b".inf", b"1e999", b"0x1F", b"9" * 400, b"((((", b"not ", b" if x else ",
    b"\xf0\x9f\x98\x80", b"\\u0000", b"previous(", b"missing", b"for", b"..", b"**", b"//0", b"[" * 300, b"-" * 300,
)  # fmt: skip


@cache
def originals() -> tuple[bytes, ...]:
    """The shipped packs, and the packs that the documentation shows, with the lines that it leaves out."""
    shipped = [path.read_bytes() for path in sorted(packs.SHIPPED.glob("*/*.yaml"))]
    shown = [block.text for page in pages() for block in blocks(read(page), "yaml")]
    return (*shipped, *((text if "language:" in text else HEAD + text).encode() for text in shown))


def mutated(chance: Random) -> bytes:
    """One of the packs with some changes, as a rule few: what is wrong in many places is refused at the first."""
    data = chance.choice(originals())
    for _ in range(chance.choice((1, 1, 1, 2, 3, 8))):
        data = chance.choice((_bytes_changed, _tokens_changed, _tokens_changed, _lines_changed))(chance, data)
    return data


def _bytes_changed(chance: Random, data: bytes) -> bytes:
    start, end = _range(chance, len(data), 8)
    new = chance.choice((b"", chance.choice(INSERTED), chance.randbytes(end - start), data[start:end] * 2))
    return data[:start] + new + data[end:]


def _tokens_changed(chance: Random, data: bytes) -> bytes:
    """Words, spaces and signs left out, doubled, exchanged, or in the place of others."""
    return b"".join(_shuffled(chance, TOKEN.findall(data), (*INSERTED, *TOKEN.findall(data))))


def _lines_changed(chance: Random, data: bytes) -> bytes:
    lines = data.splitlines(keepends=True)
    indents = tuple(chance.choice((b" ", b"  ", b"\t")) + line for line in lines)
    return b"".join(_shuffled(chance, lines, (*lines, *indents)))


def _shuffled(chance: Random, parts: list[bytes], others: Sequence[bytes]) -> list[bytes]:
    start, end = _range(chance, len(parts), 3)
    match chance.randint(0, 3):
        case 0:
            new = []
        case 1:
            new = parts[start:end] * 2
        case 2:
            new = parts[start:end][::-1]
        case _:
            new = [chance.choice(others)] if others else []
    return parts[:start] + new + parts[end:]


def _range(chance: Random, length: int, longest: int) -> tuple[int, int]:
    start = chance.randint(0, length)
    return start, min(length, start + chance.randint(0, longest))


def check_load(data: bytes) -> None:
    """Findings that can be printed, or a pack that decides."""
    with limited(LONGEST):
        loaded = packs.load_bytes(data, "mutated.yaml")
        json.dumps([diagnostic_dict(each) for each in loaded.findings])
        list(render_findings(loaded.findings, Paint(False)))
        refused = any(each.severity == "error" for each in loaded.findings)
        if refused != (loaded.checked is None and loaded.vocabulary is None):
            raise AssertionError(f"errors: {refused}, and a pack: {not refused}")
        if loaded.checked is not None:
            check_agreement(*policy_of(data.decode("utf-8-sig")), {})


@contextmanager
def limited(seconds: float) -> Iterator[None]:
    """Raises TimeoutError where the time is up; where there are no such timers, nothing does."""
    if not hasattr(signal, "setitimer"):
        yield
        return
    before = signal.signal(signal.SIGVTALRM, _time_is_up)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def _time_is_up(_signal: int, _frame: FrameType | None) -> None:
    raise TimeoutError(f"it takes more than {LONGEST} seconds")


def corpus() -> list[Path]:
    """What once went wrong: a pack and, where it takes them, snapshots beside it."""
    return sorted((ROOT / "tests" / "corpus").glob("*.yaml"))
