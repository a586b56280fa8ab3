"""One row by its id, out of those that somebody may know of."""

from typing import TypeVar
from uuid import UUID

from django.db.models import Model, QuerySet

from records.errors import Unknown

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
