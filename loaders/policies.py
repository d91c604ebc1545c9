"""From a reference to a policy that decides: the pack, and the layers of its parameters."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from ..engine.diagnostics import Diagnostic, has_errors
from ..engine.document import Document, plain
from ..engine.document import Mapping as MappingNode
from ..engine.parameters import Layer, effective, environment_layer
from ..engine.policy import Policy
from ..engine.tables import check_tables
from . import packs, yaml_tree


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
) -> Policy:
    """The policy of a pack, its parameters layered: pack, `params_file`, environment, `settings`, `parameters`.

    Raises LoadError, NotFoundError, and OSError where a file cannot be read.
    """
    loaded = packs.load(packs.find(str(reference), rules), rules)
    if loaded.checked is None:
        raise LoadError(loaded.path, loaded.findings or [_no_pack(loaded.path)])
    pack = loaded.checked.pack
    layers = [_file_layer(Path(params_file))] if params_file else []
    if environment:
        layers.append(environment_layer(pack, os.environ))
    if settings:
        layers.append(Layer("--set", settings, texts=True))
    if parameters:
        layers.append(Layer("parameters", parameters, texts=False))
    return policy_of(loaded, layers)


def policy_of(loaded: packs.LoadedPack, layers: Sequence[Layer]) -> Policy:
    """Raises LoadError where the effective parameters are not fit."""
    assert loaded.checked is not None
    pack = loaded.checked.pack
    values, findings = effective(pack, layers)
    if not has_errors(findings):
        findings += check_tables(pack, values.values)
    if has_errors(findings):
        raise LoadError(loaded.path, findings)
    return Policy(pack, values.values, values.layer_of, loaded.document)


def _no_pack(path: str) -> Diagnostic:
    return Diagnostic.of("FB202", path=path, key="pack", help="a vocabulary holds types only and decides nothing")


def _file_layer(path: Path) -> Layer:
    """A file of parameter values: names, or packs with their names below."""
    source, findings = yaml_tree.decode(packs.read_bytes(path), str(path))
    document: Document | None = None
    if source:
        document, more = yaml_tree.parse(source)
        findings += more
    if not isinstance(document, MappingNode) or has_errors(findings):
        nothing = Diagnostic.of("FB203", path=str(path), expected="a mapping", found="something else")
        raise LoadError(str(path), findings or [nothing])
    values = plain(document)
    assert isinstance(values, dict)
    return Layer(str(path), values, texts=False)
