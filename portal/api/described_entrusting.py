"""What OpenAPI says of answers about grants, proposals and people; the rest of `described`."""

from typing import Any

from ninja import Schema

from portal.api.described import Page


class GrantOut(Schema):
    """Who may read what."""

    id: int
    group: str | None
    department: str | None
    user: str | None
    everyone: bool
    record_class: str | None
    volume: str | None
    record: str | None
    granted_by: str | None
    at: str


class GrantList(Page):
    """Newest first."""

    results: list[GrantOut]


class ProposalOut(Schema):
    """What waits, or waited, for the security officer. `payload`: what takes effect, by codes and ids."""

    id: str
    kind: str
    person: str | None
    payload: dict[str, Any]
    reason: str
    state: str
    proposed_by: str
    proposed_at: str
    decided_by: str | None
    decided_at: str | None
    decision_reason: str


class ProposalList(Page):
    """Newest first; those that wait for you, oldest first."""

    results: list[ProposalOut]


class PersonOut(Schema):
    """What a person is entrusted with."""

    username: str
    display_name: str
    email: str
    department: str | None
    clearance: str | None
    duties: list[str]
    groups: list[str]
    borrows_directly: bool
    is_active: bool


class ChangedPerson(Schema):
    """The person as it is now, and what waits."""

    person: PersonOut
    proposals: list[ProposalOut]


class LeftOut(Schema):
    """Who left, and what was handed over and closed."""

    username: str
    is_active: bool
    successor: str | None
    records: int
    loans: int
