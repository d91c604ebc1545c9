"""When a call is absent for want of an argument: told by locals where they suffice, so that no call has to find out."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from .. import ir
from ..functions import MAYBE

_READ = MAYBE | {"at", "lookup", "present"}  # calls that may be absent although no argument is, or read a part


def absent_if(
    call: ir.Call, write: Callable[[ir.Expr], str], can_fail: Callable[[ir.Call], bool], *, always: bool = False
) -> str:
    """The condition under which an argument of a call is absent; empty where it takes more than looking at locals.

    What may fail in the arguments and is there although the call is absent is evaluated with it: otherwise its fault
    would be skipped. `always` asks for a call that has a value wherever the arguments have.
    """
    if always and call.function in _READ:
        return ""

    def leaves(expr: ir.Expr) -> frozenset[str]:
        if not expr.optional:
            return frozenset()
        if isinstance(expr, ir.Call) and expr.function not in _READ:
            return frozenset().union(*map(leaves, expr.args))
        return frozenset((write(expr),))

    def risky(expr: ir.Expr) -> Iterator[str]:
        """What may fail where something else is absent."""
        if leaves(expr) != found and any(isinstance(node, ir.Call) and can_fail(node) for node in ir.walk(expr)):
            yield write(expr)
        elif isinstance(expr, ir.Call) and leaves(expr) == found:
            for arg in expr.args:
                yield from risky(arg)

    found = frozenset[str]().union(*map(leaves, call.args))
    if not found or not all(map(str.isidentifier, found)):
        return ""
    absent = " or ".join(f"{leaf} is None" for leaf in sorted(found))
    tried = [each for arg in call.args for each in risky(arg)]
    return f"({absent}) and ({', '.join(tried)},)" if tried else absent


def there(call: ir.Call) -> ir.Call:
    """A call whose arguments are all present."""
    return replace(call, optional=False, args=tuple(map(_there, call.args)))


def _there(expr: ir.Expr) -> ir.Expr:
    return there(expr) if isinstance(expr, ir.Call) and expr.function not in _READ else replace(expr, optional=False)


def is_there(value: ir.Expr, written: str) -> str:
    """Whether a value is there. What is written as a constant is not asked: Python warns of such a comparison."""
    if isinstance(value, ir.Literal) or is_written_out(written):
        return repr(written != "None")
    return f"({written} is not None)"


def sooner(terms: Sequence[ir.Expr], can_fail: Callable[[ir.Expr], bool]) -> Sequence[ir.Expr]:
    """Terms of `and`, without the question whether a value is there that some other compares with a constant."""
    equal = {name: each for each in terms if (name := _compared(each))}
    if not equal or any(map(can_fail, terms)):
        return terms
    return list(dict.fromkeys(equal.get(_asked(each), each) for each in terms))


def _compared(term: ir.Expr) -> str:
    match term:
        case ir.Call(function="eq", args=(ir.Defined(name=name), ir.Literal() | ir.Parameter())):
            return name
    return ""


def _asked(term: ir.Expr) -> str:
    match term:
        case ir.Call(function="present", args=(ir.Defined(name=name),)):
            return name
    return ""


def is_written_out(written: str) -> bool:
    """Whether an expression is a constant."""
    try:
        ast.literal_eval(written)
    except ValueError:
        return False
    return True


__all__ = ["absent_if", "is_there", "is_written_out", "sooner", "there"]
