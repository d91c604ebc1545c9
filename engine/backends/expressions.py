"""IR expressions as Python source, for the generated back end.

An operation that may fail is checked inline and, where it does, hands over to the examination, which knows the place.
"""

from __future__ import annotations

import re
from collections import ChainMap
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass, field, replace
from typing import Any

from .. import ir, portable
from ..functions import FAULTLESS
from ..operations import OPERATIONS
from ..types import UNKNOWN, Field, Integer, List, Map, Record, Vector
from .absence import absent_if, is_there, sooner, there
from .intervals import Bounds
from .lookup_code import looked_up
from .looped import is_distinct, or_nothing, tests_of
from .operation_code import INFIX, SEARCHES, always, compared, extreme, inline, over_parts, plain, plainly, rounded

_ARITHMETIC = ("add", "subtract", "multiply", "divide")
_PORTABLE = {name: getattr(portable, name) for name in ("exp", "expm1", "log", "log1p", "pow", "tanh")}
_SHORT = 16  # values


@dataclass(frozen=True)
class Writer:
    """How the names of a pack are spelled in the generated code.

    `locals` spells a loop item: a name, or its fields by index where the item was taken apart. `flat` says that what is
    written stands in a statement, and in no comprehension.
    """

    names: Mapping[tuple[str, str], str]
    parameters: Mapping[str, ir.Value]
    bounds: Bounds
    constants: dict[str, Any]
    locals: MutableMapping[str, str | tuple[str, ...]] = field(default_factory=dict)
    located: bool = False
    flat: bool = False

    def inside(self, variable: str, spelling: str | tuple[str, ...], declared: Field | None) -> Writer:
        bounds = self.bounds.inside(variable, declared)
        return replace(self, locals=ChainMap({variable: spelling}, self.locals), bounds=bounds)

    def spelled(self, names: Mapping[tuple[str, str], str]) -> Writer:
        """The same with other names before those that are known."""
        return replace(self, names=ChainMap(dict(names), self.names))  # type: ignore[arg-type]  # nothing writes to it

    def write(self, expr: ir.Expr) -> str:
        """The Python expression of an IR expression."""
        match expr:
            case ir.Literal(value=value):
                return self.constant(value)
            case ir.Parameter(name=name):
                return self.constant(self.parameters[name])
            case ir.Input(name=name):
                return self.names["input", name]
            case ir.Defined(name=name):
                return self.names["definition", name]
            case ir.Output(name=name):
                return self.names["output", name]
            case ir.Fired(id=identity):
                return self.names["fired", identity]
            case ir.Before(output=output):
                return str(self.locals[f"before.{output}"])
            case ir.After(output=output):
                return str(self.locals[f"after.{output}"])
            case ir.Local(name=name):
                spelling = self.locals[name]
                return spelling if isinstance(spelling, str) else f"({', '.join(spelling)},)"
            case ir.Previous(name=name):
                return self.names["previous", name]
            case ir.Advance(name=name, args=args):
                self.constants[f"STEP_{name}"] = expr
                return (
                    f"{self.names['advance', name]}(STEP_{name}, ({' '.join(f'{self.write(arg)},' for arg in args)}))"
                )
            case ir.Get(record=record, index=index):
                return self._get(record, index)
            case ir.Call():
                return self._call(expr)
            case ir.And(terms=terms):
                return f"({' and '.join(map(self.write, sooner(terms, self.can_fail)))})" if terms else "True"
            case ir.Or(terms=terms):
                return f"({' or '.join(self.write(term) for term in terms)})" if terms else "False"
            case ir.Chain(first=first, rest=rest):
                return f"({self.write(first)} {' '.join(f'{INFIX[op]} {self.write(each)}' for op, each in rest)})"
            case ir.If(test=test, then=then, other=other):
                return f"({self.write(then)} if {self.write(test)} else {self.write(other)})"
            case ir.Default(value=value, fallback=fallback):
                return self._default(value, fallback)
            case ir.Make(parts=parts):
                return f"({', '.join(self.write(part) for part in parts)}{',' if parts else ''})"
            case ir.Each() | ir.Select() | ir.Lookup() | ir.Call(function="keys" | "values") if self.flat:
                return replace(self, flat=False).write(expr)
            case ir.Each():
                return f"tuple({self.listed(expr)})" if not expr.source.optional else self._maybe_each(expr)
            case ir.Select():
                return self._select(expr)
            case ir.Lookup():
                return looked_up(self, expr)

    def constant(self, value: ir.Value) -> str:
        """A short value as it is written in Python, a long one under a name."""
        if not isinstance(value, tuple):
            return f"({value!r})" if isinstance(value, int | float) and value < 0 else repr(value)
        name = next(
            (key for key, known in self.constants.items() if known == value and repr(known) == repr(value)), None
        )
        name = name or f"K{len(self.constants)}"
        self.constants[name] = value
        return name

    def _get(self, record: ir.Expr, index: int) -> str:
        if isinstance(record, ir.Local) and isinstance(self.locals[record.name], tuple):
            return self.locals[record.name][index]
        part = self._part(record, index)
        if part is not None:
            return part
        whole = self.write(record)
        if not record.optional:
            return f"{whole}[{index}]"
        return (
            f"(None if {whole} is None else {whole}[{index}])"
            if whole.isidentifier()
            else f"field_of({whole}, {index})"
        )

    def _part(self, whole: ir.Expr, index: int) -> str | None:
        """The local that holds a part of an input, if it has one."""
        match whole:
            case ir.Input(name=name):
                return self.names.get(("part", f"i_{name}.{index}"))
            case ir.Defined(name=name):
                return self.names.get(("part", f"d_{name}.{index}"))
            case (
                ir.Get(record=outer, index=position)
                | ir.Call(function="at", args=(outer, ir.Literal(value=int(position))))
            ):
                found = self._part(outer, position)
                return self.names.get(("part", f"{found}.{index}"))
        return None

    def _default(self, value: ir.Expr, fallback: ir.Expr) -> str:
        if not value.optional:
            return self.write(value)
        if isinstance(value, ir.Call) and (written := self._call_or(value, fallback)):
            return written
        whole, other = self.write(value), self.write(fallback)
        plain = whole.isidentifier()
        return f"({whole} if {whole} is not None else {other})" if plain else f"default_to({whole}, lambda: {other})"

    def _call_or(self, call: ir.Call, fallback: ir.Expr) -> str | None:
        """A call, or something else where it is absent, without a call of ours."""
        if absent := self._absent(call, always=True):
            return f"({self.write(fallback)} if {absent} else {self.write(there(call))})"
        if call.function == "lookup" and isinstance(fallback, ir.Literal | ir.Parameter):
            known, key = call.args
            if isinstance(known, ir.Parameter) and isinstance(known.type, Map) and not key.optional:
                return f"{self._table(known.name)}.get({self.write(key)}, {self.write(fallback)})"
        return self._ratio(call, self.write(fallback)) if call.function == "ratio" else None

    def _ratio(self, call: ir.Call, fallback: str) -> str | None:
        """A quotient, or something else where the divisor is 0."""
        above, below = map(self.write, call.args)
        if self.located or any(each.optional for each in call.args) or not below.isidentifier():
            return None
        check = "" if self.bounds.is_safe("ratio", call.args, call) else "finite"
        return f"({check}({above} / {below}) if {below} else {fallback})"

    def _absent(self, call: ir.Call, *, always: bool = False) -> str:
        return "" if self.located else absent_if(call, self.write, self.bounds.call_can_fail, always=always)

    def _strict(self, expr: ir.Call, args: list[str]) -> str:
        """A call that is absent where an argument is."""
        if absent := self._absent(expr):
            return f"(None if {absent} else {self.write(there(expr))})"
        return f"strict({self._named(expr.function)}, {', '.join(args)})"

    def _call(self, expr: ir.Call) -> str:
        if expr.function == "at" and isinstance(index := expr.args[1], ir.Literal) and isinstance(index.value, int):
            part = self._part(expr.args[0], index.value)
            if part is not None:
                return part
        args = [self.write(arg) for arg in expr.args]
        if expr.function in SEARCHES and (found := self.names.get(("call", plainly(expr.function, args)))):
            return found
        if expr.function == "present" and isinstance(expr.args[0], ir.Input):
            return self.names.get(("present", expr.args[0].name)) or f"({args[0]} is not None)"
        if expr.function == "present":
            return is_there(expr.args[0], args[0])
        if self.located and self.can_fail(expr):
            return self._located(expr, args)
        if expr.function == "lookup" and isinstance(known := expr.args[0], ir.Parameter):
            return f"{self._table(known.name)}.get({args[1]})"
        if expr.function == "has_key" and isinstance(known := expr.args[1], ir.Parameter):
            return f"({args[0]} in {self._table(known.name)})"
        if any(arg.optional for arg in expr.args):
            return self._strict(expr, args)
        if expr.function == "not" and isinstance(expr.args[0], ir.Fired):
            fired = self.names["fired", expr.args[0].id]
            return f"(not {fired.removeprefix('(').removesuffix(' != 0)') if fired.endswith(' != 0)') else fired})"
        if expr.function in ("any", "all", "count") and isinstance(expr.args[0], ir.Each):
            args = [replace(self, flat=False).listed(expr.args[0])]
        if len(expr.args) == 1 and (parts := self._spelled(expr.args[0]) or self._summed(expr)):
            sure = self.bounds.is_safe(expr.function, expr.args, expr)
            return over_parts(expr.function, parts, expr.type, sure=sure) or self._operation(expr, args)
        if written := compared(expr.function, args):
            return written
        if expr.function in ("min", "max"):
            return extreme(expr.function, args, self.flat)
        if expr.function in ("union", "ratio") and (written := self._short(expr, args)):
            return written
        if written := plain(expr.function, args):
            return written
        if expr.function in _ARITHMETIC:
            return self._arithmetic(expr, *args)
        if expr.function in _PORTABLE:
            return self._portable(expr, args)
        return self._inline(expr, args) or self._operation(expr, args)

    def _spelled(self, whole: ir.Expr) -> list[str]:
        """The parts of a vector, where each is always there and stands in a local."""
        kind = whole.type
        if not isinstance(kind, Vector) or kind.item.optional:
            return []
        found = [self._part(whole, i) for i in range(len(kind.by.members))]
        return [part for part in found if part is not None] if None not in found else []

    def _summed(self, expr: ir.Call) -> list[str]:
        """The few values that are written out to be summed."""
        (whole,) = expr.args
        if expr.function != "sum" or not isinstance(whole, ir.Make) or len(whole.parts) > _SHORT:
            return []
        return [] if any(part.optional for part in whole.parts) else [self.write(part) for part in whole.parts]

    def _inline(self, expr: ir.Call, args: list[str]) -> str | None:
        """An operation that has a result, without a call."""
        if expr.function in FAULTLESS:
            return always(expr.function, args)
        if not self.bounds.is_safe(expr.function, expr.args, expr):
            return rounded(expr.function, self._unchecked(expr.args[0], args[0]), self.constants)
        return inline(expr.function, args, lambda index: self._known(expr.args[index]), self.constants)

    def _short(self, expr: ir.Call, args: list[str]) -> str | None:
        """A quotient, or two lists of which the second is often empty."""
        if expr.function == "ratio":
            return self._ratio(expr, "None")
        told = self.write(or_nothing(expr.args[1]))
        sure = told.isidentifier() and is_distinct(expr.args[0], self.parameters)
        return f"({self._operation(expr, args)} if {told} else {args[0]})" if sure else None

    def _known(self, expr: ir.Expr) -> Any:
        if isinstance(expr, ir.Literal):
            return expr.value
        return self.parameters[expr.name] if isinstance(expr, ir.Parameter) else None

    def _operation(self, expr: ir.Call, args: list[str]) -> str:
        return f"{self._named(expr.function)}({', '.join(args)})"

    def _named(self, function: str) -> str:
        self.constants[f"op_{function}"] = OPERATIONS[function]
        return f"op_{function}"

    def _table(self, parameter: str) -> str:
        """A map that never changes, for one look at it instead of a search."""
        self.constants[f"MAP_{parameter}"] = dict(self.parameters[parameter])  # type: ignore[arg-type]  # of pairs
        return f"MAP_{parameter}"

    def _located(self, expr: ir.Call, args: list[str]) -> str:
        place = f"AT{len(self.constants)}"
        self.constants[place] = expr.span
        return f"located({place}, {self._named(expr.function)}, {', '.join(args)})"

    def can_fail(self, expr: ir.Expr) -> bool:
        """Whether evaluating an expression may raise a fault."""
        return self.bounds.can_fail(expr)

    def _arithmetic(self, expr: ir.Call, left: str, right: str) -> str:
        if isinstance(expr.type, Integer):
            check = "" if self.bounds.is_safe(expr.function, expr.args, expr) else "whole"
            return f"{check}({left} {INFIX[expr.function]} {right})"
        passed_on = [self._unchecked(expr.args[0], left)]
        passed_on.append(right if expr.function == "divide" else self._unchecked(expr.args[1], right))
        plain = f"({passed_on[0]} {INFIX[expr.function]} {passed_on[1]})"
        is_safe = passed_on == [left, right] and self.bounds.is_safe(expr.function, expr.args, expr)
        return plain if is_safe else f"finite{plain}"

    def _unchecked(self, operand: ir.Expr, written: str) -> str:
        """An operand without its check: what is not finite stays so through `+ - *` and above a stroke."""
        is_arithmetic = isinstance(operand, ir.Call) and operand.function in _ARITHMETIC
        return written.removeprefix("finite") if is_arithmetic and not self.located else written

    def _portable(self, expr: ir.Call, args: list[str]) -> str:
        """A kernel, which gives NaN or an infinity where the operation has a fault."""
        name = f"portable_{expr.function}"
        self.constants[name] = _PORTABLE[expr.function]
        plain = f"{name}({', '.join(args)})"
        return plain if self.bounds.is_safe(expr.function, expr.args, expr) else f"finite({plain})"

    def listed(self, expr: ir.Each) -> str:
        """A comprehension's items as a list."""
        if expr.source.optional:
            return self._maybe_each(expr)
        head, inner = self.loop(expr.variable, expr.source)
        where = f" if {inner.write(expr.where)}" if expr.where else ""
        return f"[{inner.write(expr.value)} {head}{where}]"

    def _maybe_each(self, expr: ir.Each) -> str:
        head, inner = self.loop(expr.variable, expr.source, "items")
        where = f" if {inner.write(expr.where)}" if expr.where else ""
        each = f"lambda items: tuple([{inner.write(expr.value)} {head}{where}])"
        return f"strict({each}, {self.write(expr.source)})"

    def _select(self, expr: ir.Select) -> str:
        """A selection. What orders it and cuts it works on its items alone."""
        loop = expr.loop
        head, inner = self._unsorted(loop)
        item = inner.item_of(loop)
        if not loop.is_sorted:
            return f"tuple([{item} {head}])"
        return f"tuple({inner.sorted_rows(loop, head, item, self)})"

    def block(self, loop: ir.Loop) -> tuple[str, Writer]:
        """`for … if …` over a block, as a comprehension goes on, and the writer inside of it."""
        head, inner = self._unsorted(loop)
        if not loop.is_sorted:
            return head, inner
        target = inner.target_of(loop)
        return f"for {target} in {inner.sorted_rows(loop, head, target, self)}", inner

    def _unsorted(self, loop: ir.Loop) -> tuple[str, Writer]:
        """The items of a block as they come; a name is a loop over the one value that it has."""
        heads, parts, inner = [], [], self
        for source in loop.sources:
            head, inner = inner.loop(source.variable, source.items)
            heads.append(head)
        for head, tests in zip(heads, tests_of(loop, inner.can_fail), strict=True):
            parts += [head, *(f"if {inner.write(test)}" for test in tests)]
        for name, value in loop.names:
            parts.append(f"for n_{name} in ({inner.write(value)},)")
            inner = inner.inside(name, f"n_{name}", inner.bounds.known(value))
        return " ".join(parts), inner

    def sorted_rows(self, loop: ir.Loop, head: str, item: str, outside: Writer) -> str:
        """The items of a block in its order, as many as its limit admits."""
        limit = None if loop.limit is None else outside.write(loop.limit)
        if not loop.order:
            return f"[{item} {head}][:max({limit}, 0)]"
        keys = ", ".join(map(self.write, loop.order))
        if loop.is_total:
            return f"ordered_apart([({keys}, {item}) {head}], {limit})"
        return f"ordered([({f'({keys})' if len(loop.order) > 1 else keys}, {item}) {head}], {limit})"

    def target_of(self, loop: ir.Loop) -> str:
        """The locals of a block, as they are bound and as they are kept."""
        spellings = (self.locals[name] for name in loop.locals)
        parts = [part for each in spellings for part in ((each,) if isinstance(each, str) else each)]
        return parts[0] if len(parts) == 1 else f"({', '.join(parts)})"

    def item_of(self, loop: ir.Loop) -> str:
        """The item of a selection."""
        if len(loop.sources) > 1:
            return f"({', '.join(self.write(ir.Local(type=UNKNOWN, name=name)) for name in loop.locals)},)"
        return self.extended(loop.sources[0].variable, [f"n_{name}" for name, _ in loop.names])

    def extended(self, variable: str, more: list[str]) -> str:
        """A loop item as a record with further fields."""
        spelling = self.locals[variable]
        if not more and isinstance(spelling, str):
            return spelling
        parts = (f"*{spelling}",) if isinstance(spelling, str) else spelling
        return f"({', '.join((*parts, *more))},)"

    def loop(self, variable: str, source: ir.Expr, spelling: str = "") -> tuple[str, Writer]:
        """`for … in …` over a list, and the writer inside of it. The items of a list that was read are taken apart."""
        kinds: dict[type[ir.Node], str] = {ir.Input: "i", ir.Defined: "d"}
        prefix = None if spelling else kinds.get(type(source))
        origin = source.name if isinstance(source, ir.Input | ir.Defined) else ""
        items = self.names.get(("items", origin)) if prefix else None
        item = source.type.item.type if isinstance(source.type, List) else None
        if items is None or not isinstance(item, Record):
            name = f"l_{variable}"
            return f"for {name} in {spelling or self.write(source)}", self.inside(
                variable, name, self.bounds.item_of(source)
            )
        columns = [f"{prefix}_{origin}_F_{each.name}" for each in item.fields]
        parts = tuple(f"{column}_L_{variable}" for column in columns)
        for column, part in zip(columns, parts, strict=True):
            items = re.sub(rf"\b{column}\b", part, items)
        return f"for {items}", self.inside(variable, parts, self.bounds.item_of(source))
