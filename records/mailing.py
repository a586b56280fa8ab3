"""What of the notices goes out by mail: at once, once a day, or never, as each person chose (PRT-8). Words and mail are made above."""

from collections.abc import Iterable
from datetime import timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from records import notices, outbox
from records.errors import Invalid
from records.models import MailPace, Notice, User

DIGESTS = "notice-digests"  # topic: one row for each digest; the key is the person's id
STALE = timedelta(days=7)  # what was not mailed by then is only shown
MOST = 100  # notices in one digest; the page has them all


def set_pace(*, actor: User, pace: str) -> None:
    """Choose how one is told by mail; what was kept for a digest is mailed when somebody wants no digest any more. Raises Invalid."""
    if pace not in MailPace.values:
        raise Invalid(errors={"mail_pace": [_("Choose at once, once a day, or never.")]})
    with transaction.atomic():
        User.objects.filter(pk=actor.pk).update(mail_pace=pace)
        if pace == MailPace.AT_ONCE:
            outbox.enqueue_all((notices.TOPIC, pk) for pk in _waiting().filter(person=actor).values_list("pk", flat=True))


def _waiting() -> QuerySet[Notice]:
    """What was neither read nor mailed, the oldest first."""
    return Notice.objects.filter(read_at=None, mailed_at=None, created_at__gt=timezone.now() - STALE).order_by("created_at", "pk")


def at_once(notice_id: str) -> Notice | None:
    """The notice to be mailed now; None when it was mailed, or its person gets no mail or one a day."""
    found = Notice.objects.filter(pk=notice_id, mailed_at=None).select_related("person").first()
    return found if found and _wants(found.person, MailPace.AT_ONCE) else None


def _wants(person: User, pace: str) -> bool:
    return person.is_active and bool(person.email) and person.mail_pace == pace


def enqueue_digests() -> int:
    """A row for everybody who wants one mail a day and has something in it; returns how many."""
    people = User.objects.filter(mail_pace=MailPace.DAILY, is_active=True, pk__in=_waiting().order_by().values("person")).exclude(email="")
    found = list(people.values_list("pk", flat=True))
    with transaction.atomic():
        outbox.enqueue_all((DIGESTS, pk) for pk in found)
    return len(found)


def digest_of(person_id: str) -> tuple[User, list[Notice]] | None:
    """Whom to send a digest, and what stands in it; None when there is nothing, or this day's mail was sent."""
    person = User.objects.filter(pk=person_id).first()
    if person is None or not _wants(person, MailPace.DAILY):
        return None
    today = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    if Notice.objects.filter(person=person, mailed_at__gte=today).exists():
        return None
    found = list(_waiting().filter(person=person)[:MOST])
    return (person, found) if found else None


def mark_mailed(found: Iterable[Notice]) -> None:
    """Their mail was taken by the mail server: a retry sends none."""
    Notice.objects.filter(pk__in=[notice.pk for notice in found]).update(mailed_at=timezone.now())


def try_again() -> int:
    """Make given-up mails ready again while they are worth sending; returns how many."""
    return outbox.retry_all(topics=[notices.TOPIC, DIGESTS], younger_than=STALE)
