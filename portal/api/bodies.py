"""Bodies of requests: their shape only; what the values mean is the floors' to judge."""

from typing import Annotated, Any

from ninja import Schema
from pydantic import ConfigDict, Field

from portal.api.asking import REASON_LENGTH

Reason = Annotated[str, Field(max_length=REASON_LENGTH)]
Story = Annotated[str, Field(max_length=2000)]
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
    """Another tier or term; `until` is a day, or a period such as P10Y, `event` what ends the term before (null: as it is)."""

    tier: str
    reason: Reason = ""
    until: str | None = None
    event: str | None = None


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


class NewLoan(Body):
    """What is asked for: `record`, several as `records`, or a `volume` as a whole; `until` is a day, which it ends with, or a time."""

    record: str | None = None
    records: list[str] = []
    volume: str | None = None
    use: str = ""
    purpose: Reason = ""
    until: str = ""
    copies: int | None = None
    borrower: str | None = None


class Counted(WithReason):
    """What went over the counter."""

    copies: int = 0
    pages: int = 0
    condition: Reason = ""
    damage: Reason = ""
    place: Annotated[str, Field(max_length=200)] = ""


class NewPlace(Body):
    """A place of paper; `parent` is the code of the one it lies in."""

    code: str
    name: str
    kind: str
    parent: str | None = None
    capacity: int | None = None


class Longer(WithReason):
    """Until when."""

    until: str = ""


class NewDeputy(Body):
    """Who approves in your place, from when until when."""

    model_config = ConfigDict(extra="forbid", strict=True, populate_by_name=True)

    deputy: str
    since: str = Field(alias="from")
    until: str


class NewLeak(Body):
    """What leaked: a record that one knows of, or a number; and what happened."""

    record: str | None = None
    number: Annotated[str, Field(max_length=200)] = ""
    what: Story = ""


class Findings(Body):
    """What the examination of a leak found."""

    findings: Story = ""


class NewRelease(Body):
    """What is to be given to whom: `record`, or several as `records`; `until` is the last day, empty: for good."""

    record: str | None = None
    records: list[str] = []
    organisation: str = ""
    recipient: str = ""
    purpose: str = ""
    basis: str = ""
    form: str = ""
    until: str | None = None


class WithNote(Body):
    """What is noted of it: the condition, who took it."""

    note: Reason = ""
