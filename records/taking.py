"""Content that people take along: as it is stored, or stamped for a loan, piece by piece while the right still stands (LND-4, SEC-7)."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import BinaryIO
from uuid import UUID

from records import access, audit, renditions
from records.errors import NotAllowed, RecordsError
from records.models import Component, Loan, Record, User
from storage import objects
from storage.models import StoredObject


@dataclass(frozen=True)
class Content:
    """Bytes on their way out: what they are, which part of them it is, and the pieces as they come. `key` names exactly these bytes."""

    key: UUID
    name: str
    media_type: str
    stored: StoredObject
    start: int = 0
    length: int = 0
    pieces: Iterator[bytes] = field(default_factory=lambda: iter(()))

    @property
    def size(self) -> int:
        """Bytes of the whole."""
        return self.stored.size


def _content(record: Record, component: Component, loan: Loan | None) -> Content:
    """The file as it is stored, or stamped for a loan (LND-4). Raises Gone, NotReady, and what drawing raises."""
    if loan is None:
        return Content(component.pk, component.name, component.media_type, component.stored)
    access.require_content(record)
    if not renditions.is_stamped(component):
        return Content(component.pk, component.name, component.media_type, component.stored)
    made = renditions.stamped(loan, component, lambda: objects.open_object(component.stored))
    return Content(made.pk, renditions.name_of(component, loan), made.media_type, made.stored)


def open_content(user: User, record_id: UUID | str, component_id: UUID | str) -> tuple[Content, BinaryIO]:
    """The plain bytes for downloading, seekable; the act is logged.

    Raises Unknown, NotAllowed (listed, or neither tier nor a loan allows it), NotReady, Gone.
    """
    record, component, loan = access.to_download(user, record_id, component_id)
    found = _content(record, component, loan)
    access.require_content(record)
    audit.record_event(actor=user, action="download", record=record, subject=str(component.pk), reason=loan.number if loan else "")
    return found, objects.open_object(found.stored)


def stream_content(
    user: User, record_id: UUID | str, component_id: UUID | str, *, span: Callable[[int, UUID], tuple[int, int] | None]
) -> Content:
    """Plain bytes for downloading as they come; the act is logged. Each further piece is given only while the right still stands.

    `span(size, key)` chooses: start and length, or None for all; it may raise. Parts that one sitting takes of a component are one event.
    Raises as `open_content`, Gone after what `span` raises.
    """
    record, component, loan = access.to_download(user, record_id, component_id)
    found = _content(record, component, loan)
    part = span(found.size, found.key)
    access.require_content(record)
    start, length = part or (0, found.size)
    pieces = objects.read_range(found.stored, start, length)
    log = audit.record_event if part is None else audit.record_once
    log(actor=user, action="download", record=record, subject=str(component.pk), reason=loan.number if loan else "")
    return replace(found, start=start, length=length, pieces=_while_open(user, record, component, loan, pieces))


def _while_open(user: User, record: Record, component: Component, loan: Loan | None, pieces: Iterator[bytes]) -> Iterator[bytes]:
    """The pieces (of 1 MiB at most), before each of which but the first the database is asked anew (LND-4).

    Raises NotAllowed in the middle.
    """
    origin = audit.origin()  # of the request, which is answered when further pieces are asked for
    for number, piece in enumerate(pieces):
        if number and not _still(user, record, component, loan):
            with audit.came_from(origin):
                audit.record_event(actor=user, action="refused:download", record=record, subject=str(component.pk), reason=NotAllowed.code)
            raise NotAllowed
        yield piece


def _still(user: User, record: Record, component: Component, by: Loan | None) -> bool:
    """Whether the same person may still have these bytes, by the same loan or without one."""
    try:
        with access.anew():
            person = User.objects.select_related("clearance").get(pk=user.pk)
            now, _component, loan = access.to_download(person, record.pk, component.pk)
    except RecordsError:
        return False
    return now.state not in access.EMPTY_STATES and (loan is None or loan == by)
