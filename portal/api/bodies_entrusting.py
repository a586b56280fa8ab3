"""Bodies about grants, proposals and people; the rest of `bodies`."""

from typing import Annotated

from pydantic import Field

from portal.api.bodies import Body, Decision, WithReason

__all__ = ["Body", "Decision", "Leaving", "NewGrant", "Person", "WithReason"]
Name = Annotated[str, Field(max_length=254)]


class NewGrant(WithReason):
    """One who is to read, and one thing."""

    group: Name | None = None
    department: Name | None = None
    user: Name | None = None
    everyone: bool = False
    record_class: Name | None = None
    volume: Name | None = None
    record: Name | None = None


class Person(WithReason):
    """What is to be; what is left out stays. `clearance` and `department` may be null: none."""

    email: Name | None = None
    department: Name | None = None
    clearance: Name | None = None
    duties: list[Name] | None = None
    groups: list[Name] | None = None
    borrows_directly: bool | None = None
    is_active: bool | None = None


class Leaving(WithReason):
    """Who takes the records over; empty where there are none."""

    successor: Name = ""
