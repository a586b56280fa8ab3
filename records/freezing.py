"""Records that a report of a leak froze: while it is open, nothing of them is lent or given out (SEC-10, LND-10)."""

from collections.abc import Iterable
from uuid import UUID

from records.errors import Frozen
from records.models import Leak, LeakState, Record


def frozen(record: Record) -> bool:
    """Whether a report of a leak of this record is open."""
    return Leak.objects.filter(record=record).exclude(state=LeakState.CLOSED).exists()


def lock(record: Record) -> None:
    """Wait, inside the running transaction, for whoever lends or freezes the same record: one of the two sees what the other did.

    Every step of a loan begins with it: then no two hold an approval and its loan each and wait for the other's.
    """
    lock_all([record.pk])


def lock_all(record_ids: Iterable[UUID]) -> None:
    """The same for all that one act is about, before anything else of it: each act waits for them in the same order."""
    rows = Record.objects.select_for_update(of=("self",), no_key=True).filter(pk__in=list(record_ids)).order_by("pk")
    list(rows.values_list("pk"))


def need_unfrozen(record: Record) -> None:
    """Ask inside the transaction that lends it, or gives it out. Raises Frozen."""
    lock(record)
    if frozen(record):
        raise Frozen(record=str(record.pk))
