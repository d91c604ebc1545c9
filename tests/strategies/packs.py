"""Packs that check clean, as YAML texts: every construct that the engine runs, put together at random.

Expressions grow from the templates of `vocabulary.py`. Packs are made in layers: what a layer reads of outputs and
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

from .vocabulary import (
    ALWAYS,
    ASK,
    CELLS,
    CHANGES,
    DATED,
    HOLES,
    INPUTS,
    ITEMS,
    LOOSE_CELLS,
    NEEDS,
    OF_INTENTS,
    OUTPUTS,
    PARAMETERS,
    RANGES,
    RARE,
    REQUIRES,
    STARTS,
    STATE,
    TEMPLATES,
    TYPES,
    ZONES,
)

SLOT = re.compile(r"\$(v\b|(?:each\.|vec\.|map\.|g\.|x\.)?[A-Z]\w*\??)")

_RISKY = re.compile(
    r"[/%*]|[A-Z]\w* [-+] |\b(sqrt|exp|expm1|log|log1p|pow|clamp|lots|floor|floor_to|ceil|trunc|round)\("
)
STEADY = {kind: [each for each in templates if not _RISKY.search(each)] for kind, templates in TEMPLATES.items()}
STEADY = {kind: templates for kind, templates in STEADY.items() if templates}

Env = Mapping[str, tuple[str, ...]]
Columns = list[tuple[str, str]]
Cells = Mapping[str, tuple[tuple[str, ...], ...]]


def plus(env: Env, more: Mapping[str, tuple[str, ...]]) -> Env:
    return {**env, **{kind: (*env.get(kind, ()), *paths) for kind, paths in more.items()}}


def knowing(env: Env, kind: str, path: str) -> Env:
    """Where an optional path is present."""
    rest = tuple(each for each in env.get(f"{kind}?", ()) if each != path)
    return plus({**env, f"{kind}?": rest}, {kind: (path,)})


@dataclass
class Builder:
    """One pack under way. Little can fail in one that is `steady`, which so is decided by the generated function; what
    one that is `staying` gives may well be what it gave before.
    """

    chance: Random
    document: dict[str, Any] = field(default_factory=dict)
    env: Env = field(default_factory=dict)
    count: int = 0
    stateful: bool = False
    steady: bool = False
    staying: bool = False
    asks: tuple[str, ...] = ()
    ask_type: Mapping[str, Any] | None = None
    items: dict[str, Mapping[str, str]] = field(default_factory=lambda: dict(ITEMS))

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
        templates = STEADY if self.steady else TEMPLATES
        if kind in templates and depth > 0 and (not leaves or self.maybe(65)):
            return self.fill(self.pick(templates[kind]), env, depth - 1)
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
            if what == "map":
                return self.mapping(kind, env, depth)
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
        name = self.fresh("i")
        if self.maybe(8):
            return name, self.pick(env["maps"]), plus(env, {"T": (name,) * 2})
        source, kind = self.pick((*env["src"], "Mood M")).split()
        source = f"{source}[:2]" if source != "Mood" and self.maybe(10) else source
        return name, source, plus(env, {each: (name + suffix,) * 2 for each, suffix in self.items[kind].items()})

    def mapping(self, kind: str, env: Env, depth: int) -> str:
        """A map; one that is steady has no text twice."""
        items = [each.split() for each in env["src"] if "T" in self.items[each.split()[1]]]
        items = [each for each in items if each[0] in _KEYED or not self.steady] + [[each, "T"] for each in env["maps"]]
        source, item = self.pick(items)
        name = self.fresh("i")
        inner = plus(env, {each: (name + suffix,) * 2 for each, suffix in self.items[item].items()})
        test = f" if {self.expr('B', inner, depth)}" if self.maybe(30) else ""
        return f"{{{name}{self.items[item]['T']}: {self.expr(kind, inner, depth)} for {name} in {source}{test}}}"

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
        chosen = [name for name in INPUTS if name in ALWAYS or self.maybe(12 if name in RARE else 40)]
        chosen += sorted({NEEDS[name] for name in chosen if name in NEEDS}.difference(chosen))
        inputs, parameters = {}, {}
        for name in chosen:
            spec, offers = INPUTS[name]
            limits = self.pick(RANGES) if spec["type"] in ("number", "integer") and "by" not in spec else None
            inputs[name] = {**spec, **({"range": limits} if limits else {})}
            self.env = plus(self.env, offers)
            self.recall(name, offers)
        dated = self.chance.sample(DATED, self.pick((1, 2)) if self.maybe(10) else 0)
        for name, (kind, spec, values) in PARAMETERS.items():
            parameters[name] = {**spec, "values" if "by" in spec else "value": self.pick(values)}
            if name in dated:
                parameters[name]["value"] = self.dated(values)
            if spec["type"] in ("number", "integer") and "by" not in spec and self.maybe(20):
                parameters[name]["range"] = [-1000, 1000] if spec["type"] == "integer" else [-1.0e301, 1.0e301]
            self.env = plus(self.env, {kind: (f"{name} Pair" if kind == "src" else name,)})
        self.env = plus(self.env, {"maps": ("g_p", "g_r"), "P": ("c_r.p",)})
        entries = {member: self.pick((0, 0.5, 2)) for member in TYPES["Mood"]}
        parameters["v_p"] = {"by": "Mood", "unit": "percent", "values": entries}
        rows = {member: {**entries, "WILD": self.pick((0, 1.5))} for member in TYPES["Mood"]}
        parameters["x_p"] = {"by": ["Mood", "Mood"], "unit": "percent", "values": rows}
        self.env = plus(self.env, {"VP": ("v_p",), "XP": ("x_p",), "M": ("Mood.CALM", "Mood.WILD")})
        requires = {"tells": "b_a or not b_a", "ordered": "c_low < c_high"}
        requires |= {"admitted": self.pick(REQUIRES)} if self.maybe(3 if self.steady else 15) else {}
        types = {**TYPES, "Mood": {"type": "enum", "members": TYPES["Mood"]}} if self.maybe(20) else {**TYPES}
        self.document = {"language": 1, "pack": "random_pack", "version": "1.0.0", "types": types, "inputs": inputs}
        self.document |= {"parameters": parameters, "requires": requires}
        self.document |= {part: {} for part in ("definitions", "outputs", "groups", "rules", "tables", "invariants")}

    def dated(self, values: Any) -> list[dict[str, Any]]:
        """Values from days and times on that snapshots come to, or have passed, the first as a rule from ever."""
        starts = sorted(self.chance.sample(STARTS, self.chance.randint(1, 3)))
        found = [{"from": start, "value": self.pick(values)} for start in starts]
        return found if self.maybe(15) else [{"value": self.pick(values)}, *found]

    def keep(self, name: str) -> Mapping[str, tuple[str, ...]]:
        """A definition that keeps state, and what it offers."""
        if self.maybe(30):
            kind = self.pick("PNMB")
            text = f"({self.expr(kind, self.env)} if {self.expr('B', self.env)} else default(previous({name}), $))"
            self.document["definitions"][name] = text.replace("$", self.expr(kind, self.env))
            return {kind: (name,)}
        kind, call = self.pick(STATE)
        self.document["definitions"][name] = self.fill(call, self.env, 1)
        return {"B": (f"({kind.replace('$', name)})",)} if "$" in kind else {kind: (name,)}

    def define(self, keeping: bool = False) -> None:
        name, definitions = self.fresh("d"), self.document["definitions"]
        if keeping or (self.stateful and self.maybe(60)):
            offers = self.keep(name)
        elif self.maybe(20):
            definitions[name], offers = self.vector(name)
        elif self.maybe(15):
            fields = {"name": "T", "p": "P", "m": "M", "num": "N", **({"o": "P?"} if self.maybe() else {})}
            made = {field: self.expr(kind, self.env) for field, kind in fields.items()}
            definitions[name] = {"type": "Pair", "fields": made}
            offers = {"Rec": (name,), "P": (f"{name}.p",), "M": (f"{name}.m",), "P?": (f"{name}.o",)}
        elif self.maybe(25):
            definitions[name], offers = self.lookup(name)
        elif self.maybe(15):
            condition, path = self.guard("P", self.env)
            definitions[name] = f"{condition} and {self.expr('B', self.env)}"
            offers = {"B": (name,), "guards P": (f"{name} {path}",)} if condition != "true" else {"B": (name,)}
        else:
            kind = self.pick(
                (
                    *"PRNKBTMWS",
                    "P?",
                    "M?",
                    "LP",
                    "LP?",
                    "LT",
                    "D",
                    "Rec",
                    "Rec?",
                    "VB",
                    "VO",
                    "VRec",
                    "XP",
                    *("GP", "GP?", "GO", "GM", "GL", "GRec"),
                )
            )
            definitions[name] = self.expr(kind, self.env, 3)
            offers = {kind: (name,)}
        self.env = plus(self.env, offers)
        self.recall(name, offers)

    def recall(self, name: str, offers: Mapping[str, tuple[str, ...]]) -> None:
        """What a value offers as it was."""
        for kind, paths in offers.items() if self.stateful and self.maybe(30) else ():
            if paths == (name,) and f"{kind.rstrip('?')}?" in TEMPLATES:
                self.env = plus(self.env, {f"{kind.rstrip('?')}?": (f"previous({name})",)})

    def vector(self, name: str) -> tuple[dict[str, Any], Mapping[str, tuple[str, ...]]]:
        """A vector of numbers or records, or a matrix."""
        match self.chance.randint(0, 4):
            case 4:
                values = {text: self.expr("P", self.env) for text in ("ab", "k0", "b c")[: self.chance.randint(0, 3)]}
                return {"by": "text", "unit": "percent", "values": values}, {"GP": (name,), "maps": (name,)}
            case 0:
                rows = {each: {inner: self.expr("P", self.env) for inner in TYPES["Mood"]} for each in TYPES["Mood"]}
                rows["BUSY"] = self.pick((rows["BUSY"], self.expr("VP", self.env)))
                return {"by": ["Mood", "Mood"], "values": rows}, {"XP": (name,), "VP": (f"{name}[BUSY]",)}
            case 1:
                kinds = {"name": "T", "p": "P", "m": "M", "num": "N"}
                made = {
                    each: {field: self.expr(kind, self.env) for field, kind in kinds.items()} for each in TYPES["Mood"]
                }
                return {"by": "Mood", "type": "Pair", "values": made}, {"VRec": (name,), "Rec": (f"{name}[WILD]",)}
        values = {member: self.expr("P", self.env) for member in TYPES["Mood"]}
        return {"by": "Mood", "unit": "percent", "values": values}, {"VP": (name,)}

    def filled(self, written: Any) -> Any:
        """A value of YAML with the slots of its expressions filled."""
        if isinstance(written, dict):
            return {key: self.filled(each) for key, each in written.items()}
        return self.fill(str(written), self.env)

    def lookup(self, name: str) -> tuple[dict[str, Any], dict[str, tuple[str, ...]]]:
        """A table of values, and what it offers."""
        types = {"P": {"type": "number", "unit": "percent"}, "M": {"type": "Mood"}, "B": {"type": "boolean"}}
        types |= {"T": {"type": "text"}, "W": {"type": "time"}, "Rec": {"type": "Pair"}}
        kind = self.pick(sorted(types))
        columns = {f"c{i}": self.pick(_COLUMNS) for i in range(self.chance.randint(1, 3))}
        body: dict[str, Any] = {"match": {key: self.column(each, self.env, False) for key, each in columns.items()}}
        body |= types[kind] | {"hit": self.pick(("unique", "first"))}
        rows = self.parted(list(columns.items()), CELLS)
        if self.maybe(30):
            body["complete"] = False
            rows.pop(self.chance.randrange(len(rows)))
        elif body["hit"] == "first" and self.maybe():
            rows[-1] = {}
        optional = "complete" in body
        for row in rows:
            absent = self.maybe(10)
            optional |= absent
            row["value"] = "missing" if absent else self.expr(kind, self.env)
        body["rows"] = {f"{self.pick('abz')}{i}": row for i, row in enumerate(rows)}
        return body, {f"{kind}?" if optional else kind: (name,)}

    def select(self) -> None:
        """A selection, and what its items offer to those who loop over it."""
        name, body = self.fresh("d"), dict[str, Any]()
        _, item = self.block(body, self.env)
        offered = f"{name}_item"
        self.items[offered] = item
        self.document["definitions"][name] = body
        head = self.fresh("d")
        self.document["definitions"][head] = f"first({name})"
        offers = {f"{each.rstrip('?')}?": (f"{head}{suffix}",) for each, suffix in item.items() if suffix}
        lists = {f"L{each}": (name,) for each, suffix in item.items() if not suffix and each not in ("Rec", "P?", "LP")}
        self.env = plus(self.env, {"src": (f"{name} {offered}",) * 2, **lists, **offers})

    def ranked(self) -> None:
        """An ordered selection of a list that has keys, sums and heads of it by mood, and the extremes of the sums."""
        known = [name for name in ("pairs", "rows", "cells", "tally") if name in self.document["inputs"]]
        if not known:
            return
        name, sums, heads, item = self.fresh("d"), self.fresh("d"), self.fresh("d"), self.fresh("i")
        inner = plus(
            self.env, {each: (item + suffix,) * 3 for each, suffix in ITEMS["Row"].items() if each not in "WR"}
        )
        body: dict[str, Any] = {
            "for": f"{item} in {self.pick(known)}",
            "order_by": [self.expr(each, inner, 1) for each in ("B", "P")],
        }
        body |= {"where": self.expr("B", inner, 1)} if self.maybe() else {}
        body |= {"with": {"more": f"{item}.p + {self.expr('P', inner, 1)}"}} if self.maybe() else {}
        body |= {"limit": self.pick((1, 2))} if self.maybe(30) else {}
        value = self.pick((f"{item}.more", f"{item}.p")) if "with" in body else f"{item}.p"
        over = f"for {item} in {name} if {item}.m == $v) for $v in Mood}}"
        definitions = self.document["definitions"]
        definitions[name] = body
        definitions[sums] = self.fill(f"{{$v: sum({value} {over}", self.env)
        definitions[heads] = self.fill(f"{{$v: first({item} {over}", self.env)
        found = self.fresh("d")
        definitions[found] = self.pick((f"argmax({sums})", f"argmax({sums}, c_low)"))
        extremes = (f"max({sums})", f"min({sums})", f"max({sums}[CALM], {sums}[BUSY])", f"min(p_a, {sums}[WILD])")
        self.env = plus(self.env, {"VP": (sums,), "M": (found,), "P": extremes, "P?": (f"{heads}[WILD].p",)})

    def block(self, body: dict[str, Any], env: Env) -> tuple[Env, dict[str, str]]:
        """A block over one list or two: what may be used inside of it, and what an item offers as a selection's."""
        loops, fields = [], dict[str, str]()
        for _ in range(1 + self.maybe(20)):
            variable, source, env = self.item(env)
            loops.append((variable, f"{variable} in {source}", self.kind_of(source)))
        texts = [text for _, text, _ in loops]
        body["for"] = texts[0] if len(texts) == 1 else self.pick((texts, ", ".join(texts)))
        for variable, _, kind in loops:
            prefix = f".{variable}" if len(loops) > 1 else ""
            fields |= {each: prefix + suffix for each, suffix in self.items[kind].items()}
        variable = loops[0][0]
        if f"{variable}.o" in env.get("P?", ()) and self.maybe(40):
            body["where"], env = f"present({variable}.o)", knowing(env, "P", f"{variable}.o")
            present = f".{variable}.o" if len(loops) > 1 else ".o"
            fields = {each: suffix for each, suffix in fields.items() if suffix != present} | {"P": present}
        elif self.maybe():
            body["where"] = self.expr("B", env)
        if (len(loops) > 1 or any(fields.values())) and self.maybe():
            fields = {each: suffix for each, suffix in fields.items() if suffix}
            env = self.further(body, env, fields)
        if self.maybe(50):
            body["order_by"] = [self.expr(self.pick("PPBMWNK"), env) for _ in range(self.chance.randint(1, 2))]
        if self.maybe(30):
            body["limit"] = self.pick((1, 2, "n_a", "k_a", "k_a // k_a", "1 + k_a"))
        return env, fields

    def kind_of(self, source: str) -> str:
        if source in self.env["maps"]:
            return "T"
        return dict(each.split() for each in (*self.env["src"], "Mood M"))[source.removesuffix("[:2]")]

    def further(self, body: dict[str, Any], env: Env, fields: dict[str, str]) -> Env:
        body["with"] = {}
        for each in self.chance.sample(("P", "B", "M", "M?", "P?", "LP", "GP"), 2):
            extra = self.fresh("w")
            body["with"][extra] = self.expr(each, env)
            env = plus(env, {each: (extra, extra)})
            fields[each] = f".{extra}"
        return env

    def layer(self) -> None:
        """Definitions, outputs, and what writes them."""
        for _ in range(self.chance.randint(0, 3)):
            self.select() if self.maybe(30) else self.define()
        choices = [each for each in OUTPUTS if each[0] in ("B?", "M?", "N", "T")] if self.staying else OUTPUTS
        outputs = {self.fresh("o"): self.pick(choices) for _ in range(self.chance.randint(1, 4))}
        for name, (_, spec, _) in outputs.items():
            declared = dict(spec)
            if "start" in spec:
                declared["start"] = self.filled(spec["start"])
            if spec["type"] in ("number", "integer") and "by" not in spec and "optional" not in spec:
                declared["prefer"] = self.pick(("cap", "floor"))
                declared = {"within": [-5, 5], **declared} if self.maybe(30) else declared
            self.document["outputs"][name] = declared
        writable = {name: effects for name, (_, _, effects) in outputs.items() if effects}
        written: list[Any] = []
        firing = [*self.groups(), *(self.rule(writable, written) for _ in range(self.chance.randint(0, 4)))]
        for _ in range(self.chance.randint(0, 2)):
            firing += self.table(writable, written)
        for name in sorted(writable.keys() - {each for then in written for each in then}):
            firing.append(self.rule({name: writable[name]}, written, plain=True))
        self.env = plus(self.env, {"B": tuple(f"fired.{each}" for each in firing)})
        self.tell(firing)
        for name, (kind, _, _) in outputs.items():
            self.env = plus(self.env, {kind: (f"out.{name}",)})
            self.recall(name, {kind: (name,)})
        self.open_groups = ()

    open_groups: tuple[str, ...] = ()

    def tell(self, firing: list[str]) -> None:
        """Outputs that say whether some rules fired; of bounds as a rule, which fire by what others do before them."""
        bounds = {name for name, each in self.document["rules"].items() if not {"when", "for"} & each.keys()}
        for each in firing:
            if self.maybe(60 if each in bounds else 5):
                said = {"type": "boolean", "start": f"fired.{each}", "safe": False}
                self.document["outputs"][self.fresh("o")] = said

    def invariants(self) -> None:
        """Conditions over everything there is; whether they hold is another question."""
        for _ in range(self.chance.randint(0, 3)):
            name = self.fresh("n")
            condition = self.expr("B", self.env, 3)
            if "intents" in self.document and self.maybe():
                condition = f"{condition} or {self.fill(self.pick(OF_INTENTS), self.env)}"
            body = {self.pick(("always", "never")): condition}
            enforced = self.maybe(3 if self.steady else 15)
            self.document["invariants"][name] = {**body, "enforce": True} if enforced else body
        moving, moved = (self.numbers(part) for part in ("outputs", "inputs"))
        for word, when in (("rises", "when_falls"), ("falls", "when_rises"), ("rises", "when_rises")):
            if moving and moved and self.maybe(20):
                body = {word: f"out.{self.pick(moving)}", when: self.pick(moved)}
                self.document["invariants"][self.fresh("n")] = body

    def numbers(self, part: str) -> list[str]:
        """The inputs or outputs that are one number, always there."""
        plain = {name: each for name, each in self.document[part].items() if not {"by", "optional"} & each.keys()}
        return [name for name, each in plain.items() if each["type"] in ("number", "integer")]

    def ask(self) -> None:
        """Intents to come, which everything may read as they were."""
        self.asks = tuple(self.fresh("e") for _ in range(self.chance.randint(1, 4)))
        if self.stateful and self.maybe(60):
            self.env = plus(self.env, {"B?": (f"previous(sent.{self.pick(self.asks)})",)})

    def intents(self) -> None:
        """Orders of a type whose changes are sure, can pass all bounds, or are not told."""
        ask = self.ask_type or ask_record(self.chance, told=self.maybe(80))
        told = "intent" in ask
        self.document["types"]["Ask"] = ask
        self.document["emits"] = "Ask"
        self.document["intents"] = {name: self.intent(told) for name in self.asks}
        self.env = plus(self.env, {"B": tuple(f"fired.{each}" for each in self.document["intents"])})

    def intent(self, told: bool) -> dict[str, Any]:
        env, body = self.env, dict[str, Any]()
        exposure = self.pick(("cancels", "neutral", "raises", *(("reduces",) * 4 if told else ())))
        body["exposure"] = exposure
        if exposure == "cancels" and self.maybe():
            body |= {"safe": True, "emit": {"p": self.pick(("p_a", "1 + p_b")), "m": "WILD"}}
        elif self.maybe(60):
            env, _ = self.block(body, env)
        if self.maybe(70):
            condition, path = self.guard("P", env)
            body["when"] = f"{condition} and {self.expr('B', env)}"
            env = knowing(env, "P", path) if condition != "true" else env
        if "emit" not in body:
            optional = {"name": "T?", "o": "P?", "rank": "N?"}
            kinds = {"p": "P", "m": "M", **{name: kind for name, kind in optional.items() if self.maybe()}}
            body["emit"] = {name: self.expr(kind, env) for name, kind in kinds.items()}
            body["emit"]["m"] = "m_a" if body["emit"]["m"] == "Mood.CALM" else body["emit"]["m"]
        if exposure == "reduces":
            size = body["emit"]["p"]
            body["position"] = self.pick((size, f"(-{size})", f"({size} * 2.5)", self.expr("P", env)))
        return {**body, "because": self.because(env, ()), "severity": self.pick(("info", "warning", "block"))}

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
            holes.append(f"{{{{ {self.expr(kind, env, 0 if self.steady else 2)} {self.pick(HOLES[kind])} }}}}")
        if writes and self.maybe(30):
            name = self.pick(writes)
            spec = self.document["outputs"][name]
            word = self.pick(("before", "after"))
            holes += [f"{{{{ {word}.{name} }}}}"] if not spec.get("optional") and spec.get("of") != "Pair" else []
        text = " ".join(["Because", *holes])
        return {"en": text, "de": " ".join(["Weil", *holes[:1]])} if self.maybe(10) else text

    def rule(self, writable: Mapping[str, tuple[str, ...]], written: list[Any], plain: bool = False) -> str:
        """A rule of any kind; a plain one always has effects."""
        name, env, body = f"{self.pick('abz')}{self.fresh('_')}", self.env, dict[str, Any]()
        kind = "plain" if plain else self.pick(("plain", "plain", "for", "for", "bound", "remark", "guarded"))
        if kind == "for":
            env, _ = self.block(body, env)
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

    def table(self, writable: Mapping[str, tuple[str, ...]], written: list[Any]) -> list[str]:
        name, env, body = self.fresh("t"), self.env, dict[str, Any]()
        if self.maybe(30):
            env, _ = self.block(body, env)
        if self.open_groups and self.maybe(30):
            body["group"] = self.pick(self.open_groups)
        body["hit"] = self.pick(("unique", "unique", "first", "collect"))
        loose = body["hit"] == "collect" and self.maybe()
        kinds = [self.pick(LOOSE_CELLS if loose else _COLUMNS) for _ in range(self.chance.randint(1, 3))]
        columns = {f"c{i}": kind for i, kind in enumerate(kinds)}
        body["match"] = {column: self.column(kind, env, "for" in body) for column, kind in columns.items()}
        rows = self.parted(list(columns.items()), LOOSE_CELLS if loose else CELLS)
        if body["hit"] == "unique" and self.maybe(30):
            body["complete"] = False
        if body["hit"] != "unique" or "complete" in body:
            rows.pop(self.chance.randrange(len(rows)))
        rows += [{}] if body["hit"] == "first" or (body["hit"] == "collect" and self.maybe()) else []
        ids = [f"{self.pick('abz')}{i}" for i in range(len(rows))]
        body["rows"] = {"off": {"enabled": False, "c0": "nonsense"}} if self.maybe(10) else {}
        for row, cells in zip(ids, rows, strict=True):
            whole = body["rows"][row] = dict(cells)
            if writable and self.maybe(60):
                then = self.then(writable, env)
                written.append(then)
                whole |= {"then": then, "because": self.because(env, list(then))}
                whole |= {"severity": self.pick(("info", "warning", "block"))} if self.maybe() else {}
        self.document["tables"][name] = body
        return [name, *(f"{name}.{row}" for row in ids)]

    def column(self, kind: str, env: Env, inside: bool) -> str:
        """Where a condition tells that a path is present, as a loop's `where` may, `missing` is no cell."""
        if not kind.endswith("?"):
            return self.expr(kind, env)
        if inside or self.maybe():
            return self.fill(f"(missing if $B else ${kind[:-1]})", env)
        return self.expr(kind, env, depth=0)

    def parted(self, columns: Columns, cells: Cells) -> list[dict[str, Any]]:
        """Rows that part all values: the cells of the first column, each with rows over the others or none."""
        if not columns:
            return [{}]
        (name, kind), rest = columns[0], columns[1:]
        parts = list(self.pick(cells[kind[0]]))
        if kind.endswith("?"):
            parts = [*parts, "missing"] if self.maybe() else [f"{parts[0]} | missing", *parts[1:]]
        return [{name: cell, **row} for cell in parts for row in (self.parted(rest, cells) if self.maybe(60) else [{}])]


