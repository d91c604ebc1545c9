"""Fenced blocks, headings and links of Markdown pages, for the tests that hold the pages to what happens."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
NOT_OURS = {".venv", "build", "dist", "node_modules"}

_BLOCK = re.compile(r"^```(?P<language>\w*)(?: file=(?P<file>\S+))?\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
_HEADING = re.compile(r"^#+ (?P<title>.+)$", re.MULTILINE)
_LINK = re.compile(r"\[[^\]]*\]\((?P<target>[^)\s]+)\)")
_COMMAND = re.compile(r"^\$ (?P<command>.+)\n(?P<output>(?:(?!\$ ).*\n)*)", re.MULTILINE)


@dataclass(frozen=True)
class Block:
    """A fenced block; `file` is the name that its first line gives it."""

    language: str
    file: str | None
    text: str


def pages() -> list[Path]:
    """Every Markdown page of the repository."""
    found = (path.relative_to(ROOT) for path in ROOT.rglob("*.md"))
    return sorted(path for path in found if not any(part in NOT_OURS or part[0] == "." for part in path.parts))


def read(path: Path | str) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


def blocks(text: str, *languages: str) -> list[Block]:
    found = [Block(match["language"], match["file"], match["text"]) for match in _BLOCK.finditer(text)]
    return [block for block in found if not languages or block.language in languages]


def prose(text: str) -> str:
    """The page without its blocks."""
    return _BLOCK.sub("", text)


def commands(block: Block) -> list[tuple[str, str]]:
    """The commands of a console block, each with the output that follows it."""
    return [(match["command"], match["output"]) for match in _COMMAND.finditer(block.text)]


def links(text: str) -> Iterator[str]:
    """Where a page points to within the repository, as it is written."""
    targets = (match["target"] for match in _LINK.finditer(re.sub(r"`[^`\n]*`", "", prose(text))))
    return (target for target in targets if not re.match(r"[a-z]+:", target))


def anchors(text: str) -> set[str]:
    """The fragments that GitHub makes of the headings."""
    titles = (match["title"].lower() for match in _HEADING.finditer(prose(text)))
    return {re.sub(r"[^\w\- ]", "", title).replace(" ", "-") for title in titles}
