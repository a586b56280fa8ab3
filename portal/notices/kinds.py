"""What each kind of notice says, and where it leads. A kind that a verb tells and that is not here fails a test.

A sentence holds the number (`subject`) and plain `details` such as days: never a title, a name or a value, since mail carries it (SEC-5).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from records.models import Notice


@dataclass(frozen=True)
class Kind:
    """A sentence, and the name of the page that it leads to; `by`: what the page's address names, `record` or `key`."""

    sentence: str | Promise
    leads_to: str
    by: str = ""


UNKNOWN = Kind(_("Something happened that concerns you."), "desk:home")
KINDS: dict[str, Kind] = {
    # loans: those who decide
    "loan-waits": Kind(_("A request waits for your decision: %(subject)s."), "desk:loans-waiting"),
    "decision-late": Kind(_("A request has waited for your decision for more than %(days)s days: %(subject)s."), "desk:loans-waiting"),
    # loans: those who borrow
    "loan-entered": Kind(_("%(subject)s was entered for you by the archive."), "desk:loans"),
    "loan-opened": Kind(_("%(subject)s is approved: it is open to you now."), "desk:loans"),
    "loan-approved": Kind(_("%(subject)s is approved: the archive hands it over at the counter."), "desk:loans"),
    "loan-queued": Kind(_("%(subject)s is approved. Others are before you in the queue; you are told when it is your turn."), "desk:loans"),
    "loan-next": Kind(_("It is your turn: the original of %(subject)s waits for you at the counter."), "desk:loans"),
    "loan-rejected": Kind(_("%(subject)s is rejected. The reason stands with your loans."), "desk:loans"),
    "loan-cancelled": Kind(_("%(subject)s was given up for you. The reason stands with your loans."), "desk:loans"),
    "loan-expired": Kind(_("%(subject)s has ended without being used."), "desk:loans"),
    "loan-issued": Kind(_("%(subject)s was handed over. Please confirm the count of copies and pages."), "desk:loans"),
    "loan-returned": Kind(_("%(subject)s was taken back. Please confirm the count of copies and pages."), "desk:loans"),
    "loan-recalled": Kind(_("%(subject)s is recalled: what was open is closed, paper is to come back."), "desk:loans"),
    "loan-due": Kind(_("%(subject)s is due on %(day)s. Please bring it back in time."), "desk:loans"),
    "loan-ends": Kind(_("%(subject)s closes after %(day)s."), "desk:loans"),
    "loan-overdue": Kind(_("%(subject)s is overdue (%(days)s days). Until it is back you borrow nothing more."), "desk:loans"),
    # loans: those who answer for the paper
    "loan-overdue-head": Kind(
        _("Somebody of your department has not brought %(subject)s back (%(days)s days overdue)."), "desk:record", "record"
    ),
    "loan-lost": Kind(_("Paper was reported lost: %(subject)s."), "desk:record", "record"),
    # records
    "review-returned": Kind(_("A record that you registered was returned by review, to be corrected."), "desk:returned"),
    "tier-proposed": Kind(_("A change of tier of a record of yours waits for your decision."), "desk:tier-list"),
    "tier-accepted": Kind(_("A change of tier was confirmed; it is in force."), "desk:record", "record"),
    "tier-rejected": Kind(_("A change of tier was rejected."), "desk:record", "record"),
    "tier-ends-90": Kind(_("A term of secrecy ends on %(until)s: prolong it, or let it end."), "desk:tiers-ending"),
    "tier-ends-30": Kind(_("A term of secrecy ends soon, on %(until)s: prolong it, or let it end."), "desk:tiers-ending"),
    # leaks and unusual use
    "leak-reported": Kind(_("A leak is reported; loans of the record are stopped."), "desk:leak", "key"),
    "leak-closed": Kind(_("A leak report is closed."), "desk:leaks"),
    "unusual-use": Kind(_("Unusual use on %(day)s: %(subject)s."), "desk:unusual"),
    # releases to outside
    "release-requested": Kind(_("A release to outside waits for your vote: %(subject)s."), "desk:release", "key"),
    "vote-late": Kind(_("A release to outside has waited for your vote for more than %(days)s days: %(subject)s."), "desk:release", "key"),
    "release-approved": Kind(_("A release to outside is approved: %(subject)s."), "desk:release", "key"),
    "release-rejected": Kind(_("A release to outside is rejected: %(subject)s."), "desk:release", "key"),
    "release-given": Kind(_("Given to outside: %(subject)s."), "desk:release", "key"),
    "release-overdue": Kind(_("What was given to outside should be back (%(days)s days): %(subject)s."), "desk:release", "key"),
    "release-returned": Kind(_("Back from outside: %(subject)s."), "desk:release", "key"),
    "release-closed": Kind(_("A release to outside is closed: %(subject)s."), "desk:release", "key"),
    "release-cancelled": Kind(_("A release to outside is cancelled: %(subject)s."), "desk:release", "key"),
    # what is entrusted to people
    "grant-proposed": Kind(_("A clearance, duty or grant waits for your confirmation."), "desk:entrusted"),
    "grant-accepted": Kind(_("A clearance, duty or grant that concerns you was confirmed."), "desk:home"),
    "grant-rejected": Kind(_("A clearance, duty or grant that concerns you was rejected."), "desk:home"),
    "grant-mail": Kind(
        _("A new mail address was proposed for your account. If you did not ask for it, tell the security officer."), "desk:home"
    ),
    "records-handed-over": Kind(_("The records of %(subject)s are yours now."), "desk:search"),
    "person-left": Kind(_("%(subject)s has left: the account is closed, loans are recalled."), "desk:home"),
}


class _Said(dict[str, Any]):
    """What a sentence may name; what a notice does not say is empty."""

    def __missing__(self, _name: str) -> str:
        return ""


def sentence(notice: Notice) -> str:
    """The notice in the language that is active."""
    return str(KINDS.get(notice.kind, UNKNOWN).sentence) % _Said(notice.details, subject=notice.subject)


def path(notice: Notice) -> str:
    """The address that marks it as read and leads on. It names the notice only."""
    return reverse("desk:notice", args=[notice.pk])


def link(notice: Notice) -> str:
    """`path` for a mail."""
    return settings.MUNIMENT_BASE_URL.rstrip("/") + path(notice)


def target(notice: Notice, known: Mapping[Any, Any]) -> str:
    """The page that it leads to; the list of notices, for a record that the reader may not know of now; `known`: those they may."""
    kind = KINDS.get(notice.kind, UNKNOWN)
    if kind.by == "record":
        return reverse(kind.leads_to, args=[notice.record_id]) if notice.record_id in known else reverse("desk:notices")
    if kind.by == "key":
        return reverse(kind.leads_to, args=[notice.key]) if notice.key else reverse("desk:notices")
    return reverse(kind.leads_to)
