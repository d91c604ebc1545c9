"""What fails where parameters have no value yet: the part of each, and who reads it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from . import ir
from .diagnostics import Diagnostic
from .graph import admitting
from .requirements import parameters_in
from .snapshot import Reading

Lacking = Mapping[str, Diagnostic]  # what is said of each parameter, by name
NOTHING: Lacking = MappingProxyType({})


def without(pack: ir.Pack, lacking: Lacking, reading: Reading) -> Reading:
    """What was read, where it cannot be judged at fault: an input whose contract stands on what has no value."""
    if not lacking:
        return reading
    inputs = {each.name for each in pack.inputs if not lacking.keys().isdisjoint(admitting(pack, each))}
    found = replace(reading, faults=[*reading.faults, *lacking.values()], doubtful=reading.doubtful | inputs)
    at_large = parameters_in(pack.max_gap) if pack.max_gap else []
    return found if lacking.keys().isdisjoint(at_large) else found.lost()


__all__ = ["NOTHING", "Lacking", "without"]
