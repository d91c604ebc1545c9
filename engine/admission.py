"""What a pack lets in: a snapshot is read, and everything that breaks the contract with its inputs is said at once."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from . import ir
from .ignoring import Ignored
from .requirements import Rules, breach, inputs_in
from .snapshot import Reading, read_by
from .state import Standing, State, standing
from .types import is_numeric, unit_of
from .units import MICROSECONDS

_LONGEST = 2**63  # microseconds: more than all time that a snapshot can name


def rules_of(pack: ir.Pack, parameters: Mapping[str, ir.Value], lacking: Collection[str] = ()) -> Rules:
    """The rules of a pack for its snapshots under its effective parameters."""
    limits = {}
    for name, declared in pack.parameters.items():
        base, value = unit_of(declared.type).base if is_numeric(declared.type) else None, parameters[name]
        if base and base.name in MICROSECONDS and isinstance(value, int | float):
            limits[name] = round(max(-_LONGEST, min(value * float(MICROSECONDS[base.name]), _LONGEST)))
    limits |= dict.fromkeys(limits.keys() & set(lacking), _LONGEST)
    return Rules(limits, pack.contracts, parameters if pack.contracts or pack.admits else {}, lacking)


def admit(pack: ir.Pack, rules: Rules, snapshot: object) -> Reading:
    """The snapshot as it was read; a requirement that reads an input at fault is left alone."""
    reading = read_by(rules, pack.inputs, snapshot, pack.needs_now, Ignored(pack.ignored))
    for requirement in pack.admits:
        if rules.judges(requirement) and inputs_in(requirement.condition).isdisjoint(reading.doubtful):
            found = breach(requirement, rules.parameters, reading.inputs)
            reading.faults.extend([found] if found else [])
    return reading


def is_blind(pack: ir.Pack, reading: Reading) -> bool:
    """Whether no part of a pack can decide: all of one that stands alone fails with any fault of its snapshot."""
    if not pack.parts:
        return bool(reading.faults)
    return reading.unread or not reading.doubtful.isdisjoint({"now", pack.step, pack.key})


def placed(pack: ir.Pack, state: State, reading: Reading) -> tuple[Standing, Reading]:
    """Whether a snapshot is a further step. One at fault that is none is no more than a fault."""
    found = "next" if is_blind(pack, reading) else standing(pack, state, reading.inputs)
    if found != "next" and reading.faults:
        return "next", reading.lost()
    return found, reading
