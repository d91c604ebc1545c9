"""What once went wrong does so no more: the packs of `tests/corpus`, with the snapshots beside them.

`flyball fuzz --save tests/corpus` adds to it. A pack alone once upset the loader. An entry of a list of snapshots may
say what is right (`outputs`, or the code of a `fault`); without it both back ends agree.
"""

from __future__ import annotations

import json
from pathlib import Path
from random import Random

import pytest

from .strategies.agreement import check_agreement, expected_outputs, policy_of
from .strategies.mutations import check_load, corpus
from .strategies.sequences import check_sequence

WITH_SNAPSHOTS = [path for path in corpus() if path.with_suffix(".json").exists()]


def test_snapshots_stand_beside_packs() -> None:
    assert WITH_SNAPSHOTS
    given = {path.with_suffix(".yaml") for path in corpus()[0].parent.glob("*.json")}
    assert given == set(WITH_SNAPSHOTS)


@pytest.mark.parametrize("path", corpus(), ids=lambda path: path.stem)
def test_loading(path: Path) -> None:
    check_load(path.read_bytes())


@pytest.mark.parametrize("path", WITH_SNAPSHOTS, ids=lambda path: path.stem)
def test_deciding(path: Path) -> None:
    policy, parameters = policy_of(path.read_text(encoding="utf-8"))
    entries = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    assert entries
    for entry in entries:
        expected = check_agreement(policy, parameters, entry["snapshot"])
        if "fault" in entry:
            assert [each.code for each in expected.faults] == [entry["fault"]]
        if "outputs" in entry:
            assert expected_outputs(policy.pack, parameters, expected) == entry["outputs"]
    check_sequence(policy, parameters, [entry["snapshot"] for entry in entries], Random(0))
