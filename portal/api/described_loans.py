"""What OpenAPI says of answers about borrowing; the rest of `described`."""

from ninja import Schema
from pydantic import Field

from portal.api.described import Page


class ApprovalStepOut(Schema):
    """A step of a loan's approval."""

    duty: str
    waits_for: list[str]
    decided_by: str | None
    on_behalf_of: str | None
    decision: str | None
    reason: str
    at: str | None


class MaybeTitled(Schema):
    """A record; without its title where the reader may not know it."""

    id: str | None
    number: str | None
    title: str | None


class LoanOut(Schema):
    """A loan."""

    id: str
    number: str
    record: MaybeTitled
    borrower: str
    use: str
    purpose: str
    since: str = Field(alias="from")
    until: str
    state: str
    overdue: bool
    steps: list[ApprovalStepOut]
    copies: int | None
    pages: int | None
    queue_position: int
    extends: str | None
    issued_at: str | None
    returned_at: str | None
    condition: str
    incident: bool


class LoanList(Page):
    """Newest first."""

    results: list[LoanOut]


class ReportedLoanOut(LoanOut):
    """A loan in the report."""

    days_over: int


class LoanReportOut(Schema):
    """What was out at `as_of`, what is due first on top."""

    month: str
    as_of: str
    results: list[ReportedLoanOut]


class PlaceOut(Schema):
    """A place of paper; `path` is its names from the top."""

    code: str
    name: str
    kind: str
    parent: str | None
    path: str
    capacity: int | None


class PlaceRow(PlaceOut):
    """With the highest tier and the longest term of what lies in it; null for nothing (SEC-13)."""

    tier: str | None
    tier_mark: str | None


class PlaceList(Page):
    """By path."""

    results: list[PlaceRow]


class DeputyOut(Schema):
    """Who approves in whose place."""

    id: str
    person: str
    deputy: str
    since: str = Field(alias="from")
    until: str


class DeputyList(Page):
    """Newest first."""

    results: list[DeputyOut]


class LoanPointer(Schema):
    """The loan of a copy."""

    id: str
    number: str


class CopyOut(Schema):
    """A copy on paper."""

    id: str
    number: str
    loan: LoanPointer
    record: MaybeTitled
    holder: str
    purpose: str
    due: str
    state: str
    overdue: bool
    issued_at: str
    returned_at: str | None
    destroyed_at: str | None
    destroyed_by: str | None
    witness: str | None
    reason: str
    may: list[str]


class CopyList(Page):
    """Newest first."""

    results: list[CopyOut]
