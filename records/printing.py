"""Sheets of paper copies, drawn while they are sent: each page with the stamp of the copy (LND-12)."""

from collections.abc import Iterator
from itertools import chain

from django.utils.translation import gettext as _

from records import access, renditions, stamps
from records.errors import Conflict, NotAllowed, RecordsError
from records.models import Component, LoanCopy, Record, User
from storage import objects, stamping
from storage.stamping import Leaf


def sheets(actor: User, record: Record, copy: LoanCopy) -> Iterator[bytes]:
    """A PDF of every page of the record's current version. Raises Conflict at once when nothing of it has pages."""
    found = Component.objects.filter(version__record=record, version__number=record.current_version)
    parts = [part for part in found.select_related("stored__data_key") if renditions.is_stamped(part)]
    if not parts:
        raise Conflict(_("Nothing of this record has pages that could be printed."))
    lines = stamps.of_copy(copy)
    return stamping.as_pdf(chain.from_iterable(_leaves(actor, record, part, lines) for part in parts))


def _leaves(actor: User, record: Record, part: Component, lines: list[str]) -> Iterator[Leaf]:
    """Page by page, and before each the right is asked anew."""
    with renditions.lying(lambda: objects.open_object(part.stored)) as path:
        for leaf in stamping.leaves(path, media_type=part.media_type, pages=part.pages or 1, stamp=lines):
            _need_still(actor, record)
            yield leaf


def _need_still(actor: User, record: Record) -> None:
    try:
        with access.anew():
            person = User.objects.select_related("clearance").get(pk=actor.pk)
            now = access.get_readable(person, record.pk)
            allowed = access.may_download(person, now) and now.state not in access.EMPTY_STATES
    except RecordsError:
        allowed = False
    if not allowed:
        raise NotAllowed
