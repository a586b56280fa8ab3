"""One row by its id, out of those that somebody may know of; which records they are; a person as others name them."""

from collections.abc import Iterable
from typing import TypeVar
from uuid import UUID

from django.db.models import Model, QuerySet

from records import access
from records.errors import Unknown
from records.models import User

Row = TypeVar("Row", bound=Model)


def by_id(rows: QuerySet[Row], pk: UUID | str) -> Row:
    """The row of this id. Raises Unknown: what is missing, what is hidden and what cannot be an id look alike (SEC-5)."""
    try:
        found = rows.filter(pk=UUID(str(pk))).first()
    except ValueError:
        raise Unknown from None
    if found is None:
        raise Unknown
    return found


def known_among(user: User, record_ids: Iterable[UUID]) -> set[UUID]:
    """Those of these records that the person may know of (SEC-5); by one query, none for no records."""
    ids = set(record_ids)
    return set(access.visible_to(user).filter(pk__in=ids).values_list("pk", flat=True)) if ids else set()


def person(text: str) -> User | None:
    """Who works here under this username, or else under this name alone; None for nobody, and for a name that several have."""
    here = User.objects.filter(is_active=True)
    named = here.filter(username=text)[:1] or here.filter(display_name=text).exclude(display_name="")[:2]
    return named[0] if len(named) == 1 else None
