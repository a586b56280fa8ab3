"""Unusual use, found in the trail by watches that walk over it (AUD-3); the security officers are told."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from records import notices, watches
from records.errors import NotAllowed
from records.models import AuditEvent, Duty, Notice, User
from records.states import TRAIL_READERS
from records.watches import Act, Finding

KIND = "unusual-use"  # of the notice
SHOWN = timedelta(days=14)  # what the page looks back
JUDGED = timedelta(days=2)  # what the hourly job looks back: a day without it loses nothing
AT_ONCE = 5000  # events in memory


def findings(user: User, *, since: datetime | None = None) -> list[Finding]:
    """What was unusual in the last fourteen days, or since then; the latest first. For auditor and security officer: NotAllowed."""
    if not user.has_duty(*TRAIL_READERS):
        raise NotAllowed
    return found_since(since or timezone.now() - SHOWN)


def found_since(since: datetime) -> list[Finding]:
    """Everything that crossed a line at or after this moment; the latest first. One query; the trail is walked once."""
    watching = watches.set_up()
    for act in _acts(since - watches.longest_memory()):
        for watch in watching:
            watch.see(act)
    found = [finding for watch in watching for finding in watch.crossed.values() if finding.last >= since]
    return sorted(found, key=lambda finding: (finding.last, finding.rule), reverse=True)


def _acts(since: datetime) -> Iterable[Act]:
    """What people did, and who tried to come in, in the order of time; background services are not asked."""
    people = AuditEvent.objects.filter(Q(actor__isnull=False) | Q(action=watches.FAILED_SIGN_IN), at__gte=since).order_by("at", "id")
    rows = people.values_list("at", "actor_id", "actor_name", "action", "record_id", "subject", "from_address")
    return map(Act._make, rows.iterator(chunk_size=AT_ONCE))


def tell_new() -> int:
    """Tell the security officers of every finding once; of one about an officer the auditors too. Returns how many were new."""
    found = found_since(timezone.now() - JUDGED)
    told = set(Notice.objects.filter(kind=KIND, key__in=[finding.key for finding in found]).values_list("key", flat=True))
    new = [finding for finding in found if finding.key not in told]
    holders = User.objects.filter(is_active=True, duty_rows__duty__in=[Duty.OFFICER, Duty.AUDITOR]).distinct() if new else []
    for finding in new:
        about: dict[str, Any] = {"rule": finding.rule, "day": str(finding.day)}
        named: dict[str, Any] = {"subject": finding.name[:100], "key": finding.key, "once": finding.key}
        with transaction.atomic():
            notices.tell(_listeners(finding, holders), KIND, **named, **about)
    return len(new)


def _listeners(finding: Finding, holders: Any) -> list[User]:
    """The officers but for the one it is about; where that leaves nobody, or it is about one, the auditors too."""
    officers = [user for user in holders if user.has_duty(Duty.OFFICER) and user.pk != finding.actor]
    about_officer = any(user.pk == finding.actor and user.has_duty(Duty.OFFICER) for user in holders)
    auditors = [user for user in holders if user.has_duty(Duty.AUDITOR)] if about_officer or not officers else []
    return [*officers, *(user for user in auditors if user.pk != finding.actor)]
