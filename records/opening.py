"""What a record is opened for: asked once a sitting where its tier asks, and written into the trail (LND-12)."""

from collections.abc import Iterable
from datetime import timedelta
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from records import access, audit
from records.errors import Invalid, PurposeMissing
from records.models import AuditEvent, Record, User
from records.runner import verb

SITTING = timedelta(hours=8)  # a working day; who signs in anew begins another
LONGEST = 500  # characters, as the trail keeps


@verb("open_record")
def open_for(*, actor: User, record_id: UUID | str, purpose: str) -> Record:
    """State what a record is opened for. Raises Unknown, NotAllowed (listed only), Invalid without a purpose."""
    record = access.get_readable(actor, record_id)
    if not purpose.strip():
        raise Invalid(errors={"purpose": [_("Say what you open it for.")]})
    if len(purpose.strip()) > LONGEST:
        raise Invalid(errors={"purpose": [_("At most %(most)d characters.") % {"most": LONGEST}]})
    audit.record_event(actor=actor, action="open", record=record, reason=purpose.strip())
    return record


def is_asked(user: User, record: Record) -> bool:
    """Whether this person has still to say what they open the record for: the tier asks, and nothing was said in this sitting."""
    return bool(unopened(user, [record]))


def unopened(user: User, records: Iterable[Record]) -> set[UUID]:
    """The ids of those of these records for which `is_asked`, by one query at most."""
    asking = {record.pk for record in records if record.tier.asks_purpose}
    if not asking:
        return set()
    return asking - set(_said(user).filter(record_id__in=asking).values_list("record_id", flat=True))


def _said(user: User) -> QuerySet[AuditEvent]:
    """What this person opened in this sitting."""
    earliest = timezone.now() - SITTING
    return AuditEvent.objects.filter(actor=user, action="open", at__gte=max(earliest, user.last_login or earliest))


def purpose_of(user: User, record: Record) -> str:
    """What the person said last in this sitting that they open the record for; empty where they said nothing."""
    return _said(user).filter(record_id=record.pk).order_by("-at").values_list("reason", flat=True).first() or ""


def need_purpose(user: User, record_id: UUID | str) -> None:
    """Before content is served on the desk. Raises Unknown, NotAllowed (listed only), PurposeMissing."""
    if is_asked(user, access.get_readable(user, record_id)):
        raise PurposeMissing
