"""Checked packs and generated code as entries of the cache. Who compares packs imports nothing that decides."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from . import cache, lookup

if TYPE_CHECKING:
    from ..engine import ir
    from ..engine.policy import Policy
    from .loaded import LoadedPack

_PLAIN = (str, int, float, bool, type(None))


class PackFile:
    """The file of a pack or policy; with `cached`, what checking made of it before comes from the cache."""

    def __init__(self, path: Path, rules: str | None, cached: bool) -> None:
        self.path = path
        self._rules = lookup.rules_beside(path, rules)
        self._data = lookup.read_bytes(path)
        self._lock = lookup.lock_bytes(path)
        self._name = f"pack-{cache.key(cache.engine(), str(path), self._data, self._lock)}" if cached else None
        found = cache.read(self._name) if self._name else None
        self._entry: tuple[tuple[str, ...], dict[str, str], bytes] | None = found
        if found and any(self._hash(reference) != wanted for reference, wanted in found[1].items()):
            self._entry = None

    def _hash(self, reference: str) -> str | None:
        """What a reference is now."""
        try:
            return lookup.hash_of(lookup.read_bytes(lookup.find(reference, self._rules)))
        except (lookup.NotFoundError, OSError):
            return None

    @cached_property
    def loaded(self) -> LoadedPack:
        if self._entry:
            kept: LoadedPack = cache.unpack(self._entry[2])
            return kept
        from .lock import read_lock
        from .packs import load_bytes

        loaded = load_bytes(self._data, str(self.path), self._rules, lock=read_lock(self.path, self._lock))
        if loaded.checked and self._name:
            body = cache.pack(loaded)
            if body:
                cache.write(self._name, (_variables(loaded), dict(loaded.imports), body))
        return loaded

    @property
    def variables(self) -> tuple[str, ...]:
        """The environment variables that the pack's parameters declare."""
        return self._entry[0] if self._entry else _variables(self.loaded)

    def name_of(self, layers: object) -> str | None:
        """The entry of this pack's policy under the layers of its parameters; nothing where it is not to be kept."""
        if not self._name or not _is_plain(layers):
            return None
        imports = self._entry[1] if self._entry else dict(self.loaded.imports)
        return f"policy-{cache.key(self._name, sorted(imports.items()), layers)}"

    def content(self) -> tuple[ir.Pack, object]:
        assert self.loaded.checked is not None, "only a checked pack has a policy"
        return self.loaded.checked.pack, self.loaded.document


def _variables(loaded: LoadedPack) -> tuple[str, ...]:
    parameters = loaded.checked.pack.parameters.values() if loaded.checked else ()
    return tuple(each.env for each in parameters if each.env)


def _is_plain(value: object) -> bool:
    """Whether a value is made of builtin types, exactly: others may look alike and mean something else."""
    if type(value) is dict:
        return all(type(each) is str for each in value) and all(map(_is_plain, value.values()))
    return all(map(_is_plain, value)) if type(value) in (list, tuple) else type(value) in _PLAIN  # type: ignore[call-overload]


def read_policy(name: str, file: PackFile) -> Policy | None:
    """The policy of an entry. Its pack is opened when somebody asks for it."""
    found = cache.read(name)
    if found is None:
        return None
    from ..engine.backends.program import Program
    from ..engine.policy import Policy

    source, code, constants, rest, parameters, layers = found
    program = Program(source, code, cache.unpack(constants, _of_name), *rest)
    return Policy.restored(program, parameters, layers, file.content)


def write_policy(name: str, policy: Policy) -> None:
    from ..engine.policy import Policy

    if type(policy) is not Policy:  # one with dated parameters has a program for each period, generated when it is due
        return
    program = policy.program
    constants = cache.pack(dict(program.constants), _name_of)
    if constants:
        rest = program.bits, program.tabled, program.start, program.steppers, program.listed
        cache.write(name, (program.source, program.code, constants, rest, policy.values, policy.layers))


# Operations stand in a pickle by their name in the language: not all of them have one that pickle could find.


def _name_of(constant: object) -> str | None:
    from ..engine.operations import OPERATIONS

    return next((name for name, each in OPERATIONS.items() if each is constant), None) if callable(constant) else None


def _of_name(name: str) -> object:
    from ..engine.operations import OPERATIONS

    return OPERATIONS[name]


__all__ = ["PackFile", "read_policy", "write_policy"]