_KEYED = ("pairs", "rows", "ids", "l_r")
_COLUMNS = ("M", "B", "M", "B", "P", "P", "N", "W", "P?", "M?", "W?")
_LEAST = {kind: "($" + kind[:-1] + " if b_a else missing)" for kind in TEMPLATES if kind.endswith("?")}
_LEAST |= {"LM": "[$M]", "LT": "[$T]", "VB": "$vec.B", "VO": "$vec.P?", "VRec": "$vec.Rec", "XP": "$vec.VP"}
_LEAST |= {"GP": "$map.P", "GO": "$map.P?", "GM": "$map.M", "GL": "$map.LP", "GRec": "$map.Rec"}


class _Dumper(yaml.CSafeDumper):
    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002  the signature is PyYAML's
        return True


OFF = {"enabled": False, "why": "Not yet"}
SWITCHED_OFF: Mapping[str, Mapping[str, Any]] = {
    "groups": OFF,
    "rules": {**OFF, "when": "nonsense", "because": "Off"},
    "invariants": {**OFF, "always": "nonsense"},
    "intents": {**OFF, "exposure": "raises", "emit": {"nothing": 1}, "because": "Off"},
}


def ask_record(chance: Random, *, told: bool) -> dict[str, Any]:
    """The type of intents, which may tell what they change."""
    role = {"of": chance.choice(("name", ["name", "m"])), "change": chance.choice(CHANGES)}
    role |= {"priority": "rank"} if chance.random() < 0.5 else {}
    return {"type": "record", "fields": ASK, **({"intent": role} if told else {})}


