"""The shape of the repository: imports go down the floors, the engine is pure, the package list is the folders."""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
NOT_IN_THE_PACKAGE = {"tests", "benchmarks", "docs", "examples", "build", "dist"}

# From the ground up. A module may import its own floor and those below it. The modules at the top level are the public
# interface (`import flyball`), but for the version, which anyone may read.
FLOORS = ["version", "engine", "loaders", "ledger", "policies", "reports", "interface", "service", "cli"]

IMPURE = {
    "files": {"fileinput", "fcntl", "glob", "io", "mmap", "os", "pathlib", "shutil", "sqlite3", "tempfile", "zipfile"},
    "formats": {"csv", "jinja2", "jsonschema", "pickle", "tomllib", "yaml"},
    "terminals": {"argparse", "curses", "getpass", "readline", "termios", "tqdm", "tty"},
    "network": {"asyncio", "ftplib", "http", "httpx", "requests", "select", "smtplib", "socket", "ssl", "urllib"},
    "processes": {"multiprocessing", "signal", "subprocess"},
    "clock and chance": {"random", "secrets", "time"},
}
IMPURE_CALLS = {"open", "input", "print", "breakpoint"}
IMPURE_ATTRIBUTES = {
    "sys.stdin", "sys.stdout", "sys.stderr", "sys.argv", "importlib.resources",
    "datetime.now", "datetime.utcnow", "datetime.today", "date.today",
}  # fmt: skip

LONGEST_FILE = 400
LONG_FILES: Mapping[str, str] = {}  # path: why it may be longer


@dataclass(frozen=True)
class Module:
    """A source file under its dotted name, such as `flyball.engine.source`."""

    name: str
    path: Path
    tree: ast.Module

    @classmethod
    def parse(cls, name: str, text: str, path: str | None = None) -> Module:
        return cls(name, Path(path or name.replace(".", "/") + ".py"), ast.parse(text))

    @property
    def package(self) -> list[str]:
        """What a relative import starts from."""
        parts = self.name.split(".")
        return parts if self.path.name == "__init__.py" else parts[:-1]


def floor(name: str) -> str:
    """The floor that a module of flyball is on."""
    match name.split("."):
        case ["flyball", "_version"]:
            return "version"
        case ["flyball", folder, *_] if folder in FLOORS:
            return folder
        case _:
            return "interface"


