"""Texts of packs written by other hands: indented, wrapped and commented as comes."""

from __future__ import annotations

from collections.abc import Mapping
from random import Random
from typing import Any

import yaml

from flyball.engine.source import Source
from flyball.loaders import yaml_tree
from flyball.loaders.yaml_comments import scalar_spans

from .packs import _Dumper


def messed(chance: Random, document: Mapping[str, Any]) -> str:
    text: str = yaml.dump(
        dict(document),
        Dumper=_Dumper,
        sort_keys=False,
        width=chance.choice((40, 80, 100_000)),
        indent=chance.choice((2, 3, 4, 6)),
        default_flow_style=chance.choice((False, None, None, True)),
        allow_unicode=True,
    )
    return commented(chance, text)


def commented(chance: Random, text: str) -> str:
    """The text with comments, blank lines and spaces between its lines and behind them."""
    source = Source("generated.yaml", text)
    document, _ = yaml_tree.parse(source)
    inside = {
        number
        for span in scalar_spans(document)
        for number in range(source.position(span.start)[0], source.position(span.end)[0])
    }
    lines = []
    for number, line in enumerate(text.split("\n"), 1):
        if number in inside or number - 1 in inside or chance.random() < 0.7:
            lines.append(line)
            continue
        indent = " " * (len(line) - len(line.lstrip()) + chance.choice((0, 0, 0, 1, 2)))
        before = chance.choice(("", "\n", "\n\n\n", f"{indent}# before {number}: {{a, b}}\n"))
        behind = chance.choice(("", " ", f" # behind {number}", f"    #  {number} '"))
        lines.append(before + line + (behind if line.strip() else ""))
    return "\n".join(lines)
