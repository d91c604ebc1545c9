"""Scripts of the repository that are no part of the package, loaded to be tested."""

from __future__ import annotations

import importlib.util
import sys
from types import ModuleType

import pytest

from .documents import ROOT


def script(path: str) -> ModuleType:
    """The script as a module, with its own folder in reach while it loads, as when it is run."""
    where = ROOT / path
    spec = importlib.util.spec_from_file_location(path.removesuffix(".py").replace("/", "_"), where)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(where.parent)
        patch.setitem(sys.modules, spec.name, module)  # dataclasses look their module up
        spec.loader.exec_module(module)
    return module
