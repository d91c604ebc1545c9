"""Packs that check clean, as YAML texts: every construct that the engine runs, put together at random.

Expressions grow from the templates below. In them `$P` is an expression of type P, `$P?` one that may be missing,
`$each.P` a comprehension without its brackets, `$vec.P` one over an enum, and `$v` a fresh loop name; `$g.P` is a
condition under which the optional `$x.P` is present. Packs are made in layers: what a layer reads of outputs and
firings belongs to the layers before it, so that nothing goes in a circle.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any

import yaml
from hypothesis import strategies as st

# P percent, R ratio, N integer of trades, K integer, B boolean, T text, M enum, W time, S seconds, L… list, V… vector
TEMPLATES: Mapping[str, tuple[str, ...]] = {
    "P": (
        "($P + $P)", "($P - $P)", "($P * $R)", "($P / $R)", "(-$P)", "($P + 2.5)", "abs($P)", "min($P, $P, $P)",
        "max($P, 0.5)", "clamp($P, $P, $P)", "clamp($P, 0, 2)", "floor_to($P, $P)", "as_percent($R)",
        "($P if $B else $P)", "(1 if $B else $P)", "default($P?, $P)", "default($P?, 0)", "($x.P if $g.P else $P)",
        "$VP[$M]", "$VP[CALM]", "sum($LP)", "sum($each.P)", "default(mean($LP), $P)", "default(max($LP), $P)",
        "max($VP)", "sum($VP)", "(floor($P) * $R)", "(trunc($P) / $R)", "($P ** 1)", "$Rec.p", "($P if $B else -1)",
    ),
    "R": (
        "($R + $R)", "($R - 1)", "($R * $R)", "($P / $P)", "($R ** 2)", "($R ** 0)", "($R ** 8)", "sqrt($R)",
        "as_ratio($P)", "($K / $K)", "($N / $N)", "($K * $R)", "min($R, $R)", "($R if $B else $R)", "(2.5 * $R)",
        "default($R?, $R)", "($x.R if $g.R else $R)", "abs($R)",
    ),
    "N": (
        "($N + $N)", "($N - $N)", "($N * $K)", "($N // $K)", "($N % $N)", "abs($N)", "min($N, 3)", "(-$N)",
        "($N ** 1)", "round($N)", "default($N?, $N)", "($N if $B else $N)", "sum($each.N)", "$Rec.num", "clamp($N, 0, 3)",
        "($x.N if $g.N else 2)", "default(max([$N, $N]), 1)",
    ),
    "K": (
        "count($LP)", "count([$each.T])", "count($each.Rec)", "sign($P)", "lots($P, $P)", "floor($R)", "ceil($R)",
        "trunc($R)", "round(($R * 3.5))", "($N // $N)", "($K + 1)", "($K * $K)", "($K % $K)", "($K // 2)", "($K ** 2)",
        "sum([$K, $K])", "($K - $K)",
    ),
    "B": (
        "($P < $P)", "($P >= $P)", "($P > 0)", "($N == $N)", "($K != $K)", "($M <= $M)", "($M == BUSY)", "($T == $T)",
        "($T != $T)", "($W < $W)", "($S > $S)", "($R <= $R)", "($P <= $P < $P)", "(0 < $P <= 1)", "($N < $N <= $N != $N)",
        "(CALM < $M <= WILD)", "($B and $B)", "($B or $B and $B)", "($B or $B)", "(not $B)", "($B == $B)",
        "present($P?)", "present($M?)", "present($Rec?)", "($g.P and $x.P > $P)", "(not $g.P or $x.P <= $P)",
        "($g.M and $x.M == WILD)", "($M in [CALM, WILD])", "($M not in $LM)", "($T in $LT)", "($P in $LP)",
        "any($each.B)", "all([$each.B])", "any([$B, $B])", "($LP == $LP)", "($LT != $LT)", "($LM == $LM)",
        "($B if $B else $B)", "default($B?, $B)", "($Rec == $Rec)", "($VP == $VP)", "($P / $R > $P)",
    ),
    "T": ("($T if $B else $T)", "default($T?, $T)", "default(first($LT), $T)", "$Rec.name"),
    "M": (
        "min($M, $M)", "max($M, $M)", "($M if $B else $M)", "(CALM if $B else $M)", "default($M?, $M)",
        "default(max($LM), $M)", "default(first($LM), WILD)", "$Rec.m", "($x.M if $g.M else BUSY)",
    ),
    "W": ("($W + $S)", "($W - $S)", "max($W, $W)", "($W if $B else $W)", "default($W?, $W)"),
    "S": ("($W - $W)", "($S + $S)", "($S * $R)", "abs($S)", "as_seconds(($S / 60))"),
    "P?": (
        "($P? + $P)", "($P? * $R)", "($P? / $R)", "(-$P?)", "abs($P?)", "min($P?, $P)", "clamp($P?, $P, $P)",
        "mean($LP)", "min($LP)", "first($LP)", "mean($each.P)", "sum($LP?)", "($P? if $B else $P)",
        "(missing if $B else $P)", "default($P?, $P?)", "$Rec?.p", "$Rec?.o", "$Rec.o", "as_percent($R?)",
    ),
    "R?": ("($P? / $P)", "($R? * $R)", "sqrt($R?)"),
    "N?": ("($N? + $N)", "$Rec?.num", "max([$each.N])"),
    "B?": ("(missing if $B else $B)",),
    "T?": ("first($LT)", "$Rec?.name"),
    "M?": ("max($LM)", "first($LM)", "(missing if $B else $M)", "$Rec?.m"),
    "W?": ("($W? + $S)", "(missing if $B else $W)"),
    "Rec": ("($Rec if $B else $Rec)", "default($Rec?, $Rec)"),
    "Rec?": ("(missing if $B else $Rec)", "first([$each.Rec])"),
    "LP": ("[$P, $P]", "[$P, 1]", "[$each.P]", "$LP[:$K]", "($LP if $B else $LP)", "default($LP?, $LP)", "[$v * $R for $v in $LP]"),
    "LP?": ("(missing if $B else $LP)", "[$v + $P for $v in $LP?]"),
    "LM": ("[$M, $M]", "[$each.M]", "$LM[:2]"),
    "LT": ("[$T, $T]", "[$each.T]", "($LT if $B else $LT)"),
    "VP": ("$vec.P", "($VP if $B else $VP)"),
}  # fmt: skip

PAIR: Mapping[str, Any] = {
    "name": {"type": "text", "max_length": 6},
    "p": {"type": "number", "unit": "percent", "range": [-50, 50]},
    "m": {"type": "Mood"},
    "num": {"type": "integer", "unit": "trades"},
    "o": {"type": "number", "unit": "percent", "optional": True, "from": "Odd key"},
}
ROW: Mapping[str, Any] = {
    "name": {"type": "text", "max_length": 6},
    "p": {"type": "number", "unit": "percent"},
    "m": {"type": "Mood", "from": "mood!"},
    "num": {"type": "integer", "unit": "trades", "range": [-5, 10]},
    "at": {"type": "time"},
}
TYPES: Mapping[str, Any] = {"Mood": ["CALM", "BUSY", "WILD"], "Pair": {"type": "record", "fields": PAIR}}
# What an item of each kind of list offers.
ITEMS: Mapping[str, Mapping[str, str]] = {
    "Pair": {"T": ".name", "P": ".p", "M": ".m", "N": ".num", "P?": ".o", "Rec": ""},
    "Row": {"T": ".name", "P": ".p", "M": ".m", "N": ".num", "W": ".at"},
    "Id": {"T": ".only"},
    "P": {"P": ""},
    "M": {"M": ""},
    "T": {"T": ""},
}
_PERCENT: Mapping[str, Any] = {"type": "number", "unit": "percent"}
_TRADES: Mapping[str, Any] = {"type": "integer", "unit": "trades"}
_ROWS: Mapping[str, Any] = {"type": "list", "max_items": 4, "of": {"type": "record", "fields": ROW}}

# Inputs, and the paths that they offer by type; `src` are the lists to loop over, with the kind of their items.
INPUTS: Mapping[str, tuple[Mapping[str, Any], Mapping[str, tuple[str, ...]]]] = {
    "x": (_PERCENT, {"P": ("x",)}),
    "wide": ({**_PERCENT, "from": "The wide"}, {"P": ("wide",)}),
    "ox": (_PERCENT | {"optional": True}, {"P?": ("ox",)}),
    "r": ({"type": "number"}, {"R": ("r",)}),
    "orr": ({"type": "number", "optional": True}, {"R?": ("orr",)}),
    "lost": (_TRADES, {"N": ("lost",)}),
    "won": (_TRADES | {"optional": True}, {"N?": ("won",)}),
    "k": ({"type": "integer"}, {"K": ("k",)}),
    "flag": ({"type": "boolean"}, {"B": ("flag",)}),
    "oflag": ({"type": "boolean", "optional": True}, {"B?": ("oflag",)}),
    "word": ({"type": "text", "max_length": 8}, {"T": ("word",)}),
    "oword": ({"type": "text", "optional": True}, {"T?": ("oword",)}),
    "mood": ({"type": "Mood"}, {"M": ("mood",), "P": ("v_p[mood]",)}),
    "omood": ({"type": "Mood", "optional": True}, {"M?": ("omood",)}),
    "at": ({"type": "time"}, {"W": ("at",)}),
    "oat": ({"type": "time", "optional": True}, {"W?": ("oat",)}),
    "now": ({"type": "time"}, {"W": ("now",)}),
    "pair": ({"type": "Pair"}, {"Rec": ("pair",), "P": ("pair.p",), "M": ("pair.m",), "P?": ("pair.o",)}),
    "opair": (
        {"type": "Pair", "optional": True},
        {"Rec?": ("opair",), "P?": ("opair.p", "opair.o"), "N?": ("opair.num",), "M?": ("opair.m",)},
    ),
    "flat": ({"type": "record", "fields": {"p": _PERCENT, "num": _TRADES}}, {"P": ("flat.p",), "N": ("flat.num",)}),
    "oflat": (
        {"type": "record", "optional": True, "fields": {"p": _PERCENT, "t": {"type": "text"}}},
        {"P?": ("oflat.p",), "T?": ("oflat.t",)},
    ),
    "pairs": ({"type": "list", "max_items": 4, "of": "Pair", "key": "name"}, {"src": ("pairs Pair",)}),
    "rows": ({**_ROWS, "key": "name"}, {"src": ("rows Row",)}),
    "cells": ({**_ROWS, "key": ["name", "m"]}, {"src": ("cells Row",)}),
    "loose": (_ROWS, {"src": ("loose Row",)}),
    "tally": ({**_ROWS, "key": "num"}, {"src": ("tally Row",)}),
    "ids": (
        {"type": "list", "max_items": 3, "key": "only", "of": {"type": "record", "fields": {"only": {"type": "text"}}}},
        {"src": ("ids Id",)},
    ),
    "xs": ({"type": "list", "max_items": 4, "of": _PERCENT}, {"LP": ("xs",), "src": ("xs P",)}),
    "oxs": ({"type": "list", "max_items": 4, "optional": True, "of": _PERCENT}, {"LP?": ("oxs",)}),
    "moods": ({"type": "list", "max_items": 3, "of": "Mood"}, {"LM": ("moods",), "src": ("moods M",)}),
    "words": ({"type": "list", "max_items": 3, "of": "text"}, {"LT": ("words",), "src": ("words T",)}),
    "vin": ({**_PERCENT, "by": "Mood", "range": [-9, 9]}, {"VP": ("vin",)}),
    "ovin": ({**_PERCENT, "by": "Mood", "optional": True}, {"P?": ("ovin[CALM]", "ovin[m_a]")}),
}
ALWAYS = ("pair", "mood", "x", "xs")
RANGES: tuple[list[float] | None, ...] = (None, None, [-100, 100], [0, 10], [-1.0e300, 1.0e300])

# Parameters with the values that they may have. Cells compare with the last two, which lie within every range.
PARAMETERS: Mapping[str, tuple[str, Mapping[str, Any], tuple[Any, ...]]] = {
    "p_a": ("P", _PERCENT, (0, 1.5, -2.25, 100, 1.0e300)),
    "p_b": ("P", _PERCENT, (0, 0.1, 3)),
    "r_a": ("R", {"type": "number"}, (0.5, 0, 1, -3, 2.75)),
    "n_a": ("N", _TRADES, (3, 0, 1, -2)),
    "k_a": ("K", {"type": "integer"}, (2, 0, 1, 7)),
    "s_a": ("S", {"type": "number", "unit": "s"}, (60, 0, 0.5)),
    "b_a": ("B", {"type": "boolean"}, (True, False)),
    "t_a": ("T", {"type": "text"}, ("ab", "", "né")),
    "m_a": ("M", {"type": "Mood"}, ("CALM", "BUSY", "WILD")),
    "w_a": ("W", {"type": "time"}, ("2026-01-05T15:00:00Z", "1970-01-01T00:00:00.5+01:00")),
    "c_low": ("P", _PERCENT, (0.25,)),
    "c_high": ("P", _PERCENT, (0.75, 1)),
}

# Outputs: the type that they offer, their declaration, and effects on them.
_LIST: Mapping[str, Any] = {"type": "list", "combine": "collect", "safe": []}
OUTPUTS: tuple[tuple[str, Mapping[str, Any], tuple[str, ...]], ...] = (
    ("B", {"type": "boolean", "combine": "all", "start": "$B", "safe": False}, ("false", "$B")),
    ("B", {"type": "boolean", "combine": "any", "start": "false", "safe": False}, ("true", "$B")),
    ("B?", {"type": "boolean", "combine": "any", "start": "$B?", "safe": "missing", "optional": True}, ("true", "$B")),
    ("M", {"type": "Mood", "combine": "most_severe", "start": "$M", "safe": "WILD"}, ("WILD", "BUSY", "$M")),
    ("M?", {"type": "Mood", "combine": "most_severe", "start": "$M?", "safe": "missing", "optional": True}, ("$M",)),
    ("M", {"type": "Mood", "combine": "unique", "start": "CALM", "safe": "m_a"}, ("m_a", "BUSY", "$M")),
    ("P", {**_PERCENT, "start": "$P", "safe": 0}, ("times $R", "add $P", "floor $P", "cap $P", "set p_a")),
    ("P", {**_PERCENT, "start": "p_b", "safe": 0}, ("times r_a", "add 1.5", "add p_a / r_a", "floor p_b", "cap c_low")),
    ("P", {**_PERCENT, "start": "sum($each.P)", "safe": 1, "within": [0.5, 3.5]}, ("floor 1", "cap $P", "set $P")),
    ("N", {**_TRADES, "start": "$N", "safe": 1}, ("add $N", "floor n_a", "cap $N", "set n_a")),
    ("LT", {**_LIST, "of": "text", "max_items": 20}, ("$T",)),
    ("LM", {**_LIST, "of": "Mood", "max_items": 2}, ("$M", "WILD")),
    ("LP", {**_LIST, "of": _PERCENT, "max_items": 20}, ("$P",)),
    ("LRec", {**_LIST, "of": "Pair", "max_items": 20}, ("$Rec",)),
    ("P?", {**_PERCENT, "start": "$P?", "safe": "missing", "optional": True, "range": [-1.0e6, 1.0e6]}, ()),
    ("N", {**_TRADES, "start": "$N", "safe": 0, "range": [-100, 100]}, ("add $N",)),
    ("B", {"type": "boolean", "start": "$B", "safe": "b_a"}, ()),
    ("T", {"type": "text", "start": "$T", "safe": "t_a"}, ()),
    ("W", {"type": "time", "start": "$W", "safe": "w_a"}, ()),
    ("LP", {"type": "list", "of": _PERCENT, "max_items": 6, "start": "$LP", "safe": ["p_a", 1]}, ()),
    ("LT", {"type": "list", "of": "text", "max_items": 6, "start": "$LT", "safe": []}, ()),
    ("LM", {"type": "list", "of": "Mood", "max_items": 6, "start": "$LM", "safe": ["WILD"]}, ()),
    ("VP", {**_PERCENT, "by": "Mood", "start": "$VP", "safe": "v_p"}, ()),
    ("Rec", {"type": "Pair", "start": "$Rec", "safe": {"name": "t_a", "p": "p_b", "m": "WILD", "num": 0}}, ()),
)

# Cells that part all values of a column's type.
CELLS: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "M": (("CALM", "BUSY | WILD"), ("CALM", "BUSY", "WILD"), ("not (WILD)", "WILD"), ("< BUSY", ">= BUSY")),
    "B": (("true", "false"),),
    "P": (
        ("< c_low", "[c_low..c_high)", ">= c_high"), ("<= c_low", "(c_low..c_high]", "> c_high"),
        ("not ([c_low..c_high])", "[c_low..c_high]"), ("< c_low", "== c_low", "> c_low"), ("<= 0.5", "> 0.5"),
    ),
    "N": (("0 | 1", "not (0 | 1)"), ("< 1", "[1..2]", "> 2"), ("== 1", "!= 1")),
}  # fmt: skip
HOLES: Mapping[str, tuple[str, ...]] = {
    "P": ("", ":.2f", ":+,.3f"), "R": ("", ":.1e", ":g"), "N": ("", ":d", ":,d"), "K": ("",), "B": ("",), "T": ("",),
    "M": ("",), "W": ("",), "S": ("",), "LP": ("",), "LT": ("",), "LM": ("",),
}  # fmt: skip
SLOT = re.compile(r"\$(v\b|(?:each\.|vec\.|g\.|x\.)?[A-Z]\w*\??)")

Env = Mapping[str, tuple[str, ...]]


def plus(env: Env, more: Mapping[str, tuple[str, ...]]) -> Env:
    return {**env, **{kind: (*env.get(kind, ()), *paths) for kind, paths in more.items()}}


def knowing(env: Env, kind: str, path: str) -> Env:
    """Where an optional path is present."""
    rest = tuple(each for each in env.get(f"{kind}?", ()) if each != path)
    return plus({**env, f"{kind}?": rest}, {kind: (path,)})


@dataclass
class Builder:
    """One pack under way."""

    chance: Random
    document: dict[str, Any] = field(default_factory=dict)
    env: Env = field(default_factory=dict)
    count: int = 0

    def pick(self, choices: Any) -> Any:
        return self.chance.choice(list(choices))

    def maybe(self, percent: int = 50) -> bool:
        return self.chance.randint(1, 100) > 100 - percent

    def fresh(self, prefix: str) -> str:
        self.count += 1
        return f"{prefix}{self.count}"

    # Expressions

    def expr(self, kind: str, env: Env, depth: int = 2) -> str:
        leaves = env.get(kind, ())
        if kind in TEMPLATES and depth > 0 and (not leaves or self.maybe(65)):
            return self.fill(self.pick(TEMPLATES[kind]), env, depth - 1)
        return str(self.pick(leaves)) if leaves else self.fill(_LEAST[kind], env, 0)

    def fill(self, template: str, env: Env, depth: int = 2) -> str:
        """The template with its slots filled; guards and fresh names are the same all through it."""
        chosen: dict[str, str] = {}

        def slot(match: re.Match[str]) -> str:
            what, _, kind = match[1].rpartition(".")
            if what in ("g", "x"):
                if f"g{kind}" not in chosen:
                    chosen[f"g{kind}"], chosen[f"x{kind}"] = self.guard(kind, env)
                return chosen[what + kind]
            if what == "each":
                return self.comprehension(kind, env, depth)
            if what == "vec":
                name = self.fresh("m")
                return f"{{{name}: {self.expr(kind, plus(env, {'M': (name,)}), depth)} for {name} in Mood}}"
            return chosen.setdefault("v", self.fresh("v")) if kind == "v" else self.expr(kind, env, depth)

        return SLOT.sub(slot, template)

    def guard(self, kind: str, env: Env) -> tuple[str, str]:
        """A condition, and what is present where it holds."""
        known = [(f"present({path})", path) for path in env.get(f"{kind}?", ())]
        known += [(each.split()[0], each.split()[1]) for each in env.get(f"guards {kind}", ())]
        return self.pick(known) if known else ("true", self.expr(kind, env, 0))

    def item(self, env: Env) -> tuple[str, str, Env]:
        """A loop's variable and source, and what may be used inside of it."""
        source, kind = self.pick((*env["src"], "Mood M")).split()
        name = self.fresh("i")
        source = f"{source}[:2]" if source != "Mood" and self.maybe(10) else source
        return name, source, plus(env, {each: (name + suffix,) * 2 for each, suffix in ITEMS[kind].items()})

    def comprehension(self, kind: str, env: Env, depth: int) -> str:
        name, source, inner = self.item(env)
        test = ""
        if f"{name}.o" in inner.get("P?", ()) and self.maybe():
            test, inner = f" if present({name}.o)", knowing(inner, "P", f"{name}.o")
        elif self.maybe():
            test = f" if {self.expr('B', inner, depth)}"
        return f"{self.expr(kind, inner, depth)} for {name} in {source}{test}"

    # Declarations

    def declare(self) -> None:
        chosen = [name for name in INPUTS if name in ALWAYS or self.maybe(40)]
        inputs, parameters = {}, {}
        for name in chosen:
            spec, offers = INPUTS[name]
            limits = self.pick(RANGES) if spec["type"] in ("number", "integer") and "by" not in spec else None
            inputs[name] = {**spec, **({"range": limits} if limits else {})}
            self.env = plus(self.env, offers)
        for name, (kind, spec, values) in PARAMETERS.items():
            parameters[name] = {**spec, "value": self.pick(values)}
            self.env = plus(self.env, {kind: (name,)})
        values = {member: self.pick((0, 0.5, 2)) for member in TYPES["Mood"]}
        parameters["v_p"] = {"by": "Mood", "unit": "percent", "values": values}
        self.env = plus(self.env, {"VP": ("v_p",), "M": ("Mood.CALM", "Mood.WILD")})
        requires = {"tells": "b_a or not b_a", "ordered": "c_low < c_high"}
        self.document = {"language": 1, "pack": "random_pack", "version": "1.0.0", "types": TYPES, "inputs": inputs}
        self.document |= {"parameters": parameters, "requires": requires}
        self.document |= {part: {} for part in ("definitions", "outputs", "groups", "rules", "tables")}

    def define(self) -> None:
        name, definitions = self.fresh("d"), self.document["definitions"]
        if self.maybe(15):
            values = {member: self.expr("P", self.env) for member in TYPES["Mood"]}
            definitions[name], offers = {"by": "Mood", "values": values}, {"VP": (name,)}
        elif self.maybe(15):
            condition, path = self.guard("P", self.env)
            definitions[name] = f"{condition} and {self.expr('B', self.env)}"
            offers = {"B": (name,), "guards P": (f"{name} {path}",)} if condition != "true" else {"B": (name,)}
        else:
            kind = self.pick((*"PRNKBTMWS", "P?", "M?", "LP", "LP?", "LT", "Rec", "Rec?"))
            definitions[name] = self.expr(kind, self.env, 3)
            offers = {kind: (name,)}
        self.env = plus(self.env, offers)

    def layer(self) -> None:
        """Definitions, outputs, and what writes them."""
        for _ in range(self.chance.randint(0, 3)):
            self.define()
        outputs = {self.fresh("o"): self.pick(OUTPUTS) for _ in range(self.chance.randint(1, 4))}
        for name, (_, spec, _) in outputs.items():
            declared = dict(spec)
            if "start" in spec:
                declared["start"] = self.fill(str(spec["start"]), self.env)
            if spec["type"] in ("number", "integer") and "by" not in spec and "optional" not in spec:
                declared["prefer"] = self.pick(("cap", "floor"))
                declared = {"within": [-5, 5], **declared} if self.maybe(30) else declared
            self.document["outputs"][name] = declared
        writable = {name: effects for name, (_, _, effects) in outputs.items() if effects}
        written: list[Any] = []
        firing = [*self.groups(), *(self.rule(writable, written) for _ in range(self.chance.randint(0, 4)))]
        for _ in range(self.chance.randint(0, 2)):
            firing += self.table(writable, written)
        for name in writable.keys() - {each for then in written for each in then}:
            firing.append(self.rule({name: writable[name]}, written, plain=True))
        self.env = plus(self.env, {"B": tuple(f"fired.{each}" for each in firing)})
        for name, (kind, _, _) in outputs.items():
            self.env = plus(self.env, {kind: (f"out.{name}",)})
        self.open_groups = ()

    open_groups: tuple[str, ...] = ()

    def groups(self) -> list[str]:
        found = [self.fresh("g") for _ in range(self.chance.randint(0, 2))]
        for name in found:
            gate = {"when": self.expr("B", self.env), "because": self.because(self.env, ())} if self.maybe(70) else {}
            self.document["groups"][name] = gate
        self.open_groups = tuple(found)
        return found

    def then(self, writable: Mapping[str, tuple[str, ...]], env: Env) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name in self.chance.sample(sorted(writable), min(len(writable), self.chance.randint(1, 2))):
            for effect in self.chance.sample(writable[name], 1 + (len(writable[name]) > 2 and self.maybe(20))):
                verb, _, value = effect.partition(" ")
                if value:
                    found.setdefault(name, {})[verb] = self.fill(value, env)
                else:
                    text = self.fill(effect, env)
                    found[name] = "m_a" if text == "Mood.CALM" else text
        return found

    def because(self, env: Env, writes: Any) -> Any:
        holes = []
        for kind in self.chance.sample(sorted(HOLES), self.chance.randint(0, 2)):
            holes.append(f"{{{{ {self.expr(kind, env)} {self.pick(HOLES[kind])} }}}}")
        if writes and self.maybe(30):
            name = self.pick(writes)
            spec = self.document["outputs"][name]
            holes += [f"{{{{ before.{name} }}}}"] if not spec.get("optional") and spec.get("of") != "Pair" else []
        text = " ".join(["Because", *holes])
        return {"en": text, "de": " ".join(["Weil", *holes[:1]])} if self.maybe(10) else text

    def rule(self, writable: Mapping[str, tuple[str, ...]], written: list[Any], plain: bool = False) -> str:
        """A rule of any kind; a plain one always has effects."""
        name, env, body = self.pick("abz") + self.fresh("_"), self.env, dict[str, Any]()
        kind = "plain" if plain else self.pick(("plain", "plain", "for", "for", "bound", "remark", "guarded"))
        if kind == "for":
            env = self.loop(body, env, names=True)
        if kind in ("plain", "remark") or (kind == "for" and self.maybe()):
            body["when"] = self.expr("B", env, 3)
        if kind == "guarded":
            condition, path = self.guard("P", env)
            body["when"] = f"{condition} and {self.expr('B', env)}"
            env = knowing(env, "P", path) if condition != "true" else env
        if writable and kind != "remark":
            body["then"] = self.then(writable, env)
            written.append(body["then"])
        elif kind == "bound":
            body["when"] = self.expr("B", env)
        body["because"] = self.because(env, list(body.get("then", ())))
        body["severity"] = self.pick(("info", "warning", "block"))
        if self.open_groups and self.maybe(40):
            body["group"] = self.pick(self.open_groups)
        self.document["rules"][name] = body
        return name

    def loop(self, body: dict[str, Any], env: Env, names: bool) -> Env:
        variable, source, env = self.item(env)
        body["for"] = f"{variable} in {source}"
        if f"{variable}.o" in env.get("P?", ()) and self.maybe(30):
            body["where"] = f"present({variable}.o)"
            env = knowing(env, "P", f"{variable}.o")
        elif self.maybe(40):
            body["where"] = self.expr("B", env)
        if names and self.maybe(40):
            body["with"] = {}
            for kind in self.chance.sample(("P", "B", "M?", "P?"), 2):
                name = self.fresh("w")
                body["with"][name] = self.expr(kind, env)
                env = plus(env, {kind: (name,)})
        return env

    def table(self, writable: Mapping[str, tuple[str, ...]], written: list[Any]) -> list[str]:
        name, env, body = self.fresh("t"), self.env, dict[str, Any]()
        if self.maybe(30):
            env = self.loop(body, env, names=False)
        if self.open_groups and self.maybe(30):
            body["group"] = self.pick(self.open_groups)
        kinds = [self.pick(("M", "B", "M", "B", "P", "P", "N", "P?", "M?")) for _ in range(self.chance.randint(1, 3))]
        columns = {f"c{i}": kind for i, kind in enumerate(kinds)}
        body["match"] = {column: self.column(kind, env, "for" in body) for column, kind in columns.items()}
        rows = self.parted(list(columns.items()))
        body["hit"] = self.pick(("unique", "unique", "first", "collect"))
        if body["hit"] == "unique" and self.maybe(30):
            body["complete"] = False
        if body["hit"] != "unique" or "complete" in body:
            rows.pop(self.chance.randrange(len(rows)))
        rows += [{}] if body["hit"] == "first" or (body["hit"] == "collect" and self.maybe()) else []
        ids = [f"{self.pick('abz')}{i}" for i in range(len(rows))]
        body["rows"] = {}
        for row, cells in zip(ids, rows, strict=True):
            if writable and self.maybe(60):
                then = self.then(writable, env)
                written.append(then)
                cells = {**cells, "then": then, "because": self.because(env, list(then))}
            body["rows"][row] = cells
        self.document["tables"][name] = body
        return [name, *(f"{name}.{row}" for row in ids)]

    def column(self, kind: str, env: Env, inside: bool) -> str:
        """In a loop a `where` may tell that a path is present, and `missing` is then no cell."""
        if kind.endswith("?") and inside:
            return self.fill(f"(missing if $B else ${kind[:-1]})", env)
        return self.expr(kind, env)

    def parted(self, columns: list[tuple[str, str]]) -> list[dict[str, Any]]:
        """Rows that part all values: the cells of the first column, each with rows over the others or none."""
        if not columns:
            return [{}]
        (name, kind), rest = columns[0], columns[1:]
        cells = list(self.pick(CELLS[kind[0]]))
        if kind.endswith("?"):
            cells = [*cells, "missing"] if self.maybe() else [f"{cells[0]} | missing", *cells[1:]]
        return [{name: cell, **row} for cell in cells for row in (self.parted(rest) if self.maybe(60) else [{}])]


_LEAST = {kind: "($" + kind[:-1] + " if b_a else missing)" for kind in TEMPLATES if kind.endswith("?")}
_LEAST |= {"LM": "[$M]", "LT": "[$T]"}


class _Dumper(yaml.SafeDumper):
    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002  the signature is PyYAML's
        return True


def pack_document(chance: Random) -> dict[str, Any]:
    builder = Builder(chance)
    builder.declare()
    for _ in range(chance.randint(1, 3)):
        builder.layer()
    return {part: value for part, value in builder.document.items() if value}


def text_of(document: Mapping[str, Any]) -> str:
    return yaml.dump(dict(document), Dumper=_Dumper, sort_keys=False, width=100_000, allow_unicode=True)


def chances() -> st.SearchStrategy[Random]:
    return st.randoms(use_true_random=False)
