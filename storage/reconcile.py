"""Do the store and the table of objects agree? Finds both kinds of orphans, and clears what may be cleared (STO-2).

A crash between `put` and commit leaves bytes without a row: they are dropped once they are older than any upload can take. A row without
bytes is a loss that nothing here can repair: it is reported, each time, until somebody has restored it.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.utils import timezone

from storage import objects
from storage.models import StoredObject
from storage.objects import Listed

GRACE = timedelta(days=1)  # from the first put of a registration to its commit: many large files over a slow line take hours
BATCH = 500  # keys a query; SQLite takes 999 parameters in its older versions


@dataclass
class Report:
    """What was found. Keys of the store; `cleared` are those of `orphan_objects` that are gone now."""

    checked: int = 0  # objects listed
    orphan_objects: list[str] = field(default_factory=list)  # bytes without a row, past the grace time
    young_objects: int = 0  # bytes without a row, still within it
    missing_objects: list[str] = field(default_factory=list)  # rows without bytes
    unfinished: list[str] = field(default_factory=list)  # rows whose erasure has begun and not ended
    cleared: list[str] = field(default_factory=list)


def reconcile(*, grace: timedelta = GRACE, clear: bool = False) -> Report:
    """Compare the store with the table; with `clear`, drop bytes that have no row for longer than `grace`.

    Safe beside a running portal, and to repeat. Raises StoreUnavailable, StoreRefused.
    """
    begun = timezone.now()
    report = Report()
    listed = _look_through_store(report, older_than=begun - grace)
    _look_through_rows(report, listed, older_than=begun)
    if clear:
        _clear(report)
    return report


def _look_through_store(report: Report, *, older_than: datetime) -> set[str]:
    """The keys there are; notes those without a row."""
    seen: set[str] = set()
    for batch in _batches(objects.listing()):
        keys = {each.key for each in batch}
        seen |= keys
        lonely = keys - _with_row(keys)
        old = sorted(each.key for each in batch if each.key in lonely and each.modified < older_than)
        report.orphan_objects += old
        report.young_objects += len(lonely) - len(old)
    report.checked = len(seen)
    return seen


def _with_row(keys: set[str]) -> set[str]:
    """An erased row wants no bytes: what lies there again (a restore, say) is an orphan like any other."""
    rows = StoredObject.objects.filter(key__in=keys).exclude(state=StoredObject.State.ERASED)
    return set(rows.values_list("key", flat=True))


def _look_through_rows(report: Report, listed: set[str], *, older_than: datetime) -> None:
    """Rows made after the listing began may have bytes that it has not seen."""
    rows = StoredObject.objects.filter(created_at__lt=older_than).exclude(state=StoredObject.State.ERASED).order_by("key")
    for key, state in rows.values_list("key", "state").iterator(BATCH):
        if state == StoredObject.State.ERASING:
            report.unfinished.append(key)
        elif key not in listed and _still_missing(key):
            report.missing_objects.append(key)


def _still_missing(key: str) -> bool:
    """Meanwhile it may have been erased by order."""
    return not objects.exists(key) and StoredObject.objects.filter(key=key, state=StoredObject.State.STORED).exists()


def _clear(report: Report) -> None:
    """Ask for the row once more: a commit may have taken longer than anybody thought."""
    for key in report.orphan_objects:
        if not _with_row({key}):
            objects.discard(key)
            report.cleared.append(key)


def _batches(listing: Iterator[Listed]) -> Iterator[list[Listed]]:
    batch: list[Listed] = []
    for each in listing:
        batch.append(each)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch
