"""The month's report on paper, as a spreadsheet, and in the mail, by itself (LND-9). None of them names a title: they leave the house."""

from datetime import time
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from portal import paper, sheets
from portal.accounts.models import organisation_name
from portal.serve.jobs import NeedsPerson
from portal.serve.schedule import Daily, register_job
from records import loan_report, outbox, secrecy
from records.loan_report import Line, Report
from records.models import LoanReport, OutboxRow, User

WIDTHS = (16, 20, 12, 14, 14, 12, 8, 8, 12, 10)  # shares of the columns


def headings() -> list[str]:
    """Of paper and spreadsheet."""
    return [
        _("Loan number"), _("Record"), _("Tier"), _("Borrower"), _("Department"), _("Use"), _("Copies"), _("Pages of each"), _("Until"),
        _("Days over"),
    ]  # fmt: skip


def _row(line: Line) -> list[Any]:
    loan = line.loan
    return [
        loan.number,
        loan.record.number or "",
        secrecy.mark(loan.record),
        str(loan.borrower),
        str(loan.borrower.department or ""),
        " · ".join([str(loan.get_use_display()), *([str(loan.get_state_display())] if line.lost else [])]),
        loan.copies,
        loan.pages,
        line.last_day,
        line.days_over,
    ]


def pdf(report: Report) -> bytes:
    """For paper."""
    rows = [["" if value is None else str(value) for value in _row(line)] for line in report.lines]
    return paper.table(title_of(report.name), lines_of(report), headings(), rows, WIDTHS, mark=_mark(report))


def xlsx(report: Report) -> bytes:
    """For counting on."""
    return sheets.as_xlsx(report.name, headings(), [_row(line) for line in report.lines], mark=_mark(report))


def _mark(report: Report) -> str:
    """The report is secret as the highest of what it names."""
    return secrecy.stamp(secrecy.together(line.loan.record for line in report.lines))


def title_of(month: str) -> str:
    """The report's heading."""
    return _("Originals and copies that are out, %(month)s") % {"month": month}


def lines_of(report: Report) -> list[str]:
    """Whose it is, as of when, and the sums."""
    moment = f"{timezone.localtime(report.at):%Y-%m-%d %H:%M}"
    return [
        _("%(organisation)s. As of %(moment)s.") % {"organisation": organisation_name(), "moment": moment},
        _("%(count)s out, %(overdue)s of them overdue.") % {"count": len(report.lines), "overdue": report.overdue},
    ]


# --- by itself ------------------------------------------------------------------------------------------------------


def send_due() -> str:
    """Send last month's report once it is over, on the 1st and so by the 5th, or the first day after that the portal runs.

    Raises NeedsPerson where there is no general manager with a mail address.
    """
    month = loan_report.waiting()
    if month is None:
        return "nothing to send"
    people = loan_report.readers()
    if not people:
        raise NeedsPerson(f"the loan report of {month:%Y-%m} has no reader: no general manager has a mail address")
    with translation.override(settings.LANGUAGE_CODE):
        sent = loan_report.send(month, people=people, pdf=pdf, sheet=xlsx)
    return f"the report of {month:%Y-%m} goes to {len(people)} people" if sent else "nothing to send"


def take_up() -> None:
    """Let the worker mail what is kept, and the scheduler look every morning whether a month waits."""
    outbox.register_handler(loan_report.TOPIC, _work)
    register_job("send_loan_report", Daily(time(5, 30)), send_due)


def _work(rows: list[OutboxRow]) -> None:
    for row in rows:
        if found := loan_report.posted(row.key):
            _mail(*found)


def _mail(report: LoanReport, user: User) -> None:
    month = str(report)
    with translation.override(user.language or settings.LANGUAGE_CODE):
        page = settings.MUNIMENT_BASE_URL.rstrip("/") + reverse("desk:loans-report") + f"?month={month}"
        words = {"month": month, "count": report.rows, "page": page, "organisation": organisation_name()}
        subject = _("%(organisation)s: originals and copies that are out, %(month)s") % words
        told = _("At the end of %(month)s %(count)s originals and copies were out. The list is attached, by numbers only.") % words
        body = "\n\n".join([told, _("With titles: %(page)s") % words]) + "\n"
        mail = EmailMessage(" ".join(subject.split()), body, None, [user.email])
    mail.attach(f"loans-{month}.pdf", bytes(report.pdf), paper.PDF)
    mail.attach(f"loans-{month}.xlsx", bytes(report.sheet), sheets.XLSX)
    mail.send()
