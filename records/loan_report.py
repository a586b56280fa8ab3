"""The report of a month: the paper that is out, as of the month's end, or now for the running one (LND-9)."""

import hashlib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from records import audit, lending, loan_register, outbox
from records.audit import Service
from records.errors import Invalid
from records.models import DIGITAL, Duty, Loan, LoanReport, LoanState, User

TOPIC = "loan-report"  # one row for each person it is mailed to
SERVICE = Service("service:loan-report")
MONTH = re.compile(r"(\d{4})-(0[1-9]|1[0-2])", re.ASCII)


@dataclass(frozen=True)
class Line:
    """One loan that is out. `titled`: whether the reader may know what it is; `days_over`: since it was due, at the report's moment."""

    loan: Loan
    titled: bool
    last_day: date
    days_over: int

    @property
    def lost(self) -> bool:
        """Whether it will not come back, as far as is known now."""
        return self.loan.state == LoanState.LOST


@dataclass(frozen=True)
class Report:
    """What was out at a moment, what is due first on top."""

    month: date
    at: datetime
    lines: list[Line]

    @property
    def name(self) -> str:
        """Year and month."""
        return f"{self.month:%Y-%m}"

    @property
    def overdue(self) -> int:
        """How many were due."""
        return sum(line.days_over > 0 for line in self.lines)


def month_of(text: str) -> date:
    """The first day of a month written as 2026-11; of the running one for an empty text. Raises Invalid, for months to come too."""
    today = timezone.localdate()
    if not text:
        return today.replace(day=1)
    found = MONTH.fullmatch(text)
    first = date(int(found[1]), int(found[2]), 1) if found and int(found[1]) > 1 else None
    if first is None or first > today or first.year < 1900:
        raise Invalid(errors={"month": [_("Write a month that has begun, like 2026-11.")]})
    return first


def before(month: date) -> date:
    """The first day of the month before."""
    return (month - timedelta(days=1)).replace(day=1)


def after(month: date) -> date:
    """The first day of the month after."""
    return (month + timedelta(days=31)).replace(day=1)


def moment_of(month: date) -> datetime:
    """The first moment that is no longer in the month, on the clocks here; now while it has not come."""
    return min(timezone.make_aware(datetime.combine(after(month), time.min)), timezone.now())


def out_at(moment: datetime) -> QuerySet[Loan]:
    """Originals and copies that were not in their place at this moment; what is due first stands first."""
    out = Q(issued_at__lt=moment) & (Q(returned_at=None) | Q(returned_at__gte=moment))
    return lending.everything().filter(out).exclude(use__in=DIGITAL).order_by("until", "number")


def of_month(user: User, month: date) -> Report:
    """The report as this person reads it: what they may know of (SEC-5); who only audits all of it, by numbers alone (AUD-2).

    Raises NotAllowed.
    """
    moment = moment_of(month)
    loans = list(out_at(moment).filter(pk__in=loan_register.known_to(user).values("pk")))
    titled = loan_register.titled(user, loans)
    return Report(month, moment, [_line(loan, moment, titled=loan.record_id in titled) for loan in loans])


def _line(loan: Loan, moment: datetime, *, titled: bool) -> Line:
    last_day = timezone.localdate(loan.until - timedelta(seconds=1))
    over = (timezone.localdate(moment - timedelta(seconds=1)) - last_day).days
    return Line(loan, titled, last_day, max(over, 0))


# --- by itself ------------------------------------------------------------------------------------------------------

Make = Callable[[Report], bytes]


def waiting() -> date | None:
    """The month before this one, while its report was not sent: from the first day of the new month on, early enough for the 5th."""
    month = before(month_of(""))
    return None if LoanReport.objects.filter(month=month).exists() else month


def readers() -> list[User]:
    """The general managers who can be mailed."""
    people = User.objects.filter(is_active=True, duty_rows__duty=Duty.MANAGER).exclude(email="")
    return list(people.order_by("username").distinct())


def send(month: date, *, people: Sequence[User], pdf: Make, sheet: Make) -> LoanReport | None:
    """Keep a month's report and put it in the post, in one transaction; None when somebody did already: it is sent once (LND-9).

    It names what all of its readers may know of, and carries no titles: mail leaves the house (SEC-5).
    """
    moment = moment_of(month)
    loans = out_at(moment)
    for person in people:
        loans = loans.filter(pk__in=loan_register.known_to(person).values("pk"))
    report = Report(month, moment, [_line(loan, moment, titled=False) for loan in loans])
    made = pdf(report)
    values = {"at": moment, "rows": len(report.lines), "pdf": made, "sheet": sheet(report), "sha256": hashlib.sha256(made).hexdigest()}
    with transaction.atomic():
        kept, new = LoanReport.objects.get_or_create(month=month, defaults=values | {"sent_to": [each.username for each in people]})
        if not new:
            return None
        outbox.enqueue_all((TOPIC, f"{kept.pk}/{person.pk}") for person in people)
        audit.record_event(actor=SERVICE, action="send-loan-report", subject=report.name, reason=kept.sha256)
    return kept


def posted(key: str) -> tuple[LoanReport, User] | None:
    """The report and the person of a row of the post; None when the person is no general manager any more."""
    kept, person = key.split("/")
    user = next((each for each in readers() if str(each.pk) == person), None)
    return (LoanReport.objects.get(pk=kept), user) if user else None


def sent() -> QuerySet[LoanReport]:
    """Which months were sent, without their bytes; the newest first."""
    return LoanReport.objects.defer("pdf", "sheet")
