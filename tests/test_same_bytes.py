"""The decisions on the examples of every shipped pack are the same bytes on every Python and every machine.

FLYBALL_UPDATE_GOLDEN=1 writes their hashes anew. A hash that changes is a decision that reads differently: say why.
"""

from __future__ import annotations

import json
import os
from hashlib import sha256
from pathlib import Path

import flyball
from flyball.engine.document import plain
from flyball.engine.example_runs import snapshots_of
from flyball.engine.parameters import Layer, effective
from flyball.loaders import packs

GOLDEN = Path(__file__).parent / "golden" / "decisions.json"


def written(path: Path) -> str | None:
    """The hash of all decisions on a pack's examples, without the engine's version and the folder of the packs;
    nothing for a vocabulary.
    """
    loaded = packs.load(path)
    if loaded.checked is None:
        return None
    found = sha256()
    for example in loaded.checked.examples:
        node = example.node.get("parameters")
        layers = [Layer("example", plain(node))] if node else []  # type: ignore[arg-type]  # the schema wants a mapping
        in_force, _ = effective(loaded.checked.pack, layers)
        policy = flyball.Policy(loaded.checked.pack, in_force.values, in_force.layer_of, loaded.document)
        session = policy.session()
        for snapshot in snapshots_of(loaded.checked.pack, example):
            text = session.step(snapshot).to_json().replace(f'"engine":"{flyball.__version__}"', "")
            text = text.replace(json.dumps(str(packs.SHIPPED))[1:-1], "")
            found.update(text.encode() + session.save().replace(f'"{flyball.__version__}"'.encode(), b""))
    return found.hexdigest()


def test_decisions_on_shipped_examples_are_the_same_bytes() -> None:
    paths = sorted(packs.SHIPPED.glob("*/*.yaml"))
    hashes = {f"{path.parent.name}@{path.stem}": found for path in paths if (found := written(path))}
    assert len(hashes) > 1
    if os.environ.get("FLYBALL_UPDATE_GOLDEN"):
        GOLDEN.write_text(json.dumps(hashes, indent=1) + "\n", encoding="utf-8")
    assert hashes == json.loads(GOLDEN.read_text(encoding="utf-8"))
