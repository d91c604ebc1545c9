"""The engines that are compared: a module for each package, which is imported only where that package is there."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Entry:
    """An engine as the tables name it. `module` has it under its key in `ENGINES`."""

    module: str
    title: str
    package: str = ""  # the distribution; none for plain Python
    note: str = ""

    @property
    def is_peer(self) -> bool:
        return self.package not in ("", "flyball")


EFFECTS = "finds what fires; effects are Python"
PART = "permit or deny by four rules, nothing else"

ENTRIES = {
    "python": Entry("plain_python", "plain Python, by hand", note="checks nothing; writes every reason out"),
    "flyball": Entry("flyball_pack", "**Flyball**", "flyball", "checks everything; writes reasons when they are read"),
    "flyball_explained": Entry(
        "flyball_pack", "**Flyball**, reasons read", "flyball", "each with values, effects and whether it mattered"
    ),
    "zen_expression": Entry("zen", "zen, compiled expression", "zen-engine"),
    "zen_tables": Entry("zen", "zen, decision tables", "zen-engine"),
    "cel_rust": Entry("cel_rust", "CEL in Rust", "common-expression-language"),
    "cedar": Entry("cedar", "Cedar", "cedarpy", PART),
    "cedar_typed": Entry("cedar", "Cedar, with a schema", "cedarpy", PART),
    "business_rules": Entry("business_rules", "business-rules", "business-rules", EFFECTS),
    "json_logic": Entry("json_logic", "json-logic", "json-logic-qubit"),
    "rule_engine": Entry("rule_engine_text", "rule-engine, typed", "rule-engine", EFFECTS),
    "durable_rules": Entry("durable_rules", "durable-rules", "durable-rules", EFFECTS),
    "rego": Entry("rego", "Rego", "regopy"),
    "cel_python": Entry("cel_python", "CEL in Python", "cel-python"),
}