def pack_document(chance: Random, ask_type: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """A pack; its intents are of `ask_type` where that is given."""
    builder = Builder(chance, stateful=chance.random() < 0.5, steady=chance.random() < 0.6, ask_type=ask_type)
    builder.staying = builder.maybe(15)
    builder.declare()
    if builder.maybe(25):
        builder.ranked()
    if builder.maybe(40):
        builder.ask()
    for _ in range(4 if builder.stateful else 0):
        builder.define(keeping=True)
    for _ in range(chance.randint(1, 3)):
        builder.layer()
    if builder.asks:
        builder.intents()
    builder.invariants()
    if builder.stateful and builder.maybe():
        builder.document["max_gap"] = builder.pick(("gap", "h_s"))
    if builder.maybe(25):
        builder.document["timezone"] = builder.pick(ZONES)
    if builder.maybe(20):
        known = [name for name in ("x", "mood", "word") if name in builder.document["inputs"]]
        builder.document["step"] = builder.pick(known)
    if builder.maybe(15):
        gone = {"gone": {"dropped": "Nobody reads it"}}
        moves = {part: gone for part in ("inputs", "definitions", "intents") if builder.maybe()}
        moves |= {"outputs": {name: {"was": f"old_{name}"} for name in builder.document["outputs"]}}
        forms = {"from": ["0.8.0", "0.9.0"], **moves}, [{"from": "0.9.0", **moves}]
        builder.document["migrate"] = builder.pick(forms)
    for part, nonsense in SWITCHED_OFF.items():
        if builder.maybe(10) and (part != "intents" or part in builder.document):
            builder.document[part]["off"] = nonsense
    return {part: value for part, value in builder.document.items() if value}


def text_of(document: Mapping[str, Any]) -> str:
    return yaml.dump(dict(document), Dumper=_Dumper, sort_keys=False, width=100_000, allow_unicode=True)


_SEED_BITS = 48


class Chance(Random):
    """Random choices that are told by the seed that they come from."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self._number = number

    def __repr__(self) -> str:
        return f"Random({self._number})"


def chances() -> st.SearchStrategy[Random]:
    """Seeds drawn bit by bit: whatever else is drawn takes constants from all modules that happen to be imported, so
    that the cases of a test would rest on the tests before it.
    """
    bits = st.tuples(*[st.booleans()] * _SEED_BITS)
    return bits.map(lambda drawn: Chance(sum(bit << place for place, bit in enumerate(drawn))))
