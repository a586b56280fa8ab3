"""What OpenAPI says of answers about leaks, releases to outside, unusual use, and why somebody can see a record."""

from ninja import Schema
from pydantic import Field

from portal.api.described import Page
from portal.api.described_loans import ApprovalStepOut, MaybeTitled


class NumberedOut(Schema):
    """A record by id and number, never by title (AUD-2)."""

    id: str
    number: str | None


class OpeningOut(Schema):
    """Somebody who had the record open."""

    actor: str
    action: str
    times: int
    first: str
    last: str


class LeakOut(Schema):
    """A report of a leak. What is there for the security officer only is not there for others."""

    id: str
    record: NumberedOut | None
    number: str
    what: str
    state: str
    reporter: str
    reported_at: str
    closed_at: str | None
    stopped_loans: int | None = None
    examined_by: str | None = None
    closed_by: str | None = None
    findings: str | None = None
    opened_by: list[OpeningOut] | None = None


class LeakList(Page):
    """Newest first."""

    results: list[LeakOut]


class ReleaseOut(Schema):
    """Records given to an outside organisation; `until` null: for good. `tier` and its mark are those of all of it together (SEC-13)."""

    id: str
    number: str
    records: list[MaybeTitled]
    tier: str | None
    tier_mark: str | None
    requester: str
    organisation: str
    recipient: str
    purpose: str
    basis: str
    form: str
    until: str | None
    state: str
    overdue: bool
    steps: list[ApprovalStepOut]
    note: str
    asked_at: str
    given_by: str | None
    given_at: str | None
    ended_at: str | None


class ReleaseList(Page):
    """Newest first."""

    results: list[ReleaseOut]


class FindingOut(Schema):
    """A line that an account crossed on a day: at least `limit` within `minutes`."""

    rule: str
    actor: str
    day: str
    first: str
    last: str
    limit: int
    minutes: int
    networks: list[str]


class FindingList(Page):
    """The latest first."""

    results: list[FindingOut]


class GrantedOut(Schema):
    """A need to know: on a class, volume or record; as everyone, person, group or department."""

    on: str
    code: str
    to: str
    name: str


class OpenLoanOut(Schema):
    """A running loan that opens the record."""

    number: str
    use: str
    until: str


class WayOut(Schema):
    """A use that may be asked for, and the duties that agree."""

    use: str
    steps: list[str]


class AccessOut(Schema):
    """Why somebody can or cannot see a record; `missing`: what would be needed besides."""

    record: NumberedOut
    person: str
    access: str
    known_by: str
    cleared: bool
    grants: list[GrantedOut]
    named: bool
    loans: list[OpenLoanOut]
    missing: list[str]
    ways: list[WayOut] = Field(description="What a loan would take")