def imported(module: Module) -> Iterator[tuple[int, str]]:
    """Line and absolute dotted name of all that a module imports, wherever in it the import stands."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            start = module.package[: len(module.package) + 1 - node.level] if node.level else []
            source = ".".join([*start, *filter(None, [node.module])])
            yield from ((node.lineno, f"{source}.{alias.name}") for alias in node.names)


def dependencies(module: Module, names: set[str]) -> dict[str, int]:
    """The modules of flyball that a module imports, with the line; `from .source import Span` is `engine.source`."""
    found: dict[str, int] = {}
    for line, target in imported(module):
        if target.split(".")[0] != "flyball":
            continue
        known = target if target in names else target.rpartition(".")[0] or target
        if known != module.name:
            found.setdefault(known, line)
    return found


def upward_imports(modules: list[Module]) -> list[str]:
    names = {module.name for module in modules}
    return [
        f"{module.path}:{line}: {floor(module.name)} may not import {target} ({floor(target)})"
        for module in modules
        for target, line in dependencies(module, names).items()
        if FLOORS.index(floor(target)) > FLOORS.index(floor(module.name))
    ]


def unknown_imports(modules: list[Module]) -> list[str]:
    names = {module.name for module in modules}
    return [
        f"{module.path}:{line}: there is no module {target}"
        for module in modules
        for target, line in dependencies(module, names).items()
        if target not in names
    ]


def absolute_imports(modules: list[Module]) -> list[str]:
    return [
        f"{module.path}:{node.lineno}: imports between folders are relative"
        for module in modules
        for node in ast.walk(module.tree)
        if (isinstance(node, ast.Import) and any(alias.name.split(".")[0] == "flyball" for alias in node.names))
        or (isinstance(node, ast.ImportFrom) and not node.level and (node.module or "").split(".")[0] == "flyball")
    ]


def import_cycle(modules: list[Module]) -> list[str]:
    """The modules of one import cycle, the first repeated at the end; empty where there is none."""
    names = {module.name for module in modules}
    graph = {module.name: dependencies(module, names).keys() for module in modules}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        cycle: list[str] = error.args[1]
        return cycle
    return []


def impurities(module: Module) -> list[str]:
    """What a module imports, calls or reads of files, terminals, networks, processes, clocks or chance."""
    kinds = {name: kind for kind, names in IMPURE.items() for name in names}
    found = []
    for line, target in imported(module):
        if kind := kinds.get(target.split(".")[0]):
            found.append(f"{module.path}:{line}: imports {target} ({kind})")
        elif target in IMPURE_ATTRIBUTES:
            found.append(f"{module.path}:{line}: imports {target}")
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in IMPURE_CALLS:
            found.append(f"{module.path}:{node.lineno}: calls {node.func.id}")
        elif isinstance(node, ast.Attribute):
            owner = ast.unparse(node.value).rpartition(".")[2]
            if f"{owner}.{node.attr}" in IMPURE_ATTRIBUTES:
                found.append(f"{module.path}:{node.lineno}: reads {owner}.{node.attr}")
    return found


def package_folders(root: Path) -> Iterator[Path]:
    """The root and every folder under it that has an `__init__.py` and belongs to the package."""
    yield root
    for folder in sorted(root.iterdir()):
        outside = folder.name.startswith(".") or folder.name in NOT_IN_THE_PACKAGE
        if folder.is_dir() and not outside and not (folder / "pyvenv.cfg").exists():
            yield from sorted(path.parent for path in folder.rglob("__init__.py"))


def dotted(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(["flyball", *(part for part in parts if part != "__init__")])


@pytest.fixture(scope="module")
def modules() -> list[Module]:
    paths = [path for folder in package_folders(ROOT) for path in sorted(folder.glob("*.py"))]
    return [Module(dotted(path), path.relative_to(ROOT), ast.parse(path.read_text("utf-8"))) for path in paths]


@pytest.fixture(scope="module")
def listed() -> set[str]:
    setup = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["setuptools"]
    assert setup["package-dir"] == {"flyball": "."}
    return set(setup["packages"])


def test_modules_are_found(modules: list[Module]) -> None:
    assert {"flyball", "flyball._version", "flyball.engine", "flyball.engine.source"} <= {m.name for m in modules}


def test_imports_go_down_the_floors(modules: list[Module]) -> None:
    assert upward_imports(modules) == []


def test_imports_are_relative(modules: list[Module]) -> None:
    assert absolute_imports(modules) == []


def test_imported_modules_exist(modules: list[Module]) -> None:
    assert unknown_imports(modules) == []


def test_there_is_no_import_cycle(modules: list[Module]) -> None:
    assert import_cycle(modules) == []


def test_the_engine_is_pure(modules: list[Module]) -> None:
    assert [line for module in modules if floor(module.name) == "engine" for line in impurities(module)] == []


def test_every_listed_package_exists(listed: set[str]) -> None:
    assert listed - {dotted(folder / "__init__.py") for folder in package_folders(ROOT)} == set()


def test_every_package_is_listed(listed: set[str]) -> None:
    assert {dotted(folder / "__init__.py") for folder in package_folders(ROOT)} - listed == set()


def test_every_folder_of_modules_is_a_package() -> None:
    """A folder without `__init__.py` would import from the checkout and be left out of the wheel."""
    packages = set(package_folders(ROOT))
    floors = [ROOT / name for name in FLOORS if (ROOT / name).is_dir()]
    assert {path.parent for folder in floors for path in folder.rglob("*.py")} - packages == set()


def test_files_are_short(modules: list[Module]) -> None:
    lengths = {m.path.as_posix(): len((ROOT / m.path).read_text("utf-8").splitlines()) for m in modules}
    long = {path for path, length in lengths.items() if length > LONGEST_FILE}
    assert long == LONG_FILES.keys(), "split a file that is too long, or list it with the reason; drop stale entries"
    assert all(LONG_FILES.values())


# The checks above, shown to fail.

ENGINE = Module.parse("flyball.engine.a", "from ..loaders.packs import load\nfrom . import b")
LOADERS = Module.parse("flyball.loaders.packs", "from .. import __version__\nfrom ..engine.b import x")
OTHER = Module.parse("flyball.engine.b", "x = 1\ndef f():\n    from .a import y")
INTERFACE = Module.parse("flyball", "from .loaders import packs\nfrom ._version import __version__", "__init__.py")


def test_an_upward_import_is_found() -> None:
    assert upward_imports([ENGINE, OTHER, LOADERS, INTERFACE]) == [
        "flyball/engine/a.py:1: engine may not import flyball.loaders.packs (loaders)",
        "flyball/loaders/packs.py:1: loaders may not import flyball (interface)",
    ]


def test_an_import_of_nothing_is_found() -> None:
    assert unknown_imports([ENGINE, OTHER]) == ["flyball/engine/a.py:1: there is no module flyball.loaders.packs"]


def test_a_cycle_is_found() -> None:
    assert set(import_cycle([ENGINE, OTHER])) == {"flyball.engine.a", "flyball.engine.b"}


def test_an_absolute_import_is_found() -> None:
    module = Module.parse("flyball.engine.a", "import flyball.engine\nfrom flyball import x\nimport math")
    assert [line.split(":")[1] for line in absolute_imports([module])] == ["1", "2"]


@pytest.mark.parametrize(
    "text",
    [
        "import os.path",
        "from pathlib import Path",
        "def f() -> None:\n    import socket",
        "from importlib import resources",
        "open('x')",
        "print(1)",
        "import sys\nsys.stdout.write('x')",
        "from sys import argv",
        "import datetime as d\nd.datetime.now()",
    ],
)
def test_an_impurity_is_found(text: str) -> None:
    assert len(impurities(Module.parse("flyball.engine.a", text))) == 1


@pytest.mark.parametrize("text", ["import math, sys\nsys.float_info", "from datetime import datetime", "snapshot.now"])
def test_purity_is_not_mistaken(text: str) -> None:
    assert impurities(Module.parse("flyball.engine.a", text)) == []
