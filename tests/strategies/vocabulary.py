"""What generated packs are made of, as tables: expressions by type, inputs, parameters, outputs and cells.

In templates `$P` is an expression of type P, `$P?` one that may be missing, `$each.P` a comprehension without its
brackets, `$vec.P` one over an enum, `$map.P` one that makes a map, and `$v` a fresh loop name; `$g.P` is a condition
under which the optional `$x.P` is present.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

# P percent, R ratio, N integer of trades, K integer, B boolean, T text, M enum, W time, S seconds, L… list,
# V… vector by Mood (VO: of percent that may be missing), X… matrix, D document, G… map by text (GO, GL: of lists)
TEMPLATES: Mapping[str, tuple[str, ...]] = {
    "P": (
        "($P + $P)", "($P - $P)", "($P * $R)", "($P / $R)", "(-$P)", "($P + 2.5)", "abs($P)", "min($P, $P, $P)",
        "max($P, 0.5)", "clamp($P, $P, $P)", "clamp($P, 0, 2)", "floor_to($P, $P)", "as_percent($R)",
        "($P if $B else $P)", "(1 if $B else $P)", "default($P?, $P)", "default($P?, 0)", "($x.P if $g.P else $P)",
        "$VP[$M]", "$VP[CALM]", "sum($LP)", "sum($each.P)", "default(mean($LP), $P)", "default(max($LP), $P)",
        "max($VP)", "sum($VP)", "(floor($P) * $R)", "(ceil($P) * $R)", "(trunc($P) / $R)", "($P ** 1)", "$Rec.p",
        "($P if $B else -1)",
        "default(ratio($P, $R), $P)", "$XP[$M][$M]", "$XP[WILD][$M]", "sum($XP[$M])", "first($VP)", "$VRec[$M].p",
        "default($VO[$M], $P)", "(max($XP[$M]) - min($VP))", "mean($VP)",
        "as_percent(log1p($R))", "as_percent(expm1($R))", "(lots($P, $P) * $P)",
        "sum($GP)", "default($GP[$T], $P)", "default(max($GP), 0)", "sum(default($GL[$T], $LP))",
    ),
    "R": (
        "default(as_ratio(brier([min(max(as_fraction($P), 0), 1), 0.25], [1 if $B else 0, 1])), 1)",
        "default(as_ratio(brier_reliability([min(max(as_fraction($P), 0), 1), 0.3], [1 if $B else 0, 1], 2)), 1)",
        "default(as_ratio(brier_resolution([min(max(as_fraction($P), 0), 1), 0.5], [1, 1 if $B else 0], 4)), 1)",
        "default(as_ratio(brier_uncertainty([min(max(as_fraction($P), 0), 1), 1 if $B else 0])), 1)",
        "default(as_ratio(calibration_error([min(max(as_fraction($P), 0), 1), 0.8], [1, 1 if $B else 0], 10)), 1)",
        "($R + $R)", "($R - 1)", "($R * $R)", "($P / $P)", "($R ** 2)", "($R ** 0)", "($R ** 8)", "sqrt($R)",
        "as_ratio($P)", "($K / $K)", "($N / $N)", "($K * $R)", "min($R, $R)", "($R if $B else $R)", "(2.5 * $R)",
        "default($R?, $R)", "($x.R if $g.R else $R)", "abs($R)", "as_ratio(as_bps($R))", "($S / $S)",
        "exp($R)", "expm1($R)", "log(abs($R))", "log($R)", "log1p($R)", "tanh($R)", "pow(abs($R), $R)", "pow($R, 0.5)",
        "pow(2, $R)", "exp(-abs($R))", "log((1 + abs($R)))", "as_ratio(as_fraction($P))",
        "jaccard($LP, $LP)", "jaccard($LT, $LT)", "jaccard($LM, $LM)",
    ),
    "N": (
        "($N + $N)", "($N - $N)", "($N * $K)", "($N // $K)", "($N % $N)", "abs($N)", "min($N, 3)", "(-$N)",
        "($N ** 1)", "round($N)", "default($N?, $N)", "($N if $B else $N)", "sum($each.N)", "$Rec.num",
        "clamp($N, 0, 3)", "($x.N if $g.N else 2)", "default(max([$N, $N]), 1)",
    ),
    "K": (
        "count($LP)", "count([$each.T])", "count($each.Rec)", "sign($P)", "lots($P, $P)", "floor($R)", "ceil($R)",
        "trunc($R)", "round(($R * 3.5))", "($N // $N)", "($K + 1)", "($K * $K)", "($K % $K)", "($K // 2)", "($K ** 2)",
        "sum([$K, $K])", "($K - $K)", "count($VB)", "count($VRec)",
        "sign((day($W) - day($W)))", "count(union($LT, $LT))", "count($GP)", "count($GRec)", "count($GO)",
    ),
    "B": (
        "($P < $P)", "($P >= $P)", "($P > 0)", "($N == $N)", "($K != $K)", "($M <= $M)", "($M == BUSY)", "($T == $T)",
        "(day($W) == day(($W + $S)))", "present(day($W?))",
        "($T != $T)", "($W < $W)", "($S > $S)", "($R <= $R)", "($P <= $P < $P)", "(0 < $P <= 1)",
        "($N < $N <= $N != $N)", "(CALM < $M <= WILD)", "($B and $B)", "($B or $B and $B)", "($B or $B)",
        "(not $B)", "($B == $B)",
        "present($P?)", "present($M?)", "present($Rec?)", "($g.P and $x.P > $P)", "(not $g.P or $x.P <= $P)",
        "($g.M and $x.M == WILD)", "($M in [CALM, WILD])", "($M not in $LM)", "($T in $LT)", "($P in $LP)",
        "any($each.B)", "all([$each.B])", "any([$B, $B])", "($LP == $LP)", "($LT != $LT)", "($LM == $LM)",
        "($B if $B else $B)", "default($B?, $B)", "($Rec == $Rec)", "($VP == $VP)", "($P / $R > $P)",
        "$VB[$M]", "any($VB)", "all($VB)", "($XP == $XP)", "($VO != $VO)", "($VRec == $VRec)", "present($VO[$M])",
        "($T in $GP)", "($T not in $GO)", "($GP == $GP)", "present($GP[$T])", "($GRec != $GRec)", "($GM == $GM)",
        "(present($GP[$T]) and $T in $GRec)", "($GL == $GL)", "($GO == $GO)",
        "($D == $D)", "($D != $D)", "($D in [$D, $D])", "present($D?)",
    ),
    "T": ("($T if $B else $T)", "default($T?, $T)", "default(first($LT), $T)", "$Rec.name"),
    "M": (
        "min($M, $M)", "max($M, $M)", "($M if $B else $M)", "(CALM if $B else $M)", "default($M?, $M)",
        "default(max($LM), $M)", "default(first($LM), WILD)", "$Rec.m", "($x.M if $g.M else BUSY)",
        "argmax($VP)", "argmax($VP, 0.5)", "argmax($VP, abs($P))", "argmax($VP, $P)",
    ),
    "W": ("($W + $S)", "($W - $S)", "max($W, $W)", "($W if $B else $W)", "default($W?, $W)"),
    "S": (
        "($W - $W)", "($S + $S)", "($S * $R)", "abs($S)", "as_seconds(as_minutes($S))", "as_seconds(as_hours($S))",
        "as_seconds(as_days($S))", "as_seconds(($S / 60))",
    ),
    "P?": (
        "($P? + $P)", "($P? * $R)", "($P? / $R)", "(-$P?)", "abs($P?)", "min($P?, $P)", "clamp($P?, $P, $P)",
        "mean($LP)", "min($LP)", "first($LP)", "mean($each.P)", "sum($LP?)", "($P? if $B else $P)",
        "(missing if $B else $P)", "default($P?, $P?)", "$Rec?.p", "$Rec?.o", "$Rec.o", "as_percent($R?)",
        "ratio($P, $R)", "ratio($P?, $R)", "$VO[$M]", "first($VO)",
        "$GP[$T]", "$GO[$T]", "min($GP)", "first($GO)", "mean($GP)", "$GRec[$T].p", "$GRec[$T].o", "sum($GP?)",
        "$GP?[$T]",
    ),
    "R?": (
        "as_ratio(brier([clamp(as_fraction($v), 0, 1) for $v in $LP], [0, 1]))",
        "as_ratio(brier_uncertainty([clamp(as_fraction($v), 0, 1) for $v in $LP]))",
        "slope($LP, cumulative($LP))", "slope($LP, $LP)", "slope([$P, $P], [$P, $P])", "slope($LP?, $LP)",
        "ratio($P, $P)", "($P? / $P)", "($R? * $R)", "sqrt($R?)", "exp($R?)", "log($R?)", "pow($R?, $R)", "tanh($R?)",
    ),
    "N?": ("($N? + $N)", "$Rec?.num", "max([$each.N])"),
    "B?": ("(missing if $B else $B)",),
    "T?": ("first($LT)", "$Rec?.name", "argmax($GP)", "argmax($GP, 0.5)", "argmax($GP, $P)"),
    "M?": ("$GM[$T]", "max($GM)", "max($LM)", "first($LM)", "(missing if $B else $M)", "$Rec?.m"),
    "W?": ("($W? + $S)", "(missing if $B else $W)"),
    "Rec": ("($Rec if $B else $Rec)", "default($Rec?, $Rec)", "$VRec[$M]"),
    "Rec?": ("$GRec[$T]", "(missing if $B else $Rec)", "first([$each.Rec])"),
    "LP": (
        "[$P, $P]", "[$P, 1]", "[$each.P]", "$LP[:$K]", "($LP if $B else $LP)", "default($LP?, $LP)",
        "[$v * $R for $v in $LP]", "[default($GP[$v], 0) for $v in $GP]", "cumulative($LP)",
        "union($LP, $LP)", "union($LP, [1])",
    ),
    "LP?": ("$GL[$T]", "cumulative($LP?)", "(missing if $B else $LP)", "[$v + $P for $v in $LP?]"),
    "LM": ("[$M, $M]", "[$each.M]", "$LM[:2]", "union($LM, [CALM, BUSY])"),
    "LT": ("[$v for $v in $GP]", "[$T, $T]", "[$each.T]", "union($LT, $LT)", "($LT if $B else $LT)"),
    "VP": ("$vec.P", "($VP if $B else $VP)", "$XP[$M]", "($XP[$M] if $B else $VP)"),
    "D": ("($D if $B else $D)", "default($D?, $D)"),
    "D?": ("(missing if $B else $D)",),
    "VB": ("$vec.B", "($VB if $B else $VB)"),
    "VO": ("$vec.P?", "($VO if $B else $VO)"),
    "VRec": ("$vec.Rec", "($VRec if $B else $VRec)"),
    "XP": ("$vec.VP", "($XP if $B else $XP)"),
    "GP": (
        "$map.P", "$map.P", "($GP if $B else $GP)", "({} if $B else $GP)", "default($GP?, $GP)", "default($GP?, {})",
    ),
    "GP?": ("(missing if $B else $GP)",),
    "GO": ("$map.P?", "($GO if $B else $GO)"),
    "GM": ("$map.M", "($GM if $B else $GM)"),
    "GL": ("$map.LP", "($GL if $B else {})"),
    "GRec": ("$map.Rec", "($GRec if $B else $GRec)"),
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
    "p1": {"type": "number", "range": [-8, 8]},  # begins like another
}
TYPES: Mapping[str, Any] = {"Mood": ["CALM", "BUSY", "WILD"], "Pair": {"type": "record", "fields": PAIR}}
# What an item of each kind of list offers.
ITEMS: Mapping[str, Mapping[str, str]] = {
    "Pair": {"T": ".name", "P": ".p", "M": ".m", "N": ".num", "P?": ".o", "Rec": ""},
    "Row": {"T": ".name", "P": ".p", "M": ".m", "N": ".num", "W": ".at", "R": ".p1"},
    "Id": {"T": ".only"},
    "Bag": {"T": ".name", "P?": ".o", "LP": ".ps", "Rec": ".pair", "VP": ".v"},
    "Heap": {"LP": ""},
    "P": {"P": ""},
    "M": {"M": ""},
    "T": {"T": ""},
}
_PERCENT: Mapping[str, Any] = {"type": "number", "unit": "percent"}
_TRADES: Mapping[str, Any] = {"type": "integer", "unit": "trades"}
_DOCUMENT: Mapping[str, Any] = {
    "type": "document", "max_bytes": 200, "ignore": ["**.note", "steps[*].text"], "unordered": ["set", "a.**"],
}  # fmt: skip
_ROWS: Mapping[str, Any] = {"type": "list", "max_items": 4, "of": {"type": "record", "fields": ROW}}
_XS: Mapping[str, Any] = {"type": "list", "max_items": 3, "of": {**_PERCENT, "range": [-60, 60]}}
_BAG: Mapping[str, Any] = {
    "type": "record",
    "fields": {
        "name": {"type": "text", "max_length": 6},
        "o": {**_PERCENT, "optional": True},
        "ps": _XS,
        "moods": {"type": "list", "max_items": 2, "of": "Mood", "optional": True},
        "pair": {"type": "Pair"},
        "rows": {**_ROWS, "key": "name", "optional": True, "from": "The rows"},
        "v": {**_PERCENT, "by": "Mood"},
    },
}

# Inputs, and the paths that they offer by type; `src` are the lists to loop over, with the kind of their items.
INPUTS: Mapping[str, tuple[Mapping[str, Any], Mapping[str, tuple[str, ...]]]] = {
    "x": (_PERCENT, {"P": ("x",)}),
    "wide": ({**_PERCENT, "from": "The wide"}, {"P": ("wide",)}),
    "ox": ({**_PERCENT, "optional": True}, {"P?": ("ox",)}),
    "r": ({"type": "number"}, {"R": ("r",)}),
    "orr": ({"type": "number", "optional": True}, {"R?": ("orr",)}),
    "lost": (_TRADES, {"N": ("lost",)}),
    "won": ({**_TRADES, "optional": True}, {"N?": ("won",)}),
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
    "bags": ({"type": "list", "max_items": 4, "key": "name", "of": _BAG}, {"src": ("bags Bag",)}),
    "obags": (
        {"type": "list", "max_items": 3, "optional": True, "of": _BAG},
        {"LP?": ("[bag.pair.p for bag in obags]",), "B": ("present(obags)",)},
    ),
    "heaps": ({"type": "list", "max_items": 3, "of": _XS}, {"src": ("heaps Heap",)}),
    "ocrate": (
        {
            "type": "record",
            "optional": True,
            "fields": {
                "xs": {**_XS, "bad_items": "drop"},
                "legs": {"type": "list", "max_items": 3, "key": ["name", "num"], "of": "Pair", "optional": True},
                "vxs": {**_XS, "by": "Mood", "max_items": 3},
            },
        },
        {"LP?": ("ocrate.xs", "ocrate.vxs[WILD]", "[leg.p for leg in ocrate.legs]")},
    ),
    "vin": ({**_PERCENT, "by": "Mood", "range": [-9, 9]}, {"VP": ("vin",)}),
    "ovin": ({**_PERCENT, "by": "Mood", "optional": True}, {"P?": ("ovin[CALM]", "ovin[m_a]"), "VO": ("ovin",)}),
    "xin": ({**_PERCENT, "by": ["Mood", "Mood"], "range": [-9, 9]}, {"XP": ("xin",), "VP": ("xin[WILD]",)}),
    "doc": (_DOCUMENT, {"D": ("doc",)}),
    "odoc": ({**_DOCUMENT, "optional": True}, {"D?": ("odoc",)}),
    "vdoc": ({**_DOCUMENT, "by": "Mood"}, {"D": ("vdoc[WILD]", "vdoc[m_a]")}),
    "vflag": ({"type": "boolean", "by": "Mood"}, {"VB": ("vflag",)}),
    "vpair": ({"type": "Pair", "by": "Mood"}, {"VRec": ("vpair",)}),
    "holder": (
        {
            "type": "record",
            "fields": {"v": {**_PERCENT, "by": "Mood"}, "x": {"type": "boolean", "by": ["Mood", "Mood"]}},
        },
        {"VP": ("holder.v",), "B": ("holder.x[WILD][CALM]",), "VB": ("holder.x[BUSY]",)},
    ),
    "oholder": (
        {
            "type": "record",
            "optional": True,
            "fields": {"v": {**_PERCENT, "by": "Mood", "range": [-9, 9]}, "pair": {"type": "Pair", "optional": True}},
        },
        {"P?": ("oholder.v[CALM]", "oholder.pair.p", "oholder.pair.o"), "T?": ("oholder.pair.name",)},
    ),
    "ovpair": (
        {"type": "Pair", "by": "Mood", "optional": True},
        {"Rec?": ("ovpair[m_a]", "ovpair[BUSY]"), "P?": ("ovpair[WILD].p", "ovpair[m_a].o")},
    ),
    "nested": (
        {"type": "record", "fields": {"pair": {"type": "Pair"}, "each": {"type": "Pair", "by": "Mood"}}},
        {"Rec": ("nested.pair",), "P": ("nested.pair.p", "nested.each[CALM].p"), "VRec": ("nested.each",)},
    ),
    "book": ({**_PERCENT, "by": "text", "max_items": 4}, {"GP": ("book",), "maps": ("book",)}),
    "obook": ({**_PERCENT, "by": "text", "max_items": 3, "optional": True, "range": [-9, 9]}, {"GP?": ("obook",)}),
    "gmood": ({"type": "Mood", "by": "text", "max_items": 3}, {"GM": ("gmood",), "M?": ("gmood[t_a]",)}),
    "gpair": ({"type": "Pair", "by": "text", "max_items": 3}, {"GRec": ("gpair",), "maps": ("gpair",)}),
    "glist": ({"type": "list", "of": _PERCENT, "by": "text", "max_items": [3, 2]}, {"GL": ("glist",)}),
    "kept": (
        {"type": "record", "fields": {"g": {**_PERCENT, "by": "text", "max_items": 2}, "num": _TRADES}},
        {"GP": ("kept.g",), "N": ("kept.num",)},
    ),
    "aged": (
        {**_PERCENT, "optional": True, "fault": "missing", "age": {"of": "oat", "limit": "s_a"}},
        {"P?": ("aged",)},
    ),
    "dated": ({**_TRADES, "age": {"of": "at", "limit": "s_m"}}, {"N": ("dated",)}),
    "omood_at": ({"type": "Mood", "optional": True, "age": {"of": "at", "limit": "s_a"}}, {"M?": ("omood_at",)}),
    "quote": (
        {
            "type": "record",
            "optional": True,
            "fault": "missing",
            "age": {"of": "as_of", "limit": "s_m"},
            "requires": {"quote_ordered": "p <= q or b_a"},
            "fields": {"as_of": {"type": "time", "from": "as of"}, "p": _PERCENT, "q": _PERCENT},
        },
        {"P?": ("quote.p", "quote.q"), "W?": ("quote.as_of",)},
    ),
    "held": (
        {
            "type": "record",
            "requires": {"held_small": "num < 5 or num > k_n"},
            "fields": {
                "num": _TRADES,
                "p": {**_PERCENT, "optional": True, "age": {"of": "t", "limit": "s_a"}},
                "t": {"type": "time", "optional": True},
            },
        },
        {"N": ("held.num",), "P?": ("held.p",), "W?": ("held.t",)},
    ),
    "marks": (
        {"type": "list", "max_items": 4, "bad_items": "drop", "of": {**_PERCENT, "range": [-3, 3]}},
        {"LP": ("marks",), "src": ("marks P",)},
    ),
    "fills": (
        {
            "type": "list",
            "max_items": 4,
            "key": "name",
            "bad_items": "drop",
            "of": {
                "type": "record",
                "fields": ROW,
                "requires": {"fill_small": "num < n_a or p / r_a < p_b"},
                "age": {"of": "at", "limit": "s_m"},
            },
        },
        {"src": ("fills Row",)},
    ),
    "deals": (
        {
            "type": "list",
            "max_items": 4,
            "key": ["name", "num"],
            "bad_items": "drop",
            "optional": True,
            "of": {"type": "Pair", "requires": {"deal_odd": "not present(o) or o < p"}},
        },
        {"LP?": ("[deal.p for deal in deals]",)},
    ),
}
# What makes a snapshot fail often stands in few packs.
RARE = ("aged", "dated", "omood_at", "quote", "held", "marks", "fills", "deals")
# Inputs without which another one makes no sense.
NEEDS: Mapping[str, str] = {"aged": "oat", "dated": "at", "omood_at": "at"}
# Conditions on inputs that every pack has.
REQUIRES: tuple[str, ...] = (
    "x < 8 or b_a",
    "sum(xs) < 9",
    "count([each for each in xs if each > p_b]) < 4",
    "not present(pair.o) or pair.o < 9",
    "p_b / x < 3",
    "mood != WILD or m_a < WILD",
)
ALWAYS = ("pair", "mood", "x", "xs", "doc")
ZONES = ("America/New_York", "America/St_Johns", "Asia/Kathmandu", "UTC")
RANGES: tuple[list[float] | None, ...] = (None, None, [-100, 100], [0, 10], [-1.0e300, 1.0e300])

_PAIRS: tuple[Mapping[str, Any], ...] = (
    {"name": "ab", "p": 1, "m": "CALM", "num": 2},
    {"name": "k1", "p": -2.5, "m": "WILD", "num": 0, "o": 0.5},
)
# Parameters with the values that they may have. Cells compare with the last two, which lie within every range.
PARAMETERS: Mapping[str, tuple[str, Mapping[str, Any], tuple[Any, ...]]] = {
    "p_a": ("P", _PERCENT, (0, 1.5, -2.25, 100, 1.0e300)),
    "p_b": ("P", _PERCENT, (0, 0.1, 3)),
    "r_a": ("R", {"type": "number"}, (0.5, 0, 1, -3, 2.75)),
    "n_a": ("N", _TRADES, (3, 0, 1, -2)),
    "k_a": ("K", {"type": "integer"}, (2, 0, 1, 7)),
    "s_a": ("S", {"type": "number", "unit": "s"}, (60, 0, 0.5)),
    "s_m": ("Min", {"type": "number", "unit": "min"}, (1, 0.5, 1000)),
    "k_n": ("N", _TRADES, (2, 5)),
    "b_a": ("B", {"type": "boolean"}, (True, False)),
    "t_a": ("T", {"type": "text", "max_length": 4}, ("ab", "", "né")),
    "l_p": ("LP", {"type": "list", "of": _PERCENT, "max_items": 3}, ([], [1, 2.5], [0.1, -3, 0.1])),
    "l_t": ("LT", {"type": "list", "of": "text", "max_items": 3}, (["ab"], ["k0", "né", "ab"])),
    "l_m": ("LM", {"type": "list", "of": "Mood", "max_items": 3}, (["WILD"], ["CALM", "BUSY"])),
    "l_r": ("src", {"type": "list", "of": "Pair", "key": "name", "max_items": 2}, ([], _PAIRS[:1], _PAIRS)),
    "c_r": ("Rec", {"type": "record", "fields": PAIR}, _PAIRS),
    "g_p": (
        "GP",
        {**_PERCENT, "by": "text", "max_items": 4},
        ({}, {"ab": 1, "k0": 2.5}, {"né": 0.5, "a.b": -1, "": 3}),
    ),
    "g_l": ("GL", {"type": "list", "of": _PERCENT, "by": "text", "max_items": [4, 3]}, ({"ab": [1, 2], "k1": []},)),
    "g_r": ("GRec", {"type": "Pair", "by": "text", "max_items": 2}, ({"ab": _PAIRS[0]},)),
    "m_a": ("M", {"type": "Mood"}, ("CALM", "BUSY", "WILD")),
    "w_a": ("W", {"type": "time"}, ("2026-01-05T15:00:00Z", "1970-01-01T00:00:00.5+01:00")),
    "a_s": ("R", {"type": "number"}, (0.5, 0.1, 1, 0.5, 0)),
    "w_b": ("bars", {"type": "integer", "unit": "bars"}, (2, 3, 1, 5, 2, 0)),
    "w_s": ("S", {"type": "number", "unit": "s"}, (25, 60, 0.5, 1.0e4)),
    "h_b": ("bars", {"type": "number", "unit": "bars"}, (2, 0.5)),
    "h_s": ("minutes", {"type": "number", "unit": "min"}, (0.5, 2)),
    "gap": ("S", {"type": "number", "unit": "s"}, (45, 1.0e9)),
    "c_low": ("P", _PERCENT, (0.25,)),
    "c_high": ("P", _PERCENT, (0.75, 1)),
}

# Those that may have dated values, and times from which such may hold; in the order of their text, which sorts as time.
DATED = ("r_a", "n_a", "k_a", "s_a", "s_m", "k_n", "l_p", "l_t", "l_r", "c_r", "a_s", "h_b", "h_s", "gap", "c_high")
STARTS = ("1970-01-01", "2026-01-05", "2026-01-05T15:00:00Z", "2026-01-05T15:00:30Z", "2026-01-06", "2030-01-01")

# State functions: the type that they offer, or what they are put into to offer it.
STATE: tuple[tuple[str, str], ...] = (
    ("S", "held($B)"), ("S?", "since($B)"), ("B", "latch($B, $B)"), ("B", "latch($B, $B, on_fault=set)"),
    ("$ > 1", "streak($B)"), ("B", "changed($P?)"), ("B", "changed($T)"), ("B", "changed($LP)"),
    ("B", "changed($Rec?)"), ("B", "changed($D?)"), ("any($)", "changed($VP)"), ("B", "changed($M)"),
    ("P", "total($P?)"), ("N", "total($N)"),
    ("K", "total($B)"), ("VP", "total($VP)"), ("P", "ewma($P, alpha=a_s)"), ("P?", "ewma($P?, alpha=a_s)"),
    ("P?", "ewma($P?, half_life=h_b)"), ("P", "ewma($P, half_life=h_s)"), ("VP", "ewma($VP, half_life=h_s)"),
    ("VP", "ewma($VP, alpha=a_s)"), ("K?", "rolling_count($B, w_b)"), ("K", "rolling_count($B, w_s)"),
    ("P", "rolling_sum($P?, w_s)"), ("N?", "rolling_sum($N, w_b)"), ("P", "rolling_max($P, w_s)"),
    ("P?", "rolling_min($P?, w_b)"), ("N?", "rolling_max($N?, w_s)"), ("P?", "rolling_mean($P, w_b)"),
    ("P?", "rolling_std($P, w_b)"), ("P?", "rolling_std($P?, w_s)"), ("P", "rolling_median($P, w_s)"),
    ("P?", "change($P, w_b)"), ("P", "change($P, w_s)"), ("R?", "rolling_correlation($P, $R, w_b)"),
    ("R?", "rolling_correlation($R, $R?, w_s)"), ("R?", "rolling_covariance($R, $R, w_b)"),
    ("R?", "running_covariance($R, $R?)"), ("P", "running_mean($P)"), ("P?", "running_mean($P?)"),
    ("P?", "wilder_mean($P, w_b)"), ("P?", "wilder_mean($P?, w_b)"), ("R?", "rolling_zscore($P?, w_b)"),
    ("R?", "rolling_zscore($P, w_s)"), ("P?", "rolling_std($P, w_s)"),
    ("P", "rolling_min($P, w_s)"), ("P?", "rolling_max($P, w_b)"), ("P", "rolling_mean($P, w_s)"),
    ("P?", "rolling_median($P?, w_b)"), ("R?", "rolling_covariance($R?, $R, w_s)"), ("B", "latch($B, ($R / $R > 1))"),
    ("sum($) > 5", "held($map.B)"), ("sum($) > 1", "streak($map.B)"), ("count($) > 1", "since($map.B)"),
    ("any($)", "latch($map.B, $B, on_fault=set)"), ("any($)", "changed($map.P?)"), ("any($)", "changed($GRec)"),
    ("any($)", "latch({$v: $B for $v in g_p}, {$v: $B for $v in g_p})"), ("any($)", "latch($map.B, $map.B)"),
    ("any($)", "latch($VB, $B, on_fault=set)"), ("any($)", "latch($VB, $VB)"), ("sum($) > 1", "streak($VB)"),
    ("GP", "total($GP)"), ("GP", "total($map.P?)"),
    ("GP", "ewma($GP, alpha=a_s)"), ("GO", "ewma($GO, half_life=h_s)"), ("GO", "rolling_mean($map.P, w_b)"),
    ("GO", "rolling_max($GP, w_s)"), ("GO", "change($map.P?, w_b)"), ("GP", "rolling_sum($map.P?, w_s)"),
    ("sum($) > 2", "rolling_count($map.B, w_s)"), ("count($) > 1", "running_covariance($map.R, $R)"),
)  # fmt: skip

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
    ("VP", {**_PERCENT, "by": "Mood", "start": {"CALM": "$P", "BUSY": 1, "WILD": "$P"}, "safe": "p_b"}, ()),
    ("VP", {**_PERCENT, "by": "Mood", "start": "$VP", "range": [-5, 5], "safe": 0}, ()),
    ("VB", {"type": "boolean", "by": "Mood", "start": "$VB", "safe": {"CALM": "b_a", "BUSY": False, "WILD": True}}, ()),
    ("VO", {**_PERCENT, "by": "Mood", "optional": True, "range": [-9, 9], "start": "$VO", "safe": "missing"}, ()),
    (
        "VRec",
        {
            "type": "Pair",
            "by": "Mood",
            "start": "$VRec",
            "safe": {mood: {"name": "t_a", "p": 0, "m": mood, "num": 0} for mood in TYPES["Mood"]},
        },
        (),
    ),
    (
        "",
        {
            "type": "record",
            "fields": {"p": _PERCENT, "m": {"type": "Mood"}},
            "start": {"p": "$P", "m": "$M"},
            "safe": {"p": 0, "m": "WILD"},
        },
        (),
    ),
    ("XP", {**_PERCENT, "by": ["Mood", "Mood"], "start": "$XP", "safe": "x_p"}, ()),
    ("GP", {**_PERCENT, "by": "text", "max_items": 6, "start": "$GP", "safe": {}}, ()),
    ("GP", {**_PERCENT, "by": "text", "max_items": 2, "start": "$GP", "range": [-5, 5], "safe": {"a b": "p_b"}}, ()),
    ("GP", {**_PERCENT, "by": "text", "max_items": 6, "start": {"ab": "$P", "é.": "$P"}, "safe": "g_p"}, ()),
    ("GP?", {**_PERCENT, "by": "text", "max_items": 6, "start": "$GP?", "optional": True, "safe": "missing"}, ()),
    ("GM", {"type": "Mood", "by": "text", "max_items": 6, "start": "$GM", "safe": {"ab": "m_a"}}, ()),
    ("GL", {"type": "list", "of": _PERCENT, "by": "text", "max_items": [6, 9], "start": "$GL", "safe": "g_l"}, ()),
    ("GRec", {"type": "Pair", "by": "text", "max_items": 6, "start": "$GRec", "safe": {}}, ()),
    (
        "XP",
        {
            **_PERCENT,
            "by": ["Mood", "Mood"],
            "range": [-50, 50],
            "safe": 1,
            "start": {"CALM": "$VP", "BUSY": {"CALM": "$P", "BUSY": 0, "WILD": "$P"}, "WILD": "$VP"},
        },
        (),
    ),
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
    "W": (("< w_a", ">= w_a"), ("== w_a", "not (w_a)")),
}  # fmt: skip
# Cells that only a table may have whose rows are not proved to part everything.
LOOSE_CELLS: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "T": (("t_a", "not (t_a)"),),
    "P": ((">= p_a / r_a", "< p_b / r_a"),),
    "M": (("== (BUSY if p_a / p_b > 1 else WILD)", "CALM"),),
}
HOLES: Mapping[str, tuple[str, ...]] = {
    "P": ("", ":.2f", ":+,.3f"), "R": ("", ":.1e", ":g"), "N": ("", ":d", ":,d"), "K": ("",), "B": ("",), "T": ("",),
    "M": ("",), "W": ("",), "S": ("",), "LP": ("",), "LT": ("",), "LM": ("",),
}  # fmt: skip

# The type of intents, the change that one makes, and what invariants say of them.
ASK: Mapping[str, Any] = {
    "p": _PERCENT,
    "m": {"type": "Mood"},
    "name": {"type": "text", "optional": True},
    "o": {**_PERCENT, "optional": True},
    "rank": {**_TRADES, "optional": True},
}
CHANGES = ("p if m == CALM else -p", "-p", "-p * (p / p)", "p + p if m < WILD else -abs(p)")
OF_INTENTS = (
    "count(intents) > 1",
    "any(i.exposure == raises for i in intents)",
    "all(not present(i.o) or i.o > $P for i in intents)",
    "any(i.exposure <= reduces and i.m == $M for i in intents)",
    "sum(i.p for i in intents) > $P",
    "any(i.p / $P > 1 for i in intents)",
)
