"""Bodies of requests: their shape only; what the values mean is the floors' to judge."""

from typing import Annotated, Any

from ninja import Schema
from pydantic import ConfigDict, Field

from portal.api.asking import REASON_LENGTH

Reason = Annotated[str, Field(max_length=REASON_LENGTH)]
LONGEST = 10_000  # characters of a text that has a limit of its own further down


class Body(Schema):
    """Unknown keys are refused: a misspelt one would be lost silently."""

    model_config = ConfigDict(extra="forbid", strict=True)


class Change(Body):
    """What is named changes; null and what is left out stay as they are."""

    title: str | None = None
    fields: dict[str, Any] | None = None
    parties: list[dict[str, Any]] | None = None
    department: str | None = None
    revision: int | None = None
    reason: Reason = ""


class Review(Body):
    """The verdict of a second person."""

    decision: str = ""
    reason: Reason = ""


class WithReason(Body):
    """Why."""

    reason: Reason = ""


class Batch(Body):
    """Records in the order in which they are to be numbered."""

    records: list[str]


class Move(Body):
    """Another class, or another volume."""

    record_class: str | None = None
    volume: str | None = None
    reason: Reason = ""


class Relate(Body):
    """How this record bears on another."""

    kind: str
    record: str


class TierProposal(Body):
    """Another tier or term; `until` is a day, or a period such as P10Y."""

    tier: str
    reason: Reason = ""
    until: str | None = None


class Decision(Body):
    """Accept or reject."""

    decision: str = ""
    reason: Reason = ""


class Reveal(Body):
    """A masked field, by its key, or `parties.<place>.<kind>` (without kind: the first of the party's)."""

    field: str
    reason: Reason = ""


class VoidNumber(Body):
    """A number that was given, to be withdrawn."""

    number: str
    reason: Reason = ""


class NewVolume(Body):
    """A volume, numbered when the first of its records is filed."""

    title: str
    record_class: str
