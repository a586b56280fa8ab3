"""Sheets, drawn anew while they are sent: of a file that somebody prints, and of a copy on paper, each with its stamp (SEC-2, LND-12)."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import chain
from uuid import UUID

from django.utils.translation import gettext as _

from records import access, audit, opening, renditions, stamps
from records.errors import Conflict, NotAllowed, RecordsError
from records.models import Component, LoanCopy, Record, User
from records.runner import verb
from storage import objects, stamping
from storage.stamping import Leaf


@dataclass(frozen=True)
class _Printing:
    """Who prints of what, and from where; `verb` and `subject` name it in the trail, `still` is asked anew before each page."""

    actor: User
    record: Record
    verb: str
    subject: str
    still: Callable[[User, Record], bool]
    origin: str = field(default_factory=audit.origin)


@verb("print")
def file_sheets(*, actor: User, record_id: UUID | str, component_id: UUID | str) -> tuple[Component, Iterator[bytes]]:
    """Every page of a file of any version, as the pieces of a PDF, stamped where the tier has a watermark; each printing is in the trail
    (SEC-2, SEC-7).

    Raises Unknown, NotAllowed, Conflict (no pages), Gone; while reading what drawing raises, and NotAllowed once the right is gone.
    """
    record, component = _to_print(actor, record_id, component_id)
    tier = record.tier

    def still(person: User, now: Record) -> bool:
        return access.may_print(person, now) and now.tier_id == tier.pk  # of another tier another stamp may be due

    lines = stamps.of_print(actor) if tier.watermark else []
    printing = _Printing(actor, record, "print", str(component.pk), still)
    audit.record_event(actor=actor, action="print", record=record, subject=printing.subject, reason=opening.purpose_of(actor, record))
    return component, stamping.as_pdf(_leaves(printing, component, lines))


def _to_print(user: User, record_id: UUID | str, component_id: UUID | str) -> tuple[Record, Component]:
    """Who may not is not told whether there is something to print."""
    record, component = access.find_component(user, record_id, component_id)
    if not access.may_print(user, record):
        raise NotAllowed
    if not renditions.is_stamped(component):
        raise Conflict(_("This format has no pages that could be printed here. Where it may be downloaded, its own program prints it."))
    access.require_content(record)
    return record, component


def sheets(actor: User, record: Record, copy: LoanCopy) -> Iterator[bytes]:
    """A PDF of every page of the record's current version. Raises Conflict at once when nothing of it has pages."""
    found = Component.objects.filter(version__record=record, version__number=record.current_version)
    parts = [part for part in found.select_related("stored__data_key") if renditions.is_stamped(part)]
    if not parts:
        raise Conflict(_("Nothing of this record has pages that could be printed."))
    lines = stamps.of_copy(copy)
    printing = _Printing(actor, record, "print_copy", copy.number, access.may_download)
    return stamping.as_pdf(chain.from_iterable(_leaves(printing, part, lines) for part in parts))


def _leaves(printing: _Printing, part: Component, lines: list[str]) -> Iterator[Leaf]:
    """Page by page, and before each the right is asked anew."""
    with renditions.lying(lambda: objects.open_object(part.stored)) as path:
        for leaf in stamping.leaves(path, media_type=part.media_type, pages=part.pages or 1, stamp=lines):
            _need_still(printing)
            yield leaf


def _need_still(printing: _Printing) -> None:
    """Raises NotAllowed, written into the trail, when the person may not go on."""
    try:
        with access.anew():
            person = User.objects.select_related("clearance").get(pk=printing.actor.pk)
            now = access.get_readable(person, printing.record.pk)
            allowed = printing.still(person, now) and now.state not in access.EMPTY_STATES
    except RecordsError:
        allowed = False
    if not allowed:
        _write_refusal(printing)
        raise NotAllowed(written=True)


def _write_refusal(printing: _Printing) -> None:
    """As `runner` writes it; the request that it came by may be answered already, so it says where that came from."""
    about = {"record": printing.record, "subject": printing.subject, "reason": NotAllowed.code}
    with audit.came_from(printing.origin):
        audit.record_event(actor=printing.actor, action=f"refused:{printing.verb}", **about)  # type: ignore[arg-type]
