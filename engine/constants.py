"""Expressions over parameters alone: their values when a pack is loaded, and how such a value is written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from . import ir
from .faults import Fault, Located
from .operations import OPERATIONS
from .times import format_time
from .types import Boolean, Enum, List, Map, Record, Time, Type, Vector

Values = Mapping[str, ir.Value]
_NO_NAMES: Values = {}


def constant(expr: ir.Expr, parameters: Values, names: Values = _NO_NAMES) -> Any:
    """The value of an expression that reads parameters only; `names` holds the items of its comprehensions.

    A requirement reads inputs, what they are bound to, or the fields of a record too, which stand among the `names`.

    Raises Located where an operation has no result.
    """
    match expr:
        case ir.Literal(value=value):
            return value
        case ir.Parameter(name=name):
            return parameters[name]
        case ir.Local(name=name) | ir.Input(name=name) | ir.Defined(name=name):
            return names[name]
        case ir.Get(record=record, index=index):
            whole = constant(record, parameters, names)
            return None if whole is None else whole[index]
        case ir.Call(function=function, args=args):
            return _call(function, [constant(arg, parameters, names) for arg in args], expr)
        case ir.And(terms=terms):
            return all(constant(term, parameters, names) for term in terms)
        case ir.Or(terms=terms):
            return any(constant(term, parameters, names) for term in terms)
        case ir.Chain():
            return _chain(expr, parameters, names)
        case ir.If(test=test, then=then, other=other):
            return constant(then if constant(test, parameters, names) else other, parameters, names)
        case ir.Default(value=value, fallback=fallback):
            found = constant(value, parameters, names)
            return constant(fallback, parameters, names) if found is None else found
        case ir.Make(parts=parts):
            return tuple(constant(part, parameters, names) for part in parts)
        case ir.Each():
            return _each(expr, parameters, names)
    raise TypeError(f"{type(expr).__name__} is no part of a constant")


def _call(function: str, args: list[Any], expr: ir.Expr) -> Any:
    if function == "present":
        return args[0] is not None
    if any(arg is None for arg in args):
        return None
    try:
        return OPERATIONS[function](*args)
    except Fault as fault:
        raise Located(fault, expr.span) from None


def _chain(expr: ir.Chain, parameters: Values, names: Values) -> bool:
    left = constant(expr.first, parameters, names)
    for operation, operand in expr.rest:
        right = constant(operand, parameters, names)
        if not OPERATIONS[operation](left, right):
            return False
        left = right
    return True


def _each(expr: ir.Each, parameters: Values, names: Values) -> tuple[Any, ...] | None:
    source = constant(expr.source, parameters, names)
    if source is None:
        return None
    scopes = [{**names, expr.variable: item} for item in source]
    kept = [scope for scope in scopes if expr.where is None or constant(expr.where, parameters, scope)]
    return tuple(constant(expr.value, parameters, scope) for scope in kept)


def written(value: Any, kind: Type) -> str:
    """A value as a pack would write it, with all its digits and without its unit."""
    if value is None:
        return "missing"
    match kind:
        case Enum(members=members):
            return str(members[value])
        case Boolean():
            return "true" if value else "false"
        case Time():
            return format_time(value)
        case Map(item=item):
            return _entries((key for key, _ in value), (written(each, item.type) for _, each in value))
        case Vector(by=by, item=item):
            return _entries(by.members, (written(each, item.type) for each in value))
        case Record(fields=fields):
            parts = (written(each, field.type) for field, each in zip(fields, value, strict=True))
            return _entries((field.name for field in fields), parts)
        case List(item=item):
            return f"[{', '.join(written(each, item.type) for each in value)}]"
    return repr(value).removesuffix(".0") if isinstance(value, float) else str(value)


def _entries(names: Iterable[str], texts: Iterable[str]) -> str:
    return "{" + ", ".join(f"{name}: {text}" for name, text in zip(names, texts, strict=True)) + "}"
