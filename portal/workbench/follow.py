"""What the index holds of what is set up is brought up to date after a change: one row in the outbox for each record that it reaches."""

from django.db.models import QuerySet

from records import outbox
from records.models import Department, Record, RecordType


def department_renamed(row: Department) -> None:
    """The records that it owns: they are found by its name."""
    _index(row.records.all())


def fields_changed(row: RecordType) -> None:
    """The records of this type: which of their values are found, and by which words, follows from the fields."""
    _index(row.records.all())


def _index(records: QuerySet[Record]) -> None:
    outbox.enqueue_all(("index", pk) for pk in records.order_by().values_list("pk", flat=True))
