"""What a request may know of, asked when something else is wrong with it: then it is 404 or 403 first (interface.md, "Errors").

A verb asks all of this by itself; these run only for bodies that cannot be read and for tokens that may only read.
"""

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from django.http import HttpRequest

from portal.api.asking import UNREADABLE, from_json
from portal.api.auth import user_of
from records import access, intake, lookup, numbering, parties, releases, secrecy, volumes
from records.errors import NotAllowed
from records.models import Duty, User
from records.registration import Particulars

Gate = Callable[[], object]


def verb(request: HttpRequest, record_id: UUID, name: str) -> Gate:
    """A verb on one record."""
    return lambda: access.get_for_verb(user_of(request), record_id, name)


def change(request: HttpRequest, record_id: UUID) -> Gate:
    """A change, with the parties that it names by id."""

    def gate() -> None:
        parties.clean(given(request).get("parties") or [], actor=user_of(request))
        access.get_for_verb(user_of(request), record_id, "change")

    return gate


def relate(request: HttpRequest, record_id: UUID) -> Gate:
    """A relation, with its other end."""

    def gate() -> None:
        access.get_visible(user_of(request), str(given(request).get("record", "")))
        access.get_for_verb(user_of(request), record_id, "relate")

    return gate


def move(request: HttpRequest, record_id: UUID) -> Gate:
    """A move, with the volume."""

    def gate() -> None:
        lookup.Lookup(user_of(request)).volume(given(request).get("volume"))
        access.get_for_verb(user_of(request), record_id, "move")

    return gate


def batch(request: HttpRequest) -> Gate:
    """Filing many."""

    def gate() -> None:
        ids = given(request).get("records")
        known = [pk for pk in ids[:500] if isinstance(pk, str)] if isinstance(ids, list) else []
        access.get_all_for_verb(user_of(request), known, "file")

    return gate


def reveal(request: HttpRequest, record_id: UUID) -> Gate:
    """Showing a masked field."""

    def gate() -> None:
        record = access.get_readable(user_of(request), record_id)
        if not access.may_reveal(user_of(request), record):
            raise NotAllowed

    return gate


def decide(request: HttpRequest, change_id: UUID) -> Gate:
    """Deciding a change of tier."""
    return lambda: secrecy.get_change(user_of(request), change_id)


def propose(request: HttpRequest, record_id: UUID) -> Gate:
    """Proposing another tier or term."""
    return lambda: secrecy.get_to_propose(user_of(request), record_id)


def void(request: HttpRequest) -> Gate:
    """Voiding a number."""
    return lambda: numbering.get_entry(user_of(request), str(given(request).get("number", "")))


def loan(request: HttpRequest) -> Gate:
    """Asking for loans, of records or a volume in the body."""

    def gate() -> None:
        body = given(request)
        if (whole := body.get("volume")) is not None:
            volumes.get(user_of(request), str(whole))
        several = body.get("records")
        for pk in [body.get("record"), *(several[:50] if isinstance(several, list) else [])]:
            if pk is not None:
                access.get_visible(user_of(request), str(pk))

    return gate


def leak(request: HttpRequest) -> Gate:
    """Reporting a leak, of a record in the body."""

    def gate() -> None:
        if (pk := given(request).get("record")) is not None:
            access.get_visible(user_of(request), str(pk))

    return gate


def release(request: HttpRequest) -> Gate:
    """Asking to give records out, those in the body."""

    def gate() -> None:
        body = given(request)
        several = body.get("records")
        ids = [body.get("record"), *(several[:50] if isinstance(several, list) else [])]
        releases.get_askable(user_of(request), [str(pk) for pk in ids if pk is not None])

    return gate


def archivist(request: HttpRequest) -> Gate:
    """What any archivist may, and nobody else."""

    def gate() -> None:
        if not user_of(request).has_duty(Duty.ARCHIVIST):
            raise NotAllowed

    return gate


def number_report(request: HttpRequest) -> None:
    """What archivists read, and who reads the trail. Raises NotAllowed."""
    if not user_of(request).has_duty(*numbering.REPORT_READERS):
        raise NotAllowed


def registration(user: User, named: Particulars, uploads: Sequence[str]) -> Gate:
    """A registration, with every id in it."""

    def gate() -> None:
        intake.staged(user, uploads)
        lookup.Lookup(user).volume(named.volume)
        parties.clean(named.parties, actor=user)

    return gate


def given(request: HttpRequest) -> dict[str, Any]:
    """The body as far as it can be read; empty otherwise."""
    try:
        value = from_json(request.body, "body")
    except UNREADABLE:
        return {}
    return value if isinstance(value, dict) else {}
