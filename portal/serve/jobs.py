"""The regular jobs that `serve` runs: what each does is the floors' business, when it is done stands here.

Each returns one sentence for its row and may be run twice. A finding that needs a person is a failure, shown until it is mended.
"""

from datetime import time, timedelta

from django.core.management import call_command
from django.utils import timezone

from portal.serve.errors import ServeError
from portal.serve.schedule import Daily, Every, register_job
from records import audit, intake, loan_ends, mailing, outbox, reminders, renditions, unusual
from retention import daily
from storage.reconcile import reconcile


class NeedsPerson(ServeError):  # noqa: N818 - named for what was found
    """A check found what no program can mend."""

    code = "needs-person"


def erase_uploads() -> str:
    """Erase what was uploaded for a record that never came."""
    return f"{intake.erase_uploads()} uploads erased"


def reconcile_storage() -> str:
    """Drop bytes that no record knows of (STO-2); fails while a record's bytes are missing."""
    report = reconcile(clear=True)
    if report.missing_objects:
        raise NeedsPerson(f"{len(report.missing_objects)} objects are missing from the store: restore them from a backup")
    return f"{report.checked} objects, {len(report.orphan_objects)} without a record, {len(report.cleared)} of them cleared"


def mend_index() -> str:
    """Bring the index up to the database where they differ (FND-8)."""
    from search import indexing

    return f"{indexing.repair(indexing.differences())} records brought up to date"


def prove_trail() -> str:
    """Prove the chain of the trail (AUD-1); fails at the first broken link."""
    verdict = audit.verify()
    if verdict.broken_at is not None:
        raise NeedsPerson(f"the audit trail is broken at link {verdict.broken_at}")
    return f"{verdict.linked} links hold, {verdict.waiting} events wait"


def anchor_trail() -> str:
    """Write the head of the chain into the store, once a day (AUD-1); fails when the chain is not the one that was anchored before."""
    return f"the trail is anchored at link {audit.drop_anchor().sequence}"


def expire_loans() -> str:
    """Write down which loans ended by the clock; what they opened was closed at that moment, what was stamped for them goes (LND-4)."""
    return f"{loan_ends.expire_due()} loans ended, {renditions.erase_ended()} stamped copies erased"


def remind() -> str:
    """Remind of what is due, overdue or waits for a decision (LND-7); each is told once, however often this runs."""
    return f"{reminders.remind()} reminders written"


def mail_digests() -> str:
    """Mail the day's notices to those who want one mail a day (PRT-8)."""
    return f"{mailing.enqueue_digests()} digests on their way"


def mail_again() -> str:
    """Try mails again that were given up while the mail server was away."""
    return f"{mailing.try_again()} mails are tried again"


def look_for_unusual_use() -> str:
    """Tell the security officers what is unusual (AUD-3), each finding once; it looks two days back, so that hours off lose nothing."""
    return f"{unusual.tell_new()} new findings"


def retention_run() -> str:
    """Declassify what is over, tell of terms that end, mend due dates (SEC-3, SEC-14, RET-2)."""
    return ", ".join(f"{name}: {count}" for name, count in daily.run(timezone.localdate()))


def clean_outbox() -> str:
    """Drop what was done long ago."""
    return f"{outbox.clean()} finished rows dropped"


def clean_sessions() -> str:
    """Drop sign-ins that have ended."""
    call_command("clearsessions", verbosity=0)
    return "ended sign-ins dropped"


register_job("erase_uploads", Every(timedelta(hours=1)), erase_uploads)
register_job("expire_loans", Every(timedelta(minutes=15)), expire_loans)
register_job("mail_again", Every(timedelta(hours=1)), mail_again)
register_job("unusual_use", Every(timedelta(hours=1)), look_for_unusual_use)
register_job("retention_run", Daily(time(0, 5)), retention_run)
register_job("clean_outbox", Daily(time(1, 40)), clean_outbox)
register_job("clean_sessions", Daily(time(1, 50)), clean_sessions)
register_job("storage_reconcile", Daily(time(2, 0)), reconcile_storage)
register_job("search_index_update", Daily(time(3, 0)), mend_index)
register_job("audit_verify", Daily(time(4, 0)), prove_trail)
register_job("audit_anchor", Daily(time(4, 10)), anchor_trail)
register_job("remind", Daily(time(7, 0)), remind)
register_job("mail_digests", Daily(time(7, 30)), mail_digests)
