"""The written form of a decision, as `Decision.to_json` writes it; `schemas/decision.schema.json` is made from it."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue

Hash = Annotated[str, Field(pattern="^sha256:[0-9a-f]{64}$")]
Count = Annotated[int, Field(ge=0)]
Values = dict[str, JsonValue]


class _Model(BaseModel):
    """Every key is known and written, also where it has nothing to say."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Change(_Model):
    """What a rule did to one output."""

    output: str = Field(description="Name of the output")
    before: JsonValue = Field(description="Its value before the rule's effect, in the canonical order of effects")
    after: JsonValue = Field(description="Its value after the rule's effect")


class Reason(_Model):
    """A rule or row that fired, a limit that held an output, or a group that was closed."""

    rule: str = Field(
        description="Id of the rule, of the row as `table.row`, of the closed group, or `<output>.within`; "
        "in a policy behind the name of its pack"
    )
    pack: str = Field(description="Name of the pack that holds it")
    severity: Literal["info", "warning", "block"] = Field(description="How much it matters, as the pack says")
    text: str = Field(description="The reason in words, with the values that it saw")
    values: Values = Field(description="The inputs and parameters that its condition and its text rest on, by name")
    effects: list[Change] = Field(description="What it changed, output by output")
    decisive: bool = Field(description="Whether some output would differ without it and all others of the same effect")
    item: Count | list[Count] | None = Field(
        description="Index of the list item that it fired for, one for each list where it is about two items; "
        "null where it is about none"
    )


class Intent(_Model):
    """An order or a cancel that the policy asks for."""

    id: str = Field(description="Id of the intent, in a policy behind the name of its pack")
    pack: str = Field(description="Name of the pack that holds it")
    exposure: Literal["cancels", "reduces", "neutral", "raises"] = Field(
        description="What it counts as; one that is declared to reduce, and would not, raises"
    )
    emit: Values = Field(description="The fields of the pack's type, what is absent left out")
    position: float | int | None = Field(description="What was held before it, signed; null where it does not reduce")
    item: Count | list[Count] | None = Field(
        description="Index of the list item that it is about, one for each list of two; null where it is about none"
    )
    text: str = Field(description="The reason in words")


class DroppedIntent(Intent):
    """An intent that arbitration dropped."""

    rule: str = Field(
        description="`arbitration.` and the veto that dropped it, or `conflict`, or `degraded` where a pack failed"
    )
    reason: str = Field(description="Why, as a sentence with its values filled in")


class Related(_Model):
    """Another place that has to do with a finding."""

    message: str = Field(description="What that place has to do with it")
    at: str = Field(description="The place, as file:line:column")


class Diagnostic(_Model):
    """A fault of the snapshot or of the evaluation."""

    code: str = Field(pattern="^FB[0-9]{3}$", description="Its stable code; `flyball explain CODE` says more")
    severity: Literal["error", "warning"] = Field(description="An error makes the pack fail safe")
    message: str = Field(description="What is wrong, in one line")
    help: str | None = Field(description="How to mend it")
    path: str | None = Field(description="The place in the snapshot")
    file: str | None = Field(description="The file of the pack whose expression failed")
    line: Annotated[int, Field(ge=1)] | None = Field(description="The line in that file, from 1")
    column: Annotated[int, Field(ge=1)] | None = Field(description="The column in that line, from 1")
    related: list[Related] = Field(description="Other places that have to do with it")


class PackDecision(_Model):
    """What one pack of the policy decided."""

    pack: str | None = Field(
        default=None, description="The pack, as `name@version`; left out where it is the policy itself"
    )
    hash: Hash = Field(description="Hash of the pack's document")
    status: Literal["ok", "failed"] | None = Field(
        default=None, description="`failed`: its outputs are the safe ones; left out where it is the policy itself"
    )
    outputs: Values = Field(description="All outputs of the pack, by name; none where nothing was decided")


class Recorded(_Model):
    """What `decide --record` writes, so that the decision can be made again."""

    snapshot: JsonValue = Field(description="The snapshot; null where only its text could be kept")
    text: str | None = Field(
        description="The snapshot's text, where it is no JSON or says more than JSON's values hold"
    )
    now: str | None = Field(description="What stood in for the snapshot's `now`")
    parameters: Values = Field(description="The effective parameters, by name")
    layers: dict[str, str] = Field(description="The layer that each parameter's value came from, by name")
    state: Values | None = Field(description="The state document before it; null where nothing had been kept")


class DecisionRecord(_Model):
    """What a policy decided on one snapshot, and why."""

    model_config = ConfigDict(title="A decision of Flyball")

    id: Hash = Field(description="The same for the same policy, parameters and snapshot, on every machine")
    policy: str = Field(description="Name and version of the policy, as `name@version`")
    status: Literal["ok", "degraded", "failsafe", "refused", "repeated"] = Field(
        description="`degraded`: some pack is at fault, and its outputs are the safe ones; `failsafe`: all are"
    )
    key: str | None = Field(
        description="What the policy keeps its state by, such as a symbol; null where it has no key"
    )
    now: str | None = Field(description="The snapshot's time, RFC 3339 in UTC; null where it has none")
    outputs: Values = Field(description="What the policy publishes, by name; null is an absent value")
    packs: dict[str, PackDecision] = Field(
        description="Every pack by the name that the policy gives it; one that decides alone by `name@version`"
    )
    intents: list[Intent] = Field(description="The intents: cancels, then what reduces, then the rest")
    dropped_intents: list[DroppedIntent] = Field(description="The intents that arbitration dropped")
    reasons: list[Reason] = Field(description="Why, the deciding reasons first; at most 100 are written")
    more_reasons: Count = Field(description="How many reasons were not written")
    fired: list[str] = Field(description="Ids of all rules and rows that fired, but of packs that failed")
    diagnostics: list[Diagnostic] = Field(description="Every fault of the snapshot or of the evaluation")
    parameters_hash: Hash = Field(description="Hash of the effective parameters")
    snapshot_hash: Hash | None = Field(description="Hash of the snapshot as it was read; null in failsafe")
    state_hash: Annotated[list[Hash | None], Field(min_length=2, max_length=2)] = Field(
        description="Hashes of the state before and after; null where the policy keeps none"
    )
    engine: str = Field(description="Version of the engine")
    record: Recorded | None = Field(
        default=None, description="What it was decided on; left out where nobody asked for it"
    )
    line: Annotated[int, Field(ge=1)] | None = Field(
        default=None, description="The line of a stream that it answers, from 1; left out where there was no stream"
    )


def decision_schema() -> dict[str, Any]:
    """The content of `schemas/decision.schema.json`."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **DecisionRecord.model_json_schema()}


__all__ = [
    "Change", "DecisionRecord", "Diagnostic", "DroppedIntent", "PackDecision", "Reason", "Recorded", "Related",
    "decision_schema",
]  # fmt: skip
