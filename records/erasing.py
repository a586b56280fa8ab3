"""Bytes that have to go after their row said so (docs/architecture.md, decision 6): safe to repeat."""

from records import outbox, renditions
from records.models import Component, OutboxRow, Record, SealedField, State
from storage import objects


def erase_withdrawn(rows: list[OutboxRow]) -> None:
    """Outbox topic `erase`: every object of a withdrawn record, then its key; a record in another state is left alone."""
    for row in rows:
        record = Record.objects.filter(pk=row.key, state=State.WITHDRAWN).select_related("data_key").first()
        if record is not None:
            _erase(record)


def _erase(record: Record) -> None:
    renditions.erase(renditions.of_record(record))
    objects.erase(*[component.stored for component in Component.objects.filter(version__record=record).select_related("stored")])
    SealedField.objects.filter(record=record).delete()
    record.data_key.destroy()


def erase_renditions(_rows: list[OutboxRow]) -> None:
    """Outbox topic `erase-renditions`: whatever was stamped for loans that hold no more (LND-4)."""
    renditions.erase_ended()


def register() -> None:
    """Take up the topics; called at start-up."""
    outbox.register_handler(renditions.ERASE, erase_renditions, batch=64)
    outbox.register_handler("erase", erase_withdrawn)
