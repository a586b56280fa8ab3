"""Stamped copies of what a loan lets people take along: made once for a loan and a file, erased when the loan ends (LND-4).

A stamped copy is a derived thing: its bytes lie in the store under the record's key like any other, and die with it.
"""

import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePath
from typing import Any, BinaryIO

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from records import outbox, stamps
from records.errors import NotAllowed, NotReady
from records.keeping import kept
from records.models import Component, Loan, LoanRendition, LoanState, OutboxRow, Record
from storage import formats, objects, stamping
from storage.models import StoredObject

AT_ONCE = 60  # pages that are stamped while somebody waits: some 15 seconds; more are the worker's
MAKE, ERASE = "stamp", "erase-renditions"  # outbox topics

Source = Callable[[], BinaryIO]


def is_stamped(component: Component) -> bool:
    """Whether a loan gives a stamped copy of this file; what has no pages is given as it is stored."""
    return component.media_type in formats.PAGED


def name_of(component: Component, loan: Loan) -> str:
    """The file name of a stamped copy, with the loan's number; a TIFF says that it became a PDF."""
    name = PurePath(component.name)
    same = stamping.becomes(component.media_type) == component.media_type
    return f"{name.stem} {loan.number}{name.suffix}" if same else f"{name} {loan.number}.pdf"


def stamped(loan: Loan, component: Component, source: Source) -> LoanRendition:
    """The stamped copy, made now where there is none; `source` opens the plain bytes.

    Raises NotReady while the worker makes one of many pages, NotAllowed when the loan ended meanwhile, and what opening and drawing raise.
    """
    found = _found(loan, component)
    if found:
        return found
    if (component.pages or 1) > AT_ONCE:
        _leave_to_worker(loan, component)
        raise NotReady
    return make(loan, component, source)


def made(loan: Loan, component: Component, source: Source) -> LoanRendition:
    """`stamped`, however many pages there are: for the worker."""
    return _found(loan, component) or make(loan, component, source)


def _found(loan: Loan, component: Component) -> LoanRendition | None:
    return LoanRendition.objects.filter(loan=loan, component=component, erased_at=None).select_related("stored__data_key").first()


def _leave_to_worker(loan: Loan, component: Component) -> None:
    """Once, and again after it was given up."""
    about = {"topic": MAKE, "key": str(loan.pk), "payload__component": str(component.pk)}
    outbox.retry(topic=MAKE, key=loan.pk)
    if not OutboxRow.objects.filter(**about, done_at=None).exists():
        outbox.enqueue(MAKE, loan.pk, payload={"component": str(component.pk)})


def make(loan: Loan, component: Component, source: Source) -> LoanRendition:
    """Draw, keep and write down the stamped copy; of two who make it at once the second takes the first one's."""
    pages = {"media_type": component.media_type, "pages": component.pages or 1}
    with lying(source) as path, _file() as drawn:
        for piece in stamping.stamped(path, **pages, stamp=stamps.of_loan(loan)):  # type: ignore[arg-type]
            drawn.write(piece)
        drawn.seek(0)
        place = f"{loan.record_id}/loan/{loan.pk}/{component.pk}"
        stored = objects.put(drawn, data_key=component.stored.data_key, associated=place)
    try:
        with kept([stored]):
            return _written(loan, component, stored)
    except IntegrityError:
        found = _found(loan, component)
        if found is None:
            raise
        return found


def _written(loan: Loan, component: Component, stored: StoredObject) -> LoanRendition:
    """The row, unless the loan ended while the pages were drawn: its lock decides who was first."""
    with transaction.atomic():
        if not running(Loan.objects.select_for_update().filter(pk=loan.pk)).exists():
            raise NotAllowed
        stored.save()
        media_type = stamping.becomes(component.media_type)
        return LoanRendition.objects.create(loan=loan, component=component, stored=stored, media_type=media_type)


def running(loans: QuerySet[Loan]) -> QuerySet[Loan]:
    """Those of these loans that hold now, by the clock."""
    return loans.filter(state=LoanState.ACTIVE, until__gt=timezone.now())


@contextmanager
def lying(source: Source) -> Iterator[Path]:
    """The plain bytes as a file in the spool folder (0700), for as long as the block lasts."""
    with source() as stream, _file() as file:
        shutil.copyfileobj(stream, file, 1024 * 1024)
        file.flush()
        yield Path(file.name)


def _file() -> Any:
    return tempfile.NamedTemporaryFile(dir=settings.FILE_UPLOAD_TEMP_DIR, prefix="stamp-")


# --- and gone ---------------------------------------------------------------------------------------------------------


def erase_soon(loan: Loan) -> None:
    """Inside the transaction that ends a loan: what was stamped for it goes once that is committed."""
    outbox.enqueue(ERASE, loan.pk)


def erase_ended() -> int:
    """Erase the bytes of everything that was stamped for loans that hold no more; returns how many. Safe to repeat."""
    holds = Q(loan__state=LoanState.ACTIVE, loan__until__gt=timezone.now())
    return erase(LoanRendition.objects.filter(erased_at=None).exclude(holds))


def of_record(record: Record) -> QuerySet[LoanRendition]:
    """What was stamped of a record and is not erased: it goes with the record."""
    return LoanRendition.objects.filter(component__version__record=record, erased_at=None)


def erase(found: Iterable[LoanRendition] | QuerySet[LoanRendition]) -> int:
    """Erase the bytes, then say so in the rows; returns how many. Raises storage's NotErased, StoreUnavailable."""
    rows = list(found.select_related("stored") if isinstance(found, QuerySet) else found)
    if rows:
        objects.erase(*[row.stored for row in rows])
        LoanRendition.objects.filter(pk__in=[row.pk for row in rows]).update(erased_at=timezone.now())
    return len(rows)
