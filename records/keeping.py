"""Bytes that were put before their rows: dropped again when the rows were not committed (docs/architecture.md, decision 6)."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from django.db import Error as AnyDatabaseError
from django.db import InterfaceError, OperationalError

from storage import objects
from storage.errors import StorageError
from storage.models import StoredObject


@contextmanager
def kept(stored: list[StoredObject]) -> Iterator[None]:
    """Drop the bytes again when the rows for them were not committed; where that cannot be known they stay for reconcile (STO-2)."""
    try:
        yield
    except (OperationalError, InterfaceError):
        raise  # the connection may have ended between the commit and its acknowledgement: the rows may be there, or come yet
    except BaseException:
        for row in stored:
            with suppress(StorageError, AnyDatabaseError):  # neither hides what happened first, nor keeps the next from being dropped
                _discard_without_row(row.key)
        raise


def _discard_without_row(key: str) -> None:
    """Whatever ended the work may have come just after the commit: then the bytes are a record's."""
    if not StoredObject.objects.filter(key=key).exists():
        objects.discard(key)
