"""Which version of a pack a reference finds."""

from __future__ import annotations

from pathlib import Path

import pytest

from flyball.loaders.lookup import NotFoundError, admits, find

VERSIONS = ("0.3.0", "0.3.4", "0.4.0", "1.2.3", "1.10.0", "2.0.0")


@pytest.mark.parametrize(
    ("reference", "version"),
    [
        ("guard", "2.0.0"),
        ("guard@1", "1.10.0"),
        ("guard@1.2", "1.2.3"),
        ("guard@1.2.3", "1.2.3"),
        ("guard@^1", "1.10.0"),
        ("guard@^1.2.3", "1.10.0"),
        ("guard@^0.3", "0.3.4"),
        ("guard@^0", "0.4.0"),
    ],
)
def test_the_newest_that_will_do_is_found(tmp_path: Path, reference: str, version: str) -> None:
    (tmp_path / "guard").mkdir()
    for each in VERSIONS:
        (tmp_path / "guard" / f"{each}.yaml").touch()
    assert find(reference, str(tmp_path)).stem == version


def test_a_range_that_nothing_is_in(tmp_path: Path) -> None:
    (tmp_path / "guard").mkdir()
    for each in ("1.2.0", "1.10.0", "draft"):
        (tmp_path / "guard" / f"{each}.yaml").touch()
    with pytest.raises(NotFoundError, match=r"no pack `guard` at version \^2 in .*; there is 1\.10\.0, 1\.2\.0$"):
        find("guard@^2", str(tmp_path))


@pytest.mark.parametrize(
    ("wanted", "version"),
    [("1", "10.0.0"), ("1.2", "1.20.0"), ("^1.2", "2.0.0"), ("^1.2.3", "1.2.2"), ("^0.3", "0.4.0")],
)
def test_versions_that_will_not_do(wanted: str, version: str) -> None:
    assert not admits(wanted, version)
