"""Every diagnostic in one table: its number, its name, its message and the standing advice.

FB1xx YAML, FB2xx schema, FB3xx names, types and units, FB4xx meaning, FB5xx style, FB7xx run time, FB8xx policies.
`docs/codes/` holds a page for each.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Code:
    """`message` is a format string; `help` the advice where a finding brings none of its own."""

    id: str
    slug: str
    message: str
    help: str | None = None
    severity: Literal["error", "warning"] = "error"


TABLE = (
    # YAML
    Code("FB101", "not-utf-8", "the file is not UTF-8 (byte {offset})", "save it as UTF-8"),
    Code("FB102", "yaml-syntax", "{problem}"),
    Code("FB103", "duplicate-key", "`{key}` is written twice", "remove one of the two"),
    Code("FB104", "tag", "tags such as `{tag}` are not read", "remove the tag, or quote text that begins with `!`"),
    Code("FB105", "merge-key", "merge keys (`<<`) are not read", "write the entries out"),
    Code("FB106", "alias-bomb", "aliases expand this file to more than {limit} nodes", "write the entries out"),
    Code("FB107", "empty-value", "`{key}` has no value", "write a value, or remove the key"),
    Code("FB108", "look-alike", "`{text}` means different things to different YAML readers"),
    Code("FB109", "not-finite", "`{text}` is no finite number", "write a number, or leave the key out"),
    Code("FB110", "timestamp", "`{text}` is a date to some YAML readers and text to others", "quote it"),
    Code("FB111", "file-too-large", "the file holds more than {limit} bytes"),
    Code("FB112", "too-deep", "the file is nested deeper than {limit} levels"),
    Code("FB113", "key-kind", "a key must be a plain name", "write the key as text"),
    Code("FB114", "document-count", "the file holds {count} YAML documents, one is read", "split the file"),
    Code("FB115", "too-many-values", "the file holds more than {limit} values", "split the file"),
    Code("FB116", "integer-range", "`{text}` is outside of the integers that every tool keeps (±2^53 − 1)",
         "quote it if it is text"),
    # schema
    Code("FB201", "unknown-key", "`{key}` is not known here"),
    Code("FB202", "missing-key", "`{key}` is missing", "add it"),
    Code("FB203", "wrong-kind", "{expected} is expected here, not {found}"),
    Code("FB204", "not-allowed", "`{value}` is not allowed here"),
    Code("FB205", "wrong-count", "{problem}"),
    Code("FB206", "language-version", "this engine reads language {known}, the file is written in {found}",
         "update flyball"),
    Code("FB207", "unsupported", "`{key}` belongs to the language but this engine version does not run it yet",
         "remove it"),
    # names, types, units
    Code("FB301", "unknown-name", "no {kind} named `{name}`"),
    Code("FB302", "expression-syntax", "{problem}"),
    Code("FB303", "forbidden-expression", "{what} is not part of the language"),
    Code("FB304", "expression-too-large", "the expression has more than {limit} {what}", "split it into definitions"),
    Code("FB305", "type-mismatch", "{expected} is expected here, not {found}"),
    Code("FB306", "unit-mismatch", "{left} and {right} do not go together"),
    Code("FB307", "unknown-unit", "no unit named `{unit}`"),
    Code("FB308", "maybe-missing", "`{what}` may be missing here",
         "guard it with `present(…)` or give a `default(…, value)`"),
    Code("FB309", "unknown-member", "{type} has no member `{name}`"),
    Code("FB310", "wrong-arguments", "`{function}` takes {expected}"),
    Code("FB311", "name-clash", "`{name}` already names {other}", "rename one of the two"),
    Code("FB312", "unknown-import", "no vocabulary found for `{name}`"),
    Code("FB313", "proportion-product", "{left} times {right} has no meaning",
         "convert the proportion first: `as_ratio(…)`"),
    Code("FB314", "outside-range", "{value} is outside of {range}"),
    Code("FB315", "effect-not-admitted", "output `{output}` does not take {effect}"),
    Code("FB316", "ambiguous-member", "`{name}` is a member of {types}",
         "write it with its type"),
    Code("FB317", "cell-syntax", "{problem}"),
    Code("FB318", "incomplete-vector", "{problem}"),
    Code("FB319", "reserved-name", "`{name}` is a word of the language", "choose another name"),
    Code("FB320", "format", "`{format}` does not format {type}", "use a format such as `.2f`"),
    Code("FB321", "repeated-value", "two items of `{name}` have the key {key}",
         "remove one of them, or say which of the two was meant"),
    # meaning
    Code("FB401", "cycle", "{path} go in a circle", "break the circle, nothing can be computed first"),
    Code("FB402", "gap", "no row of `{table}` matches {example}", "add a row for it, or say `complete: false`"),
    Code("FB403", "overlap", "rows {rows} of `{table}` both match {example}",
         "narrow one of them, or say `hit: first`"),
    Code("FB404", "unchecked-table", "gaps and overlaps of `{table}` cannot be checked: {reason}",
         "split the table, or say `hit: first`"),
    Code("FB405", "no-effect", "{what} can never change anything", "remove it"),
    Code("FB406", "output-shape", "{problem}"),
    Code("FB407", "requirement", "`{name}` does not hold: {values}", "change the values, or the requirement"),
    Code("FB408", "no-reason", "`{name}` has an effect but no `because`", "say why in a sentence"),
    Code("FB409", "expects-nothing", "example `{name}` expects nothing", "say what should come out"),
    Code("FB410", "dead-row", "row `{row}` of `{table}` can never be reached", "remove it, or move it up"),
    Code("FB411", "invariant-form", "{problem}"),
    Code("FB412", "intent-form", "{problem}"),
    Code("FB416", "migrate-from", "version {version} {problem}", "name other versions, each once"),
    Code("FB417", "nothing-kept", "{kind} `{name}` keeps nothing from one snapshot to the next", "remove it"),
    Code("FB418", "carried-and-dropped", "`{name}` is both carried over and dropped", "remove one of the two"),
    Code("FB420", "too-many-pairs", "the lists of this block have up to {count} pairs of items, more than {limit}",
         "declare a smaller `max_items`, or loop over selections with a `limit`"),
    Code("FB430", "misplaced-state", "`{name}` keeps state and stands inside of something else",
         "give it a definition of its own, as its whole right side"),
    # style
    Code("FB501", "bare-number", "`{number}` stands bare in an expression",
         "make it a parameter with unit, range and why", "warning"),
    Code("FB502", "no-why", "parameter `{name}` has no `why`", "say where the number comes from", "warning"),
    Code("FB503", "unused", "{kind} `{name}` is never used", "remove it", "warning"),
    Code("FB504", "no-range", "parameter `{name}` has no `range`", "say which values make sense", "warning"),
    # run time
    Code("FB701", "missing-input", "`{path}` is missing", "every input that is not optional must be in the snapshot"),
    Code("FB702", "unknown-input", "`{path}` is not an input"),
    Code("FB703", "input-type", "`{path}` must be {expected}, not {found}"),
    Code("FB704", "input-range", "`{path}` is {value}, outside of {range}"),
    Code("FB705", "input-not-finite", "`{path}` is {value}, not a finite number"),
    Code("FB706", "input-member", "`{path}` is {value}, not one of {members}"),
    Code("FB707", "duplicate-item", "`{path}` repeats the key {value}",
         "every item of this list has a key of its own"),
    Code("FB708", "too-many-items", "`{path}` has {count} items, more than {limit}"),
    Code("FB709", "text-too-long", "`{path}` has {count} characters, more than {limit}"),
    Code("FB710", "input-time", "`{path}` is {value}, not a time with an offset",
         "write it as `2026-01-05T15:00:00Z`"),
    Code("FB711", "input-text", "`{path}` holds characters that no text may hold"),
    Code("FB712", "not-a-snapshot", "the snapshot is {found}, not an object",
         "give a JSON object with one key an input"),
    Code("FB713", "stale-input", "`{path}` is too old: {problem}", "see whether its feed still runs"),
    Code("FB714", "input-in-the-future", "`{path}` is {lead} s later than `now`",
         "compare the clocks of what writes the time and of what writes `now`"),
    Code("FB715", "broken-requirement", "`{name}` does not hold: {values}",
         "see which of the values is wrong where they come from"),
    Code("FB717", "document-too-large", "`{path}` is a document of more than {limit}",
         "ignore what does not matter, or raise its `max_bytes`"),
    Code("FB718", "not-json", "the snapshot is not JSON: {problem}", "give a JSON object with one key an input"),
    Code("FB719", "repeated-key", "`{path}` is written more than once",
         "keep one: which of them counts, readers of JSON do not agree"),
    Code("FB720", "division-by-zero", "division by zero in `{text}`"),
    Code("FB721", "result-not-finite", "`{text}` has no finite result"),
    Code("FB722", "integer-overflow", "`{text}` leaves the range of integers (±2^53)"),
    Code("FB723", "domain", "`{text}` is not defined for {value}"),
    Code("FB724", "output-conflict", "{rules} give `{output}` different values: {values}"),
    Code("FB725", "output-range", "`{output}` would be {value}, outside of {range}"),
    Code("FB726", "table-hit", "{problem} of `{table}` match"),
    Code("FB727", "too-many-results", "`{output}` would have {count} items, more than {limit}"),
    Code("FB728", "invariant-broken", "the decision breaks the invariant `{name}`",
         "one of its rules does what must never be done"),
    Code("FB729", "too-many-samples", "the window of `{text}` holds more than {limit} snapshots",
         "shorten it, or count snapshots instead of time"),
    Code("FB730", "repeated-entry", "`{text}` gives more than one value for the key {key}",
         "use a key that no two of the items share, such as the `key` of their list"),
    Code("FB731", "unequal-keys", "`{function}` is given maps that differ in their keys: only one has {key}",
         "make both from the same items"),
    # sessions
    Code("FB740", "state-document", "this is no state document: {problem}",
         "give what `session.state` or `session.save()` gave"),
    Code("FB741", "state-tampered", "the state document was changed after it was written (its hash would be {found})",
         "restore what was saved"),
    Code("FB742", "state-of-another", "the state is that of `{other}`, not of `{policy}`",
         "restore it by the policy that saved it"),
    Code("FB743", "state-changed", "`{name}` has kept {was}, and now keeps {now}",
         "restore it by the version that saved it, or say in `migrate` what becomes of it"),
    Code("FB744", "too-late", "`now` is {now}, before the last accepted snapshot of {last}",
         "give the snapshots of a key in the order of their time"),
    Code("FB745", "latch-let-go", "nothing says what becomes of `{name}`, a latch that version {version} kept",
         "under `definitions` of `migrate`, say what it is called now, or why it is dropped"),
    Code("FB746", "nothing-to-migrate", "`migrate` names `{name}`, of which version {version} kept nothing"),
    # policies
    Code("FB801", "unknown-pack", "no pack found for `{name}`"),
    Code("FB802", "unfit-pack", "`{name}` has errors and cannot be used"),
    Code("FB803", "ambiguous-binding", "`{input}` may be {choices}", "say which under `inputs`"),
    Code("FB804", "binding-clash", "`{input}` is {found} and does not go with {what} that it would be bound to"),
    Code("FB805", "published-twice", "`{first}` and `{second}` both publish `{name}`",
         "declare it among the policy's `outputs` and say how the two combine"),
    Code("FB806", "several-emits", "`{name}` emits {found} and {other} emits {wanted}, not the same type",
         "take the type from one vocabulary in all of them"),
    Code("FB808", "arbitration-form", "{problem}"),
)  # fmt: skip

CODES = {code.id: code for code in TABLE}
