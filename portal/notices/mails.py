"""Notices by mail: each at once, or one digest a day, in the person's language (PRT-8).

They go through the outbox: a mail server that is away loses nothing. A notice is marked after its mail was taken, so that a retry
sends no second one; after a death in between it is sent again under the same Message-ID.
"""

from collections.abc import Sequence
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from portal.accounts.models import organisation_name
from portal.notices import kinds
from records import mailing, notices, outbox
from records.models import Notice, OutboxRow, User


def take_up() -> None:
    """Let the worker send what is enqueued."""
    outbox.register_handler(notices.TOPIC, _mail_notices)
    outbox.register_handler(mailing.DIGESTS, _mail_digests)


def _mail_notices(rows: list[OutboxRow]) -> None:
    for row in rows:
        if notice := mailing.at_once(row.key):
            _send(notice.person, [notice], "notices/mail.txt", message_id=str(notice.pk))


def _mail_digests(rows: list[OutboxRow]) -> None:
    for row in rows:
        if digest := mailing.digest_of(row.key):
            person, found = digest
            _send(person, found, "notices/digest.txt", message_id=f"digest-{found[0].pk}")


def _send(person: User, found: Sequence[Notice], template: str, *, message_id: str) -> None:
    """One mail about these, then the mark that they are mailed."""
    with translation.override(person.language or settings.LANGUAGE_CODE):
        words = {
            "user": person,
            "lines": [{"sentence": kinds.sentence(notice), "link": kinds.link(notice), "at": notice.created_at} for notice in found],
            "page": settings.MUNIMENT_BASE_URL.rstrip("/") + reverse("desk:notices"),
            "organisation": organisation_name(),
        }
        mail = EmailMessage(_subject(found), render_to_string(template, words), None, [person.email], headers=_headers(message_id))
    mail.send()
    mailing.mark_mailed(found)


def _subject(found: Sequence[Notice]) -> str:
    """The number at most: subjects are shown on locked screens."""
    if len(found) > 1:
        line = ngettext("%(organisation)s: %(count)d notice", "%(organisation)s: %(count)d notices", len(found))
    else:
        line = _("%(organisation)s: a notice about %(subject)s") if found[0].subject else _("%(organisation)s: a notice")
    told = {"organisation": organisation_name(), "count": len(found), "subject": found[0].subject}
    return " ".join((line % told).split())


def _headers(message_id: str) -> dict[str, str]:
    host = urlsplit(settings.MUNIMENT_BASE_URL).hostname or "localhost"
    return {"Auto-Submitted": "auto-generated", "Message-ID": f"<{message_id}@{host}>"}
