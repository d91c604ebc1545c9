"""From a reference to a policy that decides: the pack, and the layers of its parameters."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ..engine.policy import Policy
from . import kept, lookup
from .cache import is_on

if TYPE_CHECKING:
    from ..engine import ir
    from ..engine.diagnostics import Diagnostic
    from ..engine.document import Mapping as MappingNode
    from ..engine.parameters import Layer
    from .packs import LoadedPack


class LoadError(Exception):
    """A pack or its parameters are not fit to decide. `findings` says what is wrong, all of it."""

    def __init__(self, path: str, findings: Sequence[Diagnostic]) -> None:
        self.path = path
        self.findings = tuple(findings)
        errors = [finding for finding in findings if finding.severity == "error"]
        lines = [f"{each.span or each.path or path}: {each.code} {each.message}" for each in errors]
        super().__init__(f"{path} cannot be loaded:\n  " + "\n  ".join(lines))


def load_policy(
    reference: str | Path,
    *,
    parameters: Mapping[str, object] | None = None,
    settings: Mapping[str, str] | None = None,
    params_file: str | Path | None = None,
    rules: str | None = None,
    environment: bool = True,
    cache: bool = True,
) -> Policy:
    """A policy by its name, folder or file, or that of a pack alone.

    Its parameters are layered: pack, policy, `params_file`, environment, `settings`, `parameters`.
    With `cache` it comes from the user's cache folder where the same was loaded before.
    Raises LoadError, NotFoundError, and OSError where a file cannot be read.
    """
    file = kept.PackFile(lookup.find_policy(str(reference), rules), rules, cached=cache and is_on())
    given = _Given(
        (str(params_file), lookup.read_bytes(Path(params_file))) if params_file else None,
        {name: os.environ[name] for name in file.variables if environment and name in os.environ},
        dict(settings or {}),
        dict(parameters or {}),
    )
    name = file.name_of(given.key())
    policy = kept.read_policy(name, file) if name else None
    if policy is None:
        policy = _policy_of(file.loaded, given)
        if name:
            kept.write_policy(name, policy)
    return policy


@dataclass(frozen=True, slots=True)
class _Given:
    """What the layers above the pack hold, as it was given: a file's name and bytes, and values by name."""

    file: tuple[str, bytes] | None
    environment: Mapping[str, str]
    settings: Mapping[str, str]
    parameters: Mapping[str, object]

    def key(self) -> tuple[object, ...]:
        file = (self.file[0], lookup.hash_of(self.file[1])) if self.file else None
        return file, self.environment, self.settings, self.parameters

    def layers(self, pack: ir.Pack) -> Iterator[Layer]:
        from ..engine.parameters import Layer, environment_layer

        if self.file:
            yield _file_layer(*self.file)
        yield environment_layer(pack, self.environment)
        yield Layer("--set", self.settings, texts=True)
        yield Layer("parameters", self.parameters, texts=False)


def _policy_of(loaded: LoadedPack, given: _Given) -> Policy:
    """Raises LoadError where the pack or the effective parameters are not fit."""
    from ..engine.dated import policy_of
    from ..engine.diagnostics import Diagnostic, has_errors
    from ..engine.parameters import effective
    from ..engine.tables import check_tables

    if loaded.checked is None:
        advice = "a vocabulary holds types only and decides nothing"
        no_pack = Diagnostic.of("FB202", path=loaded.path, key="pack", help=advice)
        raise LoadError(loaded.path, loaded.findings or [no_pack])
    pack = loaded.checked.pack
    values, findings = effective(pack, list(given.layers(pack)))
    if not has_errors(findings):
        findings += check_tables(pack, values)
    if has_errors(findings):
        raise LoadError(loaded.path, findings)
    return policy_of(pack, values, loaded.document)


def _file_layer(path: str, data: bytes) -> Layer:
    """A file of parameter values: names, or packs with their names below."""
    from ..engine.diagnostics import Diagnostic, has_errors
    from ..engine.document import Document, plain
    from ..engine.document import Mapping as MappingNode
    from ..engine.parameters import Layer
    from . import yaml_tree

    source, findings = yaml_tree.decode(data, path)
    document: Document | None = None
    if source:
        document, more = yaml_tree.parse(source)
        findings += more
    if not isinstance(document, MappingNode) or has_errors(findings):
        nothing = Diagnostic.of("FB203", path=path, expected="a mapping", found="something else")
        raise LoadError(path, findings or [nothing])
    values = plain(document)
    assert isinstance(values, dict)
    return Layer(path, values, texts=False, places=dict(_places(document)))


def _places(document: MappingNode) -> Iterator[tuple[str, str]]:
    """Where each value of a file stands, by its name and by that of its section."""
    from ..engine.document import Mapping as MappingNode

    for key, node in document.entries:
        yield key.text, str(node.span)
        for name, value in node.entries if isinstance(node, MappingNode) else ():
            yield f"{key.text}.{name.text}", str(value.span)
